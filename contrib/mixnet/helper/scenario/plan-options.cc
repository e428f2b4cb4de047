/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "plan-options.h"

#include "fabric-options.h"

#include "ns3/model-parallelism.h"
#include "ns3/option-names.h"
#include "ns3/option-values.h"

#include <stdexcept>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* INTERLEAVED = "interleaved-1f1b"; //!< the schedule that has chunks

} // namespace

void
AddModelOption(ProgramOptions& options, const std::string& value)
{
    options.Add("model",
                "Model: " + mixnetcore::JoinNames(mixnetcore::Models().Names()) +
                    ", or the path of a JSON file (contrib/mixnet/models/README.md)",
                value);
}

mixnetcore::ModelSpec
ParseModel(const ProgramOptions& options)
{
    const auto& name = options.Text("model");
    try
    {
        return mixnetcore::FindModel(name);
    }
    catch (const std::invalid_argument& error)
    {
        throw std::invalid_argument("option --model=" + name + ": " + error.what());
    }
}

mixnetcore::ModelSpec
ParseModelWithLayers(const ProgramOptions& options)
{
    auto model = ParseModel(options);
    const auto layers = options.Count("layers", 0, model.layers);
    if (layers > 0 && layers <= model.denseLayers)
    {
        throw std::invalid_argument("option --layers=" + options.Text("layers") +
                                    ": must be above the " + std::to_string(model.denseLayers) +
                                    " dense layers of " + model.name);
    }
    if (layers > 0 && layers != model.layers)
    {
        model.layers = layers;
        model.layersPerStage.clear();
    }
    return model;
}

mixnetcore::ParallelPlanSpec
ParseDegrees(const ProgramOptions& options, const mixnetcore::ModelSpec& model, uint64_t mostTensor)
{
    auto spec = mixnetcore::DefaultParallelism(model);
    const auto set = [&options](const char* name, size_t& degree, uint64_t most) {
        const auto given = options.Count(name, 0, most);
        degree = given > 0 ? given : degree;
    };
    set("expertParallel", spec.expertParallel, 1024);
    set("tensorParallel", spec.tensorParallel, mostTensor);
    set("pipelineParallel", spec.pipelineParallel, 64);
    const auto schedule = options.Choice("schedule", mixnetcore::PipelineSchedules().Names());
    if (schedule == INTERLEAVED)
    {
        spec.chunksPerStage = options.Count("chunks", 1, 64);
    }
    return spec;
}

uint64_t
ParseMicrobatches(const ProgramOptions& options, uint64_t stages, uint64_t otherwise, uint64_t most)
{
    const auto& text = options.Text("microbatches");
    if (!text.empty() && (text.back() == 'x' || text.back() == 'X'))
    {
        const auto largest = most / stages;
        const auto perStage =
            mixnetcore::TryParseCount(text.substr(0, text.size() - 1), 1, largest);
        if (!perStage)
        {
            throw std::invalid_argument("option --microbatches=" + text + ": must be 1x to " +
                                        std::to_string(largest) + "x, microbatches for each of " +
                                        std::to_string(stages) + " stages, or a number from 0 to " +
                                        std::to_string(most));
        }
        return *perStage * stages;
    }
    const auto given = options.Count("microbatches", 0, most);
    return given > 0 ? given : otherwise;
}

mixnetcore::TrainingProgramOptions
ParseTrainingProgram(const ProgramOptions& options,
                     const mixnetcore::ModelSpec& model,
                     const mixnetcore::ParallelPlan& degrees)
{
    auto program = mixnetcore::DefaultTrainingProgram(model);
    program.schedule = options.Choice("schedule", mixnetcore::PipelineSchedules().Names());
    program.microbatches =
        ParseMicrobatches(options, degrees.PipelineParallel(), program.microbatches, 32768);
    program.recompute = options.Flag("recompute");
    if (degrees.TensorParallel() > 1)
    {
        program.attentionCollectives = options.Flag("attentionCollectives");
    }
    program.overlapGradientReduce = options.Flag("overlapGradients");
    return program;
}

size_t
RanksThatForward(const mixnetcore::ExpertParallelGroup& group)
{
    return group.HostsPerRank() == 1 ? group.RanksOfHost(0).size() : 0;
}

WorkScenario
ParseWork(const ProgramOptions& options,
          const mixnetcore::ModelSpec& model,
          const mixnetcore::ParallelPlan& plan,
          size_t ranksThatForward,
          const LoadSpan& span)
{
    const auto load = ParseLoadOptions(options, model, plan, span);
    const auto compute = ParseComputeOptions(options, model, plan.TensorParallel());
    mixnetcore::TrainingWorkOptions work;
    work.bytesPerGradient =
        mixnetcore::ParseChoice("gradientBytes", options.Peek("gradientBytes"), {"2", "4"}) == "2"
            ? 2
            : 4;
    work.deduplication = ParseDeduplicationOption(options, *load, ranksThatForward);
    return {compute,
            std::make_shared<mixnetcore::MoeTrainingWork>(model,
                                                          plan,
                                                          load,
                                                          compute.compute,
                                                          compute.optimizer,
                                                          work)};
}

} // namespace mixnet
} // namespace ns3
