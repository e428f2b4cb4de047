/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "max-min-solver.h"

#include "ns3/checks.h"

#include <algorithm>
#include <functional>

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
    m_caps.clear();
    m_levels.clear();
    m_bottlenecks.clear();
}

void
MaxMinSolver::CheckCapacity(size_t resource, double capacity)
{
    if (!(capacity >= 0))
    {
        Refuse(Phrase() << "capacity of resource " << resource << " = " << capacity
                        << ": at least 0");
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
MaxMinSolver::AddFlow(double weight, double cap)
{
    if (!(weight > 0) || weight == NEVER)
    {
        Refuse(Phrase() << "weight of flow " << m_weights.size() << " = " << weight
                        << ": above 0, finite");
    }
    m_crossingsBegin.push_back(m_crossings.size());
    m_weights.push_back(weight);
    if (cap < NEVER)
    {
        m_caps.push_back({cap / weight, static_cast<uint32_t>(m_weights.size() - 1)});
    }
    return m_weights.size() - 1;
}

void
MaxMinSolver::ThrowNoResource(uint32_t resource) const
{
    Refuse(Phrase() << "flow " << m_weights.size() - 1 << " crosses resource " << resource
                    << ": there are " << m_resources.size());
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
MaxMinSolver::FillQueue()
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
    for (const auto& cap : m_caps)
    {
        const auto behind = static_cast<uint32_t>(m_resources.size() + (&cap - m_caps.data()));
        m_queue.push_back({cap.level, behind});
    }
    std::make_heap(m_queue.begin(), m_queue.end(), std::greater<>());
}

void
MaxMinSolver::Fill()
{
    FillQueue();
    double level = 0;
    while (!m_queue.empty())
    {
        auto& next = m_queue.front();
        if (IsGrowing(next.index))
        {
            const auto current = LevelOf(next.index);
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
            Freeze(next.index, level);
        }
        m_queue.front() = m_queue.back();
        m_queue.pop_back();
        SinkFirst();
    }
}

bool
MaxMinSolver::IsGrowing(uint32_t index) const
{
    return index < m_resources.size()
               ? m_resources[index].growing > 0
               : m_bottlenecks[m_caps[index - m_resources.size()].flow] == NONE;
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
MaxMinSolver::LevelOf(uint32_t index)
{
    if (index >= m_resources.size())
    {
        return m_caps[index - m_resources.size()].level;
    }
    auto& resource = m_resources[index];
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
    if (index >= m_resources.size())
    {
        FreezeFlow(m_caps[index - m_resources.size()].flow, level, CAP);
        return;
    }
    m_resources[index].isBottleneck = true;
    for (auto k = m_resources[index].flowsBegin; k < m_resources[index].flowsEnd; ++k)
    {
        if (m_bottlenecks[m_flowsOf[k]] == NONE)
        {
            FreezeFlow(m_flowsOf[k], level, index);
        }
    }
}

void
MaxMinSolver::FreezeFlow(uint32_t flow, double level, uint32_t bottleneck)
{
    m_levels[flow] = level;
    m_bottlenecks[flow] = bottleneck;
    const double rate = level * m_weights[flow];
    for (auto crossing = m_crossingsBegin[flow]; crossing < m_crossingsBegin[flow + 1]; ++crossing)
    {
        auto& crossed = m_resources[m_crossings[crossing]];
        crossed.left -= rate;
        crossed.weight -= m_weights[flow];
        crossed.highest = level;
        --crossed.growing;
    }
}

} // namespace mixnetcore
