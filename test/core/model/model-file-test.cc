/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/model-file.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

/// @return the smallest model that is right: EP 2, TP 2, PP 2.
nlohmann::json
SmallModel()
{
    return nlohmann::json::parse(R"({
        "title": "Small",
        "sources": ["this test"],
        "layers": 4,
        "hidden": 64,
        "vocabulary": 100,
        "attention": {"kind": "grouped-query", "heads": 4, "kvHeads": 2, "headSize": 16},
        "experts": {"count": 3, "empty": 1, "topK": 2, "ffn": 32, "sharedFfn": 8},
        "denseLayers": {"count": 1, "ffn": 128},
        "parallelism": {"tensor": 2, "expert": 2, "pipeline": 2, "layersPerStage": [1, 3]},
        "training": {"sequenceLength": 10, "microbatchSize": 5, "microbatches": 6}
    })");
}

/// @return sizes of latent attention.
nlohmann::json
SmallLatentAttention()
{
    return nlohmann::json::parse(R"({"kind": "latent", "heads": 4, "queryRank": 0,
        "keyValueRank": 6, "nopeSize": 3, "ropeSize": 2, "valueSize": 5})");
}

/**
 * @param model What the file holds.
 * @return the message of the refusal, empty if there is none.
 */
std::string
RefusalOf(const nlohmann::json& model)
{
    return tests::Refusal([&] { ParseModel(model.dump(), "my/small.json"); });
}

/**
 * @param pointer Where, as /experts/topK.
 * @param value What to put there instead.
 * @return the message of the refusal, empty if there is none.
 */
std::string
RefusalWith(const std::string& pointer, const nlohmann::json& value)
{
    auto model = SmallModel();
    model[nlohmann::json::json_pointer(pointer)] = value;
    return RefusalOf(model);
}

} // namespace

TEST(ModelFile, ReadsEveryField)
{
    const auto model = ParseModel(SmallModel().dump(), "my/small.json");
    EXPECT_EQ(model.name, "small");
    EXPECT_EQ(model.title, "Small");
    EXPECT_EQ(model.sources, std::vector<std::string>{"this test"});
    EXPECT_EQ(model.layers, 4U);
    EXPECT_EQ(model.hidden, 64U);
    EXPECT_EQ(model.vocabulary, 100U);
    EXPECT_FALSE(model.tiedEmbeddings);
    EXPECT_EQ(model.heads, 4U);
    EXPECT_EQ(model.kvHeads, 2U);
    EXPECT_EQ(model.headSize, 16U);
    EXPECT_FALSE(model.latentAttention);
    EXPECT_EQ(model.experts, 3U);
    EXPECT_EQ(model.paddedExperts, 4U);
    EXPECT_EQ(model.topK, 2U);
    EXPECT_EQ(model.expertFfn, 32U);
    EXPECT_EQ(model.sharedFfn, 8U);
    EXPECT_EQ(model.denseLayers, 1U);
    EXPECT_EQ(model.denseFfn, 128U);
    EXPECT_EQ(model.tensorParallel, 2U);
    EXPECT_EQ(model.expertParallel, 2U);
    EXPECT_EQ(model.pipelineParallel, 2U);
    EXPECT_EQ(model.layersPerStage, (std::vector<size_t>{1, 3}));
    EXPECT_EQ(model.sequenceLength, 10U);
    EXPECT_EQ(model.microbatchSize, 5U);
    EXPECT_EQ(model.microbatches, 6U);
}

TEST(ModelFile, ReadsLatentAttention)
{
    auto json = SmallModel();
    json["attention"] = SmallLatentAttention();
    const auto model = ParseModel(json.dump(), "small.json");
    ASSERT_TRUE(model.latentAttention);
    EXPECT_EQ(model.heads, 4U);
    EXPECT_EQ(model.latentAttention->queryRank, 0U);
    EXPECT_EQ(model.latentAttention->keyValueRank, 6U);
    EXPECT_EQ(model.latentAttention->nopeSize, 3U);
    EXPECT_EQ(model.latentAttention->ropeSize, 2U);
    EXPECT_EQ(model.latentAttention->valueSize, 5U);
}

TEST(ModelFile, ReadsGroupsOfExperts)
{
    // 3 experts and an empty place; a group has two places or, all together, four.
    auto json = SmallModel();
    json["experts"]["groups"] = 2;
    auto model = ParseModel(json.dump(), "small.json");
    EXPECT_EQ(model.expertGroups, 2U);
    EXPECT_EQ(model.groupsPerToken, 2U); // all: no limit
    json["experts"]["topK"] = 1;
    json["experts"]["groupsPerToken"] = 1;
    model = ParseModel(json.dump(), "small.json");
    EXPECT_EQ(model.groupsPerToken, 1U);
}

TEST(ModelFile, RefusesGroupsThatATokenCannotDoWith)
{
    EXPECT_EQ(RefusalWith("/experts/groups", 3),
              "my/small.json: experts.count + experts.empty is 4; expected a multiple of "
              "experts.groups = 3");
    EXPECT_EQ(RefusalWith("/experts/groupsPerToken", 2),
              "my/small.json: experts.groupsPerToken is 2; expected a whole number from 1 to 1");
    // The last place is empty, so the second group has one expert.
    auto json = SmallModel();
    json["experts"]["groups"] = 2;
    json["experts"]["groupsPerToken"] = 1;
    EXPECT_EQ(RefusalOf(json),
              "my/small.json: experts.topK is 2; expected at most the 1 experts in "
              "experts.groupsPerToken = 1 groups");
}

