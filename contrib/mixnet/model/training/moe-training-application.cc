/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "moe-training-application.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("MoeTrainingApplication");

NS_OBJECT_ENSURE_REGISTERED(MoeTrainingApplication);

using mixnetcore::PhaseKind;

TypeId
MoeTrainingApplication::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::MoeTrainingApplication")
            .SetParent<Application>()
            .SetGroupName("Mixnet")
            .AddConstructor<MoeTrainingApplication>()
            .AddAttribute("Layers",
                          "MoE layers that each microbatch passes.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&MoeTrainingApplication::m_layers),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("FirstLayer",
                          "Number of the first of these layers in the model.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&MoeTrainingApplication::m_firstLayer),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("Microbatches",
                          "Microbatches of the iteration, one after the other.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&MoeTrainingApplication::m_microbatches),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("Iteration",
                          "Number of the training iteration; it selects the expert load.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&MoeTrainingApplication::m_iteration),
                          MakeUintegerChecker<uint32_t>())
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
            .AddTraceSource("Transfers",
                            "What a rank sends in an all-to-all, as it begins to.",
                            MakeTraceSourceAccessor(&MoeTrainingApplication::m_transfersTrace),
                            "ns3::mixnet::MoeTrainingApplication::TransfersTracedCallback");
    return tid;
}

MoeTrainingApplication::MoeTrainingApplication() = default;

MoeTrainingApplication::~MoeTrainingApplication() = default;

void
MoeTrainingApplication::DoInitialize()
{
    NS_ABORT_MSG_UNLESS(m_workload && m_engine && m_controller,
                        "a MoeTrainingApplication needs workload, collective engine and controller "
                        "before it starts");
    Application::DoInitialize();
}

void
MoeTrainingApplication::DoDispose()
{
    m_engine = nullptr;
    m_controller = nullptr;
    Application::DoDispose();
}

void
MoeTrainingApplication::SetWorkload(std::shared_ptr<const mixnetcore::MoeGroupWorkload> workload,
                                    std::shared_ptr<const mixnetcore::FabricPlan> fabric,
                                    uint32_t region,
                                    uint32_t endpoint)
{
    m_workload = workload;
    m_fabric = fabric;
    m_region = region;
    m_endpoint = endpoint;
    m_ranks.clear();
    for (const auto number : workload->Group().RanksOfHost(endpoint))
    {
        Rank rank;
        rank.number = number;
        m_ranks.push_back(rank);
    }
}

void
MoeTrainingApplication::SetCollectiveEngine(Ptr<CollectiveEngine> engine)
{
    m_engine = engine;
}

void
MoeTrainingApplication::SetController(Ptr<RegionalController> controller)
{
    m_controller = controller;
    controller->SetHost(m_endpoint,
                        GetNode()->GetId(),
                        MakeCallback(&MoeTrainingApplication::DispatchStart, this));
}

const char*
MoeTrainingApplication::ToString(RankState state)
{
    switch (state)
    {
    case RankState::Idle:
        return "Idle";
    case RankState::Attention:
        return "Attention";
    case RankState::Gating:
        return "Gating";
    case RankState::AwaitingCircuits:
        return "AwaitingCircuits";
    case RankState::Dispatch:
        return "Dispatch";
    case RankState::Expert:
        return "Expert";
    case RankState::Combine:
        return "Combine";
    }
    return "";
}

std::vector<MoeTrainingApplication::UnfinishedPhase>
MoeTrainingApplication::GetUnfinishedPhases() const
{
    std::vector<UnfinishedPhase> result;
    for (const auto& rank : m_ranks)
    {
        if (rank.state != RankState::Idle)
        {
            result.push_back({rank.number, rank.state, rank.phase});
        }
    }
    return result;
}

mixnetcore::LoadKey
MoeTrainingApplication::LoadKeyOf(const mixnetcore::PhaseKey& phase)
{
    return {phase.iteration, phase.layer, phase.microbatch, phase.replica};
}

const mixnetcore::MoeLayerDemand&
MoeTrainingApplication::DemandOf(const mixnetcore::PhaseKey& phase) const
{
    return m_workload->DemandOf(LoadKeyOf(phase));
}

mixnetcore::GpuId
MoeTrainingApplication::FabricGpu(size_t gpu) const
{
    const auto& group = m_workload->Group();
    const uint32_t host = m_fabric->regions[m_region].hosts[group.HostOfGpu(gpu)];
    return {host, static_cast<uint32_t>(group.LocalGpu(gpu))};
}

void
MoeTrainingApplication::SwitchToState(size_t index, RankState state)
{
    auto& rank = m_ranks[index];
    NS_LOG_LOGIC("rank " << rank.number << " from " << ToString(rank.state) << " to "
                         << ToString(state));
    m_stateTrace(rank.number, rank.state, state);
    rank.state = state;
}

void
MoeTrainingApplication::StartApplication()
{
    for (size_t index = 0; index < m_ranks.size(); ++index)
    {
        m_ranks[index].phase.iteration = m_iteration;
        m_ranks[index].phase.region = m_region;
        m_ranks[index].phase.layer = m_firstLayer;
        AttentionStart(index);
    }
}

void
MoeTrainingApplication::StopApplication()
{
}

void
MoeTrainingApplication::AttentionStart(size_t index)
{
    SwitchToState(index, RankState::Attention);
    const auto& rank = m_ranks[index];
    m_phaseBeginTrace(rank.phase.With(PhaseKind::Attention), rank.number);
    Simulator::Schedule(ToTime(m_workload->Compute().Attention()),
                        &MoeTrainingApplication::AttentionComplete,
                        this,
                        index);
}

