/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "switch-port.h"

#include "packet-switch.h"

#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(SwitchPort);

TypeId
SwitchPort::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::SwitchPort")
                            .SetParent<FibrePort>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<SwitchPort>();
    return tid;
}

void
SwitchPort::SetSwitch(PacketSwitch* owner, const DataRate& rate)
{
    m_owner = owner;
    m_rate = rate;
}

void
SwitchPort::DoInitialize()
{
    Emit(LightSignal{true, LightSignal::PACKET_SWITCH});
    FibrePort::DoInitialize();
}

void
SwitchPort::DoDispose()
{
    m_control.clear();
    m_data.clear();
    FibrePort::DoDispose();
}

void
SwitchPort::HandleFrame(RoceFrame&& frame)
{
    m_counters.received.Add(frame);
    m_owner->HandleFrameAt(*this, std::move(frame));
}

void
SwitchPort::HandleLight(const LightSignal& light)
{
    m_lit = light.on;
    NotifyLinkChange();
    if (!m_lit)
    {
        Flush(m_control);
        Flush(m_data);
    }
}

void
SwitchPort::Flush(std::deque<RoceFrame>& queue)
{
    for (const auto& frame : queue)
    {
        m_owner->ReleaseBuffer(frame.wireBytes);
        Drop(frame, DropReason::PortDown);
    }
    queue.clear();
}

bool
SwitchPort::IsLinkUp() const
{
    return m_lit;
}

size_t
SwitchPort::GetQueuedFrames() const
{
    return m_control.size() + m_data.size();
}

void
SwitchPort::Lose(const RoceFrame& frame, DropReason reason)
{
    Drop(frame, reason);
}

void
SwitchPort::Enqueue(RoceFrame&& frame)
{
    auto& queue = frame.IsControl() ? m_control : m_data;
    queue.push_back(std::move(frame));
    TransmitStart();
}

void
SwitchPort::TransmitStart()
{
    if (m_transmitting || (m_control.empty() && m_data.empty()))
    {
        return;
    }
    auto& queue = m_control.empty() ? m_data : m_control;
    RoceFrame frame = std::move(queue.front());
    queue.pop_front();
    m_transmitting = true;
    frame.duration = SerialisationTime(frame.wireBytes, m_rate);
    const Time duration = frame.duration;
    const uint32_t bytes = frame.wireBytes;
    Launch(std::move(frame), duration);
    Simulator::Schedule(duration, &SwitchPort::TransmitComplete, this, bytes);
}

void
SwitchPort::TransmitComplete(uint32_t bytes)
{
    m_transmitting = false;
    m_owner->ReleaseBuffer(bytes);
    TransmitStart();
}

} // namespace mixnet
} // namespace ns3
