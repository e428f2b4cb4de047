/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/phase-key.h"

#include <gtest/gtest.h>
#include <set>
#include <stdexcept>
#include <vector>

using namespace mixnetcore;

namespace
{

/// All kinds, in the order of a forward pass.
const std::vector<PhaseKind> KINDS{PhaseKind::PipelineReceive,
                                   PhaseKind::Embedding,
                                   PhaseKind::AttentionGather,
                                   PhaseKind::Attention,
                                   PhaseKind::AttentionScatter,
                                   PhaseKind::Gating,
                                   PhaseKind::Dispatch,
                                   PhaseKind::AllGather,
                                   PhaseKind::Expert,
                                   PhaseKind::Dense,
                                   PhaseKind::ReduceScatter,
                                   PhaseKind::Combine,
                                   PhaseKind::Head,
                                   PhaseKind::PipelineSend,
                                   PhaseKind::ExpertReduce,
                                   PhaseKind::SharedReduce,
                                   PhaseKind::Optimizer,
                                   PhaseKind::DispatchForward,
                                   PhaseKind::CombineForward};

/// @return a phase whose fields are all different.
PhaseKey
Mixed()
{
    return {1, 2, 3, 4, 5, 6, Direction::Backward, true, PhaseKind::Combine};
}

/// @return the phase with the largest fields that there is room for.
PhaseKey
Largest()
{
    return {(1U << 11) - 1,
            (1U << 10) - 1,
            (1U << 6) - 1,
            (1U << 12) - 1,
            (1U << 10) - 1,
            (1U << 8) - 1,
            Direction::Backward,
            true,
            PhaseKind::CombineForward};
}

/// @return phases that each differ from PhaseKey() in one field, most significant field first.
std::vector<PhaseKey>
OneFieldEach()
{
    std::vector<PhaseKey> keys(9);
    keys[0].iteration = 1;
    keys[1].replica = 1;
    keys[2].stage = 1;
    keys[3].region = 1;
    keys[4].microbatch = 1;
    keys[5].layer = 1;
    keys[6].direction = Direction::Backward;
    keys[7].recompute = true;
    keys[8].kind = PhaseKind::Embedding;
    return keys;
}

/// @return the message with which a phase is refused, empty when it is not.
std::string
RefusalOf(const PhaseKey& key)
{
    return tests::Refusal([&] { PackPhase(key); });
}

} // namespace

TEST(PhaseKey, ComesBackFromItsPackedForm)
{
    for (const auto& key : {PhaseKey(), Mixed(), Largest()})
    {
        EXPECT_TRUE(UnpackPhase(PackPhase(key)) == key);
    }
    for (const auto& key : OneFieldEach())
    {
        EXPECT_TRUE(UnpackPhase(PackPhase(key)) == key);
    }
}

TEST(PhaseKey, ComesBackForEveryKindDirectionAndRecompute)
{
    std::set<uint64_t> packed;
    for (const auto kind : KINDS)
    {
        for (const auto direction : {Direction::Forward, Direction::Backward})
        {
            for (const bool recompute : {false, true})
            {
                auto key = Mixed().With(kind);
                key.direction = direction;
                key.recompute = recompute;
                EXPECT_TRUE(UnpackPhase(PackPhase(key)) == key);
                packed.insert(PackPhase(key));
            }
        }
    }
    EXPECT_EQ(packed.size(), KINDS.size() * 2 * 2);
}

TEST(PhaseKey, SortsKindsInTheOrderOfAForwardPass)
{
    for (size_t i = 0; i + 1 < KINDS.size(); ++i)
    {
        EXPECT_TRUE(PhaseKey().With(KINDS[i]) < PhaseKey().With(KINDS[i + 1])) << i;
    }
}

TEST(PhaseKey, CallsDispatchAndCombineAllToAlls)
{
    for (const auto kind : KINDS)
    {
        EXPECT_EQ(PhaseKey().With(kind).IsAllToAll(),
                  kind == PhaseKind::Dispatch || kind == PhaseKind::Combine)
            << ToString(kind);
    }
}

TEST(PhaseKey, CallsAllGathersAndReduceScattersTensorCollectives)
{
    const std::set<PhaseKind> collectives{PhaseKind::AllGather,
                                          PhaseKind::ReduceScatter,
                                          PhaseKind::AttentionGather,
                                          PhaseKind::AttentionScatter};
    for (const auto kind : KINDS)
    {
        EXPECT_EQ(PhaseKey().With(kind).IsTensorCollective(), collectives.count(kind) == 1)
            << ToString(kind);
    }
}

