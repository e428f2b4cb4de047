/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/training-program.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <string>

using namespace mixnetcore;

namespace
{

/// @param phases Phases. @return microbatch, layer, way and kind of each; r for recomputed.
std::vector<std::string>
Names(const std::vector<PhaseKey>& phases)
{
    std::vector<std::string> names;
    for (const auto& phase : phases)
    {
        const char way = phase.recompute ? 'r' : phase.direction == Direction::Forward ? 'f' : 'b';
        names.push_back(std::to_string(phase.microbatch) + "." + std::to_string(phase.layer) + way +
                        " " + ToString(phase.kind));
    }
    return names;
}

/// Some layers of a model of 64 on one EP group.
struct Excerpt
{
    uint32_t microbatches;        //!< how many
    uint32_t layers;              //!< how many
    bool backward;                //!< whether, too
    bool recompute{false};        //!< whether forward is done once more
    bool tensorCollectives{true}; //!< whether ranks are two GPUs
    uint32_t iteration{0};        //!< which
    uint32_t firstLayer{0};       //!< of those passed
};

/// @param excerpt What to go through. @return its phases.
std::vector<PhaseKey>
PhasesOf(const Excerpt& excerpt)
{
    ParallelPlanSpec ranks;
    ranks.tensorParallel = excerpt.tensorCollectives ? 2 : 1;
    ranks.expertParallel = 4;
    ranks.layers = 64;
    TrainingProgramOptions options;
    options.microbatches = excerpt.microbatches;
    options.iteration = excerpt.iteration;
    options.excerpt = LayerRange{excerpt.firstLayer, excerpt.layers};
    options.backward = excerpt.backward;
    options.recompute = excerpt.recompute;
    options.attentionCollectives = false;
    const TrainingProgram program(ParallelPlan(ranks), options);
    std::vector<PhaseKey> phases;
    for (size_t step = 0; step <= program.StepsOf(0).size(); ++step)
    {
        const auto more = program.PhasesOf(0, 0, step);
        phases.insert(phases.end(), more.begin(), more.end());
    }
    EXPECT_EQ(phases.back(), program.LastPhaseOf(0, 0));
    EXPECT_EQ(program.MoeLayers(), excerpt.layers);
    return phases;
}

using Words = std::vector<std::string>; //!< names of phases

const std::vector<PhaseKind> FORWARD{PhaseKind::Attention,
                                     PhaseKind::Gating,
                                     PhaseKind::Dispatch,
                                     PhaseKind::AllGather,
                                     PhaseKind::Expert,
                                     PhaseKind::ReduceScatter,
                                     PhaseKind::Combine}; //!< a layer forward

} // namespace

TEST(ExcerptProgram, GoesForwardFromAttentionToCombine)
{
    EXPECT_EQ(Names(PhasesOf({1, 1, false})),
              (Words{"0.0f attention",
                     "0.0f gating",
                     "0.0f dispatch",
                     "0.0f allGather",
                     "0.0f expert",
                     "0.0f reduceScatter",
                     "0.0f combine"}));
}

TEST(ExcerptProgram, GoesBackwardFromCombineToAttention)
{
    const auto names = Names(PhasesOf({1, 1, true}));
    EXPECT_EQ(Words(names.begin() + 7, names.end()),
              (Words{"0.0b combine",
                     "0.0b allGather",
                     "0.0b expert",
                     "0.0b reduceScatter",
                     "0.0b dispatch",
                     "0.0b gating",
                     "0.0b attention"}));
}

TEST(ExcerptProgram, MirrorsForwardWithTheGradientsOfItsCollectives)
{
    // Backward read from its end is forward, an all-gather for every reduce-scatter and vice versa.
    auto phases = PhasesOf({1, 3, true});
    ASSERT_EQ(phases.size(), 2U * 3 * 7);
    for (size_t i = 0; i < 3 * 7; ++i)
    {
        auto mirrored = phases[phases.size() - 1 - i];
        mirrored.direction = Direction::Forward;
        if (mirrored.IsTensorCollective())
        {
            mirrored.kind = mirrored.kind == PhaseKind::AllGather ? PhaseKind::ReduceScatter
                                                                  : PhaseKind::AllGather;
        }
        EXPECT_TRUE(mirrored == phases[i]) << i;
        EXPECT_TRUE(phases[phases.size() - 1 - i].direction == Direction::Backward) << i;
    }
}

