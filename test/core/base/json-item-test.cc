/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/json-item.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace mixnetcore;

namespace
{

/// @param text JSON. @param act What to do with it. @return the refusal; empty when there is none.
template <typename Act>
std::string
RefusalOfItem(const std::string& text, const Act& act)
{
    const auto json = nlohmann::json::parse(text);
    return tests::Refusal([&] { act(JsonItem(json, "my.json", "a.b")); });
}

} // namespace

TEST(JsonItem, ReadsEveryKindOfValue)
{
    const auto json = nlohmann::json::parse(
        R"({"list": [7, "x", 0.5, "25ms", "400Gb/s", "RED", [1, 2], {"in": 1}], "none": []})");
    const JsonFields fields(json, "my.json", "", {"list", "none", "missing"});
    const auto items = fields.Items("list");
    ASSERT_EQ(items.size(), 8U);
    EXPECT_EQ(items[0].Count(0, 7), 7U);
    EXPECT_FALSE(items[0].IsText());
    EXPECT_EQ(items[1].Text(), "x");
    EXPECT_EQ(items[2].PositiveNumber(), 0.5);
    EXPECT_EQ(items[3].Duration(), Picoseconds(25'000'000'000));
    EXPECT_EQ(items[4].Rate(), BitsPerSecond(400'000'000'000));
    EXPECT_EQ(items[5].Choice({"blue", "red"}), "red");
    EXPECT_TRUE(items[6].IsList());
    EXPECT_EQ(items[6].Pair("two").second.Count(0, 9), 2U);
    EXPECT_EQ(items[7].Fields({"in"}).Count("in", 0, 9), 1U);
    EXPECT_TRUE(fields.Items("none").empty());
    EXPECT_TRUE(fields.Items("missing").empty());
    EXPECT_EQ(fields.Item("list").Path(), "list");
    EXPECT_EQ(items[6].Items()[1].Path(), "list[6][1]");
}

TEST(JsonItem, NamesFilePlaceValueAndRule)
{
    const auto start = [](const std::string& value) { return "my.json: a.b is " + value; };
    EXPECT_EQ(RefusalOfItem("7", [](const JsonItem& item) { item.Items(); }),
              start("7; expected a list"));
    EXPECT_EQ(RefusalOfItem("[7]", [](const JsonItem& item) { item.Pair("two hosts"); }),
              start("[7]; expected two hosts"));
    EXPECT_EQ(RefusalOfItem("[7]", [](const JsonItem& item) { item.Items()[0].Text(); }),
              "my.json: a.b[0] is 7; expected a text in quotes, not empty");
    EXPECT_EQ(RefusalOfItem("-1", [](const JsonItem& item) { item.Count(0, 9); }),
              start("-1; expected a whole number from 0 to 9"));
    EXPECT_EQ(RefusalOfItem("0", [](const JsonItem& item) { item.PositiveNumber(); }),
              start("0; expected a number above 0"));
    EXPECT_EQ(RefusalOfItem("\"4GB/s\"", [](const JsonItem& item) { item.Rate(); }),
              start("\"4GB/s\"; expected a data rate from 1b/s to 1000Tb/s with its unit, in bits: "
                    "400Gb/s, 100Gbps or 400G"));
    EXPECT_EQ(RefusalOfItem("1", [](const JsonItem& item) { item.Duration(); }),
              start("1; expected a time from 0 to 1e6s with its unit: s, ms, us, ns or ps"));
    EXPECT_EQ(RefusalOfItem("\"rad\"", [](const JsonItem& item) { item.Choice({"red"}); }),
              start("\"rad\"; expected one of red; did you mean red?"));
    EXPECT_EQ(RefusalOfItem("{\"x\": 1}", [](const JsonItem& item) { item.Fields({"y"}); }),
              "my.json: unknown field a.b.x; expected fields of a.b are y");
}
