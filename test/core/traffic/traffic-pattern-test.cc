/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/traffic-pattern.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>
#include <set>
#include <sstream>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/// @param text Of a file. @return its flows among eight endpoints.
std::vector<FlowSpec>
FlowsOf(const std::string& text)
{
    std::istringstream input(text);
    return ReadFlows(input, "a.flows", 8);
}

/// @param text Of a file. @return the message with which it is refused, empty when it is not.
std::string
RefusalOf(const std::string& text)
{
    return tests::Refusal([&] { FlowsOf(text); });
}

/// @param spec A pattern. @return the message with which it is refused, empty when it is not.
std::string
RefusalOf(const PatternSpec& spec)
{
    return tests::Refusal([&] { MakePattern("uniform", spec); });
}

/// @param endpoints How many. @param seed The seed. @param skew The skew. @return a pattern's
/// needs.
PatternSpec
Among(uint32_t endpoints, uint64_t seed = 1, double skew = 1)
{
    return {endpoints, Bytes(1'000'000), seed, skew};
}

/// @param flows Flows. @param endpoints How many. @return bytes that each endpoint gets.
std::vector<uint64_t>
BytesByDestination(const std::vector<FlowSpec>& flows, uint32_t endpoints)
{
    std::vector<uint64_t> bytes(endpoints);
    for (const auto& flow : flows)
    {
        bytes[flow.destination] += flow.bytes.Count();
    }
    return bytes;
}

} // namespace

TEST(TrafficPattern, ReadsALinePerFlow)
{
    const auto flows = FlowsOf("0 1 1000000\n7 3 5\n");

    ASSERT_EQ(flows.size(), 2U);
    EXPECT_EQ(flows[0].source, 0U);
    EXPECT_EQ(flows[0].destination, 1U);
    EXPECT_EQ(flows[0].bytes, Bytes(1'000'000));
    EXPECT_EQ(flows[0].start, Picoseconds(0));
    EXPECT_EQ(flows[1].source, 7U);
    EXPECT_EQ(flows[1].destination, 3U);
    EXPECT_EQ(flows[1].bytes, Bytes(5));
}

TEST(TrafficPattern, ReadsStartTimesWithTheirUnits)
{
    const auto flows = FlowsOf("0 1 9 5ms\n0 1 9 0\n0 1 9 2.5us");

    ASSERT_EQ(flows.size(), 3U);
    EXPECT_EQ(flows[0].start, std::chrono::milliseconds(5));
    EXPECT_EQ(flows[1].start, Picoseconds(0));
    EXPECT_EQ(flows[2].start, std::chrono::nanoseconds(2500));
}

TEST(TrafficPattern, PassesOverCommentsAndBlankLines)
{
    const auto flows = FlowsOf("# src dst bytes\n\n \t\n0\t1  9 # first\r\n#0 2 9\n  1 0 9\r\n");

    ASSERT_EQ(flows.size(), 2U);
    EXPECT_EQ(flows[1].source, 1U);
    EXPECT_EQ(flows[1].bytes, Bytes(9));
}

TEST(TrafficPattern, NamesInputLineTextFieldAndRange)
{
    EXPECT_EQ(RefusalOf("# one\n0 1 9\n0 8 9\n"),
              "a.flows, line 3, \"0 8 9\": destination = 8: a whole number from 0 to 7");
    EXPECT_EQ(RefusalOf("-1 0 9"),
              "a.flows, line 1, \"-1 0 9\": source = -1: a whole number from 0 to 7");
    EXPECT_EQ(RefusalOf("0 1.0 9"),
              "a.flows, line 1, \"0 1.0 9\": destination = 1.0: a whole number from 0 to 7");
}

TEST(TrafficPattern, RefusesAFlowToItsOwnSource)
{
    EXPECT_EQ(RefusalOf("4 4 9"),
              "a.flows, line 1, \"4 4 9\": destination = 4: another than the source");
}

TEST(TrafficPattern, RefusesNoBytesAndTooMany)
{
    EXPECT_EQ(RefusalOf("0 1 0"),
              "a.flows, line 1, \"0 1 0\": bytes = 0: a whole number from 1 to 100000000000000");
    EXPECT_EQ(RefusalOf("0 1 100000000000001"),
              "a.flows, line 1, \"0 1 100000000000001\": bytes = 100000000000001: a whole number "
              "from 1 to 100000000000000");
    EXPECT_EQ(RefusalOf("0 1 100000000000000"), "");
    EXPECT_EQ(
        RefusalOf("0 1 1e9"),
        "a.flows, line 1, \"0 1 1e9\": bytes = 1e9: a whole number from 1 to 100000000000000");
}

