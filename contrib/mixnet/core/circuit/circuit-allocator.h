/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CIRCUIT_ALLOCATOR_H
#define CIRCUIT_ALLOCATOR_H

#include "circuit-allocation.h"

#include "ns3/demand-matrix.h"

#include <memory>
#include <string>
#include <vector>

namespace mixnetcore
{

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
     * @param demand Bytes from each endpoint (row) to each endpoint (column); the diagonal does
     * not count.
     * @param opticalPorts Optical ports each endpoint owns.
     * @return the circuits; no endpoint has more than it has ports.
     * @throws std::invalid_argument when the matrix is not square or sizes differ.
     */
    virtual CircuitAllocation Allocate(const DemandMatrix& demand,
                                       const std::vector<uint32_t>& opticalPorts) const = 0;
};

/**
 * @ingroup mixnet-core
 * @brief Makes an allocator from the name by which users choose it.
 *
 * | name           | allocator                                                             |
 * | -------------- | --------------------------------------------------------------------- |
 * | greedy         | GreedyCircuitAllocator: TieRule::FreePorts, StopRule::SkipExhausted    |
 * | greedy-literal | GreedyCircuitAllocator: TieRule::Demand, StopRule::FirstFailure        |
 *
 * @param name Name of an allocator, one of CircuitAllocatorNames().
 * @return the allocator.
 * @throws std::invalid_argument naming the known names.
 */
std::unique_ptr<CircuitAllocator> MakeCircuitAllocator(const std::string& name);

/// @ingroup mixnet-core
/// @return the names MakeCircuitAllocator() knows, in ascending order.
std::vector<std::string> CircuitAllocatorNames();

} // namespace mixnetcore

#endif // CIRCUIT_ALLOCATOR_H
