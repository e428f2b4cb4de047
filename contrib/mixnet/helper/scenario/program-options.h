/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PROGRAM_OPTIONS_H
#define PROGRAM_OPTIONS_H

#include "option-declaration.h"
#include "option-help.h"
#include "option-hints.h"
#include "program-run.h"

#include "ns3/option-reader.h"

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief What of a program's options a run has followed, for its results.
 */
struct OptionRecord
{
    std::map<std::string, std::string> values; //!< in force, and settings of ns-3, by name
    std::string preset;                        //!< name of the preset, or ProgramOptions::NONE
    std::string presetTitle;                   //!< its title; empty without one
    std::vector<std::string> dropped;          //!< what had no effect, as --name=value
    std::string executable;                    //!< what ./ns3 run calls the program that ran

    /// @return a line for tables that names the preset; empty without one.
    std::string DescribePreset() const;

    /// @param program Name of the program. @return how its summary.json begins.
    nlohmann::ordered_json Summary(const std::string& program) const;
};

class OptionSection;

/**
 * @ingroup mixnet
 * @brief Options of a program: named texts with defaults, checked when they are read.
 *
 * Programs run on the fastest of ns-3's event schedulers, which refuses times that would wrap
 * (BoundedScheduler), unless --SchedulerType names another;
 * results do not depend on it.
 *
 * An option is declared once, with all that help, lists and messages say of it: see
 * OptionDeclaration, OptionHelp and Section(). --help, --list and --quiet are there in all
 * programs.
 *
 * Every program takes --config=FILE: values of options from a JSON object of names and texts, or
 * from the summary.json of an earlier run, which is so repeated. Programs that declare it take
 * --preset=NAME, see mixnetcore::Preset. The command line goes first, then the file of --config,
 * then the preset, then the defaults.
 *
 * An option that has no effect is no option of the run. The rule needs no list of its own: a
 * program reads an option where its value decides something, and only there; the reading is noted.
 * When all is read the program calls Settle(), and what was given but not read is refused if the
 * user typed it, with the words that were declared for what it needs. If it is from a file or a
 * preset, whose values are for many runs, it is left out, which is said; the default stands in the
 * record. An option that nothing reads is so refused whatever it is; a program that forgets
 * Settle() ends with an error.
 *
 * With --quiet nothing goes to standard output. Files are written all the same; where there are
 * none either, a note on standard error says that the exit code is all that is left.
 *
 * Stands before ns-3's CommandLine, which still prints what ns-3 has and takes its settings:
 * global values and defaults of attributes (--RngRun=2, --ns3::mixnet::RdmaNic::AckInterval=32);
 * files of options may hold them too, and the environment variables NS_GLOBAL_VALUE and
 * NS_ATTRIBUTE_DEFAULT, which come last. They are set in the order of their names. What CommandLine
 * would pass over is refused here: an option that does not exist or is given twice, and a value
 * that does not parse as a whole or lies outside its range.
 */
class ProgramOptions : public mixnetcore::OptionReader
{
  public:
    static constexpr const char* NONE = "none"; //!< in place of a name or file: none of them
    static constexpr uint64_t MAX_SEED = 4'294'944'442; //!< largest seed that ns-3 takes

    /**
     * @param usage One paragraph for the help.
     * @param examples How to call the program: its name and arguments.
     */
    explicit ProgramOptions(std::string usage, std::vector<std::string> examples = {});

    /**
     * @brief Declares an option; Section() does so for several that belong together.
     * @param name Its name, without dashes.
     * @param help What it means, unit included.
     * @param value Its default.
     * @param need What it needs to have an effect, for the message "needs ..."; empty where it
     * always has one.
     * @return the declaration, to say more of it.
     */
    OptionDeclaration& Add(const std::string& name,
                           const std::string& help,
                           const std::string& value,
                           const std::string& need = "");

    /// @param group A group. @return what declares options in it.
    OptionSection Section(OptionGroup group);

