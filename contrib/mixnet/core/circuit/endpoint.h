/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ENDPOINT_H
#define ENDPOINT_H

#include "ns3/mixnet-units.h"

#include <optional>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What owns optical ports: a host with all its GPUs, or one GPU with ports of its own.
 */
struct Endpoint
{
    uint32_t host{0};              //!< host of the fabric
    std::optional<uint32_t> gpu{}; //!< GPU of that host; without one the endpoint is the host

    /// @param otherHost A host. @param otherGpu A GPU of it. @return whether it is part of this.
    bool Holds(uint32_t otherHost, uint32_t otherGpu) const
    {
        return host == otherHost && (!gpu || *gpu == otherGpu);
    }
};

/**
 * @ingroup mixnet-core
 * @brief An endpoint as an allocator sees it.
 */
struct EndpointPorts
{
    Endpoint endpoint;                   //!< who
    std::vector<uint32_t> opticalPorts;  //!< its ports, by plane
    BitsPerSecond electricalCapacity{0}; //!< of its NICs on packet switches, each way; endpoints
                                         //!< of one host share that host's evenly
};

} // namespace mixnetcore

#endif // ENDPOINT_H
