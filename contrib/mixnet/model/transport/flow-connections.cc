/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-connections.h"

#include "ns3/ns3-compatibility.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

FlowConnections::FlowConnections(Owner& owner,
                                 std::shared_ptr<const mixnetcore::FabricPlan> plan,
                                 mixnetcore::FlowPaths& paths)
    : m_owner(owner),
      m_plan(std::move(plan)),
      m_paths(paths)
{
    const size_t nics = m_plan->hosts * m_plan->host.nics.size();
    m_linkOf.assign(nics, NONE);
    m_peers.assign(nics, NONE);
    m_connectionsOfNic.resize(nics);
    for (uint32_t link = 0; link < m_plan->links.size(); ++link)
    {
        for (const auto& end : {m_plan->links[link].a, m_plan->links[link].b})
        {
            if (end.node < m_plan->hosts)
            {
                m_linkOf[AddressOf({end.node, end.port})] = link;
            }
        }
    }
}

FlowConnections::~FlowConnections()
{
    m_ways.Cancel();
    for (auto& connection : m_connections)
    {
        connection.failure.Cancel();
        connection.resumption.Cancel();
    }
}

NicAddress
FlowConnections::AddressOf(const mixnetcore::NicId& nic) const
{
    return nic.host * m_plan->host.nics.size() + nic.nic;
}

void
FlowConnections::AddHost(const std::vector<Ptr<RdmaNic>>& nics)
{
    for (const auto& nic : nics)
    {
        const NicAddress address = m_nics.size();
        m_nics.push_back(nic);
        nic->AddLinkChangeCallback(
            MakeCallback(&FlowConnections::HandleNicLight, this).Bind(address));
        if (m_linkOf.at(address) != NONE)
        {
            m_paths.SetLinkUp(m_linkOf[address], nic->IsLinkUp());
        }
    }
}

void
FlowConnections::AddOpticalSwitch(Ptr<OcsSwitch> ocs, const std::vector<NicAddress>& addresses)
{
    const uint32_t number = m_opticalPorts.size();
    m_opticalPorts.push_back(addresses);
    ocs->TraceConnectWithoutContext(
        "CircuitUp",
        MakeCallback(&FlowConnections::HandleCircuitUp, this).Bind(number));
    ocs->TraceConnectWithoutContext(
        "CircuitDown",
        MakeCallback(&FlowConnections::HandleCircuitDown, this).Bind(number));
}

void
FlowConnections::HandleCircuitUp(uint32_t ocs, uint32_t a, uint32_t b)
{
    const auto& addresses = m_opticalPorts[ocs];
    if (a >= addresses.size() || b >= addresses.size() || addresses[a] == NONE ||
        addresses[b] == NONE)
    {
        return;
    }
    // The light of the new peer is at a NIC one fibre later.
    for (const auto& [near, far] : {std::pair(a, b), std::pair(b, a)})
    {
        const auto address = addresses[near];
        Simulator::Schedule(ToTime(m_plan->links[m_linkOf[address]].delay),
                            &FlowConnections::SetPeer,
                            this,
                            address,
                            addresses[far]);
    }
}

void
FlowConnections::HandleCircuitDown(uint32_t ocs, uint32_t a, uint32_t b)
{
    const auto& addresses = m_opticalPorts[ocs];
    for (const auto port : {a, b})
    {
        if (port < addresses.size() && addresses[port] != NONE)
        {
            SetPeer(addresses[port], NONE);
        }
    }
}

void
FlowConnections::SetPeer(NicAddress address, NicAddress peer)
{
    m_peers[address] = peer;
    for (const auto number : m_connectionsOfNic[address])
    {
        Update(number);
    }
}

void
FlowConnections::HandleNicLight(NicAddress address)
{
    if (m_linkOf[address] != NONE && address < m_nics.size())
    {
        m_paths.SetLinkUp(m_linkOf[address], m_nics[address]->IsLinkUp());
        for (const auto number : m_connectionsOfNic[address])
        {
            Update(number);
        }
    }
}

void
FlowConnections::LoseLink(uint32_t link)
{
    for (uint32_t number = 0; number < m_connections.size(); ++number)
    {
        const auto& connection = m_connections[number];
        if (connection.open && !connection.messages.empty() && !IsOptical(connection.leg) &&
            m_paths.Crosses(connection.leg, link))
        {
            Close(number, false);
        }
    }
}

void
FlowConnections::UpdateAll()
{
    if (!IsPending(m_ways))
    {
        m_ways = Simulator::ScheduleNow(&FlowConnections::HandleWays, this);
    }
}

void
FlowConnections::HandleWays()
{
    for (uint32_t number = 0; number < m_connections.size(); ++number)
    {
        Update(number);
    }
    m_owner.NotifyWaysChanged();
}

bool
FlowConnections::IsOptical(const mixnetcore::RdmaLeg& leg) const
{
    return m_plan->host.nics[leg.from.nic].role == mixnetcore::NicRole::Optical;
}

