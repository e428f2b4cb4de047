/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef JOB_SCENARIO_H
#define JOB_SCENARIO_H

#include "fabric-options.h"
#include "training-helper.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Everything that decides a run of a whole training job, checked.
 */
struct JobScenario
{
    std::map<std::string, std::string> options; //!< all options in force
    TrainingJobSpec job;                        //!< what is trained
    FabricScenario fabric;                      //!< where
    mixnetcore::Picoseconds controlLatency{0};  //!< between hosts and controller
    std::string policy;                         //!< name of the reconfiguration policy
    std::string tensorAlgorithm;                //!< steps of tensor-parallel collectives
    double allToAllEfficiency{1};               //!< share of line rate that all-to-alls achieve
    uint64_t seed{1};                           //!< seed of everything random
    std::string output;                         //!< folder for results, or NONE
};

/**
 * @ingroup mixnet
 * @brief Declares the options of a whole job; those it shares with an EP group are declared.
 * @param options Where to.
 */
void AddJobOptions(ProgramOptions& options);

/// @ingroup mixnet
/// @param options Options of a program. @return whether they ask for a whole job (--gpus).
bool IsJob(const ProgramOptions& options);

/**
 * @ingroup mixnet
 * @param options The options, parsed.
 * @return share of line rate that all-to-alls of expert parallelism achieve.
 * @throws std::invalid_argument when it is not above 0 and at most 1.
 */
double ParseAllToAllEfficiency(const ProgramOptions& options);

/**
 * @ingroup mixnet
 * @param options The options, parsed.
 * @return the scenario.
 * @throws std::invalid_argument with one line that says which option, file or value is wrong.
 */
JobScenario ParseJobScenario(const ProgramOptions& options);

} // namespace mixnet
} // namespace ns3

#endif // JOB_SCENARIO_H