TEST(TrafficPattern, RefusesAStartThatIsNoTime)
{
    EXPECT_EQ(
        RefusalOf("0 1 9 5"),
        "a.flows, line 1, \"0 1 9 5\": start = 5: a time from 0 to 1e6s with its unit: s, ms, "
        "us, ns or ps");
    EXPECT_EQ(RefusalOf("0 1 9 -5ms"),
              "a.flows, line 1, \"0 1 9 -5ms\": start = -5ms: a time from 0 to 1e6s with its unit: "
              "s, ms, us, ns or ps");
}

TEST(TrafficPattern, RefusesTooFewAndTooManyFields)
{
    EXPECT_EQ(RefusalOf("0 1"),
              "a.flows, line 1, \"0 1\": fields = 2: 3 or 4: source destination bytes [start]");
    EXPECT_EQ(RefusalOf("0 1 9 5ms 6"),
              "a.flows, line 1, \"0 1 9 5ms 6\": fields = 5: 3 or 4: source destination bytes "
              "[start]");
}

TEST(TrafficPattern, RefusesAFileWithoutFlows)
{
    const std::string message =
        "a.flows: flows = 0: at least 1 line: source destination bytes [start]";
    EXPECT_EQ(RefusalOf(""), message);
    EXPECT_EQ(RefusalOf("# nothing\n\n"), message);
}

TEST(TrafficPattern, ShortensWhatItQuotes)
{
    const std::string line(100, 'x');
    EXPECT_EQ(RefusalOf(line),
              "a.flows, line 1, \"" + line.substr(0, 60) +
                  "...\": fields = 1: 3 or 4: source destination bytes [start]");
    EXPECT_EQ(RefusalOf("\x01\xff"),
              "a.flows, line 1, \"??\": fields = 1: 3 or 4: source destination bytes [start]");
}

TEST(TrafficPattern, ReadsFilesAndRefusesThoseThatCannotBeRead)
{
    const std::string path = testing::TempDir() + "traffic-pattern-test.flows";
    std::ofstream(path) << "0 1 9\n";
    EXPECT_EQ(ReadFlowFile(path, 2).size(), 1U);
    std::remove(path.c_str());
    EXPECT_EQ(tests::Refusal([&] { ReadFlowFile(path, 2); }),
              path + ": cannot be read (No such file or directory); expected a file with flows");
    EXPECT_EQ(tests::Refusal([&] { ReadFlowFile(testing::TempDir(), 2); }),
              testing::TempDir() + ": cannot be read (Is a directory); expected a file with flows");
}

TEST(TrafficPattern, KnowsItsNames)
{
    EXPECT_EQ(TrafficPatterns().Names(),
              (std::vector<std::string>{"uniform", "skewed", "incast", "permutation"}));
    EXPECT_EQ(tests::Refusal([] { MakePattern("hotspot", {}); }),
              "unknown traffic pattern 'hotspot'; known: uniform, skewed, incast, permutation");
}

TEST(TrafficPattern, UniformSendsTheSameToAllByShift)
{
    const auto flows = MakePattern("uniform", Among(3));

    const std::vector<std::pair<uint32_t, uint32_t>> pairs{{0, 1},
                                                           {1, 2},
                                                           {2, 0},
                                                           {0, 2},
                                                           {1, 0},
                                                           {2, 1}};
    ASSERT_EQ(flows.size(), pairs.size());
    for (size_t n = 0; n < pairs.size(); ++n)
    {
        EXPECT_EQ(flows[n].source, pairs[n].first);
        EXPECT_EQ(flows[n].destination, pairs[n].second);
        EXPECT_EQ(flows[n].bytes, Bytes(1'000'000));
        EXPECT_EQ(flows[n].start, Picoseconds(0));
    }
}

TEST(TrafficPattern, IncastSendsFromAllOthersToTheFirst)
{
    const auto flows = MakePattern("incast", Among(4));

    ASSERT_EQ(flows.size(), 3U);
    for (uint32_t n = 0; n < 3; ++n)
    {
        EXPECT_EQ(flows[n].source, n + 1);
        EXPECT_EQ(flows[n].destination, 0U);
        EXPECT_EQ(flows[n].bytes, Bytes(1'000'000));
    }
}

TEST(TrafficPattern, PermutationSendsAndReceivesOnceAndNeverToItself)
{
    for (const uint32_t endpoints : {2, 3, 8, 1000})
    {
        for (uint64_t seed = 0; seed < 20; ++seed)
        {
            const auto flows = MakePattern("permutation", Among(endpoints, seed));
            std::set<uint32_t> destinations;
            ASSERT_EQ(flows.size(), endpoints);
            for (uint32_t n = 0; n < endpoints; ++n)
            {
                EXPECT_EQ(flows[n].source, n);
                EXPECT_NE(flows[n].destination, n);
                EXPECT_LT(flows[n].destination, endpoints);
                destinations.insert(flows[n].destination);
            }
            EXPECT_EQ(destinations.size(), endpoints);
        }
    }
}

