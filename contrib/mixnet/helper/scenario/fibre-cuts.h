/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FIBRE_CUTS_H
#define FIBRE_CUTS_H

#include "fabric-options.h"

#include <optional>
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
 * @param scenario Its fabric; gets what its switches do after cuts, by --convergenceDelay and
 * --reroute.
 * @return the cuts.
 * @throws std::invalid_argument with one line that says what is wrong.
 */
std::vector<FibreCut> ParseCuts(const ProgramOptions& options, FabricScenario& scenario);

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
