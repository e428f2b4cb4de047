/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "program-options.h"

#include "ns3/command-line.h"
#include "ns3/global-value.h"
#include "ns3/json-fields.h"
#include "ns3/option-values.h"
#include "ns3/string.h"
#include "ns3/type-id.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iomanip>
#include <iostream>
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
constexpr const char* NONE = "none";           //!< in place of its name
constexpr const char* SEED = "seed";           //!< option of programs that draw numbers
constexpr const char* SEED_OF_NS3 = "RngSeed"; //!< global value that such programs set from it

/**
 * @param name Name of an option.
 * @param[out] attribute The attribute of an ns-3 class it names, as ns3::Class::Attribute.
 * @return whether it names one.
 */
bool
FindAttribute(const std::string& name, TypeId::AttributeInformation& attribute)
{
    const auto colons = name.rfind("::");
    TypeId type;
    return colons != std::string::npos &&
           TypeId::LookupByNameFailSafe(name.substr(0, colons), &type) &&
           type.LookupAttributeByName(name.substr(colons + 2), &attribute);
}

/// @param name Name of an option. @return whether it is a setting of ns-3: a global value, or an
/// attribute of a class.
bool
IsSetting(const std::string& name)
{
    StringValue ignored;
    TypeId::AttributeInformation attribute;
    return FindAttribute(name, attribute) || GlobalValue::GetValueByNameFailSafe(name, ignored);
}

/// @param text What the user gave for a time. @return whether ns-3 can read it, which else aborts.
bool
IsTime(const std::string& text)
{
    static const std::set<std::string>
        units{"", "fs", "ps", "ns", "us", "ms", "s", "min", "h", "d", "y"};
    const auto number = text.substr(0, text.find_first_not_of("+-0123456789.eE"));
    std::istringstream stream(number);
    double parsed = 0;
    return stream >> parsed && stream.peek() == EOF && units.count(text.substr(number.size())) > 0;
}

/**
 * @param name Name of a setting of ns-3.
 * @param value What the user gave.
 * @throws std::invalid_argument when it is an attribute that does not allow that. Values that make
 * an object, and global values, are left to ns-3.
 */
void
CheckValue(const std::string& name, const std::string& value)
{
    TypeId::AttributeInformation attribute;
    if (!FindAttribute(name, attribute))
    {
        return;
    }
    const auto& checker = *attribute.checker;
    if (checker.GetValueTypeName() == "ns3::TimeValue" && !IsTime(value))
    {
        throw std::invalid_argument("option --" + name + "=" + value +
                                    ": must be a time with its unit: y, d, h, min, s, ms, us, ns, "
                                    "ps or fs");
    }
    if (checker.GetValueTypeName() != "ns3::PointerValue" &&
        !checker.CreateValidValue(StringValue(value)))
    {
        throw std::invalid_argument("option --" + name + "=" + value + ": must be of type " +
                                    checker.GetUnderlyingTypeInformation());
    }
}

/// @param argument One argument. @return whether it asks ns-3 to print something.
bool
IsPrint(const std::string& argument)
{
    static const std::set<std::string> prints{"-h",
                                              "-v",
                                              "--help",
                                              "--version",
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
        throw std::invalid_argument("argument " + text.str() +
                                    ": must be text in UTF-8, to be recorded with the results; "
                                    "rename the file or folder");
    }
}

/// @return whether everything on standard output has been written; says so when not.
/// @param name Name of the program.
bool
EndOutput(const std::string& name)
{
    errno = 0;
    std::cout.flush();
    const bool isWritten = std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout;
    if (!isWritten)
    {
        if (errno == 0) // it was an earlier flush that failed; one more byte meets the reason again
        {
            std::fputc('\n', stdout);
            std::fflush(stdout);
        }
        std::cerr << name << ": standard output: cannot write"
                  << (errno != 0 ? std::string(": ") + std::strerror(errno) : "") << std::endl;
    }
    return isWritten;
}

} // namespace

ProgramOptions::ProgramOptions(std::string usage)
    : m_usage(std::move(usage))
{
    Add(CONFIG, "JSON file with options, such as summary.json of an earlier run, or none", NONE);
}

void
ProgramOptions::Add(const std::string& name, const std::string& help, const std::string& value)
{
    m_order.push_back(name);
    m_options[name] = {help, value, false, false};
}

void
ProgramOptions::AddSwitch(const std::string& name, const std::string& help)
{
    Add(name, help, "no");
    m_options[name].isSwitch = true;
}

