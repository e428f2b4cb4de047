/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/critical-path.h"

#include <gtest/gtest.h>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/**
 * @param type What.
 * @param rank Who.
 * @param peer With whom.
 * @param kind Phase.
 * @param amount Picoseconds of work, else bytes.
 * @return a task.
 */
Task
Make(TaskType type, uint32_t rank, uint32_t peer, PhaseKind kind, uint64_t amount)
{
    Task task;
    task.type = type;
    task.rank = rank;
    task.peer = peer;
    task.phase.kind = kind;
    if (type == TaskType::Work)
    {
        task.duration = Picoseconds(amount);
    }
    else
    {
        task.bytes = Bytes(amount);
    }
    return task;
}

/// A byte takes a picosecond: 8 Tb/s. Messages take 10 ps more, tensor collectives 2.
constexpr BitsPerSecond BYTE_PER_PICOSECOND{8'000'000'000'000};

/// @param tensorParallel GPUs per rank. @return costs as said above.
LinearCommunication
Costs(uint64_t tensorParallel = 4)
{
    return {{Picoseconds(10), BYTE_PER_PICOSECOND},
            {Picoseconds(2), BYTE_PER_PICOSECOND},
            tensorParallel};
}

/// @return a dispatch between two ranks: 100 and 40 ps of work, then 20 bytes each way, then 30 and
/// 50 ps of work.
TaskGraph
Exchange()
{
    TaskGraph graph(2);
    graph.Add(Make(TaskType::Work, 0, 0, PhaseKind::Attention, 100), {});
    graph.Add(Make(TaskType::Work, 1, 0, PhaseKind::Attention, 40), {});
    graph.Add(Make(TaskType::Message, 0, 1, PhaseKind::Dispatch, 20), {0});
    graph.Add(Make(TaskType::Message, 1, 0, PhaseKind::Dispatch, 20), {1});
    graph.Add(Make(TaskType::Work, 0, 0, PhaseKind::Dispatch, 0), {0, 3});
    graph.Add(Make(TaskType::Work, 1, 0, PhaseKind::Dispatch, 0), {1, 2});
    graph.Add(Make(TaskType::Work, 0, 0, PhaseKind::Expert, 30), {4});
    graph.Add(Make(TaskType::Work, 1, 0, PhaseKind::Expert, 50), {5});
    return graph;
}

} // namespace

TEST(CriticalPath, StartsTasksWhenWhatTheyWaitForHasEnded)
{
    const CriticalPath path(Exchange(), Costs());
    EXPECT_EQ(path.EndOf(2), Picoseconds(100 + 10 + 20));
    EXPECT_EQ(path.EndOf(3), Picoseconds(40 + 10 + 20));
    EXPECT_EQ(path.StartOf(6), Picoseconds(100)); // the other's tokens were there before its own
    EXPECT_EQ(path.StartOf(7), Picoseconds(130));
    EXPECT_EQ(path.Makespan(), Picoseconds(180));
    EXPECT_EQ(path.LastRank(), 1U);
}

TEST(CriticalPath, GoesOverTheTasksThatSetTheMakespan)
{
    const CriticalPath path(Exchange(), Costs());
    EXPECT_EQ(path.Tasks(), (std::vector<TaskId>{0, 2, 5, 7}));
    EXPECT_EQ(path.PathTimes()[TimeKind::Compute], Picoseconds(150));
    EXPECT_EQ(path.PathTimes()[TimeKind::Dispatch], Picoseconds(30));
    EXPECT_EQ(path.PathTimes().Total(), path.Makespan());
}

TEST(CriticalPath, TellsWhatTheTimeOfEachRankGoesInto)
{
    const CriticalPath path(Exchange(), Costs());
    // Rank 0 works 130 and is done; rank 1 works 40, waits 60 for rank 0's work and 30 for its
    // tokens, works 50.
    EXPECT_EQ(path.TimesOfRank(0)[TimeKind::Compute], Picoseconds(130));
    EXPECT_EQ(path.TimesOfRank(0)[TimeKind::Dispatch], Picoseconds(0));
    EXPECT_EQ(path.TimesOfRank(0)[TimeKind::Bubble], Picoseconds(50));
    EXPECT_EQ(path.TimesOfRank(1)[TimeKind::Compute], Picoseconds(90));
    EXPECT_EQ(path.TimesOfRank(1)[TimeKind::Dispatch], Picoseconds(30));
    EXPECT_EQ(path.TimesOfRank(1)[TimeKind::Imbalance], Picoseconds(60));
    EXPECT_EQ(path.TimesOfRank(1)[TimeKind::Bubble], Picoseconds(0));
    EXPECT_THROW(path.TimesOfRank(2), std::out_of_range);
}

