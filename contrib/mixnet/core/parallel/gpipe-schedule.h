/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef GPIPE_SCHEDULE_H
#define GPIPE_SCHEDULE_H

#include "pipeline-schedule.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief GPipe: all microbatches forward, then all backward, both in the order of microbatches.
 *
 * Guarantees: with equal stages and free communication an iteration takes (m + p - 1) * (forward +
 * backward), as with 1F1B; but every stage holds the activations of all m microbatches.
 *
 * @see Huang et al., GPipe, 2019, section 2.2
 */
class GpipeSchedule : public PipelineSchedule
{
  public:
    // Inherited from PipelineSchedule
    std::string Name() const override
    {
        return "gpipe";
    }

  protected:
    // Inherited from PipelineSchedule
    void DoCheck(const PipelineShape& shape) const override
    {
        RefuseChunks(shape);
    }

    uint64_t WarmupSteps(const PipelineShape& shape, uint32_t stage) const override;
};

} // namespace mixnetcore

#endif // GPIPE_SCHEDULE_H
