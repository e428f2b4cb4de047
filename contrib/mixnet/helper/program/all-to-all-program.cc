/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "mixnet-programs.h"

#include "ns3/abort.h"
#include "ns3/all-to-all-scenario.h"
#include "ns3/allocation-score.h"
#include "ns3/circuit-description.h"
#include "ns3/circuit-recovery.h"
#include "ns3/fabric-animation.h"
#include "ns3/fabric-description.h"
#include "ns3/fabric-watchdog.h"
#include "ns3/flow-job.h"
#include "ns3/flow-rate-recorder.h"
#include "ns3/flow-trace.h"
#include "ns3/frame-capture.h"
#include "ns3/lists.h"
#include "ns3/ns3-units.h"
#include "ns3/packet-estimate.h"
#include "ns3/port-report.h"
#include "ns3/region-circuits.h"
#include "ns3/result-folder.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulation-run.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

namespace ns3
{
namespace mixnet
{
namespace alltoall
{

namespace
{

using mixnetcore::Picoseconds;
using Json = nlohmann::ordered_json; //!< keeps fields in their order

constexpr const char* PROGRAM = "all-to-all"; //!< name in messages and results

/**
 * @brief How a run went.
 */
struct RunReport
{
    const AllToAllScenario& scenario;  //!< what was asked for
    const Fabric& fabric;              //!< after the run
    const FlowJob& job;                //!< likewise
    Picoseconds start;                 //!< when the job started
    std::vector<std::string> problems; //!< why not every byte has arrived; none when it has
    Picoseconds ideal;                 //!< the least it could take, on any routes
    uint64_t events;                   //!< events of the simulator
    double setupSeconds;               //!< wall time until the first event
    double runSeconds;                 //!< wall time of the events
    FrameCounters frames;              //!< of the whole fabric
    FrameCounters hops;                //!< of every NIC and port of a packet switch

    /// @return whether every byte has arrived.
    bool IsComplete() const
    {
        return problems.empty();
    }

    /// @return from the start of the job to the last byte's arrival.
    Picoseconds Completion() const
    {
        return job.GetEnd() - start;
    }

    /// @param least A least time. @return completion over that; 0 if it is 0.
    double Over(Picoseconds least) const
    {
        return least.count() > 0 ? double(Completion().count()) / least.count() : 0;
    }

    /// @return frames that switches marked (ECN).
    uint64_t Marked() const
    {
        return mixnetcore::SumOf(fabric.packetSwitches, [](const auto& packetSwitch) {
            return packetSwitch->GetMarkedFrames();
        });
    }

