/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/measured-load.h"

#include "ns3/allocation-score.h"
#include "ns3/greedy-circuit-allocator.h"

#include <algorithm>
#include <cmath>
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

/// Ports left of the poorer endpoint, then of both together.
std::pair<uint32_t, uint32_t>
PortsLeft(const Ports& ports, std::pair<size_t, size_t> pair)
{
    return {std::min(ports[pair.first], ports[pair.second]),
            ports[pair.first] + ports[pair.second]};
}

/**
 * The algorithm as written down, by search over all pairs for each circuit.
 * @return whether pair `one` goes before pair `other`.
 */
bool
GoesFirst(const DemandMatrix& demand,
          const CircuitAllocation& allocation,
          const Ports& ports,
          TieRule tieRule,
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
    if (tieRule == TieRule::FreePorts && PortsLeft(ports, one) != PortsLeft(ports, other))
    {
        return PortsLeft(ports, one) > PortsLeft(ports, other);
    }
    return demandOne != demandOther ? demandOne > demandOther : one < other;
}

CircuitAllocation
AllocateBySearch(const DemandMatrix& demand, Ports ports, TieRule tieRule, StopRule stopRule)
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
                    (!first || GoesFirst(demand, allocation, ports, tieRule, {i, j}, *first)))
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

/// Random weights around 1, none below 0, with a coefficient of variation.
class WeightSource
{
  public:
    WeightSource(double variation, unsigned seed)
        : m_normal(1, variation),
          m_random(seed)
    {
    }

    double Next()
    {
        return std::max(0.0, m_normal(m_random));
    }

  private:
    std::normal_distribution<double> m_normal;
    std::mt19937 m_random;
};

/// Where the noise of a demand is.
enum class Noise
{
    PerColumn, //!< one weight for each destination: experts differ in popularity
    PerPair,   //!< one for each source and destination
};

/// Demand around a million bytes for each ordered pair.
DemandMatrix
NoisyDemand(size_t hosts, Noise noise, WeightSource& weights)
{
    DemandMatrix demand(hosts, hosts);
    std::vector<double> column(hosts);
    for (auto& weight : column)
    {
        weight = weights.Next();
    }
    for (size_t from = 0; from < hosts; ++from)
    {
        for (size_t to = 0; to < hosts; ++to)
        {
            const double weight = noise == Noise::PerPair ? weights.Next() : column[to];
            demand.At(from, to) = Bytes(from == to ? 0 : std::llround(1e6 * weight));
        }
    }
    return demand;
}

/// Whether a host has anything to exchange with another.
bool
HasDemand(const DemandMatrix& demand, size_t host)
{
    for (size_t peer = 0; peer < demand.Rows(); ++peer)
    {
        if (peer != host && BothDirections(demand, host, peer) > 0)
        {
            return true;
        }
    }
    return false;
}

/// Bytes that the busiest host sends or receives, over its NICs: the bound of a fabric that blocks
/// nowhere and spreads a host's bytes over all NICs.
double
NonBlockingBound(const DemandMatrix& demand, uint32_t nics)
{
    uint64_t busiest = 0;
    for (size_t i = 0; i < demand.Rows(); ++i)
    {
        uint64_t sent = 0;
        uint64_t received = 0;
        for (size_t j = 0; j < demand.Rows(); ++j)
        {
            sent += demand.At(i, j).Count();
            received += demand.At(j, i).Count();
        }
        busiest = std::max({busiest, sent, received});
    }
    return double(busiest) / nics;
}

/// Bound of MixNet over that of a non-blocking fabric with as many NICs: mean and worst.
struct BoundRatio
{
    double mean{0};
    double worst{0};
};

BoundRatio
MeasureBound(TieRule tieRule, Noise noise, double variation, int demands = 1000)
{
    constexpr uint32_t degree = 6;
    constexpr uint32_t electrical = 2;
    WeightSource weights(variation, 1 + std::lround(1000 * variation));
    BoundRatio ratio;
    for (int run = 0; run < demands; ++run)
    {
        const auto demand = NoisyDemand(8, noise, weights);
        const auto allocation = GreedyCircuitAllocator(tieRule).Allocate(demand, Ports(8, degree));
        const double one = ScoreAllocation(demand, allocation, electrical).Slowest() /
                           NonBlockingBound(demand, degree + electrical);
        ratio.mean += one / demands;
        ratio.worst = std::max(ratio.worst, one);
    }
    return ratio;
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

TEST(GreedyCircuitAllocator, SumsBothDirections)
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
    // pair gets its second (15) and third (10); at 10 : 10 host 2 has more ports left than host 1,
    // so its pair is next (5), then the other (7.5): 4 and 2.
    const auto allocation =
        GreedyCircuitAllocator().Allocate({{0, 30, 10}, {0, 0, 0}, {0, 0, 0}}, {6, 6, 6});

    EXPECT_EQ(allocation.Between(0, 1), 4U);
    EXPECT_EQ(allocation.Between(0, 2), 2U);
}

