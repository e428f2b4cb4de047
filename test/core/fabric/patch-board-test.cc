/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/patch-board.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

using Circuits = std::vector<Circuit>;
using Hosts = std::vector<uint32_t>;

PatchBoard
BoardOf(uint32_t hosts, uint32_t nics, bool flatPanel, bool duplex)
{
    return PatchBoard({hosts, nics, flatPanel, duplex});
}

} // namespace

TEST(PatchBoard, BeginsDark)
{
    const auto board = BoardOf(3, 2, false, false);

    ASSERT_EQ(board.Configurations().size(), 2U);
    EXPECT_EQ(board.Configurations()[0].Size(), 0U);
    EXPECT_EQ(board.Parts(), (Hosts{0, 1, 2}));
    EXPECT_EQ(board.FreeAtAll({0, 1, 2}), 0U);
}

TEST(PatchBoard, ALinkIsTwoOneWayCircuits)
{
    auto board = BoardOf(3, 2, false, false);

    board.Link(2, 0);

    const auto panels = board.Configurations();
    EXPECT_TRUE(panels[0].Circuits().empty());
    EXPECT_EQ(panels[0].OneWayCircuits(), (Circuits{{0, 2}, {2, 0}}));
    EXPECT_EQ(panels[1].Size(), 0U);
    EXPECT_EQ(board.Parts(), (Hosts{0, 1, 0}));
}

TEST(PatchBoard, ADuplexLinkIsOneCircuit)
{
    auto board = BoardOf(3, 2, false, true);

    board.Link(2, 0);

    EXPECT_EQ(board.Configurations()[0].Circuits(), (Circuits{{0, 2}}));
    EXPECT_TRUE(board.Configurations()[0].OneWayCircuits().empty());
}

TEST(PatchBoard, PanelsPerNicLinkByANicThatIsFreeInBoth)
{
    auto board = BoardOf(3, 2, false, true);
    board.Link(0, 1); // NIC 0
    board.Link(0, 2); // NIC 1
    // Host 1 has NIC 1 left, host 2 NIC 0.
    EXPECT_FALSE(board.MayLink(1, 2));
    EXPECT_FALSE(board.MayLink(0, 1));
}

TEST(PatchBoard, OneFlatPanelLinksByAnyFreeNics)
{
    auto board = BoardOf(3, 2, true, true);
    board.Link(0, 1);
    board.Link(0, 2);

    ASSERT_TRUE(board.MayLink(1, 2));
    board.Link(1, 2);

    // Port h * 2 + i: (0, 0) - (1, 0), (0, 1) - (2, 0), (1, 1) - (2, 1).
    ASSERT_EQ(board.Configurations().size(), 1U);
    EXPECT_EQ(board.Configurations()[0].Circuits(), (Circuits{{0, 2}, {1, 4}, {3, 5}}));
}

TEST(PatchBoard, ARingUsesOneNicOfEach)
{
    auto board = BoardOf(4, 2, false, false);

    board.LayRing({0, 3, 2}, 1, 1);

    EXPECT_EQ(board.Configurations()[1].OneWayCircuits(), (Circuits{{0, 3}, {2, 0}, {3, 2}}));
    EXPECT_EQ(board.FreeAtAll({0, 1, 2, 3}), 0U);
    EXPECT_EQ(board.FreeAtAll({0}, 1), std::nullopt);
    EXPECT_EQ(board.FreeAtAll({1}, 1), 1U);
}

TEST(PatchBoard, ADuplexRingAlternatesBetweenTwoPanels)
{
    auto board = BoardOf(4, 2, false, true);

    board.LayRing({0, 1, 2, 3}, 0, 1);

    EXPECT_EQ(board.Configurations()[0].Circuits(), (Circuits{{0, 1}, {2, 3}}));
    EXPECT_EQ(board.Configurations()[1].Circuits(), (Circuits{{0, 3}, {1, 2}}));
}

TEST(PatchBoard, AnOddDuplexRingFitsOnOneFlatPanel)
{
    auto board = BoardOf(3, 2, true, true);

    board.LayRing({0, 1, 2}, 0, 1);

    // NIC 0 to the next one's NIC 1: ports 0 - 3, 2 - 5, 4 - 1.
    EXPECT_EQ(board.Configurations()[0].Circuits(), (Circuits{{0, 3}, {1, 4}, {2, 5}}));
}

TEST(PatchBoard, ADuplexRingOfTwoIsOneCircuit)
{
    auto board = BoardOf(2, 2, false, true);

    board.LayRing({0, 1}, 1, 1);

    EXPECT_EQ(board.Configurations()[0].Size(), 0U);
    EXPECT_EQ(board.Configurations()[1].Circuits(), (Circuits{{0, 1}}));
}

TEST(PatchBoard, ExchangeMakesOneCircleOfTwo)
{
    auto board = BoardOf(4, 1, false, false);
    board.Link(0, 1);
    board.Link(2, 3);

    board.Exchange(0, 2); // 0 -> 1 and 2 -> 3 become 0 -> 3 and 2 -> 1

    EXPECT_EQ(board.Configurations()[0].OneWayCircuits(),
              (Circuits{{0, 3}, {1, 0}, {2, 1}, {3, 2}}));
    EXPECT_EQ(board.Parts(), (Hosts{0, 0, 0, 0}));
}

TEST(PatchBoard, ExchangeTakesAFreeNicIntoACircle)
{
    auto board = BoardOf(3, 1, false, false);
    board.Link(0, 1);

    board.Exchange(2, 0);

    EXPECT_EQ(board.Configurations()[0].OneWayCircuits(), (Circuits{{0, 2}, {1, 0}, {2, 1}}));
}

TEST(PatchBoard, ExchangeOfDuplexCircuitsJoinsBothEnds)
{
    auto board = BoardOf(4, 1, false, true);
    board.Link(0, 1);
    board.Link(2, 3);

    board.Exchange(0, 2);

    EXPECT_EQ(board.Configurations()[0].Circuits(), (Circuits{{0, 2}, {1, 3}}));
}

TEST(PatchBoard, ExchangeOfADuplexCircuitAndAFreeNicFreesTheOther)
{
    auto board = BoardOf(3, 1, false, true);
    board.Link(0, 1);

    board.Exchange(2, 0);

    EXPECT_EQ(board.Configurations()[0].Circuits(), (Circuits{{0, 2}}));
    EXPECT_EQ(board.UseOf(1), PatchBoard::Use::Free);
    EXPECT_EQ(board.To(1), 1U);
}

TEST(PatchBoard, ExchangeOfFreeNicsLinksThem)
{
    for (const bool duplex : {false, true})
    {
        auto board = BoardOf(2, 1, false, duplex);

        board.Exchange(0, 1);

        EXPECT_EQ(board.To(0), 1U);
        EXPECT_EQ(board.To(1), 0U);
        EXPECT_EQ(board.UseOf(1), PatchBoard::Use::Bridge);
    }
}
