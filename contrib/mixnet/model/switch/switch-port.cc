/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "switch-port.h"

#include "packet-switch.h"

#include "ns3/fibre.h"
#include "ns3/lists.h"
#include "ns3/log.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <cmath>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("SwitchPort");

NS_OBJECT_ENSURE_REGISTERED(SwitchPort);

namespace
{

constexpr uint16_t LONGEST_PAUSE = 0xffff; //!< quanta

} // namespace

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
SwitchPort::SetSwitch(PacketSwitch* owner, uint32_t number, const DataRate& rate)
{
    m_owner = owner;
    m_number = number;
    SetDataRate(rate);
}

void
SwitchPort::SetMarkLimits(uint64_t minimum, uint64_t maximum)
{
    m_markMinimum = minimum;
    m_markMaximum = maximum;
}

void
SwitchPort::DoInitialize()
{
    Emit(LinkSignal{true, LinkSignal::PACKET_SWITCH});
    EthernetPort::DoInitialize();
}

void
SwitchPort::DoDispose()
{
    ForgetStorms();
    m_watch.reset();
    m_queues = {};
    m_ingress = {};
    EthernetPort::DoDispose();
}

void
SwitchPort::HandleFrame(RoceFrame&& frame)
{
    m_counters.Receive(frame);
    m_receiveTrace(frame);
    if (frame.kind == FrameKind::Pause)
    {
        if (m_owner->GetPfcWatchdog().IsStrictlyPositive())
        {
            WatchPauses(frame);
        }
        HandlePause(frame);
        return;
    }
    m_owner->HandleFrameAt(*this, std::move(frame));
}

void
SwitchPort::HandleSignal(const LinkSignal& signal)
{
    m_up = signal.on;
    UpdateTakes();
    m_owner->NotifySignal(m_number, m_up);
    NotifyLinkChange();
    if (!m_up)
    {
        ClearPauses();
        m_pausesDue = 0;
        m_resumesDue = 0;
        Flush();
        ForgetStorms();
    }
    for (auto& ingress : m_ingress)
    {
        if (ingress)
        {
            m_up ? ingress->NotifyArrival() : ingress->ForgetPause();
        }
    }
}

void
SwitchPort::Flush()
{
    for (uint8_t trafficClass = 0; trafficClass < TRAFFIC_CLASSES; ++trafficClass)
    {
        FlushClass(trafficClass, DropReason::PortDown);
    }
}

void
SwitchPort::FlushClass(uint8_t trafficClass, DropReason reason)
{
    auto& queue = m_queues[trafficClass];
    m_waiting &= ~(1U << trafficClass);
    queue.bytes = 0;
    for (; !queue.frames.IsEmpty(); queue.frames.Pop())
    {
        const auto& waiting = queue.frames.Front();
        Release(waiting.frame.wireBytes, waiting.ingress);
        Drop(waiting.frame, reason);
    }
}

void
SwitchPort::UpdateTakes()
{
    const uint8_t storms = m_watch ? m_watch->storms : 0;
    m_takes = m_up ? static_cast<uint8_t>(~storms) : 0;
}

void
SwitchPort::WatchPauses(const RoceFrame& pause)
{
    if (!m_watch)
    {
        m_watch = std::make_unique<Watch>();
    }
    const Time now = Simulator::Now();
    for (uint8_t trafficClass = 0; trafficClass < TRAFFIC_CLASSES; ++trafficClass)
    {
        const uint8_t bit = 1U << trafficClass;
        if ((pause.pausedClasses & bit) == 0)
        {
            continue;
        }
        const bool begins = !IsPaused(trafficClass);
        if (pause.pauseQuanta == 0 || m_queues[trafficClass].frames.IsEmpty())
        {
            m_watch->waiting &= ~bit;
        }
        else if (begins || (m_watch->waiting & bit) == 0)
        {
            m_watch->waiting |= bit;
            m_watch->since[trafficClass] = now;
        }
        else if (now - m_watch->since[trafficClass] >= m_owner->GetPfcWatchdog())
        {
            StormStart(trafficClass);
        }
        m_watch->paused |= pause.pauseQuanta > 0 ? bit : 0;
    }
}

void
SwitchPort::StormStart(uint8_t trafficClass)
{
    const uint8_t bit = 1U << trafficClass;
    m_watch->waiting &= ~bit;
    m_watch->paused &= ~bit;
    m_watch->storms |= bit;
    UpdateTakes();
    m_watch->restore[trafficClass] =
        Simulator::Schedule(m_owner->GetPfcWatchdog(), &SwitchPort::StormCheck, this, trafficClass);
    m_owner->NotifyStorm(m_number, trafficClass, true);
    FlushClass(trafficClass, DropReason::PauseStorm);
}

void
SwitchPort::StormCheck(uint8_t trafficClass)
{
    const uint8_t bit = 1U << trafficClass;
    if ((m_watch->paused & bit) != 0 || IsPaused(trafficClass))
    {
        m_watch->paused &= ~bit;
        m_watch->restore[trafficClass] = Simulator::Schedule(m_owner->GetPfcWatchdog(),
                                                             &SwitchPort::StormCheck,
                                                             this,
                                                             trafficClass);
        return;
    }
    m_watch->storms &= ~bit;
    UpdateTakes();
    m_owner->NotifyStorm(m_number, trafficClass, false);
}

void
SwitchPort::ForgetStorms()
{
    for (uint8_t trafficClass = 0; m_watch && trafficClass < TRAFFIC_CLASSES; ++trafficClass)
    {
        m_watch->restore[trafficClass].Cancel();
    }
    if (m_watch)
    {
        m_watch->storms = 0;
        m_watch->waiting = 0;
    }
    UpdateTakes();
}

