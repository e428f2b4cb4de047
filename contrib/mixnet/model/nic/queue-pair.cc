/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "queue-pair.h"

#include "rdma-nic.h"

#include "ns3/log.h"
#include "ns3/ns3-compatibility.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("QueuePair");

const char*
ToString(CompletionStatus status)
{
    switch (status)
    {
    case CompletionStatus::Success:
        return "Success";
    case CompletionStatus::RetryExceeded:
        return "RetryExceeded";
    case CompletionStatus::LinkDownTimeout:
        return "LinkDownTimeout";
    case CompletionStatus::Withdrawn:
        return "Withdrawn";
    }
    NS_ASSERT_MSG(false, "completion status without a name");
    return "";
}

QueuePair::QueuePair(RdmaNic& nic, NicAddress peer, uint32_t number)
    : m_nic(nic),
      m_peer(peer),
      m_number(number)
{
}

QueuePair::~QueuePair()
{
    Dispose();
}

void
QueuePair::Dispose()
{
    m_timer.Cancel();
    m_linkDown.Cancel();
    m_outgoing.clear();
}

NicAddress
QueuePair::GetPeer() const
{
    return m_peer;
}

bool
QueuePair::HasOutstanding() const
{
    return m_unacknowledged < m_end;
}

uint64_t
QueuePair::GetRetransmittedFrames() const
{
    return m_retransmitted;
}

uint64_t
QueuePair::GetReceivedBytes() const
{
    return m_receivedBytes;
}

void
QueuePair::Post(Ptr<const RdmaMessage> message, CompletionCallback completion)
{
    const uint64_t mtu = m_nic.GetMtu();
    const uint64_t frames = std::max<uint64_t>(1, (message->GetBytes() + mtu - 1) / mtu);
    m_outgoing.push_back({message, completion, m_end, frames, m_skippedFrom, false});
    m_end += frames;
    m_skippedFrom = m_end;
    if (m_reachable)
    {
        m_nic.NotifyData(*this);
    }
    else if (!IsPending(m_linkDown))
    {
        m_linkDown = Simulator::Schedule(m_nic.GetLinkDownTimeout(),
                                         &QueuePair::HandleLinkDownTimeout,
                                         this);
    }
}

bool
QueuePair::Withdraw(Ptr<const RdmaMessage> message)
{
    const auto found =
        std::find_if(m_outgoing.begin(), m_outgoing.end(), [&](const Outgoing& outgoing) {
            return outgoing.message == message && !outgoing.withdrawn;
        });
    if (found == m_outgoing.end())
    {
        return false;
    }
    const WriteCompletion end{message, CompletionStatus::Withdrawn, DeliveredBytes(*found)};
    const auto completion = found->completion;
    found->withdrawn = true;
    const auto next = std::next(found);
    (next == m_outgoing.end() ? m_skippedFrom : next->skippedFrom) = found->skippedFrom;
    SkipWithdrawn();
    RestartTimer();
    m_nic.NotifyData(*this);
    completion(end);
    return true;
}

void
QueuePair::SkipWithdrawn()
{
    while (m_cursor < m_outgoing.size() && m_outgoing[m_cursor].withdrawn)
    {
        m_next = std::max(m_next, m_outgoing[m_cursor].End());
        ++m_cursor;
    }
    while (!m_outgoing.empty() && m_outgoing.front().withdrawn)
    {
        m_unacknowledged = std::max(m_unacknowledged, m_outgoing.front().End());
        m_outgoing.pop_front();
        m_cursor -= m_cursor > 0 ? 1 : 0;
    }
    m_next = std::max(m_next, m_unacknowledged);
    m_highest = std::max(m_highest, m_next);
}

uint64_t
QueuePair::DeliveredBytes(const Outgoing& outgoing) const
{
    if (m_unacknowledged <= outgoing.first)
    {
        return 0;
    }
    return std::min(outgoing.message->GetBytes(),
                    (m_unacknowledged - outgoing.first) * m_nic.GetMtu());
}

