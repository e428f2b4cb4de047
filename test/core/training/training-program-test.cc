/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/training-program.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/**
 * @param tensor TP degree.
 * @param expert EP degree.
 * @param replicas DP degree.
 * @param stages PP degree.
 * @param layers Layers.
 * @param chunks Chunks per stage.
 * @return a plan with an EP group per host.
 */
ParallelPlan
PlanOf(size_t tensor,
       size_t expert,
       size_t replicas,
       size_t stages,
       size_t layers,
       size_t chunks = 1)
{
    ParallelPlanSpec spec;
    spec.tensorParallel = tensor;
    spec.expertParallel = expert;
    spec.dataParallel = replicas;
    spec.pipelineParallel = stages;
    spec.gpusPerHost = tensor * expert;
    spec.layers = layers;
    spec.chunksPerStage = chunks;
    return ParallelPlan(spec);
}

/// @param microbatches How many. @return options with that.
TrainingProgramOptions
With(uint32_t microbatches)
{
    TrainingProgramOptions options;
    options.microbatches = microbatches;
    return options;
}

/// @param program A program. @param stage Stage. @param replica Replica. @return all its phases.
std::vector<PhaseKey>
AllPhases(const TrainingProgram& program, uint32_t stage, uint32_t replica)
{
    std::vector<PhaseKey> phases;
    for (size_t step = 0; step <= program.StepsOf(stage).size(); ++step)
    {
        const auto ofStep = program.PhasesOf(stage, replica, step);
        phases.insert(phases.end(), ofStep.begin(), ofStep.end());
    }
    return phases;
}

/// @param phases Phases. @return way (r: recomputed), microbatch, layer and kind of each.
std::vector<std::string>
InWords(const std::vector<PhaseKey>& phases)
{
    std::vector<std::string> words;
    for (const auto& phase : phases)
    {
        const char way = phase.recompute ? 'r' : phase.direction == Direction::Forward ? 'f' : 'b';
        words.push_back(way + std::to_string(phase.microbatch) + "." + std::to_string(phase.layer) +
                        " " + ToString(phase.kind));
    }
    return words;
}

using List = std::vector<std::string>; //!< phases in words

/// A job of every shape: options, and the plan they are for.
struct ProgramJob
{
    ParallelPlan plan;              //!< ranks and layers
    TrainingProgramOptions options; //!< the rest
};

/// @return jobs that differ in everything that decides a program.
std::vector<ProgramJob>
ManyJobs()
{
    std::vector<ProgramJob> jobs;
    for (const size_t stages : {1, 2, 3})
    {
        for (const size_t chunks : {1, 2})
        {
            for (const size_t replicas : {1, 3})
            {
                for (const bool more : {false, true})
                {
                    auto options = With(2 * stages);
                    options.schedule = chunks > 1 ? "interleaved-1f1b" : more ? "gpipe" : "1f1b";
                    options.denseLayers = more ? 2 : 0;
                    options.recompute = more;
                    options.overlapGradientReduce = !more;
                    options.iteration = 7;
                    jobs.push_back({PlanOf(more ? 1 : 2, 2, replicas, stages, 7, chunks), options});
                }
            }
        }
    }
    return jobs;
}

/// @param plan A plan. @param options Options. @return why they are refused, or nothing.
std::string
RefusalOf(const ParallelPlan& plan, const TrainingProgramOptions& options)
{
    return tests::Refusal([&] { TrainingProgram(plan, options); });
}

} // namespace

TEST(TrainingProgram, GoesThroughAllPhasesOfTwoStages)
{
    const TrainingProgram program(PlanOf(2, 2, 2, 2, 2), With(1));
    const List forward{"attentionGather",
                       "attention",
                       "attentionScatter",
                       "gating",
                       "dispatch",
                       "allGather",
                       "expert",
                       "reduceScatter",
                       "combine"};
    const List backward{"combine",
                        "allGather",
                        "expert",
                        "reduceScatter",
                        "dispatch",
                        "gating",
                        "attentionGather",
                        "attention",
                        "attentionScatter"};
    for (uint32_t stage = 0; stage < 2; ++stage)
    {
        const auto layer = std::to_string(stage) + " ";
        List expected{"f0." + layer + (stage == 0 ? "embedding" : "pipelineReceive")};
        for (const auto& kind : forward)
        {
            expected.push_back("f0." + layer + kind);
        }
        expected.push_back("f0." + layer + (stage == 0 ? "pipelineSend" : "head"));
        expected.push_back("b0." + layer + (stage == 0 ? "pipelineReceive" : "head"));
        for (const auto& kind : backward)
        {
            expected.push_back("b0." + layer + kind);
        }
        expected.push_back("b0." + layer + (stage == 0 ? "embedding" : "pipelineSend"));
        for (const std::string kind : {"expertReduce", "sharedReduce", "optimizer"})
        {
            expected.push_back("b0." + layer + kind);
        }
        EXPECT_EQ(InWords(AllPhases(program, stage, 1)), expected);
    }
}

