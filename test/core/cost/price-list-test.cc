/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/fabric-cost.h"

#include <gtest/gtest.h>
#include <string>

using namespace mixnetcore;

namespace
{

const BitsPerSecond GIGABIT(1'000'000'000);

/// @param parts What stands for the parts. @return a list of prices with them.
std::string
TextOf(const std::string& parts)
{
    return R"({"title": "mine", "sources": ["a shop"], "parts": {)" + parts + "}}";
}

/// @param parts What stands for the parts. @return what is wrong with it.
std::string
RefusalOf(const std::string& parts)
{
    return tests::Refusal([&] { PriceList::Parse(TextOf(parts), "p.json"); });
}

} // namespace

TEST(PriceList, HasThePricesOfThePaper)
{
    const auto prices = FindPrices("mixnet-sigcomm25");
    EXPECT_EQ(prices.Price(PartKind::Transceiver, GIGABIT * 400), 659);
    EXPECT_EQ(prices.Price(PartKind::Nic, GIGABIT * 100), 659);
    EXPECT_EQ(prices.Price(PartKind::ElectricalPort, GIGABIT * 800), 1400);
    EXPECT_EQ(prices.Price(PartKind::OcsPort, GIGABIT * 7), 520);
    EXPECT_EQ(prices.Price(PartKind::PanelPort, BitsPerSecond(0)), 100);
    EXPECT_EQ(prices.Price(PartKind::Fibre, GIGABIT * 400), 0.3 * 500);
    for (const auto kind : PART_KINDS)
    {
        EXPECT_GT(prices.Price(kind, GIGABIT * 100), 0) << NameOf(kind);
    }
}

TEST(PriceList, InterpolatesBetweenTwoRates)
{
    // Half of the way from 400 to 800 Gb/s: half of the way from 10 to 30 dollars, 3 to 4 watts.
    const auto prices =
        PriceList::Parse(TextOf(R"("nic": {"usd": [["800Gb/s", 30], ["400Gb/s", 10]],
                          "watts": [["400Gb/s", 3], ["800Gb/s", 4]]})"),
                         "p.json");
    EXPECT_DOUBLE_EQ(prices.Price(PartKind::Nic, GIGABIT * 600), 20);
    EXPECT_DOUBLE_EQ(prices.Watts(PartKind::Nic, GIGABIT * 600), 3.5);
    EXPECT_TRUE(prices.IsInterpolated(PartKind::Nic, GIGABIT * 600));
    EXPECT_FALSE(prices.IsInterpolated(PartKind::Nic, GIGABIT * 400));
    EXPECT_EQ(prices.Price(PartKind::Nic, GIGABIT * 800), 30);
    for (const uint64_t rate : {399, 801})
    {
        EXPECT_EQ(tests::Refusal([&] { prices.Price(PartKind::Nic, GIGABIT * rate); }),
                  "prices p.json: nic at " + std::to_string(rate) +
                      "Gb/s: known from 400Gb/s to 800Gb/s");
    }
}

TEST(PriceList, NamesAPartWithoutPrice)
{
    const auto prices = PriceList::Parse(TextOf(R"("ocsPort": {"usd": 7})"), "p.json");
    EXPECT_EQ(prices.Watts(PartKind::OcsPort, GIGABIT), 0);
    EXPECT_EQ(tests::Refusal([&] { prices.Price(PartKind::Nic, GIGABIT); }),
              "prices p.json: have none of nic, which the network needs");
}

TEST(PriceList, RefusesWhatIsNotRightWithPlaceValueAndRule)
{
    const auto says = [](const std::string& parts, const std::string& expected) {
        const auto refusal = RefusalOf(parts);
        EXPECT_EQ(refusal.find("p.json"), 0U) << refusal;
        EXPECT_NE(refusal.find(expected), std::string::npos) << refusal;
    };
    says(R"("nic": {"usd": 5})", "parts.nic.usd");
    says(R"("nic": {"usd": []})", "parts.nic.usd");
    says(R"("nic": {"usd": [["100Gb/s", 0]]})", "parts.nic.usd[0][1]");
    says(R"("nic": {"usd": [["100", 5]]})", "parts.nic.usd[0][0]");
    says(R"("nic": {"usd": [["1Gb/s", 5], ["1Gb/s", 6]]})", "each rate once");
    says(R"("nic": {"usd": [["1Gb/s"]]})", "parts.nic.usd[0]");
    says(R"("nic": {"watts": [["1Gb/s", 1]]})", "usd");
    says(R"("nik": {"usd": [["1Gb/s", 1]]})", "nik");
    says(R"("ocsPort": {"usd": [["1Gb/s", 1]]})", "parts.ocsPort.usd");
    says(R"("ocsPort": {"usd": -1})", "parts.ocsPort.usd");
    says(R"("fibre": {"usdPerMetre": 1})", "metres");
    EXPECT_THROW(FindPrices("nobody"), std::invalid_argument);
    EXPECT_THROW(FindPrices("no/such.json"), std::invalid_argument);
}

TEST(NetworkCost, IsTheSumOfItsParts)
{
    const auto prices = FindPrices("mixnet-sigcomm25");
    PartList parts;
    parts.Add(PartKind::Nic, GIGABIT * 100, 2);
    parts.Add(PartKind::Nic, GIGABIT * 400, 3);
    parts.Add(PartKind::Fibre, GIGABIT * 400, 2.5);
    parts.Add(PartKind::OcsPort, GIGABIT, 0);
    EXPECT_EQ(parts.Count(PartKind::Nic), 5);
    EXPECT_EQ(parts.Parts().size(), 3U);
    const auto cost = CostOf(parts, prices);
    EXPECT_DOUBLE_EQ(cost.UsdOf(PartKind::Nic), 2 * 659 + 3 * 1499);
    EXPECT_DOUBLE_EQ(cost.usd, 2 * 659 + 3 * 1499 + 2.5 * 150);
    EXPECT_DOUBLE_EQ(cost.watts,
                     2 * prices.Watts(PartKind::Nic, GIGABIT * 100) +
                         3 * prices.Watts(PartKind::Nic, GIGABIT * 400));
    EXPECT_FALSE(cost.IsInterpolated());
}