TEST(ExcerptProgram, GoesThroughAllLayersForwardThenBackwardInReverse)
{
    std::vector<uint32_t> layers;
    for (const auto& phase : PhasesOf({1, 3, true}))
    {
        if (phase.kind == PhaseKind::Expert)
        {
            layers.push_back(phase.layer);
        }
    }
    EXPECT_EQ(layers, (std::vector<uint32_t>{0, 1, 2, 2, 1, 0}));
}

TEST(ExcerptProgram, FinishesAMicrobatchBeforeTheNext)
{
    const auto phases = PhasesOf({3, 2, true});
    ASSERT_EQ(phases.size(), 3U * 2 * 2 * 7);
    for (size_t i = 0; i < phases.size(); ++i)
    {
        EXPECT_EQ(phases[i].microbatch, i / (2 * 2 * 7)) << i;
    }
}

TEST(ExcerptProgram, DoesALayerOnceMoreBeforeItsBackwardPassWhenItRecomputes)
{
    auto spec = Excerpt{1, 2, true};
    spec.recompute = true;
    const auto phases = PhasesOf(spec);
    ASSERT_EQ(phases.size(), 7U * (2 + 2 + 2));
    // Layers 0 and 1 forward; layer 1 recomputed, backward; layer 0 recomputed, backward.
    const uint32_t layers[]{0, 1, 1, 1, 0, 0};
    for (size_t i = 0; i < phases.size(); ++i)
    {
        const size_t pass = i / 7;
        EXPECT_EQ(phases[i].layer, layers[pass]) << i;
        EXPECT_EQ(phases[i].recompute, pass == 2 || pass == 4) << i;
        EXPECT_EQ(phases[i].direction == Direction::Backward, pass == 3 || pass == 5) << i;
        if (pass != 3 && pass != 5)
        {
            EXPECT_EQ(phases[i].kind, FORWARD[i % 7]) << i;
        }
    }
}

TEST(ExcerptProgram, RecomputesNothingWithoutABackwardPass)
{
    auto spec = Excerpt{1, 2, false};
    spec.recompute = true;
    EXPECT_EQ(PhasesOf(spec), PhasesOf({1, 2, false}));
    EXPECT_EQ(PhasesOf(spec).size(), 2U * 7);
}

TEST(ExcerptProgram, LeavesOutTensorCollectivesOfSingleGpus)
{
    for (const bool recompute : {false, true})
    {
        auto spec = Excerpt{2, 3, true};
        spec.recompute = recompute;
        auto expected = PhasesOf(spec);
        expected.erase(std::remove_if(expected.begin(),
                                      expected.end(),
                                      [](const auto& phase) { return phase.IsTensorCollective(); }),
                       expected.end());
        spec.tensorCollectives = false;
        EXPECT_EQ(PhasesOf(spec), expected);
        EXPECT_EQ(expected.size(), 2U * 3 * (recompute ? 3 : 2) * 5);
    }
}

TEST(ExcerptProgram, NamesIterationAndLayersOfTheModel)
{
    auto spec = Excerpt{1, 2, true};
    spec.iteration = 5;
    spec.firstLayer = 30;
    for (const auto& phase : PhasesOf(spec))
    {
        EXPECT_EQ(phase.iteration, 5U);
        EXPECT_TRUE(phase.layer == 30 || phase.layer == 31);
    }
}

TEST(ExcerptProgram, ComesToNoPhaseTwice)
{
    auto spec = Excerpt{3, 4, true};
    spec.recompute = true;
    const auto phases = PhasesOf(spec);
    EXPECT_EQ(std::set<PhaseKey>(phases.begin(), phases.end()).size(), phases.size());
}

TEST(ExcerptProgram, RefusesWhatIsNotInTheModel)
{
    for (const auto& [first, layers] : {std::pair(0U, 0U), std::pair(0U, 65U), std::pair(63U, 2U)})
    {
        Excerpt excerpt{1, layers, true};
        excerpt.firstLayer = first;
        EXPECT_THROW(PhasesOf(excerpt), std::invalid_argument) << first << " " << layers;
    }
    EXPECT_THROW(PhasesOf({0, 2, true}), std::invalid_argument) << "no microbatch";
}

TEST(ExcerptProgram, RefusesSeveralStages)
{
    ParallelPlanSpec ranks;
    ranks.pipelineParallel = 2;
    ranks.layers = 4;
    TrainingProgramOptions options;
    options.excerpt = LayerRange{0, 2};
    EXPECT_THROW(TrainingProgram(ParallelPlan(ranks), options), std::invalid_argument);
}
