/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/planned-fabric.h"
#include "../testbed/refusal.h"

#include "ns3/own-nic-router.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

TEST(OwnNicRouter, SendsAndReceivesOnTheNicsOfBothGpus)
{
    const OwnNicRouter router(tests::ElectricalHost());
    for (uint32_t from = 0; from < 8; ++from)
    {
        for (uint32_t to = 0; to < 8; ++to)
        {
            const auto transfers = router.Route({{{0, from}, {1, to}, Bytes(1001)}});
            ASSERT_EQ(transfers.size(), 1U);
            EXPECT_TRUE(transfers[0].source == (GpuId{0, from}));
            EXPECT_TRUE(transfers[0].destination == (GpuId{1, to}));
            EXPECT_EQ(transfers[0].bytes, Bytes(1001));
            ASSERT_EQ(transfers[0].route.size(), 1U);
            const auto& leg = std::get<RdmaLeg>(transfers[0].route[0]);
            EXPECT_TRUE(leg.from == (NicId{0, from}));
            EXPECT_TRUE(leg.to == (NicId{1, to}));
            EXPECT_EQ(leg.side, NicRole::Electrical);
        }
    }
}

TEST(OwnNicRouter, UsesTheNicsOfAGpuInTurn)
{
    // Three NICs on two GPUs: GPU 0 has NICs 1 and 2, GPU 1 has NIC 0. For GPU 1 GPU 0 takes its
    // second.
    auto host = tests::ElectricalHost();
    host.gpus = 2;
    host.nics.resize(3);
    host.nics[0].gpu = 1;
    host.nics[1].gpu = 0;
    host.nics[2].gpu = 0;
    const auto transfers = OwnNicRouter(host).Route({{{0, 0}, {1, 1}, Bytes(5)}});
    ASSERT_EQ(transfers.size(), 1U);
    ASSERT_EQ(transfers[0].route.size(), 1U);
    const auto& leg = std::get<RdmaLeg>(transfers[0].route[0]);
    EXPECT_TRUE(leg.from == (NicId{0, 2}));
    EXPECT_TRUE(leg.to == (NicId{1, 0}));
}

TEST(OwnNicRouter, SharesTheNicOfTheGpuBeforeOrOfTheFirst)
{
    // NICs on GPUs 1 and 5 of 8: GPUs 0 to 4 use the first, 5 to 7 the second.
    auto host = tests::ElectricalHost();
    host.nics.resize(2);
    host.nics[0].gpu = 1;
    host.nics[1].gpu = 5;
    const OwnNicRouter router(host);
    for (uint32_t gpu = 0; gpu < 8; ++gpu)
    {
        const auto transfers = router.Route({{{0, gpu}, {1, 7 - gpu}, Bytes(5)}});
        ASSERT_EQ(transfers.size(), 1U);
        for (const auto& leg : transfers[0].route)
        {
            if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
            {
                EXPECT_EQ(rdma->from.nic, gpu < 5 ? 0U : 1U);
                EXPECT_EQ(rdma->to.nic, 7 - gpu < 5 ? 0U : 1U);
            }
        }
    }
}

TEST(OwnNicRouter, RefusesAServerWithoutNics)
{
    auto host = tests::ElectricalHost();
    host.nics.clear();
    EXPECT_EQ(tests::Refusal([&] { OwnNicRouter router(host); }),
              "every GPU uses its own NIC, and a server has none");
    EXPECT_EQ(tests::Refusal([&] { OwnNicRouter router(tests::ElectricalHost()); }), "");
}

TEST(OwnNicRouter, RefusesAnOpticalNic)
{
    auto host = tests::ElectricalHost();
    host.nics[3].role = NicRole::Optical;
    EXPECT_EQ(tests::Refusal([&] { OwnNicRouter router(host); }),
              "NIC 3: must be electrical where every GPU uses its own");
}
