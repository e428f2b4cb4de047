/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/model-of-sizes.h"
#include "../testbed/refusal.h"

#include "ns3/critical-path.h"
#include "ns3/model-parallelism.h"
#include "ns3/moe-training-work.h"
#include "ns3/synthetic-expert-load.h"
#include "ns3/traffic-matrices.h"
#include "ns3/traffic-volume.h"
#include "ns3/training-graph.h"

#include <gtest/gtest.h>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

constexpr BitsPerSecond MEMORY{8'000'000'000'000}; //!< a byte per picosecond

/// @return a model of 4 layers, the first one dense, 6 experts on 8 places.
ModelSpec
SmallModel()
{
    auto model = tests::ModelOf(64, {4, 2, 16}, {6, 2, 32});
    model.name = "small";
    model.layers = 4;
    model.denseLayers = 1;
    model.denseFfn = 256;
    model.paddedExperts = 8;
    model.sharedFfn = 16;
    model.vocabulary = 1000;
    model.sequenceLength = 128;
    model.microbatchSize = 2;
    model.expertParallel = 4;
    model.tensorParallel = 2;
    model.pipelineParallel = 2;
    return model;
}

/// A job of a model, with a random load.
struct PricedJob
{
    ModelSpec model;             //!< sizes
    ParallelPlanSpec spec;       //!< degrees
    TrainingWorkOptions options; //!< the rest
    double skew{1};              //!< of the load

    /// @return its plan.
    ParallelPlan Plan() const
    {
        return PlanParallel(model, spec);
    }

    /// @return its load.
    std::shared_ptr<const ExpertLoad> Load() const
    {
        auto options = SyntheticLoadOf(model, spec.expertParallel);
        options.skew = skew;
        return std::make_shared<SyntheticExpertLoad>(options);
    }

    /// @return times of its phases.
    ComputeModel Compute() const
    {
        return {model, spec.tensorParallel};
    }

    /// @return its work.
    MoeTrainingWork Work() const
    {
        return {model, Plan(), Load(), Compute(), OptimizerModel(MEMORY), options};
    }
};

/// @param replicas DP degree. @param stages PP degree. @return the small model on EP 4, TP 2.
PricedJob
SmallJob(size_t replicas = 2, size_t stages = 2)
{
    PricedJob job;
    job.model = SmallModel();
    job.spec.expertParallel = 4;
    job.spec.tensorParallel = 2;
    job.spec.dataParallel = replicas;
    job.spec.pipelineParallel = stages;
    return job;
}

/// @param kind Kind. @param layer Layer. @param direction Way. @return a phase of microbatch 3.
PhaseKey
Phase(PhaseKind kind, uint32_t layer, Direction direction = Direction::Forward)
{
    PhaseKey phase;
    phase.kind = kind;
    phase.layer = layer;
    phase.microbatch = 3;
    phase.replica = 1;
    phase.direction = direction;
    return phase;
}

} // namespace

TEST(MoeTrainingWork, ComputesAsTheComputeModelSays)
{
    const auto job = SmallJob();
    const auto work = job.Work();
    const auto compute = job.Compute();
    for (const auto direction : {Direction::Forward, Direction::Backward})
    {
        const auto time = [&](PhaseKind kind) {
            return work.ComputeTime(Phase(kind, 1, direction), 2);
        };
        EXPECT_EQ(time(PhaseKind::Attention), compute.Time(ComputeKind::Attention, direction));
        EXPECT_EQ(time(PhaseKind::Gating), compute.Time(ComputeKind::Gating, direction));
        EXPECT_EQ(time(PhaseKind::Dense), compute.Time(ComputeKind::Dense, direction));
        EXPECT_EQ(time(PhaseKind::Head), compute.Time(ComputeKind::Head, direction));
        EXPECT_EQ(time(PhaseKind::Embedding), Picoseconds(0));
        EXPECT_GT(time(PhaseKind::Head), Picoseconds(0));
    }
}

