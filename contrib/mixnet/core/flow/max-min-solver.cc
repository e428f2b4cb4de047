/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "max-min-solver.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>

namespace mixnetcore
{

namespace
{

constexpr double NEVER = std::numeric_limits<double>::infinity();

} // namespace

void
MaxMinSolver::Clear()
{
    m_resources.clear();
    m_crossings.clear();
    m_crossingsBegin.assign(1, 0);
    m_weights.clear();
    m_rates.clear();
    m_growth.clear();
    m_listed = false;
    m_solved = false;
}

uint32_t
MaxMinSolver::AddResource(double capacity)
{
    if (!(capacity >= 0))
    {
        throw std::invalid_argument("capacity of resource " + std::to_string(m_resources.size()) +
                                    " = " + std::to_string(capacity) + ": at least 0");
    }
    m_resources.push_back({capacity, capacity, 0, 0, 0, 0, 0, false});
    m_listed = false;
    m_solved = false;
    return m_resources.size() - 1;
}

uint32_t
MaxMinSolver::AddFlow(const uint32_t* begin, const uint32_t* end, double weight)
{
    if (!(weight > 0) || weight == NEVER)
    {
        throw std::invalid_argument("weight of flow " + std::to_string(m_weights.size()) + " = " +
                                    std::to_string(weight) + ": above 0, finite");
    }
    for (const auto* resource = begin; resource != end; ++resource)
    {
        if (*resource >= m_resources.size())
        {
            throw std::invalid_argument("flow " + std::to_string(m_weights.size()) +
                                        " crosses resource " + std::to_string(*resource) +
                                        ": there are " + std::to_string(m_resources.size()));
        }
    }
    m_crossings.insert(m_crossings.end(), begin, end);
    m_crossingsBegin.push_back(m_crossings.size());
    m_weights.push_back(weight);
    m_rates.push_back(NEVER);
    m_growth.push_back(Growth::Growing);
    m_listed = false;
    m_solved = false;
    return m_weights.size() - 1;
}

void
MaxMinSolver::RemoveFlow(uint32_t flow)
{
    assert(m_growth.at(flow) != Growth::Left);
    if (m_solved && m_growth[flow] == Growth::Ended)
    {
        m_lowestLeft = std::min(m_lowestLeft, m_levels[m_place[flow]]);
    }
    m_growth[flow] = Growth::Left;
}

const std::vector<uint32_t>&
MaxMinSolver::Solve()
{
    m_set.clear();
    m_queue.clear();
    if (m_solved && m_continued < MOST_CONTINUED)
    {
        ++m_continued;
        Continue();
    }
    else
    {
        Restart();
        m_continued = 0;
    }
    m_solved = true;
    m_lowestLeft = NEVER;
    return m_set;
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
    rates = m_rates;
}

void
MaxMinSolver::Restart()
{
    for (auto& resource : m_resources)
    {
        resource.left = resource.capacity;
        resource.weight = 0;
        resource.growing = 0;
    }
    for (uint32_t f = 0; f < m_weights.size(); ++f)
    {
        if (m_growth[f] == Growth::Left)
        {
            continue;
        }
        m_growth[f] = Growth::Growing;
        m_rates[f] = NEVER;
        bool isLimited = false;
        for (auto crossing = m_crossingsBegin[f]; crossing < m_crossingsBegin[f + 1]; ++crossing)
        {
            auto& resource = m_resources[m_crossings[crossing]];
            resource.weight += m_weights[f];
            ++resource.growing;
            isLimited = isLimited || resource.capacity < NEVER;
        }
        if (!isLimited)
        {
            m_set.push_back(f);
        }
    }
    if (!m_listed)
    {
        ListFlows();
    }
    m_order.clear();
    m_levels.clear();
    m_place.resize(m_weights.size());
    for (uint32_t r = 0; r < m_resources.size(); ++r)
    {
        m_resources[r].summedWeight = m_resources[r].weight;
        Queue(r);
    }
    std::make_heap(m_queue.begin(), m_queue.end(), std::greater<>());
    Fill(0);
}

void
MaxMinSolver::Continue()
{
    const auto first =
        std::lower_bound(m_levels.begin(), m_levels.end(), m_lowestLeft) - m_levels.begin();
    m_again.assign(m_order.begin() + first, m_order.end());
    m_order.resize(first);
    m_levels.resize(first);
    for (const auto f : m_again)
    {
        GrowAgain(f);
    }
    for (const auto f : m_again)
    {
        for (auto crossing = m_crossingsBegin[f]; crossing < m_crossingsBegin[f + 1]; ++crossing)
        {
            if (!m_resources[m_crossings[crossing]].queued)
            {
                Queue(m_crossings[crossing]);
            }
        }
    }
    std::make_heap(m_queue.begin(), m_queue.end(), std::greater<>());
    Fill(first > 0 ? m_levels.back() : 0);
}

void
MaxMinSolver::GrowAgain(uint32_t flow)
{
    const bool isThere = m_growth[flow] != Growth::Left;
    for (auto crossing = m_crossingsBegin[flow]; crossing < m_crossingsBegin[flow + 1]; ++crossing)
    {
        auto& resource = m_resources[m_crossings[crossing]];
        resource.left += m_rates[flow];
        if (resource.growing == 0)
        {
            resource.weight = 0; // what rounding has left of it
            resource.summedWeight = 0;
        }
        if (isThere)
        {
            resource.weight += m_weights[flow];
            resource.summedWeight += m_weights[flow];
            ++resource.growing;
        }
    }
    if (isThere)
    {
        m_growth[flow] = Growth::Growing;
        m_rates[flow] = NEVER;
    }
}

void
MaxMinSolver::ListFlows()
{
    std::vector<uint32_t> counts(m_resources.size());
    for (const auto crossed : m_crossings)
    {
        ++counts[crossed];
    }
    uint32_t begin = 0;
    for (uint32_t r = 0; r < m_resources.size(); ++r)
    {
        m_resources[r].flowsBegin = begin;
        m_resources[r].flowsEnd = begin;
        begin += counts[r];
    }
    m_flowsOf.resize(begin);
    for (uint32_t f = 0; f < m_weights.size(); ++f)
    {
        for (auto crossing = m_crossingsBegin[f]; crossing < m_crossingsBegin[f + 1]; ++crossing)
        {
            m_flowsOf[m_resources[m_crossings[crossing]].flowsEnd++] = f;
        }
    }
    m_listed = true;
}

void
MaxMinSolver::Queue(uint32_t index)
{
    auto& resource = m_resources[index];
    if (resource.growing > 0 && resource.capacity < NEVER)
    {
        m_queue.push_back({resource.left / resource.weight, index});
        resource.queued = true;
    }
}

void
MaxMinSolver::Fill(double level)
{
    for (const auto& entry : m_queue)
    {
        m_resources[entry.resource].queued = false;
    }
    while (!m_queue.empty())
    {
        const auto next = TakeNext();
        if (m_resources[next.resource].growing == 0)
        {
            continue;
        }
        const auto current = Level(next.resource);
        if (current > level * (1 + TOLERANCE))
        {
            if (current > next.level && !m_queue.empty() && current > m_queue.front().level)
            {
                m_queue.push_back({current, next.resource});
                std::push_heap(m_queue.begin(), m_queue.end(), std::greater<>());
                continue;
            }
            level = current;
        }
        Freeze(next.resource, level);
    }
}

MaxMinSolver::QueueEntry
MaxMinSolver::TakeNext()
{
    std::pop_heap(m_queue.begin(), m_queue.end(), std::greater<>());
    const auto next = m_queue.back();
    m_queue.pop_back();
    return next;
}

double
MaxMinSolver::Level(uint32_t index)
{
    auto& resource = m_resources[index];
    if (resource.weight < resource.summedWeight / 2)
    {
        // Taking away one weight after another has left rounding behind: sum up afresh.
        resource.weight = 0;
        for (auto k = resource.flowsBegin; k < resource.flowsEnd; ++k)
        {
            const auto f = m_flowsOf[k];
            resource.weight += m_growth[f] == Growth::Growing ? m_weights[f] : 0;
        }
        resource.summedWeight = resource.weight;
    }
    return resource.left / resource.weight;
}

void
MaxMinSolver::Freeze(uint32_t index, double level)
{
    for (auto k = m_resources[index].flowsBegin; k < m_resources[index].flowsEnd; ++k)
    {
        const auto f = m_flowsOf[k];
        if (m_growth[f] != Growth::Growing)
        {
            continue;
        }
        m_growth[f] = Growth::Ended;
        m_rates[f] = level * m_weights[f];
        m_place[f] = m_order.size();
        m_order.push_back(f);
        m_levels.push_back(level);
        m_set.push_back(f);
        for (auto crossing = m_crossingsBegin[f]; crossing < m_crossingsBegin[f + 1]; ++crossing)
        {
            auto& crossed = m_resources[m_crossings[crossing]];
            crossed.left -= m_rates[f];
            crossed.weight -= m_weights[f];
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
