/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "circuit-recovery.h"

#include "circuit-router.h"

#include <algorithm>
#include <optional>

namespace mixnetcore
{

CircuitRecoveryRouter::CircuitRecoveryRouter(std::shared_ptr<const FabricPlan> plan,
                                             std::shared_ptr<const RecoveryRouter> otherwise)
    : m_plan(std::move(plan)),
      m_otherwise(std::move(otherwise)),
      m_graph(m_plan->hosts, CircuitsOf(*m_plan))
{
}

std::vector<DirectedCircuit>
CircuitRecoveryRouter::FindPath(uint32_t from,
                                uint32_t to,
                                const FailedLegs& failed,
                                bool trusting) const
{
    const auto isSound = [&](const DirectedCircuit& circuit) {
        return !failed.Contains({circuit.from, circuit.to, NicRole::Optical}) &&
               (trusting || (!failed.Suspects(circuit.from) && !failed.Suspects(circuit.to)));
    };
    std::vector<std::optional<DirectedCircuit>> cameBy(m_graph.Hosts());
    std::vector<uint32_t> reached{from};
    for (size_t place = 0; place < reached.size() && !cameBy[to]; ++place)
    {
        for (const auto next : m_graph.Next(reached[place]))
        {
            const auto& circuits = m_graph.Between(reached[place], next);
            const auto sound = std::find_if(circuits.begin(), circuits.end(), isSound);
            if (next != from && !cameBy[next] && sound != circuits.end())
            {
                cameBy[next] = *sound;
                reached.push_back(next);
            }
        }
    }
    std::vector<DirectedCircuit> path;
    for (uint32_t at = to; cameBy[at]; at = cameBy[at]->from.host)
    {
        path.push_back(*cameBy[at]);
    }
    std::reverse(path.begin(), path.end());
    return path;
}

Route
CircuitRecoveryRouter::RouteAround(const GpuId& source,
                                   const GpuId& destination,
                                   const FailedLegs& failed) const
{
    for (const bool trusting : {false, true})
    {
        const auto path = FindPath(source.host, destination.host, failed, trusting);
        if (!path.empty())
        {
            return RouteOverCircuits(m_plan->host, source, destination, path);
        }
    }
    return m_otherwise ? m_otherwise->RouteAround(source, destination, failed) : Route();
}

std::shared_ptr<const RecoveryRouter>
MakeRecoveryRouter(const std::shared_ptr<const FabricPlan>& plan,
                   const std::shared_ptr<const ForwardingPlan>& forwarding)
{
    std::shared_ptr<const RecoveryRouter> router;
    if (!plan->host.NicsOn(NicRole::Electrical).empty())
    {
        router = std::make_shared<ElectricalRecoveryRouter>(plan, forwarding);
    }
    if (plan->regions.empty() && !CircuitsOf(*plan).empty())
    {
        router = std::make_shared<CircuitRecoveryRouter>(plan, router);
    }
    return router;
}

} // namespace mixnetcore
