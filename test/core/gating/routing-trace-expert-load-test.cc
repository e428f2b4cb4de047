/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/routing-trace-expert-load.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

namespace
{

/**
 * @param step Step. @param layer Layer. @param rank Rank.
 * @param indices Experts of each token. @param tokens How many tokens these are.
 * @return a line of a trace.
 */
std::string
Line(int step, int layer, int rank, const std::string& indices, int tokens)
{
    std::ostringstream text;
    text << "{\"step\": " << step << ", \"layer\": " << layer << ", \"rank\": " << rank
         << ", \"num_tokens\": " << tokens << ", \"topk\": 2, \"top_indices\": " << indices
         << "}\n";
    return text.str();
}

/// @return two source ranks, four experts in groups of two, two experts per token.
RoutingTraceShape
Shape()
{
    RoutingTraceShape shape;
    shape.sourceRanks = 2;
    shape.experts = 4;
    shape.expertPlaces = 4;
    shape.groupSizes = {2};
    return shape;
}

/// @param text A trace. @param shape What is needed of it. @return the load.
RoutingTraceExpertLoad
LoadOfTrace(const std::string& text, const RoutingTraceShape& shape = Shape())
{
    std::istringstream input(text);
    return {input, "trace.jsonl", shape};
}

/// @param text A trace. @param shape What is needed. @return the refusal, empty if it is taken.
std::string
RefusalOfTrace(const std::string& text, const RoutingTraceShape& shape = Shape())
{
    return tests::Refusal([&] { LoadOfTrace(text, shape); });
}

/// Steps 5 and 7 of layers 2 and 9 on ranks 0 and 1: the step, layer and rank tell the experts.
std::string
TwoStepsOfTwoLayers()
{
    return Line(5, 2, 0, "[[0, 1]]", 1) + Line(5, 2, 1, "[[0, 2]]", 1) +
           Line(5, 9, 0, "[[0, 3]]", 1) + Line(5, 9, 1, "[[1, 2]]", 1) +
           Line(7, 2, 1, "[[1, 3]]", 1) + Line(7, 2, 0, "[[2, 3]]", 1) +
           Line(7, 9, 0, "[[0, 1], [0, 1]]", 2) + Line(7, 9, 1, "[[2, 3], [1, 2]]", 2);
}

} // namespace

TEST(RoutingTraceExpertLoad, ShowsTheCountsOfTheTrace)
{
    const auto load = LoadOfTrace(TwoStepsOfTwoLayers());
    EXPECT_EQ(load.Steps(), 2U);
    EXPECT_EQ(load.Layers(), 2U);
    EXPECT_EQ(load.Draw({0, 0, 0, 0}), (TokenMatrix{{1, 1, 0, 0}, {1, 0, 1, 0}}));
    EXPECT_EQ(load.Draw({0, 1, 0, 0}), (TokenMatrix{{1, 0, 0, 1}, {0, 1, 1, 0}}));
    EXPECT_EQ(load.Draw({1, 0, 0, 0}), (TokenMatrix{{0, 0, 1, 1}, {0, 1, 0, 1}}));
    EXPECT_EQ(load.Draw({1, 1, 0, 0}), (TokenMatrix{{2, 2, 0, 0}, {0, 1, 2, 1}}));
}

TEST(RoutingTraceExpertLoad, ShowsTheDistinctTokensOfTheTrace)
{
    // Rank 0: both tokens touch group {0, 1} only. Rank 1: one touches {0, 1}, two {2, 3}.
    const auto load = LoadOfTrace(TwoStepsOfTwoLayers());
    EXPECT_EQ(load.DrawDistinct({1, 1, 0, 0}, 2), (TokenMatrix{{2, 0}, {1, 2}}));
    EXPECT_EQ(load.DrawDistinct({1, 1, 0, 0}, 1), load.Draw({1, 1, 0, 0}));
}

