/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/routing-trace-reader.h"

#include <gtest/gtest.h>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

namespace
{

using Numbers = std::vector<uint64_t>;

/// @return four experts, two per token, groups {0, 1} and {2, 3}.
RoutingTraceFormat
Format()
{
    return {4, 2, {{0, 0, 1, 1}}};
}

/// @param text A trace. @return its records.
std::vector<RoutingRecord>
Read(const std::string& text)
{
    std::istringstream input(text);
    const auto format = Format();
    RoutingTraceReader reader(input, "trace.jsonl", format);
    std::vector<RoutingRecord> records;
    for (RoutingRecord record; reader.Next(record);)
    {
        records.push_back(record);
    }
    return records;
}

/// @param text A trace that is broken. @return the message, empty if it is taken.
std::string
RefusalByReader(const std::string& text)
{
    return tests::Refusal([&] { Read(text); });
}

/// @param indices The list of tokens. @param count Field num_tokens. @return a record's line.
std::string
LineWith(const std::string& indices, const std::string& count)
{
    return R"({"step": 3, "layer": 1, "rank": 2, "num_tokens": )" + count +
           R"(, "topk": 2, "top_indices": )" + indices + "}\n";
}

} // namespace

TEST(RoutingTraceReader, CountsTheTokensOfEveryExpert)
{
    const auto records = Read(LineWith("[[0, 1], [0, 3], [2, 0]]", "3"));
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].step, 3U);
    EXPECT_EQ(records[0].layer, 1U);
    EXPECT_EQ(records[0].rank, 2U);
    EXPECT_EQ(records[0].tokens, 3U);
    EXPECT_EQ(records[0].counts, (Numbers{3, 1, 1, 1}));
}

TEST(RoutingTraceReader, CountsATokenOnceForAGroup)
{
    // Three tokens touch {0, 1}, the first with both; two touch {2, 3}.
    const auto records = Read(LineWith("[[0, 1], [0, 3], [2, 0]]", "3"));
    EXPECT_EQ(records[0].distinct.at(0), (Numbers{3, 2}));
}

TEST(RoutingTraceReader, TakesFieldsInAnyOrderAndSkipsOthers)
{
    const auto records = Read(
        "{\"top_indices\":[[0,1]],\"stage\":\"pre_dispatch\",\"hs_shape\":[1,[2.5e3,null]],"
        "\"x\":{\"a\":[],\"b\":{}},\"topk\":2,\"t\":true,\"rank\":0,\"layer\":0,\"s\":\"\\\"\","
        "\"num_tokens\":1 , \"step\":0}\r\n");
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].counts, (Numbers{1, 1, 0, 0}));
}

TEST(RoutingTraceReader, SkipsEmptyLinesAndNeedsNoLastLineEnd)
{
    auto text = "\n" + LineWith("[[0, 1]]", "1") + "  \n" + LineWith("[[2, 3]]", "1");
    text.pop_back();
    EXPECT_EQ(Read(text).size(), 2U);
    EXPECT_TRUE(Read("").empty());
}

TEST(RoutingTraceReader, SkipsRecordsOfOtherBlocks)
{
    const std::string rest = R"("step": 0, "layer": 0, "rank": 0, "num_tokens": 1, "topk": 2, )"
                             R"("top_indices": [[0, 1]]})";
    EXPECT_EQ(Read(R"({"block": "decoder", )" + rest).size(), 1U);
    EXPECT_EQ(Read(R"({"block": "mtp", "mtp_idx": 0, )" + rest).size(), 0U);
}

