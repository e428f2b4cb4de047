/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "model-spec.h"

#include "model-file.h"

#include "ns3/checks.h"
#include "ns3/embedded-files.h"
#include "ns3/option-names.h"

namespace mixnetcore
{

namespace
{

/// @param model A model. @return it in a line for lists.
std::string
SummaryOf(const ModelSpec& model)
{
    return Phrase() << model.title << ": " << model.layers << " layers, " << model.experts
                    << " experts, top " << model.topK << "; EP" << model.expertParallel << " TP"
                    << model.tensorParallel << " PP" << model.pipelineParallel;
}

} // namespace

ModelSpec
FindModel(const std::string& name)
{
    return IsJsonPath(name) ? ReadModelFile(name) : Models().Make(name);
}

std::string
DescribeExperts(const ModelSpec& model)
{
    if (model.redundantExperts > 0)
    {
        return "the " + std::to_string(model.experts) + " experts of " + model.name + " and " +
               std::to_string(model.redundantExperts) + " copies";
    }
    return "the " + std::to_string(model.experts) + " experts of " + model.name +
           (model.paddedExperts == model.experts
                ? ""
                : ", padded to " + std::to_string(model.paddedExperts));
}

Registry<ModelMaker>&
Models()
{
    static auto registry = [] {
        Registry<ModelMaker> built("model", {}, "the path of a JSON file");
        for (const auto& file : EmbeddedModels())
        {
            const auto parse = [file] {
                return ParseModel(file.text, std::string("models/") + file.name + ".json");
            };
            built.Add(file.name, parse, SummaryOf(parse()));
        }
        return built;
    }();
    return registry;
}

} // namespace mixnetcore
