/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/phase-program.h"

#include <gtest/gtest.h>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

using Phases = std::vector<PhaseKey>; //!< in order

/// @param layer A layer. @return its attention.
PhaseKey
AttentionOf(uint32_t layer)
{
    PhaseKey key;
    key.layer = layer;
    return key;
}

/// @brief Steps as they are given.
class FixedProgram : public PhaseProgram
{
  public:
    /// @param steps Phases of each step.
    explicit FixedProgram(std::vector<Phases> steps)
        : m_steps(std::move(steps))
    {
    }

    // Inherited from PhaseProgram
    size_t Steps() const override
    {
        return m_steps.size();
    }

    Phases PhasesOf(size_t step) const override
    {
        return m_steps.at(step);
    }

  private:
    std::vector<Phases> m_steps; //!< phases of each step
};

/// @param program What to go through. @return its phases, as a cursor meets them.
Phases
Traversed(std::shared_ptr<const PhaseProgram> program)
{
    Phases phases;
    for (PhaseCursor cursor(std::move(program)); !cursor.IsDone(); cursor.Advance())
    {
        phases.push_back(cursor.Phase());
    }
    return phases;
}

/// @param steps Phases of each step. @return the phases, as a cursor meets them.
Phases
TraversedSteps(std::vector<Phases> steps)
{
    return Traversed(std::make_shared<const FixedProgram>(std::move(steps)));
}

/// @param stages Stages. @param replicas Replicas. @param iteration The first iteration.
/// @return a program of three microbatches, 1F1B, over as many layers as stages.
std::shared_ptr<const TrainingProgram>
ProgramOf(size_t stages, size_t replicas, uint32_t iteration = 0)
{
    ParallelPlanSpec spec;
    spec.tensorParallel = 2;
    spec.expertParallel = 2;
    spec.gpusPerHost = 4;
    spec.dataParallel = replicas;
    spec.pipelineParallel = stages;
    spec.layers = stages;
    TrainingProgramOptions options;
    options.microbatches = 3;
    options.iteration = iteration;
    return std::make_shared<const TrainingProgram>(ParallelPlan(spec), options);
}

/// @param program Iteration. @param stage Stage. @param replica Replica.
/// @return phases of its steps and of its end.
Phases
IterationOf(const TrainingProgram& program, uint32_t stage, uint32_t replica)
{
    Phases phases;
    for (size_t step = 0; step <= program.StepsOf(stage).size(); ++step)
    {
        const auto some = program.PhasesOf(stage, replica, step);
        phases.insert(phases.end(), some.begin(), some.end());
    }
    return phases;
}

/// @param stage Stage. @param replica Replica. @param iterations Iterations. @param first The
/// first. @return why a program of two stages, three replicas is refused, or nothing.
std::string
RefusalOf(uint32_t stage, uint32_t replica, uint32_t iterations, uint32_t first = 0)
{
    return tests::Refusal(
        [&] { StageProgram(ProgramOf(2, 3, first), stage, replica, iterations); });
}

} // namespace

TEST(PhaseList, IsOneStepOfItsPhases)
{
    const Phases phases{AttentionOf(3), AttentionOf(1), AttentionOf(3)};
    const PhaseList list(phases);
    EXPECT_EQ(list.Steps(), 1U);
    EXPECT_EQ(list.PhasesOf(0), phases);
    EXPECT_EQ(Traversed(std::make_shared<const PhaseList>(phases)), phases);
    EXPECT_TRUE(Traversed(std::make_shared<const PhaseList>(Phases{})).empty());
}

TEST(StageProgram, RepeatsTheIterationWithItsNumberAlone)
{
    constexpr uint32_t first = 7;
    const auto program = ProgramOf(3, 2, first);
    for (uint32_t stage = 0; stage < 3; ++stage)
    {
        for (uint32_t replica = 0; replica < 2; ++replica)
        {
            Phases expected;
            for (const uint32_t iteration : {first, first + 1, first + 2, first + 3})
            {
                for (auto phase : IterationOf(*program, stage, replica))
                {
                    phase.iteration = iteration;
                    expected.push_back(phase);
                }
            }
            EXPECT_EQ(Traversed(std::make_shared<const StageProgram>(program, stage, replica, 4)),
                      expected);
        }
    }
}

TEST(StageProgram, EndsEveryIterationWithTheOptimizer)
{
    // 1F1B: a step forward and one backward for each of three microbatches, then the end.
    const StageProgram program(ProgramOf(2, 1), 1, 0, 5);
    ASSERT_EQ(program.Steps(), 5U * (2 * 3 + 1));
    for (size_t step = 0; step < program.Steps(); ++step)
    {
        const bool isEnd = step % 7 == 6;
        EXPECT_EQ(program.PhasesOf(step).back().kind == PhaseKind::Optimizer, isEnd);
    }
}

TEST(StageProgram, RefusesWhatTheJobDoesNotHave)
{
    EXPECT_EQ(RefusalOf(1, 2, 1), "");
    EXPECT_EQ(RefusalOf(2, 0, 1),
              "program of stage 2, replica 0, 1 iterations: there are 2 stages and 3 replicas; "
              "iterations are at least 1");
    EXPECT_EQ(RefusalOf(0, 3, 1),
              "program of stage 0, replica 3, 1 iterations: there are 2 stages and 3 replicas; "
              "iterations are at least 1");
    EXPECT_EQ(RefusalOf(0, 0, 0),
              "program of stage 0, replica 0, 0 iterations: there are 2 stages and 3 replicas; "
              "iterations are at least 1");
}

TEST(StageProgram, RefusesIterationsThatHaveNoNumber)
{
    EXPECT_EQ(RefusalOf(0, 0, 2, 0xfffffffe), "");
    EXPECT_EQ(RefusalOf(0, 0, 2, 0xffffffff),
              "program of 2 iterations from iteration 4294967295 on: the last one must be below "
              "2^32");
    EXPECT_EQ(RefusalOf(0, 0, 0xffffffff, 2),
              "program of 4294967295 iterations from iteration 2 on: the last one must be below "
              "2^32");
}

TEST(PhaseCursor, SkipsStepsWithoutPhases)
{
    const auto a = AttentionOf(0);
    const auto b = AttentionOf(1);
    EXPECT_EQ(TraversedSteps({{}, {}, {a, b}, {}, {b}, {}}), (Phases{a, b, b}));
    EXPECT_EQ(TraversedSteps({{a}}), Phases{a});
}

TEST(PhaseCursor, IsDoneAtOnceWhenThereIsNothing)
{
    EXPECT_TRUE(PhaseCursor().IsDone());
    EXPECT_TRUE(TraversedSteps({}).empty());
    EXPECT_TRUE(TraversedSteps({{}, {}}).empty());
}

TEST(PhaseCursor, GoesOnFromWhereItWasCopied)
{
    const auto program = std::make_shared<const FixedProgram>(
        std::vector<Phases>{{AttentionOf(0)}, {AttentionOf(1), AttentionOf(2)}});
    PhaseCursor cursor(program);
    cursor.Advance();
    auto copy = cursor;
    cursor.Advance();
    EXPECT_EQ(copy.Phase(), AttentionOf(1));
    EXPECT_EQ(cursor.Phase(), AttentionOf(2));
}
