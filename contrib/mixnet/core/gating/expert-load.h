/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef EXPERT_LOAD_H
#define EXPERT_LOAD_H

#include "token-sets.h"

#include "ns3/demand-matrix.h"
#include "ns3/mixnet-units.h"
#include "ns3/phase-key.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Names one gating: each has a load of its own.
 */
struct LoadKey
{
    uint32_t iteration{0};  //!< training iteration
    uint32_t layer{0};      //!< MoE layer of the whole model: 0 for the first with experts
    uint32_t microbatch{0}; //!< microbatch within the iteration
    uint32_t replica{0};    //!< data-parallel replica of the expert-parallel group
};

/**
 * @ingroup mixnet-core
 * @brief Names the gating whose tokens a phase computes or moves.
 *
 * Phases count all layers of the model, loads those with experts only.
 *
 * @param phase A phase of a layer with experts.
 * @param denseLayers Layers at the beginning of the model that have none.
 * @return the gating.
 * @throws std::invalid_argument when the layer has no experts.
 */
LoadKey LoadKeyOf(const PhaseKey& phase, uint64_t denseLayers);

/**
 * @ingroup mixnet-core
 * @brief Tells how many token assignments each source rank sends to each expert.
 *
 * A token that goes to k experts makes k assignments. A matrix has a row per source EP rank and a
 * column per expert place; every row adds up to the assignments of one microbatch (b * s * k),
 * since every rank works on a microbatch of its own, or to none (LoadedRanks()).
 *
 * Guarantees: equal keys give equal matrices, in any order of asking.
 */
class ExpertLoad
{
  public:
    ExpertLoad() = default;
    virtual ~ExpertLoad() = default;

    /**
     * @param key Which gating.
     * @return the assignments, SourceRanks() x Experts().
     */
    virtual TokenMatrix Draw(const LoadKey& key) const = 0;

    /**
     * @brief Counts tokens instead of assignments: a token with several experts in a group counts
     * once for it. Of the same tokens as Draw().
     *
     * @param key Which gating.
     * @param placesPerGroup Neighbouring expert places that are one group, as those of a rank or a
     *        host; divides Experts(). With 1 the result is that of Draw().
     * @return tokens from each source rank to each group, SourceRanks() x groups.
     * @throws std::invalid_argument when the load only knows counts, which do not tell, or when
     *         @p placesPerGroup does not fit.
     */
    virtual TokenMatrix DrawDistinct(const LoadKey& key, size_t placesPerGroup) const;

    /**
     * @brief Tells which experts share a token. Of the same tokens as Draw().
     * @param key Which gating.
     * @return the sets of expert places of each source rank's tokens.
     * @throws std::invalid_argument when the load only knows counts, which do not tell.
     */
    virtual std::vector<TokenSets> DrawSets(const LoadKey& key) const;

    /// @return number of rows: EP ranks.
    virtual size_t SourceRanks() const = 0;

    /// @return number of columns: expert places, those that only fill up a rank included.
    virtual size_t Experts() const = 0;

    /// @return whether one matrix is used for every key, which results have to mention.
    virtual bool RepeatsItself() const = 0;

    /// @return how many source ranks have tokens at all; the others send nothing.
    virtual size_t LoadedRanks() const
    {
        return SourceRanks();
    }

    /// @return one line for result files: where the load comes from and its parameters.
    virtual std::string Description() const = 0;

  protected:
    /// @cond
    ExpertLoad(const ExpertLoad&) = default;
    ExpertLoad(ExpertLoad&&) = default;
    ExpertLoad& operator=(const ExpertLoad&) = default;
    ExpertLoad& operator=(ExpertLoad&&) = default;
    /// @endcond
};

/**
 * @ingroup mixnet-core
 * @param rows Numbers of tokens, row by row; all rows of one length.
 * @return them as a matrix.
 */
TokenMatrix TokenMatrixOf(const std::vector<std::vector<uint64_t>>& rows);

/**
 * @ingroup mixnet-core
 * @brief Bytes of the dispatch all-to-all between EP ranks.
 *
 * Experts are dealt to the ranks contiguously: with n places per rank, rank r holds places r * n to
 * r * n + n - 1. A token that goes twice to one rank is sent twice. The combine is the transpose.
 *
 * @param tokens Assignments from each source rank (row) to each expert place (column).
 * @param epRanks Number of EP ranks: the rows, and a divisor of the columns.
 * @param bytesPerToken Size of one token's activation.
 * @return bytes between EP ranks; (r, r) is what stays on rank r.
 * @throws std::invalid_argument when the matrix does not fit the ranks.
 */
DemandMatrix DispatchDemand(const TokenMatrix& tokens, size_t epRanks, Bytes bytesPerToken);

/**
 * @ingroup mixnet-core
 * @param tokens Tokens of a transfer from rows to columns.
 * @param bytesPerToken Size of one token's activation.
 * @return the same in bytes.
 */
DemandMatrix TokenBytes(const TokenMatrix& tokens, Bytes bytesPerToken);

} // namespace mixnetcore

#endif // EXPERT_LOAD_H
