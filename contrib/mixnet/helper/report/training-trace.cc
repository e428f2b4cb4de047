/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-trace.h"

#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr uint32_t FABRIC = 0;     //!< process of links and packet switches
constexpr uint32_t PER_FAMILY = 8; //!< lanes of a rank and a family
constexpr uint32_t FAMILIES = 6;   //!< of a rank

/// What lanes of a rank show, by family.
constexpr const char* FAMILY_NAMES[FAMILIES] =
    {"compute", "tensor parallelism", "all-to-all", "waiting", "pipeline", "gradients"};

using FlowStep = TraceEventFile::FlowStep; //!< of arrows

/// @param port A port of a fabric. @param plan The fabric. @return its name.
std::string
NameOfPort(const mixnetcore::PortPlan& port, const mixnetcore::FabricPlan& plan)
{
    return plan.nodes[port.node].name + "/" + std::to_string(port.port);
}

} // namespace

TrainingTrace::TrainingTrace(const std::filesystem::path& path,
                             const Fabric& fabric,
                             const std::vector<TrainingGroup>& groups)
    : m_fabric(fabric),
      m_groups(groups),
      m_file(path),
      m_arrows(groups.size()),
      m_circuits(fabric.plan->regions.size()),
      m_circuitsAt(fabric.plan->regions.size()),
      m_pausing(fabric.packetSwitches.size())
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
    for (uint32_t region = 0; region < fabric.plan->regions.size(); ++region)
    {
        WatchRegion(region);
    }
    WatchFailures();
}

TrainingTrace::Family
TrainingTrace::FamilyOf(const mixnetcore::PhaseKey& phase)
{
    using mixnetcore::PhaseKind;
    if (phase.IsAllToAll())
    {
        return Family::AllToAll;
    }
    if (phase.IsTensorCollective())
    {
        return Family::Tensor;
    }
    if (phase.IsGradientReduce())
    {
        return Family::Gradients;
    }
    const bool isPipeline =
        phase.kind == PhaseKind::PipelineReceive || phase.kind == PhaseKind::PipelineSend;
    return isPipeline ? Family::Pipeline : Family::Compute;
}

std::string
TrainingTrace::NameOf(const mixnetcore::PhaseKey& phase)
{
    const bool isBack = phase.direction == mixnetcore::Direction::Backward;
    return mixnetcore::ToString(phase.kind) + (isBack ? " back" : phase.recompute ? " again" : "");
}

uint32_t
TrainingTrace::ProcessOf(uint32_t group, uint32_t host) const
{
    return 1 + (m_groups.size() == 1 ? host : group);
}

uint32_t
TrainingTrace::ProcessOfRegion(uint32_t region) const
{
    const auto shown =
        m_groups.size() == 1 ? m_groups.front().applications.size() : m_groups.size();
    return static_cast<uint32_t>(1 + shown + region);
}

void
TrainingTrace::Watch(uint32_t group)
{
    const auto& watched = m_groups[group];
    const bool isAlone = m_groups.size() == 1;
    if (!isAlone)
    {
        m_file.NameProcess(ProcessOf(group, 0),
                           "stage " + std::to_string(watched.lastPhase.stage) + ", replica " +
                               std::to_string(watched.lastPhase.replica));
    }
    for (uint32_t host = 0; host < watched.applications.size(); ++host)
    {
        const auto& application = watched.applications[host];
        if (isAlone)
        {
            m_file.NameProcess(ProcessOf(group, host), "server " + std::to_string(host));
        }
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
        watched.controller->TraceConnectWithoutContext(
            "CircuitsReady",
            MakeCallback(&TrainingTrace::HandleDecision, this).Bind(group));
    }
}

