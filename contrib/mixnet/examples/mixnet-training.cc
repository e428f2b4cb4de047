/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * Trains the MoE layers of one EP group over a reconfigurable region, packet by packet.
 *
 *     host 0 ... host 7     8 GPUs each on an NVSwitch, 8 NICs
 *      | | |      | | |     6 optical NICs to the OCS, 2 electrical NICs to the packet switch
 *     [ OCS ] [ packet switch ]
 *
 * For every layer, forward and backward: attention, gate, dispatch over circuits chosen for its
 * demand, expert, combine. With --fabric=ideal-switch all eight NICs are on one packet switch.
 *
 * Run:    ./ns3 run "mixnet-training --layers=2 --reconfigurationDelay=10us"
 * Prints: one line per phase, then totals; writes summary.json and CSV files.
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <unistd.h>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

/**
 * @param scenario What is asked for.
 * @param fabric The fabric.
 * @return the training, installed.
 */
TrainingGroup
InstallTraining(const TrainingScenario& scenario, const Fabric& fabric)
{
    TrainingHelper helper;
    helper.SetApplicationAttribute("TensorAlgorithm", StringValue(scenario.tensorAlgorithm));
    helper.SetApplicationAttribute("AllToAllEfficiency", DoubleValue(scenario.allToAllEfficiency));
    helper.SetControllerAttribute("Allocator", StringValue(scenario.fabric.allocator));
    helper.SetControllerAttribute("ControlLatency", TimeValue(ToTime(scenario.controlLatency)));
    helper.SetControllerAttribute("Policy", StringValue(scenario.policy));
    helper.SetControllerAttribute("NumaRule", StringValue(scenario.fabric.numaRule));
    return helper.Install(fabric, scenario.workload, scenario.sequence);
}

/**
 * @param scenario What is asked for.
 */
void
PrintScenario(const TrainingScenario& scenario)
{
    const auto& group = scenario.workload->Group();
    const auto& host = scenario.fabric.plan.host;
    const auto& sequence = scenario.sequence;
    std::cout << scenario.model.title << ": EP " << group.Ranks() << " x TP "
              << group.TensorParallel() << " on " << group.Hosts() << " servers, " << group.Gpus()
              << " GPUs; layers " << sequence.layers << ", microbatches " << sequence.microbatches
              << ", "
              << (!sequence.backward   ? "forward"
                  : sequence.recompute ? "forward and backward with recomputation"
                                       : "forward and backward")
              << "\nFabric " << scenario.fabric.plan.name << ": "
              << host.NicsOn(mixnetcore::NicRole::Optical).size() << " optical and "
              << host.NicsOn(mixnetcore::NicRole::Electrical).size() << " electrical NICs of "
              << host.nics.front().rate.Count() * 1e-9 << " Gb/s per server, MTU "
              << scenario.fabric.mtu << " B, " << scenario.fabric.loadBalancing
              << ", congestion control " << scenario.options.at("congestionControl") << ", PFC "
              << (scenario.fabric.pfc ? "on" : "off") << "; " << DescribeFidelity(scenario.fabric)
              << "\n";
    if (!scenario.fabric.plan.regions.empty())
    {
        std::cout << "Circuits: policy " << scenario.policy << ", allocator "
                  << scenario.fabric.allocator << ", blackout "
                  << (scenario.fabric.ocsTechnology == FabricScenario::NONE
                          ? scenario.options.at("reconfigurationDelay")
                          : "of " + scenario.fabric.ocsTechnology)
                  << "\n";
    }
    std::cout << "Expert load: " << scenario.workload->Load().Description() << "\n\n";
}

/**
 * @param time A part of the iteration. @param whole The iteration.
 * @return both as text.
 */
std::string
Part(mixnetcore::Picoseconds time, mixnetcore::Picoseconds whole)
{
    std::ostringstream text;
    text << std::setw(12) << Milliseconds(time) << " ms" << std::fixed << std::setprecision(2)
         << std::setw(8) << (whole.count() > 0 ? 100.0 * time.count() / whole.count() : 0.0)
         << " %";
    return text.str();
}

/**
 * @param totals What the phases add up to.
 */
