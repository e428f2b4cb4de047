/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "measured-load.h"

#include "ns3/greedy-circuit-allocator.h"

#include <gtest/gtest.h>
#include <numeric>
#include <optional>
#include <random>
#include <stdexcept>

using namespace mixnetcore;
using namespace mixnetcore::tests;

namespace
{

using Ports = std::vector<uint32_t>;

__extension__ using Wide = unsigned __int128;

/// A region drawn at random.
struct RandomRegion
{
    DemandMatrix demand; //!< few values, so that ties are frequent
    Ports ports;         //!< 0 to 6 for each endpoint
};

RandomRegion
DrawRegion(std::mt19937& random)
{
    const size_t endpoints = random() % 9;
    const uint64_t values = 1 + random() % 12;
    RandomRegion region{DemandMatrix(endpoints, endpoints), Ports(endpoints)};
    for (size_t i = 0; i < endpoints; ++i)
    {
        region.ports[i] = random() % 7;
        for (size_t j = 0; j < endpoints; ++j)
        {
            region.demand.At(i, j) = Bytes(random() % values);
        }
    }
    return region;
}

Wide
BothDirections(const DemandMatrix& demand, size_t i, size_t j)
{
    return Wide{demand.At(i, j).Count()} + demand.At(j, i).Count();
}

/**
 * The algorithm as written down, by search over all pairs for each circuit.
 * @return whether pair (i, j) goes before pair (k, l).
 */
bool
GoesFirst(const DemandMatrix& demand,
          const CircuitAllocation& allocation,
          std::pair<size_t, size_t> one,
          std::pair<size_t, size_t> other)
{
    const auto demandOne = BothDirections(demand, one.first, one.second);
    const auto demandOther = BothDirections(demand, other.first, other.second);
    const auto circuitsOne = allocation.Between(one.first, one.second);
    const auto circuitsOther = allocation.Between(other.first, other.second);
    if ((circuitsOne == 0) != (circuitsOther == 0))
    {
        return circuitsOne == 0;
    }
    if (circuitsOne > 0 && demandOne * circuitsOther != demandOther * circuitsOne)
    {
        return demandOne * circuitsOther > demandOther * circuitsOne;
    }
    return demandOne != demandOther ? demandOne > demandOther : one < other;
}

CircuitAllocation
AllocateBySearch(const DemandMatrix& demand, Ports ports, StopRule stopRule)
{
    CircuitAllocation allocation(ports.size());
    while (true)
    {
        std::optional<std::pair<size_t, size_t>> first;
        for (size_t i = 0; i < ports.size(); ++i)
        {
            for (size_t j = i + 1; j < ports.size(); ++j)
            {
                const bool isOpen = stopRule == StopRule::FirstFailure || (ports[i] && ports[j]);
                if (isOpen && BothDirections(demand, i, j) > 0 &&
                    (!first || GoesFirst(demand, allocation, {i, j}, *first)))
                {
                    first = {i, j};
                }
            }
        }
        if (!first || !ports[first->first] || !ports[first->second])
        {
            return allocation;
        }
        allocation.Join(first->first, first->second);
        --ports[first->first];
        --ports[first->second];
    }
}

} // namespace

TEST(GreedyCircuitAllocator, GivesNothingWithoutEndpoints)
{
    EXPECT_EQ(GreedyCircuitAllocator().Allocate(DemandMatrix(), {}).Total(), 0U);
}

TEST(GreedyCircuitAllocator, GivesNothingToASingleEndpoint)
{
    EXPECT_EQ(GreedyCircuitAllocator().Allocate({{100}}, {6}).Total(), 0U);
}

TEST(GreedyCircuitAllocator, GivesNothingWithoutDemand)
{
    EXPECT_EQ(GreedyCircuitAllocator().Allocate(DemandMatrix(3, 3), {6, 6, 6}).Total(), 0U);
}

