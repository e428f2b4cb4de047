/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PRESET_H
#define PRESET_H

#include "ns3/registry.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Values of options that belong together, with a name: the set-up of a paper, for example.
 */
struct Preset
{
    using Values = std::map<std::string, std::string>; //!< of options, by name

    std::string name;                      //!< as the user gives it
    std::string title;                     //!< one line for tables
    std::string description;               //!< what it is for
    std::vector<std::string> sources;      //!< where the values are from
    Values options;                        //!< values on every fabric
    std::map<std::string, Values> fabrics; //!< by fabric, values on that one; they come first

    /// @param fabric Name of a fabric; may be one that the preset does not know, or empty.
    /// @return the values there.
    Values ValuesFor(const std::string& fabric) const;
};

/**
 * @ingroup mixnet-core
 * @brief Reads a preset from the text of a JSON file, as presets/README.md describes it.
 *
 * Which options there are, and what values they take, is for programs to say.
 *
 * @param text The text.
 * @param path Path of the file: for messages, and the name of the preset.
 * @return the preset.
 * @throws std::invalid_argument with one line: file, field, value and rule; for a mistake in the
 *         syntax file, line and column.
 */
Preset ParsePreset(const std::string& text, const std::string& path);

/**
 * @ingroup mixnet-core
 * @param name Name of a preset in the catalogue, in any case, or the path of a JSON file: whatever
 *        ends with .json or has a slash in it.
 * @return the preset.
 * @throws std::invalid_argument with one line that lists the known ones, or says what is wrong with
 *         the file.
 */
Preset FindPreset(const std::string& name);

/// @ingroup mixnet-core
/// @brief Makes a preset.
using PresetMaker = std::function<Preset()>;

/// @ingroup mixnet-core
/// @return the catalogue: the files presets/NAME.json, in alphabetical order.
Registry<PresetMaker>& Presets();

} // namespace mixnetcore

#endif // PRESET_H
