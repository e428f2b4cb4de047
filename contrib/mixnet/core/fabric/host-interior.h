/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef HOST_INTERIOR_H
#define HOST_INTERIOR_H

#include "host-plan.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What bytes cross inside a server: shared resources and their rates.
 *
 * The one description of a server's inside for whoever moves bytes in it or bounds their time.
 *
 * - NVSwitch: a transfer crosses the port out of its first GPU and the port into its second.
 * - NVLink pairs: the same between the two GPUs of a pair; other GPUs are reached through the PCIe
 *   out of the first and into the second.
 * - Between GPUs of different halves a transfer also crosses the NUMA link in its direction.
 * - To and from a NIC: the attachment of the NIC in that direction; with NVLink pairs the PCIe of
 *   its GPU as well.
 */
class HostInterior
{
  public:
    HostInterior() = default;

    /**
     * @param plan The server.
     */
    explicit HostInterior(const HostPlan& plan);

    /// @return rate of each resource, payload bytes per second; infinity for no bottleneck.
    const std::vector<double>& Capacities() const
    {
        return m_capacities;
    }

    /**
     * @param from A GPU. @param to Another.
     * @return indices of what bytes between the two cross.
     */
    std::vector<uint32_t> Between(uint32_t from, uint32_t to) const;

    /**
     * @param nic A NIC.
     * @return what bytes from the memory of its GPU to the NIC cross; empty when nothing of it can
     * be a bottleneck.
     */
    std::vector<uint32_t> IntoNic(uint32_t nic) const
    {
        return BesideNic(nic, true);
    }

    /**
     * @param nic A NIC.
     * @return what bytes from the NIC to the memory of its GPU cross; empty likewise.
     */
    std::vector<uint32_t> OutOfNic(uint32_t nic) const
    {
        return BesideNic(nic, false);
    }

  private:
    /// @param nic A NIC. @param into Whether into it, or out of it. @return what bytes cross there.
    std::vector<uint32_t> BesideNic(uint32_t nic, bool into) const;

    /// Resources of one GPU, in this order, for each GPU; then the NUMA link; then the NICs.
    enum GpuResource : uint32_t
    {
        PORT_OUT,
        PORT_IN,
        PCIE_OUT,
        PCIE_IN,
        PER_GPU,
    };

    /// @param gpu A GPU. @param kind Which of its resources. @return its index.
    static uint32_t OfGpu(uint32_t gpu, GpuResource kind)
    {
        return gpu * PER_GPU + kind;
    }

    /// @param from Half that bytes leave. @return index of the NUMA link in that direction.
    uint32_t NumaLink(uint32_t from) const
    {
        return m_plan.gpus * PER_GPU + from;
    }

    /// @param nic A NIC. @param into Whether bytes go to the NIC. @return its attachment's index.
    uint32_t Attachment(uint32_t nic, bool into) const
    {
        return m_plan.gpus * PER_GPU + 2 + 2 * nic + (into ? 0 : 1);
    }

    /// @param resources Indices. @return those that can be a bottleneck.
    std::vector<uint32_t> Finite(std::vector<uint32_t> resources) const;

    HostPlan m_plan;                  //!< the server
    std::vector<double> m_capacities; //!< bytes per second
};

} // namespace mixnetcore

#endif // HOST_INTERIOR_H
