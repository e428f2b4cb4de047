/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-plan.h"

namespace mixnetcore
{

void
AddHosts(FabricPlan& plan, uint32_t hosts)
{
    plan.hosts = hosts;
    const auto nics = static_cast<uint32_t>(plan.host.nics.size());
    for (uint32_t host = 0; host < hosts; ++host)
    {
        plan.nodes.push_back({NodeRole::Host, "host" + std::to_string(host), nics});
    }
}

std::vector<PortPlan>
NicPorts(const FabricPlan& plan, NicRole side, uint32_t firstHost, uint32_t hosts)
{
    std::vector<PortPlan> ports;
    const auto nics = plan.host.NicsOn(side);
    for (uint32_t host = firstHost; host < firstHost + hosts; ++host)
    {
        for (const auto nic : nics)
        {
            ports.push_back({host, nic});
        }
    }
    return ports;
}

uint32_t
AddSwitch(FabricPlan& plan, const std::vector<PortPlan>& nics, NodePlan node, Picoseconds delay)
{
    const auto index = static_cast<uint32_t>(plan.nodes.size());
    for (const auto& nic : nics)
    {
        const auto rate = plan.host.nics.at(nic.port).rate;
        plan.links.push_back({nic, {index, node.ports++}, rate, delay});
    }
    plan.nodes.push_back(std::move(node));
    return index;
}

} // namespace mixnetcore
