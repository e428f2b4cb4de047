/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RING_PERMUTATIONS_H
#define RING_PERMUTATIONS_H

#include <cstdint>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Which way the circuits of a ring carry light.
enum class RingDirection
{
    OneWay,   //!< from each member to the next; the steps p and k - p are different rings
    BothWays, //!< the steps p and k - p are the same ring
};

/**
 * @ingroup mixnet-core
 * @brief The steps of regular rings: a step p leads from member n of a group of size k to member
 * (n + p) mod k, and visits all members if p is prime to k.
 * @param size Members of the group, at least 2.
 * @param direction Whether the two directions around count as two rings.
 * @return all such steps, ascending: below k in one direction, up to k / 2 in both.
 * @throws std::invalid_argument when there are fewer than 2 members.
 * @see Wang et al., TopoOpt (NSDI 2023), section 4 (TotientPerms)
 */
std::vector<uint32_t> TotientPermutations(uint32_t size,
                                          RingDirection direction = RingDirection::OneWay);

/**
 * @ingroup mixnet-core
 * @brief Chooses steps near a geometric sequence, so that few of them add up to any distance: the
 * rings of @p count steps have a diameter in the order of count * size^(1 / count).
 *
 * The first step is 1. Number j (from 0) is the unused step nearest to size^(j / count), of two
 * that are equally near the lower. When all are used the whole list is repeated, as often as it
 * takes.
 *
 * @param size Members of the group, at least 2.
 * @param count How many steps.
 * @param direction Whether the two directions around count as two rings.
 * @return the steps, in the order in which they are chosen.
 * @throws std::invalid_argument when there are fewer than 2 members.
 * @see Wang et al., TopoOpt (NSDI 2023), section 4 (SelectPermutations)
 */
std::vector<uint32_t> SelectPermutations(uint32_t size,
                                         uint32_t count,
                                         RingDirection direction = RingDirection::OneWay);

/**
 * @ingroup mixnet-core
 * @param members A group.
 * @param step A step of a ring, prime to their number.
 * @return the members in the order of the ring, from the first on.
 */
std::vector<uint32_t> RingOrder(const std::vector<uint32_t>& members, uint32_t step);

} // namespace mixnetcore

#endif // RING_PERMUTATIONS_H
