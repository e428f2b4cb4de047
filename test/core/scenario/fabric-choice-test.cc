/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"
#include "../testbed/same-fabric.h"

#include "ns3/fabric-choice.h"
#include "ns3/fabric-file-writer.h"
#include "ns3/fabric-file.h"
#include "ns3/mixnet-planner.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <unistd.h>

using namespace mixnetcore;

namespace
{

/// @brief Options that write down which of them are read.
class ListedOptions : public OptionReader
{
  public:
    /// @param fabric What --fabric says.
    explicit ListedOptions(const std::string& fabric = "fat-tree")
        : m_values{{"fabric", fabric}, {"tiers", "2"}, {"radix", "0"}, {"uplinkRate", "linkRate"}}
    {
    }

    // Documented in OptionReader.
    const std::string& Text(const std::string& name) const override
    {
        read.insert(name);
        return m_values.at(name);
    }

    // Documented in OptionReader.
    const std::string& Peek(const std::string& name) const override
    {
        return m_values.at(name);
    }

    mutable std::set<std::string> read; //!< those that were

  private:
    std::map<std::string, std::string> m_values; //!< by option
};

/// @brief A fabric file that is gone when this is.
class FileOfFabric
{
  public:
    /// @param plan What is in it.
    explicit FileOfFabric(const FabricPlan& plan)
        : path((std::filesystem::temp_directory_path() /
                ("fabric-choice-test-" + std::to_string(::getpid()) + ".json"))
                   .string())
    {
        std::ofstream(path) << WriteFabric(plan);
    }

    ~FileOfFabric()
    {
        std::filesystem::remove(path);
    }

    FileOfFabric(const FileOfFabric&) = delete;
    FileOfFabric& operator=(const FileOfFabric&) = delete;

    const std::string path; //!< where it is
};

constexpr const char* TORUS = MIXNET_SOURCE_DIR "/examples/fabrics/torus-16.json"; //!< 16 servers

/// @param hosts Servers. @param gpus Of each. @param hostsPerRegion Of a group. @return the site.
FabricSite
SiteOf(uint32_t hosts, uint32_t gpus, uint32_t hostsPerRegion = 0)
{
    FabricSite site;
    site.hosts = hosts;
    site.host.gpus = gpus;
    site.host.opticalDegree = 0;
    site.host.electricalNics = gpus;
    site.hostsPerRegion = hostsPerRegion;
    return site;
}

/// @return a fabric of 2 regions of 2 servers.
FabricPlan
TwoRegions()
{
    MixnetSpec spec;
    spec.hosts = 4;
    spec.hostsPerRegion = 2;
    return PlanMixnet(spec);
}

} // namespace

TEST(FabricChoice, TakesNamesInAnyCaseAndPathsAsTheyAre)
{
    EXPECT_EQ(ParseFabricName(ListedOptions("Fat-Tree")), "fat-tree");
    EXPECT_EQ(ParseFabricName(ListedOptions("My.json")), "My.json");
    EXPECT_EQ(ParseFabricName(ListedOptions("./Torus")), "./Torus");
    EXPECT_NE(tests::Refusal([] {
                  ParseFabricName(ListedOptions("fat-tee"));
              }).find("did you mean fat-tree?"),
              std::string::npos);
}

TEST(FabricChoice, PlansByNameFromOptions)
{
    const ListedOptions options;
    const auto plan = PlanFabric("FAT-tree", options, SiteOf(2, 8));
    EXPECT_EQ(plan.name, "fat-tree");
    EXPECT_EQ(options.read, (std::set<std::string>{"tiers", "radix", "uplinkRate"}));
    EXPECT_EQ(FabricPlannerOf("mixnet").gpusPerHost, 8U);
    EXPECT_TRUE(FabricPlannerOf("mixnet").hasRegions);
}

TEST(FabricChoice, ReadsAFileAndNoOptions)
{
    const ListedOptions options;
    const auto plan = PlanFabric(TORUS, options, SiteOf(16, 8));
    EXPECT_TRUE(options.read.empty());
    tests::ExpectSameFabric(plan, ReadFabricFile(TORUS));
    EXPECT_EQ(plan.name, "torus-4x4");
    const auto planner = FabricPlannerOf(TORUS);
    EXPECT_EQ(planner.gpusPerHost, 8U);
    EXPECT_FALSE(planner.hasRegions);
}

TEST(FabricChoice, SaysThatAFileIsAnotherPossibility)
{
    EXPECT_NE(tests::Refusal([] { FabricPlannerOf("torus"); }).find("or the path of a JSON file"),
              std::string::npos);
    EXPECT_EQ(tests::Refusal([] { PlanFabric("no.json", ListedOptions(), SiteOf(16, 8)); }),
              "option --fabric=no.json: cannot read the fabric file no.json: No such file or "
              "directory");
}

TEST(FabricChoice, AFileMustHaveTheServersThatAreAskedFor)
{
    const std::string start = std::string("option --fabric=") + TORUS + ": has 16 servers of 8 ";
    EXPECT_EQ(tests::Refusal([] { PlanFabric(TORUS, ListedOptions(), SiteOf(8, 8)); }),
              start + "GPUs; must have the 8 servers of 8 GPUs that are asked for");
    EXPECT_EQ(tests::Refusal([] { PlanFabric(TORUS, ListedOptions(), SiteOf(16, 1)); }),
              start + "GPUs; must have the 16 servers of 1 GPU that are asked for");
}

TEST(FabricChoice, RegionsOfAFileMustBeTheGroupsThatAreAskedFor)
{
    const FileOfFabric file(TwoRegions());
    const ListedOptions options;
    EXPECT_TRUE(FabricPlannerOf(file.path).hasRegions);
    tests::ExpectSameFabric(PlanFabric(file.path, options, SiteOf(4, 8, 2)), TwoRegions());
    EXPECT_EQ(tests::Refusal([&] { PlanFabric(file.path, options, SiteOf(4, 8, 4)); }),
              "option --fabric=" + file.path +
                  ": must have hosts 0 to 3 as regions[0], in this order: a region for every 4 "
                  "servers that exchange most");
    // All servers, where nobody says
    EXPECT_NE(tests::Refusal([&] { PlanFabric(file.path, options, SiteOf(4, 8)); }), "");
}
