/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "option-hints.h"

#include "ns3-settings.h"
#include "option-index.h"

#include "ns3/checks.h"
#include "ns3/lists.h"
#include "ns3/option-names.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

OptionHints::OptionHints(std::vector<OptionDeclaration> options)
    : m_options(std::move(options)),
      m_names(mixnetcore::Mapped(m_options,
                                 [](const OptionDeclaration& option) { return option.name; }))
{
}

bool
OptionHints::IsYesOrNo(const std::string& name) const
{
    return std::any_of(m_options.begin(), m_options.end(), [&name](const auto& option) {
        return option.name == name && option.isYesOrNo;
    });
}

std::string
OptionHints::OfName(const std::string& name) const
{
    const std::string forAll = "; --help=all lists the options";
    if (name.find("::") != std::string::npos)
    {
        return SuggestSetting(name);
    }
    if (const auto same = mixnetcore::FindName(m_names, name))
    {
        return "; did you mean --" + *same + "? Upper and lower case matter";
    }
    const auto programs = ProgramsWithOption(name);
    if (!programs.empty())
    {
        const auto near = mixnetcore::SuggestName(m_names, name, "--");
        return ": it is one of " + mixnetcore::JoinNames(programs) +
               (near.empty() ? "; --help=all lists those of this program" : near);
    }
    for (const std::string no : {"no-", "no"})
    {
        const auto rest = name.rfind(no, 0) == 0 ? name.substr(no.size()) : "";
        const auto flag = mixnetcore::FindName(m_names, rest);
        if (flag && IsYesOrNo(*flag))
        {
            return "; did you mean --" + *flag + "=no?";
        }
    }
    for (const auto& guess : {mixnetcore::SuggestName(m_names, name, "--"), SuggestSetting(name)})
    {
        if (!guess.empty())
        {
            return guess;
        }
    }
    const auto other = NearestOptionOfPrograms(name);
    return other.name.empty() ? forAll
                              : "; did you mean --" + other.name + ", of " + other.program + "?" +
                                    forAll.substr(1) + " of this program";
}

std::string
OptionHints::OfArgument(const std::string& argument) const
{
    size_t begin = 0;
    // What word processors make of dashes counts as such.
    for (const std::string dash : {"\u2014", "\u2013", "\u2212", "-"})
    {
        begin = argument.rfind(dash, 0) == 0 ? dash.size() : begin;
    }
    const auto equals = std::min(argument.find('='), argument.size());
    const auto name = argument.substr(begin, std::max(begin, equals) - begin);
    auto names = m_names;
    names.emplace_back("help");
    const auto known = mixnetcore::NearestName(names, name);
    return known ? "; did you mean --" + *known + argument.substr(equals) + "?"
                 : "; options are given as --name=value, see --help";
}

void
OptionHints::RefuseBare(const OptionDeclaration& option, const std::string& next)
{
    const auto& name = option.name;
    const bool hasNext = !next.empty() && next.rfind('-', 0) != 0;
    const auto form = [&name](const std::string& value) { return "--" + name + "=" + value; };
    mixnetcore::Refuse("option --" + name + " needs a value: " +
                       (hasNext ? form(next)
                        : option.isYesOrNo
                            ? form("yes") + " or " + form("no")
                            : form("value") + ", as " + form(option.standard) + ", its default"));
}

} // namespace mixnet
} // namespace ns3
