/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_CAPS_H
#define FLOW_CAPS_H

#include <cstdint>
#include <limits>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Rates that flows have at most, whatever they cross; takes memory only once any has one.
class FlowCaps
{
  public:
    /// @param flow A flow. @return its rate at most, bytes per second; infinity for no cap.
    double Of(uint32_t flow) const
    {
        return flow < m_caps.size() ? m_caps[flow] : NO_CAP;
    }

    /// @param flow A flow. @param cap Its rate at most, bytes per second; infinity for no cap.
    void Set(uint32_t flow, double cap)
    {
        if (flow >= m_caps.size() && cap < NO_CAP)
        {
            m_caps.resize(flow + 1, NO_CAP);
        }
        if (flow < m_caps.size())
        {
            m_caps[flow] = cap;
        }
    }

  private:
    static constexpr double NO_CAP = std::numeric_limits<double>::infinity(); //!< bytes per second

    std::vector<double> m_caps; //!< by flow, as far as any has one
};

} // namespace mixnetcore

#endif // FLOW_CAPS_H