TEST(RoutingTraceExpertLoad, RepeatsIterationsBeyondTheTraceAndSaysSo)
{
    const auto load = LoadOfTrace(TwoStepsOfTwoLayers());
    EXPECT_EQ(load.Draw({6, 1, 0, 0}), load.Draw({0, 1, 0, 0}));
    EXPECT_EQ(load.Draw({7, 1, 0, 0}), load.Draw({1, 1, 0, 0}));
    EXPECT_EQ(load.DrawDistinct({6, 1, 0, 0}, 2), load.DrawDistinct({0, 1, 0, 0}, 2));
    EXPECT_EQ(load.Description(),
              "routing trace trace.jsonl, 2 iterations of 2 layers, 1 microbatches and 1 replicas, "
              "repeated cyclically beyond");
    EXPECT_FALSE(load.RepeatsItself());
}

TEST(RoutingTraceExpertLoad, OfOneRecordPerRankRepeatsItself)
{
    EXPECT_TRUE(
        LoadOfTrace(Line(0, 0, 0, "[[0, 1]]", 1) + Line(0, 0, 1, "[[0, 1]]", 1)).RepeatsItself());
}

TEST(RoutingTraceExpertLoad, TakesFurtherRecordsAsMicrobatches)
{
    const auto load = LoadOfTrace(Line(0, 0, 0, "[[0, 1]]", 1) + Line(0, 0, 1, "[[0, 1]]", 1) +
                                  Line(0, 0, 0, "[[2, 3]]", 1) + Line(0, 0, 1, "[[1, 2]]", 1));
    EXPECT_EQ(load.Microbatches(), 2U);
    EXPECT_EQ(load.Draw({0, 0, 0, 0}), (TokenMatrix{{1, 1, 0, 0}, {1, 1, 0, 0}}));
    EXPECT_EQ(load.Draw({0, 0, 1, 0}), (TokenMatrix{{0, 0, 1, 1}, {0, 1, 1, 0}}));
    EXPECT_EQ(load.Draw({0, 0, 2, 0}), load.Draw({0, 0, 0, 0}));
}

TEST(RoutingTraceExpertLoad, TakesFurtherRanksAsReplicas)
{
    const auto load = LoadOfTrace(Line(0, 0, 3, "[[0, 1]]", 1) + Line(0, 0, 0, "[[0, 2]]", 1) +
                                  Line(0, 0, 2, "[[0, 3]]", 1) + Line(0, 0, 1, "[[1, 2]]", 1));
    EXPECT_EQ(load.Replicas(), 2U);
    EXPECT_EQ(load.Draw({0, 0, 0, 0}), (TokenMatrix{{1, 0, 1, 0}, {0, 1, 1, 0}}));
    EXPECT_EQ(load.Draw({0, 0, 0, 1}), (TokenMatrix{{1, 0, 0, 1}, {1, 1, 0, 0}}));
    EXPECT_EQ(load.Draw({0, 0, 0, 3}), load.Draw({0, 0, 0, 1}));
}

TEST(RoutingTraceExpertLoad, AddsUpTheRecordersOfASource)
{
    auto shape = Shape();
    shape.sourceRanks = 1;
    shape.recordersPerSource = 2;
    const auto load =
        LoadOfTrace(Line(0, 0, 0, "[[0, 1]]", 1) + Line(0, 0, 1, "[[0, 3]]", 1), shape);
    EXPECT_EQ(load.Draw({}), (TokenMatrix{{2, 1, 0, 1}}));
    EXPECT_EQ(load.DrawDistinct({}, 2), (TokenMatrix{{2, 1}}));
}

TEST(RoutingTraceExpertLoad, ScalesRowsToTheMicrobatch)
{
    // Two tokens become 100: counts and distinct tokens times 50.
    auto shape = Shape();
    shape.tokensPerSource = Tokens(100);
    const auto load = LoadOfTrace(TwoStepsOfTwoLayers(), shape);
    EXPECT_EQ(load.Draw({1, 1, 0, 0}), (TokenMatrix{{100, 100, 0, 0}, {0, 50, 100, 50}}));
    EXPECT_EQ(load.DrawDistinct({1, 1, 0, 0}, 2), (TokenMatrix{{100, 0}, {50, 100}}));
}

