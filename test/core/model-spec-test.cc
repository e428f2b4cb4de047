/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/model-spec.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

TEST(ModelSpec, CatalogueListsItsNames)
{
    EXPECT_EQ(ModelNames(),
              (std::vector<std::string>{"mixtral-8x22b", "mixtral-8x7b", "llama-moe", "qwen-moe"}));
}

TEST(ModelSpec, EveryNameFindsItsModel)
{
    for (const auto& name : ModelNames())
    {
        EXPECT_EQ(FindModel(name).name, name);
        EXPECT_FALSE(FindModel(name).title.empty());
    }
}

TEST(ModelSpec, RefusesAnUnknownNameAndListsTheKnownOnes)
{
    try
    {
        FindModel("mixtral");
        FAIL() << "there is no model of that name";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(),
                     "unknown model 'mixtral'; expected one of mixtral-8x22b, mixtral-8x7b, "
                     "llama-moe, qwen-moe");
    }
}

TEST(ModelSpec, CountsTokensOfAMicrobatch)
{
    // 8 sequences of 4096 tokens, each to 2 experts
    const auto& model = FindModel("mixtral-8x7b");
    EXPECT_EQ(model.TokensPerMicrobatch(), Tokens(32768));
    EXPECT_EQ(model.AssignmentsPerMicrobatch(), Tokens(65536));
}

TEST(ModelSpec, SendsTwoBytesPerElement)
{
    EXPECT_EQ(FindModel("mixtral-8x22b").BytesPerToken(), Bytes(2 * 6144));
}

TEST(ModelSpec, CopyMayBeChanged)
{
    auto model = FindModel("mixtral-8x7b");
    model.microbatchSize = 1;
    EXPECT_EQ(model.TokensPerMicrobatch(), Tokens(4096));
    EXPECT_EQ(FindModel("mixtral-8x7b").TokensPerMicrobatch(), Tokens(32768));
}

TEST(ModelSpec, LaysItsExpertsOutOnItsRanks)
{
    for (const auto& name : ModelNames())
    {
        const auto& model = FindModel(name);
        EXPECT_GE(model.paddedExperts, model.experts) << name;
        EXPECT_EQ(model.paddedExperts % model.expertParallel, 0U) << name;
        EXPECT_LE(model.topK, model.experts) << name;
    }
}

TEST(ModelSpec, HasTheWholeHiddenSizeInItsHeads)
{
    // True of these four models, not of all: heads * head size = hidden size.
    for (const auto& name : ModelNames())
    {
        const auto& model = FindModel(name);
        EXPECT_EQ(model.heads * model.headSize, model.hidden) << name;
        EXPECT_EQ(model.heads % model.kvHeads, 0U) << name;
    }
}

// Parameters = layers * (attention + gate + experts + shared expert) + two embeddings, against the
// billions that the publishers state; norms are left out.

namespace
{

/**
 * @param model A model.
 * @return its parameters in units of 10^8, rounded down.
 */
uint64_t
HundredMillionsOfParameters(const ModelSpec& model)
{
    const auto attention = model.hidden * model.headSize * 2 * (model.heads + model.kvHeads);
    const auto experts = 3 * model.hidden * (model.experts * model.expertFfn + model.sharedFfn);
    const auto layer = attention + model.hidden * model.experts + experts;
    return (model.layers * layer + 2 * model.vocabulary * model.hidden) / 100'000'000;
}

} // namespace

TEST(ModelSpec, Mixtral8x22bHas141BillionParameters)
{
    EXPECT_EQ(HundredMillionsOfParameters(FindModel("mixtral-8x22b")), 1406U);
}

TEST(ModelSpec, Mixtral8x7bHas47BillionParameters)
{
    EXPECT_EQ(HundredMillionsOfParameters(FindModel("mixtral-8x7b")), 467U);
}

TEST(ModelSpec, LlamaMoeHas7BillionParameters)
{
    EXPECT_EQ(HundredMillionsOfParameters(FindModel("llama-moe")), 67U);
}

TEST(ModelSpec, QwenMoeHas14BillionParameters)
{
    EXPECT_EQ(HundredMillionsOfParameters(FindModel("qwen-moe")), 143U);
}
