/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fabric-count.h"
#include "ns3/fat-tree-planner.h"
#include "ns3/ideal-switch-planner.h"
#include "ns3/mixnet-planner.h"
#include "ns3/rail-planner.h"

#include <array>
#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

constexpr std::array<uint32_t, 4> SERVERS{128, 512, 1024, 4096};

/// @return a server of eight GPUs, each with an electrical NIC.
HostSpec
EightNics()
{
    HostSpec host;
    host.opticalDegree = 0;
    host.electricalNics = 8;
    return host;
}

/// @param servers How many. @return MixNet with six optical and two electrical NICs per server.
FabricCount
CountMixnet(uint32_t servers)
{
    MixnetSpec spec;
    spec.hosts = servers;
    spec.hostsPerRegion = 8;
    return CountFabric(PlanMixnet(spec));
}

using Ports = std::array<uint64_t, FabricCount::TIERS>;

} // namespace

TEST(FabricCount, CountsFatTreesAndRailOptimizedAsTheAuthorsDo)
{
    for (const uint64_t servers : SERVERS)
    {
        const auto hosts = static_cast<uint32_t>(servers);
        const uint64_t n = 8 * servers;
        for (const auto& count : {CountFabric(PlanFatTree({hosts, EightNics()})),
                                  CountFabric(PlanRailOptimized({hosts, EightNics()}))})
        {
            EXPECT_EQ(count.switchPorts, 5 * n);
            EXPECT_EQ(count.switchPortsByTier, (Ports{0, 2 * n, 2 * n, n}));
            EXPECT_EQ(count.transceivers, 6 * n);
            EXPECT_EQ(count.nics, n);
            EXPECT_EQ(count.fibres, 3 * n);
            EXPECT_EQ(count.ocsPorts, 0U);
        }
    }
}

TEST(FabricCount, CountsMixnetAsTheAuthorsDoButForFibresAndOcsPorts)
{
    for (const uint64_t servers : SERVERS)
    {
        const uint64_t n = 8 * servers;
        const uint64_t e = 2 * servers;
        const auto count = CountMixnet(static_cast<uint32_t>(servers));
        EXPECT_EQ(count.switchPorts, 5 * e);
        EXPECT_EQ(count.switchPortsByTier, (Ports{0, 2 * e, 2 * e, e}));
        EXPECT_EQ(count.transceivers, 5 * e + n);
        EXPECT_EQ(count.nics, n);
        EXPECT_EQ(count.ocsPorts, n - e);
        // The authors: (5 e + 1) / 2 + (n - e) fibres, and n OCS ports.
        EXPECT_EQ(count.fibres, 3 * e + (n - e));
        EXPECT_EQ(count.fibres - ((5 * e + 1) / 2 + (n - e)), e / 2);
    }
}

TEST(FabricCount, CountsRailOnlyByTheTiersOfARail)
{
    // Radix as of a fat-tree of all NICs: 16, 32, 32, 64. Two tiers have room for radix^2 / 2: for
    // rails of 128 and 512, but not for 1024 (512 places) or 4096 (2048). Two tiers have N ports
    // down and N up at leaves and N at spines; three tiers as the fat-tree.
    for (const uint64_t servers : SERVERS)
    {
        const uint64_t n = 8 * servers;
        const auto count = CountFabric(PlanRailOnly({static_cast<uint32_t>(servers), EightNics()}));
        const bool isTwoTiers = servers <= 512;
        EXPECT_EQ(count.switchPortsByTier,
                  isTwoTiers ? (Ports{0, 2 * n, n, 0}) : (Ports{0, 2 * n, 2 * n, n}));
        EXPECT_EQ(count.switchPorts, isTwoTiers ? 3 * n : 5 * n);
        EXPECT_EQ(count.transceivers, isTwoTiers ? 4 * n : 6 * n);
        EXPECT_EQ(count.fibres, isTwoTiers ? 2 * n : 3 * n);
        EXPECT_EQ(count.nics, n);
    }
}

TEST(FabricCount, CountsAnOversubscribedFatTreeByItsUplinks)
{
    // Radix 16 at 3:1: 16 leaves of 12 NICs and 4 uplinks fill two pods.
    const auto count = CountFabric(PlanFatTree({24, EightNics(), {3, 16, 3}}));
    constexpr uint64_t n = 24 * 8;

    EXPECT_EQ(count.switchPortsByTier, (Ports{0, n + n / 3, 2 * n / 3, n / 3}));
    EXPECT_EQ(count.fibres, n + n / 3 + n / 3);
    EXPECT_EQ(count.transceivers, 2 * count.fibres);
}

TEST(FabricCount, CountsAnIdealSwitchAsOneOfNoTier)
{
    const auto count = CountFabric(PlanIdealSwitch({3, EightNics()}));

    EXPECT_EQ(count.switchPortsByTier, (Ports{3 * 8, 0, 0, 0}));
    EXPECT_EQ(count.switchPorts, 3U * 8);
    EXPECT_EQ(count.nics, 3U * 8);
    EXPECT_EQ(count.transceivers, 2U * 3 * 8);
    EXPECT_EQ(count.fibres, 3U * 8);
}

TEST(FabricCount, CountsNothingWhereThereIsNothing)
{
    const auto count = CountFabric(FabricPlan{});

    EXPECT_EQ(count.switchPorts + count.ocsPorts + count.nics, 0U);
    EXPECT_EQ(count.transceivers + count.fibres, 0U);
}
