/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "option-help.h"

#include "ns3/checks.h"
#include "ns3/option-names.h"
#include "ns3/option-values.h"

#include <algorithm>
#include <sstream>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr size_t COLUMNS = 80;   //!< of a line at most
constexpr size_t OF_OPTION = 2;  //!< blanks before an option
constexpr size_t OF_MEANING = 6; //!< blanks before what is said of it
constexpr size_t OF_NAMES = 18;  //!< columns of a name in a list, at least

/**
 * @brief Prints a text in lines.
 * @param text The text. @param first Blanks before its first line. @param rest Columns before each
 * other one. @param out Where to. @param used Columns of the first line that are full already.
 */
void
PrintWrapped(const std::string& text, size_t first, size_t rest, std::ostream& out, size_t used = 0)
{
    std::istringstream words(text);
    out << std::string(first, ' ');
    size_t column = used + first;
    bool isFirst = true;
    for (std::string word; words >> word; isFirst = false)
    {
        if (!isFirst && column + 1 + word.size() > COLUMNS)
        {
            out << '\n' << std::string(rest, ' ');
            column = rest;
        }
        else if (!isFirst)
        {
            out << ' ';
            ++column;
        }
        out << word;
        column += word.size();
    }
    out << '\n';
}

/// @param option An option. @param out Where to. @brief Prints all that is said of it.
void
PrintOption(const OptionDeclaration& option, std::ostream& out)
{
    out << std::string(OF_OPTION, ' ') << "--" << option.name << '=' << option.standard << '\n';
    const auto print = [&out](const std::string& text) {
        PrintWrapped(text, OF_MEANING, OF_MEANING, out);
    };
    print(option.help);
    const auto choice = option.DescribeChoice();
    if (!choice.empty())
    {
        print("Takes: " + choice +
              (option.family.empty() ? "" : " (--list=" + option.family + ")"));
    }
    if (!option.need.empty())
    {
        print("Needs: " + option.need);
    }
}

/// @param out Where to. @brief Prints what ns-3 has for every program.
void
PrintSimulator(std::ostream& out)
{
    const auto print = [&out](const std::string& option, const std::string& meaning) {
        out << std::string(OF_OPTION, ' ') << option << '\n';
        PrintWrapped(meaning, OF_MEANING, OF_MEANING, out);
    };
    out << "\nOf ns-3, in all programs\n";
    print("--GLOBAL=VALUE", "Sets a global value, as --RngRun=2; --seed decides about RngSeed");
    print("--ns3::CLASS::ATTRIBUTE=VALUE",
          "Sets the default of an attribute, as --ns3::mixnet::RdmaNic::AckInterval=32; what an "
          "option decides about is refused");
    print("--PrintGlobals", "Prints the global values");
    print("--PrintGroups", "Prints the groups of classes");
    print("--PrintGroup=GROUP", "Prints the classes of a group, as Mixnet");
    print("--PrintTypeIds", "Prints all classes");
    print("--PrintAttributes=CLASS", "Prints the attributes of a class, as ns3::mixnet::RdmaNic");
    print("--PrintVersion", "Prints the version of ns-3");
}

} // namespace

OptionHelp::OptionHelp(std::string usage,
                       std::vector<std::string> examples,
                       std::vector<OptionDeclaration> options)
    : m_usage(std::move(usage)),
      m_examples(std::move(examples)),
      m_options(std::move(options))
{
    std::stable_sort(m_options.begin(), m_options.end(), [](const auto& a, const auto& b) {
        return a.group < b.group;
    });
}

std::vector<std::string>
OptionHelp::Groups() const
{
    std::vector<std::string> names;
    for (const auto group : AllOptionGroups())
    {
        if (std::any_of(m_options.begin(), m_options.end(), [&](const OptionDeclaration& option) {
                return option.group == group;
            }))
        {
            names.push_back(NameOf(group));
        }
    }
    return names;
}

std::vector<std::string>
OptionHelp::Families() const
{
    std::vector<std::string> families;
    for (const auto& option : m_options)
    {
        if (option.names &&
            std::find(families.begin(), families.end(), option.family) == families.end())
        {
            families.push_back(option.family);
        }
    }
    return families;
}

