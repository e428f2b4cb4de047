/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/message-key.h"

#include <gtest/gtest.h>
#include <set>
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

} // namespace

TEST(PhaseKey, HasAHashOfItsOwnForEveryFieldKindDirectionAndRecompute)
{
    std::set<size_t> hashes;
    std::set<PhaseKey> keys;
    const auto add = [&](const PhaseKey& key) {
        keys.insert(key);
        hashes.insert(PhaseHash()(key));
    };
    for (const auto& key : OneFieldEach())
    {
        add(key);
    }
    for (const auto kind : KINDS)
    {
        for (const auto direction : {Direction::Forward, Direction::Backward})
        {
            for (const bool recompute : {false, true})
            {
                auto key = Mixed().With(kind);
                key.direction = direction;
                key.recompute = recompute;
                add(key);
            }
        }
    }
    EXPECT_EQ(hashes.size(), keys.size());
    EXPECT_EQ(PhaseHash()(Mixed()), PhaseHash()(Mixed()));
}

TEST(PhaseKey, HasNoBoundButThatOfItsFields)
{
    PhaseKey large;
    large.iteration = large.replica = large.stage = large.region = large.microbatch = large.layer =
        0xffffffff;
    PhaseKey less = large;
    --less.layer;
    EXPECT_TRUE(less < large);
    EXPECT_NE(PhaseHash()(less), PhaseHash()(large));
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

TEST(MessageKey, IsSortedByPhaseThenPartThenIndex)
{
    PhaseKey later;
    later.kind = PhaseKind::Optimizer;
    const std::vector<MessageKey> ascending{{},
                                            {{}, 0, 1},
                                            {{}, 1, 0},
                                            {{}, 1, 2},
                                            {later, 0, 0},
                                            {later, 2, 1}};
    for (size_t a = 0; a < ascending.size(); ++a)
    {
        for (size_t b = 0; b < ascending.size(); ++b)
        {
            EXPECT_EQ(ascending[a] < ascending[b], a < b) << a << ' ' << b;
            EXPECT_EQ(ascending[a] == ascending[b], a == b) << a << ' ' << b;
            EXPECT_EQ(ascending[a] != ascending[b], a != b) << a << ' ' << b;
        }
    }
}

TEST(MessageKey, NamesTheFlowsOfItsCollective)
{
    const MessageKey key{Mixed(), 2, 5};
    EXPECT_TRUE(key.At(7) == (MessageKey{Mixed(), 2, 7}));
}
