/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "max-min-solver.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>

namespace mixnetcore
{

namespace
{

constexpr double NEVER = std::numeric_limits<double>::infinity(); //!< level that is not reached

} // namespace

void
MaxMinSolver::Clear()
{
    m_resources.clear();
    m_crossings.clear();
    m_crossingsBegin.assign(1, 0);
    m_weights.clear();
    m_levels.clear();
    m_bottlenecks.clear();
}

void
MaxMinSolver::CheckCapacity(size_t resource, double capacity)
{
    if (!(capacity >= 0))
    {
        throw std::invalid_argument("capacity of resource " + std::to_string(resource) + " = " +
                                    std::to_string(capacity) + ": at least 0");
    }
}

uint32_t
MaxMinSolver::AddResource(double capacity)
{
    CheckCapacity(m_resources.size(), capacity);
    m_resources.push_back({capacity, capacity, 0, 0, 0, 0, 0, 0, false});
    return m_resources.size() - 1;
}

void
MaxMinSolver::SetCapacity(uint32_t resource, double capacity)
{
    CheckCapacity(resource, capacity);
    m_resources.at(resource).capacity = capacity;
}

uint32_t
MaxMinSolver::AddFlow(double weight)
{
    if (!(weight > 0) || weight == NEVER)
    {
        throw std::invalid_argument("weight of flow " + std::to_string(m_weights.size()) + " = " +
                                    std::to_string(weight) + ": above 0, finite");
    }
    m_crossingsBegin.push_back(m_crossings.size());
    m_weights.push_back(weight);
    return m_weights.size() - 1;
}

uint32_t
MaxMinSolver::AddFlow(const uint32_t* begin, const uint32_t* end, double weight)
{
    const auto flow = AddFlow(weight);
    for (const auto* resource = begin; resource != end; ++resource)
    {
        Cross(*resource);
    }
    return flow;
}

void
MaxMinSolver::ThrowNoResource(uint32_t resource) const
{
    throw std::invalid_argument("flow " + std::to_string(m_weights.size() - 1) +
                                " crosses resource " + std::to_string(resource) + ": there are " +
                                std::to_string(m_resources.size()));
}

void
MaxMinSolver::Solve()
{
    Restart();
    ListFlows();
    Fill();
}

void
MaxMinSolver::Restart()
{
    m_levels.assign(m_weights.size(), NEVER);
    m_bottlenecks.assign(m_weights.size(), NONE);
    for (auto& resource : m_resources)
    {
        resource.left = resource.capacity;
        resource.weight = 0;
        resource.growing = 0;
        resource.highest = 0;
        resource.isBottleneck = false;
    }
    for (uint32_t f = 0; f < m_weights.size(); ++f)
    {
        for (auto crossing = m_crossingsBegin[f]; crossing < m_crossingsBegin[f + 1]; ++crossing)
        {
            auto& crossed = m_resources[m_crossings[crossing]];
            crossed.weight += m_weights[f];
            ++crossed.growing;
        }
    }
}

void
MaxMinSolver::Solve(const std::vector<double>& capacities,
                    const std::vector<FlowDemand>& flows,
                    std::vector<double>& rates)
{
    Clear();
    for (const auto capacity : capacities)
    {
        AddResource(capacity);
    }
    for (const auto& flow : flows)
    {
        AddFlow(flow.resources.data(), flow.resources.data() + flow.resources.size(), flow.weight);
    }
    Solve();
    rates.resize(flows.size());
    for (uint32_t f = 0; f < flows.size(); ++f)
    {
        rates[f] = Rate(f);
    }
}

void
MaxMinSolver::ListFlows()
{
    uint32_t begin = 0;
    for (auto& resource : m_resources)
    {
        resource.flowsBegin = begin;
        resource.flowsEnd = begin;
        begin += resource.growing;
    }
    m_flowsOf.resize(begin);
    for (uint32_t f = 0; f < m_weights.size(); ++f)
    {
        for (auto crossing = m_crossingsBegin[f]; crossing < m_crossingsBegin[f + 1]; ++crossing)
        {
            m_flowsOf[m_resources[m_crossings[crossing]].flowsEnd++] = f;
        }
    }
}

void
MaxMinSolver::Fill()
{
    m_queue.clear();
    for (uint32_t r = 0; r < m_resources.size(); ++r)
    {
        auto& resource = m_resources[r];
        resource.summedWeight = resource.weight;
        if (resource.growing > 0 && resource.capacity < NEVER)
        {
            m_queue.push_back({resource.left / resource.weight, r});
        }
    }
    std::make_heap(m_queue.begin(), m_queue.end(), std::greater<>());
    double level = 0;
    while (!m_queue.empty())
    {
        auto& next = m_queue.front();
        if (m_resources[next.resource].growing > 0)
        {
            const auto current = Level(m_resources[next.resource]);
            if (current > level * (1 + TOLERANCE))
            {
                if (current > next.level)
                {
                    next.level = current;
                    if (SinkFirst())
                    {
                        continue;
                    }
                }
                level = current;
            }
            Freeze(next.resource, level);
        }
        m_queue.front() = m_queue.back();
        m_queue.pop_back();
        SinkFirst();
    }
}

bool
MaxMinSolver::SinkFirst()
{
    size_t place = 0;
    for (size_t below = 1; below < m_queue.size(); below = 2 * place + 1)
    {
        const bool isSecond = below + 1 < m_queue.size() && m_queue[below] > m_queue[below + 1];
        below += isSecond ? 1 : 0;
        if (!(m_queue[place] > m_queue[below]))
        {
            break;
        }
        std::swap(m_queue[place], m_queue[below]);
        place = below;
    }
    return place > 0;
}

double
MaxMinSolver::Level(Resource& resource) const
{
    if (resource.weight < resource.summedWeight / 2)
    {
        // Taking away one weight after another has left rounding behind: sum up afresh.
        resource.weight = 0;
        for (auto k = resource.flowsBegin; k < resource.flowsEnd; ++k)
        {
            const auto f = m_flowsOf[k];
            resource.weight += m_bottlenecks[f] == NONE ? m_weights[f] : 0;
        }
        resource.summedWeight = resource.weight;
    }
    return resource.left / resource.weight;
}

void
MaxMinSolver::Freeze(uint32_t index, double level)
{
    m_resources[index].isBottleneck = true;
    for (auto k = m_resources[index].flowsBegin; k < m_resources[index].flowsEnd; ++k)
    {
        const auto f = m_flowsOf[k];
        if (m_bottlenecks[f] != NONE)
        {
            continue;
        }
        m_levels[f] = level;
        m_bottlenecks[f] = index;
        const double rate = level * m_weights[f];
        for (auto crossing = m_crossingsBegin[f]; crossing < m_crossingsBegin[f + 1]; ++crossing)
        {
            auto& crossed = m_resources[m_crossings[crossing]];
            crossed.left -= rate;
            crossed.weight -= m_weights[f];
            crossed.highest = level;
            --crossed.growing;
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
