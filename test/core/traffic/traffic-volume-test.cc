/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/model-parallelism.h"
#include "ns3/traffic-volume.h"

#include <gtest/gtest.h>
#include <map>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

/**
 * @param name A model of the catalogue, with its default parallelism.
 * @param replicas DP degree.
 * @param options What an iteration consists of.
 * @return its volumes.
 */
TrafficVolume
VolumeOf(const std::string& name, size_t replicas, const TrafficOptions& options)
{
    const auto model = FindModel(name);
    auto spec = DefaultParallelism(model);
    spec.dataParallel = replicas;
    return {model, PlanParallel(model, spec), options};
}

/// @return eight microbatches, without recomputation, inputs gathered again.
TrafficOptions
EightMicrobatches()
{
    TrafficOptions options;
    options.microbatches = 8;
    return options;
}

// Mixtral 8x7B, microbatch 8, EP8, TP4, PP4: b s 2d bytes.
constexpr uint64_t A = uint64_t{8} * 4096 * 2 * 4096;

} // namespace

TEST(TrafficVolume, CountsTensorParallelismLayerByLayer)
{
    // Of each of 32 layers, in units of A: attention 1 + 1, experts 2 + 2; backward the same; again
    // the gathers 1 + 2. Embedding: 1 + 1; head: 1 + 1 and again 1. On 8 ranks, 8 microbatches.
    const auto volume = VolumeOf("mixtral-8x7b", 1, EightMicrobatches());
    const uint64_t units = 32 * (6 + 6 + 3) + 2 + 3;
    EXPECT_EQ(volume.Activations(), Bytes(A));
    EXPECT_EQ(volume.Buffers().tensor, Bytes(units * A * 8 * 8));
    EXPECT_EQ(volume.Sent().tensor, Bytes(units * A * 8 * 8 * 3));
}

TEST(TrafficVolume, KeepsTheGatheredInputsIfAsked)
{
    auto options = EightMicrobatches();
    options.gatherAgain = false;
    const uint64_t units = 32 * (6 + 6) + 2 + 2;
    EXPECT_EQ(VolumeOf("mixtral-8x7b", 1, options).Buffers().tensor, Bytes(units * A * 8 * 8));
}

TEST(TrafficVolume, CountsForwardOnceMoreWithRecomputation)
{
    auto options = EightMicrobatches();
    options.recompute = true;
    const auto volume = VolumeOf("mixtral-8x7b", 1, options);
    const auto without = VolumeOf("mixtral-8x7b", 1, EightMicrobatches());
    EXPECT_EQ(volume.Sent().expert.Count() * 2, without.Sent().expert.Count() * 3);
    EXPECT_EQ((volume.Buffers().tensor - without.Buffers().tensor).Count(),
              uint64_t{32} * 6 * A * 8 * 8);
    EXPECT_EQ(volume.Sent().data, without.Sent().data);
    EXPECT_EQ(volume.Sent().pipeline, without.Sent().pipeline);
}

TEST(TrafficVolume, CountsTokensThatLeaveTheirRank)
{
    // 448 MiB of 512 per rank and all-to-all; dispatch and combine, both ways, 32 layers, 8 ranks,
    // 8 microbatches.
    const auto volume = VolumeOf("mixtral-8x7b", 1, EightMicrobatches());
    EXPECT_EQ(volume.Sent().expert, Bytes((uint64_t{448} << 20) * 4 * 32 * 8 * 8));
    EXPECT_EQ(volume.Buffers().expert, volume.Sent().expert);
}

TEST(TrafficVolume, CountsActivationsBetweenStages)
{
    // Three boundaries, there and back, on 8 ranks, 8 microbatches.
    const auto volume = VolumeOf("mixtral-8x7b", 1, EightMicrobatches());
    EXPECT_EQ(volume.Sent().pipeline, Bytes(A * 3 * 2 * 8 * 8));
}

TEST(TrafficVolume, CountsGradientsOfWhatRanksShare)
{
    // One replica: the EP ranks share all but the experts. Matrices are split over 4 GPUs, norms
    // and gates are on each. An all-reduce among 8 sends 14 times its buffer.
    const uint64_t d = 4096;
    const uint64_t matrices = 32 * (2 * d * d + 2 * d * 1024) + 2 * d * 32000;
    const uint64_t copies = 32 * (2 * d + 8 * d) + d;
    const auto volume = VolumeOf("mixtral-8x7b", 1, EightMicrobatches());
    EXPECT_EQ(volume.Buffers().data, Bytes(4 * (matrices + 4 * copies)));
    EXPECT_EQ(volume.Sent().data, Bytes(14 * 4 * (matrices + 4 * copies)));
}

