/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-trace.h"

#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <numeric>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr uint32_t FAILURES_LANE = 0; //!< of a process; ranks have those behind it

using FlowStep = TraceEventFile::FlowStep; //!< of arrows

constexpr const char* ARROW = "circuits"; //!< name of arrows

} // namespace

TrainingTrace::TrainingTrace(const TimelineSpec& spec,
                             const Fabric& fabric,
                             const std::vector<TrainingGroup>& groups)
    : m_groups(groups),
      m_hasServers(spec.hasServers),
      m_file(spec.file),
      m_fabricTrace(m_file, fabric, AddProcesses(), ToTime(spec.interval)),
      m_arrows(groups.size())
{
    for (const auto& group : groups)
    {
        m_replicas = std::max(m_replicas, group.lastPhase.replica + 1);
    }
    for (uint32_t group = 0; group < groups.size(); ++group)
    {
        m_ranks.emplace_back(groups[group].Ranks());
        Watch(group);
    }
}

std::vector<NicGroup>
TrainingTrace::AddProcesses()
{
    std::vector<NicGroup> servers;
    for (const auto& group : m_groups)
    {
        auto& processes = m_processes.emplace_back();
        const auto first = group.transports.front()->GetHost();
        const auto hosts = static_cast<uint32_t>(group.applications.size());
        const std::string prefix = m_groups.size() == 1 ? "" : GroupNameOf(group.lastPhase) + ", ";
        for (uint32_t host = 0; HasServers() && host < hosts; ++host)
        {
            const auto number = first + host;
            processes.push_back(m_file.AddProcess(prefix + "server " + std::to_string(number)));
            servers.push_back({processes.back(), {number}});
        }
        if (!HasServers())
        {
            processes.push_back(m_file.AddProcess(GroupNameOf(group.lastPhase)));
            NicGroup all{processes.back(), std::vector<uint32_t>(hosts)};
            std::iota(all.hosts.begin(), all.hosts.end(), first);
            servers.push_back(std::move(all));
        }
    }
    return servers;
}

void
TrainingTrace::Watch(uint32_t group)
{
    const auto& watched = m_groups[group];
    for (uint32_t host = 0; host < watched.applications.size(); ++host)
    {
        const auto& application = watched.applications[host];
        application->TraceConnectWithoutContext(
            "PhaseBegin",
            MakeCallback(&TrainingTrace::HandleBegin, this).Bind(group, host));
        application->TraceConnectWithoutContext(
            "PhaseEnd",
            MakeCallback(&TrainingTrace::HandleEnd, this).Bind(group));
        application->TraceConnectWithoutContext(
            "WaitedForCircuits",
            MakeCallback(&TrainingTrace::HandleCircuitWait, this).Bind(group, host));
        watched.engines[host]->TraceConnectWithoutContext(
            "MessageFailed",
            MakeCallback(&TrainingTrace::HandleFailure, this).Bind(ProcessOf(group, host)));
    }
    if (watched.controller)
    {
        m_file.NameLane(m_fabricTrace.ControllerLane(watched.number), "controller");
        watched.controller->TraceConnectWithoutContext(
            "CircuitsReady",
            MakeCallback(&TrainingTrace::HandleDecision, this).Bind(group));
    }
}

TraceLanes&
TrainingTrace::LanesOf(uint32_t group, uint32_t host, uint32_t rank, PhaseFamily family)
{
    const auto place = static_cast<uint32_t>(family);
    const auto first = 1 + (rank * PHASE_FAMILIES + place) * MOST_LANES;
    return m_ranks[group][rank]
        .lanes
        .try_emplace(family,
                     Track{ProcessOf(group, host), first},
                     MOST_LANES,
                     "rank " + std::to_string(rank) + " " + TraceNameOf(family))
        .first->second;
}

void
TrainingTrace::HandleBegin(uint32_t group,
                           uint32_t host,
                           const mixnetcore::PhaseKey& phase,
                           uint32_t rank)
{
    const Time now = Simulator::Now();
    const auto track = LanesOf(group, host, rank, FamilyOf(phase)).Take(m_file);
    m_withoutLane += track ? 0 : 1;
    auto& open = m_ranks[group][rank].open.emplace_back(OpenPhase{phase, now, track});
    auto& arrow = m_arrows[group];
    if (track && arrow.awaited == phase)
    {
        arrow.awaited.reset();
        open.arrow = arrow.number;
    }
}

void
TrainingTrace::HandleEnd(uint32_t group, const mixnetcore::PhaseKey& phase, uint32_t rank)
{
    auto& state = m_ranks[group][rank];
    const auto found =
        std::find_if(state.open.begin(), state.open.end(), [&phase](const OpenPhase& other) {
            return other.phase == phase;
        });
    if (found == state.open.end())
    {
        return; // it was begun before anybody watched
    }
    const auto ended = *found;
    state.open.erase(found);
    if (!ended.track)
    {
        return;
    }
    state.lanes.at(FamilyOf(phase)).GiveBack(*ended.track);
    Show(ended, "");
    if (phase.kind == mixnetcore::PhaseKind::Gating)
    {
        // In the middle: viewers do not agree whether an end still belongs to a slice.
        const Time half = (Simulator::Now() - ended.begin) / int64_t{2};
        m_arrows[group].gate = {phase, *ended.track, ended.begin + half};
    }
}

