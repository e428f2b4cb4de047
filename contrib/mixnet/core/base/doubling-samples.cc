/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "doubling-samples.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>

namespace mixnetcore
{

DoublingSamples::DoublingSamples(size_t counters, size_t most, Picoseconds span)
    : m_counters(counters),
      m_most(most),
      m_span(span),
      m_before(counters)
{
    if (most < 2 || span <= Picoseconds::zero())
    {
        throw std::invalid_argument("samples need a span above zero, and at least 2 of them");
    }
}

void
DoublingSamples::Add(Picoseconds at, const std::vector<uint64_t>& counters)
{
    assert(at >= m_last && counters.size() == m_counters);
    for (size_t counter = 0; counter < m_counters; ++counter)
    {
        if (counters[counter] > m_before[counter])
        {
            Spread(counter, counters[counter] - m_before[counter], at);
            m_before[counter] = counters[counter];
        }
    }
    m_last = at;
}

void
DoublingSamples::Spread(size_t counter, uint64_t growth, Picoseconds at)
{
    // What has grown at the very instant of the last reading belongs to the span after it.
    const auto end = std::max(at, m_last + Picoseconds(1));
    while (static_cast<size_t>((end - Picoseconds(1)) / m_span) >= m_most)
    {
        Double();
    }
    const auto last = static_cast<size_t>((end - Picoseconds(1)) / m_span);
    m_growth.resize(std::max(m_growth.size(), (last + 1) * m_counters));
    const double whole = double((end - m_last).count());
    uint64_t given = 0;
    for (auto sample = static_cast<size_t>(m_last / m_span); sample <= last; ++sample)
    {
        const auto until = m_span * int64_t(sample + 1) - m_last;
        const auto soFar =
            sample == last
                ? growth
                : std::min(growth, uint64_t(double(growth) * double(until.count()) / whole));
        m_growth[sample * m_counters + counter] += soFar - given;
        given = soFar;
    }
}

void
DoublingSamples::Double()
{
    const size_t spans = Size();
    for (size_t sample = 1; sample < spans; ++sample)
    {
        for (size_t counter = 0; counter < m_counters; ++counter)
        {
            auto& from = m_growth[sample * m_counters + counter];
            auto& to = m_growth[sample / 2 * m_counters + counter];
            to = sample % 2 == 0 ? from : to + from;
        }
    }
    m_growth.resize((spans + 1) / 2 * m_counters);
    m_span *= 2;
}

} // namespace mixnetcore
