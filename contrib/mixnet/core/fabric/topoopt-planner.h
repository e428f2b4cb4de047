/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TOPOOPT_PLANNER_H
#define TOPOOPT_PLANNER_H

#include "fabric-plan.h"

#include "ns3/host-traffic.h"

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What a TopoOpt fabric with its hosts needs to be described.
struct TopoOptSpec
{
    uint32_t hosts{8};                //!< servers, at least 1
    HostSpec host;                    //!< inside of each: optical NICs only, at least 1
    Picoseconds linkDelay{1'000'000}; //!< propagation of a fibre (paper, section 7.1: 1 us)
    /// What the fabric is for. Without a matrix, or without any bytes, one byte between all hosts.
    HostTraffic traffic;
    bool flatPanel{false};               //!< one panel for all NICs; else one for each of a server
    bool duplex{false};                  //!< circuits carry both directions; else one
    Picoseconds controlDelay{2'000'000}; //!< as FabricPlan has it, where circuits are one way
};

/**
 * @ingroup mixnet-core
 * @brief Plans a TopoOpt fabric: circuits on patch panels, laid once for a job; hosts pass on what
 * is for others.
 *
 * NIC i of host h ends at port h of panel i, or, with d NICs and one flat panel, at port h * d + i.
 * Panels are called panel0, panel1, ... They hold one configuration for ever. Bytes take shortest
 * paths.
 *
 * 1. SplitDegree() says how many NICs of a host are for rings (one less than all where rings do not
 *    join all hosts that have other bytes for each other), ShareRings() how many rings each
 *    group of an all-reduce gets: groups by bytes that a member sends, then by their lowest host.
 *    A ring takes the lowest NIC that is free in all members: the same in each, and with duplex
 *    circuits two of them, and both directions are rings (a pair of hosts: one). On panels per NIC
 * a duplex ring alternates between its two panels, which an odd one cannot.
 * 2. The other NICs get rounds of DemandMatcher: the lowest NIC that is free in both hosts, on a
 *    flat panel the lowest of each. A link is two one-way circuits, or a duplex one. As soon as all
 *    rounds that are left are needed for it, pairs come first that have demand and that no circuits
 *    join, over others. (TopoOpt's own jobs have an all-reduce of all hosts, whose ring joins them;
 *    with pipeline stages there is none, and tokens outweigh activations so much that stages would
 *    be left to a few circuits between them.)
 * 3. NICs that are left hold parts together that circuits do not join (ConnectParts()). Then they
 *    get more rings, as long as all members of a group have one left: first for the group with the
 *    most bytes a ring. Then more links, by demand first, as long as there are two to join.
 * 4. What is still not joined is joined by giving up links of least worth.
 * 5. The rings of a group get their steps, by SelectPermutations() for their number.
 *
 * On a panel at most one NIC is dark at the end, and on a flat one those of one host.
 *
 * Not modelled: how the job is split over servers, which TopoOpt chooses together with the circuits
 * (its section 4.1).
 *
 * @param spec The hosts and the job.
 * @return the plan, named "topoopt".
 * @throws std::invalid_argument as PlanHost(), or when there are no hosts or no NICs, or electrical
 * ones, a delay is negative, the traffic is of other hosts, a duplex ring cannot be laid, or some
 * hosts would not reach others.
 * @see Wang et al., TopoOpt (NSDI 2023), section 4
 */
FabricPlan PlanTopoOpt(const TopoOptSpec& spec);

} // namespace mixnetcore

#endif // TOPOOPT_PLANNER_H
