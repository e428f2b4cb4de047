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

/**
 * @ingroup mixnet-core
 * @brief Meets every two of some members once, by the circle method: of n members in n - 1 rounds,
 * or n where n is odd and one sits out each time.
 *
 * In round r member n - 1 meets member r, and r + k meets r - k, counted in a circle of the others.
 *
 * @param members How many.
 * @return the rounds; in each pair the lower number first, pairs ascending. None of one member.
 */
std::vector<Matching> RoundRobin(uint32_t members);

} // namespace mixnetcore

#endif // ROUND_ROBIN_H
