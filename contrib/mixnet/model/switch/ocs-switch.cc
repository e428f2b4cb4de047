/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ocs-switch.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/lists.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/ns3-units.h"
#include "ns3/ocs-technology.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/trace-source-accessor.h"

#include <cmath>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("OcsSwitch");

NS_OBJECT_ENSURE_REGISTERED(OcsPort);
NS_OBJECT_ENSURE_REGISTERED(OcsSwitch);

TypeId
OcsPort::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::OcsPort")
                            .SetParent<FibrePort>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<OcsPort>();
    return tid;
}

void
OcsPort::HandleFrame(RoceFrame&& frame)
{
    m_counters.Receive(frame);
    m_ocs->HandleFrameAt(m_number, std::move(frame));
}

void
OcsPort::HandleSignal(const LinkSignal& signal)
{
    m_incoming = signal;
    m_ocs->HandleSignalAt(m_number);
}

TypeId
OcsSwitch::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::OcsSwitch")
            .SetParent<FabricDevice>()
            .SetGroupName("Mixnet")
            .AddConstructor<OcsSwitch>()
            // How long it takes
            .AddAttribute("ReconfigurationTime",
                          "Time a reconfiguration takes, in seconds, unless a technology is named "
                          "(default 25 ms: paper, section 7.1).",
                          StringValue("ns3::ConstantRandomVariable[Constant=0.025]"),
                          MakePointerAccessor(&OcsSwitch::m_reconfigurationTime),
                          MakePointerChecker<RandomVariableStream>())
            .AddAttribute("Technology",
                          "Name of a technology that sets time and port limit (paper, Table 2, and "
                          "the prototype's measured profile); empty for ReconfigurationTime.",
                          StringValue(""),
                          MakeStringAccessor(&OcsSwitch::m_technology),
                          MakeStringChecker())
            // What it touches
            .AddAttribute("WholeSwitchDark",
                          "Whether all ports go dark in a reconfiguration, not only those whose "
                          "circuit changes.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&OcsSwitch::m_wholeSwitchDark),
                          MakeBooleanChecker())
            // The story of a reconfiguration
            .AddTraceSource("ReconfigurationBegin",
                            "Ports go dark: configuration to come, number of dark ports, duration.",
                            MakeTraceSourceAccessor(&OcsSwitch::m_beginTrace),
                            "ns3::mixnet::OcsSwitch::BeginTracedCallback")
            .AddTraceSource("ReconfigurationEnd",
                            "A configuration is in force.",
                            MakeTraceSourceAccessor(&OcsSwitch::m_endTrace),
                            "ns3::mixnet::OcsSwitch::EndTracedCallback")
            .AddTraceSource("Refused",
                            "A configuration was refused as a whole, with the reason.",
                            MakeTraceSourceAccessor(&OcsSwitch::m_refusedTrace),
                            "ns3::mixnet::OcsSwitch::RefusedTracedCallback")
            .AddTraceSource("CircuitUp",
                            "Signal passes between two ports.",
                            MakeTraceSourceAccessor(&OcsSwitch::m_circuitUpTrace),
                            "ns3::mixnet::OcsSwitch::CircuitTracedCallback")
            .AddTraceSource("CircuitDown",
                            "Signal no longer passes between two ports.",
                            MakeTraceSourceAccessor(&OcsSwitch::m_circuitDownTrace),
                            "ns3::mixnet::OcsSwitch::CircuitTracedCallback")
            .AddTraceSource("OneWayUp",
                            "Signal passes from one port to another, and none back.",
                            MakeTraceSourceAccessor(&OcsSwitch::m_oneWayUpTrace),
                            "ns3::mixnet::OcsSwitch::OneWayTracedCallback")
            .AddTraceSource("OneWayDown",
                            "Signal no longer passes from one port to another.",
                            MakeTraceSourceAccessor(&OcsSwitch::m_oneWayDownTrace),
                            "ns3::mixnet::OcsSwitch::OneWayTracedCallback")
            // Frames
            .AddTraceSource("Drop",
                            "A frame was lost: frame, port it came in at, reason.",
                            MakeTraceSourceAccessor(&OcsSwitch::m_dropTrace),
                            "ns3::mixnet::OcsSwitch::DropTracedCallback");
    return tid;
}

