/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "round-robin.h"

namespace mixnetcore
{

uint32_t
RoundsOfCircle(uint32_t members)
{
    return members % 2 == 0 ? members - 1 : members;
}

Matching
MatchByCircle(uint32_t members, uint64_t round)
{
    const auto all = RoundsOfCircle(members);
    const auto turn = static_cast<uint32_t>(round % all);
    Matching pairs;
    for (uint32_t a = 0; a < all; ++a)
    {
        // On the circle of an odd number of places a and b are a pair if a + b = 2 * turn; the one
        // at place `turn` stays alone, or is with the member in the middle.
        const auto b = (2 * turn + all - a) % all;
        if (a < b)
        {
            pairs.emplace_back(a, b);
        }
        else if (a == b && all < members)
        {
            pairs.emplace_back(a, all);
        }
    }
    return pairs;
}

std::vector<Matching>
RoundRobin(uint32_t members)
{
    std::vector<Matching> rounds;
    for (uint32_t round = 0; members > 1 && round < RoundsOfCircle(members); ++round)
    {
        rounds.push_back(MatchByCircle(members, round));
    }
    return rounds;
}

} // namespace mixnetcore
