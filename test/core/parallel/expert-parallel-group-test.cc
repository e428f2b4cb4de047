/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/expert-parallel-group.h"

#include <gtest/gtest.h>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

namespace
{

/**
 * @param ep EP degree.
 * @param tp TP degree.
 * @param gpusPerHost GPUs per host.
 * @return the message of the refusal, empty if there is none.
 */
std::string
RefusalOf(size_t ep, size_t tp, size_t gpusPerHost)
{
    return tests::Refusal([&] { ExpertParallelGroup(ep, tp, gpusPerHost); });
}

} // namespace

TEST(ExpertParallelGroup, CountsHostsOfThePublishedModels)
{
    // EP * TP / 8
    EXPECT_EQ(ExpertParallelGroup(8, 8, 8).Hosts(), 8U);  // Mixtral 8x22B
    EXPECT_EQ(ExpertParallelGroup(8, 4, 8).Hosts(), 4U);  // Mixtral 8x7B
    EXPECT_EQ(ExpertParallelGroup(16, 1, 8).Hosts(), 2U); // LLaMA-MoE, Qwen-MoE
}

TEST(ExpertParallelGroup, NumbersGpusTensorParallelFastest)
{
    const ExpertParallelGroup group(8, 4, 8);
    EXPECT_EQ(group.Gpus(), 32U);
    EXPECT_EQ(group.GpuOf(0, 3), 3U);
    EXPECT_EQ(group.GpuOf(1, 0), 4U);
    EXPECT_EQ(group.GpuOf(7, 3), 31U);
}

TEST(ExpertParallelGroup, FillsOneHostAfterTheOther)
{
    const ExpertParallelGroup group(8, 4, 8);
    EXPECT_EQ(group.HostOfGpu(7), 0U);
    EXPECT_EQ(group.HostOfGpu(8), 1U);
    EXPECT_EQ(group.LocalGpu(7), 7U);
    EXPECT_EQ(group.LocalGpu(8), 0U);
}

TEST(ExpertParallelGroup, KnowsTheRanksOfAHost)
{
    EXPECT_EQ(ExpertParallelGroup(8, 4, 8).RanksOfHost(1), (std::vector<size_t>{2, 3}));
    EXPECT_EQ(ExpertParallelGroup(8, 8, 8).RanksOfHost(5), (std::vector<size_t>{5}));
}

TEST(ExpertParallelGroup, KeepsTheGpusOfARankInOneHost)
{
    const ExpertParallelGroup group(12, 2, 8);
    for (size_t host = 0; host < group.Hosts(); ++host)
    {
        for (const auto rank : group.RanksOfHost(host))
        {
            EXPECT_EQ(group.HostOfGpu(group.GpuOf(rank, 0)), host);
            EXPECT_EQ(group.HostOfGpu(group.GpuOf(rank, 1)), host);
        }
    }
}

TEST(ExpertParallelGroup, MayUsePartOfASingleHost)
{
    const ExpertParallelGroup group(3, 2, 8);
    EXPECT_EQ(group.Hosts(), 1U);
    EXPECT_EQ(group.RanksOfHost(0), (std::vector<size_t>{0, 1, 2}));
}

TEST(ExpertParallelGroup, SplitsBytesOverTheGpusOfARank)
{
    // 7 bytes over 2 GPUs: 4 and 3; GPU t sends to GPU t; the 100 and 200 stay at home.
    const ExpertParallelGroup group(2, 2, 4);
    EXPECT_EQ(group.GpuDemand(DemandMatrix{{100, 7}, {10, 200}}),
              (DemandMatrix{{0, 0, 4, 0}, {0, 0, 0, 3}, {5, 0, 0, 0}, {0, 5, 0, 0}}));
}

TEST(ExpertParallelGroup, KeepsAllBytesThatLeaveTheirRank)
{
    const ExpertParallelGroup group(3, 4, 4);
    const DemandMatrix demand{{9, 101, 55}, {13, 9, 1}, {0, 1003, 9}};
    EXPECT_EQ(group.GpuDemand(demand).Total(), demand.WithoutDiagonal().Total());
}

TEST(ExpertParallelGroup, HasTheDemandOfItsRanksWithoutTensorParallelism)
{
    const ExpertParallelGroup group(2, 1, 8);
    EXPECT_EQ(group.GpuDemand(DemandMatrix{{1, 2}, {3, 4}}), (DemandMatrix{{0, 2}, {3, 0}}));
}

