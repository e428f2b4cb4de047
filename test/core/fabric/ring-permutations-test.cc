/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/ring-permutations.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>
#include <set>

using namespace mixnetcore;

namespace
{

using Steps = std::vector<uint32_t>;

/// @return the most steps that it takes to get from 0 to any place of a circle.
uint32_t
DiameterOf(uint32_t size, const Steps& steps)
{
    std::vector<uint32_t> hops(size, size);
    hops[0] = 0;
    for (uint32_t round = 0; round < size; ++round) // as shortest paths of Bellman and Ford
    {
        for (uint32_t place = 0; place < size; ++place)
        {
            for (const auto step : steps)
            {
                auto& next = hops[(place + step) % size];
                next = std::min(next, hops[place] + 1);
            }
        }
    }
    return *std::max_element(hops.begin(), hops.end());
}

} // namespace

TEST(RingPermutations, StepsArePrimeToTheSize)
{
    EXPECT_EQ(TotientPermutations(2), Steps{1});
    EXPECT_EQ(TotientPermutations(7), (Steps{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(TotientPermutations(12), (Steps{1, 5, 7, 11}));
}

TEST(RingPermutations, TheTwoWaysAroundAreOneRingOfDuplexCircuits)
{
    // + p and + (k - p) join the same pairs.
    EXPECT_EQ(TotientPermutations(2, RingDirection::BothWays), Steps{1});
    EXPECT_EQ(TotientPermutations(7, RingDirection::BothWays), (Steps{1, 2, 3}));
    EXPECT_EQ(TotientPermutations(12, RingDirection::BothWays), (Steps{1, 5}));
}

TEST(RingPermutations, ChoosesStepsNearAGeometricSequence)
{
    // 64^(1/3) = 4: 1, 4 and 16. 3 and 5 are equally near to 4, 15 and 17 to 16: the lower ones.
    EXPECT_EQ(SelectPermutations(64, 3), (Steps{1, 3, 15}));
    // 27^(1/3) = 3: 1, 3 and 9, which are not prime to 27: 2 and 4, 8 and 10 are equally near.
    EXPECT_EQ(SelectPermutations(27, 3), (Steps{1, 2, 8}));
    // 11^(1/2) = 3.3
    EXPECT_EQ(SelectPermutations(11, 2), (Steps{1, 3}));
}

TEST(RingPermutations, TakesTheNearestThatIsNotUsed)
{
    // 8^(1/4) = 1.68, 2.83, 4.76 among 1, 3, 5, 7: 1, then 3 (1 is used), 5 (3 is used), 7.
    EXPECT_EQ(SelectPermutations(8, 4), (Steps{1, 3, 5, 7}));
}

TEST(RingPermutations, RepeatsStepsWhenThereAreNoMore)
{
    EXPECT_EQ(SelectPermutations(2, 3), (Steps{1, 1, 1}));
    EXPECT_EQ(SelectPermutations(6, 5), (Steps{1, 5, 1, 5, 1}));
    EXPECT_TRUE(SelectPermutations(6, 0).empty());
}

TEST(RingPermutations, ChoosesDifferentStepsWhileThereAreSome)
{
    for (uint32_t size = 2; size <= 130; ++size)
    {
        const auto all = TotientPermutations(size);
        const auto chosen = SelectPermutations(size, all.size());
        EXPECT_EQ(chosen.front(), 1U);
        EXPECT_EQ(std::set(chosen.begin(), chosen.end()), std::set(all.begin(), all.end()));
    }
}

TEST(RingPermutations, ARingVisitsEachMemberOnce)
{
    const std::vector<uint32_t> members{3, 4, 8, 9, 20};
    // Places 0, 3, 6 mod 5 = 1, 4, 7 mod 5 = 2.
    EXPECT_EQ(RingOrder(members, 3), (std::vector<uint32_t>{3, 9, 4, 20, 8}));
}

TEST(RingPermutations, RefusesARingOfOne)
{
    EXPECT_EQ(tests::Refusal([] { TotientPermutations(1); }),
              "size = 1: a ring has at least 2 members");
    EXPECT_EQ(tests::Refusal([] { SelectPermutations(0, 2); }),
              "size = 0: a ring has at least 2 members");
}

/// Number of rings of a group.
class RingDiameterTest : public testing::TestWithParam<uint32_t>
{
};

// Diameters: n      d = 2  3  4  5  6  7  8
//            8          3  3  2  2  2  2  2
//            16         6  4  3  3  3  3  2
//            32         9  6  5  4  4  3  3
//            64        14  9  6  5  5  5  4
//            128       20 12  8  6  6  6  5
//            256       30 15 11  9  7  7  7
//            512       43 20 13 10  9  8  7
// The largest part of d * n^(1/d) is 43 / (2 * 22.63) = 0.95.
TEST_P(RingDiameterTest, StaysBelowTheNumberOfRingsTimesTheRootOfTheSize)
{
    const auto rings = GetParam();
    for (uint32_t size = 8; size <= 512; size *= 2)
    {
        const double bound = rings * std::pow(size, 1.0 / rings);
        EXPECT_LE(DiameterOf(size, SelectPermutations(size, rings)), bound) << "size " << size;
    }
}

INSTANTIATE_TEST_SUITE_P(Rings, RingDiameterTest, testing::Range(2U, 9U));
