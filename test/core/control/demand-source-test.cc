/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/demand-source.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

/// @param microbatch Which. @return its dispatch.
PhaseKey
DispatchNumber(uint32_t microbatch)
{
    PhaseKey phase;
    phase.microbatch = microbatch;
    phase.kind = PhaseKind::Dispatch;
    return phase;
}

/// @param bytes From the first endpoint to the second. @return the demand of two.
DemandMatrix
DemandOfTwo(uint64_t bytes)
{
    DemandMatrix demand(2, 2);
    demand.At(0, 1) = Bytes(bytes);
    return demand;
}

} // namespace

TEST(DemandSource, KnownWaitsForTheHostsAndForgets)
{
    const auto source = DemandSources().Make("known", nullptr);
    EXPECT_FALSE(source->DemandOf(DispatchNumber(0)));
    source->Learn(DispatchNumber(0), DemandOfTwo(7));
    EXPECT_TRUE(source->DemandOf(DispatchNumber(0)) == DemandOfTwo(7));
    EXPECT_FALSE(source->DemandOf(DispatchNumber(1)));
    source->Forget(DispatchNumber(0));
    EXPECT_FALSE(source->DemandOf(DispatchNumber(0)));
}

TEST(DemandSource, OracleIsToldInAdvance)
{
    const auto source = DemandSources().Make("oracle", [](const PhaseKey& dispatch) {
        return DemandOfTwo(10 + dispatch.microbatch);
    });
    EXPECT_TRUE(source->DemandOf(DispatchNumber(3)) == DemandOfTwo(13));
    EXPECT_EQ(tests::Refusal([] { DemandSources().Make("oracle", nullptr); }),
              "demand source oracle: nobody tells demands in advance");
}
