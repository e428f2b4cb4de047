/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-options.h"

#include "compute-options.h"

#include "ns3/all-to-all-router.h"
#include "ns3/boolean.h"
#include "ns3/circuit-allocator.h"
#include "ns3/circuit-router.h"
#include "ns3/double.h"
#include "ns3/fabric-choice.h"
#include "ns3/fabric-file-writer.h"
#include "ns3/ns3-units.h"
#include "ns3/ocs-technology.h"
#include "ns3/option-names.h"
#include "ns3/output-file.h"
#include "ns3/patch-panels.h"
#include "ns3/pointer.h"
#include "ns3/random-variable-stream.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/unit-text.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* NVSWITCH = "nvswitch";         //!< a crossbar
constexpr const char* NVLINK_PAIRS = "nvlink-pairs"; //!< the paper's prototype

constexpr const char* OPTICAL_FIDELITY = "opticalFidelity";       //!< an option
constexpr const char* ELECTRICAL_FIDELITY = "electricalFidelity"; //!< an option
constexpr const char* TWO_CIRCUITS = "two-circuits";              //!< a router of all hosts
constexpr const char* AS_PLANNED = "fabric";                      //!< as the fabric's plan says
constexpr const char* AS_LINK_RATE = "linkRate";                  //!< in place of a rate
constexpr const char* SAME = "same";                              //!< as --fidelity

/// What options of ports that are paused need.
constexpr const char* NEEDS_PAUSES = "packets over packet switches (--fidelity=packet), --pfc=yes";

/// @return levels of fidelity.
mixnetcore::Registry<Fidelity>&
Fidelities()
{
    static mixnetcore::Registry<Fidelity> registry(
        "fidelity",
        {{ToString(Fidelity::Packet), Fidelity::Packet, "frame by frame: the reference"},
         {ToString(Fidelity::Flow),
          Fidelity::Flow,
          "a fluid at max-min fair rates, without queues, pauses and congestion control"}});
    return registry;
}

/// @return what may join the GPUs of a server.
mixnetcore::Registry<mixnetcore::GpuInterconnect>&
GpuInterconnects()
{
    using mixnetcore::GpuInterconnect;
    static mixnetcore::Registry<GpuInterconnect> registry(
        "GPU interconnect",
        {{NVSWITCH, GpuInterconnect::NvSwitch, "a crossbar"},
         {NVLINK_PAIRS,
          GpuInterconnect::NvlinkPairs,
          "NVLink between GPUs 2n and 2n + 1, PCIe between all, as in the prototype"}});
    return registry;
}

/// @return how the steps of a message follow each other, by name: whether one after the other.
mixnetcore::Registry<bool>&
GatherScatters()
{
    static mixnetcore::Registry<bool> registry(
        "gather and scatter",
        {{"pipelined", false, "chunks of a message are on all steps of its way at once"},
         {"phased", true, "all of a message is gathered, then crosses, then is scattered"}});
    return registry;
}

/**
 * @param options The options.
 * @param name An option: a rate, or none.
 * @return its value.
 */
std::optional<mixnetcore::BitsPerSecond>
ParseLimit(const ProgramOptions& options, const std::string& name)
{
    return options.Text(name) == FabricScenario::NONE ? std::nullopt
                                                      : std::optional(options.Rate(name));
}

/**
 * @param options The options. @param gpus GPUs of a server.
 * @return the inside of a server, without its NICs.
 */
mixnetcore::HostSpec
ParseHost(const ProgramOptions& options, uint32_t gpus)
{
    mixnetcore::HostSpec host;
    host.gpus = gpus;
    host.opticalDegree = 0;
    const auto nics = options.Count("nics", 0, mixnetcore::HostSpec::MOST_NICS, "NICs");
    host.electricalNics = nics > 0 ? nics : gpus;
    host.linkRate = options.Rate("linkRate");
    if (options.Text("electricalRate") != AS_LINK_RATE)
    {
        host.electricalRate = options.Rate("electricalRate");
    }
    host.gpuPortRate = ParseNvlinkRate(options, "nvswitchRate");
    const auto interconnect = options.Choice("gpuInterconnect", GpuInterconnects().Names());
    if (GpuInterconnects().Get(interconnect) == mixnetcore::GpuInterconnect::NvlinkPairs)
    {
        if (gpus % 2 != 0)
        {
            options.Refuse("gpuInterconnect",
                           "needs an even number of GPUs per server; there are " +
                               std::to_string(gpus));
        }
        host.interconnect = GpuInterconnects().Get(interconnect);
        host.pcieRate = ParseLimit(options, "pcieRate");
    }
    host.numaLinkRate = ParseLimit(options, "numaLinkRate");
    host.nicAttachmentRate = ParseLimit(options, "nicAttachmentRate");
    return host;
}