OcsSwitch::OcsSwitch()
    : m_uniform(CreateObject<UniformRandomVariable>())
{
}

void
OcsSwitch::DoInitialize()
{
    if (!m_technology.empty())
    {
        try
        {
            const auto& technology = mixnetcore::OcsTechnologies().Get(m_technology);
            NS_ABORT_MSG_IF(GetNPorts() > technology.ports,
                            "OcsSwitch Technology '" << m_technology << "' has at most "
                                                     << technology.ports
                                                     << " ports; this switch has " << GetNPorts());
        }
        catch (const std::invalid_argument& error)
        {
            NS_ABORT_MSG("OcsSwitch attribute Technology: " << error.what());
        }
    }
    const auto fault = m_initial.Fault(GetNPorts());
    NS_ABORT_MSG_IF(fault, "OcsSwitch cannot begin with its circuits: " << fault.value_or(""));
    if (m_target == mixnetcore::CircuitConfiguration())
    {
        m_target = m_initial;
        JoinAll();
    }
    FabricDevice::DoInitialize();
}

void
OcsSwitch::DoDispose()
{
    m_complete.Cancel();
    m_ports.clear();
    FabricDevice::DoDispose();
}

void
OcsSwitch::AddPorts(uint32_t count)
{
    NS_ABORT_MSG_UNLESS(GetNode(), "an OcsSwitch is given to a node before its ports are added");
    for (uint32_t i = 0; i < count; ++i)
    {
        PortState state;
        state.port = CreateObject<OcsPort>();
        state.port->SetSwitch(this, GetNPorts());
        GetNode()->AddDevice(state.port);
        m_ports.push_back(state);
    }
}

Ptr<OcsPort>
OcsSwitch::GetPort(uint32_t number) const
{
    NS_ABORT_MSG_UNLESS(number < GetNPorts(),
                        "OcsSwitch has ports 0 to " << GetNPorts() - 1 << "; there is no port "
                                                    << number);
    return m_ports[number].port;
}

void
OcsSwitch::Hold(const mixnetcore::CircuitConfiguration& configuration)
{
    const auto fault = configuration.Fault(GetNPorts());
    NS_ABORT_MSG_IF(fault, "OcsSwitch cannot hold its circuits: " << fault.value_or(""));
    NS_ABORT_MSG_IF(m_reconfiguring, "OcsSwitch cannot hold circuits while it is reconfigured");
    for (uint32_t number = 0; number < GetNPorts(); ++number)
    {
        m_ports[number].changedAt = Simulator::Now();
        Darken(number);
    }
    m_target = configuration;
    JoinAll();
}

ReconfigureResult
OcsSwitch::Reconfigure(const mixnetcore::CircuitConfiguration& configuration)
{
    NS_LOG_FUNCTION(this << configuration.Size());
    using Outcome = ReconfigureResult::Outcome;
    if (const auto fault = configuration.Fault(GetNPorts()))
    {
        m_refusedTrace(configuration, *fault);
        return {Outcome::Refused, *fault, 0};
    }
    if (m_reconfiguring)
    {
        m_waiting = true;
        m_next = configuration;
        return {Outcome::Waiting, "", 0};
    }
    m_waiting = false; // what waits, if anything, was asked for before
    if (configuration == m_target)
    {
        return {Outcome::Nothing, "", 0};
    }
    return {Outcome::Begun, "", ReconfigurationStart(configuration)};
}

