/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_SCENARIO_H
#define TRAINING_SCENARIO_H

#include "fabric-options.h"
#include "frame-capture.h"

#include "ns3/moe-group-workload.h"
#include "ns3/phase-sequence.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Everything that decides a run of mixnet-training, checked.
 */
struct TrainingScenario
{
    std::map<std::string, std::string> options;                   //!< all options in force
    mixnetcore::ModelSpec model;                                  //!< model to train
    std::shared_ptr<const mixnetcore::MoeGroupWorkload> workload; //!< work of the EP group
    FabricScenario fabric;                                        //!< fabric of its region
    mixnetcore::Picoseconds controlLatency{0};                    //!< between hosts and controller
    mixnetcore::PhaseSequenceSpec sequence;                       //!< layers, microbatches, passes
    std::string policy;           //!< name of the reconfiguration policy
    std::string tensorAlgorithm;  //!< direct or ring
    double allToAllEfficiency{1}; //!< share of line rate that all-to-alls achieve
    uint64_t seed{1};             //!< seed of everything random
    uint64_t tableRows{60};       //!< rows of the table at most
    std::string output;           //!< folder for results, or NONE
    CaptureSpec capture;          //!< packet captures
};

/**
 * @ingroup mixnet
 * @brief Declares --model.
 * @param options Where to declare it.
 * @param value Its default, a name.
 */
void AddModelOption(ProgramOptions& options, const std::string& value);

/**
 * @ingroup mixnet
 * @return the options of mixnet-training with their defaults: the EP group of Mixtral 8x22B in the
 * paper's region.
 */
ProgramOptions DeclareTrainingOptions();

/**
 * @ingroup mixnet
 * @param options The options, parsed.
 * @return the model that --model names.
 * @throws std::invalid_argument with one line that says what is wrong with the option or file.
 */
mixnetcore::ModelSpec ParseModel(const ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Reads the options of mixnet-training for one EP group.
 * @param options The options, parsed.
 * @return the scenario.
 * @throws std::invalid_argument with one line that says which option, file or value is wrong.
 */
TrainingScenario ParseTrainingScenario(const ProgramOptions& options);

} // namespace mixnet
} // namespace ns3

#endif // TRAINING_SCENARIO_H
