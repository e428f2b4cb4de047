/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/circuit-configuration.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

TEST(CircuitConfiguration, IsEmptyByDefault)
{
    EXPECT_EQ(CircuitConfiguration().Size(), 0U);
    EXPECT_FALSE(CircuitConfiguration().Fault(0));
    EXPECT_EQ(CircuitConfiguration(), CircuitConfiguration(std::vector<Circuit>{}));
}

TEST(CircuitConfiguration, KeepsCircuitsAscendingWithTheLowerPortFirst)
{
    const CircuitConfiguration configuration({{7, 2}, {0, 9}, {5, 3}});

    EXPECT_EQ(configuration.Circuits(), (std::vector<Circuit>{{0, 9}, {2, 7}, {3, 5}}));
}

TEST(CircuitConfiguration, EqualSetsAreEqualInAnyOrder)
{
    EXPECT_EQ(CircuitConfiguration({{0, 1}, {2, 3}}), CircuitConfiguration({{3, 2}, {1, 0}}));
    EXPECT_FALSE(CircuitConfiguration({{0, 1}}) == CircuitConfiguration({{0, 2}}));
}

TEST(CircuitConfiguration, PeersPointAtEachOther)
{
    const auto peers = CircuitConfiguration({{0, 3}, {2, 1}}).Peers(5);

    ASSERT_EQ(peers.size(), 5U);
    EXPECT_EQ(peers[0], 3U);
    EXPECT_EQ(peers[3], 0U);
    EXPECT_EQ(peers[1], 2U);
    EXPECT_EQ(peers[2], 1U);
    EXPECT_FALSE(peers[4]);
}

TEST(CircuitConfiguration, HasNoFaultWhenEveryPortIsUsedOnce)
{
    EXPECT_FALSE(CircuitConfiguration({{0, 3}, {2, 1}}).Fault(4));
}

TEST(CircuitConfiguration, FaultNamesCircuitAndPortThatDoNotExist)
{
    EXPECT_EQ(CircuitConfiguration({{4, 0}}).Fault(4),
              "circuit (0, 4): port 4 does not exist, ports are 0 to 3");
    EXPECT_EQ(CircuitConfiguration({{0, 1}}).Fault(0),
              "circuit (0, 1): port 0 does not exist, the switch has no ports");
}

TEST(CircuitConfiguration, FaultNamesPortUsedByTwoCircuits)
{
    // In the second circuit once as the lower and once as the higher port.
    EXPECT_EQ(CircuitConfiguration({{0, 1}, {1, 2}}).Fault(4),
              "circuit (1, 2): port 1 is used twice, a port holds at most one circuit end");
    EXPECT_EQ(CircuitConfiguration({{0, 2}, {1, 2}}).Fault(4),
              "circuit (1, 2): port 2 is used twice, a port holds at most one circuit end");
}

TEST(CircuitConfiguration, FaultNamesTheSameCircuitTwice)
{
    EXPECT_TRUE(CircuitConfiguration({{0, 1}, {1, 0}}).Fault(4));
}

TEST(CircuitConfiguration, FaultNamesPortJoinedWithItself)
{
    EXPECT_EQ(CircuitConfiguration({{2, 2}}).Fault(4),
              "circuit (2, 2): port 2 is used twice, a port holds at most one circuit end");
}

TEST(CircuitConfiguration, LeadsOneWayCircuitsFromPortToPort)
{
    // A ring over ports 0, 1, 2, beside a circuit of both directions.
    const CircuitConfiguration ring({{4, 3}}, {{2, 0}, {0, 1}, {1, 2}});
    EXPECT_EQ(ring.Fault(5), std::nullopt);
    EXPECT_EQ(ring.Size(), 4U);
    EXPECT_EQ(ring.OneWayCircuits(), (std::vector<Circuit>{{0, 1}, {1, 2}, {2, 0}}));
    EXPECT_EQ(ring.Peers(5), (std::vector<std::optional<uint32_t>>{1, 2, 0, 4, 3}));
    EXPECT_FALSE(ring == CircuitConfiguration({{3, 4}}));
}

TEST(CircuitConfiguration, RefusesPortsAtWhichTwoCircuitsBeginOrEnd)
{
    const auto faultOf = [](std::vector<Circuit> both, std::vector<Circuit> oneWay) {
        return CircuitConfiguration(std::move(both), std::move(oneWay)).Fault(4).value_or("");
    };
    const std::string twice = " is used twice, a port holds at most one circuit end";
    EXPECT_EQ(faultOf({}, {{0, 1}, {1, 0}}), "") << "there and back is not twice";
    EXPECT_EQ(faultOf({}, {{0, 1}, {0, 2}}), "circuit (0, 2): port 0" + twice);
    EXPECT_EQ(faultOf({}, {{0, 2}, {1, 2}}), "circuit (1, 2): port 2" + twice);
    EXPECT_EQ(faultOf({{0, 1}}, {{2, 1}}), "circuit (2, 1): port 1" + twice);
    EXPECT_EQ(faultOf({{0, 1}}, {{0, 2}}), "circuit (0, 2): port 0" + twice);
    EXPECT_EQ(faultOf({}, {{3, 3}}),
              "circuit (3, 3): light does not leave at the port that it comes in at");
    EXPECT_EQ(faultOf({}, {{0, 4}}), "circuit (0, 4): port 4 does not exist, ports are 0 to 3");
}
