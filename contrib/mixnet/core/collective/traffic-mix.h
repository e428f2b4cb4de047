/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAFFIC_MIX_H
#define TRAFFIC_MIX_H

#include "ns3/fabric-plan.h"
#include "ns3/host-traffic.h"
#include "ns3/route.h"

#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief An all-reduce over all servers and an all-to-all of the same bytes between each two of
 * them.
 */
struct TrafficMix
{
    uint32_t servers{2}; //!< how many there are, at least 2
    Bytes buffer;        //!< of each server, that is reduced; 0 without an all-reduce
    Bytes bytesPerPair;  //!< of the all-to-all, from each server to each other one

    /// @return all servers, ascending.
    std::vector<uint32_t> Servers() const;

    /// @return bytes of the all-reduce that go around rings, of all servers.
    Bytes RingBytes() const;

    /// @return bytes of the all-to-all, of all servers.
    Bytes AllToAllBytes() const
    {
        return bytesPerPair * (uint64_t{servers} * (servers - 1));
    }

    /// @return the same as planners of circuits take it.
    HostTraffic Traffic() const;
};

/**
 * @ingroup mixnet-core
 * @brief Transfers of a mix over a fabric, from and to GPU 0 of servers.
 */
struct MixRoutes
{
    std::vector<Transfer> allReduce; //!< one for each edge of each ring
    std::vector<Transfer> allToAll;  //!< one or more for each pair, as the fabric's router has it

    /// @return all of them.
    std::vector<Transfer> All() const;
};

/**
 * @ingroup mixnet-core
 * @brief Finds the routes of a mix.
 *
 * The all-reduce goes around the rings of the plan that are of all servers; on a fabric without
 * circuits around one ring over each NIC, by ascending numbers of servers. Its bytes are shared out
 * evenly over the rings, to the byte over all edges. A ring is a fluid: each server sends to the
 * next one, in one transfer, all that it does in the 2 (k - 1) steps.
 *
 * @param plan A fabric of so many servers as the mix has, whose NICs are all at GPU 0.
 * @param mix What is sent.
 * @return the routes.
 * @throws std::invalid_argument when the fabric has another number of servers, or no ring for the
 * all-reduce, or its router finds no route.
 */
MixRoutes RouteMix(const FabricPlan& plan, const TrafficMix& mix);

/**
 * @ingroup mixnet-core
 * @brief Bytes of a mix that cross lines.
 */
struct LineLoad
{
    uint64_t allReduce{0}; //!< of the all-reduce
    uint64_t allToAll{0};  //!< of the all-to-all

    /// @return both.
    uint64_t All() const
    {
        return allReduce + allToAll;
    }
};

/**
 * @ingroup mixnet-core
 * @brief What NICs send of a mix, their own bytes and those that they pass on.
 */
struct MixLoads
{
    LineLoad all;     //!< by all NICs: bytes times the lines that they cross
    LineLoad busiest; //!< by the NIC that sends most; the first of those
    double mean{0};   //!< bytes by a NIC

    /// @return what the busiest NIC sends over the mean of all; 1 when nothing is sent.
    double Unevenness() const
    {
        return mean > 0 ? static_cast<double>(busiest.All()) / mean : 1;
    }

    /// @param mix What is sent. @return bytes times the lines that they cross, over bytes; 1 when
    /// nothing is sent.
    double BandwidthTax(const TrafficMix& mix) const;
};

/**
 * @ingroup mixnet-core
 * @param plan A fabric. @param routes Routes over it.
 * @return what its NICs send.
 */
MixLoads LoadsOfMix(const FabricPlan& plan, const MixRoutes& routes);

} // namespace mixnetcore

#endif // TRAFFIC_MIX_H
