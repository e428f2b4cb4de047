/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/json-fields.h"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

namespace
{

/**
 * @param value What field "n" of the file holds, in JSON.
 * @return the message when a number from 1 to 9 is expected there.
 */
std::string
CountRefusalOf(const std::string& value)
{
    const auto json = ParseJsonText(R"({"n": )" + value + "}", "f.json");
    const JsonFields fields(json, "f.json", "", {"n"});
    return tests::Refusal([&fields] { fields.Count("n", 1, 9); });
}

} // namespace

TEST(JsonFields, ReadsEveryTypeOfField)
{
    const auto json = ParseJsonText(
        R"({"n": 3, "x": 1.5, "on": true, "t": "a", "ts": ["a", "b"], "ns": [1, 2], "o": {"n": 4}})",
        "f.json");
    const JsonFields fields(json, "f.json", "", {"n", "x", "on", "t", "ts", "ns", "o", "none"});
    EXPECT_EQ(fields.Count("n", 3, 3), 3U);
    EXPECT_EQ(fields.Number("x", 1, 2), 1.5);
    EXPECT_TRUE(fields.FlagOr("on", false));
    EXPECT_EQ(fields.Text("t"), "a");
    EXPECT_EQ(fields.Texts("ts"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(fields.Counts("ns", 1, 2), (std::vector<uint64_t>{1, 2}));
    EXPECT_EQ(fields.Object("o", {"n"}).Count("n", 1, 9), 4U);
    EXPECT_EQ(fields.List("ns").size(), 2U);
}

TEST(JsonFields, ReplacesWhatMayBeMissing)
{
    const auto json = ParseJsonText("{}", "f.json");
    const JsonFields fields(json, "f.json", "", {"n"});
    EXPECT_FALSE(fields.Has("n"));
    EXPECT_EQ(fields.CountOr("n", 7, 1, 9), 7U);
    EXPECT_TRUE(fields.FlagOr("n", true));
    EXPECT_TRUE(fields.Counts("n", 1, 9).empty());
}

TEST(JsonFields, NamesLineAndColumnOfAMistakeInOneLine)
{
    const auto refusal = tests::Refusal([] { ParseJsonText("{\n  \"a\": 1,\n  b\n}", "f.json"); });
    EXPECT_EQ(refusal,
              "f.json: not valid JSON at line 3, column 3: found 'b'; expected a file in JSON");
}

TEST(JsonFields, RefusesTextAfterTheValueAndNoTextAtAll)
{
    EXPECT_EQ(tests::Refusal([] { ParseJsonText("{} {}", "f.json", "a model"); }),
              "f.json: not valid JSON at line 1, column 4: found '{'; expected a model");
    EXPECT_EQ(tests::Refusal([] { ParseJsonText("", "f.json", "a model"); }),
              "f.json: not valid JSON at line 1, column 1: found the end of the text; expected a "
              "model");
    EXPECT_EQ(tests::Refusal([] {
                  ParseJsonText("\x01\xff", "f.json", "a model");
              }).find("f.json: not valid JSON at line 1, column 1: found '<U+0001>"),
              0U);
}

TEST(JsonFields, RefusesListsThatAreTooDeep)
{
    const auto nested = [](size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_EQ(tests::Refusal([&] { ParseJsonText(nested(64), "f.json"); }), "");
    EXPECT_EQ(tests::Refusal([&] { ParseJsonText(nested(1'000'000), "f.json"); }),
              "f.json: has lists in lists more than 64 deep; expected fewer");
}

TEST(JsonFields, RefusesAFieldThatIsThereTwice)
{
    EXPECT_EQ(tests::Refusal([] { ParseJsonText(R"([{"o": {"a": 1, "a": 2}}])", "f.json"); }),
              "f.json: field a is there twice in one object; expected once");
    EXPECT_EQ(tests::Refusal([] { ParseJsonText(R"({"a": {"a": 1}, "b": {"a": 1}})", "f.json"); }),
              "");
}

TEST(JsonFields, RefusesAnUnknownFieldAndListsTheKnownOnes)
{
    const auto json = ParseJsonText(R"({"o": {"hiden": 1}})", "f.json");
    const JsonFields fields(json, "f.json", "", {"o"});
    EXPECT_EQ(tests::Refusal([&fields] {
                  fields.Object("o", {"hidden", "layers"});
              }),
              "f.json: unknown field o.hiden; expected fields of o are hidden, layers");
}

TEST(JsonFields, RefusesWhatIsNoObject)
{
    const auto json = ParseJsonText("[1]", "f.json");
    EXPECT_EQ(tests::Refusal([&json] { JsonFields(json, "f.json", "", {"n"}); }),
              "f.json: the file is [1]; expected an object with the fields n");
}

TEST(JsonFields, RefusesAMissingField)
{
    const auto json = ParseJsonText("{}", "f.json");
    const JsonFields fields(json, "f.json", "", {"n"});
    EXPECT_EQ(tests::Refusal([&fields] { fields.Count("n", 1, 9); }), "f.json: field n is missing");
}

TEST(JsonFields, RefusesWhatIsNoWholeNumberInTheRange)
{
    for (const std::string value : {"0", "10", "-1", "1.5", "true", "\"1\"", "null", "[1]", "1e30"})
    {
        EXPECT_EQ(CountRefusalOf(value).find("f.json: n is "), 0U) << value;
    }
    EXPECT_EQ(CountRefusalOf("10"), "f.json: n is 10; expected a whole number from 1 to 9");
    EXPECT_EQ(CountRefusalOf("9"), "");
}

TEST(JsonFields, RefusesOtherTypes)
{
    const auto json = ParseJsonText(R"({"n": [], "t": ""})", "f.json");
    const JsonFields fields(json, "f.json", "", {"n", "t"});
    EXPECT_EQ(tests::Refusal([&fields] { fields.Number("n", 0, 1.5); }),
              "f.json: n is []; expected a number from 0.0 to 1.5");
    EXPECT_EQ(tests::Refusal([&fields] { fields.FlagOr("n", true); }),
              "f.json: n is []; expected true or false");
    EXPECT_EQ(tests::Refusal([&fields] { fields.Text("t"); }),
              "f.json: t is \"\"; expected a text in quotes, not empty");
    EXPECT_EQ(tests::Refusal([&fields] { fields.Texts("n"); }),
              "f.json: n is []; expected a list with at least one element");
    EXPECT_EQ(tests::Refusal([&fields] { fields.Counts("t", 1, 2); }),
              "f.json: t is \"\"; expected a list, each element a whole number from 1 to 2");
}

TEST(JsonFields, ShowsALongValueCutOff)
{
    const auto refusal = CountRefusalOf("\"" + std::string(1000, 'x') + "\"");
    EXPECT_LT(refusal.size(), 150U);
    EXPECT_NE(refusal.find("xxx...; expected"), std::string::npos);
}

TEST(JsonFields, RefusesAFileThatCannotBeRead)
{
    EXPECT_EQ(tests::Refusal([] { ReadTextFile("none.json", "model"); }),
              "cannot read the model file none.json: No such file or directory");
    EXPECT_EQ(tests::Refusal([] { ReadTextFile("/", "model"); }),
              "cannot read the model file /: Is a directory");
    const auto empty = testing::TempDir() + "mixnet-json-fields-empty.json";
    std::ofstream(empty).close();
    EXPECT_EQ(tests::Refusal([&empty] { ReadTextFile(empty, "model"); }),
              "cannot read the model file " + empty + ": it is empty");
    std::remove(empty.c_str());
}
