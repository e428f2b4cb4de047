/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_SCENARIO_H
#define TRAINING_SCENARIO_H

#include "animation-options.h"
#include "capture-options.h"
#include "control-options.h"
#include "cost-options.h"
#include "fabric-options.h"
#include "timeline-options.h"

#include "ns3/training-helper.h"

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
    OptionRecord options;              //!< all options in force
    TrainingJobSpec job;               //!< what is trained
    mixnetcore::GpuType gpu;           //!< kind of GPU
    std::string compute;               //!< how long they compute, for people
    FabricScenario fabric;             //!< where
    ControlScenario control;           //!< when its circuits change
    CollectiveScenario collectives;    //!< how its collectives run
    uint64_t seed{1};                  //!< seed of everything random
    uint64_t tableRows{60};            //!< rows of the table of phases at most
    std::string output;                //!< folder for results, or NONE
    TimelineSpec timeline;             //!< timeline of trace events, if any
    AnimationSpec animation;           //!< for NetAnim
    CaptureSpec capture;               //!< packet captures
    std::optional<NetworkPrice> price; //!< of the network, if asked for
};

/**
 * @ingroup mixnet
 * @return the options of mixnet-training with their defaults: two layers of Mixtral 8x22B on one EP
 * group, in the paper's region.
 */
ProgramOptions DeclareTrainingOptions();

/**
 * @ingroup mixnet
 * @brief Reads the options of mixnet-training.
 *
 * Without --gpus the job is one EP group, DP = PP = 1, that passes some MoE layers of the model:
 * an excerpt (TrainingProgramOptions).
 *
 * @param options The options, parsed.
 * @return the scenario.
 * @throws std::invalid_argument with one line that says which option, file or value is wrong.
 */
TrainingScenario ParseTrainingScenario(const ProgramOptions& options);

} // namespace mixnet
} // namespace ns3

#endif // TRAINING_SCENARIO_H
