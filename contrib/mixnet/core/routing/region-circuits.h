/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef REGION_CIRCUITS_H
#define REGION_CIRCUITS_H

#include "all-to-all-router.h"

#include "ns3/circuit-allocator.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Chooses the circuits of a region for a demand, down to their ports and the routes over
 * them.
 *
 * An allocator chooses how many circuits each pair of endpoints gets in each plane, a port mapper
 * which ports carry them, close to those in force (paper, sections 5.1 and 5.2), and the router
 * that the plan of the fabric names finds the routes.
 */
class RegionCircuits
{
  public:
    /// What was chosen.
    struct Decision
    {
        CircuitAllocation allocation{0};                  //!< circuits of pairs, all planes
        std::vector<CircuitConfiguration> configurations; //!< port by port, by plane
        std::shared_ptr<const AllToAllRouter> router;     //!< routes over them
    };

    /**
     * @param fabric The fabric.
     * @param region Index of one of its regions.
     * @param allocator Name of an allocator, one of CircuitAllocators().
     * @param numaRule Name of a rule, one of NumaRules().
     * @throws std::invalid_argument when a name is not known or there is no such region.
     */
    RegionCircuits(std::shared_ptr<const FabricPlan> fabric,
                   size_t region,
                   const std::string& allocator,
                   const std::string& numaRule);

    /// @return the region.
    const RegionPlan& Region() const
    {
        return m_fabric->regions[m_region];
    }

    /**
     * @param demand Bytes from endpoint (row) to endpoint (column).
     * @param inForce Circuits at the switches, by plane; empty before there are any.
     * @param changeCost How long ports that change are dark, typically.
     * @return the circuits.
     * @throws std::invalid_argument when the demand does not have the region's size, or an
     * allocator gives an endpoint more circuits than it has ports.
     */
    Decision Choose(const DemandMatrix& demand,
                    const std::vector<CircuitConfiguration>& inForce = {},
                    Picoseconds changeCost = Picoseconds(0)) const;

  private:
    std::shared_ptr<const FabricPlan> m_fabric;    //!< the fabric
    size_t m_region;                               //!< index of the region
    std::unique_ptr<CircuitAllocator> m_allocator; //!< chooses circuits
    std::vector<PortMapper> m_mappers;             //!< choose ports, by plane
    std::vector<EndpointPorts> m_endpoints;        //!< of the region
};

} // namespace mixnetcore

#endif // REGION_CIRCUITS_H
