/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_SCENARIO_H
#define TRAINING_SCENARIO_H

#include "control-options.h"
#include "fabric-options.h"
#include "ns3/frame-capture.h"

#include "ns3/moe-group-workload.h"
#include "ns3/phase-sequence.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Everything that decides a run of mixnet-training for one EP group, checked.
 */
struct TrainingScenario
{
    OptionRecord options;                                         //!< all options in force
    mixnetcore::ModelSpec model;                                  //!< model to train
    std::shared_ptr<const mixnetcore::MoeGroupWorkload> workload; //!< work of the EP group
    mixnetcore::GpuType gpu;                                      //!< kind of GPU
    std::string compute;                    //!< how long they compute, for people
    FabricScenario fabric;                  //!< fabric of its region
    ControlScenario control;                //!< when its circuits change
    mixnetcore::PhaseSequenceSpec sequence; //!< layers, microbatches, passes
    CollectiveScenario collectives;         //!< how its collectives run
    uint64_t seed{1};                       //!< seed of everything random
    uint64_t tableRows{60};                 //!< rows of the table at most
    std::string output;                     //!< folder for results, or NONE
    CaptureSpec capture;                    //!< packet captures
};

/**
 * @ingroup mixnet
 * @return the options of mixnet-training, those of a whole job among them, with their defaults: the
 * EP group of Mixtral 8x22B in the paper's region.
 */
ProgramOptions DeclareTrainingOptions();

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
