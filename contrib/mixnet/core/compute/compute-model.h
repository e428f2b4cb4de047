/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef COMPUTE_MODEL_H
#define COMPUTE_MODEL_H

#include "compute-kind.h"
#include "compute-profile.h"
#include "gpu-type.h"

#include "ns3/mixnet-units.h"
#include "ns3/model-spec.h"
#include "ns3/phase-key.h"

#include <cstdint>
#include <optional>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief How long one EP rank computes.
 *
 * Operations are those of the matrix products (a multiplication and an addition each); time is
 * operations / (TP degree * achieved rate), rounded to the nearest picosecond. Per token, with
 * hidden size d, H heads of size h, K heads of keys and values, sequence s, E experts of inner size
 * f, shared experts of inner size g, a dense block of inner size D, vocabulary V; latent attention
 * with P parameters and head parts n, r, v (see CountLayerParameters()):
 *
 * | kind          | operations, forward                                  |
 * |---------------|------------------------------------------------------|
 * | attention     | 2d(2Hh + 2Kh) projections + 2sHh scores and values   |
 * | latent        | 2P projections + sH(n + r + v) scores and values     |
 * | gating        | 2dE                                                  |
 * | expert        | 6df per token assignment that arrived                |
 * | shared expert | 6dg                                                  |
 * | dense         | 6dD                                                  |
 * | head          | 2dV                                                  |
 *
 * Attention is causal, so each token attends to s / 2 tokens on average. The embedding is a look-up
 * and free. The backward pass takes twice the forward pass (gradients of inputs and of weights);
 * recomputation adds one forward pass. Measured times replace computed ones, see ComputeProfile.
 *
 * Guarantees: only integer arithmetic, hence equal results on every machine; what does not fit into
 * 64 bits is refused.
 * Not modelled: what is bound by memory (norms, softmax, permutation of tokens), kernel launches, a
 * rate that falls with small matrices, the one-output gate of a shared expert, keys and values that
 * are computed several times where TP exceeds their heads.
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
     * @param ratePerGpu What one GPU achieves in any kind of work; above zero.
     * @throws std::invalid_argument when a number is zero, or a microbatch is beyond 64 bits.
     */
    ComputeModel(const ModelSpec& model,
                 uint64_t tensorParallel,
                 FlopsPerSecond ratePerGpu = DEFAULT_RATE_PER_GPU);

    /**
     * @param model Sizes of the model, sequence and microbatch.
     * @param tensorParallel GPUs that share the work of one rank; at least 1.
     * @param rates What one GPU achieves in each kind of work.
     * @param profile Measured times, if any.
     * @throws std::invalid_argument when a number is zero, a microbatch is beyond 64 bits, or the
     *         profile has times of what the model has not.
     */
    ComputeModel(const ModelSpec& model,
                 uint64_t tensorParallel,
                 const ComputeRates& rates,
                 const std::optional<ComputeProfile>& profile = std::nullopt);

    /// @return time of the attention of one layer, forward, of one microbatch.
    Picoseconds Attention() const
    {
        return Time(ComputeKind::Attention, Direction::Forward);
    }

    /// @return time of the gating of one layer, forward, of one microbatch.
    Picoseconds Gating() const
    {
        return Time(ComputeKind::Gating, Direction::Forward);
    }

    /**
     * @param arrived Token assignments that the experts of the rank received, from all ranks.
     * @return time of these experts, one after the other, and of the shared expert, if the model
     * has one, on the rank's own microbatch; forward.
     */
    Picoseconds Expert(Tokens arrived) const
    {
        return Expert(Direction::Forward, arrived);
    }

    /**
     * @param direction Forward or backward.
     * @param arrived Token assignments that the experts of the rank received, from all ranks.
     * @return time of these experts and of the shared expert, in that direction.
     */
    Picoseconds Expert(Direction direction, Tokens arrived) const;

    /**
     * @param kind What.
     * @param direction Forward (also when done once more, for recomputation) or backward.
     * @param arrived Only for routed experts: the assignments that the rank received.
     * @return time of one microbatch.
     */
    Picoseconds Time(ComputeKind kind, Direction direction, Tokens arrived = Tokens(0)) const;

    /**
     * @param kind What.
     * @param arrived Only for routed experts: the assignments that the rank received.
     * @return operations of one microbatch, forward, all GPUs of the rank together.
     * @throws std::invalid_argument when they are beyond 2^63.
     */
    Flops Work(ComputeKind kind, Tokens arrived = Tokens(0)) const;

    /**
     * @return what attention does per token with keys and values of the other tokens, forward: the
     *         part of its work that grows with the sequence.
     */
    Flops ScoreWorkPerToken() const;

  private:
    /// @param kind What. @return operations per token, or per assignment, forward.
    uint64_t WorkPerToken(ComputeKind kind) const;

    /// @param kind What. @param arrived Assignments. @return the tokens that it is done for.
    Tokens TokensOf(ComputeKind kind, Tokens arrived) const
    {
        return kind == ComputeKind::Expert ? arrived : m_model.TokensPerMicrobatch();
    }

    /// @throws std::invalid_argument when the profile has times of what the model has not.
    void CheckProfile() const;

    ModelSpec m_model;                       //!< sizes
    uint64_t m_tensorParallel;               //!< GPUs per rank
    ComputeRates m_rates;                    //!< achieved rates of each
    std::optional<ComputeProfile> m_profile; //!< measured times
};

} // namespace mixnetcore

#endif // COMPUTE_MODEL_H
