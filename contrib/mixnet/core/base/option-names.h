/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OPTION_NAMES_H
#define OPTION_NAMES_H

#include <optional>
#include <string>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @param text Any text. @return it in lower case.
std::string LowerCase(std::string text);

/**
 * @ingroup mixnet-core
 * @brief Finds a name, whatever the case of its letters.
 * @param names Known names.
 * @param text What the user gave.
 * @return the known name; none when there is no such name.
 */
std::optional<std::string> FindName(const std::vector<std::string>& names, const std::string& text);

/**
 * @ingroup mixnet-core
 * @brief Guesses what a user has meant.
 * @param names Known names.
 * @param text What the user gave: none of them.
 * @return the name with the fewest letters to insert, remove, change or swap with the next, of
 * these the first; none when that is more than a third of the letters of the text, or of 3.
 */
std::optional<std::string> NearestName(const std::vector<std::string>& names,
                                       const std::string& text);

/**
 * @ingroup mixnet-core
 * @brief Puts NearestName() into words; where nothing is near, the names that begin as the text
 * does, if that has 3 letters at least.
 * @param names Known names.
 * @param text What the user gave: none of them.
 * @param prefix What stands before a name, as "--".
 * @return "; did you mean NAME?", with more names after "or", or an empty text when there is none.
 */
std::string SuggestName(const std::vector<std::string>& names,
                        const std::string& text,
                        const std::string& prefix = "");

/// @ingroup mixnet-core
/// @param name What the user gave in place of a name. @return whether it is the path of a JSON
/// file: whatever ends with .json or has a slash in it.
bool IsJsonPath(const std::string& name);

/**
 * @ingroup mixnet-core
 * @param names Names.
 * @return them in one line, with commas in between.
 */
std::string JoinNames(const std::vector<std::string>& names);

} // namespace mixnetcore

#endif // OPTION_NAMES_H