TEST(MoeTrainingWork, LetsTheTokensThatArriveDecideExpertsAndTheirCollectives)
{
    const auto job = SmallJob();
    const auto work = job.Work();
    // 8 places on 4 ranks: two columns each. Layer 0 is dense, so layer 2 is MoE layer 1.
    const auto tokens = job.Load()->Draw({0, 1, 3, 1});
    for (uint32_t rank = 0; rank < 4; ++rank)
    {
        const auto arrived = tokens.ColumnSum(2 * rank) + tokens.ColumnSum(2 * rank + 1);
        EXPECT_EQ(work.DemandOf(Phase(PhaseKind::Dispatch, 2)).arriving[rank], arrived);
        for (const auto direction : {Direction::Forward, Direction::Backward})
        {
            EXPECT_EQ(work.ComputeTime(Phase(PhaseKind::Expert, 2, direction), rank),
                      job.Compute().Expert(direction, arrived));
            for (const auto kind : {PhaseKind::AllGather, PhaseKind::ReduceScatter})
            {
                EXPECT_EQ(work.TensorBytes(Phase(kind, 2, direction), rank),
                          Bytes(arrived.Count() * 64 * 2));
            }
        }
    }
}

TEST(MoeTrainingWork, SendsTokensOncePerRankButComputesThemForEachExpert)
{
    auto job = SmallJob();
    job.options.deduplication = Deduplication::Rank;
    const auto work = job.Work();
    const auto phase = Phase(PhaseKind::Dispatch, 2);
    const auto assigned = job.Load()->Draw({0, 1, 3, 1});
    const auto distinct = job.Load()->DrawDistinct({0, 1, 3, 1}, 2);
    ASSERT_LT(distinct.Total(), assigned.Total());
    EXPECT_EQ(work.AllToAllBytes(phase), TokenBytes(distinct, Bytes(64 * 2)).WithoutDiagonal());
    for (uint32_t rank = 0; rank < 4; ++rank)
    {
        EXPECT_EQ(work.DemandOf(phase).arriving[rank],
                  assigned.ColumnSum(2 * rank) + assigned.ColumnSum(2 * rank + 1));
        EXPECT_EQ(work.TensorBytes(phase.With(PhaseKind::AllGather), rank),
                  Bytes(distinct.ColumnSum(rank).Count() * 64 * 2));
    }
}

TEST(MoeTrainingWork, SendsTheTokensThatTrafficBetweenGpusCounts)
{
    // Stage 1 of two, replica 1: the all-to-alls of its layers and microbatches, forward and
    // backward, there and back. The first layer of the model is dense and sends none.
    const auto job = SmallJob();
    const auto plan = job.Plan();
    const auto work = job.Work();
    TrafficOptions traffic;
    traffic.microbatches = 3;
    const auto matrices =
        TrafficBetweenGpus(TrafficVolume(job.model, plan, traffic), *job.Load(), 0);
    for (size_t stage = 0; stage < 2; ++stage)
    {
        DemandMatrix sum(4, 4);
        const auto layers = plan.Layers().LayersOf({stage, 0});
        for (auto layer = layers.first; layer < layers.End(); ++layer)
        {
            for (uint32_t m = 0; job.model.IsMoeLayer(layer) && m < traffic.microbatches; ++m)
            {
                for (const auto kind : {PhaseKind::Dispatch, PhaseKind::Combine})
                {
                    auto phase = Phase(kind, static_cast<uint32_t>(layer));
                    phase.microbatch = m;
                    const auto bytes = work.AllToAllBytes(phase);
                    for (size_t at = 0; at < 16; ++at)
                    {
                        sum.At(at / 4, at % 4) += bytes.At(at / 4, at % 4) * 2;
                    }
                }
            }
        }
        for (size_t at = 0; at < 16; ++at)
        {
            Bytes counted;
            for (size_t t = 0; t < 2; ++t)
            {
                const auto from = plan.GpuOf(plan.RankAt({t, at / 4, 1, stage}));
                const auto to = plan.GpuOf(plan.RankAt({t, at % 4, 1, stage}));
                counted += matrices.expert.At(from, to);
            }
            EXPECT_EQ(counted, sum.At(at / 4, at % 4)) << "stage " << stage << ", pair " << at;
        }
    }
}

TEST(MoeTrainingWork, MovesTheTokensOfTheMicrobatchElsewhere)
{
    const auto work = SmallJob().Work();
    const Bytes microbatch(2 * 128 * 64 * 2); // sequences, tokens, elements, bytes
    EXPECT_EQ(work.PipelineBytes(), microbatch);
    for (const auto kind : {PhaseKind::AttentionGather, PhaseKind::AttentionScatter})
    {
        EXPECT_EQ(work.TensorBytes(Phase(kind, 2), 0), microbatch);
    }
    for (const auto kind : {PhaseKind::AllGather, PhaseKind::ReduceScatter})
    {
        EXPECT_EQ(work.TensorBytes(Phase(kind, 0), 0), microbatch); // layer 0 is dense
    }
}

