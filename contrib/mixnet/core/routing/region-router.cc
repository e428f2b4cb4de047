/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "region-router.h"

#include "ns3/checks.h"
#include "ns3/largest-remainder.h"
#include "ns3/lists.h"

#include <numeric>
#include <utility>

namespace mixnetcore
{

namespace
{

/**
 * @brief Takes a part of a pair's bytes away, in proportion to its entries.
 * @param demand Entries of one pair; what is taken is missing afterwards.
 * @param part How much, 0 to 1.
 * @return what was taken; entries of zero bytes are in neither.
 */
std::vector<GpuDemand>
TakePart(std::vector<GpuDemand>& demand, double part)
{
    const auto weights = Mapped(demand, [](const GpuDemand& entry) { return entry.bytes.Count(); });
    const auto total = std::accumulate(weights.begin(), weights.end(), uint64_t{0});
    const auto shares = LargestRemainder(weights, static_cast<uint64_t>(part * double(total)));
    std::vector<GpuDemand> taken;
    std::vector<GpuDemand> left;
    for (size_t i = 0; i < demand.size(); ++i)
    {
        const auto& [source, destination, bytes] = demand[i];
        if (shares[i] > 0)
        {
            taken.push_back({source, destination, Bytes(shares[i])});
        }
        if (bytes > Bytes(shares[i]))
        {
            left.push_back({source, destination, bytes - Bytes(shares[i])});
        }
    }
    demand = std::move(left);
    return taken;
}

} // namespace

RegionRouter::RegionRouter(const HostPlan& host, const FabricState& state)
    : m_host(host),
      m_ofGpus(state.ofGpus),
      m_electricalParts(state.electricalParts)
{
    for (const auto& [a, b] : state.circuits)
    {
        m_circuits[{a.host, b.host}].push_back({a.nic, b.nic});
        m_circuits[{b.host, a.host}].push_back({b.nic, a.nic});
    }
    for (const auto nic : m_host.NicsOn(NicRole::Electrical))
    {
        m_electrical.push_back({nic, nic});
    }
    if (m_electrical.empty() && m_circuits.empty())
    {
        Refuse("routes through delegates need circuits or electrical NICs: there are none");
    }
    for (const auto& [pair, part] : m_electricalParts)
    {
        if (!(part >= 0 && part <= 1))
        {
            Refuse(Phrase() << "electrical part " << part << " from host " << pair.first
                            << " to host " << pair.second << ": must be from 0 to 1");
        }
    }
}

size_t
RegionRouter::CircuitsBetween(uint32_t a, uint32_t b) const
{
    return NicsOf({a, b}).size();
}

const std::vector<NicPair>&
RegionRouter::NicsOf(const HostPair& pair) const
{
    static const std::vector<NicPair> none;
    const auto found = m_circuits.find(pair);
    return found == m_circuits.end() ? none : found->second;
}

void
RegionRouter::RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                                std::vector<Transfer>& transfers) const
{
    const auto circuits = m_circuits.find(PairOf(demand));
    if (circuits == m_circuits.end())
    {
        Spread({}, demand, transfers);
        return;
    }
    if (!m_ofGpus)
    {
        Spread(circuits->second, demand, transfers);
        return;
    }
    std::map<std::pair<uint32_t, uint32_t>, std::vector<GpuDemand>> byGpus;
    for (const auto& entry : demand)
    {
        byGpus[{entry.source.gpu, entry.destination.gpu}].push_back(entry);
    }
    for (const auto& [gpus, entries] : byGpus)
    {
        std::vector<NicPair> own;
        for (const auto& nics : circuits->second)
        {
            if (m_host.nics[nics.from].gpu == gpus.first && m_host.nics[nics.to].gpu == gpus.second)
            {
                own.push_back(nics);
            }
        }
        Spread(own, entries, transfers);
    }
}

RegionRouter::HostPair
RegionRouter::PairOf(const std::vector<GpuDemand>& demand)
{
    return {demand.front().source.host, demand.front().destination.host};
}

void
RegionRouter::Spread(const std::vector<NicPair>& circuits,
                     std::vector<GpuDemand> demand,
                     std::vector<Transfer>& transfers) const
{
    const auto pair = PairOf(demand);
    const auto part = m_electricalParts.find(pair);
    auto electrical = circuits.empty()                  ? std::exchange(demand, {})
                      : part == m_electricalParts.end() ? std::vector<GpuDemand>()
                                                        : TakePart(demand, part->second);
    if (!demand.empty())
    {
        SpreadOverNics(m_host, circuits, demand, transfers);
    }
    if (electrical.empty())
    {
        return;
    }
    if (m_electrical.empty())
    {
        Refuse(Phrase() << "hosts " << pair.first << " and " << pair.second
                        << " have neither a circuit nor electrical NICs");
    }
    SpreadOverNics(m_host, m_electrical, electrical, transfers);
}

} // namespace mixnetcore
