/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-windows.h"

namespace ns3
{
namespace mixnet
{

FlowWindows::FlowWindows(mixnetcore::FlowPaths& paths, const FlowConnections& connections)
    : m_paths(paths),
      m_connections(connections)
{
}

template <typename Change>
void
FlowWindows::ChangeBundlesOf(uint32_t connection, const Change& change)
{
    if (!m_paths.HasLimits() || m_generation != m_paths.Generation())
    {
        return;
    }
    const double window = m_connections.SenderOf(connection)->GetWindow();
    for (const auto bundle : m_paths.LimitsOf(m_connections.LegOf(connection)))
    {
        change(bundle, window);
    }
}

void
FlowWindows::Add(uint32_t connection)
{
    ChangeBundlesOf(connection,
                    [this](auto bundle, double window) { m_peaks.Add(bundle, window); });
}

void
FlowWindows::Remove(uint32_t connection)
{
    ChangeBundlesOf(connection,
                    [this](auto bundle, double window) { m_peaks.Remove(bundle, window); });
}

void
FlowWindows::CountAgain()
{
    m_generation = m_paths.Generation();
    m_peaks.Restart();
    for (uint32_t connection = 0; connection < m_connections.Size(); ++connection)
    {
        if (m_connections.MovingOn(connection) > 0)
        {
            Add(connection);
        }
    }
}

std::vector<FlowWindows::Held>
FlowWindows::List() const
{
    std::vector<Held> held;
    for (uint32_t bundle = 0; bundle < m_peaks.Places(); ++bundle)
    {
        if (m_peaks.Peak(bundle) > 0)
        {
            held.push_back({m_paths.SendersOf(bundle), m_peaks.Peak(bundle)});
        }
    }
    return held;
}

} // namespace mixnet
} // namespace ns3
