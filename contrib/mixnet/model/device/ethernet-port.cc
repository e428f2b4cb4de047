/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ethernet-port.h"

#include "ns3/assert.h"
#include "ns3/log.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("EthernetPort");

NS_OBJECT_ENSURE_REGISTERED(EthernetPort);

/**
 * @brief The event of a line that becomes free. The port holds it and schedules it again and again.
 */
class EthernetPort::LineEvent : public EventImpl
{
  public:
    /**
     * @param port The port, which outlives its events.
     */
    explicit LineEvent(EthernetPort* port)
        : m_port(port)
    {
    }

  private:
    void Notify() override
    {
        m_port->m_lineAwaited = false;
        m_port->TransmitStart();
    }

    EthernetPort* m_port; //!< the port
};

TypeId
EthernetPort::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::EthernetPort")
            .SetParent<FibrePort>()
            .SetGroupName("Mixnet")
            .AddTraceSource("TransmitBegin",
                            "The first bit of a frame leaves.",
                            MakeTraceSourceAccessor(&EthernetPort::m_transmitTrace),
                            "ns3::mixnet::EthernetPort::FrameTracedCallback")
            .AddTraceSource("Receive",
                            "A frame was taken in, last bit and all.",
                            MakeTraceSourceAccessor(&EthernetPort::m_receiveTrace),
                            "ns3::mixnet::EthernetPort::FrameTracedCallback")
            .AddTraceSource("Pause",
                            "The other end has paused or resumed a traffic class, or a pause is "
                            "over.",
                            MakeTraceSourceAccessor(&EthernetPort::m_pauseTrace),
                            "ns3::mixnet::EthernetPort::PauseTracedCallback");
    return tid;
}

EthernetPort::EthernetPort()
    : m_lineEvent(Create<LineEvent>(this))
{
}

void
EthernetPort::DoDispose()
{
    m_pauses.reset();
    FibrePort::DoDispose();
}

void
EthernetPort::SetDataRate(const DataRate& rate)
{
    m_dataRate = rate;
    m_times = {};
}

bool
EthernetPort::IsLineFree() const
{
    return Simulator::Now() >= m_lineFreeAt;
}

void
EthernetPort::CallWhenLineFree()
{
    if (!m_lineAwaited)
    {
        m_lineAwaited = true;
        Simulator::Schedule(m_lineFreeAt - Simulator::Now(), m_lineEvent);
    }
}

void
EthernetPort::Transmit(RoceFrame&& frame)
{
    NS_ASSERT(IsLineFree());
    frame.duration = SerialisationTimeOf(frame.wireBytes);
    m_lineFreeAt = Simulator::Now() + frame.duration;
    m_transmitTrace(frame);
    const Time duration = frame.duration;
    Launch(std::move(frame), duration);
}

Time
EthernetPort::SerialisationTimeOf(uint32_t wireBytes)
{
    constexpr uint32_t SHORT_FRAME = 128; // bytes
    auto& remembered = m_times[wireBytes < SHORT_FRAME ? 1 : 0];
    if (remembered.wireBytes != wireBytes)
    {
        remembered = {wireBytes, SerialisationTime(wireBytes, m_dataRate)};
    }
    return remembered.duration;
}

void
EthernetPort::HandlePause(const RoceFrame& frame)
{
    if (!m_pauses)
    {
        m_pauses = std::make_unique<Pauses>();
    }
    const Time now = Simulator::Now();
    const Time span = SerialisationTime(frame.pauseQuanta * BITS_PER_QUANTUM / 8, m_dataRate);
    // From the highest class down, so that where pauses end together it goes first.
    for (uint8_t trafficClass = TRAFFIC_CLASSES; trafficClass-- > 0;)
    {
        if ((frame.pausedClasses >> trafficClass & 1) == 0)
        {
            continue;
        }
        m_pauses->end[trafficClass].Cancel();
        if (span.IsZero())
        {
            Resume(trafficClass);
            continue;
        }
        if (!IsPaused(trafficClass))
        {
            m_pauses->classes |= 1U << trafficClass;
            m_pauses->since[trafficClass] = now;
            NS_LOG_LOGIC("class " << unsigned{trafficClass} << " is paused");
            m_pauseTrace(trafficClass, true);
        }
        m_pauses->end[trafficClass] =
            Simulator::Schedule(span, &EthernetPort::Resume, this, trafficClass);
    }
}

void
EthernetPort::Resume(uint8_t trafficClass)
{
    if (!IsPaused(trafficClass))
    {
        return;
    }
    m_pauses->classes &= ~(1U << trafficClass);
    m_pauses->total += Simulator::Now() - m_pauses->since[trafficClass];
    NS_LOG_LOGIC("class " << unsigned{trafficClass} << " goes on");
    m_pauseTrace(trafficClass, false);
    TransmitStart();
}

void
EthernetPort::ClearPauses()
{
    for (uint8_t trafficClass = 0; m_pauses && trafficClass < TRAFFIC_CLASSES; ++trafficClass)
    {
        m_pauses->end[trafficClass].Cancel();
        Resume(trafficClass);
    }
}

Time
EthernetPort::GetPausedTime() const
{
    Time sum(0);
    for (uint8_t trafficClass = 0; m_pauses && trafficClass < TRAFFIC_CLASSES; ++trafficClass)
    {
        if (IsPaused(trafficClass))
        {
            sum += Simulator::Now() - m_pauses->since[trafficClass];
        }
    }
    return m_pauses ? sum + m_pauses->total : sum;
}

} // namespace mixnet
} // namespace ns3
