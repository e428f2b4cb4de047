/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "mixnet-planner.h"

#include "ns3/checks.h"

#include <algorithm>

namespace mixnetcore
{

namespace
{

/**
 * @param spec A fabric.
 * @throws std::invalid_argument naming field, value and range of the first thing that is wrong.
 */
void
Check(const MixnetSpec& spec)
{
    CheckHostsAndDelay(spec.hosts, spec.linkDelay);
    if (spec.hosts > 1 && spec.host.electricalNics == 0)
    {
        Refuse("electricalNics = 0: at least 1, hosts without a common circuit meet there");
    }
    if (spec.planes == 0 || spec.planes > std::max(spec.host.opticalDegree, 1U))
    {
        Refuse(Phrase() << "planes = " << spec.planes << ": 1 to " << spec.host.opticalDegree
                        << ", the optical NICs of a host");
    }
    if (spec.hostsPerRegion != 0 && spec.hosts % spec.hostsPerRegion != 0)
    {
        Refuse(Phrase() << "hostsPerRegion = " << spec.hostsPerRegion << ": a divisor of "
                        << spec.hosts << ", the number of hosts, or 0 for one region");
    }
}

/**
 * @param plan A fabric with its hosts; gains the switch of a plane.
 * @param first First host of the region.
 * @param ports Ports of hosts that end there, in order.
 * @param name Of the switch.
 * @param delay Propagation of a fibre.
 * @return the plane.
 */
OpticalPlane
AddPlane(FabricPlan& plan,
         uint32_t first,
         const std::vector<PortPlan>& ports,
         const std::string& name,
         Picoseconds delay)
{
    OpticalPlane plane;
    plane.opticalSwitch = AddSwitch(plan, ports, {NodeRole::OpticalCircuitSwitch, name, 0}, delay);
    for (uint32_t ocsPort = 0; ocsPort < ports.size(); ++ocsPort)
    {
        const auto& [host, nic] = ports[ocsPort];
        plane.attachments.push_back({host - first, nic, plan.host.nics[nic].numaHalf, ocsPort});
    }
    return plane;
}

/**
 * @param plan A fabric with its hosts; gains a region with its optical switches.
 * @param first First host of the region.
 * @param hosts How many.
 * @param spec What the fabric is to be.
 */
void
AddRegion(FabricPlan& plan, uint32_t first, uint32_t hosts, const MixnetSpec& spec)
{
    std::vector<std::vector<PortPlan>> ports(spec.planes);
    for (const auto& port : NicPorts(plan, NicRole::Optical, first, hosts))
    {
        const auto nics = plan.host.NicsOn(NicRole::Optical);
        const auto place = std::find(nics.begin(), nics.end(), port.port) - nics.begin();
        ports[place % spec.planes].push_back(port);
    }
    RegionPlan region;
    for (uint32_t host = first; host < first + hosts; ++host)
    {
        region.endpoints.push_back({host});
    }
    for (uint32_t plane = 0; plane < spec.planes; ++plane)
    {
        const auto number = plan.regions.size() * spec.planes + plane;
        region.planes.push_back(
            AddPlane(plan, first, ports[plane], "ocs" + std::to_string(number), spec.linkDelay));
    }
    plan.regions.push_back(std::move(region));
}

} // namespace

FabricPlan
PlanMixnet(const MixnetSpec& spec)
{
    Check(spec);
    FabricPlan plan;
    plan.name = "mixnet";
    plan.router = spec.host.opticalDegree > 0 ? "delegate" : "spread";
    plan.host = PlanHost(spec.host);
    auto electrical = spec.electrical;
    if (spec.host.electricalNics > 0)
    {
        electrical = ResolveRadix(electrical, uint64_t{spec.hosts} * spec.host.electricalNics);
    }
    AddHosts(plan, spec.hosts);
    if (spec.host.opticalDegree > 0)
    {
        const auto hosts = spec.hostsPerRegion == 0 ? spec.hosts : spec.hostsPerRegion;
        for (uint32_t first = 0; first < spec.hosts; first += hosts)
        {
            AddRegion(plan, first, hosts, spec);
        }
    }
    if (spec.host.electricalNics > 0)
    {
        const auto nics = NicPorts(plan, NicRole::Electrical, 0, spec.hosts);
        AddClos(plan, nics, electrical, "", spec.linkDelay);
    }
    return plan;
}

} // namespace mixnetcore
