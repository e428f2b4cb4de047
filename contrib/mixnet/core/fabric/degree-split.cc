/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "degree-split.h"

#include <algorithm>

namespace mixnetcore
{

namespace
{

/// Products of bytes and NICs pass 64 bits.
__extension__ using WideBytes = unsigned __int128;

} // namespace

uint32_t
SplitDegree(Bytes allReduce, Bytes modelParallel, uint32_t degree, uint32_t nicsPerRing)
{
    if (allReduce == Bytes(0))
    {
        return 0;
    }
    const WideBytes all = WideBytes{allReduce.Count()} + modelParallel.Count();
    const auto share =
        static_cast<uint32_t>((allReduce.Count() * WideBytes{degree} + all - 1) / all);
    return std::clamp(share, nicsPerRing, degree);
}

std::vector<uint32_t>
ShareRings(const std::vector<RingShare>& groups, uint32_t hosts, uint32_t nics)
{
    std::vector<WideBytes> bytesAt(hosts);
    for (const auto& group : groups)
    {
        for (const auto host : group.hosts)
        {
            bytesAt[host] += group.bytes;
        }
    }
    std::vector<uint32_t> left(hosts, nics);
    std::vector<uint32_t> rings;
    for (const auto& group : groups)
    {
        WideBytes most = 1;
        uint32_t free = nics;
        for (const auto host : group.hosts)
        {
            most = std::max(most, bytesAt[host]);
            free = std::min(free, left[host]);
        }
        const auto share =
            static_cast<uint32_t>((2 * WideBytes{nics} * group.bytes + most) / (2 * most));
        const auto count = std::min(free, std::max(share, group.nicsPerRing)) / group.nicsPerRing;
        for (const auto host : group.hosts)
        {
            left[host] -= count * group.nicsPerRing;
        }
        rings.push_back(count);
    }
    return rings;
}

} // namespace mixnetcore