TEST(CriticalPath, LeavesWorkWhenCommunicationIsFree)
{
    const CriticalPath path(Exchange(), FreeCommunication());
    EXPECT_EQ(path.Makespan(), Picoseconds(100 + 50));
    EXPECT_EQ(path.PathTimes()[TimeKind::Compute], Picoseconds(150));
}

TEST(CriticalPath, CallsWaitingForAStageBubbleAndTheTimeOfItsMessagePipeline)
{
    TaskGraph graph(2);
    graph.Add(Make(TaskType::Work, 0, 0, PhaseKind::Attention, 100), {});
    graph.Add(Make(TaskType::Message, 0, 1, PhaseKind::PipelineSend, 20), {0});
    graph.Add(Make(TaskType::Work, 1, 0, PhaseKind::PipelineReceive, 0), {1});
    graph.Add(Make(TaskType::Work, 1, 0, PhaseKind::Attention, 5), {2});
    const CriticalPath path(graph, Costs());
    EXPECT_EQ(path.TimesOfRank(1)[TimeKind::Bubble], Picoseconds(100));
    EXPECT_EQ(path.TimesOfRank(1)[TimeKind::Pipeline], Picoseconds(10 + 20));
    EXPECT_EQ(path.TimesOfRank(1)[TimeKind::Compute], Picoseconds(5));
    EXPECT_EQ(path.TimesOfRank(0)[TimeKind::Bubble], Picoseconds(35));
}

TEST(CriticalPath, CallsWaitingForReplicasImbalanceAndAllReducesInARowData)
{
    // Ranks work 10 and 50; then two all-reduces of 100 bytes follow one another, 120 ps each.
    TaskGraph graph(2);
    graph.AddGroup({0, 1});
    graph.Add(Make(TaskType::Work, 0, 0, PhaseKind::SharedReduce, 10), {});
    graph.Add(Make(TaskType::Work, 1, 0, PhaseKind::SharedReduce, 50), {});
    graph.Add(Make(TaskType::AllReduce, 0, 0, PhaseKind::SharedReduce, 100), {0, 1});
    graph.Add(Make(TaskType::AllReduce, 0, 0, PhaseKind::SharedReduce, 100), {0, 1, 2});
    graph.Add(Make(TaskType::Work, 0, 0, PhaseKind::Optimizer, 1), {0, 3});
    graph.Add(Make(TaskType::Work, 1, 0, PhaseKind::Optimizer, 1), {1, 3});
    const CriticalPath path(graph, Costs());
    EXPECT_EQ(path.Makespan(), Picoseconds(50 + 2 * 120 + 1));
    EXPECT_EQ(path.TimesOfRank(0)[TimeKind::Imbalance], Picoseconds(40));
    EXPECT_EQ(path.TimesOfRank(0)[TimeKind::Data], Picoseconds(10 + 2 * 120));
    EXPECT_EQ(path.TimesOfRank(0)[TimeKind::Compute], Picoseconds(1));
    EXPECT_EQ(path.TimesOfRank(1)[TimeKind::Imbalance], Picoseconds(0));
}

TEST(CriticalPath, TakesTheLowestNumberInATie)
{
    TaskGraph graph(2);
    graph.Add(Make(TaskType::Work, 0, 0, PhaseKind::Attention, 5), {});
    graph.Add(Make(TaskType::Work, 1, 0, PhaseKind::Attention, 5), {});
    EXPECT_EQ(CriticalPath(graph, FreeCommunication()).Tasks(), (std::vector<TaskId>{0}));
    EXPECT_EQ(CriticalPath(graph, FreeCommunication()).LastRank(), 0U);
}

TEST(CriticalPath, GoesBackOverTheLowestNumberInATie)
{
    TaskGraph graph(2);
    graph.Add(Make(TaskType::Work, 0, 0, PhaseKind::Attention, 5), {});
    graph.Add(Make(TaskType::Work, 1, 0, PhaseKind::Attention, 5), {});
    graph.Add(Make(TaskType::Message, 0, 1, PhaseKind::Dispatch, 1), {0});
    graph.Add(Make(TaskType::Work, 1, 0, PhaseKind::Dispatch, 0), {2, 1});
    EXPECT_EQ(CriticalPath(graph, FreeCommunication()).Tasks(), (std::vector<TaskId>{0}));
    graph.Add(Make(TaskType::Work, 1, 0, PhaseKind::Expert, 1), {3});
    EXPECT_EQ(CriticalPath(graph, FreeCommunication()).Tasks(), (std::vector<TaskId>{1, 3, 4}));
}

