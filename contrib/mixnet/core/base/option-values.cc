/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "option-values.h"

#include "checks.h"
#include "option-names.h"

#include <algorithm>
#include <array>
#include <boost/algorithm/string/predicate.hpp>
#include <cctype>
#include <charconv>
#include <cmath>
#include <sstream>
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
RefuseOption(const std::string& option, const std::string& text, const std::string& expected)
{
    Refuse("option --" + option + "=" + text + ": must be " + expected);
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
 * @brief A number as a user gave it, and what stands behind it.
 */
struct NumberAndUnit
{
    std::string number; //!< its text; empty when there is none
    std::string unit;   //!< what follows, without one space
};

/// @param text The text. @return it taken apart.
NumberAndUnit
TakeApart(const std::string& text)
{
    double number = 0;
    const auto end = LeadingNumber(text, number);
    const auto unit = end + (end + 1 < text.size() && text[end] == ' ' ? 1 : 0);
    return {text.substr(0, end), text.substr(unit)};
}

/// @param unit A unit. @return it for messages.
std::string
Quoted(const std::string& unit)
{
    return "'" + unit + "'";
}

/// @param text Any text. @return whether it has a capital letter.
bool
HasCapital(const std::string& text)
{
    return LowerCase(text) != text;
}

/**
 * @brief Reads a number and its unit, which a space may stand before.
 * @param text The text.
 * @param sizeOf Tells the size of a unit, if there is one of that name.
 * @return the number times that; none when there is no number or no such unit.
 */
template <typename SizeOfUnit>
std::optional<double>
ReadMeasure(const std::string& text, const SizeOfUnit& sizeOf)
{
    double number = 0;
    auto end = LeadingNumber(text, number);
    end += end > 0 && end + 1 < text.size() && text[end] == ' ' ? 1 : 0;
    const std::optional<double> size = end > 0 ? sizeOf(text.substr(end)) : std::nullopt;
    return size ? std::optional<double>(number * *size) : std::nullopt;
}

/**
 * @brief A unit and its size.
 */
using Unit = std::pair<const char*, double>;

/**
 * @param units Units, in lower case.
 * @param name A name in lower case.
 * @return the size of the unit of that name, if there is one.
 */
template <size_t N>
std::optional<double>
SizeOf(const std::array<Unit, N>& units, const std::string& name)
{
    const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& one) {
        return name == one.first;
    });
    return unit == units.end() ? std::nullopt : std::optional<double>(unit->second);
}

/// Units of time, in picoseconds.
constexpr std::array<Unit, 5> TIME_UNITS{
    {{"s", 1e12}, {"ms", 1e9}, {"us", 1e6}, {"ns", 1e3}, {"ps", 1}}};

