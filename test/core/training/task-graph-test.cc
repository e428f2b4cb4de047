/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/task-graph.h"

#include <gtest/gtest.h>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/// @param rank Who. @param picoseconds How long. @return work.
Task
Work(uint32_t rank, int64_t picoseconds)
{
    Task task;
    task.rank = rank;
    task.duration = Picoseconds(picoseconds);
    return task;
}

/// @param from Source. @param to Destination. @param bytes Size. @return a message.
Task
Message(uint32_t from, uint32_t to, uint64_t bytes)
{
    Task task;
    task.type = TaskType::Message;
    task.rank = from;
    task.peer = to;
    task.phase.kind = PhaseKind::Dispatch;
    task.bytes = Bytes(bytes);
    return task;
}

/// @param group Whose. @param bytes Size. @return an all-reduce.
Task
AllReduce(uint32_t group, uint64_t bytes)
{
    Task task;
    task.type = TaskType::AllReduce;
    task.peer = group;
    task.phase.kind = PhaseKind::SharedReduce;
    task.bytes = Bytes(bytes);
    return task;
}

/// @return rank 0 works and sends to rank 1, which works, waits for it; then both add up.
TaskGraph
TwoRanks()
{
    TaskGraph graph(2);
    const auto group = graph.AddGroup({0, 1});
    graph.Add(Work(0, 5), {});
    graph.Add(Work(1, 3), {});
    graph.Add(Message(0, 1, 7), {0});
    graph.Add(Work(1, 0), {1, 2});
    graph.Add(AllReduce(group, 9), {0, 3});
    graph.Add(Work(0, 1), {0, 4});
    graph.Add(Work(1, 1), {3, 4});
    return graph;
}

} // namespace

TEST(TaskGraph, GivesBackWhatWasAdded)
{
    const auto graph = TwoRanks();
    ASSERT_EQ(graph.Size(), 7U);
    EXPECT_EQ(graph.Dependencies(), 9U);
    EXPECT_EQ(graph.Ranks(), 2U);
    EXPECT_EQ(graph.Groups(), (std::vector<std::vector<uint32_t>>{{0, 1}}));
    EXPECT_EQ(graph.At(0).type, TaskType::Work);
    EXPECT_EQ(graph.At(0).duration, Picoseconds(5));
    EXPECT_EQ(graph.At(2).type, TaskType::Message);
    EXPECT_EQ(graph.At(2).rank, 0U);
    EXPECT_EQ(graph.At(2).peer, 1U);
    EXPECT_EQ(graph.At(2).bytes, Bytes(7));
    EXPECT_EQ(graph.At(2).phase.kind, PhaseKind::Dispatch);
    EXPECT_EQ(graph.At(4).bytes, Bytes(9));
    const auto after = graph.After(3);
    EXPECT_EQ(std::vector<TaskId>(after.begin(), after.end()), (std::vector<TaskId>{1, 2}));
    EXPECT_EQ(graph.After(0).size(), 0U);
    const auto last = graph.After(6);
    EXPECT_EQ(std::vector<TaskId>(last.begin(), last.end()), (std::vector<TaskId>{3, 4}));
    graph.Check();
}

TEST(TaskGraph, KeepsThePhaseOfEveryTask)
{
    TaskGraph graph(1);
    for (uint32_t i = 0; i < 6; ++i)
    {
        auto task = Work(0, 1);
        task.phase.layer = i / 2;
        task.phase.kind = PhaseKind::Expert;
        graph.Add(task, i == 0 ? std::vector<TaskId>{} : std::vector<TaskId>{i - 1});
    }
    for (uint32_t i = 0; i < 6; ++i)
    {
        EXPECT_EQ(graph.At(i).phase.layer, i / 2);
        EXPECT_EQ(graph.At(i).phase.kind, PhaseKind::Expert);
    }
}

TEST(TaskGraph, IsSoundWhenEmpty)
{
    const TaskGraph graph(0);
    graph.Check();
    EXPECT_EQ(graph.Size(), 0U);
}

TEST(TaskGraph, RefusesToWaitForTasksThatAreNotThereYet)
{
    // So no circle can be made, and every dependency exists.
    TaskGraph graph(1);
    EXPECT_EQ(tests::Refusal([&] { graph.Add(Work(0, 1), {0}); }),
              "task 0 of a task graph waits for task 0: must be below its own number");
    EXPECT_EQ(graph.Size(), 0U);
    EXPECT_EQ(graph.Dependencies(), 0U);
}

TEST(TaskGraph, RefusesRanksAndGroupsThatAreNotThere)
{
    TaskGraph graph(2);
    EXPECT_EQ(tests::Refusal([&] { graph.Add(Work(2, 1), {}); }),
              "task 0 of a task graph has rank 2: must be below 2");
    EXPECT_EQ(tests::Refusal([&] { graph.Add(AllReduce(0, 1), {}); }),
              "task 0 of a task graph names group 0: must be below 0");
    EXPECT_EQ(tests::Refusal([&] { graph.AddGroup({}); }),
              "group of a task graph without ranks: must have at least 1");
    EXPECT_EQ(tests::Refusal([&] {
                  graph.AddGroup({1, 2});
              }),
              "group of a task graph with rank 2: ranks must ascend and be below 2");
    EXPECT_EQ(tests::Refusal([&] {
                  graph.AddGroup({1, 1});
              }),
              "group of a task graph with rank 1: ranks must ascend and be below 2");
}