std::map<const LosslessIngress*, uint64_t>
SwitchPort::GetHeldBytes(uint8_t trafficClass) const
{
    std::map<const LosslessIngress*, uint64_t> held;
    const auto& frames = m_queues.at(trafficClass).frames;
    for (size_t place = 0; place < frames.GetSize(); ++place)
    {
        const auto& waiting = frames.At(place);
        if (waiting.ingress)
        {
            held[waiting.ingress] += waiting.frame.wireBytes;
        }
    }
    return held;
}

size_t
SwitchPort::GetQueuedFrames() const
{
    return mixnetcore::SumOf(m_queues, [](const auto& queue) { return queue.frames.GetSize(); });
}

LosslessIngress&
SwitchPort::MakeIngress(uint8_t trafficClass)
{
    const auto rate = GetDataRate();
    const Time delay = DynamicCast<Fibre>(GetChannel())->GetDelay();
    const uint64_t onFibre = std::llround(rate.GetBitRate() / 8.0 * delay.GetSeconds());
    const uint64_t fullFrame = m_owner->GetFullFrame();
    const Time pause = SerialisationTime(LONGEST_PAUSE * BITS_PER_QUANTUM / 8, rate);
    const LosslessIngress::Limits limits{
        std::max(3 * onFibre, 2 * onFibre + 3 * fullFrame + wire::PAUSE_FRAME_ON_WIRE),
        fullFrame,
        pause / 2};
    auto& ingress = m_ingress[trafficClass];
    ingress = std::make_unique<LosslessIngress>(*this, trafficClass, m_owner->GetBuffer(), limits);
    return *ingress;
}

void
SwitchPort::SendPause(uint8_t trafficClass, bool paused)
{
    const uint8_t bit = 1U << trafficClass;
    (paused ? m_pausesDue : m_resumesDue) |= bit;
    (paused ? m_resumesDue : m_pausesDue) &= ~bit;
    NS_LOG_LOGIC("port " << m_number << (paused ? " pauses" : " resumes") << " class "
                         << unsigned{trafficClass});
    m_owner->NotifyPause(m_number, trafficClass, paused);
    TransmitStart();
}

void
SwitchPort::RepeatPause(uint8_t trafficClass)
{
    m_pausesDue |= 1U << trafficClass;
    m_owner->NotifyPauseRepeat(m_number, trafficClass);
    TransmitStart();
}

bool
SwitchPort::IsPausing(uint8_t trafficClass) const
{
    const auto& ingress = m_ingress.at(trafficClass);
    return ingress && ingress->IsPausing();
}

uint64_t
SwitchPort::GetIngressBytes(uint8_t trafficClass) const
{
    const auto& ingress = m_ingress.at(trafficClass);
    return ingress ? ingress->GetBytes() : 0;
}

RoceFrame
SwitchPort::TakePause()
{
    // Pauses go before ends of pauses: headroom has room for one pause frame only.
    const bool pauses = m_pausesDue != 0;
    auto& due = pauses ? m_pausesDue : m_resumesDue;
    RoceFrame frame;
    frame.kind = FrameKind::Pause;
    frame.wireBytes = wire::PAUSE_FRAME_ON_WIRE;
    frame.pausedClasses = due;
    frame.pauseQuanta = pauses ? LONGEST_PAUSE : 0;
    due = 0;
    return frame;
}

void
SwitchPort::Enqueue(RoceFrame&& frame, LosslessIngress* ingress)
{
    if (m_waiting == 0 && !HasPauseDue() && IsLineFree() && !IsPaused(frame.trafficClass))
    {
        const uint32_t bytes = frame.wireBytes;
        Transmit(std::move(frame));
        Release(bytes, ingress);
        return;
    }
    m_waiting |= 1U << frame.trafficClass;
    auto& queue = m_queues[frame.trafficClass];
    queue.bytes += frame.wireBytes;
    queue.frames.Push({std::move(frame), ingress});
    TransmitStart();
}

void
SwitchPort::Release(uint32_t bytes, LosslessIngress* ingress)
{
    if (ingress)
    {
        ingress->Release(bytes);
    }
    else
    {
        m_owner->GetBuffer().Release(bytes);
    }
}

void
SwitchPort::Mark(RoceFrame& frame, uint64_t queuedBytes)
{
    if (queuedBytes >= m_markMinimum && frame.ecn == EcnCodepoint::Capable &&
        (queuedBytes > m_markMaximum ||
         m_owner->DrawMark(queuedBytes - m_markMinimum, m_markMaximum - m_markMinimum)))
    {
        frame.ecn = EcnCodepoint::Experienced;
        m_owner->NotifyMark(frame, m_number);
    }
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
SwitchPort::TransmitStart()
{
    const uint32_t trafficClass = NextClass();
    if (!m_up || (trafficClass == TRAFFIC_CLASSES && !HasPauseDue()))
    {
        return;
    }
    if (!IsLineFree())
    {
        CallWhenLineFree();
        return;
    }
    if (HasPauseDue())
    {
        Transmit(TakePause());
    }
    else
    {
        TransmitFrom(trafficClass);
    }
    if (m_waiting != 0 || HasPauseDue())
    {
        CallWhenLineFree();
    }
}

void
SwitchPort::TransmitFrom(uint32_t trafficClass)
{
    auto& queue = m_queues[trafficClass];
    auto& [frame, ingress] = queue.frames.Front();
    auto* const accounts = ingress;
    const uint32_t bytes = frame.wireBytes;
    queue.bytes -= bytes;
    Mark(frame, queue.bytes);
    Transmit(std::move(frame));
    queue.frames.Pop();
    m_waiting &= ~(queue.frames.IsEmpty() ? 1U << trafficClass : 0U);
    Release(bytes, accounts);
}

} // namespace mixnet
} // namespace ns3