TEST(GreedyCircuitAllocator, GivesNothingWithoutPorts)
{
    EXPECT_EQ(GreedyCircuitAllocator().Allocate({{0, 1}, {1, 0}}, {0, 6}).Total(), 0U);
}

TEST(GreedyCircuitAllocator, IgnoresTheDiagonal)
{
    EXPECT_EQ(GreedyCircuitAllocator().Allocate({{50, 0}, {0, 50}}, {6, 6}).Total(), 0U);
}

TEST(GreedyCircuitAllocator, GivesAllPortsToTheOnlyPair)
{
    // The fewer ports, 4, are the limit.
    EXPECT_EQ(GreedyCircuitAllocator().Allocate({{0, 1}, {0, 0}}, {6, 4}).Between(0, 1), 4U);
}

TEST(GreedyCircuitAllocator, JoinsTheHeaviestPairFirst)
{
    // Host 0 owns one port; 8 bytes for host 2 outweigh 4 for host 1.
    const auto allocation =
        GreedyCircuitAllocator().Allocate({{0, 4, 8}, {0, 0, 0}, {0, 0, 0}}, {1, 1, 1});

    EXPECT_EQ(allocation.Between(0, 2), 1U);
    EXPECT_EQ(allocation.Between(0, 1), 0U);
}

TEST(GreedyCircuitAllocator, AddsUpBothDirections)
{
    // 5 + 5 between hosts 0 and 1 outweigh 9 from host 0 to host 2.
    const auto allocation =
        GreedyCircuitAllocator().Allocate({{0, 5, 9}, {5, 0, 0}, {0, 0, 0}}, {1, 1, 1});

    EXPECT_EQ(allocation.Between(0, 1), 1U);
    EXPECT_EQ(allocation.Between(0, 2), 0U);
}

TEST(GreedyCircuitAllocator, ServesEveryPairBeforeAnyTwice)
{
    // Times after one circuit each: 900 and 1; without a circuit the light pair is at infinity.
    const auto allocation =
        GreedyCircuitAllocator().Allocate({{0, 900, 1}, {0, 0, 0}, {0, 0, 0}}, {2, 2, 2});

    EXPECT_EQ(allocation.Between(0, 1), 1U);
    EXPECT_EQ(allocation.Between(0, 2), 1U);
}

TEST(GreedyCircuitAllocator, DividesTheTimeByTheCircuits)
{
    // Host 0 has 6 ports for pairs of 30 and 10 bytes. After one each: 30, 10; then the first
    // pair gets its second (15) and third (10); at 10 : 10 the larger demand is next (7.5), then
    // the other pair: 4 and 2.
    const auto allocation =
        GreedyCircuitAllocator().Allocate({{0, 30, 10}, {0, 0, 0}, {0, 0, 0}}, {6, 6, 6});

    EXPECT_EQ(allocation.Between(0, 1), 4U);
    EXPECT_EQ(allocation.Between(0, 2), 2U);
}

TEST(GreedyCircuitAllocator, BreaksTiesBetweenEqualTimesByLargerDemand)
{
    // Host 0 has 4 ports: one each, then 20 -> 10 with two circuits; at 10 : 10 the fourth port
    // goes to the pair with 20 bytes, although the other has the lower index.
    const auto allocation =
        GreedyCircuitAllocator().Allocate({{0, 10, 20}, {0, 0, 0}, {0, 0, 0}}, {4, 4, 4});

    EXPECT_EQ(allocation.Between(0, 1), 1U);
    EXPECT_EQ(allocation.Between(0, 2), 3U);
}

TEST(GreedyCircuitAllocator, BreaksTiesBetweenEqualDemandsByLowerIndices)
{
    const DemandMatrix uniform{{0, 1, 1}, {1, 0, 1}, {1, 1, 0}};

    const auto allocation = GreedyCircuitAllocator().Allocate(uniform, {1, 1, 1});

    EXPECT_EQ(allocation.Between(0, 1), 1U);
    EXPECT_EQ(allocation.Total(), 1U);
}

