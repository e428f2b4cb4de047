/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/measured-expert-load.h"

#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

/**
 * @param text The matrix.
 * @return it as a load of two source ranks, two experts and ten assignments per rank.
 */
MeasuredExpertLoad
LoadOf(const std::string& text)
{
    std::istringstream input(text);
    return MeasuredExpertLoad(input, "tokens.txt", 2, 2, Tokens(10));
}

/**
 * @param text A matrix that is not one.
 * @return the message of its refusal, empty if it is taken.
 */
std::string
RefusalOfMatrix(const std::string& text)
{
    return tests::Refusal([&] { LoadOf(text); });
}

/**
 * @param text Long text.
 * @param start What it may start with.
 * @return whether it does.
 */
bool
StartsWith(const std::string& text, const std::string& start)
{
    return text.compare(0, start.size(), start) == 0;
}

/// Column sums 77703 44706 8042 26001 31953 24035 7237 42467, every row 32768.
const std::string MIXTRAL_8X7B =
    "[[9810,5338,1231,3042,4452,2004,841,6050],[9278,6282,839,3722,3821,2903,909,5014],"
    "[10684,5165,1044,2634,4344,3333,675,4889],[10897,5629,1086,2114,2762,3463,1059,5758],"
    "[8684,5666,1046,3955,4334,2952,944,5187],[8361,5908,777,3043,3984,3422,897,6376],"
    "[10208,5507,1117,4148,3967,3119,904,3798],[9781,5211,902,3343,4289,2839,1008,5395]]";

} // namespace

TEST(MeasuredExpertLoad, ScalesEachRowToTheAssignments)
{
    // 10 * {1, 3} / 4 = {2.5, 7.5}: the tie goes to expert 0. 10 * {2, 1} / 3 = {6.67, 3.33}.
    EXPECT_EQ(LoadOf("[[1,3],[2,1]]").Draw({}), (TokenMatrix{{3, 7}, {7, 3}}));
}

TEST(MeasuredExpertLoad, DoublesTheMixtralMatrixForMicrobatchEight)
{
    // 8 * 4096 * 2 = 65536 assignments are twice the 32768 measured.
    std::istringstream input(MIXTRAL_8X7B);
    const MeasuredExpertLoad load(input, "mixtral", 8, 8, Tokens(65536));
    const auto tokens = load.Draw({});
    EXPECT_EQ(tokens.At(0, 0), Tokens(2 * 9810));
    EXPECT_EQ(tokens.At(7, 7), Tokens(2 * 5395));
    EXPECT_EQ(tokens.ColumnSum(0), Tokens(2 * 77703));
    EXPECT_EQ(tokens.Total(), Tokens(8 * 65536));
}

TEST(MeasuredExpertLoad, KeepsRowSumsWhenSharesAreNotWhole)
{
    std::istringstream input(MIXTRAL_8X7B);
    const MeasuredExpertLoad load(input, "mixtral", 8, 8, Tokens(10007));
    for (size_t row = 0; row < 8; ++row)
    {
        EXPECT_EQ(load.Draw({}).RowSum(row), Tokens(10007));
    }
}

TEST(MeasuredExpertLoad, IsTheSameForEveryKeyAndSaysSo)
{
    const auto load = LoadOf("[[1,3],[2,1]]");
    EXPECT_EQ(load.Draw({0, 0, 0, 0}), load.Draw({1, 2, 3, 4}));
    EXPECT_TRUE(load.RepeatsItself());
    EXPECT_NE(load.Description().find("tokens.txt"), std::string::npos);
}

TEST(MeasuredExpertLoad, HasTheShapeOfTheMatrix)
{
    std::istringstream input("[[1,2,3,4],[1,2,3,4]]");
    const MeasuredExpertLoad load(input, "tokens.txt", 2, 4, Tokens(10));
    EXPECT_EQ(load.SourceRanks(), 2U);
    EXPECT_EQ(load.Experts(), 4U);
}

