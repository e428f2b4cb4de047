/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "circuit-allocation.h"

#include "ns3/checks.h"

#include <numeric>

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
        Refuse(Phrase() << "a circuit joins two endpoints, not endpoint " << a << " with itself");
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
            Refuse(Phrase() << "endpoint " << endpoint << " does not exist, there are "
                            << m_endpoints);
        }
    }
    return a * m_endpoints + b;
}

void
CheckSquare(const DemandMatrix& demand, size_t endpoints)
{
    if (demand.Rows() != demand.Columns() || demand.Rows() != endpoints)
    {
        Refuse(Phrase() << "demand is " << demand.Rows() << " x " << demand.Columns()
                        << ": it must be square, with one row for each of the " << endpoints
                        << " endpoints");
    }
}

} // namespace mixnetcore
