/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/model-file.h"
#include "ns3/model-flops.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

/// Per token and layer, forward, by the formulas of the published architectures.
double
AttentionOfMixtral8x22b()
{
    // hidden 6144, 48 heads of 128 and 8 for keys and values, sequence 4096, causal.
    return 2.0 * 6144 * (2 * 48 * 128 + 2 * 8 * 128) + 2.0 * 4096 * 48 * 128;
}

double
ExpertsOfMixtral8x22b()
{
    // 8 experts of 16384, two per token, and the gate.
    return 2 * 6.0 * 6144 * 16384 + 2.0 * 6144 * 8;
}

constexpr double TOKENS = 8.0 * 4096; //!< of a microbatch

} // namespace

TEST(ModelFlops, OfAWholeModelAreThoseOfLayersAndHeadThreeTimes)
{
    const auto model = FindModel("mixtral-8x22b");
    const double forward =
        TOKENS * (56 * (AttentionOfMixtral8x22b() + ExpertsOfMixtral8x22b()) + 2.0 * 6144 * 32768);

    EXPECT_DOUBLE_EQ(ModelFlopsPerMicrobatch(ComputeModel(model, 8), model, {56, 0, true, true}),
                     3 * forward);
    EXPECT_DOUBLE_EQ(ModelFlopsPerMicrobatch(ComputeModel(model, 8), model, {56, 0, true, false}),
                     forward);
}

TEST(ModelFlops, AreNearSixTimesTheActiveParametersPerToken)
{
    // 39.1e9 active parameters; scores of attention and the look-up of the embedding differ.
    const auto model = FindModel("mixtral-8x22b");
    const double perToken =
        ModelFlopsPerMicrobatch(ComputeModel(model, 8), model, {56, 0, true, true}) / TOKENS;

    EXPECT_NEAR(perToken / (6 * 39.1e9), 1.0, 0.05);
}

TEST(ModelFlops, CountDenseLayersByTheirOwnBlock)
{
    // DeepSeek-R1: three dense layers of 18432 in place of experts.
    const auto model = FindModel("deepseek-r1");
    const ComputeModel compute(model, 1);
    const double tokens = model.TokensPerMicrobatch().Count();

    const double one = ModelFlopsPerMicrobatch(compute, model, {0, 1, false, false});

    EXPECT_DOUBLE_EQ(one - compute.Work(ComputeKind::Attention).Count(),
                     tokens * 6.0 * 7168 * 18432);
}

TEST(ModelFlops, AreNoneOfNoLayers)
{
    const auto model = FindModel("mixtral-8x7b");

    EXPECT_EQ(ModelFlopsPerMicrobatch(ComputeModel(model, 4), model, {}), 0);
}