TEST(MeasuredExpertLoad, TakesWhiteSpaceAndWholeNumbersWithAPoint)
{
    EXPECT_EQ(LoadOf(" [ [1.0, 3e0],\n[2,1] ]\n").Draw({}), LoadOf("[[1,3],[2,1]]").Draw({}));
}

TEST(MeasuredExpertLoad, KeepsZeroCountsZero)
{
    EXPECT_EQ(LoadOf("[[0,3],[2,0]]").Draw({}), (TokenMatrix{{0, 10}, {10, 0}}));
}

TEST(MeasuredExpertLoad, RefusesTextThatIsNotJson)
{
    const auto message = RefusalOfMatrix("[[1,2],[3,");
    EXPECT_TRUE(StartsWith(message, "tokens.txt: not valid JSON at line 1, column")) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(MeasuredExpertLoad, RefusesTextAfterTheMatrix)
{
    EXPECT_TRUE(
        StartsWith(RefusalOfMatrix("[[1,2],[3,4]] [[1]]"), "tokens.txt: not valid JSON at line 1"));
}

TEST(MeasuredExpertLoad, RefusesNumbersBeyondADouble)
{
    EXPECT_TRUE(StartsWith(RefusalOfMatrix("[[1,1e999],[3,4]]"), "tokens.txt: not valid JSON: "));
}

TEST(MeasuredExpertLoad, RefusesAnEmptyInput)
{
    EXPECT_TRUE(StartsWith(RefusalOfMatrix(""), "tokens.txt: not valid JSON at line 1"));
}

TEST(MeasuredExpertLoad, RefusesAnObject)
{
    EXPECT_EQ(RefusalOfMatrix("{\"rows\": 2}"),
              "tokens.txt: holds object; expected one matrix [[..],[..]] of token counts");
}

TEST(MeasuredExpertLoad, RefusesAnEmptyList)
{
    EXPECT_EQ(RefusalOfMatrix("[]"),
              "tokens.txt: holds an empty list; expected one matrix [[..],[..]] of token counts");
}

TEST(MeasuredExpertLoad, RefusesARowThatIsNoList)
{
    EXPECT_EQ(RefusalOfMatrix("[[1,2],3]"),
              "tokens.txt: row 1 (from 0) is 3; expected a list of token counts");
}

TEST(MeasuredExpertLoad, RefusesRaggedRows)
{
    EXPECT_EQ(RefusalOfMatrix("[[1,2],[1,2,3]]"),
              "tokens.txt: row 1 (from 0) has 3 columns; expected 2 as in row 0");
}

TEST(MeasuredExpertLoad, RefusesWords)
{
    EXPECT_EQ(RefusalOfMatrix("[[1,2],[1,\"two\"]]"),
              "tokens.txt: row 1, column 1 (from 0) is \"two\"; expected a whole number of tokens, "
              "zero or more");
}

TEST(MeasuredExpertLoad, RefusesNegativeCounts)
{
    EXPECT_EQ(RefusalOfMatrix("[[1,-2],[1,2]]"),
              "tokens.txt: row 0, column 1 (from 0) is -2; expected a whole number of tokens, zero "
              "or more");
}

TEST(MeasuredExpertLoad, RefusesFractions)
{
    EXPECT_EQ(RefusalOfMatrix("[[1,2],[0.5,2]]"),
              "tokens.txt: row 1, column 0 (from 0) is 0.5; expected a whole number of tokens, "
              "zero or more");
}

TEST(MeasuredExpertLoad, RefusesCountsThatAreNotExact)
{
    // 2^64 does not fit 64 bits; the library reads it as a double.
    EXPECT_TRUE(StartsWith(RefusalOfMatrix("[[1,2],[18446744073709551616,2]]"),
                           "tokens.txt: row 1, column 0 (from 0) is 1.8446744073709552e+19; "));
}

TEST(MeasuredExpertLoad, KeepsARowOfZeros)
{
    // Of 12 assignments of 6 tokens each expert gets 3 from row 0; row 1 has none. Every token is
    // in one group of two experts at least.
    std::istringstream input("[[1,1,1,1],[0,0,0,0]]");
    const MeasuredExpertLoad load(input, "tokens.txt", 2, 4, Tokens(12), Tokens(6));
    EXPECT_EQ(load.Draw({}), (TokenMatrix{{3, 3, 3, 3}, {0, 0, 0, 0}}));
    EXPECT_EQ(load.LoadedRanks(), 1U);
    const auto distinct = load.DrawDistinct({}, 2);
    EXPECT_GE(distinct.RowSum(0), Tokens(6));
    EXPECT_EQ(distinct.RowSum(1), Tokens(0));
    EXPECT_NE(load.Description().find("1 ranks without tokens"), std::string::npos);
}

TEST(MeasuredExpertLoad, RefusesAMatrixOfZeros)
{
    EXPECT_EQ(RefusalOfMatrix("[[0,0],[0,0]]"),
              "tokens.txt: no row has tokens; expected a count above zero in one");
}

TEST(MeasuredExpertLoad, RefusesAnEmptyRow)
{
    EXPECT_TRUE(StartsWith(RefusalOfMatrix("[[],[]]"), "tokens.txt: row 0 (from 0) is empty; "));
}

TEST(MeasuredExpertLoad, RefusesAnotherShape)
{
    EXPECT_EQ(RefusalOfMatrix("[[1,2,3],[1,2,3],[1,2,3]]"),
              "tokens.txt: holds 3 source ranks x 3 experts; expected 2 source ranks x 2 experts "
              "for this model and parallelism");
}

TEST(MeasuredExpertLoad, ReadsAFile)
{
    const auto path = ::testing::TempDir() + "measured-expert-load-test.txt";
    std::ofstream(path) << "[[1,3],[2,1]]\n";
    const auto load = MeasuredExpertLoad::FromFile(path, 2, 2, Tokens(10));
    std::remove(path.c_str());
    EXPECT_EQ(load.Draw({}), (TokenMatrix{{3, 7}, {7, 3}}));
}

TEST(MeasuredExpertLoad, RefusesAMissingFile)
{
    try
    {
        MeasuredExpertLoad::FromFile("/no/such/tokens.txt", 2, 2, Tokens(10));
        FAIL() << "the file does not exist";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(),
                     "/no/such/tokens.txt: cannot be read (No such file or directory); expected a "
                     "file with a matrix of token counts");
    }
}

