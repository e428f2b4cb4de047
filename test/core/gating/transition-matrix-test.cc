/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/transition-matrix.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

namespace
{

/// @param text A matrix of two experts that is not one. @return the message of its refusal.
std::string
RefusalOfMoves(const std::string& text)
{
    return tests::Refusal([&] { ParseTransitionMatrix(text, "moves.json", 2); });
}

} // namespace

TEST(TransitionMatrix, IsReadRowByRow)
{
    EXPECT_EQ(ParseTransitionMatrix("[[0.9, 0.1], [0, 1]]", "moves.json", 2),
              (std::vector<double>{0.9, 0.1, 0, 1}));
}

TEST(TransitionMatrix, MayMissOneByRounding)
{
    EXPECT_NO_THROW(ParseTransitionMatrix("[[0.3333333, 0.3333333, 0.3333333], [1, 0, 0], "
                                          "[0, 0, 1]]",
                                          "moves.json",
                                          3));
}

TEST(TransitionMatrix, RefusesRowsThatDoNotAddUpToOne)
{
    EXPECT_EQ(RefusalOfMoves("[[0.5, 0.5], [0.5, 0.4]]"),
              "moves.json: row 1 (from 0) adds up to 0.9; expected 1: every token goes on to some "
              "expert");
}

TEST(TransitionMatrix, RefusesWhatIsNoProbability)
{
    EXPECT_EQ(RefusalOfMoves("[[1.5, -0.5], [0, 1]]"),
              "moves.json: row 0, column 0 (from 0) is 1.5; expected a probability, 0 to 1");
    EXPECT_NE(RefusalOfMoves("[[\"1\", 0], [0, 1]]"), "");
}

TEST(TransitionMatrix, RefusesAnotherShape)
{
    EXPECT_EQ(RefusalOfMoves("[[1, 0]]"),
              "moves.json: has 1 rows; expected 2 rows, one for each expert");
    EXPECT_EQ(RefusalOfMoves("[[1], [0, 1]]"),
              "moves.json: row 0 (from 0) has 1 columns; expected 2 probabilities, one for each "
              "expert");
    EXPECT_NE(RefusalOfMoves("{}"), "");
    EXPECT_NE(RefusalOfMoves("[[1, 0], 3]"), "");
    EXPECT_NE(RefusalOfMoves("nothing"), "");
}

TEST(TransitionMatrix, RefusesAFileThatCannotBeRead)
{
    EXPECT_THROW(ReadTransitionMatrix("no/such.json", 2), std::invalid_argument);
}
