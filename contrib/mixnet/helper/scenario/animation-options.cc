/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "animation-options.h"

#include "ns3/ns3-units.h"
#include "ns3/option-values.h"

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* ANIMATION = "animation";              //!< option of the file
constexpr const char* UNIT = "animationUnit";               //!< option of times
constexpr const char* WINDOW = "animationWindow";           //!< option of the window
constexpr const char* WHOLE_RUN = "all";                    //!< in place of a window
constexpr const char* NEEDED = "an animation, --animation"; //!< what the others need

} // namespace

void
AddAnimationOptions(ProgramOptions& options)
{
    const auto section = options.Section(OptionGroup::Output);
    section
        .Add(ANIMATION,
             "File for an animation that NetAnim opens (XML), or none",
             ProgramOptions::NONE)
        .Basic()
        .Output();
    section.Add(WINDOW,
                "Simulated time that the animation shows, FROM-TO as in 30ms-35ms, or all",
                WHOLE_RUN,
                NEEDED);
    section.Add("animationInterval",
                "Of each, one frame or message is drawn for each pair of NICs, and one frame for "
                "each switch and side of a server",
                "500us",
                NEEDED);
    section.Add("animationSize",
                "Largest size of the animation's file, from 100kB",
                "50MB",
                NEEDED);
    section.Add(UNIT,
                "Simulated time that NetAnim shows as a second: 1s, or 1ms or 1us so that its time "
                "slider, which has whole seconds, finds its way in a short run",
                "1s",
                NEEDED);
}

AnimationSpec
ParseAnimation(const ProgramOptions& options)
{
    AnimationSpec spec;
    if (options.Text(ANIMATION) == options.NONE)
    {
        return spec;
    }
    spec.path = options.Text(ANIMATION);
    const auto& window = options.Text(WINDOW);
    if (window != WHOLE_RUN)
    {
        const auto dash = mixnetcore::FindRangeDash(window);
        const auto from = mixnetcore::TryParseDuration(window.substr(0, dash));
        const auto until = dash == std::string::npos
                               ? std::nullopt
                               : mixnetcore::TryParseDuration(window.substr(dash + 1));
        if (!from || !until || *until <= *from)
        {
            options.Refuse(WINDOW,
                           std::string("must be all, or FROM-TO with the second after the first "
                                       "and each ") +
                               mixnetcore::DURATION_IN_WORDS);
        }
        spec.from = ToTime(*from);
        spec.until = ToTime(*until);
    }
    spec.interval = ToTime(options.Duration("animationInterval"));
    spec.unit = ToTime(*mixnetcore::TryParseDuration(options.Choice(UNIT, {"1s", "1ms", "1us"})));
    spec.mostBytes = options.Size("animationSize", 100'000, 100'000'000'000);
    return spec;
}

} // namespace mixnet
} // namespace ns3
