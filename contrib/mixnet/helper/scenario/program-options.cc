/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "program-options.h"

#include "ns3-settings.h"
#include "option-index.h"

#include "ns3/checks.h"
#include "ns3/command-line.h"
#include "ns3/global-value.h"
#include "ns3/json-fields.h"
#include "ns3/lists.h"
#include "ns3/mixnet-version.h"
#include "ns3/option-names.h"
#include "ns3/preset.h"
#include "ns3/result-folder.h"
#include "ns3/string.h"
#include "ns3/type-id.h"

#include <algorithm>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stdexcept>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* CONFIG = "config";       //!< option that names a file of options
constexpr const char* LIST = "list";           //!< option that lists names
constexpr const char* QUIET = "quiet";         //!< option that prints nothing
constexpr const char* PRESET = "preset";       //!< option that names a preset
constexpr const char* FABRIC = "fabric";       //!< option that decides about a preset's values
constexpr const char* SEED = "seed";           //!< option of programs that draw numbers
constexpr const char* SEED_OF_NS3 = "RngSeed"; //!< global value that such programs set from it
/// Global value that decides who runs events; what is not the default runs in real time, or needs
/// several processes.
constexpr const char* SIMULATOR = "SimulatorImplementationType";

/// @param argument One argument. @return whether it asks ns-3 to print something.
bool
IsPrint(const std::string& argument)
{
    static const std::set<std::string> prints{"--version",
                                              "--PrintVersion",
                                              "--PrintGlobals",
                                              "--PrintGroups",
                                              "--PrintGroup",
                                              "--PrintTypeIds",
                                              "--PrintAttributes"};
    return prints.count(argument.substr(0, argument.find('='))) > 0;
}

/// @param argument One argument. @throws std::invalid_argument when it is not UTF-8, since results
/// could not say then with which options they were made.
void
CheckText(const std::string& argument)
{
    try
    {
        nlohmann::json(argument).dump();
    }
    catch (const nlohmann::json::exception&)
    {
        std::ostringstream text;
        text << std::hex << std::setfill('0');
        for (const unsigned char byte : argument)
        {
            const bool isPlain = byte >= 0x20 && byte < 0x7f;
            isPlain ? text << byte : text << "\\x" << std::setw(2) << +byte;
        }
        mixnetcore::Refuse("argument " + text.str() +
                           ": must be text in UTF-8, to be recorded with the results; "
                           "rename the file or folder");
    }
}

} // namespace

int ProgramOptions::s_open = 0;

std::string
OptionRecord::DescribePreset() const
{
    return preset == ProgramOptions::NONE || preset.empty()
               ? ""
               : "Preset " + preset + (presetTitle.empty() ? "" : ": " + presetTitle) + "\n";
}

nlohmann::ordered_json
OptionRecord::Summary(const std::string& program) const
{
    return {{"schemaVersion", ResultFolder::SCHEMA_VERSION},
            {"program", program},
            {"executable", executable},
            {"version", mixnetcore::VERSION},
            {"options", values},
            {"preset", preset},
            {"droppedOptions", dropped}};
}

ProgramOptions::ProgramOptions(std::string usage, std::vector<std::string> examples)
    : m_usage(std::move(usage)),
      m_examples(std::move(examples))
{
    Add(CONFIG, "JSON file with options, such as summary.json of an earlier run, or none", NONE)
        .In(OptionGroup::General);
    Add(LIST,
        "Explains the names that options take, and ends: --list for all, --list=FAMILY for those "
        "of one family, such as --list=fabrics",
        "no",
        "options that take names")
        .In(OptionGroup::General)
        .bare = OptionHelp::ALL;
    Add(QUIET,
        "Whether nothing is printed on standard output; errors, notes and files stay. Without a "
        "file to write only the exit code is left, which a note says",
        "no")
        .In(OptionGroup::Output)
        .YesOrNo()
        .bare = "yes";
}

