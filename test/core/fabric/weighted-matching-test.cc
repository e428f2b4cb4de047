/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/keyed-random.h"
#include "ns3/weighted-matching.h"

#include <algorithm>
#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

/// @return weights of pairs, of which only those above the diagonal are given.
PairWeights
Symmetric(PairWeights weights)
{
    for (size_t a = 0; a < weights.size(); ++a)
    {
        for (size_t b = 0; b < a; ++b)
        {
            weights[a][b] = weights[b][a];
        }
    }
    return weights;
}

/// @param density Of ten pairs, how many have a weight. @param most Largest weight.
PairWeights
RandomWeights(size_t vertices, const KeyedRandom& random, uint64_t density, uint64_t most)
{
    PairWeights weights(vertices, std::vector<uint64_t>(vertices));
    for (size_t a = 0; a < vertices; ++a)
    {
        for (size_t b = a + 1; b < vertices; ++b)
        {
            const auto place = random.At(a).At(b);
            weights[a][b] = place.Bits(0) % 10 < density ? 1 + place.Bits(1) % most : 0;
        }
    }
    return Symmetric(weights);
}

uint64_t
WeightOf(const Matching& matching, const PairWeights& weights)
{
    uint64_t weight = 0;
    for (const auto& [a, b] : matching)
    {
        weight += weights[a][b];
    }
    return weight;
}

/// @return the largest weight of a matching of the vertices of a set, by trying all mates of the
/// lowest one.
uint64_t
LargestWeight(const PairWeights& weights, uint32_t set)
{
    if (set == 0)
    {
        return 0;
    }
    const uint32_t lowest = __builtin_ctz(set);
    const auto others = set & ~(1U << lowest);
    auto largest = LargestWeight(weights, others);
    for (uint32_t other = 0; other < weights.size(); ++other)
    {
        if ((others >> other) % 2 != 0 && weights[lowest][other] > 0)
        {
            largest =
                std::max(largest,
                         weights[lowest][other] + LargestWeight(weights, others & ~(1U << other)));
        }
    }
    return largest;
}

/// @brief Expects pairs with a weight, lower one first, ascending, no vertex in two of them.
void
ExpectMatching(const Matching& matching, const PairWeights& weights)
{
    std::vector<uint32_t> pairsOf(weights.size());
    EXPECT_TRUE(std::is_sorted(matching.begin(), matching.end()));
    for (const auto& [a, b] : matching)
    {
        EXPECT_LT(a, b);
        EXPECT_GT(weights[a][b], 0U);
        EXPECT_EQ(++pairsOf[a], 1U);
        EXPECT_EQ(++pairsOf[b], 1U);
    }
}

} // namespace

TEST(WeightedMatching, OfNothingIsEmpty)
{
    EXPECT_TRUE(MatchByWeight({}).empty());
    EXPECT_TRUE(MatchByWeight({{0}}).empty());
    EXPECT_TRUE(MatchByWeight({{0, 0}, {0, 0}}).empty());
    EXPECT_TRUE(MatchGreedily({}).empty());
}

TEST(WeightedMatching, TakesOneHeavyPairRatherThanTwoLightOnes)
{
    // A path 0 - 1 - 2 - 3: the middle, 9, is heavier than both ends, 4 + 4.
    const auto weights = Symmetric({{0, 4, 0, 0}, {0, 0, 9, 0}, {0, 0, 0, 4}, {0, 0, 0, 0}});

    EXPECT_EQ(MatchByWeight(weights), (Matching{{1, 2}}));
    EXPECT_EQ(MatchGreedily(weights), (Matching{{1, 2}}));
}

TEST(WeightedMatching, TakesTwoLightPairsThatAreHeavierTogether)
{
    // 6 + 6 against 9; greed takes the 9.
    const auto weights = Symmetric({{0, 6, 0, 0}, {0, 0, 9, 0}, {0, 0, 0, 6}, {0, 0, 0, 0}});

    EXPECT_EQ(MatchByWeight(weights), (Matching{{0, 1}, {2, 3}}));
    EXPECT_EQ(MatchGreedily(weights), (Matching{{1, 2}}));
}

TEST(WeightedMatching, IsTheHeaviestOfAllOnSmallGraphs)
{
    const KeyedRandom random(1);
    for (const uint64_t most :
         {uint64_t{1}, uint64_t{2}, uint64_t{5}, uint64_t{1000}, MOST_PAIR_WEIGHT})
    {
        for (uint64_t instance = 0; instance < 600; ++instance)
        {
            const auto place = random.At(most).At(instance);
            const auto weights =
                RandomWeights(2 + instance % 7, place.At(0), 1 + place.Bits(0) % 10, most);

            const auto matching = MatchByWeight(weights);

            ExpectMatching(matching, weights);
            EXPECT_EQ(WeightOf(matching, weights),
                      LargestWeight(weights, (1U << weights.size()) - 1))
                << "largest weight " << most << ", instance " << instance;
        }
    }
}

TEST(WeightedMatching, IsTheHeaviestOfAllWhereCirclesAreInsideOfCircles)
{
    const KeyedRandom random(2);
    for (uint64_t instance = 0; instance < 60; ++instance)
    {
        const auto weights = RandomWeights(12, random.At(instance), 3 + instance % 5, 4);

        const auto matching = MatchByWeight(weights);

        ExpectMatching(matching, weights);
        EXPECT_EQ(WeightOf(matching, weights), LargestWeight(weights, (1U << 12) - 1))
            << "instance " << instance;
    }
}

TEST(WeightedMatching, LeavesOneOutOfAnOddNumber)
{
    const auto weights = RandomWeights(101, KeyedRandom(3), 10, 1000);

    const auto matching = MatchByWeight(weights);

    ExpectMatching(matching, weights);
    EXPECT_EQ(matching.size(), 50U);
}

TEST(WeightedMatching, GreedHasHalfOfTheLargestSumAtLeast)
{
    const KeyedRandom random(4);
    for (uint64_t instance = 0; instance < 100; ++instance)
    {
        const auto weights = RandomWeights(8, random.At(instance), 6, 100);

        const auto matching = MatchGreedily(weights);

        ExpectMatching(matching, weights);
        EXPECT_GE(2 * WeightOf(matching, weights), LargestWeight(weights, (1U << 8) - 1));
    }
}

TEST(WeightedMatching, GreedTakesTheLowerOfEqualPairs)
{
    const auto weights = Symmetric({{0, 1, 1}, {0, 0, 1}, {0, 0, 0}});

    EXPECT_EQ(MatchGreedily(weights), (Matching{{0, 1}}));
}

TEST(WeightedMatching, RefusesWeightsThatAreTooLarge)
{
    const auto weights = Symmetric({{0, MOST_PAIR_WEIGHT + 1}, {0, 0}});

    EXPECT_EQ(tests::Refusal([&] { MatchByWeight(weights); }),
              "weight 288230376151711745: at most 288230376151711744");
}
