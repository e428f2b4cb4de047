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
 * @brief Puts a switch behind all NICs of one side.
 *
 * NIC number k on that side of host h ends at switch port h * (NICs on that side) + k.
 *
 * @param plan The fabric; gains a node and its links.
 * @param side Which NICs.
 * @param node The switch, without its number of ports.
 * @param delay Propagation of a fibre.
 * @return node index of the switch.
 */
uint32_t
AddSwitch(FabricPlan& plan, NicRole side, NodePlan node, Picoseconds delay)
{
    const auto index = static_cast<uint32_t>(plan.nodes.size());
    const auto nics = plan.host.NicsOn(side);
    for (uint32_t host = 0; host < plan.hosts; ++host)
    {
        for (const auto nic : nics)
        {
            const auto rate = plan.host.nics[nic].rate;
            plan.links.push_back({{host, nic}, {index, node.ports++}, rate, delay});
        }
    }
    plan.nodes.push_back(std::move(node));
    return index;
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
    plan.hosts = spec.hosts;
    const auto nics = static_cast<uint32_t>(plan.host.nics.size());
    for (uint32_t host = 0; host < spec.hosts; ++host)
    {
        plan.nodes.push_back({NodeRole::Host, "host" + std::to_string(host), nics});
    }
    if (spec.host.opticalDegree > 0)
    {
        const NodePlan ocs{NodeRole::OpticalCircuitSwitch, "ocs0", 0};
        const auto index = AddSwitch(plan, NicRole::Optical, ocs, spec.linkDelay);
        plan.regions.push_back(DescribeRegion(plan, index));
    }
    if (spec.host.electricalNics > 0)
    {
        const NodePlan eps{NodeRole::PacketSwitch, "eps0", 0};
        AddSwitch(plan, NicRole::Electrical, eps, spec.linkDelay);
    }
    return plan;
}

} // namespace mixnetcore
