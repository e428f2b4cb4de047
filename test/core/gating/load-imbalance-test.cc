/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/load-imbalance.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

TEST(LoadImbalance, IsOneWithoutGatings)
{
    EXPECT_EQ(LoadImbalance().Mean(), 1);
    EXPECT_EQ(LoadImbalance().Worst(), 1);
    EXPECT_EQ(LoadImbalance().Gatings(), 0U);
}

TEST(LoadImbalance, IsOneWhenBalanced)
{
    LoadImbalance imbalance;
    imbalance.Add({Tokens(7), Tokens(7), Tokens(7)});

    EXPECT_EQ(imbalance.Mean(), 1);
}

TEST(LoadImbalance, IsHottestOverMeanAveragedOverGatings)
{
    // 6 over (6 + 2 + 1) / 3 = 3 is 2; 4 over (4 + 4 + 4) / 3 is 1; nothing does not count.
    LoadImbalance imbalance;
    imbalance.Add({Tokens(6), Tokens(2), Tokens(1)});
    imbalance.Add({Tokens(4), Tokens(4), Tokens(4)});
    imbalance.Add({Tokens(0), Tokens(0), Tokens(0)});

    EXPECT_EQ(imbalance.Mean(), 1.5);
    EXPECT_EQ(imbalance.Worst(), 2);
    EXPECT_EQ(imbalance.Gatings(), 2U);
}
