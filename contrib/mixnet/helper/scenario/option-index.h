/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OPTION_INDEX_H
#define OPTION_INDEX_H

#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Which programs have an option, for messages of those that do not.
 * @param name Name of an option, as it is written.
 * @return names of programs; none when no program has it.
 */
std::vector<std::string> ProgramsWithOption(const std::string& name);

/**
 * @ingroup mixnet
 * @brief An option of some program.
 */
struct OptionOfProgram
{
    std::string program; //!< whose it is
    std::string name;    //!< its name
};

/// @ingroup mixnet
/// @param name A name that is no option. @return the option of any program that is near; the name
/// is empty where none is.
OptionOfProgram NearestOptionOfPrograms(const std::string& name);

/// @ingroup mixnet
/// @param program A program that declares options in its own file. @return their names.
const std::vector<std::string>& OwnOptionsOf(const std::string& program);

} // namespace mixnet
} // namespace ns3

#endif // OPTION_INDEX_H
