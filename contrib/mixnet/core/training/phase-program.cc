/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "phase-program.h"

#include "ns3/checks.h"

#include <limits>

namespace mixnetcore
{

PhaseList::PhaseList(std::vector<PhaseKey> phases)
    : m_phases(std::move(phases))
{
}

StageProgram::StageProgram(std::shared_ptr<const TrainingProgram> program,
                           uint32_t stage,
                           uint32_t replica,
                           uint32_t iterations)
    : m_program(std::move(program)),
      m_stage(stage),
      m_replica(replica),
      m_iterations(iterations)
{
    const auto& plan = m_program->Plan();
    if (stage >= plan.PipelineParallel() || replica >= plan.DataParallel() || iterations == 0)
    {
        Refuse(Phrase() << "program of stage " << stage << ", replica " << replica << ", "
                        << iterations << " iterations: there are " << plan.PipelineParallel()
                        << " stages and " << plan.DataParallel()
                        << " replicas; iterations are at least 1");
    }
    const auto first = m_program->PhasesOf(stage, replica, 0).front().iteration;
    if (iterations - 1 > std::numeric_limits<uint32_t>::max() - first)
    {
        Refuse(Phrase() << "program of " << iterations << " iterations from iteration " << first
                        << " on: the last one must be below 2^32");
    }
    m_stepsPerIteration = m_program->StepsOf(stage).size() + 1;
}

std::vector<PhaseKey>
StageProgram::PhasesOf(size_t step) const
{
    auto phases = m_program->PhasesOf(m_stage, m_replica, step % m_stepsPerIteration);
    for (auto& phase : phases)
    {
        phase.iteration += static_cast<uint32_t>(step / m_stepsPerIteration);
    }
    return phases;
}

PhaseCursor::PhaseCursor(std::shared_ptr<const PhaseProgram> program)
    : m_program(std::move(program))
{
    if (m_program->Steps() > 0)
    {
        m_phases = m_program->PhasesOf(0);
    }
    SkipEmpty();
}

void
PhaseCursor::Advance()
{
    ++m_next;
    SkipEmpty();
}

void
PhaseCursor::SkipEmpty()
{
    while (m_next == m_phases.size() && m_step + 1 < m_program->Steps())
    {
        m_phases = m_program->PhasesOf(++m_step);
        m_next = 0;
    }
}

} // namespace mixnetcore
