/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TWO_CIRCUIT_ROUTER_H
#define TWO_CIRCUIT_ROUTER_H

#include "circuit-graph.h"
#include "region-router.h"

#include <map>
#include <set>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Routes by delegates, where hosts without a circuit between them also use two circuits,
 * with a host in between that passes the bytes on.
 *
 * 1. A pair of hosts with circuits is routed as by RegionRouter.
 * 2. A pair without sends a part of its bytes over two circuits, evenly over the hosts that have
 *    circuits to both, as many lanes by each as the fewer of these; the others take the electrical
 *    NICs evenly.
 * 3. That part makes circuits and electrical NICs of the sender busy equally long if all pairs of
 *    hosts have the same bytes. Of a host with d circuits to n others, e electrical NICs and p
 *    peers without circuit each electrical NIC has p (1 - x) / e, and each circuit (n + 2 p x) / d,
 *    since it passes on as much as others do for it: x = (p / e - n / d) / (p / e + 2 p / d), none
 *    below 0.
 *
 * Peers are the hosts that have any circuit. Not modelled: a part that follows the demand, or an
 * allocator that expects what is passed on.
 *
 * @see MixNet, section 5.3 (delegates); TopoOpt, section 5 (forwarding by hosts)
 */
class TwoCircuitRouter : public RegionRouter
{
  public:
    /// @param host Inside of every host. @param state Circuits in force.
    /// @throws std::invalid_argument as RegionRouter.
    TwoCircuitRouter(const HostPlan& host, const FabricState& state);

  private:
    // Documented in AllToAllRouter.
    void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                           std::vector<Transfer>& transfers) const override;

    /// @param host A host that sends. @return the part of bytes without circuit that takes two.
    double PartOverTwo(uint32_t host) const;

    /// @param pair A pair without circuits. @return its lanes over two circuits, by the host
    /// between.
    std::vector<std::vector<DirectedCircuit>> LanesOf(const HostPair& pair) const;

    std::map<uint32_t, std::set<uint32_t>> m_neighbours; //!< hosts that a host has circuits to
};

} // namespace mixnetcore

#endif // TWO_CIRCUIT_ROUTER_H
