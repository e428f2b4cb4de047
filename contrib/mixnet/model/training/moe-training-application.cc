/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "moe-training-application.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/trace-source-accessor.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("MoeTrainingApplication");

NS_OBJECT_ENSURE_REGISTERED(MoeTrainingApplication);

using mixnetcore::PhaseKey;
using mixnetcore::PhaseKind;
using mixnetcore::TaskKind;

TypeId
MoeTrainingApplication::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::MoeTrainingApplication")
            .SetParent<Application>()
            .SetGroupName("Mixnet")
            .AddConstructor<MoeTrainingApplication>()
            .AddAttribute("TensorAlgorithm",
                          "Steps of the collectives among the GPUs of a rank: direct (everybody to "
                          "everybody, as an NVSwitch allows), ring, or merged (a ring with its "
                          "steps merged: the fewest flows).",
                          StringValue("direct"),
                          MakeStringAccessor(&MoeTrainingApplication::m_tensorAlgorithmName),
                          MakeStringChecker())
            .AddAttribute(
                "AllToAllEfficiency",
                "Share of the rates of its routes that an all-to-all of expert parallelism "
                "achieves, above 0, at most 1; what is below 1 stands for launch gaps, "
                "protocol and small chunks of a real library.",
                DoubleValue(1),
                MakeDoubleAccessor(&MoeTrainingApplication::m_allToAllEfficiency),
                MakeDoubleChecker<double>(std::numeric_limits<double>::min(), 1))
            .AddTraceSource("StateTransition",
                            "What a rank does changes.",
                            MakeTraceSourceAccessor(&MoeTrainingApplication::m_stateTrace),
                            "ns3::mixnet::MoeTrainingApplication::StateTracedCallback")
            .AddTraceSource("PhaseBegin",
                            "A rank begins a phase.",
                            MakeTraceSourceAccessor(&MoeTrainingApplication::m_phaseBeginTrace),
                            "ns3::mixnet::MoeTrainingApplication::PhaseTracedCallback")
            .AddTraceSource("PhaseEnd",
                            "A rank has ended a phase.",
                            MakeTraceSourceAccessor(&MoeTrainingApplication::m_phaseEndTrace),
                            "ns3::mixnet::MoeTrainingApplication::PhaseTracedCallback")
            .AddTraceSource("WaitedForCircuits",
                            "A rank begins an all-to-all, and waited only for circuits so long.",
                            MakeTraceSourceAccessor(&MoeTrainingApplication::m_circuitsTrace),
                            "ns3::mixnet::MoeTrainingApplication::CircuitsTracedCallback")
            .AddTraceSource(
                "Transfers",
                "What a GPU of a rank, or some of them, send in a phase, as they begin to.",
                MakeTraceSourceAccessor(&MoeTrainingApplication::m_transfersTrace),
                "ns3::mixnet::MoeTrainingApplication::TransfersTracedCallback");
    return tid;
}

MoeTrainingApplication::MoeTrainingApplication()
    : m_handleGpuReady(MakeCallback(&MoeTrainingApplication::HandleGpuReady, this)),
      m_handleToForward(MakeCallback(&MoeTrainingApplication::HandleToForward, this)),
      m_handleGathered(MakeCallback(&MoeTrainingApplication::HandleGathered, this)),
      m_handleSent(MakeCallback(&MoeTrainingApplication::HandleSent, this)),
      m_handleTensorEnd(MakeCallback(&MoeTrainingApplication::HandleTensorEnd, this))
{
}

void
MoeTrainingApplication::DoInitialize()
{
    NS_ABORT_MSG_UNLESS(
        m_tasks && m_engine && (m_control || m_router),
        "a MoeTrainingApplication needs workload, collective engine, and controller "
        "or router before it starts");
    NS_ABORT_MSG_IF(m_place.layout.HostsPerRank() > 1 && !m_static,
                    "EP ranks of " << m_place.layout.TensorParallel() << " GPUs span "
                                   << m_place.layout.HostsPerRank()
                                   << " hosts, which need electrical NICs: a host has none");
    try
    {
        m_tensorAlgorithm = mixnetcore::TensorAlgorithms().Get(m_tensorAlgorithmName);
    }
    catch (const std::invalid_argument& error)
    {
        NS_ABORT_MSG("MoeTrainingApplication attribute TensorAlgorithm: " << error.what());
    }
    Application::DoInitialize();
}

void
MoeTrainingApplication::DoDispose()
{
    m_engine = nullptr;
    m_control = nullptr;
    m_reducer = nullptr;
    Application::DoDispose();
}

