/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-scenario.h"

#include "ns3/circuit-allocator.h"
#include "ns3/ideal-switch-planner.h"
#include "ns3/measured-expert-load.h"
#include "ns3/ocs-technology.h"
#include "ns3/reconfiguration-policy.h"
#include "ns3/synthetic-expert-load.h"

#include <optional>
#include <stdexcept>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr uint32_t GPUS_PER_HOST = 8;                //!< paper, section 7.1
constexpr const char* MIXNET = "mixnet";             //!< a region with optics
constexpr const char* NVSWITCH = "nvswitch";         //!< a crossbar
constexpr const char* NVLINK_PAIRS = "nvlink-pairs"; //!< the paper's prototype
constexpr const char* IDEAL_SWITCH = "ideal-switch"; //!< all NICs on one switch
constexpr const char* SYNTHETIC = "synthetic";       //!< in place of a file of measured counts

/**
 * @return the options with their defaults: the EP group of Mixtral 8x22B in the paper's region.
 */
ProgramOptions
DeclareOptions()
{
    ProgramOptions options(
        "Trains the MoE layers of one EP group over a reconfigurable region: attention, gate, "
        "dispatch, expert, combine, forward and backward, packet by packet.");
    // What is trained
    options.Add("model",
                "Model: mixtral-8x22b, mixtral-8x7b, llama-moe or qwen-moe",
                "mixtral-8x22b");
    options.Add("layers", "MoE layers of the model to pass, at most all", "2");
    options.Add("microbatches", "Microbatches, one after the other", "1");
    options.Add("backward", "Whether the backward pass follows: yes or no", "yes");
    options.Add("recompute", "Whether forward is done once more before backward: yes or no", "no");
    options.Add("expertParallel", "EP ranks; 0 for the model's", "0");
    options.Add("tensorParallel", "GPUs per EP rank; 0 for the model's", "0");
    options.Add("expertLoad",
                "File with measured token counts, [[..],[..]] source rank by expert, or synthetic "
                "for the seeded process",
                SYNTHETIC);
    options.Add("skew", "Scales the variation of the synthetic load; 0 is uniform", "1");
    options.Add("tensorAlgorithm",
                "Steps of tensor-parallel collectives: direct or ring",
                "direct");
    options.Add("teraflops", "Achieved TFLOP/s per GPU", "137");
    // Where
    options.Add("fabric",
                "Fabric: mixnet, or ideal-switch with every GPU on a NIC of its own",
                MIXNET);
    options.Add("linkRate", "Line rate of a NIC", "400Gb/s");
    options.Add("opticalDegree", "NICs per server on the optical circuit switch (mixnet)", "6");
    options.Add("electricalNics", "NICs per server on the packet switch (mixnet)", "2");
    options.Add("nvswitchRate", "Rate of a GPU's NVSwitch port, each way", "3600Gb/s");
    options.Add("gpuInterconnect",
                "What joins the GPUs of a server: nvswitch, or nvlink-pairs with PCIe between all",
                NVSWITCH);
    options.Add("pcieRate",
                "Rate of a GPU's PCIe with nvlink-pairs, or none for no limit",
                "256Gb/s");
    options.Add("numaLinkRate",
                "Rate between the halves of a server, or none for no limit",
                "none");
    options.Add("nicAttachmentRate",
                "Rate between a NIC and its GPU, or none for no limit",
                "none");
    options.Add("chunkBytes", "Bytes of a message that travel a leg together", "1048576");
    options.Add("pipelineDepth", "Chunks of a message that may be unacknowledged", "4");
    options.Add("linkDelay", "Propagation delay of a fibre", "1us");
    options.Add("mtu", "Payload per frame, bytes", "4096");
    // How circuits change
    options.Add("reconfigurationDelay", "Blackout of the ports that change (mixnet)", "25ms");
    options.Add("ocsTechnology",
                "Technology that sets the blackout instead: robotic, piezo, mems-3d, rotornet, "
                "silicon-photonics, plzt or prototype",
                TrainingScenario::NONE);
    options.Add("policy",
                "When circuits change: block (dispatch waits for its circuits) or reuse (dispatch "
                "keeps those that are there)",
                "block");
    options.Add("numaRule",
                "Circuits of a pair in the halves of a server: spread or pack",
                "spread");
    options.Add("allocator", "Circuit allocator: greedy or greedy-literal", "greedy");
    options.Add("controlLatency", "Latency between hosts and controller, each way", "0us");
    // The run
    options.Add("seed", "Seed of everything random", "1");
    options.Add("tableRows", "Rows of the printed table at most", "60");
    options.Add("output", "Folder for summary.json and CSV files, or none", "mixnet-output");
    return options;
}

