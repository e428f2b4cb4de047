/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/degree-split.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

using RingCounts = std::vector<uint32_t>;

uint32_t
Split(uint64_t allReduce, uint64_t modelParallel, uint32_t degree, uint32_t nicsPerRing = 1)
{
    return SplitDegree(Bytes(allReduce), Bytes(modelParallel), degree, nicsPerRing);
}

} // namespace

TEST(DegreeSplit, RoundsTheShareOfTheAllReduceUp)
{
    EXPECT_EQ(Split(50, 50, 4), 2U);
    EXPECT_EQ(Split(51, 49, 4), 3U); // 2.04
    EXPECT_EQ(Split(25, 75, 8), 2U);
    EXPECT_EQ(Split(26, 74, 8), 3U); // 2.08
}

TEST(DegreeSplit, WithoutAnAllReduceThereAreNoRings)
{
    EXPECT_EQ(Split(0, 100, 8), 0U);
    EXPECT_EQ(Split(0, 0, 8), 0U);
    EXPECT_EQ(Split(0, 100, 8, 2), 0U);
}

TEST(DegreeSplit, WithNothingElseAllNicsAreForRings)
{
    EXPECT_EQ(Split(100, 0, 8), 8U);
    EXPECT_EQ(Split(1, 0, 1), 1U);
}

TEST(DegreeSplit, TheAllReduceGetsOneAtLeastAndMayHaveAll)
{
    EXPECT_EQ(Split(1, 1'000'000, 8), 1U);
    EXPECT_EQ(Split(1, 1'000'000, 2), 1U);
    EXPECT_EQ(Split(1'000'000, 1, 8), 8U); // 7.999992
    EXPECT_EQ(Split(7, 1, 8), 7U);
}

TEST(DegreeSplit, TheOnlyNicIsForTheRing)
{
    EXPECT_EQ(Split(1, 1'000'000, 1), 1U);
}

TEST(DegreeSplit, ARingOfTwoNicsGetsBoth)
{
    EXPECT_EQ(Split(1, 1'000'000, 8, 2), 2U);
    EXPECT_EQ(Split(1, 1'000'000, 2, 2), 2U);
    EXPECT_EQ(Split(1'000'000, 1, 3, 2), 3U);
}

TEST(DegreeSplit, TakesBytesOfAnySize)
{
    const uint64_t most = ~uint64_t{0};

    EXPECT_EQ(Split(most, most, 64), 32U);
}

TEST(DegreeSplit, SharesRingsByBytes)
{
    // 6 NICs by 2 : 1 of bytes at every server.
    EXPECT_EQ(ShareRings({{{0, 1}, 20, 1}, {{0, 1}, 10, 1}}, 2, 6), (RingCounts{4, 2}));
    // 3 NICs: 2.25 and 0.75.
    EXPECT_EQ(ShareRings({{{0, 1}, 30, 1}, {{0, 1}, 10, 1}}, 2, 3), (RingCounts{2, 1}));
}

TEST(DegreeSplit, GroupsWithoutCommonServersDoNotShare)
{
    EXPECT_EQ(ShareRings({{{0, 1}, 20, 1}, {{2, 3}, 10, 1}}, 4, 4), (RingCounts{4, 4}));
}

TEST(DegreeSplit, TheBusiestMemberDecides)
{
    // At server 0 the first group has half of the bytes, at server 1 all.
    EXPECT_EQ(ShareRings({{{0, 1}, 10, 1}, {{0, 2}, 10, 1}}, 3, 4), (RingCounts{2, 2}));
}

TEST(DegreeSplit, EachGroupGetsARingWhileThereAreNics)
{
    // 2 NICs by 100 : 1 : 1: all for the first but for rounding; then one; then none.
    EXPECT_EQ(ShareRings({{{0, 1}, 100, 1}, {{0, 1}, 1, 1}}, 2, 2), (RingCounts{2, 0}));
    EXPECT_EQ(ShareRings({{{0, 1}, 50, 1}, {{0, 1}, 40, 1}, {{0, 1}, 30, 1}}, 2, 2),
              (RingCounts{1, 1, 0}));
}

TEST(DegreeSplit, NoPartOfARing)
{
    // 3 NICs and rings of 2.
    EXPECT_EQ(ShareRings({{{0, 1, 2}, 10, 2}}, 3, 3), RingCounts{1});
    EXPECT_EQ(ShareRings({{{0, 1, 2}, 10, 2}, {{0, 1}, 10, 1}}, 3, 3), (RingCounts{1, 1}));
    EXPECT_EQ(ShareRings({{{0, 1, 2}, 10, 2}}, 3, 1), RingCounts{0});
}
