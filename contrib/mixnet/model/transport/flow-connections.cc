/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-connections.h"

#include "ns3/fibre.h"
#include "ns3/ns3-compatibility.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

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
    m_blackouts.resize(nics);
    m_connectionsOfNic.resize(nics);
    m_numberOf.resize(nics);
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
        EndPatience(connection);
    }
}

FlowConnections::Connection::Connection(const mixnetcore::RdmaLeg& way, bool isOpen)
    : leg(way),
      open(isOpen)
{
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
        if (const auto fibre = nic->GetChannel())
        {
            fibre->TraceConnectWithoutContext("Cut",
                                              MakeCallback(&FlowConnections::HandleCut, this));
        }
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
FlowConnections::HandleCut(bool /* isCut */)
{
    m_hasCuts = true;
}

void
FlowConnections::SetPeer(NicAddress address, NicAddress peer)
{
    m_peers[address] = peer;
    (peer == NONE ? m_blackouts[address].from : m_blackouts[address].until) = Simulator::Now();
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
    /// A queue pair with frames on the link.
    struct User
    {
        uint32_t number; //!< its own
        double rate;     //!< on the link, bytes per second
        Time since;      //!< time for which frames have reached the link
    };

    std::vector<User> users;
    double load = 0;
    double capacity = std::numeric_limits<double>::infinity();
    for (uint32_t number = 0; number < m_connections.size(); ++number)
    {
        const auto& connection = m_connections[number];
        if (!connection.open || connection.moving == 0 || IsOptical(connection.leg))
        {
            continue;
        }
        const auto share = m_paths.ShareOf(connection.leg, link);
        if (share.part > 0)
        {
            const auto pace = m_owner.PaceOf(number);
            const auto first = m_linkOf[AddressOf(connection.leg.from)];
            users.push_back(
                {number, pace.rate * share.part, pace.age - ToTime(m_plan->links[first].delay)});
            load += users.back().rate;
            capacity = std::min(capacity, share.capacity);
        }
    }
    // The switches know one delay after the cut. Until then frames went into it, and those that
    // were in the fibre then are lost, too; before a full link wait frames of all.
    const Time dark = 2 * ToTime(m_plan->links[link].delay);
    constexpr double FULL = 0.95;
    for (const auto& user : users)
    {
        const auto sender = SenderOf(user.number);
        const double seconds = std::min(dark, user.since).GetSeconds();
        if (seconds <= 0 ||
            (load < FULL * capacity && !LosesFrame(user.rate * seconds / sender->GetMtu())))
        {
            continue;
        }
        if (sender->IsOutOfOrder())
        {
            Close(user.number, false);
        }
        else
        {
            m_owner.NotifyLost(user.number); // others follow, over another link
        }
    }
}

bool
FlowConnections::LosesFrame(double frames)
{
    const double before = std::floor(m_lostFrames);
    m_lostFrames += frames;
    return std::floor(m_lostFrames) > before;
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
    m_owner.NotifyPathsChanged();
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
    const auto [found, isNew] = m_numberOf.at(from).try_emplace(to, m_connections.size());
    if (isNew)
    {
        m_connections.emplace_back(leg, HasLight(leg));
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

FlowConnections::MessageList
FlowConnections::MessagesOf(uint32_t number) const
{
    return {m_entries, m_connections[number].first};
}

uint32_t
FlowConnections::MovingOn(uint32_t number) const
{
    return m_connections[number].moving;
}

Ptr<RdmaNic>
FlowConnections::SenderOf(uint32_t number) const
{
    return m_nics[AddressOf(m_connections[number].leg.from)];
}

uint32_t
FlowConnections::Add(uint32_t number, uint32_t message)
{
    auto& connection = m_connections[number];
    auto entry = m_freeEntry;
    if (entry == NONE)
    {
        entry = m_entries.size();
        m_entries.emplace_back();
    }
    else
    {
        m_freeEntry = m_entries[entry].next;
    }
    m_entries[entry] = {message, connection.last, NONE};
    (connection.last == NONE ? connection.first : m_entries[connection.last].next) = entry;
    connection.last = entry;
    return entry;
}

void
FlowConnections::Start(uint32_t number)
{
    ++m_connections[number].moving;
    const auto& connection = m_connections[number];
    const bool waits = connection.wait && IsPending(connection.wait->failure);
    if (!connection.open && !waits)
    {
        StartPatience(number, m_owner.PaceOf(number));
    }
}

void
FlowConnections::Stop(uint32_t number)
{
    --m_connections[number].moving;
}

void
FlowConnections::Remove(uint32_t number, uint32_t entry)
{
    auto& connection = m_connections[number];
    const auto [message, previous, next] = m_entries[entry];
    (previous == NONE ? connection.first : m_entries[previous].next) = next;
    (next == NONE ? connection.last : m_entries[next].previous) = previous;
    m_entries[entry].next = m_freeEntry;
    m_freeEntry = entry;
    if (connection.first == NONE && connection.wait)
    {
        connection.wait->failure.Cancel();
    }
}

bool
FlowConnections::Loses(const mixnetcore::RdmaLeg& leg, const Time& atNic, uint32_t payload)
{
    const auto from = AddressOf(leg.from);
    const auto to = AddressOf(leg.to);
    if (!m_hasCuts && m_blackouts[from].from == Time::Max())
    {
        return false;
    }
    const auto passage = m_paths.PassageOf(leg, payload);
    const Time behindFirst = atNic - ToTime(passage.behindFirst);
    if (IsOptical(leg))
    {
        const auto& blackout = m_blackouts[from];
        const bool isDark = m_peers[from] != to || m_peers[to] != from;
        if (blackout.from < behindFirst && (isDark || blackout.until > behindFirst))
        {
            return true;
        }
    }
    const auto loses = [this](NicAddress nic, const Time& lastBit, const Time& duration) {
        const auto fibre = DynamicCast<Fibre>(m_nics[nic]->GetChannel());
        return fibre && fibre->Loses(lastBit, duration);
    };
    return m_hasCuts && (loses(from, behindFirst, ToTime(passage.firstFrame)) ||
                         loses(to, atNic, ToTime(passage.finalFrame)));
}

void
FlowConnections::HoldUp(uint32_t number)
{
    const auto& connection = m_connections[number];
    if (!connection.open || (connection.moving > 0 && !SenderOf(number)->IsOutOfOrder()))
    {
        return; // it is, or a NACK tells its sender
    }
    Close(number, false);
    Update(number);
}

void
FlowConnections::Update(uint32_t number)
{
    auto& connection = m_connections[number];
    if (!HasLight(connection.leg))
    {
        if (connection.open)
        {
            Close(number, true);
        }
        else if (connection.wait)
        {
            connection.wait->resumption.Cancel();
            NoticeDarkness(number);
        }
        return;
    }
    if (connection.open || (connection.wait && IsPending(connection.wait->resumption)))
    {
        return;
    }
    if (connection.first == NONE || !connection.wait || GoesOn(connection))
    {
        Reopen(number);
    }
    else
    {
        connection.wait->resumption =
            Simulator::Schedule(NextRetry(connection), &FlowConnections::Reopen, this, number);
    }
}

bool
FlowConnections::GoesOn(const Connection& connection)
{
    const auto& wait = *connection.wait;
    if (!wait.retries)
    {
        return true;
    }
    if (wait.hasLost)
    {
        return false;
    }
    const auto& sender = m_nics[AddressOf(connection.leg.from)];
    if (!sender->IsOutOfOrder())
    {
        return Simulator::Now() < wait.sendsUntil; // what comes then shows the gap
    }
    if (wait.rate == 0)
    {
        return false;
    }
    const double dark = (Simulator::Now() - wait.since).GetSeconds();
    return !LosesFrame(wait.rate * dark / sender->GetMtu());
}

void
FlowConnections::Close(uint32_t number, bool isSevered)
{
    auto& connection = m_connections[number];
    connection.open = false;
    EndPatience(connection);
    if (connection.first != NONE)
    {
        StartPatience(number, m_owner.PaceOf(number));
        connection.wait->hasLost = !isSevered;
        m_owner.NotifyClosed(number, isSevered);
    }
}

void
FlowConnections::StartPatience(uint32_t number, const Pace& pace)
{
    auto& connection = m_connections[number];
    if (connection.wait && IsPending(connection.wait->failure))
    {
        return;
    }
    if (!connection.wait)
    {
        connection.wait = std::make_unique<Wait>();
    }
    const auto nic = SenderOf(number);
    auto& wait = *connection.wait;
    wait.retries = !IsOptical(connection.leg) && nic->IsLinkUp();
    wait.rate = pace.rate;
    wait.since = Simulator::Now();
    // All that has left on its way to the line that closed is lost, and what follows shows it.
    const double rate = pace.rate > 0 ? pace.rate : ShareOf(AddressOf(connection.leg.from));
    wait.sendsUntil = wait.since + std::min(Seconds(nic->GetWindow() / rate),
                                            Seconds(pace.left / rate) + pace.roundTrip / 2);
    wait.failure =
        Simulator::Schedule(wait.retries ? RetryTime(connection) : nic->GetLinkDownTimeout(),
                            &FlowConnections::HandleFailure,
                            this,
                            number);
}

double
FlowConnections::ShareOf(NicAddress nic) const
{
    const auto moves = [this, nic](uint32_t number) {
        const auto& connection = m_connections[number];
        return AddressOf(connection.leg.from) == nic && connection.moving > 0;
    };
    const auto& all = m_connectionsOfNic[nic];
    const auto moving = std::count_if(all.begin(), all.end(), moves);
    constexpr double BITS_PER_BYTE = 8;
    return m_nics[nic]->GetDataRate().GetBitRate() / BITS_PER_BYTE /
           std::max<std::ptrdiff_t>(1, moving);
}

void
FlowConnections::NoticeDarkness(uint32_t number)
{
    auto& wait = *m_connections[number].wait;
    if (wait.retries && IsPending(wait.failure) && !SenderOf(number)->IsLinkUp())
    {
        wait.failure.Cancel();
        StartPatience(number, {wait.rate, 0, Time(0), Time(0)});
    }
}

void
FlowConnections::EndPatience(Connection& connection)
{
    if (connection.wait)
    {
        connection.wait->failure.Cancel();
        connection.wait->resumption.Cancel();
        connection.wait.reset();
    }
}

void
FlowConnections::Reopen(uint32_t number)
{
    auto& connection = m_connections[number];
    connection.open = true;
    EndPatience(connection);
    if (connection.first != NONE)
    {
        m_owner.NotifyOpened(number);
    }
}

void
FlowConnections::HandleFailure(uint32_t number)
{
    EndPatience(m_connections[number]);
    m_owner.NotifyFailed(number);
    Update(number);
}

Time
FlowConnections::NextRetry(const Connection& connection) const
{
    const auto& nic = m_nics[AddressOf(connection.leg.from)];
    const Time waited = Simulator::Now() - connection.wait->since;
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
