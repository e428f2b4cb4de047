/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ALL_TO_ALL_ROUTER_H
#define ALL_TO_ALL_ROUTER_H

#include "route.h"

#include "ns3/fabric-plan.h"
#include "ns3/registry.h"

#include <functional>
#include <map>
#include <memory>
#include <unordered_set>
#include <utility>

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
 * @brief Finds the routes of an all-to-all's bytes over a fabric.
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
     * @throws std::logic_error when a route leads through a host that may not relay.
     */
    std::vector<Transfer> Route(const std::vector<GpuDemand>& demand) const;

    /// @param hosts Those that may pass on bytes of others; none unless told.
    void SetRelays(const std::vector<uint32_t>& hosts)
    {
        m_relays = {hosts.begin(), hosts.end()};
    }

  private:
    /// @param route A route. @throws std::logic_error when a host in its midst may not relay.
    void CheckRelays(const mixnetcore::Route& route) const;

    /**
     * @param demand Entries above zero between one pair of different hosts.
     * @param[out] transfers Where to add their transfers.
     */
    virtual void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                                   std::vector<Transfer>& transfers) const = 0;

    std::unordered_set<uint32_t> m_relays; //!< hosts that may pass on bytes of others; looked up
};

/// @ingroup mixnet-core
/// @brief What of a fabric changes while it is used, as routers see it.
struct FabricState
{
    /// NICs that circuits join, in both directions.
    std::vector<std::pair<NicId, NicId>> circuits{};

    /// Whether a circuit is for bytes of the GPUs that its NICs are attached to, rather than for
    /// all of their hosts.
    bool ofGpus{false};

    /// Part of the bytes from a host (first) to another (second) that crosses packet switches
    /// although the two have circuits, 0 to 1; none where nothing is said.
    std::map<std::pair<uint32_t, uint32_t>, double> electricalParts{};
};

/// @ingroup mixnet-core
/// @brief Makes a router for a fabric and its state.
using RouterMaker =
    std::function<std::shared_ptr<AllToAllRouter>(const FabricPlan&, const FabricState&)>;

/**
 * @ingroup mixnet-core
 * @return the routers, by the name that stands in FabricPlan::router: how bytes leave a server.
 *
 * | name     | class        | bytes leave by                                                     |
 * | -------- | ------------ | ------------------------------------------------------------------ |
 * | own-nic  | OwnNicRouter | the NIC of the GPU that has them, and arrive at that of the GPU    |
 * |          |              | that gets them                                                     |
 * | rail     | RailRouter   | the NIC of the GPU on the receiver's rail, reached by NVSwitch     |
 * | spread   | SpreadRouter | all NICs of the server evenly, and arrive at all of the other's,    |
 * |          |              | gathered and scattered by NVSwitch                                 |
 * | delegate | RegionRouter | the NICs at the circuits of the server pair, else all electrical   |
 * |          |              | ones, reached by NVSwitch                                          |
 * | two-circuits | TwoCircuitRouter | as delegate; a pair without a circuit also over two, with  |
 * |          |              | a server in between                                                |
 * | relay    | RelayRouter  | the NICs at circuits that stand or follow a schedule, and go on     |
 * |          |              | over servers that pass them on                                     |
 * | valiant  | ValiantRouter | the same, by way of all other servers in equal parts              |
 */
Registry<RouterMaker>& AllToAllRouters();

/**
 * @ingroup mixnet-core
 * @param fabric A fabric.
 * @param state Its circuits; without any, routes of what does not wait for circuits.
 * @return the router that the plan names; its relays are the plan's.
 * @throws std::invalid_argument when there is no such router, or it does not suit the fabric.
 */
std::shared_ptr<const AllToAllRouter> MakeRouter(const FabricPlan& fabric,
                                                 const FabricState& state = {});

/**
 * @ingroup mixnet-core
 * @param fabric A fabric.
 * @param region Index of one of its regions.
 * @param planes Circuits in force at the region's switches, plane by plane.
 * @return the NICs that they join.
 * @throws std::invalid_argument when the region does not exist.
 * @throws std::out_of_range when a circuit is at a port without an attachment.
 */
std::vector<std::pair<NicId, NicId>> JoinedNics(const FabricPlan& fabric,
                                                size_t region,
                                                const std::vector<CircuitConfiguration>& planes);

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
 * @brief Lets transfers occupy their routes as if these were used at a part of their rate only.
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