/**
 * @param names Known names. @param option Name of the option. @param value What the user gave.
 * @return the value. @throws std::invalid_argument when it is not among the names.
 */
std::string
OneOf(const std::vector<std::string>& names, const std::string& option, const std::string& value)
{
    std::string list;
    for (const auto& name : names)
    {
        if (name == value)
        {
            return value;
        }
        list += (list.empty() ? "" : ", ") + name;
    }
    throw std::invalid_argument("option --" + option + "=" + value + ": must be one of " + list);
}

/**
 * @return what may name a technology: NONE and the known ones.
 */
std::vector<std::string>
OcsTechnologyNames()
{
    std::vector<std::string> names{TrainingScenario::NONE};
    for (const auto& technology : mixnetcore::OcsTechnologies())
    {
        names.push_back(technology.name);
    }
    return names;
}

/**
 * @param options The options.
 * @param model The model.
 * @return EP and TP ranks on their GPUs.
 */
mixnetcore::ExpertParallelGroup
ParseGroup(const ProgramOptions& options, const mixnetcore::ModelSpec& model)
{
    const auto expert = options.Count("expertParallel", 0, 1024);
    const auto tensor = options.Count("tensorParallel", 0, GPUS_PER_HOST);
    const auto ranks = expert > 0 ? expert : model.expertParallel;
    if (model.paddedExperts % ranks != 0)
    {
        throw std::invalid_argument("option --expertParallel=" + std::to_string(ranks) +
                                    ": must divide the " + std::to_string(model.paddedExperts) +
                                    " experts of " + model.name);
    }
    try
    {
        return mixnetcore::ExpertParallelGroup(ranks,
                                               tensor > 0 ? tensor : model.tensorParallel,
                                               GPUS_PER_HOST);
    }
    catch (const std::invalid_argument& error)
    {
        throw std::invalid_argument("options --expertParallel=" + options.Text("expertParallel") +
                                    ", --tensorParallel=" + options.Text("tensorParallel") + ": " +
                                    error.what());
    }
}

/**
 * @param options The options. @param model The model. @param ranks EP ranks.
 * @return which tokens go where.
 */
std::shared_ptr<const mixnetcore::ExpertLoad>
ParseLoad(const ProgramOptions& options, const mixnetcore::ModelSpec& model, size_t ranks)
{
    const auto& path = options.Text("expertLoad");
    if (path != SYNTHETIC)
    {
        return std::make_shared<mixnetcore::MeasuredExpertLoad>(
            mixnetcore::MeasuredExpertLoad::FromFile(path,
                                                     ranks,
                                                     model.paddedExperts,
                                                     model.AssignmentsPerMicrobatch()));
    }
    auto synthetic = mixnetcore::SyntheticLoadOf(model, ranks);
    synthetic.seed = options.Count("seed", 1, UINT32_MAX);
    synthetic.skew = options.Number("skew", 0, 10);
    return std::make_shared<mixnetcore::SyntheticExpertLoad>(synthetic);
}

/**
 * @param options The options.
 * @param name An option: a rate, or none.
 * @return its value.
 */
std::optional<mixnetcore::BitsPerSecond>
ParseLimit(const ProgramOptions& options, const std::string& name)
{
    if (options.Text(name) == TrainingScenario::NONE)
    {
        return std::nullopt;
    }
    return options.Rate(name);
}

/**
 * @param options The options. @param hosts Servers.
 * @return the fabric.
 */
