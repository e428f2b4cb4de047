/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "max-min-solver.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace mixnetcore
{

namespace
{

constexpr double NEVER = std::numeric_limits<double>::infinity();

/**
 * @param capacities Capacity of each resource.
 * @param flows The flows.
 * @throws std::invalid_argument naming the first value that is wrong.
 */
void
Check(const std::vector<double>& capacities, const std::vector<FlowDemand>& flows)
{
    for (size_t r = 0; r < capacities.size(); ++r)
    {
        if (!(capacities[r] >= 0))
        {
            throw std::invalid_argument("capacity of resource " + std::to_string(r) + " = " +
                                        std::to_string(capacities[r]) + ": at least 0");
        }
    }
    for (size_t f = 0; f < flows.size(); ++f)
    {
        if (!(flows[f].weight > 0) || flows[f].weight == NEVER)
        {
            throw std::invalid_argument("weight of flow " + std::to_string(f) + " = " +
                                        std::to_string(flows[f].weight) + ": above 0, finite");
        }
        for (const auto resource : flows[f].resources)
        {
            if (resource >= capacities.size())
            {
                throw std::invalid_argument("flow " + std::to_string(f) + " crosses resource " +
                                            std::to_string(resource) + ": there are " +
                                            std::to_string(capacities.size()));
            }
        }
    }
}

} // namespace

void
MaxMinSolver::Solve(const std::vector<double>& capacities,
                    const std::vector<FlowDemand>& flows,
                    std::vector<double>& rates)
{
    Check(capacities, flows);
    Load(capacities, flows);
    FillQueue();
    rates.assign(flows.size(), NEVER);
    double level = 0;
    while (!m_queue.empty())
    {
        const auto next = TakeNext();
        if (m_resources[next.resource].growing == 0)
        {
            continue;
        }
        const auto current = Level(next.resource, flows);
        if (current > level * (1 + TOLERANCE))
        {
            if (current > next.level && !m_queue.empty() && current > m_queue.front().level)
            {
                Enqueue({current, next.resource});
                continue;
            }
            level = current;
        }
        Freeze(next.resource, level, flows, rates);
    }
}

void
MaxMinSolver::Load(const std::vector<double>& capacities, const std::vector<FlowDemand>& flows)
{
    m_resources.clear();
    for (const auto capacity : capacities)
    {
        m_resources.push_back({capacity, 0, 0, 0, 0, 0});
    }
    for (const auto& flow : flows)
    {
        for (const auto r : flow.resources)
        {
            m_resources[r].summedWeight += flow.weight;
            ++m_resources[r].growing;
        }
    }
    ListFlows(flows);
    m_isGrowing.assign(flows.size(), 1);
}

void
MaxMinSolver::ListFlows(const std::vector<FlowDemand>& flows)
{
    uint32_t crossings = 0;
    for (auto& resource : m_resources)
    {
        resource.weight = resource.summedWeight;
        resource.flowsBegin = crossings;
        resource.flowsEnd = crossings;
        crossings += resource.growing;
    }
    m_flowsOf.resize(crossings);
    for (uint32_t f = 0; f < flows.size(); ++f)
    {
        for (const auto r : flows[f].resources)
        {
            m_flowsOf[m_resources[r].flowsEnd++] = f;
        }
    }
}

void
MaxMinSolver::FillQueue()
{
    m_queue.clear();
    for (uint32_t r = 0; r < m_resources.size(); ++r)
    {
        const auto& resource = m_resources[r];
        if (resource.growing > 0 && resource.left < NEVER)
        {
            m_queue.push_back({resource.left / resource.weight, r});
        }
    }
    std::make_heap(m_queue.begin(), m_queue.end(), IsLater);
}

void
MaxMinSolver::Enqueue(QueueEntry entry)
{
    m_queue.push_back(entry);
    std::push_heap(m_queue.begin(), m_queue.end(), IsLater);
}

MaxMinSolver::QueueEntry
MaxMinSolver::TakeNext()
{
    std::pop_heap(m_queue.begin(), m_queue.end(), IsLater);
    const auto next = m_queue.back();
    m_queue.pop_back();
    return next;
}

bool
MaxMinSolver::IsLater(const QueueEntry& a, const QueueEntry& b)
{
    return a.level != b.level ? a.level > b.level : a.resource > b.resource;
}

double
MaxMinSolver::Level(uint32_t index, const std::vector<FlowDemand>& flows)
{
    auto& resource = m_resources[index];
    if (resource.weight < resource.summedWeight / 2)
    {
        // Taking away one weight after another has left rounding behind: sum up afresh.
        resource.weight = 0;
        for (auto k = resource.flowsBegin; k < resource.flowsEnd; ++k)
        {
            const auto f = m_flowsOf[k];
            resource.weight += m_isGrowing[f] ? flows[f].weight : 0;
        }
        resource.summedWeight = resource.weight;
    }
    return resource.left / resource.weight;
}

void
MaxMinSolver::Freeze(uint32_t index,
                     double level,
                     const std::vector<FlowDemand>& flows,
                     std::vector<double>& rates)
{
    const auto& full = m_resources[index];
    for (auto k = full.flowsBegin; k < full.flowsEnd; ++k)
    {
        const auto f = m_flowsOf[k];
        if (!m_isGrowing[f])
        {
            continue;
        }
        m_isGrowing[f] = 0;
        rates[f] = level * flows[f].weight;
        for (const auto r : flows[f].resources)
        {
            m_resources[r].left -= rates[f];
            m_resources[r].weight -= flows[f].weight;
            --m_resources[r].growing;
        }
    }
}

std::vector<double>
MaxMinRates(const std::vector<double>& capacities, const std::vector<FlowDemand>& flows)
{
    std::vector<double> rates;
    MaxMinSolver().Solve(capacities, flows, rates);
    return rates;
}

} // namespace mixnetcore
