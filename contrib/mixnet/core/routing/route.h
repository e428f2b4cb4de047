/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ROUTE_H
#define ROUTE_H

#include "ns3/host-plan.h"

#include <boost/container/small_vector.hpp>
#include <variant>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief A GPU: host of the fabric, and its number in that host.
struct GpuId
{
    uint32_t host; //!< host
    uint32_t gpu;  //!< GPU of that host

    /// @param other Another GPU. @return whether it is the same.
    bool operator==(const GpuId& other) const
    {
        return host == other.host && gpu == other.gpu;
    }
};

/// @ingroup mixnet-core
/// @brief A NIC: host of the fabric, and its number in that host.
struct NicId
{
    uint32_t host; //!< host
    uint32_t nic;  //!< NIC of that host

    /// @param other Another NIC. @return whether it is the same.
    bool operator==(const NicId& other) const
    {
        return host == other.host && nic == other.nic;
    }
};

/// @ingroup mixnet-core
/// @brief From one GPU of a host to another, by NVSwitch.
struct NvswitchLeg
{
    uint32_t host;    //!< host
    uint32_t fromGpu; //!< GPU that holds the bytes
    uint32_t toGpu;   //!< GPU that gets them
};

/// @ingroup mixnet-core
/// @brief From one host to another, by RDMA between two NICs.
struct RdmaLeg
{
    NicId from;   //!< NIC that sends
    NicId to;     //!< NIC that receives
    NicRole side; //!< side of the fabric between them

    /// @param other Another leg. @return whether it is between the same NICs, the same direction.
    bool operator==(const RdmaLeg& other) const
    {
        return from == other.from && to == other.to;
    }
};

/// @ingroup mixnet-core
/// @brief One step of a message's route.
using RouteLeg = std::variant<NvswitchLeg, RdmaLeg>;

/// @ingroup mixnet-core
/// @brief A message's route, leg by leg; empty where it stays on its GPU. Gather, crossing and
/// scatter take no memory of their own.
using Route = boost::container::small_vector<RouteLeg, 3>;

/**
 * @ingroup mixnet-core
 * @brief Bytes that travel from one GPU to another on one route.
 */
struct Transfer
{
    GpuId source;      //!< GPU that holds the bytes
    GpuId destination; //!< GPU that gets them
    Bytes bytes;       //!< how many
    Route route;       //!< over what
    Bytes padding{0};  //!< how many of them stand for time that a sender loses (PadTransfers())

    /// @return bytes that somebody waits for: all but the padding.
    Bytes Payload() const
    {
        return bytes - padding;
    }

    /**
     * @param first Bytes, at most all.
     * @return the first so many of it, on its route, with their share of the padding.
     */
    Transfer First(Bytes first) const;

    /**
     * @param first Bytes, at most all.
     * @return all but the first so many: payload and padding of both together are its own.
     */
    Transfer Rest(Bytes first) const;
};

/**
 * @ingroup mixnet-core
 * @param leg One step of a route.
 * @return host that carries it out: where its bytes start.
 */
inline uint32_t
HostOf(const RouteLeg& leg)
{
    if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
    {
        return rdma->from.host;
    }
    return std::get<NvswitchLeg>(leg).host;
}

/// @ingroup mixnet-core
/// @param route A route. @return whether it has several legs between hosts.
bool IsRelayed(const Route& route);

/// @ingroup mixnet-core
/// @param route A route. @return hosts that pass its bytes on, in their order.
std::vector<uint32_t> RelaysOf(const Route& route);

} // namespace mixnetcore

#endif // ROUTE_H
