/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/planned-fabric.h"
#include "../testbed/refusal.h"

#include "ns3/rail-planner.h"

#include <gtest/gtest.h>
#include <map>
#include <set>
#include <stdexcept>
#include <vector>

using namespace mixnetcore;

namespace
{

/// @param hosts Servers. @param radix Ports of a switch. @return rails for eight NICs per server.
RailSpec
WithHosts(uint32_t hosts, uint32_t radix = 0)
{
    auto spec = tests::WithHosts<RailSpec>(hosts);
    spec.radix = radix;
    return spec;
}

/// @param plan A fabric. @return name of the switch of every NIC, by host and NIC.
std::map<std::pair<uint32_t, uint32_t>, std::string>
LeafOfNic(const FabricPlan& plan)
{
    std::map<std::pair<uint32_t, uint32_t>, std::string> leaves;
    for (const auto& link : plan.links)
    {
        if (link.a.node < plan.hosts)
        {
            leaves[{link.a.node, link.a.port}] = plan.nodes[link.b.node].name;
        }
    }
    return leaves;
}

/// @return the message with which rails are refused, empty when they are not.
template <class Planner>
std::string
RefusalOf(Planner planner, const RailSpec& spec)
{
    return tests::Refusal([&] { planner(spec); });
}

} // namespace

TEST(RailPlanner, JoinsOneRailOfAGroupOfHostsAtALeaf)
{
    // Radix 8: groups of four hosts, eight leaves per group.
    const auto plan = PlanRailOptimized(WithHosts(16));

    EXPECT_EQ(plan.name, "rail-optimized");
    EXPECT_TRUE(plan.regions.empty());
    EXPECT_EQ(tests::NodesByTier(plan), (std::vector<uint32_t>{16, 32, 32, 16}));
    for (const auto& [nic, leaf] : LeafOfNic(plan))
    {
        EXPECT_EQ(leaf, "leaf" + std::to_string(nic.first / 4 * 8 + nic.second));
    }
}

TEST(RailPlanner, KeepsRailsApartInALastGroupWithFewerHosts)
{
    // 5 hosts at radix 8: a group of four and a group of one.
    const auto leaves = LeafOfNic(PlanRailOptimized(WithHosts(5)));

    for (uint32_t rail = 0; rail < 8; ++rail)
    {
        EXPECT_EQ(leaves.at({3, rail}), "leaf" + std::to_string(rail));
        EXPECT_EQ(leaves.at({4, rail}), "leaf" + std::to_string(8 + rail));
    }
}

TEST(RailPlanner, TakesTheNextPowerOfTwoWhenTheLastGroupDoesNotFit)
{
    // 15 NICs fit radix 4 with its eight leaves of two; but five hosts in groups of two are three
    // groups of three leaves.
    auto spec = WithHosts(5);
    spec.host.gpus = 3;
    spec.host.electricalNics = 3;
    const auto leaves = LeafOfNic(PlanRailOptimized(spec));

    EXPECT_EQ(leaves.at({3, 2}), "leaf2");
    EXPECT_EQ(leaves.at({4, 0}), "leaf3");
    spec.radix = 4;
    EXPECT_EQ(RefusalOf(PlanRailOptimized, spec),
              "radix = 4: at least 6 for 5 hosts in groups of 2");
}

TEST(RailPlanner, GivesEveryRailOfRailOnlyANetworkOfItsOwn)
{
    // 128 hosts have 1024 NICs: radix 16. A rail of 128 fits two tiers, 16 x 8.
    const auto plan = PlanRailOnly(WithHosts(128));

    EXPECT_EQ(plan.name, "rail-only");
    EXPECT_TRUE(plan.regions.empty());
    EXPECT_EQ(tests::NodesByTier(plan), (std::vector<uint32_t>{128, 8 * 16, 8 * 8, 0}));
    for (const auto& [nic, leaf] : LeafOfNic(plan))
    {
        EXPECT_EQ(leaf,
                  "rail" + std::to_string(nic.second) + "-leaf" + std::to_string(nic.first / 8));
    }
    for (const auto& link : plan.links)
    {
        const auto& lower = plan.nodes[link.a.node];
        const auto& upper = plan.nodes[link.b.node];
        if (lower.tier > 0)
        {
            EXPECT_EQ(lower.name.substr(0, 6), upper.name.substr(0, 6));
        }
    }
}

