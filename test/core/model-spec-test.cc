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
              (std::vector<std::string>{"deepseek-r1",
                                        "deepseek-v3",
                                        "llama-moe",
                                        "mixtral-8x22b",
                                        "mixtral-8x7b",
                                        "qwen-moe",
                                        "qwen-moe-ep32"}));
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
        EXPECT_STREQ(
            error.what(),
            "unknown model 'mixtral'; expected one of deepseek-r1, deepseek-v3, llama-moe, "
            "mixtral-8x22b, mixtral-8x7b, qwen-moe, qwen-moe-ep32, or the path of a JSON "
            "file");
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
    // True of the catalogue's models with grouped queries, not of all: heads * head size = hidden.
    for (const auto& name : ModelNames())
    {
        const auto model = FindModel(name);
        if (!model.latentAttention)
        {
            EXPECT_EQ(model.heads * model.headSize, model.hidden) << name;
            EXPECT_EQ(model.heads % model.kvHeads, 0U) << name;
        }
    }
}

TEST(ModelSpec, BeginsWithDenseLayersInDeepSeek)
{
    const auto model = FindModel("deepseek-r1");
    EXPECT_EQ(model.MoeLayers(), 58U);
    EXPECT_FALSE(model.IsMoeLayer(2));
    EXPECT_TRUE(model.IsMoeLayer(3));
}

TEST(ModelSpec, SaysWhereItsSizesAreFrom)
{
    for (const auto& name : ModelNames())
    {
        EXPECT_GE(FindModel(name).sources.size(), 2U) << name;
    }
}

TEST(ModelSpec, ReadsAPathAsAFileOfTheSameForm)
{
    for (const auto& name : ModelNames())
    {
        const auto path = MIXNET_SOURCE_DIR "/contrib/mixnet/models/" + name + ".json";
        const auto model = FindModel(path);
        EXPECT_EQ(model.name, name);
        EXPECT_EQ(model.hidden, FindModel(name).hidden);
        EXPECT_EQ(model.sources, FindModel(name).sources);
    }
}

TEST(ModelSpec, RefusesAPathWhereThereIsNoFile)
{
    for (const std::string path : {"no-such-model.json", "no/such-model"})
    {
        try
        {
            FindModel(path);
            FAIL() << "there is no such file";
        }
        catch (const std::invalid_argument& error)
        {
            EXPECT_EQ(error.what(),
                      "cannot read the model file " + path + ": No such file or directory");
        }
    }
}
