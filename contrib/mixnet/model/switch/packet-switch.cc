/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "packet-switch.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/lists.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/object-factory.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("PacketSwitch");

using mixnetcore::AccessPort;
using mixnetcore::SwitchTable;

NS_OBJECT_ENSURE_REGISTERED(PacketSwitch);

namespace
{

/**
 * @param bytesAt100G Limit of a queue for ECN at 100 Gb/s, bytes.
 * @param rate Line rate.
 * @return the limit at that rate, bytes: it grows with the square root, as common set-ups do from
 * 100 to 400 Gb/s.
 */
uint64_t
MarkLimitAt(const DataRate& rate, double bytesAt100G)
{
    return std::llround(bytesAt100G * std::sqrt(rate.GetBitRate() / 100e9));
}

const std::vector<AccessPort> NO_ACCESS; //!< without any routes

} // namespace

TypeId
PacketSwitch::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::PacketSwitch")
            .SetParent<FabricDevice>()
            .SetGroupName("Mixnet")
            .AddConstructor<PacketSwitch>()
            // Forwarding
            .AddAttribute("PortSelector",
                          "Class that chooses among ports of equal cost, a subclass of "
                          "ns3::mixnet::PortSelector.",
                          TypeIdValue(SpraySelector::GetTypeId()),
                          MakeTypeIdAccessor(&PacketSwitch::m_selectorType),
                          MakeTypeIdChecker())
            // Buffer
            .AddAttribute("BufferSize",
                          "Shared buffer, bytes (32 MB: a common size of data-centre switches).",
                          UintegerValue(32'000'000),
                          MakeUintegerAccessor(&PacketSwitch::m_bufferSize),
                          MakeUintegerChecker<uint64_t>(1))
            .AddAttribute("EgressAlpha",
                          "What the queue of a lossy class may hold, as a multiple of the shared "
                          "buffer that is free (1: a common default of switches).",
                          DoubleValue(1.0),
                          MakeDoubleAccessor(&PacketSwitch::m_egressAlpha),
                          MakeDoubleChecker<double>(1.0 / 1024, 1024))
            .AddAttribute("Mtu",
                          "Payload of the longest frames, bytes; headroom and hysteresis are "
                          "reckoned with it.",
                          UintegerValue(4096),
                          MakeUintegerAccessor(&NetDevice::SetMtu, &NetDevice::GetMtu),
                          MakeUintegerChecker<uint16_t>(1))
            // PFC
            .AddAttribute("Pfc",
                          "Whether classes are lossless, by pausing the other end.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&PacketSwitch::m_pfc),
                          MakeBooleanChecker())
            .AddAttribute("LosslessClasses",
                          "With Pfc, the lossless classes: the sum of 2^class (class 3, of data).",
                          UintegerValue(1 << DATA_CLASS),
                          MakeUintegerAccessor(&PacketSwitch::m_losslessClasses),
                          MakeUintegerChecker<uint8_t>())
            .AddAttribute("IngressAlpha",
                          "What a port may hold of a lossless class before the other end is "
                          "paused, as a multiple of the shared buffer that is free (1/8: a common "
                          "setting for RoCE).",
                          DoubleValue(1.0 / 8),
                          MakeDoubleAccessor(&PacketSwitch::m_ingressAlpha),
                          MakeDoubleChecker<double>(1.0 / 1024, 1024))
            .AddAttribute("PfcWatchdog",
                          "Time for which a class of a port may be paused while its frames wait, "
                          "before they are lost, and those that come, until no pause has come for "
                          "as long; 0 for none. (Switches: 200 ms is a common default.)",
                          TimeValue(Time(0)),
                          MakeTimeAccessor(&PacketSwitch::m_pfcWatchdog),
                          MakeTimeChecker(Time(0)))
            // ECN
            .AddAttribute("Ecn",
                          "Whether frames are marked that leave a long queue.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&PacketSwitch::m_ecn),
                          MakeBooleanChecker())
            .AddAttribute("EcnMinimum",
                          "Queue below which no frame is marked, bytes. 0 for 400,000 times the "
                          "square root of (line rate / 100 Gb/s) (DCQCN: 400 KB at 100 Gb/s, 800 "
                          "KB at 400 Gb/s).",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PacketSwitch::m_ecnMinimum),
                          MakeUintegerChecker<uint64_t>())
            .AddAttribute("EcnMaximum",
                          "Queue above which every frame is marked, bytes. 0 for four times what "
                          "0 stands for in EcnMinimum.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PacketSwitch::m_ecnMaximum),
                          MakeUintegerChecker<uint64_t>())
            .AddAttribute("EcnProbability",
                          "Probability of a mark at a queue of EcnMaximum (DCQCN: 0.2).",
                          DoubleValue(0.2),
                          MakeDoubleAccessor(&PacketSwitch::m_ecnProbability),
                          MakeDoubleChecker<double>(0, 1))
            // Events
            .AddTraceSource("Signal",
                            "Signal has come to a port, or gone.",
                            MakeTraceSourceAccessor(&PacketSwitch::m_signalTrace),
                            "ns3::mixnet::PacketSwitch::SignalTracedCallback")
            .AddTraceSource("Pause",
                            "The other end of a port is asked to pause or resume a class; not when "
                            "that is repeated.",
                            MakeTraceSourceAccessor(&PacketSwitch::m_pauseTrace),
                            "ns3::mixnet::PacketSwitch::PauseTracedCallback")
            .AddTraceSource("PauseRepeat",
                            "The other end of a port is asked to pause a class for longer.",
                            MakeTraceSourceAccessor(&PacketSwitch::m_pauseRepeatTrace),
                            "ns3::mixnet::PacketSwitch::PauseRepeatTracedCallback")
            .AddTraceSource("PauseStorm",
                            "Frames of a class of a port are lost from now on as it was paused for "
                            "too long (PfcWatchdog), or no more.",
                            MakeTraceSourceAccessor(&PacketSwitch::m_stormTrace),
                            "ns3::mixnet::PacketSwitch::StormTracedCallback")
            .AddTraceSource("Mark",
                            "A frame was marked (ECN), and leaves.",
                            MakeTraceSourceAccessor(&PacketSwitch::m_markTrace),
                            "ns3::mixnet::PacketSwitch::MarkTracedCallback");
    return tid;
}