/**
 * @param options The options. @param site Servers, of which only GPUs are known inside.
 * @return what --fabric says; of a fabric file no option of servers and links is read.
 */
mixnetcore::FabricPlan
ParsePlanOfFabric(const ProgramOptions& options, mixnetcore::FabricSite site)
{
    const auto fabric = mixnetcore::ParseFabricName(options);
    if (!mixnetcore::IsJsonPath(fabric))
    {
        site.host = ParseHost(options, site.host.gpus);
        site.linkDelay = options.Duration("linkDelay");
    }
    return mixnetcore::PlanFabric(fabric, options, site);
}

/// @param options The options. @param plan Gets the router that is asked for.
void
ParseForwarding(const ProgramOptions& options, mixnetcore::FabricPlan& plan)
{
    auto names = mixnetcore::AllToAllRouters().Names();
    names.insert(names.begin(), AS_PLANNED);
    const auto name = options.Choice("forwarding", names);
    if (name == AS_PLANNED)
    {
        return;
    }
    plan.router = name;
    if (name == TWO_CIRCUITS)
    {
        plan.relays.resize(plan.hosts);
        std::iota(plan.relays.begin(), plan.relays.end(), 0);
    }
    try
    {
        mixnetcore::MakeRouter(plan);
    }
    catch (const std::invalid_argument& error)
    {
        options.Refuse("forwarding", "does not suit " + plan.name + ": " + error.what());
    }
}

/// @param plan A fabric. @param site What is expected to be sent. @return how far that goes over
/// circuits that no controller commands; none without any.
std::optional<mixnetcore::RouteStatistics>
RoutesOf(const mixnetcore::FabricPlan& plan, const mixnetcore::FabricSite& site)
{
    const auto router = plan.regions.empty() ? mixnetcore::MakeRouter(plan) : nullptr;
    if (!std::dynamic_pointer_cast<const mixnetcore::CircuitRouter>(router) ||
        plan.hosts > FabricScenario::MOST_ROUTED)
    {
        return std::nullopt;
    }
    auto demand = site.traffic ? site.traffic().modelParallel : mixnetcore::DemandMatrix();
    if (demand.Rows() != plan.hosts)
    {
        demand = mixnetcore::DemandMatrix(plan.hosts, plan.hosts, [](size_t from, size_t to) {
            return mixnetcore::Bytes(from == to ? 0 : 1);
        });
    }
    return mixnetcore::StatisticsOfRoutes(plan, demand);
}

/// @param options The options. @param scenario Gets how messages are cut into chunks.
void
ParseChunks(const ProgramOptions& options, FabricScenario& scenario)
{
    constexpr uint64_t LARGEST_WRITE = uint64_t{1} << 31; // of RDMA, bytes
    scenario.phased =
        GatherScatters().Get(options.Choice("gatherScatter", GatherScatters().Names()));
    if (scenario.phased)
    {
        scenario.chunkBytes = LARGEST_WRITE;
        return;
    }
    scenario.chunkBytes = options.Size("chunkBytes", 1, LARGEST_WRITE);
    scenario.pipelineDepth = options.Count("pipelineDepth", 0, 1'000'000, "chunks");
}

/// @param options The options. @return the congestion control that is asked for.
std::string
ParseCongestionControl(const ProgramOptions& options)
{
    const auto& name = options.Text("congestionControl");
    options.Made("congestionControl", [&] { return FindCongestionControl(name); });
    return CongestionControls().Has(name) ? CongestionControls().NameOf(name) : name;
}

