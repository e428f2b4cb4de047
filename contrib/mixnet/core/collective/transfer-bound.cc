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
      m_interior(host),
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
            const auto crossed = m_interior.Between(nvswitch->fromGpu, nvswitch->toGpu);
            AddInside(nvswitch->host, crossed, transfer.bytes, release);
        }
        else
        {
            const auto& rdma = std::get<RdmaLeg>(leg);
            m_load[{Kind::NicOut, rdma.from.host, rdma.from.nic}][release] += transfer.bytes;
            m_load[{Kind::NicIn, rdma.to.host, rdma.to.nic}][release] += transfer.bytes;
            AddInside(rdma.from.host, m_interior.IntoNic(rdma.from.nic), transfer.bytes, release);
            AddInside(rdma.to.host, m_interior.OutOfNic(rdma.to.nic), transfer.bytes, release);
        }
    }
}

void
TransferBound::AddInside(uint32_t host,
                         const std::vector<uint32_t>& crossed,
                         Bytes bytes,
                         Picoseconds release)
{
    for (const auto resource : crossed)
    {
        m_load[{Kind::Inside, host, resource}][release] += bytes;
    }
}

double
TransferBound::Rate(const Resource& resource) const
{
    const auto [kind, host, number] = resource;
    if (kind == Kind::Inside)
    {
        return m_interior.Capacities()[number];
    }
    return m_host.nics.at(number).rate.Count() / 8.0 * m_efficiency;
}

Picoseconds
TransferBound::EndOf(const std::map<Picoseconds, Bytes>& load, double rate)
{
    Picoseconds end{0};
    Bytes later;
    for (auto release = load.rbegin(); release != load.rend(); ++release)
    {
        later += release->second;
        const double picoseconds = later.Count() / rate * 1e12;
        end = std::max(end, release->first + Picoseconds(std::llround(picoseconds)));
    }
    return end;
}

Picoseconds
TransferBound::EarliestEnd() const
{
    Picoseconds end{0};
    for (const auto& [resource, load] : m_load)
    {
        end = std::max(end, EndOf(load, Rate(resource)));
    }
    return end;
}

Picoseconds
TransferBound::EarliestEndOfLines() const
{
    Picoseconds end{0};
    for (const auto& [resource, load] : m_load)
    {
        if (std::get<Kind>(resource) != Kind::Inside)
        {
            end = std::max(end, EndOf(load, Rate(resource)));
        }
    }
    return end;
}

} // namespace mixnetcore
