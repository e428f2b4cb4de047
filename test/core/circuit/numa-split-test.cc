/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/numa-split.h"

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <random>

using namespace mixnetcore;

namespace
{

/// @return circuits in half 0 of the best split, by peer with circuits.
std::vector<uint32_t>
InHalf0(const NumaSplit& split)
{
    std::vector<uint32_t> result;
    for (const auto& share : split.Best())
    {
        result.push_back(share.inHalf[0]);
    }
    return result;
}

/// What a rule counts, in the order in which it counts it.
using Badness = std::vector<int64_t>;

Badness
Rate(NumaRule rule, const std::vector<uint32_t>& circuits, const std::vector<uint32_t>& inHalf0)
{
    int64_t oneSided = 0;
    int64_t squares = 0;
    int64_t outside = 0;
    int64_t balance = 0;
    for (size_t k = 0; k < circuits.size(); ++k)
    {
        const int64_t difference = 2 * int64_t{inHalf0[k]} - circuits[k];
        oneSided += circuits[k] >= 2 && std::abs(difference) == circuits[k] ? 1 : 0;
        squares += difference * difference;
        outside += std::min(inHalf0[k], circuits[k] - inHalf0[k]);
        balance += difference;
    }
    return rule == NumaRule::Spread ? Badness{oneSided, squares, std::abs(balance)}
                                    : Badness{outside, std::abs(balance)};
}

/// @return the least badness over all splits that fit into the ports.
Badness
LeastBadness(NumaRule rule,
             const std::array<uint32_t, 2>& ports,
             const std::vector<uint32_t>& circuits)
{
    Badness least{INT64_MAX};
    std::vector<uint32_t> inHalf0(circuits.size());
    const std::function<void(size_t, uint32_t, uint32_t)> search =
        [&](size_t k, uint32_t used0, uint32_t used1) {
            if (used0 > ports[0] || used1 > ports[1])
            {
                return;
            }
            if (k == circuits.size())
            {
                least = std::min(least, Rate(rule, circuits, inHalf0));
                return;
            }
            for (inHalf0[k] = 0; inHalf0[k] <= circuits[k]; ++inHalf0[k])
            {
                search(k + 1, used0 + inHalf0[k], used1 + circuits[k] - inHalf0[k]);
            }
        };
    search(0, 0, 0);
    return least;
}

} // namespace

TEST(NumaSplit, IsEmptyWithoutCircuits)
{
    EXPECT_TRUE(NumaSplit(NumaRule::Spread, {0, 0}, {}).Best().empty());
    EXPECT_TRUE(NumaSplit(NumaRule::Spread, {3, 3}, {0, 0}).Best().empty());
}

TEST(NumaSplit, NamesThePeersWithCircuits)
{
    const auto best = NumaSplit(NumaRule::Spread, {3, 3}, {0, 2, 0, 3}).Best();

    ASSERT_EQ(best.size(), 2U);
    EXPECT_EQ(best[0].peer, 1U);
    EXPECT_EQ(best[0].circuits, 2U);
    EXPECT_EQ(best[1].peer, 3U);
    EXPECT_EQ(best[1].inHalf[0] + best[1].inHalf[1], 3U);
}

TEST(NumaSplit, SpreadsAPairOverBothHalves)
{
    EXPECT_EQ(InHalf0(NumaSplit(NumaRule::Spread, {3, 3}, {2})), (std::vector<uint32_t>{1}));
    EXPECT_EQ(InHalf0(NumaSplit(NumaRule::Spread, {3, 3}, {6})), (std::vector<uint32_t>{3}));
}

TEST(NumaSplit, DealsSingleCircuitsAlternatelyLowerPeersFirst)
{
    // Four pairs of one circuit: two in each half, half 0 for the lower peers.
    EXPECT_EQ(InHalf0(NumaSplit(NumaRule::Spread, {3, 3}, {1, 1, 1, 1})),
              (std::vector<uint32_t>{1, 1, 0, 0}));
}

TEST(NumaSplit, SpreadsAsFarAsUnevenPortsAllow)
{
    // One port in half 0: one of the five circuits there, the rest in half 1.
    EXPECT_EQ(InHalf0(NumaSplit(NumaRule::Spread, {1, 4}, {5})), (std::vector<uint32_t>{1}));
    // Both pairs in both halves (1 + 4 and 1 + 1) rather than the larger one evenly.
    EXPECT_EQ(InHalf0(NumaSplit(NumaRule::Spread, {2, 5}, {5, 2})), (std::vector<uint32_t>{1, 1}));
}

TEST(NumaSplit, PacksAPairIntoOneHalf)
{
    // 2 + 1 in one half, 3 in the other.
    EXPECT_EQ(InHalf0(NumaSplit(NumaRule::Pack, {3, 3}, {2, 1, 3})),
              (std::vector<uint32_t>{2, 1, 0}));
    // Two in half 0, the third port there for one of the four.
    EXPECT_EQ(InHalf0(NumaSplit(NumaRule::Pack, {3, 3}, {4})), (std::vector<uint32_t>{3}));
}

TEST(NumaSplit, KeepsWhatIsFixed)
{
    NumaSplit split(NumaRule::Spread, {3, 3}, {1, 1});
    ASSERT_TRUE(split.CanFix(0, 1));
    split.Fix(0, 1);

    // Left alone, peer 0 would be in half 0.
    EXPECT_EQ(InHalf0(split), (std::vector<uint32_t>{0, 1}));
    EXPECT_EQ(split.Fixed()[0].inHalf, (std::array<uint32_t, 2>{0, 1}));
    EXPECT_EQ(split.Fixed()[1].inHalf, (std::array<uint32_t, 2>{0, 0}));
}

TEST(NumaSplit, DoesNotFixWhatWouldSpoilTheSplit)
{
    NumaSplit split(NumaRule::Spread, {3, 3}, {2});
    split.Fix(0, 0);

    EXPECT_FALSE(split.CanFix(0, 0));
    EXPECT_TRUE(split.CanFix(0, 1));
}

TEST(NumaSplit, DoesNotFixMoreThanThereIs)
{
    NumaSplit split(NumaRule::Spread, {3, 3}, {1, 0});
    split.Fix(0, 0);

    EXPECT_FALSE(split.CanFix(0, 1));
    EXPECT_FALSE(split.CanFix(1, 0));
    EXPECT_FALSE(split.CanFix(2, 0));
}

TEST(NumaSplit, IsTheBestOfAllSplits)
{
    std::mt19937 random(3);
    for (int run = 0; run < 3000; ++run)
    {
        const std::array<uint32_t, 2> ports{uint32_t(random() % 6), uint32_t(random() % 6)};
        std::vector<uint32_t> circuits;
        for (uint32_t left = ports[0] + ports[1]; left > 0 && circuits.size() < 5;)
        {
            circuits.push_back(1 + random() % left);
            left -= circuits.back();
        }
        for (const auto rule : {NumaRule::Spread, NumaRule::Pack})
        {
            const auto inHalf0 = InHalf0(NumaSplit(rule, ports, circuits));
            ASSERT_EQ(Rate(rule, circuits, inHalf0), LeastBadness(rule, ports, circuits));
        }
    }
}
