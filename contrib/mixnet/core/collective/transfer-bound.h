/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRANSFER_BOUND_H
#define TRANSFER_BOUND_H

#include "ns3/route.h"

#include "ns3/host-interior.h"

#include <unordered_map>
#include <utility>
#include <vector>

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
 * Not counted: propagation, headers of first frames, acknowledgements, storing and forwarding,
 * links between switches.
 *
 * Whatever moves these transfers ends no earlier than the bound, to the picosecond below it. Times
 * beyond 63 bits are refused with std::overflow_error.
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

    /// @brief Bytes that a resource carries.
    struct Load
    {
        Kind kind;                                        //!< of the resource
        uint32_t number;                                  //!< NIC or resource of a host's inside
        std::vector<std::pair<Picoseconds, Bytes>> bytes; //!< by release, ascending
    };

    /// @param kind Of a resource. @param host Its host. @param number Of it in the host.
    /// @param bytes That it is to carry. @param release When they may move.
    void AddTo(Kind kind, uint32_t host, uint32_t number, Bytes bytes, Picoseconds release);

    /// @param load Of a resource. @return its payload bytes per second.
    double Rate(const Load& load) const;

    /// @param host Host. @param crossed What bytes cross in it. @param bytes How many.
    /// @param release When they may move.
    void AddInside(uint32_t host,
                   const std::vector<uint32_t>& crossed,
                   Bytes bytes,
                   Picoseconds release);

    /// @param load Of a resource. @return time before which it cannot have carried that.
    Picoseconds EndOf(const Load& load) const;

    HostPlan m_host;                           //!< inside of every host
    HostInterior m_interior;                   //!< what is shared inside of a host
    double m_efficiency;                       //!< payload over bytes on the wire
    std::vector<Load> m_loads;                 //!< in the order of first use
    std::unordered_map<uint64_t, size_t> m_of; //!< index of each by kind, host and number
};

} // namespace mixnetcore

#endif // TRANSFER_BOUND_H
