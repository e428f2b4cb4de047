/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/ideal-switch-planner.h"
#include "ns3/mixnet-planner.h"
#include "ns3/rail-planner.h"
#include "ns3/recovery-router.h"

#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <utility>
#include <vector>

using namespace mixnetcore;

namespace
{

constexpr uint32_t GPUS_OF_SERVER = 4; //!< a NIC each

/// @return servers with a NIC of their own for each GPU.
HostSpec
ServersWithNics()
{
    HostSpec host;
    host.gpus = GPUS_OF_SERVER;
    host.opticalDegree = 0;
    host.electricalNics = GPUS_OF_SERVER;
    return host;
}

/// @param plan A fabric. @return what finds routes in it.
ElectricalRecoveryRouter
RouterFor(const FabricPlan& plan)
{
    return {std::make_shared<const FabricPlan>(plan), std::make_shared<const ForwardingPlan>(plan)};
}

/// @param from A NIC. @param to Another. @return the leg between the two.
RdmaLeg
Between(const NicId& from, const NicId& to)
{
    return {from, to, NicRole::Electrical};
}

/// @param route A route. @return its legs between hosts.
std::vector<RdmaLeg>
LegsBetweenHosts(const Route& route)
{
    std::vector<RdmaLeg> legs;
    for (const auto& leg : route)
    {
        if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
        {
            legs.push_back(*rdma);
        }
    }
    return legs;
}

} // namespace

TEST(FailedLegs, KnowLegsAndSuspectTheirNics)
{
    FailedLegs failed;
    EXPECT_TRUE(failed.IsEmpty());
    failed.Add(Between({0, 1}, {2, 3}));
    EXPECT_FALSE(failed.IsEmpty());
    EXPECT_TRUE(failed.Contains(Between({0, 1}, {2, 3})));
    EXPECT_FALSE(failed.Contains(Between({2, 3}, {0, 1}))) << "the other direction";
    EXPECT_TRUE(failed.Suspects({0, 1}));
    EXPECT_TRUE(failed.Suspects({2, 3}));
    EXPECT_FALSE(failed.Suspects({0, 3}));
    EXPECT_TRUE(failed.IsOn({NvswitchLeg{0, 0, 1}, Between({0, 1}, {2, 3})}));
    EXPECT_FALSE(failed.IsOn({NvswitchLeg{0, 0, 1}}));
}

TEST(ElectricalRecoveryRouter, TakesTheGpusOwnNicsFirst)
{
    const auto router = RouterFor(PlanIdealSwitch({3, ServersWithNics(), Picoseconds(1)}));
    for (uint32_t gpu = 0; gpu < GPUS_OF_SERVER; ++gpu)
    {
        const auto route = router.RouteAround({0, gpu}, {1, 2}, {});
        ASSERT_FALSE(route.empty());
        ASSERT_EQ(route.size(), 1U);
        EXPECT_TRUE(std::get<RdmaLeg>(route.front()) == Between({0, gpu}, {1, 2}));
    }
}

TEST(ElectricalRecoveryRouter, AvoidsNicsOfFailedLegsAsLongAsItCan)
{
    const auto router = RouterFor(PlanIdealSwitch({2, ServersWithNics(), Picoseconds(1)}));
    FailedLegs failed;
    failed.Add(Between({0, 0}, {1, 0}));
    const auto route = router.RouteAround({0, 0}, {1, 0}, failed);
    ASSERT_FALSE(route.empty());
    const auto legs = LegsBetweenHosts(route);
    ASSERT_EQ(legs.size(), 1U);
    EXPECT_NE(legs[0].from.nic, 0U);
    EXPECT_NE(legs[0].to.nic, 0U);
    EXPECT_EQ(route.size(), 3U) << "to a delegate, and from one";
}

