/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/transfer-bound.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

using namespace mixnetcore;

namespace
{

/// @return a host whose NICs carry a byte per 8 ps and whose GPU ports one per picosecond.
HostPlan
Host()
{
    HostSpec spec;
    spec.linkRate = BitsPerSecond(1'000'000'000'000);
    spec.gpuPortRate = BitsPerSecond(8'000'000'000'000);
    return PlanHost(spec);
}

/// @param bytes How many. @param from NIC of host 0. @param to NIC of host 1. @return one leg.
Transfer
Between(uint64_t bytes, uint32_t from, uint32_t to)
{
    return {{0, from}, {1, to}, Bytes(bytes), {RdmaLeg{{0, from}, {1, to}, NicRole::Optical}}};
}

/// @param bytes How many. @param from GPU of host 0. @param to Another. @return one leg.
Transfer
Inside(uint64_t bytes, uint32_t from, uint32_t to)
{
    return {{0, from}, {0, to}, Bytes(bytes), {NvswitchLeg{0, from, to}}};
}

constexpr Picoseconds NOW{0}; //!< release of transfers that may begin at once

} // namespace

TEST(TransferBound, IsZeroWithoutTransfers)
{
    EXPECT_EQ(TransferBound(Host(), 1).EarliestEnd(), NOW);
}

TEST(TransferBound, IsZeroForWhatStaysOnItsGpu)
{
    TransferBound bound(Host(), 1);
    bound.Add({{0, 3}, {0, 3}, Bytes(1000), {}}, Picoseconds(77));
    EXPECT_EQ(bound.EarliestEnd(), NOW);
}

TEST(TransferBound, DividesBytesByThePayloadRateOfTheNic)
{
    TransferBound bound(Host(), 0.5);
    bound.Add(Between(1000, 1, 2), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(1000 * 8 * 2));
}

TEST(TransferBound, RoundsDownToAPicosecondBecauseItIsABound)
{
    // 5 bytes at 4096 / 4178 of the rate: 40.80 ps.
    TransferBound bound(Host(), 4096.0 / 4178);
    bound.Add(Between(5, 1, 2), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(int64_t(std::floor(5 * 8 * 4178 / 4096.0))));
}

TEST(TransferBound, DoesNotApplyTheEfficiencyToNvswitchPorts)
{
    TransferBound bound(Host(), 0.5);
    bound.Add(Inside(1000, 1, 2), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(1000));
}

TEST(TransferBound, AddsUpWhatLeavesANic)
{
    TransferBound bound(Host(), 1);
    bound.Add(Between(1000, 1, 2), NOW);
    bound.Add(Between(500, 1, 3), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(1500 * 8));
}

TEST(TransferBound, AddsUpWhatComesToANic)
{
    TransferBound bound(Host(), 1);
    bound.Add(Between(1000, 1, 3), NOW);
    bound.Add(Between(500, 2, 3), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(1500 * 8));
}

TEST(TransferBound, AddsUpWhatLeavesAndWhatComesToAGpu)
{
    TransferBound out(Host(), 1);
    out.Add(Inside(1000, 1, 2), NOW);
    out.Add(Inside(500, 1, 3), NOW);
    EXPECT_EQ(out.EarliestEnd(), Picoseconds(1500));

    TransferBound in(Host(), 1);
    in.Add(Inside(1000, 1, 3), NOW);
    in.Add(Inside(500, 2, 3), NOW);
    EXPECT_EQ(in.EarliestEnd(), Picoseconds(1500));
}

TEST(TransferBound, KeepsTheTwoDirectionsOfANicApart)
{
    TransferBound bound(Host(), 1);
    bound.Add(Between(1000, 1, 1), NOW);
    bound.Add({{1, 1}, {0, 1}, Bytes(400), {RdmaLeg{{1, 1}, {0, 1}, NicRole::Optical}}}, NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(1000 * 8));
}

TEST(TransferBound, KeepsTheTwoDirectionsOfAGpuApart)
{
    TransferBound bound(Host(), 1);
    bound.Add(Inside(1000, 1, 2), NOW);
    bound.Add(Inside(400, 2, 1), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(1000));
}