PacketSwitch::PacketSwitch()
    : m_access(&NO_ACCESS),
      m_uniform(CreateObject<UniformRandomVariable>())
{
}

void
PacketSwitch::DoInitialize()
{
    NS_ABORT_MSG_UNLESS(m_selectorType.IsChildOf(PortSelector::GetTypeId()) &&
                            m_selectorType.HasConstructor(),
                        "PacketSwitch attribute PortSelector is "
                            << m_selectorType.GetName()
                            << "; it must be a class derived from ns3::mixnet::PortSelector");
    ObjectFactory factory;
    factory.SetTypeId(m_selectorType);
    m_selector = factory.Create<PortSelector>();
    m_selector->SetSalt(DrawSalt());
    m_buffer.Configure(m_bufferSize, m_egressAlpha, m_ingressAlpha);
    InitializeMarking();
    FabricDevice::DoInitialize();
}

void
PacketSwitch::InitializeMarking()
{
    constexpr auto NEVER = std::numeric_limits<uint64_t>::max();
    constexpr double MINIMUM_AT_100G = 400'000;   // bytes (DCQCN)
    constexpr double MAXIMUM_AT_100G = 1'600'000; // bytes (DCQCN)
    for (const auto& port : m_ports)
    {
        const auto rate = port->GetDataRate();
        const auto minimum = m_ecnMinimum > 0 ? m_ecnMinimum : MarkLimitAt(rate, MINIMUM_AT_100G);
        const auto maximum = m_ecnMaximum > 0 ? m_ecnMaximum : MarkLimitAt(rate, MAXIMUM_AT_100G);
        NS_ABORT_MSG_IF(m_ecn && minimum > maximum,
                        "PacketSwitch attribute EcnMinimum is "
                            << minimum << " bytes at a port of " << rate
                            << "; it must not be above EcnMaximum, which is " << maximum
                            << " bytes there");
        port->SetMarkLimits(m_ecn ? minimum : NEVER, m_ecn ? maximum : NEVER);
    }
}