void
QueuePair::EndAll(CompletionStatus status)
{
    NS_LOG_LOGIC("queue pair to " << m_peer << " ends with " << ToString(status));
    if (!m_outgoing.empty())
    {
        m_skippedFrom = m_outgoing.front().skippedFrom;
    }
    std::deque<Outgoing> ended;
    ended.swap(m_outgoing);
    std::vector<uint64_t> delivered;
    for (const auto& outgoing : ended)
    {
        delivered.push_back(DeliveredBytes(outgoing));
    }
    m_cursor = 0;
    m_unacknowledged = m_next = m_highest = m_end;
    m_retries = 0;
    m_timed = false;
    m_linkDown.Cancel();
    for (size_t i = 0; i < ended.size(); ++i)
    {
        if (!ended[i].withdrawn)
        {
            ended[i].completion({ended[i].message, status, delivered[i]});
        }
    }
}

void
QueuePair::SetReachable(bool reachable)
{
    if (reachable == m_reachable)
    {
        return;
    }
    m_reachable = reachable;
    if (!reachable)
    {
        m_timed = false;
        if (HasOutstanding())
        {
            m_linkDown = Simulator::Schedule(m_nic.GetLinkDownTimeout(),
                                             &QueuePair::HandleLinkDownTimeout,
                                             this);
        }
        return;
    }
    m_linkDown.Cancel();
    GoBack();
    if (m_owed != Owed::Nothing)
    {
        m_nic.NotifyControl(*this);
    }
}

void
QueuePair::HandleLinkDownTimeout()
{
    EndAll(CompletionStatus::LinkDownTimeout);
}

bool
QueuePair::CanSendData() const
{
    return m_reachable && m_next < m_end && m_next - m_unacknowledged < m_nic.GetWindowFrames();
}

RoceFrame
QueuePair::TakeData()
{
    NS_ASSERT(CanSendData());
    const uint64_t mtu = m_nic.GetMtu();
    const auto& outgoing = m_outgoing[m_cursor];
    const uint64_t index = m_next - outgoing.first;
    const bool last = index + 1 == outgoing.frames;

    RoceFrame frame;
    frame.kind = FrameKind::Data;
    frame.message = outgoing.message;
    frame.lastOfMessage = last;
    frame.payloadBytes = last ? outgoing.message->GetBytes() - index * mtu : mtu;
    frame.wireBytes =
        wire::ROCE_OVERHEAD + frame.payloadBytes + (index == 0 ? wire::RDMA_HEADER : 0);
    frame.source = m_nic.GetNicAddress();
    frame.destination = m_peer;
    frame.queuePair = m_number;
    frame.sequence = m_next;
    frame.skippedFrom = index == 0 ? outgoing.skippedFrom : m_next;
    frame.acknowledgeRequest = last || (m_next + 1) % m_nic.GetAckInterval() == 0 ||
                               m_next + 1 - m_unacknowledged == m_nic.GetWindowFrames();

    ++m_next;
    m_retransmitted += m_next <= m_highest ? 1 : 0;
    m_highest = std::max(m_highest, m_next);
    if (last)
    {
        ++m_cursor;
        SkipWithdrawn();
    }
    if (!m_timed)
    {
        RestartTimer();
    }
    return frame;
}

bool
QueuePair::CanSendControl() const
{
    return m_reachable && m_owed != Owed::Nothing;
}

RoceFrame
QueuePair::TakeControl()
{
    NS_ASSERT(CanSendControl());
    RoceFrame frame;
    frame.kind = m_owed == Owed::Acknowledgement ? FrameKind::Acknowledgement
                                                 : FrameKind::NegativeAcknowledgement;
    frame.wireBytes = wire::ROCE_OVERHEAD + wire::ACK_HEADER;
    frame.source = m_nic.GetNicAddress();
    frame.destination = m_peer;
    frame.queuePair = m_number;
    frame.sequence = m_expected;
    m_owed = Owed::Nothing;
    return frame;
}

void
QueuePair::HandleFrame(const RoceFrame& frame)
{
    switch (frame.kind)
    {
    case FrameKind::Data:
        HandleData(frame);
        break;
    case FrameKind::Acknowledgement:
        HandleAcknowledgement(frame.sequence);
        break;
    case FrameKind::NegativeAcknowledgement:
        HandleNegativeAcknowledgement(frame.sequence);
        break;
    case FrameKind::Raw:
        NS_ASSERT_MSG(false, "raw frames have no queue pair");
        break;
    }
}

