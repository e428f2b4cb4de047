/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/model-of-sizes.h"

#include "ns3/compute-model.h"
#include "ns3/model-parameters.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

/// @return a model small enough to count by hand.
ModelSpec
TinyModel()
{
    auto model = tests::ModelOf(4, {2, 1, 2}, {3, 1, 5});
    model.name = "tiny";
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

TEST(ComputeModel, CountsTheProjectionsAndScoresOfLatentAttention)
{
    // Down 4 * 6, up 6 * 2 * (3 + 1); down 4 * (5 + 1), up 5 * 2 * (3 + 2); out 2 * 2 * 4: 162.
    // Scores 8 / 2 * 2 * 2 * (3 + 1), values 8 / 2 * 2 * 2 * 2: 96. 16 tokens.
    auto model = TinyModel();
    model.latentAttention = LatentAttention{6, 5, 3, 1, 2};
    EXPECT_EQ(ComputeModel(model, 1, TERA).Attention(), Picoseconds(16 * (2 * 162 + 96)));
}

TEST(ComputeModel, CountsDenseLayersAndTheHead)
{
    auto model = TinyModel();
    model.denseFfn = 7;
    model.vocabulary = 11;
    const ComputeModel compute(model, 1, TERA);
    EXPECT_EQ(compute.Time(ComputeKind::Dense, Direction::Forward), Picoseconds(16 * 6 * 4 * 7));
    EXPECT_EQ(compute.Time(ComputeKind::Head, Direction::Forward), Picoseconds(16 * 2 * 4 * 11));
}

TEST(ComputeModel, TakesTwiceAsLongBackward)
{
    auto model = TinyModel();
    model.sharedFfn = 10;
    model.denseFfn = 7;
    model.vocabulary = 11;
    const ComputeModel compute(model, 1, TERA * 7);
    for (const auto kind : ComputeKinds())
    {
        const auto forward = compute.Time(kind, Direction::Forward, Tokens(5));
        EXPECT_GT(forward.count(), 0) << ToString(kind);
        EXPECT_EQ(compute.Time(kind, Direction::Backward, Tokens(5)), 2 * forward);
    }
    EXPECT_EQ(compute.Expert(Direction::Backward, Tokens(5)), 2 * compute.Expert(Tokens(5)));
}

TEST(ComputeModel, TakesTheRateOfEachKind)
{
    auto model = TinyModel();
    model.sharedFfn = 10;
    const ComputeModel compute(model,
                               1,
                               ComputeRates(TERA)
                                   .Set(ComputeKind::Attention, TERA * 2)
                                   .Set(ComputeKind::SharedExpert, TERA * 4));
    EXPECT_EQ(compute.Attention(), Picoseconds(16 * 160 / 2));
    EXPECT_EQ(compute.Gating(), Picoseconds(16 * 24));
    EXPECT_EQ(compute.Expert(Tokens(7)), Picoseconds(16 * 240 / 4 + 7 * 120));
}

TEST(ComputeModel, DoesSixOperationsPerActiveParameterAndTokenBothWays)
{
    // Each parameter is multiplied and added once forward and twice backward; the input embedding
    // is looked up, and attention's scores have no parameters. Balanced: every token reaches k
    // experts.
    for (const auto& name : Models().Names())
    {
        const auto model = FindModel(name);
        const ComputeModel compute(model, 1, TERA);
        const auto tokens = model.TokensPerMicrobatch().Count();
        const auto perToken = [&](ComputeKind kind) {
            return compute.Work(kind, model.AssignmentsPerMicrobatch()).Count() / tokens;
        };
        const auto attention =
            perToken(ComputeKind::Attention) - compute.ScoreWorkPerToken().Count();
        const auto moe = perToken(ComputeKind::Gating) + perToken(ComputeKind::Expert) +
                         perToken(ComputeKind::SharedExpert);
        const auto forward = model.layers * attention + model.MoeLayers() * moe +
                             model.denseLayers * perToken(ComputeKind::Dense) +
                             perToken(ComputeKind::Head);
        const auto active = CountActiveParameters(model);
        const auto expected =
            6.0 * static_cast<double>((active.Total() - active.embedding).Count());
        EXPECT_NEAR(3.0 * static_cast<double>(forward), expected, 0.01 * expected) << name;
    }
}

TEST(ComputeModel, ScoresAgreeWithThePublishedFormulaOfCausalAttention)
{
    // 2 s H h per token and layer: Mixtral 8x7B 2 * 4096 * 32 * 128; DeepSeek s H (192 + 128)
    EXPECT_EQ(ComputeModel(FindModel("mixtral-8x7b"), 1).ScoreWorkPerToken(),
              Flops(2 * 4096 * 32 * 128));
    EXPECT_EQ(ComputeModel(FindModel("deepseek-r1"), 1).ScoreWorkPerToken(),
              Flops(4096 * 128 * (192 + 128)));
}

TEST(ComputeModel, TakesMeasuredTimesInsteadOfComputedOnes)
{
    // Attention was measured with half of the tokens; 3 of 6 assignments take half the time.
    const auto profile = ComputeProfile::Parse(R"({"source": "test", "operations": [
        {"operation": "attention", "forward": 1e-9, "backward": 3e-9, "tokens": 8},
        {"operation": "expert", "forward": 2e-9, "backward": 5e-9, "tokens": 6}]})",
                                               "p.json");
    const ComputeModel compute(TinyModel(), 4, ComputeRates(TERA), profile);
    EXPECT_EQ(compute.Attention(), Picoseconds(2000));
    EXPECT_EQ(compute.Time(ComputeKind::Attention, Direction::Backward), Picoseconds(6000));
    EXPECT_EQ(compute.Expert(Tokens(3)), Picoseconds(1000));
    EXPECT_EQ(compute.Expert(Direction::Backward, Tokens(3)), Picoseconds(2500));
    EXPECT_EQ(compute.Expert(Tokens(0)), Picoseconds(0));
    EXPECT_EQ(compute.Gating(), Picoseconds(16 * 24 / 4)); // not listed
}

