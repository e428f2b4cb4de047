/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/flow-crowd.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

TEST(FlowCrowd, AMemberIsOverWhenTheCrowdHasPassedItsBytesSinceItJoined)
{
    FlowCrowd crowd;
    EXPECT_EQ(crowd.Size(), 0U);
    const double first = crowd.Join(7, 100);
    EXPECT_EQ(first, 100);
    crowd.Advance(30);
    const double second = crowd.Join(3, 50);
    EXPECT_EQ(second, 30 + 50);
    EXPECT_EQ(crowd.Size(), 2U);
    EXPECT_EQ(crowd.NextEnd(), second) << "50 bytes to go, the other has 70";
    EXPECT_EQ(crowd.Next(), 3U);
    crowd.Leave(3, second);
    EXPECT_EQ(crowd.Next(), 7U);
    EXPECT_EQ(crowd.NextEnd() - crowd.Progress(), 70);
}

TEST(FlowCrowd, EqualEndsComeInTheOrderOfNumbers)
{
    FlowCrowd crowd;
    crowd.Join(9, 10);
    crowd.Join(2, 10);
    crowd.Join(5, 10);
    EXPECT_EQ(crowd.Next(), 2U);
    crowd.Leave(2, 10);
    EXPECT_EQ(crowd.Next(), 5U);
}

TEST(FlowCrowd, ProgressBeginsAgainWithTheFirstMember)
{
    FlowCrowd crowd;
    const double end = crowd.Join(0, 10);
    crowd.Advance(10);
    crowd.Leave(0, end);
    EXPECT_EQ(crowd.Join(1, 5), 5);
    EXPECT_EQ(crowd.Progress(), 0);
}
