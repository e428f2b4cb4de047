/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "rdma-nic.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("RdmaNic");

NS_OBJECT_ENSURE_REGISTERED(RdmaNic);

TypeId
RdmaNic::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::RdmaNic")
            .SetParent<FibrePort>()
            .SetGroupName("Mixnet")
            .AddConstructor<RdmaNic>()
            // The line
            .AddAttribute("DataRate",
                          "Line rate, each way (paper, section 7.1: 100, 200, 400 or 800 Gb/s).",
                          DataRateValue(DataRate("400Gb/s")),
                          MakeDataRateAccessor(&RdmaNic::m_dataRate),
                          MakeDataRateChecker())
            .AddAttribute("Mtu",
                          "Payload per frame, bytes (RoCE: 256 to 4096; more for comparisons).",
                          UintegerValue(4096),
                          MakeUintegerAccessor(&NetDevice::SetMtu, &NetDevice::GetMtu),
                          MakeUintegerChecker<uint16_t>(1))
            // Light
            .AddAttribute("LinkUpDelay",
                          "Time from light to an active port (the paper's results leave it out; "
                          "its prototype measured 5.67 s).",
                          TimeValue(Time(0)),
                          MakeTimeAccessor(&RdmaNic::m_linkUpDelay),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("LinkDownDelay",
                          "Time from loss of light until the port notices.",
                          TimeValue(Time(0)),
                          MakeTimeAccessor(&RdmaNic::m_linkDownDelay),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("LinkDownTimeout",
                          "Time without light from the peer after which messages end with an "
                          "error.",
                          TimeValue(Seconds(30)),
                          MakeTimeAccessor(&RdmaNic::m_linkDownTimeout),
                          MakeTimeChecker(Time(0)))
            // Queue pairs
            .AddAttribute("Window",
                          "Unacknowledged payload of a queue pair at most, bytes; at least one "
                          "bandwidth-delay product for full speed. 0 for what whoever knows the "
                          "fabric suggests, else DEFAULT_WINDOW.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&RdmaNic::SetWindow, &RdmaNic::GetWindow),
                          MakeUintegerChecker<uint64_t>())
            .AddAttribute("AckInterval",
                          "Frames between requested acknowledgements; the last frame of a message "
                          "always asks for one.",
                          UintegerValue(16),
                          MakeUintegerAccessor(&RdmaNic::m_ackInterval),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("RetransmissionTimeout",
                          "Time without progress after which unacknowledged frames are sent again. "
                          "0 for what whoever knows the fabric suggests, else 4.194304 ms "
                          "(InfiniBand: 4.096 us times a power of two; here 2^10).",
                          TimeValue(Time(0)),
                          MakeTimeAccessor(&RdmaNic::m_retransmissionTimeout),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("RetryLimit",
                          "Repetitions without progress, in the light, after which messages end "
                          "with an error (InfiniBand: 7 at most).",
                          UintegerValue(7),
                          MakeUintegerAccessor(&RdmaNic::m_retryLimit),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("NackInterval",
                          "Time after which a NACK for the same number is sent again.",
                          TimeValue(MicroSeconds(500)),
                          MakeTimeAccessor(&RdmaNic::m_nackInterval),
                          MakeTimeChecker(Time(0)))
            // Events
            .AddTraceSource("StateTransition",
                            "The link's state changes.",
                            MakeTraceSourceAccessor(&RdmaNic::m_stateTrace),
                            "ns3::mixnet::RdmaNic::StateTracedCallback")
            .AddTraceSource("TransmitBegin",
                            "The first bit of a frame leaves.",
                            MakeTraceSourceAccessor(&RdmaNic::m_transmitTrace),
                            "ns3::mixnet::RdmaNic::FrameTracedCallback")
            .AddTraceSource("Receive",
                            "A frame was taken in, last bit and all.",
                            MakeTraceSourceAccessor(&RdmaNic::m_receiveTrace),
                            "ns3::mixnet::RdmaNic::FrameTracedCallback");
    return tid;
}

RdmaNic::RdmaNic()
    : m_suggestedTimeout(NanoSeconds(DEFAULT_TIMEOUT_NS))
{
}

RdmaNic::~RdmaNic() = default;

void
RdmaNic::DoInitialize()
{
    NS_ABORT_MSG_IF(m_dataRate.GetBitRate() == 0,
                    "RdmaNic attribute DataRate is 0; it must be above zero");
    Emit(LightSignal{true, m_nicAddress});
    FibrePort::DoInitialize();
}

void
RdmaNic::DoDispose()
{
    m_linkEvent.Cancel();
    m_messageCallback.Nullify();
    m_rawFrames.clear();
    for (auto& queuePair : m_queuePairs)
    {
        queuePair->Dispose();
    }
    FibrePort::DoDispose();
}

void
RdmaNic::SetNicAddress(NicAddress address)
{
    NS_ABORT_MSG_IF(address == LightSignal::PACKET_SWITCH,
                    "NIC address " << address << " is reserved");
    m_nicAddress = address;
}

void
RdmaNic::SetMessageCallback(MessageCallback callback)
{
    m_messageCallback = callback;
}

QueuePair&
RdmaNic::GetQueuePair(NicAddress peer, uint32_t number)
{
    const uint64_t key = uint64_t{peer} << 32 | number;
    if (m_lastQueuePair && m_lastKey == key)
    {
        return *m_lastQueuePair;
    }
    auto& found = m_queuePairByPeer[key];
    if (!found)
    {
        m_queuePairs.push_back(std::make_unique<QueuePair>(*this, peer, number));
        found = m_queuePairs.back().get();
        found->SetReachable(IsReachable(peer));
    }
    m_lastKey = key;
    m_lastQueuePair = found;
    return *found;
}

bool
RdmaNic::SetMtu(const uint16_t mtu)
{
    FibrePort::SetMtu(mtu);
    SetWindow(m_windowBytes);
    return true;
}

void
RdmaNic::SetWindow(uint64_t bytes)
{
    m_windowBytes = bytes;
    m_windowFrames = std::max<uint64_t>(1, GetWindow() / GetMtu());
}

uint64_t
RdmaNic::GetWindow() const
{
    return m_windowBytes > 0 ? m_windowBytes : m_suggestedWindow;
}

void
RdmaNic::SuggestPath(uint64_t window, const Time& retransmissionTimeout)
{
    m_suggestedWindow = window;
    m_suggestedTimeout = retransmissionTimeout;
    SetWindow(m_windowBytes);
}

const Time&
RdmaNic::GetRetransmissionTimeout() const
{
    return m_retransmissionTimeout.IsZero() ? m_suggestedTimeout : m_retransmissionTimeout;
}

RdmaNic::LinkState
RdmaNic::GetLinkState() const
{
    return m_state;
}

DataRate
RdmaNic::GetDataRate() const
{
    return m_dataRate;
}

uint64_t
RdmaNic::GetRetransmittedFrames() const
{
    uint64_t sum = 0;
    for (const auto& queuePair : m_queuePairs)
    {
        sum += queuePair->GetRetransmittedFrames();
    }
    return sum;
}

void
RdmaNic::NotifyData(QueuePair& queuePair)
{
    if (!queuePair.inDataRing && queuePair.CanSendData())
    {
        queuePair.inDataRing = true;
        m_dataRing.push_back(&queuePair);
    }
    TransmitStart();
}

void
RdmaNic::NotifyControl(QueuePair& queuePair)
{
    if (!queuePair.inControlRing && queuePair.CanSendControl())
    {
        queuePair.inControlRing = true;
        m_controlRing.push_back(&queuePair);
    }
    TransmitStart();
}

void
RdmaNic::NotifyMessage(Ptr<const RdmaMessage> message, NicAddress peer)
{
    if (!m_messageCallback.IsNull())
    {
        m_messageCallback(message, peer);
    }
}

bool
RdmaNic::NextFrame(RoceFrame& frame)
{
    if (!m_rawFrames.empty())
    {
        frame = std::move(m_rawFrames.front());
        m_rawFrames.pop_front();
        return true;
    }
    while (!m_controlRing.empty())
    {
        auto& queuePair = *m_controlRing.front();
        m_controlRing.pop_front();
        queuePair.inControlRing = false;
        if (queuePair.CanSendControl())
        {
            frame = queuePair.TakeControl();
            return true;
        }
    }
    while (!m_dataRing.empty())
    {
        auto& queuePair = *m_dataRing.front();
        m_dataRing.pop_front();
        queuePair.inDataRing = false;
        if (queuePair.CanSendData())
        {
            frame = queuePair.TakeData();
            if (queuePair.CanSendData())
            {
                queuePair.inDataRing = true;
                m_dataRing.push_back(&queuePair);
            }
            return true;
        }
    }
    return false;
}

void
RdmaNic::TransmitStart()
{
    if (m_transmitting || !IsLinkUp())
    {
        return;
    }
    RoceFrame frame;
    if (!NextFrame(frame))
    {
        return;
    }
    m_transmitting = true;
    frame.duration = SerialisationTimeOf(frame.wireBytes);
    m_transmitTrace(frame);
    const Time duration = frame.duration;
    Launch(std::move(frame), duration);
    Simulator::Schedule(duration, &RdmaNic::TransmitComplete, this);
}

void
RdmaNic::TransmitComplete()
{
    NS_ASSERT(m_transmitting);
    m_transmitting = false;
    TransmitStart();
}

Time
RdmaNic::SerialisationTimeOf(uint32_t wireBytes)
{
    if (wireBytes != m_cachedBytes)
    {
        m_cachedBytes = wireBytes;
        m_cachedDuration = SerialisationTime(wireBytes, m_dataRate);
    }
    return m_cachedDuration;
}

void
RdmaNic::HandleFrame(RoceFrame&& frame)
{
    if (!IsLinkUp())
    {
        Drop(frame, DropReason::PortDown);
        return;
    }
    if (frame.kind == FrameKind::Raw)
    {
        m_counters.received.Add(frame);
        m_receiveTrace(frame);
        DeliverPacket(frame.packet, frame.protocol, GetAddress());
        return;
    }
    if (frame.destination != m_nicAddress)
    {
        Drop(frame, DropReason::WrongPeer);
        return;
    }
    m_counters.received.Add(frame);
    m_receiveTrace(frame);
    GetQueuePair(frame.source, frame.queuePair).HandleFrame(frame);
}

bool
RdmaNic::Send(Ptr<Packet> packet, const Address& /* dest */, uint16_t protocolNumber)
{
    if (!IsLinkUp() || packet->GetSize() > GetMtu())
    {
        return false;
    }
    RoceFrame frame;
    frame.packet = packet;
    frame.protocol = protocolNumber;
    frame.wireBytes = packet->GetSize() + wire::ETHERNET_OVERHEAD;
    frame.source = m_nicAddress;
    m_rawFrames.push_back(std::move(frame));
    TransmitStart();
    return true;
}

bool
RdmaNic::IsReachable(NicAddress peer) const
{
    return IsLinkUp() && (m_light.source == LightSignal::PACKET_SWITCH || m_light.source == peer);
}

bool
RdmaNic::IsLinkUp() const
{
    return m_state == LinkState::Up || m_state == LinkState::Fading;
}

void
RdmaNic::HandleLight(const LightSignal& light)
{
    const bool changed = !(light == m_light);
    switch (m_state)
    {
    case LinkState::Dark:
        m_light = light;
        if (light.on)
        {
            SwitchToState(LinkState::Activating);
        }
        break;
    case LinkState::Activating:
        if (changed)
        {
            m_light = light;
            SwitchToState(light.on ? LinkState::Activating : LinkState::Dark);
        }
        break;
    case LinkState::Up:
        if (!light.on)
        {
            SwitchToState(LinkState::Fading);
        }
        else if (changed)
        {
            m_light = light;
            UpdateReachability();
        }
        break;
    case LinkState::Fading:
        if (light.on)
        {
            m_light = light;
            SwitchToState(LinkState::Up);
        }
        break;
    }
}

void
RdmaNic::SwitchToState(LinkState state)
{
    NS_LOG_LOGIC("NIC " << m_nicAddress << " from " << static_cast<int>(m_state) << " to "
                        << static_cast<int>(state));
    m_linkEvent.Cancel();
    const bool wasUp = IsLinkUp();
    m_stateTrace(m_state, state);
    m_state = state;
    if (state == LinkState::Activating)
    {
        m_linkEvent = Simulator::Schedule(m_linkUpDelay, &RdmaNic::ActivationComplete, this);
    }
    else if (state == LinkState::Fading)
    {
        m_linkEvent = Simulator::Schedule(m_linkDownDelay, &RdmaNic::FadingComplete, this);
    }
    else
    {
        UpdateReachability();
    }
    if (IsLinkUp() != wasUp)
    {
        NotifyLinkChange();
    }
}

void
RdmaNic::ActivationComplete()
{
    SwitchToState(LinkState::Up);
    TransmitStart();
}

void
RdmaNic::FadingComplete()
{
    m_light = LightSignal{};
    SwitchToState(LinkState::Dark);
}

void
RdmaNic::UpdateReachability()
{
    // A completion may open a new queue pair, so the list can grow meanwhile.
    for (size_t i = 0; i < m_queuePairs.size(); ++i)
    {
        m_queuePairs[i]->SetReachable(IsReachable(m_queuePairs[i]->GetPeer()));
    }
}

} // namespace mixnet
} // namespace ns3
