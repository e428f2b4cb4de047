/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/planned-fabric.h"
#include "../testbed/refusal.h"

#include "ns3/ideal-switch-planner.h"

#include <gtest/gtest.h>
#include <set>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/// @return the message with which a plan is refused, empty when it is not.
std::string
RefusalOf(const IdealSwitchSpec& spec)
{
    return tests::Refusal([&] { PlanIdealSwitch(spec); });
}

} // namespace

TEST(IdealSwitchPlanner, PlansHostsThenOnePacketSwitchAndNoRegion)
{
    const auto plan = PlanIdealSwitch(tests::WithHosts<IdealSwitchSpec>(3));

    EXPECT_EQ(plan.name, "ideal-switch");
    EXPECT_EQ(plan.hosts, 3U);
    ASSERT_EQ(plan.nodes.size(), 3U + 1);
    for (uint32_t host = 0; host < 3; ++host)
    {
        EXPECT_EQ(plan.nodes[host].role, NodeRole::Host);
        EXPECT_EQ(plan.nodes[host].ports, 8U);
        EXPECT_EQ(plan.nodes[host].name, "host" + std::to_string(host));
    }
    EXPECT_EQ(plan.nodes[3].role, NodeRole::PacketSwitch);
    EXPECT_EQ(plan.nodes[3].ports, 3U * 8);
    EXPECT_TRUE(plan.regions.empty());
}

TEST(IdealSwitchPlanner, GivesTheSwitchABufferThatNeverFills)
{
    // 800 Gb/s into each of 10^5 ports for 0.1 s are 10^15 bytes.
    const auto plan = PlanIdealSwitch(tests::WithHosts<IdealSwitchSpec>(3));

    ASSERT_TRUE(plan.nodes[3].buffer.has_value());
    EXPECT_GE(*plan.nodes[3].buffer, Bytes(1'000'000'000'000'000));
    EXPECT_FALSE(plan.nodes[0].buffer.has_value());
}

TEST(IdealSwitchPlanner, EndsNicsHostByHostAtTheSwitch)
{
    const auto plan = PlanIdealSwitch(tests::WithHosts<IdealSwitchSpec>(3));

    ASSERT_EQ(plan.links.size(), 3U * 8);
    std::set<std::pair<uint32_t, uint32_t>> nics;
    for (const auto& link : plan.links)
    {
        EXPECT_LT(link.a.node, 3U);
        EXPECT_EQ(link.b.node, 3U);
        EXPECT_EQ(link.b.port, link.a.node * 8 + link.a.port);
        nics.insert({link.a.node, link.a.port});
    }
    EXPECT_EQ(nics.size(), 3U * 8);
}

TEST(IdealSwitchPlanner, GivesFibresTheRateOfTheNicAndTheDelayOfTheSpec)
{
    auto spec = tests::WithHosts<IdealSwitchSpec>(2);
    spec.host.linkRate = BitsPerSecond(100'000'000'000);
    spec.linkDelay = Picoseconds(5'000);

    for (const auto& link : PlanIdealSwitch(spec).links)
    {
        EXPECT_EQ(link.rate, spec.host.linkRate);
        EXPECT_EQ(link.delay, spec.linkDelay);
    }
    EXPECT_EQ(PlanIdealSwitch(tests::WithHosts<IdealSwitchSpec>(1)).links.front().delay,
              std::chrono::microseconds(1));
}

TEST(IdealSwitchPlanner, RefusesNoHosts)
{
    EXPECT_EQ(RefusalOf(tests::WithHosts<IdealSwitchSpec>(0)), "hosts = 0: at least 1");
    EXPECT_EQ(RefusalOf(tests::WithHosts<IdealSwitchSpec>(1)), "");
}

TEST(IdealSwitchPlanner, RefusesOpticalNics)
{
    auto spec = tests::WithHosts<IdealSwitchSpec>(2);
    spec.host.opticalDegree = 1;
    spec.host.electricalNics = 7;
    EXPECT_EQ(RefusalOf(spec), "opticalDegree = 1: 0 on an ideal switch");
}

TEST(IdealSwitchPlanner, RefusesNegativeDelay)
{
    auto spec = tests::WithHosts<IdealSwitchSpec>(2);
    spec.linkDelay = Picoseconds(-1);
    EXPECT_EQ(RefusalOf(spec), "linkDelay = -1 ps: at least 0 ps");
}

TEST(IdealSwitchPlanner, RefusesWhatTheHostRefuses)
{
    auto spec = tests::WithHosts<IdealSwitchSpec>(2);
    spec.host.electricalNics = 1025;
    EXPECT_EQ(
        RefusalOf(spec),
        "electricalNics = 1025: at most 1024 NICs of a server, of which opticalDegree takes 0");
}
