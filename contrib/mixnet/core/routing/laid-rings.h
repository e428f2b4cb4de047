/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef LAID_RINGS_H
#define LAID_RINGS_H

#include "route.h"

#include "ns3/fabric-plan.h"

#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief A ring of an all-reduce, and the circuits that it goes over.
struct LaidRing
{
    RingPlan plan;           //!< its hosts and NIC
    std::vector<Route> hops; //!< from the GPU of that NIC in each host to that in the next
};

/**
 * @ingroup mixnet-core
 * @brief Finds the circuits of a fabric's rings.
 *
 * A hop takes the circuit between the NICs of the ring, or where there is none the first one
 * between the two hosts: of duplex circuits a ring takes two NICs of a host, of which the plan
 * names one. Where that is at another GPU bytes get to it and from it by NVSwitch.
 *
 * @param plan A fabric.
 * @return its rings, in their order.
 * @throws std::invalid_argument when no circuit joins neighbours of a ring.
 */
std::vector<LaidRing> LaidRingsOf(const FabricPlan& plan);

} // namespace mixnetcore

#endif // LAID_RINGS_H