uint32_t
OcsSwitch::ReconfigurationStart(const mixnetcore::CircuitConfiguration& configuration)
{
    std::vector<Attachment> wanted(GetNPorts());
    std::vector<uint32_t> sources(GetNPorts(), NO_PORT);
    const auto peers = configuration.Peers(GetNPorts());
    for (uint32_t number = 0; number < GetNPorts(); ++number)
    {
        if (peers[number])
        {
            wanted[number].peer = *peers[number];
            sources[*peers[number]] = number;
        }
    }
    for (const auto& [from, to] : configuration.OneWayCircuits())
    {
        wanted[from].oneWay = true;
    }
    uint32_t darkPorts = 0;
    for (uint32_t number = 0; number < GetNPorts(); ++number)
    {
        auto& state = m_ports[number];
        if (m_wholeSwitchDark || wanted[number].peer != state.current.peer ||
            wanted[number].oneWay != state.current.oneWay)
        {
            state.dark = true;
            state.changedAt = Simulator::Now();
        }
        darkPorts += state.dark || sources[number] != state.source ? 1 : 0;
    }
    uint32_t circuits = 0;
    for (const auto& list : {configuration.Circuits(), configuration.OneWayCircuits()})
    {
        for (const auto& [a, b] : list)
        {
            circuits += m_ports[a].dark ? 1 : 0;
        }
    }
    m_target = configuration;
    m_reconfiguring = true;
    const Time duration = DrawReconfigurationTime(circuits);
    m_beginTrace(m_target, darkPorts, duration); // not what waits, which a sink may replace
    for (uint32_t number = 0; number < GetNPorts(); ++number)
    {
        if (m_ports[number].dark)
        {
            Darken(number);
        }
    }
    m_complete = Simulator::Schedule(duration, &OcsSwitch::ReconfigurationComplete, this);
    return darkPorts;
}

void
OcsSwitch::Darken(uint32_t number)
{
    auto& state = m_ports[number];
    const uint32_t peer = state.current.peer;
    if (peer == NO_PORT)
    {
        return;
    }
    const bool oneWay = state.current.oneWay;
    if (oneWay)
    {
        m_oneWayDownTrace(number, peer);
    }
    else if (number < peer)
    {
        m_circuitDownTrace(number, peer);
    }
    state.previous = state.current;
    state.previous.until = Simulator::Now();
    state.current = Attachment{};
    m_ports[peer].source = NO_PORT;
    m_ports[oneWay ? peer : number].port->Emit(LinkSignal{}); // of a circuit both ends are dark
}

void
OcsSwitch::ReconfigurationComplete()
{
    for (auto& state : m_ports)
    {
        if (state.dark)
        {
            state.dark = false;
            state.changedAt = Simulator::Now();
        }
    }
    JoinAll();
    m_reconfiguring = false;
    const auto inForce = m_target; // a sink of the trace may ask for another one
    m_endTrace(inForce);
    if (m_waiting && !m_reconfiguring)
    {
        Reconfigure(m_next);
    }
}

void
OcsSwitch::JoinAll()
{
    for (const auto& [a, b] : m_target.Circuits())
    {
        if (m_ports[a].current.peer == NO_PORT)
        {
            Join(a, b, false);
            Join(b, a, false);
            m_circuitUpTrace(a, b);
            m_ports[a].port->Emit(m_ports[b].port->GetIncomingSignal());
            m_ports[b].port->Emit(m_ports[a].port->GetIncomingSignal());
        }
    }
    for (const auto& [from, to] : m_target.OneWayCircuits())
    {
        if (m_ports[from].current.peer == NO_PORT)
        {
            Join(from, to, true);
            m_oneWayUpTrace(from, to);
            m_ports[to].port->Emit(m_ports[from].port->GetIncomingSignal());
        }
    }
}

void
OcsSwitch::Join(uint32_t from, uint32_t to, bool oneWay)
{
    m_ports[from].current = {to, oneWay, Simulator::Now(), Time()};
    m_ports[to].source = from;
}

