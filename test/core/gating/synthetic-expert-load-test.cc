/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/expert-places.h"
#include "ns3/synthetic-expert-load.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

namespace
{

/// Means of statistics over many matrices.
struct Statistics
{
    double expertVariation{0}; //!< coefficient of variation of column sums
    double maximumOverMean{0}; //!< of column sums
    double sourceVariation{0}; //!< root mean square over experts and matrices
};

/**
 * @param tokens A load.
 * @param expert Column.
 * @return squared coefficient of variation (n - 1 formula) over the sources.
 */
double
SquaredSourceVariation(const TokenMatrix& tokens, size_t expert)
{
    const auto sources = static_cast<double>(tokens.Rows());
    const auto mean = static_cast<double>(tokens.ColumnSum(expert).Count()) / sources;
    double squares = 0;
    for (size_t source = 0; source < tokens.Rows(); ++source)
    {
        squares += std::pow(static_cast<double>(tokens.At(source, expert).Count()) - mean, 2);
    }
    return squares / (sources - 1) / (mean * mean);
}

/**
 * @param options Shape and statistics asked for.
 * @return statistics of 400 matrices: 20 iterations of 20 layers.
 */
Statistics
Measure(const SyntheticExpertLoadOptions& options)
{
    const SyntheticExpertLoad load(options);
    const auto places = ExpertPlaces(options.experts, options.expertPlaces);
    const auto experts = static_cast<double>(options.experts);
    constexpr uint32_t iterations = 20;
    constexpr uint32_t layers = 20;
    constexpr double count = iterations * layers;
    Statistics mean;
    for (uint32_t draw = 0; draw < iterations * layers; ++draw)
    {
        const auto tokens = load.Draw({draw / layers, draw % layers, 0, 0});
        double squares = 0;
        double largest = 0;
        for (const auto place : places)
        {
            const auto share = static_cast<double>(tokens.ColumnSum(place).Count()) /
                               static_cast<double>(tokens.Total().Count());
            squares += share * share;
            largest = std::max(largest, share);
            mean.sourceVariation += SquaredSourceVariation(tokens, place) / experts / count;
        }
        mean.expertVariation += std::sqrt(std::max(0.0, squares * experts - 1)) / count;
        mean.maximumOverMean += largest * experts / count;
    }
    mean.sourceVariation = std::sqrt(mean.sourceVariation);
    return mean;
}

/**
 * @param change What to change in the default options.
 * @return the message of the refusal, empty if there is none.
 */
std::string
RefusalOf(const std::function<void(SyntheticExpertLoadOptions&)>& change)
{
    SyntheticExpertLoadOptions options;
    change(options);
    return tests::Refusal([&] { SyntheticExpertLoad load(options); });
}

/// @return the gating of DeepSeek-V3: 8 of 256 experts on 64 ranks, in 4 of 8 groups.
SyntheticExpertLoadOptions
DeepSeekOptions()
{
    SyntheticExpertLoadOptions options;
    options.sourceRanks = 64;
    options.experts = 256;
    options.expertPlaces = 256;
    options.topK = 8;
    options.tokensPerSource = Tokens(4096);
    options.limit = {8, 4};
    return options;
}

/**
 * @param name Name of a model.
 * @return options for it at its default EP degree.
 */
SyntheticExpertLoadOptions
OptionsOf(const std::string& name)
{
    const auto& model = FindModel(name);
    return SyntheticLoadOf(model, model.expertParallel);
}

} // namespace

TEST(SyntheticExpertLoad, TakesItsShapeFromTheModel)
{
    const SyntheticExpertLoad load(OptionsOf("qwen-moe"));
    const auto tokens = load.Draw({});
    EXPECT_EQ(load.SourceRanks(), 16U);
    EXPECT_EQ(load.Experts(), 64U);
    EXPECT_EQ(tokens.Rows(), 16U);
    EXPECT_EQ(tokens.Columns(), 64U);
}

TEST(SyntheticExpertLoad, AssignsEveryTokenOfEveryRank)
{
    for (const auto& name : Models().Names())
    {
        const SyntheticExpertLoad load(OptionsOf(name));
        for (uint32_t layer = 0; layer < 10; ++layer)
        {
            const auto tokens = load.Draw({0, layer, 0, 0});
            for (size_t source = 0; source < tokens.Rows(); ++source)
            {
                EXPECT_EQ(tokens.RowSum(source), FindModel(name).AssignmentsPerMicrobatch());
            }
        }
    }
}

