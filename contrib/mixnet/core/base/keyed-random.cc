/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "keyed-random.h"

#include <numeric>
#include <utility>

namespace mixnetcore
{

KeyedRandom::KeyedRandom(uint64_t seed)
    : m_state(seed)
{
}

double
KeyedRandom::NearNormal() const
{
    // Twelve uniform numbers of 16 bits each; each has the mean 32767.5 and variance 2^32 / 12.
    constexpr int words = 3;
    constexpr int64_t mean = 12 * 65535 / 2;
    int64_t sum = 0;
    for (int word = 0; word < words; ++word)
    {
        const auto bits = Bits(word);
        for (int shift = 0; shift < 64; shift += 16)
        {
            sum += static_cast<int64_t>((bits >> shift) & 0xFFFF);
        }
    }
    return static_cast<double>(sum - mean) / 65536;
}

std::vector<size_t>
KeyedRandom::Permutation(size_t size) const
{
    std::vector<size_t> order(size);
    std::iota(order.begin(), order.end(), size_t{0});
    for (size_t left = size; left > 1; --left)
    {
        std::swap(order[left - 1], order[Bits(left - 1) % left]);
    }
    return order;
}

} // namespace mixnetcore
