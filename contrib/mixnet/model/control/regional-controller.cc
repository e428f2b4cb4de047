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

#include <algorithm>

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
            .AddAttribute("Policy",
                          "When circuits change: block (paper, section 7.1) or reuse (appendix "
                          "B.2).",
                          StringValue("block"),
                          MakeStringAccessor(&RegionalController::m_policyName),
                          MakeStringChecker())
            .AddAttribute("NumaRule",
                          "How the circuits of a pair lie in the NUMA halves of its hosts: spread "
                          "(paper, section 5.2, step 4) or pack, the opposite to compare with.",
                          StringValue("spread"),
                          MakeStringAccessor(&RegionalController::m_numaRule),
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
    NS_ABORT_MSG_UNLESS(m_ocs && m_program,
                        "a RegionalController needs its region and program before it starts");
    try
    {
        m_allocator = mixnetcore::MakeCircuitAllocator(m_allocatorName);
        m_leases = std::make_unique<mixnetcore::LeaseSequence>(
            m_program,
            mixnetcore::MakeReconfigurationPolicy(m_policyName));
    }
    catch (const std::invalid_argument& error)
    {
        NS_ABORT_MSG("RegionalController attribute Allocator or Policy: " << error.what());
    }
    NS_ABORT_MSG_IF(m_numaRule != "spread" && m_numaRule != "pack",
                    "RegionalController attribute NumaRule is '" << m_numaRule
                                                                 << "'; known: spread, pack");
    m_mapper = std::make_unique<mixnetcore::PortMapper>(
        m_fabric->regions[m_region].attachments,
        m_numaRule == "pack" ? mixnetcore::NumaRule::Pack : mixnetcore::NumaRule::Spread);
    Application::DoInitialize();
}

void
RegionalController::DoDispose()
{
    m_ocs = nullptr;
    m_hosts.clear();
    m_demands.clear();
    m_decision.router.reset();
    Application::DoDispose();
}

void
RegionalController::SetRegion(std::shared_ptr<const mixnetcore::FabricPlan> fabric,
                              uint32_t region,
                              Ptr<OcsSwitch> ocs)
{
    m_fabric = fabric;
    m_region = region;
    m_ocs = ocs;
    const auto& plan = m_fabric->regions.at(region);
    m_hosts.resize(plan.hosts.size());
    m_opticalPorts.assign(plan.hosts.size(), 0);
    for (const auto& attachment : plan.attachments)
    {
        ++m_opticalPorts.at(attachment.endpoint);
    }
    m_ocs->TraceConnectWithoutContext(
        "ReconfigurationEnd",
        MakeCallback(&RegionalController::HandleReconfigurationEnd, this));
}

void
RegionalController::SetProgram(std::shared_ptr<const mixnetcore::PhaseProgram> program)
{
    m_program = std::move(program);
}

void
RegionalController::StartApplication()
{
    Proceed();
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
RegionalController::Release(const mixnetcore::PhaseKey& phase, uint32_t /* endpoint */)
{
    Simulator::ScheduleWithContext(GetNode()->GetId(),
                                   m_latency,
                                   &RegionalController::HandleRelease,
                                   this,
                                   phase);
}

void
RegionalController::HandleReport(mixnetcore::PhaseKey phase,
                                 uint32_t endpoint,
                                 std::vector<mixnetcore::Bytes> bytes)
{
    const uint32_t hosts = m_hosts.size();
    auto [found, isNew] = m_demands.try_emplace(phase);
    auto& demand = found->second;
    if (isNew)
    {
        demand = {mixnetcore::DemandMatrix(hosts, hosts), std::vector<bool>(hosts), hosts};
    }
    NS_ABORT_MSG_IF(bytes.size() != hosts || demand.reported.at(endpoint),
                    "host " << endpoint << " reported a demand for " << bytes.size()
                            << " hosts, or twice; once for " << hosts << " is expected");
    for (uint32_t to = 0; to < hosts; ++to)
    {
        demand.bytes.At(endpoint, to) = bytes[to];
    }
    demand.reported[endpoint] = true;
    --demand.missing;
    Proceed();
}

void
RegionalController::HandleRelease(mixnetcore::PhaseKey phase)
{
    ++m_through[phase];
    Proceed();
}

bool
RegionalController::IsReleased() const
{
    const auto& phases = m_decision.lease.phases;
    return std::all_of(phases.begin(), phases.end(), [this](const auto& phase) {
        const auto found = m_through.find(phase);
        return found != m_through.end() && found->second == m_hosts.size();
    });
}

std::optional<mixnetcore::DemandMatrix>
RegionalController::DemandOf(const mixnetcore::CircuitLease& lease) const
{
    if (!lease.demand)
    {
        const size_t hosts = m_hosts.size();
        mixnetcore::DemandMatrix uniform(hosts, hosts);
        for (size_t from = 0; from < hosts; ++from)
        {
            for (size_t to = 0; to < hosts; ++to)
            {
                uniform.At(from, to) = mixnetcore::Bytes(from == to ? 0 : 1);
            }
        }
        return uniform;
    }
    const auto found = m_demands.find(*lease.demand);
    if (found == m_demands.end() || found->second.missing > 0)
    {
        return std::nullopt;
    }
    return found->second.bytes;
}

void
RegionalController::Proceed()
{
    if (m_state != State::Idle)
    {
        return;
    }
    if (m_leases->IsDone())
    {
        SwitchToState(State::Done);
        return;
    }
    if (!IsReleased())
    {
        return;
    }
    if (const auto demand = DemandOf(m_leases->Lease()))
    {
        Decide(*demand);
    }
}

void
RegionalController::Decide(const mixnetcore::DemandMatrix& demand)
{
    for (const auto& phase : m_decision.lease.phases)
    {
        m_through.erase(phase);
    }
    const auto allocation = m_allocator->Allocate(demand, m_opticalPorts);
    const auto configuration = m_mapper->Map(allocation, m_ocs->GetConfiguration());
    m_decision = {
        m_leases->Lease(),
        demand,
        allocation,
        configuration,
        std::make_shared<const mixnetcore::RegionRouter>(*m_fabric, m_region, configuration),
        0,
        Simulator::Now(),
        Simulator::Now()};
    if (m_decision.lease.demand && m_leases->IsLastForDemand())
    {
        m_demands.erase(*m_decision.lease.demand);
    }
    m_leases->Advance();
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
    SwitchToState(State::Idle);
    for (uint32_t endpoint = 0; endpoint < m_hosts.size(); ++endpoint)
    {
        Simulator::ScheduleWithContext(m_hosts[endpoint].context,
                                       m_latency,
                                       &RegionalController::Tell,
                                       this,
                                       endpoint,
                                       decision);
    }
    Proceed();
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
