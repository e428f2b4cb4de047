/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/model-spec.h"
#include "ns3/option-names.h"
#include "ns3/preset.h"
#include "ns3/synthetic-expert-load.h"

#include <gtest/gtest.h>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/// @param options Text of field options. @param fabrics Of field fabrics. @return a whole file.
std::string
TextWith(const std::string& options, const std::string& fabrics = "{}")
{
    return R"({"title": "T", "description": "D", "source": ["S"], "options": )" + options +
           R"(, "fabrics": )" + fabrics + "}";
}

/// @param text Text of a preset. @return the message it is refused with; empty when it is not.
std::string
RefusalOf(const std::string& text)
{
    return tests::Refusal([&] { ParsePreset(text, "p.json"); });
}

} // namespace

TEST(Preset, ReadsValuesWithAndWithoutTheirSource)
{
    const auto preset =
        ParsePreset(TextWith(R"({"a": "1", "b": {"value": "2", "source": "a page"}})",
                             R"({"mixnet": {"b": "3", "c": {"value": "4", "source": "another"}}})"),
                    "p.json");
    EXPECT_EQ(preset.name, "p.json");
    EXPECT_EQ(preset.title, "T");
    EXPECT_EQ(preset.ValuesFor("fat-tree"), (Preset::Values{{"a", "1"}, {"b", "2"}}));
    EXPECT_EQ(preset.ValuesFor("mixnet"), (Preset::Values{{"a", "1"}, {"b", "3"}, {"c", "4"}}));
}

TEST(Preset, RefusesWhatIsNoValue)
{
    const std::string expected =
        "; expected a text as on the command line, or an object with value and source";
    EXPECT_EQ(RefusalOf(TextWith(R"({"a": 1})")), "p.json: options.a is 1" + expected);
    EXPECT_EQ(RefusalOf(TextWith(R"({"a": ""})")), "p.json: options.a is \"\"" + expected);
    EXPECT_EQ(RefusalOf(TextWith("{}", R"({"mixnet": {"a": [2]}})")),
              "p.json: fabrics.mixnet.a is [2]" + expected);
    EXPECT_EQ(RefusalOf(TextWith(R"({"a": {"value": "1"}})")),
              "p.json: field options.a.source is missing");
    EXPECT_EQ(RefusalOf(TextWith("3")),
              "p.json: options is 3; expected an object of options and their values");
    EXPECT_NE(RefusalOf(TextWith("{}", "[]")), "");
    EXPECT_NE(RefusalOf(TextWith("{}", R"({"mixnet": {"fabric": "fat-tree"}})")), "");
    EXPECT_NE(RefusalOf(R"({"title": "T", "description": "D", "source": ["S"]})"), "");
    EXPECT_NE(RefusalOf(R"({"title": "T", "colour": "red"})"), "");
}

TEST(Preset, IsFoundInAnyCaseAndGuessedFromNearMisses)
{
    EXPECT_EQ(FindPreset("Production").name, "production");
    EXPECT_EQ(FindPreset("mixnet-sigcomm25").name, "mixnet-sigcomm25");
    try
    {
        FindPreset("producton");
        FAIL() << "it is none";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_EQ(error.what(),
                  "unknown preset 'producton'; known: " + JoinNames(Presets().Names()) +
                      ", or the path of a JSON file; did you mean production?");
    }
}

TEST(Preset, OfThePaperHasItsValues)
{
    // Section 7.1: 128 servers of 8 GPUs, an NVSwitch of 900 GB/s both ways, that is 450 * 8 Gb/s
    // each way.
    const auto paper = FindPreset("mixnet-sigcomm25");
    auto values = paper.ValuesFor("mixnet");
    EXPECT_EQ(values["gpus"], std::to_string(128 * 8));
    EXPECT_EQ(values["nvswitchRate"], std::to_string(900 / 2 * 8) + "Gb/s");
    EXPECT_EQ(values["opticalDegree"] + "+" + values["electricalNics"], "6+2");
    EXPECT_EQ(values["reconfigurationDelay"], "25ms");
    EXPECT_EQ(paper.ValuesFor("oversub-fat-tree").at("oversubscription"), "3");
}

TEST(Preset, OfProductionKeepsExpertsBalanced)
{
    // The published range is 0.05 to 0.1 over the experts of a matrix.
    const auto skew = std::stod(FindPreset("production").ValuesFor("mixnet").at("skew"));
    for (const auto& name : Models().Names())
    {
        const auto model = FindModel(name);
        const auto variation = skew * SyntheticLoadOf(model, model.expertParallel).expertVariation;
        EXPECT_GE(variation, 0.05) << name;
        EXPECT_LE(variation, 0.1) << name;
    }
}
