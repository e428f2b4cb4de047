/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/patch-connector.h"

#include <gtest/gtest.h>
#include <set>

using namespace mixnetcore;

namespace
{

using Circuits = std::vector<Circuit>;

/// @return demand of pairs, in one direction.
DemandMatrix
DemandOf(size_t hosts, const std::vector<std::tuple<uint32_t, uint32_t, uint64_t>>& pairs)
{
    DemandMatrix demand(hosts, hosts);
    for (const auto& [a, b, bytes] : pairs)
    {
        demand.At(a, b) = Bytes(bytes);
    }
    return demand;
}

/// @return whether all hosts are one part.
bool
IsConnected(const PatchBoard& board)
{
    const auto parts = board.Parts();
    return std::set<uint32_t>(parts.begin(), parts.end()).size() == 1;
}

} // namespace

TEST(PatchConnector, LeavesAloneWhatIsConnected)
{
    PatchBoard board({2, 2, false, false});
    board.Link(0, 1);
    const auto before = board.Configurations();

    ConnectParts(board, DemandMatcher(DemandMatrix(2, 2), 1), BridgeSource::Links);

    EXPECT_EQ(board.Configurations(), before);
}

TEST(PatchConnector, UsesFreeNicsFirst)
{
    PatchBoard board({4, 2, false, false});
    board.Link(0, 1);
    board.Link(2, 3);

    ConnectParts(board, DemandMatcher(DemandMatrix(4, 4), 1), BridgeSource::Links);

    EXPECT_EQ(board.Configurations()[0].OneWayCircuits(),
              (Circuits{{0, 1}, {1, 0}, {2, 3}, {3, 2}}));
    EXPECT_EQ(board.Configurations()[1].OneWayCircuits(), (Circuits{{0, 2}, {2, 0}}));
}

TEST(PatchConnector, TakesNoLinkUnlessTold)
{
    PatchBoard board({4, 1, false, false});
    board.Link(0, 1);
    board.Link(2, 3);
    const auto before = board.Configurations();

    ConnectParts(board, DemandMatcher(DemandMatrix(4, 4), 1), BridgeSource::FreeNics);

    EXPECT_EQ(board.Configurations(), before);
}

TEST(PatchConnector, OpensTheLinkOfLeastWorth)
{
    // Two parts: 0 - 1 - 2 by NICs 0 and 1, and 3 - 4, 4 - 5 the same. Links on panel 0: 0 - 1 of
    // 9, 3 - 4 of 9; on panel 1: 1 - 2 of 5, 4 - 5 of 4.
    PatchBoard board({6, 2, false, false});
    board.Link(0, 1);
    board.Link(3, 4);
    board.LayRing({0, 2}, 1, 1); // so that no NIC 1 of host 0 is free
    const auto demand = DemandOf(6, {{0, 1, 9}, {3, 4, 9}, {4, 5, 4}});
    board.Link(4, 5); // NIC 1 of both
    // Free are NIC 0 of 2 and 5, and NIC 1 of 1 and 3: on each panel both parts have one. Of equal
    // losses panel 0 is taken.
    ConnectParts(board, DemandMatcher(demand, 1), BridgeSource::Links);

    EXPECT_EQ(board.Configurations()[0].OneWayCircuits(),
              (Circuits{{0, 1}, {1, 0}, {2, 5}, {3, 4}, {4, 3}, {5, 2}}));
}

TEST(PatchConnector, LosesTheLeastWhereNothingIsFree)
{
    // Each part is a full mesh of 4 on 3 panels. Pair (1, 2) and pair (5, 6) are worth least, and
    // both on panel 2, that of the third round of links below.
    PatchBoard board({8, 3, false, false});
    DemandMatrix demand(8, 8);
    for (const uint32_t first : {0U, 4U})
    {
        const std::vector<std::pair<uint32_t, uint32_t>> pairs{{0, 1},
                                                               {2, 3},
                                                               {0, 2},
                                                               {1, 3},
                                                               {0, 3},
                                                               {1, 2}};
        for (const auto& [a, b] : pairs)
        {
            board.Link(first + a, first + b);
            demand.At(first + a, first + b) = Bytes(a == 1 && b == 2 ? 3 : 8);
        }
    }

    ConnectParts(board, DemandMatcher(demand, 1), BridgeSource::Links);

    // 1 -> 2 and 5 -> 6 become 1 -> 6 and 5 -> 2.
    EXPECT_TRUE(IsConnected(board));
    EXPECT_EQ(board.Configurations()[2].OneWayCircuits(),
              (Circuits{{0, 3}, {1, 6}, {2, 1}, {3, 0}, {4, 7}, {5, 2}, {6, 5}, {7, 4}}));
    EXPECT_EQ(board.Configurations()[0].Size(), 8U);
}

TEST(PatchConnector, JoinsPartsWithTheMostDemandBetweenThem)
{
    // Pairs in a row of four parts; demand 0 - 2 of parts (0 1) (2 3), and 3 - 6.
    PatchBoard board({8, 1, false, false});
    for (uint32_t host = 0; host < 8; host += 2)
    {
        board.Link(host, host + 1);
    }
    const auto demand = DemandOf(8, {{0, 4, 5}, {3, 6, 7}, {5, 7, 1}});

    ConnectParts(board, DemandMatcher(demand, 1), BridgeSource::Links);

    // First (2 3) and (6 7): 2 -> 7 and 6 -> 3. Then (0 1) and (4 5): 0 -> 5, 4 -> 1. Then (4 5)
    // and (6 7): of the circuits that are left, 5 -> 4 and 7 -> 6, to 5 -> 6 and 7 -> 4.
    EXPECT_EQ(board.Configurations()[0].OneWayCircuits(),
              (Circuits{{0, 5}, {1, 0}, {2, 7}, {3, 2}, {4, 1}, {5, 6}, {6, 3}, {7, 4}}));
    EXPECT_TRUE(IsConnected(board));
}

TEST(PatchConnector, KeepsRings)
{
    PatchBoard board({4, 1, false, false});
    board.LayRing({0, 1}, 0, 0);
    board.LayRing({2, 3}, 0, 0);

    ConnectParts(board, DemandMatcher(DemandMatrix(4, 4), 1), BridgeSource::Links);

    EXPECT_EQ(board.Configurations()[0].OneWayCircuits(),
              (Circuits{{0, 1}, {1, 0}, {2, 3}, {3, 2}}));
}

TEST(PatchConnector, KeepsDuplexLinksThatNothingMakesUpFor)
{
    // Two pairs: whichever ends are joined, two parts are left.
    PatchBoard board({4, 1, false, true});
    board.Link(0, 1);
    board.Link(2, 3);

    ConnectParts(board, DemandMatcher(DemandMatrix(4, 4), 1), BridgeSource::Links);

    EXPECT_EQ(board.Configurations()[0].Circuits(), (Circuits{{0, 1}, {2, 3}}));
}

TEST(PatchConnector, OpensADuplexLinkOfACircle)
{
    // A triangle with double links, of which one pair is worth least, and a pair with two links.
    PatchBoard board({4, 2, false, true});
    board.Link(0, 1);
    board.Link(0, 1);
    board.Link(2, 3);
    board.Link(2, 3);
    const auto demand = DemandOf(4, {{0, 1, 8}, {2, 3, 4}});

    ConnectParts(board, DemandMatcher(demand, 1), BridgeSource::Links);

    EXPECT_EQ(board.Configurations()[0].Circuits(), (Circuits{{0, 2}, {1, 3}}));
    EXPECT_EQ(board.Configurations()[1].Circuits(), (Circuits{{0, 1}, {2, 3}}));
}
