/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RAIL_PLANNER_H
#define RAIL_PLANNER_H

#include "clos.h"

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What a fabric of rails with its hosts needs to be described.
struct RailSpec
{
    uint32_t hosts{8}; //!< servers, at least 1
    HostSpec host;     //!< inside of each; opticalDegree must be 0; a rail per electrical NIC
    uint32_t radix{0}; //!< ports that a switch has; 0 to have it chosen
    Picoseconds linkDelay{1'000'000}; //!< propagation of a fibre (paper, section 7.1: 1 us)
    std::optional<BitsPerSecond> uplinkRate{}; //!< as in ClosSpec
};

/**
 * @ingroup mixnet-core
 * @brief Plans a rail-optimized fabric: leaves for rails, and a fat-tree above them.
 *
 * A group is as many consecutive hosts as a leaf has downlinks, half of the radix. NICs number r of
 * its hosts share leaf r of the group, and the leaves of a group are next to each other; the last
 * group can have fewer hosts. Above the leaves it is a non-blocking Clos network of three tiers.
 *
 * With radix 0 switches have the smallest power of two, at least 4, that has room: as in a fat-tree
 * of the same NICs, but where the last group does not fit.
 *
 * @param spec The hosts and the switches.
 * @return the plan, named "rail-optimized".
 * @throws std::invalid_argument as PlanHost() and ResolveRadix(), or when there are no hosts,
 * optical NICs, or a negative delay.
 */
FabricPlan PlanRailOptimized(const RailSpec& spec);

/**
 * @ingroup mixnet-core
 * @brief Plans a rail-only fabric: NICs number r of all hosts on a network of their own.
 *
 * Each rail is a non-blocking Clos network of the fewest tiers that the radix allows, hosts in
 * ascending order. Between rails there is no way but through a host. Switches of rail r are called
 * railR-leaf0, railR-spine0, railR-core0, ...
 *
 * With radix 0 switches are equal to those of a fat-tree of the same NICs, all rails together.
 *
 * @param spec The hosts and the switches.
 * @return the plan, named "rail-only".
 * @throws std::invalid_argument as PlanRailOptimized().
 */
FabricPlan PlanRailOnly(const RailSpec& spec);

} // namespace mixnetcore

#endif // RAIL_PLANNER_H
