/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "schedule-routes.h"

#include "ns3/checks.h"

#include <map>
#include <utility>

namespace mixnetcore
{

namespace
{

/// Flows of one step between one pair of hosts: what is routed together.
struct Departure
{
    std::vector<GpuDemand> demand; //!< their bytes
    std::vector<uint32_t> flows;   //!< their indices
};

/// @param departure Flows of a step to one host. @param router Routes. @param[in,out] routes Gets
/// them.
void
RouteDeparture(const Departure& departure,
               const AllToAllRouter& router,
               std::vector<std::vector<Transfer>>& routes)
{
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> flowOf;
    for (size_t n = 0; n < departure.flows.size(); ++n)
    {
        const auto& demand = departure.demand[n];
        flowOf[{demand.source.gpu, demand.destination.gpu}] = departure.flows[n];
    }
    for (auto& transfer : router.Route(departure.demand))
    {
        const auto flow = flowOf.at({transfer.source.gpu, transfer.destination.gpu});
        routes[flow].push_back(std::move(transfer));
    }
}

} // namespace

std::vector<std::vector<Transfer>>
RoutesOfSchedule(const std::vector<ScheduledFlow>& flows,
                 const std::vector<GpuId>& members,
                 uint32_t host,
                 const AllToAllRouter* router)
{
    std::vector<std::vector<Transfer>> routes(flows.size());
    std::map<std::pair<uint32_t, uint32_t>, Departure> departures; // by step and host
    for (uint32_t index = 0; index < flows.size(); ++index)
    {
        const auto& flow = flows[index];
        const auto& from = members.at(flow.from);
        const auto& to = members.at(flow.to);
        if (from.host != host)
        {
            continue;
        }
        if (to.host == host)
        {
            routes[index].push_back({from, to, flow.bytes, {NvswitchLeg{host, from.gpu, to.gpu}}});
            continue;
        }
        auto& departure = departures[{flow.step, to.host}];
        departure.demand.push_back({from, to, flow.bytes});
        departure.flows.push_back(index);
    }
    if (!departures.empty() && router == nullptr)
    {
        Refuse(Phrase() << "a collective that leaves host " << host
                        << ": there is no way to other hosts");
    }
    for (const auto& [key, departure] : departures)
    {
        RouteDeparture(departure, *router, routes);
    }
    return routes;
}

} // namespace mixnetcore