TEST(RoutingTraceReader, ReadsLinesLongerThanItsBuffer)
{
    // 100 000 tokens of "[2,3]," are 600 kB.
    std::string list = "[[0,1]";
    for (int token = 1; token < 100'000; ++token)
    {
        list += ",[2,3]";
    }
    const auto records = Read(LineWith(list + "]", "100000"));
    EXPECT_EQ(records.at(0).counts, (Numbers{1, 1, 99'999, 99'999}));
}

TEST(RoutingTraceReader, RefusesAnExpertThatIsNotThere)
{
    EXPECT_EQ(
        RefusalByReader(LineWith("[[0, 1], [4, 1]]", "2")),
        "trace.jsonl, line 1: field top_indices, token 1 (from 0) has expert 4; expected 0 to "
        "3");
}

TEST(RoutingTraceReader, RefusesAnExpertTwiceInAToken)
{
    EXPECT_EQ(
        RefusalByReader("\n" + LineWith("[[1, 1]]", "1")),
        "trace.jsonl, line 2: field top_indices, token 0 (from 0) has expert 1 twice; expected "
        "different experts");
}

TEST(RoutingTraceReader, RefusesTokensWithAnotherNumberOfExperts)
{
    EXPECT_EQ(RefusalByReader(LineWith("[[0, 1], [0]]", "2")),
              "trace.jsonl, line 1: field top_indices, token 1 (from 0) has 1 experts; expected 2 "
              "experts per token, as the model has");
    EXPECT_NE(RefusalByReader(LineWith("[[0, 1, 2]]", "1")), "");
    EXPECT_NE(RefusalByReader(LineWith("[[]]", "1")), "");
}

TEST(RoutingTraceReader, RefusesAnotherTopK)
{
    EXPECT_EQ(
        RefusalByReader(R"({"step": 0, "layer": 0, "rank": 0, "num_tokens": 1, "topk": 3, )"
                        R"("top_indices": [[0, 1]]})"),
        "trace.jsonl, line 1: field topk is 3; expected 2 experts per token, as the model has");
}

TEST(RoutingTraceReader, RefusesAnotherNumberOfTokens)
{
    EXPECT_EQ(RefusalByReader(LineWith("[[0, 1]]", "2")),
              "trace.jsonl, line 1: field num_tokens is 2; expected the number of lists in "
              "top_indices, 1");
    EXPECT_EQ(RefusalByReader(LineWith("[]", "0")),
              "trace.jsonl, line 1: field num_tokens is 0; expected 1 token or more");
}

TEST(RoutingTraceReader, RefusesMissingFields)
{
    EXPECT_EQ(
        RefusalByReader(R"({"step": 0, "rank": 0, "num_tokens": 1, "topk": 2, )"
                        R"("top_indices": [[0, 1]]})"),
        "trace.jsonl, line 1: field layer is missing; expected step, layer, rank, num_tokens, "
        "topk and top_indices");
    EXPECT_NE(RefusalByReader("{}"), "");
}

TEST(RoutingTraceReader, RefusesAFieldTwice)
{
    EXPECT_EQ(RefusalByReader(R"({"step": 0, "step": 1})"),
              "trace.jsonl, line 1: field step stands twice; expected every field once");
}

TEST(RoutingTraceReader, RefusesNumbersThatAreNoCounts)
{
    const auto step = [](const std::string& value) {
        return RefusalByReader("{\"step\": " + value + "}");
    };
    EXPECT_EQ(step("-1"),
              "trace.jsonl, line 1: field step: found '-'; expected a whole number, 0 or more");
    EXPECT_EQ(
        step("1.5"),
        "trace.jsonl, line 1: field step: 1 and then '.'; expected a whole number, 0 or more");
    EXPECT_NE(step("\"1\""), "");
    EXPECT_NE(step("01"), "");
    EXPECT_NE(step("1e3"), "");
    EXPECT_NE(step("99999999999999999999"), "");
}

TEST(RoutingTraceReader, RefusesALineThatIsCutOff)
{
    const auto whole = LineWith("[[0, 1]]", "1");
    for (size_t length = 1; length + 1 < whole.size(); ++length)
    {
        EXPECT_NE(RefusalByReader(whole + whole.substr(0, length)).find("trace.jsonl, line 2: "),
                  std::string::npos)
            << length;
        EXPECT_NE(RefusalByReader(whole + whole.substr(0, length) + "\n" + whole), "") << length;
    }
    EXPECT_EQ(RefusalByReader(LineWith("[[0, 1], [2", "2").substr(0, 84)),
              "trace.jsonl, line 1: field top_indices: found the end of the file; expected ',' or "
              "']'");
}

TEST(RoutingTraceReader, RefusesWhatIsNoObjectPerLine)
{
    EXPECT_EQ(RefusalByReader("[1, 2]\n"), "trace.jsonl, line 1: record: found '['; expected '{'");
    auto two = LineWith("[[0, 1]]", "1");
    two.back() = ' ';
    EXPECT_EQ(RefusalByReader(two + two),
              "trace.jsonl, line 1: after the record stands '{'; expected one record per line");
    EXPECT_NE(RefusalByReader("{\"a\": nope}\n"), "");
    EXPECT_NE(RefusalByReader("{\"a\": " + std::string(1000, '[') + "}\n"), "");
}
