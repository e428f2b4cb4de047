/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "region-router.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace mixnetcore
{

namespace
{

constexpr uint32_t OUTSIDE = 0xffffffff; //!< place of a host that is not of the region

} // namespace

RegionRouter::RegionRouter(const FabricPlan& fabric,
                           size_t region,
                           const CircuitConfiguration& circuits)
    : m_host(fabric.host),
      m_endpointOfHost(fabric.hosts, OUTSIDE)
{
    if (region >= fabric.regions.size())
    {
        throw std::invalid_argument("region " + std::to_string(region) + ": the fabric has " +
                                    std::to_string(fabric.regions.size()) + " regions");
    }
    const auto& plan = fabric.regions[region];
    m_hosts = plan.hosts.size();
    for (uint32_t endpoint = 0; endpoint < m_hosts; ++endpoint)
    {
        m_endpointOfHost.at(plan.hosts[endpoint]) = endpoint;
    }
    std::vector<const OpticalAttachment*> byPort;
    for (const auto& attachment : plan.attachments)
    {
        byPort.resize(std::max<size_t>(byPort.size(), attachment.ocsPort + 1));
        byPort[attachment.ocsPort] = &attachment;
    }
    m_pairs.resize(size_t{m_hosts} * m_hosts);
    for (const auto& [a, b] : circuits.Circuits())
    {
        const auto& first = *byPort.at(a);
        const auto& second = *byPort.at(b);
        m_pairs[size_t{first.endpoint} * m_hosts + second.endpoint].push_back(
            {first.nic, second.nic});
        m_pairs[size_t{second.endpoint} * m_hosts + first.endpoint].push_back(
            {second.nic, first.nic});
    }
    for (const auto nic : m_host.NicsOn(NicRole::Electrical))
    {
        m_electrical.push_back({nic, nic});
    }
}

size_t
RegionRouter::PairIndex(uint32_t from, uint32_t to) const
{
    const uint32_t a = m_endpointOfHost.at(from);
    const uint32_t b = m_endpointOfHost.at(to);
    if (a == OUTSIDE || b == OUTSIDE)
    {
        throw std::invalid_argument("host " + std::to_string(a == OUTSIDE ? from : to) +
                                    " is not in the region");
    }
    return size_t{a} * m_hosts + b;
}

size_t
RegionRouter::CircuitsBetween(uint32_t a, uint32_t b) const
{
    return m_pairs[PairIndex(a, b)].size();
}

void
RegionRouter::RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                                std::vector<Transfer>& transfers) const
{
    const auto& front = demand.front();
    const auto& circuits = m_pairs[PairIndex(front.source.host, front.destination.host)];
    const auto& nics = circuits.empty() ? m_electrical : circuits;
    SpreadOverNics(m_host, nics, demand, transfers);
}

} // namespace mixnetcore
