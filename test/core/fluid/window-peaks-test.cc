/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/window-peaks.h"

#include <gtest/gtest.h>

namespace mixnetcore
{
namespace
{

TEST(WindowPeaks, KnowsNoPlaceAtFirst)
{
    EXPECT_EQ(WindowPeaks().Places(), 0U);
}

TEST(WindowPeaks, RemembersTheMostAtOneTime)
{
    // 5, 5 + 3, 3, 3 + 4: the most is 8.
    WindowPeaks peaks;
    peaks.Add(0, 5);
    peaks.Add(0, 3);
    peaks.Remove(0, 5);
    peaks.Add(0, 4);
    EXPECT_EQ(peaks.Peak(0), 8);
}

TEST(WindowPeaks, KeepsPlacesApart)
{
    WindowPeaks peaks;
    peaks.Add(2, 7);
    peaks.Add(0, 1);
    EXPECT_EQ(peaks.Places(), 3U);
    EXPECT_EQ(peaks.Peak(0), 1);
    EXPECT_EQ(peaks.Peak(1), 0);
    EXPECT_EQ(peaks.Peak(2), 7);
}

TEST(WindowPeaks, CountsAnewAfterARestart)
{
    WindowPeaks peaks;
    peaks.Add(0, 5);
    peaks.Restart();
    peaks.Add(0, 3);
    EXPECT_EQ(peaks.Peak(0), 5);
    peaks.Add(0, 3);
    EXPECT_EQ(peaks.Peak(0), 6);
}

} // namespace
} // namespace mixnetcore