mixnetcore::CircuitConfiguration
OcsSwitch::GetConfiguration() const
{
    // Two one-way circuits between the same ports are a circuit only if it was asked for.
    std::vector<mixnetcore::Circuit> circuits;
    std::vector<mixnetcore::Circuit> oneWay;
    for (const auto& circuit : m_target.Circuits())
    {
        if (m_ports[circuit.first].current.peer == circuit.second)
        {
            circuits.push_back(circuit);
        }
    }
    for (const auto& circuit : m_target.OneWayCircuits())
    {
        if (m_ports[circuit.first].current.peer == circuit.second)
        {
            oneWay.push_back(circuit);
        }
    }
    return {std::move(circuits), std::move(oneWay)};
}

uint32_t
OcsSwitch::OutputPortOf(const PortState& state, const Time& firstBit) const
{
    if (state.current.peer != NO_PORT && state.current.since <= firstBit)
    {
        return state.current.peer;
    }
    // The last bit passes at the instant the circuit ends: the whole frame has gone through.
    const auto& previous = state.previous;
    if (previous.peer != NO_PORT && previous.until == Simulator::Now() &&
        previous.since <= firstBit)
    {
        return previous.peer;
    }
    return NO_PORT;
}

void
OcsSwitch::HandleFrameAt(uint32_t port, RoceFrame&& frame)
{
    const auto& state = m_ports[port];
    const Time firstBit = Simulator::Now() - frame.duration;
    const uint32_t out = OutputPortOf(state, firstBit);
    if (out == NO_PORT)
    {
        const auto reason = state.dark || state.changedAt > firstBit ? DropReason::Reconfiguring
                                                                     : DropReason::NotConnected;
        m_dropTrace(frame, port, reason);
        state.port->Drop(frame, reason);
        return;
    }
    m_ports[out].port->PassOn(std::move(frame));
}

void
OcsSwitch::HandleSignalAt(uint32_t port)
{
    const uint32_t peer = m_ports[port].current.peer;
    if (peer != NO_PORT)
    {
        m_ports[peer].port->Emit(m_ports[port].port->GetIncomingSignal());
    }
}

Time
OcsSwitch::GetTypicalReconfigurationTime() const
{
    if (!m_technology.empty())
    {
        const auto& technology = mixnetcore::OcsTechnologies().Get(m_technology);
        return ToTime(mixnetcore::ReconfigurationTime(technology, 0.5, 1));
    }
    DoubleValue low;
    DoubleValue high;
    for (const auto& [first, second] :
         std::initializer_list<std::pair<const char*, const char*>>{{"Constant", "Constant"},
                                                                    {"Mean", "Mean"},
                                                                    {"Min", "Max"}})
    {
        if (m_reconfigurationTime->GetAttributeFailSafe(first, low) &&
            m_reconfigurationTime->GetAttributeFailSafe(second, high))
        {
            return Seconds((low.Get() + high.Get()) / 2);
        }
    }
    return Time(0);
}

Time
OcsSwitch::DrawReconfigurationTime(uint32_t circuits)
{
    if (m_technology.empty())
    {
        const double seconds = m_reconfigurationTime->GetValue();
        NS_ABORT_MSG_UNLESS(seconds >= 0,
                            "OcsSwitch attribute ReconfigurationTime gave "
                                << seconds << " s; it must be at least zero");
        return ToTime(mixnetcore::CheckedTime(std::round(seconds * 1e12), "a reconfiguration"));
    }
    const double quantile = m_uniform->GetValue(1e-9, 1 - 1e-9);
    return ToTime(mixnetcore::ReconfigurationTime(mixnetcore::OcsTechnologies().Get(m_technology),
                                                  quantile,
                                                  circuits));
}

int64_t
OcsSwitch::AssignStreams(int64_t stream)
{
    m_uniform->SetStream(stream);
    m_reconfigurationTime->SetStream(stream + 1);
    return 2;
}

FrameCounters
OcsSwitch::GetCounters() const
{
    return mixnetcore::SumOf(m_ports, [](const auto& state) { return state.port->GetCounters(); });
}

} // namespace mixnet
} // namespace ns3