void
MoeTrainingApplication::SetTasks(std::shared_ptr<const mixnetcore::TaskSource> tasks,
                                 const Place& place)
{
    m_tasks = std::move(tasks);
    m_place = place;
    const auto& group = place.layout;
    m_allToAll = std::make_unique<mixnetcore::HostAllToAll>(m_tasks,
                                                            group,
                                                            place.hosts->at(place.group),
                                                            place.endpoint);
    m_ranks.clear();
    for (const auto part : group.PartsOfHost(place.endpoint))
    {
        Rank rank;
        rank.part = part;
        rank.number = part / group.HostsPerRank();
        const auto first = part % group.HostsPerRank() * group.GpusPerPart();
        rank.slices.resize(group.GpusPerPart());
        std::iota(rank.slices.begin(), rank.slices.end(), first);
        rank.cursor = mixnetcore::PhaseCursor(m_tasks);
        m_ranks.push_back(rank);
    }
}

void
MoeTrainingApplication::SetControlChannel(
    Ptr<ControlChannel> channel,
    std::shared_ptr<const mixnetcore::EndpointTable> endpoints)
{
    m_control = channel;
    m_endpoints = std::move(endpoints);
    channel->Join(m_endpoints->OfHost(OwnHost()),
                  GetNode()->GetId(),
                  MakeCallback(&MoeTrainingApplication::HandleCircuits, this));
}

const char*
MoeTrainingApplication::ToString(RankState state)
{
    constexpr std::array<const char*, 6> NAMES{"Idle",
                                               "Computing",
                                               "AwaitingCircuits",
                                               "Communicating",
                                               "AwaitingStage",
                                               "AwaitingGradients"};
    return NAMES.at(static_cast<size_t>(state));
}

std::vector<MoeTrainingApplication::UnfinishedPhase>
MoeTrainingApplication::GetUnfinishedPhases() const
{
    std::vector<UnfinishedPhase> result;
    for (size_t index = 0; index < m_ranks.size(); ++index)
    {
        if (m_ranks[index].state != RankState::Idle)
        {
            result.push_back({m_ranks[index].number, m_ranks[index].state, PhaseOf(index)});
        }
    }
    return result;
}

std::shared_ptr<const mixnetcore::AllToAllRouter>
MoeTrainingApplication::RouterOf(const PhaseKey& phase) const
{
    if (!m_control)
    {
        return m_router;
    }
    const auto found = m_routers.find(phase);
    return found == m_routers.end() ? nullptr : found->second;
}

mixnetcore::GpuId
MoeTrainingApplication::FabricGpu(size_t gpu) const
{
    const auto& group = m_place.layout;
    return {m_place.hosts->at(m_place.group).at(group.HostOfGpu(gpu)),
            static_cast<uint32_t>(group.LocalGpu(gpu))};
}

void
MoeTrainingApplication::SwitchToState(size_t index, RankState state)
{
    auto& rank = m_ranks[index];
    NS_LOG_LOGIC("rank " << rank.number << " from " << ToString(rank.state) << " to "
                         << ToString(state));
    if (rank.state != state)
    {
        m_stateTrace(rank.part, rank.state, state);
        rank.state = state;
    }
}

void
MoeTrainingApplication::StartApplication()
{
    for (size_t index = 0; index < m_ranks.size(); ++index)
    {
        Begin(index);
    }
}

void
MoeTrainingApplication::Begin(size_t index)
{
    if (m_ranks[index].cursor.IsDone())
    {
        SwitchToState(index, RankState::Idle);
        return;
    }
    auto& rank = m_ranks[index];
    rank.task = m_tasks->TaskOf(PhaseOf(index), rank.number);
    switch (rank.task.kind)
    {
    case TaskKind::AllToAll:
        return AllToAllReady(index);
    case TaskKind::TensorCollective:
        return TensorCollectiveStart(index);
    case TaskKind::Send:
        return PipelineSendStart(index);
    case TaskKind::Receive:
        return PipelineReceiveStart(index);
    case TaskKind::Reduce:
        return ReduceStart(index);
    case TaskKind::Update:
        return rank.reducesOpen > 0 ? SwitchToState(index, RankState::AwaitingGradients)
                                    : ComputeStart(index);
    case TaskKind::Compute:
        return ComputeStart(index);
    }
}

void
MoeTrainingApplication::Complete(size_t index)
{
    const auto phase = PhaseOf(index);
    m_phaseEndTrace(phase, m_ranks[index].part);
    CountEnd(phase);
    GoOn(index);
}

void
MoeTrainingApplication::GoOn(size_t index)
{
    m_ranks[index].cursor.Advance();
    Begin(index);
}

