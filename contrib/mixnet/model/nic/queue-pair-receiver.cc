/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "queue-pair-receiver.h"

#include "queue-pair.h"
#include "rdma-nic.h"

#include "ns3/assert.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("QueuePairReceiver");

QueuePairReceiver::QueuePairReceiver(RdmaNic& nic, QueuePair& queuePair)
    : m_nic(nic),
      m_queuePair(queuePair),
      m_window(nic.GetFirstSequence(), nic.IsOutOfOrder())
{
}

RoceFrame
QueuePairReceiver::TakeControl()
{
    NS_ASSERT(HasControl());
    RoceFrame frame;
    frame.trafficClass = CONTROL_CLASS;
    frame.wireBytes = wire::ROCE_OVERHEAD + wire::ACK_HEADER;
    frame.source = m_nic.GetNicAddress();
    frame.destination = m_queuePair.GetPeer();
    frame.queuePair = m_queuePair.GetNumber();
    frame.messageNumber = m_receivedMessages;
    frame.sentAt = m_echo;
    if (m_owesCnp)
    {
        m_owesCnp = false;
        frame.kind = FrameKind::CongestionNotification;
        frame.wireBytes = wire::ROCE_OVERHEAD + wire::CNP_PAYLOAD;
    }
    else if (m_owed != Owed::Nothing)
    {
        // A gap may have closed while its NACK could not leave.
        const bool isGap =
            m_owed == Owed::NegativeAcknowledgement && m_nacked == m_window.Expected();
        frame.kind = isGap ? FrameKind::NegativeAcknowledgement : FrameKind::Acknowledgement;
        frame.sequence = m_window.Expected();
        m_owed = Owed::Nothing;
    }
    else
    {
        frame.kind = FrameKind::NegativeAcknowledgement;
        frame.sequence = m_missed.front();
        m_missed.pop_front();
    }
    return frame;
}

void
QueuePairReceiver::HandleData(const RoceFrame& frame)
{
    if (frame.ecn == EcnCodepoint::Experienced && Simulator::Now() >= m_nextCnp)
    {
        m_nextCnp = Simulator::Now() + m_nic.GetCnpInterval();
        m_owesCnp = true;
        m_nic.NotifyControl(m_queuePair);
    }
    if (frame.skippedFrom < frame.sequence)
    {
        // The sender has given up these messages, whole or not.
        m_waiting.erase(m_waiting.lower_bound(frame.skippedFrom),
                        m_waiting.lower_bound(frame.sequence));
    }
    switch (m_window.Take(frame.sequence, frame.skippedFrom))
    {
    case ReceiveWindow::Verdict::Refused:
        ReportGap();
        return;
    case ReceiveWindow::Verdict::Duplicate:
        break;
    case ReceiveWindow::Verdict::Taken:
        m_receivedBytes += frame.payloadBytes;
        if (frame.lastOfMessage)
        {
            m_waiting[frame.sequence] = frame.message;
        }
        break;
    }
    // A duplicate that tells of skipped numbers may complete messages behind them, too.
    Deliver();
    AnswerRequests(frame);
}

void
QueuePairReceiver::Deliver()
{
    while (!m_waiting.empty() && m_waiting.begin()->first < m_window.Expected())
    {
        const auto message = m_waiting.begin()->second;
        m_waiting.erase(m_waiting.begin());
        ++m_receivedMessages;
        m_nic.NotifyMessage(message, m_queuePair.GetPeer());
    }
}

void
QueuePairReceiver::ReportGap()
{
    if (m_nic.IsOutOfOrder())
    {
        return;
    }
    const Time now = Simulator::Now();
    if (m_nacked != m_window.Expected() || now - m_nackedAt >= m_nic.GetNackInterval())
    {
        m_nacked = m_window.Expected();
        NS_LOG_LOGIC("NACK for frame " << m_nacked);
        m_nackedAt = now;
        Owe(Owed::NegativeAcknowledgement);
    }
}

void
QueuePairReceiver::AnswerRequests(const RoceFrame& frame)
{
    const uint64_t expected = m_window.Expected();
    bool isAsked = frame.reportRequest;
    if (frame.acknowledgeRequest)
    {
        isAsked = isAsked || frame.sequence < expected;
        if (frame.sequence >= expected)
        {
            m_requests.insert(frame.sequence);
        }
    }
    while (!m_requests.empty() && *m_requests.begin() < expected)
    {
        m_requests.erase(m_requests.begin());
        isAsked = true;
    }
    if (frame.reportRequest)
    {
        const auto missing = m_window.Missing();
        m_missed.assign(missing.begin(), missing.end());
    }
    if (isAsked)
    {
        m_echo = frame.sentAt;
        Owe(Owed::Acknowledgement);
    }
}

void
QueuePairReceiver::Owe(Owed owed)
{
    // A gap that is still to be told of is not hidden by an acknowledgement of something older.
    const bool hidesGap =
        m_owed == Owed::NegativeAcknowledgement && m_nacked == m_window.Expected();
    m_owed = hidesGap ? m_owed : owed;
    m_nic.NotifyControl(m_queuePair);
}

} // namespace mixnet
} // namespace ns3
