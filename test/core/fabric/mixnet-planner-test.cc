/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/mixnet-planner.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

MixnetSpec
WithHosts(uint32_t hosts, uint32_t opticalDegree, uint32_t electricalNics)
{
    MixnetSpec spec;
    spec.hosts = hosts;
    spec.electrical.tiers = 1;
    spec.host.opticalDegree = opticalDegree;
    spec.host.electricalNics = electricalNics;
    spec.electrical.tiers = 1;
    return spec;
}

/// @return the message with which a fabric is refused, empty when it is not.
std::string
RefusalOf(const MixnetSpec& spec)
{
    return tests::Refusal([&] { PlanMixnet(spec); });
}

size_t
CountLinksTo(const FabricPlan& plan, uint32_t node)
{
    return std::count_if(plan.links.begin(), plan.links.end(), [&](const auto& link) {
        return link.b.node == node;
    });
}

} // namespace

TEST(MixnetPlanner, PlansHostsThenOneOpticalAndOnePacketSwitch)
{
    const auto plan = PlanMixnet(WithHosts(8, 6, 2));

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

TEST(MixnetPlanner, DescribesTheHostThatItPlans)
{
    const auto plan = PlanMixnet(WithHosts(2, 6, 2));

    EXPECT_EQ(plan.host.gpus, 8U);
    EXPECT_EQ(plan.host.NicsOn(NicRole::Electrical), (std::vector<uint32_t>{0, 4}));
}

TEST(MixnetPlanner, GivesEveryPortOfEveryNodeExactlyOneFibre)
{
    const auto plan = PlanMixnet(WithHosts(5, 6, 2));

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

TEST(MixnetPlanner, GivesFibresTheRateOfTheNicAndTheDelayOfTheRegion)
{
    auto spec = WithHosts(2, 6, 2);
    spec.host.linkRate = BitsPerSecond(100'000'000'000);
    spec.linkDelay = Picoseconds(5'000);

    for (const auto& link : PlanMixnet(spec).links)
    {
        EXPECT_EQ(link.rate, spec.host.linkRate);
        EXPECT_EQ(link.delay, spec.linkDelay);
    }
}

TEST(MixnetPlanner, DelaysFibresByOneMicrosecondUnlessTold)
{
    EXPECT_EQ(PlanMixnet(WithHosts(8, 6, 2)).links.front().delay, std::chrono::microseconds(1));
}

TEST(MixnetPlanner, AttachesOpticalPortsHostByHost)
{
    // Optical NICs are 1, 2, 3 in half 0 and 5, 6, 7 in half 1; switch port h x 6 + p.
    const auto plan = PlanMixnet(WithHosts(3, 6, 2));
    const std::vector<uint32_t> nics{1, 2, 3, 5, 6, 7};

    ASSERT_EQ(plan.regions.size(), 1U);
    const auto& region = plan.regions.front();
    EXPECT_EQ(region.Hosts(), (std::vector<uint32_t>{0, 1, 2}));
    EXPECT_EQ(region.planes.front().opticalSwitch, 3U);
    ASSERT_EQ(region.planes.front().attachments.size(), 3U * 6);
    for (uint32_t port = 0; port < 18; ++port)
    {
        const auto& attachment = region.planes.front().attachments[port];
        EXPECT_EQ(attachment.ocsPort, port);
        EXPECT_EQ(attachment.endpoint, port / 6);
        EXPECT_EQ(attachment.nic, nics[port % 6]);
        EXPECT_EQ(attachment.numaHalf, port % 6 < 3 ? 0U : 1U);
    }
}

TEST(MixnetPlanner, EndsFibresWhereTheAttachmentsSay)
{
    const auto plan = PlanMixnet(WithHosts(3, 6, 2));
    const auto& region = plan.regions.front();

    EXPECT_EQ(CountLinksTo(plan, region.planes.front().opticalSwitch),
              region.planes.front().attachments.size());
    for (const auto& attachment : region.planes.front().attachments)
    {
        const auto isItsFibre = [&](const LinkPlan& link) {
            return link.a.node == attachment.endpoint && link.a.port == attachment.nic &&
                   link.b.node == region.planes.front().opticalSwitch &&
                   link.b.port == attachment.ocsPort;
        };
        EXPECT_EQ(std::count_if(plan.links.begin(), plan.links.end(), isItsFibre), 1);
    }
}

TEST(MixnetPlanner, AttachesElectricalNicsHostByHost)
{
    const auto plan = PlanMixnet(WithHosts(3, 6, 2));
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

TEST(MixnetPlanner, PlansNoOpticalSwitchAndNoRegionWithoutOpticalNics)
{
    const auto plan = PlanMixnet(WithHosts(2, 0, 8));

    ASSERT_EQ(plan.nodes.size(), 3U);
    EXPECT_EQ(plan.nodes[2].role, NodeRole::PacketSwitch);
    EXPECT_TRUE(plan.regions.empty());
}

TEST(MixnetPlanner, PlansASingleHostWithoutElectricalSide)
{
    const auto plan = PlanMixnet(WithHosts(1, 8, 0));

    ASSERT_EQ(plan.nodes.size(), 2U);
    EXPECT_EQ(plan.nodes[1].role, NodeRole::OpticalCircuitSwitch);
    EXPECT_EQ(plan.links.size(), 8U);
}

TEST(MixnetPlanner, GivesEveryRegionItsOwnOpticalSwitch)
{
    // Six hosts in regions of two: OCSs are nodes 6 to 8, the packet switch is node 9.
    auto spec = WithHosts(6, 6, 2);
    spec.hostsPerRegion = 2;
    const auto plan = PlanMixnet(spec);

    ASSERT_EQ(plan.nodes.size(), 6U + 3 + 1);
    ASSERT_EQ(plan.regions.size(), 3U);
    for (uint32_t number = 0; number < 3; ++number)
    {
        const auto& region = plan.regions[number];
        EXPECT_EQ(region.Hosts(), (std::vector<uint32_t>{2 * number, 2 * number + 1}));
        EXPECT_EQ(region.planes.front().opticalSwitch, 6 + number);
        const auto& ocs = plan.nodes[region.planes.front().opticalSwitch];
        EXPECT_EQ(ocs.role, NodeRole::OpticalCircuitSwitch);
        EXPECT_EQ(ocs.name, "ocs" + std::to_string(number));
        EXPECT_EQ(ocs.ports, 2U * 6);
        EXPECT_EQ(CountLinksTo(plan, region.planes.front().opticalSwitch), 2U * 6);
    }
    EXPECT_EQ(plan.nodes[9].role, NodeRole::PacketSwitch);
    EXPECT_EQ(CountLinksTo(plan, 9), 6U * 2);
}

TEST(MixnetPlanner, CountsEndpointsFromTheFirstHostOfARegion)
{
    auto spec = WithHosts(6, 6, 2);
    spec.hostsPerRegion = 3;
    const auto plan = PlanMixnet(spec);

    ASSERT_EQ(plan.regions.size(), 2U);
    const auto& region = plan.regions[1];
    ASSERT_EQ(region.planes.front().attachments.size(), 3U * 6);
    for (const auto& attachment : region.planes.front().attachments)
    {
        EXPECT_EQ(attachment.endpoint, attachment.ocsPort / 6);
        const auto isItsFibre = [&](const LinkPlan& link) {
            return link.a.node == region.Hosts()[attachment.endpoint] &&
                   link.a.port == attachment.nic &&
                   link.b.node == region.planes.front().opticalSwitch &&
                   link.b.port == attachment.ocsPort;
        };
        EXPECT_EQ(std::count_if(plan.links.begin(), plan.links.end(), isItsFibre), 1);
    }
}

TEST(MixnetPlanner, JoinsTheElectricalNicsOfAllRegionsByOneFatTreeUnlessTold)
{
    // 16 electrical NICs fill radix 4: eight leaves, eight spines, four core switches.
    MixnetSpec spec;
    spec.hostsPerRegion = 4;
    const auto plan = PlanMixnet(spec);

    std::vector<uint32_t> byTier(4);
    for (const auto& node : plan.nodes)
    {
        ++byTier[node.tier];
    }
    EXPECT_EQ(byTier, (std::vector<uint32_t>{8 + 2, 8, 8, 4}));
    // A leaf has two downlinks: host h fills leaf h.
    for (const auto& link : plan.links)
    {
        if (link.a.node < plan.hosts && plan.nodes[link.b.node].tier == 1)
        {
            EXPECT_EQ(plan.nodes[link.b.node].name, "leaf" + std::to_string(link.a.node));
        }
    }
}

TEST(MixnetPlanner, RefusesRegionsThatAreNotEqual)
{
    auto spec = WithHosts(8, 6, 2);
    spec.hostsPerRegion = 3;
    EXPECT_EQ(RefusalOf(spec),
              "hostsPerRegion = 3: a divisor of 8, the number of hosts, or 0 for one region");
    spec.hostsPerRegion = 9;
    EXPECT_EQ(RefusalOf(spec),
              "hostsPerRegion = 9: a divisor of 8, the number of hosts, or 0 for one region");
    spec.hostsPerRegion = 8;
    EXPECT_EQ(RefusalOf(spec), "");
}

TEST(MixnetPlanner, RefusesWhatTheClosNetworkRefuses)
{
    auto spec = WithHosts(8, 6, 2);
    spec.electrical = {3, 2, 1};
    EXPECT_EQ(RefusalOf(spec),
              "radix = 2: at least 4 for 16 NICs in 3 tiers at oversubscription 1; it has room for "
              "2");
}

TEST(MixnetPlanner, RefusesNoHosts)
{
    EXPECT_EQ(RefusalOf(WithHosts(0, 6, 2)), "hosts = 0: at least 1");
}

TEST(MixnetPlanner, RefusesSeveralHostsWithoutElectricalNics)
{
    EXPECT_EQ(RefusalOf(WithHosts(2, 8, 0)),
              "electricalNics = 0: at least 1, hosts without a common circuit meet there");
}

TEST(MixnetPlanner, RefusesNegativeDelay)
{
    auto spec = WithHosts(2, 6, 2);
    spec.linkDelay = Picoseconds(-1);

    EXPECT_EQ(RefusalOf(spec), "linkDelay = -1 ps: at least 0 ps");
}

TEST(MixnetPlanner, RefusesWhatTheHostRefuses)
{
    EXPECT_EQ(RefusalOf(WithHosts(2, 1025, 2)),
              "opticalDegree = 1025: at most 1024 NICs of a server");
}
