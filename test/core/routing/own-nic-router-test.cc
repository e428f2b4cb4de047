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

TEST(OwnNicRouter, UsesTheFirstOfSeveralNicsOfAGpu)
{
    // Three NICs on two GPUs: GPU 0 has NICs 1 and 2, GPU 1 has NIC 0.
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
    EXPECT_TRUE(leg.from == (NicId{0, 1}));
    EXPECT_TRUE(leg.to == (NicId{1, 0}));
}

TEST(OwnNicRouter, RefusesAGpuWithoutNic)
{
    auto host = tests::ElectricalHost();
    host.nics.pop_back();
    EXPECT_EQ(tests::Refusal([&] { OwnNicRouter router(host); }),
              "GPU 7: must have a NIC where every GPU uses its own");
    EXPECT_EQ(tests::Refusal([&] { OwnNicRouter router(tests::ElectricalHost()); }), "");
}

TEST(OwnNicRouter, RefusesAnOpticalNic)
{
    auto host = tests::ElectricalHost();
    host.nics[3].role = NicRole::Optical;
    EXPECT_EQ(tests::Refusal([&] { OwnNicRouter router(host); }),
              "NIC 3: must be electrical where every GPU uses its own");
}