TEST(TrainingProgram, HasThePhasesOfAnExcerptAndItsEndsOnASingleStage)
{
    for (const bool recompute : {false, true})
    {
        for (const size_t tensor : {1, 2})
        {
            auto options = With(2);
            options.recompute = recompute;
            const auto plan = PlanOf(tensor, 1, 1, 1, 3);
            auto phases = AllPhases(TrainingProgram(plan, options), 0, 0);
            options.excerpt = LayerRange{0, 3};
            const auto excerpt = AllPhases(TrainingProgram(plan, options), 0, 0);
            const auto isOther = [](const PhaseKey& phase) {
                return phase.kind == PhaseKind::Embedding || phase.kind == PhaseKind::Head ||
                       phase.kind == PhaseKind::Optimizer;
            };
            phases.erase(std::remove_if(phases.begin(), phases.end(), isOther), phases.end());
            EXPECT_EQ(InWords(phases), InWords(excerpt));
        }
    }
}

TEST(TrainingProgram, GoesForwardOnlyWithoutWhatEndsAnIteration)
{
    auto options = With(2);
    options.backward = false;
    const TrainingProgram program(PlanOf(1, 2, 2, 1, 1), options);
    EXPECT_EQ(InWords(AllPhases(program, 0, 1)),
              (List{"f0.0 embedding",
                    "f0.0 attention",
                    "f0.0 gating",
                    "f0.0 dispatch",
                    "f0.0 expert",
                    "f0.0 combine",
                    "f0.0 head",
                    "f1.0 embedding",
                    "f1.0 attention",
                    "f1.0 gating",
                    "f1.0 dispatch",
                    "f1.0 expert",
                    "f1.0 combine",
                    "f1.0 head"}));
    EXPECT_EQ(program.LastPhaseOf(0, 1).kind, PhaseKind::Head);
}

TEST(TrainingProgram, HasDenseLayersFirst)
{
    auto options = With(1);
    options.denseLayers = 1;
    EXPECT_EQ(InWords(AllPhases(TrainingProgram(PlanOf(2, 1, 1, 1, 2), options), 0, 0)),
              (List{"f0.0 embedding",
                    "f0.0 attentionGather",
                    "f0.0 attention",
                    "f0.0 attentionScatter",
                    "f0.0 allGather",
                    "f0.0 dense",
                    "f0.0 reduceScatter",
                    "f0.1 attentionGather",
                    "f0.1 attention",
                    "f0.1 attentionScatter",
                    "f0.1 gating",
                    "f0.1 dispatch",
                    "f0.1 allGather",
                    "f0.1 expert",
                    "f0.1 reduceScatter",
                    "f0.1 combine",
                    "f0.1 head",
                    "b0.1 head",
                    "b0.1 combine",
                    "b0.1 allGather",
                    "b0.1 expert",
                    "b0.1 reduceScatter",
                    "b0.1 dispatch",
                    "b0.1 gating",
                    "b0.1 attentionGather",
                    "b0.1 attention",
                    "b0.1 attentionScatter",
                    "b0.0 allGather",
                    "b0.0 dense",
                    "b0.0 reduceScatter",
                    "b0.0 attentionGather",
                    "b0.0 attention",
                    "b0.0 attentionScatter",
                    "b0.0 embedding",
                    "b0.0 optimizer"}));
}

TEST(TrainingProgram, DoesLayersOnceMoreRightBeforeTheyGoBackward)
{
    auto options = With(1);
    options.recompute = true;
    options.denseLayers = 1;
    EXPECT_EQ(InWords(TrainingProgram(PlanOf(1, 1, 1, 1, 2), options).PhasesOf(0, 0, 1)),
              (List{"b0.1 head",
                    "r0.1 attention",
                    "r0.1 gating",
                    "r0.1 dispatch",
                    "r0.1 expert",
                    "r0.1 combine",
                    "b0.1 combine",
                    "b0.1 expert",
                    "b0.1 dispatch",
                    "b0.1 gating",
                    "b0.1 attention",
                    "r0.0 attention",
                    "r0.0 dense",
                    "b0.0 dense",
                    "b0.0 attention",
                    "b0.0 embedding"}));
}