void
PrintTime(const mixnetcore::TrainingTotals& totals)
{
    const auto whole = totals.IterationTime();
    std::cout << "\niteration time        " << Part(whole, whole) << ", of which\n";
    for (const auto& [phase, time] : totals.TimeByPhase())
    {
        const auto name = ToString(phase.second) +
                          (phase.first == mixnetcore::Direction::Backward ? " back" : "");
        std::cout << "  " << std::left << std::setw(20) << name << std::right << Part(time, whole)
                  << "\n";
    }
    std::cout << "  waiting in between  " << Part(totals.WaitingBetweenPhases(), whole) << "\n"
              << "blackouts             "
              << Part(totals.ExposedReconfiguration() + totals.HiddenReconfiguration(), whole)
              << ", exposed " << Milliseconds(totals.ExposedReconfiguration()) << " ms, hidden "
              << Milliseconds(totals.HiddenReconfiguration()) << " ms\n"
              << "all-to-all            " << Part(totals.AllToAllTime(), whole) << ", of which\n";
    const auto& parts = totals.AllToAllParts();
    std::cout << "  circuits and lines  " << Part(parts.line, whole) << "\n"
              << "  queues              " << Part(parts.queue, whole) << "\n"
              << "  inside of servers   " << Part(parts.inside, whole) << "\n"
              << "before them, the longest wait of a rank, added up\n"
              << "  for light           " << std::setw(12) << Milliseconds(parts.light) << " ms\n"
              << "  for the last rank   " << std::setw(12) << Milliseconds(parts.compute)
              << " ms\n";
}

/**
 * @param fabric The fabric. @param time Time of the run.
 */
void
PrintBusiestPorts(const Fabric& fabric, mixnetcore::Picoseconds time)
{
    for (const auto side : {mixnetcore::NicRole::Optical, mixnetcore::NicRole::Electrical})
    {
        double busiest = 0;
        double sum = 0;
        const auto numbers = fabric.plan->host.NicsOn(side);
        for (uint32_t host = 0; host < fabric.hosts.size(); ++host)
        {
            for (const auto number : numbers)
            {
                const double rate = fabric.plan->host.nics[number].rate.Count() / 8.0;
                const double share = fabric.GetSentBytes(host, number) / rate /
                                     std::max(time.count() * 1e-12, 1e-12);
                busiest = std::max(busiest, share);
                sum += share;
            }
        }
        if (!numbers.empty())
        {
            std::cout << (side == mixnetcore::NicRole::Optical ? "optical NICs          "
                                                               : "electrical NICs       ")
                      << std::fixed << std::setprecision(2) << std::setw(7) << 100 * busiest
                      << " % busy at most," << std::setw(7)
                      << 100 * sum / (numbers.size() * fabric.hosts.size())
                      << " % on average (sending)\n";
        }
    }
}

/**
 * @param outcome How the run ended.
 */
void
PrintTotals(const RunOutcome& outcome)
{
    const auto& totals = outcome.totals;
    const auto& frames = outcome.frames;
    std::cout << "payload               " << Gigabytes(totals.Optical()) << " GB optical, "
              << Gigabytes(totals.Electrical()) << " GB electrical, "
              << Gigabytes(totals.Nvswitch()) << " GB NVSwitch\n"
              << "frames                " << frames.sent.frames << " sent, "
              << frames.received.frames << " received, " << frames.AllDropped().frames << " lost, "
              << outcome.retransmittedFrames << " sent again\n"
              << std::setprecision(2) << "simulated in          " << outcome.wallSeconds << " s, "
              << outcome.events << " events, " << outcome.events / outcome.wallSeconds * 1e-6
              << " M/s, " << outcome.peakMemoryBytes / 1000000 << " MB\n";
}

/**
 * @param group The training.
 */
