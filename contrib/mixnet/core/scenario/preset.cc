/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "preset.h"

#include "ns3/checks.h"
#include "ns3/embedded-files.h"
#include "ns3/json-fields.h"
#include "ns3/option-names.h"

#include <nlohmann/json.hpp>

namespace mixnetcore
{

namespace
{

/**
 * @param json An object of options and their values; a value is a text, or an object that has it as
 * its value and says where it is from.
 * @param path The file. @param field Name of the object in it.
 * @return the values.
 */
Preset::Values
ReadValues(const nlohmann::json& json, const std::string& path, const std::string& field)
{
    const auto refuse = [&](const std::string& where, const nlohmann::json& value) {
        Refuse(path + ": " + where + " is " + ShowJson(value) +
               "; expected a text as on the command line, or an object with "
               "value and source");
    };
    if (!json.is_object())
    {
        Refuse(path + ": " + field + " is " + ShowJson(json) +
               "; expected an object of options and their values");
    }
    Preset::Values values;
    for (const auto& [name, value] : json.items())
    {
        const auto where = field + "." + name;
        if (value.is_object())
        {
            const JsonFields fields(value, path, where, {"value", "source"});
            fields.Text("source");
            values[name] = fields.Text("value");
            continue;
        }
        if (!value.is_string() || value.get<std::string>().empty())
        {
            refuse(where, value);
        }
        values[name] = value.get<std::string>();
    }
    return values;
}

} // namespace

Preset::Values
Preset::ValuesFor(const std::string& fabric) const
{
    auto values = options;
    const auto own = fabrics.find(fabric);
    if (own != fabrics.end())
    {
        for (const auto& [name, value] : own->second)
        {
            values[name] = value;
        }
    }
    return values;
}

Preset
ParsePreset(const std::string& text, const std::string& path)
{
    const auto json =
        ParseJsonText(text, path, "a preset, as contrib/mixnet/presets/README.md describes it");
    const JsonFields file(json, path, "", {"title", "description", "source", "options", "fabrics"});
    Preset preset;
    preset.name = path;
    preset.title = file.Text("title");
    preset.description = file.Text("description");
    preset.sources = file.Texts("source");
    if (!file.Has("options"))
    {
        Refuse(path + ": field options is missing");
    }
    preset.options = ReadValues(json.at("options"), path, "options");
    if (file.Has("fabrics"))
    {
        const auto& fabrics = json.at("fabrics");
        if (!fabrics.is_object())
        {
            file.Refuse("fabrics", "an object with an object of options for each fabric");
        }
        for (const auto& [fabric, values] : fabrics.items())
        {
            preset.fabrics[fabric] = ReadValues(values, path, "fabrics." + fabric);
            if (preset.fabrics[fabric].count("fabric") > 0)
            {
                Refuse(path + ": fabrics." + fabric + ".fabric is there; expected among options");
            }
        }
    }
    return preset;
}

Preset
FindPreset(const std::string& name)
{
    return IsJsonPath(name) ? ParsePreset(ReadTextFile(name, "preset"), name)
                            : Presets().Make(name);
}

Registry<PresetMaker>&
Presets()
{
    static auto registry = [] {
        Registry<PresetMaker> built("preset", {}, "the path of a JSON file");
        for (const auto& file : EmbeddedPresets())
        {
            const auto parse = [file] {
                auto preset = ParsePreset(file.text, std::string("presets/") + file.name + ".json");
                preset.name = file.name;
                return preset;
            };
            built.Add(file.name, parse, parse().title);
        }
        return built;
    }();
    return registry;
}

} // namespace mixnetcore
