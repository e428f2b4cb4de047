/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "expected-traffic.h"

#include "ns3/lists.h"

#include <map>
#include <utility>

namespace mixnetcore
{

namespace
{

/// @brief Adds the bytes of groups of ranks, host by host.
class HostBytes
{
  public:
    /// @param volume Model, plan and iteration. @param gradientBytes Of a parameter.
    HostBytes(const TrafficVolume& volume, uint64_t gradientBytes)
        : m_plan(volume.Plan()),
          m_gradientBytes(gradientBytes),
          m_matrix(m_plan.Hosts(), m_plan.Hosts())
    {
    }

    /// @param group A group of ranks.
    void Add(const GroupVolume& group)
    {
        switch (group.parallelism)
        {
        case Parallelism::Tensor:
        case Parallelism::Expert:
            AddPairs(group);
            break;
        case Parallelism::Pipeline:
            AddStages(group);
            break;
        case Parallelism::Data:
            AddGradients(group);
            break;
        }
    }

    /// @return all that was added.
    HostTraffic Traffic() const
    {
        HostTraffic traffic{m_matrix, {}};
        for (const auto& [hosts, bytes] : m_gradients)
        {
            traffic.allReduce.push_back({hosts, bytes});
        }
        return traffic;
    }

  private:
    /// @param rank A rank. @return its host.
    uint32_t HostOf(size_t rank) const
    {
        return m_plan.GpuOf(rank) / m_plan.GpusPerHost();
    }

    /// @param from A rank. @param to Another. @param bytes That one sends to the other.
    void Send(size_t from, size_t to, Bytes bytes)
    {
        if (HostOf(from) != HostOf(to))
        {
            m_matrix.At(HostOf(from), HostOf(to)) += bytes;
        }
    }

    /// @param group A group whose ranks all send to each other.
    void AddPairs(const GroupVolume& group)
    {
        const auto pairs = group.ranks.size() * (group.ranks.size() - 1);
        uint64_t pair = 0;
        for (const auto from : group.ranks)
        {
            for (const auto to : group.ranks)
            {
                if (from != to)
                {
                    Send(from, to, EvenShare(group.sent, pair++, pairs));
                }
            }
        }
    }

    /// @param group A group with a rank of every stage.
    void AddStages(const GroupVolume& group)
    {
        const auto stages = group.ranks.size();
        const auto boundaries = stages * m_plan.Layers().ChunksPerStage() - 1;
        for (size_t boundary = 0; boundary < boundaries; ++boundary)
        {
            const auto from = group.ranks[boundary % stages];
            const auto to = group.ranks[(boundary + 1) % stages];
            Send(from, to, EvenShare(group.sent, 2 * boundary, 2 * boundaries));
            Send(to, from, EvenShare(group.sent, 2 * boundary + 1, 2 * boundaries));
        }
    }

    /// @param group A group that adds up gradients.
    void AddGradients(const GroupVolume& group)
    {
        auto hosts = Mapped(group.ranks, [this](size_t rank) { return HostOf(rank); });
        SortUnique(hosts);
        if (hosts.size() > 1)
        {
            // All n ranks together send 2 (n - 1) buffers, whatever their hosts.
            const uint64_t buffers = 2 * (group.ranks.size() - 1);
            const uint64_t parameters =
                group.sent.Count() / buffers / TrafficVolume::GRADIENT_BYTES;
            m_gradients[std::move(hosts)] += Bytes(parameters * m_gradientBytes);
        }
    }

    const ParallelPlan& m_plan;                         //!< ranks
    uint64_t m_gradientBytes;                           //!< of a parameter
    DemandMatrix m_matrix;                              //!< between hosts
    std::map<std::vector<uint32_t>, Bytes> m_gradients; //!< of a host, by hosts
};

} // namespace

HostTraffic
ExpectedTraffic(const TrafficVolume& volume, uint64_t gradientBytes)
{
    HostBytes bytes(volume, gradientBytes);
    for (const auto& group : volume.Groups())
    {
        bytes.Add(group);
    }
    return bytes.Traffic();
}

} // namespace mixnetcore
