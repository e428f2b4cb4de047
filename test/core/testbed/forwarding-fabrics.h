/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FORWARDING_FABRICS_H
#define FORWARDING_FABRICS_H

#include "ns3/fat-tree-planner.h"
#include "ns3/forwarding-plan.h"
#include "ns3/ideal-switch-planner.h"
#include "ns3/mixnet-planner.h"
#include "ns3/rail-planner.h"

#include <vector>

namespace mixnetcore::tests
{

/// @return a server of eight GPUs, each with an electrical NIC.
inline HostSpec
EightNics()
{
    HostSpec host;
    host.opticalDegree = 0;
    host.electricalNics = 8;
    return host;
}

/// @param hosts Servers. @param clos The switches. @return a fat-tree.
inline FabricPlan
FatTree(uint32_t hosts, const ClosSpec& clos = {})
{
    return PlanFatTree({hosts, EightNics(), clos});
}

/// @return fabrics of all kinds, small enough for references that try everything.
inline std::vector<FabricPlan>
SmallFabrics()
{
    MixnetSpec mixnet;
    mixnet.hosts = 6;
    mixnet.hostsPerRegion = 2;
    auto sideBySide = FatTree(2, {2, 8, 1}); // every link between switches three times
    const auto links = sideBySide.links;
    for (const auto& link : links)
    {
        if (link.a.node >= sideBySide.hosts)
        {
            for (int copy = 0; copy < 2; ++copy)
            {
                sideBySide.links.push_back({{link.a.node, sideBySide.nodes[link.a.node].ports++},
                                            {link.b.node, sideBySide.nodes[link.b.node].ports++},
                                            link.rate,
                                            link.delay});
            }
        }
    }
    return {FatTree(1, {1}),
            FatTree(3, {2, 8, 1}),
            FatTree(2, {3, 4, 1}),
            FatTree(5, {3, 6, 1}),
            FatTree(5, {3, 8, 3}),
            PlanIdealSwitch({2, EightNics()}),
            PlanRailOptimized({6, EightNics(), 6}),
            PlanRailOnly({6, EightNics(), 4}),
            PlanRailOnly({13, EightNics(), 4}),
            PlanMixnet(mixnet),
            sideBySide};
}

} // namespace mixnetcore::tests

#endif // FORWARDING_FABRICS_H
