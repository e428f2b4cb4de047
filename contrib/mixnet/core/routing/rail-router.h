/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RAIL_ROUTER_H
#define RAIL_ROUTER_H

#include "all-to-all-router.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Bytes change rails inside the host that sends them, and cross the network on the rail of
 * the GPU that gets them.
 *
 * From GPU g of a host to GPU d of another, bytes go by NVSwitch to GPU d of the first host, and
 * from its NIC to the NIC of the same number in the other. It is what NCCL calls PXN: rail-only
 * fabrics have no other way, and in rail-optimized ones it is the way over the fewest switches.
 */
class RailRouter : public AllToAllRouter
{
  public:
    /**
     * @param host Inside of every host.
     * @throws std::invalid_argument when a GPU has no NIC, or a NIC is not electrical.
     */
    explicit RailRouter(const HostPlan& host);

  private:
    // Documented in AllToAllRouter.
    void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                           std::vector<Transfer>& transfers) const override;

    HostPlan m_host;                   //!< inside of every host
    std::vector<uint32_t> m_railOfGpu; //!< first NIC of each GPU
};

} // namespace mixnetcore

#endif // RAIL_ROUTER_H
