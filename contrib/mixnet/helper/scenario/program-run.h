/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PROGRAM_RUN_H
#define PROGRAM_RUN_H

#include <string>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief A program has done what an option such as --help asks for, and ends. RunProgram() takes
 * it.
 */
struct ProgramEnded
{
};

/**
 * @ingroup mixnet
 * @brief Runs a program's main part and turns what it throws into one line on standard error, as
 * also when standard output does not take what was printed; --help and --list end it well.
 * @param name Name of the program.
 * @param main The main part; it gives the exit code.
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return the exit code; 1 after an exception, and when options were not settled.
 */
int RunProgram(const std::string& name, int (*main)(int, char*[]), int argc, char* argv[]);

/// @ingroup mixnet
/// @brief Has nothing printed on standard output from now on.
void SilenceOutput();

/// @ingroup mixnet
/// @param path Of an executable. @return what ./ns3 run calls it: ns-3 puts its version before the
/// name, and its build profile behind.
std::string RunName(const std::string& path);

} // namespace mixnet
} // namespace ns3

#endif // PROGRAM_RUN_H
