/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RAIL_ROUTER_H
#define RAIL_ROUTER_H

#include "own-nic-router.h"

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
class RailRouter : public OwnNicRouter
{
  public:
    using OwnNicRouter::OwnNicRouter;

  private:
    // Documented in OwnNicRouter.
    uint32_t SendingNic(uint32_t source, uint32_t destination) const override
    {
        return NicOf(destination, source); // the same number as that of the NIC that receives
    }
};

} // namespace mixnetcore

#endif // RAIL_ROUTER_H
