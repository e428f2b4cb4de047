/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "two-circuit-router.h"

#include "circuit-router.h"

#include "ns3/lists.h"

#include <algorithm>
#include <cmath>

namespace mixnetcore
{

TwoCircuitRouter::TwoCircuitRouter(const HostPlan& host, const FabricState& state)
    : RegionRouter(host, state)
{
    for (const auto& [a, b] : state.circuits)
    {
        m_neighbours[a.host].insert(b.host);
        m_neighbours[b.host].insert(a.host);
    }
}

std::vector<std::vector<DirectedCircuit>>
TwoCircuitRouter::LanesOf(const HostPair& pair) const
{
    std::vector<std::vector<DirectedCircuit>> lanes;
    const auto found = m_neighbours.find(pair.first);
    if (found == m_neighbours.end())
    {
        return lanes;
    }
    for (const auto between : found->second)
    {
        const auto& first = NicsOf({pair.first, between});
        const auto& second = NicsOf({between, pair.second});
        for (size_t i = 0; i < std::min(first.size(), second.size()); ++i)
        {
            lanes.push_back({{{pair.first, first[i].from}, {between, first[i].to}},
                             {{between, second[i].from}, {pair.second, second[i].to}}});
        }
    }
    return lanes;
}

double
TwoCircuitRouter::PartOverTwo(uint32_t host) const
{
    if (Electrical().empty())
    {
        return 1;
    }
    const auto& neighbours = m_neighbours.at(host);
    double circuits = 0;
    for (const auto neighbour : neighbours)
    {
        circuits += double(NicsOf({host, neighbour}).size());
    }
    const double without = double(m_neighbours.size()) - 1 - double(neighbours.size());
    const double ofNic = without / double(Electrical().size());
    const double part =
        (ofNic - double(neighbours.size()) / circuits) / (ofNic + 2 * without / circuits);
    return std::clamp(part, 0.0, 1.0);
}

void
TwoCircuitRouter::RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                                    std::vector<Transfer>& transfers) const
{
    const HostPair pair{demand.front().source.host, demand.front().destination.host};
    const auto lanes =
        NicsOf(pair).empty() ? LanesOf(pair) : std::vector<std::vector<DirectedCircuit>>();
    const double part = lanes.empty() ? 0 : PartOverTwo(pair.first);
    if (part == 0)
    {
        RegionRouter::RouteBetweenHosts(demand, transfers);
        return;
    }
    auto nics = Electrical();
    for (const auto& lane : lanes)
    {
        nics.push_back({lane.front().from.nic, lane.back().to.nic});
    }
    const auto total = SumOf(demand, [](const GpuDemand& entry) { return entry.bytes; });
    const Bytes overTwo(static_cast<uint64_t>(std::llround(part * double(total.Count()))));
    std::vector<Bytes> room;
    for (size_t k = 0; k < Electrical().size(); ++k)
    {
        room.push_back(EvenShare(total - overTwo, k, Electrical().size()));
    }
    for (size_t k = 0; k < lanes.size(); ++k)
    {
        room.push_back(EvenShare(overTwo, k, lanes.size()));
    }
    const auto& host = Host();
    AssignToNics(host, nics, std::move(room), demand, [&](const GpuDemand& entry, size_t k) {
        const auto& [source, destination, bytes] = entry;
        const auto electrical = Electrical().size();
        transfers.push_back(
            {source,
             destination,
             bytes,
             k < electrical ? DelegatedRoute(host, source, destination, nics[k].from, nics[k].to)
                            : RouteOverCircuits(host, source, destination, lanes[k - electrical])});
    });
}

} // namespace mixnetcore
