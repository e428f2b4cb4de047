/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OWN_NIC_ROUTER_H
#define OWN_NIC_ROUTER_H

#include "all-to-all-router.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Every GPU sends and receives on its own NIC, as on a fabric that joins all NICs.
 */
class OwnNicRouter : public AllToAllRouter
{
  public:
    /**
     * @param host Inside of every host.
     * @throws std::invalid_argument when a GPU has no NIC, or a NIC is not electrical.
     */
    explicit OwnNicRouter(const HostPlan& host);

  protected:
    /// @param gpu A GPU. @return its first NIC.
    uint32_t NicOf(uint32_t gpu) const
    {
        return m_nicOfGpu.at(gpu);
    }

  private:
    /// @param source A GPU of the sending host. @param destination A GPU of another.
    /// @return the NIC by which bytes from one to the other leave the host.
    virtual uint32_t SendingNic(uint32_t source, [[maybe_unused]] uint32_t destination) const
    {
        return NicOf(source);
    }

    // Documented in AllToAllRouter.
    void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                           std::vector<Transfer>& transfers) const override;

    HostPlan m_host;                  //!< inside of every host
    std::vector<uint32_t> m_nicOfGpu; //!< first NIC of each GPU
};

} // namespace mixnetcore

#endif // OWN_NIC_ROUTER_H
