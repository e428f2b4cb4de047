/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-losses.h"

#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>

namespace ns3
{
namespace mixnet
{

FlowLosses::FlowLosses(FlowMessages& messages,
                       FlowConnections& connections,
                       const mixnetcore::FlowFraming& framing)
    : m_messages(messages),
      m_connections(connections),
      m_framing(framing)
{
}

void
FlowLosses::Close(uint32_t connection, bool isSevered)
{
    for (const auto place : m_connections.MessagesOf(connection))
    {
        const auto& closed = m_messages[place];
        if (!closed.IsInFluid())
        {
            continue;
        }
        if (isSevered)
        {
            RepeatUnacknowledged(place, m_connections.SenderOf(connection));
        }
        else
        {
            FinishWindow(place, connection);
        }
        closed.network->SetHeld(closed.flow, true);
    }
}

void
FlowLosses::Repeat(uint32_t connection)
{
    for (const auto place : m_connections.MessagesOf(connection))
    {
        if (m_messages[place].IsInFluid())
        {
            RepeatUnacknowledged(place, m_connections.SenderOf(connection));
        }
    }
}

FlowConnections::Pace
FlowLosses::PaceOf(uint32_t connection) const
{
    FlowConnections::Pace pace{0, 0, Time(0), Time(0)};
    for (const auto place : m_connections.MessagesOf(connection))
    {
        const auto& moved = m_messages[place];
        if (!moved.IsInFluid())
        {
            continue;
        }
        pace.left += moved.network->Left(moved.flow, ToPicoseconds(Simulator::Now()));
        if (moved.begun == Simulator::Now())
        {
            continue;
        }
        const double rate = moved.network->Rate(moved.flow);
        pace.rate += std::isfinite(rate) ? rate : 0;
        pace.roundTrip = 2 * ToTime(moved.AnswerTime());
        pace.age = std::max(pace.age, Simulator::Now() - moved.begun);
    }
    return pace;
}

void
FlowLosses::RepeatUnacknowledged(uint32_t place, Ptr<RdmaNic> sender)
{
    const auto& repeated = m_messages[place];
    const double rate = repeated.network->Rate(repeated.flow);
    if (rate > 0 && std::isfinite(rate))
    {
        repeated.network->Repeat(repeated.flow,
                                 Unacknowledged(repeated, rate, sender),
                                 ToPicoseconds(Simulator::Now()));
    }
}

double
FlowLosses::Unacknowledged(const FlowMessage& message, double rate, Ptr<RdmaNic> sender) const
{
    // From the NIC to where the line is closed, thrice: there, on to the peer, and back.
    const double answer = message.AnswerTime().count() * 1e-12;
    constexpr double PATHS = 1.5;
    const double line = sender->GetDataRate().GetBitRate() / 8.0;
    const double frames = 0.5 * sender->GetAckInterval() * m_framing.mtu * rate / line;
    return rate * answer * PATHS + frames;
}

void
FlowLosses::FinishWindow(uint32_t place, uint32_t connection)
{
    const double window = m_connections.SenderOf(connection)->GetWindow();
    const auto& finished = m_messages[place];
    finished.network->LetWindowOut(finished.flow,
                                   window / m_connections.MovingOn(connection),
                                   m_framing.mtu,
                                   ToPicoseconds(Simulator::Now()));
}

bool
FlowLosses::LosesLastFrame(uint32_t place, mixnetcore::Picoseconds since) const
{
    const auto& sent = m_messages[place];
    if (sent.connections.empty() || sent.hasArrived)
    {
        return false;
    }
    const Time atNic = Simulator::Now() - ToTime(since - sent.path.toLastNic);
    return m_connections.Links().Loses(m_connections.LegOf(sent.connections.back().number),
                                       atNic,
                                       m_framing.LastFrame(sent.message->transfer.bytes.Count()));
}

bool
FlowLosses::LosesAnswer(uint32_t place, mixnetcore::Picoseconds since) const
{
    const auto& answered = m_messages[place];
    if (answered.connections.empty())
    {
        return false; // nothing, or a control message
    }
    const auto& leg = m_connections.LegOf(answered.connections.front().number);
    constexpr uint32_t NO_PAYLOAD = 0;
    return m_connections.Links().Loses({leg.to, leg.from}, Simulator::Now(), NO_PAYLOAD) ||
           LosesLastFrame(place, since);
}

double
FlowLosses::EndToRepeat(uint32_t place, mixnetcore::Picoseconds since) const
{
    const auto& repeated = m_messages[place];
    const double seconds = (Simulator::Now() - ToTime(since) - repeated.begun).GetSeconds();
    const double rate = repeated.path.volume / std::max(seconds, 1e-12);
    return Unacknowledged(repeated,
                          std::min(rate, repeated.path.narrowest),
                          m_connections.SenderOf(repeated.connections.back().number));
}

} // namespace mixnet
} // namespace ns3
