/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef DEMAND_MATCHING_H
#define DEMAND_MATCHING_H

#include "round-robin.h"
#include "weighted-matching.h"

#include "ns3/demand-matrix.h"

#include <functional>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Chooses pairs of hosts that get a link, round by round: a host is in one pair of a round
 * at most.
 *
 * What counts is the demand of a pair, the sum of both directions. A round is the matching of the
 * largest sum; then the demand of each of its pairs is halved, so that others have their turn. It
 * does not reach 0.
 *
 * Hosts whose demand is the same between all of them, and who have none for others, are matched by
 * the circle method instead: on equal demand the largest sums come to a point at which what is left
 * of the pairs has no good matching. Of its rounds number 0 is taken first, then those at the steps
 * of SelectPermutations() from it, so that the links have a small diameter, then the others.
 *
 * Components of more than MOST_EXACT hosts are matched greedily (MatchGreedily()): at 1024 hosts of
 * random demand a round takes 0.06 s instead of 4 s, and misses half a percent of the sum.
 */
class DemandMatcher
{
  public:
    static constexpr uint32_t MOST_EXACT = 512; //!< hosts that are matched exactly; 0.5 s a round

    /// @brief Whether two hosts can get a link in this round.
    using MayLink = std::function<bool(uint32_t, uint32_t)>;

    /// @brief Which pairs a round is about.
    enum class Pairs
    {
        WithDemand, //!< those with demand
        All,        //!< the others, too, after those with demand
    };

    /**
     * @param demand From host (row) to host (column); what stays at home does not count.
     * @param rounds How many are wanted, as far as is known.
     */
    DemandMatcher(const DemandMatrix& demand, uint32_t rounds);

    /**
     * @brief Chooses the pairs of the next round.
     * @param mayLink Tells of two hosts whether they can get a link.
     * @return the pairs.
     */
    Matching NextRound(const MayLink& mayLink);

    /**
     * @brief Chooses pairs for links that are left over; no round of the circle method.
     * @param pairs Which.
     * @param mayLink As above.
     * @return the pairs.
     */
    Matching ExtraRound(Pairs pairs, const MayLink& mayLink);

    /**
     * @param a A host. @param b Another.
     * @return what their demand still counts: it is halved with each link they have got.
     */
    uint64_t Worth(uint32_t a, uint32_t b) const
    {
        return m_worth[a][b];
    }

  private:
    /// @brief Hosts with the same demand between all of them.
    struct UniformGroup
    {
        std::vector<uint32_t> hosts;  //!< ascending
        std::vector<uint32_t> rounds; //!< of the circle method, in their order
    };

    /// @param rounds How many are wanted. @brief Finds the groups of equal demand.
    void FindUniformGroups(uint32_t rounds);

    /// @param hosts A component. @return whether demand is the same between all of them.
    bool IsUniform(const std::vector<uint32_t>& hosts) const;

    /// @param matching Pairs that get a link. @brief Halves what they count.
    void Discount(const Matching& matching);

    PairWeights m_worth;                 //!< of each pair, halved for each link
    std::vector<UniformGroup> m_uniform; //!< groups of equal demand
    std::vector<bool> m_isUniform;       //!< by host
    uint64_t m_round{0};                 //!< rounds so far
};

/**
 * @ingroup mixnet-core
 * @param demand From host to host.
 * @param rounds How many rounds.
 * @return the pairs of each round of a DemandMatcher.
 */
std::vector<Matching> MatchDemand(const DemandMatrix& demand, uint32_t rounds);

} // namespace mixnetcore

#endif // DEMAND_MATCHING_H
