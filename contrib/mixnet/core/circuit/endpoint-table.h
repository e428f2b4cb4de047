/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ENDPOINT_TABLE_H
#define ENDPOINT_TABLE_H

#include "circuit-allocation.h"

#include "ns3/demand-matrix.h"

#include <utility>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Which endpoint of a region each GPU of an EP group belongs to.
 *
 * Endpoints may be hosts or GPUs; a region may have more of them than the group, and hosts may have
 * GPUs of other groups.
 */
class EndpointTable
{
  public:
    /**
     * @param endpoints Those of the region.
     * @param gpus Host of the fabric (first) and number in it (second) of each GPU of the group.
     * @throws std::invalid_argument when a GPU belongs to no endpoint.
     */
    EndpointTable(const std::vector<Endpoint>& endpoints,
                  const std::vector<std::pair<uint32_t, uint32_t>>& gpus);

    /// @param host A host of the fabric. @return its endpoints that have GPUs of the group.
    std::vector<uint32_t> OfHost(uint32_t host) const;

    /// @param demand Bytes from GPU to GPU of the group. @param endpoint An endpoint.
    /// @return bytes from its GPUs to those of every endpoint of the region.
    std::vector<Bytes> From(const DemandMatrix& demand, uint32_t endpoint) const;

    /// @param demand Bytes from GPU to GPU of the group. @return the same between endpoints.
    DemandMatrix Between(const DemandMatrix& demand) const;

  private:
    std::vector<Endpoint> m_endpoints; //!< of the region
    std::vector<uint32_t> m_ofGpu;     //!< endpoint of each GPU of the group
};

} // namespace mixnetcore

#endif // ENDPOINT_TABLE_H
