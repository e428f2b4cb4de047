/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/gradient-job.h"

#include <gtest/gtest.h>

using namespace mixnetcore;
using namespace mixnetcore::tests;

TEST(GradientGateways, HasEveryRingsBytesOnItsGateway)
{
    // What a gateway has after the reduction and gets from others is what its ring carries; a GPU
    // without NIC keeps nothing for itself.
    for (const auto& job : ManyJobs())
    {
        const auto plan = job.Plan();
        for (const auto kind : KINDS)
        {
            const auto reduce = job.Reduce(kind, 0);
            if (plan.HostsOf(reduce, 0).size() == 1)
            {
                continue;
            }
            const size_t ranks = GPUS / job.tensor;
            std::vector<uint64_t> has;
            for (size_t gpu = 0; gpu < GPUS; ++gpu)
            {
                const Bytes all(3 * (kind == PhaseKind::ExpertReduce
                                         ? job.ExpertBytes()[gpu / job.tensor]
                                         : job.shared));
                const auto slice = EvenShare(all, gpu % job.tensor, job.tensor);
                has.push_back(kind == PhaseKind::ExpertReduce
                                  ? slice.Count()
                                  : EvenShare(slice, gpu / job.tensor, ranks).Count());
            }
            const auto flows = plan.FlowsBefore(reduce, 0);
            for (const auto& flow : flows)
            {
                const bool isReduction = kind == PhaseKind::SharedReduce && ranks > 1 &&
                                         flow.to == (flow.from + job.tensor) % GPUS &&
                                         flow.after.empty();
                if (!isReduction)
                {
                    has[flow.from] -= flow.bytes.Count();
                    has[flow.to] += flow.bytes.Count();
                }
            }
            for (const auto& ring : plan.RingsOf(reduce, 0))
            {
                auto& gateway = has[ring.gpu];
                EXPECT_EQ(gateway, ring.bytes.Count()) << job.Name();
                gateway = 0;
            }
            EXPECT_EQ(has, std::vector<uint64_t>(GPUS)) << job.Name();
        }
    }
}

TEST(GradientGateways, MovesBackWhatItHasMovedToGateways)
{
    for (const auto& job : ManyJobs())
    {
        const auto plan = job.Plan();
        const auto reduce = job.Reduce(PhaseKind::ExpertReduce, 0);
        Moves back;
        for (const auto& [from, to, bytes] : MovesOf(plan.FlowsAfter(reduce, 0)))
        {
            back.emplace_back(to, from, bytes);
        }
        std::sort(back.begin(), back.end());
        EXPECT_EQ(back, MovesOf(plan.FlowsBefore(reduce, 0))) << job.Name();
    }
}

TEST(GradientGateways, GivesTheGatewayOfTheOwnHalf)
{
    // NICs 0 and 4 are electrical, one per half; 800 bytes per GPU of one expert each.
    GradientJob job;
    const auto plan = job.Plan();
    const auto reduce = job.Reduce(PhaseKind::ExpertReduce, 0);
    EXPECT_EQ(
        MovesOf(plan.FlowsBefore(reduce, 0)),
        (Moves{{1, 0, 800}, {2, 0, 800}, {3, 0, 800}, {5, 4, 800}, {6, 4, 800}, {7, 4, 800}}));
    EXPECT_EQ(RingBytes(plan, reduce, 0), (std::vector<uint64_t>{3200, 3200}));
}

TEST(GradientGateways, SharesGatewaysEvenlyWithinAHalf)
{
    // Two gateways in half 0, none in half 1: four GPUs each.
    GradientJob job;
    job.nicList = {{1, NicRole::Electrical}, {0, NicRole::Optical}, {3, NicRole::Electrical}};
    const auto plan = job.Plan();
    const auto reduce = job.Reduce(PhaseKind::ExpertReduce, 0);
    EXPECT_EQ(RingBytes(plan, reduce, 0), (std::vector<uint64_t>{3200, 3200}));
    EXPECT_EQ(plan.RingsOf(reduce, 0)[1].nic, 2U);
    EXPECT_EQ(plan.RingsOf(reduce, 0)[1].gpu, 3U);
}

TEST(GradientGateways, SplitsWhatGpusHaveEvenlyWhereGatewaysWouldServeDifferentNumbers)
{
    // Three gateways for eight GPUs: each GPU's 800 bytes in 267, 267 and 266.
    GradientJob job;
    job.nics = 3;
    const auto plan = job.Plan();
    const auto reduce = job.Reduce(PhaseKind::ExpertReduce, 0);
    EXPECT_EQ(RingBytes(plan, reduce, 0), (std::vector<uint64_t>{8 * 267, 8 * 267, 8 * 266}));
    uint64_t moved = 0;
    for (const auto& flow : plan.FlowsBefore(reduce, 0))
    {
        moved += flow.bytes.Count();
    }
    EXPECT_EQ(moved, 8 * 800 - 267 - 267 - 266) << "all but what gateways keep of their own";
}

