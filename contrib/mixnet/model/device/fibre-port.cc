/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fibre-port.h"

#include "fibre.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/trace-source-accessor.h"

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("FibrePort");

NS_OBJECT_ENSURE_REGISTERED(FibrePort);

TypeId
FibrePort::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::FibrePort")
                            .SetParent<FabricDevice>()
                            .SetGroupName("Mixnet")
                            .AddTraceSource("Drop",
                                            "A frame was lost at this port, with the reason.",
                                            MakeTraceSourceAccessor(&FibrePort::m_dropTrace),
                                            "ns3::mixnet::FibrePort::DropTracedCallback");
    return tid;
}

FibrePort::FibrePort() = default;

FibrePort::~FibrePort() = default;

void
FibrePort::DoDispose()
{
    m_fibre = nullptr;
    FabricDevice::DoDispose();
}

void
FibrePort::Attach(Ptr<Fibre> fibre, uint32_t end)
{
    NS_ABORT_MSG_IF(m_fibre, "a port takes one fibre; this one has its fibre already");
    m_fibre = fibre;
    m_end = end;
}

void
FibrePort::Launch(RoceFrame&& frame, const Time& untilLastBit)
{
    NS_ABORT_MSG_UNLESS(m_fibre, "a frame was sent on a port without a fibre");
    m_counters.Send(frame);
    m_fibre->Carry(m_end, std::move(frame), untilLastBit);
}

void
FibrePort::Emit(const LinkSignal& signal)
{
    if (m_fibre)
    {
        m_fibre->SetSignal(m_end, signal);
    }
}

void
FibrePort::Drop(const RoceFrame& frame, DropReason reason)
{
    m_counters.Drop(frame, reason);
    NS_LOG_LOGIC("frame " << frame.sequence << " from NIC " << frame.source
                          << " is lost: " << ToString(reason));
    m_dropTrace(frame, reason);
}

Ptr<Channel>
FibrePort::GetChannel() const
{
    return m_fibre;
}

bool
FibrePort::IsPointToPoint() const
{
    return true;
}

} // namespace mixnet
} // namespace ns3
