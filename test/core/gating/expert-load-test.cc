/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/expert-load.h"
#include "ns3/model-spec.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

namespace
{

/**
 * @param model A model.
 * @return a load that gives every expert place the same number of assignments.
 */
TokenMatrix
BalancedLoad(const ModelSpec& model)
{
    TokenMatrix tokens(model.expertParallel, model.paddedExperts);
    const auto each = model.AssignmentsPerMicrobatch().Count() / model.paddedExperts;
    for (size_t row = 0; row < tokens.Rows(); ++row)
    {
        for (size_t column = 0; column < tokens.Columns(); ++column)
        {
            tokens.At(row, column) = Tokens(each);
        }
    }
    return tokens;
}

/**
 * @param name Name of a model.
 * @return MiB that a rank sends to other ranks in one balanced dispatch.
 */
uint64_t
OffRankMebibytes(const std::string& name)
{
    const auto& model = FindModel(name);
    const auto demand =
        DispatchDemand(BalancedLoad(model), model.expertParallel, model.BytesPerToken());
    const auto bytes = demand.WithoutDiagonal().RowSum(0).Count();
    EXPECT_EQ(bytes % (uint64_t{1} << 20), 0U);
    return bytes >> 20;
}

} // namespace

TEST(LoadKey, CountsLayersWithExpertsOnly)
{
    PhaseKey phase;
    phase.iteration = 4;
    phase.layer = 5;
    phase.microbatch = 6;
    phase.replica = 7;
    phase.stage = 8;
    const auto key = LoadKeyOf(phase, 3);
    EXPECT_EQ(key.iteration, 4U);
    EXPECT_EQ(key.layer, 2U);
    EXPECT_EQ(key.microbatch, 6U);
    EXPECT_EQ(key.replica, 7U);
    EXPECT_EQ(LoadKeyOf(phase, 5).layer, 0U);
    EXPECT_EQ(LoadKeyOf(phase, 0).layer, 5U);
}

TEST(LoadKey, RefusesLayersWithoutExperts)
{
    PhaseKey phase;
    phase.layer = 2;
    phase.kind = PhaseKind::Dense;
    try
    {
        LoadKeyOf(phase, 3);
        FAIL() << "accepted";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(),
                     "phase dense of layer 2: has no gating, the first layer with experts is 3");
    }
}

TEST(DispatchDemand, DealsExpertsToRanksContiguously)
{
    // Two ranks, two experts each, 10 bytes per token: (1 + 2) * 10, (3 + 4) * 10, ...
    const TokenMatrix tokens{{1, 2, 3, 4}, {4, 3, 2, 1}};
    EXPECT_EQ(DispatchDemand(tokens, 2, Bytes(10)), (DemandMatrix{{30, 70}, {70, 30}}));
}

TEST(DispatchDemand, KeepsEveryToken)
{
    const TokenMatrix tokens{{1, 2, 3, 4}, {4, 3, 2, 1}};
    EXPECT_EQ(DispatchDemand(tokens, 2, Bytes(10)).Total(), Bytes(tokens.Total().Count() * 10));
}

TEST(DispatchDemand, OfOneRankStaysAtHome)
{
    EXPECT_EQ(DispatchDemand(TokenMatrix{{5, 6}}, 1, Bytes(2)), (DemandMatrix{{22}}));
}

TEST(DispatchDemand, RefusesExpertsThatDoNotDivide)
{
    EXPECT_THROW(DispatchDemand(TokenMatrix(2, 3), 2, Bytes(1)), std::invalid_argument);
}

TEST(DispatchDemand, RefusesRowsThatAreNotTheRanks)
{
    EXPECT_THROW(DispatchDemand(TokenMatrix(2, 4), 4, Bytes(1)), std::invalid_argument);
}

TEST(DispatchDemand, RefusesZeroRanks)
{
    EXPECT_THROW(DispatchDemand(TokenMatrix(0, 0), 0, Bytes(1)), std::invalid_argument);
}

// Balanced off-rank bytes: b * s * k * d * 2 * (EP - 1) / EP with b = 8, s = 4096.

TEST(DispatchDemand, OfBalancedMixtral8x7bIs448MiB)
{
    // 65536 * 4096 * 2 * 7 / 8
    EXPECT_EQ(OffRankMebibytes("mixtral-8x7b"), 448U);
}

TEST(DispatchDemand, OfBalancedMixtral8x22bIs672MiB)
{
    // 65536 * 6144 * 2 * 7 / 8
    EXPECT_EQ(OffRankMebibytes("mixtral-8x22b"), 672U);
}

TEST(DispatchDemand, OfBalancedLlamaMoeIs960MiB)
{
    // 131072 * 4096 * 2 * 15 / 16
    EXPECT_EQ(OffRankMebibytes("llama-moe"), 960U);
}

TEST(DispatchDemand, OfBalancedQwenMoeIs480MiB)
{
    // 131072 * 2048 * 2 * 15 / 16, with all 64 places in use
    EXPECT_EQ(OffRankMebibytes("qwen-moe"), 480U);
}