TEST(TaskGraph, RefusesMessagesToOneselfToNobodyAndOfNothing)
{
    TaskGraph graph(2);
    EXPECT_EQ(tests::Refusal([&] { graph.Add(Message(1, 1, 1), {}); }),
              "task 0 of a task graph is a message from rank 1 to rank 1: must be another one "
              "below 2");
    EXPECT_EQ(tests::Refusal([&] { graph.Add(Message(1, 2, 1), {}); }),
              "task 0 of a task graph is a message from rank 1 to rank 2: must be another one "
              "below 2");
    EXPECT_EQ(tests::Refusal([&] { graph.Add(Message(0, 1, 0), {}); }),
              "task 0 of a task graph is a message of 0 bytes: must have at least 1");
    EXPECT_EQ(tests::Refusal([&] { graph.Add(Work(0, -1), {}); }),
              "task 0 of a task graph has duration -1 ps: must not be negative");
}

TEST(TaskGraph, RefusesRanksThatDoTwoThingsAtOnce)
{
    TaskGraph graph(1);
    graph.Add(Work(0, 1), {});
    graph.Add(Work(0, 1), {});
    EXPECT_EQ(tests::Refusal([&] { graph.Check(); }),
              "task 1 of a task graph does not wait for task 0, which its rank is busy with: tasks "
              "of a rank must form a chain");
}

TEST(TaskGraph, RefusesMessagesThatNobodySends)
{
    TaskGraph graph(2);
    graph.Add(Work(1, 1), {});
    graph.Add(Message(0, 1, 1), {0}); // the receiver triggers it
    graph.Add(Work(1, 0), {0, 1});
    EXPECT_EQ(tests::Refusal([&] { graph.Check(); }),
              "task 1 of a task graph is a message that does not wait for exactly one task of its "
              "source, rank 0");
}

TEST(TaskGraph, RefusesMessagesThatNothingOrTwoTasksTrigger)
{
    for (const auto& after : {std::vector<TaskId>{}, std::vector<TaskId>{0, 1}})
    {
        TaskGraph graph(2);
        graph.Add(Work(0, 1), {});
        graph.Add(Work(0, 1), {0});
        graph.Add(Message(0, 1, 1), after);
        graph.Add(Work(1, 0), {2});
        EXPECT_EQ(tests::Refusal([&] { graph.Check(); }),
                  "task 2 of a task graph is a message that does not wait for exactly one task of "
                  "its source, rank 0");
    }
}

TEST(TaskGraph, RefusesMessagesWithoutReceiverOrWithTwo)
{
    const std::string refusal = "task 1 of a task graph is a message for which not exactly one "
                                "task of its destination waits, rank 1";
    TaskGraph graph(2);
    graph.Add(Work(0, 1), {});
    graph.Add(Message(0, 1, 1), {0});
    EXPECT_EQ(tests::Refusal([&] { graph.Check(); }), refusal);
    graph.Add(Work(1, 0), {1});
    EXPECT_EQ(tests::Refusal([&] { graph.Check(); }), "");
    graph.Add(Work(1, 0), {1, 2});
    EXPECT_EQ(tests::Refusal([&] { graph.Check(); }), refusal);
}

TEST(TaskGraph, RefusesMessagesToTheRankOfTheFirstTaskThatNobodyReceives)
{
    TaskGraph graph(2);
    graph.Add(Work(1, 1), {});
    graph.Add(Work(0, 1), {});
    graph.Add(Message(0, 1, 1), {1});
    EXPECT_EQ(tests::Refusal([&] { graph.Check(); }),
              "task 2 of a task graph is a message for which not exactly one task of its "
              "destination waits, rank 1");
}

TEST(TaskGraph, RefusesMessagesThatTheWrongRankReceives)
{
    TaskGraph graph(3);
    graph.Add(Work(0, 1), {});
    graph.Add(Message(0, 1, 1), {0});
    graph.Add(Work(2, 0), {1});
    EXPECT_EQ(tests::Refusal([&] { graph.Check(); }),
              "task 1 of a task graph is a message for which not exactly one task of its "
              "destination waits, rank 1");
}

TEST(TaskGraph, RefusesAllReducesThatLeaveAMemberOut)
{
    TaskGraph graph(2);
    graph.AddGroup({0, 1});
    graph.Add(Work(0, 1), {});
    graph.Add(AllReduce(0, 1), {0});
    EXPECT_EQ(tests::Refusal([&] { graph.Check(); }),
              "task 1 of a task graph is an all-reduce that does not wait for exactly the ranks of "
              "its group, 0");
}

TEST(TaskGraph, TakesAFewDozenBytesPerTask)
{
    // 8 for the amount, 4 each for rank, peer, phase and place of dependencies, 1 for the type: 25;
    // 4 per dependency and 28 per phase.
    TaskGraph graph(1);
    constexpr size_t tasks = 100'000;
    for (TaskId id = 0; id < tasks; ++id)
    {
        auto task = Work(0, 1);
        task.phase.layer = id / 1000;
        graph.Add(task, id == 0 ? std::vector<TaskId>{} : std::vector<TaskId>{id - 1});
    }
    graph.Compact();
    EXPECT_EQ(graph.StateBytes(), tasks * 25 + (tasks - 1) * 4 + tasks / 1000 * 28);
    EXPECT_EQ(graph.At(tasks - 1).phase.layer, tasks / 1000 - 1);
}

TEST(TaskGraph, KeepsAPhaseOnceForNeighboursThatShareIt)
{
    const auto bytesWith = [](uint32_t tasksPerPhase) {
        TaskGraph graph(1);
        for (TaskId id = 0; id < 128; ++id)
        {
            auto task = Work(0, 1);
            task.phase.layer = id / tasksPerPhase;
            graph.Add(task, id == 0 ? std::vector<TaskId>{} : std::vector<TaskId>{id - 1});
        }
        return graph.StateBytes();
    };
    // 128 phases of 28 bytes, or 1; both fill their vectors.
    EXPECT_EQ(bytesWith(1) - bytesWith(128), 127U * 28);
}