void
PrintUnfinished(const TrainingGroup& group)
{
    std::cerr << "mixnet-training: " << group.GetFailedMessages()
              << " messages failed, and events ended with ranks that still wait:\n";
    for (const auto& unfinished : group.GetUnfinishedPhases())
    {
        std::cerr << "  rank " << unfinished.rank << " is "
                  << MoeTrainingApplication::ToString(unfinished.state) << " in "
                  << ToString(unfinished.phase.kind) << ", " << ToString(unfinished.phase.direction)
                  << ", of layer " << unfinished.phase.layer << ", microbatch "
                  << unfinished.phase.microbatch << "\n";
    }
}

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
TrainGroup(const ProgramOptions& options)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto scenario = ParseTrainingScenario(options);
    RngSeedManager::SetSeed(scenario.seed);

    const auto fabric = InstallFabric(scenario.fabric);
    const auto group = InstallTraining(scenario, fabric);

    // What cannot be initialised is refused before anything is written.
    for (auto node = fabric.nodes.Begin(); node != fabric.nodes.End(); ++node)
    {
        (*node)->Initialize();
    }
    FrameCapture capture(scenario.capture, fabric);
    std::optional<ResultWriter> writer;
    std::optional<TimelineWriter> timeline;
    if (scenario.output != FabricScenario::NONE)
    {
        writer.emplace(scenario.output);
        timeline.emplace(scenario.output, group);
    }
    PrintScenario(scenario);
    PhaseTable table(std::cout, scenario.tableRows);
    table.PrintHeader();
    mixnetcore::TrainingTotals totals;
    const PhaseRecorder recorder(fabric, group, [&](const mixnetcore::PhaseRecord& record) {
        totals.Add(record);
        table.Print(record);
        std::cout.flush();
        if (writer)
        {
            writer->Write(record);
        }
    });
    Simulator::Run();
    table.PrintNotes();

    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    const bool complete = group.GetUnfinishedPhases().empty();
    const RunOutcome outcome{complete,
                             totals,
                             fabric.GetCounters(),
                             fabric.GetRetransmittedFrames(),
                             group.GetFailedMessages(),
                             Simulator::GetEventCount(),
                             wall.count(),
                             PeakMemoryBytes()};
    if (!complete)
    {
        std::cout << "\nINCOMPLETE: the sums are of the phases that ended\n";
    }
    PrintTime(totals);
    PrintBusiestPorts(fabric, totals.IterationTime());
    PrintTotals(outcome);
    if (writer)
    {
        const auto& load = scenario.workload->Load();
        writer->WritePorts(fabric, totals.IterationTime());
        writer->WriteSummary({"mixnet-training",
                              scenario.options,
                              scenario.seed,
                              scenario.model.name,
                              scenario.fabric.plan.name,
                              scenario.fabric.plan.host.nics.front().rate,
                              ToString(scenario.fabric.opticalFidelity),
                              ToString(scenario.fabric.electricalFidelity),
                              load.Description(),
                              load.RepeatsItself()},
                             outcome);
        std::cout << "results               " << scenario.output
                  << "/{summary.json,phases.csv,ports.csv,timeline.csv,circuits.csv}\n";
    }
    if (!complete)
    {
        PrintUnfinished(group);
    }
    capture.Close();
    Simulator::Destroy();
    return complete ? 0 : 1;
}

/**
 * @param groups The EP groups of a job.
 * @return what ranks wait for, a line each, the first of them.
 */
std::vector<std::string>
DescribeUnfinished(const std::vector<TrainingGroup>& groups)
{
    constexpr size_t MOST = 10;
    std::vector<std::string> lines;
    for (const auto& group : groups)
    {
        for (const auto& unfinished : group.GetUnfinishedPhases())
        {
            const auto& phase = unfinished.phase;
            std::ostringstream line;
            line << "iteration " << phase.iteration << ", stage " << phase.stage << ", replica "
                 << phase.replica << ", EP rank " << unfinished.rank << " is "
                 << MoeTrainingApplication::ToString(unfinished.state) << " in "
                 << ToString(phase.kind) << ", " << ToString(phase.direction) << ", of layer "
                 << phase.layer << ", microbatch " << phase.microbatch;
            lines.push_back(line.str());
            if (lines.size() == MOST)
            {
                lines.emplace_back("and maybe more");
                return lines;
            }
        }
    }
    return lines;
}

/// Whether the user wants the run to end.
volatile std::sig_atomic_t g_interrupted = 0;

/**
 * @brief Shows how far a job has come on a terminal, and ends it when the user asks for that.
 */
