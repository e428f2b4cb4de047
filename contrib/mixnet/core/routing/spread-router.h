/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SPREAD_ROUTER_H
#define SPREAD_ROUTER_H

#include "all-to-all-router.h"
#include "nic-spread.h"

#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief The bytes of a pair of servers are spread evenly over all NICs of both.
 *
 * They are gathered and scattered by NVSwitch, as MixNet's runtime does with circuits (paper,
 * section 5.3), and as hierarchical all-to-alls do on packet switches: a GPU with many bytes to
 * send or to receive is not held up by its own NIC. NIC n of one server sends to NIC n of the
 * other, so that bytes stay on their rail where there are rails.
 */
class SpreadRouter : public AllToAllRouter
{
  public:
    /**
     * @param host Inside of every host.
     * @throws std::invalid_argument when it has no NIC, or one that is not electrical.
     */
    explicit SpreadRouter(const HostPlan& host);

  private:
    // Documented in AllToAllRouter.
    void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                           std::vector<Transfer>& transfers) const override;

    HostPlan m_host;             //!< inside of every host
    std::vector<NicPair> m_nics; //!< NICs, the same for all pairs
};

} // namespace mixnetcore

#endif // SPREAD_ROUTER_H
