/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/mixnet-units.h"

#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
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

TEST(MixnetUnits, QuantitiesGoToTheLargestNumberAndNoFurther)
{
    const Bytes most(UINT64_MAX);
    EXPECT_EQ((Bytes(UINT64_MAX - 1) + Bytes(1)), most);
    EXPECT_THROW(most + Bytes(1), std::overflow_error);
    auto sum = Bytes(UINT64_MAX - 1);
    sum += Bytes(1);
    EXPECT_THROW(sum += Bytes(1), std::overflow_error);
    EXPECT_EQ(sum, most) << "a sum that is refused stays";

    EXPECT_EQ((Bytes(3) - Bytes(3)), Bytes(0));
    EXPECT_THROW(Bytes(3) - Bytes(4), std::overflow_error);
    auto rest = Bytes(3);
    EXPECT_THROW(rest -= Bytes(4), std::overflow_error);

    // 2^64 - 1 = 3 * 6148914691236517205.
    EXPECT_EQ(Bytes(UINT64_MAX / 3) * 3, most);
    EXPECT_THROW(Bytes(UINT64_MAX / 3 + 1) * 3, std::overflow_error);
    EXPECT_EQ(most * 0, Bytes(0));
}

TEST(MixnetUnits, ARefusalNamesTheNumbersTheUnitAndTheLimit)
{
    const auto sum =
        tests::Refusal<std::overflow_error>([] { return Tokens(UINT64_MAX) + Tokens(2); });
    EXPECT_EQ(sum,
              std::to_string(UINT64_MAX) + " + 2 tokens: above " + std::to_string(UINT64_MAX) +
                  ", the most that can be counted");
    EXPECT_EQ(tests::Refusal<std::overflow_error>([] { return Bytes(1) - Bytes(2); }),
              "1 - 2 bytes: below 0");
    EXPECT_NE(tests::Refusal<std::overflow_error>([] {
                  return TransmissionTime(Bytes(UINT64_MAX), BitsPerSecond(1));
              }).find("106.75 days"),
              std::string::npos);
}

TEST(MixnetUnits, TransmissionTimesGoToTheLongestTimeAndNoFurther)
{
    // At 8 Tb/s a byte takes a picosecond.
    const BitsPerSecond bytePerPicosecond(8'000'000'000'000);
    const auto longest = static_cast<uint64_t>(Picoseconds::max().count());
    EXPECT_EQ(TransmissionTime(Bytes(longest), bytePerPicosecond), Picoseconds::max());
    EXPECT_THROW(TransmissionTime(Bytes(longest + 1), bytePerPicosecond), std::overflow_error);
    // 100 TB at 10 Mb/s take 8e7 s, 100 TB at 1 Gb/s 8e5 s; 2^63 ps are 9.2e6 s.
    const Bytes much(100'000'000'000'000);
    EXPECT_THROW(TransmissionTime(much, BitsPerSecond(10'000'000)), std::overflow_error);
    EXPECT_EQ(TransmissionTime(much, BitsPerSecond(1'000'000'000)),
              Picoseconds(800'000'000'000'000'000));
}

TEST(MixnetUnits, SumsAndProductsOfTimesGoToTheLongestTimeAndNoFurther)
{
    const auto most = Picoseconds::max();
    EXPECT_EQ(CheckedSum(most - Picoseconds(1), Picoseconds(1), "it"), most);
    EXPECT_THROW(CheckedSum(most, Picoseconds(1), "it"), std::overflow_error);
    EXPECT_EQ(CheckedSum(most, Picoseconds(-1), "it"), most - Picoseconds(1));
    // 2^63 - 1 = 7 * 1317624576693539401.
    const auto seventh = most / 7;
    EXPECT_EQ(CheckedProduct(seventh, 7, "it"), most);
    EXPECT_THROW(CheckedProduct(seventh + Picoseconds(1), 7, "it"), std::overflow_error);
    EXPECT_THROW(CheckedProduct(Picoseconds(1), UINT64_MAX, "it"), std::overflow_error);
    EXPECT_EQ(CheckedProduct(Picoseconds(0), UINT64_MAX, "it"), Picoseconds(0));
}

TEST(MixnetUnits, TimesFromNumbersAreThoseThatSixtyThreeBitsHold)
{
    const double limit = std::ldexp(1, 63);
    const double below = std::nextafter(limit, 0);
    EXPECT_EQ(CheckedTime(below, "it"), Picoseconds(static_cast<int64_t>(below)));
    EXPECT_THROW(CheckedTime(limit, "it"), std::overflow_error);
    EXPECT_THROW(CheckedTime(-limit, "it"), std::overflow_error);
    EXPECT_THROW(CheckedTime(std::nan(""), "it"), std::overflow_error);
    EXPECT_THROW(CheckedTime(std::numeric_limits<double>::infinity(), "it"), std::overflow_error);
    EXPECT_EQ(CheckedTime(-2.0, "it"), Picoseconds(-2));
}
