/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/reconfiguration-policy.h"
#include "ns3/training-program.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

/// @param microbatches How many. @param layers How many. @param backward Whether, too.
/// @param recompute Whether forward is done once more. @return the phases.
std::vector<PhaseKey>
Phases(uint32_t microbatches, uint32_t layers, bool backward, bool recompute = false)
{
    ParallelPlanSpec ranks;
    ranks.layers = layers;
    TrainingProgramOptions options;
    options.microbatches = microbatches;
    options.excerpt = LayerRange{0, layers};
    options.backward = backward;
    options.recompute = recompute;
    const TrainingProgram program(ParallelPlan(ranks), options);
    std::vector<PhaseKey> phases;
    for (size_t step = 0; step < program.StepsOf(0).size(); ++step)
    {
        const auto more = program.PhasesOf(0, 0, step);
        phases.insert(phases.end(), more.begin(), more.end());
    }
    return phases;
}

/**
 * @param leases Leases.
 * @return each as "demand: phases": microbatch.layer of the demand, or uniform; of each all-to-all
 * microbatch.layer, f forward, r recomputed or b backward, D dispatch or C combine.
 */
std::vector<std::string>
Words(const std::vector<CircuitLease>& leases)
{
    const auto place = [](const PhaseKey& phase) {
        return std::to_string(phase.microbatch) + "." + std::to_string(phase.layer);
    };
    std::vector<std::string> words;
    for (const auto& lease : leases)
    {
        words.push_back((lease.demand ? place(*lease.demand) : "uniform") + ":");
        for (const auto& phase : lease.phases)
        {
            words.back() += " " + place(phase);
            words.back() += phase.recompute                         ? 'r'
                            : phase.direction == Direction::Forward ? 'f'
                                                                    : 'b';
            words.back() += phase.kind == PhaseKind::Dispatch ? 'D' : 'C';
        }
    }
    return words;
}

/// @param policy A policy. @param phases Phases in order. @return the leases.
std::vector<CircuitLease>
Plan(const ReconfigurationPolicy& policy, const std::vector<PhaseKey>& phases)
{
    std::deque<CircuitLease> leases;
    for (const auto& phase : phases)
    {
        const auto before = leases.size();
        const bool isNew = policy.Extend(leases, phase);
        EXPECT_EQ(leases.size(), before + (isNew ? 1 : 0));
    }
    return {leases.begin(), leases.end()};
}

using Lines = std::vector<std::string>; //!< leases in words

} // namespace

TEST(BlockPolicy, GivesEveryLayerItsOwnCircuitsForDispatchAndCombine)
{
    EXPECT_EQ(Words(Plan(BlockPolicy(), Phases(1, 3, false))),
              (Lines{"0.0: 0.0fD 0.0fC", "0.1: 0.1fD 0.1fC", "0.2: 0.2fD 0.2fC"}));
}

TEST(BlockPolicy, KeepsTheCircuitsOfTheLastLayerWhereForwardTurnsBackward)
{
    EXPECT_EQ(Words(Plan(BlockPolicy(), Phases(1, 2, true))),
              (Lines{"0.0: 0.0fD 0.0fC", "0.1: 0.1fD 0.1fC 0.1bC 0.1bD", "0.0: 0.0bC 0.0bD"}));
}

TEST(BlockPolicy, ChangesCircuitsFromMicrobatchToMicrobatch)
{
    EXPECT_EQ(Words(Plan(BlockPolicy(), Phases(2, 1, true))),
              (Lines{"0.0: 0.0fD 0.0fC 0.0bC 0.0bD", "1.0: 1.0fD 1.0fC 1.0bC 1.0bD"}));
}

TEST(BlockPolicy, RecomputesOnTheCircuitsOfTheSameLayer)
{
    EXPECT_EQ(Words(Plan(BlockPolicy(), Phases(1, 2, true, true))),
              (Lines{"0.0: 0.0fD 0.0fC",
                     "0.1: 0.1fD 0.1fC 0.1rD 0.1rC 0.1bC 0.1bD",
                     "0.0: 0.0rD 0.0rC 0.0bC 0.0bD"}));
}

TEST(ReusePolicy, SendsTheForwardDispatchOverTheCircuitsThatAreThere)
{
    EXPECT_EQ(Words(Plan(ReusePolicy(), Phases(1, 3, false))),
              (Lines{"uniform: 0.0fD", "0.0: 0.0fC 0.1fD", "0.1: 0.1fC 0.2fD", "0.2: 0.2fC"}));
}

