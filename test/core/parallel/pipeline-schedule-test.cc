/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/pipeline-schedule.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/// @return shapes that every schedule of that name takes, small and large.
/// @param name Name of the schedule.
std::vector<PipelineShape>
ShapesFor(const std::string& name)
{
    std::vector<PipelineShape> shapes;
    for (const uint32_t stages : {1, 2, 3, 4, 5, 8, 16})
    {
        for (const uint32_t microbatches : {1, 2, 3, 4, 7, 8, 16, 33, 64})
        {
            if (name != "interleaved-1f1b")
            {
                shapes.push_back({stages, microbatches, 1});
                continue;
            }
            for (const uint32_t chunks : {1, 2, 3, 5})
            {
                shapes.push_back({stages, microbatches * stages, chunks});
            }
        }
    }
    return shapes;
}

/// @param shape A shape. @return its numbers, for messages.
std::string
NameOf(const PipelineShape& shape)
{
    return "p" + std::to_string(shape.stages) + " m" + std::to_string(shape.microbatches) + " v" +
           std::to_string(shape.chunks);
}

/// When each step of a pipeline ends, by virtual stage, microbatch and direction.
using Ends = std::map<std::tuple<uint32_t, uint32_t, Direction>, int64_t>;

/**
 * @brief Carries a schedule out, by its definition: a step begins when the one before it on its
 * stage has ended, and the same microbatch in the virtual stage before (after, backward).
 * @param schedule The schedule.
 * @param shape The pipeline.
 * @param forward Time of a step forward, by stage.
 * @param backward Time of a step backward, by stage.
 * @return when steps end; fewer than there are when stages wait in a circle.
 */
Ends
CarryOut(const PipelineSchedule& schedule,
         const PipelineShape& shape,
         const std::vector<int64_t>& forward,
         const std::vector<int64_t>& backward)
{
    Ends ends;
    std::vector<std::vector<PipelineStep>> orders;
    for (uint32_t stage = 0; stage < shape.stages; ++stage)
    {
        orders.push_back(schedule.StepsOf(shape, stage));
    }
    std::vector<size_t> next(shape.stages, 0);
    std::vector<int64_t> clock(shape.stages, 0);
    for (bool moved = true; moved;)
    {
        moved = false;
        for (uint32_t stage = 0; stage < shape.stages; ++stage)
        {
            while (next[stage] < orders[stage].size())
            {
                const auto& step = orders[stage][next[stage]];
                const bool isForward = step.direction == Direction::Forward;
                const uint32_t slice = step.chunk * shape.stages + stage;
                const bool isFirst = isForward && slice == 0;
                const bool isTurn = !isForward && slice + 1 == shape.VirtualStages();
                int64_t start = clock[stage];
                if (!isFirst)
                {
                    const auto before = ends.find({isTurn      ? slice
                                                   : isForward ? slice - 1
                                                               : slice + 1,
                                                   step.microbatch,
                                                   isTurn ? Direction::Forward : step.direction});
                    if (before == ends.end())
                    {
                        break;
                    }
                    start = std::max(start, before->second);
                }
                clock[stage] = start + (isForward ? forward[stage] : backward[stage]);
                ends[{slice, step.microbatch, step.direction}] = clock[stage];
                ++next[stage];
                moved = true;
            }
        }
    }
    return ends;
}

/// @param ends When steps end. @return the last of them.
int64_t
LastOf(const Ends& ends)
{
    int64_t last = 0;
    for (const auto& [step, end] : ends)
    {
        last = std::max(last, end);
    }
    return last;
}

/// @param steps Steps. @return them as words: direction, chunk if not 0, microbatch.
std::string
Words(const std::vector<PipelineStep>& steps)
{
    std::string words;
    for (const auto& step : steps)
    {
        words += words.empty() ? "" : " ";
        words += step.direction == Direction::Forward ? 'f' : 'b';
        words += step.chunk > 0 ? std::to_string(step.chunk) + "." : "";
        words += std::to_string(step.microbatch);
    }
    return words;
}

/// @param shape A shape. @param name Name of a schedule. @return why it refuses, or nothing.
std::string
RefusalOf(const std::string& name, const PipelineShape& shape)
{
    return tests::Refusal([&] { PipelineSchedules().Make(name)->Check(shape); });
}

} // namespace

