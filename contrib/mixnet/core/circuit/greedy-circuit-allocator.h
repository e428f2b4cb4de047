/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef GREEDY_CIRCUIT_ALLOCATOR_H
#define GREEDY_CIRCUIT_ALLOCATOR_H

#include "circuit-allocator.h"

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What to do with the slowest pair when one of its endpoints has no port left.
enum class StopRule
{
    SkipExhausted, //!< leave the pair as it is and go on with the next slowest
    FirstFailure,  //!< stop allocating, as the paper's Algorithm 1 is written
};

/**
 * @ingroup mixnet-core
 * @brief Gives the next circuit to the pair that would take longest (paper, Algorithm 1).
 *
 * 1. The demand D of a pair is the sum of both directions: a circuit carries light both ways.
 * 2. Its time is T = D / C with C circuits, and infinite with none; a pair without demand never
 *    gets a circuit.
 * 3. Join the pair with the largest T; repeat until no pair with demand has a free port at both
 *    endpoints, or until the stop rule says so.
 *
 * Ties, which the paper leaves open: the larger D first, then the lower (i, j) with i < j. All
 * pairs without a circuit tie at infinity, so heavy pairs are served first. Times are compared as
 * exact fractions.
 *
 * Guarantees: no endpoint has more circuits than ports; with StopRule::SkipExhausted no pair with
 * demand could be joined in addition; equal inputs give equal outputs. Takes O((P + K) log P) for
 * P pairs with demand and K circuits.
 *
 * Not modelled: demand that would travel over other endpoints, the electrical side, circuits kept
 * from the configuration in force (PortMapper keeps what the allocation allows).
 */
class GreedyCircuitAllocator : public CircuitAllocator
{
  public:
    /**
     * @param stopRule What to do when the slowest pair cannot be joined.
     */
    explicit GreedyCircuitAllocator(StopRule stopRule = StopRule::SkipExhausted);

    CircuitAllocation Allocate(const DemandMatrix& demand,
                               const std::vector<uint32_t>& opticalPorts) const override;

  private:
    StopRule m_stopRule; //!< what to do when the slowest pair cannot be joined
};

} // namespace mixnetcore

#endif // GREEDY_CIRCUIT_ALLOCATOR_H
