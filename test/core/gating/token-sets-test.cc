/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/token-sets.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

namespace
{

using Numbers = std::vector<uint64_t>;

/// @param sets Sets of experts. @param places Number of places. @return counts, token by token.
Numbers
CountOneByOne(const TokenSets& sets, size_t places)
{
    Numbers counts(places, 0);
    for (uint64_t token = 0; token < sets.Tokens(); ++token)
    {
        for (const auto place : sets.ExpertsOf(token))
        {
            ++counts[place];
        }
    }
    return counts;
}

/**
 * @param sets Sets of experts. @param places Number of places. @param size Places per group.
 * @return tokens with an expert in each group, token by token.
 */
Numbers
DistinctOneByOne(const TokenSets& sets, size_t places, size_t size)
{
    Numbers distinct(places / size, 0);
    for (uint64_t token = 0; token < sets.Tokens(); ++token)
    {
        std::set<size_t> groups;
        for (const auto place : sets.ExpertsOf(token))
        {
            groups.insert(place / size);
        }
        for (const auto group : groups)
        {
            ++distinct[group];
        }
    }
    return distinct;
}

/// @param sets Sets of experts. @param topK Experts per token. Expects that many different ones.
void
ExpectDifferentExperts(const TokenSets& sets, uint64_t topK)
{
    for (uint64_t token = 0; token < sets.Tokens(); ++token)
    {
        const auto experts = sets.ExpertsOf(token);
        EXPECT_EQ(std::set<size_t>(experts.begin(), experts.end()).size(), topK) << token;
    }
}

/// @param n Number. @param k Number. @return ways to choose k of n.
double
Choose(size_t n, size_t k)
{
    double ways = 1;
    for (size_t i = 0; i < k; ++i)
    {
        ways *= static_cast<double>(n - i) / static_cast<double>(i + 1);
    }
    return ways;
}

/// @param sample Numbers. @return the standard error of their mean.
double
ErrorOf(const std::vector<double>& sample)
{
    const auto count = static_cast<double>(sample.size());
    const auto mean = std::accumulate(sample.begin(), sample.end(), 0.0) / count;
    double squares = 0;
    for (const auto value : sample)
    {
        squares += (value - mean) * (value - mean);
    }
    return std::sqrt(squares / (count - 1) / count);
}

/// @param sample Numbers. @return their mean.
double
MeanOf(const std::vector<double>& sample)
{
    return std::accumulate(sample.begin(), sample.end(), 0.0) / static_cast<double>(sample.size());
}

/// @param numbers Numbers. @param factor What to multiply them with. @return the products.
Numbers
Scaled(Numbers numbers, uint64_t factor)
{
    for (auto& number : numbers)
    {
        number *= factor;
    }
    return numbers;
}

const Numbers UNEVEN{900, 500, 0, 130, 170, 299, 1, 0}; //!< 1000 tokens, 2 experts each

} // namespace

TEST(TokenSets, HaveExactlyTheCountsGiven)
{
    const auto sets = TokenSets::FromCounts(UNEVEN, 1000, KeyedRandom(1));
    EXPECT_EQ(sets.Tokens(), 1000U);
    EXPECT_EQ(sets.Counts(), UNEVEN);
    EXPECT_EQ(CountOneByOne(sets, 8), UNEVEN);
}

TEST(TokenSets, GiveEveryTokenDifferentExperts)
{
    ExpectDifferentExperts(TokenSets::FromCounts(UNEVEN, 1000, KeyedRandom(1)), 2);
}

TEST(TokenSets, CountDistinctTokensAsOneByOne)
{
    for (uint64_t seed = 0; seed < 5; ++seed)
    {
        const auto sets = TokenSets::FromCounts(UNEVEN, 1000, KeyedRandom(seed));
        for (const size_t size : {1, 2, 4, 8})
        {
            EXPECT_EQ(sets.Distinct(size), DistinctOneByOne(sets, 8, size)) << size;
        }
    }
}

TEST(TokenSets, OfOneExpertEachHaveNoDuplicates)
{
    const auto sets = TokenSets::FromCounts({3, 4, 5, 6}, 18, KeyedRandom(1));
    EXPECT_EQ(sets.Distinct(2), (Numbers{7, 11}));
}

