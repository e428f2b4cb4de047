/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "route.h"

#include <algorithm>

namespace mixnetcore
{

Transfer
Transfer::First(Bytes first) const
{
    __extension__ using Wide = unsigned __int128;
    auto part = *this;
    part.bytes = first;
    if (padding > Bytes(0))
    {
        const auto payload = Wide{Payload().Count()} * first.Count() / bytes.Count();
        part.padding = first - Bytes(static_cast<uint64_t>(payload));
    }
    return part;
}

Transfer
Transfer::Rest(Bytes first) const
{
    auto rest = *this;
    rest.bytes = bytes - first;
    rest.padding = padding - First(first).padding;
    return rest;
}

bool
IsRelayed(const Route& route)
{
    const auto legs = std::count_if(route.begin(), route.end(), [](const RouteLeg& leg) {
        return std::holds_alternative<RdmaLeg>(leg);
    });
    return legs > 1;
}

std::vector<uint32_t>
RelaysOf(const Route& route)
{
    std::vector<uint32_t> relays;
    bool isAway = false;
    for (const auto& leg : route)
    {
        if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
        {
            if (isAway)
            {
                relays.push_back(rdma->from.host);
            }
            isAway = true;
        }
    }
    return relays;
}

} // namespace mixnetcore