TEST(GradientGateways, GoesAroundTheRingsThatCircuitsAreLaidFor)
{
    // Replicas of one host each: hosts 0 to 4 hold the same experts. Two rings, by steps of 2
    // and 1.
    GradientJob job;
    job.replicas = 5;
    job.nicList = {{0, NicRole::Optical}, {4, NicRole::Optical}, {6, NicRole::Optical}};
    for (const auto& ring :
         std::vector<RingPlan>{{{0, 2, 4, 1, 3}, 2}, {{0, 1, 2, 3, 4}, 1}, {{0, 1}, 0}})
    {
        LaidRing laid{ring, {}};
        for (size_t place = 0; place < ring.hosts.size(); ++place)
        {
            const auto next = ring.hosts[(place + 1) % ring.hosts.size()];
            laid.hops.emplace_back(
                1,
                RdmaLeg{{ring.hosts[place], ring.nic}, {next, ring.nic}, NicRole::Optical});
        }
        job.laid.push_back(laid);
    }
    const auto reduce = job.Reduce(PhaseKind::ExpertReduce, 3);
    const auto rings = job.Plan().RingsOf(reduce, 3);
    ASSERT_EQ(rings.size(), 2U) << "the third is over other hosts";
    EXPECT_EQ(rings[0].hosts, (std::vector<uint32_t>{0, 2, 4, 1, 3}));
    EXPECT_EQ(rings[0].NextOf(3), 0U) << "the last sends to the first";
    EXPECT_EQ(rings[1].NextOf(3), 4U);
    for (const auto& ring : rings)
    {
        EXPECT_EQ(ring.bytes, Bytes(3200)) << "half of 8 GPUs' 800 bytes";
        const auto step = ring.StepFrom(3, Bytes(10), nullptr);
        ASSERT_EQ(step.size(), 1U);
        ASSERT_EQ(step[0].route.size(), 1U) << "from gateway to gateway";
        const auto leg = std::get<RdmaLeg>(step[0].route[0]);
        EXPECT_EQ(leg.from, (NicId{3, ring.nic}));
        EXPECT_EQ(leg.to, (NicId{ring.NextOf(3), ring.nic}));
        EXPECT_EQ(leg.side, NicRole::Optical);
    }
}

TEST(GradientGateways, NeedsRoutesWhereNothingJoinsTheNicsOfARing)
{
    GradientJob job;
    job.replicas = 2;
    job.nicList = {{0, NicRole::Optical}};
    const auto rings = job.Plan().RingsOf(job.Reduce(PhaseKind::ExpertReduce, 0), 0);
    ASSERT_EQ(rings.size(), 1U);
    EXPECT_EQ(Refusal([&] { rings[0].StepFrom(0, Bytes(1), nullptr); }),
              "a ring from host 0 to host 1: nothing joins their NICs 0, and there are no routes");
}

TEST(GradientGateways, MovesNothingWhereEveryGpuHasItsNic)
{
    GradientJob job;
    job.nics = 8;
    job.expert = 16;
    job.experts = SixtyExperts();
    const auto plan = job.Plan();
    // Host 1 has ranks 8 to 15: experts stay with the ranks that have them.
    const auto reduce = job.Reduce(PhaseKind::ExpertReduce, 1);
    EXPECT_TRUE(plan.FlowsBefore(reduce, 1).empty());
    EXPECT_TRUE(plan.FlowsAfter(reduce, 1).empty());
    EXPECT_EQ(RingBytes(plan, reduce, 1),
              (std::vector<uint64_t>{4004, 4004, 4004, 3003, 4004, 4004, 4004, 3003}));
}

TEST(GradientGateways, UsesTheFirstOfSeveralNicsOfAGpu)
{
    GradientJob job;
    job.nicList = {{4, NicRole::Electrical}, {4, NicRole::Electrical}};
    const auto rings = job.Plan().RingsOf(job.Reduce(PhaseKind::ExpertReduce, 0), 0);
    ASSERT_EQ(rings.size(), 1U);
    EXPECT_EQ(rings[0].nic, 0U);
    EXPECT_EQ(rings[0].rate, BitsPerSecond(400'000'000'000));
    EXPECT_EQ(rings[0].bytes, Bytes(8 * 800));
}