/**
 * @param options The options. @param name Of the level of one side.
 * @return its level: what the option says, or what --fidelity says.
 */
Fidelity
ParseFidelity(const ProgramOptions& options, const std::string& name)
{
    const auto& levels = Fidelities().Names();
    auto orSame = levels;
    orSame.emplace_back(SAME);
    const auto own = options.Choice(name, orSame);
    return Fidelities().Get(own == SAME ? options.Choice("fidelity", levels) : own);
}

/**
 * @brief Reads whether flows wait in queues.
 * @param options The options. @param scenario Has its levels, load balancing and PFC.
 * @throws std::invalid_argument where there are no such queues.
 */
void
ParsePauses(const ProgramOptions& options, FabricScenario& scenario)
{
    scenario.pauses = scenario.electricalFidelity == Fidelity::Flow &&
                      scenario.Has(mixnetcore::NodeRole::PacketSwitch) && options.Flag("pauses");
    if (!scenario.pauses)
    {
        return;
    }
    if (scenario.loadBalancing != "spray")
    {
        options.Refuse("pauses", "needs --loadBalancing=spray, not " + scenario.loadBalancing);
    }
    if (!scenario.pfc)
    {
        options.Refuse("pauses", "needs --pfc=yes");
    }
    // Steps of some 10 us would be without end on slower lines.
    constexpr mixnetcore::BitsPerSecond slowest(1'000'000'000);
    for (const auto& link : scenario.plan.links)
    {
        if (link.rate < slowest)
        {
            options.Refuse("pauses",
                           "needs lines of 1 Gb/s at least, not " +
                               mixnetcore::ExactText(link.rate));
        }
    }
}

/**
 * @brief Reads what may deadlock, and what becomes of that.
 * @param options The options. @param scenario Has its levels and PFC.
 * @throws std::invalid_argument where times do not fit.
 */
void
ParseDeadlocks(const ProgramOptions& options, FabricScenario& scenario)
{
    constexpr mixnetcore::Picoseconds zero{0};
    if (scenario.electricalFidelity != Fidelity::Packet || !scenario.pfc ||
        !scenario.Has(mixnetcore::NodeRole::PacketSwitch))
    {
        return;
    }
    scenario.deadlockTimeout = options.Duration("deadlockTimeout");
    if (scenario.deadlockTimeout == zero)
    {
        options.Refuse("deadlockTimeout", "must be above 0");
    }
    if (options.Text("pfcWatchdog") == FabricScenario::NONE)
    {
        return;
    }
    scenario.pfcWatchdog = options.Duration("pfcWatchdog");
    if (scenario.pfcWatchdog == zero)
    {
        options.Refuse("pfcWatchdog", "must be above 0, or none");
    }
    // What switches end themselves is no deadlock.
    scenario.deadlockTimeout = std::max(scenario.deadlockTimeout, 2 * scenario.pfcWatchdog);
}

/**
 * @brief Reads the levels of both sides; where there is one side only both are that one's.
 * @param options The options. @param scenario Has its plan, gets its levels.
 */
void
ParseFidelities(const ProgramOptions& options, FabricScenario& scenario)
{
    const auto& host = scenario.plan.host;
    const bool hasOptical = !host.NicsOn(mixnetcore::NicRole::Optical).empty();
    const bool hasElectrical = !host.NicsOn(mixnetcore::NicRole::Electrical).empty();
    scenario.electricalFidelity =
        ParseFidelity(options, hasElectrical ? ELECTRICAL_FIDELITY : OPTICAL_FIDELITY);
    scenario.opticalFidelity = hasOptical && hasElectrical
                                   ? ParseFidelity(options, OPTICAL_FIDELITY)
                                   : scenario.electricalFidelity;
    if (!scenario.IsAll(Fidelity::Packet))
    {
        scenario.endTolerance = options.Number("endTolerance", 0, 0.05);
    }
}

/// @param options The options. @param scenario Gets what packet switches are.
void
ParsePacketSwitches(const ProgramOptions& options, FabricScenario& scenario)
{
    scenario.loadBalancing = options.Choice("loadBalancing", PortSelectors().Names());
    scenario.pfc = options.Flag("pfc");
    const auto buffer = options.Size("switchBuffer", 0, uint64_t{1} << 40);
    if (buffer > 0)
    {
        scenario.buffer = mixnetcore::Bytes(buffer);
    }
}

/**
 * @brief Reads the options of circuits, where there are any.
 * @param options The options. @param scenario Has its plan, gets its circuits.
 */
void
ParseCircuits(const ProgramOptions& options, FabricScenario& scenario)
{
    if (scenario.plan.regions.empty())
    {
        return;
    }
    scenario.numaRule = options.Choice("numaRule", mixnetcore::NumaRules().Names());
    scenario.allocator = options.Choice("allocator", mixnetcore::CircuitAllocators().Names());
    auto technologies = mixnetcore::OcsTechnologies().Names();
    technologies.insert(technologies.begin(), FabricScenario::NONE);
    scenario.ocsTechnology = options.Choice("ocsTechnology", technologies);
    if (scenario.ocsTechnology == FabricScenario::NONE)
    {
        scenario.reconfigurationDelay = options.Duration("reconfigurationDelay");
        scenario.blackout = options.Text("reconfigurationDelay");
        return;
    }
    scenario.blackout = "of " + scenario.ocsTechnology;
    const auto& technology = mixnetcore::OcsTechnologies().Get(scenario.ocsTechnology);
    const auto& planes = scenario.plan.regions.front().planes;
    const auto ports = scenario.plan.nodes[planes.front().opticalSwitch].ports;
    if (ports > technology.ports)
    {
        options.Refuse("ocsTechnology",
                       "has " + std::to_string(technology.ports) + " ports, the region needs " +
                           std::to_string(ports));
    }
}

/// @param options Where to declare them. @param fabric Default of --fabric. @brief Declares what
/// switches and links are.
void
AddSwitchOptions(ProgramOptions& options, const std::string& fabric)
{
    const auto section = options.Section(OptionGroup::Fabric);
    section
        .Add("fabric",
             "What joins the servers, by name or from a file "
             "(contrib/mixnet/doc/mixnet-fabric-files.rst)",
             fabric)
        .Basic()
        .OneOf("fabrics", mixnetcore::FabricPlanners());
    section.Add("fabricFile",
                "Where to write the fabric as it is planned, for --fabric=FILE",
                FabricScenario::NONE);
    section
        .Add("forwarding",
             "How bytes find their NICs; fabric for what is usual on the fabric",
             AS_PLANNED)
        .OneOf("forwarding", mixnetcore::AllToAllRouters(), {AS_PLANNED});
    section.Add("radix",
                "Ports of a packet switch; 0 for the smallest power of two that fits",
                "0",
                "a fabric of several packet switches, not --fabric=ideal-switch");
    section.Add("tiers",
                "Tiers of packet switches, 1 to 3",
                "3",
                "--fabric=mixnet, fat-tree or oversub-fat-tree");
    section.Add("oversubscription",
                "Downlinks per uplink of a leaf (paper: 3)",
                "3",
                "--fabric=oversub-fat-tree");
    section.Add("nics",
                "NICs of a server; 0 for one per GPU. Fewer are shared by neighbouring GPUs",
                "0");
    section.Add("linkRate", "Line rate of a NIC, bits per second", "400Gb/s").Basic();
    section.Add("electricalRate",
                "Line rate of a NIC on packet switches; linkRate for that of all others",
                AS_LINK_RATE);
    section.Add("uplinkRate",
                "Rate of links between packet switches; linkRate for that of the NICs below",
                AS_LINK_RATE,
                "a fabric of several packet switches, not --fabric=ideal-switch");
    section.Add("linkDelay", "Propagation delay of a fibre, a time", "1us");
}

/// @param options Where to declare them. @brief Declares how frames and messages go.
void
AddTransportOptions(ProgramOptions& options)
{
    const auto section = options.Section(OptionGroup::Transport);
    section.Add("mtu", "Payload per frame, bytes", "4096");
    section.Add("loadBalancing", "Which of several equal-cost ports a frame takes", "spray")
        .OneOf("load-balancing", PortSelectors());
    section
        .Add("congestionControl",
             "Window and rate of queue pairs",
             "window",
             "packets, --fidelity=packet")
        .Basic()
        .OneOf("congestion-controls", CongestionControls());
    section.Add("pfc", "Whether packet switches pause neighbours before a buffer fills", "yes")
        .YesOrNo();
    section.Add("pfcWatchdog",
                "Pause of a port after which a packet switch loses what waits there, and what "
                "comes, until pauses are over, a time such as 200ms; or none",
                FabricScenario::NONE,
                NEEDS_PAUSES);
    section.Add("deadlockTimeout",
                "Time for which ports that pause each other in a cycle send nothing before the run "
                "ends with an error; at least twice pfcWatchdog",
                "10ms",
                NEEDS_PAUSES);
    section.Add("switchBuffer",
                "Shared buffer of a packet switch, bytes; 0 for 32 MB (ideal-switch: endless)",
                "0");
    section
        .Add(
            "gatherScatter",
            "Whether chunks of a message overlap on their way over NVSwitch, network and NVSwitch, "
            "or all of it goes one step after the other, as the paper has it (section 5.3)",
            "pipelined")
        .OneOf("gather-scatter", GatherScatters());
    section.Add("chunkBytes",
                "Bytes of a message that travel a leg together",
                "1048576",
                "--gatherScatter=pipelined");
    section.Add("pipelineDepth",
                "Chunks of a message that may be unacknowledged; 0 for as many as keep its path "
                "busy",
                "0",
                "--gatherScatter=pipelined");
}

/// @param options Where to declare them. @brief Declares what the inside of servers is.
void
AddServerOptions(ProgramOptions& options)
{
    AddGpuTypeOption(options);
    const auto section = options.Section(OptionGroup::Server);
    section.Add("nvswitchRate",
                "Rate of a GPU's NVSwitch port, each way, bits per second; gpuType for what is "
                "known of --gpuType",
                "gpuType");
    section.Add("gpuInterconnect", "What joins the GPUs of a server", NVSWITCH)
        .OneOf("gpu-interconnects", GpuInterconnects());
    section.Add("pcieRate",
                "Rate of a GPU's PCIe, bits per second, or none for no limit",
                "256Gb/s",
                "--gpuInterconnect=nvlink-pairs");
    section.Add("numaLinkRate",
                "Rate between the halves of a server, bits per second, or none for no limit",
                FabricScenario::NONE);
    section.Add("nicAttachmentRate",
                "Rate between a NIC and its GPU, bits per second, or none for no limit",
                FabricScenario::NONE);
}

/// @param options Where to declare them. @brief Declares circuits that no controller commands.
void
AddStandingCircuitOptions(ProgramOptions& options)
{
    const auto section = options.Section(OptionGroup::Circuits);
    section
        .Add("panels",
             "Patch panels: NIC i of every server on panel i, or all on one flat panel",
             "per-nic",
             NEEDS_PANELS)
        .OneOf("panels", mixnetcore::PanelLayouts());
    section
        .Add("circuits",
             "Circuits of patch panels: one way, so that a ring takes one NIC of a server, or in "
             "both directions, so that it takes two",
             "simplex",
             NEEDS_PANELS)
        .OneOf("circuits", mixnetcore::CircuitKinds());
    section.Add("controlPathDelay",
                "Time of acknowledgements on the control path of one-way circuits, which takes "
                "nothing of their capacity",
                "2us",
                "one-way circuits, --fabric=topoopt, --circuits=simplex");
    section.Add("slotTime",
                "How long circuits of a schedule stand, a time",
                "200us",
                "--fabric=rotor");
    section.Add("guardTime",
                "Blackout between two slots of a schedule, a time (RotorNet: 10us)",
                "10us",
                "--fabric=rotor");
}

/// @param options Where to declare them. @brief Declares what circuits there can be.
void
AddCircuitOptions(ProgramOptions& options)
{
    AddStandingCircuitOptions(options);
    const auto section = options.Section(OptionGroup::Circuits);
    section
        .Add("opticalDegree", "NICs per server on the optical circuit switch", "6", NEEDS_CIRCUITS)
        .Basic();
    section.Add("electricalNics", "NICs per server on packet switches", "2", NEEDS_CIRCUITS)
        .Basic();
    section.Add("planes",
                "Optical circuit switches of a region, over which the optical NICs of each server "
                "are dealt in turn; a circuit stays in its plane",
                "1",
                NEEDS_CIRCUITS);
    section
        .Add("reconfigurationDelay",
             "Blackout of the ports that change, a time",
             "25ms",
             "--fabric=mixnet, and no --ocsTechnology")
        .Basic();
    section
        .Add("ocsTechnology",
             "Technology that sets the blackout instead, or none",
             FabricScenario::NONE,
             NEEDS_CIRCUITS)
        .OneOf("ocs-technologies", mixnetcore::OcsTechnologies(), {FabricScenario::NONE});
    section
        .Add("numaRule", "Circuits of a pair over the halves of a server", "spread", NEEDS_CIRCUITS)
        .OneOf("numa-rules", mixnetcore::NumaRules());
    section.Add("allocator", "Which servers get circuits", "greedy", NEEDS_CIRCUITS)
        .OneOf("allocators", mixnetcore::CircuitAllocators());
}

} // namespace

