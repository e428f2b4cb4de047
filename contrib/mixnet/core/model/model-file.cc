/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "model-file.h"

#include "expert-places.h"
#include "layer-split.h"

#include "ns3/checks.h"
#include "ns3/json-fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>

namespace mixnetcore
{

namespace
{

// Bounds that no model comes near
constexpr uint64_t MAX_SIZE = uint64_t{1} << 20;  //!< of a vector or matrix, elements
constexpr uint64_t MAX_COUNT = uint64_t{1} << 16; //!< of heads, experts, ranks, sequences
constexpr uint64_t MAX_LAYERS = 512;              //!< of layers, what a phase's key has room for

/**
 * @param fields The object "attention".
 * @param kind Which kind it says it is.
 * @return the names of the fields it should have.
 */
std::vector<std::string>
FieldsOfAttention(const JsonFields& fields, const std::string& kind)
{
    if (kind == "grouped-query")
    {
        return {"kind", "heads", "kvHeads", "headSize"};
    }
    if (kind == "latent")
    {
        return {"kind", "heads", "queryRank", "keyValueRank", "nopeSize", "ropeSize", "valueSize"};
    }
    fields.Refuse("kind", "\"grouped-query\" or \"latent\"");
}

/**
 * @param file The file.
 * @param model Takes the sizes.
 */
void
ReadAttention(const JsonFields& file, ModelSpec& model)
{
    const auto either = file.Object("attention",
                                    {"kind",
                                     "heads",
                                     "kvHeads",
                                     "headSize",
                                     "queryRank",
                                     "keyValueRank",
                                     "nopeSize",
                                     "ropeSize",
                                     "valueSize"});
    const auto kind = either.Text("kind");
    const auto attention = file.Object("attention", FieldsOfAttention(either, kind));
    model.heads = attention.Count("heads", 1, MAX_COUNT);
    if (kind == "grouped-query")
    {
        model.kvHeads = attention.Count("kvHeads", 1, model.heads);
        model.headSize = attention.Count("headSize", 1, MAX_COUNT);
        return;
    }
    LatentAttention latent;
    latent.queryRank = attention.Count("queryRank", 0, MAX_SIZE);
    latent.keyValueRank = attention.Count("keyValueRank", 1, MAX_SIZE);
    latent.nopeSize = attention.Count("nopeSize", 1, MAX_COUNT);
    latent.ropeSize = attention.Count("ropeSize", 0, MAX_COUNT);
    latent.valueSize = attention.Count("valueSize", 1, MAX_COUNT);
    model.latentAttention = latent;
}

/**
 * @param file The file.
 * @param model Has its layers; takes the sizes of experts and dense layers.
 */
void
ReadFeedForward(const JsonFields& file, ModelSpec& model)
{
    const auto experts =
        file.Object("experts",
                    {"count", "empty", "topK", "groups", "groupsPerToken", "ffn", "sharedFfn"});
    model.experts = experts.Count("count", 1, MAX_COUNT);
    model.paddedExperts = model.experts + experts.CountOr("empty", 0, 0, MAX_COUNT);
    model.topK = experts.Count("topK", 1, model.experts);
    model.expertGroups = experts.CountOr("groups", 1, 1, model.paddedExperts);
    model.groupsPerToken =
        experts.CountOr("groupsPerToken", model.expertGroups, 1, model.expertGroups);
    model.expertFfn = experts.Count("ffn", 1, MAX_SIZE);
    model.sharedFfn = experts.CountOr("sharedFfn", 0, 0, MAX_SIZE);
    if (file.Has("denseLayers"))
    {
        const auto dense = file.Object("denseLayers", {"count", "ffn"});
        model.denseLayers = dense.Count("count", 0, model.layers - 1); // one layer has experts
        model.denseFfn = dense.Count("ffn", 1, MAX_SIZE);
    }
}

/**
 * @param file The file.
 * @param model Has its layers; takes degrees, sequence and microbatches.
 */
void
ReadTraining(const JsonFields& file, ModelSpec& model)
{
    const auto degrees =
        file.Object("parallelism", {"tensor", "expert", "pipeline", "layersPerStage"});
    model.tensorParallel = degrees.Count("tensor", 1, MAX_COUNT);
    model.expertParallel = degrees.Count("expert", 1, MAX_COUNT);
    model.pipelineParallel = degrees.Count("pipeline", 1, model.layers);
    for (const auto layers : degrees.Counts("layersPerStage", 1, model.layers))
    {
        model.layersPerStage.push_back(layers);
    }
    const auto training =
        file.Object("training", {"sequenceLength", "microbatchSize", "microbatches"});
    model.sequenceLength = training.Count("sequenceLength", 1, MAX_SIZE);
    model.microbatchSize = training.Count("microbatchSize", 1, MAX_COUNT);
    model.microbatches = training.Count("microbatches", 1, MAX_COUNT);
}

/**
 * @param value What has to be a multiple.
 * @param field Its name.
 * @param divisor What it has to be a multiple of.
 * @param divisorField Name of that.
 * @throws std::invalid_argument when it is not.
 */
void
CheckMultiple(uint64_t value,
              const std::string& field,
              uint64_t divisor,
              const std::string& divisorField)
{
    if (value % divisor != 0)
    {
        Refuse(Phrase() << field << " is " << value << "; expected a multiple of " << divisorField
                        << " = " << divisor);
    }
}

/**
 * @param model A model whose places divide into its groups.
 * @throws std::invalid_argument when a token's groups may have fewer experts than it goes to.
 */
void
CheckGating(const ModelSpec& model)
{
    const auto size = model.paddedExperts / model.expertGroups;
    std::vector<uint64_t> experts(model.expertGroups, 0);
    for (const auto place : ExpertPlaces(model.experts, model.paddedExperts))
    {
        ++experts[place / size];
    }
    std::sort(experts.begin(), experts.end());
    const auto fewest =
        std::accumulate(experts.begin(), experts.begin() + model.groupsPerToken, uint64_t{0});
    if (model.topK > fewest)
    {
        Refuse(Phrase() << "experts.topK is " << model.topK << "; expected at most the " << fewest
                        << " experts in experts.groupsPerToken = " << model.groupsPerToken
                        << " groups");
    }
}

/**
 * @param model A model whose fields are in range.
 * @throws std::invalid_argument when they do not fit each other.
 */
void
CheckFits(const ModelSpec& model)
{
    const std::string tensor = "parallelism.tensor";
    const auto degree = model.tensorParallel;
    if (!model.latentAttention)
    {
        CheckMultiple(model.heads, "attention.heads", model.kvHeads, "attention.kvHeads");
    }
    CheckMultiple(model.heads, "attention.heads", degree, tensor);
    CheckMultiple(model.expertFfn, "experts.ffn", degree, tensor);
    CheckMultiple(model.sharedFfn, "experts.sharedFfn", degree, tensor);
    CheckMultiple(model.denseFfn, "denseLayers.ffn", degree, tensor);
    CheckMultiple(model.sequenceLength, "training.sequenceLength", degree, tensor);
    CheckMultiple(model.paddedExperts,
                  "experts.count + experts.empty",
                  model.expertParallel,
                  "parallelism.expert");
    CheckMultiple(model.paddedExperts,
                  "experts.count + experts.empty",
                  model.expertGroups,
                  "experts.groups");
    CheckGating(model);
    if (!model.layersPerStage.empty())
    {
        LayerSplit(model.layers, model.pipelineParallel, 1, model.layersPerStage);
    }
}

/**
 * @param path Path of a file.
 * @return its name without folder and .json.
 */
std::string
NameOf(const std::string& path)
{
    const auto file = path.substr(path.find_last_of('/') + 1);
    return file.substr(0, file.rfind(".json"));
}

} // namespace

ModelSpec
ParseModel(const std::string& text, const std::string& path)
{
    const auto json =
        ParseJsonText(text, path, "a model, as contrib/mixnet/models/README.md describes it");
    const JsonFields file(json,
                          path,
                          "",
                          {"title",
                           "sources",
                           "layers",
                           "hidden",
                           "vocabulary",
                           "tiedEmbeddings",
                           "attention",
                           "experts",
                           "denseLayers",
                           "parallelism",
                           "training"});
    ModelSpec model;
    model.name = NameOf(path);
    model.title = file.Text("title");
    model.sources = file.Texts("sources");
    model.layers = file.Count("layers", 1, MAX_LAYERS);
    model.hidden = file.Count("hidden", 1, MAX_SIZE);
    model.vocabulary = file.Count("vocabulary", 1, uint64_t{1} << 24);
    model.tiedEmbeddings = file.FlagOr("tiedEmbeddings", false);
    ReadAttention(file, model);
    ReadFeedForward(file, model);
    ReadTraining(file, model);
    try
    {
        CheckFits(model);
    }
    catch (const std::invalid_argument& error)
    {
        Refuse(path + ": " + error.what());
    }
    return model;
}

ModelSpec
ReadModelFile(const std::string& path)
{
    return ParseModel(ReadTextFile(path, "model"), path);
}

} // namespace mixnetcore
