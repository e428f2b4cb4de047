/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/gradient-plan.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

constexpr uint32_t GPUS = 8; //!< of a host

/**
 * @brief Gradients of each rank's experts, and others, the same in every layer; no other work.
 */
class GradientWork : public TrainingWork
{
  public:
    /// @param shared Bytes of a layer that every rank has. @param experts Bytes of a layer by rank.
    GradientWork(uint64_t shared, std::vector<uint64_t> experts)
        : m_shared(shared),
          m_experts(std::move(experts))
    {
    }

    // Inherited from TrainingWork
    Picoseconds ComputeTime(const PhaseKey& /* phase */, uint32_t /* rank */) const override
    {
        return Picoseconds(0);
    }

    Bytes TensorBytes(const PhaseKey& /* phase */, uint32_t /* rank */) const override
    {
        return Bytes(0);
    }

    DemandMatrix AllToAllBytes(const PhaseKey& /* phase */) const override
    {
        return DemandMatrix(m_experts.size(), m_experts.size());
    }

    const MoeLayerDemand& DemandOf(const PhaseKey& /* phase */) const override
    {
        throw std::logic_error("there are no tokens");
    }

    Bytes PipelineBytes() const override
    {
        return Bytes(0);
    }

    Bytes GradientBytes(PhaseKind kind, uint32_t /* layer */, uint32_t rank) const override
    {
        return Bytes(kind == PhaseKind::ExpertReduce ? m_experts.at(rank) : m_shared);
    }

  private:
    uint64_t m_shared;               //!< bytes that every rank has
    std::vector<uint64_t> m_experts; //!< bytes by rank
};

/// @brief A layout of ranks, hosts, and how much is added up.
struct Job
{
    size_t tensor{1};                //!< TP degree
    size_t expert{8};                //!< EP degree
    size_t replicas{2};              //!< DP degree
    size_t stages{1};                //!< PP degree
    size_t layers{1};                //!< of the model
    bool overlaps{false};            //!< whether layers are reduced one by one
    uint32_t nics{2};                //!< electrical ones of a host
    uint64_t shared{GPUS * 1000};    //!< bytes of a layer that every rank has
    std::vector<uint64_t> experts{}; //!< bytes of a layer by rank; empty: 800 each
    std::vector<size_t> gpuOfRank{}; //!< as ParallelPlanSpec
    uint32_t hostGpus{GPUS};         //!< of the host's inside
    std::vector<LaidRing> laid;      //!< rings that circuits have been laid for
    std::vector<std::pair<uint32_t, NicRole>> nicList{}; //!< GPU and role; empty: as PlanHost

    /// @return what the inside of a host is made of.
    HostPlan Host() const
    {
        HostSpec spec;
        spec.gpus = hostGpus;
        spec.electricalNics = nics;
        spec.opticalDegree = hostGpus - nics;
        auto host = PlanHost(spec);
        if (!nicList.empty())
        {
            host.nics.clear();
            for (const auto& [gpu, role] : nicList)
            {
                host.nics.push_back({role, gpu, host.NumaHalfOf(gpu), spec.linkRate});
            }
        }
        return host;
    }

    /// @return ranks, and layers on stages.
    ParallelPlan Ranks() const
    {
        ParallelPlanSpec spec;
        spec.tensorParallel = tensor;
        spec.expertParallel = expert;
        spec.dataParallel = replicas;
        spec.pipelineParallel = stages;
        spec.layers = layers;
        spec.gpusPerHost = GPUS;
        spec.gpuOfRank = gpuOfRank;
        return ParallelPlan(spec);
    }

    /// @return bytes of a layer by rank.
    std::vector<uint64_t> ExpertBytes() const
    {
        return experts.empty() ? std::vector<uint64_t>(expert, 800) : experts;
    }

    /// @return the plan.
    GradientPlan Plan() const
    {
        TrainingProgramOptions options;
        options.overlapGradientReduce = overlaps;
        return GradientPlan(std::make_shared<const TrainingProgram>(Ranks(), options),
                            std::make_shared<const GradientWork>(shared, ExpertBytes()),
                            Host(),
                            laid);
    }

    /// @return hosts of an EP group.
    size_t HostsPerGroup() const
    {
        return expert * tensor / GPUS;
    }

    /// @return hosts of all.
    size_t Hosts() const
    {
        return HostsPerGroup() * replicas * stages;
    }

