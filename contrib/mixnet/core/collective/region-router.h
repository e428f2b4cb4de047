/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef REGION_ROUTER_H
#define REGION_ROUTER_H

#include "route.h"

#include "ns3/circuit-configuration.h"
#include "ns3/fabric-plan.h"

#include <array>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Finds the ways of expert-parallel traffic inside one MixNet region (paper, section 5.3).
 *
 * 1. A pair of hosts with circuits uses them all, in equal shares; the optical side is preferred.
 * 2. A pair without uses all electrical NICs, in equal shares, each to the NIC of the same place.
 * 3. The GPU a NIC is attached to is the delegate: bytes come to it by NVSwitch (gather), and go
 *    on from the peer's delegate by NVSwitch (scatter). Where a GPU is its own delegate no NVSwitch
 *    is crossed.
 * 4. Inside a host bytes go straight from GPU to GPU.
 *
 * A value of one configuration; made anew when circuits change.
 */
class RegionRouter
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
     * @param source GPU that holds the bytes, in a host of the region.
     * @param destination GPU that gets them, in a host of the region.
     * @param bytes How many; with zero there is nothing to send.
     * @return the shares, each with its way; together they carry all bytes. None is empty.
     */
    std::vector<Transfer> Transfers(const GpuId& source,
                                    const GpuId& destination,
                                    Bytes bytes) const;

    /**
     * @param a A host of the region.
     * @param b Another.
     * @return circuits between the two.
     */
    size_t CircuitsBetween(uint32_t a, uint32_t b) const;

  private:
    /**
     * @brief Two NICs that bytes may cross between.
     */
    struct NicPair
    {
        uint32_t from; //!< NIC of the host that sends
        uint32_t to;   //!< NIC of the host that receives
    };

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
