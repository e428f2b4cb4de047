/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "rail-planner.h"

#include "ns3/checks.h"

#include <algorithm>

namespace mixnetcore
{

namespace
{

/**
 * @param spec Hosts.
 * @param name What the fabric is called.
 * @return a fabric of that name, with a host plan and without nodes.
 * @throws std::invalid_argument naming field, value and range of the first thing that is wrong.
 */
FabricPlan
PlanHosts(const RailSpec& spec, const std::string& name)
{
    CheckHostsAndDelay(spec.hosts, spec.linkDelay);
    CheckNoOpticalNics(spec.host, "rails");
    FabricPlan plan;
    plan.name = name;
    plan.router = "rail";
    plan.host = PlanHost(spec.host);
    return plan;
}

/**
 * @param spec Hosts.
 * @param radix Ports of a switch.
 * @return whether there is room for all groups of hosts, the last one counted as if it were full.
 */
bool
GroupsFit(const RailSpec& spec, uint32_t radix)
{
    const ClosSpec clos{3, radix, 1};
    const auto hostsPerGroup = ShapeOf(clos).downlinks;
    const auto groups = (uint64_t{spec.hosts} + hostsPerGroup - 1) / hostsPerGroup;
    return groups * hostsPerGroup * spec.host.electricalNics <= ClosCapacity(clos);
}

/**
 * @param spec Hosts and switches.
 * @return the Clos network above their leaves.
 * @throws std::invalid_argument when there is no room.
 */
ClosSpec
ResolveGroups(const RailSpec& spec)
{
    auto clos = ResolveRadix({3, spec.radix, 1, spec.uplinkRate},
                             uint64_t{spec.hosts} * spec.host.electricalNics);
    while (!GroupsFit(spec, clos.radix))
    {
        clos.radix += spec.radix == 0 ? clos.radix : 2;
    }
    if (spec.radix != 0 && clos.radix != spec.radix)
    {
        Refuse(Phrase() << "radix = " << spec.radix << ": at least " << clos.radix << " for "
                        << spec.hosts << " hosts in groups of " << spec.radix / 2);
    }
    return clos;
}

} // namespace

FabricPlan
PlanRailOptimized(const RailSpec& spec)
{
    auto plan = PlanHosts(spec, "rail-optimized");
    const auto clos = ResolveGroups(spec);
    const auto hostsPerGroup = ShapeOf(clos).downlinks;
    AddHosts(plan, spec.hosts);
    std::vector<std::vector<PortPlan>> leaves;
    for (uint32_t first = 0; first < spec.hosts; first += hostsPerGroup)
    {
        const auto end = std::min(first + hostsPerGroup, spec.hosts);
        for (uint32_t rail = 0; rail < plan.host.nics.size(); ++rail)
        {
            leaves.emplace_back();
            for (uint32_t host = first; host < end; ++host)
            {
                leaves.back().push_back({host, rail});
            }
        }
    }
    AddClosOfLeaves(plan, leaves, clos, "", spec.linkDelay);
    return plan;
}

FabricPlan
PlanRailOnly(const RailSpec& spec)
{
    auto plan = PlanHosts(spec, "rail-only");
    const auto allNics = uint64_t{spec.hosts} * plan.host.nics.size();
    auto clos =
        ResolveRadix({3, spec.radix, 1, spec.uplinkRate}, spec.radix == 0 ? allNics : spec.hosts);
    clos.tiers = 1;
    while (ClosCapacity(clos) < spec.hosts)
    {
        ++clos.tiers;
    }
    AddHosts(plan, spec.hosts);
    for (uint32_t rail = 0; rail < plan.host.nics.size(); ++rail)
    {
        std::vector<PortPlan> nics;
        for (uint32_t host = 0; host < spec.hosts; ++host)
        {
            nics.push_back({host, rail});
        }
        AddClos(plan, nics, clos, "rail" + std::to_string(rail) + "-", spec.linkDelay);
    }
    return plan;
}

} // namespace mixnetcore
