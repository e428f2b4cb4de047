/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef INTERLEAVED_SCHEDULE_H
#define INTERLEAVED_SCHEDULE_H

#include "pipeline-schedule.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief 1F1B with several chunks of the model per stage, as in Megatron-LM.
 *
 * Microbatches go in groups of p, the number of stages: a group through the first chunk, the same
 * group through the second, and so on to the last; then the next group. Backward in the same way,
 * from the last chunk to the first. Stage r of p with v chunks runs 2 * (p - 1 - r) + (v - 1) * p
 * steps forward, or all there are, then one forward and one backward in turn, then what is left
 * backward.
 *
 * Guarantees: with equal stages and free communication an iteration takes (m + (p - 1) / v) *
 * (forward + backward), of all chunks of a stage: the bubble is v times shorter than with 1F1B.
 * Refused: numbers of microbatches that are no multiple of the stages.
 *
 * @see Narayanan et al., Efficient Large-Scale Language Model Training on GPU Clusters Using
 * Megatron-LM, 2021, section 2.2
 */
class InterleavedSchedule : public PipelineSchedule
{
  public:
    // Inherited from PipelineSchedule
    std::string Name() const override
    {
        return "interleaved-1f1b";
    }

  protected:
    // Inherited from PipelineSchedule
    void DoCheck(const PipelineShape& shape) const override;
    uint64_t WarmupSteps(const PipelineShape& shape, uint32_t stage) const override;
    PipelineStep StepAt(const PipelineShape& shape,
                        uint32_t index,
                        Direction direction) const override;
};

} // namespace mixnetcore

#endif // INTERLEAVED_SCHEDULE_H