TEST(RailPlanner, GivesRailOnlyTheFewestTiersThatTheRadixAllows)
{
    // Radix 4: up to 4 NICs in one tier, 8 in two, 16 in three.
    EXPECT_EQ(tests::NodesByTier(PlanRailOnly(WithHosts(4, 4))),
              (std::vector<uint32_t>{4, 8, 0, 0}));
    EXPECT_EQ(tests::NodesByTier(PlanRailOnly(WithHosts(8, 4))),
              (std::vector<uint32_t>{8, 8 * 4, 8 * 2, 0}));
    EXPECT_EQ(tests::NodesByTier(PlanRailOnly(WithHosts(16, 4))),
              (std::vector<uint32_t>{16, 8 * 8, 8 * 8, 8 * 4}));
    // Without a radix: that of a fat-tree for 128 NICs is 8.
    EXPECT_EQ(tests::NodesByTier(PlanRailOnly(WithHosts(16))),
              (std::vector<uint32_t>{16, 8 * 4, 8 * 4, 0}));
}

TEST(RailPlanner, GivesEveryPortOfEveryNodeExactlyOneFibre)
{
    for (const auto& plan : {PlanRailOptimized(WithHosts(13)), PlanRailOnly(WithHosts(13))})
    {
        std::set<std::pair<uint32_t, uint32_t>> ends;
        uint32_t ports = 0;
        for (const auto& node : plan.nodes)
        {
            ports += node.ports;
        }
        for (const auto& link : plan.links)
        {
            for (const auto& end : {link.a, link.b})
            {
                ASSERT_LT(end.port, plan.nodes.at(end.node).ports);
                ASSERT_TRUE(ends.insert({end.node, end.port}).second);
            }
        }
        EXPECT_EQ(ends.size(), ports);
    }
}

TEST(RailPlanner, RefusesWhatEveryPlannerRefuses)
{
    for (const auto planner : {PlanRailOptimized, PlanRailOnly})
    {
        auto spec = WithHosts(2);
        spec.linkDelay = Picoseconds(-1);
        EXPECT_EQ(RefusalOf(planner, WithHosts(0)), "hosts = 0: at least 1");
        EXPECT_EQ(RefusalOf(planner, spec), "linkDelay = -1 ps: at least 0 ps");
        EXPECT_EQ(RefusalOf(planner, WithHosts(2, 7)),
                  "radix = 7: an even number from 2 to 1024, or 0 to have it chosen");
        spec = WithHosts(2);
        spec.host.linkRate = BitsPerSecond(0);
        EXPECT_EQ(RefusalOf(planner, spec), "linkRate = 0: at least 1 bit/s");
        EXPECT_EQ(RefusalOf(planner, WithHosts(2)), "");
    }
}

TEST(RailPlanner, HasARailForEveryNic)
{
    // Four NICs of 8 GPUs: 4 rails of 2 hosts, and on rail-only networks as many switches.
    auto spec = WithHosts(2);
    spec.host.electricalNics = 4;
    const auto plan = PlanRailOnly(spec);
    EXPECT_EQ(plan.nodes.size(), 2U + 4);
    for (const auto& link : plan.links)
    {
        EXPECT_EQ(link.b.node, 2 + link.a.port) << "NIC n is on rail n";
    }
    EXPECT_EQ(PlanRailOptimized(spec).host.nics.size(), 4U);
}

TEST(RailPlanner, TakesARateOfUplinks)
{
    auto spec = WithHosts(4, 8);
    spec.uplinkRate = BitsPerSecond(800'000'000'000);
    const auto plan = PlanRailOptimized(spec);
    for (const auto& link : plan.links)
    {
        EXPECT_EQ(link.rate, link.a.node < 4 ? spec.host.linkRate : *spec.uplinkRate);
    }
}

TEST(RailPlanner, RefusesOpticalNics)
{
    for (const auto planner : {PlanRailOptimized, PlanRailOnly})
    {
        auto spec = WithHosts(2);
        spec.host.opticalDegree = 6;
        spec.host.electricalNics = 2;
        EXPECT_EQ(RefusalOf(planner, spec), "opticalDegree = 6: 0 on rails");
    }
}

TEST(RailPlanner, RefusesMoreHostsThanTheRadixHasRoomFor)
{
    // Radix 4 has room for 16 NICs: two hosts of rail-optimized, sixteen of rail-only.
    EXPECT_EQ(RefusalOf(PlanRailOptimized, WithHosts(3, 4)),
              "radix = 4: at least 6 for 24 NICs in 3 tiers at oversubscription 1; it has room for "
              "16");
    EXPECT_EQ(RefusalOf(PlanRailOnly, WithHosts(16, 4)), "");
    EXPECT_EQ(RefusalOf(PlanRailOnly, WithHosts(17, 4)),
              "radix = 4: at least 6 for 17 NICs in 3 tiers at oversubscription 1; it has room for "
              "16");
}
