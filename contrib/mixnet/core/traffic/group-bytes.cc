/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "group-bytes.h"

namespace mixnetcore
{

void
SpreadOverPairs(const GroupVolume& group, const RankBytesSink& sink)
{
    const auto pairs = group.ranks.size() * (group.ranks.size() - 1);
    uint64_t pair = 0;
    for (const auto from : group.ranks)
    {
        for (const auto to : group.ranks)
        {
            if (from != to)
            {
                sink(from, to, EvenShare(group.sent, pair++, pairs));
            }
        }
    }
}

void
SpreadOverStages(const GroupVolume& group, const ParallelPlan& plan, const RankBytesSink& sink)
{
    const auto stages = group.ranks.size();
    const auto boundaries = stages * plan.Layers().ChunksPerStage() - 1;
    for (size_t boundary = 0; boundary < boundaries; ++boundary)
    {
        const auto from = group.ranks[boundary % stages];
        const auto to = group.ranks[(boundary + 1) % stages];
        sink(from, to, EvenShare(group.sent, 2 * boundary, 2 * boundaries));
        sink(to, from, EvenShare(group.sent, 2 * boundary + 1, 2 * boundaries));
    }
}

} // namespace mixnetcore
