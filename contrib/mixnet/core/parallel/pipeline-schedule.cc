/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "pipeline-schedule.h"

#include "ns3/checks.h"

#include <algorithm>

namespace mixnetcore
{

namespace
{

/**
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

/**
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

    uint64_t WarmupSteps(const PipelineShape& shape, uint32_t /* stage */) const override
    {
        return shape.microbatches;
    }
};

/**
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
    void DoCheck(const PipelineShape& shape) const override
    {
        if (shape.microbatches % shape.stages != 0)
        {
            Refuse(Phrase() << "pipeline schedule " << Name() << " with " << shape.microbatches
                            << " microbatches: must be a multiple of the " << shape.stages
                            << " stages");
        }
    }

    uint64_t WarmupSteps(const PipelineShape& shape, uint32_t stage) const override
    {
        return uint64_t{2} * (shape.stages - 1 - stage) + uint64_t{shape.chunks - 1} * shape.stages;
    }

    PipelineStep StepAt(const PipelineShape& shape,
                        uint32_t index,
                        Direction direction) const override
    {
        const uint32_t group = index / shape.VirtualStages();
        const uint32_t place = index % shape.VirtualStages();
        const uint32_t chunk = place / shape.stages;
        return {direction == Direction::Forward ? chunk : shape.chunks - 1 - chunk,
                group * shape.stages + place % shape.stages,
                direction};
    }
};

} // namespace

std::vector<PipelineStep>
PipelineSchedule::StepsOf(const PipelineShape& shape, uint32_t stage) const
{
    Check(shape);
    if (stage >= shape.stages)
    {
        Refuse(Phrase() << "stage " << stage << " of a pipeline: must be below " << shape.stages);
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
            Refuse(Phrase() << "pipeline schedule " << Name() << " with " << value << " " << name
                            << ": must be 1 to " << limit);
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
        Refuse(Phrase() << "pipeline schedule " << Name() << " with " << shape.chunks
                        << " chunks per stage: must be 1; interleaved-1f1b takes more");
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
