/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "circuit-router.h"

#include "ns3/checks.h"
#include "ns3/largest-remainder.h"
#include "ns3/lists.h"

#include <cmath>

namespace mixnetcore
{

namespace
{

/// @param path Servers. @return them for messages.
std::string
TextOf(const std::vector<uint32_t>& path)
{
    std::string text;
    for (const auto host : path)
    {
        text += (text.empty() ? "" : " - ") + std::to_string(host);
    }
    return text;
}

} // namespace

Route
RouteOverCircuits(const HostPlan& host,
                  const GpuId& source,
                  const GpuId& destination,
                  const std::vector<DirectedCircuit>& circuits)
{
    Route route;
    GpuId at = source;
    const auto moveTo = [&](uint32_t gpu) {
        if (at.gpu != gpu)
        {
            route.push_back(NvswitchLeg{at.host, at.gpu, gpu});
            at.gpu = gpu;
        }
    };
    for (const auto& [from, to] : circuits)
    {
        moveTo(host.nics.at(from.nic).gpu);
        route.push_back(RdmaLeg{from, to, NicRole::Optical});
        at = {to.host, host.nics.at(to.nic).gpu};
    }
    moveTo(destination.gpu);
    return route;
}

CircuitRouter::CircuitRouter(const FabricPlan& plan)
    : m_host(plan.host),
      m_graph(plan.hosts, CircuitsOf(plan))
{
    for (const auto nic : m_host.NicsOn(NicRole::Electrical))
    {
        m_electrical.push_back({nic, nic});
    }
    if (plan.schedules.empty() && CircuitsOf(plan).empty())
    {
        Refuse("needs circuits that stand or follow a schedule, or fibres from NIC to NIC");
    }
}

const std::vector<CircuitRouter::Lane>&
CircuitRouter::LanesOf(const HostPair& pair) const
{
    const auto [found, isNew] = m_lanes.try_emplace(pair);
    auto& lanes = found->second;
    if (!isNew)
    {
        return lanes;
    }
    for (const auto& path : PathsBetween(pair.first, pair.second))
    {
        const auto parallel = m_graph.Between(path.hosts[0], path.hosts[1]).size();
        for (size_t number = 0; number < parallel; ++number)
        {
            Lane lane{{}, path.share / parallel};
            for (size_t hop = 0; hop + 1 < path.hosts.size(); ++hop)
            {
                const auto& choice = m_graph.Between(path.hosts[hop], path.hosts[hop + 1]);
                // Of circuits side by side those that bytes come in by decide, so that they spread.
                lane.circuits.push_back(
                    choice[(number + (hop > 0 ? pair.first : 0)) % choice.size()]);
            }
            lanes.push_back(std::move(lane));
        }
    }
    return lanes;
}

void
CircuitRouter::RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                                 std::vector<Transfer>& transfers) const
{
    constexpr double UNITS = 1e9; // of a share
    const HostPair pair{demand.front().source.host, demand.front().destination.host};
    const auto& lanes = LanesOf(pair);
    if (lanes.empty())
    {
        if (m_electrical.empty())
        {
            Refuse(Phrase() << "no path over circuits from host " << pair.first << " to host "
                            << pair.second << ", and no electrical NICs");
        }
        SpreadOverNics(m_host, m_electrical, demand, transfers);
        return;
    }
    const auto total = SumOf(demand, [](const GpuDemand& entry) { return entry.bytes; });
    const auto weights = Mapped(lanes, [](const Lane& lane) {
        return static_cast<uint64_t>(std::llround(lane.share * UNITS));
    });
    const auto room = Mapped(LargestRemainder(weights, total.Count()),
                             [](uint64_t bytes) { return Bytes(bytes); });
    const auto nics = Mapped(lanes, [](const Lane& lane) {
        return NicPair{lane.circuits.front().from.nic, lane.circuits.back().to.nic};
    });
    AssignToNics(m_host, nics, room, demand, [&](const GpuDemand& part, size_t lane) {
        transfers.push_back(
            {part.source,
             part.destination,
             part.bytes,
             RouteOverCircuits(m_host, part.source, part.destination, lanes[lane].circuits)});
    });
}

RelayRouter::RelayRouter(const FabricPlan& plan)
    : CircuitRouter(plan)
{
    for (const auto& route : plan.routes)
    {
        HostPath path{{route.from}, route.share};
        path.hosts.insert(path.hosts.end(), route.over.begin(), route.over.end());
        path.hosts.push_back(route.to);
        for (size_t hop = 0; hop + 1 < path.hosts.size(); ++hop)
        {
            if (Graph().Between(path.hosts[hop], path.hosts[hop + 1]).empty())
            {
                Refuse(Phrase() << "route " << TextOf(path.hosts) << ": no circuit joins hosts "
                                << path.hosts[hop] << " and " << path.hosts[hop + 1]);
            }
        }
        if (!(route.share > 0))
        {
            Refuse(Phrase() << "route " << TextOf(path.hosts) << ": share = " << route.share
                            << ": above 0");
        }
        m_given[{route.from, route.to}].push_back(std::move(path));
    }
    for (auto& [pair, paths] : m_given)
    {
        const double all = SumOf(paths, [](const HostPath& path) { return path.share; });
        for (auto& path : paths)
        {
            path.share /= all;
        }
    }
}

std::vector<HostPath>
RelayRouter::PathsBetween(uint32_t from, uint32_t to) const
{
    const auto given = m_given.find({from, to});
    return given == m_given.end() ? Graph().Paths(from, to) : given->second;
}

std::vector<HostPath>
ValiantRouter::PathsBetween(uint32_t from, uint32_t to) const
{
    std::vector<HostPath> paths;
    if (!Graph().Between(from, to).empty())
    {
        paths.push_back({{from, to}, 1});
    }
    for (const auto over : Graph().Next(from))
    {
        if (over != to && !Graph().Between(over, to).empty())
        {
            paths.push_back({{from, over, to}, 1});
        }
    }
    for (auto& path : paths)
    {
        path.share /= static_cast<double>(paths.size());
    }
    return paths;
}

} // namespace mixnetcore