void
TrainingTrace::WatchRegion(uint32_t region)
{
    const auto process = ProcessOfRegion(region);
    m_file.NameProcess(process, "region " + std::to_string(region) + ", circuits");
    uint32_t plane = 0;
    for (const auto& ocs : m_fabric.GetOpticalSwitches(region))
    {
        const Track track{process, plane};
        const auto node = m_fabric.plan->regions[region].planes[plane].opticalSwitch;
        m_file.NameLane(track, m_fabric.plan->nodes[node].name);
        ocs->TraceConnectWithoutContext(
            "ReconfigurationBegin",
            MakeCallback(&TrainingTrace::HandleBlackout, this).Bind(region, plane));
        ocs->TraceConnectWithoutContext(
            "CircuitUp",
            MakeCallback(&TrainingTrace::HandleCircuit, this).Bind(region, 1));
        ocs->TraceConnectWithoutContext(
            "CircuitDown",
            MakeCallback(&TrainingTrace::HandleCircuit, this).Bind(region, -1));
        ++plane;
    }
}

void
TrainingTrace::WatchFailures()
{
    m_file.NameProcess(FABRIC, "fabric");
    m_file.NameLane({FABRIC, 0}, "links");
    for (uint32_t link = 0; link < m_fabric.fibres.size(); ++link)
    {
        m_fabric.fibres[link]->TraceConnectWithoutContext(
            "Cut",
            MakeCallback(&TrainingTrace::HandleCut, this).Bind(link));
    }
    for (uint32_t number = 0; number < m_fabric.packetSwitches.size(); ++number)
    {
        m_fabric.packetSwitches[number]->TraceConnectWithoutContext(
            "Pause",
            MakeCallback(&TrainingTrace::HandlePause, this).Bind(number));
    }
}

TrainingTrace::Track
TrainingTrace::FreeTrack(uint32_t group, uint32_t host, uint32_t rank, Family family)
{
    auto& state = m_ranks[group][rank];
    const auto first = static_cast<uint32_t>(family) * PER_FAMILY;
    Track track{ProcessOf(group, host), rank * FAMILIES * PER_FAMILY + first};
    const auto isOpen = [&state, &track](uint32_t lane) {
        return std::any_of(state.open.begin(), state.open.end(), [&](const OpenPhase& open) {
            return open.track.lane == track.lane + lane;
        });
    };
    uint32_t lane = 0;
    while (lane + 1 < PER_FAMILY && isOpen(lane))
    {
        ++lane;
    }
    track.lane += lane;
    const auto bit = uint64_t{1} << (first + lane);
    if ((state.named & bit) == 0)
    {
        state.named |= bit;
        m_file.NameLane(track,
                        "rank " + std::to_string(rank) + " " +
                            FAMILY_NAMES[static_cast<uint32_t>(family)]);
    }
    return track;
}

void
TrainingTrace::HandleBegin(uint32_t group,
                           uint32_t host,
                           const mixnetcore::PhaseKey& phase,
                           uint32_t rank)
{
    const Time now = Simulator::Now();
    const auto track = FreeTrack(group, host, rank, FamilyOf(phase));
    m_ranks[group][rank].open.push_back({phase, now, track});
    auto& arrow = m_arrows[group];
    if (arrow.awaited == phase)
    {
        arrow.awaited.reset();
        m_file.Flow(track, FlowStep::End, "circuits", arrow.number, now);
    }
}

