/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TASK_SOURCE_H
#define TASK_SOURCE_H

#include "phase-program.h"
#include "training-work.h"

#include <memory>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What a rank has to do in a phase.
enum class TaskKind : uint8_t
{
    Compute,          //!< work
    Update,           //!< work on what all reductions that the rank has joined have brought
    AllToAll,         //!< a dispatch or combine of its EP group
    TensorCollective, //!< a collective of its own GPUs
    Send,             //!< bytes for another EP group
    Receive,          //!< bytes from another EP group
    Reduce,           //!< joins a reduction of gradients, and goes on
};

/**
 * @ingroup mixnet-core
 * @brief A phase as one rank has to carry it out.
 */
struct RankTask
{
    TaskKind kind{TaskKind::Compute}; //!< what
    Picoseconds time{0};              //!< of work
    Bytes bytes;                      //!< of a tensor collective's buffer, or that are sent
    PhaseKey message;                 //!< what bytes for or from another group travel as
    uint32_t peer{0};                 //!< the group that gets them
};

/**
 * @ingroup mixnet-core
 * @brief Tasks of the ranks of an EP group in order: all that an executor knows of a workload.
 *
 * A subclass may follow a training program, as StageTasks, or a graph read from a file. Tasks are
 * named by phases; those of all ranks are the same but for time and bytes.
 */
class TaskSource : public PhaseProgram
{
  public:
    /**
     * @param phase A phase of the program.
     * @param expertRank EP rank of the group.
     * @return what the rank has to do.
     */
    virtual RankTask TaskOf(const PhaseKey& phase, uint32_t expertRank) const = 0;

    /**
     * @param phase An all-to-all, or the gating before it.
     * @return bytes between the GPUs of the group; valid as TrainingWork::DemandOf().
     */
    virtual const MoeLayerDemand& DemandOf(const PhaseKey& phase) const = 0;
};

/**
 * @ingroup mixnet-core
 * @brief Tasks of one stage of one replica of a training job.
 */
class StageTasks : public TaskSource
{
  public:
    /**
     * @param program Who does what.
     * @param work What it costs.
     * @param group EP group: replica + DP * stage.
     * @param iterations How many, one after the other.
     * @throws std::invalid_argument as StageProgram.
     */
    StageTasks(std::shared_ptr<const TrainingProgram> program,
               std::shared_ptr<const TrainingWork> work,
               uint32_t group,
               uint32_t iterations);

    // Inherited from TaskSource
    size_t Steps() const override
    {
        return m_phases.Steps();
    }

    std::vector<PhaseKey> PhasesOf(size_t step) const override
    {
        return m_phases.PhasesOf(step);
    }

    RankTask TaskOf(const PhaseKey& phase, uint32_t expertRank) const override;

    const MoeLayerDemand& DemandOf(const PhaseKey& phase) const override
    {
        return m_work->DemandOf(phase);
    }

  private:
    std::shared_ptr<const TrainingProgram> m_program; //!< who does what
    std::shared_ptr<const TrainingWork> m_work;       //!< what it costs
    StageProgram m_phases;                            //!< the order
};

} // namespace mixnetcore

#endif // TASK_SOURCE_H
