/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/clos.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

constexpr Picoseconds DELAY{5'000};
constexpr BitsPerSecond RATE{100'000'000'000};

/// @param nics How many. @return that many hosts of one NIC.
FabricPlan
HostsOfOneNic(uint32_t nics)
{
    HostSpec host;
    host.gpus = 1;
    host.opticalDegree = 0;
    host.electricalNics = 1;
    host.linkRate = RATE;
    FabricPlan plan;
    plan.host = PlanHost(host);
    AddHosts(plan, nics);
    return plan;
}

/// @param spec A network. @param nics How many, a host each. @return the fabric.
FabricPlan
Join(const ClosSpec& spec, uint32_t nics)
{
    auto plan = HostsOfOneNic(nics);
    AddClos(plan, NicPorts(plan, NicRole::Electrical, 0, nics), spec, "", DELAY);
    return plan;
}

/// @param plan A fabric. @return its switches by tier.
std::map<uint32_t, uint32_t>
SwitchesByTier(const FabricPlan& plan)
{
    std::map<uint32_t, uint32_t> count;
    for (const auto& node : plan.nodes)
    {
        count[node.tier] += node.role == NodeRole::PacketSwitch;
    }
    count.erase(0);
    return count;
}

/// @param plan A fabric. @return ports of its switches by tier.
std::map<uint32_t, uint32_t>
PortsByTier(const FabricPlan& plan)
{
    std::map<uint32_t, uint32_t> ports;
    for (const auto& node : plan.nodes)
    {
        ports[node.tier] += node.ports;
    }
    ports.erase(0);
    return ports;
}

/// @param plan A fabric. @param name Of a node. @return names of what is above it, port by port.
std::vector<std::string>
Above(const FabricPlan& plan, const std::string& name)
{
    std::map<uint32_t, std::string> byPort;
    for (const auto& link : plan.links)
    {
        if (plan.nodes[link.a.node].name == name)
        {
            byPort[link.a.port] = plan.nodes[link.b.node].name;
        }
    }
    std::vector<std::string> names;
    for (const auto& entry : byPort)
    {
        names.push_back(entry.second);
    }
    return names;
}

/// @param plan A fabric. @param name Of a node. @return names of what is below it, port by port.
std::vector<std::string>
Below(const FabricPlan& plan, const std::string& name)
{
    std::map<uint32_t, std::string> byPort;
    for (const auto& link : plan.links)
    {
        if (plan.nodes[link.b.node].name == name)
        {
            byPort[link.b.port] = plan.nodes[link.a.node].name;
        }
    }
    std::vector<std::string> names;
    for (const auto& entry : byPort)
    {
        names.push_back(entry.second);
    }
    return names;
}

/// @return the message with which a network is refused, empty when it is not.
std::string
RefusalOf(const ClosSpec& spec, uint64_t nics)
{
    return tests::Refusal([&] { ResolveRadix(spec, nics); });
}

using Counts = std::map<uint32_t, uint32_t>;
using Names = std::vector<std::string>;

} // namespace

TEST(Clos, HasRoomForAQuarterOfTheCubeOfTheRadixInThreeTiers)
{
    for (const uint32_t radix : {2, 4, 6, 16, 64})
    {
        EXPECT_EQ(ClosCapacity({3, radix, 1}), radix * radix * radix / 4);
    }
}

TEST(Clos, HasRoomForHalfOfTheSquareOfTheRadixInTwoTiers)
{
    for (const uint32_t radix : {2, 4, 6, 16, 64})
    {
        EXPECT_EQ(ClosCapacity({2, radix, 1}), radix * radix / 2);
    }
}

TEST(Clos, HasRoomForAsManyNicsAsPortsInOneTier)
{
    EXPECT_EQ(ClosCapacity({1, 7, 1}), 7U);
}

TEST(Clos, HasTheRoomOfTheLargestSwitchesWithoutARadix)
{
    EXPECT_EQ(ClosCapacity({3, 0, 1}), 1024U * 1024 * 1024 / 4);
    EXPECT_EQ(ClosCapacity({1, 0, 1}), UINT32_MAX);
}

TEST(Clos, OversubscribesTheLeafExactly)
{
    // Of 16 ports at 3:1, four go up and twelve down; at 4:1, three up and twelve down.
    const auto three = ShapeOf({3, 16, 3});
    EXPECT_EQ(three.uplinks, 4U);
    EXPECT_EQ(three.downlinks, 12U);
    const auto four = ShapeOf({3, 16, 4});
    EXPECT_EQ(four.uplinks, 3U);
    EXPECT_EQ(four.downlinks, 12U);
    // 16 pods of 8 leaves of 12.
    EXPECT_EQ(ClosCapacity({3, 16, 3}), 16U * 8 * 12);
    // 16 leaves of 12.
    EXPECT_EQ(ClosCapacity({2, 16, 3}), 16U * 12);
}

TEST(Clos, ChoosesTheSmallestPowerOfTwoThatFits)
{
    EXPECT_EQ(ResolveRadix({3}, 1).radix, 4U);
    EXPECT_EQ(ResolveRadix({3}, 16).radix, 4U);
    EXPECT_EQ(ResolveRadix({3}, 17).radix, 8U);
    EXPECT_EQ(ResolveRadix({3}, 1024).radix, 16U);
    EXPECT_EQ(ResolveRadix({3}, 32768).radix, 64U);
    EXPECT_EQ(ResolveRadix({2}, 8).radix, 4U);
    EXPECT_EQ(ResolveRadix({2}, 9).radix, 8U);
    EXPECT_EQ(ResolveRadix({1}, 9).radix, 9U);
    // At 3:1 radix 4 has one uplink: 4 pods of 2 leaves of 3. At 4:1 it has none.
    EXPECT_EQ(ResolveRadix({3, 0, 3}, 24).radix, 4U);
    EXPECT_EQ(ResolveRadix({3, 0, 3}, 25).radix, 8U);
    EXPECT_EQ(ResolveRadix({3, 0, 4}, 1).radix, 8U);
}

TEST(Clos, KeepsARadixThatFits)
{
    EXPECT_EQ(ResolveRadix({3, 6, 1}, 54).radix, 6U);
    EXPECT_EQ(ResolveRadix({3, 64, 1}, 2).radix, 64U);
    EXPECT_EQ(ResolveRadix({1, 9, 1}, 8).radix, 9U);
}

TEST(Clos, JoinsNicsToOneSwitchInTheOrderOfTheList)
{
    auto plan = HostsOfOneNic(3);
    AddClos(plan, {{2, 0}, {0, 0}, {1, 0}}, {1}, "a-", DELAY, Bytes(77));

    ASSERT_EQ(plan.nodes.size(), 3U + 1);
    EXPECT_EQ(plan.nodes[3].role, NodeRole::PacketSwitch);
    EXPECT_EQ(plan.nodes[3].tier, 1U);
    EXPECT_EQ(plan.nodes[3].ports, 3U);
    EXPECT_EQ(plan.nodes[3].buffer, Bytes(77));
    EXPECT_EQ(Below(plan, "a-leaf0"), (Names{"host2", "host0", "host1"}));
}

TEST(Clos, JoinsEveryLeafToEverySpineInTwoTiers)
{
    // Radix 4: leaves of two NICs; five NICs need three leaves.
    const auto plan = Join({2, 4, 1}, 5);

    EXPECT_EQ(SwitchesByTier(plan), (Counts{{1, 3}, {2, 2}}));
    EXPECT_EQ(Below(plan, "leaf0"), (Names{"host0", "host1"}));
    EXPECT_EQ(Below(plan, "leaf2"), (Names{"host4"}));
    for (const auto leaf : {"leaf0", "leaf1", "leaf2"})
    {
        EXPECT_EQ(Above(plan, leaf), (Names{"spine0", "spine1"}));
    }
    for (const auto spine : {"spine0", "spine1"})
    {
        EXPECT_EQ(Below(plan, spine), (Names{"leaf0", "leaf1", "leaf2"}));
    }
}

TEST(Clos, JoinsSpinesToTheirGroupsOfCoreSwitchesInThreeTiers)
{
    // Radix 4: four pods of two leaves and two spines; two groups of two core switches.
    const auto plan = Join({3, 4, 1}, 16);

    EXPECT_EQ(SwitchesByTier(plan), (Counts{{1, 8}, {2, 8}, {3, 4}}));
    EXPECT_EQ(Above(plan, "leaf2"), (Names{"spine2", "spine3"}));
    EXPECT_EQ(Below(plan, "spine3"), (Names{"leaf2", "leaf3"}));
    EXPECT_EQ(Above(plan, "spine2"), (Names{"core0", "core1"}));
    EXPECT_EQ(Above(plan, "spine3"), (Names{"core2", "core3"}));
    EXPECT_EQ(Below(plan, "core1"), (Names{"spine0", "spine2", "spine4", "spine6"}));
    EXPECT_EQ(Below(plan, "core2"), (Names{"spine1", "spine3", "spine5", "spine7"}));
}

TEST(Clos, UsesTwoNPortsOfLeavesTwoNOfSpinesAndNOfCoresInFullPods)
{
    // Radix 8 has 8 pods of 16 NICs; radix 16 is half full with 512.
    for (const auto& [radix, nics] : {std::pair(8U, 128U), {8U, 16U}, {8U, 48U}, {16U, 512U}})
    {
        const auto plan = Join({3, radix, 1}, nics);
        EXPECT_EQ(PortsByTier(plan), (Counts{{1, 2 * nics}, {2, 2 * nics}, {3, nics}}));
        EXPECT_EQ(plan.links.size(), 3U * nics);
    }
}

TEST(Clos, KeepsAllUplinksOfALastPodWithFewerLeaves)
{
    // Radix 8: pods of four leaves of four NICs. 21 NICs are a pod, a leaf and a NIC more.
    const auto plan = Join({3, 8, 1}, 21);

    EXPECT_EQ(SwitchesByTier(plan), (Counts{{1, 6}, {2, 8}, {3, 16}}));
    EXPECT_EQ(Below(plan, "leaf5").size(), 1U);
    EXPECT_EQ(Above(plan, "leaf5").size(), 4U);
    for (uint32_t spine = 4; spine < 8; ++spine)
    {
        const auto name = "spine" + std::to_string(spine);
        EXPECT_EQ(Below(plan, name), (Names{"leaf4", "leaf5"}));
        EXPECT_EQ(Above(plan, name).size(), 4U);
    }
    EXPECT_EQ(Below(plan, "core15"), (Names{"spine3", "spine7"}));
}

TEST(Clos, HasAllTiersForASingleNic)
{
    const auto plan = Join({3}, 1);

    EXPECT_EQ(SwitchesByTier(plan), (Counts{{1, 1}, {2, 2}, {3, 4}}));
}

TEST(Clos, HasAThirdOfTheSpinesAtThreeToOne)
{
    // Radix 16 at 3:1: leaves of 12 NICs and four uplinks; a pod of eight leaves has four spines
    // of eight uplinks, and there are 4 x 8 core switches.
    const auto plan = Join({3, 16, 3}, 2 * 8 * 12);

    EXPECT_EQ(SwitchesByTier(plan), (Counts{{1, 16}, {2, 8}, {3, 32}}));
    EXPECT_EQ(PortsByTier(plan), (Counts{{1, 16 * 16}, {2, 8 * 16}, {3, 32 * 2}}));
}

TEST(Clos, GivesEveryPortOfEveryNodeExactlyOneFibre)
{
    for (const ClosSpec& spec : {ClosSpec{1}, ClosSpec{2, 12, 1}, ClosSpec{3, 6, 1}, {3, 8, 3}})
    {
        const auto plan = Join(spec, 45);
        std::set<std::pair<uint32_t, uint32_t>> ends;
        uint32_t ports = 0;
        for (const auto& link : plan.links)
        {
            for (const auto& end : {link.a, link.b})
            {
                ASSERT_LT(end.port, plan.nodes.at(end.node).ports);
                ASSERT_TRUE(ends.insert({end.node, end.port}).second);
            }
        }
        for (const auto& node : plan.nodes)
        {
            ports += node.ports;
            EXPECT_LE(node.ports, node.role == NodeRole::Host ? 1 : ResolveRadix(spec, 45).radix);
        }
        EXPECT_EQ(ends.size(), ports);
    }
}

TEST(Clos, GivesAllFibresTheRateOfTheNicsAndTheDelay)
{
    for (const auto& link : Join({3}, 20).links)
    {
        EXPECT_EQ(link.rate, RATE);
        EXPECT_EQ(link.delay, DELAY);
    }
}

TEST(Clos, TakesLeavesAsTheyAreGiven)
{
    auto plan = HostsOfOneNic(4);
    AddClosOfLeaves(plan, {{{0, 0}}, {{3, 0}, {1, 0}}, {{2, 0}}}, {2, 4, 1}, "", DELAY);

    EXPECT_EQ(Below(plan, "leaf0"), (Names{"host0"}));
    EXPECT_EQ(Below(plan, "leaf1"), (Names{"host3", "host1"}));
    EXPECT_EQ(Below(plan, "leaf2"), (Names{"host2"}));
    EXPECT_EQ(Above(plan, "leaf0"), (Names{"spine0", "spine1"}));
}

TEST(Clos, RefusesOtherTiers)
{
    EXPECT_EQ(RefusalOf({0}, 8), "tiers = 0: from 1 to 3");
    EXPECT_EQ(RefusalOf({4}, 8), "tiers = 4: from 1 to 3");
}

TEST(Clos, RefusesAnOddOrHugeRadixAboveOneTier)
{
    EXPECT_EQ(RefusalOf({3, 5, 1}, 8),
              "radix = 5: an even number from 2 to 1024, or 0 to have it chosen");
    EXPECT_EQ(RefusalOf({2, 1026, 1}, 8),
              "radix = 1026: an even number from 2 to 1024, or 0 to have it chosen");
    EXPECT_EQ(RefusalOf({1, 5, 1}, 5), "");
}

TEST(Clos, RefusesARadixWithoutRoom)
{
    // 18^3 / 4 = 1458 is the first with room for 1025.
    EXPECT_EQ(RefusalOf({3, 16, 1}, 1025),
              "radix = 16: at least 18 for 1025 NICs in 3 tiers at oversubscription 1; it has room "
              "for 1024");
    EXPECT_EQ(RefusalOf({1, 8, 1}, 9), "radix = 8: at least 9, one port per NIC");
}

TEST(Clos, RefusesNoNicsAndMoreThanAnyRadixHasRoomFor)
{
    EXPECT_EQ(RefusalOf({3}, 0), "nics = 0: at least 1");
    EXPECT_EQ(RefusalOf({2}, 524289),
              "nics = 524289: at most 524288 in 2 tiers at oversubscription 1");
    EXPECT_EQ(RefusalOf({2}, 524288), "");
}

TEST(Clos, RefusesAnOversubscriptionThatLeavesNoUplink)
{
    EXPECT_EQ(RefusalOf({3, 16, 0}, 8),
              "oversubscription = 0: from 1 to 15 with radix 16, for a leaf to have an uplink");
    EXPECT_EQ(RefusalOf({3, 16, 16}, 8),
              "oversubscription = 16: from 1 to 15 with radix 16, for a leaf to have an uplink");
    EXPECT_EQ(RefusalOf({3, 16, 15}, 8), "");
    EXPECT_EQ(
        RefusalOf({3, 0, 1024}, 8),
        "oversubscription = 1024: from 1 to 1023 with radix 1024, for a leaf to have an uplink");
    EXPECT_EQ(RefusalOf({1, 0, 2}, 8), "oversubscription = 2: 1 with 1 tier, without uplinks");
}
