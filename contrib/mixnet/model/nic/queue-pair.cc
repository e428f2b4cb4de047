/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "queue-pair.h"

#include "rdma-nic.h"

#include "ns3/log.h"
#include "ns3/ns3-compatibility.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <utility>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("QueuePair");

QueuePair::QueuePair(RdmaNic& nic, NicAddress peer, uint32_t number)
    : m_nic(nic),
      m_peer(peer),
      m_number(number),
      m_outgoing(nic.GetFirstSequence(), nic.GetMtu()),
      m_unacknowledged(nic.GetFirstSequence()),
      m_next(m_unacknowledged),
      m_highest(m_unacknowledged),
      m_asked(m_unacknowledged),
      m_receiver(nic, *this)
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
    m_pace.Cancel();
    m_outgoing.Clear();
    m_receiver.Dispose();
    if (m_control)
    {
        m_control->Dispose();
        m_control = nullptr;
    }
}

NicAddress
QueuePair::GetPeer() const
{
    return m_peer;
}

uint32_t
QueuePair::GetNumber() const
{
    return m_number;
}

bool
QueuePair::HasOutstanding() const
{
    return m_unacknowledged < m_outgoing.End();
}

uint64_t
QueuePair::GetRetransmittedFrames() const
{
    return m_retransmitted;
}

uint64_t
QueuePair::GetReceivedBytes() const
{
    return m_receiver.GetReceivedBytes();
}

Ptr<CongestionControl>
QueuePair::GetCongestionControl()
{
    if (!m_control)
    {
        m_control =
            m_nic.MakeCongestionControl(MakeCallback(&QueuePair::HandleControlChange, this));
        HandleControlChange();
    }
    return m_control;
}

void
QueuePair::HandleControlChange()
{
    m_windowFrames = std::max<uint64_t>(1, m_control->GetWindow() / m_nic.GetMtu());
    m_nic.NotifyData(*this);
}

void
QueuePair::HandlePace()
{
    m_nic.NotifyData(*this);
}

void
QueuePair::Post(Ptr<const RdmaMessage> message, CompletionCallback completion)
{
    GetCongestionControl();
    m_outgoing.Post(message, completion);
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
    const auto found = m_outgoing.Withdraw(message);
    if (!found)
    {
        return false;
    }
    const WriteCompletion end{message,
                              CompletionStatus::Withdrawn,
                              m_outgoing.BytesBefore(*found, m_unacknowledged)};
    SkipWithdrawn();
    StopTimers();
    m_nic.NotifyData(*this);
    found->completion(end);
    NotifyIdle();
    return true;
}

void
QueuePair::StopTimers()
{
    if (m_unacknowledged == m_highest)
    {
        m_timed = false;
        m_retries = 0;
        m_answeredRounds = 0;
        m_answered = false;
    }
    if (!HasOutstanding())
    {
        m_linkDown.Cancel();
    }
}

void
QueuePair::NotifyIdle()
{
    if (m_control && !HasOutstanding())
    {
        m_control->HandleIdle();
    }
}

void
QueuePair::SkipWithdrawn()
{
    m_next = m_outgoing.PassWithdrawn(m_next);
    m_unacknowledged = m_outgoing.DropWithdrawn(m_unacknowledged);
    m_next = std::max(m_next, m_unacknowledged);
    m_highest = std::max(m_highest, m_next);
    m_probe = m_probe && m_unacknowledged < m_highest;
}

void
QueuePair::EndAll(CompletionStatus status)
{
    NS_LOG_LOGIC("queue pair to " << m_peer << " ends with " << ToString(status));
    const auto ended = m_outgoing.TakeAll();
    std::vector<uint64_t> delivered;
    for (const auto& outgoing : ended)
    {
        delivered.push_back(m_outgoing.BytesBefore(outgoing, m_unacknowledged));
    }
    m_unacknowledged = m_next = m_highest = m_outgoing.End();
    m_probe = false;
    m_repeats.clear();
    StopTimers();
    NotifyIdle();
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
    if (CanSendControl())
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
    const bool hasData = HasRepeats() || (m_next < m_outgoing.End() && IsWindowOpen());
    return hasData && m_reachable && (!m_control->IsPaced() || Simulator::Now() >= m_sendAgainAt);
}

bool
QueuePair::IsWindowOpen() const
{
    return m_next - m_unacknowledged < m_windowFrames || m_asked <= m_unacknowledged;
}

bool
QueuePair::IsToAsk(const RoceFrame& frame) const
{
    const uint32_t interval = m_nic.GetAckInterval();
    if (frame.lastOfMessage || (frame.sequence + 1) % interval == 0 ||
        frame.sequence + 1 - m_unacknowledged >= m_windowFrames)
    {
        return true;
    }
    return m_control->IsPaced() && SerialisationTime(frame.wireBytes, m_control->GetRate()) >
                                       m_nic.GetRetransmissionTimeout() / (int64_t{2} * interval);
}

std::optional<uint64_t>
QueuePair::RemedyFor(uint64_t sequence) const
{
    const auto remedy = m_outgoing.RemedyFor(sequence);
    const bool isUnderWay = remedy && *remedy >= m_unacknowledged && *remedy < m_next;
    return isUnderWay ? remedy : std::nullopt;
}

