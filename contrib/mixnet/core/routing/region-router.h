/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef REGION_ROUTER_H
#define REGION_ROUTER_H

#include "all-to-all-router.h"
#include "nic-spread.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief The routes over a fabric of circuits and packet switches (paper, section 5.3).
 *
 * 1. A pair of hosts with circuits uses them all; the optical side is preferred. A pair without
 *    uses all electrical NICs, each to the NIC of the same place. So without any circuits these are
 *    the routes through gateways: of what leaves a region, and of what is no all-to-all.
 *    Circuits of GPUs serve bytes between these GPUs alone.
 * 2. Where the state says so, a part of a pair's bytes takes the electrical NICs although the pair
 *    has circuits: of each entry of the demand the same part, to the byte (largest remainder).
 * 3. The bytes of a pair are shared evenly over these NICs, and reach them and leave them by
 *    NVSwitch (SpreadOverNics).
 *
 * A value of one configuration; made anew when circuits change.
 */
class RegionRouter : public AllToAllRouter
{
  public:
    /**
     * @param host Inside of every host.
     * @param state Circuits in force.
     * @throws std::invalid_argument when there is neither a circuit nor an electrical NIC, or a
     * part is not from 0 to 1.
     */
    RegionRouter(const HostPlan& host, const FabricState& state);

    /**
     * @param a A host.
     * @param b Another.
     * @return circuits between the two.
     */
    size_t CircuitsBetween(uint32_t a, uint32_t b) const;

  protected:
    using HostPair = std::pair<uint32_t, uint32_t>; //!< host that sends, host that receives

    // Documented in AllToAllRouter.
    void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                           std::vector<Transfer>& transfers) const override;

    /// @param pair A pair of hosts. @return NICs of its circuits; none without any.
    const std::vector<NicPair>& NicsOf(const HostPair& pair) const;

    /// @return electrical NICs, the same for all pairs.
    const std::vector<NicPair>& Electrical() const
    {
        return m_electrical;
    }

    /// @return inside of every host.
    const HostPlan& Host() const
    {
        return m_host;
    }

  private:
    /// @param demand Entries between one pair of hosts. @return the pair.
    static HostPair PairOf(const std::vector<GpuDemand>& demand);

    /**
     * @param circuits NICs of circuits for the demand; none for packet switches alone.
     * @param demand Entries between one pair of hosts.
     * @param[out] transfers Where to add their transfers.
     */
    void Spread(const std::vector<NicPair>& circuits,
                std::vector<GpuDemand> demand,
                std::vector<Transfer>& transfers) const;

    HostPlan m_host;                                     //!< inside of every host
    bool m_ofGpus;                                       //!< see FabricState
    std::map<HostPair, std::vector<NicPair>> m_circuits; //!< NICs of pairs that have any
    std::map<HostPair, double> m_electricalParts;        //!< see FabricState
    std::vector<NicPair> m_electrical;                   //!< NICs, the same for all pairs
};

} // namespace mixnetcore

#endif // REGION_ROUTER_H