void
MoeTrainingApplication::AttentionComplete(size_t index)
{
    const auto& rank = m_ranks[index];
    m_phaseEndTrace(rank.phase.With(PhaseKind::Attention), rank.number);
    SwitchToState(index, RankState::Gating);
    m_phaseBeginTrace(rank.phase.With(PhaseKind::Gating), rank.number);
    Simulator::Schedule(ToTime(m_workload->Compute().Gating()),
                        &MoeTrainingApplication::GatingComplete,
                        this,
                        index);
}

void
MoeTrainingApplication::GatingComplete(size_t index)
{
    const auto& rank = m_ranks[index];
    m_phaseEndTrace(rank.phase.With(PhaseKind::Gating), rank.number);
    SwitchToState(index, RankState::AwaitingCircuits);
    if (++m_gated == m_ranks.size())
    {
        m_gated = 0;
        ReportDemand();
    }
}

void
MoeTrainingApplication::ReportDemand()
{
    const auto& phase = m_ranks.front().phase;
    const auto& group = m_workload->Group();
    const auto& demand = DemandOf(phase).dispatch;
    std::vector<mixnetcore::Bytes> bytes(group.Hosts());
    for (size_t from = 0; from < group.Gpus(); ++from)
    {
        if (group.HostOfGpu(from) == m_endpoint)
        {
            for (size_t to = 0; to < group.Gpus(); ++to)
            {
                bytes[group.HostOfGpu(to)] += demand.At(from, to);
            }
        }
    }
    m_controller->Report(phase.With(PhaseKind::Dispatch), m_endpoint, bytes);
}

void
MoeTrainingApplication::DispatchStart(const CircuitDecision& decision)
{
    m_router.emplace(*m_fabric, m_region, decision.configuration);
    for (size_t index = 0; index < m_ranks.size(); ++index)
    {
        NS_ASSERT(m_ranks[index].state == RankState::AwaitingCircuits);
        SwitchToState(index, RankState::Dispatch);
        AllToAllStart(index, PhaseKind::Dispatch);
    }
}

void
MoeTrainingApplication::AllToAllStart(size_t index, PhaseKind kind)
{
    auto& rank = m_ranks[index];
    const auto phase = rank.phase.With(kind);
    const auto collective = mixnetcore::PackPhase(phase);
    const auto& group = m_workload->Group();
    const auto& dispatch = DemandOf(phase).dispatch;
    const bool back = kind == PhaseKind::Combine;
    const auto bytesBetween = [&](size_t from, size_t to) {
        return back ? dispatch.At(to, from) : dispatch.At(from, to);
    };

    m_phaseBeginTrace(phase, rank.number);
    std::vector<mixnetcore::Transfer> transfers;
    rank.gpusWaiting = group.TensorParallel();
    for (size_t slice = 0; slice < group.TensorParallel(); ++slice)
    {
        const size_t gpu = group.GpuOf(rank.number, slice);
        mixnetcore::Bytes expected;
        for (size_t peer = 0; peer < group.Gpus(); ++peer)
        {
            expected += bytesBetween(peer, gpu);
            for (auto& transfer :
                 m_router->Transfers(FabricGpu(gpu), FabricGpu(peer), bytesBetween(gpu, peer)))
            {
                transfers.push_back(std::move(transfer));
            }
        }
        m_engine->Expect(collective,
                         group.LocalGpu(gpu),
                         expected,
                         MakeCallback(&MoeTrainingApplication::HandleGpuReady, this));
    }
    m_transfersTrace(phase, transfers);
    m_engine->Send(collective, transfers);
}

void
MoeTrainingApplication::HandleGpuReady(uint64_t collective, uint32_t gpu)
{
    const auto kind = mixnetcore::UnpackPhase(collective).kind;
    const size_t index = gpu / m_workload->Group().TensorParallel();
    auto& rank = m_ranks.at(index);
    if (--rank.gpusWaiting > 0)
    {
        return;
    }
    m_phaseEndTrace(rank.phase.With(kind), rank.number);
    if (kind == PhaseKind::Dispatch)
    {
        ExpertStart(index);
    }
    else
    {
        CombineComplete(index);
    }
}

void
MoeTrainingApplication::ExpertStart(size_t index)
{
    SwitchToState(index, RankState::Expert);
    const auto& rank = m_ranks[index];
    m_phaseBeginTrace(rank.phase.With(PhaseKind::Expert), rank.number);
    const auto arriving = DemandOf(rank.phase).arriving.at(rank.number);
    Simulator::Schedule(ToTime(m_workload->Compute().Expert(arriving)),
                        &MoeTrainingApplication::ExpertComplete,
                        this,
                        index);
}

void
MoeTrainingApplication::ExpertComplete(size_t index)
{
    const auto& rank = m_ranks[index];
    m_phaseEndTrace(rank.phase.With(PhaseKind::Expert), rank.number);
    SwitchToState(index, RankState::Combine);
    AllToAllStart(index, PhaseKind::Combine);
}

void
MoeTrainingApplication::CombineComplete(size_t index)
{
    auto& phase = m_ranks[index].phase;
    if (++phase.layer == m_firstLayer + m_layers)
    {
        phase.layer = m_firstLayer;
        if (++phase.microbatch == m_microbatches)
        {
            SwitchToState(index, RankState::Idle);
            return;
        }
    }
    AttentionStart(index);
}

} // namespace mixnet
} // namespace ns3
