/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-graph.h"

#include "ns3/checks.h"
#include "ns3/lists.h"

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
        Refuse(Phrase() << "capacity of a resource = " << capacity << ": at least 0");
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
            Refuse(Phrase() << "a flow crosses resource " << resource << ": there are "
                            << m_resources.size());
        }
    }
    auto& set = Grown(m_flows, flow);
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
    auto& free = Grown(m_freeSpans, size);
    if (free.empty())
    {
        m_crossed.resize(m_crossed.size() + size);
        return m_crossed.size() - size;
    }
    return TakeLast(free);
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
