/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/end-times.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

using namespace mixnetcore;

namespace
{

TEST(EndTimes, HasNoEarliestWhenEmptyOrWhenNothingEnds)
{
    EndTimes times;
    EXPECT_EQ(times.Earliest(), EndTimes::NEVER);
    times.Grow(3);
    EXPECT_EQ(times.Earliest(), EndTimes::NEVER);
    std::vector<uint32_t> numbers{7};
    times.FindUntil(Picoseconds(1000), numbers);
    EXPECT_TRUE(numbers.empty());
}

TEST(EndTimes, FindsWhatALinearSearchFindsAfterAnyChanges)
{
    for (const uint32_t size : {1, 15, 16, 17, 64, 300})
    {
        std::mt19937 random(size);
        EndTimes times;
        times.Grow(size);
        std::vector<Picoseconds> known(size, EndTimes::NEVER);
        for (uint32_t step = 0; step < 200; ++step)
        {
            for (auto changes = random() % 10; changes-- > 0;)
            {
                const auto number = random() % size;
                const int64_t range = step < 100 ? 1000 : 6; // many are alike later on
                known[number] =
                    random() % 4 == 0 ? EndTimes::NEVER : Picoseconds(int64_t(random() % range));
                times.Set(number, known[number]);
            }
            EXPECT_EQ(times.Earliest(), *std::min_element(known.begin(), known.end()));
            Picoseconds latest(0);
            for (const auto end : known)
            {
                latest = end < EndTimes::NEVER ? std::max(latest, end) : latest;
            }
            EXPECT_EQ(times.Latest(), latest);
            const Picoseconds limit(int64_t(random() % 1000));
            std::vector<uint32_t> expected;
            for (uint32_t number = 0; number < size; ++number)
            {
                if (known[number] <= limit)
                {
                    expected.push_back(number);
                }
            }
            std::vector<uint32_t> numbers;
            times.FindUntil(limit, numbers);
            EXPECT_EQ(numbers, expected);
        }
    }
}

TEST(EndTimes, ForgetsEverythingWhenCleared)
{
    EndTimes times;
    times.Grow(2);
    times.Set(1, Picoseconds(5));
    times.Clear();
    times.Grow(2);
    EXPECT_EQ(times.Earliest(), EndTimes::NEVER);
}

} // namespace
