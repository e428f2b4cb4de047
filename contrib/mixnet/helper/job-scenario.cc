/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "job-scenario.h"

#include "compute-options.h"
#include "load-options.h"
#include "training-scenario.h"

#include "ns3/circuit-allocator.h"
#include "ns3/model-parallelism.h"
#include "ns3/moe-training-work.h"
#include "ns3/reconfiguration-policy.h"

#include <stdexcept>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr size_t GPUS_PER_HOST = 8; //!< paper, section 7.1

/**
 * @param options The options. @return the model, with as many layers as asked for.
 */
mixnetcore::ModelSpec
ParseJobModel(const ProgramOptions& options)
{
    auto model = ParseModel(options);
    const auto layers = options.Count("layers", 0, model.layers);
    if (layers > 0 && layers != model.layers)
    {
        if (layers <= model.denseLayers)
        {
            throw std::invalid_argument("option --layers=" + std::to_string(layers) +
                                        ": must be above the " + std::to_string(model.denseLayers) +
                                        " dense layers of " + model.name);
        }
        model.layers = layers;
        model.layersPerStage.clear();
    }
    return model;
}

/// @param degree GPUs of an EP rank.
/// @throws std::invalid_argument when they neither share servers nor fill them.
void
CheckTensorParallel(size_t degree)
{
    if (GPUS_PER_HOST % degree != 0 && degree % GPUS_PER_HOST != 0)
    {
        throw std::invalid_argument("option --tensorParallel=" + std::to_string(degree) +
                                    ": must divide the " + std::to_string(GPUS_PER_HOST) +
                                    " GPUs of a server or be a multiple of them");
    }
}

/**
 * @param options The options. @param model The model. @return ranks on their GPUs.
 */
mixnetcore::ParallelPlan
ParsePlan(const ProgramOptions& options, const mixnetcore::ModelSpec& model)
{
    auto spec = mixnetcore::DefaultParallelism(model);
    const auto set = [&options](const char* name, size_t& degree, uint64_t most) {
        const auto given = options.Count(name, 0, most);
        degree = given > 0 ? given : degree;
    };
    set("expertParallel", spec.expertParallel, 1024);
    set("tensorParallel", spec.tensorParallel, 1024);
    CheckTensorParallel(spec.tensorParallel);
    set("pipelineParallel", spec.pipelineParallel, 64);
    spec.dataParallel = 0;
    spec.gpus = options.Count("gpus", 1, mixnetcore::ParallelPlan::MAX_GPUS);
    spec.gpusPerHost = GPUS_PER_HOST;
    spec.chunksPerStage = options.Count("chunks", 1, 64);
    try
    {
        return mixnetcore::PlanParallel(model, spec);
    }
    catch (const std::invalid_argument& error)
    {
        throw std::invalid_argument("options --model=" + model.name +
                                    ", --gpus=" + options.Text("gpus") + ": " + error.what());
    }
}

/**
 * @param options The options. @param model The model. @param plan Ranks.
 * @return who does what in the first iteration.
 */
std::shared_ptr<const mixnetcore::TrainingProgram>
ParseProgram(const ProgramOptions& options,
             const mixnetcore::ModelSpec& model,
             const mixnetcore::ParallelPlan& plan)
{
    auto program = mixnetcore::DefaultTrainingProgram(model);
    program.schedule =
        OneOf(mixnetcore::PipelineScheduleNames(), "schedule", options.Text("schedule"));
    program.iteration = options.Count("firstIteration", 0, 2000);
    const auto microbatches = options.Count("microbatches", 0, 1023);
    program.microbatches = microbatches > 0 ? microbatches : program.microbatches;
    program.recompute = options.Flag("recompute");
    program.attentionCollectives = options.Flag("attentionCollectives");
    program.overlapGradientReduce = options.Flag("overlapGradients");
    if (!options.Flag("backward"))
    {
        throw std::invalid_argument("option --backward=no: a whole job (--gpus) has a backward "
                                    "pass");
    }
    try
    {
        return std::make_shared<const mixnetcore::TrainingProgram>(plan, program);
    }
    catch (const std::invalid_argument& error)
    {
        throw std::invalid_argument("options --schedule=" + program.schedule + ", --microbatches=" +
                                    std::to_string(program.microbatches) + ": " + error.what());
    }
}

} // namespace