/// Prefixes of units of data rates.
constexpr std::array<Unit, 5> RATE_PREFIXES{
    {{"", 1}, {"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"t", 1e12}}};

/// Prefixes of units of sizes.
constexpr std::array<Unit, 9> SIZE_PREFIXES{{{"", 1},
                                             {"k", 1e3},
                                             {"m", 1e6},
                                             {"g", 1e9},
                                             {"t", 1e12},
                                             {"ki", double(uint64_t{1} << 10)},
                                             {"mi", double(uint64_t{1} << 20)},
                                             {"gi", double(uint64_t{1} << 30)},
                                             {"ti", double(uint64_t{1} << 40)}}};

/**
 * @param text Any text. @param ending An ending.
 * @return the text without it; nothing when it ends differently.
 */
std::optional<std::string>
Without(const std::string& text, const std::string& ending)
{
    if (!boost::algorithm::ends_with(text, ending))
    {
        return std::nullopt;
    }
    return text.substr(0, text.size() - ending.size());
}

/**
 * @param unit A unit of rates, as a user writes it.
 * @return bits per second; nothing when it is none, or of bytes.
 */
std::optional<double>
RateUnit(const std::string& unit)
{
    if (unit.empty() || unit.find('B') != std::string::npos)
    {
        return std::nullopt;
    }
    const auto lower = LowerCase(unit);
    for (const auto* ending : {"bit/s", "bits/s", "b/s", "bps", ""})
    {
        const auto prefix = Without(lower, ending);
        const auto size = prefix ? SizeOf(RATE_PREFIXES, *prefix) : std::nullopt;
        if (size)
        {
            return size;
        }
    }
    return std::nullopt;
}

/**
 * @param unit A unit of sizes, as a user writes it; may be empty.
 * @return bytes; nothing when it is none, or of bits, as Mb.
 */
std::optional<double>
SizeUnit(const std::string& unit)
{
    const bool isOfBits = !unit.empty() && unit.back() == 'b' && HasCapital(unit);
    const auto lower = LowerCase(unit);
    const auto prefix = Without(lower, "b").value_or(lower);
    return isOfBits ? std::nullopt : SizeOf(SIZE_PREFIXES, prefix);
}

/// @param text What was given for a rate: none. @return what may have been meant; empty if unknown.
std::string
HintOfRate(const std::string& text)
{
    const auto [number, unit] = TakeApart(text);
    if (number.empty())
    {
        return {};
    }
    if (unit.empty())
    {
        return "; did you mean " + number + "Gb/s?";
    }
    const auto isByte = [](char letter) { return letter == 'B'; };
    auto inBits = unit;
    std::replace_if(inBits.begin(), inBits.end(), isByte, 'b');
    return unit != inBits && RateUnit(inBits)
               ? "; " + Quoted(unit) + " is of bytes, " + Quoted(inBits) + " of bits"
           : RateUnit(unit) ? ""
                            : "; " + Quoted(unit) + " is no unit of a rate";
}

/// @param text What was given for a size: none. @return what may have been meant; empty if unknown.
std::string
HintOfSize(const std::string& text)
{
    const auto [number, unit] = TakeApart(text);
    if (number.empty() || unit.empty() || SizeUnit(unit))
    {
        return {};
    }
    auto inBytes = unit;
    std::replace(inBytes.begin(), inBytes.end(), 'b', 'B');
    return SizeUnit(inBytes) ? "; " + Quoted(unit) + " is of bits, " + Quoted(inBytes) + " of bytes"
                             : "; " + Quoted(unit) + " is no unit of a size";
}

/// @param text What was given for a time: none. @return what may have been meant; empty if unknown.
std::string
HintOfDuration(const std::string& text)
{
    // Other spellings of a unit of time.
    static constexpr std::array<std::pair<const char*, const char*>, 8> OTHERS{
        {{"sec", "s"},
         {"seconds", "s"},
         {"msec", "ms"},
         {"usec", "us"},
         {"\u00b5s", "us"}, // micro sign
         {"\u03bcs", "us"}, // Greek mu
         {"nsec", "ns"},
         {"psec", "ps"}}};
    const auto [number, unit] = TakeApart(text);
    if (number.empty() || number.front() == '-')
    {
        return {};
    }
    if (unit.empty())
    {
        return "; did you mean " + number + "ms or " + number + "us?";
    }
    const auto name = LowerCase(unit);
    const auto other = std::find_if(OTHERS.begin(), OTHERS.end(), [&](const auto& one) {
        return name == one.first;
    });
    return other != OTHERS.end()      ? "; did you mean " + number + other->second + "?"
           : SizeOf(TIME_UNITS, name) ? ""
                                      : "; " + Quoted(unit) + " is no such unit";
}

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
    if (text == "0")
    {
        return Picoseconds(0);
    }
    // A whole number of a unit is exact, even where a double has no room for it.
    const auto [number, unit] = TakeApart(text);
    const auto whole = TryParseCount(number, 0, UINT64_MAX);
    const auto size = SizeOf(TIME_UNITS, LowerCase(unit));
    if (whole && size)
    {
        const auto inPicoseconds = static_cast<uint64_t>(*size);
        return *whole <= static_cast<uint64_t>(MOST) / inPicoseconds
                   ? std::optional(Picoseconds(*whole * inPicoseconds))
                   : std::nullopt;
    }
    const auto time = ReadMeasure(text, [](const std::string& unit) {
        return SizeOf(TIME_UNITS, LowerCase(unit));
    });
    if (!time || *time < 0 || *time > MOST)
    {
        return std::nullopt;
    }
    return Picoseconds(std::llround(*time));
}

std::optional<BitsPerSecond>
TryParseRate(const std::string& text)
{
    constexpr double MOST = 1e15;
    const auto rate = ReadMeasure(text, RateUnit);
    if (!rate || *rate < 1 || *rate > MOST)
    {
        return std::nullopt;
    }
    return BitsPerSecond(static_cast<uint64_t>(std::llround(*rate)));
}

size_t
FindRangeDash(const std::string& text)
{
    auto dash = text.find('-');
    while (dash != std::string::npos && dash > 0 &&
           (text[dash - 1] == 'e' || text[dash - 1] == 'E'))
    {
        dash = text.find('-', dash + 1);
    }
    return dash;
}

std::optional<uint64_t>
TryParseSize(const std::string& text, uint64_t least, uint64_t most)
{
    constexpr double ROUNDING = 1e-9; // relative, of a number that is multiplied by its unit
    constexpr double MOST = 1e18;     // what a double still has room for, far above any limit
    if (const auto count = TryParseCount(text, least, most))
    {
        return count;
    }
    const auto bytes = ReadMeasure(text, SizeUnit);
    if (!bytes || *bytes < 0 || *bytes > MOST)
    {
        return std::nullopt;
    }
    const auto whole = static_cast<uint64_t>(std::llround(*bytes));
    if (std::abs(*bytes - std::round(*bytes)) > ROUNDING * *bytes || whole < least || whole > most)
    {
        return std::nullopt;
    }
    return whole;
}

uint64_t
ParseCount(const std::string& option,
           const std::string& text,
           uint64_t least,
           uint64_t most,
           const std::string& unit)
{
    const auto number = TryParseCount(text, least, most);
    if (!number)
    {
        RefuseOption(option,
                     text,
                     Phrase() << (most == UINT64_MAX
                                      ? "a whole number, at least " + std::to_string(least)
                                      : "a whole number from " + std::to_string(least) + " to " +
                                            std::to_string(most))
                              << (unit.empty() ? "" : " " + unit));
    }
    return *number;
}

double
ParseNumber(const std::string& option,
            const std::string& text,
            double least,
            double most,
            const std::string& unit)
{
    double number = 0;
    const size_t end = LeadingNumber(text, number);
    if (end == 0 || end != text.size() || number < least || number > most)
    {
        RefuseOption(option,
                     text,
                     "a number from " + Shortest(least) + " to " + Shortest(most) +
                         (unit.empty() ? "" : " " + unit));
    }
    return number;
}

uint64_t
ParseSize(const std::string& option, const std::string& text, uint64_t least, uint64_t most)
{
    const auto size = TryParseSize(text, least, most);
    if (!size)
    {
        RefuseOption(option,
                     text,
                     Phrase() << "a size from " << least << " to " << most
                              << " bytes, such as 4096, 32MB (10^6) or 32MiB (2^20)"
                              << HintOfSize(text));
    }
    return *size;
}

BitsPerSecond
ParseRate(const std::string& option, const std::string& text)
{
    const auto rate = TryParseRate(text);
    if (!rate)
    {
        RefuseOption(option, text, RATE_IN_WORDS + HintOfRate(text));
    }
    return *rate;
}

Picoseconds
ParseDuration(const std::string& option, const std::string& text)
{
    const auto time = TryParseDuration(text);
    if (!time)
    {
        RefuseOption(option, text, DURATION_IN_WORDS + HintOfDuration(text));
    }
    return *time;
}

std::string
ParseChoice(const std::string& option,
            const std::string& text,
            const std::vector<std::string>& names)
{
    const auto found = FindName(names, text);
    if (!found)
    {
        RefuseOption(option, text, "one of " + JoinNames(names) + SuggestName(names, text));
    }
    return *found;
}

bool
ParseFlag(const std::string& option, const std::string& text)
{
    const auto lower = LowerCase(text);
    const bool isYes = lower == "yes" || lower == "true" || lower == "1";
    if (!isYes && lower != "no" && lower != "false" && lower != "0")
    {
        RefuseOption(option, text, "yes or no");
    }
    return isYes;
}

std::vector<std::string>
ParseList(const std::string& option, const std::string& text)
{
    std::vector<std::string> parts;
    for (size_t begin = 0; begin <= text.size();)
    {
        const auto end = std::min(text.find(',', begin), text.size());
        if (end == begin)
        {
            RefuseOption(
                option,
                text,
                Phrase() << "a list with one comma between two parts and none at its ends; part "
                         << parts.size() + 1 << " is empty");
        }
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

} // namespace mixnetcore
