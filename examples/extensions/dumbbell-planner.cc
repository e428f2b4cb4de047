/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * A fabric of your own: two switches, joined by one fibre.
 *
 *     half of the servers == switch --- switch == the other half
 *
 * Run:    ./ns3 run "dumbbell-planner --fabric=dumbbell --hosts=4 --endpoints=4"
 * Prints: what all-to-all prints.
 */

#include "ns3/mixnet-module.h"

namespace
{

using namespace mixnetcore;

/// @param site The servers. @return the fabric.
FabricPlan
PlanDumbbell(const OptionReader& /* options */, const FabricSite& site)
{
    FabricPlan plan;
    plan.host = PlanHost(site.host);
    plan.router = "own-nic";
    AddHosts(plan, site.hosts);
    const uint32_t half = site.hosts / 2;
    NodePlan node{NodeRole::PacketSwitch, "left", 0};
    node.tier = 1;
    const auto left =
        AddSwitch(plan, NicPorts(plan, NicRole::Electrical, 0, half), node, site.linkDelay);
    node.name = "right";
    const auto right = AddSwitch(plan,
                                 NicPorts(plan, NicRole::Electrical, half, site.hosts - half),
                                 node,
                                 site.linkDelay);
    plan.links.push_back({{left, plan.nodes[left].ports++},
                          {right, plan.nodes[right].ports++},
                          site.host.linkRate,
                          site.linkDelay});
    return plan;
}

} // namespace

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
main(int argc, char* argv[])
{
    FabricPlanners().Add("dumbbell", {PlanDumbbell, 1}, "two switches, joined by one fibre");
    return ns3::mixnet::RunAllToAll(argc, argv);
}
