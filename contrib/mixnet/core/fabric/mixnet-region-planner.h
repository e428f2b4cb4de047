/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MIXNET_REGION_PLANNER_H
#define MIXNET_REGION_PLANNER_H

#include "fabric-plan.h"

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What one MixNet region needs to be described.
struct MixnetRegionSpec
{
    uint32_t hosts{8};                //!< servers of the region, at least 1
    HostSpec host;                    //!< inside of each
    Picoseconds linkDelay{1'000'000}; //!< propagation of a fibre (paper, section 7.1: 1 us)
};

/**
 * @ingroup mixnet-core
 * @brief Plans one MixNet region: optical NICs on a regional OCS, electrical NICs on one switch.
 *
 * Optical port p of host h (counting the optical NICs of a host upwards from 0) ends at switch
 * port h * opticalDegree + p. The electrical NICs end at a single non-blocking packet switch, the
 * part of the electrical fabric that one region sees. Electrical NIC k of host h ends at
 * its port h * electricalNics + k. Hosts are called host0, host1, ..., the switches ocs0 and eps0.
 * A switch without ports is left out, and without optical NICs there is no region.
 *
 * @param spec The region.
 * @return the plan, named "mixnet".
 * @throws std::invalid_argument as PlanHost(), or when there are no hosts, or no electrical NIC
 * although there is more than one host, or a negative delay.
 */
FabricPlan PlanMixnetRegion(const MixnetRegionSpec& spec);

} // namespace mixnetcore

#endif // MIXNET_REGION_PLANNER_H
