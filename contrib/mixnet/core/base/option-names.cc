/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "option-names.h"

#include <algorithm>
#include <boost/algorithm/string/join.hpp>
#include <boost/algorithm/string/predicate.hpp>
#include <cctype>

namespace mixnetcore
{

namespace
{

/// @param a A text. @param b Another. @return letters to insert, remove, change or swap with the
/// next one until they are equal.
size_t
DistanceBetween(const std::string& a, const std::string& b)
{
    std::vector<std::vector<size_t>> steps(a.size() + 1, std::vector<size_t>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i)
    {
        for (size_t j = 0; j <= b.size(); ++j)
        {
            if (i == 0 || j == 0)
            {
                steps[i][j] = i + j;
                continue;
            }
            const size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            steps[i][j] =
                std::min({steps[i - 1][j] + 1, steps[i][j - 1] + 1, steps[i - 1][j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            {
                steps[i][j] = std::min(steps[i][j], steps[i - 2][j - 2] + 1);
            }
        }
    }
    return steps[a.size()][b.size()];
}

} // namespace

std::string
LowerCase(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return text;
}

std::optional<std::string>
FindName(const std::vector<std::string>& names, const std::string& text)
{
    const auto lower = LowerCase(text);
    const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
        return LowerCase(name) == lower;
    });
    return found == names.end() ? std::nullopt : std::optional<std::string>(*found);
}

std::optional<std::string>
NearestName(const std::vector<std::string>& names, const std::string& text)
{
    constexpr size_t LONGEST = 100; // what no name comes near
    if (text.size() > LONGEST)
    {
        return std::nullopt;
    }
    const auto lower = LowerCase(text);
    std::optional<std::string> nearest;
    size_t least = std::max<size_t>(text.size(), 3) / 3;
    for (const auto& name : names)
    {
        const auto distance = DistanceBetween(LowerCase(name), lower);
        if (distance < least || (distance == least && !nearest))
        {
            nearest = name;
            least = distance;
        }
    }
    return nearest;
}

std::string
SuggestName(const std::vector<std::string>& names,
            const std::string& text,
            const std::string& prefix)
{
    constexpr size_t SHORTEST = 3; // what fewer letters begin may be anything
    std::vector<std::string> meant;
    if (const auto nearest = NearestName(names, text))
    {
        meant.push_back(prefix + *nearest);
    }
    else if (text.size() >= SHORTEST)
    {
        for (const auto& name : names)
        {
            if (boost::algorithm::istarts_with(name, text))
            {
                meant.push_back(prefix + name);
            }
        }
    }
    return meant.empty() ? "" : "; did you mean " + boost::algorithm::join(meant, " or ") + "?";
}

bool
IsJsonPath(const std::string& name)
{
    return name.find('/') != std::string::npos || boost::algorithm::ends_with(name, ".json");
}

std::string
JoinNames(const std::vector<std::string>& names)
{
    return boost::algorithm::join(names, ", ");
}

} // namespace mixnetcore