    /// @return data frames times the lines each was put on, per second of wall time.
    double HopsPerSecond() const
    {
        return runSeconds > 0 ? hops.dataSent / runSeconds : 0;
    }
};

/**
 * @param time A span of time.
 * @return seconds.
 */
double
Seconds(Picoseconds time)
{
    return time.count() * 1e-12;
}

/**
 * @brief Gives the circuits of a region to the demand of a job, and waits until their links are up.
 * @param scenario What is asked for.
 * @param fabric The fabric.
 * @param demand Bytes from host to host.
 * @return the routes over the circuits.
 */
std::shared_ptr<const mixnetcore::AllToAllRouter>
SetCircuits(const FabricScenario& scenario,
            const Fabric& fabric,
            const mixnetcore::DemandMatrix& demand)
{
    const auto chosen =
        mixnetcore::RegionCircuits(fabric.plan, 0, scenario.allocator, scenario.numaRule)
            .Choose(demand);
    const auto switches = fabric.GetOpticalSwitches(0);
    for (size_t plane = 0; plane < chosen.configurations.size(); ++plane)
    {
        const auto result = switches[plane]->Reconfigure(chosen.configurations[plane]);
        NS_ABORT_MSG_IF(result.outcome == ReconfigureResult::Outcome::Refused, result.message);
    }
    const auto& host = fabric.plan->host;
    const auto score =
        mixnetcore::ScoreAllocation(demand,
                                    chosen.allocation,
                                    host.NicsOn(mixnetcore::NicRole::Electrical).size());
    std::cout << "Circuits: " << chosen.allocation.Total() << " for the job's demand, by "
              << scenario.allocator << "; set before it starts; at most " << std::setprecision(4)
              << score.optical * 1e-6 << " MB on a circuit, " << score.electrical * 1e-6
              << " MB on an electrical NIC\n";
    return chosen.router;
}

/**
 * @param scenario What is asked for.
 * @param bytes Of all flows.
 */
void
PrintScenario(const AllToAllScenario& scenario, mixnetcore::Bytes bytes)
{
    const auto& plan = scenario.fabric.plan;
    std::cout << scenario.options.DescribePreset() << scenario.flows.size() << " flows, "
              << bytes.Count() * 1e-6 << " MB, of " << scenario.source << "\nFabric " << plan.name
              << ": " << plan.hosts << " servers of " << plan.host.gpus << " GPUs and "
              << plan.host.nics.size() << " NICs of " << DescribeNicRates(plan.host) << ", "
              << plan.nodes.size() - plan.hosts << " switches; " << DescribeFrames(scenario.fabric)
              << "; " << DescribeFidelity(scenario.fabric) << "\nForwarding "
              << DescribeForwarding(scenario.fabric) << "\n"
              << DescribeStandingCircuits(scenario.fabric) << std::flush;
}

/**
 * @param report How frames went, of which there are none where all messages are flows.
 */
void
PrintFrames(const RunReport& report)
{
    std::cout << "packets               " << report.frames.dataSent << " of data, "
              << report.fabric.GetRetransmittedFrames() << " retransmitted, "
              << report.frames.AllDropped().frames << " frames lost";
    PrintDrops(std::cout, report.frames, ", ");
    std::cout << "\ndata packet-hops      " << report.hops.dataSent << ", " << std::setprecision(2)
              << report.HopsPerSecond() * 1e-6 << " M per second of wall time\n"
              << "pauses and ECN marks  " << report.hops.pausesSent.frames << " and "
              << report.Marked() << "\n";
}

/**
 * @param report How it went.
 */
void
Print(const RunReport& report)
{
    const auto& job = report.job;
    std::cout << std::fixed << std::setprecision(6);
    if (report.IsComplete())
    {
        std::cout << "\ncompletion            " << Seconds(report.Completion()) * 1e3 << " ms\n";
    }
    else
    {
        std::cout << "\nINCOMPLETE            " << job.CountUnfinished() << " of "
                  << job.GetFlows().size() << " flows did not arrive whole\n";
    }
    std::cout << "ideal                 " << Seconds(report.ideal) * 1e3
              << " ms (any routes: all NICs of a server at line rate)\n"
              << "bound of these routes " << Seconds(job.Bound()) * 1e3
              << " ms (each NIC, circuit and GPU port at its payload rate)\n";
    if (report.IsComplete())
    {
        std::cout << std::setprecision(4) << "completion / ideal    " << report.Over(report.ideal)
                  << "\ncompletion / bound    " << report.Over(job.Bound()) << "\n";
    }
    std::cout << "delivered             " << std::setprecision(3)
              << job.GetArrivedBytes().Count() * 1e-6 << " MB\n";
    if (!report.scenario.fabric.IsAll(Fidelity::Flow))
    {
        PrintFrames(report);
    }
    std::cout << DescribeRelays(report.fabric)
              << DescribeBuffers(report.scenario.fabric, report.fabric)
              << DescribePaths(report.fabric) << std::setprecision(2) << "simulated in          "
              << report.runSeconds << " s after " << report.setupSeconds << " s of set-up, "
              << report.events << " events, " << PeakMemoryBytes() / 1000000 << " MB\n";
}

/**
 * @param report How it went.
 * @param folder Where to write.
 */
void
WriteSummary(const RunReport& report, ResultFolder& folder)
{
    const auto& fabric = report.scenario.fabric;
    const auto& job = report.job;
    const auto ifComplete = [&report](double value) {
        return report.IsComplete() ? Json(value) : Json();
    };
    auto summary = report.scenario.options.Summary(PROGRAM);
    summary.update(Json{{"seed", report.scenario.seed},
                        {"fabric", fabric.plan.name},
                        {"forwarding", fabric.plan.router},
                        {"standingCircuits", SummarizeStandingCircuits(fabric)},
                        {"relayedBytes", SummarizeRelays(report.fabric)},
                        {"linkRateBitsPerSecond", fabric.plan.host.nics.front().rate.Count()},
                        {"opticalFidelity", ToString(fabric.opticalFidelity)},
                        {"electricalFidelity", ToString(fabric.electricalFidelity)},
                        {"complete", report.IsComplete()},
                        {"problems", report.problems},
                        {"completionTimeSeconds", ifComplete(Seconds(report.Completion()))},
                        {"idealSeconds", Seconds(report.ideal)},
                        {"completionOverIdeal", ifComplete(report.Over(report.ideal))},
                        {"boundSeconds", Seconds(job.Bound())},
                        {"completionOverBound", ifComplete(report.Over(job.Bound()))},
                        {"flows", job.GetFlows().size()},
                        {"unfinishedFlows", job.CountUnfinished()},
                        {"bytesDelivered", job.GetArrivedBytes().Count()},
                        {"packets", report.frames.dataSent},
                        {"dataPacketHops", report.hops.dataSent},
                        {"retransmittedPackets", report.fabric.GetRetransmittedFrames()},
                        {"drops", SummarizeDrops(report.frames)},
                        {"markedPackets", report.Marked()},
                        {"pausesSent", report.hops.pausesSent.frames},
                        {"failedMessages", job.GetFailedMessages()},
                        {"windowsOverBuffer", report.fabric.GetLargestBufferNeed().Ratio()},
                        {"events", report.events},
                        {"dataPacketHopsPerSecond", report.HopsPerSecond()},
                        {"setupWallSeconds", report.setupSeconds},
                        {"wallSeconds", report.setupSeconds + report.runSeconds},
                        {"peakMemoryBytes", PeakMemoryBytes()}});
    folder.WriteSummary(summary);
}

/**
 * @param job The job. @param start When it started. @param file Where to write.
 */
void
WriteFlows(const FlowJob& job, Picoseconds start, OutputFile file)
{
    file << "source,destination,bytes,startSeconds,endSeconds,arrivedBytes,failedMessages\n";
    for (size_t i = 0; i < job.GetFlows().size(); ++i)
    {
        const auto& flow = job.GetFlows()[i];
        const auto& outcome = job.GetOutcomes()[i];
        file << flow.source << ',' << flow.destination << ',' << flow.bytes.Count() << ','
             << Json(Seconds(flow.start)) << ','
             << (outcome.end ? Json(Seconds(*outcome.end - start)).dump() : "") << ','
             << outcome.arrived.Count() << ',' << outcome.failedMessages << '\n';
    }
    file.Close();
}

/**
 * @param job A job. @param fabric Its fabric. @param mtu Payload per frame.
 * @return how far the job has come: what lines have carried counts before messages are whole.
 */
SimulationRun::Progress
ProgressOf(const FlowJob& job, const Fabric& fabric, uint32_t mtu)
{
    const double payload = double(mtu) / (mtu + wire::ROCE_OVERHEAD);
    double carried = 0;
    for (uint32_t host = 0; host < fabric.hosts.size(); ++host)
    {
        for (uint32_t nic = 0; nic < fabric.plan->host.nics.size(); ++nic)
        {
            carried += payload * fabric.GetReceivedBytes(host, nic);
        }
    }
    const auto all = job.GetBytes();
    const double arrived = job.GetArrivedBytes().Count();
    return {1e-6 * std::clamp<double>(carried, arrived, all.Count()), 1e-6 * all.Count(), "MB"};
}

/**
 * @param job A job that has run. @param run How it was run.
 * @param watchdog Who has looked for deadlocks.
 * @return why it is not complete, a line each; none when it is.
 */
std::vector<std::string>
DescribeProblems(const FlowJob& job, const SimulationRun& run, const FabricWatchdog& watchdog)
{
    if (job.IsComplete())
    {
        return {};
    }
    auto problems = run.GetProblems();
    if (watchdog.HasDeadlock())
    {
        problems.push_back(watchdog.Describe());
    }
    problems.push_back(std::to_string(job.CountUnfinished()) + " of " +
                       std::to_string(job.GetFlows().size()) + " flows did not arrive whole; " +
                       std::to_string(job.GetFailedMessages()) + " messages ended with an error");
    return problems;
}

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
SendFlows(int argc, char* argv[])
{
    const auto begin = WallClock::now();
    Time::SetResolution(Time::PS);
    const auto scenario = ParseAllToAllScenario(argc, argv);
    RngSeedManager::SetSeed(scenario.seed);
    const auto fabric = InstallFabric(scenario.fabric);
    fabric.Initialize();
    FlowJob job(fabric, scenario.flows);
    const auto bytes = job.GetBytes();
    const auto ideal = job.Ideal(); // so are bytes and times that cannot be told
    std::optional<FlowTrace> timeline;
    if (scenario.timeline)
    {
        timeline.emplace(scenario.timeline, fabric, job);
    }
    FrameCapture capture(scenario.capture, fabric);
    std::optional<FabricAnimation> animation;
    if (!scenario.animation.path.empty())
    {
        animation.emplace(scenario.animation, fabric, scenario.source);
        animation->Begin();
    }
    std::optional<ResultFolder> folder;
    if (scenario.output != FabricScenario::NONE)
    {
        folder.emplace(scenario.output, std::vector<std::string>{"flows.csv", "rates.csv"});
    }
    std::optional<SimulationRun> simulation;
    simulation.emplace([&] { return ProgressOf(job, fabric, scenario.fabric.mtu); });
    PrintScenario(scenario, bytes);
    std::cout << DescribePipeline(scenario.fabric, fabric) << std::flush;
    EstimateFlows(scenario).Tell(PROGRAM);

    job.SetRouter(fabric.plan->regions.empty()
                      ? mixnetcore::MakeRouter(*fabric.plan)
                      : SetCircuits(scenario.fabric, fabric, job.HostDemand()));
    if (scenario.recover)
    {
        job.SetRecovery(
            mixnetcore::MakeRecoveryRouter(fabric.plan, fabric.routing->GetForwarding()));
    }
    simulation->Run(); // until all links are up
    const auto start = ToPicoseconds(Simulator::Now());
    job.Start();
    ScheduleCuts(scenario.cuts, fabric);
    std::optional<FlowRateRecorder> rates;
    if (scenario.rateInterval > Picoseconds::zero())
    {
        rates.emplace(folder->OpenStream("rates.csv"), ToTime(scenario.rateInterval));
        job.AddTo(*rates);
        rates->SetEarliestEnd(ToTime(job.GetLastStart() + scenario.rateInterval));
        rates->Start(Time(0));
    }
    if (scenario.timeLimit > Picoseconds::zero())
    {
        Simulator::Stop(ToTime(scenario.timeLimit));
    }
    const FabricWatchdog watchdog(fabric, ToTime(scenario.fabric.deadlockTimeout));
    const double setupSeconds = SecondsSince(begin);
    const auto ready = WallClock::now();
    simulation->Run();
    const double runSeconds = SecondsSince(ready);
    capture.Close();
    if (rates)
    {
        rates->Close();
    }
    const RunReport report{scenario,
                           fabric,
                           job,
                           start,
                           DescribeProblems(job, *simulation, watchdog),
                           ideal,
                           simulation->GetEventCount(),
                           setupSeconds,
                           runSeconds,
                           fabric.GetCounters(),
                           fabric.GetHopCounters()};
    Print(report);
    if (timeline)
    {
        std::cout << "timeline              " << scenario.timeline.file << " (" << timeline->Close()
                  << ")\n";
    }
    if (animation)
    {
        std::cout << animation->Close();
    }
    if (folder)
    {
        WriteFlows(job, start, folder->OpenWhole("flows.csv"));
        WriteSummary(report, *folder);
        std::cout << "results               " << scenario.output << "/{summary.json,flows.csv"
                  << (rates ? ",rates.csv" : "") << "}\n";
    }
    TellProblems(PROGRAM, report.problems);
    const int code = simulation->GetExitCode(report.IsComplete());
    simulation.reset();
    Simulator::Destroy();
    return code;
}

} // namespace

} // namespace alltoall

int
RunAllToAll(int argc, char* argv[])
{
    return RunProgram(alltoall::PROGRAM, alltoall::SendFlows, argc, argv);
}

} // namespace mixnet
} // namespace ns3
