/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "job-scenario.h"

#include "plan-options.h"

#include "ns3/model-parallelism.h"

#include <stdexcept>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr uint64_t MOST_JOB_ITERATIONS = uint64_t{1} << 32; //!< numbers of 32 bits

/// @brief An option that only a whole job has.
struct JobOption
{
    const char* name;  //!< its name
    const char* help;  //!< what it means
    const char* value; //!< its default
    const char* need;  //!< what it needs to have an effect
};

constexpr const char* NEEDS_JOB = "a whole job, --gpus"; //!< what most of them need

/// All of them but --gpus, which asks for a job.
constexpr JobOption JOB_OPTIONS[] = {
    {"pipelineParallel", "pipeline stages; 0 for the model's", "0", NEEDS_JOB},
    {"schedule", "order of microbatches: 1f1b, gpipe, interleaved-1f1b", "1f1b", NEEDS_JOB},
    {"chunks",
     "chunks of layers per stage (interleaved-1f1b)",
     "1",
     "a whole job, --gpus, with --schedule=interleaved-1f1b"},
    {"iterations", "iterations, one after the other", "1", NEEDS_JOB},
    {"firstIteration", "number of the first iteration; the last may be 2047", "0", NEEDS_JOB},
    {"attentionCollectives",
     "whether attention gathers and scatters its TP slices: yes or no",
     "yes",
     "a whole job, --gpus, with several GPUs per EP rank, --tensorParallel"},
    {"overlapGradients",
     "whether gradients are added up layer by layer during the backward pass: yes or no",
     "no",
     NEEDS_JOB},
    {"gradientBytes", "bytes of a gradient: 2 or 4", "4", NEEDS_JOB},
};

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
    auto spec = ParseDegrees(options, model, 1024);
    CheckTensorParallel(spec.tensorParallel);
    spec.dataParallel = 0;
    spec.gpus = options.Count("gpus", 1, mixnetcore::ParallelPlan::MAX_GPUS);
    spec.gpusPerHost = GPUS_PER_HOST;
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

/// @param options The options. @return how many iterations, from --firstIteration on.
uint32_t
ParseIterations(const ProgramOptions& options)
{
    const auto first = options.Count("firstIteration", 0, MOST_JOB_ITERATIONS - 1);
    const auto iterations = options.Count("iterations", 1, MOST_JOB_ITERATIONS);
    if (first + iterations > MOST_JOB_ITERATIONS)
    {
        throw std::invalid_argument(
            "options --firstIteration=" + std::to_string(first) +
            ", --iterations=" + std::to_string(iterations) + ": end with iteration " +
            std::to_string(first + iterations - 1) + "; the last one must be 0 to " +
            std::to_string(MOST_JOB_ITERATIONS - 1));
    }
    return iterations;
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
    auto program = ParseTrainingProgram(options, model, plan);
    program.iteration = options.Count("firstIteration", 0, MOST_JOB_ITERATIONS - 1);
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
    for (const auto& option : JOB_OPTIONS)
    {
        options.Add(option.name,
                    std::string("With --gpus: ") + option.help,
                    option.value,
                    option.need);
    }
}

bool
IsJob(const ProgramOptions& options)
{
    return options.Count("gpus", 0, mixnetcore::ParallelPlan::MAX_GPUS) > 0;
}

JobScenario
ParseJobScenario(const ProgramOptions& options)
{
    JobScenario scenario;
    scenario.seed = options.Seed();
    scenario.output = options.Text("output");
    auto& job = scenario.job;
    job.model = ParseModelWithLayers(options);
    const auto plan = ParsePlan(options, job.model);
    if (plan.ExpertParallel() * plan.TensorParallel() % GPUS_PER_HOST != 0)
    {
        throw std::invalid_argument("options --expertParallel, --tensorParallel: EP groups of " +
                                    std::to_string(plan.ExpertParallel() * plan.TensorParallel()) +
                                    " GPUs must fill whole servers of " +
                                    std::to_string(GPUS_PER_HOST));
    }
    job.program = ParseProgram(options, job.model, plan);
    job.iterations = ParseIterations(options);
    const auto work = ParseWork(options,
                                job.model,
                                plan,
                                RanksThatForward(plan.GroupLayout()),
                                job.program->Options().iteration + job.iterations);
    job.load = work.load;
    job.compute = std::make_shared<mixnetcore::ComputeModel>(work.compute.compute);
    scenario.gpu = work.compute.gpu;
    scenario.compute = work.compute.description;
    job.deduplication = work.deduplication;
    job.work = work.work;
    scenario.fabric =
        ParseFabricOptions(options, plan.Hosts(), GPUS_PER_HOST, plan.GroupLayout().Hosts());
    scenario.capture = ParseCapture(options, scenario.fabric.plan);
    CheckCapture(scenario.capture, scenario.fabric);
    scenario.control = ParseControlOptions(options, scenario.fabric);
    scenario.collectives = ParseCollectiveOptions(options, "merged", plan.TensorParallel());
    options.Settle();
    scenario.options = options.Record();
    return scenario;
}

} // namespace mixnet
} // namespace ns3
