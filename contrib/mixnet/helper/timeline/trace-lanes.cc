/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "trace-lanes.h"

#include <algorithm>
#include <utility>

namespace ns3
{
namespace mixnet
{

TraceLanes::TraceLanes(const Track& first, uint32_t most, std::string name)
    : m_first(first),
      m_most(most),
      m_name(std::move(name))
{
}

std::optional<TraceLanes::Track>
TraceLanes::Take(TraceEventFile& file)
{
    const auto lane =
        static_cast<uint32_t>(std::find(m_taken.begin(), m_taken.end(), char{0}) - m_taken.begin());
    if (lane >= m_most)
    {
        return std::nullopt;
    }
    const Track track{m_first.process, m_first.lane + lane};
    if (lane == m_taken.size())
    {
        m_taken.push_back(0);
        file.NameLane(track, m_name);
    }
    m_taken[lane] = 1;
    return track;
}

void
TraceLanes::GiveBack(const Track& track)
{
    m_taken.at(track.lane - m_first.lane) = 0;
}

} // namespace mixnet
} // namespace ns3