void
AddJobOptions(ProgramOptions& options)
{
    options.Add("gpus",
                "GPUs of a whole training job: all stages and replicas of the model, pipeline and "
                "gradients; 0 for one EP group alone",
                "0");
    options.Add("pipelineParallel", "With --gpus: pipeline stages; 0 for the model's", "0");
    options.Add("schedule",
                "With --gpus: order of microbatches: 1f1b, gpipe, interleaved-1f1b",
                "1f1b");
    options.Add("chunks", "With --gpus: chunks of layers per stage (interleaved-1f1b)", "1");
    options.Add("iterations", "With --gpus: iterations, one after the other", "1");
    options.Add("firstIteration", "With --gpus: number of the first iteration", "0");
    options.Add("attentionCollectives",
                "With --gpus: whether attention gathers and scatters its TP slices: yes or no",
                "yes");
    options.Add("overlapGradients",
                "With --gpus: whether gradients are added up layer by layer during the backward "
                "pass: yes or no",
                "no");
    options.Add("allToAllEfficiency",
                "Share of line rate that all-to-alls of expert parallelism achieve, above 0, at "
                "most 1: their messages take as long as bytes / share would",
                "1");
    options.Add("gradientBytes", "With --gpus: bytes of a gradient: 2 or 4", "4");
}

bool
IsJob(const ProgramOptions& options)
{
    return options.Count("gpus", 0, mixnetcore::ParallelPlan::MAX_GPUS) > 0;
}

double
ParseAllToAllEfficiency(const ProgramOptions& options)
{
    const auto efficiency = options.Number("allToAllEfficiency", 0, 1);
    if (efficiency == 0)
    {
        throw std::invalid_argument(
            "option --allToAllEfficiency=" + options.Text("allToAllEfficiency") +
            ": must be above 0 and at most 1");
    }
    return efficiency;
}

JobScenario
ParseJobScenario(const ProgramOptions& options)
{
    JobScenario scenario;
    scenario.options = options.All();
    scenario.seed = options.Count("seed", 1, UINT32_MAX);
    scenario.output = options.Text("output");
    auto& job = scenario.job;
    job.model = ParseJobModel(options);
    const auto plan = ParsePlan(options, job.model);
    if (plan.ExpertParallel() * plan.TensorParallel() % GPUS_PER_HOST != 0)
    {
        throw std::invalid_argument("options --expertParallel, --tensorParallel: EP groups of " +
                                    std::to_string(plan.ExpertParallel() * plan.TensorParallel()) +
                                    " GPUs must fill whole servers of " +
                                    std::to_string(GPUS_PER_HOST));
    }
    job.program = ParseProgram(options, job.model, plan);
    job.iterations = options.Count("iterations", 1, 1000);
    job.load = ParseLoadOptions(options,
                                job.model,
                                plan.ExpertParallel(),
                                plan.TensorParallel(),
                                plan.GroupLayout().RanksOfHost(0).size());
    const auto compute = ParseComputeOptions(options, job.model, plan.TensorParallel());
    job.compute = std::make_shared<mixnetcore::ComputeModel>(compute.compute);
    mixnetcore::TrainingWorkOptions work;
    work.bytesPerGradient =
        OneOf({"2", "4"}, "gradientBytes", options.Text("gradientBytes")) == "2" ? 2 : 4;
    const auto layout = plan.GroupLayout();
    job.deduplication =
        ParseDeduplicationOption(options,
                                 *job.load,
                                 layout.HostsPerRank() == 1 ? layout.RanksOfHost(0).size() : 0);
    // What ranks compute and hold is the same when tokens are passed on inside of servers.
    work.deduplication = job.deduplication == mixnetcore::Deduplication::Host
                             ? mixnetcore::Deduplication::Rank
                             : job.deduplication;
    job.work = std::make_shared<mixnetcore::MoeTrainingWork>(job.model,
                                                             plan,
                                                             job.load,
                                                             *job.compute,
                                                             compute.optimizer,
                                                             work);
    scenario.fabric =
        ParseFabricOptions(options, plan.Hosts(), GPUS_PER_HOST, plan.GroupLayout().Hosts());
    scenario.controlLatency = options.Duration("controlLatency");
    scenario.policy =
        OneOf(mixnetcore::ReconfigurationPolicyNames(), "policy", options.Text("policy"));
    scenario.allToAllEfficiency = ParseAllToAllEfficiency(options);
    scenario.tensorAlgorithm = options.Text("tensorAlgorithm") == "auto"
                                   ? "merged"
                                   : OneOf({"auto", "direct", "ring", "merged"},
                                           "tensorAlgorithm",
                                           options.Text("tensorAlgorithm"));
    return scenario;
}

} // namespace mixnet
} // namespace ns3
