/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fibre.h"

#include "roce-header.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("Fibre");

NS_OBJECT_ENSURE_REGISTERED(Fibre);

/**
 * @brief The event of a frame's last bit at one end. The fibre holds it and schedules it again and
 * again, for the frame that arrives next.
 */
class Fibre::Arrival : public EventImpl
{
  public:
    /**
     * @param fibre The fibre, which outlives its events.
     * @param to The end.
     */
    Arrival(Fibre* fibre, uint32_t to)
        : m_fibre(fibre),
          m_to(to)
    {
    }

  private:
    void Notify() override
    {
        m_fibre->HandleArrival(m_to);
    }

    Fibre* m_fibre; //!< the fibre
    uint32_t m_to;  //!< the end
};

TypeId
Fibre::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::Fibre")
            .SetParent<Channel>()
            .SetGroupName("Mixnet")
            .AddConstructor<Fibre>()
            .AddAttribute("Delay",
                          "Propagation delay (paper, section 7.1: 1 us per link).",
                          TimeValue(MicroSeconds(1)),
                          MakeTimeAccessor(&Fibre::m_delay),
                          MakeTimeChecker(Time(0)))
            .AddTraceSource("TxRxPointToPoint",
                            "A frame sets out: packet, sender, receiver, serialisation time, time "
                            "until its last bit arrives.",
                            MakeTraceSourceAccessor(&Fibre::m_txRxTrace),
                            "ns3::mixnet::Fibre::TxRxTracedCallback")
            .AddTraceSource("Drop",
                            "A frame was lost in a cut fibre.",
                            MakeTraceSourceAccessor(&Fibre::m_dropTrace),
                            "ns3::mixnet::FibrePort::DropTracedCallback")
            .AddTraceSource("Cut",
                            "The fibre is cut, or spliced: whether it is cut.",
                            MakeTraceSourceAccessor(&Fibre::m_cutTrace),
                            "ns3::TracedValueCallback::Bool");
    return tid;
}

Fibre::Fibre()
{
    for (uint32_t end = 0; end < m_directions.size(); ++end)
    {
        m_directions[end].arrival = Create<Arrival>(this, end);
    }
}

void
Fibre::DoDispose()
{
    m_ports = {};
    m_directions = {};
    Channel::DoDispose();
}

void
Fibre::Connect(Ptr<FibrePort> a, Ptr<FibrePort> b)
{
    NS_ABORT_MSG_IF(m_ports[0], "a fibre has two ends; this one is connected already");
    NS_ABORT_MSG_IF(a == b, "a fibre needs two different ports");
    m_ports = {a, b};
    a->Attach(this, 0);
    b->Attach(this, 1);
}

void
Fibre::Cut()
{
    if (m_cut)
    {
        return;
    }
    NS_LOG_INFO("cut");
    m_cut = true;
    m_cutAt = Simulator::Now();
    PropagateSignal(0);
    PropagateSignal(1);
    m_cutTrace(true);
}

void
Fibre::Restore()
{
    if (!m_cut)
    {
        return;
    }
    m_cut = false;
    if (Simulator::Now() > m_cutAt)
    {
        m_darkFrom = m_cutAt;
        m_darkUntil = Simulator::Now();
    }
    PropagateSignal(0);
    PropagateSignal(1);
    m_cutTrace(false);
}

bool
Fibre::Loses(const Time& lastBit, const Time& duration) const
{
    const Time firstBitIn = lastBit - m_delay - duration;
    return (m_darkUntil > firstBitIn && m_darkFrom < lastBit) || (m_cut && m_cutAt < lastBit);
}

void
Fibre::Carry(uint32_t from, RoceFrame&& frame, const Time& untilLastBit)
{
    const uint32_t to = 1 - from;
    const Time lastBit = untilLastBit + m_delay;
    m_counters.Send(frame);
    if (!m_txRxTrace.IsEmpty())
    {
        m_txRxTrace(ToPacket(frame), m_ports[from], m_ports[to], frame.duration, lastBit);
    }
    auto& inFlight = m_directions[to].inFlight;
    const bool isFirst = inFlight.IsEmpty();
    inFlight.Push({std::move(frame), Simulator::Now() + lastBit});
    if (isFirst)
    {
        ScheduleArrival(to);
    }
}

void
Fibre::ScheduleArrival(uint32_t to)
{
    auto& direction = m_directions[to];
    direction.arrival->Ref(); // the simulator takes a reference of its own
    Simulator::ScheduleWithContext(m_ports[to]->GetContext(),
                                   direction.inFlight.Front().lastBit - Simulator::Now(),
                                   PeekPointer(direction.arrival));
}

void
Fibre::HandleArrival(uint32_t to)
{
    auto& inFlight = m_directions[to].inFlight;
    RoceFrame frame = std::move(inFlight.Front().frame);
    inFlight.Pop();
    if (!inFlight.IsEmpty())
    {
        ScheduleArrival(to);
    }
    if (Loses(Simulator::Now(), frame.duration))
    {
        m_counters.Drop(frame, DropReason::FibreCut);
        m_dropTrace(frame, DropReason::FibreCut);
        return;
    }
    m_counters.Receive(frame);
    m_ports[to]->HandleFrame(std::move(frame));
}

void
Fibre::SetSignal(uint32_t from, const LinkSignal& signal)
{
    m_emitted[from] = signal;
    if (!m_cut)
    {
        PropagateSignal(from);
    }
}

void
Fibre::PropagateSignal(uint32_t from)
{
    const uint32_t to = 1 - from;
    const LinkSignal signal = m_cut ? LinkSignal{} : m_emitted[from];
    Simulator::ScheduleWithContext(m_ports[to]->GetContext(),
                                   m_delay,
                                   &FibrePort::HandleSignal,
                                   m_ports[to],
                                   signal);
}

} // namespace mixnet
} // namespace ns3
