/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MEASURED_EXPERT_LOAD_H
#define MEASURED_EXPERT_LOAD_H

#include "expert-load.h"

#include <istream>
#include <string>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief One measured matrix of token counts, used for every iteration, layer and microbatch.
 *
 * The text is one JSON matrix, `[[9810,5338,..],[9278,..],..]`: a row per source rank, a column per
 * expert, whole counts. The counts give shares: each row is scaled to the assignments of a
 * microbatch by largest remainder.
 *
 * Counts do not tell which experts share a token. For deduplication the sets of experts are drawn
 * as TokenSets does: as random as the counts allow, which Description() says.
 *
 * A row of zeros is of a rank whose batch holds no tokens: it sends nothing, and computes as
 * others.
 *
 * Guarantees: every other row adds up to the assignments asked for; a count of zero stays zero.
 *
 * @see Non-uniform token distribution in a trained model: MixNet, appendix A.2
 */
class MeasuredExpertLoad : public ExpertLoad
{
  public:
    /**
     * @param input Text of the matrix, read to its end.
     * @param name What messages and Description() call the input: its path.
     * @param sourceRanks Rows the model needs.
     * @param experts Columns the model needs.
     * @param assignmentsPerSource What every row is scaled to.
     * @param tokensPerSource Tokens that make these assignments; 0 when it is not known, and then
     *        nothing can be deduplicated.
     * @throws std::invalid_argument with one line (input, place, value, what is expected) when the
     *         text is not a matrix of counts, a row is ragged, all are zero, the shape differs, or
     * an expert gets more assignments than there are tokens.
     */
    MeasuredExpertLoad(std::istream& input,
                       const std::string& name,
                       size_t sourceRanks,
                       size_t experts,
                       Tokens assignmentsPerSource,
                       Tokens tokensPerSource = Tokens(0));

    /**
     * @param path File with the matrix.
     * @param sourceRanks Rows the model needs.
     * @param experts Columns the model needs.
     * @param assignmentsPerSource What every row is scaled to.
     * @param tokensPerSource As the constructor takes it.
     * @return the load.
     * @throws std::invalid_argument as the constructor, and when the file cannot be read.
     */
    static MeasuredExpertLoad FromFile(const std::string& path,
                                       size_t sourceRanks,
                                       size_t experts,
                                       Tokens assignmentsPerSource,
                                       Tokens tokensPerSource = Tokens(0));

    // Inherited from ExpertLoad
    TokenMatrix Draw(const LoadKey& /* key */) const override
    {
        return m_tokens;
    }

    std::vector<TokenSets> DrawSets(const LoadKey& key) const override;

    size_t SourceRanks() const override
    {
        return m_tokens.Rows();
    }

    size_t Experts() const override
    {
        return m_tokens.Columns();
    }

    bool RepeatsItself() const override
    {
        return true;
    }

    size_t LoadedRanks() const override;

    std::string Description() const override;

  private:
    /// @throws std::invalid_argument when an expert gets more assignments than there are tokens.
    void CheckTokens() const;

    std::string m_name;    //!< what the input is called
    Tokens m_sourceTokens; //!< tokens behind a row; 0 when not known
    TokenMatrix m_tokens;  //!< the scaled matrix
};

} // namespace mixnetcore

#endif // MEASURED_EXPERT_LOAD_H
