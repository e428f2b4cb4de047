/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef IDEAL_SWITCH_PLANNER_H
#define IDEAL_SWITCH_PLANNER_H

#include "fabric-plan.h"

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What an ideal switch with its hosts needs to be described.
struct IdealSwitchSpec
{
    uint32_t hosts{8};                //!< servers, at least 1
    HostSpec host;                    //!< inside of each; opticalDegree must be 0
    Picoseconds linkDelay{1'000'000}; //!< propagation of a fibre (paper, section 7.1: 1 us)
};

/**
 * @ingroup mixnet-core
 * @brief Plans one switch that joins all NICs of all hosts without ever blocking, with a buffer
 * that never fills: the best that an electrical fabric can be.
 *
 * @param spec The hosts.
 * @return the plan, named "ideal-switch"; NIC n of host h is at switch port h * NICs + n.
 * @throws std::invalid_argument as PlanHost(), or when there are no hosts, optical NICs, or a
 * negative delay.
 */
FabricPlan PlanIdealSwitch(const IdealSwitchSpec& spec);

} // namespace mixnetcore

#endif // IDEAL_SWITCH_PLANNER_H
