/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "tensor-schedule.h"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace mixnetcore
{

namespace
{

/**
 * @brief Members that exchange shards with each other, and no others.
 */
struct Circle
{
    std::vector<uint32_t> members; //!< numbers of members, in the order of the ring
    std::vector<Bytes> shards;     //!< of each

    /// @return shards of all.
    Bytes Total() const
    {
        return std::accumulate(shards.begin(), shards.end(), Bytes(0));
    }
};

/**
 * @brief Flows in the making, and what each member waits for.
 */
class Builder
{
  public:
    /// @param algorithm In which steps. @param members Number of members.
    Builder(TensorAlgorithm algorithm, uint32_t members)
        : m_algorithm(algorithm),
          m_ready(members)
    {
    }

    /**
     * @brief Adds a reduction or gathering in several circles at once, after what there is.
     * @param circles They have as many members each, and none in common.
     * @param gather Whether own shards go out, not others'.
     */
    void Add(const std::vector<Circle>& circles, bool gather)
    {
        const auto first = m_step;
        for (const auto& circle : circles)
        {
            m_step = first;
            if (circle.members.size() == 1)
            {
                continue;
            }
            if (m_algorithm == TensorAlgorithm::Direct)
            {
                AddDirect(circle, gather);
            }
            else if (m_algorithm == TensorAlgorithm::Merged)
            {
                AddMerged(circle, gather);
            }
            else
            {
                AddRing(circle, gather);
            }
        }
    }

    /// @return the flows.
    std::vector<ScheduledFlow> Take()
    {
        return std::move(m_flows);
    }

  private:
    using Waits = std::vector<std::vector<uint32_t>>; //!< flows, by place in a circle

    /// @param circle Who. @param gather Whether own shards go out. @brief Everybody to everybody.
    void AddDirect(const Circle& circle, bool gather)
    {
        const auto count = circle.members.size();
        Waits received(count);
        for (size_t from = 0; from < count; ++from)
        {
            for (size_t turn = 1; turn < count; ++turn)
            {
                const auto to = (from + turn) % count;
                const auto shard = circle.shards[gather ? from : to];
                AddFlow(circle, from, to, shard, ReadyOf(circle, from), received[to]);
            }
        }
        Finish(circle, received);
        ++m_step;
    }

    /// @param circle Who. @param gather Whether own shards go out. @brief Shards around the ring.
    void AddRing(const Circle& circle, bool gather)
    {
        // A reduce-scatter ends with shard i at member i when member i sends shard i - 1 first.
        const auto count = circle.members.size();
        const size_t first = gather ? 0 : count - 1;
        Waits last(count); // got in the step before
        Waits all(count);
        Waits sent(count); // in the step before: a member sends one shard after the other
        for (size_t step = 0; step + 1 < count; ++step)
        {
            Waits received(count);
            for (size_t from = 0; from < count; ++from)
            {
                const auto to = (from + 1) % count;
                const auto shard = circle.shards[(from + first + count - step) % count];
                // A sum has something of one's own in every step; what is gathered is passed on.
                auto after = last[from];
                if (step == 0 || !gather)
                {
                    Append(after, ReadyOf(circle, from));
                }
                Append(after, sent[from]);
                AddFlow(circle, from, to, shard, after, received[to]);
            }
            for (size_t from = 0; from < count; ++from)
            {
                sent[from] = received[(from + 1) % count];
            }
            last = std::move(received);
            for (size_t place = 0; place < count; ++place)
            {
                Append(all[place], last[place]);
            }
            ++m_step;
        }
        Finish(circle, gather ? all : last);
    }

    /// @param circle Who. @param gather Whether own shards go out. @brief All shards but one to the
    /// next member.
    void AddMerged(const Circle& circle, bool gather)
    {
        // Around a ring the shard of the next member is not sent on, or one's own.
        const auto count = circle.members.size();
        const Bytes total = circle.Total();
        Waits received(count);
        for (size_t from = 0; from < count; ++from)
        {
            const auto to = (from + 1) % count;
            const Bytes kept = circle.shards[gather ? to : from];
            AddFlow(circle, from, to, total - kept, ReadyOf(circle, from), received[to]);
        }
        Finish(circle, received);
        ++m_step;
    }

    /// @param circle Who. @param place Of a member. @return what it waits for to begin.
    const std::vector<uint32_t>& ReadyOf(const Circle& circle, size_t place) const
    {
        return m_ready[circle.members[place]];
    }

    /// @param circle Who. @param received What each has got. @brief They wait for it from now on.
    void Finish(const Circle& circle, const Waits& received)
    {
        for (size_t place = 0; place < circle.members.size(); ++place)
        {
            Append(m_ready[circle.members[place]], received[place]);
        }
    }

    /// @param[in,out] flows Ascending; gets more that it has not. @param more Flows, ascending.
    static void Append(std::vector<uint32_t>& flows, const std::vector<uint32_t>& more)
    {
        std::vector<uint32_t> both;
        std::set_union(flows.begin(),
                       flows.end(),
                       more.begin(),
                       more.end(),
                       std::back_inserter(both));
        flows = std::move(both);
    }

    /**
     * @param circle Whose.
     * @param from Place of the sender.
     * @param to Place of the receiver.
     * @param bytes How many.
     * @param after What it waits for.
     * @param[in,out] received Gets the flow; one without bytes is what it would have waited for.
     */
    void AddFlow(const Circle& circle,
                 size_t from,
                 size_t to,
                 Bytes bytes,
                 const std::vector<uint32_t>& after,
                 std::vector<uint32_t>& received)
    {
        if (bytes == Bytes(0))
        {
            Append(received, after);
            return;
        }
        received.push_back(m_flows.size());
        m_flows.push_back({circle.members[from], circle.members[to], bytes, after, m_step});
    }

    TensorAlgorithm m_algorithm;                //!< in which steps
    uint32_t m_step{0};                         //!< of the flow to come
    std::vector<ScheduledFlow> m_flows;         //!< so far
    std::vector<std::vector<uint32_t>> m_ready; //!< of each member: what the next part waits for
};

/**
 * @brief GPUs of the same host, each with the shards of all GPUs of its number.
 * @param hosts Hosts. @param perHost Members of each. @param total Whole buffer.
 * @return a circle for each host.
 */
std::vector<Circle>
CirclesInside(uint32_t hosts, uint32_t perHost, Bytes total)
{
    std::vector<Circle> circles(hosts);
    for (uint32_t member = 0; member < hosts * perHost; ++member)
    {
        Bytes shards;
        for (uint32_t host = 0; host < hosts; ++host)
        {
            shards += EvenShare(total, host * perHost + member % perHost, hosts * perHost);
        }
        circles[member / perHost].members.push_back(member);
        circles[member / perHost].shards.push_back(shards);
    }
    return circles;
}

/**
 * @brief GPUs of the same number, each with its own shard.
 * @param hosts Hosts. @param perHost Members of each. @param total Whole buffer.
 * @return a circle for each number.
 */
std::vector<Circle>
CirclesBetween(uint32_t hosts, uint32_t perHost, Bytes total)
{
    std::vector<Circle> circles(perHost);
    for (uint32_t member = 0; member < hosts * perHost; ++member)
    {
        circles[member % perHost].members.push_back(member);
        circles[member % perHost].shards.push_back(EvenShare(total, member, hosts * perHost));
    }
    return circles;
}

} // namespace

Registry<TensorAlgorithm>&
TensorAlgorithms()
{
    static Registry<TensorAlgorithm> registry(
        "tensor-parallel algorithm",
        {{"direct", TensorAlgorithm::Direct, "everybody to everybody at once"},
         {"ring", TensorAlgorithm::Ring, "to the next member, step by step"},
         {"merged", TensorAlgorithm::Merged, "the ring as one flow per member"}});
    return registry;
}

std::vector<ScheduledFlow>
ScheduleTensorCollective(TensorCollective collective,
                         TensorAlgorithm algorithm,
                         uint32_t members,
                         Bytes total)
{
    return ScheduleTensorCollective(collective, algorithm, 1, members, total);
}

std::vector<ScheduledFlow>
ScheduleTensorCollective(TensorCollective collective,
                         TensorAlgorithm algorithm,
                         uint32_t hosts,
                         uint32_t perHost,
                         Bytes total)
{
    const auto inside = CirclesInside(hosts, perHost, total);
    const auto between = CirclesBetween(hosts, perHost, total);
    Builder builder(algorithm, hosts * perHost);
    if (collective != TensorCollective::AllGather)
    {
        builder.Add(inside, false);
        builder.Add(between, false);
    }
    if (collective != TensorCollective::ReduceScatter)
    {
        builder.Add(between, true);
        builder.Add(inside, true);
    }
    return builder.Take();
}

} // namespace mixnetcore