bool
FlowConnections::HasLight(const mixnetcore::RdmaLeg& leg) const
{
    const auto from = AddressOf(leg.from);
    const auto to = AddressOf(leg.to);
    if (IsOptical(leg) && (m_peers[from] != to || m_peers[to] != from))
    {
        return false;
    }
    return m_paths.IsOpen(leg);
}

uint32_t
FlowConnections::NumberOf(const mixnetcore::RdmaLeg& leg)
{
    const auto from = AddressOf(leg.from);
    const auto to = AddressOf(leg.to);
    const auto [found, isNew] =
        m_numberOf.try_emplace(uint64_t{from} << 32 | to, m_connections.size());
    if (isNew)
    {
        m_connections.push_back({leg, {}, HasLight(leg), false, Simulator::Now(), {}, {}});
        m_connectionsOfNic[from].push_back(found->second);
        m_connectionsOfNic[to].push_back(found->second);
    }
    return found->second;
}

uint32_t
FlowConnections::Size() const
{
    return m_connections.size();
}

const mixnetcore::RdmaLeg&
FlowConnections::LegOf(uint32_t number) const
{
    return m_connections[number].leg;
}

bool
FlowConnections::IsOpen(uint32_t number) const
{
    return m_connections[number].open;
}

const std::vector<uint32_t>&
FlowConnections::MessagesOf(uint32_t number) const
{
    return m_connections[number].messages;
}

Ptr<RdmaNic>
FlowConnections::SenderOf(uint32_t number) const
{
    return m_nics[AddressOf(m_connections[number].leg.from)];
}

void
FlowConnections::Add(uint32_t number, uint32_t message)
{
    m_connections[number].messages.push_back(message);
    if (!m_connections[number].open)
    {
        StartPatience(number);
    }
}

void
FlowConnections::Remove(uint32_t number, uint32_t message)
{
    auto& connection = m_connections[number];
    connection.messages.erase(
        std::find(connection.messages.begin(), connection.messages.end(), message));
    if (connection.messages.empty())
    {
        connection.failure.Cancel();
    }
}

void
FlowConnections::Update(uint32_t number)
{
    auto& connection = m_connections[number];
    if (!HasLight(connection.leg))
    {
        connection.resumption.Cancel();
        if (connection.open)
        {
            Close(number, true);
        }
        return;
    }
    if (connection.open || IsPending(connection.resumption))
    {
        return;
    }
    if (connection.retries && !connection.messages.empty())
    {
        connection.resumption =
            Simulator::Schedule(NextRetry(connection), &FlowConnections::Reopen, this, number);
    }
    else
    {
        Reopen(number);
    }
}

void
FlowConnections::Close(uint32_t number, bool isSevered)
{
    auto& connection = m_connections[number];
    connection.open = false;
    connection.failure.Cancel();
    if (!connection.messages.empty())
    {
        StartPatience(number);
        m_owner.NotifyClosed(number, isSevered);
    }
}

void
FlowConnections::StartPatience(uint32_t number)
{
    auto& connection = m_connections[number];
    if (IsPending(connection.failure))
    {
        return;
    }
    const auto nic = SenderOf(number);
    connection.retries = !IsOptical(connection.leg) && nic->IsLinkUp();
    connection.closedAt = Simulator::Now();
    connection.failure =
        Simulator::Schedule(connection.retries ? RetryTime(connection) : nic->GetLinkDownTimeout(),
                            &FlowConnections::HandleFailure,
                            this,
                            number);
}

void
FlowConnections::Reopen(uint32_t number)
{
    auto& connection = m_connections[number];
    connection.open = true;
    connection.retries = false;
    connection.failure.Cancel();
    if (!connection.messages.empty())
    {
        m_owner.NotifyOpened(number);
    }
}

void
FlowConnections::HandleFailure(uint32_t number)
{
    m_connections[number].resumption.Cancel();
    m_owner.NotifyFailed(number);
    Update(number);
}

Time
FlowConnections::NextRetry(const Connection& connection) const
{
    const auto& nic = m_nics[AddressOf(connection.leg.from)];
    const Time waited = Simulator::Now() - connection.closedAt;
    Time expiry(0);
    uint32_t backoff = 0;
    while (expiry < waited || expiry.IsZero())
    {
        expiry += nic->GetRetransmissionTimeout() * int64_t{1 << backoff};
        backoff = std::min(backoff + 1, nic->GetBackoffLimit());
    }
    return expiry - waited;
}

Time
FlowConnections::RetryTime(const Connection& connection) const
{
    const auto& nic = m_nics[AddressOf(connection.leg.from)];
    Time sum(0);
    for (uint32_t retry = 0; retry <= nic->GetRetryLimit(); ++retry)
    {
        sum +=
            nic->GetRetransmissionTimeout() * int64_t{1 << std::min(retry, nic->GetBackoffLimit())};
    }
    return sum;
}

} // namespace mixnet
} // namespace ns3
