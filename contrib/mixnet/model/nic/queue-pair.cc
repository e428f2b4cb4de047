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

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("QueuePair");

QueuePair::QueuePair(RdmaNic& nic, NicAddress peer, uint32_t number)
    : m_nic(nic),
      m_peer(peer),
      m_number(number),
      m_hasControlPath(nic.HasControlPath()),
      m_outgoing(nic.GetFirstSequence(), nic.GetMtu()),
      m_numbers{nic.GetFirstSequence(),
                nic.GetFirstSequence(),
                nic.GetFirstSequence(),
                nic.GetFirstSequence()},
      m_receiver(nic, *this)
{
    LossRecovery::Sender& sender = *this;
    if (nic.IsOutOfOrder())
    {
        m_recovery = std::make_unique<SelectiveRepeat>(sender);
    }
    else
    {
        m_recovery = std::make_unique<GoBackN>(sender);
    }
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
        LinkDownTimerStart();
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
                              m_outgoing.BytesBefore(*found, m_numbers.unacknowledged)};
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
    if (!m_numbers.IsInFlight())
    {
        m_timed = false;
        m_recovery->HandleQuiet();
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
    m_numbers.next = m_outgoing.PassWithdrawn(m_numbers.next);
    m_numbers.unacknowledged = m_outgoing.DropWithdrawn(m_numbers.unacknowledged);
    m_numbers.next = std::max(m_numbers.next, m_numbers.unacknowledged);
    m_numbers.highest = std::max(m_numbers.highest, m_numbers.next);
    m_recovery->HandleMove();
}

void
QueuePair::EndAll(CompletionStatus status)
{
    NS_LOG_LOGIC("queue pair to " << m_peer << " ends with " << ToString(status));
    const auto ended = m_outgoing.TakeAll();
    std::vector<uint64_t> delivered;
    for (const auto& outgoing : ended)
    {
        delivered.push_back(m_outgoing.BytesBefore(outgoing, m_numbers.unacknowledged));
    }
    m_numbers.unacknowledged = m_numbers.next = m_numbers.highest = m_outgoing.End();
    m_recovery->Forget();
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
            LinkDownTimerStart();
        }
        return;
    }
    m_linkDown.Cancel();
    Rewind();
    RestartTimer();
    if (CanSendControl())
    {
        m_nic.NotifyControl(*this);
    }
}

void
QueuePair::LinkDownTimerStart()
{
    m_linkDown = Simulator::Schedule(m_nic.GetLinkDownTimeout(),
                                     [this] { EndAll(CompletionStatus::LinkDownTimeout); });
}

bool
QueuePair::CanSendData() const
{
    const bool hasData =
        m_recovery->HasRepeats() || (m_numbers.next < m_outgoing.End() && IsWindowOpen());
    return hasData && m_reachable && (!m_control->IsPaced() || Simulator::Now() >= m_sendAgainAt);
}

bool
QueuePair::IsWindowOpen() const
{
    return m_numbers.next - m_numbers.unacknowledged < m_windowFrames ||
           m_numbers.asked <= m_numbers.unacknowledged;
}

bool
QueuePair::IsToAsk(const RoceFrame& frame) const
{
    const uint32_t interval = m_nic.GetAckInterval();
    if (frame.lastOfMessage || (frame.sequence + 1) % interval == 0 ||
        frame.sequence + 1 - m_numbers.unacknowledged >= m_windowFrames)
    {
        return true;
    }
    return m_control->IsPaced() && SerialisationTime(frame.wireBytes, m_control->GetRate()) >
                                       m_nic.GetRetransmissionTimeout() / (int64_t{2} * interval);
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
    const auto repeat = m_recovery->TakeRepeat();
    if (!repeat)
    {
        return std::nullopt;
    }
    ++m_retransmitted;
    auto frame = MakeData(m_outgoing.Find(repeat->sequence), repeat->sequence);
    frame.acknowledgeRequest = true;
    frame.reportRequest = repeat->reportRequest;
    return frame;
}

std::optional<RoceFrame>
QueuePair::TakeData()
{
    NS_ASSERT(CanSendData());
    std::optional<RoceFrame> frame;
    if (m_recovery->HasRepeats())
    {
        frame = TakeRepeat();
    }
    else
    {
        frame = MakeData(m_outgoing.Current(), m_numbers.next);
        frame->acknowledgeRequest = IsToAsk(*frame);
        ++m_numbers.next;
        m_numbers.asked = frame->acknowledgeRequest ? m_numbers.next : m_numbers.asked;
        m_retransmitted += m_numbers.next <= m_numbers.highest ? 1 : 0;
        m_numbers.highest = std::max(m_numbers.highest, m_numbers.next);
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
        m_pace = Simulator::Schedule(gap, [this] { m_nic.NotifyData(*this); });
    }
    return frame;
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
    const Time roundTrip = Simulator::Now() - frame.sentAt;
    m_recovery->HandleAnswer(roundTrip);
    Acknowledge(frame.sequence, roundTrip);
}

void
QueuePair::HandleNegativeAcknowledgement(const RoceFrame& frame)
{
    m_recovery->HandleAnswer(Simulator::Now() - frame.sentAt);
    m_recovery->HandleNegativeAcknowledgement(frame.sequence);
}

void
QueuePair::Acknowledge(uint64_t expected, const std::optional<Time>& roundTrip)
{
    const bool isNews = expected > m_numbers.unacknowledged && expected <= m_outgoing.End();
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
    const uint64_t bytes = m_outgoing.BytesBetween(m_numbers.unacknowledged, expected);
    m_numbers.unacknowledged = expected;
    m_numbers.next = std::max(m_numbers.next, m_numbers.unacknowledged);
    m_numbers.highest = std::max(m_numbers.highest, m_numbers.next);
    m_recovery->HandleProgress();
    ended = m_outgoing.TakeUntil(m_numbers.unacknowledged);
    SkipWithdrawn();
    RestartTimer();
    return bytes;
}

void
QueuePair::NotifyLoss()
{
    m_control->HandleLoss(false);
}

void
QueuePair::NotifyRepeats()
{
    m_nic.NotifyData(*this);
}

const SendNumbers&
QueuePair::Numbers() const
{
    return m_numbers;
}

void
QueuePair::Rewind()
{
    m_recovery->Forget();
    m_numbers.next = m_numbers.unacknowledged;
    m_numbers.asked = m_numbers.unacknowledged;
    m_outgoing.Rewind();
    SkipWithdrawn();
    m_nic.NotifyData(*this);
}

void
QueuePair::RestartTimer()
{
    m_timed = m_reachable && m_numbers.IsInFlight();
    if (!m_timed)
    {
        return;
    }
    const Time timeout =
        m_recovery->Timeout(m_nic.GetRetransmissionTimeout(), m_nic.GetBackoffLimit());
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
    const bool wasAnswered = m_recovery->IsAnswered();
    if (!m_recovery->CountTimeout(m_nic.GetRetryLimit()))
    {
        EndAll(CompletionStatus::RetryExceeded);
        return;
    }
    m_control->HandleLoss(!wasAnswered);
    m_recovery->HandleTimeout();
}

} // namespace mixnet
} // namespace ns3
