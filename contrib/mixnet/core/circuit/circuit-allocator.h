/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CIRCUIT_ALLOCATOR_H
#define CIRCUIT_ALLOCATOR_H

#include "circuit-allocation.h"

#include "ns3/demand-matrix.h"
#include "ns3/registry.h"

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief All that a choice of circuits may depend on.
 */
struct AllocationContext
{
    DemandMatrix demand; //!< bytes from endpoint (row) to endpoint (column); not the diagonal
    std::vector<EndpointPorts> endpoints{};   //!< by row
    BitsPerSecond circuitRate{0};             //!< of one circuit, each way
    std::vector<CircuitAllocation> inForce{}; //!< circuits there are, by plane; empty before any
    Picoseconds changeCost{0};                //!< how long ports that change are dark, typically

    /// @return optical circuit switches that endpoints have ports on.
    size_t Planes() const
    {
        return endpoints.empty() ? 1 : endpoints.front().opticalPorts.size();
    }

    /// @throws std::invalid_argument when the matrix is not square or sizes differ.
    void Check() const
    {
        CheckSquare(demand, endpoints.size());
    }
};

/**
 * @ingroup mixnet-core
 * @brief Circuits, and who uses packet switches beside them.
 */
struct CircuitChoice
{
    /// Circuits per pair of endpoints, plane by plane; none has more than its ports there.
    std::vector<CircuitAllocation> planes;

    /// Part of the bytes from an endpoint (first) to another (second) that crosses packet switches
    /// although the two have circuits, 0 to 1. Nothing where circuits take all.
    std::map<std::pair<size_t, size_t>, double> electricalParts{};

    /// @return circuits per pair in all planes together.
    CircuitAllocation Sum() const;

    /**
     * @param context What was chosen for.
     * @return electricalParts of hosts: for each pair, of all the bytes between their endpoints.
     */
    std::map<std::pair<uint32_t, uint32_t>, double> ElectricalPartsOfHosts(
        const AllocationContext& context) const;
};

/**
 * @ingroup mixnet-core
 * @brief Chooses the circuits of a region for a demand.
 *
 * A strategy without state: equal inputs give equal outputs.
 */
class CircuitAllocator
{
  public:
    virtual ~CircuitAllocator() = default;

    /**
     * @param context What there is, and what for.
     * @return the circuits.
     * @throws std::invalid_argument as AllocationContext::Check().
     */
    virtual CircuitChoice Choose(const AllocationContext& context) const = 0;

    /**
     * @brief Chooses on one plane, from demand and ports alone.
     * @param demand As AllocationContext::demand.
     * @param opticalPorts Optical ports each endpoint owns.
     * @return the circuits; no endpoint has more than it has ports.
     * @throws std::invalid_argument as Choose().
     */
    CircuitAllocation Allocate(const DemandMatrix& demand,
                               const std::vector<uint32_t>& opticalPorts) const;
};

/// @ingroup mixnet-core
/// @brief Makes a circuit allocator.
using CircuitAllocatorMaker = std::function<std::unique_ptr<CircuitAllocator>()>;

/**
 * @ingroup mixnet-core
 * @return the circuit allocators:
 *
 * | name           | allocator                                                             |
 * | -------------- | --------------------------------------------------------------------- |
 * | greedy         | GreedyCircuitAllocator: TieRule::FreePorts, StopRule::SkipExhausted    |
 * | greedy-literal | GreedyCircuitAllocator: TieRule::Demand, StopRule::FirstFailure        |
 */
Registry<CircuitAllocatorMaker>& CircuitAllocators();

} // namespace mixnetcore

#endif // CIRCUIT_ALLOCATOR_H
