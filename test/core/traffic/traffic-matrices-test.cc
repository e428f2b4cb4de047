/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/model-parallelism.h"
#include "ns3/synthetic-expert-load.h"
#include "ns3/traffic-matrices.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

/**
 * @param name A model. @param spec Its parallelism. @param microbatches Microbatches.
 * @return its volumes.
 */
TrafficVolume
VolumeOf(const std::string& name, const ParallelPlanSpec& spec, uint64_t microbatches)
{
    const auto model = FindModel(name);
    TrafficOptions options;
    options.microbatches = microbatches;
    return {model, PlanParallel(model, spec), options};
}

/// @param volume Volumes. @param skew Of the load; 0 is even. @return a load for them.
SyntheticExpertLoad
LoadOf(const TrafficVolume& volume, double skew)
{
    auto options = SyntheticLoadOf(volume.Model(), volume.Plan().ExpertParallel());
    options.skew = skew;
    return SyntheticExpertLoad(options);
}

/// @return Mixtral 8x7B as measured in the paper: 128 GPUs.
ParallelPlanSpec
Measured()
{
    return DefaultParallelism(FindModel("mixtral-8x7b"));
}

} // namespace

TEST(TrafficMatrices, AddUpToTheVolumesUnderAnEvenLoad)
{
    for (const size_t replicas : {1, 2})
    {
        auto spec = Measured();
        spec.dataParallel = replicas;
        const auto volume = VolumeOf("mixtral-8x7b", spec, 3);
        const auto matrices = TrafficBetweenGpus(volume, LoadOf(volume, 0), 0);
        for (const auto parallelism : ALL_PARALLELISMS)
        {
            EXPECT_EQ(matrices.Of(parallelism).Total(), volume.Sent().Of(parallelism))
                << ToString(parallelism) << ", " << replicas;
        }
    }
}

TEST(TrafficMatrices, KeepTokensInTheirExpertGroup)
{
    // The paper's Figure 5: blocks of EP x TP = 32 of 128 GPUs; within one, GPUs of one TP index.
    const auto volume = VolumeOf("mixtral-8x7b", Measured(), 1);
    const auto matrices = TrafficBetweenGpus(volume, LoadOf(volume, 1), 0);
    ASSERT_EQ(matrices.expert.Rows(), 128U);
    for (size_t from = 0; from < 128; ++from)
    {
        for (size_t to = 0; to < 128; ++to)
        {
            const auto isOfGroup = from / 32 == to / 32 && from % 4 == to % 4 && from != to;
            EXPECT_EQ(matrices.expert.At(from, to) > Bytes(0), isOfGroup) << from << ", " << to;
        }
    }
}

TEST(TrafficMatrices, BringEveryTokenBack)
{
    // Combine is dispatch transposed: the matrix is symmetric up to bytes that do not share evenly.
    const auto volume = VolumeOf("mixtral-8x7b", Measured(), 2);
    const auto matrices = TrafficBetweenGpus(volume, LoadOf(volume, 1), 0);
    EXPECT_EQ(matrices.expert, matrices.expert.Transposed());
}

TEST(TrafficMatrices, AreUnevenWhereTheLoadIs)
{
    const auto volume = VolumeOf("mixtral-8x7b", Measured(), 2);
    const auto even = TrafficBetweenGpus(volume, LoadOf(volume, 0), 0);
    const auto uneven = TrafficBetweenGpus(volume, LoadOf(volume, 1), 0);
    EXPECT_EQ(even.expert.At(0, 4), even.expert.At(8, 28));
    EXPECT_NE(uneven.expert.At(0, 4), uneven.expert.At(8, 28));
    EXPECT_EQ(even.tensor, uneven.tensor);
    EXPECT_NE(TrafficBetweenGpus(volume, LoadOf(volume, 1), 1).expert, uneven.expert);
}

TEST(TrafficMatrices, SendTensorTrafficBetweenAllPairsOfAGroup)
{
    const auto volume = VolumeOf("mixtral-8x7b", Measured(), 1);
    const auto matrices = TrafficBetweenGpus(volume, LoadOf(volume, 0), 0);
    const auto each = volume.Groups()[0].sent.Count() / 12;
    EXPECT_EQ(matrices.tensor.At(0, 3), Bytes(each));
    EXPECT_EQ(matrices.tensor.At(2, 1), Bytes(each));
    EXPECT_EQ(matrices.tensor.At(3, 4), Bytes(0));
}

