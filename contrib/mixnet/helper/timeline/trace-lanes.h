/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRACE_LANES_H
#define TRACE_LANES_H

#include "ns3/trace-event-file.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Lanes of a timeline for one kind of thing: what goes on at the same time gets a lane each.
 *
 * The lowest free lane is taken, so that what never overlaps has one. There is a most; beyond it
 * there is no lane, and whoever asks leaves something out. Lanes are named when they are first
 * taken.
 */
class TraceLanes
{
  public:
    using Track = TraceEventFile::Track; //!< of the timeline

    /**
     * @param first Its lane and those behind are for these.
     * @param most How many there are at most.
     * @param name Of the lanes.
     */
    TraceLanes(const Track& first, uint32_t most, std::string name);

    /// @param file The timeline. @return a lane that nobody else has until it is given back; none
    /// when all are taken.
    std::optional<Track> Take(TraceEventFile& file);

    /// @param track A lane that was taken. @brief Others may have it.
    void GiveBack(const Track& track);

  private:
    Track m_first;             //!< lane 0 of these
    uint32_t m_most;           //!< how many there are at most
    std::string m_name;        //!< of each
    std::vector<char> m_taken; //!< by lane that has a name: whether somebody has it
};

} // namespace mixnet
} // namespace ns3

#endif // TRACE_LANES_H
