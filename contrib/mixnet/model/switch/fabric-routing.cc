/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-routing.h"

#include "ns3/boolean.h"
#include "ns3/log.h"
#include "ns3/ns3-compatibility.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("FabricRouting");

using mixnetcore::NodeRole;

NS_OBJECT_ENSURE_REGISTERED(FabricRouting);

TypeId
FabricRouting::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::FabricRouting")
            .SetParent<Object>()
            .SetGroupName("Mixnet")
            .AddConstructor<FabricRouting>()
            .AddAttribute("ConvergenceDelay",
                          "Time from the signal of a link between packet switches to new tables of "
                          "all of them; 0 for a network that fails over at once.",
                          TimeValue(Time(0)),
                          MakeTimeAccessor(&FabricRouting::m_delay),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("UpDown",
                          "Whether paths go up first and then down, and never up again, as the "
                          "policies of a routing protocol have it, so that pauses cannot close a "
                          "cycle. Else the shortest are used.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&FabricRouting::m_upDown),
                          MakeBooleanChecker())
            .AddTraceSource("Link",
                            "A link between packet switches has gone down or come up.",
                            MakeTraceSourceAccessor(&FabricRouting::m_linkTrace),
                            "ns3::mixnet::FabricRouting::LinkTracedCallback")
            .AddTraceSource("Converged",
                            "All packet switches have new tables.",
                            MakeTraceSourceAccessor(&FabricRouting::m_convergedTrace),
                            "ns3::mixnet::FabricRouting::ConvergedTracedCallback");
    return tid;
}

void
FabricRouting::DoDispose()
{
    m_convergence.Cancel();
    m_switches.clear();
    Object::DoDispose();
}

void
FabricRouting::SetFabric(std::shared_ptr<const mixnetcore::FabricPlan> plan)
{
    m_plan = std::move(plan);
    m_whole = std::make_shared<const mixnetcore::ForwardingPlan>(*m_plan,
                                                                 std::set<uint32_t>{},
                                                                 GetRule());
    m_forwarding = m_whole;
}

mixnetcore::ForwardingPlan::MissingPaths
FabricRouting::GetMissingPaths() const
{
    return m_forwarding == m_whole ? mixnetcore::ForwardingPlan::MissingPaths{}
                                   : m_forwarding->MissingOf(*m_whole);
}

void
FabricRouting::AddSwitch(uint32_t node, Ptr<PacketSwitch> device)
{
    m_switches[node] = device;
    device->SetForwarding(m_forwarding, node);
    device->TraceConnectWithoutContext("Signal",
                                       MakeCallback(&FabricRouting::HandleSignal, this).Bind(node));
}

uint32_t
FabricRouting::LinkAt(uint32_t node, uint32_t port) const
{
    for (uint32_t link = 0; link < m_plan->links.size(); ++link)
    {
        const auto& [a, b, rate, delay] = m_plan->links[link];
        const bool isHere =
            (a.node == node && a.port == port) || (b.node == node && b.port == port);
        if (isHere)
        {
            const bool isBetween = m_plan->nodes[a.node].role == NodeRole::PacketSwitch &&
                                   m_plan->nodes[b.node].role == NodeRole::PacketSwitch;
            return isBetween ? link : NONE;
        }
    }
    return NONE;
}

void
FabricRouting::HandleSignal(uint32_t node, uint32_t port, bool up)
{
    // Signal that comes for the first time is that of a link that counts as up already.
    const std::pair end(node, port);
    if (up ? m_darkEnds.erase(end) == 0 : !m_darkEnds.insert(end).second)
    {
        return;
    }
    const auto link = LinkAt(node, port);
    if (link == NONE)
    {
        return;
    }
    const auto& ends = m_plan->links[link];
    const bool isUp = m_darkEnds.count({ends.a.node, ends.a.port}) == 0 &&
                      m_darkEnds.count({ends.b.node, ends.b.port}) == 0;
    if (isUp ? m_down.erase(link) == 0 : !m_down.insert(link).second)
    {
        return;
    }
    NS_LOG_INFO("link " << link << (isUp ? " up" : " down"));
    m_linkTrace(link, isUp);
    Simulator::Schedule(m_delay, &FabricRouting::Learn, this, link, isUp);
}

void
FabricRouting::Learn(uint32_t link, bool up)
{
    up ? m_knownDown.erase(link) : m_knownDown.insert(link).second;
    if (!IsPending(m_convergence))
    {
        m_convergence = Simulator::ScheduleNow(&FabricRouting::Converge, this);
    }
}

void
FabricRouting::Converge()
{
    m_forwarding =
        std::make_shared<const mixnetcore::ForwardingPlan>(*m_plan, m_knownDown, GetRule());
    if (!m_upDown && !m_turn)
    {
        m_turn = m_forwarding->FindTurn();
    }
    for (const auto& [node, device] : m_switches)
    {
        device->SetForwarding(m_forwarding, node);
    }
    NS_LOG_INFO("new tables, " << m_knownDown.size() << " links down");
    m_convergedTrace(m_forwarding);
}

} // namespace mixnet
} // namespace ns3
