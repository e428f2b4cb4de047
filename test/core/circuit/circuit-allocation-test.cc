/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/circuit-allocation.h"

#include <gtest/gtest.h>
#include <stdexcept>

using namespace mixnetcore;

TEST(CircuitAllocation, StartsWithoutCircuits)
{
    const CircuitAllocation allocation(3);

    EXPECT_EQ(allocation.Endpoints(), 3U);
    EXPECT_EQ(allocation.Total(), 0U);
    EXPECT_EQ(allocation.Between(0, 2), 0U);
    EXPECT_EQ(allocation.CircuitsOf(1), 0U);
}

TEST(CircuitAllocation, HasNothingToCountWithoutEndpoints)
{
    EXPECT_EQ(CircuitAllocation(0).Total(), 0U);
}

TEST(CircuitAllocation, CountsACircuitAtBothEndpointsAndOnceInTotal)
{
    CircuitAllocation allocation(3);
    allocation.Join(0, 2);
    allocation.Join(2, 0);
    allocation.Join(1, 2);

    EXPECT_EQ(allocation.Between(0, 2), 2U);
    EXPECT_EQ(allocation.Between(2, 0), 2U);
    EXPECT_EQ(allocation.Between(0, 1), 0U);
    EXPECT_EQ(allocation.CircuitsOf(0), 2U);
    EXPECT_EQ(allocation.CircuitsOf(1), 1U);
    EXPECT_EQ(allocation.CircuitsOf(2), 3U);
    EXPECT_EQ(allocation.Total(), 3U);
}

TEST(CircuitAllocation, RefusesToJoinAnEndpointWithItself)
{
    EXPECT_THROW(CircuitAllocation(3).Join(1, 1), std::invalid_argument);
}

TEST(CircuitAllocation, RefusesEndpointsThatDoNotExist)
{
    CircuitAllocation allocation(3);

    EXPECT_THROW(allocation.Join(0, 3), std::invalid_argument);
    EXPECT_THROW(allocation.Join(3, 0), std::invalid_argument);
    EXPECT_THROW(allocation.Between(3, 0), std::invalid_argument);
    EXPECT_THROW(allocation.CircuitsOf(3), std::invalid_argument);
    EXPECT_EQ(allocation.Total(), 0U);
}

TEST(CircuitAllocation, ComparesCircuitsOfEveryPair)
{
    CircuitAllocation one(3);
    one.Join(0, 1);
    CircuitAllocation same(3);
    same.Join(1, 0);
    CircuitAllocation other(3);
    other.Join(0, 2);

    EXPECT_EQ(one, same);
    EXPECT_FALSE(one == other);
    EXPECT_FALSE(CircuitAllocation(2) == CircuitAllocation(3));
}