TEST(PhaseKey, KnowsWhatIsPassedOnForWhichAllToAll)
{
    for (const auto kind : KINDS)
    {
        const auto key = Mixed().With(kind);
        if (key.IsAllToAll())
        {
            EXPECT_TRUE(key.Forwarding().IsForwarding());
            EXPECT_FALSE(key.Forwarding().IsAllToAll());
            EXPECT_EQ(key.Forwarding().Whole(), key);
        }
        else if (!key.IsForwarding())
        {
            EXPECT_EQ(key.Whole(), key) << ToString(kind);
        }
    }
    EXPECT_NE(Mixed().With(PhaseKind::Dispatch).Forwarding(),
              Mixed().With(PhaseKind::Combine).Forwarding());
}

TEST(PhaseKey, CallsReductionsOfExpertAndOtherGradientsGradientReduces)
{
    for (const auto kind : KINDS)
    {
        EXPECT_EQ(PhaseKey().With(kind).IsGradientReduce(),
                  kind == PhaseKind::ExpertReduce || kind == PhaseKind::SharedReduce)
            << ToString(kind);
    }
}

TEST(PhaseKey, TransposesCombineForwardAndDispatchBackward)
{
    // Tokens go out by dispatch and come back by combine; gradients go the other way each time.
    PhaseKey key;
    for (const bool recompute : {false, true})
    {
        key.recompute = recompute;
        key.direction = Direction::Forward;
        EXPECT_FALSE(key.With(PhaseKind::Dispatch).IsTransposed());
        EXPECT_TRUE(key.With(PhaseKind::Combine).IsTransposed());
        key.direction = Direction::Backward;
        EXPECT_TRUE(key.With(PhaseKind::Dispatch).IsTransposed());
        EXPECT_FALSE(key.With(PhaseKind::Combine).IsTransposed());
    }
}

TEST(PhaseKey, IsSortedByItsFieldsFromIterationToKind)
{
    // A field counts more than all behind it together.
    const auto keys = OneFieldEach();
    for (size_t i = 0; i + 1 < keys.size(); ++i)
    {
        EXPECT_TRUE(keys[i + 1] < keys[i]) << i;
        EXPECT_FALSE(keys[i] < keys[i + 1]) << i;
        EXPECT_TRUE(PhaseKey() < keys[i]) << i;
        EXPECT_FALSE(keys[i] < keys[i]) << i;
    }
}

TEST(PhaseKey, IsSortedAsItsPackedForm)
{
    auto keys = OneFieldEach();
    keys.push_back(Mixed());
    keys.push_back(Largest());
    for (const auto& a : keys)
    {
        for (const auto& b : keys)
        {
            EXPECT_EQ(a < b, PackPhase(a) < PackPhase(b));
        }
    }
}

TEST(PhaseKey, DiffersWithEveryField)
{
    for (const auto& key : OneFieldEach())
    {
        EXPECT_FALSE(key == PhaseKey());
    }
    EXPECT_TRUE(PhaseKey() == PhaseKey());
}

TEST(PhaseKey, ChangesItsKindOnly)
{
    auto expected = Mixed();
    expected.kind = PhaseKind::Dispatch;
    EXPECT_TRUE(Mixed().With(PhaseKind::Dispatch) == expected);
}

TEST(PhaseKey, RefusesFieldsWithoutRoom)
{
    auto key = Largest();
    ++key.iteration;
    EXPECT_EQ(RefusalOf(key), "phase with iteration = 2048: must be below 2048");
    key = Largest();
    ++key.replica;
    EXPECT_EQ(RefusalOf(key), "phase with replica = 1024: must be below 1024");
    key = Largest();
    ++key.stage;
    EXPECT_EQ(RefusalOf(key), "phase with stage = 64: must be below 64");
    key = Largest();
    ++key.region;
    EXPECT_EQ(RefusalOf(key), "phase with region = 4096: must be below 4096");
    key = Largest();
    ++key.microbatch;
    EXPECT_EQ(RefusalOf(key), "phase with microbatch = 1024: must be below 1024");
    key = Largest();
    ++key.layer;
    EXPECT_EQ(RefusalOf(key), "phase with layer = 256: must be below 256");
    EXPECT_EQ(RefusalOf(Largest()), "");
}

TEST(PhaseKey, HasNamesForTablesAndResults)
{
    const std::vector<std::string> names{"pipelineReceive",
                                         "embedding",
                                         "attentionGather",
                                         "attention",
                                         "attentionScatter",
                                         "gating",
                                         "dispatch",
                                         "allGather",
                                         "expert",
                                         "dense",
                                         "reduceScatter",
                                         "combine",
                                         "head",
                                         "pipelineSend",
                                         "expertReduce",
                                         "sharedReduce",
                                         "optimizer",
                                         "dispatchForward",
                                         "combineForward"};
    ASSERT_EQ(names.size(), KINDS.size());
    for (size_t i = 0; i < KINDS.size(); ++i)
    {
        EXPECT_EQ(ToString(KINDS[i]), names[i]);
    }
    EXPECT_EQ(ToString(Direction::Forward), "forward");
    EXPECT_EQ(ToString(Direction::Backward), "backward");
}
