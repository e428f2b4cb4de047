/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRANSFER_BOUND_H
#define TRANSFER_BOUND_H

#include "ns3/host-interior.h"
#include "ns3/route.h"

#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief How early a set of transfers can end on the routes chosen for them, whatever the schedule.
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
     * @brief What every host is made of, made once for many bounds.
     */
    class Server
    {
      public:
        /// @param host Inside of every host; gives the rates.
        /// @param payloadEfficiency Payload over bytes on the wire, above 0, at most 1.
        Server(const HostPlan& host, double payloadEfficiency);

      private:
        friend class TransferBound;
        using Crossed = std::vector<std::vector<uint32_t>>; //!< resources, by what crosses them

        std::vector<double> rates; //!< payload bytes per second: lines out, lines in, the inside
        uint32_t nics;             //!< of a host
        uint32_t gpus;             //!< likewise
        Crossed between;           //!< by pair of GPUs
        Crossed intoNic;           //!< by NIC
        Crossed outOfNic;          //!< likewise
    };

    /// @param host Inside of every host. @param payloadEfficiency As with Server.
    TransferBound(const HostPlan& host, double payloadEfficiency)
        : TransferBound(std::make_shared<const Server>(host, payloadEfficiency))
    {
    }

    /// @param server Inside of every host.
    explicit TransferBound(std::shared_ptr<const Server> server);

    /**
     * @brief Counts one transfer.
     * @param transfer Bytes and their route.
     * @param release Time before which none of its bytes can move; not before that of the transfer
     *        before.
     * @throws std::invalid_argument when it is.
     */
    void Add(const Transfer& transfer, Picoseconds release);

    /// @return time before which not all transfers can have ended; zero when there are none.
    Picoseconds EarliestEnd() const
    {
        return EndOfFirst(m_server->rates.size());
    }

    /// @return the same for NICs and circuits alone, without the inside of servers.
    Picoseconds EarliestEndOfLines() const
    {
        return EndOfFirst(2 * m_server->nics);
    }

  private:
    /**
     * @brief What binds a resource: of all releases that which is followed by most work.
     *
     * Bytes that are released later come on top of every release before, so which of these binds
     * does not change; the new release binds instead when all before it may have been carried by
     * then.
     */
    struct Load
    {
        Picoseconds release{0}; //!< when these may move
        Bytes bytes;            //!< released then or later
    };

    /// @param host A host. @return what its resources carry.
    std::vector<Load>& LoadsOf(uint32_t host);

    /// @param load Of a resource. @param rate Its payload bytes per second.
    /// @param bytes More for it. @param release When they may move.
    static void AddTo(Load& load, double rate, Bytes bytes, Picoseconds release);

    /// @param load Of a resource. @param rate Its payload bytes per second.
    /// @return time before which it cannot have carried that.
    static Picoseconds EndOf(const Load& load, double rate);

    /// @param resources How many of each host count, lines first.
    /// @return time before which they cannot have carried all.
    Picoseconds EndOfFirst(size_t resources) const;

    std::shared_ptr<const Server> m_server; //!< inside of every host
    Picoseconds m_latest{0};                //!< latest release
    std::unordered_map<uint32_t, std::vector<Load>>
        m_byHost; //!< the largest end counts, in any order
};

} // namespace mixnetcore

#endif // TRANSFER_BOUND_H
