/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "mixnet-units.h"

#include <sstream>
#include <stdexcept>
#include <string>

namespace mixnetcore
{

void
ThrowNoCount(uint64_t first, char sign, uint64_t second, const char* unit)
{
    const std::string limit =
        sign == '-' ? ": below 0"
                    : ": above " + std::to_string(UINT64_MAX) + ", the most that can be counted";
    throw std::overflow_error(std::to_string(first) + ' ' + sign + ' ' + std::to_string(second) +
                              ' ' + unit + limit);
}

void
ThrowNoTime(double picoseconds, const char* what)
{
    constexpr double PICOSECONDS_PER_DAY = 86400e12;
    std::ostringstream message;
    message << what << " would take " << picoseconds / PICOSECONDS_PER_DAY
            << " days of simulated time; at most 106.75 days (2^63 ps) can be told";
    throw std::overflow_error(message.str());
}

} // namespace mixnetcore
