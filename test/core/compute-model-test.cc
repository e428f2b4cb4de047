/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/compute-model.h"

#include <gtest/gtest.h>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/// @return a model small enough to count by hand.
ModelSpec
TinyModel()
{
    ModelSpec model;
    model.name = "tiny";
    model.hidden = 4;
    model.expertFfn = 5;
    model.experts = 3;
    model.topK = 1;
    model.heads = 2;
    model.kvHeads = 1;
    model.headSize = 2;
    model.sequenceLength = 8;
    model.microbatchSize = 2;
    return model;
}

constexpr FlopsPerSecond TERA{1'000'000'000'000}; //!< one operation per picosecond

} // namespace

TEST(ComputeModel, CountsProjectionsAndCausalScores)
{
    // Per token 2 * 4 * (2 * 4 + 2 * 2) + 2 * 8 * 4 = 96 + 64; 16 tokens.
    EXPECT_EQ(ComputeModel(TinyModel(), 1, TERA).Attention(), Picoseconds(16 * 160));
}

TEST(ComputeModel, CountsTheGateOverTheExpertsThatExist)
{
    // 2 * 4 * 3 per token, 16 tokens; padding adds no work.
    auto model = TinyModel();
    model.paddedExperts = 4;
    EXPECT_EQ(ComputeModel(model, 1, TERA).Gating(), Picoseconds(16 * 24));
}

TEST(ComputeModel, CountsThreeMatricesPerTokenThatArrived)
{
    // 6 * 4 * 5 per assignment
    EXPECT_EQ(ComputeModel(TinyModel(), 1, TERA).Expert(Tokens(7)), Picoseconds(7 * 120));
}

TEST(ComputeModel, TakesNoTimeForAnExpertWithoutTokens)
{
    EXPECT_EQ(ComputeModel(TinyModel(), 1, TERA).Expert(Tokens(0)), Picoseconds(0));
}

TEST(ComputeModel, AddsTheSharedExpertForTheRanksOwnTokens)
{
    // 6 * 4 * 10 for each of 16 own tokens, whatever arrived
    auto model = TinyModel();
    model.sharedFfn = 10;
    const ComputeModel compute(model, 1, TERA);
    EXPECT_EQ(compute.Expert(Tokens(0)), Picoseconds(16 * 240));
    EXPECT_EQ(compute.Expert(Tokens(7)), Picoseconds(16 * 240 + 7 * 120));
}

TEST(ComputeModel, DividesTheWorkByTheGpusOfTheRank)
{
    EXPECT_EQ(ComputeModel(TinyModel(), 4, TERA).Attention(), Picoseconds(16 * 160 / 4));
}

TEST(ComputeModel, RoundsToTheNearestPicosecond)
{
    // 120 operations at 7e12 per second: 17.14 ps; 3 * 120: 51.43 ps; 4 * 120: 68.57 ps.
    const ComputeModel compute(TinyModel(), 1, TERA * 7);
    EXPECT_EQ(compute.Expert(Tokens(1)), Picoseconds(17));
    EXPECT_EQ(compute.Expert(Tokens(3)), Picoseconds(51));
    EXPECT_EQ(compute.Expert(Tokens(4)), Picoseconds(69));
}

TEST(ComputeModel, DefaultRateGivesThePapersExpertTime)
{
    // The hottest expert of the measured matrix: 2 * 77703 assignments; 6 * 4096 * 14336 operations
    // each; 4 GPUs at 137e12: 99.9 ms, which the paper reports as more than 100 ms.
    const ComputeModel compute(FindModel("mixtral-8x7b"), 4);
    const auto time = compute.Expert(Tokens(2 * 77703));
    EXPECT_NEAR(static_cast<double>(time.count()) / 1e9, 100, 1);
}

TEST(ComputeModel, HasRoomForTheLargestWork)
{
    // All 8 * 65536 assignments of Mixtral 8x22B on one GPU at 1 TFLOP/s:
    // 524288 * 6 * 6144 * 16384 operations, 316 seconds.
    const ComputeModel compute(FindModel("mixtral-8x22b"), 1, TERA);
    EXPECT_EQ(compute.Expert(Tokens(524288)), Picoseconds(int64_t{524288} * 6 * 6144 * 16384));
}

TEST(ComputeModel, RefusesZeroGpus)
{
    EXPECT_THROW(ComputeModel(TinyModel(), 0), std::invalid_argument);
}

TEST(ComputeModel, RefusesRateZero)
{
    EXPECT_THROW(ComputeModel(TinyModel(), 1, FlopsPerSecond(0)), std::invalid_argument);
}
