/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/option-values.h"
#include "ns3/unit-text.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

TEST(UnitText, TakesTheLargestUnitOfWhichItIsAWholeNumber)
{
    EXPECT_EQ(ExactText(BitsPerSecond(400'000'000'000)), "400Gb/s");
    EXPECT_EQ(ExactText(BitsPerSecond(1'000'000'000'000)), "1Tb/s");
    EXPECT_EQ(ExactText(BitsPerSecond(25'781'250'000)), "25781250kb/s");
    EXPECT_EQ(ExactText(BitsPerSecond(7)), "7b/s");
    EXPECT_EQ(ExactText(BitsPerSecond(0)), "0b/s");
    EXPECT_EQ(ExactText(Picoseconds(25'000'000'000)), "25ms");
    EXPECT_EQ(ExactText(Picoseconds(1'500'000)), "1500ns");
    EXPECT_EQ(ExactText(Picoseconds(0)), "0ps");
}

TEST(UnitText, IsReadAsTheSame)
{
    // Times above 2^53 ps have more digits than a double.
    for (const uint64_t count : {uint64_t{1},
                                 uint64_t{999},
                                 uint64_t{1'000'001},
                                 uint64_t{123'456'789'012'345},
                                 uint64_t{9'007'199'254'740'993},
                                 uint64_t{999'999'999'999'999'999},
                                 uint64_t{1'000'000'000'000'000'000}})
    {
        const Picoseconds time(count);
        EXPECT_EQ(TryParseDuration(ExactText(time)), time) << count;
        const BitsPerSecond rate(count % 1'000'000'000'000'000);
        if (rate > BitsPerSecond(0))
        {
            EXPECT_EQ(TryParseRate(ExactText(rate)), rate) << count;
        }
    }
    EXPECT_FALSE(TryParseDuration("1000000000000000001ps"));
    EXPECT_FALSE(TryParseDuration("1000001s"));
}