void
PacketSwitch::DoDispose()
{
    m_ports.clear();
    m_selector = nullptr;
    m_access = &NO_ACCESS;
    m_table = nullptr;
    m_plan = nullptr;
    FabricDevice::DoDispose();
}

int64_t
PacketSwitch::AssignStreams(int64_t stream)
{
    m_uniform->SetStream(stream);
    return 1;
}

uint64_t
PacketSwitch::DrawSalt()
{
    constexpr auto LARGEST = std::numeric_limits<uint32_t>::max();
    const uint64_t upper = m_uniform->GetInteger(0, LARGEST);
    return upper << 32 | m_uniform->GetInteger(0, LARGEST);
}

uint32_t
PacketSwitch::AddPort(const DataRate& rate)
{
    NS_ABORT_MSG_UNLESS(GetNode(), "a PacketSwitch is given to a node before its ports are added");
    auto port = CreateObject<SwitchPort>();
    port->SetSwitch(this, m_ports.size(), rate);
    GetNode()->AddDevice(port);
    m_ports.push_back(port);
    return m_ports.size() - 1;
}

Ptr<SwitchPort>
PacketSwitch::GetPort(uint32_t number) const
{
    NS_ABORT_MSG_UNLESS(number < GetNPorts(),
                        "PacketSwitch has " << GetNPorts() << " ports; there is no port "
                                            << number);
    return m_ports[number];
}

void
PacketSwitch::CheckPorts(const std::vector<uint32_t>& ports) const
{
    for (const auto port : ports)
    {
        NS_ABORT_MSG_UNLESS(port < GetNPorts(),
                            "PacketSwitch has " << GetNPorts() << " ports; no route can use port "
                                                << port);
    }
}

void
PacketSwitch::UseTable(const std::vector<AccessPort>& access, const SwitchTable& table)
{
    m_access = &access;
    m_table = &table;
    m_groupsOutdated = true;
}

void
PacketSwitch::SetForwarding(std::shared_ptr<const mixnetcore::ForwardingPlan> plan, uint32_t node)
{
    const auto& table = plan->TableOf(node);
    for (const auto& group : table.groups)
    {
        CheckPorts(group);
    }
    UseTable(plan->Access(), table);
    m_plan = std::move(plan);
    m_ownRoutes.reset();
}

PacketSwitch::OwnRoutes&
PacketSwitch::RoutesUpTo(NicAddress destination)
{
    NS_ABORT_MSG_IF(m_plan, "a PacketSwitch with a forwarding plan takes no other routes");
    if (!m_ownRoutes)
    {
        m_ownRoutes = std::make_unique<OwnRoutes>();
        m_ownRoutes->table.ownAccess = 0;
        m_ownRoutes->table.intervals.push_back({0, SwitchTable::NO_GROUP});
        UseTable(m_ownRoutes->access, m_ownRoutes->table);
    }
    if (destination >= m_ownRoutes->access.size())
    {
        m_ownRoutes->access.resize(destination + 1, {AccessPort::NONE, 0});
    }
    return *m_ownRoutes;
}

void
PacketSwitch::SetRoute(NicAddress destination, uint32_t port)
{
    CheckPorts({port});
    RoutesUpTo(destination).access[destination] = {0, port};
}

void
PacketSwitch::SetRoute(NicAddress destination, const std::vector<uint32_t>& ports)
{
    NS_ABORT_MSG_IF(ports.empty(), "the route to NIC " << destination << " has no port");
    CheckPorts(ports);
    // Group g serves the access switch g + 1; this switch is number 0.
    auto& [access, table] = RoutesUpTo(destination);
    const auto found = std::find(table.groups.begin(), table.groups.end(), ports);
    const auto group = static_cast<uint32_t>(found - table.groups.begin());
    access[destination] = {group + 1, 0};
    if (found == table.groups.end())
    {
        table.groups.push_back(ports);
        table.intervals.push_back({group + 1, group});
        m_groupsOutdated = true;
    }
}

