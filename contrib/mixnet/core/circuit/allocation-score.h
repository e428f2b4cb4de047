/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ALLOCATION_SCORE_H
#define ALLOCATION_SCORE_H

#include "circuit-allocation.h"

#include "ns3/demand-matrix.h"

#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief How long a phase takes on an allocation, in bytes that its slowest NIC carries.
 *
 * Bytes per NIC are a time once divided by the line rate. Lower is better. A lower bound: bytes
 * spread evenly over the NICs that serve them, and nothing else is in the way.
 */
struct AllocationScore
{
    double optical{0};    //!< bytes on the busiest circuit, in its larger direction
    double electrical{0}; //!< bytes on the busiest electrical NIC, in its larger direction

    /// @return bytes on the busiest NIC of either side.
    double Slowest() const
    {
        return std::max(optical, electrical);
    }
};

/**
 * @ingroup mixnet-core
 * @brief Scores an allocation by its slowest direction.
 *
 * - Optical: the largest, over the pairs with circuits, of the bytes in the pair's larger
 *   direction divided by its circuits; all the bytes of such a pair take its circuits.
 * - Electrical: the largest, over the endpoints, of the bytes to (or from) all endpoints without
 *   a common circuit, divided by the electrical NICs.
 *
 * @param demand Bytes from each endpoint (row) to each endpoint (column); the diagonal does not
 * count.
 * @param allocation Circuits per pair of endpoints.
 * @param electricalNics Electrical NICs of each endpoint. With none the electrical score is
 * infinite when a pair with demand has no circuit.
 * @return the score; zero where nothing is carried.
 * @throws std::invalid_argument when the matrix is not square or the sizes differ.
 */
AllocationScore ScoreAllocation(const DemandMatrix& demand,
                                const CircuitAllocation& allocation,
                                uint32_t electricalNics);

/**
 * @ingroup mixnet-core
 * @brief Finds endpoints that have something to exchange, and no circuit at all.
 *
 * @param demand Bytes from each endpoint (row) to each endpoint (column); the diagonal does not
 * count.
 * @param allocation Circuits per pair of endpoints.
 * @return the endpoints, in ascending order.
 * @throws std::invalid_argument when the matrix is not square or the sizes differ.
 */
std::vector<size_t> EndpointsWithoutCircuits(const DemandMatrix& demand,
                                             const CircuitAllocation& allocation);

} // namespace mixnetcore

#endif // ALLOCATION_SCORE_H
