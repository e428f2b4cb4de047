/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TOKEN_SETS_H
#define TOKEN_SETS_H

#include "ns3/keyed-random.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Gating that lets a token go to a few groups of expert places only.
 *
 * DeepSeek-V3: 8 groups of 32 experts, 4 groups per token ("node-limited routing").
 */
struct GroupLimit
{
    size_t groups{1};         //!< groups of neighbouring expert places; divides the places
    size_t groupsPerToken{1}; //!< groups a token may go to, at most all

    /// @return whether there is a limit at all.
    bool Holds() const
    {
        return groupsPerToken < groups;
    }
};

/**
 * @ingroup mixnet-core
 * @brief The sets of experts to which the tokens of one source rank go, one set per token.
 *
 * The number of assignments of every expert does not tell which of them share a token, and so not
 * how many tokens a group of experts gets. This draws it: tokens come in cohorts; in a cohort of n
 * tokens the experts stand on a line in random order, each with its assignments as its length, and
 * token t gets the experts over t, t + n, t + 2n, ... (systematic sampling). An expert with at most
 * n assignments is over a token once, so a token's k experts differ.
 *
 * Guarantees: every token has k different experts; the counts are exactly those given
 * (FromCounts), or have the given shares as their mean (Limited). With equal shares every set of k
 * experts is equally likely, and a group of g of E experts gets a token with probability
 * 1 - C(E - g, k) / C(E, k).
 * Not modelled: experts that like or avoid the same tokens, beyond what the counts and the limit of
 * groups force. Tokens of a cohort are not independent of each other: their sets are disjoint where
 * they can be.
 *
 * @see Goodman and Kish: Controlled selection, JASA 1950 (systematic sampling in random order);
 *      Midzuno: On the sampling system with probability proportionate to sum of sizes, 1952
 */
class TokenSets
{
  public:
    static constexpr uint64_t MAX_TOKENS = uint64_t{1} << 24; //!< tokens of a source rank
    static constexpr size_t MAX_GROUP_SETS = 1000;            //!< ways to choose a token's groups

    /**
     * @brief Draws sets with given counts.
     * @param counts Assignments to each expert place, at most @p tokens each; they add up to a
     *        multiple of @p tokens.
     * @param tokens Tokens, 1 to MAX_TOKENS.
     * @param random Place of the draw.
     * @return the sets.
     * @throws std::invalid_argument when the counts are not of that kind.
     */
    static TokenSets FromCounts(const std::vector<uint64_t>& counts,
                                uint64_t tokens,
                                const KeyedRandom& random);

    /**
     * @brief Draws sets whose experts are in a few groups each.
     *
     * A token's groups are set S with a probability proportional to the sum of its weights: then
     * experts drawn from S in proportion to their weights have, over all S, their shares as mean.
     * Experts with more than one assignment per token pass the excess on within S.
     *
     * @param weights What the mean assignments to each expert place are proportional to; zero for
     *        places that are empty. Their sum is at most 2^40.
     * @param tokens Tokens, 1 to MAX_TOKENS.
     * @param topK Experts per token; at most the experts of any groupsPerToken groups.
     * @param limit Groups.
     * @param random Place of the draw.
     * @return the sets.
     * @throws std::invalid_argument when the arguments are not of that kind.
     */
    static TokenSets Limited(const std::vector<uint64_t>& weights,
                             uint64_t tokens,
                             uint64_t topK,
                             const GroupLimit& limit,
                             const KeyedRandom& random);

    /// @return assignments to each expert place.
    std::vector<uint64_t> Counts() const;

    /**
     * @param placesPerGroup Neighbouring expert places that are one group, as those of a rank.
     * @return tokens with at least one expert in each group.
     * @throws std::invalid_argument when it does not divide the places.
     */
    std::vector<uint64_t> Distinct(size_t placesPerGroup) const;

    /**
     * @param placeOf New place of each expert place, different ones.
     * @param places How many there are then, above all of these.
     * @return the same tokens with their experts there.
     */
    TokenSets Moved(const std::vector<uint32_t>& placeOf, size_t places) const;

    /// @return number of tokens.
    uint64_t Tokens() const;

    /**
     * @param token Below Tokens(); takes time proportional to its cohort.
     * @return its experts' places, ascending.
     */
    std::vector<size_t> ExpertsOf(uint64_t token) const;

  private:
    /// Consecutive tokens of a cohort that go to one expert; from the last on to the first.
    struct Run
    {
        uint32_t place;  //!< expert place
        uint32_t begin;  //!< first token, within the cohort
        uint32_t length; //!< how many, at most the cohort
    };

    /// Tokens whose experts are drawn together.
    struct Cohort
    {
        uint64_t tokens; //!< how many
        size_t firstRun; //!< their runs begin here
        size_t pastRuns; //!< and end before this
    };

    /// @param places Number of expert places.
    explicit TokenSets(size_t places);

    /**
     * @brief Lays the experts of a cohort on their line.
     * @param tokens Tokens of the cohort.
     * @param places Expert places in their order on the line.
     * @param lengths Assignments to each of these places.
     */
    void AddCohort(uint64_t tokens,
                   const std::vector<uint32_t>& places,
                   const std::vector<uint64_t>& lengths);

    /**
     * @brief Draws a cohort in which experts may have more than one assignment per token to pass
     * on.
     * @param weights Weights of the places. @param tokens Tokens of the cohort.
     * @param topK Experts per token. @param places The places allowed, in random order.
     * @param start Random bits.
     */
    void DrawCohort(const std::vector<uint64_t>& weights,
                    uint64_t tokens,
                    uint64_t topK,
                    const std::vector<uint32_t>& places,
                    uint64_t start);

    /**
     * @brief The same, where no expert has: the usual case, in one go over the places.
     * @param weights Weights of the places; none more than half of @p sum / @p topK.
     * @param tokens Tokens of the cohort; times @p topK below @p sum.
     * @param topK Experts per token. @param places The places allowed, in random order.
     * @param sum Sum of the weights of these places.
     * @param start Random bits.
     */
    void DrawEasyCohort(const std::vector<uint64_t>& weights,
                        uint64_t tokens,
                        uint64_t topK,
                        const std::vector<uint32_t>& places,
                        uint64_t sum,
                        uint64_t start);

    size_t m_places;               //!< expert places
    std::vector<Run> m_runs;       //!< of all cohorts, one after the other
    std::vector<Cohort> m_cohorts; //!< tokens that are drawn together
};

} // namespace mixnetcore

#endif // TOKEN_SETS_H
