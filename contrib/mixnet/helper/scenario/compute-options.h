/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef COMPUTE_OPTIONS_H
#define COMPUTE_OPTIONS_H

#include "program-options.h"

#include "ns3/compute-model.h"
#include "ns3/gpu-type.h"
#include "ns3/model-spec.h"
#include "ns3/optimizer-model.h"

#include <cstdint>
#include <string>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief How long GPUs compute, as options describe it.
 */
struct ComputeScenario
{
    mixnetcore::ComputeModel compute;     //!< times of the computing phases of one rank
    mixnetcore::OptimizerModel optimizer; //!< time of the step that ends an iteration
    mixnetcore::GpuType gpu;              //!< kind of GPU
    std::string description;              //!< one line for tables: GPU, rate, measured times
};

/**
 * @ingroup mixnet
 * @brief Declares the option that says which GPUs there are: --gpuType.
 * @param options Where to declare it.
 */
void AddGpuTypeOption(ProgramOptions& options);

/// @ingroup mixnet
/// @param options The options. @return the kind of GPU.
/// @throws std::invalid_argument when it is not known.
const mixnetcore::GpuType& ParseGpuType(const ProgramOptions& options);

/**
 * @ingroup mixnet
 * @param options The options.
 * @param name Option with the rate between the GPUs of a server, each way; gpuType for that of
 * --gpuType.
 * @return the rate.
 * @throws std::invalid_argument when it is no rate.
 */
mixnetcore::BitsPerSecond ParseNvlinkRate(const ProgramOptions& options, const std::string& name);

/**
 * @ingroup mixnet
 * @brief Declares the options that say how long GPUs compute: --teraflops, --computeProfile; beside
 * --gpuType.
 * @param options Where to declare them.
 */
void AddComputeOptions(ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Reads the options that say how long GPUs compute.
 *
 * The rate of matrix products is that of --teraflops where it is given, else that of --gpuType; the
 * optimizer's step takes the memory bandwidth of --gpuType. Times in --computeProfile come before
 * both.
 *
 * @param options The options.
 * @param model The model.
 * @param tensorParallel GPUs of a rank; at least 1.
 * @return the times.
 * @throws std::invalid_argument with one line that says which option, file or value is wrong.
 */
ComputeScenario ParseComputeOptions(const ProgramOptions& options,
                                    const mixnetcore::ModelSpec& model,
                                    uint64_t tensorParallel);

} // namespace mixnet
} // namespace ns3

#endif // COMPUTE_OPTIONS_H
