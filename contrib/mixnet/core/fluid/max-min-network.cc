/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "max-min-network.h"

#include "ns3/lists.h"

#include <algorithm>
#include <cassert>

namespace mixnetcore
{

MaxMinNetwork::MaxMinNetwork(double tolerance)
    : m_flows(tolerance)
{
}

void
MaxMinNetwork::AddResources(const std::vector<double>& capacities)
{
    for (; m_resources < capacities.size(); ++m_resources)
    {
        m_flows.AddResource(capacities[m_resources]);
    }
}

uint32_t
MaxMinNetwork::GroupOf(const FlowRequest& request)
{
    if (request.group == NONE && request.resources.empty())
    {
        return NONE; // it is over at once
    }
    const auto between = [&request] {
        return uint64_t{request.resources.front()} << 32 | request.resources.back();
    };
    auto& number = request.group != NONE
                       ? Grown(m_numbers, request.group, NONE)
                       : m_groupBetween.try_emplace(between(), NONE).first->second;
    if (number == NONE)
    {
        number = m_groups.size();
        m_groups.emplace_back();
    }
    return number;
}

uint32_t
MaxMinNetwork::Add(Picoseconds now, const FlowRequest& request)
{
    Entry entry{request.owner, GroupOf(request), NONE};
    uint32_t flow = NONE;
    auto* group = entry.group != NONE ? &m_groups[entry.group] : nullptr;
    if (group && request.mayJoinCrowd && group->alone.size() >= FEW)
    {
        auto& crowd = CrowdOf(*group, request.resources, request.cap);
        ++crowd.members;
        entry.crowd = crowd.flow;
        flow = m_flows.AddMember(now, crowd.flow, request.bytes);
    }
    else
    {
        flow = m_flows.AddFlow(now, request.resources, 1, request.bytes, request.cap);
        if (group)
        {
            group->alone.push_back(flow);
        }
    }
    Grown(m_entries, flow) = entry;
    return flow;
}

MaxMinNetwork::Crowd&
MaxMinNetwork::CrowdOf(Group& group, const ResourceList& resources, double cap)
{
    const bool isCapped = cap < FlowGraph::UNLIMITED;
    const auto crossesTheSame = [&](const Crowd& crowd) {
        return (crowd.cap < FlowGraph::UNLIMITED) == isCapped && crowd.resources == resources;
    };
    const auto found = std::find_if(group.crowds.begin(), group.crowds.end(), crossesTheSame);
    if (found != group.crowds.end())
    {
        return *found;
    }
    auto& crowd = group.crowds.emplace_back();
    crowd.flow = m_flows.AddCrowd(resources, group.weight, cap);
    crowd.cap = cap;
    crowd.resources = resources;
    return crowd;
}

MaxMinNetwork::Crowd&
MaxMinNetwork::CrowdWith(Group& group, uint32_t flow)
{
    const auto found = std::find_if(group.crowds.begin(), group.crowds.end(), [&](const auto& one) {
        return one.flow == flow;
    });
    assert(found != group.crowds.end());
    return *found;
}

void
MaxMinNetwork::LeaveCrowd(Group& group, uint32_t flow)
{
    auto& left = CrowdWith(group, flow);
    if (--left.members == 0)
    {
        m_flows.RemoveFlow(flow, Picoseconds(0));
        group.crowds.erase(group.crowds.begin() + (&left - group.crowds.data()));
    }
}

void
MaxMinNetwork::LeaveGroup(uint32_t flow)
{
    const auto& entry = m_entries[flow];
    if (entry.crowd != NONE)
    {
        LeaveCrowd(m_groups[entry.group], entry.crowd);
    }
    else if (entry.group != NONE)
    {
        auto& alone = m_groups[entry.group].alone;
        alone.erase(std::find(alone.begin(), alone.end(), flow));
    }
}

void
MaxMinNetwork::Remove(uint32_t flow, Picoseconds now)
{
    m_flows.RemoveFlow(flow, now);
    LeaveGroup(flow);
}

bool
MaxMinNetwork::Reroute(uint32_t flow, const ResourceList& resources, Picoseconds now)
{
    auto& entry = m_entries[flow];
    if (entry.crowd == NONE)
    {
        const bool isOther = resources != m_flows.ResourcesOf(flow);
        if (isOther)
        {
            m_flows.SetResources(flow, resources);
        }
        return isOther;
    }
    auto& group = m_groups[entry.group];
    const auto before = entry.crowd;
    auto& crowd = CrowdOf(group, resources, CrowdWith(group, before).cap);
    if (crowd.flow == before)
    {
        return false;
    }
    ++crowd.members;
    entry.crowd = crowd.flow;
    m_flows.MoveMember(flow, crowd.flow, now);
    LeaveCrowd(group, before);
    return true;
}

void
MaxMinNetwork::SetWeight(uint32_t number, double weight)
{
    if (number >= m_numbers.size() || m_numbers[number] == NONE)
    {
        return;
    }
    auto& group = m_groups[m_numbers[number]];
    group.weight = weight;
    for (const auto flow : group.alone)
    {
        m_flows.SetWeight(flow, weight);
    }
    for (const auto& crowd : group.crowds)
    {
        m_flows.SetWeight(crowd.flow, weight);
    }
}

const std::vector<FlowEnd>&
MaxMinNetwork::TakeEnded(Picoseconds now)
{
    m_ended.clear();
    for (const auto flow : m_flows.TakeEnded(now))
    {
        m_ended.push_back({m_entries[flow].owner, Picoseconds(0)});
        LeaveGroup(flow);
    }
    return m_ended;
}

} // namespace mixnetcore