OptionDeclaration&
ProgramOptions::Add(const std::string& name,
                    const std::string& help,
                    const std::string& value,
                    const std::string& need)
{
    m_order.push_back(name);
    auto& option = m_options[name];
    option = {};
    option.declared.name = name;
    option.declared.help = help;
    option.declared.standard = value;
    option.declared.need = need;
    option.value = value;
    return option.declared;
}

OptionSection
ProgramOptions::Section(OptionGroup group)
{
    return {*this, group};
}

void
ProgramOptions::AddPresets(const std::vector<std::string>& fabrics)
{
    m_fabrics = fabrics;
    Add(PRESET,
        "Values of many options at once, by name or from a file "
        "(contrib/mixnet/presets/README.md), or none",
        NONE)
        .In(OptionGroup::General)
        .Basic()
        .OneOf("presets", mixnetcore::Presets(), {NONE});
}

void
ProgramOptions::Withdraw(const std::vector<std::string>& names, const std::string& need)
{
    for (const auto& name : names)
    {
        auto& option = m_options.at(name);
        option.isWithdrawn = true;
        option.declared.need = need;
    }
}

void
ProgramOptions::WithdrawAllBut(const std::vector<std::string>& names, const std::string& need)
{
    for (const auto& name : m_order)
    {
        if (name != CONFIG && name != LIST && name != QUIET &&
            std::find(names.begin(), names.end(), name) == names.end())
        {
            Withdraw({name}, need);
        }
    }
}

std::vector<std::string>
ProgramOptions::Names() const
{
    std::vector<std::string> names;
    std::copy_if(m_order.begin(),
                 m_order.end(),
                 std::back_inserter(names),
                 [this](const auto& name) { return !At(name).isWithdrawn; });
    return names;
}

OptionHelp
ProgramOptions::Help() const
{
    return {m_usage, m_examples, mixnetcore::Mapped(Names(), [this](const std::string& name) {
                return At(name).declared;
            })};
}

OptionHints
ProgramOptions::Hints() const
{
    return OptionHints(
        mixnetcore::Mapped(m_order, [this](const std::string& name) { return At(name).declared; }));
}

void
ProgramOptions::PrintHelpIfAsked(const std::vector<std::string>& arguments) const
{
    static const std::set<std::string> words{"-h", "-help", "--help", "--PrintHelp"};
    for (const auto& argument : arguments)
    {
        const auto equals = argument.find('=');
        if (words.count(argument.substr(0, equals)) == 0)
        {
            continue;
        }
        if (equals == std::string::npos)
        {
            Help().PrintShort(std::cout);
        }
        else
        {
            Help().Print(argument.substr(equals + 1), std::cout);
        }
        throw ProgramEnded();
    }
}

void
ProgramOptions::PrintNamesIfAsked() const
{
    const auto family = mixnetcore::LowerCase(Text(LIST));
    static const std::set<std::string> no{"no", "false", "0"};
    static const std::set<std::string> yes{"yes", "true", "1"};
    if (no.count(family) > 0)
    {
        return;
    }
    Settle("to stand without --list");
    Help().PrintNames(yes.count(family) > 0 ? OptionHelp::ALL : Text(LIST), std::cout);
    throw ProgramEnded();
}

bool
ProgramOptions::TakeOwn(const std::vector<std::string>& arguments, size_t at)
{
    const auto& argument = arguments[at];
    const auto equals = argument.find('=');
    const auto found = argument.rfind("--", 0) == 0 ? m_options.find(argument.substr(2, equals - 2))
                                                    : m_options.end();
    if (found == m_options.end())
    {
        return false;
    }
    auto& [name, option] = *found;
    if (equals == std::string::npos && option.declared.bare.empty())
    {
        OptionHints::RefuseBare(option.declared,
                                at + 1 < arguments.size() ? arguments[at + 1] : "");
    }
    const auto value =
        equals == std::string::npos ? option.declared.bare : argument.substr(equals + 1);
    if (value.empty())
    {
        OptionHints::RefuseBare(option.declared, "");
    }
    if (option.origin == Origin::CommandLine)
    {
        mixnetcore::Refuse("option --" + name + "=" + value + ": is given twice, first as " +
                           option.value);
    }
    option.value = value;
    option.origin = Origin::CommandLine;
    return true;
}

