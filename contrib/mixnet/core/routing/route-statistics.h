/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ROUTE_STATISTICS_H
#define ROUTE_STATISTICS_H

#include "circuit-router.h"

#include "ns3/demand-matrix.h"

#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What a circuit carries.
struct CircuitLoad
{
    DirectedCircuit circuit; //!< the circuit, one direction
    Bytes bytes{0};          //!< that cross it
    Picoseconds time{0};     //!< that they take at the rate of the NIC that sends
};

/// @ingroup mixnet-core
/// @brief How far bytes travel over circuits that no controller commands.
struct RouteStatistics
{
    /// Bytes times circuits that they cross, over bytes; 1 where all pairs with demand have
    /// circuits, and where there is no demand.
    double bandwidthTax{1};
    double meanHops{0};     //!< circuits between two hosts, of all ordered pairs that have a path
    uint32_t mostHops{0};   //!< circuits on the longest path that bytes take
    uint32_t diameter{0};   //!< CircuitGraph::Diameter()
    CircuitLoad mostLoaded; //!< circuit whose bytes take longest; the first of those. Empty without
                            //!< demand
};

/**
 * @ingroup mixnet-core
 * @param plan A fabric whose router is a CircuitRouter.
 * @param demand Bytes from host to host; what stays at home does not count.
 * @return what each circuit carries, in the order of CircuitsOf().
 * @throws std::invalid_argument when the router is another, the demand is of other hosts, or a host
 * is not reached.
 */
std::vector<CircuitLoad> LoadsOfCircuits(const FabricPlan& plan, const DemandMatrix& demand);

/**
 * @ingroup mixnet-core
 * @brief Follows the bytes of a demand over a fabric.
 * @param plan A fabric whose router is a CircuitRouter.
 * @param demand Bytes from host to host; what stays at home does not count.
 * @return the statistics.
 * @throws std::invalid_argument as LoadsOfCircuits().
 */
RouteStatistics StatisticsOfRoutes(const FabricPlan& plan, const DemandMatrix& demand);

} // namespace mixnetcore

#endif // ROUTE_STATISTICS_H