mixnetcore::FabricPlan
ParseFabric(const ProgramOptions& options, uint32_t hosts)
{
    const auto fabric = OneOf({MIXNET, IDEAL_SWITCH}, "fabric", options.Text("fabric"));
    mixnetcore::HostSpec host;
    host.gpus = GPUS_PER_HOST;
    host.opticalDegree = options.Count("opticalDegree", 1, GPUS_PER_HOST);
    host.electricalNics = options.Count("electricalNics", 1, GPUS_PER_HOST);
    host.linkRate = options.Rate("linkRate");
    host.gpuPortRate = options.Rate("nvswitchRate");
    if (OneOf({NVSWITCH, NVLINK_PAIRS}, "gpuInterconnect", options.Text("gpuInterconnect")) ==
        NVLINK_PAIRS)
    {
        host.interconnect = mixnetcore::GpuInterconnect::NvlinkPairs;
    }
    host.pcieRate = ParseLimit(options, "pcieRate");
    host.numaLinkRate = ParseLimit(options, "numaLinkRate");
    host.nicAttachmentRate = ParseLimit(options, "nicAttachmentRate");
    const auto delay = options.Duration("linkDelay");
    if (fabric == IDEAL_SWITCH)
    {
        host.opticalDegree = 0;
        host.electricalNics = GPUS_PER_HOST;
        return mixnetcore::PlanIdealSwitch({hosts, host, delay});
    }
    try
    {
        return mixnetcore::PlanMixnet({hosts, host, delay, 0, {1}});
    }
    catch (const std::invalid_argument& error)
    {
        throw std::invalid_argument("options --opticalDegree=" + options.Text("opticalDegree") +
                                    ", --electricalNics=" + options.Text("electricalNics") + ": " +
                                    error.what());
    }
}

} // namespace

TrainingScenario
ParseTrainingScenario(int argc, char* argv[])
{
    auto options = DeclareOptions();
    options.Parse(argc, argv);

    const auto modelName = OneOf(mixnetcore::ModelNames(), "model", options.Text("model"));
    TrainingScenario scenario;
    scenario.options = options.All();
    scenario.model = mixnetcore::FindModel(modelName);
    scenario.seed = options.Count("seed", 1, UINT32_MAX);
    scenario.sequence.layers = options.Count("layers", 1, scenario.model.layers);
    scenario.sequence.microbatches = options.Count("microbatches", 1, 4095);
    scenario.sequence.backward = options.Flag("backward");
    scenario.sequence.recompute = options.Flag("recompute");
    scenario.mtu = options.Count("mtu", 64, 65000);
    scenario.tableRows = options.Count("tableRows", 0, UINT64_MAX);
    scenario.output = options.Text("output");

    const auto group = ParseGroup(options, scenario.model);
    const auto teraflops = options.Number("teraflops", 1e-3, 1e6);
    const mixnetcore::FlopsPerSecond rate(static_cast<uint64_t>(teraflops * 1e12));
    const mixnetcore::ComputeModel compute(scenario.model, group.TensorParallel(), rate);
    scenario.workload = std::make_shared<const mixnetcore::MoeGroupWorkload>(
        scenario.model,
        group,
        ParseLoad(options, scenario.model, group.Ranks()),
        compute);

    scenario.fabric = ParseFabric(options, group.Hosts());
    scenario.reconfigurationDelay = options.Duration("reconfigurationDelay");
    scenario.controlLatency = options.Duration("controlLatency");
    scenario.allocator =
        OneOf(mixnetcore::CircuitAllocatorNames(), "allocator", options.Text("allocator"));
    scenario.policy =
        OneOf(mixnetcore::ReconfigurationPolicyNames(), "policy", options.Text("policy"));
    scenario.numaRule = OneOf({"spread", "pack"}, "numaRule", options.Text("numaRule"));
    scenario.tensorAlgorithm =
        OneOf({"direct", "ring"}, "tensorAlgorithm", options.Text("tensorAlgorithm"));
    scenario.chunkBytes = options.Count("chunkBytes", 1, uint64_t{1} << 40);
    scenario.pipelineDepth = options.Count("pipelineDepth", 1, 1'000'000);
    scenario.ocsTechnology =
        OneOf(OcsTechnologyNames(), "ocsTechnology", options.Text("ocsTechnology"));
    if (scenario.ocsTechnology != TrainingScenario::NONE)
    {
        const auto& technology = mixnetcore::FindOcsTechnology(scenario.ocsTechnology);
        if (scenario.fabric.regions.empty())
        {
            throw std::invalid_argument("option --ocsTechnology=" + technology.name + ": fabric " +
                                        scenario.fabric.name + " has no optical circuit switch");
        }
        const auto& region = scenario.fabric.regions.front();
        const auto ports = scenario.fabric.nodes[region.opticalSwitch].ports;
        if (ports > technology.ports)
        {
            throw std::invalid_argument("option --ocsTechnology=" + technology.name + ": has " +
                                        std::to_string(technology.ports) +
                                        " ports; the region needs " + std::to_string(ports));
        }
    }
    return scenario;
}

} // namespace mixnet
} // namespace ns3
