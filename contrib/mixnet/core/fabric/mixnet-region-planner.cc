/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "mixnet-region-planner.h"

#include <stdexcept>

namespace mixnetcore
{

namespace
{

/**
 * @param spec A region.
 * @throws std::invalid_argument naming field, value and range of the first thing that is wrong.
 */
void
Check(const MixnetRegionSpec& spec)
{
    if (spec.hosts == 0)
    {
        throw std::invalid_argument("hosts = 0: at least 1");
    }
    if (spec.hosts > 1 && spec.host.electricalNics == 0)
    {
        throw std::invalid_argument(
            "electricalNics = 0: at least 1, hosts without a common circuit meet there");
    }
    if (spec.linkDelay < Picoseconds::zero())
    {
        throw std::invalid_argument("linkDelay = " + std::to_string(spec.linkDelay.count()) +
                                    " ps: at least 0 ps");
    }
}

/**
 * @param plan A fabric of one region with its optical switch.
 * @param opticalSwitch Node index of that switch.
 * @return the region.
 */
RegionPlan
DescribeRegion(const FabricPlan& plan, uint32_t opticalSwitch)
{
    RegionPlan region;
    region.opticalSwitch = opticalSwitch;
    for (uint32_t host = 0; host < plan.hosts; ++host)
    {
        region.hosts.push_back(host);
    }
    for (const auto& link : plan.links)
    {
        if (link.b.node == opticalSwitch)
        {
            const auto half = plan.host.nics[link.a.port].numaHalf;
            region.attachments.push_back({link.a.node, link.a.port, half, link.b.port});
        }
    }
    return region;
}

} // namespace

FabricPlan
PlanMixnetRegion(const MixnetRegionSpec& spec)
{
    Check(spec);
    FabricPlan plan;
    plan.name = "mixnet";
    plan.host = PlanHost(spec.host);
    AddHosts(plan, spec.hosts);
    if (spec.host.opticalDegree > 0)
    {
        const NodePlan ocs{NodeRole::OpticalCircuitSwitch, "ocs0", 0};
        const auto index =
            AddSwitch(plan, NicPorts(plan, NicRole::Optical, 0, spec.hosts), ocs, spec.linkDelay);
        plan.regions.push_back(DescribeRegion(plan, index));
    }
    if (spec.host.electricalNics > 0)
    {
        const NodePlan eps{NodeRole::PacketSwitch, "eps0", 0};
        AddSwitch(plan, NicPorts(plan, NicRole::Electrical, 0, spec.hosts), eps, spec.linkDelay);
    }
    return plan;
}

} // namespace mixnetcore