RoceFrame
QueuePair::MakeData(const Outgoing& outgoing, uint64_t sequence) const
{
    const uint64_t mtu = m_nic.GetMtu();
    const uint64_t index = sequence - outgoing.first;
    RoceFrame frame;
    frame.kind = FrameKind::Data;
    frame.ecn = m_control->IsEcnCapable() ? EcnCodepoint::Capable : EcnCodepoint::NotCapable;
    frame.trafficClass = DATA_CLASS;
    frame.message = outgoing.message;
    frame.firstOfMessage = index == 0;
    frame.lastOfMessage = index + 1 == outgoing.frames;
    frame.payloadBytes = frame.lastOfMessage ? outgoing.message->GetBytes() - index * mtu : mtu;
    frame.wireBytes = wire::ROCE_OVERHEAD + frame.payloadBytes +
                      wire::PadBytes(frame.payloadBytes) + (index == 0 ? wire::RDMA_HEADER : 0);
    frame.source = m_nic.GetNicAddress();
    frame.destination = m_peer;
    frame.queuePair = m_number;
    frame.sequence = sequence;
    frame.skippedFrom = index == 0 ? outgoing.skippedFrom : sequence;
    frame.sentAt = Simulator::Now();
    return frame;
}

std::optional<RoceFrame>
QueuePair::TakeRepeat()
{
    while (!m_repeats.empty())
    {
        const uint64_t sequence = *m_repeats.begin();
        const auto remedy = RemedyFor(sequence);
        // One frame says of all numbers skipped before it that they are.
        m_repeats.erase(m_repeats.begin(), m_repeats.upper_bound(remedy.value_or(sequence)));
        if (remedy)
        {
            auto frame = MakeData(m_outgoing.Find(*remedy), *remedy);
            frame.acknowledgeRequest = true;
            return frame;
        }
    }
    if (!std::exchange(m_probe, false))
    {
        return std::nullopt;
    }
    const auto* last = m_outgoing.LastBefore(m_highest);
    if (!last)
    {
        return std::nullopt;
    }
    auto frame = MakeData(*last, std::min(m_highest, last->End()) - 1);
    frame.acknowledgeRequest = true;
    frame.reportRequest = true;
    return frame;
}

std::optional<RoceFrame>
QueuePair::TakeData()
{
    NS_ASSERT(CanSendData());
    std::optional<RoceFrame> frame;
    if (HasRepeats())
    {
        frame = TakeRepeat();
        m_retransmitted += frame ? 1 : 0;
    }
    else
    {
        frame = MakeData(m_outgoing.Current(), m_next);
        frame->acknowledgeRequest = IsToAsk(*frame);
        ++m_next;
        m_asked = frame->acknowledgeRequest ? m_next : m_asked;
        m_retransmitted += m_next <= m_highest ? 1 : 0;
        m_highest = std::max(m_highest, m_next);
        if (frame->lastOfMessage)
        {
            m_outgoing.Pass();
            SkipWithdrawn();
        }
    }
    if (!frame)
    {
        return frame;
    }
    if (!m_timed)
    {
        RestartTimer();
    }
    m_control->HandleSent(frame->wireBytes);
    if (m_control->IsPaced())
    {
        const Time gap = SerialisationTime(frame->wireBytes, m_control->GetRate());
        m_sendAgainAt = Simulator::Now() + gap;
        m_pace.Cancel();
        m_pace = Simulator::Schedule(gap, &QueuePair::HandlePace, this);
    }
    return frame;
}

bool
QueuePair::CanSendControl() const
{
    return m_reachable && m_receiver.HasControl();
}

RoceFrame
QueuePair::TakeControl()
{
    NS_ASSERT(CanSendControl());
    return m_receiver.TakeControl();
}

void
QueuePair::HandleFrame(const RoceFrame& frame)
{
    switch (frame.kind)
    {
    case FrameKind::Data:
        m_receiver.HandleData(frame);
        break;
    case FrameKind::Acknowledgement:
        HandleAcknowledgement(frame);
        break;
    case FrameKind::NegativeAcknowledgement:
        HandleNegativeAcknowledgement(frame);
        break;
    case FrameKind::CongestionNotification:
        GetCongestionControl()->HandleCongestionNotification();
        break;
    case FrameKind::Pause:
    case FrameKind::Raw:
        NS_ASSERT_MSG(false, "pauses and raw frames have no queue pair");
        break;
    }
}

void
QueuePair::HandleAcknowledgement(const RoceFrame& frame)
{
    HandleAnswer(frame);
    Acknowledge(frame.sequence, Simulator::Now() - frame.sentAt);
}

void
QueuePair::HandleAnswer(const RoceFrame& frame)
{
    if (m_timed && m_unacknowledged < m_recoveryEnd)
    {
        m_answered = true;
        m_answerTrip = Simulator::Now() - frame.sentAt;
        RestartTimer();
    }
}

