/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "phase-recorder.h"

#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

using mixnetcore::Picoseconds;

PhaseRecorder::PhaseRecorder(const Fabric& fabric,
                             const std::vector<TrainingGroup>& groups,
                             const TrainingJobSpec& job,
                             RecordCallback callback)
    : m_groups(groups),
      m_job(job),
      m_server(
          std::make_shared<const mixnetcore::TransferBound::Server>(fabric.plan->host,
                                                                    fabric.PayloadEfficiency())),
      m_circuits(groups.size()),
      m_callback(std::move(callback)),
      m_last(m_open.end())
{
    for (uint32_t group = 0; group < groups.size(); ++group)
    {
        const auto& watched = groups[group];
        watched.ConnectApplications("PhaseBegin", MakeCallback(&PhaseRecorder::HandleBegin, this));
        watched.ConnectApplications("PhaseEnd",
                                    MakeCallback(&PhaseRecorder::HandleEnd, this).Bind(group));
        watched.ConnectApplications("Transfers",
                                    MakeCallback(&PhaseRecorder::HandleTransfers, this));
        watched.ConnectApplications("WaitedForCircuits",
                                    MakeCallback(&PhaseRecorder::HandleCircuitWait, this));
        watched.ConnectDecisions(MakeCallback(&PhaseRecorder::HandleDecision, this).Bind(group));
        watched.ConnectTransports("LastPart",
                                  MakeCallback(&PhaseRecorder::HandleArrival, this).Bind(group));
    }
}

PhaseRecorder::Open&
PhaseRecorder::OpenPhase(const mixnetcore::PhaseKey& phase)
{
    if (m_last == m_open.end() || m_last->first != phase)
    {
        m_last = m_open.try_emplace(phase).first;
        m_last->second.record.key = phase;
    }
    return m_last->second;
}

void
PhaseRecorder::HandleBegin(const mixnetcore::PhaseKey& phase, uint32_t /* rank */)
{
    auto& open = OpenPhase(phase);
    open.lastBegin = Simulator::Now();
    if (!open.begun)
    {
        open.begun = true;
        open.firstBegin = open.lastBegin;
    }
}

void
PhaseRecorder::HandleEnd(uint32_t group, const mixnetcore::PhaseKey& phase, uint32_t /* rank */)
{
    auto& open = OpenPhase(phase);
    open.lastEnd = Simulator::Now();
    if (++open.ended < m_groups[group].Ranks())
    {
        return;
    }
    Finish(group, open);
    const auto record = open.record;
    m_open.erase(phase);
    m_last = m_open.end();
    m_callback(record);
}

void
PhaseRecorder::Finish(uint32_t group, Open& open) const
{
    auto& record = open.record;
    record.start = ToPicoseconds(open.lastBegin);
    record.duration = ToPicoseconds(open.lastEnd) - record.start;
    record.computeWait = ToPicoseconds(open.lastBegin - open.firstBegin);
    record.lowerBound = record.duration;
    if (open.bound)
    {
        record.lowerBound =
            std::max(mixnetcore::Picoseconds(0), open.bound->EarliestEnd() - record.start);
        Explain(open);
    }
    if (record.IsAllToAll())
    {
        record.circuits = m_circuits[group];
    }
}

void
PhaseRecorder::Explain(Open& open) const
{
    auto& record = open.record;
    const auto& last = open.last;
    const auto linesEnd = open.bound->EarliestEndOfLines();
    record.lineTime = std::clamp(linesEnd - record.start, Picoseconds(0), record.duration);
    const Time ofLastPart = open.lastCrossed
                                ? (last.atNic - last.begun) + (open.lastEnd - last.crossed)
                                : open.lastEnd - last.begun;
    const auto beyondLines = record.lowerBound - record.lineTime;
    record.insideTime = last.bytes == 0 ? Picoseconds(0)
                                        : std::clamp(beyondLines + ToPicoseconds(ofLastPart),
                                                     Picoseconds(0),
                                                     record.duration - record.lineTime);
    record.queueTime = record.duration - record.lineTime - record.insideTime;
}

void
PhaseRecorder::HandleCircuitWait(const mixnetcore::PhaseKey& phase,
                                 uint32_t /* rank */,
                                 Time exposed)
{
    auto& record = OpenPhase(phase).record;
    record.exposed = std::max(record.exposed, ToPicoseconds(exposed));
}

void
PhaseRecorder::HandleTransfers(const mixnetcore::PhaseKey& phase,
                               const std::vector<mixnetcore::Transfer>& transfers)
{
    auto& open = OpenPhase(phase);
    if (!open.bound)
    {
        open.bound.emplace(m_server);
    }
    for (const auto& transfer : transfers)
    {
        open.bound->Add(transfer, ToPicoseconds(Simulator::Now()));
    }
}

void
PhaseRecorder::HandleDecision(uint32_t group, const CircuitDecision& decision)
{
    m_circuits[group] = decision.allocation.Total();
    auto& record = OpenPhase(decision.lease.phases.front()).record;
    record.dark = ToPicoseconds(decision.readyAt - decision.decidedAt);
    record.changedPorts = decision.changedPorts;
}

mixnetcore::PhaseKey
PhaseRecorder::PhaseOf(uint32_t group, const Message& message) const
{
    const auto phase = message.key.phase.Whole();
    if (phase.kind == mixnetcore::PhaseKind::PipelineSend)
    {
        return m_job.program->ReceiveOf(phase);
    }
    if (!phase.IsGradientReduce())
    {
        return phase;
    }
    auto reduce = m_groups[group].lastPhase.With(phase.kind);
    reduce.iteration = phase.iteration;
    reduce.layer = phase.layer;
    return reduce;
}

void
PhaseRecorder::HandleArrival(uint32_t group, const Message& message, const ChunkTiming& last)
{
    auto& open = OpenPhase(PhaseOf(group, message));
    auto& record = open.record;
    open.last = last;
    open.lastCrossed = false;
    for (const auto& leg : message.transfer.route)
    {
        if (const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&leg))
        {
            open.lastCrossed = true;
            (rdma->side == mixnetcore::NicRole::Optical ? record.optical : record.electrical) +=
                message.transfer.Payload();
        }
        else
        {
            record.nvswitch += message.transfer.Payload();
        }
    }
}

} // namespace mixnet
} // namespace ns3
