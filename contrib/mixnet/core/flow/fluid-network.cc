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

uint32_t
FluidNetwork::AddFlow(Picoseconds now, std::vector<uint32_t> resources, double weight, double bytes)
{
    CheckWeight(weight);
    CheckNotNegative("bytes of a flow", bytes);
    for (const auto resource : resources)
    {
        if (resource >= m_resources.size())
        {
            throw std::invalid_argument("a flow crosses resource " + std::to_string(resource) +
                                        ": there are " + std::to_string(m_resources.size()));
        }
    }
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
    flow.places.resize(resources.size());
    flow.resources = std::move(resources);
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
    auto& attached = m_flows[flow];
    for (uint32_t index = 0; index < attached.resources.size(); ++index)
    {
        auto& flows = m_resources[attached.resources[index]].flows;
        attached.places[index] = flows.size();
        flows.push_back({flow, index});
    }
}

void
FluidNetwork::Detach(uint32_t flow)
{
    const auto& detached = m_flows[flow];
    for (uint32_t index = 0; index < detached.resources.size(); ++index)
    {
        const auto resource = detached.resources[index];
        auto& flows = m_resources[resource].flows;
        const auto last = flows.back();
        flows[detached.places[index]] = last;
        m_flows[last.flow].places[last.index] = detached.places[index];
        flows.pop_back();
        if (m_resources[resource].capacity < UNLIMITED)
        {
            MarkResource(resource);
        }
    }
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
    removed.exists = false;
    removed.end = NEVER;
    m_freeFlows.push_back(flow);
    --m_size;
    // Alone in its component, it leaves nothing that would dissolve it.
    MarkFlow(flow);
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
    held ? Detach(flow) : Attach(flow);
    MarkFlow(flow);
}

void
FluidNetwork::SetResources(uint32_t flow, std::vector<uint32_t> resources)
{
    assert(At(flow).exists);
    auto& moved = m_flows[flow];
    if (!moved.held)
    {
        Detach(flow);
    }
    moved.places.resize(resources.size());
    moved.resources = std::move(resources);
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
    return !m_changedFlows.empty() || !m_changedResources.empty();
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
        }
    }
    component.flows.clear();
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
        if (m_flows[flow].component != NONE)
        {
            Dissolve(m_flows[flow].component);
        }
    }
    for (const auto resource : m_changedResources)
    {
        m_resources[resource].changed = false;
    }
    for (const auto flow : m_changedFlows)
    {
        if (m_flows[flow].exists && m_flows[flow].visited != m_search)
        {
            SolveComponent(flow, NONE, now);
        }
    }
    for (const auto resource : m_changedResources)
    {
        if (m_resources[resource].visited != m_search && !m_resources[resource].flows.empty())
        {
            SolveComponent(NONE, resource, now);
        }
    }
    m_changedFlows.clear();
    m_changedResources.clear();
}

void
FluidNetwork::SolveComponent(uint32_t flow, uint32_t resource, Picoseconds now)
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
            for (const auto crossed : found.resources)
            {
                VisitResource(crossed);
            }
            crossings += found.resources.size();
        }
    }
    if (m_foundFlows.empty())
    {
        return;
    }
    m_solvedCrossings += crossings;
    m_capacities.clear();
    for (const auto found : m_foundResources)
    {
        m_capacities.push_back(m_resources[found].capacity);
    }
    // Flows in the order of their numbers, so that ends and ties do not depend on the search.
    std::sort(m_foundFlows.begin(), m_foundFlows.end());
    m_demands.resize(m_foundFlows.size());
    for (size_t i = 0; i < m_foundFlows.size(); ++i)
    {
        const auto& found = m_flows[m_foundFlows[i]];
        auto& demand = m_demands[i];
        demand.resources.clear();
        demand.weight = found.weight;
        for (const auto crossed : found.resources)
        {
            if (!found.held && m_resources[crossed].capacity < UNLIMITED)
            {
                demand.resources.push_back(m_resources[crossed].local);
            }
        }
    }
    m_solver.Solve(m_capacities, m_demands, m_rates);

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
    Picoseconds end = NEVER;
    for (size_t i = 0; i < m_foundFlows.size(); ++i)
    {
        auto& found = m_flows[m_foundFlows[i]];
        if (found.component != NONE)
        {
            Dissolve(found.component);
        }
        const double rate = found.held ? 0 : m_rates[i];
        if (rate != found.rate || found.since == now)
        {
            SetRate(found, rate, now);
        }
        if (found.held)
        {
            found.end = NEVER;
        }
        end = std::min(end, found.end);
    }
    for (const auto found : m_foundFlows)
    {
        m_flows[found].component = number;
    }
    auto& component = m_components[number];
    component.flows = m_foundFlows;
    component.end = end;
    component.serial = ++m_serial;
    if (end < NEVER)
    {
        m_ends.push({end, component.serial, number});
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
    while (NextEnd() <= now)
    {
        const auto number = m_ends.top().component;
        m_ends.pop();
        for (const auto flow : m_components[number].flows)
        {
            auto& candidate = m_flows[flow];
            // A flow that has left its place to another is not of this component.
            if (!candidate.exists || candidate.component != number || candidate.end == NEVER)
            {
                continue;
            }
            const auto early = m_tolerance * double((candidate.end - candidate.begin).count());
            if (double((candidate.end - now).count()) <= early)
            {
                m_earlyEnds += candidate.end > now ? 1 : 0;
                ended.push_back(flow);
            }
        }
        Dissolve(number); // what goes on shares a resource with what has ended, and is solved
    }
    for (const auto flow : ended)
    {
        RemoveFlow(flow, now);
    }
    return ended;
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