void
TrainingTrace::HandleEnd(uint32_t group, const mixnetcore::PhaseKey& phase, uint32_t rank)
{
    auto& open = m_ranks[group][rank].open;
    const auto found = std::find_if(open.begin(), open.end(), [&phase](const OpenPhase& other) {
        return other.phase == phase;
    });
    if (found == open.end())
    {
        return; // it was begun before anybody watched
    }
    const auto ended = *found;
    open.erase(found);
    m_file.Slice(
        ended.track,
        NameOf(phase),
        FAMILY_NAMES[static_cast<uint32_t>(FamilyOf(phase))],
        ended.begin,
        Simulator::Now(),
        {{"layer", phase.layer}, {"microbatch", phase.microbatch}, {"iteration", phase.iteration}});
    if (phase.kind == mixnetcore::PhaseKind::Gating)
    {
        m_arrows[group].gate = ended.track;
        m_arrows[group].gateBegin = ended.begin;
        m_arrows[group].gateEnd = Simulator::Now();
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
    const auto track = FreeTrack(group, host, rank, Family::Circuits);
    m_file.Slice(track,
                 "waiting for circuits",
                 FAMILY_NAMES[static_cast<uint32_t>(Family::Circuits)],
                 Simulator::Now() - exposed,
                 Simulator::Now(),
                 {{"layer", phase.layer}, {"microbatch", phase.microbatch}});
}

void
TrainingTrace::HandleDecision(uint32_t group, const CircuitDecision& decision)
{
    auto& arrow = m_arrows[group];
    if (!arrow.gate || decision.changedPorts == 0 || decision.readyAt == decision.decidedAt)
    {
        return;
    }
    arrow.number = ++m_arrowCount;
    arrow.awaited = decision.lease.phases.front();
    // In the middle of the gate: viewers do not agree whether an end still belongs to a slice.
    const Time half = (arrow.gateEnd - arrow.gateBegin) / int64_t{2};
    m_file.Flow(*arrow.gate, FlowStep::Begin, "circuits", arrow.number, arrow.gateBegin + half);
    m_file.Flow({ProcessOfRegion(m_groups[group].number), 0},
                FlowStep::Next,
                "circuits",
                arrow.number,
                decision.decidedAt);
}

void
TrainingTrace::HandleBlackout(uint32_t region,
                              uint32_t plane,
                              const mixnetcore::CircuitConfiguration& configuration,
                              uint32_t darkPorts,
                              Time duration)
{
    const Time now = Simulator::Now();
    m_file.Slice({ProcessOfRegion(region), plane},
                 "blackout",
                 "circuits",
                 now,
                 now + duration,
                 {{"darkPorts", darkPorts}, {"circuitsToCome", configuration.Size()}});
}

void
TrainingTrace::HandleCircuit(uint32_t region, int change, uint32_t /* a */, uint32_t /* b */)
{
    if (Simulator::Now() > m_circuitsAt[region])
    {
        WriteCircuits(region);
        m_circuitsAt[region] = Simulator::Now();
    }
    m_circuits[region] += change;
}

void
TrainingTrace::WriteCircuits(uint32_t region)
{
    m_file.Counter(ProcessOfRegion(region),
                   "circuits up",
                   m_circuitsAt[region],
                   {{"circuits", m_circuits[region]}});
}

void
TrainingTrace::HandleCut(uint32_t link, bool cut)
{
    const auto& ends = m_fabric.plan->links[link];
    m_file.Instant(
        {FABRIC, 0},
        cut ? "cut" : "splice",
        "failure",
        Simulator::Now(),
        {{"from", NameOfPort(ends.a, *m_fabric.plan)}, {"to", NameOfPort(ends.b, *m_fabric.plan)}});
}

void
TrainingTrace::HandlePause(uint32_t packetSwitch, uint32_t port, uint8_t trafficClass, bool paused)
{
    if (++m_pauses > MOST_PAUSES)
    {
        return;
    }
    const Track track{FABRIC, 1 + packetSwitch};
    if (m_pausing[packetSwitch] == 0)
    {
        m_pausing[packetSwitch] = 1;
        const auto node = m_fabric.packetSwitches[packetSwitch]->GetNode()->GetId();
        m_file.NameLane(track, "pauses of " + m_fabric.plan->nodes[node].name);
    }
    m_file.Instant(track,
                   paused ? "pause" : "resume",
                   "pause",
                   Simulator::Now(),
                   {{"port", port}, {"class", unsigned{trafficClass}}});
}

void
TrainingTrace::HandleFailure(uint32_t process, const MessageCompletion& completion)
{
    m_file.Instant({process, 0},
                   "message failed",
                   "failure",
                   Simulator::Now(),
                   {{"phase", NameOf(completion.message->key.phase)},
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
    const auto process = m_groups.size() == 1 ? FABRIC : ProcessOf(group, 0);
    constexpr auto name = "all-to-all payload, Gb/s";
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
    for (uint32_t region = 0; region < m_circuits.size(); ++region)
    {
        WriteCircuits(region);
    }
    m_file.Close();
    return m_pauses <= MOST_PAUSES
               ? ""
               : std::to_string(m_pauses - MOST_PAUSES) + " pauses and ends of pauses of " +
                     std::to_string(m_pauses) + " are not in the timeline";
}

} // namespace mixnet
} // namespace ns3
