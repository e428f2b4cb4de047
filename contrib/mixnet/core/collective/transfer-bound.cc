/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "transfer-bound.h"

#include <algorithm>
#include <cmath>
#include <iterator>
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
            AddTo(Kind::NicOut, rdma.from.host, rdma.from.nic, transfer.bytes, release);
            AddTo(Kind::NicIn, rdma.to.host, rdma.to.nic, transfer.bytes, release);
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
        AddTo(Kind::Inside, host, resource, bytes, release);
    }
}

void
TransferBound::AddTo(Kind kind, uint32_t host, uint32_t number, Bytes bytes, Picoseconds release)
{
    constexpr int HOST_BITS = 32;
    constexpr int NUMBER_BITS = 28;
    const auto key = static_cast<uint64_t>(kind) << (HOST_BITS + NUMBER_BITS) |
                     uint64_t{host} << NUMBER_BITS | number;
    const auto [found, isNew] = m_of.try_emplace(key, m_loads.size());
    if (isNew)
    {
        m_loads.push_back({kind, number, {}});
    }
    auto& load = m_loads[found->second].bytes;
    // Mostly it is the latest release, or a later one.
    auto place = load.end();
    while (place != load.begin() && std::prev(place)->first > release)
    {
        --place;
    }
    if (place != load.begin() && std::prev(place)->first == release)
    {
        std::prev(place)->second += bytes;
        return;
    }
    load.insert(place, {release, bytes});
}

double
TransferBound::Rate(const Load& load) const
{
    if (load.kind == Kind::Inside)
    {
        return m_interior.Capacities()[load.number];
    }
    return m_host.nics.at(load.number).rate.Count() / 8.0 * m_efficiency;
}

Picoseconds
TransferBound::EndOf(const Load& load) const
{
    const double rate = Rate(load);
    Picoseconds end{0};
    Bytes later;
    for (auto release = load.bytes.rbegin(); release != load.bytes.rend(); ++release)
    {
        later += release->second;
        constexpr auto what = "the bytes of a NIC or GPU";
        constexpr double rounding = 1e-3; // picoseconds: a whole number stays one
        const auto needed = CheckedTime(std::floor(later.Count() / rate * 1e12 + rounding), what);
        end = std::max(end, CheckedSum(release->first, needed, what));
    }
    return end;
}

Picoseconds
TransferBound::EarliestEnd() const
{
    Picoseconds end{0};
    for (const auto& load : m_loads)
    {
        end = std::max(end, EndOf(load));
    }
    return end;
}

Picoseconds
TransferBound::EarliestEndOfLines() const
{
    Picoseconds end{0};
    for (const auto& load : m_loads)
    {
        end = load.kind == Kind::Inside ? end : std::max(end, EndOf(load));
    }
    return end;
}

} // namespace mixnetcore
