/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "numa-split.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <limits>

namespace mixnetcore
{

namespace
{

/// Cost of what cannot be; far above every real cost and safe to add to.
constexpr int64_t IMPOSSIBLE = std::numeric_limits<int64_t>::max() / 4;

} // namespace

NumaSplit::NumaSplit(NumaRule rule,
                     std::array<uint32_t, 2> ports,
                     const std::vector<uint32_t>& circuits)
    : m_rule(rule),
      m_ports(ports)
{
    for (uint32_t peer = 0; peer < circuits.size(); ++peer)
    {
        if (circuits[peer] > 0)
        {
            m_shares.push_back({peer, circuits[peer], {}});
            m_circuits += circuits[peer];
        }
    }
    assert(m_circuits <= int64_t{ports[0]} + ports[1]);
    m_optimum = BestCost(m_shares);
}

bool
NumaSplit::CanFix(uint32_t peer, uint32_t half) const
{
    auto trial = m_shares;
    for (auto& share : trial)
    {
        if (share.peer == peer)
        {
            ++share.inHalf[half];
            return BestCost(trial) == m_optimum;
        }
    }
    return false;
}

void
NumaSplit::Fix(uint32_t peer, uint32_t half)
{
    assert(CanFix(peer, half));
    for (auto& share : m_shares)
    {
        share.inHalf[half] += share.peer == peer ? 1 : 0;
    }
}

std::vector<NumaShare>
NumaSplit::Best() const
{
    const auto table = Fill(m_shares);
    auto shares = m_shares;
    uint32_t taken = 0;
    for (size_t k = 0; k < shares.size(); ++k)
    {
        const auto inHalf0 = Choose(m_shares[k], taken, table[k + 1]).second;
        shares[k].inHalf = {inHalf0, shares[k].circuits - inHalf0};
        taken += inHalf0;
    }
    return shares;
}

int64_t
NumaSplit::Cost(const NumaShare& share, uint32_t inHalf0) const
{
    const int64_t inHalf1 = int64_t{share.circuits} - inHalf0;
    const int64_t aboveTieBreaks = m_circuits + 1;
    if (m_rule == NumaRule::Pack)
    {
        return std::min<int64_t>(inHalf0, inHalf1) * aboveTieBreaks;
    }
    const int64_t difference = inHalf0 - inHalf1;
    const bool isOneSided = share.circuits >= 2 && std::abs(difference) == share.circuits;
    // The squares of all pairs together do not reach the square of their sum plus one.
    const int64_t aboveSquares = m_circuits * m_circuits + 1;
    return (difference * difference + (isOneSided ? aboveSquares : 0)) * aboveTieBreaks;
}

std::pair<int64_t, uint32_t>
NumaSplit::Choose(const NumaShare& share, uint32_t taken, const std::vector<int64_t>& rest) const
{
    std::pair<int64_t, uint32_t> best{IMPOSSIBLE, 0};
    for (auto inHalf0 = share.inHalf[0]; inHalf0 + share.inHalf[1] <= share.circuits; ++inHalf0)
    {
        if (taken + inHalf0 > m_ports[0])
        {
            break;
        }
        const auto cost = Cost(share, inHalf0) + rest[taken + inHalf0];
        if (cost <= best.first)
        {
            best = {cost, inHalf0};
        }
    }
    return best;
}

NumaSplit::CostTable
NumaSplit::Fill(const std::vector<NumaShare>& shares) const
{
    CostTable table(shares.size() + 1, std::vector<int64_t>(m_ports[0] + 1, IMPOSSIBLE));
    for (int64_t taken = 0; taken <= m_ports[0]; ++taken)
    {
        const auto inHalf1 = m_circuits - taken;
        if (inHalf1 >= 0 && inHalf1 <= m_ports[1])
        {
            table.back()[taken] = std::abs(taken - inHalf1); // the tie-break, below one cost unit
        }
    }
    for (size_t k = shares.size(); k-- > 0;)
    {
        for (uint32_t taken = 0; taken <= m_ports[0]; ++taken)
        {
            table[k][taken] = Choose(shares[k], taken, table[k + 1]).first;
        }
    }
    return table;
}

Registry<NumaRule>&
NumaRules()
{
    static Registry<NumaRule> registry(
        "NUMA rule",
        {{"spread", NumaRule::Spread, "evenly over the halves of a server"},
         {"pack", NumaRule::Pack, "in one half, to compare with"}});
    return registry;
}

} // namespace mixnetcore
