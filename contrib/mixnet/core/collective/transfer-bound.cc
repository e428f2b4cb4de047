/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "transfer-bound.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace mixnetcore
{

TransferBound::TransferBound(const HostPlan& host, double payloadEfficiency)
    : m_host(host),
      m_efficiency(payloadEfficiency)
{
    if (!(payloadEfficiency > 0 && payloadEfficiency <= 1))
    {
        throw std::invalid_argument("payloadEfficiency = " + std::to_string(payloadEfficiency) +
                                    ": must be above 0, at most 1");
    }
}

void
TransferBound::Add(const Transfer& transfer, Picoseconds release)
{
    for (const auto& leg : transfer.route)
    {
        if (const auto* nvswitch = std::get_if<NvswitchLeg>(&leg))
        {
            m_load[{Kind::GpuOut, nvswitch->host, nvswitch->fromGpu}][release] += transfer.bytes;
            m_load[{Kind::GpuIn, nvswitch->host, nvswitch->toGpu}][release] += transfer.bytes;
        }
        else
        {
            const auto& rdma = std::get<RdmaLeg>(leg);
            m_load[{Kind::NicOut, rdma.from.host, rdma.from.nic}][release] += transfer.bytes;
            m_load[{Kind::NicIn, rdma.to.host, rdma.to.nic}][release] += transfer.bytes;
        }
    }
}

double
TransferBound::Rate(const Resource& resource) const
{
    const auto [kind, host, number] = resource;
    if (kind == Kind::GpuOut || kind == Kind::GpuIn)
    {
        return m_host.gpuPortRate.Count() / 8.0;
    }
    return m_host.nics.at(number).rate.Count() / 8.0 * m_efficiency;
}

Picoseconds
TransferBound::EarliestEnd() const
{
    Picoseconds end{0};
    for (const auto& [resource, releases] : m_load)
    {
        Bytes later;
        for (auto release = releases.rbegin(); release != releases.rend(); ++release)
        {
            later += release->second;
            const double picoseconds = later.Count() / Rate(resource) * 1e12;
            end = std::max(end, release->first + Picoseconds(std::llround(picoseconds)));
        }
    }
    return end;
}

} // namespace mixnetcore
