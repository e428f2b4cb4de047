/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "task-source.h"

namespace mixnetcore
{

StageTasks::StageTasks(std::shared_ptr<const TrainingProgram> program,
                       std::shared_ptr<const TrainingWork> work,
                       uint32_t group,
                       uint32_t iterations)
    : m_program(std::move(program)),
      m_work(std::move(work)),
      m_phases(m_program,
               group / m_program->Plan().DataParallel(),
               group % m_program->Plan().DataParallel(),
               iterations)
{
}

RankTask
StageTasks::TaskOf(const PhaseKey& phase, uint32_t expertRank) const
{
    RankTask task;
    switch (phase.kind)
    {
    case PhaseKind::Dispatch:
    case PhaseKind::Combine:
        task.kind = TaskKind::AllToAll;
        break;
    case PhaseKind::AttentionGather:
    case PhaseKind::AttentionScatter:
    case PhaseKind::AllGather:
    case PhaseKind::ReduceScatter:
        task.kind = TaskKind::TensorCollective;
        task.bytes = m_work->TensorBytes(phase, expertRank);
        break;
    case PhaseKind::PipelineSend:
        task.kind = TaskKind::Send;
        task.bytes = m_work->PipelineBytes();
        task.message = phase;
        task.peer =
            phase.replica + m_program->Plan().DataParallel() * m_program->ReceiveOf(phase).stage;
        break;
    case PhaseKind::PipelineReceive:
        task.kind = TaskKind::Receive;
        task.bytes = m_work->PipelineBytes();
        task.message = m_program->SendOf(phase);
        break;
    case PhaseKind::ExpertReduce:
    case PhaseKind::SharedReduce:
        task.kind = TaskKind::Reduce;
        break;
    default:
        task.kind = phase.kind == PhaseKind::Optimizer ? TaskKind::Update : TaskKind::Compute;
        task.time = m_work->ComputeTime(phase, expertRank);
    }
    return task;
}

} // namespace mixnetcore
