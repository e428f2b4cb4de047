/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "switch-port.h"

#include "packet-switch.h"


namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(SwitchPort);

TypeId
SwitchPort::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::SwitchPort")
                            .SetParent<EthernetPort>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<SwitchPort>();
    return tid;
}

void
SwitchPort::SetSwitch(PacketSwitch* owner, const DataRate& rate)
{
    m_owner = owner;
    SetDataRate(rate);
}

void
SwitchPort::DoInitialize()
{
    Emit(LightSignal{true, LightSignal::PACKET_SWITCH});
    EthernetPort::DoInitialize();
}

void
SwitchPort::DoDispose()
{
    m_queues = {};
    EthernetPort::DoDispose();
}

void
SwitchPort::HandleFrame(RoceFrame&& frame)
{
    m_counters.Receive(frame);
    m_receiveTrace(frame);
    if (frame.kind == FrameKind::Pause)
    {
        HandlePause(frame);
        return;
    }
    m_owner->HandleFrameAt(*this, std::move(frame));
}

void
SwitchPort::HandleLight(const LightSignal& light)
{
    m_lit = light.on;
    NotifyLinkChange();
    if (!m_lit)
    {
        ClearPauses();
        Flush();
    }
}

void
SwitchPort::Flush()
{
    for (auto& queue : m_queues)
    {
        for (; !queue.IsEmpty(); queue.Pop())
        {
            m_owner->ReleaseBuffer(queue.Front().wireBytes);
            Drop(queue.Front(), DropReason::PortDown);
        }
    }
    m_waiting = 0;
}

bool
SwitchPort::IsLinkUp() const
{
    return m_lit;
}

size_t
SwitchPort::GetQueuedFrames() const
{
    size_t sum = 0;
    for (const auto& queue : m_queues)
    {
        sum += queue.GetSize();
    }
    return sum;
}

void
SwitchPort::Lose(const RoceFrame& frame, DropReason reason)
{
    Drop(frame, reason);
}

void
SwitchPort::Enqueue(RoceFrame&& frame)
{
    m_waiting |= 1U << frame.trafficClass;
    m_queues[frame.trafficClass].Push(std::move(frame));
    TransmitStart();
}

uint32_t
SwitchPort::NextClass() const
{
    uint32_t next = TRAFFIC_CLASSES;
    for (uint32_t left = m_waiting, trafficClass = 0; left != 0; left >>= 1, ++trafficClass)
    {
        if ((left & 1) != 0 && !IsPaused(trafficClass))
        {
            next = trafficClass;
        }
    }
    return next;
}

void
SwitchPort::HandleLineFree()
{
    TransmitStart();
}

void
SwitchPort::TransmitStart()
{
    const uint32_t trafficClass = NextClass();
    if (trafficClass == TRAFFIC_CLASSES || !m_lit)
    {
        return;
    }
    if (!IsLineFree())
    {
        CallWhenLineFree();
        return;
    }
    auto& queue = m_queues[trafficClass];
    RoceFrame frame = std::move(queue.Front());
    queue.Pop();
    m_waiting &= ~(queue.IsEmpty() ? 1U << trafficClass : 0U);
    m_owner->ReleaseBuffer(frame.wireBytes);
    Transmit(std::move(frame));
    if (m_waiting != 0)
    {
        CallWhenLineFree();
    }
}

} // namespace mixnet
} // namespace ns3