TEST(SyntheticExpertLoad, SendsNothingToEmptyPlaces)
{
    const auto tokens = SyntheticExpertLoad(OptionsOf("qwen-moe")).Draw({});
    for (size_t place = 0; place < 64; ++place)
    {
        const auto isEmpty = place % 16 == 15;
        EXPECT_EQ(tokens.ColumnSum(place) == Tokens(0), isEmpty) << place;
    }
}

TEST(SyntheticExpertLoad, VariesOverExpertsAsMeasured)
{
    // Measured in one matrix: coefficient of variation 0.651, maximum over mean 2.37. The mean over
    // 400 matrices may miss by the scatter of a random profile, 5 %.
    const auto statistics = Measure(SyntheticExpertLoadOptions());
    EXPECT_NEAR(statistics.expertVariation, 0.651, 0.05 * 0.651);
    EXPECT_NEAR(statistics.maximumOverMean, 2.37, 0.05 * 2.37);
}

TEST(SyntheticExpertLoad, VariesOverSourcesAsMeasured)
{
    // Measured: 0.143. Rows of a fixed sum take away some of the factors' variation, at most 10 %.
    EXPECT_NEAR(Measure(SyntheticExpertLoadOptions()).sourceVariation, 0.143, 0.1 * 0.143);
}

TEST(SyntheticExpertLoad, VariesAlikeWithOtherNumbersOfExperts)
{
    EXPECT_NEAR(Measure(OptionsOf("llama-moe")).expertVariation, 0.65, 0.05 * 0.65);
    EXPECT_NEAR(Measure(OptionsOf("qwen-moe")).expertVariation, 0.65, 0.05 * 0.65);
}

TEST(SyntheticExpertLoad, HasTheMeasuredProfileWithoutFactors)
{
    // Shares of the column sums 77703 44706 42467 31953 26001 24035 8042 7237 of 262144; the
    // coefficient of variation 0.65 instead of 0.6511 moves them by less than 0.001.
    SyntheticExpertLoadOptions options;
    options.microbatchVariation = 0;
    options.sourceVariation = 0;
    const auto tokens = SyntheticExpertLoad(options).Draw({});
    std::vector<double> shares;
    for (size_t expert = 0; expert < 8; ++expert)
    {
        shares.push_back(static_cast<double>(tokens.At(0, expert).Count()) / 65536);
    }
    std::sort(shares.begin(), shares.end(), std::greater<>());
    const std::vector<double> measured{.2964, .1705, .1620, .1219, .0992, .0917, .0307, .0276};
    for (size_t expert = 0; expert < 8; ++expert)
    {
        EXPECT_NEAR(shares[expert], measured[expert], 0.001);
    }
}

TEST(SyntheticExpertLoad, IsUniformWithoutSkew)
{
    // 65536 / 8 each; then it does repeat itself, and says so.
    SyntheticExpertLoadOptions options;
    options.skew = 0;
    const SyntheticExpertLoad load(options);
    const auto tokens = load.Draw({});
    EXPECT_EQ(tokens.At(3, 5), Tokens(8192));
    EXPECT_EQ(tokens.ColumnSum(0), Tokens(65536));
    EXPECT_EQ(load.Draw({1, 2, 3, 4}), tokens);
    EXPECT_TRUE(load.RepeatsItself());
}

TEST(SyntheticExpertLoad, ScalesItsVariationBySkew)
{
    SyntheticExpertLoadOptions options;
    options.skew = 0.5;
    const auto statistics = Measure(options);
    EXPECT_NEAR(statistics.expertVariation, 0.325, 0.05 * 0.325);
    EXPECT_NEAR(statistics.sourceVariation, 0.0715, 0.1 * 0.0715);
}