TEST(CriticalPath, IsEmptyWithoutTasks)
{
    const CriticalPath path(TaskGraph(0), FreeCommunication());
    EXPECT_EQ(path.Makespan(), Picoseconds(0));
    EXPECT_TRUE(path.Tasks().empty());
    EXPECT_EQ(path.LastRank(), 0U);
    const CriticalPath idle(TaskGraph(2), FreeCommunication());
    EXPECT_EQ(idle.TimesOfRank(1).Total(), Picoseconds(0));
}

TEST(CriticalPath, RefusesGraphsThatAreNotSound)
{
    TaskGraph graph(2);
    graph.Add(Make(TaskType::Work, 0, 0, PhaseKind::Attention, 5), {});
    graph.Add(Make(TaskType::Message, 0, 1, PhaseKind::Dispatch, 5), {0});
    EXPECT_THROW(CriticalPath(graph, FreeCommunication()), std::invalid_argument);
}

TEST(LinearCommunication, TakesLatencyAndBytesOverRate)
{
    const auto message = Make(TaskType::Message, 0, 1, PhaseKind::Dispatch, 20);
    EXPECT_EQ(Costs().TimeOf(message, 1), Picoseconds(10 + 20));
    // Of 40 bytes on 4 GPUs each gets 30 from the others; alone it has them.
    const auto gather = Make(TaskType::TensorCollective, 0, 0, PhaseKind::AllGather, 40);
    EXPECT_EQ(Costs(4).TimeOf(gather, 1), Picoseconds(2 + 30));
    EXPECT_EQ(Costs(1).TimeOf(gather, 1), Picoseconds(0));
    // A ring of 5: 8 steps of a fifth each.
    const auto reduce = Make(TaskType::AllReduce, 0, 0, PhaseKind::SharedReduce, 100);
    EXPECT_EQ(Costs().TimeOf(reduce, 5), Picoseconds(8 * (10 + 20)));
    EXPECT_EQ(Costs().TimeOf(reduce, 1), Picoseconds(0));
    EXPECT_THROW(Costs().TimeOf(Make(TaskType::Work, 0, 0, PhaseKind::Gating, 1), 1),
                 std::invalid_argument);
}

TEST(LinearCommunication, TakesBothLevelsWhereRanksSpanHosts)
{
    // 8 GPUs on 2 hosts, 80 bytes: each gets 60 from the 4 GPUs of its host, of which each has, in
    // its turn, what it got from the other host: all of them together half of the bytes.
    const LinearCommunication costs({Picoseconds(10), BYTE_PER_PICOSECOND},
                                    {Picoseconds(2), BYTE_PER_PICOSECOND},
                                    8,
                                    2);
    const auto gather = Make(TaskType::TensorCollective, 0, 0, PhaseKind::AllGather, 80);
    EXPECT_EQ(costs.TimeOf(gather, 1), Picoseconds(2 + 60 + 10 + 40));
    // One GPU in each of four hosts: three steps of a quarter each.
    const LinearCommunication spread({Picoseconds(10), BYTE_PER_PICOSECOND},
                                     {Picoseconds(2), BYTE_PER_PICOSECOND},
                                     4,
                                     4);
    EXPECT_EQ(spread.TimeOf(gather, 1), Picoseconds(3 * (10 + 20)));
}

TEST(LinearCommunication, RefusesHostsThatDoNotDivideTheDegree)
{
    const LinkCost link{Picoseconds(1), BitsPerSecond(1)};
    EXPECT_THROW(LinearCommunication(link, link, 8, 3), std::invalid_argument);
    EXPECT_THROW(LinearCommunication(link, link, 8, 0), std::invalid_argument);
}

TEST(LinearCommunication, RefusesRatesAndDegreesOfZero)
{
    const LinkCost link{Picoseconds(1), BitsPerSecond(1)};
    EXPECT_THROW(LinearCommunication({Picoseconds(1), BitsPerSecond(0)}, link, 1),
                 std::invalid_argument);
    EXPECT_THROW(LinearCommunication(link, {Picoseconds(1), BitsPerSecond(0)}, 1),
                 std::invalid_argument);
    EXPECT_THROW(LinearCommunication(link, link, 0), std::invalid_argument);
}
