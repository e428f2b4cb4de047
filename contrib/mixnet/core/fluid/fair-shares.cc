/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fair-shares.h"

#include "water-level.h"

#include "ns3/lists.h"

#include <algorithm>

namespace mixnetcore
{

FairShares::FairShares(const FlowGraph& graph, const FlowComponents& components, double slack)
    : m_graph(graph),
      m_components(components),
      m_same(std::max(SAME, slack))
{
}

FairShares::Limit&
FairShares::LimitOf(uint32_t resource)
{
    while (resource >= m_limits.size())
    {
        m_limits.emplace_back();
        m_limits.back().left = m_graph.Capacity(m_limits.size() - 1);
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
FairShares::List(uint32_t flow)
{
    auto& opened = m_shares[flow].opened;
    if (opened != LISTED)
    {
        opened = LISTED;
        m_changedFlows.push_back(flow);
    }
}

void
FairShares::Add(uint32_t flow, double weight, double cap)
{
    auto& share = Grown(m_shares, flow);
    share.level = 0;
    share.weight = weight;
    m_caps.Set(flow, cap);
    List(flow);
}

void
FairShares::Remove(uint32_t flow)
{
    Unlimit(flow);
    const double rate = Rate(flow);
    m_shares[flow].level = 0;
    for (const auto& crossed : m_graph.ResourcesOf(flow))
    {
        LimitOf(crossed.resource).left += rate;
        m_changedResources.push_back(crossed.resource);
    }
}

void
FairShares::SetWeight(uint32_t flow, double weight, double cap)
{
    auto& share = m_shares[flow];
    // The rate stays for now.
    share.level *= share.weight / weight;
    share.weight = weight;
    m_caps.Set(flow, cap);
    List(flow);
}

void
FairShares::ChangeCapacity(uint32_t resource)
{
    m_changedResources.push_back(resource);
    for (const auto& crossing : m_graph.FlowsAt(resource))
    {
        List(crossing.flow);
    }
}

void
FairShares::AddChange(uint32_t component, uint32_t resource, uint32_t flow)
{
    auto& list = Grown(m_changesOf, component);
    const uint32_t number = m_changes.size();
    if (list.first == NONE)
    {
        list.first = number;
        m_changedParts.push_back(component);
    }
    else
    {
        m_changes[list.last].next = number;
    }
    list.last = number;
    m_changes.push_back({resource, flow, NONE});
}

void
FairShares::ListChanges()
{
    m_changes.clear();
    m_changes.reserve(m_changedFlows.size());
    m_changedParts.clear();
    for (const auto flow : m_changedFlows)
    {
        const auto component = m_components.Of(flow);
        m_shares[flow].opened = 0;
        if (component != NONE)
        {
            AddChange(component, NONE, flow);
        }
    }
    for (const auto resource : m_changedResources)
    {
        const auto component = m_components.At(resource);
        const auto& limit = LimitOf(resource);
        if (component != NONE && limit.limited > 0 &&
            limit.left > m_same * m_graph.Capacity(resource))
        {
            AddChange(component, resource, NONE);
        }
    }
    m_changedFlows.clear();
    m_changedResources.clear();
}

const std::vector<uint32_t>&
FairShares::Solve()
{
    m_set.clear();
    ListChanges();
    for (const auto component : m_changedParts)
    {
        SolveComponent(component);
        m_changesOf[component] = {};
    }
    return m_set;
}

void
FairShares::CountSolution()
{
    if (++m_solution < LISTED)
    {
        return;
    }
    // Numbers begin again: none of the old ones may be taken for a new one.
    m_solution = 1;
    for (auto& share : m_shares)
    {
        share.opened = share.opened == LISTED ? LISTED : 0;
    }
    for (auto& limit : m_limits)
    {
        limit.touched = 0;
    }
}

void
FairShares::SolveComponent(uint32_t component)
{
    CountSolution();
    m_open.clear();
    m_touched.clear();
    m_solver.Clear();
    for (auto number = m_changesOf[component].first; number != NONE;
         number = m_changes[number].next)
    {
        const auto& change = m_changes[number];
        if (change.flow != NONE)
        {
            Open(change.flow);
            for (const auto& crossed : m_graph.ResourcesOf(change.flow))
            {
                OpenLimited(crossed.resource);
            }
        }
        else
        {
            OpenLimited(change.resource);
        }
    }
    const auto all = m_components.Size(component);
    for (uint32_t round = 1;; ++round)
    {
        if (m_open.size() < all && (2 * m_open.size() > all || round > MOST_ROUNDS))
        {
            OpenAll(component);
        }
        Fill();
        const auto open = m_open.size();
        // Touching more may move the list.
        for (size_t index = 0, touched = m_touched.size(); index < touched && open < all; ++index)
        {
            if (m_touched[index].others > 0)
            {
                OpenUnfair(index);
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
        const auto others = static_cast<uint32_t>(m_graph.FlowsAt(resource).size());
        m_touched.push_back({resource, others, m_graph.Capacity(resource) - limit.left});
        m_solver.AddResource(0); // Fill() knows what is left for open flows
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
    m_solver.AddFlow(share.weight, m_caps.Of(flow));
    for (const auto& crossed : m_graph.ResourcesOf(flow))
    {
        if (m_graph.IsFinite(crossed.resource))
        {
            auto& touched = Touch(crossed.resource);
            m_solver.Cross(m_limits[crossed.resource].local);
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
    for (uint32_t local = 0; local < m_touched.size(); ++local)
    {
        const auto& touched = m_touched[local];
        m_solver.SetCapacity(local,
                             std::max(0.0, m_graph.Capacity(touched.resource) - touched.taken));
    }
    m_solvedCrossings += m_solver.Crossings();
    m_solver.Solve();
}

void
FairShares::OpenUnfair(uint32_t local)
{
    const auto resource = m_touched[local].resource;
    const bool filled = m_solver.IsBottleneck(local);
    if (!filled && m_limits[resource].limited == 0)
    {
        return; // it limits nobody
    }
    const bool full = filled || m_solver.Left(local) <= m_same * m_graph.Capacity(resource);
    const double most = filled ? MostFairAt(local) : FlowGraph::UNLIMITED;
    const double least = full ? m_solver.Highest(local) * (1 - m_same) : FlowGraph::UNLIMITED;
    for (const auto& crossing : m_graph.FlowsAt(resource))
    {
        const auto& share = m_shares[crossing.flow];
        const bool isLow = share.bottleneck == resource && share.level < least;
        if (share.opened != m_solution && (share.level > most || isLow))
        {
            Open(crossing.flow);
        }
    }
}

double
FairShares::MostFairAt(uint32_t local) const
{
    const auto& flows = m_graph.FlowsAt(m_touched[local].resource);
    const double reach = m_solver.Highest(local);
    double highest = 0;
    for (const auto& crossing : flows)
    {
        const auto& share = m_shares[crossing.flow];
        highest = share.opened == m_solution ? highest : std::max(highest, share.level);
    }
    if (highest <= reach * (1 + m_same))
    {
        return FlowGraph::UNLIMITED;
    }
    // The level rises as those above it are taken down to it; those below keep what they have.
    const auto visit = [&](const auto& take) {
        for (const auto& crossing : flows)
        {
            const auto& share = m_shares[crossing.flow];
            const bool isOpen = share.opened == m_solution;
            take(isOpen ? FlowGraph::UNLIMITED : share.level * share.weight, share.weight);
        }
    };
    const auto capacity = m_graph.Capacity(m_touched[local].resource);
    return std::max(reach, WaterLevel(capacity, reach * (1 + SAME), SAME, visit)) * (1 + SAME);
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
    for (uint32_t local = 0; local < m_touched.size(); ++local)
    {
        // What all others take was not solved again.
        m_limits[m_touched[local].resource].left = m_solver.Left(local);
    }
    m_set.insert(m_set.end(), m_open.begin(), m_open.end());
}

} // namespace mixnetcore
