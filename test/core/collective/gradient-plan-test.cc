/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/gradient-job.h"

#include <gtest/gtest.h>

using namespace mixnetcore;
using namespace mixnetcore::tests;

TEST(GradientPlan, ReducesExpertsWithTheSameHostOfEveryReplica)
{
    // Groups of two hosts, three replicas, two stages: hosts 0-5 are stage 0, 6-11 stage 1.
    GradientJob job;
    job.expert = 16;
    job.replicas = 3;
    job.stages = 2;
    job.layers = 2;
    const auto plan = job.Plan();
    const auto hosts = [&](uint32_t host) {
        return plan.HostsOf(job.Reduce(PhaseKind::ExpertReduce, host), host);
    };
    EXPECT_EQ(hosts(2), (std::vector<uint32_t>{0, 2, 4}));
    EXPECT_EQ(hosts(5), (std::vector<uint32_t>{1, 3, 5}));
    EXPECT_EQ(hosts(7), (std::vector<uint32_t>{7, 9, 11}));
}

TEST(GradientPlan, ReducesTheOthersWithAllHostsOfTheStage)
{
    GradientJob job;
    job.expert = 16;
    job.replicas = 3;
    job.stages = 2;
    job.layers = 2;
    const auto plan = job.Plan();
    for (uint32_t host = 0; host < 12; ++host)
    {
        const std::vector<uint32_t> expected = host < 6 ? std::vector<uint32_t>{0, 1, 2, 3, 4, 5}
                                                        : std::vector<uint32_t>{6, 7, 8, 9, 10, 11};
        EXPECT_EQ(plan.HostsOf(job.Reduce(PhaseKind::SharedReduce, host), host), expected);
    }
}

TEST(GradientPlan, ReducesOnTheGpusThatThePlanOfRanksNames)
{
    // The hosts of ranks that ParallelPlan puts into one group are the hosts of the all-reduce.
    for (const auto& job : ManyJobs())
    {
        const auto plan = job.Plan();
        const auto ranks = job.Ranks();
        for (uint32_t host = 0; host < job.Hosts(); ++host)
        {
            for (const auto kind : KINDS)
            {
                const auto group =
                    kind == PhaseKind::ExpertReduce ? GroupKind::ExpertData : GroupKind::DenseData;
                std::vector<uint32_t> hosts;
                for (const auto rank : ranks.GroupOf(group, host * GPUS))
                {
                    hosts.push_back(static_cast<uint32_t>(ranks.HostOf(rank)));
                }
                hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
                EXPECT_EQ(plan.HostsOf(job.Reduce(kind, host), host), hosts) << job.Name();
            }
        }
    }
}

TEST(GradientPlan, GivesAllHostsOfARingTheSame)
{
    for (const auto& job : ManyJobs())
    {
        const auto plan = job.Plan();
        for (uint32_t host = 0; host < job.Hosts(); ++host)
        {
            for (const auto kind : KINDS)
            {
                const auto reduce = job.Reduce(kind, host);
                const auto hosts = plan.HostsOf(reduce, host);
                EXPECT_EQ(std::count(hosts.begin(), hosts.end(), host), 1) << job.Name();
                for (const auto other : hosts)
                {
                    const auto same = job.Reduce(kind, other);
                    EXPECT_EQ(plan.HostsOf(same, other), hosts) << job.Name();
                    EXPECT_EQ(RingBytes(plan, same, other), RingBytes(plan, reduce, host))
                        << job.Name();
                }
            }
        }
    }
}

