/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "queue-network.h"

#include <utility>

namespace mixnetcore
{

namespace
{

/// @param stretches A way. @return its links and bundles, as FlowPaths counts.
std::vector<uint32_t>
ResourcesOf(const std::vector<FlowPaths::Stretch>& stretches)
{
    std::vector<uint32_t> resources;
    for (const auto& stretch : stretches)
    {
        resources.push_back(stretch.resource);
    }
    return resources;
}

} // namespace

QueueNetwork::QueueNetwork(FlowPaths& paths, const QueueSettings& settings)
    : m_paths(paths),
      m_settings(settings)
{
}

uint32_t
QueueNetwork::InputOf(const FlowPaths::Stretch& stretch)
{
    const auto found = m_inputs.find(stretch.resource);
    if (found != m_inputs.end())
    {
        return found->second;
    }
    auto place = m_switches.find(stretch.nodes);
    if (place == m_switches.end())
    {
        const auto number =
            m_fluid.AddSwitch(m_settings.buffer, m_settings.alpha, stretch.nodes.size());
        place = m_switches.emplace(stretch.nodes, number).first;
    }
    return m_inputs[stretch.resource] = m_fluid.AddInput(place->second, stretch.links);
}

uint32_t
QueueNetwork::QueueOf(const FlowPaths::Stretch& stretch)
{
    const auto found = m_queues.find(stretch.resource);
    if (found != m_queues.end())
    {
        return found->second;
    }
    const auto input = stretch.nodes.empty() ? QueueFluid::NONE : InputOf(stretch);
    return m_queues[stretch.resource] = m_fluid.AddQueue(stretch.rate * m_settings.ofLine, input);
}

uint32_t
QueueNetwork::SourceOf(const FlowPaths::Stretch& stretch)
{
    const auto found = m_sources.find(stretch.resource);
    if (found != m_sources.end())
    {
        return found->second;
    }
    return m_sources[stretch.resource] =
               m_fluid.AddSource(stretch.rate * m_settings.ofLine, InputOf(stretch));
}

QueueFluid::Way
QueueNetwork::WayOf(const std::vector<FlowPaths::Stretch>& stretches)
{
    QueueFluid::Way way;
    for (size_t next = 1; next < stretches.size(); ++next)
    {
        way.push_back({InputOf(stretches[next - 1]), QueueOf(stretches[next])});
    }
    return way;
}

uint32_t
QueueNetwork::AddFlow(const RdmaLeg& leg, double bytes, uint32_t group)
{
    const auto stretches = m_paths.StretchesOf(leg);
    const auto flow = m_fluid.AddFlow(SourceOf(stretches.front()),
                                      WayOf(stretches),
                                      bytes,
                                      m_settings.window,
                                      group);
    if (flow >= m_legs.size())
    {
        m_legs.resize(flow + 1);
        m_crossed.resize(flow + 1);
    }
    m_legs[flow] = leg;
    m_crossed[flow] = ResourcesOf(stretches);
    return flow;
}

bool
QueueNetwork::Reroute(uint32_t flow)
{
    const auto stretches = m_paths.StretchesOf(m_legs[flow]);
    auto crossed = ResourcesOf(stretches);
    if (crossed == m_crossed[flow])
    {
        return false;
    }
    m_fluid.SetWay(flow, WayOf(stretches));
    m_crossed[flow] = std::move(crossed);
    return true;
}

QueueFluid&
QueueNetwork::Fluid()
{
    return m_fluid;
}

} // namespace mixnetcore