void
TrainingTrace::Show(const OpenPhase& shown, const std::string& more)
{
    const auto& phase = shown.phase;
    m_file.Slice(
        *shown.track,
        TraceNameOf(phase) + more,
        TraceNameOf(FamilyOf(phase)),
        shown.begin,
        Simulator::Now(),
        {{"layer", phase.layer}, {"microbatch", phase.microbatch}, {"iteration", phase.iteration}});
    if (shown.arrow > 0)
    {
        // Behind its slice in the file: Perfetto looks for one that is there.
        m_file.Flow(*shown.track, FlowStep::End, ARROW, shown.arrow, shown.begin);
    }
}

void
TrainingTrace::HandleCircuitWait(uint32_t group,
                                 uint32_t host,
                                 const mixnetcore::PhaseKey& phase,
                                 uint32_t rank,
                                 Time exposed)
{
    if (exposed.IsZero())
    {
        return;
    }
    // A rank waits for one thing at a time, and is told when that is over.
    auto& lanes = LanesOf(group, host, rank, PhaseFamily::Waiting);
    const auto track = lanes.Take(m_file);
    lanes.GiveBack(*track);
    m_file.Slice(*track,
                 "waiting for circuits",
                 TraceNameOf(PhaseFamily::Waiting),
                 Simulator::Now() - exposed,
                 Simulator::Now(),
                 {{"layer", phase.layer}, {"microbatch", phase.microbatch}});
}

void
TrainingTrace::HandleDecision(uint32_t group, const CircuitDecision& decision)
{
    if (decision.changedPorts == 0 || decision.readyAt == decision.decidedAt)
    {
        return;
    }
    const auto& phase = decision.lease.phases.front();
    m_file.Slice(m_fabricTrace.ControllerLane(m_groups[group].number),
                 "circuits for " + TraceNameOf(phase),
                 "circuits",
                 decision.decidedAt,
                 decision.readyAt,
                 {{"layer", phase.layer},
                  {"microbatch", phase.microbatch},
                  {"iteration", phase.iteration},
                  {"darkPorts", decision.changedPorts}});
    DrawArrow(group, decision);
}

void
TrainingTrace::DrawArrow(uint32_t group, const CircuitDecision& decision)
{
    const auto region = m_groups[group].number;
    const auto blackout = m_fabricTrace.BlackoutLane(region, decision.decidedAt);
    if (!blackout)
    {
        return; // it began before anybody watched
    }
    auto& arrow = m_arrows[group];
    arrow.number = ++m_arrowCount;
    arrow.awaited = decision.lease.phases.front();
    const bool isOfGate = arrow.gate &&
                          arrow.gate->phase == arrow.awaited->With(mixnetcore::PhaseKind::Gating) &&
                          arrow.gate->middle < decision.decidedAt;
    if (isOfGate)
    {
        m_file.Flow(arrow.gate->track, FlowStep::Begin, ARROW, arrow.number, arrow.gate->middle);
    }
    m_file.Flow(m_fabricTrace.ControllerLane(region),
                isOfGate ? FlowStep::Next : FlowStep::Begin,
                ARROW,
                arrow.number,
                decision.decidedAt);
    m_file.Flow(*blackout, FlowStep::Next, ARROW, arrow.number, decision.decidedAt);
}

void
TrainingTrace::HandleFailure(uint32_t process, const MessageCompletion& completion)
{
    if (++m_failures > MOST_FAILURES)
    {
        return;
    }
    const Track track{process, FAILURES_LANE};
    if (m_failing.try_emplace(process, true).second)
    {
        m_file.NameLane(track, "failures");
    }
    m_file.Instant(track,
                   "message failed",
                   "failure",
                   Simulator::Now(),
                   {{"phase", TraceNameOf(completion.message->key.phase)},
                    {"bytes", completion.message->transfer.bytes.Count()},
                    {"bytesDelivered", completion.bytesDelivered}});
}

void
TrainingTrace::AddPhase(const mixnetcore::PhaseRecord& record)
{
    if (!record.IsAllToAll() || record.duration.count() <= 0)
    {
        return;
    }
    const auto group = record.key.replica + record.key.stage * m_replicas;
    const auto rate = [&record](mixnetcore::Bytes bytes) {
        return double(bytes.Count()) * 8e3 / double(record.duration.count());
    };
    const auto process = HasServers() ? m_fabricTrace.GetProcess() : ProcessOf(group, 0);
    const bool needsName = HasServers() && m_groups.size() > 1;
    const auto name =
        (needsName ? GroupNameOf(record.key) + ": " : "") + "all-to-all payload, Gb/s";
    m_file.Counter(
        process,
        name,
        ToTime(record.start),
        {{"circuits", rate(record.optical)}, {"packet switches", rate(record.electrical)}});
    m_file.Counter(process, name, ToTime(record.End()), {{"circuits", 0}, {"packet switches", 0}});
}

std::string
TrainingTrace::Close()
{
    for (const auto& ranks : m_ranks)
    {
        for (const auto& rank : ranks)
        {
            for (const auto& open : rank.open)
            {
                if (open.track)
                {
                    Show(open, ", not ended");
                }
            }
        }
    }
    auto text = m_fabricTrace.Close();
    m_file.Close();
    const auto add = [&text](uint64_t all, uint64_t most, const std::string& what) {
        if (all > most)
        {
            text += "; " + std::to_string(all - most) + " " + what + " are not in the timeline";
        }
    };
    add(m_withoutLane, 0, "phases for which a rank has too few lanes");
    add(m_failures, MOST_FAILURES, "failed messages of " + std::to_string(m_failures));
    return text;
}

} // namespace mixnet
} // namespace ns3
