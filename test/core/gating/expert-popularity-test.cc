/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/expert-popularity.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

using namespace mixnetcore;

namespace
{

constexpr double SIGMAS = 5; //!< by how many standard errors a mean may miss

/// Mean of a sample, and its standard error.
struct Estimate
{
    double mean{0};  //!< mean
    double error{0}; //!< standard deviation of the mean
};

/// @param sample Independent numbers. @return their mean with its standard error.
Estimate
EstimateOf(const std::vector<double>& sample)
{
    const auto count = static_cast<double>(sample.size());
    const auto mean = std::accumulate(sample.begin(), sample.end(), 0.0) / count;
    double squares = 0;
    for (const auto value : sample)
    {
        squares += (value - mean) * (value - mean);
    }
    return {mean, std::sqrt(squares / (count - 1) / count)};
}

/// @param shares Shares. @return their coefficient of variation.
double
Variation(const std::vector<double>& shares)
{
    const auto count = static_cast<double>(shares.size());
    const auto mean = std::accumulate(shares.begin(), shares.end(), 0.0) / count;
    double squares = 0;
    for (const auto share : shares)
    {
        squares += (share - mean) * (share - mean);
    }
    return std::sqrt(squares / count) / mean;
}

/**
 * @param popularity With a drift of two experts that are equally popular in the mean.
 * @param iteration Iteration. @param layer Layer.
 * @return difference of the logarithms of their drift factors: normalising cancels out.
 */
double
DriftDifference(const ExpertPopularity& popularity, uint32_t iteration, uint32_t layer)
{
    const auto shares = popularity.LayerShares(iteration, layer);
    return std::log(shares[0] / shares[1]);
}

/// @return options of two equally popular experts that drift by 0.4 in 100 iterations.
ExpertPopularityOptions
TwoDrifting()
{
    ExpertPopularityOptions options;
    options.experts = 2;
    options.driftVariation = 0.4;
    options.driftIterations = 100;
    return options;
}

/**
 * @brief Solves the linear least squares problem y = x * b.
 * @param rows Regressors of each observation.
 * @param values Observations.
 * @return for each regressor its coefficient, and the standard error of that.
 */
std::vector<Estimate>
Regress(const std::vector<std::vector<double>>& rows, const std::vector<double>& values)
{
    const auto size = rows[0].size();
    // Gauss-Jordan on [X'X | I | X'y].
    std::vector<std::vector<double>> system(size, std::vector<double>(2 * size + 1, 0));
    for (size_t i = 0; i < size; ++i)
    {
        system[i][size + i] = 1;
        for (size_t n = 0; n < rows.size(); ++n)
        {
            for (size_t j = 0; j < size; ++j)
            {
                system[i][j] += rows[n][i] * rows[n][j];
            }
            system[i][2 * size] += rows[n][i] * values[n];
        }
    }
    for (size_t pivot = 0; pivot < size; ++pivot)
    {
        const auto scale = system[pivot][pivot];
        for (auto& value : system[pivot])
        {
            value /= scale;
        }
        for (size_t i = 0; i < size; ++i)
        {
            const auto factor = i == pivot ? 0 : system[i][pivot];
            for (size_t j = 0; j < system[i].size(); ++j)
            {
                system[i][j] -= factor * system[pivot][j];
            }
        }
    }
    double squares = 0;
    for (size_t n = 0; n < rows.size(); ++n)
    {
        double residual = values[n];
        for (size_t i = 0; i < size; ++i)
        {
            residual -= system[i][2 * size] * rows[n][i];
        }
        squares += residual * residual;
    }
    const auto variance = squares / static_cast<double>(rows.size() - size);
    std::vector<Estimate> coefficients;
    for (size_t i = 0; i < size; ++i)
    {
        coefficients.push_back({system[i][2 * size], std::sqrt(variance * system[i][size + i])});
    }
    return coefficients;
}

/// @param shares Numbers above zero. @return them in proportion, adding up to 1.
std::vector<double>
Normalised(std::vector<double> shares)
{
    const auto sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    for (auto& share : shares)
    {
        share /= sum;
    }
    return shares;
}

constexpr size_t EXPERTS = 4; //!< of the tests of transitions

/// @return probabilities from expert (row) to expert (column), no two rows alike.
std::vector<double>
Transition()
{
    return {.7, .1, .1, .1, .0, .5, .3, .2, .25, .25, .4, .1, .1, .0, .0, .9};
}

} // namespace

