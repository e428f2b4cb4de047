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
 *
 * Of fewer NICs than GPUs, a GPU has the one that is attached to it, or the nearest before it,
 * which its neighbours share. Of several NICs of its own it uses the one for the number of the
 * other GPU, in turn, so that all-to-alls load them alike.
 */
class OwnNicRouter : public AllToAllRouter
{
  public:
    /**
     * @param host Inside of every host.
     * @throws std::invalid_argument when there is no NIC, or one that is not electrical.
     */
    explicit OwnNicRouter(const HostPlan& host);

  protected:
    /// @param gpu A GPU. @param other The one that it sends to or receives from. @return its NIC
    /// for that.
    uint32_t NicOf(uint32_t gpu, uint32_t other) const
    {
        const auto& nics = m_nicsOfGpu.at(gpu);
        return nics[other % nics.size()];
    }

  private:
    /// @param source A GPU of the sending host. @param destination A GPU of another.
    /// @return the NIC by which bytes from one to the other leave the host.
    virtual uint32_t SendingNic(uint32_t source, uint32_t destination) const
    {
        return NicOf(source, destination);
    }

    // Documented in AllToAllRouter.
    void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                           std::vector<Transfer>& transfers) const override;

    HostPlan m_host;                                //!< inside of every host
    std::vector<std::vector<uint32_t>> m_nicsOfGpu; //!< those that each GPU uses
};

} // namespace mixnetcore

#endif // OWN_NIC_ROUTER_H
