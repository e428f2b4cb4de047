/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "window-peaks.h"

#include <algorithm>
#include <cassert>

namespace mixnetcore
{

void
WindowPeaks::Add(uint32_t place, double bytes)
{
    if (place >= m_sums.size())
    {
        m_sums.resize(place + 1);
    }
    auto& sum = m_sums[place];
    sum.now += bytes;
    sum.peak = std::max(sum.peak, sum.now);
}

void
WindowPeaks::Remove(uint32_t place, double bytes)
{
    assert(place < m_sums.size());
    m_sums[place].now -= bytes;
}

void
WindowPeaks::Restart()
{
    for (auto& sum : m_sums)
    {
        sum.now = 0;
    }
}

uint32_t
WindowPeaks::Places() const
{
    return m_sums.size();
}

double
WindowPeaks::Peak(uint32_t place) const
{
    assert(place < m_sums.size());
    return m_sums[place].peak;
}

} // namespace mixnetcore
