/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/demand-matching.h"
#include "ns3/keyed-random.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

using namespace mixnetcore;

namespace
{

using Pair = std::pair<uint32_t, uint32_t>;

DemandMatrix
UniformDemand(size_t hosts, uint64_t bytes = 1)
{
    return {hosts, hosts, [&](size_t from, size_t to) { return Bytes(from == to ? 0 : bytes); }};
}

std::map<Pair, uint32_t>
LinksOf(const std::vector<Matching>& rounds)
{
    std::map<Pair, uint32_t> links;
    for (const auto& round : rounds)
    {
        for (const auto& pair : round)
        {
            ++links[pair];
        }
    }
    return links;
}

bool
Always(uint32_t /* a */, uint32_t /* b */)
{
    return true;
}

} // namespace

TEST(DemandMatching, RoundsOfTheCircleHoldEveryPairOnce)
{
    for (uint32_t members = 2; members <= 33; ++members)
    {
        const auto rounds = members % 2 == 0 ? members - 1 : members;
        std::set<Pair> pairs;
        for (uint32_t round = 0; round < rounds; ++round)
        {
            const auto matching = MatchByCircle(members, round);
            EXPECT_EQ(matching.size(), members / 2);
            std::set<uint32_t> seen;
            for (const auto& [a, b] : matching)
            {
                EXPECT_LT(a, b);
                EXPECT_LT(b, members);
                EXPECT_TRUE(seen.insert(a).second && seen.insert(b).second);
                EXPECT_TRUE(pairs.insert({a, b}).second);
            }
        }
        EXPECT_EQ(pairs.size(), members * (members - 1) / 2);
        EXPECT_EQ(MatchByCircle(members, rounds), MatchByCircle(members, 0));
    }
}

TEST(DemandMatching, AnOddCircleLeavesEachOutOnce)
{
    std::set<uint32_t> left;
    for (uint32_t round = 0; round < 7; ++round)
    {
        std::set<uint32_t> alone{0, 1, 2, 3, 4, 5, 6};
        for (const auto& [a, b] : MatchByCircle(7, round))
        {
            alone.erase(a);
            alone.erase(b);
        }
        ASSERT_EQ(alone.size(), 1U);
        left.insert(*alone.begin());
    }
    EXPECT_EQ(left.size(), 7U);
}

TEST(DemandMatching, LinksAllPairsOfEqualDemandBeforeAnyTwice)
{
    for (const uint32_t hosts : {2U, 4U, 6U, 9U, 16U})
    {
        const auto rounds = hosts % 2 == 0 ? hosts - 1 : hosts;
        for (const auto& [pair, links] : LinksOf(MatchDemand(UniformDemand(hosts), 2 * rounds)))
        {
            EXPECT_EQ(links, 2U) << hosts << " hosts, pair " << pair.first << ", " << pair.second;
        }
        EXPECT_EQ(LinksOf(MatchDemand(UniformDemand(hosts), rounds)).size(),
                  hosts * (hosts - 1) / 2);
    }
}

TEST(DemandMatching, LinksGroupsOfEqualDemandSideBySide)
{
    // Hosts 0, 2, 4 and 1, 3: every pair of a group the same, but not the same in both groups.
    DemandMatrix demand(6, 6);
    for (const auto& [a, b, bytes] :
         {std::tuple(0, 2, 5), std::tuple(4, 0, 5), std::tuple(2, 4, 5), std::tuple(3, 1, 7)})
    {
        demand.At(a, b) = Bytes(bytes);
    }

    const auto links = LinksOf(MatchDemand(demand, 3));

    EXPECT_EQ(links,
              (std::map<Pair, uint32_t>{{{0, 2}, 1}, {{0, 4}, 1}, {{2, 4}, 1}, {{1, 3}, 3}}));
}

TEST(DemandMatching, JoinsAllHostsOfEqualDemandWithTwoRounds)
{
    // Rounds 0 and 1 of the circle method are one circle.
    for (const uint32_t hosts : {4U, 6U, 10U, 16U, 34U})
    {
        std::map<uint32_t, std::vector<uint32_t>> next;
        for (const auto& [pair, links] : LinksOf(MatchDemand(UniformDemand(hosts), 2)))
        {
            next[pair.first].push_back(pair.second);
            next[pair.second].push_back(pair.first);
        }
        uint32_t before = 0;
        uint32_t here = next[0][0];
        uint32_t length = 1;
        for (; here != 0; ++length)
        {
            const auto there = next[here][0] == before ? next[here][1] : next[here][0];
            before = here;
            here = there;
        }
        EXPECT_EQ(length, hosts);
    }
}

