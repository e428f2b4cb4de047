/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CIRCUIT_ROUTER_H
#define CIRCUIT_ROUTER_H

#include "all-to-all-router.h"
#include "circuit-graph.h"
#include "nic-spread.h"

#include <map>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @param host Inside of every host.
 * @param source GPU that holds the bytes.
 * @param destination GPU that gets them, in another host.
 * @param circuits From host to host, in their order.
 * @return the route over them: in each host by NVSwitch from the GPU of the NIC that bytes come in
 * by to that of the one that they leave by.
 */
Route RouteOverCircuits(const HostPlan& host,
                        const GpuId& source,
                        const GpuId& destination,
                        const std::vector<DirectedCircuit>& circuits);

/**
 * @ingroup mixnet-core
 * @brief The routes over circuits that no controller commands: from server to server, each of which
 * passes on what is for others.
 *
 * Subclasses say over which servers (PathsBetween). The bytes of a pair of servers are dealt out to
 * its paths by their shares, and on each evenly over the circuits that it begins with. They reach
 * the NIC of a circuit by NVSwitch, and in a server that passes them on they go by NVSwitch from
 * the GPU of the NIC that they come in by to that of the one that they leave by: through the memory
 * of GPUs, with RDMA at every hop. A server keeps what it has got of a message until its next NIC
 * has sent it.
 *
 * A pair without a path takes the electrical NICs, evenly, where there are any.
 *
 * Not modelled: a limit of what a server keeps; one stage of a pipeline that waits for the last.
 *
 * @see Wang et al., TopoOpt (NSDI 2023), section 5 (host-based forwarding)
 */
class CircuitRouter : public AllToAllRouter
{
  public:
    /// @param plan The fabric. @throws std::invalid_argument as CircuitsOf(), or when nothing joins
    /// NICs without a controller.
    explicit CircuitRouter(const FabricPlan& plan);

    /// @return which servers circuits join.
    const CircuitGraph& Graph() const
    {
        return m_graph;
    }

    /**
     * @param from A host. @param to Another.
     * @return paths over circuits; none where there is no path, or bytes go over packet switches.
     */
    virtual std::vector<HostPath> PathsBetween(uint32_t from, uint32_t to) const = 0;

  private:
    /// @brief One way over circuits, from NIC to NIC.
    struct Lane
    {
        std::vector<DirectedCircuit> circuits; //!< in their order
        double share;                          //!< of the bytes of the pair
    };

    using HostPair = std::pair<uint32_t, uint32_t>; //!< host that sends, host that receives

    // Documented in AllToAllRouter.
    void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                           std::vector<Transfer>& transfers) const override;

    /// @param pair Two hosts. @return lanes between them; none over circuits.
    const std::vector<Lane>& LanesOf(const HostPair& pair) const;

    HostPlan m_host;                                       //!< inside of every host
    CircuitGraph m_graph;                                  //!< which hosts circuits join
    std::vector<NicPair> m_electrical;                     //!< NICs, the same for all pairs
    mutable std::map<HostPair, std::vector<Lane>> m_lanes; //!< of pairs that were asked for
};

/**
 * @ingroup mixnet-core
 * @brief Over the shortest paths (CircuitGraph), or those that the plan of the fabric gives.
 *
 * On a schedule that joins every pair of servers some time this is the direct path: bytes wait for
 * the slot of their pair.
 */
class RelayRouter : public CircuitRouter
{
  public:
    /// @param plan The fabric. @throws std::invalid_argument as CircuitRouter, or when a route of
    /// the plan leads over hosts that no circuit joins, or has a share that is not above 0.
    explicit RelayRouter(const FabricPlan& plan);

    // Documented in CircuitRouter.
    std::vector<HostPath> PathsBetween(uint32_t from, uint32_t to) const override;

  private:
    std::map<std::pair<uint32_t, uint32_t>, std::vector<HostPath>> m_given; //!< by the plan
};

/**
 * @ingroup mixnet-core
 * @brief By way of every other server that circuits join both to, in equal parts, and directly.
 *
 * Valiant's load balancing: whatever is to go where, circuits carry the same. It takes up to twice
 * the capacity.
 */
class ValiantRouter : public CircuitRouter
{
  public:
    using CircuitRouter::CircuitRouter;

    // Documented in CircuitRouter.
    std::vector<HostPath> PathsBetween(uint32_t from, uint32_t to) const override;
};

} // namespace mixnetcore

#endif // CIRCUIT_ROUTER_H
