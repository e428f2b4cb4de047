/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef HOST_TRAFFIC_H
#define HOST_TRAFFIC_H

#include "ns3/demand-matrix.h"

#include <cstdint>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Hosts that add up gradients.
struct AllReduceGroup
{
    std::vector<uint32_t> hosts; //!< ascending, at least 2
    Bytes bytes;                 //!< buffer of each host that is reduced

    /// @return bytes that all of its hosts together send around a ring: 2 (k - 1) buffers.
    Bytes RingBytes() const
    {
        return bytes * (2 * (hosts.size() - 1));
    }
};

/**
 * @ingroup mixnet-core
 * @brief What a job sends between hosts in an iteration, as a planner of circuits expects it.
 */
struct HostTraffic
{
    DemandMatrix modelParallel;            //!< all but gradients: from host (row) to host (column)
    std::vector<AllReduceGroup> allReduce; //!< gradients
};

} // namespace mixnetcore

#endif // HOST_TRAFFIC_H
