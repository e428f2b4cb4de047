/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "all-to-all-scenario.h"

#include <stdexcept>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr uint32_t MAX_HOSTS = 1 << 16; //!< servers at most
constexpr uint32_t MAX_GPUS = 1 << 18;  //!< GPUs of all servers at most

/**
 * @return the options with their defaults: eight endpoints on a fat-tree of sixteen servers.
 */
ProgramOptions
DeclareOptions()
{
    ProgramOptions options(
        "Sends flows among the GPUs of a fabric, packet by packet, and compares the time they take "
        "with the least that their bytes could take.");
    // What is sent
    options.Add("flows",
                "File with a flow per line: source GPU, destination GPU, bytes, and if it does not "
                "start at once its start such as 5ms; or none for a pattern",
                FabricScenario::NONE);
    options.Add("pattern",
                "Pattern without a file: uniform, skewed, incast or permutation",
                "uniform");
    options.Add("endpoints", "GPUs that take part in a pattern; 0 for all", "8");
    options.Add("bytes", "Bytes of a flow of a pattern, on average", "200000000");
    options.Add("skew", "Variation of the destinations' weights in the skewed pattern", "1");
    // Over what
    options.Add("hosts", "Servers", "16");
    options.Add("gpusPerHost",
                "GPUs of a server, each with a NIC; 0 for 1 on fat-tree, oversub-fat-tree and "
                "ideal-switch and for 8 on the others",
                "0");
    AddFabricOptions(options, "fat-tree");
    // The run
    options.Add("rateInterval",
                "Time between samples of rates in rates.csv, as long as flows go on; 0us for none",
                "0us");
    AddCutOption(options);
    AddCaptureOptions(options);
    options.Add("timeLimit", "Simulated time at most; 0us for no limit", "0us");
    options.Add("seed", "Seed of everything random", "1");
    options.Add("output", "Folder for summary.json and CSV files, or none", "all-to-all-output");
    return options;
}

/**
 * @param options The options.
 * @return GPUs of a server.
 */
uint32_t
ParseGpusPerHost(const ProgramOptions& options)
{
    constexpr uint32_t MANY = 8;
    const auto given = options.Count("gpusPerHost", 0, 1024);
    if (given > 0)
    {
        return given;
    }
    const auto& fabric = options.Text("fabric");
    const bool isSingle =
        fabric == "fat-tree" || fabric == "oversub-fat-tree" || fabric == "ideal-switch";
    return isSingle ? 1 : MANY;
}

/**
 * @param options The options. @param gpus GPUs of the fabric.
 * @return the flows.
 */
std::vector<mixnetcore::FlowSpec>
ParseFlows(const ProgramOptions& options, uint32_t gpus)
{
    const auto& path = options.Text("flows");
    if (path != FabricScenario::NONE)
    {
        return mixnetcore::ReadFlowFile(path, gpus);
    }
    const auto name = OneOf(mixnetcore::PatternNames(), "pattern", options.Text("pattern"));
    const auto endpoints = options.Count("endpoints", 0, gpus);
    mixnetcore::PatternSpec pattern;
    pattern.endpoints = endpoints > 0 ? endpoints : gpus;
    pattern.bytesPerFlow = mixnetcore::Bytes(options.Count("bytes", 1, uint64_t{1} << 50));
    pattern.seed = options.Count("seed", 1, UINT32_MAX);
    pattern.skew = options.Number("skew", 0, 9);
    if (pattern.endpoints < 2)
    {
        throw std::invalid_argument("option --endpoints=" + options.Text("endpoints") +
                                    ": at least 2, of " + std::to_string(gpus) + " GPUs");
    }
    return mixnetcore::MakePattern(name, pattern);
}

} // namespace

AllToAllScenario
ParseAllToAllScenario(int argc, char* argv[])
{
    auto options = DeclareOptions();
    options.Parse(argc, argv);

    AllToAllScenario scenario;
    scenario.options = options.All();
    OneOf(FabricNames(), "fabric", options.Text("fabric"));
    const auto hosts = static_cast<uint32_t>(options.Count("hosts", 1, MAX_HOSTS));
    const auto gpusPerHost = ParseGpusPerHost(options);
    if (uint64_t{hosts} * gpusPerHost > MAX_GPUS)
    {
        throw std::invalid_argument("options --hosts=" + options.Text("hosts") +
                                    ", --gpusPerHost=" + options.Text("gpusPerHost") +
                                    ": must make " + std::to_string(MAX_GPUS) + " GPUs at most");
    }
    scenario.flows = ParseFlows(options, hosts * gpusPerHost);
    scenario.source = options.Text("flows") == FabricScenario::NONE
                          ? "pattern " + options.Text("pattern")
                          : options.Text("flows");
    scenario.fabric = ParseFabricOptions(options, hosts, gpusPerHost);
    scenario.cuts = ParseCuts(options, scenario.fabric.plan);
    scenario.capture = ParseCapture(options, scenario.fabric.plan);
    scenario.rateInterval = options.Duration("rateInterval");
    scenario.timeLimit = options.Duration("timeLimit");
    scenario.seed = options.Count("seed", 1, UINT32_MAX);
    scenario.output = options.Text("output");
    constexpr mixnetcore::Picoseconds shortest{1'000'000};
    if (scenario.rateInterval > mixnetcore::Picoseconds::zero() && scenario.rateInterval < shortest)
    {
        throw std::invalid_argument("option --rateInterval=" + options.Text("rateInterval") +
                                    ": must be 1us at least, or 0us for no samples");
    }
    if (scenario.rateInterval > mixnetcore::Picoseconds::zero() &&
        !scenario.fabric.IsAll(Fidelity::Packet))
    {
        throw std::invalid_argument("option --rateInterval=" + options.Text("rateInterval") +
                                    ": needs packets, --fidelity=packet");
    }
    CheckCapture(scenario.capture, scenario.fabric);
    if (scenario.rateInterval > mixnetcore::Picoseconds::zero() &&
        scenario.output == FabricScenario::NONE)
    {
        throw std::invalid_argument("option --rateInterval=" + options.Text("rateInterval") +
                                    ": needs a folder for rates.csv, --output=FOLDER");
    }
    return scenario;
}

} // namespace mixnet
} // namespace ns3
