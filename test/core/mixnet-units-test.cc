/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/mixnet-units.h"

#include <gtest/gtest.h>
#include <type_traits>

using namespace mixnetcore;

static_assert(!std::is_convertible_v<uint64_t, Bytes>, "a bare number is not an amount of data");
static_assert(!std::is_convertible_v<Bytes, Tokens>, "bytes are not tokens");
static_assert(!std::is_constructible_v<Bytes, Tokens>, "tokens do not become bytes unnoticed");

TEST(MixnetUnits, QuantitiesStartAtZero)
{
    EXPECT_EQ(Bytes().Count(), 0U);
}

TEST(MixnetUnits, QuantitiesAddSubtractAndScale)
{
    auto sum = Bytes(5) + Bytes(3);
    sum += Bytes(10);
    sum -= Bytes(4);

    EXPECT_EQ(sum.Count(), 5U + 3 + 10 - 4);
    EXPECT_EQ((sum - Bytes(4)).Count(), 14U - 4);
    EXPECT_EQ((sum * 3).Count(), 14U * 3);
}

TEST(MixnetUnits, QuantitiesCompareAsTheirCounts)
{
    EXPECT_TRUE(Tokens(2) < Tokens(3));
    EXPECT_TRUE(Tokens(3) > Tokens(2));
    EXPECT_TRUE(Tokens(3) <= Tokens(3));
    EXPECT_TRUE(Tokens(3) >= Tokens(3));
    EXPECT_TRUE(Tokens(3) == Tokens(3));
    EXPECT_TRUE(Tokens(3) != Tokens(4));
}

TEST(MixnetUnits, EvenSharesDifferByOneByteAndAddUp)
{
    // 11 = 3 + 3 + 3 + 2.
    Bytes total;
    for (uint64_t index = 0; index < 4; ++index)
    {
        const auto share = EvenShare(Bytes(11), index, 4);
        EXPECT_EQ(share, Bytes(index < 3 ? 3 : 2));
        total += share;
    }
    EXPECT_EQ(total, Bytes(11));
}

TEST(MixnetUnits, EvenShareOfLessThanOneByteEachLeavesSomeEmpty)
{
    EXPECT_EQ(EvenShare(Bytes(1), 0, 3), Bytes(1));
    EXPECT_EQ(EvenShare(Bytes(1), 1, 3), Bytes(0));
    EXPECT_EQ(EvenShare(Bytes(1), 2, 3), Bytes(0));
}

TEST(MixnetUnits, TheOnlyShareIsEverything)
{
    EXPECT_EQ(EvenShare(Bytes(7), 0, 1), Bytes(7));
}

TEST(MixnetUnits, TransmissionTimeIsBitsOverRate)
{
    // 4096 byte x 8 / 400 Gb/s = 81.92 ns.
    EXPECT_EQ(TransmissionTime(Bytes(4096), BitsPerSecond(400'000'000'000)), Picoseconds(81'920));
    EXPECT_EQ(TransmissionTime(Bytes(0), BitsPerSecond(1)), Picoseconds(0));
}

TEST(MixnetUnits, TransmissionTimeRoundsToTheNearestPicosecond)
{
    // 8 bit at 3 Tb/s last 2.67 ps, at 7 Tb/s 1.14 ps, at 16 Tb/s 0.5 ps, which rounds up.
    EXPECT_EQ(TransmissionTime(Bytes(1), BitsPerSecond(3'000'000'000'000)), Picoseconds(3));
    EXPECT_EQ(TransmissionTime(Bytes(1), BitsPerSecond(7'000'000'000'000)), Picoseconds(1));
    EXPECT_EQ(TransmissionTime(Bytes(1), BitsPerSecond(16'000'000'000'000)), Picoseconds(1));
}

TEST(MixnetUnits, TransmissionTimeOfTerabytesDoesNotOverflow)
{
    // 1 TB x 8 / 100 Gb/s = 80 s; the product in picobits, 8e24, is beyond 64 bits.
    EXPECT_EQ(TransmissionTime(Bytes(1'000'000'000'000), BitsPerSecond(100'000'000'000)),
              std::chrono::seconds(80));
}
