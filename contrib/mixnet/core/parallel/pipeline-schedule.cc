/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "pipeline-schedule.h"

#include "gpipe-schedule.h"
#include "interleaved-schedule.h"
#include "one-forward-schedule.h"

#include <algorithm>
#include <stdexcept>

namespace mixnetcore
{

std::vector<PipelineStep>
PipelineSchedule::StepsOf(const PipelineShape& shape, uint32_t stage) const
{
    Check(shape);
    if (stage >= shape.stages)
    {
        throw std::invalid_argument("stage " + std::to_string(stage) +
                                    " of a pipeline: must be below " +
                                    std::to_string(shape.stages));
    }
    const uint32_t steps = shape.chunks * shape.microbatches;
    const auto warmup = static_cast<uint32_t>(std::min<uint64_t>(steps, WarmupSteps(shape, stage)));
    std::vector<PipelineStep> order;
    order.reserve(uint64_t{2} * steps);
    for (uint32_t forward = 0; forward < warmup; ++forward)
    {
        order.push_back(StepAt(shape, forward, Direction::Forward));
    }
    for (uint32_t backward = 0; backward < steps; ++backward)
    {
        if (warmup + backward < steps)
        {
            order.push_back(StepAt(shape, warmup + backward, Direction::Forward));
        }
        order.push_back(StepAt(shape, backward, Direction::Backward));
    }
    return order;
}

void
PipelineSchedule::Check(const PipelineShape& shape) const
{
    // Numbers of slices and of steps stay far from 32 bits.
    constexpr uint32_t limit = 1U << 15;
    for (const auto& [name, value] : {std::pair("stages", shape.stages),
                                      std::pair("microbatches", shape.microbatches),
                                      std::pair("chunks per stage", shape.chunks)})
    {
        if (value == 0 || value > limit)
        {
            throw std::invalid_argument("pipeline schedule " + Name() + " with " +
                                        std::to_string(value) + " " + name + ": must be 1 to " +
                                        std::to_string(limit));
        }
    }
    DoCheck(shape);
}

PipelineStep
PipelineSchedule::StepAt(const PipelineShape& /* shape */,
                         uint32_t index,
                         Direction direction) const
{
    return {0, index, direction};
}

void
PipelineSchedule::RefuseChunks(const PipelineShape& shape) const
{
    if (shape.chunks != 1)
    {
        throw std::invalid_argument("pipeline schedule " + Name() + " with " +
                                    std::to_string(shape.chunks) +
                                    " chunks per stage: must be 1; interleaved-1f1b takes more");
    }
}

Registry<PipelineScheduleMaker>&
PipelineSchedules()
{
    static Registry<PipelineScheduleMaker> registry(
        "pipeline schedule",
        {{"1f1b",
          MakeStrategy<PipelineSchedule, OneForwardSchedule>,
          "forward and backward in turn"},
         {"gpipe", MakeStrategy<PipelineSchedule, GpipeSchedule>, "all forward, then all backward"},
         {"interleaved-1f1b",
          MakeStrategy<PipelineSchedule, InterleavedSchedule>,
          "1f1b with several chunks of layers per stage"}});
    return registry;
}

} // namespace mixnetcore
