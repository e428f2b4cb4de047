/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "packet-switch.h"

#include "ns3/abort.h"
#include "ns3/node.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(PacketSwitch);

TypeId
PacketSwitch::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::PacketSwitch")
            .SetParent<FabricDevice>()
            .SetGroupName("Mixnet")
            .AddConstructor<PacketSwitch>()
            .AddAttribute("BufferSize",
                          "Shared buffer, bytes (32 MB: a common size of data-centre switches).",
                          UintegerValue(32'000'000),
                          MakeUintegerAccessor(&PacketSwitch::m_bufferSize),
                          MakeUintegerChecker<uint64_t>(1));
    return tid;
}

void
PacketSwitch::DoDispose()
{
    m_ports.clear();
    FabricDevice::DoDispose();
}

uint32_t
PacketSwitch::AddPort(const DataRate& rate)
{
    NS_ABORT_MSG_UNLESS(GetNode(), "a PacketSwitch is given to a node before its ports are added");
    auto port = CreateObject<SwitchPort>();
    port->SetSwitch(this, rate);
    GetNode()->AddDevice(port);
    m_ports.push_back(port);
    return m_ports.size() - 1;
}

uint32_t
PacketSwitch::GetNPorts() const
{
    return m_ports.size();
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
PacketSwitch::SetRoute(NicAddress destination, uint32_t port)
{
    NS_ABORT_MSG_UNLESS(port < GetNPorts(),
                        "PacketSwitch has " << GetNPorts() << " ports; no route can use port "
                                            << port);
    if (destination >= m_routes.size())
    {
        m_routes.resize(destination + 1, NO_PORT);
    }
    m_routes[destination] = port;
}

void
PacketSwitch::HandleFrameAt(SwitchPort& in, RoceFrame&& frame)
{
    const uint32_t out =
        frame.destination < m_routes.size() ? m_routes[frame.destination] : NO_PORT;
    if (out == NO_PORT || frame.kind == FrameKind::Raw)
    {
        in.Lose(frame, DropReason::NoRoute);
        return;
    }
    if (!m_ports[out]->IsLinkUp())
    {
        in.Lose(frame, DropReason::PortDown);
        return;
    }
    if (m_buffered + frame.wireBytes > m_bufferSize)
    {
        in.Lose(frame, DropReason::BufferFull);
        return;
    }
    m_buffered += frame.wireBytes;
    m_peakBuffered = std::max(m_peakBuffered, m_buffered);
    m_ports[out]->Enqueue(std::move(frame));
}

void
PacketSwitch::ReleaseBuffer(uint32_t bytes)
{
    m_buffered -= bytes;
}

uint64_t
PacketSwitch::GetBufferedBytes() const
{
    return m_buffered;
}

uint64_t
PacketSwitch::GetPeakBufferedBytes() const
{
    return m_peakBuffered;
}

FrameCounters
PacketSwitch::GetCounters() const
{
    FrameCounters sum;
    for (const auto& port : m_ports)
    {
        sum += port->GetCounters();
    }
    return sum;
}

bool
PacketSwitch::IsBridge() const
{
    return true;
}

} // namespace mixnet
} // namespace ns3
