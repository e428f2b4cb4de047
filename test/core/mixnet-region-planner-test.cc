/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/mixnet-region-planner.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

MixnetRegionSpec
WithHosts(uint32_t hosts, uint32_t opticalDegree, uint32_t electricalNics)
{
    MixnetRegionSpec spec;
    spec.hosts = hosts;
    spec.host.opticalDegree = opticalDegree;
    spec.host.electricalNics = electricalNics;
    return spec;
}

/// @return the message with which a region is refused, empty when it is not.
std::string
RefusalOf(const MixnetRegionSpec& spec)
{
    try
    {
        PlanMixnetRegion(spec);
    }
    catch (const std::invalid_argument& error)
    {
        return error.what();
    }
    return "";
}

size_t
CountLinksTo(const FabricPlan& plan, uint32_t node)
{
    return std::count_if(plan.links.begin(), plan.links.end(), [&](const auto& link) {
        return link.b.node == node;
    });
}

} // namespace

TEST(MixnetRegionPlanner, PlansHostsThenOneOpticalAndOnePacketSwitch)
{
    const auto plan = PlanMixnetRegion(WithHosts(8, 6, 2));

    EXPECT_EQ(plan.name, "mixnet");
    EXPECT_EQ(plan.hosts, 8U);
    ASSERT_EQ(plan.nodes.size(), 8U + 2);
    for (uint32_t host = 0; host < 8; ++host)
    {
        EXPECT_EQ(plan.nodes[host].role, NodeRole::Host);
        EXPECT_EQ(plan.nodes[host].ports, 8U);
        EXPECT_EQ(plan.nodes[host].name, "host" + std::to_string(host));
    }
    EXPECT_EQ(plan.nodes[8].role, NodeRole::OpticalCircuitSwitch);
    EXPECT_EQ(plan.nodes[8].ports, 8U * 6);
    EXPECT_EQ(plan.nodes[9].role, NodeRole::PacketSwitch);
    EXPECT_EQ(plan.nodes[9].ports, 8U * 2);
}

TEST(MixnetRegionPlanner, DescribesTheHostThatItPlans)
{
    const auto plan = PlanMixnetRegion(WithHosts(2, 6, 2));

    EXPECT_EQ(plan.host.gpus, 8U);
    EXPECT_EQ(plan.host.NicsOn(NicRole::Electrical), (std::vector<uint32_t>{0, 4}));
}

TEST(MixnetRegionPlanner, GivesEveryPortOfEveryNodeExactlyOneFibre)
{
    const auto plan = PlanMixnetRegion(WithHosts(5, 6, 2));

    std::set<std::pair<uint32_t, uint32_t>> ends;
    for (const auto& link : plan.links)
    {
        for (const auto& end : {link.a, link.b})
        {
            ASSERT_LT(end.node, plan.nodes.size());
            ASSERT_LT(end.port, plan.nodes[end.node].ports);
            ASSERT_TRUE(ends.insert({end.node, end.port}).second);
        }
    }
    // 5 x 8 NICs, each with a fibre of two ends.
    EXPECT_EQ(ends.size(), 5U * 8 * 2);
}

