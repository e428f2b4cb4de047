/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef REGION_ROUTER_H
#define REGION_ROUTER_H

#include "all-to-all-router.h"
#include "nic-spread.h"

#include "ns3/circuit-configuration.h"
#include "ns3/fabric-plan.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief The ways of expert-parallel traffic inside one MixNet region (paper, section 5.3).
 *
 * 1. A pair of hosts with circuits uses them all; the optical side is preferred. A pair without
 *    uses all electrical NICs, each to the NIC of the same place.
 * 2. The bytes of a pair are shared evenly over these NICs, and reach them and leave them by
 *    NVSwitch (SpreadOverNics).
 *
 * A value of one configuration; made anew when circuits change.
 */
class RegionRouter : public AllToAllRouter
{
  public:
    /**
     * @param fabric The fabric.
     * @param region Index of the region in the fabric.
     * @param circuits Circuits in force at its switch.
     * @throws std::invalid_argument when the region does not exist.
     */
    RegionRouter(const FabricPlan& fabric, size_t region, const CircuitConfiguration& circuits);

    /**
     * @param a A host of the region.
     * @param b Another.
     * @return circuits between the two.
     */
    size_t CircuitsBetween(uint32_t a, uint32_t b) const;

  private:
    // Documented in AllToAllRouter.
    void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                           std::vector<Transfer>& transfers) const override;

    /**
     * @param from A host of the fabric.
     * @param to Another.
     * @return place of the pair in m_pairs.
     */
    size_t PairIndex(uint32_t from, uint32_t to) const;

    HostPlan m_host;                           //!< inside of every host
    uint32_t m_hosts;                          //!< hosts of the region
    std::vector<uint32_t> m_endpointOfHost;    //!< place in the region, by host of the fabric
    std::vector<std::vector<NicPair>> m_pairs; //!< circuits by pair of hosts
    std::vector<NicPair> m_electrical;         //!< electrical NICs, the same for all pairs
};

} // namespace mixnetcore

#endif // REGION_ROUTER_H