TEST(TransferBound, AddsUpWhatComesToANicFromSeveralHosts)
{
    TransferBound bound(Host(), 1);
    bound.Add({{0, 1}, {2, 3}, Bytes(1000), {RdmaLeg{{0, 1}, {2, 3}, NicRole::Electrical}}}, NOW);
    bound.Add({{1, 1}, {2, 3}, Bytes(500), {RdmaLeg{{1, 1}, {2, 3}, NicRole::Electrical}}}, NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(1500 * 8));
}

TEST(TransferBound, KeepsHostsApart)
{
    // GPU 1 of two hosts sends 1000 each.
    TransferBound bound(Host(), 1);
    bound.Add(Inside(1000, 1, 2), NOW);
    bound.Add({{1, 1}, {1, 2}, Bytes(1000), {NvswitchLeg{1, 1, 2}}}, NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(1000));
}

TEST(TransferBound, CountsEveryLegOfAWay)
{
    // GPU 4 is where 9 times as many bytes go as over the NIC of the delegated transfer.
    const Transfer delegated{
        {0, 4},
        {1, 5},
        Bytes(1000),
        {NvswitchLeg{0, 4, 1}, RdmaLeg{{0, 1}, {1, 2}, NicRole::Optical}, NvswitchLeg{1, 2, 5}}};
    TransferBound bound(Host(), 1);
    bound.Add(delegated, NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(8 * 1000));
    bound.Add(Inside(9000, 4, 2), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(10'000));
    bound.Add({{1, 0}, {1, 5}, Bytes(10'000), {NvswitchLeg{1, 0, 5}}}, NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(11'000));
}

TEST(TransferBound, StartsAtTheReleaseOfTheBytes)
{
    TransferBound bound(Host(), 1);
    bound.Add(Between(1000, 1, 2), Picoseconds(77));
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(77 + 8000));
}

TEST(TransferBound, TakesTheReleaseThatLeavesMostToDo)
{
    // 10 bytes at 0, 1000 at 500: 500 + 8000, the first are over by then.
    TransferBound late(Host(), 1);
    late.Add(Between(10, 1, 2), NOW);
    late.Add(Between(1000, 1, 2), Picoseconds(500));
    EXPECT_EQ(late.EarliestEnd(), Picoseconds(500 + 8000));

    // 1000 bytes at 0, 100 at 500: the line is busy all the time.
    TransferBound early(Host(), 1);
    early.Add(Between(1000, 1, 2), NOW);
    early.Add(Between(100, 1, 2), Picoseconds(500));
    EXPECT_EQ(early.EarliestEnd(), Picoseconds(8 * 1100));

    // Three releases, of which the middle one decides: 1000 + 8 * (500 + 10).
    TransferBound middle(Host(), 1);
    middle.Add(Between(10, 1, 2), NOW);
    middle.Add(Between(500, 1, 2), Picoseconds(1000));
    middle.Add(Between(10, 1, 2), Picoseconds(2000));
    EXPECT_EQ(middle.EarliestEnd(), Picoseconds(1000 + 8 * 510));
}

TEST(TransferBound, IsTheLargestOverAllReleases)
{
    // Against the definition: for each release its time and what is released then or later.
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round)
    {
        TransferBound bound(Host(), 1);
        std::vector<std::pair<Picoseconds, uint64_t>> released;
        Picoseconds now{0};
        for (int transfer = 0; transfer < 12; ++transfer)
        {
            now += Picoseconds(random() % 3 == 0 ? 0 : random() % 5000);
            released.emplace_back(now, 1 + random() % 900);
            bound.Add(Between(released.back().second, 1, 2), now);
        }
        Picoseconds expected{0};
        for (const auto& [release, bytes] : released)
        {
            uint64_t later = 0;
            for (const auto& [other, more] : released)
            {
                later += other >= release ? more : 0;
            }
            expected = std::max(expected, release + Picoseconds(8 * later));
        }
        EXPECT_EQ(bound.EarliestEnd(), expected) << "round " << round;
    }
}

TEST(TransferBound, RefusesAReleaseBeforeTheLast)
{
    TransferBound bound(Host(), 1);
    bound.Add(Between(1, 1, 2), Picoseconds(5));
    EXPECT_THROW(bound.Add(Between(1, 1, 2), Picoseconds(4)), std::invalid_argument);
    bound.Add(Between(1, 1, 2), Picoseconds(5));
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(5 + 8 * 2));
}