TEST(MeasuredExpertLoad, RefusesAFolder)
{
    try
    {
        MeasuredExpertLoad::FromFile("/", 2, 2, Tokens(10));
        FAIL() << "a folder is no file";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_TRUE(StartsWith(error.what(), "/: cannot be read (")) << error.what();
    }
}

TEST(MeasuredExpertLoad, DeduplicatesWhenItKnowsTheTokens)
{
    // Ten assignments of five tokens: with one group of both experts, all five; and it says that
    // the sets are drawn.
    std::istringstream input("[[3,3],[3,3]]");
    const MeasuredExpertLoad load(input, "tokens.txt", 2, 2, Tokens(10), Tokens(5));
    EXPECT_EQ(load.DrawDistinct({}, 2), (TokenMatrix{{5}, {5}}));
    EXPECT_EQ(load.DrawDistinct({}, 1), load.Draw({}));
    EXPECT_NE(load.Description().find("which experts share a token is drawn"), std::string::npos);
}

TEST(MeasuredExpertLoad, RefusesToDeduplicateCountsAlone)
{
    EXPECT_THROW(LoadOf("[[1,2],[3,4]]").DrawDistinct({}, 2), std::invalid_argument);
    EXPECT_EQ(LoadOf("[[1,2],[3,4]]").Description().find("drawn"), std::string::npos);
}

TEST(MeasuredExpertLoad, RefusesMoreAssignmentsToAnExpertThanTokens)
{
    std::istringstream input("[[5,5],[9,1]]");
    try
    {
        MeasuredExpertLoad(input, "tokens.txt", 2, 2, Tokens(10), Tokens(5));
        FAIL();
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_EQ(
            std::string(error.what()),
            "tokens.txt: row 1, column 0 (from 0) is 9 when scaled to the microbatch; expected "
            "at most its 5 tokens, since a token goes to an expert once");
    }
}