void
MoeTrainingApplication::PipelineSendStart(size_t index)
{
    const auto phase = PhaseOf(index);
    const auto& rank = m_ranks[index];
    const auto& group = m_place.layout;
    const auto host = m_place.hosts->at(rank.task.peer).at(m_place.endpoint);
    std::vector<mixnetcore::GpuDemand> demand;
    for (const auto slice : rank.slices)
    {
        const auto gpu = FabricGpu(group.GpuOf(rank.number, slice));
        demand.push_back({gpu,
                          {host, gpu.gpu},
                          mixnetcore::EvenShare(rank.task.bytes, slice, group.TensorParallel())});
    }
    m_phaseBeginTrace(phase, rank.part);
    const auto transfers = m_static->Route(demand);
    m_transfersTrace(phase, transfers);
    m_engine->Send({rank.task.message}, transfers);
    Complete(index);
}

void
MoeTrainingApplication::PipelineReceiveStart(size_t index)
{
    SwitchToState(index, RankState::AwaitingStage);
    auto& rank = m_ranks[index];
    const auto& group = m_place.layout;
    const auto sent = rank.task.message;
    m_phaseBeginTrace(PhaseOf(index), rank.part);
    rank.gpusWaiting = rank.slices.size();
    for (const auto slice : rank.slices)
    {
        m_engine->Expect({sent},
                         group.LocalGpu(group.GpuOf(rank.number, slice)),
                         mixnetcore::EvenShare(rank.task.bytes, slice, group.TensorParallel()),
                         m_handleGpuReady);
    }
}

void
MoeTrainingApplication::ReduceStart(size_t index)
{
    const auto phase = PhaseOf(index);
    auto& rank = m_ranks[index];
    m_phaseBeginTrace(phase, rank.part);
    ++rank.reducesOpen;
    m_reducer->Join(phase,
                    MakeCallback(&MoeTrainingApplication::HandleReduced, this).Bind(index, phase));
    GoOn(index);
}

void
MoeTrainingApplication::HandleReduced(size_t index, PhaseKey reduce)
{
    auto& rank = m_ranks[index];
    m_phaseEndTrace(reduce, rank.part);
    if (--rank.reducesOpen == 0 && rank.state == RankState::AwaitingGradients)
    {
        ComputeStart(index);
    }
}

void
MoeTrainingApplication::HandleSent(const mixnetcore::MessageKey& key, uint64_t /* tag */)
{
    CountEnd(key.phase);
}

void
MoeTrainingApplication::CountEnd(const PhaseKey& phase)
{
    // Of an all-to-all: the rank has all that comes, and what each of its GPUs sent has gone.
    const size_t endsPerRank = phase.IsAllToAll() ? 1 + m_place.layout.GpusPerPart() : 1;
    if (!m_control || ++m_ended[phase] < endsPerRank * m_ranks.size())
    {
        return;
    }
    m_ended.erase(phase);
    if (phase.IsAllToAll())
    {
        m_routers.erase(phase);
        m_control->Release(phase);
    }
    else if (phase.kind == PhaseKind::Gating && phase.direction == mixnetcore::Direction::Forward &&
             !phase.recompute)
    {
        ReportDemand(phase);
    }
}

void
MoeTrainingApplication::ComputeStart(size_t index)
{
    SwitchToState(index, RankState::Computing);
    const auto& phase = PhaseOf(index);
    m_phaseBeginTrace(phase, m_ranks[index].part);
    Simulator::Schedule(ToTime(m_ranks[index].task.time),
                        &MoeTrainingApplication::Complete,
                        this,
                        index);
}

void
MoeTrainingApplication::TensorCollectiveStart(size_t index)
{
    SwitchToState(index, RankState::Communicating);
    const auto& phase = PhaseOf(index);
    const auto& rank = m_ranks[index];
    const auto& group = m_place.layout;
    const auto flows = mixnetcore::ScheduleTensorCollective(
        phase.kind == PhaseKind::AllGather || phase.kind == PhaseKind::AttentionGather
            ? mixnetcore::TensorCollective::AllGather
            : mixnetcore::TensorCollective::ReduceScatter,
        m_tensorAlgorithm,
        group.HostsPerRank(),
        group.GpusPerPart(),
        rank.task.bytes);
    std::vector<mixnetcore::GpuId> members;
    for (size_t member = 0; member < group.TensorParallel(); ++member)
    {
        members.push_back(FabricGpu(group.GpuOf(rank.number, member)));
    }
    auto routes =
        mixnetcore::RoutesOfSchedule(flows,
                                     members,
                                     m_place.hosts->at(m_place.group).at(m_place.endpoint),
                                     m_static.get());
    m_phaseBeginTrace(phase, rank.part);
    for (const auto& transfers : routes)
    {
        m_transfersTrace(phase, transfers);
    }
    m_engine->Run({phase}, flows, members, std::move(routes), m_handleTensorEnd, index);
}

void
MoeTrainingApplication::HandleTensorEnd(const mixnetcore::MessageKey& /* key */, uint64_t index)
{
    Complete(index);
}

