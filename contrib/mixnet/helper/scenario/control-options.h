/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CONTROL_OPTIONS_H
#define CONTROL_OPTIONS_H

#include "fabric-options.h"

#include "ns3/training-helper.h"

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
    std::string policy{"block"};        //!< name of the reconfiguration policy
    std::string demandSource{"known"};  //!< name of the demand source
    mixnetcore::Picoseconds latency{0}; //!< between hosts and controller, each way
};

/**
 * @ingroup mixnet
 * @brief How collectives run, as options describe it.
 */
struct CollectiveScenario
{
    std::string tensorAlgorithm;  //!< steps of those of TP groups: direct, ring or merged
    double allToAllEfficiency{1}; //!< share of line rate that all-to-alls achieve; above 0
};

/**
 * @ingroup mixnet
 * @brief Declares the options that say when circuits change: --policy, --demandSource and
 * --controlLatency.
 * @param options Where to.
 */
void AddControlOptions(ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Reads what AddControlOptions declares.
 * @param options The options.
 * @param fabric The fabric; without circuits there is nothing to read.
 * @return when circuits change.
 * @throws std::invalid_argument with one line that says which option is wrong.
 */
ControlScenario ParseControlOptions(const ProgramOptions& options, const FabricScenario& fabric);

/**
 * @ingroup mixnet
 * @brief Declares the options that say how collectives run: --tensorAlgorithm and
 * --allToAllEfficiency.
 * @param options Where to.
 */
void AddCollectiveOptions(ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Reads what AddCollectiveOptions declares.
 * @param options The options.
 * @param tensorParallel GPUs of an EP rank; one alone has no collectives of its own.
 * @return how collectives run.
 * @throws std::invalid_argument with one line that says which option is wrong.
 */
CollectiveScenario ParseCollectiveOptions(const ProgramOptions& options, uint64_t tensorParallel);

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
 * @param collectives How collectives run.
 * @return what installs training accordingly.
 */
TrainingHelper MakeTrainingHelper(const FabricScenario& fabric,
                                  const ControlScenario& control,
                                  const CollectiveScenario& collectives);

} // namespace mixnet
} // namespace ns3

#endif // CONTROL_OPTIONS_H
