/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "queue-network.h"

#include "ns3/lists.h"

#include <cassert>
#include <cmath>
#include <utility>

namespace mixnetcore
{

namespace
{

/// @param stretches A path. @return its links and bundles, as FlowPaths counts.
std::vector<uint32_t>
ResourcesOf(const std::vector<FlowPaths::Stretch>& stretches)
{
    return Mapped(stretches, [](const auto& stretch) { return stretch.resource; });
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
    const auto [input, isNew] = m_inputs.try_emplace(stretch.resource, 0);
    if (isNew)
    {
        const auto [place, isNewPlace] = m_switches.try_emplace(stretch.nodes, 0);
        if (isNewPlace)
        {
            place->second =
                m_fluid.AddSwitch(m_settings.buffer, m_settings.alpha, stretch.nodes.size());
        }
        input->second = m_fluid.AddInput(place->second, stretch.links);
    }
    return input->second;
}

uint32_t
QueueNetwork::QueueOf(const FlowPaths::Stretch& stretch)
{
    const auto [queue, isNew] = m_queues.try_emplace(stretch.resource, 0);
    if (isNew)
    {
        const auto input = stretch.nodes.empty() ? QueueFluid::NONE : InputOf(stretch);
        queue->second = m_fluid.AddQueue(stretch.rate * m_settings.ofLine, input);
    }
    return queue->second;
}

uint32_t
QueueNetwork::SourceOf(const FlowPaths::Stretch& stretch)
{
    const auto [source, isNew] = m_sources.try_emplace(stretch.resource, 0);
    if (isNew)
    {
        source->second = m_fluid.AddSource(stretch.rate * m_settings.ofLine, InputOf(stretch));
    }
    return source->second;
}

QueueFluid::Path
QueueNetwork::PathOf(const std::vector<FlowPaths::Stretch>& stretches)
{
    QueueFluid::Path path;
    for (size_t next = 1; next < stretches.size(); ++next)
    {
        path.push_back({InputOf(stretches[next - 1]), QueueOf(stretches[next])});
    }
    return path;
}

uint32_t
QueueNetwork::Add(Picoseconds /* now */, const FlowRequest& request)
{
    m_hasChanged = true;
    assert(request.onlyLeg);
    const auto stretches = m_paths.StretchesOf(*request.onlyLeg);
    const auto flow = m_fluid.AddFlow(SourceOf(stretches.front()),
                                      PathOf(stretches),
                                      request.bytes,
                                      m_settings.window,
                                      request.group);
    Grown(m_entries, flow) = {request.owner, *request.onlyLeg, ResourcesOf(stretches)};
    return flow;
}

bool
QueueNetwork::Reroute(uint32_t flow, const ResourceList& /* resources */, Picoseconds /* now */)
{
    auto& entry = m_entries[flow];
    const auto stretches = m_paths.StretchesOf(entry.leg);
    auto crossed = ResourcesOf(stretches);
    if (crossed == entry.crossed)
    {
        return false;
    }
    m_hasChanged = true;
    m_fluid.SetPath(flow, PathOf(stretches));
    entry.crossed = std::move(crossed);
    return true;
}

bool
QueueNetwork::IsStill() const
{
    constexpr uint32_t STEPS = 10; // the first ones may still see what came before
    return m_stillSteps >= STEPS;
}

void
QueueNetwork::Solve(Picoseconds now)
{
    if (m_hasChanged && m_next == NEVER && m_fluid.Flows() > 0)
    {
        m_stillSteps = 0; // what has changed may let them move
        m_next = now;
    }
    m_hasChanged = false;
}

const std::vector<FlowEnd>&
QueueNetwork::TakeEnded(Picoseconds now)
{
    m_ended.clear();
    if (m_next > now)
    {
        return m_ended;
    }
    const double seconds = m_fluid.LongestStep();
    const Picoseconds step(std::llround(seconds * 1e12));
    const auto& ended = m_fluid.Step(seconds);
    for (size_t n = 0; n < ended.size(); ++n)
    {
        const double part = m_fluid.EndParts()[n];
        m_ended.push_back(
            {m_entries[ended[n]].owner, Picoseconds(std::llround(part * double(step.count())))});
    }
    constexpr double LEAST = 1; // bytes
    m_stillSteps = m_fluid.Moved() < LEAST ? m_stillSteps + 1 : 0;
    m_next = m_fluid.Flows() > 0 && !IsStill() ? now + step : NEVER;
    return m_ended;
}

} // namespace mixnetcore
