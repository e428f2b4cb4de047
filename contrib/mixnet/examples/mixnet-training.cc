/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * Trains a Mixture-of-Experts model over a reconfigurable fabric, or an electrical one.
 *
 *     host 0 ... host 7     8 GPUs each on an NVSwitch, 8 NICs
 *      | | |      | | |     6 optical NICs to the OCS, 2 electrical NICs to packet switches
 *     [ OCS ] [ packet switches ]
 *
 * Without --gpus, the MoE layers of one EP group on its region: for every layer, forward and
 * backward, attention, gate, dispatch over circuits chosen for its demand, expert, combine. With
 * --gpus=N, a whole job: all stages and replicas, a region per EP group, pipeline and gradients,
 * for some iterations. --fabric has other fabrics, --fidelity flows in place of packets.
 *
 * Run:    ./ns3 run "mixnet-training --layers=2 --reconfigurationDelay=10us"
 *         ./ns3 run "mixnet-training --gpus=1024 --fidelity=flow"
 * Prints: of a group, one line per phase, then totals; of a job, what an iteration's time went
 *         into, traffic by kind and busiest NICs. Writes summary.json and CSV files.
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"

#include <chrono>
#include <iomanip>
#include <iostream>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

using Clock = std::chrono::steady_clock; //!< of wall time

/**
 * @brief Lists what there is to choose from.
 */
void
PrintList()
{
    std::cout << "models   layers  experts  top-k  default parallelism\n";
    for (const auto& name : mixnetcore::ModelNames())
    {
        const auto model = mixnetcore::FindModel(name);
        std::cout << "  " << std::left << std::setw(16) << name << std::right << std::setw(4)
                  << model.layers << std::setw(7) << model.experts << std::setw(5) << model.topK
                  << "   EP" << model.expertParallel << " TP" << model.tensorParallel << " PP"
                  << model.pipelineParallel << "  " << model.title << "\n";
    }
    std::cout << "fabrics\n";
    for (const auto& name : FabricNames())
    {
        std::cout << "  " << name << "\n";
    }
}

/// @param fabric A fabric with what is installed on it. @brief Initialises it: what cannot be is
/// refused before anything is written.
void
Initialize(const Fabric& fabric)
{
    for (auto node = fabric.nodes.Begin(); node != fabric.nodes.End(); ++node)
    {
        (*node)->Initialize();
    }
}

/// @param begin An instant. @return seconds since then.
double
SecondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/**
 * @brief Trains the MoE layers of one EP group.
 * @param options The options, parsed.
 * @return exit code.
 */
int
TrainGroup(const ProgramOptions& options)
{
    const auto begin = Clock::now();
    const auto scenario = ParseTrainingScenario(options);
    RngSeedManager::SetSeed(scenario.seed);
    const auto fabric = InstallFabric(scenario.fabric);
    const auto group = MakeTrainingHelper(scenario.fabric, scenario.control, scenario.collectives)
                           .Install(fabric, scenario.workload, scenario.sequence);
    Initialize(fabric);
    FrameCapture capture(scenario.capture, fabric);
    GroupReport report(scenario, fabric, group, std::cout);
    std::cout << DescribePipeline(scenario.fabric, fabric);
    report.PrintScenario();
    const FabricWatchdog watchdog(fabric, ToTime(scenario.fabric.deadlockTimeout));

    Simulator::Run();

    report.Finish(SecondsSince(begin));
    std::cout << DescribePaths(fabric);
    const auto unfinished = group.GetUnfinishedPhases();
    if (watchdog.HasDeadlock())
    {
        std::cerr << "mixnet-training: " << watchdog.Describe() << "\n";
    }
    else if (!unfinished.empty())
    {
        std::cerr << "mixnet-training: " << group.GetFailedMessages()
                  << " messages failed, and events ended with ranks that still wait:\n";
        for (const auto& one : unfinished)
        {
            std::cerr << "  rank " << one.rank << " is " << ToString(one) << "\n";
        }
    }
    capture.Close();
    Simulator::Destroy();
    return unfinished.empty() ? 0 : 1;
}

/**
 * @param groups EP groups of a job that is not complete.
 * @param recorder Who has watched it.
 * @param isInterrupted Whether the user has ended it.
 * @return why it is not, a line each; none when it is.
 */
std::vector<std::string>
DescribeProblems(const std::vector<TrainingGroup>& groups,
                 const JobRecorder& recorder,
                 bool isInterrupted)
{
    if (isInterrupted)
    {
        return {"interrupted by the user after " + std::to_string(recorder.GetEndedPhases()) +
                " of " + std::to_string(recorder.GetPhases()) + " phases"};
    }
    auto problems = DescribeUnfinished(groups);
    const auto broken = recorder.Check();
    problems.insert(problems.end(), broken.begin(), broken.end());
    return problems;
}

/**
 * @brief Trains all stages and replicas of a model.
 * @param options The options, parsed.
 * @return exit code.
 */
int
TrainJob(const ProgramOptions& options)
{
    constexpr int INTERRUPTED = 130; // as a shell says it
    const auto begin = Clock::now();
    const auto scenario = ParseJobScenario(options);
    RngSeedManager::SetSeed(scenario.seed);
    const auto fabric = InstallFabric(scenario.fabric);
    const auto groups = MakeTrainingHelper(scenario.fabric, scenario.control, scenario.collectives)
                            .InstallJob(fabric, scenario.job);
    Initialize(fabric);
    FrameCapture capture(scenario.capture, fabric);
    JobReport report(scenario, std::cout);
    std::cout << DescribePipeline(scenario.fabric, fabric);
    report.PrintScenario();
    const FabricWatchdog watchdog(fabric, ToTime(scenario.fabric.deadlockTimeout));
    JobRecorder recorder(groups, scenario.job, [&report](const IterationRecord& record) {
        report.Add(record);
    });
    bool isInterrupted = false;
    {
        const JobProgress progress(recorder);
        Simulator::Run();
        isInterrupted = progress.IsInterrupted();
    }

    JobOutcome outcome;
    outcome.problems = watchdog.HasDeadlock() ? std::vector<std::string>{watchdog.Describe()}
                                              : DescribeProblems(groups, recorder, isInterrupted);
    outcome.simulatedSeconds = Simulator::Now().GetSeconds();
    outcome.events = Simulator::GetEventCount();
    outcome.wallSeconds = SecondsSince(begin);
    outcome.peakMemoryBytes = PeakMemoryBytes();
    outcome.windowsOverBuffer = fabric.GetLargestBufferNeed().Ratio();
    for (const auto& group : groups)
    {
        outcome.failedMessages += group.GetFailedMessages();
    }
    report.Finish(fabric, recorder, outcome);
    std::cout << DescribePaths(fabric);
    if (!outcome.problems.empty())
    {
        std::cerr << "mixnet-training: " << outcome.failedMessages
                  << " messages failed; the results are not complete:\n";
        for (const auto& problem : outcome.problems)
        {
            std::cerr << "  " << problem << "\n";
        }
    }
    capture.Close();
    Simulator::Destroy();
    return isInterrupted ? INTERRUPTED : outcome.problems.empty() ? 0 : 1;
}

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
Train(int argc, char* argv[])
{
    Time::SetResolution(Time::PS);
    auto options = DeclareTrainingOptions();
    options.Parse(argc, argv);
    if (options.Flag("list"))
    {
        PrintList();
        return 0;
    }
    return IsJob(options) ? TrainJob(options) : TrainGroup(options);
}

} // namespace

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
main(int argc, char* argv[])
{
    return RunProgram("mixnet-training", Train, argc, argv);
}