TEST(TokenSets, OfAllExpertsReachEveryGroupOnce)
{
    const auto sets = TokenSets::FromCounts({100, 100, 100, 100}, 100, KeyedRandom(1));
    EXPECT_EQ(sets.Distinct(2), (Numbers{100, 100}));
}

TEST(TokenSets, OfOneTokenAreItsExperts)
{
    const auto sets = TokenSets::FromCounts({0, 1, 1, 0}, 1, KeyedRandom(1));
    EXPECT_EQ(sets.ExpertsOf(0), (std::vector<size_t>{1, 2}));
    EXPECT_EQ(sets.Distinct(2), (Numbers{1, 1}));
}

TEST(TokenSets, AreAllEquallyLikelyWithEqualShares)
{
    // A group of g of E experts misses a token of k experts with C(E - g, k) / C(E, k).
    constexpr size_t experts = 32;
    constexpr uint64_t tokens = 512;
    constexpr size_t topK = 4;
    const Numbers counts(experts, tokens * topK / experts);
    for (const size_t size : {2, 8, 16})
    {
        std::vector<double> sample;
        for (uint64_t seed = 0; seed < 400; ++seed)
        {
            const auto distinct =
                TokenSets::FromCounts(counts, tokens, KeyedRandom(seed)).Distinct(size);
            sample.push_back(static_cast<double>(distinct[1]) / tokens);
        }
        const auto expected = 1 - Choose(experts - size, topK) / Choose(experts, topK);
        EXPECT_NEAR(MeanOf(sample), expected, 5 * ErrorOf(sample)) << size;
        EXPECT_LT(ErrorOf(sample), 0.002);
    }
}

TEST(TokenSets, KeepToTheirGroups)
{
    // 16 places in 8 groups, 3 groups per token; the scale of the weights makes no difference.
    const Numbers weights{5, 1, 4, 2, 9, 7, 1, 1, 3, 8, 2, 6, 5, 5, 1, 4};
    for (const auto& scaled : {weights, Scaled(weights, uint64_t{1} << 30)})
    {
        for (const uint64_t topK : {1, 4})
        {
            const auto sets = TokenSets::Limited(scaled, 2000, topK, {8, 3}, KeyedRandom(1));
            EXPECT_EQ(sets.Tokens(), 2000U);
            ExpectDifferentExperts(sets, topK);
            for (uint64_t token = 0; token < sets.Tokens(); ++token)
            {
                std::set<size_t> groups;
                for (const auto place : sets.ExpertsOf(token))
                {
                    groups.insert(place / 2);
                }
                EXPECT_LE(groups.size(), 3U);
            }
            EXPECT_EQ(sets.Counts(), CountOneByOne(sets, 16));
            EXPECT_EQ(sets.Distinct(2), DistinctOneByOne(sets, 16, 2));
        }
    }
}

TEST(TokenSets, OfOneTokenKeepToTheirGroupsToo)
{
    for (uint64_t seed = 0; seed < 100; ++seed)
    {
        const auto sets = TokenSets::Limited(Scaled(Numbers(32, 1), uint64_t{1} << 30),
                                             1,
                                             4,
                                             {4, 2},
                                             KeyedRandom(seed));
        const auto experts = sets.ExpertsOf(0);
        ASSERT_EQ(experts.size(), 4U);
        EXPECT_EQ(std::set<size_t>(experts.begin(), experts.end()).size(), 4U);
        EXPECT_EQ(sets.Tokens(), 1U);
    }
}

