/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ideal-switch-planner.h"

namespace mixnetcore
{

FabricPlan
PlanIdealSwitch(const IdealSwitchSpec& spec)
{
    CheckHostsAndDelay(spec.hosts, spec.linkDelay);
    CheckNoOpticalNics(spec.host, "an ideal switch");
    FabricPlan plan;
    plan.name = "ideal-switch";
    plan.host = PlanHost(spec.host);
    AddHosts(plan, spec.hosts);
    const NodePlan eps{NodeRole::PacketSwitch, "eps0", 0, Bytes(uint64_t{1} << 50)};
    AddSwitch(plan, NicPorts(plan, NicRole::Electrical, 0, spec.hosts), eps, spec.linkDelay);
    return plan;
}

} // namespace mixnetcore
