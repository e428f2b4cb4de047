/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "transfer-fluid.h"

#include <algorithm>

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

ResourceList
TransferFluid::ResourcesOf(const FlowPath& path, uint32_t limit)
{
    AddResources();
    ResourceList resources;
    for (const auto resource : path.resources)
    {
        resources.push_back(m_resourceOf[resource]);
    }
    if (limit != NONE)
    {
        resources.push_back(limit);
    }
    return resources;
}

uint32_t
TransferFluid::TakeLimit(const FlowPath& path)
{
    if (path.limit >= path.narrowest)
    {
        return NONE;
    }
    if (m_freeLimits.empty())
    {
        return m_network.AddResource(path.limit);
    }
    const auto limit = m_freeLimits.back();
    m_freeLimits.pop_back();
    m_network.SetCapacity(limit, path.limit);
    return limit;
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

TransferFluid::Part
TransferFluid::Add(const Transfer& transfer, const FlowPath& path, double bytes, Picoseconds now)
{
    const double volume = std::min(bytes, path.volume);
    if (const auto* leg = QueuedLegOf(transfer))
    {
        return {m_queues->AddFlow(*leg, volume), NONE, true};
    }
    const auto limit = TakeLimit(path);
    return {m_network.AddFlow(now, ResourcesOf(path, limit), 1, volume), limit, false};
}

uint32_t
TransferFluid::AddInside(uint32_t host,
                         const std::vector<uint32_t>& crossed,
                         double bytes,
                         Picoseconds now)
{
    ResourceList resources;
    for (const auto inside : crossed)
    {
        resources.push_back(m_resourceOf.at(m_paths.InsideOf(host, inside)));
    }
    return m_network.AddFlow(now, resources, 1, bytes);
}

void
TransferFluid::End(Part& part)
{
    if (part.limit != NONE)
    {
        m_freeLimits.push_back(part.limit);
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
TransferFluid::Reroute(Part& part, const FlowPath& path)
{
    if (part.isQueued)
    {
        return m_queues->Reroute(part.flow);
    }
    const auto resources = ResourcesOf(path, part.limit);
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
TransferFluid::SetWeight(const Part& part, double weight)
{
    if (part.isQueued)
    {
        m_queues->Fluid().SetWeight(part.flow, weight);
    }
    else
    {
        m_network.SetWeight(part.flow, weight);
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
