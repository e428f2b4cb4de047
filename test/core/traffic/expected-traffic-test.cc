/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/expected-traffic.h"
#include "ns3/model-parallelism.h"
#include "ns3/synthetic-expert-load.h"
#include "ns3/traffic-matrices.h"

#include <gtest/gtest.h>
#include <map>

using namespace mixnetcore;

namespace
{

constexpr uint32_t GPUS = 8; //!< of a host

/// @param replicas Of the model. @return Mixtral 8x7B: EP8, TP4 and PP4, 4 hosts of a stage and
/// replica.
TrafficVolume
VolumeOf(size_t replicas)
{
    const auto model = FindModel("mixtral-8x7b");
    auto spec = DefaultParallelism(model);
    spec.dataParallel = replicas;
    TrafficOptions options;
    options.microbatches = 3;
    return {model, PlanParallel(model, spec), options};
}

} // namespace

TEST(ExpectedTraffic, IsWhatGpusSendUnderAnEvenLoadHostByHost)
{
    const auto volume = VolumeOf(1);
    auto even = SyntheticLoadOf(volume.Model(), volume.Plan().ExpertParallel());
    even.skew = 0;
    const auto gpus = TrafficBetweenGpus(volume, SyntheticExpertLoad(even), 0);
    const auto expected = ExpectedTraffic(volume, 4).modelParallel;
    const auto hosts = expected.Rows();
    ASSERT_EQ(hosts, 16U);
    DemandMatrix sum(hosts, hosts);
    for (size_t from = 0; from < hosts * GPUS; ++from)
    {
        for (size_t to = 0; to < hosts * GPUS; ++to)
        {
            if (from / GPUS != to / GPUS)
            {
                sum.At(from / GPUS, to / GPUS) += gpus.tensor.At(from, to) +
                                                  gpus.expert.At(from, to) +
                                                  gpus.pipeline.At(from, to);
            }
        }
    }
    for (size_t from = 0; from < hosts; ++from)
    {
        for (size_t to = 0; to < hosts; ++to)
        {
            // Shares of an even load are whole tokens there, and whole bytes here.
            const auto bytes = double(sum.At(from, to).Count());
            EXPECT_NEAR(double(expected.At(from, to).Count()), bytes, 1e-3 * bytes)
                << from << ", " << to;
        }
    }
}

TEST(ExpectedTraffic, HasTheGradientsOfEachGroupOfHosts)
{
    // Two replicas: stage s has hosts 8s to 8s + 7, of which h and h + 4 hold the same experts: 2
    // of each of 8 layers, with three matrices of 4096 x 14336.
    const auto volume = VolumeOf(2);
    std::map<std::vector<uint32_t>, uint64_t> gradients;
    for (const auto& group : ExpectedTraffic(volume, 4).allReduce)
    {
        EXPECT_TRUE(gradients.emplace(group.hosts, group.bytes.Count()).second) << "each once";
    }
    EXPECT_EQ(gradients.size(), 4U * (1 + 4));
    for (uint32_t stage = 0; stage < 4; ++stage)
    {
        std::vector<uint32_t> all;
        for (uint32_t host = 8 * stage; host < 8 * stage + 8; ++host)
        {
            all.push_back(host);
        }
        EXPECT_GT(gradients[all], 0U) << "attention, gates, embeddings";
        for (uint32_t host = 8 * stage; host < 8 * stage + 4; ++host)
        {
            EXPECT_EQ((gradients[{host, host + 4}]), 8ULL * 2 * 3 * 4096 * 14336 * 4);
        }
    }
    for (const auto& group : ExpectedTraffic(volume, 2).allReduce)
    {
        EXPECT_EQ(group.bytes.Count() * 2, gradients[group.hosts]) << "half the bytes of each";
    }
}

TEST(ExpectedTraffic, HasNoGradientsWhereAHostHasThemAlone)
{
    // One replica: experts are on one host each.
    for (const auto& group : ExpectedTraffic(VolumeOf(1), 4).allReduce)
    {
        EXPECT_EQ(group.hosts.size(), 4U) << "the hosts of a stage";
    }
}
