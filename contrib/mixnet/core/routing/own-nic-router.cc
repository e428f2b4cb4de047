/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "own-nic-router.h"

#include "ns3/checks.h"

#include <algorithm>

namespace mixnetcore
{

namespace
{

/**
 * @brief Finds the NICs of each GPU where every GPU must have one on packet switches.
 * @param host Inside of every host.
 * @return those attached to each GPU, or to the nearest one before it that has any, or behind it.
 * @throws std::invalid_argument when there is no NIC, or one that is not electrical.
 */
std::vector<std::vector<uint32_t>>
OwnNicsOfGpus(const HostPlan& host)
{
    std::vector<std::vector<uint32_t>> nicsOfGpu(host.gpus);
    for (uint32_t nic = 0; nic < host.nics.size(); ++nic)
    {
        if (host.nics[nic].role != NicRole::Electrical)
        {
            Refuse(Phrase() << "NIC " << nic
                            << ": must be electrical where every GPU uses its own");
        }
        nicsOfGpu.at(host.nics[nic].gpu).push_back(nic);
    }
    const auto first = std::find_if(nicsOfGpu.begin(), nicsOfGpu.end(), [](const auto& nics) {
        return !nics.empty();
    });
    if (first == nicsOfGpu.end())
    {
        Refuse("every GPU uses its own NIC, and a server has none");
    }
    auto nearest = *first;
    for (auto& nics : nicsOfGpu)
    {
        nics = nics.empty() ? nearest : nics;
        nearest = nics;
    }
    return nicsOfGpu;
}

} // namespace

OwnNicRouter::OwnNicRouter(const HostPlan& host)
    : m_host(host),
      m_nicsOfGpu(OwnNicsOfGpus(host))
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
                                            SendingNic(source.gpu, destination.gpu),
                                            NicOf(destination.gpu, source.gpu))});
    }
}

} // namespace mixnetcore
