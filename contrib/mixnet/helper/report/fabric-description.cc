/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-description.h"

#include "ns3/all-to-all-router.h"
#include "ns3/flow-paths.h"
#include "ns3/forwarding-plan.h"

#include <algorithm>
#include <iomanip>
#include <set>
#include <sstream>

namespace ns3
{
namespace mixnet
{

std::string
DescribeFabric(const FabricScenario& scenario)
{
    const auto& host = scenario.plan.host;
    std::ostringstream text;
    text << "Fabric " << scenario.plan.name << ": "
         << host.NicsOn(mixnetcore::NicRole::Optical).size() << " optical and "
         << host.NicsOn(mixnetcore::NicRole::Electrical).size() << " electrical NICs of "
         << DescribeNicRates(host) << " per server, " << DescribeFrames(scenario);
    return text.str();
}

std::string
DescribeNicRates(const mixnetcore::HostPlan& host)
{
    std::ostringstream text;
    std::set<uint64_t> rates;
    for (const auto& nic : host.nics)
    {
        if (rates.insert(nic.rate.Count()).second)
        {
            text << (rates.size() > 1 ? " and " : "") << nic.rate.Count() * 1e-9;
        }
    }
    text << " Gb/s";
    return text.str();
}

std::string
DescribeFrames(const FabricScenario& scenario)
{
    const auto mtu = "MTU " + std::to_string(scenario.mtu) + " B";
    return scenario.Has(mixnetcore::NodeRole::PacketSwitch) ? mtu + ", " + scenario.loadBalancing
                                                            : mtu;
}

std::string
DescribeServer(const mixnetcore::HostPlan& host)
{
    const bool isPairs = host.interconnect == mixnetcore::GpuInterconnect::NvlinkPairs;
    std::ostringstream text;
    text << (isPairs ? "NVLink pairs of " : "NVSwitch port ") << host.gpuPortRate.Count() * 1e-9
         << " Gb/s each way";
    if (isPairs && host.pcieRate)
    {
        text << ", PCIe " << host.pcieRate->Count() * 1e-9;
    }
    return text.str();
}

std::string
DescribeFidelity(const FabricScenario& scenario)
{
    auto packets = "simulated packet by packet, congestion control " + scenario.congestionControl;
    if (scenario.Has(mixnetcore::NodeRole::PacketSwitch))
    {
        packets += std::string(", PFC ") + (scenario.pfc ? "on" : "off");
    }
    if (scenario.IsAll(Fidelity::Packet))
    {
        return packets;
    }
    const std::string flows =
        scenario.pauses ? "flows at max-min fair rates, over packet switches in queues with pauses"
                        : "flows at max-min fair rates";
    std::ostringstream text;
    if (scenario.IsAll(Fidelity::Flow))
    {
        text << "simulated as " << flows << " (--fidelity=flow)";
    }
    else
    {
        const bool isOpticalFlow = scenario.opticalFidelity == Fidelity::Flow;
        text << (isOpticalFlow ? "electrical" : "optical") << " side " << packets << "; "
             << (isOpticalFlow ? "optical" : "electrical") << " side as " << flows;
    }
    text << ", which may end up to " << 100 * scenario.endTolerance
         << " % of the longest one's duration late";
    return text.str();
}

std::string
DescribeBuffers(const FabricScenario& scenario, const Fabric& fabric)
{
    const auto need = fabric.GetLargestBufferNeed();
    if (need.Ratio() <= 1)
    {
        return {};
    }
    if (scenario.pauses)
    {
        return {}; // that is simulated
    }
    std::ostringstream text;
    text << "buffers               " << std::fixed << std::setprecision(0) << need.windows * 1e-6
         << " MB of windows meet at " << need.name << ", which holds " << need.buffer * 1e-6
         << " MB: packets may be " << (scenario.pfc ? "paused" : "lost") << " there and take longer"
         << (scenario.pfc && scenario.loadBalancing == "spray" ? "; --pauses=yes tells" : "")
         << "\n";
    return text.str();
}

std::string
DescribePipeline(const FabricScenario& scenario, const Fabric& fabric)
{
    if (scenario.pipelineDepth == 0 || fabric.hosts.empty())
    {
        return {};
    }
    const double held = double(scenario.pipelineDepth) * scenario.chunkBytes;
    uint64_t window = 0;
    for (const auto& nic : fabric.hosts.front().nics)
    {
        window = std::max(window, nic->GetWindow());
    }
    const auto enough = mixnetcore::ChunksInFlight(window, scenario.chunkBytes);
    if (held >= window)
    {
        return {};
    }
    std::ostringstream text;
    text << "Pipeline: " << scenario.pipelineDepth << " chunks in flight (--pipelineDepth) are "
         << held * 1e-6 << " MB, a round trip of the longest path at line rate is " << window * 1e-6
         << " MB: a message of more is slower than its line; --pipelineDepth=" << enough
         << ", or 0, is not\n";
    return text.str();
}

std::string
DescribePaths(const Fabric& fabric)
{
    const auto& nodes = fabric.plan->nodes;
    std::ostringstream text;
    const auto missing = fabric.routing->GetMissingPaths();
    if (missing.pairs > 0)
    {
        const bool isUpDown = fabric.routing->GetRule() == mixnetcore::PathRule::UpDown;
        text << "paths                 after cuts none " << (isUpDown ? "up and then down " : "")
             << "between " << missing.pairs << " pairs of leaves, first from "
             << nodes[missing.from].name << " to " << nodes[missing.to].name
             << (isUpDown ? "; --reroute=shortest takes others, where pauses may deadlock" : "")
             << "\n";
    }
    if (const auto& turn = fabric.routing->FindTurn())
    {
        text << "paths                 after cuts those to " << nodes[turn->to].name
             << " go down and up again at " << nodes[turn->at].name
             << ": pauses may deadlock, with --reroute=updown they cannot\n";
    }
    return text.str();
}

std::string
DescribeForwarding(const FabricScenario& scenario)
{
    const auto& router = scenario.plan.router;
    return router + " (" + mixnetcore::AllToAllRouters().SummaryOf(router) + ")" +
           (scenario.phased ? "; gather, crossing and scatter one after another" : "");
}

} // namespace mixnet
} // namespace ns3
