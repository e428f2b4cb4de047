/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-links.h"

#include "ns3/fibre.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <utility>

namespace ns3
{
namespace mixnet
{

FlowLinks::FlowLinks(Owner& owner,
                     std::shared_ptr<const mixnetcore::FabricPlan> plan,
                     mixnetcore::FlowPaths& paths)
    : m_owner(owner),
      m_plan(std::move(plan)),
      m_paths(paths)
{
    const size_t nics = m_plan->hosts * m_plan->host.nics.size();
    m_linkOf.assign(nics, NONE);
    m_peers.assign(nics, NONE);
    m_blackouts.resize(nics);
    for (uint32_t link = 0; link < m_plan->links.size(); ++link)
    {
        const auto& [a, b, rate, delay] = m_plan->links[link];
        for (const auto& [near, far] : {std::pair(a, b), std::pair(b, a)})
        {
            if (near.node < m_plan->hosts)
            {
                const auto address = AddressOf({near.node, near.port});
                m_linkOf[address] = link;
                if (far.node < m_plan->hosts)
                {
                    m_peers[address] = AddressOf({far.node, far.port}); // a fibre stays
                }
            }
        }
    }
}

Time
FlowLinks::DelayOf(const mixnetcore::NicId& nic) const
{
    return ToTime(m_plan->links[m_linkOf[AddressOf(nic)]].delay);
}

void
FlowLinks::AddHost(const std::vector<Ptr<RdmaNic>>& nics)
{
    for (const auto& nic : nics)
    {
        const NicAddress address = m_nics.size();
        m_nics.push_back(nic);
        nic->AddLinkChangeCallback(MakeCallback(&FlowLinks::HandleNic, this).Bind(address));
        if (const auto fibre = nic->GetChannel())
        {
            fibre->TraceConnectWithoutContext("Cut", MakeCallback(&FlowLinks::HandleCut, this));
        }
        if (m_linkOf.at(address) != NONE)
        {
            m_paths.SetLinkUp(m_linkOf[address], nic->IsLinkUp());
        }
    }
}

void
FlowLinks::AddOpticalSwitch(Ptr<OcsSwitch> ocs, const std::vector<NicAddress>& addresses)
{
    const uint32_t number = m_opticalPorts.size();
    m_opticalPorts.push_back(addresses);
    ocs->TraceConnectWithoutContext("CircuitUp",
                                    MakeCallback(&FlowLinks::HandleCircuitUp, this).Bind(number));
    ocs->TraceConnectWithoutContext("CircuitDown",
                                    MakeCallback(&FlowLinks::HandleCircuitDown, this).Bind(number));
    ocs->TraceConnectWithoutContext("OneWayUp",
                                    MakeCallback(&FlowLinks::HandleOneWayUp, this).Bind(number));
    ocs->TraceConnectWithoutContext("OneWayDown",
                                    MakeCallback(&FlowLinks::HandleOneWayDown, this).Bind(number));
}

void
FlowLinks::SetRouting(Ptr<FabricRouting> routing)
{
    routing->TraceConnectWithoutContext("Link", MakeCallback(&FlowLinks::HandleLink, this));
    routing->TraceConnectWithoutContext("Converged", MakeCallback(&FlowLinks::HandleTables, this));
}

void
FlowLinks::HandleLink(uint32_t link, bool up)
{
    if (!up)
    {
        m_owner.NotifyLinkDown(link);
    }
    m_paths.SetLinkUp(link, up);
    m_owner.NotifyPaths();
}

void
FlowLinks::HandleTables(const std::shared_ptr<const mixnetcore::ForwardingPlan>& forwarding)
{
    m_paths.SetForwarding(forwarding);
    m_owner.NotifyPaths();
}

void
FlowLinks::HandleNic(NicAddress address)
{
    if (m_linkOf[address] != NONE && address < m_nics.size())
    {
        m_paths.SetLinkUp(m_linkOf[address], m_nics[address]->IsLinkUp());
        m_owner.NotifyNic(address);
    }
}

void
FlowLinks::HandleCut(bool /* isCut */)
{
    m_hasCuts = true;
}

NicAddress
FlowLinks::AddressAt(uint32_t ocs, uint32_t port) const
{
    const auto& addresses = m_opticalPorts[ocs];
    return port < addresses.size() ? addresses[port] : NONE;
}

void
FlowLinks::HandleCircuitUp(uint32_t ocs, uint32_t a, uint32_t b)
{
    const auto atA = AddressAt(ocs, a);
    const auto atB = AddressAt(ocs, b);
    if (atA == NONE || atB == NONE)
    {
        return;
    }
    // The signal of the new peer is at a NIC one fibre later.
    for (const auto& [near, far] : {std::pair(atA, atB), std::pair(atB, atA)})
    {
        Simulator::Schedule(ToTime(m_plan->links[m_linkOf[near]].delay),
                            &FlowLinks::SetPeer,
                            this,
                            near,
                            far);
    }
}

void
FlowLinks::HandleCircuitDown(uint32_t ocs, uint32_t a, uint32_t b)
{
    for (const auto port : {a, b})
    {
        const auto address = AddressAt(ocs, port);
        if (address != NONE)
        {
            SetPeer(address, NONE);
        }
    }
}

void
FlowLinks::HandleOneWayUp(uint32_t ocs, uint32_t from, uint32_t to)
{
    const auto sender = AddressAt(ocs, from);
    const auto receiver = AddressAt(ocs, to);
    if (sender != NONE && receiver != NONE)
    {
        // The receiver sees the signal one fibre later, and says so.
        const auto delay = m_plan->links[m_linkOf[receiver]].delay + *m_plan->controlDelay;
        Simulator::Schedule(ToTime(delay), &FlowLinks::SetPeer, this, sender, receiver);
    }
}

void
FlowLinks::HandleOneWayDown(uint32_t ocs, uint32_t from, uint32_t /* to */)
{
    const auto sender = AddressAt(ocs, from);
    if (sender != NONE)
    {
        SetPeer(sender, NONE);
    }
}

void
FlowLinks::SetPeer(NicAddress address, NicAddress peer)
{
    m_peers[address] = peer;
    (peer == NONE ? m_blackouts[address].from : m_blackouts[address].until) = Simulator::Now();
    m_owner.NotifyNic(address);
}

bool
FlowLinks::IsJoined(const mixnetcore::RdmaLeg& leg) const
{
    const auto from = AddressOf(leg.from);
    const auto to = AddressOf(leg.to);
    return m_peers[from] == to && (m_plan->controlDelay || m_peers[to] == from);
}

bool
FlowLinks::Loses(const mixnetcore::RdmaLeg& leg, const Time& atNic, uint32_t payload) const
{
    const auto& blackout = m_blackouts[AddressOf(leg.from)];
    if (!m_hasCuts && blackout.from == Time::Max())
    {
        return false;
    }
    const auto passage = m_paths.PassageOf(leg, payload);
    const Time behindFirst = atNic - ToTime(passage.behindFirst);
    if (IsOptical(leg) && blackout.from < behindFirst &&
        (!IsJoined(leg) || blackout.until > behindFirst))
    {
        return true;
    }
    const auto loses = [this](const auto& nic, const Time& lastBit, const Time& duration) {
        const auto fibre = DynamicCast<Fibre>(At(nic)->GetChannel());
        return fibre && fibre->Loses(lastBit, duration);
    };
    return m_hasCuts && (loses(leg.from, behindFirst, ToTime(passage.firstFrame)) ||
                         loses(leg.to, atNic, ToTime(passage.finalFrame)));
}

} // namespace mixnet
} // namespace ns3