TEST(ModelFile, DoesWithoutOptionalFields)
{
    auto json = SmallModel();
    json.erase("denseLayers");
    json["experts"].erase("sharedFfn");
    json["experts"].erase("empty");
    json["experts"]["count"] = 4;
    json["parallelism"].erase("layersPerStage");
    const auto model = ParseModel(json.dump(), "small.json");
    EXPECT_EQ(model.denseLayers, 0U);
    EXPECT_EQ(model.sharedFfn, 0U);
    EXPECT_EQ(model.paddedExperts, 4U);
    EXPECT_EQ(model.expertGroups, 1U);
    EXPECT_EQ(model.groupsPerToken, 1U);
    EXPECT_TRUE(model.layersPerStage.empty());
}

TEST(ModelFile, RefusesAMissingField)
{
    const auto model = SmallModel();
    for (const auto& [section, value] : model.items())
    {
        if (section == "denseLayers")
        {
            continue;
        }
        auto without = model;
        without.erase(section);
        EXPECT_EQ(RefusalOf(without), "my/small.json: field " + section + " is missing");
    }
    auto without = model;
    without["experts"].erase("topK");
    EXPECT_EQ(RefusalOf(without), "my/small.json: field experts.topK is missing");
}

TEST(ModelFile, RefusesAnUnknownFieldAndListsTheKnownOnes)
{
    EXPECT_EQ(RefusalWith("/experts/topk", 1),
              "my/small.json: unknown field experts.topk; expected fields of experts are count, "
              "empty, topK, groups, groupsPerToken, ffn, sharedFfn");
    EXPECT_EQ(RefusalWith("/attention/queryRank", 1),
              "my/small.json: unknown field attention.queryRank; expected fields of attention are "
              "kind, heads, kvHeads, headSize");
}

TEST(ModelFile, RefusesValuesOutOfRange)
{
    EXPECT_EQ(RefusalWith("/layers", 0),
              "my/small.json: layers is 0; expected a whole number from 1 to 512");
    EXPECT_EQ(RefusalWith("/experts/topK", 4),
              "my/small.json: experts.topK is 4; expected a whole number from 1 to 3");
    EXPECT_EQ(RefusalWith("/denseLayers/count", 4),
              "my/small.json: denseLayers.count is 4; expected a whole number from 0 to 3");
    EXPECT_EQ(RefusalWith("/parallelism/pipeline", 5),
              "my/small.json: parallelism.pipeline is 5; expected a whole number from 1 to 4");
    EXPECT_EQ(RefusalWith("/attention/kvHeads", 5),
              "my/small.json: attention.kvHeads is 5; expected a whole number from 1 to 4");
}

TEST(ModelFile, RefusesWrongTypes)
{
    EXPECT_EQ(RefusalWith("/hidden", "64"),
              "my/small.json: hidden is \"64\"; expected a whole number from 1 to 1048576");
    EXPECT_EQ(RefusalWith("/tiedEmbeddings", 1),
              "my/small.json: tiedEmbeddings is 1; expected true or false");
    EXPECT_EQ(RefusalWith("/attention/kind", "full"),
              "my/small.json: attention.kind is \"full\"; expected \"grouped-query\" or "
              "\"latent\"");
}

TEST(ModelFile, RefusesPartsThatDoNotFitEachOther)
{
    const std::string file = "my/small.json: ";
    EXPECT_EQ(RefusalWith("/experts/empty", 0),
              file + "experts.count + experts.empty is 3; expected a multiple of "
                     "parallelism.expert = 2");
    EXPECT_EQ(RefusalWith("/attention/heads", 5),
              file + "attention.heads is 5; expected a multiple of attention.kvHeads = 2");
    EXPECT_EQ(RefusalWith("/experts/ffn", 33),
              file + "experts.ffn is 33; expected a multiple of parallelism.tensor = 2");
    EXPECT_EQ(RefusalWith("/experts/sharedFfn", 7),
              file + "experts.sharedFfn is 7; expected a multiple of parallelism.tensor = 2");
    EXPECT_EQ(RefusalWith("/denseLayers/ffn", 9),
              file + "denseLayers.ffn is 9; expected a multiple of parallelism.tensor = 2");
    EXPECT_EQ(RefusalWith("/training/sequenceLength", 9),
              file + "training.sequenceLength is 9; expected a multiple of parallelism.tensor = 2");
    EXPECT_EQ(RefusalWith("/parallelism/layersPerStage", {1, 2}),
              file + "layers per stage: the list does not add up to the 4 layers of the model");
}

TEST(ModelFile, RefusesAMistakeInTheSyntaxWithItsLine)
{
    try
    {
        ParseModel("{\n\"title\": \"x\"\n\"layers\": 3}", "my/small.json");
        FAIL() << "there is a comma missing";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_EQ(std::string(error.what()).find("my/small.json: not valid JSON at line 3"), 0U)
            << error.what();
    }
}
