/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/registry.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

/// Counts up.
struct Step
{
    virtual ~Step() = default;

    /// @return how far.
    virtual int Width() const = 0;
};

/// A step of two.
struct Double : Step
{
    int Width() const override
    {
        return 2;
    }
};

/// Makes a step.
using StepMaker = std::function<std::unique_ptr<Step>()>;

/// @return a family of two.
Registry<int>
Family()
{
    return {"number", {{"one", 1, "the first"}, {"Two", 2, "the next"}}, "a path"};
}

} // namespace

TEST(Registry, KeepsNamesInTheirOrderWithWhatTheyStandFor)
{
    auto numbers = Family();
    numbers.Add("a-third", 3, "the last");
    EXPECT_EQ(numbers.Names(), (std::vector<std::string>{"one", "Two", "a-third"}));
    EXPECT_EQ(numbers.Entries(), (std::deque<int>{1, 2, 3}));
    EXPECT_EQ(numbers.Describe(), "one (the first), Two (the next), a-third (the last), or a path");
    EXPECT_EQ(numbers.SummaryOf("two"), "the next");
    EXPECT_EQ(numbers.NameOf("TWO"), "Two");
    EXPECT_EQ(numbers.Get("A-Third"), 3);
}

TEST(Registry, EntriesStayWhereTheyAreWhenOthersAreAdded)
{
    auto numbers = Family();
    const int* one = &numbers.Get("one");
    for (int i = 0; i < 1000; ++i)
    {
        numbers.Add("n" + std::to_string(i), i, "");
    }
    EXPECT_EQ(one, &numbers.Get("one"));
}

TEST(Registry, RefusesWhatIsNotThere)
{
    EXPECT_EQ(tests::Refusal([] { Family().Get("tow"); }),
              "unknown number 'tow'; known: one, Two, or a path; did you mean Two?");
    EXPECT_EQ(tests::Refusal([] { Family().SummaryOf(""); }),
              "unknown number ''; known: one, Two, or a path");
    EXPECT_FALSE(Family().Has("tow"));
}

TEST(Registry, SaysHowAFileWithoutAFolderIsGiven)
{
    const auto* const name = "registry-test.csv";
    std::ofstream(name) << "1,2\n";
    const auto message = tests::Refusal([&] { Family().Get(name); });
    std::filesystem::remove(name);
    EXPECT_EQ(message,
              "unknown number 'registry-test.csv'; known: one, Two, or a path; a file of that name "
              "is given as ./registry-test.csv");
}

TEST(Registry, RefusesANameTwiceOrNone)
{
    for (const std::string name : {"one", "ONE", ""})
    {
        EXPECT_EQ(tests::Refusal([&] { Family().Add(name, 4, ""); }),
                  "number '" + name +
                      "': a new one needs a name that no other has; known: one, Two");
    }
}

TEST(Registry, MakesStrategies)
{
    Registry<StepMaker> steps("step", {{"double", MakeStrategy<Step, Double>, ""}});
    EXPECT_EQ(steps.Make("double")->Width(), 2);
}