TEST(TrafficMatrices, SendGradientsRoundARing)
{
    // One replica: the rest of the parameters goes round the 8 EP ranks, GPUs 0, 4, ..., 28.
    const auto volume = VolumeOf("mixtral-8x7b", Measured(), 1);
    const auto matrices = TrafficBetweenGpus(volume, LoadOf(volume, 0), 0);
    EXPECT_GT(matrices.data.At(0, 4), Bytes(0));
    EXPECT_GT(matrices.data.At(28, 0), Bytes(0));
    EXPECT_EQ(matrices.data.At(4, 0), Bytes(0));
    EXPECT_EQ(matrices.data.At(0, 8), Bytes(0));
}

TEST(TrafficMatrices, SendActivationsToTheNextStageAndBack)
{
    // A quarter of 256 MiB per GPU, to the GPU 32 on; none between the last stage and the first.
    const auto volume = VolumeOf("mixtral-8x7b", Measured(), 1);
    const auto matrices = TrafficBetweenGpus(volume, LoadOf(volume, 0), 0);
    EXPECT_EQ(matrices.pipeline.At(5, 37), Bytes(uint64_t{64} << 20));
    EXPECT_EQ(matrices.pipeline.At(37, 5), Bytes(uint64_t{64} << 20));
    EXPECT_EQ(matrices.pipeline.At(5, 101), Bytes(0));
}

TEST(TrafficMatrices, SendActivationsRoundWithSeveralChunksPerStage)
{
    // Two chunks on each of four stages: seven boundaries, of which stage 3 to 0 is one.
    auto spec = Measured();
    spec.chunksPerStage = 2;
    const auto volume = VolumeOf("mixtral-8x7b", spec, 1);
    const auto matrices = TrafficBetweenGpus(volume, LoadOf(volume, 0), 0);
    EXPECT_EQ(matrices.pipeline.At(5, 37), Bytes(uint64_t{128} << 20));
    EXPECT_EQ(matrices.pipeline.At(101, 5), Bytes(uint64_t{64} << 20));
    EXPECT_EQ(matrices.pipeline.Total(), volume.Sent().pipeline);
}

TEST(TrafficMatrices, FollowThePlacementOfRanks)
{
    // Ranks 0 to 31 and 32 to 63 change places.
    auto spec = Measured();
    for (size_t rank = 0; rank < 128; ++rank)
    {
        spec.gpuOfRank.push_back(rank < 64 ? (rank + 32) % 64 : rank);
    }
    const auto volume = VolumeOf("mixtral-8x7b", spec, 1);
    const auto moved = TrafficBetweenGpus(volume, LoadOf(volume, 1), 0);
    const auto plain = VolumeOf("mixtral-8x7b", Measured(), 1);
    const auto unmoved = TrafficBetweenGpus(plain, LoadOf(plain, 1), 0);
    EXPECT_EQ(moved.expert.At(32, 36), unmoved.expert.At(0, 4));
    EXPECT_EQ(moved.pipeline.At(0, 64), unmoved.pipeline.At(32, 64));
    EXPECT_EQ(moved.pipeline.At(32, 64), Bytes(0));
}

TEST(TrafficMatrices, RefuseMoreGpusThanTheyHoldMatricesFor)
{
    auto spec = Measured();
    spec.dataParallel = 32;
    const auto volume = VolumeOf("mixtral-8x7b", spec, 1);
    try
    {
        TrafficBetweenGpus(volume, LoadOf(volume, 0), 0);
        FAIL();
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_EQ(std::string(error.what()), "traffic between 4096 GPUs; expected at most 2048");
    }
}

TEST(TrafficMatrices, RefuseALoadOfAnotherGroup)
{
    const auto volume = VolumeOf("mixtral-8x7b", Measured(), 1);
    const SyntheticExpertLoad load(SyntheticLoadOf(volume.Model(), 4));
    EXPECT_THROW(TrafficBetweenGpus(volume, load, 0), std::invalid_argument);
}
