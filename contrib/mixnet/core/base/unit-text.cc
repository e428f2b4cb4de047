/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "unit-text.h"

#include <array>
#include <utility>

namespace mixnetcore
{

namespace
{

/// @brief A unit and how many of the smallest unit it has.
using UnitSize = std::pair<const char*, uint64_t>;

/// @param count Of the smallest unit. @param units Descending, each a multiple of the next.
/// @return the count in the largest unit that it is a whole number of.
template <size_t N>
std::string
InLargestUnit(uint64_t count, const std::array<UnitSize, N>& units)
{
    size_t unit = 0;
    while (unit + 1 < N && (count == 0 || count % units[unit].second != 0))
    {
        ++unit;
    }
    return std::to_string(count / units[unit].second) + units[unit].first;
}

} // namespace

std::string
ExactText(BitsPerSecond rate)
{
    static constexpr std::array<UnitSize, 5> UNITS{{{"Tb/s", 1'000'000'000'000},
                                                    {"Gb/s", 1'000'000'000},
                                                    {"Mb/s", 1'000'000},
                                                    {"kb/s", 1'000},
                                                    {"b/s", 1}}};
    return InLargestUnit(rate.Count(), UNITS);
}

std::string
ExactText(Picoseconds time)
{
    static constexpr std::array<UnitSize, 5> UNITS{{{"s", 1'000'000'000'000},
                                                    {"ms", 1'000'000'000},
                                                    {"us", 1'000'000},
                                                    {"ns", 1'000},
                                                    {"ps", 1}}};
    return InLargestUnit(static_cast<uint64_t>(time.count()), UNITS);
}

} // namespace mixnetcore