TEST(GreedyCircuitAllocator, ComparesTimesExactly)
{
    // Both pairs have times near 2^62 that round to the same double: (2^62 + 1) / 1 is slower than
    // 2^63 / 2, by one byte. Host 0 has 4 ports: one each, the second to the pair of 2^63, and the
    // last to the pair of 2^62 + 1, although its demand is smaller.
    const uint64_t half = uint64_t{1} << 62;
    const auto allocation =
        GreedyCircuitAllocator().Allocate({{0, 2 * half, half + 1}, {0, 0, 0}, {0, 0, 0}},
                                          {4, 4, 4});

    EXPECT_EQ(allocation.Between(0, 1), 2U);
    EXPECT_EQ(allocation.Between(0, 2), 2U);
}

TEST(GreedyCircuitAllocator, DoesNotWrapWhenBothDirectionsExceed64Bits)
{
    // 2^63 + 2^63 is 0 in 64 bits.
    const uint64_t half = uint64_t{1} << 63;
    const auto allocation =
        GreedyCircuitAllocator().Allocate({{0, half, 5}, {half, 0, 0}, {0, 0, 0}}, {1, 1, 1});

    EXPECT_EQ(allocation.Between(0, 1), 1U);
}

TEST(GreedyCircuitAllocator, SkipsExhaustedPairsUnlessToldToStop)
{
    // Pair (0, 1) takes the only port of host 1; the next slowest, (1, 2), cannot be joined; (2, 3)
    // still can.
    const DemandMatrix demand{{0, 9, 0, 0}, {0, 0, 8, 0}, {0, 0, 0, 7}, {0, 0, 0, 0}};
    const Ports ports{1, 1, 1, 1};

    const auto skipping = GreedyCircuitAllocator(StopRule::SkipExhausted).Allocate(demand, ports);
    const auto literal = GreedyCircuitAllocator(StopRule::FirstFailure).Allocate(demand, ports);

    EXPECT_EQ(skipping.Between(0, 1), 1U);
    EXPECT_EQ(skipping.Between(2, 3), 1U);
    EXPECT_EQ(literal.Between(0, 1), 1U);
    EXPECT_EQ(literal.Total(), 1U);
}

TEST(GreedyCircuitAllocator, UsesEveryPortForTheMeasuredLoad)
{
    // 8 hosts x 6 ports / 2 ends.
    const auto allocation = GreedyCircuitAllocator().Allocate(MeasuredLoad(), Ports(8, 6));

    EXPECT_EQ(allocation.Total(), 24U);
    for (size_t host = 0; host < 8; ++host)
    {
        EXPECT_EQ(allocation.CircuitsOf(host), 6U);
    }
}

TEST(GreedyCircuitAllocator, ReadLiterallyStopsAtTheSeventhPairOfTheMeasuredLoad)
{
    // The seven heaviest pairs are those of host 0, which holds the most popular expert: the
    // lightest of them, (0, 5), has 2004 + 8361 = 10365, the heaviest other pair, (1, 7), has
    // 5014 + 5211 = 10225. Host 0 has six ports.
    const auto allocation =
        GreedyCircuitAllocator(StopRule::FirstFailure).Allocate(MeasuredLoad(), Ports(8, 6));

    EXPECT_EQ(allocation.Total(), 6U);
    EXPECT_EQ(allocation.CircuitsOf(0), 6U);
    EXPECT_EQ(allocation.Between(0, 5), 0U);
}

TEST(GreedyCircuitAllocator, TreatsADemandAndItsTransposeAlike)
{
    EXPECT_EQ(GreedyCircuitAllocator().Allocate(MeasuredLoad(), Ports(8, 6)),
              GreedyCircuitAllocator().Allocate(MeasuredLoad().Transposed(), Ports(8, 6)));
}