TEST(ElectricalRecoveryRouter, TriesEveryPairOfNicsOnceAndEnds)
{
    // Two hosts have no relay: 4 x 4 legs, and then nothing.
    const auto router = RouterFor(PlanIdealSwitch({2, ServersWithNics(), Picoseconds(1)}));
    FailedLegs failed;
    std::set<std::pair<uint32_t, uint32_t>> tried;
    for (auto route = router.RouteAround({0, 1}, {1, 3}, failed); !route.empty();
         route = router.RouteAround({0, 1}, {1, 3}, failed))
    {
        const auto legs = LegsBetweenHosts(route);
        ASSERT_EQ(legs.size(), 1U);
        ASSERT_TRUE(tried.insert({legs[0].from.nic, legs[0].to.nic}).second) << "once";
        failed.Add(legs[0]);
    }
    EXPECT_EQ(tried.size(), size_t{GPUS_OF_SERVER} * GPUS_OF_SERVER);
}

TEST(ElectricalRecoveryRouter, RelaysWhereNoSoundNicsReachEachOther)
{
    // On rails alone NIC 0 reaches NICs 0 only. All but NIC 0 of host 0 and all but NIC 1 of host 1
    // are suspect: bytes change rails in host 2.
    const auto router = RouterFor(PlanRailOnly({3, ServersWithNics(), 0, Picoseconds(1)}));
    FailedLegs failed;
    for (const uint32_t nic : {1, 2, 3})
    {
        failed.Add(Between({0, nic}, {0, nic}));
    }
    for (const uint32_t nic : {0, 2, 3})
    {
        failed.Add(Between({1, nic}, {1, nic}));
    }
    const auto route = router.RouteAround({0, 0}, {1, 1}, failed);
    ASSERT_FALSE(route.empty());
    const auto legs = LegsBetweenHosts(route);
    ASSERT_EQ(legs.size(), 2U);
    EXPECT_TRUE(legs[0] == Between({0, 0}, {2, 0}));
    EXPECT_TRUE(legs[1] == Between({2, 1}, {1, 1}));
    ASSERT_EQ(route.size(), 3U);
    const auto& inside = std::get<NvswitchLeg>(route[1]);
    EXPECT_EQ(inside.host, 2U);
    EXPECT_EQ(inside.fromGpu, 0U);
    EXPECT_EQ(inside.toGpu, 1U);
    EXPECT_TRUE(IsRelayed(route));
}

TEST(ElectricalRecoveryRouter, TakesPacketSwitchesInPlaceOfCircuits)
{
    MixnetSpec spec;
    spec.hosts = 2;
    spec.electrical.tiers = 1;
    const auto plan = PlanMixnet(spec);
    const auto router = RouterFor(plan);
    FailedLegs failed;
    failed.Add({{0, 1}, {1, 1}, NicRole::Optical});
    const auto route = router.RouteAround({0, 5}, {1, 7}, failed);
    ASSERT_FALSE(route.empty());
    const auto legs = LegsBetweenHosts(route);
    ASSERT_EQ(legs.size(), 1U);
    EXPECT_EQ(legs[0].side, NicRole::Electrical);
    EXPECT_EQ(plan.host.nics[legs[0].from.nic].role, NicRole::Electrical);
}

TEST(Transfer, IsCutIntoAFirstPartAndARestWithoutLosingABit)
{
    // 1000 bytes, 300 of them padding: 7 of 10 bytes are payload, rounded down in the first part.
    const Transfer whole{{0, 0}, {1, 0}, Bytes(1000), {}, Bytes(300)};
    for (const uint64_t first : {0, 1, 3, 10, 999, 1000})
    {
        const auto head = whole.First(Bytes(first));
        const auto rest = whole.Rest(Bytes(first));
        EXPECT_EQ(head.bytes.Count(), first);
        EXPECT_EQ(head.Payload().Count(), first * 7 / 10);
        EXPECT_EQ((head.bytes + rest.bytes).Count(), 1000U);
        EXPECT_EQ((head.Payload() + rest.Payload()).Count(), 700U);
        EXPECT_LE(rest.padding.Count(), rest.bytes.Count());
    }
}
