/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_PLANNER_H
#define FABRIC_PLANNER_H

#include "fabric-plan.h"

#include "ns3/host-traffic.h"
#include "ns3/option-reader.h"
#include "ns3/registry.h"

#include <functional>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief The servers that a fabric is planned for.
struct FabricSite
{
    uint32_t hosts{1};          //!< servers
    HostSpec host;              //!< inside of each, with one electrical NIC per GPU
    Picoseconds linkDelay{0};   //!< propagation of a fibre
    uint32_t hostsPerRegion{0}; //!< servers that exchange most, a divisor of hosts; 0 for all
    /// What is expected to be sent in an iteration, for planners of circuits; without it the same
    /// between all servers. Called by those that need it only.
    std::function<HostTraffic()> traffic{};
};

/**
 * @ingroup mixnet-core
 * @brief A kind of fabric: how it is planned, and what programs need to know before.
 */
struct FabricPlanner
{
    /// Plans a fabric from the values of options, of which it reads those that concern it. Throws
    /// std::invalid_argument with one line when it cannot be.
    using Function = std::function<FabricPlan(const OptionReader&, const FabricSite&)>;

    Function plan;           //!< plans it
    uint32_t gpusPerHost{8}; //!< GPUs of a server where nobody says
    bool hasRegions{false};  //!< whether FabricSite::hostsPerRegion decides something
};

/**
 * @ingroup mixnet-core
 * @return the kinds of fabrics: mixnet (PlanMixnet()), fat-tree and oversub-fat-tree
 * (PlanFatTree()), rail-optimized (PlanRailOptimized()), rail-only (PlanRailOnly()), topoopt
 * (PlanTopoOpt()), rotor (PlanRotor()) and ideal-switch (PlanIdealSwitch()). PlanFabric() takes
 * fabric files besides.
 */
Registry<FabricPlanner>& FabricPlanners();

} // namespace mixnetcore

#endif // FABRIC_PLANNER_H