TEST(TrainingProgram, ReducesEachLayerAfterItsLastMicrobatchWhenOverlapped)
{
    auto options = With(2);
    options.overlapGradientReduce = true;
    options.denseLayers = 1;
    const TrainingProgram program(PlanOf(1, 2, 2, 1, 2), options);
    // 1F1B on one stage: f0 b0 f1 b1, then the end.
    EXPECT_EQ(InWords(program.PhasesOf(0, 0, 3)),
              (List{"b1.1 head",
                    "b1.1 combine",
                    "b1.1 expert",
                    "b1.1 dispatch",
                    "b1.1 gating",
                    "b1.1 attention",
                    "b1.1 expertReduce",
                    "b1.1 sharedReduce",
                    "b1.0 dense",
                    "b1.0 attention",
                    "b1.0 embedding",
                    "b1.0 sharedReduce"}));
    EXPECT_EQ(InWords(program.PhasesOf(0, 0, 4)), (List{"b1.0 optimizer"}));
    for (const auto& phase : program.PhasesOf(0, 0, 1))
    {
        EXPECT_FALSE(phase.IsGradientReduce());
    }
}

TEST(TrainingProgram, ReducesEveryLayerOnce)
{
    for (const auto& job : ManyJobs())
    {
        const TrainingProgram program(job.plan, job.options);
        std::map<PhaseKind, std::vector<size_t>> layers;
        for (uint32_t stage = 0; stage < job.plan.PipelineParallel(); ++stage)
        {
            for (const auto& phase : AllPhases(program, stage, 0))
            {
                if (phase.IsGradientReduce())
                {
                    for (const auto& range : program.LayersReducedBy(phase))
                    {
                        for (auto layer = range.first; layer < range.End(); ++layer)
                        {
                            layers[phase.kind].push_back(layer);
                        }
                    }
                }
            }
        }
        std::vector<size_t> all{0, 1, 2, 3, 4, 5, 6};
        std::sort(layers[PhaseKind::SharedReduce].begin(), layers[PhaseKind::SharedReduce].end());
        EXPECT_EQ(layers[PhaseKind::SharedReduce], all);
        auto& experts = layers[PhaseKind::ExpertReduce];
        std::sort(experts.begin(), experts.end());
        all.erase(all.begin(), all.begin() + job.options.denseLayers);
        EXPECT_EQ(experts, job.plan.DataParallel() > 1 ? all : std::vector<size_t>());
    }
}

TEST(TrainingProgram, LeavesOutWhatADegreeOfOneMakesPointless)
{
    for (const auto& phase : AllPhases(TrainingProgram(PlanOf(1, 1, 1, 1, 2), With(2)), 0, 0))
    {
        EXPECT_FALSE(phase.IsTensorCollective() || phase.IsGradientReduce() ||
                     phase.kind == PhaseKind::PipelineSend ||
                     phase.kind == PhaseKind::PipelineReceive);
    }
    // Replicas of a dense model add up no experts; EP ranks without replicas neither.
    auto dense = With(1);
    dense.denseLayers = 2;
    for (const auto& program : {TrainingProgram(PlanOf(1, 1, 2, 1, 2), dense),
                                TrainingProgram(PlanOf(1, 2, 1, 1, 2), With(1))})
    {
        std::multiset<PhaseKind> kinds;
        for (const auto& phase : AllPhases(program, 0, 0))
        {
            kinds.insert(phase.kind);
        }
        EXPECT_EQ(kinds.count(PhaseKind::ExpertReduce), 0U);
        EXPECT_EQ(kinds.count(PhaseKind::SharedReduce), 1U);
    }
}

TEST(TrainingProgram, SendsNothingFromAStageToItself)
{
    auto options = With(2);
    options.schedule = "interleaved-1f1b";
    for (const auto& phase : AllPhases(TrainingProgram(PlanOf(1, 1, 1, 1, 4, 2), options), 0, 0))
    {
        EXPECT_NE(phase.kind, PhaseKind::PipelineSend);
        EXPECT_NE(phase.kind, PhaseKind::PipelineReceive);
    }
}