TEST(GreedyCircuitAllocator, BreaksTiesByThePortsOfThePoorerEndpointFirst)
{
    // No pair has a circuit. (0, 1) has 9 ports but host 1 one only; (2, 3) has 4, two at each end.
    // Pair (0, 2) has no demand.
    const DemandMatrix demand{{0, 9, 0, 0}, {0, 0, 9, 0}, {0, 0, 0, 1}, {0, 0, 0, 0}};

    const auto allocation = GreedyCircuitAllocator(TieRule::FreePorts, StopRule::FirstFailure)
                                .Allocate(demand, {8, 1, 2, 2});

    // After (2, 3): (0, 1) has (1, 9), (1, 2) has (1, 2). Then host 1 is exhausted and (1, 2) stops
    // the allocation.
    EXPECT_EQ(allocation.Between(2, 3), 1U);
    EXPECT_EQ(allocation.Between(0, 1), 1U);
    EXPECT_EQ(allocation.Total(), 2U);
}

TEST(GreedyCircuitAllocator, BreaksTiesBetweenEqualPoorerEndpointsByThePortsOfBoth)
{
    // Host 0 has one port; host 2 has more than host 1, although its demand is smaller.
    const auto allocation =
        GreedyCircuitAllocator().Allocate({{0, 9, 1}, {0, 0, 0}, {0, 0, 0}}, {1, 2, 3});

    EXPECT_EQ(allocation.Between(0, 1), 0U);
    EXPECT_EQ(allocation.Between(0, 2), 1U);
}

TEST(GreedyCircuitAllocator, BreaksTiesBetweenEqualPortsByLargerDemand)
{
    // One each; then the pair of 20 gets its second. At 10 : 10, with one port of host 0 left and
    // two of the others each, the last one goes to the pair with 20 bytes, although the other has
    // the lower index.
    const auto allocation =
        GreedyCircuitAllocator().Allocate({{0, 10, 20}, {0, 0, 0}, {0, 0, 0}}, {4, 3, 4});

    EXPECT_EQ(allocation.Between(0, 1), 1U);
    EXPECT_EQ(allocation.Between(0, 2), 3U);
}

TEST(GreedyCircuitAllocator, ReadLiterallyServesLargerDemandsFirst)
{
    // Host 0 has one port; the pair of 9 bytes has fewer ports than that of 1.
    const auto allocation = GreedyCircuitAllocator(TieRule::Demand)
                                .Allocate({{0, 9, 1}, {0, 0, 0}, {0, 0, 0}}, {1, 2, 3});

    EXPECT_EQ(allocation.Between(0, 1), 1U);
    EXPECT_EQ(allocation.Between(0, 2), 0U);
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
    // By demand, pair (0, 1) takes the only port of host 1; the next slowest, (1, 2), cannot be
    // joined; (2, 3) still can.
    const DemandMatrix demand{{0, 9, 0, 0}, {0, 0, 8, 0}, {0, 0, 0, 7}, {0, 0, 0, 0}};
    const Ports ports{1, 1, 1, 1};

    const auto skipping =
        GreedyCircuitAllocator(TieRule::Demand, StopRule::SkipExhausted).Allocate(demand, ports);
    const auto literal =
        GreedyCircuitAllocator(TieRule::Demand, StopRule::FirstFailure).Allocate(demand, ports);

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
    const auto allocation = GreedyCircuitAllocator(TieRule::Demand, StopRule::FirstFailure)
                                .Allocate(MeasuredLoad(), Ports(8, 6));

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
        for (const auto tieRule : {TieRule::FreePorts, TieRule::Demand})
        {
            for (const auto stopRule : {StopRule::SkipExhausted, StopRule::FirstFailure})
            {
                ASSERT_EQ(GreedyCircuitAllocator(tieRule, stopRule).Allocate(demand, ports),
                          AllocateBySearch(demand, ports, tieRule, stopRule));
            }
        }
    }
}

