/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "control-path.h"

#include "rdma-nic.h"

#include "ns3/abort.h"
#include "ns3/lists.h"
#include "ns3/node.h"
#include "ns3/simulator.h"

#include <utility>

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(ControlPath);

TypeId
ControlPath::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::ControlPath")
                            .SetParent<Object>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<ControlPath>()
                            .AddAttribute("Delay",
                                          "Time from a NIC to the other (two fibres of 1 us).",
                                          TimeValue(MicroSeconds(2)),
                                          MakeTimeAccessor(&ControlPath::m_delay),
                                          MakeTimeChecker(Time(0)));
    return tid;
}

void
ControlPath::DoDispose()
{
    m_nics.clear();
    Object::DoDispose();
}

void
ControlPath::AddNic(Ptr<RdmaNic> nic)
{
    mixnetcore::Grown(m_nics, nic->GetNicAddress()) = nic;
    nic->SetControlPath(this);
}

RdmaNic&
ControlPath::At(NicAddress address) const
{
    NS_ABORT_MSG_UNLESS(address < m_nics.size() && m_nics[address],
                        "NIC " << address << " is at the end of a one-way circuit, or is sent to "
                               << "over one, and has no control path");
    return *m_nics[address];
}

void
ControlPath::Send(RoceFrame&& frame)
{
    ++m_frames;
    auto& nic = At(frame.destination);
    Simulator::ScheduleWithContext(
        nic.GetNode()->GetId(),
        m_delay,
        [&nic, told = std::move(frame)] { nic.HandleControlFrame(told); });
}

void
ControlPath::TellSignal(NicAddress source, NicAddress by, bool on)
{
    auto& nic = At(source);
    Simulator::ScheduleWithContext(nic.GetNode()->GetId(),
                                   m_delay,
                                   &RdmaNic::HandleFarEnd,
                                   &nic,
                                   by,
                                   on);
}

} // namespace mixnet
} // namespace ns3
