/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-scenario.h"

#include "compute-options.h"
#include "job-scenario.h"
#include "load-options.h"
#include "plan-options.h"

#include <algorithm>
#include <stdexcept>

namespace ns3
{
namespace mixnet
{

namespace
{

/**
 * @param options The options.
 * @param model The model.
 * @return EP and TP ranks on their GPUs.
 */
mixnetcore::ExpertParallelGroup
ParseGroup(const ProgramOptions& options, const mixnetcore::ModelSpec& model)
{
    const auto expert = options.Count("expertParallel", 0, 1024);
    const auto tensor = options.Count("tensorParallel", 0, 1024);
    const auto ranks = expert > 0 ? expert : model.expertParallel;
    const auto degree = tensor > 0 ? tensor : model.tensorParallel;
    if (model.paddedExperts % ranks != 0)
    {
        throw std::invalid_argument("option --expertParallel=" + std::to_string(ranks) +
                                    ": must divide " + DescribeExperts(model));
    }
    try
    {
        return mixnetcore::ExpertParallelGroup(ranks, degree, GPUS_PER_HOST);
    }
    catch (const std::invalid_argument& error)
    {
        // What is not given is the model's.
        throw std::invalid_argument("options --expertParallel=" + std::to_string(ranks) +
                                    ", --tensorParallel=" + std::to_string(degree) + ": " +
                                    error.what());
    }
}

/**
 * @brief Reads what an EP group does.
 * @param options The options. @param scenario Has its model and layers, gets its work and its GPUs.
 */
void
ParseWorkload(const ProgramOptions& options, TrainingScenario& scenario)
{
    const auto& model = scenario.model;
    const auto group = ParseGroup(options, model);
    const auto load = ParseLoadOptions(options,
                                       model,
                                       group.Ranks(),
                                       group.TensorParallel(),
                                       group.RanksOfHost(0).size(),
                                       {1, scenario.sequence.layers});
    const auto compute = ParseComputeOptions(options, model, group.TensorParallel());
    scenario.gpu = compute.gpu;
    scenario.compute = compute.description;
    scenario.workload = std::make_shared<const mixnetcore::MoeGroupWorkload>(
        model,
        group,
        load,
        compute.compute,
        ParseDeduplicationOption(options, *load, RanksThatForward(group)));
}

} // namespace

ProgramOptions
DeclareTrainingOptions()
{
    ProgramOptions options(
        "Trains the MoE layers of one EP group, or with --gpus a whole model, over reconfigurable "
        "regions or an electrical fabric: attention, gate, dispatch, expert, combine, forward and "
        "backward; of a whole model also pipeline and gradients.");
    options.AddSwitch("list", "Lists the models, presets and fabrics, and ends");
    options.AddPresets(FabricNames());
    // What is trained
    AddModelOption(options, "mixtral-8x22b");
    AddJobOptions(options);
    options.Add(
        "layers",
        "MoE layers of the model to pass, at most all; 0 for 2 (or 1 where there is one), and "
        "with --gpus for the whole model",
        "0");
    options.Add("microbatches",
                "Microbatches, one after the other; 0 for 1, and with --gpus for the model's; with "
                "--gpus also a number for each pipeline stage, as 4x",
                "0",
                "a whole job, --gpus, when it is for each stage");
    options.Add("backward",
                "Whether the backward pass follows: yes or no",
                "yes",
                "one EP group alone, without --gpus; a whole job has a backward pass");
    options.Add("recompute",
                "Whether forward is done once more before backward: yes or no",
                "no",
                "a backward pass, --backward=yes");
    options.Add("expertParallel", "EP ranks; 0 for the model's", "0");
    options.Add("tensorParallel", "GPUs per EP rank; 0 for the model's", "0");
    AddLoadOptions(options);
    AddDeduplicationOption(options);
    AddCollectiveOptions(options);
    AddComputeOptions(options);
    // Where
    AddFabricOptions(options, "mixnet");
    // When circuits change
    AddControlOptions(options);
    // The run
    options.Add("seed", "Seed of everything random", "1");
    options.Add("tableRows",
                "Rows of the printed table at most; one EP group alone",
                "60",
                "one EP group alone, without --gpus");
    options.Add("output", "Folder for summary.json and CSV files, or none", "mixnet-output");
    AddCaptureOptions(options);
    return options;
}

TrainingScenario
ParseTrainingScenario(const ProgramOptions& options)
{
    TrainingScenario scenario;
    scenario.model = ParseModel(options);
    scenario.seed = options.Seed();
    scenario.sequence.firstLayer = scenario.model.denseLayers;
    const auto layers = options.Count("layers", 0, scenario.model.MoeLayers());
    scenario.sequence.layers =
        layers > 0 ? layers : std::min<uint64_t>(2, scenario.model.MoeLayers());
    if (!IsPerStage(options.Peek("microbatches")))
    {
        scenario.sequence.microbatches =
            std::max<uint64_t>(1, options.Count("microbatches", 0, 32768));
    }
    scenario.sequence.backward = options.Flag("backward");
    scenario.sequence.recompute = scenario.sequence.backward && options.Flag("recompute");
    scenario.tableRows = options.Count("tableRows", 0, UINT64_MAX);
    scenario.output = options.Text("output");

    ParseWorkload(options, scenario);
    const auto& group = scenario.workload->Group();
    scenario.fabric = ParseFabricOptions(options, group.Hosts(), GPUS_PER_HOST);
    scenario.capture = ParseCapture(options, scenario.fabric.plan);
    CheckCapture(scenario.capture, scenario.fabric);
    scenario.control = ParseControlOptions(options, scenario.fabric);
    scenario.collectives = ParseCollectiveOptions(options, "direct", group.TensorParallel());
    options.Settle();
    scenario.options = options.Record();
    return scenario;
}

} // namespace mixnet
} // namespace ns3
