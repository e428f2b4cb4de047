/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "capture-options.h"

#include "ns3/port-names.h"

namespace ns3
{
namespace mixnet
{

void
AddCaptureOptions(ProgramOptions& options)
{
    const auto section = options.Section(OptionGroup::Output);
    section.Add("pcap", "Folder for a packet capture of each port, or none", FabricScenario::NONE)
        .Output();
    section.Add("pcapPorts",
                "Ports to capture, as node/number separated by commas (host0/0,leaf0/3), or all",
                "all",
                "a folder for captures, --pcap");
}

CaptureSpec
ParseCapture(const ProgramOptions& options, const FabricScenario& scenario)
{
    const auto& folder = options.Text("pcap");
    if (folder == FabricScenario::NONE)
    {
        return {};
    }
    const auto& plan = scenario.plan;
    CaptureSpec spec{folder, mixnetcore::ParsePorts("pcapPorts", options.Text("pcapPorts"), plan)};
    for (const auto& port : spec.ports)
    {
        const auto& node = plan.nodes.at(port.node);
        const auto side = node.role == mixnetcore::NodeRole::Host
                              ? plan.host.nics.at(port.port).role
                              : mixnetcore::NicRole::Electrical;
        if (scenario.FidelityOf(side) != Fidelity::Packet)
        {
            options.Refuse("pcap",
                           "needs packets, --fidelity=packet, at all its ports; " + node.name +
                               "/" + std::to_string(port.port) + " has flows");
        }
    }
    return spec;
}

} // namespace mixnet
} // namespace ns3
