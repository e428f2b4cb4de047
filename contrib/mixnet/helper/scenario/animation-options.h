/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ANIMATION_OPTIONS_H
#define ANIMATION_OPTIONS_H

#include "program-options.h"

#include "ns3/nstime.h"

#include <cstdint>
#include <string>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief What to write of an animation, and where to.
 */
struct AnimationSpec
{
    std::string path{};               //!< the file; empty for no animation
    Time from{};                      //!< begin of what is shown
    Time until{Time::Max()};          //!< its end
    Time interval{MicroSeconds(500)}; //!< see --animationInterval
    uint64_t mostBytes{50'000'000};   //!< largest size of the file
    Time unit{Seconds(1)};            //!< simulated time that NetAnim shows as a second
};

/**
 * @ingroup mixnet
 * @brief Declares the options of animations: --animation, --animationWindow, --animationInterval,
 * --animationSize and --animationUnit.
 * @param options Options of a program.
 */
void AddAnimationOptions(ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Reads what AddAnimationOptions declares.
 * @param options Options of a program, read.
 * @return what to write.
 * @throws std::invalid_argument with one line: option, value and range.
 */
AnimationSpec ParseAnimation(const ProgramOptions& options);

} // namespace mixnet
} // namespace ns3

#endif // ANIMATION_OPTIONS_H
