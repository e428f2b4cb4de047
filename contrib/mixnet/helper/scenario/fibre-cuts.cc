/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fibre-cuts.h"

#include "ns3/checks.h"
#include "ns3/forwarding-plan.h"
#include "ns3/lists.h"
#include "ns3/ns3-units.h"
#include "ns3/option-values.h"
#include "ns3/port-names.h"
#include "ns3/registry.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* CUT = "cut"; //!< the option

/// @return rules of paths after cuts.
mixnetcore::Registry<mixnetcore::PathRule>&
PathRules()
{
    static mixnetcore::Registry<mixnetcore::PathRule> registry(
        "rule of paths",
        {{FabricScenario::UP_DOWN,
          mixnetcore::PathRule::UpDown,
          "up, then down, and never up again: pauses cannot deadlock; where there is none messages "
          "fail"},
         {"shortest",
          mixnetcore::PathRule::Shortest,
          "also down and up again, where pauses may deadlock"}});
    return registry;
}

/// @param cut A cut, or all. @param reason Why it is refused. @throws std::invalid_argument always.
[[noreturn]] void
RefuseCut(const std::string& cut, const std::string& reason)
{
    mixnetcore::Refuse(std::string("option --") + CUT + "=" + cut + ": " + reason);
}

/**
 * @param cut The cut, for messages. @param text One of its times.
 * @return the time.
 */
mixnetcore::Picoseconds
ParseTime(const std::string& cut, const std::string& text)
{
    const auto time = mixnetcore::TryParseDuration(text);
    if (!time)
    {
        RefuseCut(cut, "'" + text + "' must be " + mixnetcore::DURATION_IN_WORDS);
    }
    return *time;
}

/**
 * @param text One cut. @param plan The fabric.
 * @return the cut.
 */
FibreCut
ParseCut(const std::string& text, const mixnetcore::FabricPlan& plan)
{
    const auto at = text.find('@');
    if (at == std::string::npos)
    {
        RefuseCut(text, "must be PORT@TIME or PORT@TIME-TIME, as in host0/0@1ms-2ms");
    }
    const auto ports = mixnetcore::ParsePorts(CUT, text.substr(0, at), plan);
    if (ports.size() != 1)
    {
        RefuseCut(text, "must name one port");
    }
    const auto times = text.substr(at + 1);
    const auto dash = mixnetcore::FindRangeDash(times);
    FibreCut cut{0, ParseTime(text, times.substr(0, dash))};
    if (dash != std::string::npos)
    {
        cut.restored = ParseTime(text, times.substr(dash + 1));
        if (*cut.restored <= cut.cut)
        {
            RefuseCut(text, "the second time must be after the first");
        }
    }
    const auto isEnd = [&](const mixnetcore::PortPlan& port) {
        return port.node == ports.front().node && port.port == ports.front().port;
    };
    const auto link =
        std::find_if(plan.links.begin(), plan.links.end(), [&](const mixnetcore::LinkPlan& one) {
            return isEnd(one.a) || isEnd(one.b);
        });
    if (link == plan.links.end())
    {
        RefuseCut(text, "the port has no fibre");
    }
    cut.link = link - plan.links.begin();
    return cut;
}

/**
 * @param cuts The cuts. @param text The whole option, for messages.
 * @throws std::invalid_argument when a fibre is cut again before it has been spliced.
 */
void
CheckOneAfterAnother(std::vector<FibreCut> cuts, const std::string& text)
{
    std::sort(cuts.begin(), cuts.end(), [](const FibreCut& a, const FibreCut& b) {
        return a.link != b.link ? a.link < b.link : a.cut < b.cut;
    });
    for (size_t next = 1; next < cuts.size(); ++next)
    {
        const auto& before = cuts[next - 1];
        if (before.link == cuts[next].link &&
            (!before.restored || cuts[next].cut <= *before.restored))
        {
            RefuseCut(text, "a fibre must be spliced before it is cut again");
        }
    }
}

} // namespace

void
AddCutOption(ProgramOptions& options)
{
    const auto section = options.Section(OptionGroup::Failures);
    section.Add(CUT,
                "Fibres that are cut, PORT@TIME, or cut and spliced, PORT@TIME-TIME, with commas "
                "in between, as in host0/0@1ms-2ms; or none",
                FabricScenario::NONE);
    section.Add("convergenceDelay",
                "Time from a link between packet switches going down or up to new tables",
                "0us",
                "links that change, --cut");
    section
        .Add("reroute",
             "Paths when links between packet switches are cut",
             FabricScenario::UP_DOWN,
             "links that change, --cut")
        .OneOf("rerouting", PathRules());
    section
        .Add("recover",
             "Whether bytes that a route did not carry, after a NIC's timeout, are sent on another "
             "one, over other electrical NICs or another server, as a collective library that "
             "recovers would",
             "no",
             "links that change, --cut")
        .YesOrNo();
}

std::vector<FibreCut>
ParseCuts(const ProgramOptions& options, FabricScenario& scenario)
{
    if (options.Text(CUT) == FabricScenario::NONE)
    {
        return {};
    }
    const auto cuts =
        mixnetcore::Mapped(mixnetcore::ParseList(CUT, options.Text(CUT)),
                           [&](const std::string& text) { return ParseCut(text, scenario.plan); });
    CheckOneAfterAnother(cuts, options.Text(CUT));
    scenario.convergenceDelay = options.Duration("convergenceDelay");
    scenario.reroute = options.Choice("reroute", PathRules().Names());
    return cuts;
}

void
ScheduleCuts(const std::vector<FibreCut>& cuts, const Fabric& fabric)
{
    for (const auto& cut : cuts)
    {
        const auto& fibre = fabric.fibres.at(cut.link);
        Simulator::Schedule(ToTime(cut.cut), &Fibre::Cut, fibre);
        if (cut.restored)
        {
            Simulator::Schedule(ToTime(*cut.restored), &Fibre::Restore, fibre);
        }
    }
}

} // namespace mixnet
} // namespace ns3
