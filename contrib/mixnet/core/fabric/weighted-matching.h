/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WEIGHTED_MATCHING_H
#define WEIGHTED_MATCHING_H

#include <cstdint>
#include <utility>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Pairs of which no two have a member in common: the lower one first, ascending.
using Matching = std::vector<std::pair<uint32_t, uint32_t>>;

/// @ingroup mixnet-core
/// @brief Weights of pairs: entry [a][b] equals [b][a]; a pair of weight 0 is never matched.
using PairWeights = std::vector<std::vector<uint64_t>>;

/// @ingroup mixnet-core
/// @brief Largest weight that matchings take.
inline constexpr uint64_t MOST_PAIR_WEIGHT = uint64_t{1} << 58;

/**
 * @ingroup mixnet-core
 * @brief Finds a matching of the largest sum of weights, whatever the graph: Edmonds' algorithm.
 *
 * Exact, in whole numbers. It takes time in the order of the third power of the number of vertices,
 * and memory in that of the second. Of several such matchings it is the one found from the lowest
 * vertices on: equal weights give equal matchings on every machine.
 *
 * Boost.Graph has maximum_weighted_matching() for this; up to Boost 1.74 at least it does not end,
 * or reads what is not there, for some graphs of 8 vertices already.
 *
 * @param weights Of all pairs, at most MOST_PAIR_WEIGHT; what is on the diagonal does not count.
 * @return the matching.
 * @throws std::invalid_argument when a weight is too large.
 * @see Galil, Efficient algorithms for finding maximum matching in graphs, ACM Computing Surveys
 * 18 (1986)
 */
Matching MatchByWeight(const PairWeights& weights);

/**
 * @ingroup mixnet-core
 * @brief Matches the heaviest pair, then the heaviest of those that are left, and so on: at least
 * half of the largest sum. Ties go to the lower pair.
 * @param weights Of all pairs.
 * @return the matching.
 */
Matching MatchGreedily(const PairWeights& weights);

} // namespace mixnetcore

#endif // WEIGHTED_MATCHING_H