TEST(TokenSets, KeepTheirSharesInTheMeanUnderALimit)
{
    // Groups weigh 10, 20, 30, 40, so pairs of groups 30 to 70, together 300: 3000 tokens divide
    // without a remainder. No expert reaches a token twice in the mean.
    const Numbers weights{4, 3, 3, 8, 5, 7, 11, 9, 10, 10, 18, 12};
    constexpr uint64_t tokens = 3000;
    constexpr uint64_t topK = 2;
    for (const auto& scaled : {weights, Scaled(weights, uint64_t{1} << 30)})
    {
        std::vector<std::vector<double>> samples(weights.size());
        for (uint64_t seed = 0; seed < 300; ++seed)
        {
            const auto counts =
                TokenSets::Limited(scaled, tokens, topK, {4, 2}, KeyedRandom(seed)).Counts();
            for (size_t place = 0; place < counts.size(); ++place)
            {
                samples[place].push_back(static_cast<double>(counts[place]));
            }
        }
        for (size_t place = 0; place < weights.size(); ++place)
        {
            const auto expected = static_cast<double>(tokens * topK * weights[place]) / 100;
            EXPECT_NEAR(MeanOf(samples[place]), expected, 5 * ErrorOf(samples[place]) + 1e-3);
            EXPECT_LT(ErrorOf(samples[place]), 0.5);
        }
    }
}

TEST(TokenSets, PassOnWhatAnExpertCannotTakeTwice)
{
    // Expert 0 would get nearly all assignments; it gets each token once.
    const auto sets = TokenSets::Limited({1000, 1, 1, 0}, 100, 2, {1, 1}, KeyedRandom(1));
    EXPECT_EQ(sets.Counts()[0], 100U);
    EXPECT_EQ(sets.Counts()[1] + sets.Counts()[2], 100U);
    EXPECT_EQ(sets.Counts()[3], 0U);
    ExpectDifferentExperts(sets, 2);
}

TEST(TokenSets, DependOnTheirPlaceAlone)
{
    const auto sets = TokenSets::FromCounts(UNEVEN, 1000, KeyedRandom(1));
    EXPECT_EQ(TokenSets::FromCounts(UNEVEN, 1000, KeyedRandom(1)).Distinct(2), sets.Distinct(2));
    EXPECT_NE(TokenSets::FromCounts(UNEVEN, 1000, KeyedRandom(2)).ExpertsOf(0), sets.ExpertsOf(0));
}

TEST(TokenSets, RefuseCountsThatTokensCannotMake)
{
    EXPECT_EQ(
        tests::Refusal([] {
            TokenSets::FromCounts({3, 1}, 2, KeyedRandom(1));
        }),
        "experts of 2 tokens with 4 assignments, up to 3 to one expert; expected a multiple of "
        "the tokens, and at most one assignment of a token to an expert");
    EXPECT_NE(tests::Refusal([] { TokenSets::FromCounts({2, 1}, 2, KeyedRandom(1)); }), "");
}

TEST(TokenSets, RefuseNoTokensAndTooMany)
{
    EXPECT_EQ(tests::Refusal([] { TokenSets::FromCounts({0}, 0, KeyedRandom(1)); }),
              "experts of 0 tokens of a source rank; expected 1 to 16777216 tokens");
    EXPECT_NE(tests::Refusal([] {
                  TokenSets::Limited({1}, TokenSets::MAX_TOKENS + 1, 1, {1, 1}, KeyedRandom(1));
              }),
              "");
}

TEST(TokenSets, RefuseGroupsThatDoNotFit)
{
    const Numbers weights(6, 1);
    const auto refusal = [&weights](GroupLimit limit, uint64_t topK) {
        return tests::Refusal(
            [&] { TokenSets::Limited(weights, 10, topK, limit, KeyedRandom(1)); });
    };
    EXPECT_EQ(
        refusal({4, 2}, 1),
        "gating with 2 of 4 groups per token and 6 expert places; expected groups that divide "
        "the places, and 1 group per token to all");
    EXPECT_NE(refusal({3, 4}, 1), "");
    EXPECT_NE(refusal({3, 0}, 1), "");
    EXPECT_EQ(refusal({3, 1}, 3),
              "gating of 3 experts per token in groups with 2 experts; expected at least as many "
              "experts");
}

TEST(TokenSets, RefuseMoreWaysToChooseGroupsThanTheyGoThrough)
{
    // C(16, 8) = 12870.
    EXPECT_EQ(tests::Refusal([] {
                  TokenSets::Limited(Numbers(16, 1), 10, 8, {16, 8}, KeyedRandom(1));
              }),
              "gating with 8 of 16 groups per token; expected at most 1000 ways to choose them");
}
