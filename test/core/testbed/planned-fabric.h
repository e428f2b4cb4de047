/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PLANNED_FABRIC_H
#define PLANNED_FABRIC_H

#include "ns3/fabric-plan.h"
#include "ns3/host-plan.h"

#include <vector>

namespace mixnetcore::tests
{

/// @return a host of eight GPUs, each with an electrical NIC.
inline HostPlan
ElectricalHost()
{
    HostSpec spec;
    spec.opticalDegree = 0;
    spec.electricalNics = 8;
    return PlanHost(spec);
}

/**
 * @tparam Spec Of a fabric without optical switches.
 * @param hosts Servers.
 * @return one of that many with eight electrical NICs each.
 */
template <class Spec>
Spec
WithHosts(uint32_t hosts)
{
    Spec spec;
    spec.hosts = hosts;
    spec.host.opticalDegree = 0;
    spec.host.electricalNics = 8;
    return spec;
}

/// @param plan A fabric. @return its nodes by tier.
inline std::vector<uint32_t>
NodesByTier(const FabricPlan& plan)
{
    std::vector<uint32_t> count(4);
    for (const auto& node : plan.nodes)
    {
        ++count[node.tier];
    }
    return count;
}

} // namespace mixnetcore::tests

#endif // PLANNED_FABRIC_H
