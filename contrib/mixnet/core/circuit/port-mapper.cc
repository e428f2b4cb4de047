/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "port-mapper.h"

#include "ns3/checks.h"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>

namespace mixnetcore
{

namespace
{

using Endpoints = std::pair<uint32_t, uint32_t>; //!< two of them, the lower first

/// A circuit in force: where each of its ends is attached, lower endpoint first.
struct Candidate
{
    OpticalAttachment low;  //!< end at the lower endpoint
    OpticalAttachment high; //!< end at the higher endpoint
};

/// The circuits in force between two endpoints.
struct CandidateGroup
{
    Endpoints pair;                    //!< which
    std::vector<Candidate> candidates; //!< ascending by ports
};

using Attachments = std::map<uint32_t, OpticalAttachment>; //!< by switch port

/**
 * @param previous The configuration in force.
 * @param ofOcsPort The optical ports of the region.
 * @param endpoints Number of endpoints.
 * @return the circuits between known ports of different endpoints, by pair, no port twice.
 */
std::vector<CandidateGroup>
GroupByPair(const CircuitConfiguration& previous, const Attachments& ofOcsPort, size_t endpoints)
{
    std::map<Endpoints, std::vector<Candidate>> groups;
    std::set<uint32_t> used;
    for (const auto& [a, b] : previous.Circuits())
    {
        const auto first = ofOcsPort.find(a);
        const auto second = ofOcsPort.find(b);
        if (first == ofOcsPort.end() || second == ofOcsPort.end() || used.count(a) > 0 ||
            used.count(b) > 0)
        {
            continue;
        }
        auto [low, high] = std::pair(first->second, second->second);
        if (low.endpoint > high.endpoint)
        {
            std::swap(low, high);
        }
        if (low.endpoint != high.endpoint && high.endpoint < endpoints)
        {
            groups[{low.endpoint, high.endpoint}].push_back({low, high});
            used.insert({a, b});
        }
    }
    std::vector<CandidateGroup> result;
    for (auto& [pair, candidates] : groups)
    {
        result.push_back({pair, std::move(candidates)});
    }
    return result;
}

/**
 * @brief Gives up circuits of a pair until it has no more than it is allowed.
 *
 * The next to go is the one whose ends lie in the fuller halves (with NumaRule::Pack in the emptier
 * ones), in a tie the one on the higher port.
 *
 * @param candidates Circuits of one pair; becomes those that remain.
 * @param allowed How many may remain.
 * @param rule How the circuits of a pair lie in the halves.
 */
void
DropSurplus(std::vector<Candidate>& candidates, size_t allowed, NumaRule rule)
{
    while (candidates.size() > allowed)
    {
        std::array<int64_t, 2> surplusLow{}; // circuits in a half beyond those in the other half
        std::array<int64_t, 2> surplusHigh{};
        for (const auto& [low, high] : candidates)
        {
            ++surplusLow[low.numaHalf];
            --surplusLow[1 - low.numaHalf];
            ++surplusHigh[high.numaHalf];
            --surplusHigh[1 - high.numaHalf];
        }
        const auto worth = [&](const Candidate& candidate) {
            const auto surplus =
                surplusLow[candidate.low.numaHalf] + surplusHigh[candidate.high.numaHalf];
            return rule == NumaRule::Pack ? surplus : -surplus;
        };
        const auto least =
            std::min_element(candidates.rbegin(),
                             candidates.rend(),
                             [&](const auto& a, const auto& b) { return worth(a) < worth(b); });
        candidates.erase(std::next(least).base());
    }
}

} // namespace

PortMapper::PortMapper(std::vector<OpticalAttachment> attachments, NumaRule rule)
    : m_rule(rule),
      m_attachments(std::move(attachments))
{
    std::sort(m_attachments.begin(), m_attachments.end(), [](const auto& a, const auto& b) {
        return std::tie(a.endpoint, a.ocsPort) < std::tie(b.endpoint, b.ocsPort);
    });
    for (const auto& attachment : m_attachments)
    {
        if (attachment.numaHalf > 1)
        {
            Refuse(Phrase() << "numaHalf = " << attachment.numaHalf << " at switch port "
                            << attachment.ocsPort << ": 0 or 1");
        }
        if (!m_ofOcsPort.emplace(attachment.ocsPort, attachment).second)
        {
            Refuse(Phrase() << "ocsPort = " << attachment.ocsPort
                            << ": occurs twice, each switch port has one fibre");
        }
    }
}

CircuitConfiguration
PortMapper::Map(const CircuitAllocation& allocation, const CircuitConfiguration& previous) const
{
    auto splits = Splits(allocation);
    auto circuits = Keep(allocation, previous, splits);
    const auto ends = EndsToAdd(splits, circuits);
    for (const auto& [pair, nearEnds] : ends)
    {
        if (pair.first < pair.second)
        {
            const auto& farEnds = ends.at({pair.second, pair.first});
            for (size_t n = 0; n < nearEnds.size(); ++n)
            {
                circuits.emplace_back(nearEnds[n], farEnds[n]);
            }
        }
    }
    return CircuitConfiguration(std::move(circuits));
}

CircuitAllocation
PortMapper::CountCircuits(const CircuitConfiguration& configuration, size_t endpoints) const
{
    CircuitAllocation allocation(endpoints);
    for (const auto& [a, b] : configuration.Circuits())
    {
        allocation.Join(m_ofOcsPort.at(a).endpoint, m_ofOcsPort.at(b).endpoint);
    }
    return allocation;
}

std::vector<NumaSplit>
PortMapper::Splits(const CircuitAllocation& allocation) const
{
    const auto endpoints = allocation.Endpoints();
    std::vector<std::array<uint32_t, 2>> ports(endpoints);
    for (const auto& attachment : m_attachments)
    {
        if (attachment.endpoint < endpoints)
        {
            ++ports[attachment.endpoint][attachment.numaHalf];
        }
    }
    std::vector<NumaSplit> splits;
    for (size_t endpoint = 0; endpoint < endpoints; ++endpoint)
    {
        const auto [half0, half1] = ports[endpoint];
        if (const auto total = allocation.CircuitsOf(endpoint); total > half0 + half1)
        {
            Refuse(Phrase() << "endpoint " << endpoint << " has " << total << " circuits: at most "
                            << half0 + half1 << ", its optical ports");
        }
        std::vector<uint32_t> circuits(endpoints);
        for (size_t peer = 0; peer < endpoints; ++peer)
        {
            circuits[peer] = allocation.Between(endpoint, peer);
        }
        splits.emplace_back(m_rule, ports[endpoint], circuits);
    }
    return splits;
}

std::vector<Circuit>
PortMapper::Keep(const CircuitAllocation& allocation,
                 const CircuitConfiguration& previous,
                 std::vector<NumaSplit>& splits) const
{
    auto groups = GroupByPair(previous, m_ofOcsPort, splits.size());
    std::stable_partition(groups.begin(), groups.end(), [&](const auto& group) {
        return group.candidates.size() <= allocation.Between(group.pair.first, group.pair.second);
    });
    const auto canStay = [&](const Candidate& c) {
        return splits[c.low.endpoint].CanFix(c.high.endpoint, c.low.numaHalf) &&
               splits[c.high.endpoint].CanFix(c.low.endpoint, c.high.numaHalf);
    };
    std::vector<Circuit> kept;
    for (auto& [pair, candidates] : groups)
    {
        candidates.erase(std::remove_if(candidates.begin(), candidates.end(), std::not_fn(canStay)),
                         candidates.end());
        DropSurplus(candidates, allocation.Between(pair.first, pair.second), m_rule);
        for (const auto& candidate : candidates)
        {
            if (canStay(candidate))
            {
                splits[pair.first].Fix(pair.second, candidate.low.numaHalf);
                splits[pair.second].Fix(pair.first, candidate.high.numaHalf);
                kept.emplace_back(candidate.low.ocsPort, candidate.high.ocsPort);
            }
        }
    }
    return kept;
}

PortMapper::NewEnds
PortMapper::EndsToAdd(const std::vector<NumaSplit>& splits, const std::vector<Circuit>& kept) const
{
    auto freePorts = FreePorts(splits.size(), kept);
    NewEnds ends;
    for (uint32_t endpoint = 0; endpoint < splits.size(); ++endpoint)
    {
        const auto& fixed = splits[endpoint].Fixed();
        const auto best = splits[endpoint].Best();
        for (size_t k = 0; k < best.size(); ++k)
        {
            for (const uint32_t half : {0, 1})
            {
                auto& ports = freePorts[endpoint][half];
                for (auto n = fixed[k].inHalf[half]; n < best[k].inHalf[half]; ++n)
                {
                    ends[{endpoint, best[k].peer}].push_back(ports.back());
                    ports.pop_back();
                }
            }
        }
    }
    return ends;
}

std::vector<PortMapper::PortsByHalf>
PortMapper::FreePorts(size_t endpoints, const std::vector<Circuit>& kept) const
{
    std::set<uint32_t> used;
    for (const auto& [a, b] : kept)
    {
        used.insert({a, b});
    }
    std::vector<PortsByHalf> freePorts(endpoints);
    for (auto it = m_attachments.rbegin(); it != m_attachments.rend(); ++it)
    {
        if (it->endpoint < endpoints && used.count(it->ocsPort) == 0)
        {
            freePorts[it->endpoint][it->numaHalf].push_back(it->ocsPort);
        }
    }
    return freePorts;
}

} // namespace mixnetcore
