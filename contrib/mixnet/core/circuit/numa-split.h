/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef NUMA_SPLIT_H
#define NUMA_SPLIT_H

#include "ns3/registry.h"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief How the circuits of one pair of hosts lie in the two NUMA halves of a host.
enum class NumaRule
{
    Spread, //!< in both halves, as evenly as the ports allow (paper, section 5.2, step 4)
    Pack,   //!< in one half, as far as the ports allow: the opposite, to compare with
};

/// @ingroup mixnet-core
/// @return the rules by name: spread and pack.
Registry<NumaRule>& NumaRules();

/// @ingroup mixnet-core
/// @brief The circuits of one host with one peer, by the half of the host they end in.
struct NumaShare
{
    uint32_t peer{0};                 //!< the other endpoint
    uint32_t circuits{0};             //!< circuits of the pair
    std::array<uint32_t, 2> inHalf{}; //!< circuits that have their place in half 0 and in half 1
};

/**
 * @ingroup mixnet-core
 * @brief Shares the circuits of one host between its two NUMA halves.
 *
 * A split gives each half as many circuits as it has ports at most. Among the splits,
 * - NumaRule::Spread takes those with the fewest pairs of two or more circuits that lie in one half
 *   only, and among these the least sum, over the pairs, of the squared difference between the
 *   halves. With equally many ports in both halves no pair differs by more than one;
 * - NumaRule::Pack takes those with the fewest circuits outside of the fuller half of their pair.
 *
 * Ties: the host's halves carry equally many circuits as nearly as possible; then the lower peer
 * gets half 0.
 *
 * Exact, by dynamic programming over the peers and the ports taken in half 0. Circuits can be fixed
 * in a half one by one as long as the split stays as good as it can be at all.
 */
class NumaSplit
{
  public:
    /**
     * @param rule What a good split is.
     * @param ports Ports in half 0 and in half 1.
     * @param circuits Circuits with each endpoint, at most as many as ports in total.
     */
    NumaSplit(NumaRule rule, std::array<uint32_t, 2> ports, const std::vector<uint32_t>& circuits);

    /**
     * @param peer An endpoint.
     * @param half Half 0 or 1.
     * @return whether one more circuit with that peer can have its place in that half without
     * making the best split worse.
     */
    bool CanFix(uint32_t peer, uint32_t half) const;

    /**
     * @brief Gives one circuit its place.
     * @param peer An endpoint.
     * @param half Half 0 or 1.
     * @pre CanFix(peer, half).
     */
    void Fix(uint32_t peer, uint32_t half);

    /**
     * @return the best split that keeps what is fixed, one share per peer with circuits, ascending.
     */
    std::vector<NumaShare> Best() const;

    /// @return what is fixed so far, one share per peer with circuits, ascending.
    const std::vector<NumaShare>& Fixed() const
    {
        return m_shares;
    }

  private:
    /// Least cost of the peers from one on (first index), by ports taken in half 0 (second index).
    using CostTable = std::vector<std::vector<int64_t>>;

    /**
     * @param share Circuits of a pair.
     * @param inHalf0 How many of them are in half 0.
     * @return what the rule counts for this pair, with all tie-breaks below one.
     */
    int64_t Cost(const NumaShare& share, uint32_t inHalf0) const;

    /**
     * @param share Circuits of a pair.
     * @param taken Ports of half 0 taken by the peers before.
     * @param rest Row of the cost table for the peers behind.
     * @return least cost and the number in half 0 that attains it, the higher one in a tie.
     */
    std::pair<int64_t, uint32_t> Choose(const NumaShare& share,
                                        uint32_t taken,
                                        const std::vector<int64_t>& rest) const;

    /**
     * @param shares The pairs, with what is fixed of them.
     * @return the cost table; its first entry is the cost of the best split.
     */
    CostTable Fill(const std::vector<NumaShare>& shares) const;

    /**
     * @param shares The pairs, with what is fixed of them.
     * @return what the rule counts for the best split, without tie-breaks.
     */
    int64_t BestCost(const std::vector<NumaShare>& shares) const
    {
        return Fill(shares)[0][0] / (m_circuits + 1);
    }

    NumaRule m_rule;                 //!< what a good split is
    std::array<uint32_t, 2> m_ports; //!< ports in half 0 and in half 1
    std::vector<NumaShare> m_shares; //!< peers with circuits, ascending
    int64_t m_circuits{0};           //!< circuits with all peers
    int64_t m_optimum{0};            //!< what the rule counts when nothing is fixed
};

} // namespace mixnetcore

#endif // NUMA_SPLIT_H