bool
ProgramOptions::TakeFrom(const std::string& name,
                         const std::string& value,
                         Origin origin,
                         const std::string& where)
{
    const auto option = m_options.find(name);
    if (option == m_options.end())
    {
        const bool isSetting = IsSetting(name);
        if (isSetting && m_settings.count(name) == 0)
        {
            CheckSetting(name, value, where + ": " + name + "=" + value);
            m_settings[name] = value;
        }
        return isSetting;
    }
    if (value.empty())
    {
        mixnetcore::Refuse(where + ": \"" + name + "\" has an empty value");
    }
    if (option->second.origin < origin)
    {
        option->second.origin = origin;
        option->second.value = value;
    }
    return true;
}

void
ProgramOptions::TakeConfig()
{
    const auto path = Text(CONFIG);
    if (path == NONE)
    {
        return;
    }
    const auto where = "option --config=" + path;
    auto json = mixnetcore::ParseJsonText(mixnetcore::ReadTextFile(path, "options"),
                                          path,
                                          "options and their values, or a summary.json");
    if (json.is_object() && json.contains("options"))
    {
        // A preset of that run is all in its options.
        const auto preset = json.find(PRESET);
        if (preset != json.end() && preset->is_string() && Has(PRESET) &&
            At(PRESET).origin == Origin::Default)
        {
            m_preset = preset->get<std::string>();
        }
        json = nlohmann::json(json.at("options"));
    }
    if (!json.is_object())
    {
        mixnetcore::Refuse(where + ": must hold an object of options and their values");
    }
    for (const auto& [name, value] : json.items())
    {
        const auto wrong = where + ": \"" + name + "\": " + mixnetcore::ShowJson(value);
        if (!value.is_string())
        {
            mixnetcore::Refuse(wrong + (Has(name) || IsSetting(name)
                                            ? " must be a text, as on the command line"
                                            : " is no option of this program"));
        }
        if (name != CONFIG && !TakeFrom(name, value.get<std::string>(), Origin::Config, where))
        {
            mixnetcore::Refuse(wrong + " is no option of this program" + Hints().OfName(name));
        }
    }
}

void
ProgramOptions::TakePreset()
{
    if (!Has(PRESET) || Text(PRESET) == NONE)
    {
        return;
    }
    const auto where = std::string("option --") + PRESET + "=" + Text(PRESET);
    const auto preset = Made(PRESET, [this] { return mixnetcore::FindPreset(Text(PRESET)); });
    m_preset = preset.name;
    m_presetTitle = preset.title;
    const auto take = [&](const std::string& name, const std::string& value) {
        if (name == PRESET || name == CONFIG ||
            (!TakeFrom(name, value, Origin::Preset, where) && ProgramsWithOption(name).empty()))
        {
            mixnetcore::Refuse(where + ": \"" + name + "\" is no option of any program" +
                               mixnetcore::SuggestName(m_order, name));
        }
        if (!Has(name) && !IsSetting(name))
        {
            m_reading->dropped.push_back("--" + name + "=" + value);
        }
    };
    // The fabric first: it decides about others.
    const auto fabric = preset.options.find(FABRIC);
    if (fabric != preset.options.end())
    {
        TakeFrom(FABRIC, fabric->second, Origin::Preset, where);
    }
    for (const auto& [name, value] : preset.ValuesFor(Has(FABRIC) ? Peek(FABRIC) : ""))
    {
        take(name, value);
    }
    for (const auto& [other, values] : preset.fabrics)
    {
        if (std::find(m_fabrics.begin(), m_fabrics.end(), other) == m_fabrics.end())
        {
            mixnetcore::Refuse(where + ": fabrics." + other + ": must be one of " +
                               mixnetcore::JoinNames(m_fabrics));
        }
        for (const auto& [name, value] : values)
        {
            if (!Has(name) && !IsSetting(name) && ProgramsWithOption(name).empty())
            {
                take(name, value); // refuses it
            }
        }
    }
}

