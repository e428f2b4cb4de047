/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "mixnet-programs.h"

#include "ns3/fabric-description.h"
#include "ns3/fabric-watchdog.h"
#include "ns3/frame-capture.h"
#include "ns3/model-spec.h"
#include "ns3/ns3-units.h"
#include "ns3/packet-estimate.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulation-run.h"
#include "ns3/simulator.h"
#include "ns3/training-report.h"

#include <iostream>
#include <optional>

namespace ns3
{
namespace mixnet
{
namespace training
{

namespace
{

constexpr const char* PROGRAM = "mixnet-training"; //!< name in messages

/**
 * @param groups EP groups that have run. @param report Who has watched. @param run The run.
 * @param watchdog Who looks for deadlocks.
 * @return why the result is not complete; nothing when it is.
 */
std::vector<std::string>
DescribeProblems(const std::vector<TrainingGroup>& groups,
                 const TrainingReport& report,
                 const SimulationRun& run,
                 const FabricWatchdog& watchdog)
{
    const auto progress = report.GetProgress();
    if (progress.done < progress.all && watchdog.HasDeadlock())
    {
        return {watchdog.Describe()};
    }
    if (progress.done < progress.all && !run.GetProblems().empty())
    {
        return run.GetProblems();
    }
    auto problems = DescribeUnfinished(groups);
    const auto broken = report.Check();
    problems.insert(problems.end(), broken.begin(), broken.end());
    const auto failed = CountFailedMessages(groups);
    if (!problems.empty() && failed > 0)
    {
        problems.push_back(std::to_string(failed) + " messages failed");
    }
    return problems;
}

/// @param options The options, parsed. @brief Trains what they describe. @return exit code.
int
TrainJob(const ProgramOptions& options)
{
    const auto begin = WallClock::now();
    const auto scenario = ParseTrainingScenario(options);
    RngSeedManager::SetSeed(scenario.seed);
    const auto fabric = InstallFabric(scenario.fabric);
    const auto groups = MakeTrainingHelper(scenario.fabric, scenario.control, scenario.collectives)
                            .Install(fabric, scenario.job);
    fabric.Initialize();
    FrameCapture capture(scenario.capture, fabric);
    TrainingReport report(scenario, fabric, groups, std::cout);
    const FabricWatchdog watchdog(fabric, ToTime(scenario.fabric.deadlockTimeout));
    std::optional<SimulationRun> run;
    run.emplace([&report] { return report.GetProgress(); });
    std::cout << DescribePipeline(scenario.fabric, fabric);
    report.PrintScenario();
    EstimateJob(scenario).Tell(PROGRAM);

    run->Run();

    const auto problems = DescribeProblems(groups, report, *run, watchdog);
    capture.Close();
    report.Finish({problems, run->GetEventCount(), SecondsSince(begin)});
    std::cout << DescribePaths(fabric);
    TellProblems(PROGRAM, problems);
    const int code = run->GetExitCode(problems.empty());
    run.reset();
    Simulator::Destroy();
    return code;
}

/// @param argc Number of arguments. @param argv The arguments. @return exit code.
int
Train(int argc, char* argv[])
{
    Time::SetResolution(Time::PS);
    auto options = DeclareTrainingOptions();
    options.Parse(argc, argv);
    return TrainJob(options);
}

} // namespace

} // namespace training

int
RunMixnetTraining(int argc, char* argv[])
{
    return RunProgram(training::PROGRAM, training::Train, argc, argv);
}

} // namespace mixnet
} // namespace ns3
