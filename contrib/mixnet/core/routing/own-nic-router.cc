/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "own-nic-router.h"

#include <stdexcept>
#include <string>

namespace mixnetcore
{

std::vector<uint32_t>
OwnNicOfGpus(const HostPlan& host)
{
    const auto none = static_cast<uint32_t>(host.nics.size());
    std::vector<uint32_t> nicOfGpu(host.gpus, none);
    for (uint32_t nic = none; nic-- > 0;)
    {
        if (host.nics[nic].role != NicRole::Electrical)
        {
            throw std::invalid_argument("NIC " + std::to_string(nic) +
                                        ": must be electrical where every GPU uses its own");
        }
        nicOfGpu.at(host.nics[nic].gpu) = nic;
    }
    for (uint32_t gpu = 0; gpu < host.gpus; ++gpu)
    {
        if (nicOfGpu[gpu] == none)
        {
            throw std::invalid_argument("GPU " + std::to_string(gpu) +
                                        ": must have a NIC where every GPU uses its own");
        }
    }
    return nicOfGpu;
}

OwnNicRouter::OwnNicRouter(const HostPlan& host)
    : m_host(host),
      m_nicOfGpu(OwnNicOfGpus(host))
{
}

void
OwnNicRouter::RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                                std::vector<Transfer>& transfers) const
{
    for (const auto& [source, destination, bytes] : demand)
    {
        transfers.push_back({source,
                             destination,
                             bytes,
                             DelegatedRoute(m_host,
                                            source,
                                            destination,
                                            m_nicOfGpu.at(source.gpu),
                                            m_nicOfGpu.at(destination.gpu))});
    }
}

} // namespace mixnetcore
