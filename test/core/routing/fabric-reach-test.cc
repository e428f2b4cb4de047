/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/forwarding-fabrics.h"
#include "../testbed/refusal.h"

#include "ns3/fabric-reach.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

/// @param fibres Pairs of hosts that fibres join, NIC to NIC. @param hosts How many there are.
/// @return a fabric with as many optical NICs as that takes.
FabricPlan
Joined(uint32_t hosts, const std::vector<std::pair<uint32_t, uint32_t>>& fibres)
{
    FabricPlan plan;
    plan.host.gpus = 1;
    plan.host.nics.assign(hosts, {NicRole::Optical, 0, 0, BitsPerSecond(1)});
    AddHosts(plan, hosts);
    for (const auto& [a, b] : fibres)
    {
        plan.links.push_back({{a, b}, {b, a}, BitsPerSecond(1), {}}); // NIC n for host n
    }
    plan.router = UsualRouter(plan);
    plan.relays.resize(hosts);
    for (uint32_t host = 0; host < hosts; ++host)
    {
        plan.relays[host] = host;
    }
    return plan;
}

} // namespace

TEST(FabricReach, EveryPlannerHasTheUsualRouterAndReachesAllHosts)
{
    for (const auto& plan : tests::SmallFabrics())
    {
        if (plan.hosts > 1 && plan.name != "rail-optimized")
        {
            EXPECT_EQ(UsualRouter(plan), plan.router) << plan.name;
        }
        EXPECT_NO_THROW(CheckReach(plan)) << plan.name;
    }
    // Rails that meet above the leaves may be left.
    EXPECT_EQ(UsualRouter(PlanRailOptimized({6, tests::EightNics(), 6})), "own-nic");
}

TEST(FabricReach, GpusWithoutNicsSpread)
{
    auto host = tests::EightNics();
    host.electricalNics = 4;
    EXPECT_EQ(UsualRouter(PlanIdealSwitch({2, host})), "spread");
}

TEST(FabricReach, RelaysReachWhatCircuitsLeadTo)
{
    EXPECT_EQ(Joined(4, {{0, 1}, {1, 2}, {2, 3}}).router, "relay");
    EXPECT_NO_THROW(CheckReach(Joined(4, {{0, 1}, {1, 2}, {2, 3}})));
    EXPECT_EQ(tests::Refusal([] {
                  CheckReach(Joined(4, {{0, 1}, {2, 3}}));
              }),
              "host0 cannot reach host2: no path over circuits, and no electrical NICs");
}

TEST(FabricReach, OnlyRelaysPassOnBytes)
{
    auto plan = Joined(4, {{0, 1}, {1, 2}, {2, 3}});
    plan.relays = {1, 2}; // the ends relay nothing
    EXPECT_NO_THROW(CheckReach(plan));
    plan.relays = {1};
    EXPECT_EQ(tests::Refusal([&] { CheckReach(plan); }),
              "host 2 is no relay, but bytes from host 0 to host 3 go over it");
}

TEST(FabricReach, ValiantTakesTwoCircuitsAtMost)
{
    auto plan = Joined(4, {{0, 1}, {1, 2}, {2, 3}, {3, 0}});
    plan.router = "valiant";
    EXPECT_NO_THROW(CheckReach(plan));
    plan = Joined(4, {{0, 1}, {1, 2}, {2, 3}});
    plan.router = "valiant";
    EXPECT_EQ(tests::Refusal([&] { CheckReach(plan); }),
              "host0 cannot reach host3: no path over two circuits, and no electrical NICs");
}

TEST(FabricReach, RailsDoNotReachEachOther)
{
    auto plan = PlanRailOnly({6, tests::EightNics(), 4});
    plan.router = "own-nic";
    EXPECT_EQ(tests::Refusal([&] { CheckReach(plan); }),
              "host0/0 cannot reach host1/1: no path over packet switches that goes first up and "
              "then down by their tiers");
}

TEST(FabricReach, AHostAloneReachesEverything)
{
    EXPECT_NO_THROW(CheckReach(PlanRailOnly({1, tests::EightNics(), 4})));
}
