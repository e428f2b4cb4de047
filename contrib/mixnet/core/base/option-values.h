/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OPTION_VALUES_H
#define OPTION_VALUES_H

#include "mixnet-units.h"

#include <optional>
#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Reads a whole number, for those who have their own message.
 * @param text Digits.
 * @param least Smallest number allowed.
 * @param most Largest number allowed.
 * @return the number; none when the text is anything else.
 */
std::optional<uint64_t> TryParseCount(const std::string& text, uint64_t least, uint64_t most);

/**
 * @ingroup mixnet-core
 * @brief Reads a span of time, for those who have their own message.
 * @param text As ParseDuration() takes it.
 * @return the time; none when the text is anything else.
 */
std::optional<Picoseconds> TryParseDuration(const std::string& text);

/**
 * @ingroup mixnet-core
 * @param text One time, or two with a dash in between, as 1ms-2ms.
 * @return where that dash is, which is none of a number as 1e-3s; npos when there is one time.
 */
size_t FindRangeDash(const std::string& text);

/// @ingroup mixnet-core
/// @brief What TryParseDuration() takes, in words.
inline constexpr const char* DURATION_IN_WORDS =
    "a time from 0 to 1e6s with its unit: s, ms, us, ns or ps";

/**
 * @ingroup mixnet-core
 * @brief Reads a data rate, for those who have their own message.
 * @param text As ParseRate() takes it.
 * @return the rate; none when the text is anything else.
 */
std::optional<BitsPerSecond> TryParseRate(const std::string& text);

/// @ingroup mixnet-core
/// @brief What TryParseRate() takes, in words.
inline constexpr const char* RATE_IN_WORDS =
    "a data rate from 1b/s to 1000Tb/s with its unit, in bits: 400Gb/s, 100Gbps or 400G";

/**
 * @ingroup mixnet-core
 * @brief Reads a size, for those who have their own message.
 * @param text As ParseSize() takes it.
 * @param least Smallest size allowed, bytes.
 * @param most Largest size allowed, bytes.
 * @return bytes; none when the text is anything else.
 */
std::optional<uint64_t> TryParseSize(const std::string& text, uint64_t least, uint64_t most);

/**
 * @ingroup mixnet-core
 * @brief Reads a whole number from the text of an option.
 * @param option Name of the option, for messages.
 * @param text What the user gave.
 * @param least Smallest number allowed.
 * @param most Largest number allowed.
 * @param unit What is counted, for messages; may be empty.
 * @return the number.
 * @throws std::invalid_argument with one line that names option, text and range.
 */
uint64_t ParseCount(const std::string& option,
                    const std::string& text,
                    uint64_t least,
                    uint64_t most,
                    const std::string& unit = "");

/**
 * @ingroup mixnet-core
 * @brief Reads a number of bytes: a number, alone or with kB, MB, GB, TB (powers of 10) or KiB,
 * MiB, GiB, TiB (powers of 2), of which the B may be missing, in any case but Mb, which is of bits.
 * @param option Name of the option, for messages.
 * @param text What the user gave, as 4096, 32MB or 1.5 MiB.
 * @param least Smallest size allowed, bytes.
 * @param most Largest size allowed, bytes.
 * @return bytes, a whole number.
 * @throws std::invalid_argument with one line that names option, text and range.
 */
uint64_t ParseSize(const std::string& option,
                   const std::string& text,
                   uint64_t least,
                   uint64_t most);

/**
 * @ingroup mixnet-core
 * @brief Reads a data rate: a number and one of bps, kbps, Mbps, Gbps, Tbps, the same with b/s, or
 * k, M, G, T alone, in any case but B, which is of bytes.
 * @param option Name of the option, for messages.
 * @param text What the user gave, as 400Gb/s, 100Gbps or 400G.
 * @return the rate, from 1 b/s to 10^15 b/s.
 * @throws std::invalid_argument with one line that names option, text and what is expected.
 */
BitsPerSecond ParseRate(const std::string& option, const std::string& text);

/**
 * @ingroup mixnet-core
 * @brief Reads a span of time: a number and one of s, ms, us, ns, ps, in any case.
 * @param option Name of the option, for messages.
 * @param text What the user gave, as 25ms; 0 needs no unit.
 * @return the time, at least zero, at most 10^6 s.
 * @throws std::invalid_argument with one line that names option, text and what is expected.
 */
Picoseconds ParseDuration(const std::string& option, const std::string& text);

/**
 * @ingroup mixnet-core
 * @brief Reads a number from the text of an option.
 * @param option Name of the option, for messages.
 * @param text What the user gave.
 * @param least Smallest number allowed.
 * @param most Largest number allowed.
 * @param unit Its unit, for messages; may be empty.
 * @return the number.
 * @throws std::invalid_argument with one line that names option, text and range.
 */
double ParseNumber(const std::string& option,
                   const std::string& text,
                   double least,
                   double most,
                   const std::string& unit = "");

/**
 * @ingroup mixnet-core
 * @brief Reads one of several names, in any case.
 * @param option Name of the option, for messages.
 * @param text What the user gave.
 * @param names Known names.
 * @return the name as it is known.
 * @throws std::invalid_argument with one line that names option, text, the known names and which of
 * them is near.
 */
std::string ParseChoice(const std::string& option,
                        const std::string& text,
                        const std::vector<std::string>& names);

/**
 * @ingroup mixnet-core
 * @brief Reads yes or no, or true, false, 1, 0, in any case.
 * @param option Name of the option, for messages.
 * @param text What the user gave.
 * @return whether it is yes.
 * @throws std::invalid_argument with one line that names option, text and what is expected.
 */
bool ParseFlag(const std::string& option, const std::string& text);

/**
 * @ingroup mixnet-core
 * @brief Takes a list apart.
 * @param option Name of the option, for messages.
 * @param text What the user gave: parts with commas in between.
 * @return the parts, at least one, none of them empty.
 * @throws std::invalid_argument with one line that names option, text and the part that is empty.
 */
std::vector<std::string> ParseList(const std::string& option, const std::string& text);

} // namespace mixnetcore

#endif // OPTION_VALUES_H
