/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MIXNET_PLANNER_H
#define MIXNET_PLANNER_H

#include "clos.h"

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What a MixNet fabric with its hosts needs to be described.
struct MixnetSpec
{
    uint32_t hosts{8};                //!< servers of all regions, at least 1
    HostSpec host;                    //!< inside of each
    Picoseconds linkDelay{1'000'000}; //!< propagation of a fibre (paper, section 7.1: 1 us)
    uint32_t hostsPerRegion{0};       //!< servers of a region, a divisor of hosts; 0 for all
    ClosSpec electrical{};            //!< the packet switches
    uint32_t planes{1};               //!< OCSs of a region, at least 1, at most opticalDegree
};

/**
 * @ingroup mixnet-core
 * @brief Plans a MixNet fabric: optical NICs on regional OCSs, electrical NICs on one fat-tree
 * (paper, section 4).
 *
 * A region is consecutive hosts, each an endpoint. Optical port p of its host number h (counting
 * the optical NICs of a host upwards from 0) ends at port h * opticalDegree + p of its OCS. With
 * several planes, port p ends at plane p % planes, in the same order. The electrical NICs of all
 * hosts end at one folded Clos network, host by host. Bytes go by delegates.
 *
 * Nodes are the hosts, then the OCSs ocs0, ocs1, ..., one per region and plane, then the packet
 * switches. Without optical NICs there is no region, without electrical ones no packet switch.
 *
 * @param spec The hosts, regions and packet switches.
 * @return the plan, named "mixnet".
 * @throws std::invalid_argument as PlanHost() and ResolveRadix(), or when there are no hosts, or no
 * electrical NIC although there is more than one host, or regions are not equal, or there are more
 * planes than optical NICs, or the delay is negative.
 */
FabricPlan PlanMixnet(const MixnetSpec& spec);

} // namespace mixnetcore

#endif // MIXNET_PLANNER_H
