/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "rdma-nic.h"

#include "control-path.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/lists.h"
#include "ns3/log.h"
#include "ns3/ns3-units.h"
#include "ns3/object-factory.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/type-id.h"
#include "ns3/uinteger.h"

#include <utility>

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
            .SetParent<EthernetPort>()
            .SetGroupName("Mixnet")
            .AddConstructor<RdmaNic>()
            // The line
            .AddAttribute("DataRate",
                          "Line rate, each way (paper, section 7.1: 100, 200, 400 or 800 Gb/s).",
                          DataRateValue(DataRate("400Gb/s")),
                          MakeDataRateAccessor(&RdmaNic::SetDataRate, &RdmaNic::GetDataRate),
                          MakeDataRateChecker())
            .AddAttribute("Mtu",
                          "Payload per frame, bytes (RoCE: 256 to 4096; more for comparisons).",
                          UintegerValue(4096),
                          MakeUintegerAccessor(&NetDevice::SetMtu, &NetDevice::GetMtu),
                          MakeUintegerChecker<uint16_t>(1, wire::LARGEST_PAYLOAD))
            // Link
            .AddAttribute("LinkUpDelay",
                          "Time from signal to an active port (the paper's results leave it out; "
                          "its prototype measured 5.67 s).",
                          TimeValue(Time(0)),
                          MakeTimeAccessor(&RdmaNic::m_linkUpDelay),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("LinkDownDelay",
                          "Time from loss of signal until the port notices.",
                          TimeValue(Time(0)),
                          MakeTimeAccessor(&RdmaNic::m_linkDownDelay),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("LinkDownTimeout",
                          "Time without a signal from the peer after which messages end with an "
                          "error.",
                          TimeValue(Seconds(30)),
                          MakeTimeAccessor(&RdmaNic::m_linkDownTimeout),
                          MakeTimeChecker(Time(0)))
            // Queue pairs
            .AddAttribute("CongestionControl",
                          "Class that decides window and rate of each queue pair, a subclass of "
                          "ns3::mixnet::CongestionControl.",
                          TypeIdValue(FixedWindow::GetTypeId()),
                          MakeTypeIdAccessor(&RdmaNic::m_congestionControl),
                          MakeTypeIdChecker())
            .AddAttribute("Window",
                          "Payload in flight that keeps a path busy, bytes: one bandwidth-delay "
                          "product at least. 0 for what whoever knows the fabric suggests, else "
                          "DEFAULT_WINDOW.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&RdmaNic::m_windowBytes),
                          MakeUintegerChecker<uint64_t>())
            .AddAttribute("OutOfOrder",
                          "Whether frames of a queue pair may overtake each other, as with packet "
                          "spraying; the same at both ends.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&RdmaNic::m_outOfOrder),
                          MakeBooleanChecker())
            .AddAttribute("FirstSequence",
                          "Number of the first frame of every queue pair, as both ends agree when "
                          "a connection is set up.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&RdmaNic::m_firstSequence),
                          MakeUintegerChecker<uint64_t>(0, (1 << 24) - 1))
            .AddAttribute("AckInterval",
                          "Frames between requested acknowledgements; the last frame of a message "
                          "always asks for one.",
                          UintegerValue(16),
                          MakeUintegerAccessor(&RdmaNic::m_ackInterval),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute(
                "RetransmissionTimeout",
                "Time without progress after which unacknowledged frames are retransmitted. "
                "0 for what whoever knows the fabric suggests, else 4.194304 ms "
                "(InfiniBand: 4.096 us times a power of two; here 2^10).",
                TimeValue(Time(0)),
                MakeTimeAccessor(&RdmaNic::m_retransmissionTimeout),
                MakeTimeChecker(Time(0)))
            .AddAttribute("BackoffLimit",
                          "How often the timeout doubles, once with every repetition without "
                          "progress.",
                          UintegerValue(3),
                          MakeUintegerAccessor(&RdmaNic::m_backoffLimit),
                          MakeUintegerChecker<uint32_t>(0, 20))
            .AddAttribute(
                "RetryLimit",
                "Repetitions without progress, while the link is up, after which messages end "
                "with an error (InfiniBand: 7 at most).",
                UintegerValue(7),
                MakeUintegerAccessor(&RdmaNic::m_retryLimit),
                MakeUintegerChecker<uint32_t>(0, 1000))
            .AddAttribute("NackInterval",
                          "Time after which a NACK for the same number is repeated.",
                          TimeValue(MicroSeconds(500)),
                          MakeTimeAccessor(&RdmaNic::m_nackInterval),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("CnpInterval",
                          "Time between congestion notifications of one queue pair, at least "
                          "(DCQCN: 50 us).",
                          TimeValue(MicroSeconds(50)),
                          MakeTimeAccessor(&RdmaNic::m_cnpInterval),
                          MakeTimeChecker(Time(0)))
            // Events
            .AddTraceSource("StateTransition",
                            "The link's state changes.",
                            MakeTraceSourceAccessor(&RdmaNic::m_stateTrace),
                            "ns3::mixnet::RdmaNic::StateTracedCallback")
            .AddTraceSource("Suspension",
                            "A queue pair is suspended, as there is no signal from its peer, or "
                            "goes on; not when it is made.",
                            MakeTraceSourceAccessor(&RdmaNic::m_suspensionTrace),
                            "ns3::mixnet::RdmaNic::SuspensionTracedCallback");
    return tid;
}

RdmaNic::RdmaNic()
    : m_suggestedTimeout(NanoSeconds(DEFAULT_TIMEOUT_NS))
{
}

void
RdmaNic::DoInitialize()
{
    NS_ABORT_MSG_IF(GetDataRate().GetBitRate() == 0,
                    "RdmaNic attribute DataRate is 0; it must be above zero");
    NS_ABORT_MSG_UNLESS(GetWindow() / GetMtu() < ReceiveWindow::REACH,
                        "RdmaNic attribute Window is " << GetWindow() << " bytes; at Mtu "
                                                       << GetMtu() << " it must stay below "
                                                       << ReceiveWindow::REACH
                                                       << " frames, half of the sequence numbers");
    MakeCongestionControl({})
        ->Dispose(); // refuses what it cannot work with before anything is sent
    Emit(LinkSignal{true, m_nicAddress});
    EthernetPort::DoInitialize();
}

void
RdmaNic::DoDispose()
{
    m_linkEvent.Cancel();
    m_messageCallback.Nullify();
    m_controlPath = nullptr;
    m_rawFrames = {};
    for (auto& queuePair : m_queuePairs)
    {
        queuePair->Dispose();
    }
    EthernetPort::DoDispose();
}

void
RdmaNic::SetNicAddress(NicAddress address)
{
    NS_ABORT_MSG_IF(address == LinkSignal::PACKET_SWITCH,
                    "NIC address " << address << " is reserved");
    m_nicAddress = address;
}

void
RdmaNic::SetControlPath(Ptr<ControlPath> path)
{
    NS_ABORT_MSG_IF(IsInitialized(), "an RdmaNic gets its control path before a run");
    m_controlPath = path;
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

void
RdmaNic::SuggestPath(uint64_t window, const Time& roundTrip, const Time& retransmissionTimeout)
{
    m_suggestedWindow = window;
    m_roundTrip = roundTrip;
    m_suggestedTimeout = retransmissionTimeout;
}

Ptr<CongestionControl>
RdmaNic::MakeCongestionControl(Callback<void> changed) const
{
    NS_ABORT_MSG_UNLESS(m_congestionControl.IsChildOf(CongestionControl::GetTypeId()) &&
                            m_congestionControl.HasConstructor(),
                        "RdmaNic attribute CongestionControl is "
                            << m_congestionControl.GetName()
                            << "; it must be a class derived from ns3::mixnet::CongestionControl");
    ObjectFactory factory;
    factory.SetTypeId(m_congestionControl);
    const auto control = factory.Create<CongestionControl>();
    const Time idle = SerialisationTime(GetWindow(), GetDataRate());
    control->Start({GetDataRate(),
                    GetWindow(),
                    m_roundTrip.IsZero() ? idle : m_roundTrip,
                    GetMtu(),
                    GetMtu() + wire::PadBytes(GetMtu()) + wire::ROCE_OVERHEAD},
                   changed);
    NS_ABORT_MSG_UNLESS(control->GetLargestWindow() / GetMtu() < ReceiveWindow::REACH,
                        m_congestionControl.GetName()
                            << " may have a window of " << control->GetLargestWindow()
                            << " bytes; at Mtu " << GetMtu() << " it must stay below "
                            << ReceiveWindow::REACH << " frames, half of the sequence numbers");
    return control;
}

uint64_t
RdmaNic::GetRetransmittedFrames() const
{
    return mixnetcore::SumOf(m_queuePairs, [](const auto& queuePair) {
        return queuePair->GetRetransmittedFrames();
    });
}

void
RdmaNic::NotifyData(QueuePair& queuePair)
{
    if (!queuePair.inDataRing && queuePair.CanSendData())
    {
        queuePair.inDataRing = true;
        m_dataRing.Push(&queuePair);
    }
    TransmitStart();
}

void
RdmaNic::NotifyControl(QueuePair& queuePair)
{
    if (m_controlPath)
    {
        while (queuePair.CanSendControl())
        {
            m_controlPath->Send(queuePair.TakeControl());
        }
        return;
    }
    if (!queuePair.inControlRing && queuePair.CanSendControl())
    {
        queuePair.inControlRing = true;
        m_controlRing.Push(&queuePair);
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

std::optional<RoceFrame>
RdmaNic::NextControl()
{
    if (!m_rawFrames.IsEmpty())
    {
        RoceFrame frame = std::move(m_rawFrames.Front());
        m_rawFrames.Pop();
        return frame;
    }
    while (!m_controlRing.IsEmpty())
    {
        auto& queuePair = *m_controlRing.Front();
        m_controlRing.Pop();
        queuePair.inControlRing = false;
        if (queuePair.CanSendControl())
        {
            auto frame = queuePair.TakeControl();
            NotifyControl(queuePair);
            return frame;
        }
    }
    return std::nullopt;
}

std::optional<RoceFrame>
RdmaNic::NextData()
{
    while (!m_dataRing.IsEmpty())
    {
        auto& queuePair = *m_dataRing.Front();
        m_dataRing.Pop();
        queuePair.inDataRing = false;
        if (!queuePair.CanSendData())
        {
            continue;
        }
        auto frame = queuePair.TakeData();
        NotifyData(queuePair);
        if (frame)
        {
            return frame;
        }
    }
    return std::nullopt;
}

std::optional<RoceFrame>
RdmaNic::NextFrame()
{
    std::optional<RoceFrame> frame;
    if (!IsPaused(CONTROL_CLASS))
    {
        frame = NextControl();
    }
    if (!frame && !IsPaused(DATA_CLASS))
    {
        frame = NextData();
    }
    return frame;
}

void
RdmaNic::TransmitStart()
{
    const bool isLit = m_controlPath ? m_farEnd.has_value() : IsLinkUp();
    if (m_choosing || !isLit || !HasFrames())
    {
        return;
    }
    if (!IsLineFree())
    {
        CallWhenLineFree();
        return;
    }
    m_choosing = true;
    auto frame = NextFrame();
    m_choosing = false;
    if (!frame)
    {
        return;
    }
    Transmit(std::move(*frame));
    if (HasFrames())
    {
        CallWhenLineFree();
    }
}

void
RdmaNic::HandleFrame(RoceFrame&& frame)
{
    if (!IsLinkUp())
    {
        Drop(frame, DropReason::PortDown);
        return;
    }
    const bool isForQueuePair = frame.kind != FrameKind::Pause && frame.kind != FrameKind::Raw;
    if (isForQueuePair && frame.destination != m_nicAddress)
    {
        Drop(frame, DropReason::WrongPeer);
        return;
    }
    m_counters.Receive(frame);
    m_receiveTrace(frame);
    if (isForQueuePair)
    {
        GetQueuePair(frame.source, frame.queuePair).HandleFrame(frame);
    }
    else if (frame.kind == FrameKind::Pause)
    {
        HandlePause(frame);
    }
    else
    {
        DeliverPacket(frame.packet, frame.protocol, GetAddress());
    }
}

void
RdmaNic::HandleControlFrame(const RoceFrame& frame)
{
    GetQueuePair(frame.source, frame.queuePair).HandleFrame(frame);
}

void
RdmaNic::HandleFarEnd(NicAddress by, bool on)
{
    if (on)
    {
        m_farEnd = by;
    }
    else if (m_farEnd == by)
    {
        m_farEnd.reset();
    }
    UpdateReachability();
    TransmitStart();
}

void
RdmaNic::TellSignal()
{
    std::optional<NicAddress> seen;
    if (IsLinkUp() && m_signal.on && m_signal.source != LinkSignal::PACKET_SWITCH)
    {
        seen = m_signal.source;
    }
    const auto before = std::exchange(m_told, seen);
    if (before == seen)
    {
        return;
    }
    if (before)
    {
        m_controlPath->TellSignal(*before, m_nicAddress, false);
    }
    if (seen)
    {
        m_controlPath->TellSignal(*seen, m_nicAddress, true);
    }
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
    m_rawFrames.Push(std::move(frame));
    TransmitStart();
    return true;
}

void
RdmaNic::HandleSignal(const LinkSignal& signal)
{
    const bool changed = !(signal == m_signal);
    switch (m_state)
    {
    case LinkState::Down:
        m_signal = signal;
        if (signal.on)
        {
            SwitchToState(LinkState::Activating);
        }
        break;
    case LinkState::Activating:
        if (changed)
        {
            m_signal = signal;
            SwitchToState(signal.on ? LinkState::Activating : LinkState::Down);
        }
        break;
    case LinkState::Up:
        if (!signal.on)
        {
            SwitchToState(LinkState::Fading);
        }
        else if (changed)
        {
            m_signal = signal;
            UpdateReachability();
        }
        break;
    case LinkState::Fading:
        if (signal.on)
        {
            m_signal = signal;
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
        ClearPauses();
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
    m_signal = LinkSignal{};
    SwitchToState(LinkState::Down);
}

void
RdmaNic::UpdateReachability()
{
    if (m_controlPath)
    {
        TellSignal();
    }
    // A completion may open a new queue pair, so the list can grow meanwhile.
    for (size_t i = 0; i < m_queuePairs.size(); ++i)
    {
        auto& queuePair = *m_queuePairs[i];
        const bool reachable = IsReachable(queuePair.GetPeer());
        if (reachable == queuePair.IsSuspended())
        {
            m_suspensionTrace(queuePair.GetPeer(), queuePair.GetNumber(), !reachable);
        }
        queuePair.SetReachable(reachable);
    }
}

} // namespace mixnet
} // namespace ns3
