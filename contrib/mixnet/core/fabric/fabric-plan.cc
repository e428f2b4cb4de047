/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-plan.h"

#include "ns3/checks.h"
#include "ns3/lists.h"

#include <algorithm>
#include <map>

namespace mixnetcore
{

std::vector<uint32_t>
RegionPlan::Hosts() const
{
    std::vector<uint32_t> hosts;
    for (const auto& endpoint : endpoints)
    {
        if (std::find(hosts.begin(), hosts.end(), endpoint.host) == hosts.end())
        {
            hosts.push_back(endpoint.host);
        }
    }
    return hosts;
}

std::vector<uint32_t>
RegionPlan::PortsOf(size_t plane) const
{
    std::vector<uint32_t> ports(endpoints.size());
    for (const auto& attachment : planes.at(plane).attachments)
    {
        ++ports.at(attachment.endpoint);
    }
    return ports;
}

std::vector<EndpointPorts>
EndpointsOf(const FabricPlan& plan, size_t region)
{
    const auto electrical = SumOf(plan.host.NicsOn(NicRole::Electrical),
                                  [&plan](uint32_t nic) { return plan.host.nics[nic].rate; });
    const auto& own = plan.regions.at(region);
    std::map<uint32_t, uint64_t> sharing; // endpoints by host
    for (const auto& endpoint : own.endpoints)
    {
        ++sharing[endpoint.host];
    }
    std::vector<EndpointPorts> result;
    for (const auto& endpoint : own.endpoints)
    {
        const BitsPerSecond share(electrical.Count() / sharing[endpoint.host]);
        result.push_back({endpoint, {}, share});
    }
    for (size_t plane = 0; plane < own.planes.size(); ++plane)
    {
        const auto ports = own.PortsOf(plane);
        for (size_t endpoint = 0; endpoint < ports.size(); ++endpoint)
        {
            result[endpoint].opticalPorts.push_back(ports[endpoint]);
        }
    }
    return result;
}

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

void
CheckHostsAndDelay(uint32_t hosts, Picoseconds linkDelay)
{
    if (hosts == 0)
    {
        Refuse("hosts = 0: at least 1");
    }
    if (linkDelay < Picoseconds::zero())
    {
        Refuse(Phrase() << "linkDelay = " << linkDelay.count() << " ps: at least 0 ps");
    }
}

void
CheckNoOpticalNics(const HostSpec& host, const std::string& fabric)
{
    if (host.opticalDegree != 0)
    {
        Refuse(Phrase() << "opticalDegree = " << host.opticalDegree << ": 0 on " << fabric);
    }
}

} // namespace mixnetcore
