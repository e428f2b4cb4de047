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

constexpr double UNLIMITED = std::numeric_limits<double>::infinity();
constexpr double PICOSECONDS_PER_SECOND = 1e12;

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
    if (!(weight > 0) || weight == UNLIMITED)
    {
        throw std::invalid_argument("weight of a flow = " + std::to_string(weight) +
                                    ": above 0, finite");
    }
}

} // namespace

FluidNetwork::FluidNetwork(double tolerance)
    : m_tolerance(tolerance)
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
    CheckNotNegative("capacity of a resource", capacity);
    m_resources.push_back({capacity, {}, 0, 0, false});
    return m_resources.size() - 1;
}

void
FluidNetwork::SetCapacity(uint32_t resource, double capacity)
{
    CheckNotNegative("capacity of a resource", capacity);
    auto& changed = m_resources.at(resource);
    if (changed.capacity == capacity)
    {
        return;
    }
    // One that was without limit, or becomes so, joins flows that it did not, or the other way.
    if (changed.capacity == UNLIMITED || capacity == UNLIMITED)
    {
        for (const auto& crossing : changed.flows)
        {
            MarkFlow(crossing.flow);
        }
    }
    changed.capacity = capacity;
    MarkResource(resource);
}

double
FluidNetwork::Capacity(uint32_t resource) const
{
    return m_resources.at(resource).capacity;
}

const FluidNetwork::Flow&
FluidNetwork::At(uint32_t flow) const
{
    assert(flow < m_flows.size() && m_flows[flow].exists);
    return m_flows[flow];
}

void
FluidNetwork::CheckResources(const ResourceList& resources) const
{
    for (const auto resource : resources)
    {
        if (resource >= m_resources.size())
        {
            throw std::invalid_argument("a flow crosses resource " + std::to_string(resource) +
                                        ": there are " + std::to_string(m_resources.size()));
        }
    }
}

uint32_t
FluidNetwork::AddFlow(Picoseconds now, const ResourceList& resources, double weight, double bytes)
{
    CheckWeight(weight);
    CheckNotNegative("bytes of a flow", bytes);
    CheckResources(resources);
    uint32_t number = m_flows.size();
    if (m_freeFlows.empty())
    {
        m_flows.emplace_back();
        m_flows.back().visited = 0;
        m_flows.back().changed = false;
    }
    else
    {
        number = m_freeFlows.back();
        m_freeFlows.pop_back();
    }
    auto& flow = m_flows[number];
    flow.crossed.clear();
    for (const auto resource : resources)
    {
        flow.crossed.push_back({resource, 0});
    }
    flow.weight = weight;
    flow.bytes = bytes;
    flow.left = bytes;
    flow.rate = 0;
    flow.begin = now;
    flow.since = now;
    flow.end = NEVER;
    flow.component = NONE;
    flow.exists = true;
    flow.held = false;
    ++m_size;
    Attach(number);
    MarkFlow(number);
    return number;
}

void
FluidNetwork::MarkFlow(uint32_t flow)
{
    if (!m_flows[flow].changed)
    {
        m_flows[flow].changed = true;
        m_changedFlows.push_back(flow);
    }
}

void
FluidNetwork::MarkResource(uint32_t resource)
{
    if (!m_resources[resource].changed)
    {
        m_resources[resource].changed = true;
        m_changedResources.push_back(resource);
    }
}

void
FluidNetwork::Attach(uint32_t flow)
{
    auto& crossed = m_flows[flow].crossed;
    for (uint32_t index = 0; index < crossed.size(); ++index)
    {
        auto& flows = m_resources[crossed[index].resource].flows;
        crossed[index].place = flows.size();
        flows.push_back({flow, index});
    }
}

void
FluidNetwork::Detach(uint32_t flow)
{
    for (const auto& crossed : m_flows[flow].crossed)
    {
        auto& flows = m_resources[crossed.resource].flows;
        const auto last = flows.back();
        flows[crossed.place] = last;
        m_flows[last.flow].crossed[last.index].place = crossed.place;
        flows.pop_back();
    }
}

void
FluidNetwork::Leave(uint32_t flow)
{
    auto& left = m_flows[flow];
    if (left.component == NONE)
    {
        return;
    }
    auto& component = m_components[left.component];
    ++component.gone;
    if (component.solver)
    {
        component.solver->RemoveFlow(left.local);
    }
    component.ends.Set(left.local, NEVER);
    if (!component.changed)
    {
        component.changed = true;
        m_changedComponents.push_back(left.component);
    }
    left.component = NONE;
}

double
FluidNetwork::RemoveFlow(uint32_t flow, Picoseconds now)
{
    const double left = Left(flow, now);
    auto& removed = m_flows[flow];
    if (!removed.held)
    {
        Detach(flow);
    }
    Leave(flow);
    removed.exists = false;
    removed.end = NEVER;
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
        MarkFlow(flow);
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
        Detach(flow);
        Leave(flow);
    }
    else
    {
        Attach(flow);
    }
    MarkFlow(flow);
}

