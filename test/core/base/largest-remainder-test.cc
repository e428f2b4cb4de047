/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/largest-remainder.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <numeric>
#include <stdexcept>
#include <vector>

using namespace mixnetcore;

namespace
{

using Numbers = std::vector<uint64_t>;

} // namespace

TEST(LargestRemainder, DoublesExactly)
{
    // Weights of sum 10 scaled to 20: no remainders.
    EXPECT_EQ(LargestRemainder({1, 2, 3, 4}, 20), (Numbers{2, 4, 6, 8}));
}

TEST(LargestRemainder, GivesWhatIsLeftToTheLargestFractions)
{
    // 10 * {5, 3, 1} / 9 = {5.56, 3.33, 1.11}: one is left, for the fraction .56.
    EXPECT_EQ(LargestRemainder({5, 3, 1}, 10), (Numbers{6, 3, 1}));
}

TEST(LargestRemainder, BreaksTiesByTheLowerIndex)
{
    // 5 / 3 = 1.67 each: two are left.
    EXPECT_EQ(LargestRemainder({7, 7, 7}, 5), (Numbers{2, 2, 1}));
}

TEST(LargestRemainder, GivesNothingToWeightZero)
{
    // 3 / 2 = 1.5 for both others; the tie goes to index 1.
    EXPECT_EQ(LargestRemainder({0, 1, 1, 0}, 3), (Numbers{0, 2, 1, 0}));
}

TEST(LargestRemainder, SharesOutZero)
{
    EXPECT_EQ(LargestRemainder({1, 2}, 0), (Numbers{0, 0}));
}

TEST(LargestRemainder, GivesAllToTheOnlyWeight)
{
    EXPECT_EQ(LargestRemainder({3}, 17), (Numbers{17}));
}

TEST(LargestRemainder, IsExactForTheLargestNumbers)
{
    // Products reach 2^128 / 2; a double would lose the last 11 bits.
    constexpr uint64_t largest = UINT64_MAX; // odd: one is left, for the lower index
    EXPECT_EQ(LargestRemainder({largest, largest}, largest),
              (Numbers{largest / 2 + 1, largest / 2}));
}

TEST(LargestRemainder, AddsUpToTheSum)
{
    const Numbers weights{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
    for (uint64_t sum = 0; sum < 200; ++sum)
    {
        const auto shares = LargestRemainder(weights, sum);
        EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), uint64_t{0}), sum);
    }
}

TEST(LargestRemainder, RefusesWeightsThatAreAllZero)
{
    EXPECT_THROW(LargestRemainder({0, 0}, 1), std::invalid_argument);
    EXPECT_THROW(LargestRemainder({}, 1), std::invalid_argument);
}
