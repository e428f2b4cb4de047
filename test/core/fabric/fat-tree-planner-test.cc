/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/planned-fabric.h"
#include "../testbed/refusal.h"

#include "ns3/fat-tree-planner.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <vector>

using namespace mixnetcore;

namespace
{

/// @return the message with which a plan is refused, empty when it is not.
std::string
RefusalOf(const FatTreeSpec& spec)
{
    return tests::Refusal([&] { PlanFatTree(spec); });
}

} // namespace

TEST(FatTreePlanner, PlansHostsThenThreeTiersAndNoRegion)
{
    // 128 NICs fill radix 8: 32 leaves of four, 32 spines, 16 core switches.
    const auto plan = PlanFatTree(tests::WithHosts<FatTreeSpec>(16));

    EXPECT_EQ(plan.name, "fat-tree");
    EXPECT_EQ(plan.hosts, 16U);
    EXPECT_EQ(tests::NodesByTier(plan), (std::vector<uint32_t>{16, 32, 32, 16}));
    for (uint32_t host = 0; host < 16; ++host)
    {
        EXPECT_EQ(plan.nodes[host].role, NodeRole::Host);
    }
    EXPECT_TRUE(plan.regions.empty());
}

TEST(FatTreePlanner, AttachesNicsInTheOrderOfTheirAddresses)
{
    // NIC n of host h has address 8 h + n and is at leaf (8 h + n) / 4.
    const auto plan = PlanFatTree(tests::WithHosts<FatTreeSpec>(16));

    for (uint32_t address = 0; address < 128; ++address)
    {
        const auto& link = plan.links[address];
        EXPECT_EQ(link.a.node * 8 + link.a.port, address);
        EXPECT_EQ(plan.nodes[link.b.node].name, "leaf" + std::to_string(address / 4));
        EXPECT_EQ(link.b.port, address % 4);
    }
}

TEST(FatTreePlanner, IsCalledOtherwiseWhenOversubscribed)
{
    // At 3:1, radix 16 has leaves of twelve NICs: 128 NICs need eleven, in two pods of four spines.
    auto spec = tests::WithHosts<FatTreeSpec>(16);
    spec.clos = {3, 16, 3};
    const auto plan = PlanFatTree(spec);

    EXPECT_EQ(plan.name, "oversub-fat-tree");
    EXPECT_EQ(tests::NodesByTier(plan), (std::vector<uint32_t>{16, 11, 8, 32}));
}

TEST(FatTreePlanner, DelaysFibresByOneMicrosecondUnlessTold)
{
    auto spec = tests::WithHosts<FatTreeSpec>(1);
    EXPECT_EQ(PlanFatTree(spec).links.back().delay, std::chrono::microseconds(1));
    spec.linkDelay = Picoseconds(0);
    EXPECT_EQ(PlanFatTree(spec).links.back().delay, Picoseconds(0));
}

TEST(FatTreePlanner, RefusesNoHosts)
{
    EXPECT_EQ(RefusalOf(tests::WithHosts<FatTreeSpec>(0)), "hosts = 0: at least 1");
    EXPECT_EQ(RefusalOf(tests::WithHosts<FatTreeSpec>(1)), "");
}

TEST(FatTreePlanner, RefusesNegativeDelay)
{
    auto spec = tests::WithHosts<FatTreeSpec>(1);
    spec.linkDelay = Picoseconds(-1);
    EXPECT_EQ(RefusalOf(spec), "linkDelay = -1 ps: at least 0 ps");
}

TEST(FatTreePlanner, RefusesOpticalNics)
{
    auto spec = tests::WithHosts<FatTreeSpec>(1);
    spec.host.opticalDegree = 1;
    spec.host.electricalNics = 7;
    EXPECT_EQ(RefusalOf(spec), "opticalDegree = 1: 0 on a fat-tree");
}

TEST(FatTreePlanner, RefusesARateOfZero)
{
    auto spec = tests::WithHosts<FatTreeSpec>(1);
    spec.host.linkRate = BitsPerSecond(0);
    EXPECT_EQ(RefusalOf(spec), "linkRate = 0: at least 1 bit/s");
}

TEST(FatTreePlanner, RefusesMoreHostsThanTheRadixHasRoomFor)
{
    // Radix 8 has room for 8^3 / 4 = 128 NICs; radix 10 for 250.
    auto spec = tests::WithHosts<FatTreeSpec>(17);
    spec.clos.radix = 8;
    EXPECT_EQ(RefusalOf(spec),
              "radix = 8: at least 10 for 136 NICs in 3 tiers at oversubscription 1; it has room "
              "for 128");
    spec.hosts = 16;
    EXPECT_EQ(RefusalOf(spec), "");
}

TEST(FatTreePlanner, RefusesAnOddRadix)
{
    auto spec = tests::WithHosts<FatTreeSpec>(1);
    spec.clos.radix = 9;
    EXPECT_EQ(RefusalOf(spec), "radix = 9: an even number from 2 to 1024, or 0 to have it chosen");
}

TEST(FatTreePlanner, RefusesAnOversubscriptionThatTheRadixDoesNotAllow)
{
    auto spec = tests::WithHosts<FatTreeSpec>(1);
    spec.clos = {3, 8, 8};
    EXPECT_EQ(RefusalOf(spec),
              "oversubscription = 8: from 1 to 7 with radix 8, for a leaf to have an uplink");
    spec.clos = {3, 0, 0};
    EXPECT_EQ(RefusalOf(spec),
              "oversubscription = 0: from 1 to 1023 with radix 1024, for a leaf to have an uplink");
}
