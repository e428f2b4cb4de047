/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/demand-matrix.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

const DemandMatrix TWO_BY_THREE{{1, 2, 3}, {10, 20, 30}};

} // namespace

TEST(CountMatrix, IsEmptyByDefault)
{
    const DemandMatrix empty;

    EXPECT_EQ(empty.Rows(), 0U);
    EXPECT_EQ(empty.Columns(), 0U);
    EXPECT_EQ(empty.Total(), Bytes(0));
    EXPECT_EQ(empty, DemandMatrix({}));
}

TEST(CountMatrix, StartsWithZeros)
{
    EXPECT_EQ(DemandMatrix(2, 2), DemandMatrix({{0, 0}, {0, 0}}));
}

TEST(CountMatrix, KeepsValuesByRowAndColumn)
{
    EXPECT_EQ(TWO_BY_THREE.Rows(), 2U);
    EXPECT_EQ(TWO_BY_THREE.Columns(), 3U);
    EXPECT_EQ(TWO_BY_THREE.At(0, 2), Bytes(3));
    EXPECT_EQ(TWO_BY_THREE.At(1, 0), Bytes(10));
}

TEST(CountMatrix, RefusesRowsOfDifferentLength)
{
    EXPECT_THROW(DemandMatrix({{1, 2}, {3}}), std::invalid_argument);
}

TEST(CountMatrix, RefusesPlacesOutsideOfRowsAndColumns)
{
    EXPECT_THROW(TWO_BY_THREE.At(2, 0), std::out_of_range);
    EXPECT_THROW(TWO_BY_THREE.At(0, 3), std::out_of_range);
    EXPECT_THROW(DemandMatrix().At(0, 0), std::out_of_range);
}

TEST(CountMatrix, AddsUpRowsColumnsAndAll)
{
    EXPECT_EQ(TWO_BY_THREE.RowSum(0), Bytes(1 + 2 + 3));
    EXPECT_EQ(TWO_BY_THREE.ColumnSum(1), Bytes(2 + 20));
    EXPECT_EQ(TWO_BY_THREE.Total(), Bytes(6 + 60));
}

TEST(CountMatrix, TransposesRowsIntoColumns)
{
    EXPECT_EQ(TWO_BY_THREE.Transposed(), DemandMatrix({{1, 10}, {2, 20}, {3, 30}}));
    EXPECT_EQ(TWO_BY_THREE.Transposed().Transposed(), TWO_BY_THREE);
}

TEST(CountMatrix, GroupsNeighboursAndKeepsTheTotal)
{
    const DemandMatrix ranks{{1, 2, 3, 4}, {5, 6, 7, 8}};

    // Rows 0 and 1 become one, columns 0-1 and 2-3 one each: 1+2+5+6 and 3+4+7+8.
    EXPECT_EQ(ranks.Grouped(2, 2), DemandMatrix({{14, 22}}));
    EXPECT_EQ(ranks.Grouped(1, 1), ranks);
    EXPECT_EQ(ranks.Grouped(2, 4).Total(), ranks.Total());
}

TEST(CountMatrix, RefusesGroupsThatDoNotDivide)
{
    EXPECT_THROW(TWO_BY_THREE.Grouped(0, 1), std::invalid_argument);
    EXPECT_THROW(TWO_BY_THREE.Grouped(1, 0), std::invalid_argument);
    EXPECT_THROW(TWO_BY_THREE.Grouped(1, 2), std::invalid_argument);
    EXPECT_THROW(TWO_BY_THREE.Grouped(3, 1), std::invalid_argument);
}

TEST(CountMatrix, LosesTheDiagonalOnly)
{
    EXPECT_EQ(TWO_BY_THREE.WithoutDiagonal(), DemandMatrix({{0, 2, 3}, {10, 0, 30}}));
}

TEST(CountMatrix, ComparesSizesAndValues)
{
    EXPECT_NE(DemandMatrix(1, 4), DemandMatrix(2, 2));
    EXPECT_NE(DemandMatrix({{1}}), DemandMatrix({{2}}));
    EXPECT_EQ(DemandMatrix({{1}}), DemandMatrix({{1}}));
}
