/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "region-circuits.h"

#include "ns3/checks.h"

namespace mixnetcore
{

RegionCircuits::RegionCircuits(std::shared_ptr<const FabricPlan> fabric,
                               size_t region,
                               const std::string& allocator,
                               const std::string& numaRule)
    : m_fabric(std::move(fabric)),
      m_region(region),
      m_allocator(CircuitAllocators().Make(allocator))
{
    if (m_region >= m_fabric->regions.size())
    {
        Refuse(Phrase() << "region " << m_region << ": the fabric has " << m_fabric->regions.size()
                        << " regions");
    }
    m_endpoints = EndpointsOf(*m_fabric, m_region);
    for (const auto& plane : Region().planes)
    {
        m_mappers.emplace_back(plane.attachments, NumaRules().Get(numaRule));
    }
}

RegionCircuits::Decision
RegionCircuits::Choose(const DemandMatrix& demand,
                       const std::vector<CircuitConfiguration>& inForce,
                       Picoseconds changeCost) const
{
    const auto nic = Region().planes.front().attachments.front().nic;
    AllocationContext context{demand,
                              m_endpoints,
                              m_fabric->host.nics.at(nic).rate,
                              {},
                              changeCost};
    for (size_t plane = 0; plane < inForce.size(); ++plane)
    {
        context.inForce.push_back(
            m_mappers.at(plane).CountCircuits(inForce[plane], m_endpoints.size()));
    }
    const auto choice = m_allocator->Choose(context);
    if (choice.planes.size() != m_mappers.size())
    {
        Refuse(Phrase() << "an allocator chose circuits for " << choice.planes.size()
                        << " planes; the region has " << m_mappers.size());
    }
    Decision decision{choice.Sum(), {}, nullptr};
    for (size_t plane = 0; plane < m_mappers.size(); ++plane)
    {
        const auto& previous = inForce.empty() ? CircuitConfiguration() : inForce[plane];
        decision.configurations.push_back(m_mappers[plane].Map(choice.planes[plane], previous));
    }
    decision.router = MakeRouter(*m_fabric,
                                 {JoinedNics(*m_fabric, m_region, decision.configurations),
                                  Region().endpoints.front().gpu.has_value(),
                                  choice.ElectricalPartsOfHosts(context)});
    return decision;
}

} // namespace mixnetcore
