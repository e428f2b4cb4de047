/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "one-forward-schedule.h"

namespace mixnetcore
{

std::string
OneForwardSchedule::Name() const
{
    return "1f1b";
}

void
OneForwardSchedule::DoCheck(const PipelineShape& shape) const
{
    RefuseChunks(shape);
}

uint64_t
OneForwardSchedule::WarmupSteps(const PipelineShape& shape, uint32_t stage) const
{
    return shape.stages - 1 - stage;
}

} // namespace mixnetcore
