/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef GPU_TYPE_H
#define GPU_TYPE_H

#include "ns3/mixnet-units.h"
#include "ns3/registry.h"

#include <string>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Names floating-point operations.
inline constexpr char FLOP_UNIT[] = "operations";

/// @ingroup mixnet-core
/// @brief Names floating-point operations per second.
inline constexpr char FLOP_PER_SECOND_UNIT[] = "operations per second";

/// @ingroup mixnet-core
/// @brief A number of floating-point operations.
using Flops = Quantity<FLOP_UNIT>;

/// @ingroup mixnet-core
/// @brief Floating-point operations per second.
using FlopsPerSecond = Quantity<FLOP_PER_SECOND_UNIT>;

/**
 * @ingroup mixnet-core
 * @brief A kind of GPU: what its data sheet promises, and what it achieves in training.
 */
struct GpuType
{
    std::string name;              //!< name for options
    std::string title;             //!< name in tables
    FlopsPerSecond peak;           //!< matrix products in BF16, dense, by the data sheet
    FlopsPerSecond achieved;       //!< the same in training; zero where nobody has published it
    BitsPerSecond nvlink;          //!< to and from other GPUs of a server, each way
    BitsPerSecond memoryBandwidth; //!< of its own memory, peak
    std::string source;            //!< where the achieved rate is from
};

/**
 * @ingroup mixnet-core
 * @brief The known kinds.
 *
 * | name | peak, TFLOP/s | achieved | NVLink each way, Gb/s | memory, TB/s | achieved rate from |
 * |------|---------------|----------|-----------------------|--------------|--------------------|
 * | h100 | 989           | 246      | 3600                  | 3.35         | middle of 216 to 277:
 * DeepSeek-V3 and Qwen3-30B-A3B in NeMo AutoModel's published table | | h800 | 989           | 137
 * | 1600                  | 3.35         | MixNet, figure 3, see ComputeModel::DEFAULT_RATE_PER_GPU
 * | | a100 | 312           | 115      | 2400                  | 2.039        | middle of 90 to 140,
 * published MoE training | | b200 | 2250          | -        | 7200                  | 8 | none
 * published: has to be given |
 *
 * Peak rates, NVLink and memory are those of NVIDIA's data sheets for SXM modules (NVLink 3, 4 and
 * 5; the H800 has 8 of the H100's 18 links). The H800 computes as fast as the H100; its lower rate
 * is that of another software on another model, read off the hottest expert. MixNet's simulations
 * take 3600 Gb/s of NVLink each way whatever the GPU (section 7.1).
 *
 * Published rates but that of the paper are those of whole iterations, communication and imbalance
 * included. As the rate of matrix products they are a cautious choice: kernels alone are faster.
 *
 * @return the kinds by name; the first is the default.
 */
Registry<GpuType>& GpuTypes();

} // namespace mixnetcore

#endif // GPU_TYPE_H
