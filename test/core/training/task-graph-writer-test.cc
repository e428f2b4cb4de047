/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/task-graph-writer.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/// @return rank 0 works 5 ps and sends 7 bytes to rank 1, which waits; both add up 9 bytes.
TaskGraph
SmallGraph()
{
    TaskGraph graph(2);
    graph.AddGroup({0, 1});
    Task work;
    work.duration = Picoseconds(5);
    work.phase = {1, 2, 3, 4, 5, 6, Direction::Backward, true, PhaseKind::Attention};
    graph.Add(work, {});
    Task message;
    message.type = TaskType::Message;
    message.peer = 1;
    message.bytes = Bytes(7);
    message.phase.kind = PhaseKind::PipelineSend;
    graph.Add(message, {0});
    Task wait;
    wait.rank = 1;
    wait.phase.kind = PhaseKind::PipelineReceive;
    graph.Add(wait, {1});
    Task reduce;
    reduce.type = TaskType::AllReduce;
    reduce.bytes = Bytes(9);
    reduce.phase.kind = PhaseKind::SharedReduce;
    graph.Add(reduce, {0, 2});
    return graph;
}

/// @param tasks How many. @return a chain of that many.
TaskGraph
Chain(TaskId tasks)
{
    TaskGraph graph(1);
    for (TaskId id = 0; id < tasks; ++id)
    {
        graph.Add(Task(), id == 0 ? std::vector<TaskId>{} : std::vector<TaskId>{id - 1});
    }
    return graph;
}

/// @param write How. @param graph What. @return what is written.
template <class Write>
std::string
Written(Write write, const TaskGraph& graph)
{
    std::ostringstream output;
    write(graph, output);
    return output.str();
}

} // namespace

TEST(TaskGraphWriter, WritesEveryTaskWithItsPhaseAndDependenciesAsJson)
{
    const auto json = nlohmann::json::parse(Written(WriteTaskGraphJson, SmallGraph()));
    EXPECT_EQ(json["schemaVersion"], 1);
    EXPECT_EQ(json["ranks"], 2);
    EXPECT_EQ(json["groups"], nlohmann::json::parse("[[0, 1]]"));
    ASSERT_EQ(json["tasks"].size(), 4U);
    EXPECT_EQ(json["tasks"][0],
              nlohmann::json::parse(R"({"id": 0, "type": "work", "rank": 0, "kind": "attention",
                  "direction": "backward", "iteration": 1, "replica": 2, "stage": 3, "region": 4,
                  "microbatch": 5, "layer": 6, "recompute": true, "picoseconds": 5,
                  "after": []})"));
    EXPECT_EQ(json["tasks"][1]["destination"], 1);
    EXPECT_EQ(json["tasks"][1]["bytes"], 7);
    EXPECT_EQ(json["tasks"][1]["after"], nlohmann::json::parse("[0]"));
    EXPECT_EQ(json["tasks"][3]["group"], 0);
    EXPECT_EQ(json["tasks"][3]["bytes"], 9);
    EXPECT_EQ(json["tasks"][3]["after"], nlohmann::json::parse("[0, 2]"));
}

TEST(TaskGraphWriter, WritesALinePerTask)
{
    const auto text = Written(WriteTaskGraphJson, SmallGraph());
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + 4 + 1);
    EXPECT_EQ(nlohmann::json::parse(Written(WriteTaskGraphJson, TaskGraph(0)))["tasks"].size(), 0U);
}

TEST(TaskGraphWriter, DrawsABoxPerRankAndMessagesBetweenThem)
{
    EXPECT_EQ(Written(WriteTaskGraphDot, SmallGraph()),
              "digraph tasks {\n"
              "  rankdir=LR;\n"
              "  node [style=filled];\n"
              "  subgraph cluster_rank0 {\n"
              "    label=\"rank 0\";\n"
              "    t0 [label=\"attention br m5 l6\\n5 ps\", shape=box, fillcolor=lightblue];\n"
              "  }\n"
              "  subgraph cluster_rank1 {\n"
              "    label=\"rank 1\";\n"
              "    t2 [label=\"pipelineReceive f m0 l0\", shape=box, fillcolor=lightgray];\n"
              "  }\n"
              "  t1 [label=\"pipelineSend f m0 l0\\n7 B\", shape=ellipse, fillcolor=lightgray];\n"
              "  t0 -> t1;\n"
              "  t1 -> t2;\n"
              "  t3 [label=\"sharedReduce f m0 l0\\n9 B\", shape=hexagon, fillcolor=palegreen];\n"
              "  t0 -> t3;\n"
              "  t2 -> t3;\n"
              "}\n");
}

TEST(TaskGraphWriter, DrawsAmountsInUnitsThatFitThem)
{
    // 28.1 ms of work; 1.5 GB, and 999 bytes.
    TaskGraph graph(2);
    Task work;
    work.duration = Picoseconds(28'100'000'000);
    graph.Add(work, {});
    Task message;
    message.type = TaskType::Message;
    message.peer = 1;
    message.phase.kind = PhaseKind::Dispatch;
    message.bytes = Bytes(1'500'000'000);
    graph.Add(message, {0});
    message.bytes = Bytes(999);
    message.phase.kind = PhaseKind::Combine;
    graph.Add(message, {0});
    const auto text = Written(WriteTaskGraphDot, graph);
    EXPECT_NE(text.find("\\n28.1 ms\", shape=box, fillcolor=lightblue]"), std::string::npos)
        << text;
    EXPECT_NE(text.find("\\n1.5 GB\", shape=ellipse, fillcolor=lightsalmon]"), std::string::npos);
    EXPECT_NE(text.find("\\n999 B\", shape=ellipse, fillcolor=plum]"), std::string::npos);
}

TEST(TaskGraphWriter, RefusesPicturesThatNobodyCouldRead)
{
    EXPECT_NO_THROW(Written(WriteTaskGraphDot, Chain(MAX_DOT_TASKS)));
    std::ostringstream output;
    try
    {
        WriteTaskGraphDot(Chain(MAX_DOT_TASKS + 1), output);
        FAIL();
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(),
                     "task graph with 2001 tasks: a picture takes at most 2000; choose fewer "
                     "layers, microbatches or ranks");
    }
    EXPECT_EQ(output.str(), "");
}

TEST(TaskGraphWriter, RefusesJsonOfMoreThanAMillionTasks)
{
    std::ostringstream output;
    try
    {
        WriteTaskGraphJson(Chain(MAX_JSON_TASKS + 1), output);
        FAIL();
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(),
                     "task graph with 1000001 tasks: JSON takes at most 1000000; choose fewer "
                     "layers, microbatches or ranks");
    }
    EXPECT_EQ(output.str(), "");
}
