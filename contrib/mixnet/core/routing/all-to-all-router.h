/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ALL_TO_ALL_ROUTER_H
#define ALL_TO_ALL_ROUTER_H

#include "route.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Bytes that one GPU has for another.
 */
struct GpuDemand
{
    GpuId source;      //!< GPU that holds them
    GpuId destination; //!< GPU that gets them
    Bytes bytes;       //!< how many
};

/**
 * @ingroup mixnet-core
 * @brief Finds the ways of an all-to-all's bytes over a fabric.
 *
 * A value for one state of the fabric. Subclasses say how hosts are reached (RouteBetweenHosts);
 * inside a host bytes go straight from GPU to GPU.
 */
class AllToAllRouter
{
  public:
    virtual ~AllToAllRouter() = default;

    /**
     * @param demand All that one host has for GPUs in an all-to-all, or a part of it; entries of
     * zero bytes have nothing to send.
     * @return transfers that together carry all bytes, each on its way; none is empty. Those of
     * one host pair stand together, pairs in the order in which they first occur.
     * @throws std::invalid_argument when a host cannot be reached.
     */
    std::vector<Transfer> Route(const std::vector<GpuDemand>& demand) const;

  private:
    /**
     * @param demand Entries above zero between one pair of different hosts.
     * @param[out] transfers Where to add their transfers.
     */
    virtual void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                                   std::vector<Transfer>& transfers) const = 0;
};

/**
 * @ingroup mixnet-core
 * @brief A way through delegates: gather by NVSwitch, RDMA between two NICs, scatter by NVSwitch.
 *
 * @param host Inside of both hosts.
 * @param source GPU that holds the bytes.
 * @param destination GPU that gets them, in another host.
 * @param fromNic NIC of the source's host.
 * @param toNic NIC of the destination's host.
 * @return the legs; no NVSwitch leg where a GPU is its own delegate.
 */
Route DelegatedRoute(const HostPlan& host,
                     const GpuId& source,
                     const GpuId& destination,
                     uint32_t fromNic,
                     uint32_t toNic);

/**
 * @ingroup mixnet-core
 * @brief Lets transfers occupy their ways as if these were used at a part of their rate only.
 *
 * A transfer of b bytes gets padding, up to b / efficiency bytes, rounded up: it takes as long as
 * that many would, and whoever shares a port or line with it has to wait for them as well. That
 * stands for all that keeps a real library from line rate: gaps between launches, its protocol,
 * small chunks.
 *
 * @param[in,out] transfers Transfers without padding.
 * @param efficiency Share of the rate that is used, above 0, at most 1; 1 changes nothing.
 * @throws std::invalid_argument when the efficiency is not in that range, or so low that a transfer
 * would have more than 2^53 bytes.
 */
void PadTransfers(std::vector<Transfer>& transfers, double efficiency);

} // namespace mixnetcore

#endif // ALL_TO_ALL_ROUTER_H