void
PacketSwitch::NotifySignal(uint32_t port, bool up)
{
    NS_LOG_INFO("port " << port << (up ? " up" : " down"));
    m_groupsOutdated = true;
    m_signalTrace(port, up);
}

void
PacketSwitch::UpdateGroups()
{
    const auto isDark = [this](uint32_t port) { return !m_ports[port]->IsLit(); };
    bool anyDark = false;
    m_upGroups = m_table->groups;
    for (auto& group : m_upGroups)
    {
        const auto dark = std::count_if(group.begin(), group.end(), isDark);
        if (dark > 0 && dark < static_cast<std::ptrdiff_t>(group.size()))
        {
            group.erase(std::remove_if(group.begin(), group.end(), isDark), group.end());
            anyDark = true;
        }
    }
    if (!anyDark)
    {
        m_upGroups = {};
    }
    m_groups = anyDark ? &m_upGroups : &m_table->groups;
    m_groupsOutdated = false;
}

uint32_t
PacketSwitch::OutputPortOf(const RoceFrame& frame)
{
    if (frame.destination >= m_access->size())
    {
        return NO_PORT;
    }
    const auto& access = (*m_access)[frame.destination];
    if (access.accessSwitch == AccessPort::NONE)
    {
        return NO_PORT;
    }
    if (access.accessSwitch == m_table->ownAccess)
    {
        return access.port;
    }
    const uint32_t group = m_table->GroupOf(access.accessSwitch);
    if (group == SwitchTable::NO_GROUP)
    {
        return NO_PORT;
    }
    if (m_groupsOutdated)
    {
        UpdateGroups();
    }
    const auto& ports = (*m_groups)[group];
    return ports.size() == 1 ? ports[0] : m_selector->Select(frame, group, ports);
}

void
PacketSwitch::HandleFrameAt(SwitchPort& in, RoceFrame&& frame)
{
    const uint32_t number = frame.kind == FrameKind::Raw ? NO_PORT : OutputPortOf(frame);
    if (number == NO_PORT)
    {
        in.Drop(frame, DropReason::NoRoute);
        return;
    }
    auto& out = *m_ports[number];
    if (!out.Takes(frame.trafficClass))
    {
        in.Drop(frame, out.IsLit() ? DropReason::PauseStorm : DropReason::PortDown);
        return;
    }
    const uint32_t bytes = frame.wireBytes;
    if (m_pfc && (m_losslessClasses >> frame.trafficClass & 1) != 0)
    {
        auto& ingress = in.IngressOf(frame.trafficClass);
        if (!ingress.Admit(bytes))
        {
            in.Drop(frame, DropReason::HeadroomFull);
            return;
        }
        out.Enqueue(std::move(frame), &ingress);
        ingress.NotifyArrival();
        return;
    }
    if (!m_buffer.HasRoom(bytes))
    {
        in.Drop(frame, DropReason::BufferFull);
        return;
    }
    if (out.GetQueuedBytes(frame.trafficClass) + bytes > m_buffer.GetQueueLimit())
    {
        in.Drop(frame, DropReason::QueueFull);
        return;
    }
    m_buffer.Take(bytes);
    out.Enqueue(std::move(frame), nullptr);
}

void
PacketSwitch::NotifyMark(const RoceFrame& frame, uint32_t port)
{
    ++m_markedFrames;
    m_markTrace(frame, port);
}

bool
PacketSwitch::DrawMark(uint64_t part, uint64_t whole)
{
    // Both are 0 where the limits are one: at that very queue no frame is marked.
    return m_uniform->GetValue() * whole < m_ecnProbability * part;
}

FrameCounters
PacketSwitch::GetCounters() const
{
    return mixnetcore::SumOf(m_ports, [](const auto& port) { return port->GetCounters(); });
}

} // namespace mixnet
} // namespace ns3