TEST(ExpertPopularity, HasTheVariationAskedFor)
{
    ExpertPopularityOptions options;
    for (const size_t experts : {2, 8, 60})
    {
        options.experts = experts;
        options.squaredProfileVariation = 0.25;
        EXPECT_NEAR(Variation(ExpertPopularity(options).LayerShares(0, 0)), 0.5, 1e-6) << experts;
    }
}

TEST(ExpertPopularity, OfOneExpertIsEverything)
{
    ExpertPopularityOptions options;
    options.experts = 1;
    EXPECT_EQ(ExpertPopularity(options).Shares({}), std::vector<double>{1});
}

TEST(ExpertPopularity, IsThatOfTheLayerInTheMeanOverMicrobatches)
{
    // Factors have the mean 1, so the mean over microbatches is the popularity of the layer.
    ExpertPopularityOptions options;
    options.squaredProfileVariation = 0.4;
    options.microbatchVariation = 0.5;
    const ExpertPopularity popularity(options);
    std::vector<std::vector<double>> samples(options.experts);
    for (uint32_t microbatch = 0; microbatch < 4000; ++microbatch)
    {
        const auto shares = popularity.Shares({7, 3, microbatch, 2});
        for (size_t expert = 0; expert < shares.size(); ++expert)
        {
            samples[expert].push_back(shares[expert]);
        }
    }
    const auto expected = popularity.LayerShares(7, 3);
    for (size_t expert = 0; expert < expected.size(); ++expert)
    {
        const auto estimate = EstimateOf(samples[expert]);
        EXPECT_NEAR(estimate.mean, expected[expert], SIGMAS * estimate.error) << expert;
        EXPECT_LT(estimate.error, 0.02 * expected[expert]); // else it would prove nothing
    }
}

TEST(ExpertPopularity, DriftsByTheVariationAskedFor)
{
    // The logarithm of a log-normal factor has the variance ln(1 + v^2), a difference of two twice
    // that; at any iteration alike, as the drift is stationary.
    const auto expected = 2 * std::log(1 + 0.4 * 0.4);
    const ExpertPopularity popularity(TwoDrifting());
    for (const uint32_t iteration : {0, 30, 1000, 123456})
    {
        std::vector<double> squares;
        for (uint32_t layer = 0; layer < 4000; ++layer)
        {
            squares.push_back(std::pow(DriftDifference(popularity, iteration, layer), 2));
        }
        const auto estimate = EstimateOf(squares);
        EXPECT_NEAR(estimate.mean, expected, SIGMAS * estimate.error) << iteration;
        EXPECT_LT(estimate.error, 0.05 * expected);
    }
}

TEST(ExpertPopularity, ForgetsItsDriftAsDocumented)
{
    // (1 - h / 2) cos(pi h / 2) + sin(pi h / 2) / pi at a lag of h knots, nothing from two on.
    constexpr double pi = 3.14159265358979;
    const auto variance = 2 * std::log(1 + 0.4 * 0.4);
    const ExpertPopularity popularity(TwoDrifting());
    for (const uint32_t lag : {1, 25, 50, 100, 150, 200, 1000})
    {
        std::vector<double> products;
        for (uint32_t layer = 0; layer < 4000; ++layer)
        {
            products.push_back(DriftDifference(popularity, 500, layer) *
                               DriftDifference(popularity, 500 + lag, layer) / variance);
        }
        const auto h = std::min(2.0, lag / 100.0);
        const auto expected = (1 - h / 2) * std::cos(pi * h / 2) + std::sin(pi * h / 2) / pi;
        const auto estimate = EstimateOf(products);
        EXPECT_NEAR(estimate.mean, expected, SIGMAS * estimate.error) << "lag " << lag;
        EXPECT_LT(estimate.error, 0.04);
    }
}

