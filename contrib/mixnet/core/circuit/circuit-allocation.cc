/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "circuit-allocation.h"

#include <numeric>
#include <stdexcept>
#include <string>

namespace mixnetcore
{

CircuitAllocation::CircuitAllocation(size_t endpoints)
    : m_endpoints(endpoints),
      m_counts(endpoints * endpoints)
{
}

void
CircuitAllocation::Join(size_t a, size_t b)
{
    if (a == b)
    {
        throw std::invalid_argument("a circuit joins two endpoints, not endpoint " +
                                    std::to_string(a) + " with itself");
    }
    ++m_counts[Index(a, b)];
    ++m_counts[Index(b, a)];
}

CircuitAllocation&
CircuitAllocation::operator+=(const CircuitAllocation& other)
{
    for (size_t place = 0; place < m_counts.size(); ++place)
    {
        m_counts[place] += other.m_counts.at(place);
    }
    return *this;
}

uint32_t
CircuitAllocation::CircuitsOf(size_t endpoint) const
{
    const auto row = m_counts.begin() + Index(endpoint, 0);
    return std::accumulate(row, row + m_endpoints, uint32_t{0});
}

uint32_t
CircuitAllocation::Total() const
{
    // Each circuit is counted in the rows of both its endpoints.
    return std::accumulate(m_counts.begin(), m_counts.end(), uint32_t{0}) / 2;
}

size_t
CircuitAllocation::Index(size_t a, size_t b) const
{
    for (const auto endpoint : {a, b})
    {
        if (endpoint >= m_endpoints)
        {
            throw std::invalid_argument("endpoint " + std::to_string(endpoint) +
                                        " does not exist, there are " +
                                        std::to_string(m_endpoints));
        }
    }
    return a * m_endpoints + b;
}

} // namespace mixnetcore