TEST(MixnetRegionPlanner, GivesFibresTheRateOfTheNicAndTheDelayOfTheRegion)
{
    auto spec = WithHosts(2, 6, 2);
    spec.host.linkRate = BitsPerSecond(100'000'000'000);
    spec.linkDelay = Picoseconds(5'000);

    for (const auto& link : PlanMixnetRegion(spec).links)
    {
        EXPECT_EQ(link.rate, spec.host.linkRate);
        EXPECT_EQ(link.delay, spec.linkDelay);
    }
}

TEST(MixnetRegionPlanner, DelaysFibresByOneMicrosecondUnlessTold)
{
    EXPECT_EQ(PlanMixnetRegion({}).links.front().delay, std::chrono::microseconds(1));
}

TEST(MixnetRegionPlanner, AttachesOpticalPortsHostByHost)
{
    // Optical NICs are 1, 2, 3 in half 0 and 5, 6, 7 in half 1; switch port h x 6 + p.
    const auto plan = PlanMixnetRegion(WithHosts(3, 6, 2));
    const std::vector<uint32_t> nics{1, 2, 3, 5, 6, 7};

    ASSERT_EQ(plan.regions.size(), 1U);
    const auto& region = plan.regions.front();
    EXPECT_EQ(region.hosts, (std::vector<uint32_t>{0, 1, 2}));
    EXPECT_EQ(region.opticalSwitch, 3U);
    ASSERT_EQ(region.attachments.size(), 3U * 6);
    for (uint32_t port = 0; port < 18; ++port)
    {
        const auto& attachment = region.attachments[port];
        EXPECT_EQ(attachment.ocsPort, port);
        EXPECT_EQ(attachment.endpoint, port / 6);
        EXPECT_EQ(attachment.nic, nics[port % 6]);
        EXPECT_EQ(attachment.numaHalf, port % 6 < 3 ? 0U : 1U);
    }
}

TEST(MixnetRegionPlanner, EndsFibresWhereTheAttachmentsSay)
{
    const auto plan = PlanMixnetRegion(WithHosts(3, 6, 2));
    const auto& region = plan.regions.front();

    EXPECT_EQ(CountLinksTo(plan, region.opticalSwitch), region.attachments.size());
    for (const auto& attachment : region.attachments)
    {
        const auto isItsFibre = [&](const LinkPlan& link) {
            return link.a.node == attachment.endpoint && link.a.port == attachment.nic &&
                   link.b.node == region.opticalSwitch && link.b.port == attachment.ocsPort;
        };
        EXPECT_EQ(std::count_if(plan.links.begin(), plan.links.end(), isItsFibre), 1);
    }
}

TEST(MixnetRegionPlanner, AttachesElectricalNicsHostByHost)
{
    const auto plan = PlanMixnetRegion(WithHosts(3, 6, 2));
    const uint32_t packetSwitch = 4;

    for (const auto& link : plan.links)
    {
        if (link.b.node == packetSwitch)
        {
            // NICs 0 and 4 of host h at ports 2h and 2h + 1.
            EXPECT_EQ(link.b.port, link.a.node * 2 + link.a.port / 4);
        }
    }
    EXPECT_EQ(CountLinksTo(plan, packetSwitch), 3U * 2);
}

TEST(MixnetRegionPlanner, PlansNoOpticalSwitchAndNoRegionWithoutOpticalNics)
{
    const auto plan = PlanMixnetRegion(WithHosts(2, 0, 8));

    ASSERT_EQ(plan.nodes.size(), 3U);
    EXPECT_EQ(plan.nodes[2].role, NodeRole::PacketSwitch);
    EXPECT_TRUE(plan.regions.empty());
}

TEST(MixnetRegionPlanner, PlansASingleHostWithoutElectricalSide)
{
    const auto plan = PlanMixnetRegion(WithHosts(1, 8, 0));

    ASSERT_EQ(plan.nodes.size(), 2U);
    EXPECT_EQ(plan.nodes[1].role, NodeRole::OpticalCircuitSwitch);
    EXPECT_EQ(plan.links.size(), 8U);
}

TEST(MixnetRegionPlanner, RefusesARegionWithoutHosts)
{
    EXPECT_EQ(RefusalOf(WithHosts(0, 6, 2)), "hosts = 0: at least 1");
}

TEST(MixnetRegionPlanner, RefusesSeveralHostsWithoutElectricalNics)
{
    EXPECT_EQ(RefusalOf(WithHosts(2, 8, 0)),
              "electricalNics = 0: at least 1, hosts without a common circuit meet there");
}

TEST(MixnetRegionPlanner, RefusesNegativeDelay)
{
    auto spec = WithHosts(2, 6, 2);
    spec.linkDelay = Picoseconds(-1);

    EXPECT_EQ(RefusalOf(spec), "linkDelay = -1 ps: at least 0 ps");
}

TEST(MixnetRegionPlanner, RefusesWhatTheHostRefuses)
{
    EXPECT_EQ(RefusalOf(WithHosts(2, 9, 2)), "opticalDegree = 9: at most 8 NICs, one per GPU");
}