TEST(GradientPlan, CarriesDistinctGradientsOnce)
{
    // Of experts those of all ranks of the host, of all others those of one rank; three layers.
    for (const auto& job : ManyJobs())
    {
        const auto plan = job.Plan();
        const size_t ranksPerHost = GPUS / job.tensor;
        for (uint32_t host = 0; host < job.Hosts(); ++host)
        {
            uint64_t experts = 0;
            for (size_t rank = 0; rank < ranksPerHost; ++rank)
            {
                experts += job.ExpertBytes()[host % job.HostsPerGroup() * ranksPerHost + rank] * 3;
            }
            for (const auto kind : KINDS)
            {
                const auto reduce = job.Reduce(kind, host);
                const uint64_t expected =
                    kind == PhaseKind::ExpertReduce ? experts : job.shared * 3;
                const auto rings = RingBytes(plan, reduce, host);
                EXPECT_EQ(rings.size(), job.nics) << job.Name();
                EXPECT_EQ(std::accumulate(rings.begin(), rings.end(), uint64_t{0}), expected)
                    << job.Name();
            }
        }
    }
}

TEST(GradientPlan, AddsUpTheSamePartsOfRanksThatSpanHosts)
{
    // TP 16 on hosts of 8: rank r has hosts 2 r and 2 r + 1 of its replica's four.
    GradientJob job;
    job.tensor = 16;
    job.expert = 2;
    job.shared = 16 * 1000;
    job.experts = {16 * 300, 16 * 500};
    const auto plan = job.Plan();
    for (uint32_t host = 0; host < job.Hosts(); ++host)
    {
        const auto experts = job.Reduce(PhaseKind::ExpertReduce, host);
        EXPECT_EQ(plan.HostsOf(experts, host), (std::vector<uint32_t>{host % 4, host % 4 + 4}));
        const auto shared = job.Reduce(PhaseKind::SharedReduce, host);
        const uint32_t part = host % 2;
        EXPECT_EQ(plan.HostsOf(shared, host),
                  (std::vector<uint32_t>{part, part + 2, part + 4, part + 6}));
        // Half of a rank's GPUs, so half of its gradients, and no copies in the host.
        const uint32_t rank = host % 4 / 2;
        EXPECT_EQ(BytesOf(plan, experts, host), uint64_t{8} * (rank == 0 ? 300 : 500));
        EXPECT_EQ(BytesOf(plan, shared, host), 8000U);
        EXPECT_EQ(RingBytes(plan, shared, host), (std::vector<uint64_t>{4000, 4000}));
        for (const auto& flow : plan.FlowsBefore(shared, host))
        {
            EXPECT_EQ(flow.bytes, Bytes(1000)) << "to the gateway only";
        }
    }
}

TEST(GradientPlan, ReducesInAHostWhatSeveralOfItsRanksHold)
{
    // R ranks per host: every GPU passes on all but one of the R parts of its slice, both before
    // and after; 8 electrical NICs, so nothing else moves.
    for (const size_t tensor : {1, 2, 4})
    {
        GradientJob job;
        job.tensor = tensor;
        job.expert = GPUS / tensor;
        job.nics = 8;
        job.shared = GPUS * 1000;
        const auto plan = job.Plan();
        const auto reduce = job.Reduce(PhaseKind::SharedReduce, 0);
        const uint64_t ranks = GPUS / tensor;
        const std::vector<uint64_t> expected(GPUS, (ranks - 1) * 1000);
        for (const auto& flows : {plan.FlowsBefore(reduce, 0), plan.FlowsAfter(reduce, 0)})
        {
            EXPECT_EQ(BytesBy(flows, &ScheduledFlow::from), expected);
            EXPECT_EQ(BytesBy(flows, &ScheduledFlow::to), expected);
            for (const auto& flow : flows)
            {
                EXPECT_EQ(flow.to, (flow.from + tensor) % GPUS); // the same slice of another rank
                EXPECT_TRUE(flow.after.empty());
            }
        }
        EXPECT_EQ(RingBytes(plan, reduce, 0), std::vector<uint64_t>(8, 1000));
    }
}

