/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "traffic-pattern.h"

#include "ns3/checks.h"
#include "ns3/json-fields.h"
#include "ns3/keyed-random.h"
#include "ns3/largest-remainder.h"
#include "ns3/option-values.h"
#include "ns3/portable-math.h"

#include <cmath>
#include <iterator>
#include <sstream>

namespace mixnetcore
{

namespace
{

/// What a random number is for: the first coordinate below the seed.
enum Purpose : uint64_t
{
    POPULARITY = 1, //!< how much a destination gets
    PARTNER = 2,    //!< who sends to whom
};

constexpr const char* FLOWS = "a file with flows"; //!< what is read
constexpr uint32_t MAX_ENDPOINTS = 65536;          //!< of a pattern
constexpr double MAX_SKEW = 9;                     //!< as of synthetic expert loads

/// @param least Smallest number. @param most Largest number. @return the range in words.
std::string
WholeNumber(uint64_t least, uint64_t most)
{
    return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

/// @param line Text of a file. @return it for a message: short, and what cannot be printed as ?.
std::string
Quoted(std::string line)
{
    constexpr size_t longest = 60;
    if (line.size() > longest)
    {
        line = line.substr(0, longest) + "...";
    }
    return "\"" + Printable(line) + "\"";
}

/// @param line Text of a file. @return its fields, without what follows a #.
std::vector<std::string>
FieldsOf(const std::string& line)
{
    std::istringstream text(line.substr(0, line.find('#')));
    return {std::istream_iterator<std::string>(text), {}};
}

/**
 * @param fields Of a line; at least one.
 * @param place Where they are, for messages.
 * @param endpoints How many there are.
 * @return the flow.
 */
FlowSpec
ParseFlow(const std::vector<std::string>& fields, const std::string& place, uint32_t endpoints)
{
    if (fields.size() < 3 || fields.size() > 4)
    {
        Refuse(Phrase() << place << "fields = " << fields.size()
                        << ": 3 or 4: source destination bytes [start]");
    }
    const auto count = [&](const char* field, size_t number, uint64_t least, uint64_t most) {
        const auto value = TryParseCount(fields[number], least, most);
        if (!value)
        {
            Refuse(Phrase() << place << field << " = " << fields[number] << ": "
                            << WholeNumber(least, most));
        }
        return *value;
    };
    FlowSpec flow;
    flow.source = static_cast<uint32_t>(count("source", 0, 0, endpoints - 1));
    flow.destination = static_cast<uint32_t>(count("destination", 1, 0, endpoints - 1));
    flow.bytes = Bytes(count("bytes", 2, 1, MAX_FLOW_BYTES.Count()));
    if (flow.source == flow.destination)
    {
        Refuse(Phrase() << place << "destination = " << fields[1] << ": another than the source");
    }
    if (fields.size() == 4)
    {
        const auto start = TryParseDuration(fields[3]);
        if (!start)
        {
            Refuse(Phrase() << place << "start = " << fields[3] << ": " << DURATION_IN_WORDS);
        }
        flow.start = *start;
    }
    return flow;
}

/// @param spec A pattern. @return a flow for each pair, by shift, of the bytes per flow.
std::vector<FlowSpec>
MakeUniform(const PatternSpec& spec)
{
    std::vector<FlowSpec> flows;
    flows.reserve(size_t{spec.endpoints} * (spec.endpoints - 1));
    for (uint32_t shift = 1; shift < spec.endpoints; ++shift)
    {
        for (uint32_t source = 0; source < spec.endpoints; ++source)
        {
            flows.push_back({source, (source + shift) % spec.endpoints, spec.bytesPerFlow});
        }
    }
    return flows;
}

/// @param spec A pattern. @return how much each destination gets, in whole numbers above 0.
std::vector<uint64_t>
DrawPopularities(const PatternSpec& spec)
{
    constexpr double unit = 1 << 20; // the median; 6 deviations of 2.1 are a factor below 2^19
    const auto sigma = std::sqrt(PortableLog(1 + spec.skew * spec.skew));
    const auto random = KeyedRandom(spec.seed).At(POPULARITY);
    std::vector<uint64_t> popularities;
    for (uint32_t destination = 0; destination < spec.endpoints; ++destination)
    {
        const auto factor = PortableExp(sigma * random.At(destination).NearNormal());
        popularities.push_back(1 + static_cast<uint64_t>(unit * factor));
    }
    return popularities;
}

/// @param spec A pattern. @return a flow for each pair, by shift, in proportion to popularities.
std::vector<FlowSpec>
MakeSkewed(const PatternSpec& spec)
{
    auto flows = MakeUniform(spec);
    const auto popularities = DrawPopularities(spec);
    const auto others = spec.endpoints - 1;
    for (uint32_t source = 0; source < spec.endpoints; ++source)
    {
        std::vector<uint64_t> weights; // of destinations source + 1, source + 2, ...
        for (uint32_t shift = 1; shift <= others; ++shift)
        {
            weights.push_back(popularities[(source + shift) % spec.endpoints]);
        }
        const auto more = (spec.bytesPerFlow - Bytes(1)) * others; // each has one byte
        const auto shares = LargestRemainder(weights, more.Count());
        for (uint32_t shift = 1; shift <= others; ++shift)
        {
            flows[size_t{shift - 1} * spec.endpoints + source].bytes = Bytes(1 + shares[shift - 1]);
        }
    }
    return flows;
}

/// @param spec A pattern. @return a flow from each other endpoint to endpoint 0.
std::vector<FlowSpec>
MakeIncast(const PatternSpec& spec)
{
    std::vector<FlowSpec> flows;
    for (uint32_t source = 1; source < spec.endpoints; ++source)
    {
        flows.push_back({source, 0, spec.bytesPerFlow});
    }
    return flows;
}

/// @param spec A pattern. @return a flow from each endpoint to one other, and to each from one.
std::vector<FlowSpec>
MakePermutation(const PatternSpec& spec)
{
    const auto random = KeyedRandom(spec.seed).At(PARTNER);
    for (uint64_t attempt = 0;; ++attempt) // one of e = 2.7 permutations leaves none in its place
    {
        const auto order = random.At(attempt).Permutation(spec.endpoints);
        std::vector<FlowSpec> flows;
        for (uint32_t source = 0; source < spec.endpoints && order[source] != source; ++source)
        {
            flows.push_back({source, static_cast<uint32_t>(order[source]), spec.bytesPerFlow});
        }
        if (flows.size() == spec.endpoints)
        {
            return flows;
        }
    }
}

/// @param spec A pattern, to be checked.
void
Check(const PatternSpec& spec)
{
    if (spec.endpoints < 2 || spec.endpoints > MAX_ENDPOINTS)
    {
        Refuse(Phrase() << "endpoints = " << spec.endpoints << ": "
                        << WholeNumber(2, MAX_ENDPOINTS));
    }
    if (spec.bytesPerFlow < Bytes(1) || spec.bytesPerFlow > MAX_FLOW_BYTES)
    {
        Refuse(Phrase() << "bytesPerFlow = " << spec.bytesPerFlow.Count() << ": "
                        << WholeNumber(1, MAX_FLOW_BYTES.Count()));
    }
    if (!(spec.skew >= 0 && spec.skew <= MAX_SKEW))
    {
        std::ostringstream skew;
        skew << spec.skew;
        Refuse(Phrase() << "skew = " << skew.str() << ": a number from 0 to 9");
    }
}

} // namespace

std::vector<FlowSpec>
ReadFlows(std::istream& input, const std::string& name, uint32_t endpoints)
{
    if (endpoints < 2)
    {
        Refuse(Phrase() << "endpoints = " << endpoints << ": at least 2");
    }
    std::vector<FlowSpec> flows;
    uint64_t number = 0;
    for (std::string line; std::getline(input, line);)
    {
        ++number;
        const auto fields = FieldsOf(line);
        if (!fields.empty())
        {
            const auto place =
                name + ", line " + std::to_string(number) + ", " + Quoted(line) + ": ";
            flows.push_back(ParseFlow(fields, place, endpoints));
        }
    }
    if (input.bad())
    {
        RefuseUnreadable(name, FLOWS);
    }
    if (flows.empty())
    {
        Refuse(Phrase() << name
                        << ": flows = 0: at least 1 line: source destination bytes [start]");
    }
    return flows;
}

std::vector<FlowSpec>
ReadFlowFile(const std::string& path, uint32_t endpoints)
{
    auto file = OpenFile(path, FLOWS);
    return ReadFlows(file, path, endpoints);
}

std::vector<FlowSpec>
MakePattern(const std::string& name, const PatternSpec& spec)
{
    const auto& make = TrafficPatterns().Get(name);
    Check(spec);
    return make(spec);
}

Registry<TrafficPatternMaker>&
TrafficPatterns()
{
    static Registry<TrafficPatternMaker> registry(
        "traffic pattern",
        {{"uniform", MakeUniform, "from each to each"},
         {"skewed", MakeSkewed, "from each to each, more to popular ones"},
         {"incast", MakeIncast, "from all others to the first"},
         {"permutation", MakePermutation, "from each to one, to each from one"}});
    return registry;
}

DemandMatrix
DemandBetweenHosts(const std::vector<FlowSpec>& flows, uint32_t hosts, uint32_t gpusPerHost)
{
    DemandMatrix demand(hosts, hosts);
    for (const auto& flow : flows)
    {
        demand.At(flow.source / gpusPerHost, flow.destination / gpusPerHost) += flow.bytes;
    }
    return demand;
}

} // namespace mixnetcore
