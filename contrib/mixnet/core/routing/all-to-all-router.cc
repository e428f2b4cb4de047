/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "all-to-all-router.h"

#include <cmath>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

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
            mixnetcore::Route route;
            if (source.gpu != destination.gpu)
            {
                route.push_back(NvswitchLeg{source.host, source.gpu, destination.gpu});
            }
            transfers.push_back({source, destination, bytes, std::move(route)});
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
    return transfers;
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
        throw std::invalid_argument("efficiency " + std::to_string(efficiency) +
                                    ": must be above 0 and at most 1");
    }
    for (auto& transfer : transfers)
    {
        const double occupied = std::ceil(double(transfer.bytes.Count()) / efficiency);
        if (occupied > MOST)
        {
            throw std::invalid_argument("efficiency " + std::to_string(efficiency) +
                                        ": too low for a message of " +
                                        std::to_string(transfer.bytes.Count()) + " bytes");
        }
        transfer.padding = Bytes(static_cast<uint64_t>(occupied)) - transfer.bytes;
        transfer.bytes += transfer.padding;
    }
}

} // namespace mixnetcore
