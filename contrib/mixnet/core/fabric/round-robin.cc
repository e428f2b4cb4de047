/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "round-robin.h"

#include <algorithm>
#include <utility>

namespace mixnetcore
{

std::vector<Matching>
RoundRobin(uint32_t members)
{
    std::vector<Matching> rounds;
    if (members < 2)
    {
        return rounds;
    }
    const uint32_t circle = members + members % 2 - 1; // the last is in the middle, or nobody
    for (uint32_t round = 0; round < circle; ++round)
    {
        Matching matching;
        const auto add = [&](uint32_t a, uint32_t b) {
            if (a < members && b < members)
            {
                matching.emplace_back(std::min(a, b), std::max(a, b));
            }
        };
        add(circle, round);
        for (uint32_t k = 1; k <= circle / 2; ++k)
        {
            add((round + k) % circle, (round + circle - k) % circle);
        }
        std::sort(matching.begin(), matching.end());
        rounds.push_back(std::move(matching));
    }
    return rounds;
}

} // namespace mixnetcore
