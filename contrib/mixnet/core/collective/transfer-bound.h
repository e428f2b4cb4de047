/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRANSFER_BOUND_H
#define TRANSFER_BOUND_H

#include "route.h"

#include <map>
#include <tuple>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief How early a set of transfers can end, whatever the schedule.
 *
 * Every port and line must carry the bytes routed over it at its rate. Bytes released at a time
 * can only be carried after it, so for each resource and each release time t the end is not before
 * t + (bytes released at t or later) / rate. The largest of these is the bound: with one release
 * time it is the largest of bytes / rate over
 *
 * - each circuit and direction, at line rate times payload efficiency;
 * - each electrical NIC, out and in, likewise;
 * - each GPU's NVSwitch port, out and in.
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

  private:
    /// What carries bytes.
    enum class Kind
    {
        NicOut,
        NicIn,
        GpuOut,
        GpuIn,
    };

    /// A resource: kind, host, NIC or GPU.
    using Resource = std::tuple<Kind, uint32_t, uint32_t>;

    /**
     * @param resource What carries bytes.
     * @return payload bytes per second.
     */
    double Rate(const Resource& resource) const;

    HostPlan m_host;                                         //!< inside of every host
    double m_efficiency;                                     //!< payload over bytes on the wire
    std::map<Resource, std::map<Picoseconds, Bytes>> m_load; //!< bytes by release time
};

} // namespace mixnetcore

#endif // TRANSFER_BOUND_H
