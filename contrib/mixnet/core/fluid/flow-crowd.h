/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_CROWD_H
#define FLOW_CROWD_H

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Flows that always have the same rate, because they cross the same with the same weight:
 * which of them is over next.
 *
 * What each of them has carried since it joined is the progress that the crowd has made since then,
 * whatever the rate was. So a member is over at a progress that is known when it joins, and a
 * change of the rate costs the same for one member and for many; joining and leaving cost the
 * logarithm of their number.
 *
 * Progress counts from when the crowd was empty last. Members with the same end come in the order
 * of their numbers.
 */
class FlowCrowd
{
  public:
    /// @return how many members there are.
    size_t Size() const
    {
        return m_members.size();
    }

    /// @return bytes that each member has carried that was there all the time.
    double Progress() const
    {
        return m_progress;
    }

    /// @param bytes That each member has carried since the last call.
    void Advance(double bytes)
    {
        m_progress += bytes;
    }

    /// @param member A number that is not there. @param left Bytes that it has to carry.
    /// @return the progress at which it is over.
    double Join(uint32_t member, double left)
    {
        m_progress = m_members.empty() ? 0 : m_progress;
        const double end = m_progress + left;
        m_members.emplace(end, member);
        return end;
    }

    /// @param member A member. @param end The progress at which it is over. @brief It is gone.
    void Leave(uint32_t member, double end)
    {
        [[maybe_unused]] const auto left = m_members.erase({end, member});
        assert(left == 1);
    }

    /// @return the progress at which the next member is over. There is one.
    double NextEnd() const
    {
        assert(!m_members.empty());
        return m_members.begin()->first;
    }

    /// @return the number of that member.
    uint32_t Next() const
    {
        assert(!m_members.empty());
        return m_members.begin()->second;
    }

    /// @return the members and the progress at which each is over, in the order of that.
    const std::set<std::pair<double, uint32_t>>& Members() const
    {
        return m_members;
    }

  private:
    std::set<std::pair<double, uint32_t>> m_members; //!< by the progress at which they are over
    double m_progress{0};                            //!< bytes
};

} // namespace mixnetcore

#endif // FLOW_CROWD_H
