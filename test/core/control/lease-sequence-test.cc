/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/lease-sequence.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

using namespace mixnetcore;

namespace
{

constexpr uint32_t MICROBATCHES = 6; //!< of an iteration
constexpr uint32_t LAYERS = 3;       //!< of a stage

/// @param iterations How many. @param stage Stage of two.
/// @return what it does: 1F1B, microbatches and layers as above.
std::shared_ptr<const PhaseProgram>
StageOf(uint32_t iterations, uint32_t stage = 0)
{
    ParallelPlanSpec spec;
    spec.tensorParallel = 2;
    spec.expertParallel = 4;
    spec.gpusPerHost = 4;
    spec.dataParallel = 1;
    spec.pipelineParallel = 2;
    spec.layers = 2 * LAYERS;
    TrainingProgramOptions options;
    options.microbatches = MICROBATCHES;
    return std::make_shared<const StageProgram>(
        std::make_shared<const TrainingProgram>(ParallelPlan(spec), options),
        stage,
        0,
        iterations);
}

/// @param phases Phases. @return them as a program of one step.
std::shared_ptr<const PhaseProgram>
ListOf(std::vector<PhaseKey> phases)
{
    return std::make_shared<const PhaseList>(std::move(phases));
}

/// @param iteration Iteration. @param kind Dispatch or combine. @return it, forward.
PhaseKey
PhaseOf(uint32_t iteration, PhaseKind kind)
{
    PhaseKey phase;
    phase.iteration = iteration;
    phase.kind = kind;
    return phase;
}

/// @param program A program. @param policy Name of a policy. @return its leases, all at once.
std::deque<CircuitLease>
AllLeases(const std::shared_ptr<const PhaseProgram>& program, const std::string& policy)
{
    std::deque<CircuitLease> leases;
    for (PhaseCursor cursor(program); !cursor.IsDone(); cursor.Advance())
    {
        ReconfigurationPolicies().Make(policy)->Extend(leases, cursor.Phase());
    }
    return leases;
}

/// @param program A program. @param policy Name of a policy. @return most leases held at a time.
size_t
MostHeld(const std::shared_ptr<const PhaseProgram>& program, const std::string& policy)
{
    LeaseSequence leases(program, ReconfigurationPolicies().Make(policy));
    size_t most = 0;
    for (; !leases.IsDone(); leases.Advance())
    {
        most = std::max(most, leases.Held());
    }
    EXPECT_EQ(leases.Held(), 0U);
    return most;
}

} // namespace

TEST(LeaseSequence, HasTheLeasesOfAllPhasesInOrder)
{
    for (const auto& policy : ReconfigurationPolicies().Names())
    {
        for (const uint32_t stage : {0, 1})
        {
            const auto program = StageOf(4, stage);
            LeaseSequence leases(program, ReconfigurationPolicies().Make(policy));
            for (const auto& expected : AllLeases(program, policy))
            {
                ASSERT_FALSE(leases.IsDone());
                EXPECT_EQ(leases.Lease().phases, expected.phases) << policy;
                EXPECT_EQ(leases.Lease().demand, expected.demand) << policy;
                leases.Advance();
            }
            EXPECT_TRUE(leases.IsDone()) << policy;
        }
    }
}

TEST(LeaseSequence, HoldsNoMoreForMoreIterations)
{
    for (const auto& policy : ReconfigurationPolicies().Names())
    {
        const auto one = MostHeld(StageOf(1), policy);
        EXPECT_EQ(one, AllLeases(StageOf(1), policy).size()) << policy;
        EXPECT_GE(one, size_t{MICROBATCHES} * LAYERS) << policy;
        const auto two = MostHeld(StageOf(2), policy);
        EXPECT_LE(two, one + 1) << policy;
        EXPECT_EQ(MostHeld(StageOf(40), policy), two) << policy;
    }
}

TEST(LeaseSequence, TellsTheLastLeaseOfEveryDemand)
{
    for (const auto& policy : ReconfigurationPolicies().Names())
    {
        const auto all = AllLeases(StageOf(3), policy);
        LeaseSequence leases(StageOf(3), ReconfigurationPolicies().Make(policy));
        uint32_t notLast = 0;
        for (auto lease = all.begin(); lease != all.end(); ++lease, leases.Advance())
        {
            const bool isLast =
                !lease->demand || std::none_of(lease + 1, all.end(), [lease](const auto& later) {
                    return later.demand == lease->demand;
                });
            EXPECT_EQ(leases.IsLastForDemand(), isLast) << policy;
            notLast += isLast ? 0 : 1;
        }
        EXPECT_GT(notLast, 0U) << policy;
    }
}

TEST(LeaseSequence, GoesOnWithALeaseIntoTheNextIteration)
{
    // Reuse: the dispatch of an iteration is sent over the circuits of the one before.
    LeaseSequence leases(ListOf({PhaseOf(0, PhaseKind::Dispatch),
                                 PhaseOf(0, PhaseKind::Combine),
                                 PhaseOf(1, PhaseKind::Dispatch),
                                 PhaseOf(2, PhaseKind::Dispatch),
                                 PhaseOf(2, PhaseKind::Combine)}),
                         ReconfigurationPolicies().Make("reuse"));
    EXPECT_EQ(leases.Lease().phases, (std::vector{PhaseOf(0, PhaseKind::Dispatch)}));
    EXPECT_FALSE(leases.Lease().demand);
    EXPECT_TRUE(leases.IsLastForDemand());
    leases.Advance();
    EXPECT_EQ(leases.Lease().phases,
              (std::vector{PhaseOf(0, PhaseKind::Combine),
                           PhaseOf(1, PhaseKind::Dispatch),
                           PhaseOf(2, PhaseKind::Dispatch)}));
    EXPECT_EQ(leases.Lease().demand, PhaseOf(0, PhaseKind::Dispatch));
    leases.Advance();
    EXPECT_EQ(leases.Lease().phases, (std::vector{PhaseOf(2, PhaseKind::Combine)}));
    leases.Advance();
    EXPECT_TRUE(leases.IsDone());
}

TEST(LeaseSequence, PassesIterationsWithoutAllToAlls)
{
    LeaseSequence leases(
        ListOf({PhaseOf(0, PhaseKind::Attention), PhaseOf(1, PhaseKind::Dispatch)}),
        ReconfigurationPolicies().Make("block"));
    EXPECT_EQ(leases.Held(), 1U);
    EXPECT_EQ(leases.Lease().phases, (std::vector{PhaseOf(1, PhaseKind::Dispatch)}));
}

TEST(LeaseSequence, IsDoneAtOnceWithoutAllToAlls)
{
    for (const auto& phases :
         {std::vector<PhaseKey>{}, std::vector<PhaseKey>{PhaseOf(0, PhaseKind::Attention)}})
    {
        EXPECT_TRUE(
            LeaseSequence(ListOf(phases), ReconfigurationPolicies().Make("block")).IsDone());
    }
}