TEST(TrainingProgram, ComesToNoPhaseTwice)
{
    for (const auto& job : ManyJobs())
    {
        const TrainingProgram program(job.plan, job.options);
        std::set<PhaseKey> known;
        for (uint32_t stage = 0; stage < job.plan.PipelineParallel(); ++stage)
        {
            for (uint32_t replica = 0; replica < job.plan.DataParallel(); ++replica)
            {
                for (const auto& phase : AllPhases(program, stage, replica))
                {
                    EXPECT_TRUE(known.insert(phase).second);
                    EXPECT_EQ(phase.iteration, 7U);
                    EXPECT_EQ(phase.stage, stage);
                    EXPECT_EQ(phase.replica, replica);
                    // A host, and so a region, per EP group.
                    EXPECT_EQ(phase.region, replica + job.plan.DataParallel() * stage);
                }
            }
        }
    }
}

TEST(TrainingProgram, HasOneReceiveForEverySend)
{
    for (const auto& job : ManyJobs())
    {
        const TrainingProgram program(job.plan, job.options);
        std::set<PhaseKey> expected;
        std::set<PhaseKey> receives;
        size_t sends = 0;
        for (uint32_t stage = 0; stage < job.plan.PipelineParallel(); ++stage)
        {
            for (const auto& phase : AllPhases(program, stage, 0))
            {
                if (phase.kind == PhaseKind::PipelineSend)
                {
                    ++sends;
                    const auto receive = program.ReceiveOf(phase);
                    EXPECT_NE(receive.stage, stage);
                    EXPECT_TRUE(program.SendOf(receive) == phase);
                    expected.insert(receive);
                }
                else if (phase.kind == PhaseKind::PipelineReceive)
                {
                    receives.insert(phase);
                }
            }
        }
        // A microbatch crosses each border between slices both ways.
        const auto& shape = program.Shape();
        EXPECT_EQ(sends,
                  shape.stages == 1 ? 0 : 2 * shape.microbatches * (shape.VirtualStages() - 1));
        EXPECT_EQ(expected.size(), sends);
        EXPECT_EQ(receives, expected);
    }
}

TEST(TrainingProgram, TakesDenseLayersAndMicrobatchesFromTheModel)
{
    ModelSpec model;
    model.denseLayers = 3;
    model.microbatches = 16;
    EXPECT_EQ(DefaultTrainingProgram(model).denseLayers, 3U);
    EXPECT_EQ(DefaultTrainingProgram(model).microbatches, 16U);
    EXPECT_EQ(DefaultTrainingProgram(model).schedule, "1f1b");
}

TEST(TrainingProgram, RefusesWhatDoesNotFit)
{
    auto options = With(2);
    options.denseLayers = 3;
    EXPECT_EQ(RefusalOf(PlanOf(1, 1, 1, 1, 2), options),
              "training program with 3 dense layers: must be at most the 2 layers");
    EXPECT_EQ(RefusalOf(PlanOf(1, 1, 1, 1, 2), With(0)),
              "pipeline schedule 1f1b with 0 microbatches: must be 1 to 32768");
    EXPECT_EQ(RefusalOf(PlanOf(1, 1, 1, 1, 2), With(32768)), "");
    EXPECT_EQ(RefusalOf(PlanOf(1, 1, 1, 1, 2), With(32769)),
              "pipeline schedule 1f1b with 32769 microbatches: must be 1 to 32768");
    EXPECT_EQ(RefusalOf(PlanOf(1, 1, 1, 2, 4, 2), With(2)),
              "pipeline schedule 1f1b with 2 chunks per stage: must be 1; interleaved-1f1b takes "
              "more");
    EXPECT_THROW(TrainingProgram(PlanOf(1, 1, 1, 1, 1), With(1)).PhasesOf(0, 0, 3),
                 std::out_of_range);
    EXPECT_THROW(TrainingProgram(PlanOf(1, 1, 1, 1, 1), With(1)).PhasesOf(1, 0, 0),
                 std::out_of_range);
    EXPECT_THROW(TrainingProgram(PlanOf(1, 1, 1, 1, 1), With(1)).PhasesOf(0, 1, 0),
                 std::out_of_range);
}

TEST(TrainingProgram, FitsThirtyTwoThousandGpusInRegionsOfTwoHosts)
{
    // LLaMA-MoE: EP 16, TP 1, PP 4, 32 layers: 512 replicas in 2048 regions.
    ParallelPlanSpec spec;
    spec.expertParallel = 16;
    spec.pipelineParallel = 4;
    spec.gpus = 32'768;
    spec.layers = 32;
    const TrainingProgram program(ParallelPlan(spec), With(8));
    EXPECT_EQ(program.Plan().DataParallel(), 512U);
    EXPECT_EQ(program.PhasesOf(3, 511, 0).front().region, 2047U);
}
