/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef GROUP_BYTES_H
#define GROUP_BYTES_H

#include "traffic-volume.h"

#include <functional>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Is told of bytes that one rank sends to another.
using RankBytesSink = std::function<void(size_t from, size_t to, Bytes bytes)>;

/**
 * @ingroup mixnet-core
 * @brief Shares the bytes of a group evenly, to the byte, among all ordered pairs of its ranks.
 * @param group A group. @param sink Is told of each pair.
 */
void SpreadOverPairs(const GroupVolume& group, const RankBytesSink& sink);

/**
 * @ingroup mixnet-core
 * @brief Shares the bytes of a PP group evenly among the boundaries of its chunks, half of them
 * forward and half back.
 * @param group A group, one rank per stage. @param plan Its ranks. @param sink Is told of each.
 */
void SpreadOverStages(const GroupVolume& group,
                      const ParallelPlan& plan,
                      const RankBytesSink& sink);

} // namespace mixnetcore

#endif // GROUP_BYTES_H
