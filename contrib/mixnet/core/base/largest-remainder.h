/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef LARGEST_REMAINDER_H
#define LARGEST_REMAINDER_H

#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Scales weights to whole numbers with a given sum, by the method of the largest remainder.
 *
 * Each weight gets the whole part of its proportional share; what is left goes, one each, to the
 * largest fractions, ties to the lower index.
 *
 * Guarantees: the result adds up to @p sum and is within one of the exact share; a weight of zero
 * gets zero; no rounding error, as all products are formed in 128 bits.
 *
 * @param weights What the shares are proportional to; at least one above zero.
 * @param sum What the result adds up to.
 * @return as many numbers as there are weights.
 * @throws std::invalid_argument when no weight is above zero.
 */
std::vector<uint64_t> LargestRemainder(const std::vector<uint64_t>& weights, uint64_t sum);

} // namespace mixnetcore

#endif // LARGEST_REMAINDER_H
