/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/json-layout.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace mixnetcore;

TEST(JsonLayout, ShortThingsStandInOneLine)
{
    const auto json = nlohmann::ordered_json::parse(R"({"b":[1,2.5,"x"],"a":{},"c":[],"d":null})");
    EXPECT_EQ(LayOutJson(json), "{\"b\": [1, 2.5, \"x\"], \"a\": {}, \"c\": [], \"d\": null}\n");
}

TEST(JsonLayout, LongThingsHaveAnElementPerLine)
{
    nlohmann::ordered_json json;
    json["first"] = std::vector<uint64_t>(3, 1);
    json["list"] = std::vector<std::string>(2, std::string(60, 'x'));
    const auto word = "\"" + std::string(60, 'x') + "\"";
    EXPECT_EQ(LayOutJson(json),
              "{\n  \"first\": [1, 1, 1],\n  \"list\": [\n    " + word + ",\n    " + word +
                  "\n  ]\n}\n");
}

TEST(JsonLayout, IsReadAsTheSame)
{
    auto json = nlohmann::ordered_json::array();
    for (uint32_t number = 0; number < 100; ++number)
    {
        json.push_back({{"number", number}, {"share", 1.0 / number}, {"text", "\"\\\n"}});
    }
    json[0]["share"] = 0.1; // 1 / 0 is no JSON
    const auto text = LayOutJson(json);
    EXPECT_EQ(nlohmann::ordered_json::parse(text), json);
}
