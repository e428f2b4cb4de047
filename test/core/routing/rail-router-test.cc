/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/forwarding-plan.h"
#include "ns3/rail-planner.h"
#include "ns3/rail-router.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

/// @return a host of eight GPUs, each with an electrical NIC.
HostSpec
RailHost()
{
    HostSpec spec;
    spec.opticalDegree = 0;
    spec.electricalNics = 8;
    return spec;
}

} // namespace

TEST(RailRouter, ChangesRailsInsideTheHostThatSends)
{
    const RailRouter router(PlanHost(RailHost()));
    for (uint32_t from = 0; from < 8; ++from)
    {
        for (uint32_t to = 0; to < 8; ++to)
        {
            const auto transfers = router.Route({{{3, from}, {1, to}, Bytes(1001)}});
            ASSERT_EQ(transfers.size(), 1U);
            EXPECT_TRUE(transfers[0].source == (GpuId{3, from}));
            EXPECT_TRUE(transfers[0].destination == (GpuId{1, to}));
            EXPECT_EQ(transfers[0].bytes, Bytes(1001));
            const auto& route = transfers[0].route;
            ASSERT_EQ(route.size(), from == to ? 1U : 2U);
            if (from != to)
            {
                const auto& gather = std::get<NvswitchLeg>(route.front());
                EXPECT_EQ(gather.host, 3U);
                EXPECT_EQ(gather.fromGpu, from);
                EXPECT_EQ(gather.toGpu, to);
            }
            const auto& leg = std::get<RdmaLeg>(route.back());
            EXPECT_TRUE(leg.from == (NicId{3, to}));
            EXPECT_TRUE(leg.to == (NicId{1, to}));
            EXPECT_EQ(leg.side, NicRole::Electrical);
        }
    }
}

TEST(RailRouter, StaysOnNvswitchInsideAHost)
{
    const auto transfers = RailRouter(PlanHost(RailHost())).Route({{{3, 1}, {3, 6}, Bytes(5)}});
    ASSERT_EQ(transfers.size(), 1U);
    ASSERT_EQ(transfers[0].route.size(), 1U);
    const auto& leg = std::get<NvswitchLeg>(transfers[0].route[0]);
    EXPECT_EQ(leg.fromGpu, 1U);
    EXPECT_EQ(leg.toGpu, 6U);
}

TEST(RailRouter, FindsTheRailOfAGpuWhereNicsAreInAnotherOrder)
{
    // NIC n at GPU 7 - n: bytes for GPU 2 travel on rail 5.
    auto host = PlanHost(RailHost());
    for (uint32_t nic = 0; nic < 8; ++nic)
    {
        host.nics[nic].gpu = 7 - nic;
    }
    const auto transfers = RailRouter(host).Route({{{0, 0}, {1, 2}, Bytes(5)}});
    ASSERT_EQ(transfers.size(), 1U);
    ASSERT_EQ(transfers[0].route.size(), 2U);
    EXPECT_EQ(std::get<NvswitchLeg>(transfers[0].route[0]).toGpu, 2U);
    const auto& leg = std::get<RdmaLeg>(transfers[0].route[1]);
    EXPECT_TRUE(leg.from == (NicId{0, 5}));
    EXPECT_TRUE(leg.to == (NicId{1, 5}));
}

TEST(RailRouter, UsesOnlyWaysThatRailOnlyHas)
{
    const auto plan = PlanRailOnly({5, RailHost()});
    const ForwardingPlan forwarding(plan);
    const RailRouter router(plan.host);
    for (uint32_t from = 0; from < 40; ++from)
    {
        for (uint32_t to = 0; to < 40; ++to)
        {
            const GpuId source{from / 8, from % 8};
            const GpuId destination{to / 8, to % 8};
            for (const auto& transfer : router.Route({{source, destination, Bytes(1)}}))
            {
                for (const auto& leg : transfer.route)
                {
                    if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
                    {
                        EXPECT_GT(forwarding.PathsBetween(rdma->from.host * 8 + rdma->from.nic,
                                                          rdma->to.host * 8 + rdma->to.nic),
                                  0U);
                    }
                }
            }
        }
    }
}

TEST(RailRouter, RefusesAnOpticalNic)
{
    auto host = PlanHost(RailHost());
    EXPECT_EQ(tests::Refusal([&] { RailRouter router(host); }), "");
    host.nics[3].role = NicRole::Optical;
    EXPECT_EQ(tests::Refusal([&] { RailRouter router(host); }),
              "NIC 3: must be electrical where every GPU uses its own");
}
