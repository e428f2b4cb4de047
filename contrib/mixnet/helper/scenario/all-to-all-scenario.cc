/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "all-to-all-scenario.h"

#include "ns3/checks.h"
#include "ns3/fabric-choice.h"
#include "ns3/fabric-planner.h"

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr uint32_t MAX_HOSTS = 1 << 16; //!< servers at most
constexpr uint32_t MAX_GPUS = 1 << 18;  //!< GPUs of all servers at most

/// What options of patterns need.
constexpr const char* NEEDS_PATTERN = "a pattern, without --flows";

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
    const auto name = options.Choice("pattern", mixnetcore::TrafficPatterns().Names());
    const auto endpoints = options.Count("endpoints", 0, gpus, "GPUs");
    mixnetcore::PatternSpec pattern;
    pattern.endpoints = endpoints > 0 ? endpoints : gpus;
    pattern.bytesPerFlow =
        mixnetcore::Bytes(options.Size("bytes", 1, mixnetcore::MAX_FLOW_BYTES.Count()));
    pattern.seed = options.Seed();
    if (name == "skewed")
    {
        pattern.skew = options.Number("skew", 0, 9);
    }
    if (pattern.endpoints < 2)
    {
        options.Refuse("endpoints", "at least 2, of " + std::to_string(gpus) + " GPUs");
    }
    return mixnetcore::MakePattern(name, pattern);
}

/// @param options The options. @return time between samples of rates; zero for none.
mixnetcore::Picoseconds
ParseRateInterval(const ProgramOptions& options)
{
    constexpr mixnetcore::Picoseconds shortest{1'000'000};
    const auto interval = options.Duration("rateInterval");
    if (interval > mixnetcore::Picoseconds::zero() && interval < shortest)
    {
        options.Refuse("rateInterval", "must be 1us at least, or 0us for no samples");
    }
    return interval;
}

} // namespace

ProgramOptions
DeclareAllToAllOptions()
{
    ProgramOptions options(
        "Sends flows among the GPUs of a fabric, packet by packet, and compares the time they take "
        "with the least that their bytes could take.",
        {"all-to-all --endpoints=8 --bytes=2MB",
         "all-to-all --pattern=incast --fabric=rail-only --fidelity=flow"});
    options.AddPresets(mixnetcore::FabricPlanners().Names());
    // What is sent
    const auto traffic = options.Section(OptionGroup::Traffic);
    traffic
        .Add("flows",
             "File with a flow per line: source GPU, destination GPU, bytes, and if it does not "
             "start at once its start such as 5ms; or none for a pattern",
             FabricScenario::NONE)
        .Basic();
    traffic.Add("pattern", "Who sends to whom, without a file", "uniform", NEEDS_PATTERN)
        .Basic()
        .OneOf("patterns", mixnetcore::TrafficPatterns());
    traffic.Add("endpoints", "GPUs that take part in a pattern; 0 for all", "8", NEEDS_PATTERN)
        .Basic();
    traffic.Add("bytes", "Bytes of a flow of a pattern, on average", "200000000", NEEDS_PATTERN)
        .Basic();
    traffic.Add("skew",
                "Coefficient of variation of the destinations' weights, 0 to 9",
                "1",
                "--pattern=skewed");
    // Over what
    const auto servers = options.Section(OptionGroup::Fabric);
    servers.Add("hosts", "Servers", "16").Basic();
    servers.Add("gpusPerHost",
                "GPUs of a server, each with a NIC; 0 for what suits the fabric: 8 where servers "
                "matter, else 1",
                "0");
    AddFabricOptions(options, "fat-tree");
    options.Withdraw({"reconfigurationDelay", "ocsTechnology"},
                     "circuits that change during a run; here they are set before it starts");
    // The run
    const auto output = options.Section(OptionGroup::Output);
    output.Add("rateInterval",
               "Time between samples of rates in rates.csv, as long as flows go on; 0us for none",
               "0us",
               "packets, --fidelity=packet, and a folder for rates.csv, --output=FOLDER");
    AddCutOption(options);
    AddAnimationOptions(options);
    AddCaptureOptions(options);
    const auto general = options.Section(OptionGroup::General);
    general.Add("timeLimit", "Simulated time at most; 0us for no limit", "0us");
    general.Add("seed", "Seed of everything random", "1").Basic();
    output.Add("output", "Folder for summary.json and CSV files, or none", "all-to-all-output")
        .Basic()
        .Output();
    AddTimelineOption(options);
    AddTimelineIntervalOption(options);
    return options;
}

AllToAllScenario
ParseAllToAllScenario(int argc, char* argv[])
{
    auto options = DeclareAllToAllOptions();
    options.Parse(argc, argv);

    AllToAllScenario scenario;
    const auto fabric = mixnetcore::ParseFabricName(options);
    const auto hosts = static_cast<uint32_t>(options.Count("hosts", 1, MAX_HOSTS, "servers"));
    const uint32_t given = options.Count("gpusPerHost", 0, 1024, "GPUs");
    const auto gpusPerHost = given > 0 ? given : options.Made("fabric", [&fabric] {
        return mixnetcore::FabricPlannerOf(fabric).gpusPerHost;
    });
    if (uint64_t{hosts} * gpusPerHost > MAX_GPUS)
    {
        mixnetcore::Refuse(mixnetcore::Phrase() << "options --hosts=" << options.Text("hosts")
                                                << ", --gpusPerHost=" << gpusPerHost
                                                << ": must make " << MAX_GPUS << " GPUs at most");
    }
    scenario.flows = ParseFlows(options, hosts * gpusPerHost);
    scenario.source = options.Text("flows") == FabricScenario::NONE
                          ? "pattern " + options.Text("pattern")
                          : options.Text("flows");
    scenario.fabric = ParseFabricOptions(options, hosts, gpusPerHost, 0, [&] {
        return mixnetcore::HostTraffic{
            mixnetcore::DemandBetweenHosts(scenario.flows, hosts, gpusPerHost).WithoutDiagonal(),
            {}};
    });
    scenario.cuts = ParseCuts(options, scenario.fabric);
    scenario.recover = !scenario.cuts.empty() && options.Flag("recover");
    scenario.animation = ParseAnimation(options);
    scenario.capture = ParseCapture(options, scenario.fabric);
    scenario.timeLimit = options.Duration("timeLimit");
    scenario.seed = options.Seed();
    scenario.output = options.Text("output");
    scenario.timeline = ParseTimeline(options, {scenario.output, scenario.capture.folder});
    if (scenario.fabric.IsAll(Fidelity::Packet) && scenario.output != FabricScenario::NONE)
    {
        scenario.rateInterval = ParseRateInterval(options);
    }
    options.Settle();
    scenario.options = options.Record();
    return scenario;
}

} // namespace mixnet
} // namespace ns3