TEST(PipelineSchedule, HasEveryMicrobatchOfEveryChunkOnceForwardAndThenOnceBackward)
{
    for (const auto& name : PipelineSchedules().Names())
    {
        for (const auto& shape : ShapesFor(name))
        {
            for (uint32_t stage = 0; stage < shape.stages; ++stage)
            {
                const auto steps = PipelineSchedules().Make(name)->StepsOf(shape, stage);
                ASSERT_EQ(steps.size(), 2U * shape.chunks * shape.microbatches) << NameOf(shape);
                std::set<std::pair<uint32_t, uint32_t>> forward;
                std::set<std::pair<uint32_t, uint32_t>> backward;
                for (const auto& step : steps)
                {
                    ASSERT_LT(step.chunk, shape.chunks);
                    ASSERT_LT(step.microbatch, shape.microbatches);
                    const auto what = std::pair(step.chunk, step.microbatch);
                    const bool isForward = step.direction == Direction::Forward;
                    ASSERT_TRUE((isForward ? forward : backward).insert(what).second);
                    ASSERT_TRUE(isForward || forward.count(what) == 1);
                }
            }
        }
    }
}

TEST(PipelineSchedule, NeverLetsStagesWaitInACircle)
{
    for (const auto& name : PipelineSchedules().Names())
    {
        for (const auto& shape : ShapesFor(name))
        {
            const std::vector<int64_t> ones(shape.stages, 1);
            EXPECT_EQ(CarryOut(*PipelineSchedules().Make(name), shape, ones, ones).size(),
                      2U * shape.VirtualStages() * shape.microbatches)
                << name << " " << NameOf(shape);
        }
    }
}

TEST(PipelineSchedule, TakesTheClosedFormTimeWithEqualStages)
{
    // (m + (p - 1) / v) * v * (f + b) for steps of f and b; v = 1 but for interleaving.
    for (const auto& name : PipelineSchedules().Names())
    {
        for (const auto& shape : ShapesFor(name))
        {
            for (const auto& [forward, backward] : {std::pair(1, 2), {3, 3}, {5, 1}, {2, 0}})
            {
                const auto ends = CarryOut(*PipelineSchedules().Make(name),
                                           shape,
                                           std::vector<int64_t>(shape.stages, forward),
                                           std::vector<int64_t>(shape.stages, backward));
                EXPECT_EQ(LastOf(ends),
                          (shape.microbatches * shape.chunks + shape.stages - 1) *
                              (forward + backward))
                    << name << " " << NameOf(shape) << " f" << forward << " b" << backward;
            }
        }
    }
}

TEST(PipelineSchedule, IsNeverFasterThanItsSlowestStageAllows)
{
    // The slowest stage works m microbatches; the first of them has to get there, the last back.
    for (const auto& name : PipelineSchedules().Names())
    {
        for (const auto& shape : ShapesFor(name))
        {
            std::vector<int64_t> forward;
            std::vector<int64_t> backward;
            for (uint32_t stage = 0; stage < shape.stages; ++stage)
            {
                forward.push_back(3 + (stage * 7 + shape.microbatches) % 5);
                backward.push_back(2 * forward.back() - stage % 2);
            }
            const auto last =
                LastOf(CarryOut(*PipelineSchedules().Make(name), shape, forward, backward));
            int64_t way = 0;
            int64_t bound = 0;
            for (uint32_t stage = 0; stage < shape.stages; ++stage)
            {
                const auto work = forward[stage] + backward[stage];
                bound = std::max(bound, way + shape.microbatches * shape.chunks * work);
                way += work;
            }
            EXPECT_GE(last, bound) << name << " " << NameOf(shape);
        }
    }
}

TEST(OneForwardSchedule, FillsThenAlternatesThenDrains)
{
    // 3 stages, 4 microbatches: 2, 1, 0 steps forward first.
    const auto schedule = PipelineSchedules().Make("1f1b");
    EXPECT_EQ(Words(schedule->StepsOf({3, 4, 1}, 0)), "f0 f1 f2 b0 f3 b1 b2 b3");
    EXPECT_EQ(Words(schedule->StepsOf({3, 4, 1}, 1)), "f0 f1 b0 f2 b1 f3 b2 b3");
    EXPECT_EQ(Words(schedule->StepsOf({3, 4, 1}, 2)), "f0 b0 f1 b1 f2 b2 f3 b3");
    EXPECT_EQ(Words(schedule->StepsOf({4, 2, 1}, 0)), "f0 f1 b0 b1");
}

TEST(OneForwardSchedule, HoldsAtMostAsManyMicrobatchesAsStagesFollow)
{
    for (const auto& shape : ShapesFor("1f1b"))
    {
        for (uint32_t stage = 0; stage < shape.stages; ++stage)
        {
            uint32_t inFlight = 0;
            uint32_t most = 0;
            for (const auto& step : PipelineSchedules().Make("1f1b")->StepsOf(shape, stage))
            {
                inFlight += step.direction == Direction::Forward ? 1 : -1;
                most = std::max(most, inFlight);
            }
            EXPECT_EQ(most, std::min(shape.microbatches, shape.stages - stage)) << NameOf(shape);
            EXPECT_EQ(inFlight, 0U);
        }
    }
}

