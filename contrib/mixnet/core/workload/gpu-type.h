/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef GPU_TYPE_H
#define GPU_TYPE_H

#include "ns3/mixnet-units.h"

#include <string>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Names floating-point operations.
struct FlopKind
{
    static constexpr const char* UNIT = "operations"; //!< what is counted
};

/// @ingroup mixnet-core
/// @brief Names floating-point operations per second.
struct FlopsPerSecondKind
{
    static constexpr const char* UNIT = "operations per second"; //!< what is counted
};

/// @ingroup mixnet-core
/// @brief A number of floating-point operations.
using Flops = Quantity<FlopKind>;

/// @ingroup mixnet-core
/// @brief Floating-point operations per second.
using FlopsPerSecond = Quantity<FlopsPerSecondKind>;

/**
 * @ingroup mixnet-core
 * @brief A kind of GPU: what it achieves in training, not what its data sheet promises.
 */
struct GpuType
{
    std::string name;              //!< name for options
    std::string title;             //!< name in tables
    FlopsPerSecond achieved;       //!< achieved rate of matrix products in BF16
    BitsPerSecond memoryBandwidth; //!< of its own memory, peak
    std::string source;            //!< where the numbers are from
};

/**
 * @ingroup mixnet-core
 * @brief The known kinds.
 *
 * | name | TFLOP/s | TB/s  | rate from                                                          |
 * |------|---------|-------|--------------------------------------------------------------------|
 * | h800 | 137     | 3.35  | MixNet, figure 3, see ComputeModel::DEFAULT_RATE_PER_GPU           |
 * | h100 | 246     | 3.35  | middle of 216 to 277, MoE models in NeMo AutoModel's published table |
 * | a100 | 115     | 2.039 | middle of 90 to 140, published MoE training                        |
 *
 * Memory bandwidths are those of NVIDIA's data sheets for SXM modules of 80 GB. The H800 computes
 * as fast as the H100; its lower rate is that of another software on another model.
 *
 * @return the kinds; the first is the default.
 */
const std::vector<GpuType>& GpuTypes();

/**
 * @ingroup mixnet-core
 * @param name Name of a kind.
 * @return the kind.
 * @throws std::invalid_argument that lists the known names when there is none.
 */
const GpuType& FindGpuType(const std::string& name);

/**
 * @ingroup mixnet-core
 * @return the names of all kinds.
 */
std::vector<std::string> GpuTypeNames();

} // namespace mixnetcore

#endif // GPU_TYPE_H
