/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "circuit-trace.h"

#include "ns3/simulator.h"

#include <algorithm>
#include <utility>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* CATEGORY = "circuits"; //!< of all events here

/// @param a A port. @param b Another. @return both, the lower first.
std::pair<uint32_t, uint32_t>
Ordered(uint32_t a, uint32_t b)
{
    return std::minmax(a, b);
}

} // namespace

CircuitTrace::CircuitTrace(TraceEventFile& file, Ptr<OcsSwitch> ocs, View view)
    : m_file(file),
      m_view(std::move(view))
{
    m_file.NameLane(m_view.lane, m_view.name + " blackouts");
    for (uint32_t port = 0; m_view.hasLanes && port < m_view.ports.size(); ++port)
    {
        m_file.NameLane({m_view.lane.process, m_view.lane.lane + 1 + port},
                        m_view.name + " from " + m_view.ports[port]);
    }
    ocs->TraceConnectWithoutContext("ReconfigurationBegin",
                                    MakeCallback(&CircuitTrace::HandleBlackout, this));
    ocs->TraceConnectWithoutContext("CircuitUp", MakeCallback(&CircuitTrace::HandleUp, this));
    ocs->TraceConnectWithoutContext("CircuitDown", MakeCallback(&CircuitTrace::HandleDown, this));
}

void
CircuitTrace::HandleBlackout(const mixnetcore::CircuitConfiguration& configuration,
                             uint32_t darkPorts,
                             Time duration)
{
    m_darkFrom = Simulator::Now();
    m_darkUntil = m_darkFrom + duration;
    m_file.Slice(m_view.lane,
                 "blackout",
                 CATEGORY,
                 m_darkFrom,
                 m_darkUntil,
                 {{"darkPorts", darkPorts}, {"circuitsToCome", configuration.Size()}});
}

void
CircuitTrace::HandleUp(uint32_t a, uint32_t b)
{
    NoteChange();
    m_up[Ordered(a, b)] = Simulator::Now();
}

void
CircuitTrace::HandleDown(uint32_t a, uint32_t b)
{
    const auto found = m_up.find(Ordered(a, b));
    if (found == m_up.end())
    {
        return; // it came up before anybody watched
    }
    NoteChange();
    Show(found->first, found->second);
    m_up.erase(found);
}

void
CircuitTrace::Show(const std::pair<uint32_t, uint32_t>& ports, const Time& since)
{
    if (m_view.hasLanes)
    {
        m_file.Slice({m_view.lane.process, m_view.lane.lane + 1 + ports.first},
                     m_view.ports.at(ports.first) + " - " + m_view.ports.at(ports.second),
                     CATEGORY,
                     since,
                     Simulator::Now(),
                     {{"ports", {ports.first, ports.second}}});
    }
}

void
CircuitTrace::NoteChange()
{
    if (Simulator::Now() > m_changedAt)
    {
        WriteCount();
        m_changedAt = Simulator::Now();
    }
}

void
CircuitTrace::WriteCount()
{
    m_file.Counter(m_view.lane.process,
                   m_view.name + " circuits up",
                   m_changedAt,
                   {{"circuits", m_up.size()}});
}

void
CircuitTrace::Close()
{
    WriteCount();
    for (const auto& [ports, since] : m_up)
    {
        Show(ports, since);
    }
    m_up.clear();
}

} // namespace mixnet
} // namespace ns3
