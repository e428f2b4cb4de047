/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "json-layout.h"

#include <nlohmann/json.hpp>

namespace mixnetcore
{

namespace
{

constexpr size_t LINE = 100; //!< characters of a line

/// @param value Any value. @return it in one line.
std::string
InOneLine(const nlohmann::ordered_json& value)
{
    if (!value.is_structured())
    {
        return value.dump();
    }
    std::string text;
    for (const auto& [name, element] : value.items())
    {
        text += text.empty() ? "" : ", ";
        text += value.is_object() ? nlohmann::ordered_json(name).dump() + ": " : "";
        text += InOneLine(element);
    }
    return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

/// @param value Any value. @param indent Spaces before its lines. @param taken Characters of its
/// first line that are taken. @return it, in one line if that is short enough.
std::string
InLines(const nlohmann::ordered_json& value, size_t indent, size_t taken)
{
    auto line = InOneLine(value);
    if (!value.is_structured() || taken + line.size() <= LINE)
    {
        return line;
    }
    constexpr size_t STEP = 2;
    std::string text;
    for (const auto& [name, element] : value.items())
    {
        const auto label = value.is_object() ? nlohmann::ordered_json(name).dump() + ": " : "";
        text += (text.empty() ? "\n" : ",\n") + std::string(indent + STEP, ' ') + label;
        text += InLines(element, indent + STEP, indent + STEP + label.size() + 1);
    }
    text += "\n" + std::string(indent, ' ');
    return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

} // namespace

std::string
LayOutJson(const nlohmann::ordered_json& value)
{
    return InLines(value, 0, 0) + "\n";
}

} // namespace mixnetcore
