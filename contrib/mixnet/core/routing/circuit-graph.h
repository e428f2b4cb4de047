/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CIRCUIT_GRAPH_H
#define CIRCUIT_GRAPH_H

#include "route.h"

#include "ns3/fabric-plan.h"

#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief A circuit, or a fibre between two NICs, in one direction.
struct DirectedCircuit
{
    NicId from; //!< NIC that sends
    NicId to;   //!< NIC that receives
};

/**
 * @ingroup mixnet-core
 * @param plan A fabric.
 * @return what joins NICs without a controller, in both directions where it carries both: circuits
 * of schedules, of all their slots, and fibres from NIC to NIC. Each once, by sending and receiving
 * NIC.
 * @throws std::invalid_argument when a circuit is at a port of a switch without a NIC.
 */
std::vector<DirectedCircuit> CircuitsOf(const FabricPlan& plan);

/// @ingroup mixnet-core
/// @brief A path from host to host over circuits.
struct HostPath
{
    std::vector<uint32_t> hosts; //!< from the one that sends to the one that receives
    double share;                //!< of the bytes between the two; all paths of a pair add up to 1
};

/**
 * @ingroup mixnet-core
 * @brief Which hosts circuits join, and the shortest paths over them.
 *
 * A path counts its circuits. On the rings of a group with steps p1, p2, ... the shortest paths are
 * those of coin change: as few steps as add up to the distance.
 *
 * Bytes are split at every host over the circuits that begin a shortest path, evenly. Of pairs with
 * more than MOST_PATHS paths that many are used, looked for from the circuit on that the numbers
 * of the two hosts point to, so that pairs spread.
 *
 * Not modelled: paths that are chosen by what else is on them; longer ones where the shortest are
 * full.
 */
class CircuitGraph
{
  public:
    static constexpr uint32_t NONE = 0xffffffff; //!< circuits to what there is no path to
    static constexpr size_t MOST_PATHS = 8;      //!< of a pair

    /// @param hosts How many. @param circuits What joins their NICs.
    CircuitGraph(uint32_t hosts, const std::vector<DirectedCircuit>& circuits);

    /// @return how many hosts there are.
    uint32_t Hosts() const
    {
        return m_next.size();
    }

    /// @param from A host. @return hosts that circuits lead to from it, ascending.
    const std::vector<uint32_t>& Next(uint32_t from) const
    {
        return m_next.at(from);
    }

    /// @param from A host. @param to Another. @return circuits from one to the other; may be none.
    const std::vector<DirectedCircuit>& Between(uint32_t from, uint32_t to) const;

    /// @param from A host. @param to A host. @return circuits on a shortest path; NONE without one.
    uint32_t Hops(uint32_t from, uint32_t to) const
    {
        return HopsTo(to).at(from);
    }

    /// @param from A host. @param to Another. @return the shortest paths; none where there is none.
    std::vector<HostPath> Paths(uint32_t from, uint32_t to) const;

    /// @return circuits on the longest of all shortest paths; NONE when a host does not reach
    /// another.
    uint32_t Diameter() const;

  private:
    /// @param to A host. @return circuits to it on a shortest path, by host.
    const std::vector<uint32_t>& HopsTo(uint32_t to) const;

    /**
     * @param path Hosts so far. @param share Of the bytes that come this far.
     * @param to Host at the end. @param[out] paths Gets those that begin so.
     */
    void Extend(std::vector<uint32_t>& path,
                double share,
                uint32_t to,
                std::vector<HostPath>& paths) const;

    std::vector<std::vector<uint32_t>> m_next;     //!< by host, ascending
    std::vector<std::vector<uint32_t>> m_previous; //!< by host, ascending
    std::map<std::pair<uint32_t, uint32_t>, std::vector<DirectedCircuit>> m_circuits; //!< by hosts
    mutable std::vector<std::vector<uint32_t>> m_hopsTo; //!< by host; empty before it is asked for
};

} // namespace mixnetcore

#endif // CIRCUIT_GRAPH_H
