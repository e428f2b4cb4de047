/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef GATEWAY_ROUTER_H
#define GATEWAY_ROUTER_H

#include "nic-spread.h"

#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief The ways over the electrical side of a fabric whose hosts have fewer electrical NICs than
 * GPUs: what leaves a region, and what is no all-to-all.
 *
 * The bytes of a pair of hosts are shared evenly over all electrical NICs, each to the NIC of the
 * same number; GPUs reach the gateways, which have these NICs, by NVSwitch (SpreadOverNics).
 */
class GatewayRouter : public AllToAllRouter
{
  public:
    /**
     * @param host Inside of every host.
     * @throws std::invalid_argument when it has no electrical NIC.
     */
    explicit GatewayRouter(const HostPlan& host);

  private:
    // Documented in AllToAllRouter.
    void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                           std::vector<Transfer>& transfers) const override;

    HostPlan m_host;             //!< inside of every host
    std::vector<NicPair> m_nics; //!< electrical ones
};

} // namespace mixnetcore

#endif // GATEWAY_ROUTER_H
