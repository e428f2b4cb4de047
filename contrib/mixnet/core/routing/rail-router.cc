/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "rail-router.h"

#include "own-nic-router.h"

namespace mixnetcore
{

RailRouter::RailRouter(const HostPlan& host)
    : m_host(host),
      m_railOfGpu(OwnNicOfGpus(host))
{
}

void
RailRouter::RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                              std::vector<Transfer>& transfers) const
{
    for (const auto& [source, destination, bytes] : demand)
    {
        const auto rail = m_railOfGpu.at(destination.gpu);
        transfers.push_back(
            {source, destination, bytes, DelegatedRoute(m_host, source, destination, rail, rail)});
    }
}

} // namespace mixnetcore
