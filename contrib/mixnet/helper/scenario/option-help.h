/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OPTION_HELP_H
#define OPTION_HELP_H

#include "option-declaration.h"

#include <ostream>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Help and lists of a program, made from the declarations of its options.
 *
 * Lines have 80 columns at most, but for a word that is longer. Help is regular, so that programs
 * can read it; --help=all has every option once:
 *
 *     TITLE (--help=GROUP)          a heading, at the beginning of a line
 *       --NAME=DEFAULT              an option, 2 blanks before it
 *           MEANING                 6 blanks before each line; lines are joined by a blank
 *           Takes: CHOICES          if it takes one of several words; (--list=FAMILY) at the end if
 *                                   those are explained there
 *           Needs: CONDITION        if it has an effect under a condition only
 *
 * Other lines in front of the first heading are what the program does and examples. The options of
 * ns-3 come last, under a heading without a group; they have no default.
 *
 * A list has a heading "FAMILY (--list=FAMILY), of OPTIONS" and below it "  NAME  MEANING" for each
 * name; further lines of a meaning begin where its first one does.
 */
class OptionHelp
{
  public:
    static constexpr const char* ALL = "all"; //!< in place of a group or family

    /**
     * @param usage What the program does.
     * @param examples How to call it: name and arguments.
     * @param options Its options; they are put in the order of their groups.
     */
    OptionHelp(std::string usage,
               std::vector<std::string> examples,
               std::vector<OptionDeclaration> options);

    /// @param out Where to. @brief Prints the options of newcomers, and how to see the others.
    void PrintShort(std::ostream& out) const;

    /**
     * @brief Prints all options, or those of a group.
     * @param group ALL, or the name of a group, in any case.
     * @param out Where to.
     * @throws std::invalid_argument with one line: the groups, and which of them is near.
     */
    void Print(const std::string& group, std::ostream& out) const;

    /**
     * @brief Prints all names that options take, or those of a family.
     * @param family ALL, or the name of a family, or an option that takes one, in any case.
     * @param out Where to.
     * @throws std::invalid_argument with one line: the families, and which of them is near.
     */
    void PrintNames(const std::string& family, std::ostream& out) const;

    /// @return whether options take names.
    bool HasNames() const
    {
        return !Families().empty();
    }

  private:
    /// @return names of the groups that have options.
    std::vector<std::string> Groups() const;

    /// @return names of the families that options take names from, each once.
    std::vector<std::string> Families() const;

    /// @param out Where to. @brief Prints what the program does, and examples.
    void PrintHead(std::ostream& out) const;

    /// @param isShort Whether only options of newcomers are meant. @param out Where to.
    /// @brief Prints the options of all groups.
    void PrintGroups(bool isShort, std::ostream& out) const;

    /// @param family A family. @param out Where to. @brief Prints its names.
    void PrintFamily(const std::string& family, std::ostream& out) const;

    /// @param group A group. @param isShort Whether only options of newcomers are meant.
    /// @param out Where to. @brief Prints its options, if there are any.
    void PrintGroup(OptionGroup group, bool isShort, std::ostream& out) const;

    std::string m_usage;                      //!< what the program does
    std::vector<std::string> m_examples;      //!< how to call it
    std::vector<OptionDeclaration> m_options; //!< group by group
};

} // namespace mixnet
} // namespace ns3

#endif // OPTION_HELP_H
