/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/planned-fabric.h"
#include "../testbed/refusal.h"

#include "ns3/fat-tree-planner.h"
#include "ns3/mixnet-planner.h"
#include "ns3/spread-router.h"

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace mixnetcore;

TEST(SpreadRouter, SharesTheBytesOfAPairOfHostsEvenlyOverAllNics)
{
    // One hot GPU: with its own NIC it would take 8 times as long.
    const SpreadRouter router(tests::ElectricalHost());
    const std::vector<GpuDemand> demand{{{0, 3}, {1, 5}, Bytes(8000)},
                                        {{0, 3}, {1, 6}, Bytes(801)},
                                        {{0, 1}, {1, 5}, Bytes(2)}};
    std::map<uint32_t, uint64_t> sent;
    std::map<uint32_t, uint64_t> received;
    std::map<std::pair<uint32_t, uint32_t>, uint64_t> byGpus;
    for (const auto& transfer : router.Route(demand))
    {
        byGpus[{transfer.source.gpu, transfer.destination.gpu}] += transfer.bytes.Count();
        auto at = transfer.source.gpu;
        for (const auto& leg : transfer.route)
        {
            if (const auto* inside = std::get_if<NvswitchLeg>(&leg))
            {
                EXPECT_EQ(inside->fromGpu, at);
                at = inside->toGpu;
                continue;
            }
            const auto& rdma = std::get<RdmaLeg>(leg);
            EXPECT_EQ(rdma.from.nic, at) << "the NIC of the GPU that has the bytes";
            EXPECT_EQ(rdma.to.nic, rdma.from.nic) << "on its rail";
            sent[rdma.from.nic] += transfer.bytes.Count();
            received[rdma.to.nic] += transfer.bytes.Count();
            at = rdma.to.nic;
        }
        EXPECT_EQ(at, transfer.destination.gpu);
    }
    EXPECT_EQ(byGpus.at({3, 5}), 8000U);
    EXPECT_EQ(byGpus.at({3, 6}), 801U);
    EXPECT_EQ(byGpus.at({1, 5}), 2U);
    ASSERT_EQ(sent.size(), 8U);
    for (const auto& [nic, bytes] : sent)
    {
        EXPECT_NEAR(double(bytes), (8000 + 801 + 2) / 8.0, 1) << nic;
        EXPECT_EQ(received.at(nic), bytes);
    }
}

TEST(SpreadRouter, IsOneOfTheRoutersOfFabricsWithoutCircuits)
{
    auto plan = PlanFatTree(tests::WithHosts<FatTreeSpec>(2));
    plan.router = "spread";
    EXPECT_NE(MakeRouter(plan), nullptr);
    plan.router = "delegate";
    EXPECT_EQ(tests::Refusal([&] { MakeRouter(plan); }),
              "delegates need circuits; spread does the same over packet switches");
    auto region = PlanMixnet({});
    EXPECT_NE(MakeRouter(region), nullptr);
    region.router = "spread";
    EXPECT_EQ(tests::Refusal([&] { MakeRouter(region); }),
              "NIC 1: must be electrical where bytes are spread over all NICs");
}

TEST(SpreadRouter, RefusesAServerWithoutNics)
{
    auto host = tests::ElectricalHost();
    host.nics.clear();
    EXPECT_EQ(tests::Refusal([&] { SpreadRouter router(host); }),
              "bytes cannot be spread over the NICs of servers: they have none");
}
