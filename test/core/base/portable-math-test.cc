/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/portable-math.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace mixnetcore;

TEST(PortableMath, ExponentialAgreesWithTheLibrary)
{
    for (double x = -600; x <= 600; x += 0.37)
    {
        EXPECT_NEAR(PortableExp(x) / std::exp(x), 1, 1e-12) << "x = " << x;
    }
}

TEST(PortableMath, ExponentialOfZeroIsExactlyOne)
{
    EXPECT_EQ(PortableExp(0), 1.0);
}

TEST(PortableMath, ExponentialOfFarBelowZeroVanishes)
{
    EXPECT_EQ(PortableExp(-1000), 0.0);
}

TEST(PortableMath, LogarithmAgreesWithTheLibrary)
{
    for (double x = 1; x <= 100; x += 0.13)
    {
        EXPECT_NEAR(PortableLog(x), std::log(x), 1e-12) << "x = " << x;
    }
}

TEST(PortableMath, LogarithmIsNeverNegative)
{
    EXPECT_EQ(PortableLog(1), 0.0);
    EXPECT_GE(PortableLog(std::nextafter(1.0, 2.0)), 0.0);
}

TEST(PortableMath, CosineAgreesWithTheLibrary)
{
    for (double x = -1.57; x <= 1.57; x += 0.013)
    {
        EXPECT_NEAR(PortableCosine(x), std::cos(x), 1e-12) << "x = " << x;
    }
    EXPECT_EQ(PortableCosine(0), 1.0);
}
