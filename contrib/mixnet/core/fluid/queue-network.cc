/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "queue-network.h"

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
    if (flow >= m_entries.size())
    {
        m_entries.resize(flow + 1);
    }
    m_entries[flow] = {request.owner, *request.onlyLeg, ResourcesOf(stretches)};
    return flow;
}

void
QueueNetwork::Remove(uint32_t flow, Picoseconds /* now */)
{
    m_hasChanged = true;
    m_fluid.RemoveFlow(flow);
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

void
QueueNetwork::SetHeld(uint32_t flow, bool held)
{
    m_hasChanged = true;
    m_fluid.SetHeld(flow, held);
}

void
QueueNetwork::SetWeight(uint32_t group, double weight)
{
    m_hasChanged = true;
    m_fluid.SetWeight(group, weight);
}

void
QueueNetwork::Repeat(uint32_t flow, double bytes, Picoseconds /* now */)
{
    m_hasChanged = true;
    m_fluid.Repeat(flow, bytes);
}

void
QueueNetwork::LetWindowOut(uint32_t flow, double /* window */, double keep, Picoseconds /* now */)
{
    m_hasChanged = true;
    m_fluid.LetWindowOut(flow, keep); // it knows the window
}

double
QueueNetwork::Left(uint32_t flow, Picoseconds /* now */) const
{
    return m_fluid.Left(flow);
}

double
QueueNetwork::Rate(uint32_t flow) const
{
    return m_fluid.Rate(flow);
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

Picoseconds
QueueNetwork::NextEnd()
{
    return m_next;
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