TEST(DemandMatching, AddsUpBothDirections)
{
    // 0 and 1 have 3 + 3; 0 and 2 have 5 one way.
    const auto rounds = MatchDemand({{0, 3, 5}, {3, 0, 0}, {0, 0, 0}}, 1);

    EXPECT_EQ(rounds.at(0), (Matching{{0, 1}}));
}

TEST(DemandMatching, HalvesTheDemandOfAPairWithEachLink)
{
    // Host 0 has 16 for host 1, 7 for host 2, 3 for host 3. In turn 16; 8; then 4 against 7: 7;
    // 4 against 3.5; 2 against 3.5 and 3: 3.5; 3; then 2 again.
    DemandMatrix demand(4, 4);
    demand.At(0, 1) = Bytes(16);
    demand.At(0, 2) = Bytes(7);
    demand.At(3, 0) = Bytes(3);

    const auto rounds = MatchDemand(demand, 7);

    std::vector<uint32_t> mates;
    for (const auto& round : rounds)
    {
        ASSERT_EQ(round.size(), 1U);
        mates.push_back(round.front().second);
    }
    EXPECT_EQ(mates, (std::vector<uint32_t>{1, 1, 2, 1, 2, 3, 1}));
}

TEST(DemandMatching, NeverForgetsAPairThatHasDemand)
{
    DemandMatrix demand(3, 3);
    demand.At(0, 1) = Bytes(1);
    demand.At(1, 2) = Bytes(2);

    for (const auto& round : MatchDemand(demand, 200))
    {
        EXPECT_EQ(round.size(), 1U);
    }
}

TEST(DemandMatching, TakesDemandOfAnySize)
{
    const uint64_t large = uint64_t{1} << 62;
    const auto rounds = MatchDemand({{0, large, 1}, {large, 0, 2}, {0, 0, 0}}, 1);

    EXPECT_EQ(rounds.at(0), (Matching{{0, 1}}));
}

TEST(DemandMatching, WithoutDemandThereIsNoLink)
{
    EXPECT_TRUE(MatchDemand(DemandMatrix(4, 4), 1).at(0).empty());

    DemandMatrix atHome(2, 2);
    atHome.At(0, 0) = Bytes(5);
    EXPECT_TRUE(MatchDemand(atHome, 1).at(0).empty());
}

TEST(DemandMatching, LinksOnlyWhoMay)
{
    DemandMatcher matcher(UniformDemand(4), 3);
    const auto mayLink = [](uint32_t a, uint32_t b) { return a != 0 && b != 0; };

    for (uint32_t round = 0; round < 3; ++round)
    {
        const auto matching = matcher.NextRound(mayLink);
        EXPECT_EQ(matching.size(), 1U);
        EXPECT_NE(matching.at(0).first, 0U);
    }
}

TEST(DemandMatching, ExtraRoundsTakeWhoHasNoDemandAfterThoseWhoHave)
{
    DemandMatrix demand(4, 4);
    demand.At(1, 2) = Bytes(9);
    DemandMatcher matcher(demand, 1);

    EXPECT_EQ(matcher.ExtraRound(DemandMatcher::Pairs::WithDemand, Always), (Matching{{1, 2}}));
    EXPECT_EQ(matcher.ExtraRound(DemandMatcher::Pairs::All, Always), (Matching{{0, 3}, {1, 2}}));
}

TEST(DemandMatching, ComponentsBeyondTheLimitAreMatchedGreedily)
{
    // A path of weights 6, 9, 6 among more hosts than are matched exactly; a star of light demand
    // makes them one component. Greed takes the 9.
    const auto hosts = DemandMatcher::MOST_EXACT + 1;
    const auto pathIn = [](uint32_t size) {
        DemandMatrix demand(size, size);
        demand.At(0, 1) = Bytes(600);
        demand.At(1, 2) = Bytes(900);
        demand.At(2, 3) = Bytes(600);
        for (uint32_t host = 5; host < size; ++host)
        {
            demand.At(4, host) = Bytes(1);
        }
        demand.At(3, 4) = Bytes(1);
        return demand;
    };

    const auto small = LinksOf(MatchDemand(pathIn(hosts - 1), 1));
    const auto large = LinksOf(MatchDemand(pathIn(hosts), 1));

    EXPECT_EQ(small.count({0, 1}), 1U);
    EXPECT_EQ(small.count({2, 3}), 1U);
    EXPECT_EQ(large.count({1, 2}), 1U);
}
