/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ONE_FORWARD_SCHEDULE_H
#define ONE_FORWARD_SCHEDULE_H

#include "pipeline-schedule.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief 1F1B: one forward, one backward in turn, once the pipeline is full.
 *
 * Stage r of p runs min(m, p - 1 - r) of its m microbatches forward, then one forward and one
 * backward in turn, then what is left backward.
 *
 * Guarantees: stage r holds the activations of at most min(m, p - r) microbatches. With equal
 * stages and free communication an iteration takes (m + p - 1) * (forward + backward).
 *
 * @see Narayanan et al., Efficient Large-Scale Language Model Training on GPU Clusters Using
 * Megatron-LM, 2021, section 2.2
 */
class OneForwardSchedule : public PipelineSchedule
{
  public:
    // Inherited from PipelineSchedule
    std::string Name() const override
    {
        return "1f1b";
    }

  protected:
    // Inherited from PipelineSchedule
    void DoCheck(const PipelineShape& shape) const override
    {
        RefuseChunks(shape);
    }

    uint64_t WarmupSteps(const PipelineShape& shape, uint32_t stage) const override
    {
        return shape.stages - 1 - stage;
    }
};

} // namespace mixnetcore

#endif // ONE_FORWARD_SCHEDULE_H