TEST(TrafficPattern, SkewedKeepsThePairsAndWhatASourceSends)
{
    for (const double skew : {0.0, 0.5, 9.0})
    {
        const auto flows = MakePattern("skewed", Among(16, 7, skew));
        const auto uniform = MakePattern("uniform", Among(16));
        ASSERT_EQ(flows.size(), uniform.size());
        std::vector<uint64_t> sent(16);
        for (size_t n = 0; n < flows.size(); ++n)
        {
            EXPECT_EQ(flows[n].source, uniform[n].source);
            EXPECT_EQ(flows[n].destination, uniform[n].destination);
            EXPECT_GE(flows[n].bytes, Bytes(1));
            sent[flows[n].source] += flows[n].bytes.Count();
        }
        EXPECT_EQ(sent, std::vector<uint64_t>(16, 15 * 1'000'000));
    }
}

TEST(TrafficPattern, SkewedWithoutSkewIsUniform)
{
    for (const auto& flow : MakePattern("skewed", Among(16, 7, 0)))
    {
        EXPECT_EQ(flow.bytes, Bytes(1'000'000));
    }
}

TEST(TrafficPattern, SkewedHasTheSameHotDestinationsForAllSources)
{
    // Of two destinations, the one that gets more from one source gets more from every other.
    const auto flows = MakePattern("skewed", Among(6));
    std::vector<std::vector<uint64_t>> bytes(6, std::vector<uint64_t>(6));
    for (const auto& flow : flows)
    {
        bytes[flow.source][flow.destination] = flow.bytes.Count();
    }
    const bool isFirstHotter = bytes[2][0] > bytes[2][1];
    for (uint32_t source = 3; source < 6; ++source)
    {
        EXPECT_EQ(bytes[source][0] > bytes[source][1], isFirstHotter);
    }
}

TEST(TrafficPattern, SkewIsTheVariationOfWhatDestinationsGet)
{
    // Over 2000 endpoints the variation is that of the popularities; of a log-normal with
    // variation 0.5, a sample's differs by a few per cent.
    constexpr uint32_t endpoints = 2000;
    const auto bytes =
        BytesByDestination(MakePattern("skewed", Among(endpoints, 3, 0.5)), endpoints);
    double squares = 0;
    const double mean = 1e6 * (endpoints - 1);
    for (const auto count : bytes)
    {
        squares += std::pow(static_cast<double>(count) / mean - 1, 2);
    }
    EXPECT_NEAR(std::sqrt(squares / endpoints), 0.5, 0.05);
}

TEST(TrafficPattern, DependsOnTheSeedAndOnNothingElse)
{
    for (const auto* name : {"skewed", "permutation"})
    {
        const auto first = MakePattern(name, Among(32, 1));
        const auto again = MakePattern(name, Among(32, 1));
        const auto other = MakePattern(name, Among(32, 2));
        const auto isEqual = [](const FlowSpec& a, const FlowSpec& b) {
            return a.source == b.source && a.destination == b.destination && a.bytes == b.bytes;
        };
        EXPECT_TRUE(std::equal(first.begin(), first.end(), again.begin(), again.end(), isEqual));
        EXPECT_FALSE(std::equal(first.begin(), first.end(), other.begin(), other.end(), isEqual));
    }
}

TEST(TrafficPattern, RefusesValuesOutsideOfTheirRange)
{
    EXPECT_EQ(RefusalOf(Among(1)), "endpoints = 1: a whole number from 2 to 65536");
    EXPECT_EQ(RefusalOf(Among(65537)), "endpoints = 65537: a whole number from 2 to 65536");
    EXPECT_EQ(RefusalOf(Among(2)), "");
    auto spec = Among(2);
    spec.bytesPerFlow = Bytes(0);
    EXPECT_EQ(RefusalOf(spec), "bytesPerFlow = 0: a whole number from 1 to 100000000000000");
    EXPECT_EQ(RefusalOf(Among(2, 1, -1)), "skew = -1: a number from 0 to 9");
    EXPECT_EQ(RefusalOf(Among(2, 1, 9.5)), "skew = 9.5: a number from 0 to 9");
    EXPECT_EQ(RefusalOf(Among(2, 1, std::numeric_limits<double>::quiet_NaN())),
              "skew = nan: a number from 0 to 9");
    std::istringstream input("0 0 1");
    EXPECT_EQ(tests::Refusal([&] { ReadFlows(input, "a.flows", 1); }), "endpoints = 1: at least 2");
}
