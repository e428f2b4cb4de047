/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "mixnet-planner.h"

#include "planner-checks.h"

#include <stdexcept>

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
        throw std::invalid_argument(
            "electricalNics = 0: at least 1, hosts without a common circuit meet there");
    }
    if (spec.hostsPerRegion != 0 && spec.hosts % spec.hostsPerRegion != 0)
    {
        throw std::invalid_argument("hostsPerRegion = " + std::to_string(spec.hostsPerRegion) +
                                    ": a divisor of " + std::to_string(spec.hosts) +
                                    ", the number of hosts, or 0 for one region");
    }
}

/**
 * @param plan A fabric with its hosts; gains a region with its optical switch.
 * @param firstHost First host of the region.
 * @param hosts How many.
 * @param delay Propagation of a fibre.
 */
void
AddRegion(FabricPlan& plan, uint32_t firstHost, uint32_t hosts, Picoseconds delay)
{
    const auto ports = NicPorts(plan, NicRole::Optical, firstHost, hosts);
    const auto name = "ocs" + std::to_string(plan.regions.size());
    RegionPlan region;
    region.opticalSwitch = AddSwitch(plan, ports, {NodeRole::OpticalCircuitSwitch, name, 0}, delay);
    for (uint32_t host = firstHost; host < firstHost + hosts; ++host)
    {
        region.hosts.push_back(host);
    }
    for (uint32_t ocsPort = 0; ocsPort < ports.size(); ++ocsPort)
    {
        const auto& [host, nic] = ports[ocsPort];
        const auto half = plan.host.nics[nic].numaHalf;
        region.attachments.push_back({host - firstHost, nic, half, ocsPort});
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
            AddRegion(plan, first, hosts, spec.linkDelay);
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
