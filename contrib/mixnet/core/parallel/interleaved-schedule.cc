/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "interleaved-schedule.h"

#include <stdexcept>

namespace mixnetcore
{

void
InterleavedSchedule::DoCheck(const PipelineShape& shape) const
{
    if (shape.microbatches % shape.stages != 0)
    {
        throw std::invalid_argument(
            "pipeline schedule " + Name() + " with " + std::to_string(shape.microbatches) +
            " microbatches: must be a multiple of the " + std::to_string(shape.stages) + " stages");
    }
}

uint64_t
InterleavedSchedule::WarmupSteps(const PipelineShape& shape, uint32_t stage) const
{
    return uint64_t{2} * (shape.stages - 1 - stage) + uint64_t{shape.chunks - 1} * shape.stages;
}

PipelineStep
InterleavedSchedule::StepAt(const PipelineShape& shape, uint32_t index, Direction direction) const
{
    const uint32_t group = index / shape.VirtualStages();
    const uint32_t place = index % shape.VirtualStages();
    const uint32_t chunk = place / shape.stages;
    return {direction == Direction::Forward ? chunk : shape.chunks - 1 - chunk,
            group * shape.stages + place % shape.stages,
            direction};
}

} // namespace mixnetcore