bool
FabricScenario::Has(mixnetcore::NodeRole role) const
{
    return std::any_of(plan.nodes.begin(), plan.nodes.end(), [role](const auto& node) {
        return node.role == role;
    });
}

void
AddFabricOptions(ProgramOptions& options, const std::string& fabric)
{
    const auto fidelity = options.Section(OptionGroup::Fidelity);
    fidelity
        .Add("fidelity",
             "How messages are carried: as packets, or as flows at max-min fair rates, without "
             "queues, pauses and congestion control",
             ToString(Fidelity::Packet),
             "a side without a level of its own (--opticalFidelity, --electricalFidelity)")
        .Basic()
        .OneOf("fidelities", Fidelities());
    fidelity
        .Add(OPTICAL_FIDELITY,
             "The same for messages over circuits only; same for what --fidelity says",
             SAME,
             NEEDS_CIRCUITS)
        .OneOf("fidelities", Fidelities(), {SAME});
    fidelity
        .Add(ELECTRICAL_FIDELITY,
             "The same for messages over packet switches only; same for what --fidelity says",
             SAME)
        .OneOf("fidelities", Fidelities(), {SAME});
    fidelity.Add("endTolerance",
                 "Of messages that are flows: part of the longest one's duration by which another "
                 "may end late, together with one that ends then",
                 "0.001",
                 "flows, --fidelity=flow");
    fidelity
        .Add("pauses",
             "Of messages that are flows over packet switches: whether they wait in queues that "
             "fill and pause ports, in steps of some 10 us, rather than have max-min fair rates",
             "no",
             "flows over packet switches, --fidelity=flow; packets pause ports anyway")
        .YesOrNo();
    AddSwitchOptions(options, fabric);
    AddTransportOptions(options);
    AddServerOptions(options);
    AddCircuitOptions(options);
    // Attributes that InstallFabric() sets
    const std::vector<std::pair<const char*, const char*>> attributes{
        {"RdmaNic::Mtu", "mtu"},
        {"RdmaNic::DataRate", "linkRate"},
        {"RdmaNic::CongestionControl", "congestionControl"},
        {"RdmaNic::OutOfOrder", "loadBalancing"},
        {"Fibre::Delay", "linkDelay"},
        {"PacketSwitch::PortSelector", "loadBalancing"},
        {"PacketSwitch::Pfc", "pfc"},
        {"PacketTransport::ChunkSize", "chunkBytes"},
        {"PacketTransport::PipelineDepth", "pipelineDepth"},
        {"FlowTransport::ChunkSize", "chunkBytes"},
        {"FlowTransport::PipelineDepth", "pipelineDepth"},
        {"FlowEngine::EndTolerance", "endTolerance"},
        {"OcsSwitch::ReconfigurationTime", "reconfigurationDelay"},
        {"OcsSwitch::Technology", "ocsTechnology"},
        {"FabricRouting::ConvergenceDelay", "convergenceDelay"}};
    for (const auto& [attribute, name] : attributes)
    {
        options.Reserve(std::string("ns3::mixnet::") + attribute, name);
    }
}

