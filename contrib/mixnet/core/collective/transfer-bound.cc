/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "transfer-bound.h"

#include "ns3/checks.h"

#include <algorithm>
#include <cmath>
#include <iterator>

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
    const auto add = [&](std::vector<Load>& loads, const std::vector<uint32_t>& crossed) {
        for (const auto resource : crossed)
        {
            AddTo(loads[resource], transfer.bytes, release);
        }
    };
    const auto& server = *m_server;
    for (const auto& leg : transfer.route)
    {
        if (const auto* nvswitch = std::get_if<NvswitchLeg>(&leg))
        {
            add(LoadsOf(nvswitch->host),
                server.between.at(nvswitch->fromGpu * server.gpus + nvswitch->toGpu));
            continue;
        }
        const auto& rdma = std::get<RdmaLeg>(leg);
        auto& from = LoadsOf(rdma.from.host);
        AddTo(from.at(rdma.from.nic), transfer.bytes, release);
        add(from, server.intoNic.at(rdma.from.nic));
        auto& to = LoadsOf(rdma.to.host);
        AddTo(to.at(server.nics + rdma.to.nic), transfer.bytes, release);
        add(to, server.outOfNic.at(rdma.to.nic));
    }
}

void
TransferBound::AddTo(Load& load, Bytes bytes, Picoseconds release)
{
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

Picoseconds
TransferBound::EndOf(const Load& load, double rate)
{
    Picoseconds end{0};
    Bytes later;
    for (auto release = load.rbegin(); release != load.rend(); ++release)
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
