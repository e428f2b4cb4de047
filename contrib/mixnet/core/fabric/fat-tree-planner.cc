/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fat-tree-planner.h"

namespace mixnetcore
{

FabricPlan
PlanFatTree(const FatTreeSpec& spec)
{
    CheckHostsAndDelay(spec.hosts, spec.linkDelay);
    CheckNoOpticalNics(spec.host, "a fat-tree");
    FabricPlan plan;
    plan.name = spec.clos.oversubscription > 1 ? "oversub-fat-tree" : "fat-tree";
    plan.host = PlanHost(spec.host);
    const auto clos = ResolveRadix(spec.clos, uint64_t{spec.hosts} * plan.host.nics.size());
    AddHosts(plan, spec.hosts);
    AddClos(plan, NicPorts(plan, NicRole::Electrical, 0, spec.hosts), clos, "", spec.linkDelay);
    return plan;
}

} // namespace mixnetcore