TEST(TransferBound, TakesTheSlowestResource)
{
    TransferBound bound(Host(), 1);
    bound.Add(Between(700, 3, 4), NOW);
    bound.Add(Between(100, 1, 2), Picoseconds(5000));
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(5000 + 800));
}

TEST(TransferBound, AddsUpWhatCrossesTheNumaLinkInOneDirection)
{
    // The link carries a byte in 2 ps, ports one per picosecond.
    auto host = Host();
    host.numaLinkRate = BitsPerSecond(4'000'000'000'000);
    TransferBound bound(host, 0.5);
    bound.Add(Inside(1000, 0, 4), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(2000));
    bound.Add(Inside(500, 3, 7), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(3000));
    bound.Add(Inside(700, 5, 1), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(3000)) << "the other direction";
    bound.Add(Inside(700, 1, 2), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(3000)) << "within a half";
    bound.Add({{1, 0}, {1, 4}, Bytes(700), {NvswitchLeg{1, 0, 4}}}, NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(3000)) << "another host";
}

TEST(TransferBound, AddsUpWhatCrossesAnAttachmentAtItsRateWithoutHeaders)
{
    // The attachment carries a byte in 20 ps, the NIC in 8 ps / 0.5; other NICs have their own.
    auto host = Host();
    host.nicAttachmentRate = BitsPerSecond(400'000'000'000);
    TransferBound bound(host, 0.5);
    bound.Add(Between(1000, 1, 2), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(20'000));
    bound.Add(Between(900, 2, 3), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(20'000));
    bound.Add(Between(100, 1, 4), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(22'000)) << "out of host 0";
    bound.Add(Between(1000, 3, 2), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(40'000)) << "into host 1";
    bound.Add({{1, 2}, {0, 5}, Bytes(1900), {RdmaLeg{{1, 2}, {0, 5}, NicRole::Optical}}}, NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(40'000)) << "back out of the same NIC";
}

TEST(TransferBound, AddsUpWhatCrossesThePcieOfAGpuWithNvlinkPairs)
{
    // PCIe carries a byte in 10 ps; what NIC 1 reads from GPU 1 and what GPU 1 sends to GPU 2
    // share.
    auto host = Host();
    host.interconnect = GpuInterconnect::NvlinkPairs;
    host.pcieRate = BitsPerSecond(800'000'000'000);
    TransferBound bound(host, 1);
    bound.Add(Between(1000, 1, 2), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(10'000));
    bound.Add(Inside(300, 1, 2), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(13'000));
    bound.Add(Inside(5000, 1, 0), NOW);
    EXPECT_EQ(bound.EarliestEnd(), Picoseconds(13'000)) << "NVLink within the pair";
}

TEST(TransferBound, GoesToTheLongestTimeAndRefusesALongerOne)
{
    // 8 ps a byte: 2^60 bytes take 2^63 ps, which is too many.
    constexpr uint64_t most = uint64_t{1} << 60;
    TransferBound bound(Host(), 1);
    bound.Add(Between(most - 2048, 0, 0), NOW);
    EXPECT_NEAR(double(bound.EarliestEnd().count()), double((most - 2048) * 8), 2048) << "a double";
    bound.Add(Between(4096, 0, 0), NOW);
    EXPECT_THROW(bound.EarliestEnd(), std::overflow_error);

    TransferBound late(Host(), 1);
    late.Add(Between(1, 0, 0), Picoseconds::max() - Picoseconds(8));
    EXPECT_EQ(late.EarliestEnd(), Picoseconds::max());
    late.Add(Between(1, 0, 0), Picoseconds::max() - Picoseconds(8));
    EXPECT_THROW(late.EarliestEnd(), std::overflow_error);

    TransferBound many(Host(), 1);
    many.Add(Between(UINT64_MAX, 0, 0), NOW);
    EXPECT_THROW(many.Add(Between(1, 0, 0), NOW), std::overflow_error);
}

TEST(TransferBound, RefusesAnEfficiencyOutsideItsRange)
{
    EXPECT_THROW(TransferBound(Host(), 0), std::invalid_argument);
    EXPECT_THROW(TransferBound(Host(), -0.5), std::invalid_argument);
    EXPECT_THROW(TransferBound(Host(), 1.01), std::invalid_argument);
    EXPECT_THROW(TransferBound(Host(), std::nan("")), std::invalid_argument);
    EXPECT_NO_THROW(TransferBound(Host(), 1));
}
