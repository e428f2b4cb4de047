/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "traffic-mix.h"

#include "ns3/all-to-all-router.h"
#include "ns3/checks.h"
#include "ns3/laid-rings.h"
#include "ns3/largest-remainder.h"

#include <algorithm>
#include <numeric>

namespace mixnetcore
{

namespace
{

/// @param plan A fabric without circuits. @param mix What is sent. @return a ring over each NIC.
std::vector<LaidRing>
RingsOverNics(const FabricPlan& plan, const TrafficMix& mix)
{
    std::vector<LaidRing> rings;
    for (uint32_t nic = 0; nic < plan.host.nics.size(); ++nic)
    {
        LaidRing ring{{mix.Servers(), nic}, {}};
        for (const auto from : ring.plan.hosts)
        {
            const GpuId to{(from + 1) % mix.servers, 0};
            const auto hop = DelegatedRoute(plan.host, {from, 0}, to, nic, nic);
            ring.hops.emplace_back(hop.begin(), hop.end());
        }
        rings.push_back(std::move(ring));
    }
    return rings;
}

/// @param plan A fabric. @param mix What is sent. @return rings of all servers.
std::vector<LaidRing>
RingsFor(const FabricPlan& plan, const TrafficMix& mix)
{
    if (plan.host.NicsOn(NicRole::Optical).empty())
    {
        return RingsOverNics(plan, mix);
    }
    auto rings = LaidRingsOf(plan);
    rings.erase(
        std::remove_if(rings.begin(),
                       rings.end(),
                       [&](const LaidRing& ring) { return ring.plan.hosts.size() != mix.servers; }),
        rings.end());
    if (rings.empty())
    {
        Refuse(plan.name + ": has no ring of all servers for an all-reduce");
    }
    return rings;
}

/// @param plan A fabric. @param mix What is sent. @return transfers of the all-reduce.
std::vector<Transfer>
RouteAllReduce(const FabricPlan& plan, const TrafficMix& mix)
{
    std::vector<Transfer> transfers;
    if (mix.buffer == Bytes(0))
    {
        return transfers;
    }
    const auto rings = RingsFor(plan, mix);
    const auto edges = LargestRemainder(std::vector<uint64_t>(rings.size() * mix.servers, 1),
                                        mix.RingBytes().Count());
    auto bytes = edges.begin();
    for (uint32_t place = 0; place < mix.servers; ++place) // rings in turn get what is left over
    {
        for (const auto& ring : rings)
        {
            const auto from = ring.plan.hosts[place];
            const auto to = ring.plan.hosts[(place + 1) % mix.servers];
            transfers.push_back({{from, 0}, {to, 0}, Bytes(*bytes++), ring.hops[place]});
        }
    }
    return transfers;
}

/// @param plan A fabric. @param mix What is sent. @return transfers of the all-to-all.
std::vector<Transfer>
RouteAllToAll(const FabricPlan& plan, const TrafficMix& mix)
{
    std::vector<Transfer> transfers;
    const auto router = MakeRouter(plan);
    for (uint32_t from = 0; from < mix.servers; ++from)
    {
        std::vector<GpuDemand> demand;
        for (uint32_t to = 0; to < mix.servers; ++to)
        {
            if (to != from)
            {
                demand.push_back({{from, 0}, {to, 0}, mix.bytesPerPair});
            }
        }
        const auto routed = router->Route(demand);
        transfers.insert(transfers.end(), routed.begin(), routed.end());
    }
    return transfers;
}

} // namespace

std::vector<uint32_t>
TrafficMix::Servers() const
{
    std::vector<uint32_t> all(servers);
    std::iota(all.begin(), all.end(), 0);
    return all;
}

Bytes
TrafficMix::RingBytes() const
{
    return AllReduceGroup{Servers(), buffer}.RingBytes();
}

HostTraffic
TrafficMix::Traffic() const
{
    HostTraffic traffic;
    traffic.modelParallel = DemandMatrix(servers, servers, [this](size_t from, size_t to) {
        return from == to ? Bytes(0) : bytesPerPair;
    });
    if (buffer > Bytes(0))
    {
        traffic.allReduce.push_back({Servers(), buffer});
    }
    return traffic;
}

std::vector<Transfer>
MixRoutes::All() const
{
    auto all = allReduce;
    all.insert(all.end(), allToAll.begin(), allToAll.end());
    return all;
}

double
MixLoads::BandwidthTax(const TrafficMix& mix) const
{
    const auto bytes = (mix.RingBytes() + mix.AllToAllBytes()).Count();
    return bytes > 0 ? static_cast<double>(all.All()) / static_cast<double>(bytes) : 1;
}

MixRoutes
RouteMix(const FabricPlan& plan, const TrafficMix& mix)
{
    if (plan.hosts != mix.servers)
    {
        Refuse(Phrase() << "a mix of " << mix.servers << " servers: the fabric has " << plan.hosts);
    }
    return {RouteAllReduce(plan, mix), RouteAllToAll(plan, mix)};
}

MixLoads
LoadsOfMix(const FabricPlan& plan, const MixRoutes& routes)
{
    const auto nics = plan.host.nics.size();
    std::vector<LineLoad> sent(plan.hosts * nics);
    MixLoads loads;
    const auto add = [&](const std::vector<Transfer>& transfers, uint64_t LineLoad::*part) {
        for (const auto& transfer : transfers)
        {
            for (const auto& leg : transfer.route)
            {
                if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
                {
                    sent.at(rdma->from.host * nics + rdma->from.nic).*part +=
                        transfer.bytes.Count();
                    loads.all.*part += transfer.bytes.Count();
                }
            }
        }
    };
    add(routes.allReduce, &LineLoad::allReduce);
    add(routes.allToAll, &LineLoad::allToAll);
    for (const auto& nic : sent)
    {
        if (nic.All() > loads.busiest.All())
        {
            loads.busiest = nic;
        }
    }
    loads.mean = static_cast<double>(loads.all.All()) / static_cast<double>(sent.size());
    return loads;
}

} // namespace mixnetcore
