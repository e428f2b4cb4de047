/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WINDOW_PEAKS_H
#define WINDOW_PEAKS_H

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What the windows of queue pairs come to that use a place at one time, and the most that
 * was.
 *
 * A queue pair has at most a window of bytes in the network, and all of them may wait at one place.
 * So a switch whose buffer is larger than the sum of windows never pauses anybody for long.
 */
class WindowPeaks
{
  public:
    /// @param place Number of a place. @param bytes Window of a queue pair that uses it from now
    /// on.
    void Add(uint32_t place, double bytes)
    {
        if (place >= m_sums.size())
        {
            m_sums.resize(place + 1);
        }
        auto& sum = m_sums[place];
        sum.now += bytes;
        sum.peak = std::max(sum.peak, sum.now);
    }

    /// @param place Number of a place. @param bytes Window of a queue pair that was added to it.
    void Remove(uint32_t place, double bytes)
    {
        assert(place < m_sums.size());
        m_sums[place].now -= bytes;
    }

    /// @brief Nobody uses any place; peaks stay.
    void Restart()
    {
        for (auto& sum : m_sums)
        {
            sum.now = 0;
        }
    }

    /// @return places so far, numbered from 0.
    uint32_t Places() const
    {
        return m_sums.size();
    }

    /// @param place A place. @return the largest sum of windows so far, bytes.
    double Peak(uint32_t place) const
    {
        assert(place < m_sums.size());
        return m_sums[place].peak;
    }

  private:
    /// @brief A place.
    struct Sum
    {
        double now{0};  //!< of those that use it
        double peak{0}; //!< the most that was
    };

    std::vector<Sum> m_sums; //!< by place
};

} // namespace mixnetcore

#endif // WINDOW_PEAKS_H
