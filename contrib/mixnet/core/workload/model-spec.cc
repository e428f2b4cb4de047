/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "model-spec.h"

#include "embedded-models.h"
#include "model-file.h"

#include <stdexcept>

namespace mixnetcore
{

namespace
{

const std::string EXTENSION = ".json"; //!< how the name of a model's file ends

/**
 * @param name What the user gave.
 * @return whether it is the path of a file.
 */
bool
IsPath(const std::string& name)
{
    const bool hasExtension =
        name.size() >= EXTENSION.size() &&
        name.compare(name.size() - EXTENSION.size(), EXTENSION.size(), EXTENSION) == 0;
    return hasExtension || name.find('/') != std::string::npos;
}

} // namespace

ModelSpec
FindModel(const std::string& name)
{
    if (IsPath(name))
    {
        return ReadModelFile(name);
    }
    std::string known;
    for (const auto& model : EmbeddedModels())
    {
        if (model.name == name)
        {
            return ParseModel(model.text, "models/" + name + EXTENSION);
        }
        known += model.name + std::string(", ");
    }
    throw std::invalid_argument("unknown model '" + name + "'; expected one of " + known +
                                "or the path of a JSON file");
}

std::vector<std::string>
ModelNames()
{
    std::vector<std::string> names;
    for (const auto& model : EmbeddedModels())
    {
        names.emplace_back(model.name);
    }
    return names;
}

} // namespace mixnetcore