void
ProgramOptions::TakeEnvironment()
{
    for (const auto* variable : {"NS_GLOBAL_VALUE", "NS_ATTRIBUTE_DEFAULT"})
    {
        const char* const text = std::getenv(variable);
        std::istringstream entries(text ? text : "");
        for (std::string entry; std::getline(entries, entry, ';');)
        {
            const auto equals = entry.find('=');
            const auto name = entry.substr(0, equals);
            const auto where = std::string("environment variable ") + variable + ": " + entry;
            if (equals == std::string::npos || !IsSetting(name))
            {
                mixnetcore::Refuse(where + ": must be NAME=VALUE with the name of a " +
                                   "global value or an attribute of ns-3");
            }
            if (m_settings.count(name) == 0)
            {
                CheckSetting(name, entry.substr(equals + 1), where);
                m_settings[name] = entry.substr(equals + 1);
            }
        }
        // From here on the settings hold, in their order; ns-3 would put these before them.
        unsetenv(variable);
    }
}

void
ProgramOptions::CheckSetting(const std::string& name,
                             const std::string& value,
                             const std::string& where) const
{
    const auto fault = FaultOfSetting(name, value);
    if (!fault.empty())
    {
        mixnetcore::Refuse(where + ": " + fault);
    }
    if (name == SEED_OF_NS3 && Has(SEED))
    {
        mixnetcore::Refuse(where + ": must be --" + SEED + "=" + value +
                           ", the seed of everything random");
    }
    const auto reserved = m_reserved.find(name);
    if (reserved != m_reserved.end())
    {
        mixnetcore::Refuse(where + ": must be --" + reserved->second + ", which decides about it");
    }
    if (name == SIMULATOR && value != "ns3::DefaultSimulatorImpl")
    {
        mixnetcore::Refuse(where + ": must be ns3::DefaultSimulatorImpl");
    }
}

void
ProgramOptions::TakeSetting(const std::vector<std::string>& arguments, size_t at)
{
    const auto& argument = arguments[at];
    if (argument.rfind("--", 0) != 0)
    {
        mixnetcore::Refuse("argument '" + argument + "' is not an option" +
                           Hints().OfArgument(argument));
    }
    const auto equals = argument.find('=');
    const auto name = argument.substr(2, equals - 2);
    if (!IsSetting(name))
    {
        mixnetcore::Refuse("unknown option --" + name + Hints().OfName(name));
    }
    if (equals == std::string::npos)
    {
        mixnetcore::Refuse("option --" + name + " needs a value: --" + name + "=value");
    }
    const auto value = argument.substr(equals + 1);
    CheckSetting(name, value, "option " + argument);
    if (!m_settings.emplace(name, value).second)
    {
        mixnetcore::Refuse("option " + argument + ": is given twice, first as " +
                           m_settings.at(name));
    }
}

void
ProgramOptions::Parse(int argc, char* argv[])
{
    s_open += m_reading->isOpen ? 0 : 1;
    m_reading->isOpen = true;
    const std::vector<std::string> arguments(argv, argv + argc);
    m_executable = RunName(arguments.at(0));
    const bool hasNames = Help().HasNames();
    m_options.at(LIST).isWithdrawn = !hasNames;
    PrintHelpIfAsked(arguments);
    std::vector<std::string> others{arguments.at(0)};
    for (size_t at = 1; at < arguments.size(); ++at)
    {
        CheckText(arguments[at]);
        if (IsPrint(arguments[at]))
        {
            others.push_back(arguments[at]);
        }
        else if (!TakeOwn(arguments, at))
        {
            TakeSetting(arguments, at);
        }
    }
    if (hasNames)
    {
        PrintNamesIfAsked();
    }
    TakeConfig();
    if (Flag(QUIET))
    {
        SilenceOutput();
    }
    TakePreset();
    TakeEnvironment();
    for (const auto& [name, value] : m_settings)
    {
        others.push_back("--" + name + "=" + value);
    }
    GlobalValue::Bind("SchedulerType", StringValue("ns3::mixnet::BoundedScheduler"));
    CommandLine command;
    command.Parse(others);
}

