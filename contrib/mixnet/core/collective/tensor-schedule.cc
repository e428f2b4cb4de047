/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "tensor-schedule.h"

#include <algorithm>
#include <stdexcept>

namespace mixnetcore
{

namespace
{

/**
 * @brief Flows in the making, and what each member waits for.
 */
class Builder
{
  public:
    /**
     * @param members Number of members.
     * @param total Size of the whole buffer.
     */
    Builder(uint32_t members, Bytes total)
        : m_members(members),
          m_total(total),
          m_received(members)
    {
    }

    /// @brief Everybody to everybody. @param gather Whether own shards go out, not others'.
    void AddDirect(bool gather)
    {
        const auto before = m_received;
        for (uint32_t from = 0; from < m_members; ++from)
        {
            for (uint32_t turn = 1; turn < m_members; ++turn)
            {
                const uint32_t to = (from + turn) % m_members;
                Add(from, to, gather ? from : to, before[from]);
            }
        }
    }

    /// @brief Shards around the ring. @param first Shard that member 0 sends first.
    void AddRing(uint32_t first)
    {
        for (uint32_t step = 0; step + 1 < m_members; ++step)
        {
            const auto before = m_received;
            m_received.assign(m_members, {});
            for (uint32_t from = 0; from < m_members; ++from)
            {
                const uint32_t shard = (from + first + m_members - step) % m_members;
                Add(from, (from + 1) % m_members, shard, before[from]);
            }
        }
    }

    /// @brief All shards but one to the next member. @param first Shard that member 0 keeps.
    void AddMerged(uint32_t first)
    {
        const auto before = m_received;
        for (uint32_t from = 0; from < m_members; ++from)
        {
            const auto kept = EvenShare(m_total, (from + first) % m_members, m_members);
            AddBytes(from, (from + 1) % m_members, m_total - kept, before[from]);
        }
    }

    /// @return the flows.
    std::vector<ScheduledFlow> Take()
    {
        return std::move(m_flows);
    }

  private:
    /// @param from Sender. @param to Receiver. @param shard Which. @param after What it waits for.
    void Add(uint32_t from, uint32_t to, uint32_t shard, std::vector<uint32_t> after)
    {
        AddBytes(from, to, EvenShare(m_total, shard, m_members), std::move(after));
    }

    /// @param from Sender. @param to Receiver. @param bytes Number. @param after What it waits for.
    void AddBytes(uint32_t from, uint32_t to, Bytes bytes, std::vector<uint32_t> after)
    {
        if (bytes == Bytes(0))
        {
            // Whoever would wait for it waits for what it would have waited for.
            m_received[to].insert(m_received[to].end(), after.begin(), after.end());
            return;
        }
        m_received[to].push_back(m_flows.size());
        m_flows.push_back({from, to, bytes, std::move(after)});
    }

    uint32_t m_members;                            //!< number of members
    Bytes m_total;                                 //!< size of the whole buffer
    std::vector<ScheduledFlow> m_flows;            //!< so far
    std::vector<std::vector<uint32_t>> m_received; //!< flows that each member got last
};

} // namespace

TensorAlgorithm
FindTensorAlgorithm(const std::string& name)
{
    if (name == "direct")
    {
        return TensorAlgorithm::Direct;
    }
    if (name == "ring")
    {
        return TensorAlgorithm::Ring;
    }
    if (name == "merged")
    {
        return TensorAlgorithm::Merged;
    }
    throw std::invalid_argument("unknown tensor-parallel algorithm '" + name +
                                "'; known: direct, ring, merged");
}

std::vector<ScheduledFlow>
ScheduleTensorCollective(TensorCollective collective,
                         TensorAlgorithm algorithm,
                         uint32_t members,
                         Bytes total)
{
    Builder builder(members, total);
    const bool reduces = collective != TensorCollective::AllGather;
    const bool gathers = collective != TensorCollective::ReduceScatter;
    if (algorithm == TensorAlgorithm::Direct)
    {
        if (reduces)
        {
            builder.AddDirect(false);
        }
        if (gathers)
        {
            builder.AddDirect(true);
        }
    }
    else if (algorithm == TensorAlgorithm::Merged)
    {
        // Around a ring the shard of the next member is not sent on, or one's own.
        if (reduces && members > 1)
        {
            builder.AddMerged(0);
        }
        if (gathers && members > 1)
        {
            builder.AddMerged(1);
        }
    }
    else
    {
        // A reduce-scatter ends with shard i at member i when member i sends shard i - 1 first.
        if (reduces)
        {
            builder.AddRing(members - 1);
        }
        if (gathers)
        {
            builder.AddRing(0);
        }
    }
    return builder.Take();
}

} // namespace mixnetcore