TEST(SyntheticExpertLoad, GivesNoExpertMoreAssignmentsThanThereAreTokens)
{
    // Near the largest skew with 2 of 8 experts per token: half of all assignments go to one.
    SyntheticExpertLoadOptions options;
    options.skew = 2.6;
    const SyntheticExpertLoad load(options);
    Tokens largest;
    for (uint32_t layer = 0; layer < 50; ++layer)
    {
        const auto tokens = load.Draw({0, layer, 0, 0});
        for (size_t i = 0; i < 64; ++i)
        {
            largest = std::max(largest, tokens.At(i / 8, i % 8));
        }
        EXPECT_EQ(tokens.Total(), Tokens(8 * 65536));
    }
    EXPECT_EQ(largest, options.tokensPerSource);
}

TEST(SyntheticExpertLoad, GivesEveryExpertEveryTokenWhenAllAreChosen)
{
    SyntheticExpertLoadOptions options;
    options.topK = 8;
    options.skew = 0;
    EXPECT_EQ(SyntheticExpertLoad(options).Draw({}).At(0, 0), options.tokensPerSource);
}

TEST(SyntheticExpertLoad, IsFreshForEveryPartOfTheKey)
{
    const SyntheticExpertLoad load{SyntheticExpertLoadOptions()};
    const auto tokens = load.Draw({1, 1, 1, 1});
    EXPECT_NE(load.Draw({2, 1, 1, 1}), tokens);
    EXPECT_NE(load.Draw({1, 2, 1, 1}), tokens);
    EXPECT_NE(load.Draw({1, 1, 2, 1}), tokens);
    EXPECT_NE(load.Draw({1, 1, 1, 2}), tokens);
    EXPECT_FALSE(load.RepeatsItself());
}

TEST(SyntheticExpertLoad, TellsThePartsOfTheKeyApart)
{
    // The same numbers in another order are another key.
    const SyntheticExpertLoad load{SyntheticExpertLoadOptions()};
    EXPECT_NE(load.Draw({1, 0, 0, 0}), load.Draw({0, 0, 1, 0}));
    EXPECT_NE(load.Draw({0, 0, 1, 0}), load.Draw({0, 0, 0, 1}));
}

TEST(SyntheticExpertLoad, IsTheSameForTheSameKeyInAnyOrder)
{
    const SyntheticExpertLoad one{SyntheticExpertLoadOptions()};
    const SyntheticExpertLoad other{SyntheticExpertLoadOptions()};
    const auto late = one.Draw({9, 3, 2, 1});
    other.Draw({0, 0, 0, 0});
    EXPECT_EQ(other.Draw({9, 3, 2, 1}), late);
}

TEST(SyntheticExpertLoad, DependsOnTheSeed)
{
    SyntheticExpertLoadOptions options;
    const auto tokens = SyntheticExpertLoad(options).Draw({});
    options.seed = 2;
    EXPECT_NE(SyntheticExpertLoad(options).Draw({}), tokens);
}

TEST(SyntheticExpertLoad, KeepsThePopularityOfALayerOverIterations)
{
    // Without factors only the layer's order of the experts is left.
    SyntheticExpertLoadOptions options;
    options.microbatchVariation = 0;
    options.sourceVariation = 0;
    const SyntheticExpertLoad load(options);
    EXPECT_EQ(load.Draw({0, 5, 0, 0}), load.Draw({9, 5, 3, 1}));
    EXPECT_NE(load.Draw({0, 5, 0, 0}), load.Draw({0, 6, 0, 0}));
}

TEST(SyntheticExpertLoad, DescribesItsSeedAndSkew)
{
    const auto text = SyntheticExpertLoad{SyntheticExpertLoadOptions()}.Description();
    EXPECT_NE(text.find("seed 1, skew 1"), std::string::npos) << text;
    EXPECT_EQ(text.find("drift"), std::string::npos) << text;
}

TEST(SyntheticExpertLoad, DescribesWhatIsSwitchedOn)
{
    auto options = DeepSeekOptions();
    options.driftVariation = 0.3;
    options.convergenceHalfLife = 500;
    options.layerCorrelation = 0.5;
    const auto text = SyntheticExpertLoad(options).Description();
    for (const std::string part : {"drift 0.3 in 100 iterations",
                                   "converging to 0.3 with a half-life of 500 iterations",
                                   "correlation of layers 0.5",
                                   "each token in 4 of 8 groups of experts"})
    {
        EXPECT_NE(text.find(part), std::string::npos) << text;
    }
}

