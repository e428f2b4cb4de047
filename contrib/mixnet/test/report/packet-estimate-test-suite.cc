/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/mixnet-test-case.h"

#include "ns3/flow-job.h"
#include "ns3/packet-estimate.h"

#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

/// @brief Names and values of options.
using Options = std::map<std::string, std::string>;

/**
 * @ingroup mixnet-tests
 * @brief Compares an estimate with a run.
 */
class PacketEstimateTestCase : public MixnetTestCase
{
  protected:
    /// @param program What is run. @param options Its options.
    PacketEstimateTestCase(const std::string& program, Options options)
        : MixnetTestCase("Within a factor of two: " + program + NameOf(options)),
          m_options(std::move(options))
    {
    }

    /// @return options of mixnet-training: those of this test, and a small model.
    ProgramOptions TrainingOptions()
    {
        const auto path = CreateTempDirFilename("small.json");
        std::ofstream(path) << R"({
            "title": "Small", "sources": ["made up"], "layers": 2, "hidden": 1024, "vocabulary": 1000,
            "attention": {"kind": "grouped-query", "heads": 16, "kvHeads": 16, "headSize": 64},
            "experts": {"count": 16, "topK": 2, "ffn": 256},
            "parallelism": {"tensor": 1, "expert": 16, "pipeline": 1},
            "training": {"sequenceLength": 512, "microbatchSize": 1, "microbatches": 2}})";
        auto options = DeclareTrainingOptions();
        options.Set("model", path);
        options.Set("reconfigurationDelay", "10us");
        for (const auto& [name, value] : m_options)
        {
            options.Set(name, value);
        }
        return options;
    }

    /// @param estimate What was expected. @param fabric The fabric, after the run.
    void Compare(const PacketEstimate& estimate, const Fabric& fabric)
    {
        const double hops = fabric.GetHopCounters().dataSent;
        NS_TEST_EXPECT_MSG_GT(hops, 0, "there were packets");
        NS_TEST_EXPECT_MSG_GT(estimate.hops, hops / 2, "at least half of " << hops);
        NS_TEST_EXPECT_MSG_LT(estimate.hops, hops * 2, "at most twice " << hops);
    }

    const Options m_options; //!< that differ from the defaults

  private:
    /// @param options Some options. @return them for people.
    static std::string NameOf(const Options& options)
    {
        std::string name;
        for (const auto& [option, value] : options)
        {
            name += " --" + option + "=" + value;
        }
        return name;
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Of training.
 */
class TrainingEstimateTestCase : public PacketEstimateTestCase
{
  public:
    /// @param options Options of the training.
    explicit TrainingEstimateTestCase(const Options& options)
        : PacketEstimateTestCase("training,", options)
    {
    }

  private:
    void DoRun() override
    {
        const auto scenario = ParseTrainingScenario(TrainingOptions());
        const auto fabric = InstallFabric(scenario.fabric);
        const auto groups =
            MakeTrainingHelper(scenario.fabric, scenario.control, scenario.collectives)
                .Install(fabric, scenario.job);
        Simulator::Run();
        Compare(EstimateJob(scenario), fabric);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Of flows.
 */
class FlowsEstimateTestCase : public PacketEstimateTestCase
{
  public:
    /// @param options Options of all-to-all.
    explicit FlowsEstimateTestCase(const Options& options)
        : PacketEstimateTestCase("all-to-all", options)
    {
    }

  private:
    void DoRun() override
    {
        std::vector<std::string> texts{"all-to-all", "--output=none"};
        for (const auto& [name, value] : m_options)
        {
            texts.push_back("--" + name + "=" + value);
        }
        std::vector<char*> arguments;
        for (auto& text : texts)
        {
            arguments.push_back(text.data());
        }
        const auto scenario = ParseAllToAllScenario(arguments.size(), arguments.data());
        const auto fabric = InstallFabric(scenario.fabric);
        FlowJob job(fabric, scenario.flows);
        job.SetRouter(mixnetcore::MakeRouter(*fabric.plan));
        job.Start();
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(job.IsComplete(), true, "all has arrived");
        Compare(EstimateFlows(scenario), fabric);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief What is said, and when.
 */
class PacketEstimateTextTestCase : public MixnetTestCase
{
  public:
    PacketEstimateTextTestCase()
        : MixnetTestCase("An estimate is told from ten minutes on, and has none for flows")
    {
    }

  private:
    void DoRun() override
    {
        constexpr double rate = PacketEstimate::HOPS_PER_SECOND;
        NS_TEST_EXPECT_MSG_EQ(PacketEstimate{rate * 599}.Describe(), "", "short");
        const auto expect = [&](double seconds, const std::string& text) {
            NS_TEST_EXPECT_MSG_NE(PacketEstimate{rate * seconds}.Describe().find(text),
                                  std::string::npos,
                                  text);
        };
        expect(600, " 10 minutes at 2.5 million per second");
        expect(600, "--fidelity=flow");
        expect(2 * 3600, " 2 hours ");
        expect(72 * 3600, " 3 days ");

        auto options = DeclareTrainingOptions();
        options.Set("fidelity", "flow");
        options.Set("microbatches", "1000");
        NS_TEST_EXPECT_MSG_EQ(EstimateJob(ParseTrainingScenario(options)).hops, 0, "flows");
        options.Set("gpus", "1024");
        NS_TEST_EXPECT_MSG_EQ(EstimateJob(ParseTrainingScenario(options)).hops,
                              0,
                              "a job of flows");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Estimates of what packets cost.
 */
class PacketEstimateTestSuite : public TestSuite
{
  public:
    PacketEstimateTestSuite()
        : TestSuite("mixnet-packet-estimate", TestSuite::Type::SYSTEM)
    {
        AddTestCase(new PacketEstimateTextTestCase);
        for (const std::string fabric :
             {"mixnet", "fat-tree", "rail-optimized", "rail-only", "ideal-switch"})
        {
            AddTestCase(new TrainingEstimateTestCase({{"gpus", "32"}, {"fabric", fabric}}));
            AddTestCase(new TrainingEstimateTestCase({{"layers", "2"}, {"fabric", fabric}}));
        }
        AddTestCase(new TrainingEstimateTestCase(
            {{"gpus", "32"}, {"fabric", "fat-tree"}, {"pipelineParallel", "2"}}));
        AddTestCase(new TrainingEstimateTestCase({{"gpus", "64"},
                                                  {"fabric", "fat-tree"},
                                                  {"expertParallel", "2"},
                                                  {"tensorParallel", "16"}}));
        AddTestCase(new TrainingEstimateTestCase(
            {{"gpus", "32"}, {"opticalFidelity", "flow"}, {"electricalFidelity", "packet"}}));
        AddTestCase(new TrainingEstimateTestCase({{"recompute", "yes"}, {"microbatches", "3"}}));
        AddTestCase(
            new TrainingEstimateTestCase({{"backward", "no"}, {"fabric", "oversub-fat-tree"}}));
        AddTestCase(new FlowsEstimateTestCase(Options{{"bytes", "1000000"}}));
        AddTestCase(new FlowsEstimateTestCase(
            {{"bytes", "1000000"}, {"hosts", "128"}, {"endpoints", "32"}}));
        AddTestCase(new FlowsEstimateTestCase(
            {{"bytes", "1000000"}, {"fabric", "rail-optimized"}, {"endpoints", "32"}}));
    }
};

PacketEstimateTestSuite g_packetEstimateTestSuite; //!< registers the suite

} // namespace

} // namespace tests
