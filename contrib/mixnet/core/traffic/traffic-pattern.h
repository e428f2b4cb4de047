/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAFFIC_PATTERN_H
#define TRAFFIC_PATTERN_H

#include "ns3/demand-matrix.h"
#include "ns3/mixnet-units.h"
#include "ns3/registry.h"

#include <functional>
#include <istream>
#include <string>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Most bytes that a flow can have: 2000 s at 400 Gb/s.
inline constexpr Bytes MAX_FLOW_BYTES{100'000'000'000'000};

/// @ingroup mixnet-core
/// @brief Bytes that go from one endpoint to another.
struct FlowSpec
{
    uint32_t source;      //!< endpoint that sends
    uint32_t destination; //!< endpoint that receives, another one
    Bytes bytes;          //!< how many, at least 1
    Picoseconds start{0}; //!< when they are there to be sent
};

/// @ingroup mixnet-core
/// @brief What a traffic pattern needs to be made.
struct PatternSpec
{
    uint32_t endpoints{2};             //!< how many, 2 to 65536
    Bytes bytesPerFlow{1'000'000'000}; //!< bytes of a flow, or their mean where flows differ
    uint64_t seed{1};                  //!< of what is random
    double skew{1}; //!< coefficient of variation of what destinations get, 0 to 9; 0 is balanced
};

/**
 * @ingroup mixnet-core
 * @brief Reads flows, one per line: source, destination, bytes, and a start time if it is not 0.
 *
 *     # from to bytes [start]
 *     0 1 1000000
 *     1 0 1000000 5ms
 *
 * Blank lines do not count, nor what follows a #.
 *
 * @param input The text, read to its end.
 * @param name What messages call the input: its path.
 * @param endpoints How many there are.
 * @return the flows in the order of their lines.
 * @throws std::invalid_argument with one line that names input, line, its text, field and range.
 */
std::vector<FlowSpec> ReadFlows(std::istream& input, const std::string& name, uint32_t endpoints);

/**
 * @ingroup mixnet-core
 * @brief Reads flows from a file.
 * @param path The file.
 * @param endpoints How many there are.
 * @return the flows.
 * @throws std::invalid_argument as ReadFlows(), and when the file cannot be read.
 */
std::vector<FlowSpec> ReadFlowFile(const std::string& path, uint32_t endpoints);

/**
 * @ingroup mixnet-core
 * @brief Makes flows that all start at once.
 *
 * - uniform: every endpoint sends the same to every other.
 * - skewed: every endpoint sends to every other, in all as much as in uniform, in proportion to
 *   the popularities of destinations (largest remainder; at least one byte each). These are
 *   log-normal, with the skew as their coefficient of variation, and the same for all sources.
 * - incast: all others send to endpoint 0.
 * - permutation: every endpoint sends to one other and receives from one other, chosen at random.
 *
 * Flows of all pairs are in the order of shifts: 0 to 1, 1 to 2, ..., then 0 to 2, 1 to 3, ...; so
 * that those next to each other do not share an end. The others are in the order of their sources.
 *
 * Guarantees: equal arguments give equal flows, on every machine.
 *
 * @param name Which pattern.
 * @param spec What it needs.
 * @return the flows.
 * @throws std::invalid_argument when the name is not known or a value is outside of its range; the
 * message names field, value and range.
 */
std::vector<FlowSpec> MakePattern(const std::string& name, const PatternSpec& spec);

/**
 * @ingroup mixnet-core
 * @param flows Flows between GPUs. @param hosts Servers. @param gpusPerHost GPUs of each.
 * @return bytes from server (row) to server (column), those that stay in one included.
 */
DemandMatrix DemandBetweenHosts(const std::vector<FlowSpec>& flows,
                                uint32_t hosts,
                                uint32_t gpusPerHost);

/// @ingroup mixnet-core
/// @brief Makes the flows of a pattern.
using TrafficPatternMaker = std::function<std::vector<FlowSpec>(const PatternSpec&)>;

/// @ingroup mixnet-core
/// @return the patterns that MakePattern() knows.
Registry<TrafficPatternMaker>& TrafficPatterns();

} // namespace mixnetcore

#endif // TRAFFIC_PATTERN_H
