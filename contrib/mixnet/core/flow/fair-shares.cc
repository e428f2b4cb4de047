/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fair-shares.h"

#include <algorithm>

namespace mixnetcore
{

FairShares::FairShares(const FlowGraph& graph, const FlowComponents& components)
    : m_graph(graph),
      m_components(components)
{
}

FairShares::Limit&
FairShares::LimitOf(uint32_t resource)
{
    if (resource >= m_limits.size())
    {
        m_limits.resize(resource + 1);
    }
    return m_limits[resource];
}

void
FairShares::Unlimit(uint32_t flow)
{
    auto& bottleneck = m_shares[flow].bottleneck;
    if (bottleneck != NONE)
    {
        --m_limits[bottleneck].limited;
        bottleneck = NONE;
    }
}

void
FairShares::Add(uint32_t flow, double weight)
{
    if (flow >= m_shares.size())
    {
        m_shares.resize(flow + 1);
    }
    m_shares[flow].level = 0;
    m_shares[flow].weight = weight;
    m_changedFlows.push_back(flow);
}

void
FairShares::Remove(uint32_t flow)
{
    Unlimit(flow);
    m_shares[flow].level = 0;
    for (const auto& crossed : m_graph.ResourcesOf(flow))
    {
        m_changedResources.push_back(crossed.resource);
    }
}

void
FairShares::SetWeight(uint32_t flow, double weight)
{
    auto& share = m_shares[flow];
    // The rate stays for now.
    share.level *= share.weight / weight;
    share.weight = weight;
    m_changedFlows.push_back(flow);
}

void
FairShares::ChangeCapacity(uint32_t resource)
{
    m_changedResources.push_back(resource);
    for (const auto& crossing : m_graph.FlowsAt(resource))
    {
        m_changedFlows.push_back(crossing.flow);
    }
}

void
FairShares::SortChanges()
{
    m_changes.clear();
    for (const auto flow : m_changedFlows)
    {
        const auto component = m_components.Of(flow);
        if (component != NONE)
        {
            m_changes.push_back({component, static_cast<uint32_t>(m_changes.size()), NONE, flow});
        }
    }
    for (const auto resource : m_changedResources)
    {
        const auto component = m_components.At(resource);
        if (component != NONE && LimitOf(resource).limited > 0)
        {
            m_changes.push_back(
                {component, static_cast<uint32_t>(m_changes.size()), resource, NONE});
        }
    }
    m_changedFlows.clear();
    m_changedResources.clear();
    std::sort(m_changes.begin(), m_changes.end());
}

const std::vector<uint32_t>&
FairShares::Solve()
{
    m_set.clear();
    SortChanges();
    for (size_t begin = 0; begin < m_changes.size();)
    {
        auto end = begin + 1;
        while (end < m_changes.size() && m_changes[end].component == m_changes[begin].component)
        {
            ++end;
        }
        SolveComponent(m_changes.data() + begin, m_changes.data() + end);
        begin = end;
    }
    return m_set;
}

void
FairShares::SolveComponent(const Change* begin, const Change* end)
{
    ++m_solution;
    m_open.clear();
    m_touched.clear();
    for (const auto* change = begin; change != end; ++change)
    {
        if (change->flow != NONE)
        {
            Open(change->flow);
            for (const auto& crossed : m_graph.ResourcesOf(change->flow))
            {
                OpenLimited(crossed.resource);
            }
        }
        else
        {
            OpenLimited(change->resource);
        }
    }
    const auto all = m_components.Size(begin->component);
    for (uint32_t round = 1;; ++round)
    {
        if (m_open.size() < all && (2 * m_open.size() > all || round > MOST_ROUNDS))
        {
            OpenAll(begin->component);
        }
        Fill();
        const auto open = m_open.size();
        // Touching more may move the list.
        for (size_t index = 0, touched = m_touched.size(); index < touched && open < all; ++index)
        {
            if (m_touched[index].others > 0)
            {
                OpenUnfair(Touched(m_touched[index]));
            }
        }
        if (m_open.size() == open)
        {
            break;
        }
    }
    Keep();
}

FairShares::Touched&
FairShares::Touch(uint32_t resource)
{
    auto& limit = LimitOf(resource);
    if (limit.touched != m_solution)
    {
        limit.touched = m_solution;
        limit.local = m_touched.size();
        Touched touched{resource, 0, 0, -1, 0};
        for (const auto& crossing : m_graph.FlowsAt(resource))
        {
            const auto& share = m_shares[crossing.flow];
            if (share.opened != m_solution)
            {
                ++touched.others;
                touched.taken += share.level * share.weight;
            }
        }
        m_touched.push_back(touched);
    }
    return m_touched[limit.local];
}

void
FairShares::Open(uint32_t flow)
{
    auto& share = m_shares[flow];
    if (share.opened == m_solution)
    {
        return;
    }
    const double rate = share.level * share.weight;
    for (const auto& crossed : m_graph.ResourcesOf(flow))
    {
        if (m_graph.IsFinite(crossed.resource))
        {
            auto& touched = Touch(crossed.resource);
            --touched.others;
            touched.taken = touched.others > 0 ? touched.taken - rate : 0;
        }
    }
    share.opened = m_solution;
    Unlimit(flow);
    m_open.push_back(flow);
}

void
FairShares::OpenLimited(uint32_t resource)
{
    if (LimitOf(resource).limited == 0)
    {
        return;
    }
    for (const auto& crossing : m_graph.FlowsAt(resource))
    {
        if (m_shares[crossing.flow].bottleneck == resource)
        {
            Open(crossing.flow);
        }
    }
}

void
FairShares::OpenAll(uint32_t component)
{
    for (const auto flow : m_components.FlowsOf(component))
    {
        if (flow != NONE)
        {
            Open(flow);
        }
    }
}

void
FairShares::Fill()
{
    m_solver.Clear();
    for (auto& touched : m_touched)
    {
        const double capacity = m_graph.Capacity(touched.resource);
        m_solver.AddResource(std::max(0.0, capacity - touched.taken));
        touched.filled = -1;
        touched.highest = 0;
    }
    ResourceList local;
    for (const auto flow : m_open)
    {
        local.clear();
        for (const auto& crossed : m_graph.ResourcesOf(flow))
        {
            if (m_graph.IsFinite(crossed.resource))
            {
                local.push_back(m_limits[crossed.resource].local);
            }
        }
        m_solvedCrossings += local.size();
        m_solver.AddFlow(local.data(), local.data() + local.size(), m_shares[flow].weight);
    }
    m_solver.Solve();
    for (uint32_t index = 0; index < m_open.size(); ++index)
    {
        const auto level = m_solver.Level(index);
        const auto bottleneck = m_solver.Bottleneck(index);
        if (bottleneck != MaxMinSolver::NONE)
        {
            m_touched[bottleneck].filled = level;
        }
        for (const auto& crossed : m_graph.ResourcesOf(m_open[index]))
        {
            if (m_graph.IsFinite(crossed.resource))
            {
                auto& highest = m_touched[m_limits[crossed.resource].local].highest;
                highest = std::max(highest, level);
            }
        }
    }
}

void
FairShares::OpenUnfair(const Touched& touched)
{
    const auto& limit = m_limits[touched.resource];
    const bool filled = touched.filled >= 0;
    if (!filled && limit.limited == 0)
    {
        return; // it limits nobody
    }
    const double capacity = m_graph.Capacity(touched.resource);
    const bool full = filled || m_solver.Left(limit.local) <= SAME * capacity;
    const double most = filled ? ReachOf(touched) * (1 + SAME) : FlowGraph::UNLIMITED;
    const double least = full ? touched.highest * (1 - SAME) : FlowGraph::UNLIMITED;
    for (const auto& crossing : m_graph.FlowsAt(touched.resource))
    {
        const auto& share = m_shares[crossing.flow];
        const bool isLow = share.bottleneck == touched.resource && share.level < least;
        if (share.opened != m_solution && (share.level > most || isLow))
        {
            Open(crossing.flow);
        }
    }
}

double
FairShares::ReachOf(const Touched& touched) const
{
    // The level rises as those above it are taken down to it; those below keep what they have.
    double reach = touched.filled;
    for (;;)
    {
        double left = m_graph.Capacity(touched.resource);
        double weight = 0;
        for (const auto& crossing : m_graph.FlowsAt(touched.resource))
        {
            const auto& share = m_shares[crossing.flow];
            const bool isOpen = share.opened == m_solution;
            if (isOpen || share.level > reach)
            {
                weight += share.weight;
            }
            else
            {
                left -= share.level * share.weight;
            }
        }
        const double next = left / weight;
        if (!(next > reach * (1 + SAME)))
        {
            return reach;
        }
        reach = next;
    }
}

void
FairShares::Keep()
{
    for (uint32_t index = 0; index < m_open.size(); ++index)
    {
        auto& share = m_shares[m_open[index]];
        share.level = m_solver.Level(index);
        const auto bottleneck = m_solver.Bottleneck(index);
        if (bottleneck != MaxMinSolver::NONE)
        {
            share.bottleneck = m_touched[bottleneck].resource;
            ++m_limits[share.bottleneck].limited;
        }
    }
    m_set.insert(m_set.end(), m_open.begin(), m_open.end());
}

} // namespace mixnetcore