void
FluidNetwork::SetResources(uint32_t flow, const ResourceList& resources)
{
    assert(At(flow).exists);
    CheckResources(resources);
    auto& moved = m_flows[flow];
    if (!moved.held)
    {
        Detach(flow);
    }
    Leave(flow);
    moved.crossed.clear();
    for (const auto resource : resources)
    {
        moved.crossed.push_back({resource, 0});
    }
    if (!moved.held)
    {
        Attach(flow);
    }
    MarkFlow(flow);
}

double
FluidNetwork::Repeat(uint32_t flow, double bytes, Picoseconds now)
{
    CheckNotNegative("bytes to repeat", bytes);
    const double left = Left(flow, now);
    const double taken = std::min(bytes, std::max(0.0, At(flow).bytes - left));
    m_flows[flow].left = left + taken;
    m_flows[flow].since = now;
    MarkFlow(flow);
    return taken;
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

bool
FluidNetwork::HasChanged() const
{
    return !m_changedFlows.empty() || !m_changedResources.empty() || !m_changedComponents.empty();
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
    const double needed =
        rate == UNLIMITED || left == 0 ? 0 : std::ceil(left / rate * PICOSECONDS_PER_SECOND);
    constexpr double LONGEST = 9e18; // picoseconds, within 63 bits
    flow.end = needed < LONGEST - now.count() ? now + Picoseconds(std::llround(needed)) : NEVER;
}

void
FluidNetwork::Dissolve(uint32_t number)
{
    auto& component = m_components[number];
    for (const auto flow : component.flows)
    {
        if (m_flows[flow].component == number)
        {
            m_flows[flow].component = NONE;
            if (m_flows[flow].visited != m_search)
            {
                m_orphans.push_back(flow);
            }
        }
    }
    component.flows.clear();
    if (component.solver)
    {
        m_freeSolvers.push_back(std::move(component.solver));
    }
    component.ends.Reset(0);
    component.gone = 0;
    component.serial = 0;
    m_freeComponents.push_back(number);
}

void
FluidNetwork::Visit(uint32_t flow)
{
    auto& visited = m_flows[flow];
    if (visited.visited == m_search || !visited.exists)
    {
        return;
    }
    visited.visited = m_search;
    m_foundFlows.push_back(flow);
}

void
FluidNetwork::VisitResource(uint32_t resource)
{
    auto& visited = m_resources[resource];
    if (visited.visited == m_search || visited.capacity == UNLIMITED)
    {
        return;
    }
    visited.visited = m_search;
    visited.local = m_foundResources.size();
    m_foundResources.push_back(resource);
    for (const auto& crossing : visited.flows)
    {
        Visit(crossing.flow);
    }
}

void
FluidNetwork::Solve(Picoseconds now)
{
    ++m_search;
    for (const auto flow : m_changedFlows)
    {
        m_flows[flow].changed = false;
        if (m_flows[flow].exists && m_flows[flow].visited != m_search)
        {
            SolveComponent(flow, NONE, now);
        }
    }
    for (const auto resource : m_changedResources)
    {
        m_resources[resource].changed = false;
        if (m_resources[resource].visited != m_search && !m_resources[resource].flows.empty())
        {
            SolveComponent(NONE, resource, now);
        }
    }
    m_changedFlows.clear();
    m_changedResources.clear();
    for (const auto component : m_changedComponents)
    {
        // Meanwhile its flows may have become those of another.
        if (m_components[component].changed)
        {
            Continue(component, now);
        }
    }
    m_changedComponents.clear();
    // What was dissolved may have been in parts already.
    for (size_t next = 0; next < m_orphans.size(); ++next)
    {
        const auto flow = m_orphans[next];
        if (m_flows[flow].exists && m_flows[flow].visited != m_search)
        {
            SolveComponent(flow, NONE, now);
        }
    }
    m_orphans.clear();
}

void
FluidNetwork::Continue(uint32_t number, Picoseconds now)
{
    m_components[number].changed = false;
    if (m_components[number].serial == 0)
    {
        return; // dissolved
    }
    auto& component = m_components[number];
    if (!component.solver || 2 * component.gone > component.flows.size())
    {
        Dissolve(number);
        return;
    }
    const auto& set = component.solver->Solve();
    for (const auto local : set)
    {
        auto& flow = m_flows[component.flows[local]];
        m_solvedCrossings += flow.crossed.size();
        const double rate = component.solver->Rate(local);
        const auto end = flow.end;
        if (std::abs(rate - flow.rate) > SAME_RATE * flow.rate)
        {
            SetRate(flow, rate, now);
        }
        if (flow.end != end)
        {
            component.ends.Set(local, flow.end);
        }
    }
    NoteEnd(number);
}

size_t
FluidNetwork::Find(uint32_t flow, uint32_t resource)
{
    m_foundFlows.clear();
    m_foundResources.clear();
    if (flow != NONE)
    {
        Visit(flow);
    }
    else
    {
        VisitResource(resource);
    }
    size_t crossings = 0;
    for (size_t next = 0; next < m_foundFlows.size(); ++next)
    {
        const auto& found = m_flows[m_foundFlows[next]];
        if (!found.held)
        {
            for (const auto& crossed : found.crossed)
            {
                VisitResource(crossed.resource);
            }
            crossings += found.crossed.size();
        }
    }
    return crossings;
}

void
FluidNetwork::Load(MaxMinSolver& solver) const
{
    solver.Clear();
    for (const auto found : m_foundResources)
    {
        solver.AddResource(m_resources[found].capacity);
    }
    ResourceList local;
    for (const auto number : m_foundFlows)
    {
        const auto& found = m_flows[number];
        local.clear();
        for (const auto& crossed : found.crossed)
        {
            if (!found.held && m_resources[crossed.resource].capacity < UNLIMITED)
            {
                local.push_back(m_resources[crossed.resource].local);
            }
        }
        solver.AddFlow(local.data(), local.data() + local.size(), found.weight);
    }
}

uint32_t
FluidNetwork::NewComponent()
{
    uint32_t number = m_components.size();
    if (m_freeComponents.empty())
    {
        m_components.emplace_back();
    }
    else
    {
        number = m_freeComponents.back();
        m_freeComponents.pop_back();
    }
    auto& component = m_components[number];
    component.flows = m_foundFlows;
    component.ends.Reset(m_foundFlows.size());
    component.begin = NEVER;
    component.longest = Picoseconds(0);
    component.gone = 0;
    component.changed = false;
    for (uint32_t local = 0; local < m_foundFlows.size(); ++local)
    {
        auto& flow = m_flows[m_foundFlows[local]];
        flow.local = local;
        component.begin = std::min(component.begin, flow.begin);
    }
    return number;
}

void
FluidNetwork::SolveComponent(uint32_t flow, uint32_t resource, Picoseconds now)
{
    m_solvedCrossings += Find(flow, resource);
    if (m_foundFlows.empty())
    {
        return;
    }
    // Flows in the order of their numbers, so that ends and ties do not depend on the search.
    std::sort(m_foundFlows.begin(), m_foundFlows.end());
    for (const auto found : m_foundFlows)
    {
        if (m_flows[found].component != NONE)
        {
            Dissolve(m_flows[found].component);
        }
    }
    const auto number = NewComponent();
    auto& component = m_components[number];
    auto* solver = &m_solver;
    if (m_foundFlows.size() >= SMALL)
    {
        if (m_freeSolvers.empty())
        {
            m_freeSolvers.push_back(std::make_unique<MaxMinSolver>());
        }
        component.solver = std::move(m_freeSolvers.back());
        m_freeSolvers.pop_back();
        solver = component.solver.get();
    }
    Load(*solver);
    solver->Solve();
    for (uint32_t local = 0; local < m_foundFlows.size(); ++local)
    {
        auto& found = m_flows[m_foundFlows[local]];
        const double rate = found.held ? 0 : solver->Rate(local);
        if (rate != found.rate || found.since == now)
        {
            SetRate(found, rate, now);
        }
        found.end = found.held ? NEVER : found.end;
        found.component = number;
        component.ends.Set(local, found.end);
        component.longest =
            found.end < NEVER ? std::max(component.longest, found.end) : component.longest;
    }
    NoteEnd(number);
}

void
FluidNetwork::NoteEnd(uint32_t number)
{
    auto& component = m_components[number];
    component.serial = ++m_serial;
    const auto end = component.ends.Earliest();
    if (end < NEVER)
    {
        m_ends.push({end, m_serial, number});
    }
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

std::vector<uint32_t>
FluidNetwork::TakeEnded(Picoseconds now)
{
    std::vector<uint32_t> ended;
    std::vector<uint32_t> candidates;
    while (NextEnd() <= now)
    {
        auto& component = m_components[m_ends.top().component];
        m_ends.pop();
        const double most = m_tolerance * double((component.longest - component.begin).count());
        component.ends.FindUntil(now + Picoseconds(std::llround(most)), candidates);
        for (const auto local : candidates)
        {
            const auto& flow = m_flows[component.flows[local]];
            if (MayEnd(component, flow, now))
            {
                m_earlyEnds += flow.end > now ? 1 : 0;
                ended.push_back(component.flows[local]);
            }
        }
    }
    for (const auto flow : ended)
    {
        RemoveFlow(flow, now);
    }
    return ended;
}

bool
FluidNetwork::MayEnd(const Component& component, const Flow& flow, Picoseconds now) const
{
    const double early = double((flow.end - now).count());
    const double own = LONGEST_SHARE * double((flow.end - flow.begin).count());
    const double longest = double((component.longest - flow.begin).count());
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
    return m_solvedCrossings;
}

uint64_t
FluidNetwork::EarlyEnds() const
{
    return m_earlyEnds;
}

} // namespace mixnetcore