    /**
     * @brief Says that an option decides about an attribute of ns-3: to give the attribute itself
     * would have no effect, and is refused.
     * @param attribute Its name, as ns3::mixnet::RdmaNic::Mtu.
     * @param name The option; it was declared.
     */
    void Reserve(const std::string& attribute, const std::string& name)
    {
        m_reserved[attribute] = name;
    }

    /**
     * @brief Declares --preset, from which options may take their values.
     * @param fabrics Fabrics that a preset may have values for.
     */
    void AddPresets(const std::vector<std::string>& fabrics);

    /**
     * @brief Takes options of a group away that have no effect in this program: the help does not
     * list them, and who gives them is told why.
     * @param names Names of options; they were declared.
     * @param need What they would need.
     */
    void Withdraw(const std::vector<std::string>& names, const std::string& need);

    /**
     * @brief As Withdraw(), of all options but some.
     * @param names Names of the options that stay, --config apart, which does.
     * @param need What the others would need.
     */
    void WithdrawAllBut(const std::vector<std::string>& names, const std::string& need);

    /**
     * @brief Reads the command line; prints help or lists when asked to.
     * @param argc Number of arguments.
     * @param argv The arguments.
     * @throws std::invalid_argument on an option that does not exist.
     * @throws ProgramEnded when that was all that was asked for.
     */
    void Parse(int argc, char* argv[]);

    /**
     * @brief Gives an option a value that is the program's own.
     * @param name Its name; it was declared.
     * @param value Its value.
     */
    void Set(const std::string& name, const std::string& value);

    /**
     * @brief Refuses the value of an option.
     * @param name Its name; it was declared.
     * @param reason What is wrong with it, or what it must be.
     * @throws std::invalid_argument always, with one line: option, value and reason.
     */
    [[noreturn]] void Refuse(const std::string& name, const std::string& reason) const;

    /**
     * @brief Makes what an option names, or refuses its value for the reason that making it gives.
     * @param name Its name; it was declared.
     * @param make Makes it; throws std::invalid_argument where that cannot be.
     * @return what it makes.
     */
    template <typename Make>
    auto Made(const std::string& name, const Make& make) const
    {
        try
        {
            return make();
        }
        catch (const std::invalid_argument& error)
        {
            Refuse(name, error.what());
        }
    }

    /**
     * @brief Ends the reading: refuses what the user typed and nothing has read, and leaves it out
     * if it is from a file or a preset.
     * @param need What all of that needs; empty for what was declared of each.
     * @throws std::invalid_argument with one line: option, value and what it needs.
     */
    void Settle(const std::string& need = "") const;

    /// @return what is in force. @pre Settle() was called.
    OptionRecord Record() const;

    /// @return names of the options, without those that are withdrawn.
    std::vector<std::string> Names() const;

    /// @param name A name. @return whether there is such an option.
    bool Has(const std::string& name) const
    {
        return m_options.count(name) > 0;
    }

    /// @param name An option. @return whether it is withdrawn.
    bool IsWithdrawn(const std::string& name) const
    {
        return At(name).isWithdrawn;
    }

    // Documented in OptionReader.
    const std::string& Text(const std::string& name) const override;
    const std::string& Peek(const std::string& name) const override;

    /// @return the value of --seed, which may be given also where nothing is random.
    uint64_t Seed() const;

    /// @return whether all that programs have parsed so far is settled.
    static bool IsAllSettled();

  private:
    /**
     * @brief Where a value is from.
     */
    enum class Origin
    {
        Default,     //!< declared
        Preset,      //!< of --preset
        Config,      //!< of --config
        CommandLine, //!< typed
    };

    /**
     * @brief One option.
     */
    struct Option
    {
        OptionDeclaration declared;     //!< what is said of it
        std::string value;              //!< what is in force, if it has an effect
        Origin origin{Origin::Default}; //!< where the value is from
        bool isWithdrawn{false};        //!< whether it has no effect in this program
    };

    /**
     * @brief What has been read; copies of the options share it.
     */
    struct Reading
    {
        std::set<std::string> used;       //!< options whose values decide something
        std::vector<std::string> dropped; //!< as OptionRecord::dropped
        bool isOpen{false};               //!< whether Settle() is still to come
    };