TEST(GreedyCircuitAllocator, FollowsItsHostsWhenTheyAreRenumbered)
{
    // The 28 pairs of the measured load differ in demand, so that no tie comes down to the index.
    const std::vector<size_t> place{3, 6, 0, 7, 2, 5, 1, 4};
    const auto demand = MeasuredLoad();
    DemandMatrix renumbered(8, 8);
    for (size_t i = 0; i < 8; ++i)
    {
        for (size_t j = 0; j < 8; ++j)
        {
            renumbered.At(place[i], place[j]) = demand.At(i, j);
        }
    }

    const auto before = GreedyCircuitAllocator().Allocate(demand, Ports(8, 6));
    const auto after = GreedyCircuitAllocator().Allocate(renumbered, Ports(8, 6));

    for (size_t i = 0; i < 8; ++i)
    {
        for (size_t j = 0; j < 8; ++j)
        {
            EXPECT_EQ(before.Between(i, j), after.Between(place[i], place[j]));
        }
    }
}

TEST(GreedyCircuitAllocator, RespectsPortsAndLeavesNoPairThatCouldBeJoined)
{
    std::mt19937 random(1);
    for (int run = 0; run < 2000; ++run)
    {
        const auto [demand, ports] = DrawRegion(random);
        const auto allocation = GreedyCircuitAllocator().Allocate(demand, ports);
        for (size_t i = 0; i < ports.size(); ++i)
        {
            ASSERT_LE(allocation.CircuitsOf(i), ports[i]);
            for (size_t j = i + 1; j < ports.size(); ++j)
            {
                const bool canBeJoined =
                    allocation.CircuitsOf(i) < ports[i] && allocation.CircuitsOf(j) < ports[j];
                ASSERT_FALSE(canBeJoined && BothDirections(demand, i, j) > 0);
                ASSERT_TRUE(BothDirections(demand, i, j) > 0 || allocation.Between(i, j) == 0);
            }
        }
    }
}

TEST(GreedyCircuitAllocator, EqualsASearchOverAllPairsForEachCircuit)
{
    std::mt19937 random(2);
    for (int run = 0; run < 2000; ++run)
    {
        const auto [demand, ports] = DrawRegion(random);
        for (const auto stopRule : {StopRule::SkipExhausted, StopRule::FirstFailure})
        {
            ASSERT_EQ(GreedyCircuitAllocator(stopRule).Allocate(demand, ports),
                      AllocateBySearch(demand, ports, stopRule));
        }
    }
}

TEST(GreedyCircuitAllocator, RefusesDemandThatIsNotSquare)
{
    EXPECT_THROW(GreedyCircuitAllocator().Allocate(DemandMatrix(2, 3), {1, 1}),
                 std::invalid_argument);
}

TEST(GreedyCircuitAllocator, RefusesPortsForAnotherNumberOfEndpoints)
{
    EXPECT_THROW(GreedyCircuitAllocator().Allocate(DemandMatrix(2, 2), {1, 1, 1}),
                 std::invalid_argument);
}

TEST(CircuitAllocator, IsMadeByEachOfItsNames)
{
    EXPECT_EQ(CircuitAllocatorNames(), (std::vector<std::string>{"greedy", "greedy-literal"}));
    EXPECT_EQ(MakeCircuitAllocator("greedy")->Allocate(MeasuredLoad(), Ports(8, 6)).Total(), 24U);
    EXPECT_EQ(MakeCircuitAllocator("greedy-literal")->Allocate(MeasuredLoad(), Ports(8, 6)).Total(),
              6U);
}

TEST(CircuitAllocator, RefusesAnUnknownNameAndTellsTheKnownOnes)
{
    try
    {
        MakeCircuitAllocator("gready");
        FAIL() << "accepted an unknown name";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(),
                     "circuit allocator \"gready\" is not known; known are greedy greedy-literal");
    }
}
