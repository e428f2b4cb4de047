/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "option-values.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace mixnetcore
{

namespace
{

/**
 * @param option Name of the option. @param text What the user gave. @param expected What is
 * allowed.
 */
[[noreturn]] void
Refuse(const std::string& option, const std::string& text, const std::string& expected)
{
    throw std::invalid_argument("option --" + option + "=" + text + ": must be " + expected);
}

/**
 * @param number A number.
 * @return it in its shortest form.
 */
std::string
Shortest(double number)
{
    std::ostringstream text;
    text << number;
    return text.str();
}

/**
 * @brief Reads a number at the front of a text.
 * @param text The text.
 * @param[out] number The number.
 * @return where it ends; 0 when there is none.
 */
size_t
LeadingNumber(const std::string& text, double& number)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && std::isfinite(number) ? end - text.data() : 0;
}

/**
 * @brief Reads a number with a unit.
 * @param text The text.
 * @param units Names and sizes of the units.
 * @param[out] value Number times size of its unit.
 * @return whether text is nothing else.
 */
template <size_t N>
bool
NumberWithUnit(const std::string& text,
               const std::array<std::pair<const char*, double>, N>& units,
               double& value)
{
    double number = 0;
    const size_t end = LeadingNumber(text, number);
    const auto unit = std::find_if(units.begin(), units.end(), [&](const auto& candidate) {
        return text.compare(end, std::string::npos, candidate.first) == 0;
    });
    if (end == 0 || unit == units.end())
    {
        return false;
    }
    value = number * unit->second;
    return true;
}

/// Units of data rates, in bits per second.
constexpr std::array<std::pair<const char*, double>, 10> RATE_UNITS{{{"bps", 1},
                                                                     {"kbps", 1e3},
                                                                     {"Mbps", 1e6},
                                                                     {"Gbps", 1e9},
                                                                     {"Tbps", 1e12},
                                                                     {"b/s", 1},
                                                                     {"kb/s", 1e3},
                                                                     {"Mb/s", 1e6},
                                                                     {"Gb/s", 1e9},
                                                                     {"Tb/s", 1e12}}};

/// Units of time, in picoseconds.
constexpr std::array<std::pair<const char*, double>, 5> TIME_UNITS{
    {{"s", 1e12}, {"ms", 1e9}, {"us", 1e6}, {"ns", 1e3}, {"ps", 1}}};

} // namespace

std::optional<uint64_t>
TryParseCount(const std::string& text, uint64_t least, uint64_t most)
{
    uint64_t number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc() || end != last || number < least || number > most)
    {
        return std::nullopt;
    }
    return number;
}

std::optional<Picoseconds>
TryParseDuration(const std::string& text)
{
    constexpr double MOST = 1e18;
    double time = 0;
    const bool isZero = text == "0";
    if (!isZero && (!NumberWithUnit(text, TIME_UNITS, time) || time < 0 || time > MOST))
    {
        return std::nullopt;
    }
    return Picoseconds(std::llround(time));
}

uint64_t
ParseCount(const std::string& option, const std::string& text, uint64_t least, uint64_t most)
{
    const auto number = TryParseCount(text, least, most);
    if (!number)
    {
        Refuse(option,
               text,
               most == UINT64_MAX ? "a whole number, at least " + std::to_string(least)
                                  : "a whole number from " + std::to_string(least) + " to " +
                                        std::to_string(most));
    }
    return *number;
}

double
ParseNumber(const std::string& option, const std::string& text, double least, double most)
{
    double number = 0;
    const size_t end = LeadingNumber(text, number);
    if (end == 0 || end != text.size() || number < least || number > most)
    {
        Refuse(option, text, "a number from " + Shortest(least) + " to " + Shortest(most));
    }
    return number;
}

BitsPerSecond
ParseRate(const std::string& option, const std::string& text)
{
    constexpr double MOST = 1e15;
    double rate = 0;
    if (!NumberWithUnit(text, RATE_UNITS, rate) || rate < 1 || rate > MOST)
    {
        Refuse(option,
               text,
               "a data rate from 1b/s to 1000Tb/s with its unit, such as 400Gb/s or 100Gbps");
    }
    return BitsPerSecond(static_cast<uint64_t>(std::llround(rate)));
}

Picoseconds
ParseDuration(const std::string& option, const std::string& text)
{
    const auto time = TryParseDuration(text);
    if (!time)
    {
        Refuse(option, text, DURATION_IN_WORDS);
    }
    return *time;
}

bool
ParseFlag(const std::string& option, const std::string& text)
{
    if (text != "yes" && text != "no")
    {
        Refuse(option, text, "yes or no");
    }
    return text == "yes";
}

} // namespace mixnetcore