    /// @param name An option. @return it. @throws std::logic_error when it was not declared.
    const Option& At(const std::string& name) const;

    /// @return help and lists, of what is declared and not withdrawn.
    OptionHelp Help() const;

    /// @return what users may have meant by what is none of the options.
    OptionHints Hints() const;

    /// @param arguments All of them. @brief Prints the help if one of them asks for it.
    /// @throws ProgramEnded then; std::invalid_argument when there is no such part of the help.
    void PrintHelpIfAsked(const std::vector<std::string>& arguments) const;

    /// @brief Prints names if --list asks for them. @throws ProgramEnded then;
    /// std::invalid_argument when there are no such names, or other options were typed.
    void PrintNamesIfAsked() const;

    /// @param arguments All of them. @param at Which one.
    /// @return whether it is an option of ours; it is set then.
    /// @throws std::invalid_argument when it has no value, or had one before.
    bool TakeOwn(const std::vector<std::string>& arguments, size_t at);

    /**
     * @brief Gives an option a value from a file, unless it has one of a higher rank.
     * @param name Its name. @param value Its value. @param origin Preset or Config.
     * @param where What messages call the file.
     * @return whether there is such an option or setting of ns-3.
     */
    bool TakeFrom(const std::string& name,
                  const std::string& value,
                  Origin origin,
                  const std::string& where);

    /// @brief Reads the options of --config, if it is given, for all that are not set yet.
    /// @throws std::invalid_argument that says what is wrong with the file.
    void TakeConfig();

    /// @brief Reads the options of --preset, if it is given, for all that are not set yet.
    /// @throws std::invalid_argument that says what is wrong with it.
    void TakePreset();

    /// @brief Reads settings of ns-3 from the environment, for all that are not set yet.
    /// @throws std::invalid_argument that says what is wrong with them.
    void TakeEnvironment();

    /// @param arguments All of them. @param at Which one: no option of ours.
    /// @throws std::invalid_argument when it is no setting of ns-3, or its value is wrong.
    void TakeSetting(const std::vector<std::string>& arguments, size_t at);

    /**
     * @param name Name of a setting of ns-3. @param value Its value. @param where For messages.
     * @throws std::invalid_argument when the value is wrong, or the program sets it itself.
     */
    void CheckSetting(const std::string& name,
                      const std::string& value,
                      const std::string& where) const;

    /// @return whether what is read names a file or folder that will be written.
    bool WritesFiles() const;

    static int s_open; //!< readings that are open

    std::string m_usage;                                             //!< paragraph for the help
    std::vector<std::string> m_examples;                             //!< how to call it
    std::vector<std::string> m_order;                                //!< names as declared
    std::map<std::string, Option> m_options;                         //!< by name
    std::map<std::string, std::string> m_settings;                   //!< of ns-3, by name
    std::shared_ptr<Reading> m_reading{std::make_shared<Reading>()}; //!< of this and all copies
    std::vector<std::string> m_fabrics;                              //!< see AddPresets()
    std::map<std::string, std::string> m_reserved; //!< options that decide, by attribute
    std::string m_preset{NONE};                    //!< name of the preset in force
    std::string m_presetTitle;                     //!< its title
    std::string m_executable;                      //!< see OptionRecord
};

/**
 * @ingroup mixnet
 * @brief Declares options of one group.
 */
class OptionSection
{
  public:
    /// @param options Where to declare them. @param group Their group.
    OptionSection(ProgramOptions& options, OptionGroup group)
        : m_options(options),
          m_group(group)
    {
    }

    /**
     * @brief As ProgramOptions::Add().
     * @param name Its name. @param help What it means. @param value Its default.
     * @param need What it needs to have an effect.
     * @return the declaration, to say more of it.
     */
    OptionDeclaration& Add(const std::string& name,
                           const std::string& help,
                           const std::string& value,
                           const std::string& need = "") const
    {
        return m_options.Add(name, help, value, need).In(m_group);
    }

  private:
    ProgramOptions& m_options; //!< where to
    OptionGroup m_group;       //!< of all
};

} // namespace mixnet
} // namespace ns3

#endif // PROGRAM_OPTIONS_H