void
ProgramOptions::Set(const std::string& name, const std::string& value)
{
    auto& option = m_options.at(name);
    option.declared.standard = value;
    option.value = value;
}

void
ProgramOptions::Refuse(const std::string& name, const std::string& reason) const
{
    mixnetcore::Refuse("option --" + name + "=" + Peek(name) + ": " + reason);
}

void
ProgramOptions::Settle(const std::string& need) const
{
    s_open -= m_reading->isOpen ? 1 : 0;
    m_reading->isOpen = false;
    auto& dropped = m_reading->dropped;
    for (const auto& name : m_order)
    {
        const auto& option = At(name);
        const bool isGiven =
            option.origin != Origin::Default &&
            (option.origin == Origin::CommandLine || option.value != option.declared.standard);
        if (!isGiven || m_reading->used.count(name) > 0)
        {
            continue;
        }
        if (option.origin == Origin::CommandLine)
        {
            const auto& missing = need.empty() ? option.declared.need : need;
            mixnetcore::Refuse("option --" + name + "=" + option.value +
                               (missing.empty() ? ": has no effect here" : ": needs " + missing));
        }
        dropped.push_back("--" + name + "=" + option.value);
    }
    if (!dropped.empty())
    {
        std::cerr << "note: without effect here and left out: " << mixnetcore::JoinNames(dropped)
                  << std::endl;
    }
    if (Has(QUIET) && mixnetcore::ParseFlag(QUIET, Peek(QUIET)) && !WritesFiles())
    {
        std::cerr << "note: --quiet, and no file is written: the exit code alone tells how the run "
                     "goes"
                  << std::endl;
    }
}

bool
ProgramOptions::WritesFiles() const
{
    return std::any_of(m_order.begin(), m_order.end(), [this](const std::string& name) {
        return At(name).declared.isOutput && m_reading->used.count(name) > 0 && Peek(name) != NONE;
    });
}

OptionRecord
ProgramOptions::Record() const
{
    if (m_reading->isOpen)
    {
        throw std::logic_error("options are recorded before they are settled");
    }
    OptionRecord record;
    record.values = m_settings;
    for (const auto& [name, option] : m_options)
    {
        if (!option.isWithdrawn && name != PRESET)
        {
            record.values[name] =
                m_reading->used.count(name) > 0 ? option.value : option.declared.standard;
        }
    }
    record.executable = m_executable;
    record.preset = m_preset;
    record.presetTitle = m_presetTitle;
    record.dropped = m_reading->dropped;
    return record;
}

const ProgramOptions::Option&
ProgramOptions::At(const std::string& name) const
{
    const auto option = m_options.find(name);
    if (option == m_options.end())
    {
        throw std::logic_error("option --" + name + " is read but not declared");
    }
    return option->second;
}

const std::string&
ProgramOptions::Peek(const std::string& name) const
{
    const auto& option = At(name);
    return option.isWithdrawn ? option.declared.standard : option.value;
}

const std::string&
ProgramOptions::Text(const std::string& name) const
{
    if (!At(name).isWithdrawn)
    {
        m_reading->used.insert(name);
    }
    return Peek(name);
}

uint64_t
ProgramOptions::Seed() const
{
    return Count(SEED, 1, MAX_SEED);
}

bool
ProgramOptions::IsAllSettled()
{
    return s_open == 0;
}

} // namespace mixnet
} // namespace ns3
