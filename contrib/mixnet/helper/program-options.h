/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PROGRAM_OPTIONS_H
#define PROGRAM_OPTIONS_H

#include "ns3/mixnet-units.h"

#include <map>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Options of a program: named texts with defaults, checked when they are read.
 *
 * Programs run on the fastest of ns-3's event schedulers, which refuses times that would wrap
 * (BoundedScheduler), unless --SchedulerType names another;
 * results do not depend on it.
 *
 * Every program takes --config=FILE: values of options from a JSON object of names and texts, or
 * from the summary.json of an earlier run, which is so repeated. The command line goes first.
 *
 * Stands before ns-3's CommandLine, which still prints the help and takes the settings of ns-3:
 * global values and defaults of attributes (--RngRun=2, --ns3::mixnet::RdmaNic::AckInterval=32);
 * files of options may hold them too. They are set in the order of their names. What CommandLine
 * would pass over is refused here: an option that does not exist, and a value that does not parse
 * as a whole or lies outside its range.
 */
class ProgramOptions
{
  public:
    /**
     * @param usage One paragraph for the help.
     */
    explicit ProgramOptions(std::string usage);

    /**
     * @brief Declares an option.
     * @param name Its name, without dashes.
     * @param help What it means, unit included.
     * @param value Its default.
     */
    void Add(const std::string& name, const std::string& help, const std::string& value);

    /**
     * @brief Declares an option that is no unless it is given, with or without =yes.
     * @param name Its name, without dashes.
     * @param help What it means.
     */
    void AddSwitch(const std::string& name, const std::string& help);

    /**
     * @brief Reads the command line; prints the help and ends the program when asked to.
     * @param argc Number of arguments.
     * @param argv The arguments.
     * @throws std::invalid_argument on an option that does not exist.
     */
    void Parse(int argc, char* argv[]);

    /**
     * @brief Gives an option a value, as the command line does.
     * @param name Its name; it was declared.
     * @param value Its value.
     */
    void Set(const std::string& name, const std::string& value);

    /// @param name An option. @return whether the user gave it, or a file of options has something
    /// other than its default.
    bool IsGiven(const std::string& name) const;

    /**
     * @brief Refuses options that would have no effect.
     * @param names Names of options.
     * @param need What would give them one.
     * @throws std::invalid_argument with one line when the user gave one of them.
     */
    void Refuse(const std::vector<std::string>& names, const std::string& need) const;

    /// @param name An option. @return what the user gave, or the default.
    const std::string& Text(const std::string& name) const;

    /// @param name An option. @param least Smallest value. @param most Largest.
    /// @return its value.
    uint64_t Count(const std::string& name, uint64_t least, uint64_t most) const;

    /// @param name An option. @param least Smallest value. @param most Largest.
    /// @return its value.
    double Number(const std::string& name, double least, double most) const;

    /// @param name An option. @return its value.
    mixnetcore::BitsPerSecond Rate(const std::string& name) const;

    /// @param name An option. @return its value.
    mixnetcore::Picoseconds Duration(const std::string& name) const;

    /// @param name An option. @return whether it is yes.
    bool Flag(const std::string& name) const;

    /// @return all options with what is in force, and the settings of ns-3 that the user gave, by
    /// name.
    std::map<std::string, std::string> All() const;

  private:
    /**
     * @brief One option.
     */
    struct Option
    {
        std::string help;     //!< what it means
        std::string value;    //!< what is in force
        bool given{false};    //!< see IsGiven()
        bool isSwitch{false}; //!< whether it may stand without a value
    };

    /// @param argument One argument. @return whether it is an option of ours; it is set then.
    /// @throws std::invalid_argument when it has no value.
    bool TakeOwn(const std::string& argument);

    /// @brief Reads the options of --config, if it is given, for all that are not set yet.
    /// @throws std::invalid_argument that says what is wrong with the file.
    void TakeConfig();

    /// @param argument One argument that is no option of ours.
    /// @throws std::invalid_argument when it is no setting of ns-3, or its value is wrong.
    void TakeSetting(const std::string& argument);

    std::string m_usage;                           //!< paragraph for the help
    std::vector<std::string> m_order;              //!< names as declared
    std::map<std::string, Option> m_options;       //!< by name
    std::map<std::string, std::string> m_settings; //!< of ns-3, by name
};

/**
 * @ingroup mixnet
 * @brief Runs a program's main part and turns what it throws into one line on standard error.
 * @param name Name of the program.
 * @param main The main part; it gives the exit code.
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return the exit code; 1 after an exception.
 */
int RunProgram(const std::string& name, int (*main)(int, char*[]), int argc, char* argv[]);

} // namespace mixnet
} // namespace ns3

#endif // PROGRAM_OPTIONS_H
