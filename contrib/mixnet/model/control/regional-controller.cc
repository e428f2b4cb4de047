/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "regional-controller.h"

#include "ns3/abort.h"
#include "ns3/lists.h"
#include "ns3/log.h"
#include "ns3/ns3-units.h"
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
                          "Name of the circuit allocator, one of CircuitAllocators().",
                          StringValue("greedy"),
                          MakeStringAccessor(&RegionalController::m_allocatorName),
                          MakeStringChecker())
            .AddAttribute("Policy",
                          "When circuits change, one of ReconfigurationPolicies().",
                          StringValue("block"),
                          MakeStringAccessor(&RegionalController::m_policyName),
                          MakeStringChecker())
            .AddAttribute("DemandSource",
                          "Where demands are from, one of DemandSources().",
                          StringValue("known"),
                          MakeStringAccessor(&RegionalController::m_sourceName),
                          MakeStringChecker())
            .AddAttribute("NumaRule",
                          "How the circuits of a pair lie in the NUMA halves of its hosts, one of "
                          "NumaRules().",
                          StringValue("spread"),
                          MakeStringAccessor(&RegionalController::m_numaRule),
                          MakeStringChecker())
            .AddAttribute(
                "ControlLatency",
                "Time of a message between a host and the controller, each way: by "
                "default one fibre of 200 m, as all fibres of a fabric by default.",
                TimeValue(MicroSeconds(1)),
                MakeTimeAccessor(&RegionalController::SetLatency, &RegionalController::GetLatency),
                MakeTimeChecker(Time(0)))
            .AddTraceSource("StateTransition",
                            "What the controller does changes.",
                            MakeTraceSourceAccessor(&RegionalController::m_stateTrace),
                            "ns3::mixnet::RegionalController::StateTracedCallback")
            .AddTraceSource(
                "CircuitsReady",
                "The links of the circuits of a lease are up; with how they came about.",
                MakeTraceSourceAccessor(&RegionalController::m_decisionTrace),
                "ns3::mixnet::RegionalController::DecisionTracedCallback");
    return tid;
}

RegionalController::RegionalController()
    : m_channel(Create<ControlChannel>())
{
}

void
RegionalController::DoInitialize()
{
    NS_ABORT_MSG_UNLESS(!m_switches.empty() && m_program,
                        "a RegionalController needs its region and program before it starts");
    try
    {
        m_circuits = std::make_unique<mixnetcore::RegionCircuits>(m_fabric,
                                                                  m_region,
                                                                  m_allocatorName,
                                                                  m_numaRule);
        m_source = mixnetcore::DemandSources().Make(m_sourceName, m_inAdvance);
        m_leases = std::make_unique<mixnetcore::LeaseSequence>(
            m_program,
            mixnetcore::ReconfigurationPolicies().Make(m_policyName));
    }
    catch (const std::invalid_argument& error)
    {
        NS_ABORT_MSG("attributes of RegionalController: " << error.what());
    }
    m_channel->SetController(GetNode()->GetId(),
                             MakeCallback(&RegionalController::HandleReport, this),
                             MakeCallback(&RegionalController::HandleRelease, this));
    Application::DoInitialize();
}

void
RegionalController::DoDispose()
{
    m_switches.clear();
    m_channel->Close();
    m_decision.router.reset();
    m_source.reset();
    m_inAdvance = nullptr;
    Application::DoDispose();
}

void
RegionalController::SetRegion(std::shared_ptr<const mixnetcore::FabricPlan> fabric,
                              uint32_t region,
                              const std::vector<Ptr<OcsSwitch>>& switches)
{
    m_fabric = fabric;
    m_region = region;
    m_endpoints = fabric->regions.at(region).endpoints.size();
    m_switches = switches;
    for (size_t plane = 0; plane < m_switches.size(); ++plane)
    {
        m_switches[plane]->TraceConnectWithoutContext(
            "ReconfigurationEnd",
            MakeCallback(&RegionalController::HandleReconfigurationEnd, this).Bind(plane));
    }
}

void
RegionalController::HandleReport(mixnetcore::PhaseKey phase,
                                 uint32_t endpoint,
                                 std::vector<mixnetcore::Bytes> bytes)
{
    auto& demand = m_reported[phase];
    if (demand.reported.empty())
    {
        demand = {mixnetcore::DemandMatrix(m_endpoints, m_endpoints),
                  std::vector<bool>(m_endpoints),
                  static_cast<uint32_t>(m_channel->CountEndpoints())};
    }
    NS_ABORT_MSG_IF(bytes.size() != m_endpoints || demand.reported.at(endpoint),
                    "endpoint " << endpoint << " reported a demand for " << bytes.size()
                                << " endpoints, or twice; once for " << m_endpoints
                                << " is expected");
    for (size_t to = 0; to < m_endpoints; ++to)
    {
        demand.bytes.At(endpoint, to) = bytes[to];
    }
    demand.reported[endpoint] = true;
    if (--demand.missing == 0)
    {
        m_source->Learn(phase, demand.bytes);
        m_reported.erase(phase);
    }
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
        return found != m_through.end() && found->second == m_channel->CountHosts();
    });
}

std::optional<mixnetcore::DemandMatrix>
RegionalController::NextDemand() const
{
    if (const auto& demand = m_leases->Lease().demand)
    {
        return m_source->DemandOf(*demand);
    }
    mixnetcore::DemandMatrix uniform(m_endpoints, m_endpoints);
    for (size_t from = 0; from < m_endpoints; ++from)
    {
        for (size_t to = 0; to < m_endpoints; ++to)
        {
            uniform.At(from, to) = mixnetcore::Bytes(from == to ? 0 : 1);
        }
    }
    return uniform;
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
    if (const auto demand = NextDemand())
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
    const auto inForce =
        mixnetcore::Mapped(m_switches, [](const auto& ocs) { return ocs->GetConfiguration(); });
    const auto cost = ToPicoseconds(m_switches.front()->GetTypicalReconfigurationTime());
    const auto chosen = m_circuits->Choose(demand, inForce, cost);
    m_decision = {m_leases->Lease(),
                  demand,
                  chosen.allocation,
                  chosen.configurations,
                  chosen.router,
                  0,
                  Simulator::Now(),
                  Simulator::Now()};
    if (m_decision.lease.demand && m_leases->IsLastForDemand())
    {
        m_source->Forget(*m_decision.lease.demand);
    }
    m_leases->Advance();
    Reconfigure();
}

void
RegionalController::Reconfigure()
{
    SwitchToState(State::Reconfiguring);
    m_pending = 1; // until all switches are told
    for (size_t plane = 0; plane < m_switches.size(); ++plane)
    {
        const auto result = m_switches[plane]->Reconfigure(m_decision.configurations[plane]);
        NS_ABORT_MSG_IF(result.outcome == ReconfigureResult::Outcome::Refused,
                        "the optical circuit switch refused the controller: " << result.message);
        m_decision.changedPorts += result.darkPorts;
        m_pending += result.outcome == ReconfigureResult::Outcome::Nothing ? 0 : 1;
    }
    if (--m_pending == 0)
    {
        Announce();
    }
}

void
RegionalController::HandleReconfigurationEnd(size_t plane,
                                             const mixnetcore::CircuitConfiguration& configuration)
{
    if (m_state == State::Reconfiguring && configuration == m_decision.configurations[plane] &&
        --m_pending == 0)
    {
        Announce();
    }
}

void
RegionalController::Announce()
{
    m_decision.readyAt = Simulator::Now();
    m_decisionTrace(m_decision);
    SwitchToState(State::Idle);
    m_channel->Grant(m_decision);
    Proceed();
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
