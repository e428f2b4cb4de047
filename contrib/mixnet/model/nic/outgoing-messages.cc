/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "outgoing-messages.h"

#include <algorithm>
#include <array>

namespace ns3
{
namespace mixnet
{

const char*
ToString(CompletionStatus status)
{
    constexpr std::array<const char*, 4> NAMES{"Success",
                                               "RetryExceeded",
                                               "LinkDownTimeout",
                                               "Withdrawn"};
    return NAMES.at(static_cast<size_t>(status));
}

OutgoingMessages::OutgoingMessages(uint64_t first, uint64_t mtu)
    : m_end(first),
      m_skippedFrom(first),
      m_mtu(mtu)
{
}

void
OutgoingMessages::Post(Ptr<const RdmaMessage> message, CompletionCallback completion)
{
    const uint64_t frames = std::max<uint64_t>(1, (message->GetBytes() + m_mtu - 1) / m_mtu);
    m_messages.push_back({message, completion, m_end, frames, m_skippedFrom, false});
    m_end += frames;
    m_skippedFrom = m_end;
}

std::optional<OutgoingMessages::Outgoing>
OutgoingMessages::Withdraw(Ptr<const RdmaMessage> message)
{
    const auto found =
        std::find_if(m_messages.begin(), m_messages.end(), [&](const Outgoing& outgoing) {
            return outgoing.message == message && !outgoing.withdrawn;
        });
    if (found == m_messages.end())
    {
        return std::nullopt;
    }
    found->withdrawn = true;
    const auto next = std::find_if(std::next(found), m_messages.end(), [](const Outgoing& other) {
        return !other.withdrawn;
    });
    (next == m_messages.end() ? m_skippedFrom : next->skippedFrom) = found->skippedFrom;
    return *found;
}

uint64_t
OutgoingMessages::PassWithdrawn(uint64_t next)
{
    while (m_current < m_messages.size() && m_messages[m_current].withdrawn)
    {
        next = std::max(next, m_messages[m_current].End());
        ++m_current;
    }
    return next;
}

uint64_t
OutgoingMessages::DropWithdrawn(uint64_t unacknowledged)
{
    while (!m_messages.empty() && m_messages.front().withdrawn)
    {
        unacknowledged = std::max(unacknowledged, m_messages.front().End());
        m_messages.pop_front();
        m_current -= m_current > 0 ? 1 : 0;
    }
    return unacknowledged;
}

const OutgoingMessages::Outgoing&
OutgoingMessages::Find(uint64_t sequence) const
{
    return *std::prev(std::upper_bound(
        m_messages.begin(),
        m_messages.end(),
        sequence,
        [](uint64_t number, const Outgoing& outgoing) { return number < outgoing.first; }));
}

std::optional<uint64_t>
OutgoingMessages::RemedyFor(uint64_t sequence) const
{
    auto outgoing = std::lower_bound(
        m_messages.begin(),
        m_messages.end(),
        sequence,
        [](const Outgoing& other, uint64_t number) { return other.End() <= number; });
    outgoing = std::find_if(outgoing, m_messages.end(), [](const Outgoing& other) {
        return !other.withdrawn;
    });
    if (outgoing == m_messages.end() || sequence < outgoing->skippedFrom)
    {
        return std::nullopt;
    }
    return std::max(sequence, outgoing->first);
}

const OutgoingMessages::Outgoing*
OutgoingMessages::LastBefore(uint64_t highest) const
{
    const auto found =
        std::find_if(m_messages.rbegin(), m_messages.rend(), [highest](const Outgoing& outgoing) {
            return !outgoing.withdrawn && outgoing.first < highest;
        });
    return found == m_messages.rend() ? nullptr : &*found;
}

uint64_t
OutgoingMessages::BytesBefore(const Outgoing& outgoing, uint64_t expected) const
{
    if (expected <= outgoing.first)
    {
        return 0;
    }
    return std::min(outgoing.message->GetBytes(), (expected - outgoing.first) * m_mtu);
}

uint64_t
OutgoingMessages::BytesBetween(uint64_t from, uint64_t to) const
{
    uint64_t bytes = 0;
    for (const auto& outgoing : m_messages)
    {
        if (outgoing.first >= to)
        {
            break;
        }
        bytes += outgoing.withdrawn ? 0 : BytesBefore(outgoing, to) - BytesBefore(outgoing, from);
    }
    return bytes;
}

std::vector<OutgoingMessages::Outgoing>
OutgoingMessages::TakeUntil(uint64_t expected)
{
    std::vector<Outgoing> ended;
    while (!m_messages.empty() && m_messages.front().End() <= expected)
    {
        if (!m_messages.front().withdrawn)
        {
            ended.push_back(std::move(m_messages.front()));
        }
        m_messages.pop_front();
        m_current -= m_current > 0 ? 1 : 0;
    }
    return ended;
}

std::deque<OutgoingMessages::Outgoing>
OutgoingMessages::TakeAll()
{
    if (!m_messages.empty())
    {
        m_skippedFrom = m_messages.front().skippedFrom;
    }
    std::deque<Outgoing> all;
    all.swap(m_messages);
    m_current = 0;
    return all;
}

} // namespace mixnet
} // namespace ns3
