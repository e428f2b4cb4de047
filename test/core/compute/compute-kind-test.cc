/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/compute-kind.h"

#include <gtest/gtest.h>
#include <set>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

TEST(ComputeKind, HasANameOfItsOwn)
{
    std::set<std::string> names;
    for (const auto kind : ComputeKinds())
    {
        names.insert(ToString(kind));
    }
    EXPECT_EQ(names.size(), ComputeKinds().size());
}

TEST(ComputeRates, GiveEveryKindTheSameRateAtFirst)
{
    const ComputeRates rates(FlopsPerSecond(7));
    for (const auto kind : ComputeKinds())
    {
        EXPECT_EQ(rates.Of(kind), FlopsPerSecond(7));
    }
}

TEST(ComputeRates, ChangeTheRateOfOneKindOnly)
{
    const auto rates = ComputeRates(FlopsPerSecond(7)).Set(ComputeKind::Dense, FlopsPerSecond(9));
    for (const auto kind : ComputeKinds())
    {
        EXPECT_EQ(rates.Of(kind), FlopsPerSecond(kind == ComputeKind::Dense ? 9 : 7));
    }
}

TEST(ComputeRates, RefuseZero)
{
    EXPECT_THROW(ComputeRates(FlopsPerSecond(0)), std::invalid_argument);
    EXPECT_THROW(ComputeRates(FlopsPerSecond(1)).Set(ComputeKind::Head, FlopsPerSecond(0)),
                 std::invalid_argument);
}