TEST(MoeTrainingWork, SendsTheDemandOutAndBackAndItsGradientsTheOtherWay)
{
    const auto job = SmallJob();
    const auto work = job.Work();
    const auto demand =
        DispatchDemand(job.Load()->Draw({0, 1, 3, 1}), 4, Bytes(64 * 2)).WithoutDiagonal();
    ASSERT_NE(demand, demand.Transposed());
    EXPECT_EQ(work.AllToAllBytes(Phase(PhaseKind::Dispatch, 2)), demand);
    EXPECT_EQ(work.AllToAllBytes(Phase(PhaseKind::Combine, 2)), demand.Transposed());
    EXPECT_EQ(work.AllToAllBytes(Phase(PhaseKind::Combine, 2, Direction::Backward)), demand);
    EXPECT_EQ(work.AllToAllBytes(Phase(PhaseKind::Dispatch, 2, Direction::Backward)),
              demand.Transposed());
}

TEST(MoeTrainingWork, AnswersTheSameInAnyOrderOfAsking)
{
    const auto work = SmallJob().Work();
    std::vector<DemandMatrix> first;
    for (uint32_t layer = 1; layer < 4; ++layer)
    {
        for (uint32_t microbatch = 0; microbatch < MoeTrainingWork::GATINGS_KEPT; ++microbatch)
        {
            auto phase = Phase(PhaseKind::Dispatch, layer);
            phase.microbatch = microbatch;
            first.push_back(work.AllToAllBytes(phase));
        }
    }
    for (uint32_t layer = 4; layer-- > 1;)
    {
        for (uint32_t microbatch = MoeTrainingWork::GATINGS_KEPT; microbatch-- > 0;)
        {
            auto phase = Phase(PhaseKind::Dispatch, layer);
            phase.microbatch = microbatch;
            EXPECT_EQ(work.AllToAllBytes(phase), first.back());
            first.pop_back();
        }
    }
}

TEST(MoeTrainingWork, HasGradientsOfExactlyTheParametersOfItsGpus)
{
    for (const bool tied : {false, true})
    {
        for (const size_t stages : {1, 2, 4})
        {
            for (const uint64_t bytes : {2, 4})
            {
                auto job = SmallJob(2, stages);
                job.model.tiedEmbeddings = tied;
                job.options.bytesPerGradient = bytes;
                const auto work = job.Work();
                const auto plan = job.Plan();
                for (size_t rank = 0; rank < plan.Ranks(); rank += 2)
                {
                    const auto at = plan.CoordinatesOf(rank);
                    const auto layers = plan.Layers().LayersOf({at.stage, 0});
                    Bytes experts;
                    Bytes others;
                    for (auto layer = layers.first; layer < layers.End(); ++layer)
                    {
                        experts += work.GradientBytes(PhaseKind::ExpertReduce, layer, at.expert);
                        others += work.GradientBytes(PhaseKind::SharedReduce, layer, at.expert);
                    }
                    const auto one = ParametersOfRank(job.model, plan, rank);
                    const auto two = ParametersOfRank(job.model, plan, rank + 1);
                    EXPECT_EQ(experts.Count(), (one.experts + two.experts).Count() * bytes);
                    EXPECT_EQ(others.Count(), (one.others + two.others).Count() * bytes);
                }
            }
        }
    }
}

TEST(MoeTrainingWork, UpdatesTheParametersOfAGpuOrItsShareOfThem)
{
    auto job = SmallJob(2);
    const auto held = ParametersOfRank(job.model, job.Plan(), 0);
    const auto step = Phase(PhaseKind::Optimizer, 0);
    // A byte takes a picosecond; experts are shared by 2 replicas, all else by 2 * 4 ranks.
    const auto share = (held.experts.Count() + 1) / 2 + (held.others.Count() + 7) / 8;
    EXPECT_EQ(job.Work().ComputeTime(step, 0),
              Picoseconds(share * OptimizerModel::BYTES_MOVED_PER_PARAMETER));
    job.options.distributedOptimizer = false;
    EXPECT_EQ(job.Work().ComputeTime(step, 0),
              Picoseconds(held.Total().Count() * OptimizerModel::BYTES_MOVED_PER_PARAMETER));
}