void
OptionHelp::PrintHead(std::ostream& out) const
{
    PrintWrapped(m_usage, 0, 0, out);
    out << (m_examples.empty() ? "" : "\n");
    for (const auto& example : m_examples)
    {
        out << std::string(OF_OPTION, ' ') << "./ns3 run \"" << example << "\"\n";
    }
}

void
OptionHelp::PrintGroup(OptionGroup group, bool isShort, std::ostream& out) const
{
    bool hasHeading = false;
    for (const auto& option : m_options)
    {
        if (option.group != group || (isShort && !option.isBasic))
        {
            continue;
        }
        if (!hasHeading)
        {
            out << TitleOf(group) << " (--help=" << NameOf(group) << ")\n";
            hasHeading = true;
        }
        PrintOption(option, out);
    }
}

void
OptionHelp::PrintGroups(bool isShort, std::ostream& out) const
{
    for (const auto group : AllOptionGroups())
    {
        std::ostringstream text;
        PrintGroup(group, isShort, text);
        out << (text.str().empty() ? "" : "\n") << text.str();
    }
}

void
OptionHelp::PrintShort(std::ostream& out) const
{
    const size_t basic =
        std::count_if(m_options.begin(), m_options.end(), [](const OptionDeclaration& option) {
            return option.isBasic;
        });
    if (basic == 0)
    {
        Print(ALL, out);
        return;
    }
    PrintHead(out);
    out << '\n';
    PrintWrapped(mixnetcore::Phrase()
                     << "Options are given as --NAME=VALUE and shown with their defaults. These "
                     << "are the most used, " << basic << " of " << m_options.size() << ":",
                 0,
                 0,
                 out);
    PrintGroups(true, out);
    out << '\n';
    PrintWrapped("--help=all shows all options, --help=GROUP those of a group: " +
                     mixnetcore::JoinNames(Groups()) + "." +
                     (HasNames() ? " --list explains all names that options take." : ""),
                 0,
                 0,
                 out);
}

void
OptionHelp::Print(const std::string& group, std::ostream& out) const
{
    auto known = Groups();
    known.insert(known.begin(), ALL);
    const auto name = mixnetcore::ParseChoice("help", group, known);
    if (name == ALL)
    {
        PrintHead(out);
        PrintGroups(false, out);
        PrintSimulator(out);
        return;
    }
    for (const auto one : AllOptionGroups())
    {
        if (name == NameOf(one))
        {
            PrintGroup(one, false, out);
        }
    }
}

void
OptionHelp::PrintFamily(const std::string& family, std::ostream& out) const
{
    std::vector<std::string> takers;
    const mixnetcore::RegistryNames* names = nullptr;
    for (const auto& option : m_options)
    {
        if (option.names && option.family == family)
        {
            takers.push_back("--" + option.name);
            names = option.names;
        }
    }
    PrintWrapped(family + " (--list=" + family + "), of " + mixnetcore::JoinNames(takers) +
                     names->Otherwise(),
                 0,
                 0,
                 out);
    size_t width = OF_NAMES;
    for (const auto& name : names->Names())
    {
        width = std::max(width, name.size() + 2);
    }
    for (const auto& name : names->Names())
    {
        out << std::string(OF_OPTION, ' ') << name;
        PrintWrapped(names->SummaryOf(name),
                     width - name.size(),
                     OF_OPTION + width,
                     out,
                     OF_OPTION + name.size());
    }
}

void
OptionHelp::PrintNames(const std::string& family, std::ostream& out) const
{
    const auto known = Families();
    auto wanted = family;
    for (const auto& option : m_options)
    {
        if (option.names && mixnetcore::LowerCase(option.name) == mixnetcore::LowerCase(family))
        {
            wanted = option.family;
        }
    }
    auto words = known;
    words.insert(words.begin(), ALL);
    wanted = mixnetcore::ParseChoice("list", wanted, words);
    for (const auto& one : known)
    {
        if (wanted == ALL || wanted == one)
        {
            out << (wanted == ALL && one != known.front() ? "\n" : "");
            PrintFamily(one, out);
        }
    }
}

} // namespace mixnet
} // namespace ns3
