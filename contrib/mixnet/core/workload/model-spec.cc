/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "model-spec.h"

#include <algorithm>
#include <stdexcept>

namespace mixnetcore
{

namespace
{

/**
 * @brief A model with a sequence of 4096 and a microbatch of 8 (MixNet, table 1 and appendix D.1).
 * @param name Name in options.
 * @param title Name in tables.
 * @return the model, with everything else zero.
 */
ModelSpec
NewModel(const std::string& name, const std::string& title)
{
    ModelSpec model;
    model.name = name;
    model.title = title;
    model.sequenceLength = 4096;
    model.microbatchSize = 8;
    return model;
}

/**
 * @brief Sizes: published configuration (config.json) of Mixtral-8x22B.
 *        Parallelism: MixNet, appendix D.1.
 * @return the model.
 */
ModelSpec
Mixtral8x22b()
{
    auto model = NewModel("mixtral-8x22b", "Mixtral 8x22B");
    model.layers = 56;
    model.hidden = 6144;
    model.expertFfn = 16384;
    model.experts = 8;
    model.paddedExperts = 8;
    model.topK = 2;
    model.heads = 48;
    model.kvHeads = 8;
    model.headSize = 128;
    model.vocabulary = 32768;
    model.expertParallel = 8;
    model.tensorParallel = 8;
    model.pipelineParallel = 8;
    return model;
}

/**
 * @brief Sizes: published configuration (config.json) of Mixtral-8x7B.
 *        Parallelism: MixNet, table 1.
 * @return the model.
 */
ModelSpec
Mixtral8x7b()
{
    auto model = NewModel("mixtral-8x7b", "Mixtral 8x7B");
    model.layers = 32;
    model.hidden = 4096;
    model.expertFfn = 14336;
    model.experts = 8;
    model.paddedExperts = 8;
    model.topK = 2;
    model.heads = 32;
    model.kvHeads = 8;
    model.headSize = 128;
    model.vocabulary = 32000;
    model.expertParallel = 8;
    model.tensorParallel = 4;
    model.pipelineParallel = 4;
    return model;
}

/**
 * @brief Sizes: published configuration (config.json) of LLaMA-MoE-v1-3_5B-4_16.
 *        Parallelism: MixNet, table 1.
 * @return the model.
 */
ModelSpec
LlamaMoe()
{
    auto model = NewModel("llama-moe", "LLaMA-MoE-3.5B (4/16)");
    model.layers = 32;
    model.hidden = 4096;
    model.expertFfn = 688;
    model.experts = 16;
    model.paddedExperts = 16;
    model.topK = 4;
    model.heads = 32;
    model.kvHeads = 32;
    model.headSize = 128;
    model.vocabulary = 32000;
    model.expertParallel = 16;
    model.tensorParallel = 1;
    model.pipelineParallel = 4;
    return model;
}

/**
 * @brief Sizes: published configuration (config.json) of Qwen1.5-MoE-A2.7B. Its 60 experts take 64
 * places, as 60 is no multiple of 16 ranks; MixNet's table 1 counts 64. Parallelism: table 1.
 * @return the model.
 */
ModelSpec
QwenMoe()
{
    auto model = NewModel("qwen-moe", "Qwen1.5-MoE-A2.7B");
    model.layers = 24;
    model.hidden = 2048;
    model.expertFfn = 1408;
    model.experts = 60;
    model.paddedExperts = 64;
    model.topK = 4;
    model.sharedFfn = 5632;
    model.heads = 16;
    model.kvHeads = 16;
    model.headSize = 128;
    model.vocabulary = 151936;
    model.expertParallel = 16;
    model.tensorParallel = 1;
    model.pipelineParallel = 4;
    return model;
}

/// @return all known models.
const std::vector<ModelSpec>&
Catalogue()
{
    static const std::vector<ModelSpec> models{Mixtral8x22b(),
                                               Mixtral8x7b(),
                                               LlamaMoe(),
                                               QwenMoe()};
    return models;
}

} // namespace

const ModelSpec&
FindModel(const std::string& name)
{
    const auto& models = Catalogue();
    const auto found = std::find_if(models.begin(), models.end(), [&name](const ModelSpec& model) {
        return model.name == name;
    });
    if (found == models.end())
    {
        std::string known;
        for (const auto& each : ModelNames())
        {
            known += (known.empty() ? "" : ", ") + each;
        }
        throw std::invalid_argument("unknown model '" + name + "'; expected one of " + known);
    }
    return *found;
}

std::vector<std::string>
ModelNames()
{
    std::vector<std::string> names;
    for (const auto& model : Catalogue())
    {
        names.push_back(model.name);
    }
    return names;
}

} // namespace mixnetcore
