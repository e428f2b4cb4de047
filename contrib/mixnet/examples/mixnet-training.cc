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
#include <optional>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

using Clock = std::chrono::steady_clock; //!< of wall time

constexpr const char* PROGRAM = "mixnet-training"; //!< name in messages

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
    std::cout << "presets\n";
    for (const auto& name : mixnetcore::PresetNames())
    {
        std::cout << "  " << std::left << std::setw(18) << name << std::right
                  << mixnetcore::FindPreset(name).title << "\n";
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

/// @param estimate What packets will take. @brief Says so when it is long.
void
TellEstimate(const PacketEstimate& estimate)
{
    if (const auto text = estimate.Describe(); !text.empty())
    {
        std::cerr << PROGRAM << ": " << text << std::endl;
    }
}

/// @param group A group that has run. @return why it is not complete; nothing when it is.
std::vector<std::string>
DescribeUnfinished(const TrainingGroup& group)
{
    std::vector<std::string> problems;
    const auto unfinished = group.GetUnfinishedPhases();
    if (!unfinished.empty())
    {
        problems.push_back(std::to_string(group.GetFailedMessages()) +
                           " messages failed, and events ended with ranks that still wait");
    }
    for (const auto& one : unfinished)
    {
        problems.push_back("rank " + std::to_string(one.rank) + " is " + ToString(one));
    }
    return problems;
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
    std::optional<SimulationRun> run;
    run.emplace([&report] { return report.GetProgress(); });
    std::cout << DescribePipeline(scenario.fabric, fabric);
    report.PrintScenario();
    TellEstimate(EstimateGroup(scenario));
    const FabricWatchdog watchdog(fabric, ToTime(scenario.fabric.deadlockTimeout));

    run->Run();

    auto problems = DescribeUnfinished(group);
    if (!problems.empty() && watchdog.HasDeadlock())
    {
        problems = {watchdog.Describe()};
    }
    else if (!problems.empty() && !run->GetProblems().empty())
    {
        problems = run->GetProblems();
    }
    capture.Close();
    report.Finish(problems, run->GetEventCount(), SecondsSince(begin));
    std::cout << DescribePaths(fabric);
    TellProblems(PROGRAM, problems);
    const int code = run->GetExitCode(problems.empty());
    run.reset();
    Simulator::Destroy();
    return code;
}

/**
 * @param groups EP groups of a job.
 * @param recorder Who has watched it.
 * @param run How it was run.
 * @return why it is not complete, a line each; none when it is.
 */
std::vector<std::string>
DescribeProblems(const std::vector<TrainingGroup>& groups,
                 const JobRecorder& recorder,
                 const SimulationRun& run)
{
    if (!run.GetProblems().empty() && recorder.GetEndedPhases() < recorder.GetPhases())
    {
        return run.GetProblems();
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
    const auto begin = Clock::now();
    const auto scenario = ParseJobScenario(options);
    RngSeedManager::SetSeed(scenario.seed);
    const auto fabric = InstallFabric(scenario.fabric);
    const auto groups = MakeTrainingHelper(scenario.fabric, scenario.control, scenario.collectives)
                            .InstallJob(fabric, scenario.job);
    Initialize(fabric);
    FrameCapture capture(scenario.capture, fabric);
    JobReport report(scenario, std::cout);
    const FabricWatchdog watchdog(fabric, ToTime(scenario.fabric.deadlockTimeout));
    JobRecorder recorder(groups, scenario.job, [&report](const IterationRecord& record) {
        report.Add(record);
    });
    std::optional<SimulationRun> run;
    run.emplace([&recorder] {
        return SimulationRun::Progress{double(recorder.GetEndedPhases()),
                                       double(recorder.GetPhases()),
                                       "phases"};
    });
    std::cout << DescribePipeline(scenario.fabric, fabric);
    report.PrintScenario();
    TellEstimate(EstimateJob(scenario));

    run->Run();

    JobOutcome outcome;
    outcome.problems = watchdog.HasDeadlock() ? std::vector<std::string>{watchdog.Describe()}
                                              : DescribeProblems(groups, recorder, *run);
    outcome.simulatedSeconds = Simulator::Now().GetSeconds();
    outcome.events = run->GetEventCount();
    outcome.wallSeconds = SecondsSince(begin);
    outcome.peakMemoryBytes = PeakMemoryBytes();
    outcome.windowsOverBuffer = fabric.GetLargestBufferNeed().Ratio();
    for (const auto& group : groups)
    {
        outcome.failedMessages += group.GetFailedMessages();
    }
    if (!outcome.problems.empty() && outcome.failedMessages > 0)
    {
        outcome.problems.push_back(std::to_string(outcome.failedMessages) + " messages failed");
    }
    capture.Close();
    report.Finish(fabric, recorder, outcome);
    std::cout << DescribePaths(fabric);
    TellProblems(PROGRAM, outcome.problems);
    const int code = run->GetExitCode(outcome.problems.empty());
    run.reset();
    Simulator::Destroy();
    return code;
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
        options.Settle("to stand without --list");
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
    return RunProgram(PROGRAM, Train, argc, argv);
}
