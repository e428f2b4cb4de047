/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "control-channel.h"

#include "ns3/log.h"
#include "ns3/simulator.h"

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("ControlChannel");

void
ControlChannel::SetController(uint32_t context, ReportCallback report, ReleaseCallback release)
{
    m_controller = context;
    m_report = report;
    m_release = release;
}

void
ControlChannel::Join(const std::vector<uint32_t>& endpoints, uint32_t context, GrantCallback grant)
{
    m_hosts.push_back({context, grant});
    m_endpoints += endpoints.size();
}

void
ControlChannel::Report(const mixnetcore::PhaseKey& phase,
                       uint32_t endpoint,
                       const std::vector<mixnetcore::Bytes>& bytes) const
{
    NS_LOG_LOGIC("endpoint " << endpoint << " reports layer " << phase.layer << ", microbatch "
                             << phase.microbatch);
    Simulator::ScheduleWithContext(m_controller, m_latency, [this, phase, endpoint, bytes]() {
        m_report(phase, endpoint, bytes);
    });
}

void
ControlChannel::Release(const mixnetcore::PhaseKey& phase) const
{
    Simulator::ScheduleWithContext(m_controller, m_latency, [this, phase]() { m_release(phase); });
}

void
ControlChannel::Grant(const CircuitDecision& decision) const
{
    NS_LOG_LOGIC("circuits for " << decision.lease.phases.size() << " all-to-alls are granted");
    const auto message = std::make_shared<const CircuitDecision>(decision);
    for (const auto& [context, handler] : m_hosts)
    {
        Simulator::ScheduleWithContext(context, m_latency, [handler = handler, message]() {
            handler(*message);
        });
    }
}

void
ControlChannel::Close()
{
    m_hosts.clear();
    m_report.Nullify();
    m_release.Nullify();
}

} // namespace mixnet
} // namespace ns3
