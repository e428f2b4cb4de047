/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/model-spec.h"

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

TEST(ModelSpec, CatalogueListsTheFilesOfItsFolderInOrder)
{
    std::vector<std::string> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(MIXNET_SOURCE_DIR "/contrib/mixnet/models"))
    {
        if (entry.path().extension() == ".json")
        {
            files.push_back(entry.path().stem().string());
        }
    }
    std::sort(files.begin(), files.end());
    EXPECT_EQ(Models().Names(), files);
}

TEST(ModelSpec, CatalogueHasTheModelsOfThePaper)
{
    for (const std::string name : {"mixtral-8x7b",
                                   "mixtral-8x22b",
                                   "llama-moe",
                                   "qwen-moe",
                                   "qwen-moe-ep32",
                                   "deepseek-r1",
                                   "deepseek-v3"})
    {
        EXPECT_EQ(FindModel(name).sequenceLength, 4096U) << name;
    }
}

TEST(ModelSpec, EveryNameFindsItsModel)
{
    for (const auto& name : Models().Names())
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
        std::string known;
        for (const auto& name : Models().Names())
        {
            known += name + ", ";
        }
        EXPECT_EQ(error.what(),
                  "unknown model 'mixtral'; known: " + known +
                      "or the path of a JSON file; did you mean mixtral-8x22b or mixtral-8x7b?");
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
    for (const auto& name : Models().Names())
    {
        const auto& model = FindModel(name);
        EXPECT_GE(model.paddedExperts, model.experts) << name;
        EXPECT_EQ(model.paddedExperts % model.expertParallel, 0U) << name;
        EXPECT_LE(model.topK, model.experts) << name;
    }
}

TEST(ModelSpec, HasTheWholeHiddenSizeInItsHeads)
{
    // True of these models, not of all: heads * head size = hidden size.
    for (const std::string name : {"mixtral-8x7b", "mixtral-8x22b", "llama-moe", "qwen-moe"})
    {
        const auto model = FindModel(name);
        EXPECT_EQ(model.heads * model.headSize, model.hidden) << name;
    }
}

TEST(ModelSpec, SendsWhatIsPublishedOfDeepSeek)
{
    // One sequence of 4096 tokens to 8 experts each, 7168 elements of 2 bytes; 63 of 64 leave their
    // rank: 441 MiB.
    const auto model = FindModel("deepseek-r1");
    const auto bytes = model.BytesPerToken() * model.AssignmentsPerMicrobatch().Count();
    EXPECT_EQ(bytes.Count() / 64 * 63, uint64_t{441} << 20);
}

TEST(ModelSpec, BeginsWithDenseLayersInDeepSeek)
{
    const auto model = FindModel("deepseek-r1");
    EXPECT_EQ(model.MoeLayers(), 58U);
    EXPECT_FALSE(model.IsMoeLayer(2));
    EXPECT_TRUE(model.IsMoeLayer(3));
}

TEST(ModelSpec, LimitsTheGroupsOfATokenInDeepSeekOnly)
{
    // config.json of DeepSeek-V3: n_group 8, topk_group 4.
    for (const auto& name : Models().Names())
    {
        const auto model = FindModel(name);
        const bool isLimited = name.rfind("deepseek", 0) == 0;
        EXPECT_EQ(model.expertGroups, isLimited ? 8U : 1U) << name;
        EXPECT_EQ(model.groupsPerToken, isLimited ? 4U : 1U) << name;
    }
}

TEST(ModelSpec, SaysWhereItsSizesAreFrom)
{
    for (const auto& name : Models().Names())
    {
        EXPECT_GE(FindModel(name).sources.size(), 2U) << name;
    }
}

TEST(ModelSpec, ReadsAPathAsAFileOfTheSameForm)
{
    for (const auto& name : Models().Names())
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