    /// @param kind ExpertReduce or SharedReduce. @param host A host. @return the all-reduce of the
    /// first layer of its stage.
    PhaseKey Reduce(PhaseKind kind, size_t host) const
    {
        PhaseKey key;
        key.kind = kind;
        key.direction = Direction::Backward;
        const size_t group = host / HostsPerGroup();
        key.replica = static_cast<uint32_t>(group % replicas);
        key.stage = static_cast<uint32_t>(group / replicas);
        key.layer = static_cast<uint32_t>(Ranks().Layers().LayersOf({key.stage, 0}).first);
        return key;
    }

    /// @return the job in words.
    std::string Name() const
    {
        return "TP" + std::to_string(tensor) + " EP" + std::to_string(expert) + " DP" +
               std::to_string(replicas) + " PP" + std::to_string(stages) + ", " +
               std::to_string(nics) + " NICs, " + std::to_string(shared) + " bytes";
    }
};

constexpr PhaseKind KINDS[]{PhaseKind::ExpertReduce, PhaseKind::SharedReduce};

/// @return bytes of 64 places for 60 experts: three experts for each rank of every fourth, four for
/// the others.
std::vector<uint64_t>
SixtyExperts()
{
    std::vector<uint64_t> bytes;
    for (size_t rank = 0; rank < 16; ++rank)
    {
        bytes.push_back(rank % 4 == 3 ? 3 * 1001 : 4 * 1001);
    }
    return bytes;
}

/// @return jobs that differ in everything that decides a plan.
std::vector<Job>
ManyJobs()
{
    std::vector<Job> jobs;
    for (const auto& [tensor, expert] :
         std::vector<std::pair<size_t, size_t>>{{1, 8}, {1, 16}, {4, 2}, {4, 16}, {8, 1}, {8, 3}})
    {
        for (const size_t replicas : {1, 2, 3})
        {
            for (const uint32_t nics : {1, 2, 3, 8})
            {
                for (const uint64_t shared : {0, 1, 7, 8001})
                {
                    Job job;
                    job.tensor = tensor;
                    job.expert = expert;
                    job.replicas = replicas;
                    job.stages = 1 + replicas % 2;
                    job.layers = 3 * job.stages;
                    job.nics = nics;
                    job.shared = shared;
                    job.experts = expert == 16 ? SixtyExperts() : std::vector<uint64_t>();
                    jobs.push_back(job);
                }
            }
        }
    }
    return jobs;
}

/**
 * @param flows Flows.
 * @param side Side of a flow that counts: the GPU it is from, or the one it goes to.
 * @return bytes of each GPU.
 */
std::vector<uint64_t>
BytesBy(const std::vector<ScheduledFlow>& flows, uint32_t ScheduledFlow::*side)
{
    std::vector<uint64_t> bytes(GPUS);
    for (const auto& flow : flows)
    {
        bytes.at(flow.*side) += flow.bytes.Count();
    }
    return bytes;
}

/// @param plan A plan. @param reduce What. @param host Where. @return bytes of each ring.
std::vector<uint64_t>
RingBytes(const GradientPlan& plan, const PhaseKey& reduce, uint32_t host)
{
    std::vector<uint64_t> bytes;
    for (const auto& ring : plan.RingsOf(reduce, host))
    {
        bytes.push_back(ring.bytes.Count());
    }
    return bytes;
}

/// @param plan A plan. @param reduce What. @param host A host. @return its distinct gradients,
/// bytes.
uint64_t
BytesOf(const GradientPlan& plan, const PhaseKey& reduce, uint32_t host)
{
    const auto rings = RingBytes(plan, reduce, host);
    return std::accumulate(rings.begin(), rings.end(), uint64_t{0});
}

/// Sender, receiver and bytes of flows.
using Moves = std::vector<std::tuple<uint32_t, uint32_t, uint64_t>>;

/// @param flows Flows. @return who sends what to whom, sorted.
Moves
MovesOf(const std::vector<ScheduledFlow>& flows)
{
    Moves moves;
    for (const auto& flow : flows)
    {
        moves.emplace_back(flow.from, flow.to, flow.bytes.Count());
    }
    std::sort(moves.begin(), moves.end());
    return moves;
}

/// @param job A job. @return why it is refused, or nothing.
std::string
RefusalOf(const Job& job)
{
    return tests::Refusal([&] { job.Plan(); });
}

} // namespace

