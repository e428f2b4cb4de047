/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "transfer-fluid.h"

#include <algorithm>
#include <cassert>

namespace mixnetcore
{

TransferFluid::TransferFluid(std::shared_ptr<const FabricPlan> plan,
                             FlowPaths& paths,
                             double tolerance)
    : m_plan(std::move(plan)),
      m_paths(paths),
      m_network(tolerance)
{
    AddResources();
}

void
TransferFluid::SetQueues(const QueueSettings& settings)
{
    m_queues = std::make_unique<QueueNetwork>(m_paths, settings);
}

void
TransferFluid::AddResources()
{
    const auto& capacities = m_paths.Capacities();
    while (m_resourceOf.size() < capacities.size())
    {
        m_resourceOf.push_back(m_network.AddResource(capacities[m_resourceOf.size()]));
    }
}

TransferFluid::Crossed
TransferFluid::CrossedBy(const FlowPath& path)
{
    AddResources();
    Crossed crossed{{}, path.limit < path.narrowest ? path.limit : FlowGraph::UNLIMITED};
    for (const auto resource : path.resources)
    {
        crossed.resources.push_back(m_resourceOf[resource]);
    }
    return crossed;
}

ResourceList
TransferFluid::With(ResourceList resources, uint32_t limit)
{
    if (limit != NONE)
    {
        resources.push_back(limit);
    }
    return resources;
}

uint32_t
TransferFluid::TakeLimit(double limit)
{
    if (limit == FlowGraph::UNLIMITED)
    {
        return NONE;
    }
    if (m_freeLimits.empty())
    {
        return m_network.AddResource(limit);
    }
    const auto taken = m_freeLimits.back();
    m_freeLimits.pop_back();
    m_network.SetCapacity(taken, limit);
    return taken;
}

const RdmaLeg*
TransferFluid::QueuedLegOf(const Transfer& transfer) const
{
    if (!m_queues)
    {
        return nullptr;
    }
    const RdmaLeg* only = nullptr;
    for (const auto& leg : transfer.route)
    {
        const auto* rdma = std::get_if<RdmaLeg>(&leg);
        if (rdma && only)
        {
            return nullptr;
        }
        only = rdma ? rdma : only;
    }
    const bool isSwitched = only && m_plan->host.nics[only->from.nic].role == NicRole::Electrical;
    return isSwitched ? only : nullptr;
}

uint32_t
TransferFluid::GroupOf(const Sharing& sharing, const ResourceList& resources)
{
    if (sharing.connection == NONE && resources.empty())
    {
        return NONE; // it is over at once
    }
    if (sharing.connection >= m_groupOf.size() && sharing.connection != NONE)
    {
        m_groupOf.resize(sharing.connection + 1, NONE);
    }
    auto& group =
        sharing.connection != NONE
            ? m_groupOf[sharing.connection]
            : m_groupInside.try_emplace(uint64_t{resources.front()} << 32 | resources.back(), NONE)
                  .first->second;
    if (group == NONE)
    {
        group = m_groups.size();
        m_groups.emplace_back();
    }
    return group;
}

TransferFluid::Part
TransferFluid::Add(const Transfer& transfer,
                   const FlowPath& path,
                   double bytes,
                   Picoseconds now,
                   const Sharing& sharing)
{
    const double volume = std::min(bytes, path.volume);
    if (const auto* leg = QueuedLegOf(transfer))
    {
        return {m_queues->AddFlow(*leg, volume, sharing.connection), NONE, NONE, NONE, true};
    }
    return AddToNetwork(CrossedBy(path), volume, now, sharing);
}

TransferFluid::Part
TransferFluid::AddToNetwork(const Crossed& crossed,
                            double bytes,
                            Picoseconds now,
                            const Sharing& sharing)
{
    const auto number = GroupOf(sharing, crossed.resources);
    if (number != NONE && sharing.isOnly && m_groups[number].alone.size() >= FEW)
    {
        auto& crowd = CrowdOf(m_groups[number], crossed);
        Resize(crowd, 1);
        return {m_network.AddMember(now, crowd.flow, bytes), NONE, number, crowd.flow, false};
    }
    const auto limit = TakeLimit(crossed.limit);
    const auto flow = m_network.AddFlow(now, With(crossed.resources, limit), 1, bytes);
    if (number != NONE)
    {
        m_groups[number].alone.push_back(flow);
    }
    return {flow, limit, number, NONE, false};
}

TransferFluid::Crowd&
TransferFluid::CrowdOf(Group& group, const Crossed& crossed)
{
    const bool isLimited = crossed.limit < FlowGraph::UNLIMITED;
    const auto crossesTheSame = [&](const Crowd& crowd) {
        return (crowd.limit != NONE) == isLimited && crowd.crossed.resources == crossed.resources;
    };
    const auto found = std::find_if(group.crowds.begin(), group.crowds.end(), crossesTheSame);
    if (found != group.crowds.end())
    {
        return *found;
    }
    const auto limit = TakeLimit(crossed.limit);
    const auto flow = m_network.AddCrowd(With(crossed.resources, limit), group.weight);
    group.crowds.push_back({flow, limit, 0, crossed});
    return group.crowds.back();
}

TransferFluid::Crowd&
TransferFluid::CrowdWith(Group& group, uint32_t flow)
{
    const auto found = std::find_if(group.crowds.begin(), group.crowds.end(), [&](const auto& one) {
        return one.flow == flow;
    });
    assert(found != group.crowds.end());
    return *found;
}

void
TransferFluid::Resize(Crowd& crowd, int32_t more)
{
    crowd.members += more;
    if (crowd.limit != NONE)
    {
        m_network.SetCapacity(crowd.limit, crowd.crossed.limit * crowd.members);
    }
}

void
TransferFluid::LeaveCrowd(Group& group, Crowd& crowd)
{
    Resize(crowd, -1);
    if (crowd.members > 0)
    {
        return;
    }
    m_network.RemoveFlow(crowd.flow, Picoseconds(0));
    if (crowd.limit != NONE)
    {
        m_freeLimits.push_back(crowd.limit);
    }
    group.crowds.erase(group.crowds.begin() + (&crowd - group.crowds.data()));
}

TransferFluid::Part
TransferFluid::AddInside(uint32_t host,
                         const std::vector<uint32_t>& crossed,
                         double bytes,
                         Picoseconds now)
{
    Crossed inside{{}, FlowGraph::UNLIMITED};
    for (const auto resource : crossed)
    {
        inside.resources.push_back(m_resourceOf.at(m_paths.InsideOf(host, resource)));
    }
    return AddToNetwork(inside, bytes, now, {});
}

void
TransferFluid::End(Part& part)
{
    if (part.limit != NONE)
    {
        m_freeLimits.push_back(part.limit);
    }
    if (part.crowd != NONE)
    {
        auto& group = m_groups[part.group];
        LeaveCrowd(group, CrowdWith(group, part.crowd));
    }
    else if (part.group != NONE)
    {
        auto& alone = m_groups[part.group].alone;
        alone.erase(std::find(alone.begin(), alone.end(), part.flow));
    }
    part = {};
}

void
TransferFluid::Remove(Part& part, Picoseconds now)
{
    if (part.isQueued)
    {
        m_queues->Fluid().RemoveFlow(part.flow);
    }
    else
    {
        m_network.RemoveFlow(part.flow, now);
    }
    End(part);
}

bool
TransferFluid::Reroute(Part& part, const FlowPath& path, Picoseconds now)
{
    if (part.isQueued)
    {
        return m_queues->Reroute(part.flow);
    }
    const auto crossed = CrossedBy(path);
    if (part.crowd != NONE)
    {
        auto& group = m_groups[part.group];
        auto& crowd = CrowdOf(group, crossed);
        const auto next = crowd.flow;
        if (next == part.crowd)
        {
            return false;
        }
        Resize(crowd, 1);
        m_network.MoveMember(part.flow, next, now);
        LeaveCrowd(group, CrowdWith(group, part.crowd));
        part.crowd = next;
        return true;
    }
    const auto resources = With(crossed.resources, part.limit);
    if (resources == m_network.ResourcesOf(part.flow))
    {
        return false;
    }
    m_network.SetResources(part.flow, resources);
    return true;
}

void
TransferFluid::SetHeld(const Part& part, bool held)
{
    if (part.isQueued)
    {
        m_queues->Fluid().SetHeld(part.flow, held);
    }
    else
    {
        m_network.SetHeld(part.flow, held);
    }
}

void
TransferFluid::SetWeight(uint32_t connection, double weight)
{
    if (m_queues)
    {
        m_queues->Fluid().SetWeight(connection, weight);
    }
    if (connection >= m_groupOf.size() || m_groupOf[connection] == NONE)
    {
        return;
    }
    auto& group = m_groups[m_groupOf[connection]];
    group.weight = weight;
    for (const auto flow : group.alone)
    {
        m_network.SetWeight(flow, weight);
    }
    for (const auto& crowd : group.crowds)
    {
        m_network.SetWeight(crowd.flow, weight);
    }
}

void
TransferFluid::Repeat(const Part& part, double bytes, Picoseconds now)
{
    if (part.isQueued)
    {
        m_queues->Fluid().Repeat(part.flow, bytes);
    }
    else
    {
        m_network.Repeat(part.flow, bytes, now);
    }
}

void
TransferFluid::LetWindowOut(const Part& part, double window, double keep, Picoseconds now)
{
    if (part.isQueued)
    {
        m_queues->Fluid().LetWindowOut(part.flow, keep);
    }
    else
    {
        m_network.Advance(part.flow, window, keep, now);
    }
}

double
TransferFluid::Left(const Part& part, Picoseconds now) const
{
    return part.isQueued ? m_queues->Fluid().Left(part.flow) : m_network.Left(part.flow, now);
}

double
TransferFluid::Rate(const Part& part) const
{
    return part.isQueued ? m_queues->Fluid().Rate(part.flow) : m_network.Rate(part.flow);
}

FluidNetwork&
TransferFluid::MaxMin()
{
    return m_network;
}

QueueFluid&
TransferFluid::Queues()
{
    return m_queues->Fluid();
}

} // namespace mixnetcore
