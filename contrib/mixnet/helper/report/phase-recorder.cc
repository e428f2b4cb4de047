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
                             const TrainingGroup& group,
                             RecordCallback callback)
    : m_ranks(group.Ranks()),
      m_host(fabric.plan->host),
      m_payloadEfficiency(fabric.PayloadEfficiency()),
      m_callback(std::move(callback))
{
    for (size_t step = 0; step < group.program->Steps(); ++step)
    {
        m_phases += m_ranks * group.program->PhasesOf(step).size();
    }
    for (const auto& application : group.applications)
    {
        application->TraceConnectWithoutContext("PhaseBegin",
                                                MakeCallback(&PhaseRecorder::HandleBegin, this));
        application->TraceConnectWithoutContext("PhaseEnd",
                                                MakeCallback(&PhaseRecorder::HandleEnd, this));
        application->TraceConnectWithoutContext(
            "Transfers",
            MakeCallback(&PhaseRecorder::HandleTransfers, this));
        application->TraceConnectWithoutContext("WaitedForLight",
                                                MakeCallback(&PhaseRecorder::HandleLight, this));
    }
    if (group.controller)
    {
        group.controller->TraceConnectWithoutContext(
            "CircuitsReady",
            MakeCallback(&PhaseRecorder::HandleDecision, this));
    }
    for (const auto& transport : group.transports)
    {
        transport->TraceConnectWithoutContext("LastPart",
                                              MakeCallback(&PhaseRecorder::HandleArrival, this));
    }
}

uint64_t
PhaseRecorder::GetPhases() const
{
    return m_phases;
}

uint64_t
PhaseRecorder::GetEndedPhases() const
{
    return m_ended;
}

PhaseRecorder::Open&
PhaseRecorder::OpenPhase(const mixnetcore::PhaseKey& phase)
{
    auto [found, isNew] = m_open.try_emplace(phase);
    if (isNew)
    {
        found->second.record.key = phase;
    }
    return found->second;
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
PhaseRecorder::HandleEnd(const mixnetcore::PhaseKey& phase, uint32_t /* rank */)
{
    auto& open = OpenPhase(phase);
    ++m_ended;
    open.lastEnd = Simulator::Now();
    if (++open.ended < m_ranks)
    {
        return;
    }
    Finish(open);
    const auto record = open.record;
    m_open.erase(phase);
    m_callback(record);
}

void
PhaseRecorder::Finish(Open& open) const
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
        record.circuits = m_circuits;
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
PhaseRecorder::HandleLight(const mixnetcore::PhaseKey& phase, uint32_t /* rank */, Time exposed)
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
        open.bound.emplace(m_host, m_payloadEfficiency);
    }
    for (const auto& transfer : transfers)
    {
        open.bound->Add(transfer, ToPicoseconds(Simulator::Now()));
    }
}

void
PhaseRecorder::HandleDecision(const CircuitDecision& decision)
{
    m_circuits = decision.configuration.Size();
    auto& record = OpenPhase(decision.lease.phases.front()).record;
    record.dark = ToPicoseconds(decision.readyAt - decision.decidedAt);
    record.changedPorts = decision.changedPorts;
}

void
PhaseRecorder::HandleArrival(const Message& message, const ChunkTiming& last)
{
    auto& open = OpenPhase(message.key.phase.Whole());
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
