/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "plan-options.h"

#include "ns3/checks.h"
#include "ns3/model-parallelism.h"
#include "ns3/option-names.h"
#include "ns3/option-values.h"

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
    options.Section(OptionGroup::Model)
        .Add("model", "Model, by name or from a file (contrib/mixnet/models/README.md)", value)
        .Basic()
        .OneOf("models", mixnetcore::Models());
}

void
AddReplicaOptions(ProgramOptions& options)
{
    options.Section(OptionGroup::Parallelism)
        .Add("dataParallel", "Replicas of an EP group", "1")
        .Basic();
    const auto training = options.Section(OptionGroup::Model);
    training
        .Add("microbatches",
             "Microbatches per replica, or for each pipeline stage, as 4x; 0 for the model's",
             "0")
        .Basic();
    training.Add("recompute", "Whether forward is done once more before backward", "no").YesOrNo();
}

void
AddDegreeOptions(ProgramOptions& options, const std::string& need)
{
    const auto section = options.Section(OptionGroup::Parallelism);
    section.Add("expertParallel", "EP ranks; 0 for the model's", "0");
    section.Add("tensorParallel", "GPUs per EP rank; 0 for the model's", "0");
    section.Add("pipelineParallel", "Pipeline stages; 0 for the model's", "0", need);
}

void
AddScheduleOptions(ProgramOptions& options, const std::string& need, const std::string& ofGradients)
{
    const auto section = options.Section(OptionGroup::Parallelism);
    section.Add("schedule", "Order of microbatches", "1f1b", need)
        .OneOf("schedules", mixnetcore::PipelineSchedules());
    section.Add("chunks",
                "Chunks of layers per stage",
                "1",
                (need.empty() ? "" : need + ", with ") + "--schedule=interleaved-1f1b");
    section
        .Add("attentionCollectives",
             "Whether attention gathers and scatters its TP slices",
             "yes",
             NEEDS_TENSOR)
        .YesOrNo();
    section
        .Add("overlapGradients",
             "Whether gradients are reduced layer by layer during the backward pass",
             "no",
             ofGradients)
        .YesOrNo();
    section.Add("gradientBytes", "Bytes of a gradient, 2 or 4", "4", ofGradients);
}

uint32_t
ParseRegionServers(const ProgramOptions& options, uint64_t servers)
{
    const auto region = options.Count("regionServers", 0, 1 << 16, "servers");
    if (region > 0 && servers % region != 0)
    {
        options.Refuse("servers",
                       std::to_string(servers) + " must be a multiple of --regionServers, here " +
                           std::to_string(region) + ", unless that is 0");
    }
    return region;
}

mixnetcore::ModelSpec
ParseModel(const ProgramOptions& options)
{
    return options.Made("model", [&] { return mixnetcore::FindModel(options.Text("model")); });
}

mixnetcore::ModelSpec
ParseModelWithLayers(const ProgramOptions& options)
{
    auto model = ParseModel(options);
    const auto layers = options.Count("layers", 0, model.layers, "layers");
    if (layers > 0 && layers <= model.denseLayers)
    {
        options.Refuse("layers",
                       "must be above the " + std::to_string(model.denseLayers) +
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
ParseDegrees(const ProgramOptions& options,
             const mixnetcore::ModelSpec& model,
             uint64_t mostTensor,
             bool isWhole)
{
    auto spec = mixnetcore::DefaultParallelism(model);
    const auto set = [&options](const char* name, size_t& degree, uint64_t most, const char* unit) {
        const auto given = options.Count(name, 0, most, unit);
        degree = given > 0 ? given : degree;
    };
    set("expertParallel", spec.expertParallel, 1024, "EP ranks");
    set("tensorParallel", spec.tensorParallel, mostTensor, "GPUs");
    if (!isWhole)
    {
        spec.pipelineParallel = 1;
        spec.dataParallel = 1;
        return spec;
    }
    set("pipelineParallel", spec.pipelineParallel, 64, "stages");
    const auto schedule = options.Choice("schedule", mixnetcore::PipelineSchedules().Names());
    if (schedule == INTERLEAVED)
    {
        spec.chunksPerStage = options.Count("chunks", 1, 64, "chunks");
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
            options.Refuse("microbatches",
                           mixnetcore::Phrase()
                               << "must be 1x to " << largest << "x, microbatches for each of "
                               << stages << " stages, or a number from 0 to " << most);
        }
        return *perStage * stages;
    }
    const auto given = options.Count("microbatches", 0, most);
    return given > 0 ? given : otherwise;
}

mixnetcore::TrainingProgramOptions
ParseTrainingProgram(const ProgramOptions& options,
                     const mixnetcore::ModelSpec& model,
                     const mixnetcore::ParallelPlan& degrees,
                     bool isWhole)
{
    constexpr uint64_t MOST_MICROBATCHES = 32768; // of a replica
    auto program = mixnetcore::DefaultTrainingProgram(model);
    program.backward = !options.Has("backward") || options.Flag("backward");
    program.recompute = program.backward && options.Flag("recompute");
    program.microbatches = ParseMicrobatches(options,
                                             degrees.PipelineParallel(),
                                             isWhole ? program.microbatches : 1,
                                             MOST_MICROBATCHES);
    if (degrees.TensorParallel() > 1)
    {
        program.attentionCollectives = options.Flag("attentionCollectives");
    }
    if (isWhole)
    {
        program.schedule = options.Choice("schedule", mixnetcore::PipelineSchedules().Names());
        program.overlapGradientReduce = program.backward && options.Flag("overlapGradients");
    }
    return program;
}

size_t
RanksThatForward(const mixnetcore::ExpertParallelGroup& group)
{
    return group.HostsPerRank() == 1 ? group.RanksOfHost(0).size() : 0;
}

uint64_t
ParseGradientBytes(const ProgramOptions& options)
{
    const auto& text = options.Peek("gradientBytes");
    return mixnetcore::ParseChoice("gradientBytes", text, {"2", "4"}) == "2" ? 2 : 4;
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
    work.bytesPerGradient = ParseGradientBytes(options);
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
