/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef JOB_SCENARIO_H
#define JOB_SCENARIO_H

#include "control-options.h"
#include "fabric-options.h"
#include "ns3/frame-capture.h"
#include "ns3/training-helper.h"

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
    OptionRecord options;           //!< all options in force
    TrainingJobSpec job;            //!< what is trained
    mixnetcore::GpuType gpu;        //!< kind of GPU
    std::string compute;            //!< how long they compute, for people
    FabricScenario fabric;          //!< where
    ControlScenario control;        //!< when its circuits change
    CollectiveScenario collectives; //!< how its collectives run
    uint64_t seed{1};               //!< seed of everything random
    std::string output;             //!< folder for results, or NONE
    CaptureSpec capture;            //!< packet captures
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
 * @return the scenario.
 * @throws std::invalid_argument with one line that says which option, file or value is wrong.
 */
JobScenario ParseJobScenario(const ProgramOptions& options);

} // namespace mixnet
} // namespace ns3

#endif // JOB_SCENARIO_H
