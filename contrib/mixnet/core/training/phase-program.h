/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PHASE_PROGRAM_H
#define PHASE_PROGRAM_H

#include "training-program.h"

#include "ns3/phase-key.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief The phases that the ranks of an EP group go through, step by step.
 *
 * A pure function of the step, so that whoever goes through it holds the phases of one step only.
 */
class PhaseProgram
{
  public:
    virtual ~PhaseProgram() = default;

    /// @return number of steps.
    virtual size_t Steps() const = 0;

    /**
     * @param step Below Steps().
     * @return its phases in order; may be none.
     */
    virtual std::vector<PhaseKey> PhasesOf(size_t step) const = 0;
};

/**
 * @ingroup mixnet-core
 * @brief A list of phases, as one step.
 */
class PhaseList : public PhaseProgram
{
  public:
    /// @param phases The phases in order.
    explicit PhaseList(std::vector<PhaseKey> phases);

    // Inherited from PhaseProgram
    size_t Steps() const override
    {
        return 1;
    }

    std::vector<PhaseKey> PhasesOf(size_t /* step */) const override
    {
        return m_phases;
    }

  private:
    std::vector<PhaseKey> m_phases; //!< in order
};

/**
 * @ingroup mixnet-core
 * @brief What one pipeline stage of one replica does in some training iterations.
 */
class StageProgram : public PhaseProgram
{
  public:
    /**
     * @param program What the stages do in an iteration; the first of them is its own.
     * @param stage Pipeline stage.
     * @param replica Data-parallel replica.
     * @param iterations How many, one after the other.
     * @throws std::invalid_argument when there is no such stage or replica, no iteration, or one
     * whose number is not below 2^32.
     */
    StageProgram(std::shared_ptr<const TrainingProgram> program,
                 uint32_t stage,
                 uint32_t replica,
                 uint32_t iterations);

    // Inherited from PhaseProgram
    size_t Steps() const override
    {
        return m_stepsPerIteration * m_iterations;
    }

    std::vector<PhaseKey> PhasesOf(size_t step) const override;

  private:
    std::shared_ptr<const TrainingProgram> m_program; //!< of an iteration
    uint32_t m_stage;                                 //!< pipeline stage
    uint32_t m_replica;                               //!< data-parallel replica
    uint32_t m_iterations;                            //!< how many
    size_t m_stepsPerIteration;                       //!< its end included
};

/**
 * @ingroup mixnet-core
 * @brief Goes through the phases of a program, holding those of one step at a time.
 */
class PhaseCursor
{
  public:
    PhaseCursor() = default;

    /// @param program What to go through.
    explicit PhaseCursor(std::shared_ptr<const PhaseProgram> program);

    /// @return whether it is behind the last phase.
    bool IsDone() const
    {
        return m_next == m_phases.size();
    }

    /// @return the phase; there is one.
    const PhaseKey& Phase() const
    {
        return m_phases.at(m_next);
    }

    /// @brief Goes on to the next phase.
    void Advance();

  private:
    /// @brief Goes on to the next step that has phases, if this has no more.
    void SkipEmpty();

    std::shared_ptr<const PhaseProgram> m_program; //!< what to go through
    size_t m_step{0};                              //!< which step
    std::vector<PhaseKey> m_phases;                //!< its phases
    size_t m_next{0};                              //!< which of them
};

} // namespace mixnetcore

#endif // PHASE_PROGRAM_H
