/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "recovery-router.h"

#include "all-to-all-router.h"

#include <algorithm>
#include <utility>

namespace mixnetcore
{

void
FailedLegs::Add(const RdmaLeg& leg)
{
    if (!Contains(leg))
    {
        m_legs.push_back(leg);
    }
}

bool
FailedLegs::IsOn(const Route& route) const
{
    return std::any_of(route.begin(), route.end(), [this](const RouteLeg& leg) {
        const auto* rdma = std::get_if<RdmaLeg>(&leg);
        return rdma && Contains(*rdma);
    });
}

bool
FailedLegs::Suspects(const NicId& nic) const
{
    return std::any_of(m_legs.begin(), m_legs.end(), [&nic](const RdmaLeg& leg) {
        return leg.from == nic || leg.to == nic;
    });
}

ElectricalRecoveryRouter::ElectricalRecoveryRouter(std::shared_ptr<const FabricPlan> plan,
                                                   std::shared_ptr<const ForwardingPlan> forwarding)
    : m_plan(std::move(plan)),
      m_forwarding(std::move(forwarding)),
      m_nics(m_plan->host.NicsOn(NicRole::Electrical))
{
}

Route
ElectricalRecoveryRouter::RouteAround(const GpuId& source,
                                      const GpuId& destination,
                                      const FailedLegs& failed) const
{
    const auto fromNics = SoundNics(source.host, failed);
    const auto toNics = SoundNics(destination.host, failed);
    auto route = Direct(source, destination, fromNics, toNics, failed);
    if (route.empty())
    {
        route = Relayed(source, destination, failed);
    }
    if (route.empty())
    {
        route = Direct(source, destination, m_nics, m_nics, failed);
    }
    return route;
}

std::vector<uint32_t>
ElectricalRecoveryRouter::SoundNics(uint32_t host, const FailedLegs& failed) const
{
    std::vector<uint32_t> sound;
    std::copy_if(m_nics.begin(), m_nics.end(), std::back_inserter(sound), [&](uint32_t nic) {
        return !failed.Suspects({host, nic});
    });
    return sound;
}

bool
ElectricalRecoveryRouter::HasPath(const NicId& from, const NicId& to) const
{
    const uint32_t perHost = m_plan->host.nics.size();
    return m_forwarding->PathsBetween(from.host * perHost + from.nic, to.host * perHost + to.nic) >
           0;
}

Route
ElectricalRecoveryRouter::Direct(const GpuId& source,
                                 const GpuId& destination,
                                 const std::vector<uint32_t>& fromNics,
                                 const std::vector<uint32_t>& toNics,
                                 const FailedLegs& failed) const
{
    const auto& nics = m_plan->host.nics;
    std::optional<std::pair<uint32_t, uint32_t>> best;
    int most = -1; // NICs of the GPUs themselves
    for (size_t i = 0; i < fromNics.size() * toNics.size(); ++i)
    {
        const auto from = fromNics[(i / toNics.size() + source.gpu) % fromNics.size()];
        const auto to = toNics[(i + source.gpu) % toNics.size()];
        const NicId begin{source.host, from};
        const NicId end{destination.host, to};
        const int own = (nics[from].gpu == source.gpu) + (nics[to].gpu == destination.gpu);
        if (own > most && !failed.Contains({begin, end, NicRole::Electrical}) &&
            HasPath(begin, end))
        {
            best = {from, to};
            most = own;
        }
    }
    if (!best)
    {
        return {};
    }
    return DelegatedRoute(m_plan->host, source, destination, best->first, best->second);
}

Route
ElectricalRecoveryRouter::Relayed(const GpuId& source,
                                  const GpuId& destination,
                                  const FailedLegs& failed) const
{
    Route route;
    const auto fromNics = SoundNics(source.host, failed);
    const auto toNics = SoundNics(destination.host, failed);
    for (uint32_t relay = 0; relay < m_plan->hosts && !fromNics.empty() && !toNics.empty(); ++relay)
    {
        if (relay == source.host || relay == destination.host)
        {
            continue;
        }
        // The GPU of the NIC by which bytes come in is where they go on from.
        const auto nics = SoundNics(relay, failed);
        for (const auto in : nics)
        {
            const GpuId between{relay, m_plan->host.nics[in].gpu};
            const auto first = Direct(source, between, fromNics, {in}, failed);
            const auto onward = Direct(between, destination, nics, toNics, failed);
            if (!first.empty() && !onward.empty())
            {
                route.insert(route.end(), first.begin(), first.end());
                route.insert(route.end(), onward.begin(), onward.end());
                return route;
            }
        }
    }
    return route;
}

std::optional<Transfer>
RouteRecovery::RestOf(const Transfer& transfer, Bytes arrived, const std::optional<RdmaLeg>& failed)
{
    if (failed)
    {
        m_failed.Add(*failed);
    }
    return Rerouted(transfer.Rest(arrived));
}

std::optional<Transfer>
RouteRecovery::Rerouted(Transfer transfer) const
{
    if (!m_router)
    {
        return std::nullopt;
    }
    transfer.route = m_router->RouteAround(transfer.source, transfer.destination, m_failed);
    if (transfer.route.empty())
    {
        return std::nullopt;
    }
    return transfer;
}

} // namespace mixnetcore
