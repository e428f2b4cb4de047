/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PIPELINE_SCHEDULE_H
#define PIPELINE_SCHEDULE_H

#include "phase-key.h"

#include "ns3/registry.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief How many of what a pipeline has.
 *
 * The model is cut into stages * chunks slices, virtual stages: slice v is chunk v / stages of
 * stage v % stages.
 */
struct PipelineShape
{
    uint32_t stages{1};       //!< pipeline stages (PP degree), at least 1
    uint32_t microbatches{1}; //!< microbatches of an iteration, at least 1
    uint32_t chunks{1};       //!< slices of the model that each stage has, at least 1

    /// @return slices of the model.
    uint32_t VirtualStages() const
    {
        return stages * chunks;
    }
};

/**
 * @ingroup mixnet-core
 * @brief One unit of a stage's work: a microbatch goes through a chunk, one way.
 */
struct PipelineStep
{
    uint32_t chunk{0};                       //!< which of the stage's chunks
    uint32_t microbatch{0};                  //!< microbatch within the iteration
    Direction direction{Direction::Forward}; //!< way through the model

    /// @param other Another step. @return whether it is the same.
    bool operator==(const PipelineStep& other) const
    {
        return chunk == other.chunk && microbatch == other.microbatch &&
               direction == other.direction;
    }
};

/**
 * @ingroup mixnet-core
 * @brief Chooses in which order a pipeline stage works on its microbatches.
 *
 * A strategy without state: the order is a pure function of shape and stage, so that stages need no
 * word from each other to follow it. When a step begins is not its concern: as soon as the step
 * before it is done and its input is there, from the virtual stage before (forward) or after
 * (backward).
 *
 * Guarantees: a stage has each microbatch of each of its chunks once forward, then once backward;
 * stages that follow their orders never wait for each other in a circle.
 * Not modelled: orders that split the backward pass into gradients of activations and of weights.
 */
class PipelineSchedule
{
  public:
    virtual ~PipelineSchedule() = default;

    /**
     * @param shape Of the pipeline.
     * @param stage Which stage, below its number of stages.
     * @return the steps of the stage, in order.
     * @throws std::invalid_argument as Check(), and when there is no such stage.
     */
    std::vector<PipelineStep> StepsOf(const PipelineShape& shape, uint32_t stage) const;

    /**
     * @param shape Of a pipeline.
     * @throws std::invalid_argument naming the number that is out of range, and its range.
     */
    void Check(const PipelineShape& shape) const;

    /// @return name by which users choose it.
    virtual std::string Name() const = 0;

  protected:
    /**
     * @param shape Of a pipeline, without zeros.
     * @throws std::invalid_argument when this schedule cannot serve it.
     */
    virtual void DoCheck(const PipelineShape& shape) const = 0;

    /**
     * @param shape Of the pipeline, as checked.
     * @param stage Which stage.
     * @return how many forward steps come before forward and backward steps take turns; may be more
     * than there are.
     */
    virtual uint64_t WarmupSteps(const PipelineShape& shape, uint32_t stage) const = 0;

    /**
     * @param shape Of the pipeline, as checked.
     * @param index Which of the stage's forward, or of its backward, steps: below chunks *
     * microbatches.
     * @param direction Way through the model.
     * @return the step; by default microbatches in order.
     */
    virtual PipelineStep StepAt(const PipelineShape& shape,
                                uint32_t index,
                                Direction direction) const;

    /**
     * @brief Refuses more than one chunk per stage, for schedules that do not interleave.
     * @param shape Of a pipeline.
     * @throws std::invalid_argument when it has chunks.
     */
    void RefuseChunks(const PipelineShape& shape) const;
};

/// @ingroup mixnet-core
/// @brief Makes a pipeline schedule.
using PipelineScheduleMaker = std::function<std::unique_ptr<PipelineSchedule>()>;

/**
 * @ingroup mixnet-core
 * @return the pipeline schedules:
 *
 * | name             | schedule            |
 * | ---------------- | ------------------- |
 * | 1f1b             | OneForwardSchedule  |
 * | gpipe            | GpipeSchedule       |
 * | interleaved-1f1b | InterleavedSchedule |
 */
Registry<PipelineScheduleMaker>& PipelineSchedules();

} // namespace mixnetcore

#endif // PIPELINE_SCHEDULE_H