TEST(MoeTrainingWork, RefusesWhatIsNotForTheModel)
{
    auto job = SmallJob();
    job.options.bytesPerGradient = 3;
    EXPECT_EQ(tests::Refusal([&] { job.Work(); }),
              "3 bytes per gradient: must be 2 (BF16) or 4 (FP32)");

    job = SmallJob();
    EXPECT_EQ(tests::Refusal([&] { job.Work().ComputeTime(Phase(PhaseKind::Dispatch, 1), 0); }),
              "phase dispatch does not compute");
    const auto other = [&](const ModelSpec& model, size_t experts) {
        auto loaded = job;
        loaded.spec.expertParallel = experts;
        MoeTrainingWork(model, job.Plan(), loaded.Load(), job.Compute(), OptimizerModel(MEMORY));
    };
    EXPECT_EQ(tests::Refusal([&] { other(job.model, 2); }),
              "expert load of 2 source ranks and 8 experts: EP degree 4 needs as many source ranks "
              "and a multiple of experts");
    auto longer = job.model;
    longer.layers = 5;
    EXPECT_EQ(tests::Refusal([&] { other(longer, 4); }),
              "parallel plan of 4 layers: model small has 5");
}

TEST(MoeTrainingWork, TakesTheClosedFormTimeWithUniformLoadAndFreeCommunication)
{
    // Without skew 2 * 128 * 2 assignments of 4 ranks over 8 experts: all ranks get 512. Stages of
    // equal layers, but for the head: its work comes once per microbatch on the last stage, which
    // so is the slowest: m times its work, and one pass through the stages before it, both ways.
    auto job = SmallJob(1, 2);
    job.skew = 0;
    job.model.denseLayers = 0;
    job.model.experts = 8;
    job.options.distributedOptimizer = false;
    TrainingProgramOptions options;
    options.microbatches = 6;
    const TrainingProgram program(job.Plan(), options);
    const auto work = job.Work();
    const CriticalPath path(BuildTrainingGraph(program, work), FreeCommunication());

    const auto compute = job.Compute();
    const auto bothWays = [&](ComputeKind kind) {
        return compute.Time(kind, Direction::Forward) + compute.Time(kind, Direction::Backward);
    };
    Picoseconds layer = bothWays(ComputeKind::Attention) + bothWays(ComputeKind::Gating);
    for (const auto direction : {Direction::Forward, Direction::Backward})
    {
        layer += compute.Expert(direction, Tokens(512));
    }
    const auto head = bothWays(ComputeKind::Head);
    const auto untilEnd = 2 * layer + 6 * (2 * layer + head);
    // The last stage's step runs beside the first stage's last backward pass, or after it.
    const auto first = work.ComputeTime(program.PhasesOf(0, 0, 12).back(), 0);
    const auto last = work.ComputeTime(program.PhasesOf(1, 0, 12).back(), 0);
    Picoseconds backward = 2 * compute.Time(ComputeKind::Attention, Direction::Backward) +
                           2 * compute.Time(ComputeKind::Gating, Direction::Backward) +
                           2 * compute.Expert(Direction::Backward, Tokens(512));
    EXPECT_EQ(path.Makespan(), std::max(untilEnd + first, untilEnd - backward + last));
}

TEST(MoeTrainingWork, BuildsTheModelsOfTheCatalogue)
{
    // One microbatch per stage of the first replica; the hottest rank sets the time, so an
    // iteration takes at least the mean work of the slowest stage.
    for (const std::string name : {"mixtral-8x7b", "qwen-moe"})
    {
        PricedJob job;
        job.model = FindModel(name);
        job.spec = DefaultParallelism(job.model);
        auto options = DefaultTrainingProgram(job.model);
        options.microbatches = static_cast<uint32_t>(job.model.pipelineParallel);
        const TrainingProgram program(job.Plan(), options);
        const auto work = job.Work();
        const auto graph = BuildTrainingGraph(program, work);
        const CriticalPath path(graph, FreeCommunication());
        Picoseconds total{0};
        for (TaskId id = 0; id < graph.Size(); ++id)
        {
            total += graph.At(id).duration;
        }
        EXPECT_GT(path.Makespan() * graph.Ranks(), total) << name;
        EXPECT_EQ(path.PathTimes().Total(), path.Makespan()) << name;
    }
}