TEST(SyntheticExpertLoad, KeepsTheSharesOfItsPopularityInTheMean)
{
    // Profile without noise, 1000 draws of the sources' factors: each mean within 5 standard errors
    // of the share, to which the bias of rows of a fixed sum adds: to second order in the factors'
    // variation v, share * v^2 * (sum of squared shares - share), up to 0.143^2 * 0.1.
    SyntheticExpertLoadOptions options;
    options.microbatchVariation = 0;
    options.sourceRanks = 1;
    auto exact = options;
    exact.sourceVariation = 0;
    // The profile makes room for the variation of sources, so the exact one has to as well.
    exact.expertVariation = std::sqrt((1 + 0.65 * 0.65) / (1 + 0.143 * 0.143) - 1);
    const SyntheticExpertLoad load(options);
    const auto profile = SyntheticExpertLoad(exact).Draw({0, 4, 0, 0});
    constexpr uint32_t draws = 1000;
    for (size_t expert = 0; expert < 8; ++expert)
    {
        double sum = 0;
        double squares = 0;
        for (uint32_t microbatch = 0; microbatch < draws; ++microbatch)
        {
            const auto tokens = load.Draw({0, 4, microbatch, 0}).At(0, expert);
            const auto share = static_cast<double>(tokens.Count()) / 65536;
            sum += share;
            squares += share * share;
        }
        const auto mean = sum / draws;
        const auto error = std::sqrt((squares / draws - mean * mean) / draws);
        const auto share = static_cast<double>(profile.At(0, expert).Count()) / 65536;
        EXPECT_NEAR(mean, share, 5 * error + share * 0.143 * 0.143 * 0.1 + 1.0 / 65536) << expert;
    }
}

TEST(SyntheticExpertLoad, KeepsItsVariationWhenItDrifts)
{
    // Drift is part of the variation over experts, not on top of it.
    SyntheticExpertLoadOptions options;
    options.driftVariation = 0.3;
    EXPECT_NEAR(Measure(options).expertVariation, 0.651, 0.05 * 0.651);
}

TEST(SyntheticExpertLoad, DriftsAwayFromItsFirstIteration)
{
    // Without noise of microbatches and sources only the drift is left: near after one iteration of
    // 100, far after 1000.
    SyntheticExpertLoadOptions options;
    options.microbatchVariation = 0;
    options.sourceVariation = 0;
    options.driftVariation = 0.3;
    const SyntheticExpertLoad load(options);
    const auto distance = [&load](uint32_t iteration) {
        uint64_t sum = 0;
        for (uint32_t layer = 0; layer < 50; ++layer)
        {
            const auto first = load.Draw({0, layer, 0, 0});
            const auto later = load.Draw({iteration, layer, 0, 0});
            for (size_t expert = 0; expert < 8; ++expert)
            {
                const auto one = first.At(0, expert);
                const auto other = later.At(0, expert);
                sum += one > other ? (one - other).Count() : (other - one).Count();
            }
        }
        return sum;
    };
    EXPECT_GT(distance(1), 0U);
    EXPECT_GT(distance(1000), 10 * distance(1));
    EXPECT_FALSE(load.RepeatsItself());
}

