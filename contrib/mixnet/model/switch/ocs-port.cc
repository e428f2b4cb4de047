/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ocs-port.h"

#include "ocs-switch.h"

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(OcsPort);

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
OcsPort::SetSwitch(OcsSwitch* ocs, uint32_t number)
{
    m_ocs = ocs;
    m_number = number;
}

void
OcsPort::PassOn(RoceFrame&& frame)
{
    Launch(std::move(frame), Time(0));
}

const LinkSignal&
OcsPort::GetIncomingSignal() const
{
    return m_incoming;
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

} // namespace mixnet
} // namespace ns3
