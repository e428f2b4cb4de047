/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef COMPUTE_MODEL_H
#define COMPUTE_MODEL_H

#include "model-spec.h"

#include "ns3/mixnet-units.h"

#include <cstdint>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief A number of floating-point operations.
using Flops = Quantity<struct FlopKind>;

/// @ingroup mixnet-core
/// @brief Floating-point operations per second.
using FlopsPerSecond = Quantity<struct FlopsPerSecondKind>;

/**
 * @ingroup mixnet-core
 * @brief How long one EP rank computes in the phases of one MoE layer, forward.
 *
 * Operations are those of the matrix products (a multiplication and an addition each); time is
 * operations / (TP degree * achieved rate), rounded to the nearest picosecond. Per token, with
 * hidden size d, H heads of size h, K heads of keys and values, sequence s, E experts of inner size
 * f, a shared expert of inner size g:
 *
 * | phase     | operations                                               |
 * |-----------|----------------------------------------------------------|
 * | attention | 2d(2Hh + 2Kh) projections + 2sHh scores and values       |
 * | gating    | 2dE                                                      |
 * | expert    | 6df per token assignment that arrived + 6dg per own token |
 *
 * Attention is causal, so each token attends to s / 2 tokens on average.
 *
 * Guarantees: only integer arithmetic, hence equal results on every machine.
 * Not modelled: what is bound by memory (norms, softmax, permutation of tokens), kernel launches, a
 * rate that falls with small matrices, the one-output gate of a shared expert.
 */
class ComputeModel
{
  public:
    /**
     * @brief Achieved rate of one H800: 137 TFLOP/s.
     *
     * MixNet, figure 3: the expert step of Mixtral 8x7B (microbatch 8, EP8, TP4) takes somewhat
     * more than 100 ms. The hottest expert receives 29.6 % of the 8 * 65536 assignments, each of 6
     * * 4096 * 14336 operations, on 4 GPUs: 1.37e13 operations per GPU in 0.1 s.
     */
    static constexpr FlopsPerSecond DEFAULT_RATE_PER_GPU{137'000'000'000'000};

    /**
     * @param model Sizes of the model, sequence and microbatch.
     * @param tensorParallel GPUs that share the work of one rank; at least 1.
     * @param ratePerGpu What one GPU achieves; above zero.
     * @throws std::invalid_argument when a number is zero.
     */
    ComputeModel(const ModelSpec& model,
                 uint64_t tensorParallel,
                 FlopsPerSecond ratePerGpu = DEFAULT_RATE_PER_GPU);

    /// @return time of the attention of one microbatch on its EP rank.
    Picoseconds Attention() const;

    /// @return time of the gating of one microbatch on its EP rank.
    Picoseconds Gating() const;

    /**
     * @param arrived Token assignments that the experts of the rank received, from all ranks.
     * @return time of these experts, one after the other, and of the shared expert, if the model
     * has one, on the rank's own microbatch.
     */
    Picoseconds Expert(Tokens arrived) const;

    /// @return operations of the attention of one microbatch, all GPUs of the rank together.
    Flops AttentionWork() const;

    /// @return operations of the gating of one microbatch.
    Flops GatingWork() const;

    /**
     * @param arrived Token assignments that the experts of the rank received.
     * @return operations of routed and shared experts.
     */
    Flops ExpertWork(Tokens arrived) const;

  private:
    /**
     * @param work Operations of the rank.
     * @return their time on all GPUs of the rank.
     */
    Picoseconds TimeOf(Flops work) const;

    ModelSpec m_model;           //!< sizes
    uint64_t m_tensorParallel;   //!< GPUs per rank
    FlopsPerSecond m_ratePerGpu; //!< achieved rate of each
};

} // namespace mixnetcore

#endif // COMPUTE_MODEL_H
