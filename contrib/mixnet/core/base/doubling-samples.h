/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef DOUBLING_SAMPLES_H
#define DOUBLING_SAMPLES_H

#include "mixnet-units.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief By how much counters have grown in each of equal spans of time, of a run whose length is
 * not known before: when there would be too many spans, two and two become one, twice as long.
 *
 * Counters are read now and then. What one has grown by between two readings is spread evenly over
 * the time between them, and a span gets its part; so readings at Next() put it where it belongs.
 * A counter that has gone back counts again once it is where it was before.
 *
 * Guarantees: the parts of a counter add up to the most it has ever been; the last span is one in
 * which some counter has grown, so that idle time behind it costs nothing.
 *
 * Memory: 8 bytes for each counter and span.
 */
class DoublingSamples
{
  public:
    /**
     * @param counters How many counters there are, all of them 0 at time 0.
     * @param most Spans at most, at least 2.
     * @param span Length of the first ones, above zero.
     * @throws std::invalid_argument when a value is out of range.
     */
    DoublingSamples(size_t counters, size_t most, Picoseconds span);

    /// @return end of the span that time is in: when to read the counters next.
    Picoseconds Next() const
    {
        return SpanEnd(m_last);
    }

    /// @param at An instant, not before the one of the last reading; the last span that has ended
    /// by then. @return its end; not after that instant.
    Picoseconds LastEnd(Picoseconds at) const
    {
        return m_span * (at / m_span);
    }

    /**
     * @param at When counters were read; not before the last time.
     * @param counters What they were.
     */
    void Add(Picoseconds at, const std::vector<uint64_t>& counters);

    /// @return how long each span is by now.
    Picoseconds Span() const
    {
        return m_span;
    }

    /// @return spans, up to the last in which anything has grown.
    size_t Size() const
    {
        return m_counters > 0 ? m_growth.size() / m_counters : 0;
    }

    /// @param sample A span. @param counter A counter. @return by how much it has grown in it.
    uint64_t At(size_t sample, size_t counter) const
    {
        return m_growth.at(sample * m_counters + counter);
    }

  private:
    /// @param time An instant. @return end of the span that begins with it or holds it.
    Picoseconds SpanEnd(Picoseconds time) const
    {
        return m_span * (time / m_span + 1);
    }

    /// @param counter A counter. @param growth By how much it has grown until an instant.
    /// @param at That instant. @brief Spreads it over the time since the last reading.
    void Spread(size_t counter, uint64_t growth, Picoseconds at);

    /// @brief Has two spans become one.
    void Double();

    size_t m_counters;              //!< how many there are
    size_t m_most;                  //!< spans at most
    Picoseconds m_span;             //!< length of each
    Picoseconds m_last{0};          //!< when counters were read last
    std::vector<uint64_t> m_before; //!< the most they have been
    std::vector<uint64_t> m_growth; //!< by span and counter
};

} // namespace mixnetcore

#endif // DOUBLING_SAMPLES_H
