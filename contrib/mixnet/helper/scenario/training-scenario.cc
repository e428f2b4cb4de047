/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-scenario.h"

#include "compute-options.h"
#include "load-options.h"
#include "plan-options.h"

#include "ns3/checks.h"
#include "ns3/expected-traffic.h"
#include "ns3/fabric-planner.h"
#include "ns3/model-parallelism.h"

#include <algorithm>
#include <stdexcept>

namespace ns3
{
namespace mixnet
{

namespace
{

using mixnetcore::Phrase;
using mixnetcore::Refuse;

constexpr uint64_t MOST_JOB_ITERATIONS = 1 << 20;        //!< more than any training has
constexpr uint64_t MOST_COPIES = 4096;                   //!< of experts
constexpr const char* NEEDS_JOB = "a whole job, --gpus"; //!< what options of whole models need

/// @param options Where to declare what is trained.
void
AddJobOptions(ProgramOptions& options)
{
    const auto section = options.Section(OptionGroup::Model);
    options.Section(OptionGroup::Parallelism)
        .Add("gpus",
             "GPUs of a whole training job: all stages and replicas of the model, pipeline and "
             "gradients; 0 for one EP group and some layers",
             "0")
        .Basic();
    section
        .Add("layers",
             "Layers, at most all. With --gpus from the first on, 0 for the whole model; else MoE "
             "layers, 0 for 2 (or 1 where there is one)",
             "0")
        .Basic();
    section.Add("microbatches",
                "Microbatches of a replica, or as 4x for each pipeline stage; 0 for 1, and with "
                "--gpus for the model's",
                "0");
    section.Add("microbatchSize",
                "Sequences of a microbatch of one EP rank, up to 4096; 0 for the model's",
                "0");
    section.Add("backward", "Whether the backward pass follows", "yes").YesOrNo();
    section
        .Add("recompute",
             "Whether forward is done once more before backward",
             "no",
             "a backward pass, --backward=yes")
        .YesOrNo();
    section.Add("iterations", "Iterations, one after the other", "1").Basic();
    section.Add("firstIteration", "Number of the first iteration; the last may be 1048575", "0");
    section.Add("gpusPerHost", "GPUs of a server, 1 to 1024", std::to_string(GPUS_PER_HOST));
    AddDegreeOptions(options, NEEDS_JOB);
    options.Section(OptionGroup::Parallelism)
        .Add(
            "redundantExperts",
            "Further copies of the busiest experts of each layer; EP ranks must divide experts and "
            "copies",
            "0");
    AddScheduleOptions(options,
                       NEEDS_JOB,
                       "a whole job, --gpus, with a backward pass, --backward=yes");
}

/// @param options Options of a program. @return whether they ask for a whole job.
bool
IsJob(const ProgramOptions& options)
{
    return options.Count("gpus", 0, mixnetcore::ParallelPlan::MAX_GPUS, "GPUs") > 0;
}

/// @param model The model. @param spec Degrees, and GPUs of a server.
/// @throws std::invalid_argument when the experts or the servers do not take them.
void
CheckDegrees(const mixnetcore::ModelSpec& model, const mixnetcore::ParallelPlanSpec& spec)
{
    if (model.paddedExperts % spec.expertParallel != 0)
    {
        Refuse(Phrase() << "option --expertParallel=" << spec.expertParallel << ": must divide "
                        << mixnetcore::DescribeExperts(model));
    }
    if (spec.gpusPerHost % spec.tensorParallel != 0 && spec.tensorParallel % spec.gpusPerHost != 0)
    {
        Refuse(Phrase() << "option --tensorParallel=" << spec.tensorParallel << ": must divide the "
                        << spec.gpusPerHost << " GPUs of a server or be a multiple of them");
    }
}

/// @param options The options. @param model The model. @return ranks on their GPUs.
mixnetcore::ParallelPlan
ParsePlan(const ProgramOptions& options, const mixnetcore::ModelSpec& model)
{
    auto spec = ParseDegrees(options, model, 1024, IsJob(options));
    spec.gpusPerHost = options.Count("gpusPerHost", 1, 1024, "GPUs");
    CheckDegrees(model, spec);
    spec.gpus = options.Count("gpus", 0, mixnetcore::ParallelPlan::MAX_GPUS, "GPUs");
    const auto group = spec.expertParallel * spec.tensorParallel;
    if (spec.gpus > group && group % spec.gpusPerHost != 0)
    {
        Refuse(Phrase() << "options --expertParallel, --tensorParallel: EP groups of " << group
                        << " GPUs must fill whole servers of " << spec.gpusPerHost);
    }
    try
    {
        return mixnetcore::PlanParallel(model, spec);
    }
    catch (const std::invalid_argument& error)
    {
        Refuse("options --model=" + model.name +
               (spec.gpus > 0 ? ", --gpus=" + options.Text("gpus")
                              : ", --expertParallel=" + std::to_string(spec.expertParallel) +
                                    ", --tensorParallel=" + std::to_string(spec.tensorParallel)) +
               ": " + error.what());
    }
}

/// @param options The options. @return how many iterations, from --firstIteration on.
uint32_t
ParseIterations(const ProgramOptions& options)
{
    const auto first = options.Count("firstIteration", 0, MOST_JOB_ITERATIONS - 1);
    const auto iterations = options.Count("iterations", 1, MOST_JOB_ITERATIONS, "iterations");
    if (first + iterations > MOST_JOB_ITERATIONS)
    {
        Refuse(Phrase() << "options --firstIteration=" << first << ", --iterations=" << iterations
                        << ": end with iteration " << first + iterations - 1
                        << "; the last one must be 0 to " << MOST_JOB_ITERATIONS - 1);
    }
    return iterations;
}

/// @param options The options. @param model The model. @return the MoE layers of an excerpt.
mixnetcore::LayerRange
ParseExcerpt(const ProgramOptions& options, const mixnetcore::ModelSpec& model)
{
    const auto layers = options.Count("layers", 0, model.MoeLayers(), "layers");
    return {model.denseLayers, layers > 0 ? layers : std::min<uint64_t>(2, model.MoeLayers())};
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
    const bool isJob = IsJob(options);
    auto program = ParseTrainingProgram(options, model, plan, isJob);
    program.iteration = options.Count("firstIteration", 0, MOST_JOB_ITERATIONS - 1);
    if (!isJob)
    {
        program.excerpt = ParseExcerpt(options, model);
    }
    try
    {
        return std::make_shared<const mixnetcore::TrainingProgram>(plan, program);
    }
    catch (const std::invalid_argument& error)
    {
        Refuse(Phrase() << "options --schedule=" << program.schedule
                        << ", --microbatches=" << program.microbatches << ": " << error.what());
    }
}

/**
 * @param options The options. @param model The model. @param plan Ranks.
 * @param program What stages do in an iteration.
 * @return what the job is expected to send between servers.
 */
mixnetcore::HostTraffic
ExpectTraffic(const ProgramOptions& options,
              const mixnetcore::ModelSpec& model,
              const mixnetcore::ParallelPlan& plan,
              const mixnetcore::TrainingProgramOptions& program)
{
    const mixnetcore::TrafficVolume volume(model, plan, {program.microbatches, program.recompute});
    return mixnetcore::ExpectedTraffic(volume, ParseGradientBytes(options));
}

} // namespace

ProgramOptions
DeclareTrainingOptions()
{
    ProgramOptions options(
        "Trains an MoE model over reconfigurable regions or an electrical fabric: attention, gate, "
        "dispatch, expert, combine, forward and backward; with --gpus the whole model with its "
        "pipeline and gradients, else some layers on one EP group.",
        {"mixnet-training --model=mixtral-8x7b --layers=1",
         "mixnet-training --preset=prototype --fabric=ideal-switch"});
    options.AddPresets(mixnetcore::FabricPlanners().Names());
    // What is trained
    AddModelOption(options, "mixtral-8x22b");
    AddJobOptions(options);
    AddLoadOptions(options);
    AddDeduplicationOption(options);
    AddCollectiveOptions(options);
    AddComputeOptions(options);
    // Where
    AddFabricOptions(options, "mixnet");
    // When circuits change
    AddControlOptions(options);
    // The run
    options.Section(OptionGroup::General).Add("seed", "Seed of everything random", "1").Basic();
    const auto output = options.Section(OptionGroup::Output);
    output.Add("tableRows",
               "Rows of the printed table of phases at most; it is printed for one EP group",
               "60",
               "one EP group");
    output.Add("output", "Folder for summary.json and CSV files, or none", "mixnet-output")
        .Basic()
        .Output();
    AddTimelineOption(options);
    AddTimelineIntervalOption(options);
    output.Add("timelineServers",
               "Whether the timeline has a process per server, rather than per stage and replica: "
               "yes or no",
               "no",
               "a timeline, --timeline=FILE, of a whole job, --gpus");
    AddCostOptions(options, ProgramOptions::NONE);
    AddAnimationOptions(options);
    AddCaptureOptions(options);
    return options;
}

TrainingScenario
ParseTrainingScenario(const ProgramOptions& options)
{
    TrainingScenario scenario;
    auto& job = scenario.job;
    scenario.seed = options.Seed();
    scenario.output = options.Text("output");
    job.model = IsJob(options) ? ParseModelWithLayers(options) : ParseModel(options);
    if (const auto copies = options.Count("redundantExperts", 0, MOST_COPIES, "copies"))
    {
        job.model.SetRedundantExperts(copies);
    }
    if (const auto sequences = options.Count("microbatchSize", 0, 4096, "sequences"))
    {
        job.model.microbatchSize = sequences;
    }
    const auto plan = ParsePlan(options, job.model);
    job.program = ParseProgram(options, job.model, plan);
    job.iterations = ParseIterations(options);
    const auto& program = job.program->Options();
    if (IsJob(options) && program.backward)
    {
        options.Text("gradientBytes");
    }
    if (plan.ExpertGroups() == 1)
    {
        scenario.tableRows = options.Count("tableRows", 0, UINT64_MAX, "rows");
    }
    const auto work =
        ParseWork(options,
                  job.model,
                  plan,
                  RanksThatForward(plan.GroupLayout()),
                  {uint64_t{program.iteration} + job.iterations, job.program->MoeLayers()});
    scenario.gpu = work.compute.gpu;
    scenario.compute = work.compute.description;
    job.work = work.work;
    scenario.fabric =
        ParseFabricOptions(options,
                           plan.Hosts(),
                           plan.GpusPerHost(),
                           plan.GroupLayout().Hosts(),
                           [&] { return ExpectTraffic(options, job.model, plan, program); });
    scenario.price = ParsePrice(options, scenario.fabric.plan);
    scenario.animation = ParseAnimation(options);
    scenario.capture = ParseCapture(options, scenario.fabric);
    scenario.timeline = ParseTimeline(options, {scenario.output, scenario.capture.folder});
    if (scenario.timeline && IsJob(options))
    {
        scenario.timeline.hasServers = options.Flag("timelineServers");
    }
    scenario.control = ParseControlOptions(options, scenario.fabric);
    scenario.collectives = ParseCollectiveOptions(options, plan.TensorParallel());
    options.Settle();
    scenario.options = options.Record();
    return scenario;
}

} // namespace mixnet
} // namespace ns3
