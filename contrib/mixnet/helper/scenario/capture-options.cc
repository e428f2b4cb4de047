/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "capture-options.h"

#include "ns3/port-names.h"

#include <stdexcept>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* NO_FOLDER = "none"; //!< in place of a folder: no capture

} // namespace

void
AddCaptureOptions(ProgramOptions& options)
{
    options.Add("pcap", "Folder for a packet capture of each port, or none", NO_FOLDER);
    options.Add("pcapPorts",
                "Ports to capture, as node/number separated by commas (host0/0,leaf0/3), or all",
                "all",
                "a folder for captures, --pcap");
}

void
CheckCapture(const CaptureSpec& spec, const FabricScenario& scenario)
{
    if (spec.folder.empty() || scenario.IsAll(Fidelity::Packet))
    {
        return;
    }
    for (const auto& port : spec.ports)
    {
        const auto& node = scenario.plan.nodes.at(port.node);
        const auto side = node.role == mixnetcore::NodeRole::Host
                              ? scenario.plan.host.nics.at(port.port).role
                              : mixnetcore::NicRole::Electrical;
        if (scenario.FidelityOf(side) != Fidelity::Packet)
        {
            throw std::invalid_argument("option --pcap=" + spec.folder +
                                        ": needs packets, --fidelity=packet, at all its ports; " +
                                        node.name + "/" + std::to_string(port.port) + " has flows");
        }
    }
}

CaptureSpec
ParseCapture(const ProgramOptions& options, const mixnetcore::FabricPlan& plan)
{
    const auto& folder = options.Text("pcap");
    if (folder == NO_FOLDER)
    {
        return {};
    }
    return {folder, mixnetcore::ParsePorts("pcapPorts", options.Text("pcapPorts"), plan)};
}

} // namespace mixnet
} // namespace ns3
