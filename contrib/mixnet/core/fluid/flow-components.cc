/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-components.h"

#include "ns3/lists.h"

#include <cassert>

namespace mixnetcore
{

FlowComponents::FlowComponents(const FlowGraph& graph)
    : m_graph(graph)
{
}

uint32_t
FlowComponents::Create()
{
    if (m_freeComponents.empty())
    {
        m_components.emplace_back();
        return m_components.size() - 1;
    }
    return TakeLast(m_freeComponents);
}

void
FlowComponents::Free(uint32_t number)
{
    m_components[number].flows.clear();
    m_components[number].gone = 0;
    m_freeComponents.push_back(number);
    m_freed.push_back(number);
}

void
FlowComponents::Place(uint32_t flow, uint32_t component)
{
    auto& flows = m_components[component].flows;
    m_flows[flow] = {component, static_cast<uint32_t>(flows.size())};
    flows.push_back(flow);
    m_moved.push_back(flow);
}

void
FlowComponents::Label(uint32_t resource, uint32_t component)
{
    Grown(m_componentAt, resource, NONE) = component;
}

void
FlowComponents::Join(uint32_t flow)
{
    [[maybe_unused]] const auto& member = Grown(m_flows, flow);
    assert(member.component == NONE);
    auto joined = NONE;
    for (const auto& crossed : m_graph.ResourcesOf(flow))
    {
        const auto there = m_graph.IsFinite(crossed.resource) ? At(crossed.resource) : NONE;
        // Where this flow was attached before the last other one had left, a resource still has the
        // number of a component that may be gone.
        if (there != NONE && there != joined && Size(there) > 0)
        {
            joined = joined == NONE ? there : Merge(joined, there);
        }
    }
    joined = joined == NONE ? Create() : joined;
    Place(flow, joined);
    for (const auto& crossed : m_graph.ResourcesOf(flow))
    {
        if (m_graph.IsFinite(crossed.resource))
        {
            Label(crossed.resource, joined);
        }
    }
}

void
FlowComponents::Leave(uint32_t flow)
{
    const auto [number, slot] = m_flows[flow];
    auto& left = m_components[number];
    left.flows[slot] = NONE;
    ++left.gone;
    m_flows[flow].component = NONE;
    for (const auto& crossed : m_graph.ResourcesOf(flow))
    {
        if (m_graph.FlowsAt(crossed.resource).empty() && crossed.resource < m_componentAt.size())
        {
            m_componentAt[crossed.resource] = NONE;
        }
    }
    if (2 * left.gone > left.flows.size() && !left.isShrunk)
    {
        left.isShrunk = true;
        m_shrunk.push_back(number);
    }
}

void
FlowComponents::Tie(uint32_t resource)
{
    auto joined = NONE;
    for (const auto& crossing : m_graph.FlowsAt(resource))
    {
        const auto there = Of(crossing.flow);
        if (there != NONE && there != joined)
        {
            joined = joined == NONE ? there : Merge(joined, there);
        }
    }
    Label(resource, joined);
}

uint32_t
FlowComponents::Merge(uint32_t one, uint32_t other)
{
    const bool intoOne = Size(one) != Size(other) ? Size(one) > Size(other) : one < other;
    const auto into = intoOne ? one : other;
    const auto from = intoOne ? other : one;
    m_parted.clear();
    m_parted.swap(m_components[from].flows);
    for (const auto flow : m_parted)
    {
        if (flow == NONE)
        {
            continue;
        }
        Place(flow, into);
        for (const auto& crossed : m_graph.ResourcesOf(flow))
        {
            if (m_graph.IsFinite(crossed.resource))
            {
                Label(crossed.resource, into);
            }
        }
    }
    m_components[from].gone = 0;
    if (!m_components[from].isShrunk)
    {
        Free(from); // else Split() does
    }
    return into;
}

void
FlowComponents::Split()
{
    for (const auto number : m_shrunk)
    {
        m_components[number].isShrunk = false;
        m_parted.clear();
        m_parted.swap(m_components[number].flows);
        for (const auto flow : m_parted)
        {
            if (flow != NONE)
            {
                m_flows[flow].component = NONE;
            }
        }
        for (const auto flow : m_parted)
        {
            if (flow != NONE && m_flows[flow].component == NONE)
            {
                Find(flow);
            }
        }
        Free(number); // by now no resource has it
    }
    m_shrunk.clear();
}

void
FlowComponents::Find(uint32_t flow)
{
    const auto number = Create();
    Place(flow, number);
    for (size_t next = 0; next < m_components[number].flows.size(); ++next)
    {
        for (const auto& crossed : m_graph.ResourcesOf(m_components[number].flows[next]))
        {
            if (!m_graph.IsFinite(crossed.resource) || m_componentAt[crossed.resource] == number)
            {
                continue;
            }
            Label(crossed.resource, number);
            for (const auto& crossing : m_graph.FlowsAt(crossed.resource))
            {
                if (m_flows[crossing.flow].component == NONE)
                {
                    Place(crossing.flow, number);
                }
            }
        }
    }
}

void
FlowComponents::ClearMoved()
{
    m_moved.clear();
    m_freed.clear();
}

} // namespace mixnetcore
