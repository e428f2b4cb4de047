/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/region-router.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/// @param electrical Electrical NICs. @return a host of eight GPUs and NICs.
HostPlan
Host(uint32_t electrical)
{
    HostSpec spec;
    spec.electricalNics = electrical;
    spec.opticalDegree = spec.gpus - electrical;
    return PlanHost(spec);
}

/// @param transfers Shares. @return bytes by NIC that sends and NIC that receives.
std::map<std::pair<uint32_t, uint32_t>, uint64_t>
ByNics(const std::vector<Transfer>& transfers)
{
    std::map<std::pair<uint32_t, uint32_t>, uint64_t> bytes;
    for (const auto& transfer : transfers)
    {
        for (const auto& leg : transfer.route)
        {
            if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
            {
                bytes[{rdma->from.nic, rdma->to.nic}] += transfer.bytes.Count();
            }
        }
    }
    return bytes;
}

using NicBytes = std::map<std::pair<uint32_t, uint32_t>, uint64_t>; //!< bytes by NICs

} // namespace

TEST(RegionRouterWithoutCircuits, SharesThePairsBytesEvenlyOverElectricalNicsOfTheSameNumber)
{
    // Two NICs, 0 and 4; one alone is number 0; with eight every GPU's NIC.
    const std::vector<GpuDemand> demand{{{3, 1}, {9, 1}, Bytes(600)}, {{3, 5}, {9, 5}, Bytes(200)}};
    EXPECT_EQ(ByNics(RegionRouter(Host(2), {}).Route(demand)),
              (NicBytes{{{0, 0}, 400}, {{4, 4}, 400}}));
    EXPECT_EQ(ByNics(RegionRouter(Host(1), {}).Route(demand)), (NicBytes{{{0, 0}, 800}}));
    NicBytes all;
    for (uint32_t nic = 0; nic < 8; ++nic)
    {
        all[{nic, nic}] = 100;
    }
    EXPECT_EQ(ByNics(RegionRouter(Host(8), {}).Route(demand)), all);
}

TEST(RegionRouterWithoutCircuits, ReachesAnyHostByTheElectricalSideOnly)
{
    const RegionRouter router(Host(2), {});
    for (const uint32_t other : {1, 77, 4095})
    {
        for (const auto& transfer : router.Route({{{0, 3}, {other, 3}, Bytes(10)}}))
        {
            ASSERT_EQ(transfer.route.size(), 3U);
            const auto& gather = std::get<NvswitchLeg>(transfer.route[0]);
            const auto& line = std::get<RdmaLeg>(transfer.route[1]);
            const auto& scatter = std::get<NvswitchLeg>(transfer.route[2]);
            EXPECT_EQ(line.side, NicRole::Electrical);
            EXPECT_EQ(line.from.host, 0U);
            EXPECT_EQ(line.to.host, other);
            EXPECT_EQ(gather.host, 0U);
            EXPECT_EQ(gather.fromGpu, 3U);
            EXPECT_EQ(gather.toGpu, line.from.nic); // NICs 0 and 4 are at GPUs 0 and 4
            EXPECT_EQ(scatter.host, other);
            EXPECT_EQ(scatter.fromGpu, line.to.nic);
            EXPECT_EQ(scatter.toGpu, 3U);
        }
    }
}

TEST(RegionRouterWithoutCircuits, LosesNoByteAndSendsNoEmptyShare)
{
    const RegionRouter router(Host(2), {});
    for (const uint64_t bytes : {0, 1, 2, 3, 1001})
    {
        const auto transfers = router.Route({{{0, 2}, {1, 6}, Bytes(bytes)}});
        uint64_t sum = 0;
        for (const auto& transfer : transfers)
        {
            EXPECT_GT(transfer.bytes, Bytes(0));
            sum += transfer.bytes.Count();
        }
        EXPECT_EQ(sum, bytes);
        EXPECT_LE(transfers.size(), 2U);
    }
}

TEST(RegionRouterWithoutCircuits, RefusesHostsWithoutElectricalNics)
{
    auto host = Host(2);
    for (auto& nic : host.nics)
    {
        nic.role = NicRole::Optical;
    }
    try
    {
        const RegionRouter router(host, {});
        FAIL() << "accepted";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(),
                     "routes through delegates need circuits or electrical NICs: there are none");
    }
}
