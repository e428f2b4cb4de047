/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FIBRE_CUTS_H
#define FIBRE_CUTS_H

#include "program-options.h"

#include "ns3/fabric-helper.h"

#include <optional>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief A fibre that is cut, and perhaps spliced.
 */
struct FibreCut
{
    uint32_t link;                                     //!< index in FabricPlan::links
    mixnetcore::Picoseconds cut;                       //!< when it is cut
    std::optional<mixnetcore::Picoseconds> restored{}; //!< when it is whole again, if ever
};

/**
 * @ingroup mixnet
 * @brief Declares the options --cut, --convergenceDelay, --reroute and --recover.
 * @param options Options of a program.
 */
void AddCutOption(ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Reads the option --cut: PORT\@TIME or PORT\@TIME-TIME, with commas in between; PORT is one
 * end of the fibre, such as host0/3 or spine1/0.
 * @param options Options of a program, read.
 * @param plan Its fabric.
 * @return the cuts.
 * @throws std::invalid_argument with one line that says what is wrong.
 */
std::vector<FibreCut> ParseCuts(const ProgramOptions& options, const mixnetcore::FabricPlan& plan);

/**
 * @ingroup mixnet
 * @param options Options of a program, read.
 * @return time from a change of a link to new tables of switches; zero without cuts.
 * @throws std::invalid_argument with one line that says what is wrong.
 */
mixnetcore::Picoseconds ParseConvergenceDelay(const ProgramOptions& options);

/**
 * @ingroup mixnet
 * @param options Options of a program, read.
 * @return which paths switches take after cuts: updown or shortest; updown without cuts.
 * @throws std::invalid_argument with one line that says what is wrong.
 */
std::string ParseReroute(const ProgramOptions& options);

/**
 * @ingroup mixnet
 * @param options Options of a program, read.
 * @return whether bytes that a route did not carry are sent on another; false without cuts.
 * @throws std::invalid_argument with one line that says what is wrong.
 */
bool ParseRecover(const ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Schedules cuts, counted from now.
 * @param cuts The cuts.
 * @param fabric The fabric.
 */
void ScheduleCuts(const std::vector<FibreCut>& cuts, const Fabric& fabric);

} // namespace mixnet
} // namespace ns3

#endif // FIBRE_CUTS_H
