/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "regional-controller.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/trace-source-accessor.h"

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("RegionalController");

NS_OBJECT_ENSURE_REGISTERED(RegionalController);

TypeId
RegionalController::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::RegionalController")
            .SetParent<Application>()
            .SetGroupName("Mixnet")
            .AddConstructor<RegionalController>()
            .AddAttribute("Allocator",
                          "Name of the circuit allocator: greedy (paper, Algorithm 1) or another "
                          "that MakeCircuitAllocator knows.",
                          StringValue("greedy"),
                          MakeStringAccessor(&RegionalController::m_allocatorName),
                          MakeStringChecker())
            .AddAttribute("ControlLatency",
                          "Time of a message between a host and the controller, each way.",
                          TimeValue(Time(0)),
                          MakeTimeAccessor(&RegionalController::m_latency),
                          MakeTimeChecker(Time(0)))
            .AddTraceSource("StateTransition",
                            "What the controller does changes.",
                            MakeTraceSourceAccessor(&RegionalController::m_stateTrace),
                            "ns3::mixnet::RegionalController::StateTracedCallback")
            .AddTraceSource("CircuitsReady",
                            "The circuits of a phase carry light; with the way to them.",
                            MakeTraceSourceAccessor(&RegionalController::m_decisionTrace),
                            "ns3::mixnet::RegionalController::DecisionTracedCallback");
    return tid;
}

RegionalController::RegionalController() = default;

RegionalController::~RegionalController() = default;

void
RegionalController::DoInitialize()
{
    try
    {
        m_allocator = mixnetcore::MakeCircuitAllocator(m_allocatorName);
    }
    catch (const std::invalid_argument& error)
    {
        NS_ABORT_MSG("RegionalController attribute Allocator: " << error.what());
    }
    NS_ABORT_MSG_UNLESS(m_ocs, "a RegionalController needs its region before it starts");
    Application::DoInitialize();
}

void
RegionalController::DoDispose()
{
    m_ocs = nullptr;
    m_hosts.clear();
    m_pending.clear();
    Application::DoDispose();
}

void
RegionalController::SetRegion(const mixnetcore::RegionPlan& plan, Ptr<OcsSwitch> ocs)
{
    m_region = plan;
    m_ocs = ocs;
    m_hosts.resize(plan.hosts.size());
    m_opticalPorts.assign(plan.hosts.size(), 0);
    for (const auto& attachment : plan.attachments)
    {
        ++m_opticalPorts.at(attachment.endpoint);
    }
    m_mapper = std::make_unique<mixnetcore::PortMapper>(plan.attachments);
    m_ocs->TraceConnectWithoutContext(
        "ReconfigurationEnd",
        MakeCallback(&RegionalController::HandleReconfigurationEnd, this));
}

void
RegionalController::SetHost(uint32_t endpoint, uint32_t context, ReadyCallback ready)
{
    m_hosts.at(endpoint) = {context, ready};
}

void
RegionalController::Report(const mixnetcore::PhaseKey& phase,
                           uint32_t endpoint,
                           const std::vector<mixnetcore::Bytes>& bytes)
{
    Simulator::ScheduleWithContext(GetNode()->GetId(),
                                   m_latency,
                                   &RegionalController::HandleReport,
                                   this,
                                   phase,
                                   endpoint,
                                   bytes);
}

void
RegionalController::HandleReport(mixnetcore::PhaseKey phase,
                                 uint32_t endpoint,
                                 std::vector<mixnetcore::Bytes> bytes)
{
    const uint32_t hosts = m_hosts.size();
    auto [found, isNew] = m_pending.try_emplace(
        phase,
        Pending{mixnetcore::DemandMatrix(hosts, hosts), std::vector<bool>(hosts), hosts});
    auto& pending = found->second;
    NS_ABORT_MSG_IF(bytes.size() != hosts || pending.reported.at(endpoint),
                    "host " << endpoint << " reported a demand for " << bytes.size()
                            << " hosts, or twice; once for " << hosts << " is expected");
    if (m_state == State::Idle)
    {
        SwitchToState(State::Collecting);
    }
    for (uint32_t to = 0; to < hosts; ++to)
    {
        pending.demand.At(endpoint, to) = bytes[to];
    }
    pending.reported[endpoint] = true;
    if (--pending.missing == 0)
    {
        const auto demand = std::move(pending.demand);
        m_pending.erase(found);
        Decide(phase, demand);
    }
}

void
RegionalController::Decide(const mixnetcore::PhaseKey& phase,
                           const mixnetcore::DemandMatrix& demand)
{
    NS_ABORT_MSG_IF(m_state == State::Reconfiguring,
                    "the demand of a phase was complete while the circuits of another were set up");
    const auto inForce = m_ocs->GetConfiguration();
    const auto configuration =
        m_mapper->Map(m_allocator->Allocate(demand, m_opticalPorts), inForce);
    m_decision = {phase, demand, configuration, 0, Simulator::Now(), Simulator::Now()};
    SwitchToState(State::Reconfiguring);
    const auto result = m_ocs->Reconfigure(configuration);
    m_decision.changedPorts = result.darkPorts;
    NS_ABORT_MSG_IF(result.outcome == ReconfigureResult::Outcome::Refused,
                    "the optical circuit switch refused the controller: " << result.message);
    if (result.outcome == ReconfigureResult::Outcome::Nothing)
    {
        Announce();
    }
}

void
RegionalController::HandleReconfigurationEnd(const mixnetcore::CircuitConfiguration& configuration)
{
    if (m_state == State::Reconfiguring && configuration == m_decision.configuration)
    {
        Announce();
    }
}

void
RegionalController::Announce()
{
    m_decision.readyAt = Simulator::Now();
    m_decisionTrace(m_decision);
    const auto decision = std::make_shared<const CircuitDecision>(m_decision);
    SwitchToState(m_pending.empty() ? State::Idle : State::Collecting);
    for (uint32_t endpoint = 0; endpoint < m_hosts.size(); ++endpoint)
    {
        Simulator::ScheduleWithContext(m_hosts[endpoint].context,
                                       m_latency,
                                       &RegionalController::Tell,
                                       this,
                                       endpoint,
                                       decision);
    }
}

void
RegionalController::Tell(uint32_t endpoint, std::shared_ptr<const CircuitDecision> decision)
{
    m_hosts[endpoint].ready(*decision);
}

void
RegionalController::SwitchToState(State state)
{
    NS_LOG_LOGIC("controller from " << static_cast<int>(m_state) << " to "
                                    << static_cast<int>(state));
    m_stateTrace(m_state, state);
    m_state = state;
}

} // namespace mixnet
} // namespace ns3
