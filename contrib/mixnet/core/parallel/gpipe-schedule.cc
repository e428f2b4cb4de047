/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "gpipe-schedule.h"

namespace mixnetcore
{

uint64_t
GpipeSchedule::WarmupSteps(const PipelineShape& shape, uint32_t /* stage */) const
{
    return shape.microbatches;
}

} // namespace mixnetcore
