/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "iteration-recorder.h"

#include "ns3/allocation-score.h"
#include "ns3/lists.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

namespace ns3
{
namespace mixnet
{

using mixnetcore::PhaseKey;
using mixnetcore::PhaseKind;
using mixnetcore::TimeKind;

void
CircuitWatch::Note(uint32_t region, const CircuitDecision& decision)
{
    ++m_decisions;
    const auto isolated =
        mixnetcore::EndpointsWithoutCircuits(decision.demand, decision.allocation);
    if (!isolated.empty() && ++m_isolating == 1)
    {
        m_first = "server " + std::to_string(isolated.front()) + " of region " +
                  std::to_string(region) + ", layer " +
                  std::to_string(decision.lease.phases.front().layer);
    }
}

void
CircuitWatch::PrintWarning(std::ostream& out) const
{
    if (m_isolating > 0)
    {
        out << "WARNING               " << m_isolating << " of " << m_decisions
            << " allocations left a server with demand without a circuit (first: " << m_first
            << ")\n";
    }
}

void
CircuitWatch::Write(nlohmann::ordered_json& summary) const
{
    if (m_decisions > 0)
    {
        summary["circuitDecisions"] = m_decisions;
        summary["isolatingDecisions"] = m_isolating;
    }
}

IterationRecorder::IterationRecorder(const std::vector<TrainingGroup>& groups,
                                     const TrainingJobSpec& job,
                                     IterationCallback callback)
    : m_groups(groups),
      m_job(job),
      m_callback(std::move(callback))
{
    for (uint32_t group = 0; group < groups.size(); ++group)
    {
        Watch(group);
    }
}

void
IterationRecorder::Watch(uint32_t group)
{
    const auto& watched = m_groups[group];
    m_ranks.emplace_back(watched.Ranks());
    m_lastGating.emplace_back();
    m_lastExchange.emplace_back();
    m_rankCount += watched.Ranks();
    m_phases += watched.phases;
    watched.ConnectApplications("PhaseBegin",
                                MakeCallback(&IterationRecorder::HandleBegin, this).Bind(group));
    watched.ConnectApplications("PhaseEnd",
                                MakeCallback(&IterationRecorder::HandleEnd, this).Bind(group));
    watched.ConnectApplications(
        "WaitedForCircuits",
        MakeCallback(&IterationRecorder::HandleCircuitWait, this).Bind(group));
    watched.ConnectTransports("Post", MakeCallback(&IterationRecorder::HandlePost, this));
    watched.ConnectTransports("Arrival",
                              MakeCallback(&IterationRecorder::HandleArrival, this).Bind(group));
    watched.ConnectDecisions(MakeCallback(&IterationRecorder::HandleDecision, this).Bind(group));
}

const KindTraffic&
IterationRecorder::GetTraffic(PhaseKind kind) const
{
    return m_traffic.at(static_cast<size_t>(kind));
}

void
IterationRecorder::Account(Rank& rank, TimeKind kind)
{
    const auto span = ToPicoseconds(Simulator::Now() - rank.since);
    rank.times[kind] += span;
    rank.path[kind] += span;
    rank.since = Simulator::Now();
}

void
IterationRecorder::AccountWait(Rank& rank, const Point& cause, TimeKind kind, TimeKind before)
{
    if (cause.time <= rank.since)
    {
        Account(rank, kind);
        return;
    }
    rank.times[before] += ToPicoseconds(cause.time - rank.since);
    rank.since = cause.time;
    rank.path = cause.path;
    Account(rank, kind);
}

IterationRecorder::Point
IterationRecorder::PointOf(const Rank& rank) const
{
    return {rank.since, rank.path};
}

IterationRecorder::Open&
IterationRecorder::OpenOf(const PhaseKey& phase)
{
    auto& open = m_open[phase.iteration];
    open.record.iteration = phase.iteration;
    return open;
}

std::vector<uint32_t>
IterationRecorder::ReduceKey(const PhaseKey& reduce) const
{
    // Experts are reduced host by host over the replicas; all of them wait for the last.
    return {reduce.stage, reduce.layer, static_cast<uint32_t>(reduce.kind)};
}

void
IterationRecorder::NoteStep(const PhaseKey& phase)
{
    auto& open = OpenOf(phase);
    const bool isBackward = phase.recompute || phase.direction == mixnetcore::Direction::Backward;
    const auto chunk =
        static_cast<uint32_t>(m_job.program->Plan().Layers().PlaceOf(phase.layer).chunk);
    const std::vector<uint32_t> key{phase.stage,
                                    phase.replica,
                                    chunk,
                                    phase.microbatch,
                                    isBackward ? 1U : 0U};
    const auto [found, isNew] = open.stepOf.try_emplace(key, open.record.steps.size());
    if (isNew)
    {
        open.record.steps.push_back(
            {phase.iteration,
             phase.stage,
             phase.replica,
             chunk,
             phase.microbatch,
             isBackward ? mixnetcore::Direction::Backward : mixnetcore::Direction::Forward,
             Simulator::Now(),
             Simulator::Now()});
    }
    open.record.steps[found->second].end = Simulator::Now();
}

IterationRecorder::Exchange&
IterationRecorder::ExchangeOf(uint32_t group, const PhaseKey& phase)
{
    auto& exchange = m_exchanges[phase];
    if (exchange.begins.empty())
    {
        exchange.begins.resize(m_groups[group].Ranks());
        exchange.lastSource.resize(m_groups[group].Ranks());
    }
    return exchange;
}

void
IterationRecorder::HandleCircuitWait(uint32_t group,
                                     const PhaseKey& phase,
                                     uint32_t rank,
                                     Time exposed)
{
    m_ranks[group][rank].light = exposed;
    auto& exchange = ExchangeOf(group, phase);
    exchange.exposed = std::max(exchange.exposed, exposed);
}

void
IterationRecorder::HandleBegin(uint32_t group, const PhaseKey& phase, uint32_t number)
{
    auto& rank = m_ranks[group][number];
    if (phase.IsGradientReduce())
    {
        OpenOf(phase).joined[ReduceKey(phase)] = PointOf(rank);
        return;
    }
    if (phase.kind == PhaseKind::Optimizer)
    {
        BeginOptimizer(phase, rank);
        return;
    }
    if (phase.kind == PhaseKind::PipelineSend)
    {
        m_sent[{phase, number}] = PointOf(rank);
    }
    else if (phase.IsAllToAll())
    {
        BeginExchange(group, phase, number);
    }
    if (phase.kind != PhaseKind::PipelineReceive)
    {
        NoteStep(phase); // a stage that waits for its input has not begun
    }
}

void
IterationRecorder::BeginExchange(uint32_t group, const PhaseKey& phase, uint32_t number)
{
    auto& rank = m_ranks[group][number];
    const Time light = std::min(rank.light, Simulator::Now() - rank.since);
    rank.light = Time(0);
    auto lit = PointOf(rank);
    const auto follow = [&lit](const Point& cause) { lit = cause.time > lit.time ? cause : lit; };
    follow(m_lastExchange[group]); // which circuits were for
    if (phase.kind == PhaseKind::Dispatch)
    {
        follow(m_lastGating[group]); // which the demand was of
    }
    if (Simulator::Now() > rank.since)
    {
        // Without circuits to wait for, what it waited for was the others' demand.
        const auto kind = light.IsZero() ? TimeKind::Imbalance : TimeKind::Light;
        AccountWait(rank, lit, kind, TimeKind::Imbalance);
    }
    ExchangeOf(group, phase).begins[number] = PointOf(rank);
}

void
IterationRecorder::BeginOptimizer(const PhaseKey& phase, Rank& rank)
{
    Point last{Time(0), {}};
    for (const auto& [key, point] : OpenOf(phase).joined)
    {
        last = key[0] == phase.stage && point.time > last.time ? point : last;
    }
    if (Simulator::Now() > rank.since)
    {
        AccountWait(rank, last, TimeKind::Data, TimeKind::Bubble);
    }
}

void
IterationRecorder::HandleEnd(uint32_t group, const PhaseKey& phase, uint32_t number)
{
    auto& rank = m_ranks[group][number];
    ++m_ended;
    if (phase.IsGradientReduce())
    {
        return;
    }
    if (phase.IsAllToAll())
    {
        EndExchange(group, phase, number);
    }
    else if (phase.kind == PhaseKind::PipelineReceive)
    {
        const auto sent = m_sent.extract({m_job.program->SendOf(phase), number});
        AccountWait(rank, sent.mapped(), TimeKind::Pipeline, TimeKind::Bubble);
    }
    else
    {
        Account(rank, mixnetcore::TimeKindOf(phase.kind));
    }
    if (phase.kind == PhaseKind::Gating)
    {
        m_lastGating[group] = PointOf(rank);
    }
    if (phase.kind == PhaseKind::Expert && number == 0 && !phase.recompute &&
        phase.direction == mixnetcore::Direction::Forward)
    {
        CountTokens(group, phase);
    }
    if (phase.kind != PhaseKind::Optimizer)
    {
        NoteStep(phase);
    }
    auto last = m_groups[group].lastPhase;
    last.iteration = phase.iteration;
    if (phase == last)
    {
        EndIteration(group, phase, number);
    }
}

void
IterationRecorder::EndExchange(uint32_t group, const PhaseKey& phase, uint32_t number)
{
    auto& exchange = ExchangeOf(group, phase);
    AccountWait(m_ranks[group][number],
                exchange.begins[exchange.lastSource[number]],
                mixnetcore::TimeKindOf(phase.kind),
                TimeKind::Imbalance);
    if (++exchange.ended == m_groups[group].Ranks())
    {
        OpenOf(phase).record.exposed += exchange.exposed;
        m_lastExchange[group] = PointOf(m_ranks[group][number]);
        m_exchanges.erase(phase);
    }
}

void
IterationRecorder::CountTokens(uint32_t group, const PhaseKey& phase)
{
    const auto& arriving = m_job.work->DemandOf(phase).arriving;
    m_imbalance.Add(arriving);
    m_assignments += mixnetcore::SumOf(arriving, [](const auto& tokens) { return tokens.Count(); });
    m_assignmentsExpected +=
        m_job.work->Load().LoadedRanks() * m_job.model.AssignmentsPerMicrobatch().Count();
}

void
IterationRecorder::EndIteration(uint32_t group, const PhaseKey& phase, uint32_t number)
{
    auto& open = OpenOf(phase);
    auto& rank = m_ranks[group][number];
    auto& record = open.record;
    for (size_t kind = 0; kind < mixnetcore::TIME_KINDS; ++kind)
    {
        record.mean[kind] +=
            rank.times[static_cast<TimeKind>(kind)].count() * 1e-12 / double(m_rankCount);
    }
    record.group = group;
    record.rank = number;
    record.path = rank.path;
    rank.times = {};
    rank.path = {};
    open.ends += Simulator::Now().GetSeconds();
    if (++open.ended < m_rankCount)
    {
        return;
    }
    record.begin = m_lastEnd;
    record.end = Simulator::Now();
    m_lastEnd = record.end;
    record.drain = std::max(0.0, record.end.GetSeconds() - open.ends / double(m_rankCount));
    // Ranks that ended earlier have waited since; in the next iteration that is not its time.
    record.mean[static_cast<size_t>(TimeKind::Bubble)] +=
        (record.end - record.begin).GetSeconds() -
        std::accumulate(record.mean.begin(), record.mean.end(), 0.0);
    record.dark = record.dark / int64_t(m_groups.size());
    record.exposed = record.exposed / int64_t(m_groups.size());
    m_callback(record);
    m_open.erase(phase.iteration);
}

void
IterationRecorder::HandlePost(const Message& message)
{
    const auto& phase = message.key.phase;
    auto& traffic = m_traffic.at(static_cast<size_t>(phase.kind));
    const auto bytes = message.transfer.Payload().Count();
    ++traffic.messages;
    traffic.posted += bytes;
    bool hasCrossed = false;
    for (const auto& leg : message.transfer.route)
    {
        if (const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&leg))
        {
            hasCrossed = true;
            (rdma->side == mixnetcore::NicRole::Optical ? traffic.optical : traffic.electrical) +=
                bytes;
        }
    }
    traffic.inside += hasCrossed ? 0 : bytes;
}

void
IterationRecorder::HandleArrival(uint32_t group, const Message& message)
{
    const auto& phase = message.key.phase;
    m_traffic.at(static_cast<size_t>(phase.kind)).arrived += message.transfer.Payload().Count();
    if (!phase.Whole().IsAllToAll())
    {
        return;
    }
    const auto& transfer = message.transfer;
    ExchangeOf(group, phase.Whole()).lastSource[m_groups[group].RankOf(transfer.destination)] =
        m_groups[group].RankOf(transfer.source);
}

void
IterationRecorder::HandleDecision(uint32_t group, const CircuitDecision& decision)
{
    m_circuits.Note(group, decision);
    OpenOf(decision.lease.phases.front()).record.dark += decision.readyAt - decision.decidedAt;
}

std::vector<std::string>
IterationRecorder::Check() const
{
    std::vector<std::string> lines;
    if (m_ended != m_phases)
    {
        lines.push_back("phases of ranks: " + std::to_string(m_ended) + " of " +
                        std::to_string(m_phases) + " have ended");
    }
    for (size_t kind = 0; kind < m_traffic.size(); ++kind)
    {
        const auto& traffic = m_traffic[kind];
        if (traffic.posted != traffic.arrived)
        {
            lines.push_back("bytes of " + ToString(static_cast<PhaseKind>(kind)) + ": " +
                            std::to_string(traffic.posted) + " sent, " +
                            std::to_string(traffic.arrived) + " arrived");
        }
    }
    if (m_assignments != m_assignmentsExpected)
    {
        lines.push_back("token assignments: " + std::to_string(m_assignmentsExpected) + " made, " +
                        std::to_string(m_assignments) + " at experts");
    }
    return lines;
}

} // namespace mixnet
} // namespace ns3
