/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "model-spec.h"

#include "embedded-models.h"
#include "model-file.h"

#include "ns3/option-names.h"

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
    const auto names = ModelNames();
    const auto known = FindName(names, name);
    for (const auto& model : EmbeddedModels())
    {
        if (known == model.name)
        {
            return ParseModel(model.text, "models/" + *known + EXTENSION);
        }
    }
    throw std::invalid_argument("unknown model '" + name + "'; expected one of " +
                                JoinNames(names) + ", or the path of a JSON file" +
                                SuggestName(names, name));
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
