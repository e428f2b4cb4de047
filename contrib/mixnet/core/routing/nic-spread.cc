/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "nic-spread.h"

#include "ns3/lists.h"

#include <algorithm>
#include <numeric>

namespace mixnetcore
{

namespace
{

constexpr uint32_t DETOURS = 9; //!< kinds of detour

/**
 * @param host Inside of both hosts. @param entry Bytes of a pair of GPUs.
 * @param nics NICs they may cross between.
 * @return how far out of the way that is; lower is nearer, below DETOURS.
 */
uint32_t
Detour(const HostPlan& host, const GpuDemand& entry, const NicPair& nics)
{
    const auto& from = host.nics[nics.from];
    const auto& to = host.nics[nics.to];
    const uint32_t halves = (host.NumaHalfOf(entry.source.gpu) != from.numaHalf) +
                            (host.NumaHalfOf(entry.destination.gpu) != to.numaHalf);
    const uint32_t delegates = (from.gpu != entry.source.gpu) + (to.gpu != entry.destination.gpu);
    return halves * 3 + delegates;
}

} // namespace

void
AssignToNics(const HostPlan& host,
             const std::vector<NicPair>& nics,
             std::vector<Bytes> room,
             const std::vector<GpuDemand>& demand,
             const NicAssignment& assign)
{
    auto left = Mapped(demand, [](const GpuDemand& entry) { return entry.bytes; });
    for (uint32_t detour = 0; detour < DETOURS; ++detour)
    {
        for (size_t n = 0; n < demand.size(); ++n)
        {
            for (size_t k = 0; k < nics.size(); ++k)
            {
                const Bytes part = std::min(left[n], room[k]);
                if (part == Bytes(0) || Detour(host, demand[n], nics[k]) != detour)
                {
                    continue;
                }
                left[n] -= part;
                room[k] -= part;
                assign({demand[n].source, demand[n].destination, part}, k);
            }
        }
    }
}

void
SpreadOverNics(const HostPlan& host,
               const std::vector<NicPair>& nics,
               const std::vector<GpuDemand>& demand,
               std::vector<Transfer>& transfers)
{
    const auto total = SumOf(demand, [](const GpuDemand& entry) { return entry.bytes; });
    std::vector<Bytes> room;
    for (size_t k = 0; k < nics.size(); ++k)
    {
        room.push_back(EvenShare(total, k, nics.size()));
    }
    AssignToNics(host, nics, std::move(room), demand, [&](const GpuDemand& part, size_t k) {
        const auto& [source, destination, bytes] = part;
        transfers.push_back({source,
                             destination,
                             bytes,
                             DelegatedRoute(host, source, destination, nics[k].from, nics[k].to)});
    });
}

} // namespace mixnetcore