TEST(GradientPlan, ReducesExpertsWithTheSameHostOfEveryReplica)
{
    // Groups of two hosts, three replicas, two stages: hosts 0-5 are stage 0, 6-11 stage 1.
    Job job;
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
    Job job;
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
    Job job;
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

TEST(GradientPlan, HasEveryRingsBytesOnItsGateway)
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

TEST(GradientPlan, MovesBackWhatItHasMovedToGateways)
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

TEST(GradientPlan, GivesTheGatewayOfTheOwnHalf)
{
    // NICs 0 and 4 are electrical, one per half; 800 bytes per GPU of one expert each.
    Job job;
    const auto plan = job.Plan();
    const auto reduce = job.Reduce(PhaseKind::ExpertReduce, 0);
    EXPECT_EQ(
        MovesOf(plan.FlowsBefore(reduce, 0)),
        (Moves{{1, 0, 800}, {2, 0, 800}, {3, 0, 800}, {5, 4, 800}, {6, 4, 800}, {7, 4, 800}}));
    EXPECT_EQ(RingBytes(plan, reduce, 0), (std::vector<uint64_t>{3200, 3200}));
}

TEST(GradientPlan, SharesGatewaysEvenlyWithinAHalf)
{
    // Two gateways in half 0, none in half 1: four GPUs each.
    Job job;
    job.nicList = {{1, NicRole::Electrical}, {0, NicRole::Optical}, {3, NicRole::Electrical}};
    const auto plan = job.Plan();
    const auto reduce = job.Reduce(PhaseKind::ExpertReduce, 0);
    EXPECT_EQ(RingBytes(plan, reduce, 0), (std::vector<uint64_t>{3200, 3200}));
    EXPECT_EQ(plan.RingsOf(reduce, 0)[1].nic, 2U);
    EXPECT_EQ(plan.RingsOf(reduce, 0)[1].gpu, 3U);
}

TEST(GradientPlan, SplitsWhatGpusHaveEvenlyWhereGatewaysWouldServeDifferentNumbers)
{
    // Three gateways for eight GPUs: each GPU's 800 bytes in 267, 267 and 266.
    Job job;
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

TEST(GradientPlan, GoesAroundTheRingsThatCircuitsAreLaidFor)
{
    // Replicas of one host each: hosts 0 to 4 hold the same experts. Two rings, by steps of 2
    // and 1.
    Job job;
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

TEST(GradientPlan, NeedsRoutesWhereNothingJoinsTheNicsOfARing)
{
    Job job;
    job.replicas = 2;
    job.nicList = {{0, NicRole::Optical}};
    const auto rings = job.Plan().RingsOf(job.Reduce(PhaseKind::ExpertReduce, 0), 0);
    ASSERT_EQ(rings.size(), 1U);
    EXPECT_EQ(tests::Refusal([&] { rings[0].StepFrom(0, Bytes(1), nullptr); }),
              "a ring from host 0 to host 1: nothing joins their NICs 0, and there are no routes");
}

TEST(GradientPlan, MovesNothingWhereEveryGpuHasItsNic)
{
    Job job;
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

TEST(GradientPlan, UsesTheFirstOfSeveralNicsOfAGpu)
{
    Job job;
    job.nicList = {{4, NicRole::Electrical}, {4, NicRole::Electrical}};
    const auto rings = job.Plan().RingsOf(job.Reduce(PhaseKind::ExpertReduce, 0), 0);
    ASSERT_EQ(rings.size(), 1U);
    EXPECT_EQ(rings[0].nic, 0U);
    EXPECT_EQ(rings[0].rate, BitsPerSecond(400'000'000'000));
    EXPECT_EQ(rings[0].bytes, Bytes(8 * 800));
}

TEST(GradientPlan, ReducesInAHostWhatSeveralOfItsRanksHold)
{
    // R ranks per host: every GPU passes on all but one of the R parts of its slice, both before
    // and after; 8 electrical NICs, so nothing else moves.
    for (const size_t tensor : {1, 2, 4})
    {
        Job job;
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
    Job job;
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
    Job job;
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
    Job job;
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
    Job job;
    job.expert = 4;
    EXPECT_EQ(RefusalOf(job), "EP 4 x TP 1: must fill whole hosts of 8 GPUs");
    job = Job();
    job.hostGpus = 4;
    EXPECT_EQ(RefusalOf(job), "hosts of 4 GPUs: the parallel plan has 8 GPUs per host");
    job = Job();
    job = Job();
    for (size_t rank = 0; rank < 16; ++rank)
    {
        job.gpuOfRank.push_back(15 - rank);
    }
    EXPECT_EQ(RefusalOf(job), "rank 0 on GPU 15: gradients need ranks on GPUs in their order");
}
