/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "expected-traffic.h"

#include "group-bytes.h"

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
            SpreadOverPairs(group, m_send);
            break;
        case Parallelism::Pipeline:
            SpreadOverStages(group, m_plan, m_send);
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

    /// @param group A group that reduces gradients.
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

    /// Adds bytes between ranks of different hosts.
    const RankBytesSink m_send{[this](size_t from, size_t to, Bytes bytes) {
        if (HostOf(from) != HostOf(to))
        {
            m_matrix.At(HostOf(from), HostOf(to)) += bytes;
        }
    }};
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
