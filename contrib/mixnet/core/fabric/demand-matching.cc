/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "demand-matching.h"

#include "ring-permutations.h"

#include <algorithm>

namespace mixnetcore
{

namespace
{

/// @param demand From host to host. @return sum of both directions of each pair, scaled by a
/// power of 2 so that halves stay whole numbers, and none is too large for a matching.
PairWeights
SymmetricWorth(const DemandMatrix& demand)
{
    const auto hosts = demand.Rows();
    PairWeights worth(hosts, std::vector<uint64_t>(hosts));
    uint64_t most = 0;
    for (size_t a = 0; a < hosts; ++a)
    {
        for (size_t b = 0; b < hosts; ++b)
        {
            if (a != b)
            {
                worth[a][b] = (demand.At(a, b) + demand.At(b, a)).Count();
                most = std::max(most, worth[a][b]);
            }
        }
    }
    int shift = 0; // to the left
    for (; most > 0 && most <= MOST_PAIR_WEIGHT / 2; most *= 2)
    {
        ++shift;
    }
    for (; most > MOST_PAIR_WEIGHT; most /= 2)
    {
        --shift;
    }
    for (auto& row : worth)
    {
        for (auto& value : row)
        {
            const auto scaled = shift >= 0 ? value << shift : value >> -shift;
            value = value > 0 ? std::max<uint64_t>(scaled, 1) : 0;
        }
    }
    return worth;
}

/// @param weights Of pairs. @return the components of what has a weight, by their lowest member.
std::vector<std::vector<uint32_t>>
ComponentsByWeight(const PairWeights& weights)
{
    std::vector<bool> isKnown(weights.size());
    std::vector<std::vector<uint32_t>> components;
    for (uint32_t first = 0; first < weights.size(); ++first)
    {
        if (isKnown[first])
        {
            continue;
        }
        isKnown[first] = true;
        std::vector<uint32_t> members{first};
        for (size_t place = 0; place < members.size(); ++place)
        {
            for (uint32_t other = 0; other < weights.size(); ++other)
            {
                if (!isKnown[other] && weights[members[place]][other] > 0)
                {
                    isKnown[other] = true;
                    members.push_back(other);
                }
            }
        }
        std::sort(members.begin(), members.end());
        components.push_back(std::move(members));
    }
    return components;
}

/// @param weights Of pairs. @return the heaviest matching, component by component; of large ones a
/// heavy one.
Matching
MatchComponents(const PairWeights& weights)
{
    Matching matching;
    for (const auto& members : ComponentsByWeight(weights))
    {
        const auto size = members.size();
        PairWeights own(size, std::vector<uint64_t>(size));
        for (size_t a = 0; a < size; ++a)
        {
            for (size_t b = 0; b < size; ++b)
            {
                own[a][b] = weights[members[a]][members[b]];
            }
        }
        const auto pairs =
            size > DemandMatcher::MOST_EXACT ? MatchGreedily(own) : MatchByWeight(own);
        for (const auto& [a, b] : pairs)
        {
            matching.emplace_back(members[a], members[b]);
        }
    }
    std::sort(matching.begin(), matching.end());
    return matching;
}

/// @param members Of a circle. @param wanted Rounds that are wanted. @return all of its rounds,
/// those that are to be taken first in front.
std::vector<uint32_t>
OrderOfRounds(uint32_t members, uint32_t wanted)
{
    const auto all = RoundsOfCircle(members);
    std::vector<uint32_t> order{0};
    if (all > 1 && wanted > 1)
    {
        const auto steps = SelectPermutations(all, std::min(wanted, all) - 1);
        order.insert(order.end(), steps.begin(), steps.end());
    }
    for (uint32_t round = 0; round < all; ++round)
    {
        order.push_back(round);
    }
    std::vector<bool> isThere(all);
    const auto isRepeated = [&](uint32_t round) {
        const bool was = isThere[round];
        isThere[round] = true;
        return was;
    };
    order.erase(std::remove_if(order.begin(), order.end(), isRepeated), order.end());
    return order;
}

} // namespace

DemandMatcher::DemandMatcher(const DemandMatrix& demand, uint32_t rounds)
    : m_worth(SymmetricWorth(demand)),
      m_isUniform(m_worth.size())
{
    FindUniformGroups(rounds);
}

void
DemandMatcher::FindUniformGroups(uint32_t rounds)
{
    for (auto& hosts : ComponentsByWeight(m_worth))
    {
        if (hosts.size() > 1 && IsUniform(hosts))
        {
            for (const auto host : hosts)
            {
                m_isUniform[host] = true;
            }
            auto order = OrderOfRounds(hosts.size(), rounds);
            m_uniform.push_back({std::move(hosts), std::move(order)});
        }
    }
}

bool
DemandMatcher::IsUniform(const std::vector<uint32_t>& hosts) const
{
    const auto value = m_worth[hosts[0]][hosts[1]];
    return std::all_of(hosts.begin(), hosts.end(), [&](uint32_t a) {
        return std::all_of(hosts.begin(), hosts.end(), [&](uint32_t b) {
            return a == b || m_worth[a][b] == value;
        });
    });
}

Matching
DemandMatcher::NextRound(const MayLink& mayLink)
{
    Matching matching = ExtraRound(Pairs::WithDemand, [&](uint32_t a, uint32_t b) {
        return !m_isUniform[a] && !m_isUniform[b] && mayLink(a, b);
    });
    Matching ofCircles;
    for (const auto& group : m_uniform)
    {
        const auto round = group.rounds[m_round % group.rounds.size()];
        for (const auto& [a, b] : MatchByCircle(group.hosts.size(), round))
        {
            if (mayLink(group.hosts[a], group.hosts[b]))
            {
                ofCircles.emplace_back(group.hosts[a], group.hosts[b]);
            }
        }
    }
    ++m_round;
    Discount(ofCircles);
    matching.insert(matching.end(), ofCircles.begin(), ofCircles.end());
    std::sort(matching.begin(), matching.end());
    return matching;
}

Matching
DemandMatcher::ExtraRound(Pairs pairs, const MayLink& mayLink)
{
    const auto hosts = static_cast<uint32_t>(m_worth.size());
    const uint64_t least = pairs == Pairs::All ? 1 : 0;
    PairWeights weights(hosts, std::vector<uint64_t>(hosts));
    for (uint32_t a = 0; a < hosts; ++a)
    {
        for (uint32_t b = a + 1; b < hosts; ++b)
        {
            const auto weight = std::max(m_worth[a][b], least);
            if (weight > 0 && mayLink(a, b))
            {
                weights[a][b] = weights[b][a] = weight;
            }
        }
    }
    auto matching = MatchComponents(weights);
    Discount(matching);
    return matching;
}

void
DemandMatcher::Discount(const Matching& matching)
{
    for (const auto& [a, b] : matching)
    {
        if (m_worth[a][b] > 1)
        {
            m_worth[a][b] /= 2;
            m_worth[b][a] = m_worth[a][b];
        }
    }
}

std::vector<Matching>
MatchDemand(const DemandMatrix& demand, uint32_t rounds)
{
    DemandMatcher matcher(demand, rounds);
    std::vector<Matching> matchings;
    for (uint32_t round = 0; round < rounds; ++round)
    {
        matchings.push_back(matcher.NextRound([](uint32_t, uint32_t) { return true; }));
    }
    return matchings;
}

} // namespace mixnetcore
