/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CONTROL_OPTIONS_H
#define CONTROL_OPTIONS_H

#include "fabric-options.h"
#include "training-helper.h"

#include <string>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief When circuits change, as options describe it.
 */
struct ControlScenario
{
    std::string policy;                 //!< name of the reconfiguration policy
    mixnetcore::Picoseconds latency{0}; //!< between hosts and controller, each way
};

/**
 * @ingroup mixnet
 * @brief Declares the options that say when circuits change: --policy and --controlLatency.
 * @param options Where to.
 */
void AddControlOptions(ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Reads what AddControlOptions declares.
 * @param options The options.
 * @return when circuits change.
 * @throws std::invalid_argument with one line that says which option is wrong.
 */
ControlScenario ParseControlOptions(const ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Declares --tensorAlgorithm.
 * @param options Where to.
 */
void AddTensorAlgorithmOption(ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Reads --tensorAlgorithm.
 * @param options The options.
 * @param automatic What auto stands for.
 * @return steps of tensor-parallel collectives: direct, ring or merged.
 * @throws std::invalid_argument with one line when it is none of these.
 */
std::string ParseTensorAlgorithm(const ProgramOptions& options, const std::string& automatic);

/**
 * @ingroup mixnet
 * @param fabric A fabric with circuits.
 * @param control When they change.
 * @return policy, allocator and blackouts, for people.
 */
std::string DescribeCircuits(const FabricScenario& fabric, const ControlScenario& control);

/**
 * @ingroup mixnet
 * @param fabric The fabric.
 * @param control When its circuits change.
 * @param tensorAlgorithm Steps of tensor-parallel collectives.
 * @return what installs training accordingly.
 */
TrainingHelper MakeTrainingHelper(const FabricScenario& fabric,
                                  const ControlScenario& control,
                                  const std::string& tensorAlgorithm);

} // namespace mixnet
} // namespace ns3

#endif // CONTROL_OPTIONS_H
