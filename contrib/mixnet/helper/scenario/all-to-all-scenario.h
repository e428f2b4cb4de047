/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ALL_TO_ALL_SCENARIO_H
#define ALL_TO_ALL_SCENARIO_H

#include "animation-options.h"
#include "capture-options.h"
#include "fabric-options.h"
#include "fibre-cuts.h"
#include "timeline-options.h"

#include "ns3/traffic-pattern.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Everything that decides a run of the program all-to-all, checked.
 */
struct AllToAllScenario
{
    OptionRecord options;                    //!< all options in force
    std::string source;                      //!< where the flows come from, for people
    std::vector<mixnetcore::FlowSpec> flows; //!< what is sent
    FabricScenario fabric;                   //!< over what
    std::vector<FibreCut> cuts;              //!< counted from the start of the flows
    bool recover;                            //!< whether lost bytes are sent on another route
    AnimationSpec animation;                 //!< for NetAnim
    CaptureSpec capture;                     //!< packet captures
    mixnetcore::Picoseconds rateInterval{0}; //!< between samples of rates; zero for none
    mixnetcore::Picoseconds timeLimit{0};    //!< simulated time at most; zero for no limit
    uint64_t seed{1};                        //!< seed of everything random
    std::string output;                      //!< folder for results, or FabricScenario::NONE
    TimelineSpec timeline;                   //!< timeline of trace events, if any
};

/**
 * @ingroup mixnet
 * @return the options of the program all-to-all with their defaults: eight endpoints on a fat-tree
 * of sixteen servers.
 */
ProgramOptions DeclareAllToAllOptions();

/**
 * @ingroup mixnet
 * @brief Reads the options of the program all-to-all.
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return the scenario.
 * @throws std::invalid_argument with one line that says which option, file or value is wrong.
 */
AllToAllScenario ParseAllToAllScenario(int argc, char* argv[]);

} // namespace mixnet
} // namespace ns3

#endif // ALL_TO_ALL_SCENARIO_H