class Progress
{
  public:
    /// @param recorder Who counts phases.
    explicit Progress(const JobRecorder& recorder)
        : m_recorder(recorder),
          m_begin(std::chrono::steady_clock::now()),
          m_next(m_begin + PERIOD)
    {
        std::signal(SIGINT, [](int) { g_interrupted = 1; });
    }

    ~Progress()
    {
        std::signal(SIGINT, SIG_DFL);
        if (m_isShown)
        {
            std::cerr << "\r" << std::string(60, ' ') << "\r" << std::flush;
        }
    }

    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// @brief Called now and then.
    void Update()
    {
        if (g_interrupted)
        {
            Simulator::Stop();
        }
        const auto now = std::chrono::steady_clock::now();
        if (now < m_next || !isatty(STDERR_FILENO))
        {
            return;
        }
        m_next = now + PERIOD;
        m_isShown = true;
        const double part = double(m_recorder.GetEndedPhases()) / m_recorder.GetPhases();
        const std::chrono::duration<double> passed = now - m_begin;
        std::cerr << "\r" << std::fixed << std::setprecision(1) << std::setw(6) << 100 * part
                  << " %, " << passed.count() / part - passed.count() << " s left   " << std::flush;
    }

  private:
    static constexpr std::chrono::milliseconds PERIOD{500}; //!< between two updates

    const JobRecorder& m_recorder;                 //!< who counts phases
    std::chrono::steady_clock::time_point m_begin; //!< of the run
    std::chrono::steady_clock::time_point m_next;  //!< next update
    bool m_isShown{false};                         //!< whether there is a line to remove
};

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

/**
 * @brief Trains all stages and replicas of a model.
 * @param options The options, parsed.
 * @return exit code.
 */
int
TrainJob(const ProgramOptions& options)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto scenario = ParseJobScenario(options);
    RngSeedManager::SetSeed(scenario.seed);
    const auto fabric = InstallFabric(scenario.fabric);
    TrainingHelper helper;
    helper.SetApplicationAttribute("TensorAlgorithm", StringValue(scenario.tensorAlgorithm));
    helper.SetApplicationAttribute("AllToAllEfficiency", DoubleValue(scenario.allToAllEfficiency));
    helper.SetControllerAttribute("Allocator", StringValue(scenario.fabric.allocator));
    helper.SetControllerAttribute("ControlLatency", TimeValue(ToTime(scenario.controlLatency)));
    helper.SetControllerAttribute("Policy", StringValue(scenario.policy));
    helper.SetControllerAttribute("NumaRule", StringValue(scenario.fabric.numaRule));
    const auto groups = helper.InstallJob(fabric, scenario.job);
    for (auto node = fabric.nodes.Begin(); node != fabric.nodes.End(); ++node)
    {
        (*node)->Initialize();
    }
    JobReport report(scenario, std::cout);
    report.PrintScenario();
    JobRecorder recorder(groups, scenario.job, [&report](const IterationRecord& record) {
        report.Add(record);
    });
    {
        Progress progress(recorder);
        recorder.SetProgress([&progress] { progress.Update(); });
        Simulator::Run();
        recorder.SetProgress({});
    }

    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    JobOutcome outcome{{}, 0, Simulator::GetEventCount(), wall.count(), PeakMemoryBytes()};
    for (const auto& group : groups)
    {
        outcome.failedMessages += group.GetFailedMessages();
    }
    if (g_interrupted)
    {
        outcome.problems.push_back("interrupted by the user after " +
                                   std::to_string(recorder.GetEndedPhases()) + " of " +
                                   std::to_string(recorder.GetPhases()) + " phases");
    }
    else
    {
        outcome.problems = DescribeUnfinished(groups);
        const auto broken = recorder.Check();
        outcome.problems.insert(outcome.problems.end(), broken.begin(), broken.end());
    }
    report.Finish(fabric, recorder, outcome);
    if (!outcome.problems.empty())
    {
        std::cerr << "mixnet-training: " << outcome.failedMessages
                  << " messages failed; the results are not complete:\n";
        for (const auto& problem : outcome.problems)
        {
            std::cerr << "  " << problem << "\n";
        }
    }
    Simulator::Destroy();
    constexpr int INTERRUPTED = 130; // as a shell says it
    return g_interrupted ? INTERRUPTED : outcome.problems.empty() ? 0 : 1;
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