TEST(ComputeModel, RefusesMeasuredTimesOfWhatTheModelHasNot)
{
    const auto profile = ComputeProfile::Parse(R"({"source": "test", "operations": [
        {"operation": "dense", "forward": 1, "backward": 2, "tokens": 8}]})",
                                               "p.json");
    try
    {
        ComputeModel(TinyModel(), 1, ComputeRates(TERA), profile);
        FAIL() << "there are no dense layers";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(), "profile p.json (test) lists dense, which tiny has not");
    }
}

TEST(ComputeModel, RefusesWhatIsBeyond64Bits)
{
    auto model = TinyModel();
    model.hidden = uint64_t{1} << 20;
    model.vocabulary = uint64_t{1} << 24;
    model.microbatchSize = uint64_t{1} << 16;
    model.sequenceLength = uint64_t{1} << 20;
    EXPECT_THROW(ComputeModel(model, 1, TERA), std::invalid_argument);

    const ComputeModel compute(TinyModel(), 1, TERA);
    EXPECT_THROW(compute.Expert(Tokens(uint64_t{1} << 60)), std::invalid_argument);
    const ComputeModel slow(TinyModel(), 1, FlopsPerSecond(1000)); // 120 operations per token
    EXPECT_THROW(slow.Expert(Tokens(uint64_t{1} << 30)), std::invalid_argument);
}

TEST(ComputeModel, RefusesZeroGpus)
{
    EXPECT_THROW(ComputeModel(TinyModel(), 0), std::invalid_argument);
}

TEST(ComputeModel, RefusesRateZero)
{
    EXPECT_THROW(ComputeModel(TinyModel(), 1, FlopsPerSecond(0)), std::invalid_argument);
}
