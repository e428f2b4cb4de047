/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ROUND_ROBIN_H
#define ROUND_ROBIN_H

#include "weighted-matching.h"

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @param members Of a circle, at least 2. @return its rounds: n - 1, or n where n is odd.
uint32_t RoundsOfCircle(uint32_t members);

/**
 * @ingroup mixnet-core
 * @brief A round of the circle method: near-perfect matchings of n members that have no pair in
 * common. All rounds together hold every pair once.
 *
 * There are n - 1 rounds, or n if n is odd; then one member is left out in each, another every
 * time. Two rounds whose numbers differ by a step prime to the number of rounds form one circle
 * (one path if n is odd) over all members.
 *
 * @param members How many, at least 2.
 * @param round Number of the round; beyond the last they begin again.
 * @return the pairs of the round.
 */
Matching MatchByCircle(uint32_t members, uint64_t round);

/**
 * @ingroup mixnet-core
 * @param members How many.
 * @return all rounds of the circle method (MatchByCircle()), in which every two members meet once.
 * None of one member.
 */
std::vector<Matching> RoundRobin(uint32_t members);

} // namespace mixnetcore

#endif // ROUND_ROBIN_H