TEST(GpipeSchedule, GoesForwardWithAllMicrobatchesFirst)
{
    EXPECT_EQ(Words(PipelineSchedules().Make("gpipe")->StepsOf({2, 3, 1}, 0)), "f0 f1 f2 b0 b1 b2");
    EXPECT_EQ(Words(PipelineSchedules().Make("gpipe")->StepsOf({2, 3, 1}, 1)), "f0 f1 f2 b0 b1 b2");
}

TEST(InterleavedSchedule, TakesGroupsOfMicrobatchesThroughItsChunks)
{
    // 2 stages, 4 microbatches, 2 chunks: groups {0, 1} and {2, 3}, chunk 0 then 1; backward 1 then
    // 0. Stage 0 begins with 2 * 1 + 1 * 2 = 4 steps forward, stage 1 with 2.
    const auto schedule = PipelineSchedules().Make("interleaved-1f1b");
    EXPECT_EQ(Words(schedule->StepsOf({2, 4, 2}, 0)),
              "f0 f1 f1.0 f1.1 f2 b1.0 f3 b1.1 f1.2 b0 f1.3 b1 b1.2 b1.3 b2 b3");
    EXPECT_EQ(Words(schedule->StepsOf({2, 4, 2}, 1)),
              "f0 f1 f1.0 b1.0 f1.1 b1.1 f2 b0 f3 b1 f1.2 b1.2 f1.3 b1.3 b2 b3");
}

TEST(InterleavedSchedule, HoldsTheStepsItBeginsWithAndOneMore)
{
    for (const auto& shape : ShapesFor("interleaved-1f1b"))
    {
        for (uint32_t stage = 0; stage < shape.stages; ++stage)
        {
            uint32_t held = 0;
            uint32_t most = 0;
            for (const auto& step :
                 PipelineSchedules().Make("interleaved-1f1b")->StepsOf(shape, stage))
            {
                held += step.direction == Direction::Forward ? 1 : -1;
                most = std::max(most, held);
            }
            const auto first = 2 * (shape.stages - 1 - stage) + (shape.chunks - 1) * shape.stages;
            EXPECT_EQ(most, std::min(shape.chunks * shape.microbatches, first + 1))
                << NameOf(shape);
        }
    }
}

TEST(InterleavedSchedule, RefusesMicrobatchesThatAreNoMultipleOfTheStages)
{
    EXPECT_EQ(RefusalOf("interleaved-1f1b", {4, 6, 2}),
              "pipeline schedule interleaved-1f1b with 6 microbatches: must be a multiple of the 4 "
              "stages");
    EXPECT_EQ(RefusalOf("interleaved-1f1b", {4, 8, 2}), "");
}

TEST(PipelineSchedule, RefusesChunksWhereItDoesNotInterleave)
{
    for (const std::string name : {"1f1b", "gpipe"})
    {
        EXPECT_EQ(RefusalOf(name, {4, 8, 2}),
                  "pipeline schedule " + name +
                      " with 2 chunks per stage: must be 1; interleaved-1f1b takes more");
    }
}

TEST(PipelineSchedule, RefusesZerosAndStagesThatAreNotThere)
{
    EXPECT_EQ(RefusalOf("1f1b", {0, 1, 1}),
              "pipeline schedule 1f1b with 0 stages: must be 1 to 32768");
    EXPECT_EQ(RefusalOf("gpipe", {1, 0, 1}),
              "pipeline schedule gpipe with 0 microbatches: must be 1 to 32768");
    EXPECT_EQ(RefusalOf("interleaved-1f1b", {1, 1, 0}),
              "pipeline schedule interleaved-1f1b with 0 chunks per stage: must be 1 to 32768");
    EXPECT_THROW(PipelineSchedules().Make("1f1b")->StepsOf({2, 1, 1}, 2), std::invalid_argument);
}

TEST(PipelineSchedule, IsMadeByName)
{
    EXPECT_EQ(PipelineSchedules().Names(),
              (std::vector<std::string>{"1f1b", "gpipe", "interleaved-1f1b"}));
    for (const auto& name : PipelineSchedules().Names())
    {
        EXPECT_EQ(PipelineSchedules().Make(name)->Name(), name);
    }
    try
    {
        PipelineSchedules().Make("zero-bubble");
        FAIL();
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(
            error.what(),
            "unknown pipeline schedule 'zero-bubble'; known: 1f1b, gpipe, interleaved-1f1b");
    }
}
