/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/keyed-random.h"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <set>

using namespace mixnetcore;

TEST(KeyedRandom, IsSplitMix64)
{
    // First outputs for seed 0 of the public-domain reference program splitmix64.c by S. Vigna.
    const KeyedRandom random(0);
    EXPECT_EQ(random.Bits(0), 0xE220A8397B1DCDAFU);
    EXPECT_EQ(random.Bits(1), 0x6E789E6AA1B965F4U);
    EXPECT_EQ(random.Bits(2), 0x06C45D188009454FU);
}

TEST(KeyedRandom, DoesNotDependOnTheOrderOfAsking)
{
    const KeyedRandom random(7);
    const auto late = random.At(3).Bits(9);
    random.At(2).Bits(0);
    EXPECT_EQ(random.At(3).Bits(9), late);
}

TEST(KeyedRandom, TellsCoordinatesApartByTheirPlace)
{
    const KeyedRandom random(7);
    EXPECT_NE(random.At(1).At(2).Bits(0), random.At(2).At(1).Bits(0));
}

TEST(KeyedRandom, LeadsFromDifferentCoordinatesToDifferentNumbers)
{
    const KeyedRandom random(7);
    std::set<uint64_t> numbers;
    for (uint64_t a = 0; a < 100; ++a)
    {
        for (uint64_t b = 0; b < 100; ++b)
        {
            numbers.insert(random.At(a).At(b).Bits(0));
        }
    }
    EXPECT_EQ(numbers.size(), 10000U);
}

TEST(KeyedRandom, HasNearNormalNumbersOfMeanZeroAndVarianceOne)
{
    // Standard errors over 40000 numbers: mean 1 / 200 = 0.005, variance sqrt(1.9) / 200 = 0.007.
    const KeyedRandom random(11);
    constexpr int count = 40000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < count; ++i)
    {
        const auto number = random.At(i).NearNormal();
        sum += number;
        squares += number * number;
    }
    EXPECT_NEAR(sum / count, 0, 4 * 0.005);
    EXPECT_NEAR(squares / count, 1, 4 * 0.007);
}

TEST(KeyedRandom, PermutesEveryNumberOnce)
{
    auto order = KeyedRandom(5).Permutation(60);
    EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
    std::sort(order.begin(), order.end());
    for (size_t i = 0; i < order.size(); ++i)
    {
        EXPECT_EQ(order[i], i);
    }
}

TEST(KeyedRandom, PermutesNothingAndOne)
{
    EXPECT_TRUE(KeyedRandom(5).Permutation(0).empty());
    EXPECT_EQ(KeyedRandom(5).Permutation(1), std::vector<size_t>{0});
}

TEST(KeyedRandom, SpreadsUniformNumbersFromZeroToOne)
{
    // Mean 1/2 and variance 1/12: standard errors of 40000 numbers 0.0014 and 0.0004.
    const KeyedRandom random(3);
    constexpr int count = 40000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < count; ++i)
    {
        const auto number = random.Uniform(i);
        EXPECT_TRUE(number >= 0 && number < 1);
        sum += number;
        squares += (number - 0.5) * (number - 0.5);
    }
    EXPECT_NEAR(sum / count, 0.5, 4 * 0.0015);
    EXPECT_NEAR(squares / count, 1.0 / 12, 4 * 0.0004);
}