TEST(RoutingTraceExpertLoad, KeepsScaledTokensWithinTheirBounds)
{
    // 3 tokens scaled to 7 or 2: never fewer than the largest expert needs, never more than the
    // assignments or the tokens.
    const auto text =
        Line(0, 0, 0, "[[0, 1], [0, 2], [1, 3]]", 3) + Line(0, 0, 1, "[[0, 1], [2, 3], [1, 3]]", 3);
    for (const uint64_t tokens : {1, 2, 7, 1000})
    {
        auto shape = Shape();
        shape.tokensPerSource = Tokens(tokens);
        const auto load = LoadOfTrace(text, shape);
        const auto counts = load.Draw({});
        const auto distinct = load.DrawDistinct({}, 2);
        for (size_t source = 0; source < 2; ++source)
        {
            EXPECT_EQ(counts.RowSum(source), Tokens(2 * tokens));
            for (size_t group = 0; group < 2; ++group)
            {
                const auto one = counts.At(source, 2 * group);
                const auto other = counts.At(source, 2 * group + 1);
                EXPECT_LE(distinct.At(source, group), std::min(one + other, Tokens(tokens)));
                EXPECT_GE(distinct.At(source, group), std::max(one, other));
            }
        }
    }
}

TEST(RoutingTraceExpertLoad, LeavesAddedPlacesEmpty)
{
    // Three experts on four places: the last stays empty.
    auto shape = Shape();
    shape.experts = 3;
    const auto load =
        LoadOfTrace(Line(0, 0, 0, "[[0, 2]]", 1) + Line(0, 0, 1, "[[1, 2]]", 1), shape);
    EXPECT_EQ(load.Draw({}), (TokenMatrix{{1, 0, 1, 0}, {0, 1, 1, 0}}));
}

TEST(RoutingTraceExpertLoad, NeedsMemoryForRecordsButNotForTokens)
{
    // 1000 records of 1 token and of 100 tokens take the same: counts below 128 are one byte each.
    std::string few;
    std::string many;
    std::string list = "[[0, 1]";
    for (int token = 1; token < 100; ++token)
    {
        list += ", [2, 3]";
    }
    for (int record = 0; record < 1000; ++record)
    {
        few += Line(record / 2, 0, record % 2, "[[0, 1]]", 1);
        many += Line(record / 2, 0, record % 2, list + "]", 100);
    }
    const auto index = LoadOfTrace(few).IndexBytes();
    EXPECT_EQ(LoadOfTrace(many).IndexBytes(), index);
    EXPECT_GT(many.size(), 8 * few.size());
    // A first piece of 1 MiB, and less than 128 bytes per record to find it again.
    EXPECT_LT(index, (size_t{1} << 20) + 1000 * 128);
}

TEST(RoutingTraceExpertLoad, RefusesToTakeMoreMemoryThanAllowed)
{
    auto shape = Shape();
    shape.maximumIndexBytes = 1000;
    EXPECT_NE(
        RefusalOfTrace(TwoStepsOfTwoLayers(), shape).find("trace.jsonl, line 1: the counts up to "),
        std::string::npos);
}

TEST(RoutingTraceExpertLoad, ReadsAFolderOfTraces)
{
    const auto folder = std::filesystem::path(::testing::TempDir()) / "routing-trace-folder";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    EXPECT_THROW(RoutingTraceExpertLoad(folder.string(), Shape()), std::invalid_argument);
    std::ofstream(folder / "router_trace_rank0.jsonl") << Line(0, 0, 0, "[[0, 1]]", 1);
    std::ofstream(folder / "router_trace_rank1.jsonl") << Line(0, 0, 1, "[[2, 3]]", 1);
    std::ofstream(folder / "logits_rank0.bin") << "something else";
    const RoutingTraceExpertLoad load(folder.string(), Shape());
    EXPECT_EQ(load.Draw({}), (TokenMatrix{{1, 1, 0, 0}, {0, 0, 1, 1}}));
    std::filesystem::remove_all(folder);
}

