/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "transfer-bound.h"

#include "ns3/checks.h"

#include <algorithm>
#include <cmath>

namespace mixnetcore
{

TransferBound::Server::Server(const HostPlan& host, double payloadEfficiency)
    : nics(host.nics.size()),
      gpus(host.gpus)
{
    if (!(payloadEfficiency > 0 && payloadEfficiency <= 1))
    {
        Refuse(Phrase() << "payloadEfficiency = " << payloadEfficiency
                        << ": must be above 0, at most 1");
    }
    const HostInterior interior(host);
    const auto behindLines = [this](std::vector<uint32_t> resources) {
        for (auto& resource : resources)
        {
            resource += 2 * nics;
        }
        return resources;
    };
    for (uint32_t direction = 0; direction < 2; ++direction)
    {
        for (const auto& nic : host.nics)
        {
            rates.push_back(nic.rate.Count() / 8.0 * payloadEfficiency);
        }
    }
    rates.insert(rates.end(), interior.Capacities().begin(), interior.Capacities().end());
    for (uint32_t nic = 0; nic < nics; ++nic)
    {
        intoNic.push_back(behindLines(interior.IntoNic(nic)));
        outOfNic.push_back(behindLines(interior.OutOfNic(nic)));
    }
    for (uint32_t pair = 0; pair < gpus * gpus; ++pair)
    {
        between.push_back(behindLines(interior.Between(pair / gpus, pair % gpus)));
    }
}

TransferBound::TransferBound(std::shared_ptr<const Server> server)
    : m_server(std::move(server))
{
}

std::vector<TransferBound::Load>&
TransferBound::LoadsOf(uint32_t host)
{
    auto& loads = m_byHost[host];
    loads.resize(m_server->rates.size());
    return loads;
}

void
TransferBound::Add(const Transfer& transfer, Picoseconds release)
{
    if (release < m_latest)
    {
        Refuse(Phrase() << "release = " << release.count() << " ps: at least " << m_latest.count()
                        << " ps, the release before");
    }
    m_latest = release;
    const auto& server = *m_server;
    const auto add = [&](std::vector<Load>& loads, uint32_t resource) {
        AddTo(loads[resource], server.rates[resource], transfer.bytes, release);
    };
    const auto addAll = [&](std::vector<Load>& loads, const std::vector<uint32_t>& crossed) {
        for (const auto resource : crossed)
        {
            add(loads, resource);
        }
    };
    for (const auto& leg : transfer.route)
    {
        if (const auto* nvswitch = std::get_if<NvswitchLeg>(&leg))
        {
            addAll(LoadsOf(nvswitch->host),
                   server.between.at(nvswitch->fromGpu * server.gpus + nvswitch->toGpu));
            continue;
        }
        const auto& rdma = std::get<RdmaLeg>(leg);
        auto& from = LoadsOf(rdma.from.host);
        addAll(from, server.intoNic.at(rdma.from.nic));
        add(from, rdma.from.nic);
        auto& to = LoadsOf(rdma.to.host);
        addAll(to, server.outOfNic.at(rdma.to.nic));
        add(to, server.nics + rdma.to.nic);
    }
}

void
TransferBound::AddTo(Load& load, double rate, Bytes bytes, Picoseconds release)
{
    const auto idle = static_cast<double>((release - load.release).count()) * 1e-12;
    if (idle > 0 && idle * rate >= load.bytes.Count())
    {
        load = {release, bytes};
    }
    else
    {
        load.bytes += bytes;
    }
}

Picoseconds
TransferBound::EndOf(const Load& load, double rate)
{
    constexpr auto what = "the bytes of a NIC or GPU";
    constexpr double rounding = 1e-3; // picoseconds: a whole number stays one
    const auto needed = CheckedTime(std::floor(load.bytes.Count() / rate * 1e12 + rounding), what);
    return CheckedSum(load.release, needed, what);
}

Picoseconds
TransferBound::EndOfFirst(size_t resources) const
{
    Picoseconds end{0};
    for (const auto& [host, loads] : m_byHost)
    {
        for (size_t resource = 0; resource < resources; ++resource)
        {
            end = std::max(end, EndOf(loads[resource], m_server->rates[resource]));
        }
    }
    return end;
}

} // namespace mixnetcore
