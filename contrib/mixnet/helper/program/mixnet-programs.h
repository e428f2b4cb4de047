/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MIXNET_PROGRAMS_H
#define MIXNET_PROGRAMS_H

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Runs the program all-to-all: sends flows among the GPUs of a fabric, prints how long they
 * take, and writes summary.json, flows.csv and, where it is asked to, rates.csv.
 *
 * What a caller has added to registries before can be chosen by name, as what the module brings
 * along.
 *
 * @param argc Number of arguments.
 * @param argv The arguments: options of all-to-all, as its --help lists them.
 * @return exit code: 0 when every byte has arrived, 1 when not or when something was refused, with
 * one line on standard error that says what; 130 and 143 after signals.
 */
int RunAllToAll(int argc, char* argv[]);

/**
 * @ingroup mixnet
 * @brief Runs the program mixnet-training: trains an EP group or a whole job over a fabric, prints
 * where the time goes, and writes summary.json and CSV files.
 *
 * What a caller has added to registries before can be chosen by name, as what the module brings
 * along.
 *
 * @param argc Number of arguments.
 * @param argv The arguments: options of mixnet-training, as its --help lists them.
 * @return exit code: 0 when all is trained, 1 when not or when something was refused, with one line
 * on standard error that says what; 130 and 143 after signals.
 */
int RunMixnetTraining(int argc, char* argv[]);

} // namespace mixnet
} // namespace ns3

#endif // MIXNET_PROGRAMS_H
