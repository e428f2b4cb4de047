/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_REACH_H
#define FABRIC_REACH_H

#include "ns3/fabric-plan.h"

#include <string>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Chooses the router that is usual on a fabric, of AllToAllRouters().
 *
 * 1. With regions, delegate.
 * 2. Else, with circuits of schedules or fibres from NIC to NIC, relay.
 * 3. Else, where every GPU has an electrical NIC and no NIC is optical: rail if NICs reach only
 *    those of the same number, own-nic if they reach others.
 * 4. Else spread.
 *
 * @param plan The fabric; its router is not looked at.
 * @return the name.
 * @throws std::invalid_argument as CircuitsOf().
 */
std::string UsualRouter(const FabricPlan& plan);

/**
 * @ingroup mixnet-core
 * @brief Checks that by the router of a plan every host reaches every other.
 *
 * - relay, valiant: over circuits, by way of relays only; pairs without a path over circuits as
 *   with spread.
 * - own-nic: every electrical NIC every other over packet switches, by PathRule::UpDown.
 * - delegate, rail, spread: every electrical NIC those of the same number. Circuits of regions
 *   change, so they do not count.
 * - Of other routers nothing is known but that MakeRouter() makes them.
 *
 * @param plan The fabric.
 * @throws std::invalid_argument as MakeRouter(), or when a host does not reach another; the message
 * names the first pair.
 */
void CheckReach(const FabricPlan& plan);

} // namespace mixnetcore

#endif // FABRIC_REACH_H
