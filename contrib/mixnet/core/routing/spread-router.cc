/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "spread-router.h"

#include "ns3/checks.h"

namespace mixnetcore
{

SpreadRouter::SpreadRouter(const HostPlan& host)
    : m_host(host)
{
    for (uint32_t nic = 0; nic < m_host.nics.size(); ++nic)
    {
        if (m_host.nics[nic].role != NicRole::Electrical)
        {
            Refuse(Phrase() << "NIC " << nic
                            << ": must be electrical where bytes are spread over all NICs");
        }
        m_nics.push_back({nic, nic});
    }
    if (m_nics.empty())
    {
        Refuse("bytes cannot be spread over the NICs of servers: they have none");
    }
}

void
SpreadRouter::RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                                std::vector<Transfer>& transfers) const
{
    SpreadOverNics(m_host, m_nics, demand, transfers);
}

} // namespace mixnetcore
