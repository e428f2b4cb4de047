/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/expert-copies.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

using namespace mixnetcore;

namespace
{

/// @param copies Copies. @return how many each expert has.
std::vector<size_t>
CountsOf(const ExpertCopies& copies)
{
    std::vector<size_t> counts;
    for (size_t expert = 0; expert < copies.Experts(); ++expert)
    {
        counts.push_back(copies.PlacesOf(expert).size());
    }
    return counts;
}

} // namespace

TEST(ExpertCopies, GoToTheExpertWithTheMostTokensPerCopy)
{
    // 90 tokens, then 45 per copy as expert 1 has, and the first of equals is taken; 30 then, so
    // that expert 1 with 45 is next.
    EXPECT_EQ(CountsOf({{90, 45, 20}, 4, 1}), (std::vector<size_t>{2, 1, 1}));
    EXPECT_EQ(CountsOf({{90, 45, 20}, 5, 1}), (std::vector<size_t>{3, 1, 1}));
    EXPECT_EQ(CountsOf({{90, 45, 20}, 6, 1}), (std::vector<size_t>{3, 2, 1}));
}

TEST(ExpertCopies, FillAllPlacesOnce)
{
    std::mt19937 random(7);
    for (const size_t ranks : {1, 3, 8, 36})
    {
        std::vector<uint64_t> tokens(64);
        std::generate(tokens.begin(), tokens.end(), [&] { return random() % 1000; });
        const ExpertCopies copies(tokens, 72, ranks);
        std::set<size_t> places;
        for (size_t expert = 0; expert < copies.Experts(); ++expert)
        {
            EXPECT_FALSE(copies.PlacesOf(expert).empty());
            for (const auto place : copies.PlacesOf(expert))
            {
                EXPECT_LT(place, 72U);
                EXPECT_TRUE(places.insert(place).second);
            }
        }
        EXPECT_EQ(places.size(), 72U);
    }
}

TEST(ExpertCopies, EvenOutWhatRanksGet)
{
    // One expert of eight has half of all tokens: without copies its rank has at least 700 of 1400,
    // with one on each of four ranks nobody has more than 1400 / 4 + 100, the last one laid.
    const std::vector<uint64_t> tokens{700, 100, 100, 100, 100, 100, 100, 100};
    const ExpertCopies copies(tokens, 12, 4);
    ASSERT_EQ(copies.PlacesOf(0).size(), 5U); // 700 / 4 is more than 100 still
    std::vector<double> ofRanks(4);
    for (size_t expert = 0; expert < tokens.size(); ++expert)
    {
        const auto& places = copies.PlacesOf(expert);
        for (const auto place : places)
        {
            ofRanks[place / 3] += double(tokens[expert]) / double(places.size());
        }
    }
    EXPECT_LE(*std::max_element(ofRanks.begin(), ofRanks.end()), 1400 / 4.0 + 140);
}

TEST(ExpertCopies, AreOnDifferentRanksIfTheyCanBe)
{
    const ExpertCopies copies({100, 90, 80, 70}, 8, 4);
    for (size_t expert = 0; expert < 4; ++expert)
    {
        const auto& places = copies.PlacesOf(expert);
        ASSERT_EQ(places.size(), 2U);
        EXPECT_NE(places[0] / 2, places[1] / 2);
    }
}

TEST(ExpertCopies, AreDealtToSourcesInTurn)
{
    const ExpertCopies copies({100, 1}, 4, 2);
    ASSERT_EQ(copies.PlacesOf(0).size(), 3U);
    for (size_t expert = 0; expert < 2; ++expert)
    {
        std::vector<size_t> used;
        for (size_t source = 0; source < 2 * copies.PlacesOf(expert).size(); ++source)
        {
            used.push_back(copies.PlaceOf(expert, source));
        }
        for (const auto place : copies.PlacesOf(expert))
        {
            EXPECT_EQ(std::count(used.begin(), used.end(), place), 2);
        }
    }
}

TEST(ExpertCopies, RefuseWhatDoesNotFit)
{
    EXPECT_THROW(ExpertCopies({}, 4, 2), std::invalid_argument);
    EXPECT_THROW(ExpertCopies({1, 2, 3}, 2, 2), std::invalid_argument);
    EXPECT_THROW(ExpertCopies({1, 2, 3}, 4, 3), std::invalid_argument);
    EXPECT_THROW(ExpertCopies({1, 2, 3}, 4, 0), std::invalid_argument);
}