void
QueuePair::HandleData(const RoceFrame& frame)
{
    if (frame.skippedFrom <= m_expected)
    {
        m_expected = std::max(m_expected, frame.sequence);
    }
    if (frame.sequence > m_expected)
    {
        const Time now = Simulator::Now();
        if (m_nacked != m_expected || now - m_nackedAt >= m_nic.GetNackInterval())
        {
            m_nacked = m_expected;
            m_nackedAt = now;
            Owe(Owed::NegativeAcknowledgement);
        }
        return;
    }
    if (frame.sequence < m_expected)
    {
        if (frame.acknowledgeRequest)
        {
            Owe(Owed::Acknowledgement);
        }
        return;
    }
    ++m_expected;
    m_receivedBytes += frame.payloadBytes;
    if (frame.acknowledgeRequest)
    {
        Owe(Owed::Acknowledgement);
    }
    if (frame.lastOfMessage)
    {
        m_nic.NotifyMessage(frame.message, m_peer);
    }
}

void
QueuePair::Owe(Owed owed)
{
    // A gap that is still to be told of is not hidden by an acknowledgement of something older.
    const bool hidesGap = m_owed == Owed::NegativeAcknowledgement && m_nacked == m_expected;
    m_owed = hidesGap ? m_owed : owed;
    m_nic.NotifyControl(*this);
}

void
QueuePair::HandleAcknowledgement(uint64_t expected)
{
    if (expected <= m_unacknowledged || expected > m_end)
    {
        return;
    }
    m_unacknowledged = expected;
    m_next = std::max(m_next, m_unacknowledged);
    m_retries = 0;
    std::vector<Outgoing> ended;
    while (!m_outgoing.empty() && m_outgoing.front().End() <= m_unacknowledged)
    {
        if (!m_outgoing.front().withdrawn)
        {
            ended.push_back(std::move(m_outgoing.front()));
        }
        m_outgoing.pop_front();
        m_cursor -= m_cursor > 0 ? 1 : 0;
    }
    SkipWithdrawn();
    RestartTimer();
    m_nic.NotifyData(*this);
    for (const auto& outgoing : ended)
    {
        outgoing.completion(
            {outgoing.message, CompletionStatus::Success, outgoing.message->GetBytes()});
    }
}

void
QueuePair::HandleNegativeAcknowledgement(uint64_t expected)
{
    HandleAcknowledgement(expected);
    const bool mayWaitForSkipped = !m_outgoing.empty() &&
                                   m_outgoing.front().first == m_unacknowledged &&
                                   m_outgoing.front().skippedFrom < m_unacknowledged;
    const bool isOld = expected < m_unacknowledged && !mayWaitForSkipped;
    if (HasOutstanding() && m_reachable && !isOld)
    {
        // Only progress restarts the timer, so that NACKs alone cannot go on for ever.
        Rewind();
    }
}

bool
QueuePair::CountRetry()
{
    if (++m_retries <= m_nic.GetRetryLimit())
    {
        return true;
    }
    EndAll(CompletionStatus::RetryExceeded);
    return false;
}

void
QueuePair::GoBack()
{
    Rewind();
    RestartTimer();
}

void
QueuePair::Rewind()
{
    m_next = m_unacknowledged;
    m_cursor = 0;
    SkipWithdrawn();
    m_nic.NotifyData(*this);
}

void
QueuePair::RestartTimer()
{
    m_timed = m_reachable && m_unacknowledged < m_highest;
    if (!m_timed)
    {
        return;
    }
    const Time timeout = m_nic.GetRetransmissionTimeout();
    m_deadline = Simulator::Now() + timeout;
    if (!IsPending(m_timer))
    {
        m_timer = Simulator::Schedule(timeout, &QueuePair::HandleTimer, this);
    }
}

void
QueuePair::HandleTimer()
{
    if (!m_timed)
    {
        return;
    }
    const Time now = Simulator::Now();
    if (now < m_deadline)
    {
        m_timer = Simulator::Schedule(m_deadline - now, &QueuePair::HandleTimer, this);
        return;
    }
    if (CountRetry())
    {
        GoBack();
    }
}

} // namespace mixnet
} // namespace ns3