FabricScenario
ParseFabricOptions(const ProgramOptions& options,
                   uint32_t hosts,
                   uint32_t gpusPerHost,
                   uint32_t hostsPerRegion,
                   std::function<mixnetcore::HostTraffic()> traffic)
{
    FabricScenario scenario;
    mixnetcore::FabricSite site;
    site.hosts = hosts;
    site.host.gpus = gpusPerHost;
    site.hostsPerRegion = hostsPerRegion;
    site.traffic = traffic;
    scenario.plan = ParsePlanOfFabric(options, site);
    ParseForwarding(options, scenario.plan);
    scenario.routes = RoutesOf(scenario.plan, site);
    ParseFidelities(options, scenario);
    scenario.mtu = options.Size("mtu", 64, 65000);
    if (!scenario.IsAll(Fidelity::Flow))
    {
        scenario.congestionControl = ParseCongestionControl(options);
    }
    if (scenario.Has(mixnetcore::NodeRole::PacketSwitch))
    {
        ParsePacketSwitches(options, scenario);
    }
    ParseDeadlocks(options, scenario);
    ParsePauses(options, scenario);
    ParseChunks(options, scenario);
    ParseCircuits(options, scenario);
    scenario.planFile = options.Text("fabricFile");
    return scenario;
}

Fabric
InstallFabric(const FabricScenario& scenario)
{
    if (scenario.planFile != FabricScenario::NONE)
    {
        OutputFile file(scenario.planFile, OutputFile::Mode::Whole);
        file << mixnetcore::WriteFabric(scenario.plan);
        file.Close();
    }
    FabricHelper helper;
    for (const auto side : {mixnetcore::NicRole::Optical, mixnetcore::NicRole::Electrical})
    {
        helper.SetFidelity(side, scenario.FidelityOf(side));
    }
    helper.SetFlowAttribute("EndTolerance", DoubleValue(scenario.endTolerance));
    helper.SetFlowQueues(scenario.pauses);
    helper.SetNicAttribute("Mtu", UintegerValue(scenario.mtu));
    helper.SetNicAttribute("CongestionControl",
                           TypeIdValue(FindCongestionControl(scenario.congestionControl)));
    helper.SetPacketSwitchAttribute("PortSelector",
                                    TypeIdValue(PortSelectors().Get(scenario.loadBalancing)));
    helper.SetSpraying(scenario.loadBalancing == "spray");
    helper.SetRoutingAttribute("ConvergenceDelay", TimeValue(ToTime(scenario.convergenceDelay)));
    helper.SetRoutingAttribute("UpDown", BooleanValue(scenario.reroute == FabricScenario::UP_DOWN));
    helper.SetPacketSwitchAttribute("Pfc", BooleanValue(scenario.pfc));
    helper.SetPacketSwitchAttribute("PfcWatchdog", TimeValue(ToTime(scenario.pfcWatchdog)));
    if (scenario.buffer)
    {
        helper.SetPacketSwitchAttribute("BufferSize", UintegerValue(scenario.buffer->Count()));
    }
    helper.SetTransportAttribute("ChunkSize", UintegerValue(scenario.chunkBytes));
    helper.SetTransportAttribute("PipelineDepth", UintegerValue(scenario.pipelineDepth));
    if (scenario.ocsTechnology != FabricScenario::NONE)
    {
        helper.SetOcsAttribute("Technology", StringValue(scenario.ocsTechnology));
    }
    const auto delay = CreateObject<ConstantRandomVariable>();
    delay->SetAttribute("Constant", DoubleValue(scenario.reconfigurationDelay.count() * 1e-12));
    helper.SetOcsAttribute("ReconfigurationTime", PointerValue(delay));
    auto fabric = helper.Install(scenario.plan);
    fabric.AssignStreams(1);
    return fabric;
}

} // namespace mixnet
} // namespace ns3
