/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ROTOR_PLANNER_H
#define ROTOR_PLANNER_H

#include "mixnet-planner.h"

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What a fabric of rotors with its hosts needs to be described.
struct RotorSpec
{
    MixnetSpec fabric;             //!< hosts, regions, planes, packet switches
    Picoseconds slot{200'000'000}; //!< how long a matching stands, above 0
    Picoseconds guard{10'000'000}; //!< dark time between two (RotorNet; paper, Table 2: 10 us)
};

/**
 * @ingroup mixnet-core
 * @brief Plans a fabric whose optical circuit switches take matchings in turn, whatever the
 * traffic: RotorNet's, on the regions of MixNet.
 *
 * The nodes and links are those of PlanMixnet(). Every two hosts of a region meet once in a cycle
 * at each of their optical NICs (RoundRobin()), NIC p of both: a cycle has n - 1 slots for n hosts,
 * n where n is odd. The NICs of a host begin in different places of the cycle, as far from each
 * other as they can be, so that a pair waits (n - 1) / NICs slots. No controller is needed.
 *
 * Bytes go on the direct circuit of their pair, when its slot comes (relay), or by way of all other
 * hosts (valiant). What has no circuit takes packet switches.
 *
 * Not modelled: rotors that hold different matchings by wavelength; hosts that stop before the end
 * of a slot: what is in flight then is lost, and retransmitted in the next slot of the pair.
 *
 * @see Mellette et al., RotorNet (SIGCOMM 2017)
 *
 * @param spec The hosts, regions, packet switches and times.
 * @return the plan, named "rotor".
 * @throws std::invalid_argument as PlanMixnet(), or when a slot is not above 0 or the guard below.
 */
FabricPlan PlanRotor(const RotorSpec& spec);

} // namespace mixnetcore

#endif // ROTOR_PLANNER_H
