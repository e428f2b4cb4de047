/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fluid-network.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <stdexcept>
#include <string>

namespace mixnetcore
{

namespace
{

constexpr double PICOSECONDS_PER_SECOND = 1e12; //!< of times

/**
 * @param name What it is. @param value Its value.
 * @throws std::invalid_argument when it is negative or not a number.
 */
void
CheckNotNegative(const char* name, double value)
{
    if (!(value >= 0))
    {
        throw std::invalid_argument(std::string(name) + " = " + std::to_string(value) +
                                    ": at least 0");
    }
}

/// @param weight A weight. @throws std::invalid_argument when it is none.
void
CheckWeight(double weight)
{
    if (!(weight > 0) || weight == FlowGraph::UNLIMITED)
    {
        throw std::invalid_argument("weight of a flow = " + std::to_string(weight) +
                                    ": above 0, finite");
    }
}

} // namespace

FluidNetwork::FluidNetwork(double tolerance)
    : m_tolerance(tolerance),
      m_shares(m_graph, m_parts, IDLE_SHARE * tolerance)
{
    if (!(tolerance >= 0 && tolerance <= 1))
    {
        throw std::invalid_argument("tolerance of ends = " + std::to_string(tolerance) +
                                    ": from 0 to 1");
    }
}

uint32_t
FluidNetwork::AddResource(double capacity)
{
    return m_graph.AddResource(capacity);
}

void
FluidNetwork::SetCapacity(uint32_t resource, double capacity)
{
    const bool wasFinite = m_graph.IsFinite(resource);
    if (m_graph.SetCapacity(resource, capacity))
    {
        if (!wasFinite)
        {
            m_parts.Tie(resource);
        }
        m_shares.ChangeCapacity(resource);
    }
}

const FluidNetwork::Flow&
FluidNetwork::At(uint32_t flow) const
{
    assert(flow < m_flows.size() && m_flows[flow].exists);
    return m_flows[flow];
}

uint32_t
FluidNetwork::AddFlow(Picoseconds now, const ResourceList& resources, double weight, double bytes)
{
    CheckWeight(weight);
    CheckNotNegative("bytes of a flow", bytes);
    uint32_t number = m_freeFlows.empty() ? m_flows.size() : m_freeFlows.back();
    m_graph.SetResources(number, resources);
    if (m_freeFlows.empty())
    {
        m_flows.emplace_back();
    }
    else
    {
        m_freeFlows.pop_back();
    }
    m_flows[number] = {bytes, bytes, 0, now, now, NEVER, weight, true, false};
    ++m_size;
    Enter(number);
    return number;
}

void
FluidNetwork::Enter(uint32_t flow)
{
    m_graph.Attach(flow);
    m_shares.Add(flow, m_flows[flow].weight);
    m_entered.push_back(flow);
}

void
FluidNetwork::Leave(uint32_t flow)
{
    m_graph.Detach(flow);
    m_shares.Remove(flow);
    const auto component = m_parts.Of(flow);
    if (component != NONE)
    {
        Change(component).ends.Set(m_parts.SlotOf(flow), NEVER);
        m_parts.Leave(flow);
    }
}

double
FluidNetwork::RemoveFlow(uint32_t flow, Picoseconds now)
{
    const double left = Left(flow, now);
    auto& removed = m_flows[flow];
    if (!removed.held)
    {
        Leave(flow);
    }
    removed.exists = false;
    m_freeFlows.push_back(flow);
    --m_size;
    return left;
}

void
FluidNetwork::SetWeight(uint32_t flow, double weight)
{
    CheckWeight(weight);
    assert(At(flow).exists);
    if (m_flows[flow].weight != weight)
    {
        m_flows[flow].weight = weight;
        if (!m_flows[flow].held)
        {
            m_shares.SetWeight(flow, weight);
        }
    }
}

void
FluidNetwork::SetHeld(uint32_t flow, bool held)
{
    assert(At(flow).exists);
    if (m_flows[flow].held == held)
    {
        return;
    }
    m_flows[flow].held = held;
    if (held)
    {
        Leave(flow);
        m_stopped.push_back(flow);
    }
    else
    {
        Enter(flow);
    }
}

void
FluidNetwork::SetResources(uint32_t flow, const ResourceList& resources)
{
    assert(At(flow).exists);
    const bool takesPart = !m_flows[flow].held;
    if (takesPart)
    {
        Leave(flow);
    }
    m_graph.SetResources(flow, resources);
    if (takesPart)
    {
        Enter(flow);
    }
}

ResourceList
FluidNetwork::ResourcesOf(uint32_t flow) const
{
    assert(At(flow).exists);
    ResourceList resources;
    for (const auto& crossed : m_graph.ResourcesOf(flow))
    {
        resources.push_back(crossed.resource);
    }
    return resources;
}

double
FluidNetwork::Repeat(uint32_t flow, double bytes, Picoseconds now)
{
    CheckNotNegative("bytes to repeat", bytes);
    const double left = Left(flow, now);
    const double taken = std::min(bytes, std::max(0.0, m_flows[flow].bytes - left));
    SetLeft(flow, left + taken, now);
    return taken;
}

void
FluidNetwork::Advance(uint32_t flow, double bytes, double keep, Picoseconds now)
{
    CheckNotNegative("bytes to carry at once", bytes);
    const double left = Left(flow, now);
    SetLeft(flow, std::max(left - bytes, std::min(left, keep)), now);
}

void
FluidNetwork::SetLeft(uint32_t flow, double left, Picoseconds now)
{
    auto& changed = m_flows[flow];
    changed.left = left;
    changed.since = now;
    SetRate(changed, changed.rate, now);
    SetEnd(flow);
}

double
FluidNetwork::Left(uint32_t flow, Picoseconds now) const
{
    const auto& looked = At(flow);
    if (looked.rate == 0 || looked.since == now)
    {
        return looked.left;
    }
    const double elapsed = (now - looked.since).count() / PICOSECONDS_PER_SECOND;
    return std::max(0.0, looked.left - looked.rate * elapsed);
}

double
FluidNetwork::Rate(uint32_t flow) const
{
    return At(flow).rate;
}

void
FluidNetwork::SetRate(Flow& flow, double rate, Picoseconds now)
{
    if (flow.since != now && flow.rate > 0)
    {
        const double elapsed = (now - flow.since).count() / PICOSECONDS_PER_SECOND;
        flow.left = std::max(0.0, flow.left - flow.rate * elapsed);
    }
    flow.rate = rate;
    flow.since = now;
    // A time of whole picoseconds stays so.
    const double left = std::max(0.0, flow.left - ROUNDING * flow.bytes);
    const double needed = rate == FlowGraph::UNLIMITED || left == 0
                              ? 0
                              : std::ceil(left / rate * PICOSECONDS_PER_SECOND);
    constexpr double LONGEST = 9e18; // picoseconds, within 63 bits
    flow.end = needed < LONGEST - now.count() ? now + Picoseconds(std::llround(needed)) : NEVER;
}

FluidNetwork::Component&
FluidNetwork::Change(uint32_t component)
{
    if (component >= m_components.size())
    {
        m_components.resize(component + 1);
    }
    auto& changed = m_components[component];
    if (!changed.changed)
    {
        changed.changed = true;
        m_changed.push_back(component);
    }
    return changed;
}

void
FluidNetwork::SetEnd(uint32_t flow)
{
    const auto component = m_parts.Of(flow);
    if (component != NONE)
    {
        Change(component).ends.Set(m_parts.SlotOf(flow), m_flows[flow].end);
    }
}

void
FluidNetwork::UpdateComponents()
{
    for (const auto flow : m_entered)
    {
        if (m_flows[flow].exists && !m_flows[flow].held && m_parts.Of(flow) == NONE)
        {
            m_parts.Join(flow);
        }
    }
    m_entered.clear();
    m_parts.Split();
    MoveEnds();
}

void
FluidNetwork::MoveEnds()
{
    for (const auto freed : m_parts.Freed())
    {
        auto& component = Change(freed);
        component.ends.Clear();
        component.begin = NEVER;
    }
    for (const auto flow : m_parts.Moved())
    {
        const auto number = m_parts.Of(flow);
        if (number != NONE)
        {
            auto& component = Change(number);
            component.ends.Grow(m_parts.FlowsOf(number).size());
            component.begin = std::min(component.begin, m_flows[flow].begin);
            component.ends.Set(m_parts.SlotOf(flow), m_flows[flow].end);
        }
    }
    m_parts.ClearMoved();
}

void
FluidNetwork::Solve(Picoseconds now)
{
    for (const auto flow : m_stopped)
    {
        if (m_flows[flow].exists && m_flows[flow].held)
        {
            SetRate(m_flows[flow], 0, now);
        }
    }
    m_stopped.clear();
    UpdateComponents();
    for (const auto number : m_shares.Solve())
    {
        auto& flow = m_flows[number];
        const double rate = m_shares.Rate(number);
        const auto end = flow.end;
        // A flow without a limit, or without bytes, ends although its rate stays as it was.
        if (!(std::abs(rate - flow.rate) <= SAME_RATE * flow.rate) || flow.since == now)
        {
            SetRate(flow, rate, now);
        }
        if (flow.end != end)
        {
            SetEnd(number);
        }
    }
    NoteEnds();
}

void
FluidNetwork::NoteEnds()
{
    for (const auto number : m_changed)
    {
        auto& component = m_components[number];
        component.changed = false;
        component.serial = ++m_serial;
        const auto end = component.ends.Earliest();
        if (end < NEVER)
        {
            m_ends.push({end, m_serial, number});
        }
    }
    m_changed.clear();
}

Picoseconds
FluidNetwork::NextEnd()
{
    while (!m_ends.empty() && m_components[m_ends.top().component].serial != m_ends.top().serial)
    {
        m_ends.pop();
    }
    return m_ends.empty() ? NEVER : m_ends.top().at;
}

std::vector<uint32_t>&
FluidNetwork::TakeEnded(Picoseconds now)
{
    m_ended.clear();
    while (NextEnd() <= now)
    {
        const auto number = m_ends.top().component;
        m_ends.pop();
        const auto first = m_ended.size();
        FindEnded(number, now);
        for (auto next = first; next < m_ended.size(); ++next)
        {
            RemoveFlow(m_ended[next], now);
        }
    }
    return m_ended;
}

void
FluidNetwork::FindEnded(uint32_t number, Picoseconds now)
{
    auto& component = m_components[number];
    const auto latest = component.ends.Latest();
    const double most = m_tolerance * double((latest - component.begin).count());
    component.ends.FindUntil(now + Picoseconds(std::llround(most)), m_candidates);
    for (const auto slot : m_candidates)
    {
        const auto candidate = m_parts.FlowsOf(number)[slot];
        const auto& flow = m_flows[candidate];
        if (MayEnd(flow, latest, now))
        {
            m_earlyEnds += flow.end > now ? 1 : 0;
            m_ended.push_back(candidate);
        }
    }
}

bool
FluidNetwork::MayEnd(const Flow& flow, Picoseconds latest, Picoseconds now) const
{
    const double early = double((flow.end - now).count());
    const double own = LONGEST_SHARE * double((flow.end - flow.begin).count());
    const double longest = double((latest - flow.begin).count());
    return early <= 0 || early <= m_tolerance * std::min(own, longest);
}

size_t
FluidNetwork::Size() const
{
    return m_size;
}

uint64_t
FluidNetwork::SolvedCrossings() const
{
    return m_shares.SolvedCrossings();
}

uint64_t
FluidNetwork::EarlyEnds() const
{
    return m_earlyEnds;
}

} // namespace mixnetcore
