/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "timeline-writer.h"

#include "ns3/simulator.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ns3
{
namespace mixnet
{

TimelineWriter::TimelineWriter(const ResultFolder& folder, const TrainingGroup& group)
    : m_group(group),
      m_timeline(folder.OpenStream("timeline.csv")),
      m_circuits(folder.OpenStream("circuits.csv")),
      m_begins(group.Ranks())
{
    m_timeline << "rank,name,direction,recompute,layer,microbatch,beginSeconds,endSeconds,"
                  "exposedSeconds,stragglerSeconds"
               << std::endl;
    m_circuits << "decision,layer,microbatch,direction,fromHost,toHost,demandBytes,circuits"
               << std::endl;
    group.ConnectApplications("PhaseBegin", MakeCallback(&TimelineWriter::HandleBegin, this));
    group.ConnectApplications("PhaseEnd", MakeCallback(&TimelineWriter::HandleEnd, this));
    group.ConnectApplications("WaitedForCircuits",
                              MakeCallback(&TimelineWriter::HandleExposed, this));
    group.ConnectTransports("Arrival", MakeCallback(&TimelineWriter::HandleArrival, this));
    group.ConnectDecisions(MakeCallback(&TimelineWriter::HandleDecision, this));
}

TimelineWriter::Exchange&
TimelineWriter::ExchangeOf(const mixnetcore::PhaseKey& phase)
{
    auto& exchange = m_exchanges[phase];
    exchange.parts.resize(m_begins.size());
    return exchange;
}

void
TimelineWriter::Close()
{
    m_timeline.Close();
    m_circuits.Close();
}

void
TimelineWriter::HandleBegin(const mixnetcore::PhaseKey& phase, uint32_t rank)
{
    m_begins.at(rank) = Simulator::Now();
    if (phase.IsAllToAll())
    {
        ExchangeOf(phase).parts.at(rank).begin = Simulator::Now();
    }
}

void
TimelineWriter::HandleEnd(const mixnetcore::PhaseKey& phase, uint32_t rank)
{
    if (!phase.IsAllToAll())
    {
        WriteRow(phase, rank, ToString(phase.kind), m_begins.at(rank));
        return;
    }
    auto& exchange = ExchangeOf(phase);
    const auto& part = exchange.parts.at(rank);
    const Time last = exchange.parts.at(part.lastSource).begin;
    WriteRow(phase,
             rank,
             ToString(phase.kind),
             part.begin,
             part.exposed,
             std::max(Time(0), last - part.begin));
    if (++exchange.ended == exchange.parts.size())
    {
        m_exchanges.erase(phase);
    }
}

void
TimelineWriter::HandleExposed(const mixnetcore::PhaseKey& phase, uint32_t rank, Time exposed)
{
    ExchangeOf(phase).parts.at(rank).exposed = exposed;
}

void
TimelineWriter::HandleArrival(const Message& message)
{
    const auto phase = message.key.phase.Whole();
    if (!phase.IsAllToAll())
    {
        return;
    }
    const auto& transfer = message.transfer;
    ExchangeOf(phase).parts.at(m_group.RankOf(transfer.destination)).lastSource =
        m_group.RankOf(transfer.source);
}

void
TimelineWriter::HandleDecision(const CircuitDecision& decision)
{
    const auto& phase = decision.lease.phases.front();
    if (decision.changedPorts > 0)
    {
        WriteRow(phase, -1, "blackout", decision.decidedAt);
    }
    for (uint32_t from = 0; from < decision.demand.Rows(); ++from)
    {
        for (uint32_t to = 0; to < decision.demand.Columns(); ++to)
        {
            if (from != to)
            {
                m_circuits << m_decisions << ',' << phase.layer << ',' << phase.microbatch << ','
                           << ToString(phase.direction) << ',' << from << ',' << to << ','
                           << decision.demand.At(from, to).Count() << ','
                           << decision.allocation.Between(from, to) << '\n';
            }
        }
    }
    m_circuits.flush();
    ++m_decisions;
}

void
TimelineWriter::WriteRow(const mixnetcore::PhaseKey& phase,
                         int64_t rank,
                         const std::string& name,
                         const Time& from,
                         const Time& exposed,
                         const Time& straggler)
{
    const auto seconds = [](const Time& time) {
        return nlohmann::json(time.GetPicoSeconds() / 1e12);
    };
    m_timeline << rank << ',' << name << ',' << ToString(phase.direction) << ','
               << (phase.recompute ? "true" : "false") << ',' << phase.layer << ','
               << phase.microbatch << ',' << seconds(from) << ',' << seconds(Simulator::Now())
               << ',' << seconds(exposed) << ',' << seconds(straggler) << '\n';
}

} // namespace mixnet
} // namespace ns3
