/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/measured-load.h"

#include "ns3/allocation-score.h"
#include "ns3/greedy-circuit-allocator.h"

#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>

using namespace mixnetcore;
using namespace mixnetcore::tests;

TEST(AllocationScore, IsZeroWithoutDemand)
{
    const auto score = ScoreAllocation(DemandMatrix(3, 3), CircuitAllocation(3), 2);

    EXPECT_EQ(score.optical, 0);
    EXPECT_EQ(score.electrical, 0);
    EXPECT_EQ(score.Slowest(), 0);
}

TEST(AllocationScore, CountsTheLargerDirectionOfAPairOverItsCircuits)
{
    // 30 bytes one way, 10 the other, two circuits: 15 on each.
    CircuitAllocation allocation(2);
    allocation.Join(0, 1);
    allocation.Join(0, 1);

    const auto score = ScoreAllocation({{99, 10}, {30, 99}}, allocation, 2);

    EXPECT_EQ(score.optical, 15);
    EXPECT_EQ(score.electrical, 0);
}

TEST(AllocationScore, CountsTheBusiestEndpointsCircuitlessBytesOverItsElectricalNics)
{
    // Hosts 0 and 1 have a circuit. Host 0 sends 7 to host 2, which receives 7 + 9 in all.
    CircuitAllocation allocation(3);
    allocation.Join(0, 1);

    const auto score = ScoreAllocation({{50, 1, 7}, {0, 50, 9}, {0, 0, 50}}, allocation, 2);

    EXPECT_EQ(score.optical, 1);
    EXPECT_EQ(score.electrical, 16 / 2);
    EXPECT_EQ(score.Slowest(), 8);
}

TEST(AllocationScore, CountsSendingAsWellAsReceiving)
{
    // Host 0 sends 7 + 9, the others receive 9 at most.
    const auto score = ScoreAllocation({{0, 7, 9}, {0, 0, 0}, {0, 0, 0}}, CircuitAllocation(3), 4);

    EXPECT_EQ(score.electrical, 16.0 / 4);
}

TEST(AllocationScore, IsInfiniteWhereNothingCarriesTheDemand)
{
    const auto score = ScoreAllocation({{0, 1}, {0, 0}}, CircuitAllocation(2), 0);

    EXPECT_EQ(score.electrical, std::numeric_limits<double>::infinity());
}

TEST(AllocationScore, NeedsNoElectricalNicWhereEveryPairHasACircuit)
{
    CircuitAllocation allocation(2);
    allocation.Join(0, 1);

    EXPECT_EQ(ScoreAllocation({{0, 1}, {0, 0}}, allocation, 0).Slowest(), 1);
}

TEST(AllocationScore, OfTheMeasuredLoadIsSetByTheHottestExpert)
{
    // Greedy leaves five pairs without a circuit, among them (0, 5) and (1, 5). The largest entry,
    // 10897 from host 3 to host 0, has one circuit; electrically the busiest is host 5, which sends
    // 8361 to host 0 and 5908 to host 1 on two NICs.
    const auto demand = MeasuredLoad();
    const auto allocation = GreedyCircuitAllocator().Allocate(demand, std::vector<uint32_t>(8, 6));

    const auto score = ScoreAllocation(demand, allocation, 2);

    EXPECT_EQ(score.optical, 10897.0 / 1);
    EXPECT_EQ(score.electrical, (8361.0 + 5908.0) / 2);
}

TEST(AllocationScore, OfTheLiteralReadingIsFourTimesWorseOnTheElectricalSide)
{
    // Only host 0 has circuits. Host 1 receives from hosts 2 to 7 electrically:
    // 5165 + 5629 + 5666 + 5908 + 5507 + 5211 = 33086.
    const auto demand = MeasuredLoad();
    const auto allocation = GreedyCircuitAllocator(TieRule::Demand, StopRule::FirstFailure)
                                .Allocate(demand, std::vector<uint32_t>(8, 6));

    EXPECT_EQ(ScoreAllocation(demand, allocation, 2).electrical, 33086.0 / 2);
}

TEST(AllocationScore, FindsEndpointsWithDemandAndNoCircuit)
{
    // Hosts 0 and 1 have a circuit; 2 receives, 3 sends, 4 has nothing to exchange but with itself.
    DemandMatrix demand(5, 5);
    demand.At(0, 1) = demand.At(0, 2) = demand.At(3, 0) = demand.At(4, 4) = Bytes(1);
    CircuitAllocation allocation(5);
    allocation.Join(0, 1);

    EXPECT_EQ(EndpointsWithoutCircuits(demand, allocation), (std::vector<size_t>{2, 3}));
}

TEST(AllocationScore, FindsThatOfTheMeasuredLoadTheGreedyLeavesNobodyOutAndTheLiteralReadingOne)
{
    // Literally, host 0 takes all circuits with six of the seven others.
    const auto demand = MeasuredLoad();
    const std::vector<uint32_t> ports(8, 6);

    EXPECT_TRUE(
        EndpointsWithoutCircuits(demand, GreedyCircuitAllocator().Allocate(demand, ports)).empty());
    EXPECT_EQ(
        EndpointsWithoutCircuits(demand,
                                 GreedyCircuitAllocator(TieRule::Demand, StopRule::FirstFailure)
                                     .Allocate(demand, ports)),
        (std::vector<size_t>{5}));
}

TEST(AllocationScore, RefusesSizesThatDiffer)
{
    EXPECT_THROW(ScoreAllocation(DemandMatrix(2, 3), CircuitAllocation(2), 1),
                 std::invalid_argument);
    EXPECT_THROW(ScoreAllocation(DemandMatrix(2, 2), CircuitAllocation(3), 1),
                 std::invalid_argument);
    EXPECT_THROW(EndpointsWithoutCircuits(DemandMatrix(2, 2), CircuitAllocation(3)),
                 std::invalid_argument);
}