bool
ProgramOptions::TakeOwn(const std::string& argument)
{
    const auto equals = argument.find('=');
    const auto option = argument.rfind("--", 0) == 0
                            ? m_options.find(argument.substr(2, equals - 2))
                            : m_options.end();
    if (option == m_options.end())
    {
        return false;
    }
    if (equals == std::string::npos && option->second.isSwitch)
    {
        option->second.value = "yes";
        option->second.given = true;
        return true;
    }
    if (equals == std::string::npos || equals + 1 == argument.size())
    {
        throw std::invalid_argument("option --" + option->first + " needs a value: --" +
                                    option->first + "=value");
    }
    option->second.value = argument.substr(equals + 1);
    option->second.given = true;
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
    auto json = mixnetcore::ParseJsonText(mixnetcore::ReadTextFile(path, "options"), path);
    if (json.is_object() && json.contains("options"))
    {
        json = json.at("options");
    }
    if (!json.is_object())
    {
        throw std::invalid_argument("option --config=" + path +
                                    ": must hold an object of options and their values");
    }
    for (const auto& [name, value] : json.items())
    {
        const auto option = m_options.find(name);
        const bool isSetting = option == m_options.end() && IsSetting(name);
        const bool isUnknown = option == m_options.end() && !isSetting;
        if (isUnknown || !value.is_string())
        {
            throw std::invalid_argument("option --config=" + path + ": \"" + name +
                                        "\": " + value.dump() +
                                        (isUnknown ? " is no option of this program"
                                                   : " must be a text, as on the command line"));
        }
        const auto text = value.get<std::string>();
        if (isSetting && m_settings.try_emplace(name, text).second)
        {
            CheckValue(name, text);
        }
        else if (!isSetting && !option->second.given && name != CONFIG)
        {
            option->second.given = text != option->second.value;
            option->second.value = text;
        }
    }
}

void
ProgramOptions::TakeSetting(const std::string& argument)
{
    if (argument.rfind("--", 0) != 0)
    {
        throw std::invalid_argument("argument '" + argument +
                                    "' is not an option; options are given as --name=value, see "
                                    "--help");
    }
    const auto equals = argument.find('=');
    const auto name = argument.substr(2, equals - 2);
    if (!IsSetting(name))
    {
        throw std::invalid_argument("unknown option --" + name + "; --help lists the options");
    }
    if (equals == std::string::npos)
    {
        throw std::invalid_argument("option --" + name + " needs a value: --" + name + "=value");
    }
    const auto value = argument.substr(equals + 1);
    CheckValue(name, value);
    if (name == SEED_OF_NS3 && m_options.count(SEED) > 0)
    {
        throw std::invalid_argument("option " + argument + ": must be --" + SEED + "=" + value +
                                    ", the seed of everything random");
    }
    m_settings[name] = value;
}

void
ProgramOptions::Parse(int argc, char* argv[])
{
    std::vector<std::string> others{argv[0]};
    for (int i = 1; i < argc; ++i)
    {
        CheckText(argv[i]);
        if (IsPrint(argv[i]))
        {
            others.emplace_back(argv[i]);
        }
        else if (!TakeOwn(argv[i]))
        {
            TakeSetting(argv[i]);
        }
    }
    TakeConfig();
    for (const auto& [name, value] : m_settings)
    {
        others.push_back("--" + name + "=" + value);
    }
    GlobalValue::Bind("SchedulerType", StringValue("ns3::PriorityQueueScheduler"));
    CommandLine command;
    command.Usage(m_usage);
    for (const auto& name : m_order)
    {
        auto& option = m_options[name];
        command.AddValue(name, option.help, option.value);
    }
    command.Parse(others);
}

void
ProgramOptions::Set(const std::string& name, const std::string& value)
{
    m_options.at(name).value = value;
}

bool
ProgramOptions::IsGiven(const std::string& name) const
{
    return m_options.at(name).given;
}

void
ProgramOptions::Refuse(const std::vector<std::string>& names, const std::string& need) const
{
    for (const auto& name : names)
    {
        if (IsGiven(name))
        {
            throw std::invalid_argument("option --" + name + "=" + Text(name) + ": needs " + need);
        }
    }
}

const std::string&
ProgramOptions::Text(const std::string& name) const
{
    return m_options.at(name).value;
}

uint64_t
ProgramOptions::Count(const std::string& name, uint64_t least, uint64_t most) const
{
    return mixnetcore::ParseCount(name, Text(name), least, most);
}

double
ProgramOptions::Number(const std::string& name, double least, double most) const
{
    return mixnetcore::ParseNumber(name, Text(name), least, most);
}

mixnetcore::BitsPerSecond
ProgramOptions::Rate(const std::string& name) const
{
    return mixnetcore::ParseRate(name, Text(name));
}

mixnetcore::Picoseconds
ProgramOptions::Duration(const std::string& name) const
{
    return mixnetcore::ParseDuration(name, Text(name));
}

bool
ProgramOptions::Flag(const std::string& name) const
{
    return mixnetcore::ParseFlag(name, Text(name));
}

std::map<std::string, std::string>
ProgramOptions::All() const
{
    auto result = m_settings;
    for (const auto& [name, option] : m_options)
    {
        result[name] = option.value;
    }
    return result;
}

int
RunProgram(const std::string& name, int (*main)(int, char*[]), int argc, char* argv[])
{
    // ns-3 ends the program this way after it has said what is wrong; there is no more to tell.
    std::set_terminate([] { std::_Exit(1); });
    // A file that has become too long is an error like a full disk, with a message.
    std::signal(SIGXFSZ, SIG_IGN);
    try
    {
        const int code = main(argc, argv);
        return EndOutput(name) || code != 0 ? code : 1;
    }
    catch (const std::exception& error)
    {
        std::cerr << name << ": " << error.what() << std::endl;
        return 1;
    }
}

} // namespace mixnet
} // namespace ns3
