/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/compute-profile.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

/**
 * @param operations Elements of the list of operations.
 * @return the message of the refusal, empty if there is none.
 */
std::string
RefusalOf(const std::string& operations)
{
    return tests::Refusal([&] {
        ComputeProfile::Parse(R"({"source": "test", "operations": [)" + operations + "]}",
                              "p.json");
    });
}

} // namespace

TEST(ComputeProfile, ReadsTheTimesItLists)
{
    const auto profile = ComputeProfile::Parse(R"({"source": "8 x H800", "operations": [
        {"operation": "head", "forward": 0.0123, "backward": 0.5, "tokens": 32768}],
        "optimizer": 0.018})",
                                               "p.json");
    const auto head = profile.TimeOf(ComputeKind::Head);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->forward, Picoseconds(12'300'000'000));
    EXPECT_EQ(head->backward, Picoseconds(500'000'000'000));
    EXPECT_EQ(head->tokens, Tokens(32768));
    EXPECT_FALSE(profile.TimeOf(ComputeKind::Attention));
    EXPECT_EQ(profile.Optimizer(), Picoseconds(18'000'000'000));
    EXPECT_EQ(profile.Description(), "p.json (8 x H800)");
}

TEST(ComputeProfile, TakesEveryKindOfWorkByItsName)
{
    for (const auto kind : ComputeKinds())
    {
        const auto profile = ComputeProfile::Parse(
            R"({"source": "s", "operations": [{"operation": ")" + ToString(kind) +
                R"(", "forward": 0, "backward": 1, "tokens": 1}]})",
            "p.json");
        EXPECT_TRUE(profile.TimeOf(kind)) << ToString(kind);
        EXPECT_FALSE(profile.Optimizer());
    }
}

TEST(ComputeProfile, RefusesAnUnknownOperation)
{
    EXPECT_EQ(RefusalOf(R"({"operation": "ffn", "forward": 1, "backward": 1, "tokens": 1})"),
              "p.json: operations[0].operation is \"ffn\"; expected one of attention, gating, "
              "expert, shared-expert, dense, head");
}

TEST(ComputeProfile, RefusesAnOperationThatIsListedTwice)
{
    const std::string head = R"({"operation": "head", "forward": 1, "backward": 1, "tokens": 1})";
    EXPECT_EQ(RefusalOf(head + "," + head),
              "p.json: operations[1].operation is \"head\"; expected each operation once");
}

TEST(ComputeProfile, RefusesTimesAndTokensOutOfRange)
{
    EXPECT_EQ(RefusalOf(R"({"operation": "head", "forward": -1, "backward": 1, "tokens": 1})"),
              "p.json: operations[0].forward is -1; expected a number from 0.0 to 1000000.0");
    EXPECT_EQ(RefusalOf(R"({"operation": "head", "forward": 1, "backward": "1", "tokens": 1})"),
              "p.json: operations[0].backward is \"1\"; expected a number from 0.0 to 1000000.0");
    EXPECT_EQ(RefusalOf(R"({"operation": "head", "forward": 1, "backward": 1, "tokens": 0})"),
              "p.json: operations[0].tokens is 0; expected a whole number from 1 to "
              "1099511627776");
}

TEST(ComputeProfile, RefusesMissingAndUnknownFieldsAndAnEmptyList)
{
    EXPECT_EQ(RefusalOf(R"({"operation": "head", "forward": 1, "tokens": 1})"),
              "p.json: field operations[0].backward is missing");
    EXPECT_EQ(RefusalOf(R"({"operation": "head", "seconds": 1})"),
              "p.json: unknown field operations[0].seconds; expected fields of operations[0] are "
              "operation, forward, backward, tokens");
    EXPECT_EQ(RefusalOf(""), "p.json: operations is []; expected a list with at least one element");
}

TEST(ComputeProfile, RefusesAFileThatIsNotThere)
{
    EXPECT_THROW(ComputeProfile::FromFile("no-such-profile.json"), std::invalid_argument);
}
