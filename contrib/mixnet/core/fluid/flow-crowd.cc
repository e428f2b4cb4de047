/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-crowd.h"

#include <cassert>

namespace mixnetcore
{

size_t
FlowCrowd::Size() const
{
    return m_members.size();
}

double
FlowCrowd::Progress() const
{
    return m_progress;
}

void
FlowCrowd::Advance(double bytes)
{
    m_progress += bytes;
}

double
FlowCrowd::Join(uint32_t member, double left)
{
    m_progress = m_members.empty() ? 0 : m_progress;
    const double end = m_progress + left;
    m_members.emplace(end, member);
    return end;
}

void
FlowCrowd::Leave(uint32_t member, double end)
{
    [[maybe_unused]] const auto left = m_members.erase({end, member});
    assert(left == 1);
}

double
FlowCrowd::NextEnd() const
{
    assert(!m_members.empty());
    return m_members.begin()->first;
}

uint32_t
FlowCrowd::Next() const
{
    assert(!m_members.empty());
    return m_members.begin()->second;
}

const std::set<std::pair<double, uint32_t>>&
FlowCrowd::Members() const
{
    return m_members;
}

} // namespace mixnetcore
