/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "all-to-all-router.h"

#include "circuit-router.h"
#include "own-nic-router.h"
#include "rail-router.h"
#include "region-router.h"
#include "spread-router.h"
#include "two-circuit-router.h"

#include "ns3/checks.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace mixnetcore
{

std::vector<Transfer>
AllToAllRouter::Route(const std::vector<GpuDemand>& demand) const
{
    std::vector<Transfer> transfers;
    transfers.reserve(demand.size()); // a router may need more
    std::vector<std::vector<GpuDemand>> pairs;
    std::map<std::pair<uint32_t, uint32_t>, size_t> indexOf;
    for (const auto& entry : demand)
    {
        const auto& [source, destination, bytes] = entry;
        if (bytes == Bytes(0))
        {
            continue;
        }
        if (source.host == destination.host)
        {
            auto& route = transfers.emplace_back(Transfer{source, destination, bytes, {}}).route;
            if (source.gpu != destination.gpu)
            {
                route.push_back(NvswitchLeg{source.host, source.gpu, destination.gpu});
            }
            continue;
        }
        const auto [found, isNew] =
            indexOf.try_emplace({source.host, destination.host}, pairs.size());
        if (isNew)
        {
            pairs.emplace_back();
        }
        pairs[found->second].push_back(entry);
    }
    for (const auto& pair : pairs)
    {
        RouteBetweenHosts(pair, transfers);
    }
    for (const auto& transfer : transfers)
    {
        CheckRelays(transfer.route);
    }
    return transfers;
}

void
AllToAllRouter::CheckRelays(const mixnetcore::Route& route) const
{
    for (const auto relay : RelaysOf(route))
    {
        if (m_relays.count(relay) == 0)
        {
            throw std::logic_error("a router leads bytes through host " + std::to_string(relay) +
                                   ", which may not relay by the plan of the fabric");
        }
    }
}

Registry<RouterMaker>&
AllToAllRouters()
{
    static Registry<RouterMaker> registry(
        "router",
        {{"own-nic",
          [](const auto& fabric, const auto& /* state */) {
              return std::make_shared<OwnNicRouter>(fabric.host);
          },
          "each GPU sends and receives by its own NIC"},
         {"rail",
          [](const auto& fabric, const auto& /* state */) {
              return std::make_shared<RailRouter>(fabric.host);
          },
          "by the NIC on the receiver's rail, gathered by NVSwitch"},
         {"spread",
          [](const auto& fabric, const auto& /* state */) {
              return std::make_shared<SpreadRouter>(fabric.host);
          },
          "evenly over all NICs of both servers, gathered and scattered by NVSwitch"},
         {"delegate",
          [](const auto& fabric, const auto& state) {
              if (fabric.host.NicsOn(NicRole::Optical).empty())
              {
                  Refuse("delegates need circuits; spread does the same over packet switches");
              }
              return std::make_shared<RegionRouter>(fabric.host, state);
          },
          "by the NICs at a pair's circuits, else all electrical ones, over NVSwitch"},
         {"two-circuits",
          [](const auto& fabric, const auto& state) {
              if (fabric.regions.empty())
              {
                  Refuse("two circuits need circuits that a controller commands; relay is for "
                         "those that stand or follow a schedule");
              }
              return std::make_shared<TwoCircuitRouter>(fabric.host, state);
          },
          "as delegate; pairs without circuit also over two, by a server in between"},
         {"relay",
          [](const auto& fabric, const auto& /* state */) {
              return std::make_shared<RelayRouter>(fabric);
          },
          "over circuits that stand or follow a schedule, by way of servers in between"},
         {"valiant",
          [](const auto& fabric, const auto& /* state */) {
              return std::make_shared<ValiantRouter>(fabric);
          },
          "over such circuits, by way of all other servers in equal parts"}});
    return registry;
}

std::shared_ptr<const AllToAllRouter>
MakeRouter(const FabricPlan& fabric, const FabricState& state)
{
    auto router = AllToAllRouters().Make(fabric.router, fabric, state);
    router->SetRelays(fabric.relays);
    return router;
}

std::vector<std::pair<NicId, NicId>>
JoinedNics(const FabricPlan& fabric, size_t region, const std::vector<CircuitConfiguration>& planes)
{
    if (region >= fabric.regions.size())
    {
        Refuse(Phrase() << "region " << region << ": the fabric has " << fabric.regions.size()
                        << " regions");
    }
    const auto& plan = fabric.regions[region];
    std::vector<std::pair<NicId, NicId>> joined;
    for (size_t plane = 0; plane < planes.size(); ++plane)
    {
        std::map<uint32_t, NicId> nicAt;
        for (const auto& attachment : plan.planes.at(plane).attachments)
        {
            const auto host = plan.endpoints.at(attachment.endpoint).host;
            nicAt.insert({attachment.ocsPort, {host, attachment.nic}});
        }
        for (const auto& [a, b] : planes[plane].Circuits())
        {
            joined.emplace_back(nicAt.at(a), nicAt.at(b));
        }
    }
    return joined;
}

Route
DelegatedRoute(const HostPlan& host,
               const GpuId& source,
               const GpuId& destination,
               uint32_t fromNic,
               uint32_t toNic)
{
    const auto& from = host.nics.at(fromNic);
    const auto& to = host.nics.at(toNic);
    Route route;
    if (from.gpu != source.gpu)
    {
        route.push_back(NvswitchLeg{source.host, source.gpu, from.gpu});
    }
    route.push_back(RdmaLeg{{source.host, fromNic}, {destination.host, toNic}, from.role});
    if (to.gpu != destination.gpu)
    {
        route.push_back(NvswitchLeg{destination.host, to.gpu, destination.gpu});
    }
    return route;
}

void
PadTransfers(std::vector<Transfer>& transfers, double efficiency)
{
    constexpr double MOST = 9007199254740992; // up to 2^53 a double has all whole numbers
    if (!(efficiency > 0 && efficiency <= 1))
    {
        Refuse(Phrase() << "efficiency " << efficiency << ": must be above 0 and at most 1");
    }
    for (auto& transfer : transfers)
    {
        const double occupied = std::ceil(double(transfer.bytes.Count()) / efficiency);
        if (occupied > MOST)
        {
            Refuse(Phrase() << "efficiency " << efficiency << ": too low for a message of "
                            << transfer.bytes.Count() << " bytes");
        }
        transfer.padding = Bytes(static_cast<uint64_t>(occupied)) - transfer.bytes;
        transfer.bytes += transfer.padding;
    }
}

} // namespace mixnetcore
