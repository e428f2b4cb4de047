/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "own-nic-router.h"

#include "ns3/checks.h"

namespace mixnetcore
{

namespace
{

/**
 * @brief Finds the NIC of each GPU where every GPU must have one on packet switches.
 * @param host Inside of every host.
 * @return first NIC of each GPU.
 * @throws std::invalid_argument when a GPU has no NIC, or a NIC is not electrical.
 */
std::vector<uint32_t>
OwnNicOfGpus(const HostPlan& host)
{
    const auto none = static_cast<uint32_t>(host.nics.size());
    std::vector<uint32_t> nicOfGpu(host.gpus, none);
    for (uint32_t nic = none; nic-- > 0;)
    {
        if (host.nics[nic].role != NicRole::Electrical)
        {
            Refuse(Phrase() << "NIC " << nic
                            << ": must be electrical where every GPU uses its own");
        }
        nicOfGpu.at(host.nics[nic].gpu) = nic;
    }
    for (uint32_t gpu = 0; gpu < host.gpus; ++gpu)
    {
        if (nicOfGpu[gpu] == none)
        {
            Refuse(Phrase() << "GPU " << gpu << ": must have a NIC where every GPU uses its own");
        }
    }
    return nicOfGpu;
}

} // namespace

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
                                            SendingNic(source.gpu, destination.gpu),
                                            NicOf(destination.gpu))});
    }
}

} // namespace mixnetcore
