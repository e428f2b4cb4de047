/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/phase-sequence.h"

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

/// @param microbatches How many. @param layers How many. @param backward Whether, too.
/// @return what to go through.
PhaseSequenceSpec
With(uint32_t microbatches, uint32_t layers, bool backward)
{
    PhaseSequenceSpec spec;
    spec.microbatches = microbatches;
    spec.layers = layers;
    spec.backward = backward;
    return spec;
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

TEST(PhaseSequence, GoesForwardFromAttentionToCombine)
{
    EXPECT_EQ(Names(PhaseSequence(With(1, 1, false))),
              (Words{"0.0f attention",
                     "0.0f gating",
                     "0.0f dispatch",
                     "0.0f allGather",
                     "0.0f expert",
                     "0.0f reduceScatter",
                     "0.0f combine"}));
}

TEST(PhaseSequence, GoesBackwardFromCombineToAttention)
{
    const auto names = Names(PhaseSequence(With(1, 1, true)));
    EXPECT_EQ(Words(names.begin() + 7, names.end()),
              (Words{"0.0b combine",
                     "0.0b allGather",
                     "0.0b expert",
                     "0.0b reduceScatter",
                     "0.0b dispatch",
                     "0.0b gating",
                     "0.0b attention"}));
}

TEST(PhaseSequence, MirrorsForwardWithTheGradientsOfItsCollectives)
{
    // Backward read from its end is forward, an all-gather for every reduce-scatter and vice versa.
    auto phases = PhaseSequence(With(1, 3, true));
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

TEST(PhaseSequence, GoesThroughAllLayersForwardThenBackwardInReverse)
{
    std::vector<uint32_t> layers;
    for (const auto& phase : PhaseSequence(With(1, 3, true)))
    {
        if (phase.kind == PhaseKind::Expert)
        {
            layers.push_back(phase.layer);
        }
    }
    EXPECT_EQ(layers, (std::vector<uint32_t>{0, 1, 2, 2, 1, 0}));
}

TEST(PhaseSequence, FinishesAMicrobatchBeforeTheNext)
{
    const auto phases = PhaseSequence(With(3, 2, true));
    ASSERT_EQ(phases.size(), 3U * 2 * 2 * 7);
    for (size_t i = 0; i < phases.size(); ++i)
    {
        EXPECT_EQ(phases[i].microbatch, i / (2 * 2 * 7)) << i;
    }
}

TEST(PhaseSequence, DoesALayerOnceMoreBeforeItsBackwardPassWhenItRecomputes)
{
    auto spec = With(1, 2, true);
    spec.recompute = true;
    const auto phases = PhaseSequence(spec);
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

TEST(PhaseSequence, RecomputesNothingWithoutABackwardPass)
{
    auto spec = With(1, 2, false);
    spec.recompute = true;
    EXPECT_EQ(PhaseSequence(spec), PhaseSequence(With(1, 2, false)));
    EXPECT_EQ(PhaseSequence(spec).size(), 2U * 7);
}

TEST(PhaseSequence, LeavesOutTensorCollectivesOfSingleGpus)
{
    for (const bool recompute : {false, true})
    {
        auto spec = With(2, 3, true);
        spec.recompute = recompute;
        auto expected = PhaseSequence(spec);
        expected.erase(std::remove_if(expected.begin(),
                                      expected.end(),
                                      [](const auto& phase) { return phase.IsTensorCollective(); }),
                       expected.end());
        spec.tensorCollectives = false;
        EXPECT_EQ(PhaseSequence(spec), expected);
        EXPECT_EQ(expected.size(), 2U * 3 * (recompute ? 3 : 2) * 5);
    }
}

TEST(PhaseSequence, NamesIterationRegionAndLayersOfTheModel)
{
    auto spec = With(1, 2, true);
    spec.iteration = 5;
    spec.region = 3;
    spec.firstLayer = 30;
    for (const auto& phase : PhaseSequence(spec))
    {
        EXPECT_EQ(phase.iteration, 5U);
        EXPECT_EQ(phase.region, 3U);
        EXPECT_TRUE(phase.layer == 30 || phase.layer == 31);
    }
}

TEST(PhaseSequence, ComesToNoPhaseTwice)
{
    auto spec = With(3, 4, true);
    spec.recompute = true;
    const auto phases = PhaseSequence(spec);
    EXPECT_EQ(std::set<PhaseKey>(phases.begin(), phases.end()).size(), phases.size());
}

TEST(PhaseSequence, IsEmptyWithoutLayersOrMicrobatches)
{
    EXPECT_TRUE(PhaseSequence(With(0, 2, true)).empty());
    EXPECT_TRUE(PhaseSequence(With(2, 0, true)).empty());
}
