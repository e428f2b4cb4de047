/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "lossless-ingress.h"

#include "switch-port.h"

#include "ns3/simulator.h"

namespace ns3
{
namespace mixnet
{

LosslessIngress::LosslessIngress(SwitchPort& port,
                                 uint8_t trafficClass,
                                 SharedBuffer& buffer,
                                 const Limits& limits)
    : m_port(port),
      m_buffer(buffer),
      m_limits(limits),
      m_trafficClass(trafficClass)
{
}

LosslessIngress::~LosslessIngress()
{
    m_refresh.Cancel();
}

void
LosslessIngress::Release(uint32_t bytes)
{
    const auto ofHeadroom = static_cast<uint32_t>(std::min<uint64_t>(m_inHeadroom, bytes));
    m_inHeadroom -= ofHeadroom;
    m_buffer.ReleaseHeadroom(ofHeadroom);
    m_shared -= bytes - ofHeadroom;
    m_buffer.Release(bytes - ofHeadroom);
    if (m_pausing && MayResume())
    {
        Resume();
    }
}

void
LosslessIngress::PauseStart()
{
    if (!m_port.IsLinkUp())
    {
        return;
    }
    m_pausing = true;
    m_refresh = Simulator::Schedule(m_limits.refresh, &LosslessIngress::Refresh, this);
    m_port.SendPause(m_trafficClass, true);
}

void
LosslessIngress::Refresh()
{
    if (MayResume())
    {
        Resume();
        return;
    }
    m_refresh = Simulator::Schedule(m_limits.refresh, &LosslessIngress::Refresh, this);
    m_port.RepeatPause(m_trafficClass);
}

bool
LosslessIngress::WouldResume(uint64_t left, uint64_t used) const
{
    const uint64_t shared = SharedOf(left);
    return shared == left && IsBelow(shared, m_buffer.GetIngressLimitAt(used));
}

bool
LosslessIngress::IsBelow(uint64_t shared, double limit) const
{
    constexpr int HYSTERESIS = 2; // full frames
    return shared == 0 || shared + double{HYSTERESIS} * m_limits.fullFrame < limit;
}

void
LosslessIngress::Resume()
{
    ForgetPause();
    m_port.SendPause(m_trafficClass, false);
}

void
LosslessIngress::ForgetPause()
{
    m_pausing = false;
    m_refresh.Cancel();
}

} // namespace mixnet
} // namespace ns3