TEST(RoutingTraceExpertLoad, RefusesAFileThatCannotBeRead)
{
    try
    {
        RoutingTraceExpertLoad("no/such.jsonl", Shape());
        FAIL();
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_EQ(std::string(error.what()),
                  "no/such.jsonl: cannot be read (No such file or directory); expected a routing "
                  "trace, JSON lines");
    }
}

TEST(RoutingTraceExpertLoad, RefusesAnEmptyTrace)
{
    EXPECT_EQ(
        RefusalOfTrace("\n"),
        "routing trace trace.jsonl: has no records; expected one line for each step, layer and "
        "rank");
}

TEST(RoutingTraceExpertLoad, RefusesARankThatIsMissing)
{
    EXPECT_EQ(RefusalOfTrace(TwoStepsOfTwoLayers() + Line(8, 2, 0, "[[0, 1]]", 1)),
              "routing trace trace.jsonl: step 8 has 1 layers; expected the same 2 layers in every "
              "step");
    EXPECT_EQ(RefusalOfTrace(Line(0, 0, 0, "[[0, 1]]", 1)),
              "routing trace trace.jsonl: step 0, layer 0 has records of 1 ranks; expected a "
              "multiple of the 2 ranks of an EP group");
}

TEST(RoutingTraceExpertLoad, RefusesAMicrobatchThatIsMissing)
{
    EXPECT_EQ(
        RefusalOfTrace(Line(0, 0, 0, "[[0, 1]]", 1) + Line(0, 0, 0, "[[0, 1]]", 1) +
                       Line(0, 0, 1, "[[0, 1]]", 1)),
        "routing trace trace.jsonl: step 0, layer 0 has 1 records of rank 1; expected 2 as of "
        "rank 0");
}

TEST(RoutingTraceExpertLoad, RefusesOtherLayersInAnotherStep)
{
    auto text = TwoStepsOfTwoLayers();
    text += Line(8, 2, 0, "[[0, 1]]", 1) + Line(8, 2, 1, "[[0, 1]]", 1) +
            Line(8, 3, 0, "[[0, 1]]", 1) + Line(8, 3, 1, "[[0, 1]]", 1);
    EXPECT_EQ(RefusalOfTrace(text),
              "routing trace trace.jsonl: step 8 has other layers than step 5 (from layer 3 on); "
              "expected the same 2 layers in every step");
}

TEST(RoutingTraceExpertLoad, RefusesFewerLayersThanTheModelHas)
{
    auto shape = Shape();
    shape.layers = 3;
    EXPECT_EQ(RefusalOfTrace(TwoStepsOfTwoLayers(), shape),
              "routing trace trace.jsonl: has 2 layers; expected the 3 MoE layers of the model");
    EXPECT_THROW(LoadOfTrace(TwoStepsOfTwoLayers()).Draw({0, 2, 0, 0}), std::invalid_argument);
}

TEST(RoutingTraceExpertLoad, RefusesGroupsThatWereNotCounted)
{
    auto shape = Shape();
    shape.groupSizes = {};
    EXPECT_THROW(LoadOfTrace(TwoStepsOfTwoLayers(), shape).DrawDistinct({}, 2),
                 std::invalid_argument);
    shape.groupSizes = {3};
    EXPECT_EQ(
        RefusalOfTrace(TwoStepsOfTwoLayers(), shape),
        "routing trace trace.jsonl: is to be counted in groups of 3 expert places; expected a "
        "divisor of 4");
}

TEST(RoutingTraceExpertLoad, NamesTheBrokenLine)
{
    EXPECT_EQ(
        RefusalOfTrace(Line(0, 0, 0, "[[0, 1]]", 1) + Line(0, 0, 1, "[[0, 9]]", 1)),
        "trace.jsonl, line 2: field top_indices, token 0 (from 0) has expert 9; expected 0 to "
        "3");
}
