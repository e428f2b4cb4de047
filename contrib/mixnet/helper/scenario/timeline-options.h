/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TIMELINE_OPTIONS_H
#define TIMELINE_OPTIONS_H

#include "program-options.h"

#include "ns3/mixnet-units.h"

#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief A timeline of trace events, and what it shows.
 */
struct TimelineSpec
{
    std::string file;                             //!< where it goes; empty for none
    mixnetcore::Picoseconds interval{10'000'000}; //!< of the first samples of NICs
    bool hasServers{false};                       //!< of a job: a process per server

    /// @return whether there is one.
    explicit operator bool() const
    {
        return !file.empty();
    }
};

/// @ingroup mixnet
/// @param options Options of a program that has a time axis. @brief Declares --timeline.
void AddTimelineOption(ProgramOptions& options);

/// @ingroup mixnet
/// @param options Options of a program with a fabric, and --timeline.
/// @brief Declares --timelineInterval.
void AddTimelineIntervalOption(ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Reads what AddTimelineOption() and, where it was called, AddTimelineIntervalOption()
 * declare.
 * @param options Options of a program, parsed.
 * @param folders Where the program writes its results and captures; "none" and empty for nowhere.
 * @return where to write, and how often to sample.
 * @throws std::invalid_argument with one line when the file is another of the program's, or is
 * there and no timeline.
 */
TimelineSpec ParseTimeline(const ProgramOptions& options, const std::vector<std::string>& folders);

} // namespace mixnet
} // namespace ns3

#endif // TIMELINE_OPTIONS_H