TEST(ReusePolicy, ChangesCircuitsForEveryLayerBackward)
{
    EXPECT_EQ(Words(Plan(ReusePolicy(), Phases(1, 3, true))),
              (Lines{"uniform: 0.0fD",
                     "0.0: 0.0fC 0.1fD",
                     "0.1: 0.1fC 0.2fD",
                     "0.2: 0.2fC 0.2bC 0.2bD",
                     "0.1: 0.1bC 0.1bD",
                     "0.0: 0.0bC 0.0bD"}));
}

TEST(ReusePolicy, ReusesTheCircuitsOfTheMicrobatchBefore)
{
    EXPECT_EQ(Words(Plan(ReusePolicy(), Phases(2, 2, true))),
              (Lines{"uniform: 0.0fD",
                     "0.0: 0.0fC 0.1fD",
                     "0.1: 0.1fC 0.1bC 0.1bD",
                     "0.0: 0.0bC 0.0bD 1.0fD",
                     "1.0: 1.0fC 1.1fD",
                     "1.1: 1.1fC 1.1bC 1.1bD",
                     "1.0: 1.0bC 1.0bD"}));
}

TEST(ReusePolicy, HasCircuitsForARecomputedDispatchWhoseDemandIsKnown)
{
    EXPECT_EQ(Words(Plan(ReusePolicy(), Phases(1, 2, true, true))),
              (Lines{"uniform: 0.0fD",
                     "0.0: 0.0fC 0.1fD",
                     "0.1: 0.1fC 0.1rD 0.1rC 0.1bC 0.1bD",
                     "0.0: 0.0rD 0.0rC 0.0bC 0.0bD"}));
}

TEST(ReusePolicy, ReusesNoCircuitsForABackwardDispatch)
{
    PhaseKey later;
    later.layer = 1;
    later.kind = PhaseKind::Combine;
    PhaseKey dispatch;
    dispatch.kind = PhaseKind::Dispatch;
    dispatch.direction = Direction::Backward;
    EXPECT_EQ(Words(Plan(ReusePolicy(), {later, dispatch})), (Lines{"0.1: 0.1fC", "0.0: 0.0bD"}));
}

TEST(ReconfigurationPolicy, LeasesEveryAllToAllOnceAndInOrder)
{
    for (const auto& name : ReconfigurationPolicies().Names())
    {
        for (const bool backward : {false, true})
        {
            for (const bool recompute : {false, true})
            {
                const auto phases = Phases(3, 4, backward, recompute);
                std::vector<PhaseKey> expected;
                for (const auto& phase : phases)
                {
                    if (phase.kind == PhaseKind::Dispatch || phase.kind == PhaseKind::Combine)
                    {
                        expected.push_back(phase);
                    }
                }
                std::vector<PhaseKey> leased;
                for (const auto& lease : Plan(*ReconfigurationPolicies().Make(name), phases))
                {
                    EXPECT_FALSE(lease.phases.empty()) << name;
                    leased.insert(leased.end(), lease.phases.begin(), lease.phases.end());
                }
                EXPECT_EQ(leased, expected) << name;
            }
        }
    }
}

TEST(ReconfigurationPolicy, NamesTheForwardDispatchAsDemand)
{
    for (const auto& name : ReconfigurationPolicies().Names())
    {
        for (const auto& lease :
             Plan(*ReconfigurationPolicies().Make(name), Phases(2, 3, true, true)))
        {
            if (lease.demand)
            {
                EXPECT_EQ(lease.demand->kind, PhaseKind::Dispatch);
                EXPECT_EQ(lease.demand->direction, Direction::Forward);
                EXPECT_FALSE(lease.demand->recompute);
            }
        }
    }
}

TEST(ReconfigurationPolicy, LeasesNothingWithoutAllToAlls)
{
    EXPECT_TRUE(Plan(BlockPolicy(), {}).empty());
    EXPECT_TRUE(Plan(ReusePolicy(), {PhaseKey()}).empty());
}

TEST(ReconfigurationPolicy, IsMadeByName)
{
    EXPECT_EQ(ReconfigurationPolicies().Names(), (Lines{"block", "reuse"}));
    EXPECT_NE(dynamic_cast<BlockPolicy*>(ReconfigurationPolicies().Make("block").get()), nullptr);
    EXPECT_NE(dynamic_cast<ReusePolicy*>(ReconfigurationPolicies().Make("reuse").get()), nullptr);
    try
    {
        ReconfigurationPolicies().Make("oracle");
        FAIL() << "accepted";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(), "unknown reconfiguration policy 'oracle'; known: block, reuse");
    }
}
