/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "largest-remainder.h"

#include "checks.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace mixnetcore
{

std::vector<uint64_t>
LargestRemainder(const std::vector<uint64_t>& weights, uint64_t sum)
{
    __extension__ using Wide = unsigned __int128;
    const auto total = std::accumulate(weights.begin(), weights.end(), Wide{0});
    if (total == 0)
    {
        Refuse("weights to be scaled are all zero; expected one above zero");
    }

    std::vector<uint64_t> shares;
    std::vector<Wide> remainders;
    auto left = sum;
    for (const auto weight : weights)
    {
        const auto product = Wide{weight} * sum;
        shares.push_back(static_cast<uint64_t>(product / total));
        remainders.push_back(product % total);
        left -= shares.back();
    }

    std::vector<size_t> order(weights.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&remainders](size_t a, size_t b) {
        return remainders[a] > remainders[b];
    });
    for (size_t i = 0; i < left; ++i)
    {
        ++shares[order[i]];
    }
    return shares;
}

} // namespace mixnetcore
