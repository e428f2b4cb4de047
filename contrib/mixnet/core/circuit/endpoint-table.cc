/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "endpoint-table.h"

#include "ns3/checks.h"

#include <algorithm>

namespace mixnetcore
{

EndpointTable::EndpointTable(const std::vector<Endpoint>& endpoints,
                             const std::vector<std::pair<uint32_t, uint32_t>>& gpus)
    : m_endpoints(endpoints)
{
    for (const auto& [host, gpu] : gpus)
    {
        const auto found = std::find_if(
            endpoints.begin(),
            endpoints.end(),
            [host = host, gpu = gpu](const auto& endpoint) { return endpoint.Holds(host, gpu); });
        if (found == endpoints.end())
        {
            Refuse(Phrase() << "GPU " << gpu << " of host " << host
                            << " belongs to no endpoint of the region");
        }
        m_ofGpu.push_back(found - endpoints.begin());
    }
}

std::vector<uint32_t>
EndpointTable::OfHost(uint32_t host) const
{
    std::vector<uint32_t> own;
    for (const auto endpoint : m_ofGpu)
    {
        if (m_endpoints[endpoint].host == host &&
            std::find(own.begin(), own.end(), endpoint) == own.end())
        {
            own.push_back(endpoint);
        }
    }
    return own;
}

std::vector<Bytes>
EndpointTable::From(const DemandMatrix& demand, uint32_t endpoint) const
{
    std::vector<Bytes> bytes(m_endpoints.size());
    for (size_t from = 0; from < m_ofGpu.size(); ++from)
    {
        for (size_t to = 0; m_ofGpu[from] == endpoint && to < m_ofGpu.size(); ++to)
        {
            bytes[m_ofGpu[to]] += demand.At(from, to);
        }
    }
    return bytes;
}

DemandMatrix
EndpointTable::Between(const DemandMatrix& demand) const
{
    DemandMatrix between(m_endpoints.size(), m_endpoints.size());
    for (uint32_t from = 0; from < m_endpoints.size(); ++from)
    {
        const auto bytes = From(demand, from);
        for (size_t to = 0; to < bytes.size(); ++to)
        {
            between.At(from, to) = bytes[to];
        }
    }
    return between;
}

} // namespace mixnetcore