void
MoeTrainingApplication::AllToAllReady(size_t index)
{
    auto& rank = m_ranks[index];
    const auto& phase = PhaseOf(index);
    if (RouterOf(phase))
    {
        m_circuitsTrace(phase, rank.part, Time(0));
        AllToAllStart(index);
        return;
    }
    rank.readySince = Simulator::Now();
    SwitchToState(index, RankState::AwaitingCircuits);
}

void
MoeTrainingApplication::HandleCircuits(const CircuitDecision& decision)
{
    for (const auto& phase : decision.lease.phases)
    {
        m_routers[phase] = decision.router;
    }
    for (size_t index = 0; index < m_ranks.size(); ++index)
    {
        auto& rank = m_ranks[index];
        if (rank.state == RankState::AwaitingCircuits && RouterOf(PhaseOf(index)))
        {
            const Time darkFrom = std::max(rank.readySince, decision.decidedAt);
            m_circuitsTrace(PhaseOf(index),
                            rank.part,
                            std::max(Time(0), decision.readyAt - darkFrom));
            AllToAllStart(index);
        }
    }
}

void
MoeTrainingApplication::AllToAllStart(size_t index)
{
    SwitchToState(index, RankState::Communicating);
    auto& rank = m_ranks[index];
    const auto phase = PhaseOf(index);
    const auto& group = m_place.layout;
    const bool isTransposed = phase.IsTransposed();

    m_allToAll->Route(phase, *RouterOf(phase), m_allToAllEfficiency);
    m_phaseBeginTrace(phase, rank.part);
    rank.gpusWaiting = rank.slices.size();
    std::vector<uint32_t> gpus;
    std::vector<uint32_t> senders;
    for (const auto slice : rank.slices)
    {
        const uint32_t local = group.LocalGpu(group.GpuOf(rank.number, slice));
        const auto forwarded = m_allToAll->ForwardedTo(phase, local);
        const bool waits = isTransposed && forwarded > mixnetcore::Bytes(0);
        gpus.push_back(local);
        if (!waits)
        {
            senders.push_back(local);
        }
        if (forwarded > mixnetcore::Bytes(0))
        {
            rank.gpusWaiting += waits ? 0 : 1;
            m_engine->Expect({phase.Forwarding()},
                             local,
                             forwarded,
                             waits ? m_handleGathered : m_handleGpuReady);
        }
        m_engine->Expect({phase},
                         local,
                         m_allToAll->SentTo(phase, local),
                         isTransposed ? m_handleGpuReady : m_handleToForward);
    }
    SendFrom(phase, senders);
    if (isTransposed)
    {
        Forward(phase, gpus);
    }
}

void
MoeTrainingApplication::SendFrom(const PhaseKey& phase, const std::vector<uint32_t>& gpus)
{
    std::vector<std::vector<mixnetcore::Transfer>> batches;
    for (const auto gpu : gpus)
    {
        batches.push_back(m_allToAll->Take(phase, gpu));
        m_transfersTrace(phase, batches.back());
    }
    for (const auto& batch : batches)
    {
        m_engine->Send({phase}, batch, m_handleSent);
    }
}

void
MoeTrainingApplication::Forward(const PhaseKey& phase, const std::vector<uint32_t>& gpus)
{
    if (m_tasks->DemandOf(phase).isForwarded)
    {
        const auto transfers = m_allToAll->Forward(phase, gpus, m_allToAllEfficiency);
        m_transfersTrace(phase, transfers);
        m_engine->Send({phase.Forwarding()}, transfers);
    }
}

void
MoeTrainingApplication::HandleToForward(const mixnetcore::MessageKey& key, uint32_t gpu)
{
    Forward(key.phase, {gpu});
    HandleGpuReady(key, gpu);
}

void
MoeTrainingApplication::HandleGathered(const mixnetcore::MessageKey& key, uint32_t gpu)
{
    SendFrom(key.phase.Whole(), {gpu});
}

void
MoeTrainingApplication::HandleGpuReady(const mixnetcore::MessageKey& /* key */, uint32_t gpu)
{
    const size_t index = gpu / m_place.layout.GpusPerPart();
    if (--m_ranks.at(index).gpusWaiting == 0)
    {
        Complete(index);
    }
}

void
MoeTrainingApplication::ReportDemand(const PhaseKey& phase)
{
    const auto dispatch = phase.With(PhaseKind::Dispatch);
    const auto& demand = m_tasks->DemandOf(dispatch).dispatch;
    for (const auto endpoint : m_endpoints->OfHost(OwnHost()))
    {
        m_control->Report(dispatch, endpoint, m_endpoints->From(demand, endpoint));
    }
}

} // namespace mixnet
} // namespace ns3