TEST(SyntheticExpertLoad, ConvergesToItsFloor)
{
    // Column sums vary by 0.65 at first and by 0.2 of that in the end, up to rounding to tokens.
    SyntheticExpertLoadOptions options;
    options.microbatchVariation = 0;
    options.sourceVariation = 0;
    options.convergenceHalfLife = 50;
    options.convergedPart = 0.2;
    const SyntheticExpertLoad load(options);
    const auto variation = [&load](uint32_t iteration) {
        const auto tokens = load.Draw({iteration, 0, 0, 0});
        double squares = 0;
        for (size_t expert = 0; expert < 8; ++expert)
        {
            squares += std::pow(static_cast<double>(tokens.At(0, expert).Count()) / 8192 - 1, 2);
        }
        return std::sqrt(squares / 8);
    };
    EXPECT_NEAR(variation(0), 0.65, 0.001);
    EXPECT_NEAR(variation(50), 0.65 * 0.6, 0.001);
    EXPECT_NEAR(variation(100'000), 0.65 * 0.2, 0.001);
}

TEST(SyntheticExpertLoad, TakesTheGroupsOfAModel)
{
    const auto deepSeek = SyntheticLoadOf(FindModel("deepseek-r1"), 64);
    EXPECT_EQ(deepSeek.limit.groups, 8U);
    EXPECT_EQ(deepSeek.limit.groupsPerToken, 4U);
    EXPECT_EQ(SyntheticExpertLoad(deepSeek).DrawDistinct({}, 32),
              SyntheticExpertLoad(DeepSeekOptions()).DrawDistinct({}, 32));
    EXPECT_FALSE(SyntheticLoadOf(FindModel("mixtral-8x7b"), 8).limit.Holds());
}

TEST(SyntheticExpertLoad, SendsEveryTokenToAtMostTheGroupsAllowed)
{
    // Groups of 32 places are those of the limit: 4096 tokens reach at most 4 of them each.
    const SyntheticExpertLoad load(DeepSeekOptions());
    const auto tokens = load.Draw({0, 3, 1, 0});
    const auto hosts = load.DrawDistinct({0, 3, 1, 0}, 32);
    for (size_t source = 0; source < tokens.Rows(); ++source)
    {
        EXPECT_EQ(tokens.RowSum(source), Tokens(8 * 4096));
        EXPECT_LE(hosts.RowSum(source), Tokens(4 * 4096));
        EXPECT_GT(hosts.RowSum(source), Tokens(3 * 4096)); // 8 of 128 experts rarely miss a group
        for (size_t expert = 0; expert < 256; ++expert)
        {
            EXPECT_LE(tokens.At(source, expert), Tokens(4096));
        }
    }
}

TEST(SyntheticExpertLoad, CountsDistinctTokensOfTheDrawItself)
{
    // Groups of one place are the draw; larger groups get at least their largest expert, at most
    // all of its assignments or all tokens.
    for (const auto& options : {SyntheticExpertLoadOptions(), DeepSeekOptions()})
    {
        const SyntheticExpertLoad load(options);
        const LoadKey key{5, 2, 1, 1};
        const auto tokens = load.Draw(key);
        EXPECT_EQ(load.DrawDistinct(key, 1), tokens);
        const auto pairs = load.DrawDistinct(key, 2);
        for (size_t source = 0; source < tokens.Rows(); ++source)
        {
            for (size_t pair = 0; pair < pairs.Columns(); ++pair)
            {
                const auto one = tokens.At(source, 2 * pair);
                const auto other = tokens.At(source, 2 * pair + 1);
                EXPECT_GE(pairs.At(source, pair), std::max(one, other));
                EXPECT_LE(pairs.At(source, pair), std::min(one + other, options.tokensPerSource));
            }
        }
    }
}

TEST(SyntheticExpertLoad, KeepsEveryReplicaWhenThereAreMoreOfThem)
{
    // There is no number of replicas to depend on: replica 1 is the same whoever else is asked for.
    SyntheticExpertLoadOptions options;
    options.driftVariation = 0.3;
    options.layerCorrelation = 0.5;
    const SyntheticExpertLoad two(options);
    const SyntheticExpertLoad eight(options);
    for (uint32_t replica = 8; replica-- > 0;)
    {
        eight.Draw({3, 2, 1, replica});
    }
    EXPECT_EQ(two.Draw({3, 2, 1, 0}), eight.Draw({3, 2, 1, 0}));
    EXPECT_EQ(two.Draw({3, 2, 1, 1}), eight.Draw({3, 2, 1, 1}));
    EXPECT_NE(two.Draw({3, 2, 1, 0}), two.Draw({3, 2, 1, 1}));
}

TEST(SyntheticExpertLoad, RefusesNegativeSkew)
{
    EXPECT_EQ(RefusalOf([](auto& options) { options.skew = -1; }),
              "synthetic expert load: skew is -1; expected 0 or more");
}

TEST(SyntheticExpertLoad, RefusesSkewThatIsNoNumber)
{
    const auto nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_NE(RefusalOf([nan](auto& options) { options.skew = nan; }), "");
}

TEST(SyntheticExpertLoad, RefusesMoreSkewThanTopKAllows)
{
    // At most sqrt(8 / 2 - 1) = 1.732: all tokens go to the same 2 of 8 experts.
    EXPECT_EQ(RefusalOf([](auto& options) { options.skew = 3; }),
              "synthetic expert load: skew * expertVariation is 1.95; expected 0 or more, up to "
              "1.73205");
}

TEST(SyntheticExpertLoad, RefusesMoreExpertsPerTokenThanThereAre)
{
    EXPECT_EQ(RefusalOf([](auto& options) { options.topK = 9; }),
              "synthetic expert load: topK is 9; expected 1 or more, up to 8");
}

TEST(SyntheticExpertLoad, RefusesFewerPlacesThanExperts)
{
    EXPECT_EQ(RefusalOf([](auto& options) { options.expertPlaces = 7; }),
              "synthetic expert load: expertPlaces is 7; expected 8 or more");
}

TEST(SyntheticExpertLoad, RefusesNoSourcesExpertsOrTokens)
{
    EXPECT_NE(RefusalOf([](auto& options) { options.sourceRanks = 0; }), "");
    EXPECT_NE(RefusalOf([](auto& options) { options.experts = 0; }), "");
    EXPECT_NE(RefusalOf([](auto& options) { options.tokensPerSource = Tokens(0); }), "");
}

TEST(SyntheticExpertLoad, RefusesNegativeVariations)
{
    EXPECT_NE(RefusalOf([](auto& options) { options.expertVariation = -0.1; }), "");
    EXPECT_NE(RefusalOf([](auto& options) { options.microbatchVariation = -0.1; }), "");
    EXPECT_NE(RefusalOf([](auto& options) { options.sourceVariation = -0.1; }), "");
}

TEST(SyntheticExpertLoad, RefusesTimesAndPartsOutOfRange)
{
    EXPECT_EQ(RefusalOf([](auto& options) { options.driftIterations = 0; }),
              "synthetic expert load: driftIterations is 0; expected 1 or more, up to 1e+09");
    EXPECT_NE(RefusalOf([](auto& options) { options.driftVariation = -1; }), "");
    EXPECT_NE(RefusalOf([](auto& options) { options.convergenceHalfLife = -1; }), "");
    EXPECT_NE(RefusalOf([](auto& options) { options.convergedPart = 1.1; }), "");
    EXPECT_NE(RefusalOf([](auto& options) { options.layerCorrelation = 1.1; }), "");
}

TEST(SyntheticExpertLoad, RefusesTransitionsThatAreNoProbabilities)
{
    const auto with = [](const std::vector<double>& transition) {
        return RefusalOf([&transition](auto& options) {
            options.experts = 2;
            options.expertPlaces = 2;
            options.topK = 1;
            options.layerCorrelation = 0.5;
            options.transition = transition;
        });
    };
    EXPECT_EQ(with({.5, .5, .1, .9}), "");
    EXPECT_EQ(with({.5, .5}), "synthetic expert load: transition has 2 numbers; expected 2 x 2");
    EXPECT_EQ(
        with({.5, .5, .5, .6}),
        "synthetic expert load: sum of transition, row 1 is 1.1; expected 0.999999 or more, up "
        "to 1");
    EXPECT_EQ(
        with({.5, .5, -.5, 1.5}),
        "synthetic expert load: transition, row 1, column 0 is -0.5; expected 0 or more, up to "
        "1");
}

TEST(SyntheticExpertLoad, RefusesTransitionsWithoutCorrelation)
{
    EXPECT_EQ(RefusalOf([](auto& options) { options.transition.assign(64, 1.0 / 8); }),
              "synthetic expert load: transition is given, but layerCorrelation is 0; expected a "
              "correlation above 0, up to 1");
}

TEST(SyntheticExpertLoad, RefusesGroupsThatDoNotFit)
{
    EXPECT_EQ(
        RefusalOf([](auto& options) {
            options.limit = {3, 1};
        }),
        "synthetic expert load: limit.groups is 3; expected a divisor of the 8 expert places");
    EXPECT_EQ(RefusalOf([](auto& options) {
                  options.limit = {4, 5};
              }),
              "synthetic expert load: limit.groupsPerToken is 5; expected 1 or more, up to 4");
    EXPECT_EQ(RefusalOf([](auto& options) {
                  options.limit = {8, 1};
                  options.topK = 2;
              }),
              "synthetic expert load: topK is 2; expected 1 or more, up to 1");
}