TEST(ExpertParallelGroup, RefusesADemandOfAnotherSize)
{
    EXPECT_THROW(ExpertParallelGroup(2, 1, 8).GpuDemand(DemandMatrix(3, 3)), std::invalid_argument);
    EXPECT_THROW(ExpertParallelGroup(2, 1, 8).GpuDemand(DemandMatrix(2, 4)), std::invalid_argument);
}

TEST(ExpertParallelGroup, RefusesZeroDegrees)
{
    EXPECT_EQ(RefusalOf(0, 1, 8), "EP 0 x TP 1 on hosts of 8 GPUs; expected all above zero");
    EXPECT_EQ(RefusalOf(1, 0, 8), "EP 1 x TP 0 on hosts of 8 GPUs; expected all above zero");
    EXPECT_EQ(RefusalOf(1, 1, 0), "EP 1 x TP 1 on hosts of 0 GPUs; expected all above zero");
}

TEST(ExpertParallelGroup, RefusesARankTornBetweenHosts)
{
    EXPECT_EQ(RefusalOf(8, 3, 8),
              "EP 8 x TP 3 on hosts of 8 GPUs; expected a TP degree that divides the GPUs of a "
              "host or is a multiple of them");
    // One host and a half.
    EXPECT_EQ(RefusalOf(8, 12, 8),
              "EP 8 x TP 12 on hosts of 8 GPUs; expected a TP degree that divides the GPUs of a "
              "host or is a multiple of them");
}

TEST(ExpertParallelGroup, LetsARankFillSeveralHosts)
{
    const ExpertParallelGroup group(4, 16, 8);
    EXPECT_EQ(group.Hosts(), 8U);
    EXPECT_EQ(group.HostsPerRank(), 2U);
    EXPECT_EQ(group.GpusPerPart(), 8U);
    EXPECT_EQ(group.Parts(), 8U);
    // GPU 8 of rank 1 is the first one of host 3.
    EXPECT_EQ(group.HostOfGpu(group.GpuOf(1, 8)), 3U);
    EXPECT_EQ(group.LocalGpu(group.GpuOf(1, 8)), 0U);
    for (size_t host = 0; host < group.Hosts(); ++host)
    {
        EXPECT_EQ(group.RanksOfHost(host), std::vector<size_t>{host / 2});
        EXPECT_EQ(group.PartsOfHost(host), std::vector<size_t>{host});
    }
}

TEST(ExpertParallelGroup, HasOnePartForEachRankInOneHost)
{
    const ExpertParallelGroup group(8, 4, 8);
    EXPECT_EQ(group.HostsPerRank(), 1U);
    EXPECT_EQ(group.GpusPerPart(), 4U);
    EXPECT_EQ(group.Parts(), 8U);
    EXPECT_EQ(group.PartsOfHost(1), (std::vector<size_t>{2, 3}));
}

TEST(ExpertParallelGroup, SendsBetweenHostsWithTheSamePartOfRanksThatSpanThem)
{
    // 9 bytes over 4 GPUs: 3, 2, 2, 2; hosts 0 and 1 have rank 0, hosts 2 and 3 rank 1.
    const ExpertParallelGroup group(2, 4, 2);
    const auto demand = group.GpuDemand(DemandMatrix{{50, 9}, {4, 50}});
    DemandMatrix hosts(4, 4);
    for (size_t from = 0; from < 8; ++from)
    {
        for (size_t to = 0; to < 8; ++to)
        {
            hosts.At(group.HostOfGpu(from), group.HostOfGpu(to)) += demand.At(from, to);
        }
    }
    EXPECT_EQ(hosts, (DemandMatrix{{0, 0, 5, 0}, {0, 0, 0, 4}, {2, 0, 0, 0}, {0, 2, 0, 0}}));
}

TEST(ExpertParallelGroup, RefusesHostsThatAreNotFull)
{
    EXPECT_EQ(RefusalOf(6, 2, 8),
              "EP 6 x TP 2 on hosts of 8 GPUs; expected EP x TP = 12 to fit one host or to be a "
              "multiple of its GPUs");
}

TEST(ExpertParallelGroup, RefusesIndicesThatDoNotExist)
{
    const ExpertParallelGroup group(2, 4, 8);
    EXPECT_THROW(group.GpuOf(2, 0), std::out_of_range);
    EXPECT_THROW(group.GpuOf(0, 4), std::out_of_range);
    EXPECT_THROW(group.HostOfGpu(8), std::out_of_range);
    EXPECT_THROW(group.LocalGpu(8), std::out_of_range);
    EXPECT_THROW(group.RanksOfHost(1), std::out_of_range);
}
