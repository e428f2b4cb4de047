/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "gateway-router.h"

#include <stdexcept>

namespace mixnetcore
{

GatewayRouter::GatewayRouter(const HostPlan& host)
    : m_host(host)
{
    for (const auto nic : host.NicsOn(NicRole::Electrical))
    {
        m_nics.push_back({nic, nic});
    }
    if (m_nics.empty())
    {
        throw std::invalid_argument("ways through gateways need electrical NICs: a host has none");
    }
}

void
GatewayRouter::RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                                 std::vector<Transfer>& transfers) const
{
    SpreadOverNics(m_host, m_nics, demand, transfers);
}

} // namespace mixnetcore