void
QueuePair::Acknowledge(uint64_t expected, const std::optional<Time>& roundTrip)
{
    const bool isNews = expected > m_unacknowledged && expected <= m_outgoing.End();
    std::vector<Outgoing> ended;
    const uint64_t bytes = isNews ? Advance(expected, ended) : 0;
    if (m_control && roundTrip)
    {
        m_control->HandleAcknowledgement(bytes, *roundTrip);
    }
    if (!isNews)
    {
        return;
    }
    m_nic.NotifyData(*this);
    for (const auto& outgoing : ended)
    {
        outgoing.completion(
            {outgoing.message, CompletionStatus::Success, outgoing.message->GetBytes()});
    }
    NotifyIdle();
}

uint64_t
QueuePair::Advance(uint64_t expected, std::vector<Outgoing>& ended)
{
    const uint64_t bytes = m_outgoing.BytesBetween(m_unacknowledged, expected);
    m_unacknowledged = expected;
    m_next = std::max(m_next, m_unacknowledged);
    m_highest = std::max(m_highest, m_next);
    m_probe = m_probe && m_unacknowledged < m_highest;
    m_repeats.erase(m_repeats.begin(), m_repeats.lower_bound(expected));
    m_retries = 0;
    m_answeredRounds = 0;
    m_answered = m_answered && m_unacknowledged < m_recoveryEnd;
    ended = m_outgoing.TakeUntil(m_unacknowledged);
    SkipWithdrawn();
    RestartTimer();
    return bytes;
}

void
QueuePair::HandleNegativeAcknowledgement(const RoceFrame& frame)
{
    if (m_nic.IsOutOfOrder())
    {
        HandleAnswer(frame);
        HandleReport(frame.sequence);
    }
    else
    {
        HandleGap(frame.sequence);
    }
}

void
QueuePair::HandleReport(uint64_t sequence)
{
    if (RemedyFor(sequence) && m_repeats.insert(sequence).second)
    {
        m_control->HandleLoss(false);
        m_nic.NotifyData(*this);
    }
}

void
QueuePair::HandleGap(uint64_t expected)
{
    Acknowledge(expected, std::nullopt);
    const bool mayWaitForSkipped = !m_outgoing.IsEmpty() &&
                                   m_outgoing.Front().first == m_unacknowledged &&
                                   m_outgoing.Front().skippedFrom < m_unacknowledged;
    const bool isOld = expected < m_unacknowledged && !mayWaitForSkipped;
    if (HasOutstanding() && m_reachable && !isOld)
    {
        m_control->HandleLoss(false);
        // Only progress restarts the timer, so that NACKs alone cannot go on for ever.
        Rewind();
    }
}

bool
QueuePair::CountRetry()
{
    const uint64_t limit = m_nic.GetRetryLimit();
    const bool wasAnswered = std::exchange(m_answered, false);
    m_retries = wasAnswered ? 0 : m_retries + 1;
    m_answeredRounds += wasAnswered ? 1 : 0;
    if (m_retries <= limit && m_answeredRounds <= ANSWERED_ROUNDS * (limit + 1))
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
QueuePair::Probe()
{
    m_probe = true;
    m_recoveryEnd = m_highest;
    // The oldest number may tell of skipped ones, without which the last is out of reach. And where
    // a round has not helped, it goes along: behind a probe alone it could meet the same path
    // again.
    const auto& oldest = m_outgoing.Front();
    const bool tellsOfSkipped =
        oldest.first == m_unacknowledged && oldest.skippedFrom < oldest.first;
    const bool isFirstRound = m_retries + m_answeredRounds <= 1;
    if (tellsOfSkipped || (!isFirstRound && m_unacknowledged + 1 < m_highest))
    {
        m_repeats.insert(m_unacknowledged);
    }
    RestartTimer();
    m_nic.NotifyData(*this);
}

void
QueuePair::Rewind()
{
    m_probe = false;
    m_answered = false;
    m_repeats.clear();
    m_next = m_unacknowledged;
    m_asked = m_unacknowledged;
    m_outgoing.Rewind();
    SkipWithdrawn();
    m_nic.NotifyData(*this);
}

Time
QueuePair::Timeout() const
{
    const Time once = m_nic.GetRetransmissionTimeout();
    if (m_answered)
    {
        return std::min(once, m_answerTrip * ANSWER_TRIPS);
    }
    return once * (int64_t{1} << std::min(m_retries, m_nic.GetBackoffLimit()));
}

void
QueuePair::RestartTimer()
{
    m_timed = m_reachable && m_unacknowledged < m_highest;
    if (!m_timed)
    {
        return;
    }
    const Time timeout = Timeout();
    m_deadline = Simulator::Now() + timeout;
    if (IsPending(m_timer) && TimeStep(m_timer.GetTs()) > m_deadline)
    {
        m_timer.Cancel();
    }
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
    const bool wasAnswered = m_answered;
    if (!CountRetry())
    {
        return;
    }
    m_control->HandleLoss(!wasAnswered);
    if (m_nic.IsOutOfOrder())
    {
        Probe();
    }
    else
    {
        GoBack();
    }
}

} // namespace mixnet
} // namespace ns3