TEST(ExpertPopularity, StandsStillWithoutDrift)
{
    ExpertPopularityOptions options;
    options.squaredProfileVariation = 0.4;
    const ExpertPopularity popularity(options);
    EXPECT_EQ(popularity.LayerShares(0, 5), popularity.LayerShares(1000, 5));
    EXPECT_NE(popularity.LayerShares(0, 5), popularity.LayerShares(0, 6));
}

TEST(ExpertPopularity, DriftsAlikeInAllReplicasAndMicrobatches)
{
    // Without factors of microbatches nothing else is left.
    auto options = TwoDrifting();
    const ExpertPopularity popularity(options);
    EXPECT_EQ(popularity.Shares({9, 4, 0, 0}), popularity.Shares({9, 4, 3, 17}));
    EXPECT_NE(popularity.Shares({9, 4, 0, 0}), popularity.Shares({10, 4, 0, 0}));
}

TEST(ExpertPopularity, ConvergesWithItsHalfLife)
{
    // Of the 0.8 that can go, half is left after 50 iterations, a quarter after 100; 0.2 stays.
    ExpertPopularityOptions options;
    options.squaredProfileVariation = 0.36;
    options.convergenceHalfLife = 50;
    options.convergedPart = 0.2;
    const ExpertPopularity popularity(options);
    const std::vector<std::pair<uint32_t, double>> expected{{0, 1},
                                                            {50, 0.6},
                                                            {100, 0.4},
                                                            {150, 0.3},
                                                            {4'000'000'000, 0.2}};
    for (const auto& [iteration, part] : expected)
    {
        EXPECT_NEAR(popularity.PartLeft(iteration), part, 1e-9) << iteration;
        EXPECT_NEAR(Variation(popularity.LayerShares(iteration, 3)), 0.6 * part, 1e-6);
    }
}

TEST(ExpertPopularity, ConvergesInTheMeanWhileItDrifts)
{
    // The variation that a drift of its own leaves is halved at the half-life like the profile's:
    // squared variations in the mean over layers are in the proportion 1 to 0.25.
    auto options = TwoDrifting();
    options.experts = 16;
    options.squaredProfileVariation = 0.2;
    options.convergenceHalfLife = 1000;
    const ExpertPopularity popularity(options);
    std::vector<double> differences;
    for (uint32_t layer = 0; layer < 2000; ++layer)
    {
        const auto before = Variation(popularity.LayerShares(0, layer));
        const auto after = Variation(popularity.LayerShares(1000, layer));
        differences.push_back(after * after - before * before / 4);
    }
    const auto estimate = EstimateOf(differences);
    EXPECT_NEAR(estimate.mean, 0, SIGMAS * estimate.error);
    EXPECT_LT(estimate.error, 0.01);
}

TEST(ExpertPopularity, KeepsTheVariationOfMicrobatchesWhenItHasConverged)
{
    // Loads converge, matrices do not: squared variation 0.3^2 of a factor is left.
    ExpertPopularityOptions options;
    options.squaredProfileVariation = 0.4;
    options.microbatchVariation = 0.3;
    options.convergenceHalfLife = 10;
    const ExpertPopularity popularity(options);
    std::vector<double> squares;
    for (uint32_t microbatch = 0; microbatch < 2000; ++microbatch)
    {
        const auto shares = popularity.Shares({100'000, 0, microbatch, 0});
        squares.push_back(std::pow(shares[0] * 8 - 1, 2));
    }
    const auto estimate = EstimateOf(squares);
    EXPECT_NEAR(estimate.mean, 0.3 * 0.3, SIGMAS * estimate.error);
}

TEST(ExpertPopularity, PassesTokensOnByTheTransitionMatrix)
{
    // With correlation 1, layer 1 is layer 0 times T, microbatch by microbatch.
    ExpertPopularityOptions options;
    options.experts = EXPERTS;
    options.squaredProfileVariation = 0.2;
    options.microbatchVariation = 0.5;
    options.layerCorrelation = 1;
    options.transition = Transition();
    const ExpertPopularity popularity(options);
    const auto before = Normalised(popularity.Shares({2, 0, 5, 1}));
    const auto after = popularity.Shares({2, 1, 5, 1});
    for (size_t to = 0; to < EXPERTS; ++to)
    {
        double expected = 0;
        for (size_t from = 0; from < EXPERTS; ++from)
        {
            expected += before[from] * options.transition[from * EXPERTS + to];
        }
        EXPECT_NEAR(after[to], expected, 1e-12);
    }
}

TEST(ExpertPopularity, LetsTheTransitionMatrixBeRecovered)
{
    // after[f] = 0.6 * sum over e of T[e][f] before[e] + 0.4 * own[f]. As the shares before add up
    // to 1, the mean of what is a layer's own is part of every coefficient; differences between two
    // coefficients of one expert are free of it: 0.6 * (T[e][f] - T[0][f]).
    constexpr double strength = 0.6;
    ExpertPopularityOptions options;
    options.experts = EXPERTS;
    options.squaredProfileVariation = 0.2;
    options.microbatchVariation = 0.5;
    options.layerCorrelation = strength;
    options.transition = Transition();
    const ExpertPopularity popularity(options);
    std::vector<std::vector<double>> before;
    std::vector<std::vector<double>> after(EXPERTS);
    for (uint32_t microbatch = 0; microbatch < 4000; ++microbatch)
    {
        before.push_back(popularity.Shares({0, 4, microbatch, 0}));
        const auto shares = popularity.Shares({0, 5, microbatch, 0});
        for (size_t expert = 0; expert < EXPERTS; ++expert)
        {
            after[expert].push_back(shares[expert]);
        }
    }
    for (size_t to = 0; to < EXPERTS; ++to)
    {
        const auto found = Regress(before, after[to]);
        for (size_t from = 1; from < EXPERTS; ++from)
        {
            const auto expected =
                strength * (options.transition[from * EXPERTS + to] - options.transition[to]);
            // Errors of two coefficients add up at most.
            const auto error = found[from].error + found[0].error;
            EXPECT_NEAR(found[from].mean - found[0].mean, expected, SIGMAS * error)
                << from << " to " << to;
            EXPECT_LT(error, 0.05);
        }
    }
}

TEST(ExpertPopularity, KeepsItsProfileWhenLayersGoTogether)
{
    // Without a matrix tokens move between experts of one rank of popularity: all layers keep the
    // variation, in orders of their own.
    ExpertPopularityOptions options;
    options.squaredProfileVariation = 0.4;
    options.layerCorrelation = 0.7;
    const ExpertPopularity popularity(options);
    for (const uint32_t layer : {0, 1, 2, 30})
    {
        EXPECT_NEAR(Variation(popularity.Shares({0, layer, 0, 0})), std::sqrt(0.4), 1e-6);
    }
    EXPECT_NE(popularity.Shares({0, 1, 0, 0}), popularity.Shares({0, 2, 0, 0}));
}

TEST(ExpertPopularity, LeavesLayersIndependentByDefault)
{
    ExpertPopularityOptions options;
    options.experts = 2;
    options.microbatchVariation = 0.5;
    const ExpertPopularity popularity(options);
    std::vector<double> products;
    for (uint32_t microbatch = 0; microbatch < 4000; ++microbatch)
    {
        products.push_back((popularity.Shares({0, 4, microbatch, 0})[0] * 2 - 1) *
                           (popularity.Shares({0, 5, microbatch, 0})[0] * 2 - 1));
    }
    const auto estimate = EstimateOf(products);
    EXPECT_NEAR(estimate.mean, 0, SIGMAS * estimate.error);
}

TEST(ExpertPopularity, IsTheSameInAnyOrderOfAsking)
{
    auto options = TwoDrifting();
    options.microbatchVariation = 0.3;
    options.layerCorrelation = 0.5;
    const ExpertPopularity one(options);
    const ExpertPopularity other(options);
    const auto late = one.Shares({1000, 7, 3, 1});
    for (uint32_t iteration = 0; iteration < 20; ++iteration)
    {
        other.Shares({iteration, iteration, 0, 0});
    }
    EXPECT_EQ(other.Shares({1000, 7, 3, 1}), late);
}