TEST(TrafficVolume, ReducesExpertsOverReplicas)
{
    // Two replicas: every expert's three matrices of 32 layers among 2, the others among 16.
    const auto one = VolumeOf("mixtral-8x7b", 1, EightMicrobatches());
    const auto two = VolumeOf("mixtral-8x7b", 2, EightMicrobatches());
    const uint64_t experts = uint64_t{32} * 8 * 3 * 4096 * 14336;
    EXPECT_EQ(two.Buffers().data, one.Buffers().data + Bytes(4 * experts));
    EXPECT_EQ(two.Sent().data.Count(), one.Buffers().data.Count() * 30 + 2 * 4 * experts);
    // The other parallelisms have twice the microbatches.
    EXPECT_EQ(two.Sent().tensor, one.Sent().tensor * 2);
    EXPECT_EQ(two.Sent().expert, one.Sent().expert * 2);
    EXPECT_EQ(two.Sent().pipeline, one.Sent().pipeline * 2);
}

TEST(TrafficVolume, AddsUpOverGroups)
{
    // 8 x 4 TP groups of 4; 4 x 4 EP groups of 8; 16 x 8 pairs of replicas of experts; 4 x 4 groups
    // of 16 of the rest; 64 chains of 4 stages.
    const auto volume = VolumeOf("mixtral-8x7b", 2, EightMicrobatches());
    VolumeByParallelism sent;
    std::map<GroupKind, size_t> groups;
    for (const auto& group : volume.Groups())
    {
        sent.Of(group.parallelism) += group.sent;
        ++groups[group.kind];
        EXPECT_GT(group.ranks.size(), 1U);
    }
    EXPECT_EQ(sent.Total(), volume.Sent().Total());
    EXPECT_EQ(groups[GroupKind::Tensor], 64U);
    EXPECT_EQ(groups[GroupKind::Expert], 32U);
    EXPECT_EQ(groups[GroupKind::ExpertData], 128U);
    EXPECT_EQ(groups[GroupKind::DenseData], 16U);
    EXPECT_EQ(groups[GroupKind::Pipeline], 64U);
}

TEST(TrafficVolume, IsNothingWithoutParallelism)
{
    auto model = FindModel("mixtral-8x7b");
    ParallelPlanSpec spec;
    const TrafficVolume volume(model, PlanParallel(model, spec), {});
    EXPECT_TRUE(volume.Groups().empty());
    EXPECT_EQ(volume.Sent().Total(), Bytes(0));
    EXPECT_EQ(volume.Sent().Part(Parallelism::Expert), 0);
}

TEST(TrafficVolume, CountsTokensOfMoeLayersOnly)
{
    // DeepSeek: 58 of 61 layers; 441 MiB per rank and all-to-all at microbatch 1, 64 ranks.
    auto model = FindModel("deepseek-r1");
    model.microbatchSize = 1;
    const TrafficVolume volume(model,
                               PlanParallel(model, DefaultParallelism(model)),
                               TrafficOptions());
    EXPECT_EQ(volume.Sent().expert, Bytes((uint64_t{441} << 20) * 4 * 58 * 64));
}

TEST(TrafficVolume, PutsTensorFirstAndExpertSecondForMixtral)
{
    // The paper, section 2.1: 60 % TP, 30 % EP, less than 6 % PP and DP. Counted by buffers it is
    // 2 to 1 within a tenth of all; counted by what GPUs send, TP is three times as much.
    const auto volume = VolumeOf("mixtral-8x7b", 1, EightMicrobatches());
    const auto buffers = volume.Buffers();
    EXPECT_NEAR(buffers.Part(Parallelism::Tensor), 0.6, 0.1);
    EXPECT_NEAR(buffers.Part(Parallelism::Expert), 0.3, 0.1);
    EXPECT_LT(buffers.Part(Parallelism::Data) + buffers.Part(Parallelism::Pipeline), 0.06);
    EXPECT_GT(volume.Sent().tensor, volume.Sent().expert);
    EXPECT_GT(volume.Sent().expert, volume.Sent().data + volume.Sent().pipeline);
}

TEST(TrafficVolume, PutsExpertFirstWithoutTensorParallelism)
{
    // The paper, section 2.1: more than 80 %, in either counting.
    for (const std::string name : {"llama-moe", "qwen-moe"})
    {
        const auto volume = VolumeOf(name, 1, EightMicrobatches());
        EXPECT_GT(volume.Sent().Part(Parallelism::Expert), 0.8) << name;
        EXPECT_GT(volume.Buffers().Part(Parallelism::Expert), 0.8) << name;
        EXPECT_EQ(volume.Sent().tensor, Bytes(0));
    }
}

TEST(TrafficVolume, RefusesNoMicrobatches)
{
    TrafficOptions options;
    options.microbatches = 0;
    EXPECT_THROW(VolumeOf("mixtral-8x7b", 1, options), std::invalid_argument);
}

TEST(Parallelism, IsNamedAsInThePaper)
{
    std::string names;
    for (const auto parallelism : ALL_PARALLELISMS)
    {
        names += ToString(parallelism) + " ";
    }
    EXPECT_EQ(names, "TP EP DP PP ");
}
