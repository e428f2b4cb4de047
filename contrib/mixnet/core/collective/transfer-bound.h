/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRANSFER_BOUND_H
#define TRANSFER_BOUND_H

#include "route.h"

#include "ns3/host-interior.h"

#include <map>
#include <tuple>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief How early a set of transfers can end on the ways chosen for them, whatever the schedule.
 *
 * Every port and line must carry the bytes routed over it at its rate. Bytes released at a time
 * can only be carried after it, so for each resource and each release time t the end is not before
 * t + (bytes released at t or later) / rate. The largest of these is the bound: with one release
 * time it is the largest of bytes / rate over
 *
 * - each circuit and direction, at line rate times payload efficiency;
 * - each electrical NIC, out and in, likewise;
 * - everything that bytes cross inside a server: ports of GPUs, NUMA link, attachments of NICs.
 *
 * Not counted: propagation, headers of first frames, acknowledgements, storing and forwarding.
 */
class TransferBound
{
  public:
    /**
     * @param host Inside of every host; gives the rates.
     * @param payloadEfficiency Payload over bytes on the wire, above 0, at most 1.
     */
    TransferBound(const HostPlan& host, double payloadEfficiency);

    /**
     * @brief Counts one transfer.
     * @param transfer Bytes and their way.
     * @param release Time before which none of its bytes can move.
     */
    void Add(const Transfer& transfer, Picoseconds release);

    /// @return time before which not all transfers can have ended; zero when there are none.
    Picoseconds EarliestEnd() const;

    /// @return the same for NICs and circuits alone, without the inside of servers.
    Picoseconds EarliestEndOfLines() const;

  private:
    /// What carries bytes.
    enum class Kind
    {
        NicOut,
        NicIn,
        Inside,
    };

    /// A resource: kind, host, NIC or resource of the host's inside.
    using Resource = std::tuple<Kind, uint32_t, uint32_t>;

    /**
     * @param resource What carries bytes.
     * @return payload bytes per second.
     */
    double Rate(const Resource& resource) const;

    /// @param host Host. @param crossed What bytes cross in it. @param bytes How many.
    /// @param release When they may move.
    void AddInside(uint32_t host,
                   const std::vector<uint32_t>& crossed,
                   Bytes bytes,
                   Picoseconds release);

    /// @param load Bytes that a resource carries, by release. @param rate Its rate, bytes/s.
    /// @return time before which it cannot have carried them.
    static Picoseconds EndOf(const std::map<Picoseconds, Bytes>& load, double rate);

    HostPlan m_host;                                         //!< inside of every host
    HostInterior m_interior;                                 //!< what is shared inside of a host
    double m_efficiency;                                     //!< payload over bytes on the wire
    std::map<Resource, std::map<Picoseconds, Bytes>> m_load; //!< bytes by release time
};

} // namespace mixnetcore

#endif // TRANSFER_BOUND_H
