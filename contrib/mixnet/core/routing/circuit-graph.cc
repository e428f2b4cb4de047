/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "circuit-graph.h"

#include "ns3/checks.h"
#include "ns3/lists.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

namespace mixnetcore
{

namespace
{

/// @param plan A fabric. @return the NIC at each port of each node that has one.
std::map<std::pair<uint32_t, uint32_t>, NicId>
NicsAtPorts(const FabricPlan& plan)
{
    std::map<std::pair<uint32_t, uint32_t>, NicId> nics;
    for (const auto& link : plan.links)
    {
        for (const auto& [near, far] : {std::pair(link.a, link.b), std::pair(link.b, link.a)})
        {
            if (plan.nodes.at(far.node).role == NodeRole::Host)
            {
                nics.insert({{near.node, near.port}, {far.node, far.port}});
            }
        }
    }
    return nics;
}

/// @param plan A fabric. @param node A switch. @param port Port of it. @throws as CircuitsOf().
[[noreturn]] void
RefusePort(const FabricPlan& plan, uint32_t node, uint32_t port)
{
    Refuse(Phrase() << "a circuit at port " << port << " of " << plan.nodes.at(node).name
                    << ": no NIC ends there");
}

} // namespace

std::vector<DirectedCircuit>
CircuitsOf(const FabricPlan& plan)
{
    const auto nics = NicsAtPorts(plan);
    std::vector<DirectedCircuit> circuits;
    for (const auto& link : plan.links)
    {
        if (plan.nodes.at(link.a.node).role == NodeRole::Host &&
            plan.nodes.at(link.b.node).role == NodeRole::Host)
        {
            const NicId a{link.a.node, link.a.port};
            const NicId b{link.b.node, link.b.port};
            circuits.push_back({a, b});
            circuits.push_back({b, a});
        }
    }
    for (const auto& schedule : plan.schedules)
    {
        const auto nicAt = [&](uint32_t port) {
            const auto found = nics.find({schedule.opticalSwitch, port});
            if (found == nics.end())
            {
                RefusePort(plan, schedule.opticalSwitch, port);
            }
            return found->second;
        };
        for (const auto& slot : schedule.slots)
        {
            for (const auto& [a, b] : slot.circuits.Circuits())
            {
                circuits.push_back({nicAt(a), nicAt(b)});
                circuits.push_back({nicAt(b), nicAt(a)});
            }
            for (const auto& [from, to] : slot.circuits.OneWayCircuits())
            {
                circuits.push_back({nicAt(from), nicAt(to)});
            }
        }
    }
    const auto key = [](const DirectedCircuit& circuit) {
        return std::tuple(circuit.from.host, circuit.from.nic, circuit.to.host, circuit.to.nic);
    };
    std::sort(circuits.begin(), circuits.end(), [&](const auto& a, const auto& b) {
        return key(a) < key(b);
    });
    const auto end = std::unique(circuits.begin(),
                                 circuits.end(),
                                 [&](const auto& a, const auto& b) { return key(a) == key(b); });
    circuits.erase(end, circuits.end());
    return circuits;
}

CircuitGraph::CircuitGraph(uint32_t hosts, const std::vector<DirectedCircuit>& circuits)
    : m_next(hosts),
      m_previous(hosts),
      m_hopsTo(hosts)
{
    for (const auto& circuit : circuits)
    {
        if (circuit.from.host == circuit.to.host)
        {
            continue; // of no use
        }
        m_circuits[{circuit.from.host, circuit.to.host}].push_back(circuit);
        m_next.at(circuit.from.host).push_back(circuit.to.host);
        m_previous.at(circuit.to.host).push_back(circuit.from.host);
    }
    for (uint32_t host = 0; host < hosts; ++host)
    {
        SortUnique(m_next[host]);
        SortUnique(m_previous[host]);
    }
}

const std::vector<DirectedCircuit>&
CircuitGraph::Between(uint32_t from, uint32_t to) const
{
    static const std::vector<DirectedCircuit> none;
    const auto found = m_circuits.find({from, to});
    return found == m_circuits.end() ? none : found->second;
}

const std::vector<uint32_t>&
CircuitGraph::HopsTo(uint32_t to) const
{
    auto& hops = m_hopsTo.at(to);
    if (!hops.empty())
    {
        return hops;
    }
    hops.assign(Hosts(), NONE);
    hops[to] = 0;
    std::vector<uint32_t> reached{to};
    for (size_t place = 0; place < reached.size(); ++place)
    {
        for (const auto host : m_previous[reached[place]])
        {
            if (hops[host] == NONE)
            {
                hops[host] = hops[reached[place]] + 1;
                reached.push_back(host);
            }
        }
    }
    return hops;
}

std::vector<HostPath>
CircuitGraph::Paths(uint32_t from, uint32_t to) const
{
    std::vector<HostPath> paths;
    if (from == to || Hops(from, to) == NONE)
    {
        return paths;
    }
    std::vector<uint32_t> path{from};
    Extend(path, 1, to, paths);
    const double all = SumOf(paths, [](const HostPath& found) { return found.share; });
    for (auto& found : paths)
    {
        found.share /= all;
    }
    return paths;
}

void
CircuitGraph::Extend(std::vector<uint32_t>& path,
                     double share,
                     uint32_t to,
                     std::vector<HostPath>& paths) const
{
    const auto here = path.back();
    if (here == to)
    {
        paths.push_back({path, share});
        return;
    }
    const auto& hops = HopsTo(to);
    std::vector<uint32_t> next;
    double circuits = 0;
    for (const auto host : m_next[here])
    {
        if (hops[host] != NONE && hops[host] + 1 == hops[here])
        {
            next.push_back(host);
            circuits += Between(here, host).size();
        }
    }
    const size_t first = (path.front() + to) % next.size();
    for (size_t n = 0; n < next.size() && paths.size() < MOST_PATHS; ++n)
    {
        const auto host = next[(first + n) % next.size()];
        path.push_back(host);
        Extend(path, share * Between(here, host).size() / circuits, to, paths);
        path.pop_back();
    }
}

uint32_t
CircuitGraph::Diameter() const
{
    uint32_t diameter = 0;
    for (uint32_t to = 0; to < Hosts(); ++to)
    {
        for (const auto hops : HopsTo(to))
        {
            diameter = std::max(diameter, hops); // NONE is above all
        }
    }
    return diameter;
}

} // namespace mixnetcore
