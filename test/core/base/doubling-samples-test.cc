/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/doubling-samples.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <vector>

using namespace mixnetcore;

namespace
{

using Numbers = std::vector<uint64_t>;

constexpr Picoseconds SPAN{10};

/// @param samples Some. @param counter One of the counters. @return its growth, span by span.
Numbers
GrowthOf(const DoublingSamples& samples, size_t counter = 0)
{
    Numbers growth;
    for (size_t sample = 0; sample < samples.Size(); ++sample)
    {
        growth.push_back(samples.At(sample, counter));
    }
    return growth;
}

} // namespace

TEST(DoublingSamples, GiveEachSpanWhatWasReadAtItsEnd)
{
    DoublingSamples samples(2, 8, SPAN);
    samples.Add(Picoseconds(10), {5, 0});
    samples.Add(Picoseconds(20), {5, 7});
    samples.Add(Picoseconds(30), {9, 8});

    EXPECT_EQ(GrowthOf(samples, 0), (Numbers{5, 0, 4}));
    EXPECT_EQ(GrowthOf(samples, 1), (Numbers{0, 7, 1}));
    EXPECT_EQ(samples.Next(), Picoseconds(40));
    EXPECT_EQ(samples.LastEnd(Picoseconds(39)), Picoseconds(30));
}

TEST(DoublingSamples, SpreadGrowthEvenlyOverTheTimeBetweenReadings)
{
    // From 5 to 40: 35 ps for 70, 2 each; the first span has half of its time before that.
    DoublingSamples samples(1, 8, SPAN);
    samples.Add(Picoseconds(5), {1});
    samples.Add(Picoseconds(40), {71});

    EXPECT_EQ(GrowthOf(samples), (Numbers{11, 20, 20, 20}));
}

TEST(DoublingSamples, LoseNothingToRounding)
{
    // 100 over three spans: 33, 33 and what is left.
    DoublingSamples samples(1, 8, SPAN);
    samples.Add(Picoseconds(30), {100});

    EXPECT_EQ(GrowthOf(samples), (Numbers{33, 33, 34}));
}

TEST(DoublingSamples, DoubleTheirSpanWhenTheyAreTooMany)
{
    DoublingSamples samples(1, 4, SPAN);
    for (uint64_t reading = 1; reading <= 4; ++reading)
    {
        samples.Add(SPAN * int64_t(reading), {reading * reading}); // 1, 3, 5, 7 more
    }
    EXPECT_EQ(GrowthOf(samples), (Numbers{1, 3, 5, 7}));
    EXPECT_EQ(samples.Span(), SPAN);

    samples.Add(SPAN * 5, {25}); // 9 more, in the fifth span of 10, which is the third of 20
    EXPECT_EQ(GrowthOf(samples), (Numbers{4, 12, 9}));
    EXPECT_EQ(samples.Span(), SPAN * 2);
    EXPECT_EQ(samples.Next(), SPAN * 6);
}

TEST(DoublingSamples, DoubleAsOftenAsALateReadingNeeds)
{
    // 35 spans of 10 fit into 4 of 160 or more: 10, 20, 40, 80 would be 35, 18, 9, 5.
    DoublingSamples samples(1, 4, SPAN);
    samples.Add(Picoseconds(340), {0});
    samples.Add(Picoseconds(350), {6});

    EXPECT_EQ(samples.Span(), SPAN * 16);
    EXPECT_EQ(GrowthOf(samples), (Numbers{0, 0, 6}));
}

TEST(DoublingSamples, TakeNoRoomForIdleTime)
{
    DoublingSamples samples(1, 4, SPAN);
    samples.Add(Picoseconds(10), {3});
    samples.Add(Picoseconds(1'000'000), {3});

    EXPECT_EQ(samples.Span(), SPAN);
    EXPECT_EQ(GrowthOf(samples), (Numbers{3}));
}

TEST(DoublingSamples, CountWhatWentBackOnce)
{
    DoublingSamples samples(1, 8, SPAN);
    samples.Add(Picoseconds(10), {8});
    samples.Add(Picoseconds(20), {5});
    samples.Add(Picoseconds(30), {7});
    samples.Add(Picoseconds(40), {10});

    EXPECT_EQ(GrowthOf(samples), (Numbers{8, 0, 0, 2}));
}

TEST(DoublingSamples, TakeTwoReadingsAtOneInstant)
{
    // The second belongs to the span that begins then.
    DoublingSamples samples(1, 8, SPAN);
    samples.Add(Picoseconds(10), {8});
    samples.Add(Picoseconds(10), {9});

    EXPECT_EQ(GrowthOf(samples), (Numbers{8, 1}));
}

TEST(DoublingSamples, MayHaveNoCounters)
{
    DoublingSamples samples(0, 8, SPAN);
    samples.Add(Picoseconds(10), {});

    EXPECT_EQ(samples.Size(), 0U);
}

TEST(DoublingSamples, RefuseWhatCannotBe)
{
    EXPECT_THROW(DoublingSamples(1, 1, SPAN), std::invalid_argument);
    EXPECT_THROW(DoublingSamples(1, 2, Picoseconds(0)), std::invalid_argument);
}