TEST(GradientPlan, MovesOnlyWhatIsReducedAndGathersOnlyWhatIsBack)
{
    // Two ranks of four GPUs, two gateways: 8 flows of the reduction, 6 to gateways.
    GradientJob job;
    job.tensor = 4;
    job.expert = 2;
    const auto plan = job.Plan();
    const auto reduce = job.Reduce(PhaseKind::SharedReduce, 0);
    const auto before = plan.FlowsBefore(reduce, 0);
    const auto after = plan.FlowsAfter(reduce, 0);
    ASSERT_EQ(before.size(), 14U);
    ASSERT_EQ(after.size(), 14U);
    for (size_t flow = 0; flow < 14; ++flow)
    {
        EXPECT_EQ(before[flow].after.size(), flow < 8 ? 0U : 8U);
        EXPECT_EQ(after[flow].after.size(), flow < 6 ? 0U : 6U);
        EXPECT_EQ(before[flow].bytes, Bytes(1000));
        EXPECT_EQ(after[flow].bytes, Bytes(1000));
    }
}

TEST(GradientPlan, StaysInTheOnlyHost)
{
    // One replica of one host: sums over its ranks are all there is.
    GradientJob job;
    job.replicas = 1;
    const auto plan = job.Plan();
    const auto reduce = job.Reduce(PhaseKind::SharedReduce, 0);
    EXPECT_EQ(plan.HostsOf(reduce, 0), std::vector<uint32_t>{0});
    for (const auto& flows : {plan.FlowsBefore(reduce, 0), plan.FlowsAfter(reduce, 0)})
    {
        EXPECT_EQ(BytesBy(flows, &ScheduledFlow::from), std::vector<uint64_t>(GPUS, 7000));
        EXPECT_EQ(flows.size(), GPUS);
    }
    EXPECT_TRUE(plan.FlowsBefore(job.Reduce(PhaseKind::ExpertReduce, 0), 0).empty());
}

TEST(GradientPlan, HasNoFlowsWithoutBytesAndNoneToItself)
{
    for (const auto& job : ManyJobs())
    {
        const auto plan = job.Plan();
        for (const auto kind : KINDS)
        {
            const auto reduce = job.Reduce(kind, 0);
            for (const auto& flows : {plan.FlowsBefore(reduce, 0), plan.FlowsAfter(reduce, 0)})
            {
                for (uint32_t flow = 0; flow < flows.size(); ++flow)
                {
                    EXPECT_NE(flows[flow].from, flows[flow].to) << job.Name();
                    EXPECT_LT(std::max(flows[flow].from, flows[flow].to), GPUS) << job.Name();
                    EXPECT_GT(flows[flow].bytes, Bytes(0)) << job.Name();
                    for (const auto before : flows[flow].after)
                    {
                        EXPECT_LT(before, flow) << job.Name();
                    }
                }
                EXPECT_TRUE(job.shared > 0 || kind == PhaseKind::ExpertReduce || flows.empty());
            }
        }
    }
}

TEST(GradientPlan, ReducesTheLayersOfTheStageOrOneOfThem)
{
    GradientJob job;
    job.stages = 2;
    job.layers = 5; // three and two
    const auto bytes = [&job](uint32_t host) {
        return BytesOf(job.Plan(), job.Reduce(PhaseKind::SharedReduce, host), host);
    };
    EXPECT_EQ(bytes(0), 3 * job.shared);
    EXPECT_EQ(bytes(2), 2 * job.shared);
    job.overlaps = true;
    EXPECT_EQ(bytes(0), job.shared);
}

TEST(GradientPlan, RefusesHostsThatDoNotFit)
{
    GradientJob job;
    job.expert = 4;
    EXPECT_EQ(RefusalOf(job), "EP 4 x TP 1: must fill whole hosts of 8 GPUs");
    job = GradientJob();
    job.hostGpus = 4;
    EXPECT_EQ(RefusalOf(job), "hosts of 4 GPUs: the parallel plan has 8 GPUs per host");
    job = GradientJob();
    for (size_t rank = 0; rank < 16; ++rank)
    {
        job.gpuOfRank.push_back(15 - rank);
    }
    EXPECT_EQ(RefusalOf(job), "rank 0 on GPU 15: gradients need ranks on GPUs in their order");
}
