/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-graph.h"

#include <stdexcept>
#include <string>

namespace mixnetcore
{

namespace
{

/// @param capacity Of a resource. @throws std::invalid_argument when it is none.
void
CheckCapacity(double capacity)
{
    if (!(capacity >= 0))
    {
        throw std::invalid_argument("capacity of a resource = " + std::to_string(capacity) +
                                    ": at least 0");
    }
}

} // namespace

uint32_t
FlowGraph::AddResource(double capacity)
{
    CheckCapacity(capacity);
    m_resources.push_back({capacity, {}});
    return m_resources.size() - 1;
}

bool
FlowGraph::SetCapacity(uint32_t resource, double capacity)
{
    CheckCapacity(capacity);
    auto& changed = m_resources.at(resource);
    const bool isNew = changed.capacity != capacity;
    changed.capacity = capacity;
    return isNew;
}

void
FlowGraph::SetResources(uint32_t flow, const ResourceList& resources)
{
    for (const auto resource : resources)
    {
        if (resource >= m_resources.size())
        {
            throw std::invalid_argument("a flow crosses resource " + std::to_string(resource) +
                                        ": there are " + std::to_string(m_resources.size()));
        }
    }
    if (flow >= m_flows.size())
    {
        m_flows.resize(flow + 1);
    }
    auto& set = m_flows[flow];
    const uint32_t size = resources.size();
    if (size > set.span)
    {
        if (set.span > 0)
        {
            m_freeSpans[set.span].push_back(set.first);
        }
        set.first = TakeSpan(size);
        set.span = size;
    }
    set.size = size;
    for (uint32_t index = 0; index < size; ++index)
    {
        m_crossed[set.first + index] = {resources[index], 0};
    }
}

uint32_t
FlowGraph::TakeSpan(uint32_t size)
{
    if (size >= m_freeSpans.size())
    {
        m_freeSpans.resize(size + 1);
    }
    auto& free = m_freeSpans[size];
    if (free.empty())
    {
        m_crossed.resize(m_crossed.size() + size);
        return m_crossed.size() - size;
    }
    const auto place = free.back();
    free.pop_back();
    return place;
}

void
FlowGraph::Attach(uint32_t flow)
{
    auto* crossed = m_crossed.data() + m_flows[flow].first;
    for (uint32_t index = 0; index < m_flows[flow].size; ++index)
    {
        auto& flows = m_resources[crossed[index].resource].flows;
        crossed[index].place = flows.size();
        flows.push_back({flow, index});
    }
}

void
FlowGraph::Detach(uint32_t flow)
{
    for (const auto& crossed : ResourcesOf(flow))
    {
        auto& flows = m_resources[crossed.resource].flows;
        const auto last = flows.back();
        flows[crossed.place] = last;
        m_crossed[m_flows[last.flow].first + last.index].place = crossed.place;
        flows.pop_back();
    }
}

} // namespace mixnetcore
