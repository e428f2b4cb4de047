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
#include <cmath>
#include <iterator>
#include <limits>

namespace ns3
{
namespace mixnet
{

FlowConnections::FlowConnections(Owner& owner,
                                 std::shared_ptr<const mixnetcore::FabricPlan> plan,
                                 mixnetcore::FlowPaths& paths)
    : m_owner(owner),
      m_paths(paths),
      m_links(*this, plan, paths),
      m_connectionsOfNic(plan->hosts * plan->host.nics.size()),
      m_numberOf(m_connectionsOfNic.size())
{
}

FlowConnections::~FlowConnections()
{
    m_update.Cancel();
    for (auto& connection : m_connections)
    {
        EndWaiting(connection);
    }
}

void
FlowConnections::NotifyNic(NicAddress address)
{
    for (const auto number : m_connectionsOfNic[address])
    {
        Update(number);
    }
}

void
FlowConnections::NotifyLinkDown(uint32_t link)
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
        if (!connection.open || connection.moving == 0 || m_links.IsOptical(connection.leg))
        {
            continue;
        }
        const auto share = m_paths.ShareOf(connection.leg, link);
        if (share.part > 0)
        {
            const auto pace = m_owner.PaceOf(number);
            users.push_back(
                {number, pace.rate * share.part, pace.age - m_links.DelayOf(connection.leg.from)});
            load += users.back().rate;
            capacity = std::min(capacity, share.capacity);
        }
    }
    // The switches know one delay after the cut. Until then frames went into it, and those that
    // were in the fibre then are lost, too; before a full link wait frames of all.
    const Time unknown = 2 * ToTime(m_paths.DelayOf(link));
    constexpr double FULL = 0.95;
    for (const auto& user : users)
    {
        const auto sender = SenderOf(user.number);
        const double seconds = std::min(unknown, user.since).GetSeconds();
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
FlowConnections::NotifyPaths()
{
    if (!IsPending(m_update)) // after what else happens at this instant
    {
        m_update = Simulator::ScheduleNow(&FlowConnections::UpdateAll, this);
    }
}

void
FlowConnections::UpdateAll()
{
    for (uint32_t number = 0; number < m_connections.size(); ++number)
    {
        Update(number);
    }
    m_owner.NotifyPathsChanged();
}

uint32_t
FlowConnections::NumberOf(const mixnetcore::RdmaLeg& leg)
{
    const auto from = m_links.AddressOf(leg.from);
    const auto to = m_links.AddressOf(leg.to);
    const auto [found, isNew] = m_numberOf.at(from).try_emplace(to, m_connections.size());
    if (isNew)
    {
        m_connections.push_back({leg, {}, 0, m_links.IsUp(leg), nullptr});
        m_connectionsOfNic[from].push_back(found->second);
        m_connectionsOfNic[to].push_back(found->second);
    }
    return found->second;
}

FlowConnections::Entry
FlowConnections::Add(uint32_t number, uint32_t message)
{
    auto& messages = m_connections[number].messages;
    if (m_spare.empty())
    {
        messages.push_back(message);
    }
    else
    {
        m_spare.front() = message;
        messages.splice(messages.end(), m_spare, m_spare.begin());
    }
    return std::prev(messages.end());
}

void
FlowConnections::Start(uint32_t number)
{
    ++m_connections[number].moving;
    const auto& connection = m_connections[number];
    const bool waits = connection.wait && IsPending(connection.wait->failure);
    if (!connection.open && !waits)
    {
        StartWaiting(number, m_owner.PaceOf(number));
    }
}

void
FlowConnections::Remove(uint32_t number, Entry entry)
{
    auto& connection = m_connections[number];
    m_spare.splice(m_spare.begin(), connection.messages, entry);
    if (connection.messages.empty() && connection.wait)
    {
        connection.wait->failure.Cancel();
    }
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
    if (!m_links.IsUp(connection.leg))
    {
        if (connection.open)
        {
            Close(number, true);
        }
        else if (connection.wait)
        {
            connection.wait->resumption.Cancel();
            NoticeSignalLoss(number);
        }
        return;
    }
    if (connection.open || (connection.wait && IsPending(connection.wait->resumption)))
    {
        return;
    }
    if (connection.messages.empty() || !connection.wait || GoesOn(connection))
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
    const auto sender = m_links.At(connection.leg.from);
    if (!sender->IsOutOfOrder())
    {
        return Simulator::Now() < wait.sendsUntil; // what comes then shows the gap
    }
    if (wait.rate == 0)
    {
        return false;
    }
    const double closed = (Simulator::Now() - wait.since).GetSeconds();
    return !LosesFrame(wait.rate * closed / sender->GetMtu());
}

void
FlowConnections::Close(uint32_t number, bool isSevered)
{
    auto& connection = m_connections[number];
    connection.open = false;
    EndWaiting(connection);
    if (!connection.messages.empty())
    {
        StartWaiting(number, m_owner.PaceOf(number));
        connection.wait->hasLost = !isSevered;
        m_owner.NotifyClosed(number, isSevered);
    }
}

void
FlowConnections::StartWaiting(uint32_t number, const Pace& pace)
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
    wait.retries = !m_links.IsOptical(connection.leg) && nic->IsLinkUp();
    wait.rate = pace.rate;
    wait.since = Simulator::Now();
    // All that has left for the line that closed is lost, and what follows shows it.
    const double rate = pace.rate > 0 ? pace.rate : ShareOf(connection.leg.from);
    wait.sendsUntil = wait.since + std::min(Seconds(nic->GetWindow() / rate),
                                            Seconds(pace.left / rate) + pace.roundTrip / 2);
    wait.failure =
        Simulator::Schedule(wait.retries ? RetryTime(connection) : nic->GetLinkDownTimeout(),
                            &FlowConnections::HandleFailure,
                            this,
                            number);
}

double
FlowConnections::ShareOf(const mixnetcore::NicId& nic) const
{
    const auto address = m_links.AddressOf(nic);
    const auto& all = m_connectionsOfNic[address];
    const auto moving = std::count_if(all.begin(), all.end(), [&](uint32_t number) {
        const auto& connection = m_connections[number];
        return m_links.AddressOf(connection.leg.from) == address && connection.moving > 0;
    });
    constexpr double BITS_PER_BYTE = 8;
    return m_links.At(nic)->GetDataRate().GetBitRate() / BITS_PER_BYTE /
           std::max<std::ptrdiff_t>(1, moving);
}

void
FlowConnections::NoticeSignalLoss(uint32_t number)
{
    auto& wait = *m_connections[number].wait;
    if (wait.retries && IsPending(wait.failure) && !SenderOf(number)->IsLinkUp())
    {
        wait.failure.Cancel();
        StartWaiting(number, {wait.rate, 0, Time(0), Time(0)});
    }
}

void
FlowConnections::EndWaiting(Connection& connection)
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
    EndWaiting(connection);
    if (!connection.messages.empty())
    {
        m_owner.NotifyOpened(number);
    }
}

void
FlowConnections::HandleFailure(uint32_t number)
{
    EndWaiting(m_connections[number]);
    m_owner.NotifyFailed(number);
    Update(number);
}

Time
FlowConnections::NextRetry(const Connection& connection) const
{
    const auto nic = m_links.At(connection.leg.from);
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
    const auto nic = m_links.At(connection.leg.from);
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
