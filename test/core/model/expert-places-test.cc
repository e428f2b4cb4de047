/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/expert-places.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <vector>

using namespace mixnetcore;

TEST(ExpertPlaces, AreAllTakenWhenThereAreAsManyExperts)
{
    EXPECT_EQ(ExpertPlaces(3, 3), (std::vector<size_t>{0, 1, 2}));
}

TEST(ExpertPlaces, SpreadTheEmptyOnesEvenly)
{
    // 4 of 64 are empty: the last of every 16, so no rank of 4 places has more than one.
    const auto places = ExpertPlaces(60, 64);
    EXPECT_EQ(places.size(), 60U);
    for (const size_t empty : {15, 31, 47, 63})
    {
        EXPECT_EQ(std::count(places.begin(), places.end(), empty), 0) << empty;
    }
}

TEST(ExpertPlaces, AreNoneWithoutExperts)
{
    EXPECT_TRUE(ExpertPlaces(0, 4).empty());
    EXPECT_TRUE(ExpertPlaces(0, 0).empty());
}

TEST(ExpertPlaces, RefuseMoreExpertsThanPlaces)
{
    EXPECT_THROW(ExpertPlaces(5, 4), std::invalid_argument);
}
