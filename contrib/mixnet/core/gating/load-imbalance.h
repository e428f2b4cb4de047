/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef LOAD_IMBALANCE_H
#define LOAD_IMBALANCE_H

#include "ns3/mixnet-units.h"

#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief How unevenly gatings load EP ranks: the hottest rank's tokens over the mean.
 *
 * The hottest rank sets the time of the expert step: at 2 it takes twice as long as balanced.
 */
class LoadImbalance
{
  public:
    /// @param arrived Token assignments that each EP rank's experts get in one gating; one without
    /// any does not count.
    void Add(const std::vector<Tokens>& arrived);

    /// @return gatings that count.
    uint64_t Gatings() const
    {
        return m_gatings;
    }

    /// @return hottest over mean, on average over gatings; 1 without any.
    double Mean() const
    {
        return m_gatings == 0 ? 1 : m_sum / m_gatings;
    }

    /// @return hottest over mean of the most uneven gating; 1 without any.
    double Worst() const
    {
        return m_worst;
    }

  private:
    uint64_t m_gatings{0}; //!< that count
    double m_sum{0};       //!< of their ratios
    double m_worst{1};     //!< the largest of them
};

} // namespace mixnetcore

#endif // LOAD_IMBALANCE_H