TEST(GreedyCircuitAllocator, GivesABalancedDemandACircuitForAllButFourPairs)
{
    // 24 circuits for the 28 pairs of eight hosts of degree 6: each host lacks one peer. Its bytes
    // to that peer share two NICs, its circuits carry one host's each: 1 over 7 / 8 is 8 / 7.
    DemandMatrix demand(8, 8);
    for (size_t i = 0; i < 8; ++i)
    {
        for (size_t j = 0; j < 8; ++j)
        {
            demand.At(i, j) = Bytes(i == j ? 0 : 1000);
        }
    }
    const auto allocation = GreedyCircuitAllocator().Allocate(demand, Ports(8, 6));

    for (size_t i = 0; i < 8; ++i)
    {
        size_t peers = 0;
        for (size_t j = 0; j < 8; ++j)
        {
            peers += i != j && allocation.Between(i, j) == 1;
        }
        EXPECT_EQ(peers, 6U);
    }
    EXPECT_DOUBLE_EQ(ScoreAllocation(demand, allocation, 2).Slowest() / NonBlockingBound(demand, 8),
                     8.0 / 7);
}

TEST(GreedyCircuitAllocator, IsWithinEightSeventhsOfANonBlockingFabricWhereExpertsDiffer)
{
    // Column j has c(j) bytes from every host, so that its host receives 7 c(j) on 8 NICs of a
    // non-blocking fabric. A circuit carries c(j) at most: 8 / 7. The only peer without a circuit
    // has two NICs, and never sets the bound.
    for (const double variation : {0.02, 0.1, 0.25, 0.65})
    {
        const auto ratio = MeasureBound(TieRule::FreePorts, Noise::PerColumn, variation);
        EXPECT_LE(ratio.worst, 8.0 / 7 + 1e-5) << "coefficient of variation " << variation;
    }
}

TEST(GreedyCircuitAllocator, ServedByDemandAloneIsTwiceAsFarFromANonBlockingFabric)
{
    // The last hosts find no peer with a port left: 6 or 7 pairs of one host on two NICs.
    for (const double variation : {0.02, 0.1, 0.25, 0.65})
    {
        EXPECT_GT(MeasureBound(TieRule::Demand, Noise::PerColumn, variation).mean, 16.0 / 7 * 0.85)
            << "coefficient of variation " << variation;
    }
}

TEST(GreedyCircuitAllocator, DegradesGracefullyWherePairsDifferIndependently)
{
    // A circuit carries its own pair only: the largest of 48 weights in place of their mean, which
    // is 1 + 2.2 standard deviations for a normal spread, times 8 / 7, over the largest of sixteen
    // sums of seven (1 + 1.8 / sqrt(7) standard deviations).
    for (const double variation : {0.02, 0.1, 0.25, 0.65})
    {
        const double expected = 8.0 / 7 * (1 + 2.2 * variation) / (1 + 0.67 * variation);
        EXPECT_NEAR(MeasureBound(TieRule::FreePorts, Noise::PerPair, variation).mean,
                    expected,
                    0.05 * expected)
            << "coefficient of variation " << variation;
    }
}

TEST(GreedyCircuitAllocator, LeavesNoHostWithoutCircuitsWhilePortsAreFree)
{
    for (const auto noise : {Noise::PerColumn, Noise::PerPair})
    {
        for (const size_t hosts : {2, 4, 8, 16, 33, 64})
        {
            for (const double variation : {0.0, 0.02, 0.25, 0.65, 2.0})
            {
                WeightSource weights(variation, hosts);
                for (int run = 0; run < 20; ++run)
                {
                    const auto demand = NoisyDemand(hosts, noise, weights);
                    const auto allocation =
                        GreedyCircuitAllocator().Allocate(demand, Ports(hosts, 6));
                    for (size_t host = 0; host < hosts; ++host)
                    {
                        ASSERT_TRUE(allocation.CircuitsOf(host) > 0 || !HasDemand(demand, host))
                            << "host " << host << " of " << hosts << ", variation " << variation;
                    }
                }
            }
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
    EXPECT_EQ(CircuitAllocators().Names(), (std::vector<std::string>{"greedy", "greedy-literal"}));
    EXPECT_EQ(CircuitAllocators().Make("greedy")->Allocate(MeasuredLoad(), Ports(8, 6)).Total(),
              24U);
    EXPECT_EQ(
        CircuitAllocators().Make("greedy-literal")->Allocate(MeasuredLoad(), Ports(8, 6)).Total(),
        6U);
}

TEST(CircuitAllocator, RefusesAnUnknownNameAndTellsTheKnownOnes)
{
    try
    {
        CircuitAllocators().Make("gready");
        FAIL() << "accepted an unknown name";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(
            error.what(),
            "unknown circuit allocator 'gready'; known: greedy, greedy-literal; did you mean "
            "greedy?");
    }
}
