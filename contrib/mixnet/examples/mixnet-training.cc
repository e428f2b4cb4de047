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
 * For every layer: attention, gate, dispatch over circuits chosen for its demand, expert, combine.
 *
 * Run:    ./ns3 run "mixnet-training --layers=2 --reconfigurationDelay=10us"
 * Prints: one line per phase, then totals; writes phases.csv and summary.json.
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"

#include <chrono>
#include <iostream>
#include <optional>
#include <sys/resource.h>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

/**
 * @param scenario What is asked for.
 * @return the fabric, installed.
 */
Fabric
InstallFabric(const TrainingScenario& scenario)
{
    FabricHelper helper;
    helper.SetNicAttribute("Mtu", UintegerValue(scenario.mtu));
    if (scenario.ocsTechnology != TrainingScenario::NONE)
    {
        helper.SetOcsAttribute("Technology", StringValue(scenario.ocsTechnology));
    }
    const auto delay = CreateObject<ConstantRandomVariable>();
    delay->SetAttribute("Constant", DoubleValue(scenario.reconfigurationDelay.count() * 1e-12));
    helper.SetOcsAttribute("ReconfigurationTime", PointerValue(delay));
    auto fabric = helper.Install(scenario.fabric);
    fabric.AssignStreams(1);
    return fabric;
}

/**
 * @param scenario What is asked for.
 * @param fabric The fabric.
 * @return the training, installed.
 */
TrainingGroup
InstallTraining(const TrainingScenario& scenario, const Fabric& fabric)
{
    TrainingHelper helper;
    helper.SetApplicationAttribute("Layers", UintegerValue(scenario.layers));
    helper.SetApplicationAttribute("Microbatches", UintegerValue(scenario.microbatches));
    helper.SetControllerAttribute("Allocator", StringValue(scenario.allocator));
    helper.SetControllerAttribute("ControlLatency", TimeValue(ToTime(scenario.controlLatency)));
    return helper.Install(fabric, 0, scenario.workload);
}

/**
 * @param scenario What is asked for.
 */
void
PrintScenario(const TrainingScenario& scenario)
{
    const auto& group = scenario.workload->Group();
    const auto& host = scenario.fabric.host;
    std::cout << scenario.model.title << ": EP " << group.Ranks() << " x TP "
              << group.TensorParallel() << " on " << group.Hosts() << " servers, " << group.Gpus()
              << " GPUs; " << scenario.layers << " layers, " << scenario.microbatches
              << " microbatches, forward\n"
              << "MixNet region: " << host.NicsOn(mixnetcore::NicRole::Optical).size()
              << " optical and " << host.NicsOn(mixnetcore::NicRole::Electrical).size()
              << " electrical NICs of " << host.nics.front().rate.Count() * 1e-9
              << " Gb/s per server; blackout "
              << (scenario.ocsTechnology == TrainingScenario::NONE
                      ? Milliseconds(scenario.reconfigurationDelay) + " ms"
                      : "of " + scenario.ocsTechnology)
              << "; MTU " << scenario.mtu << " B\n"
              << "Expert load: " << scenario.workload->Load().Description() << "\n";
    if (scenario.workload->Load().RepeatsItself())
    {
        std::cout << "Note: one matrix is used for every layer and microbatch\n";
    }
    std::cout << "\n";
}

/**
 * @param outcome How the run ended.
 */
void
PrintTotals(const RunOutcome& outcome)
{
    const auto& totals = outcome.totals;
    const auto& frames = outcome.frames;
    std::cout << "\niteration time          " << Milliseconds(totals.IterationTime()) << " ms\n"
              << "all-to-all              " << Milliseconds(totals.AllToAllTime()) << " ms, "
              << totals.AllToAllShare() * 100 << " % of it\n"
              << "waited for light        " << Milliseconds(totals.ExposedReconfiguration())
              << " ms, " << totals.ExposedReconfiguration() * 100.0 / totals.IterationTime()
              << " % of it\n"
              << "bytes                   " << Gigabytes(totals.Optical()) << " GB optical, "
              << Gigabytes(totals.Electrical()) << " GB electrical, "
              << Gigabytes(totals.Nvswitch()) << " GB NVSwitch\n"
              << "frames                  " << frames.sent.frames << " sent, "
              << frames.received.frames << " received, " << frames.AllDropped().frames << " lost, "
              << outcome.retransmittedFrames << " sent again\n"
              << "simulated in            " << outcome.wallSeconds << " s, " << outcome.events
              << " events, " << outcome.events / outcome.wallSeconds * 1e-6 << " M/s, "
              << outcome.peakMemoryBytes / 1000000 << " MB\n";
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
        std::cerr << "  rank " << unfinished.rank << " in "
                  << MoeTrainingApplication::ToString(unfinished.state) << " of layer "
                  << unfinished.phase.layer << ", microbatch " << unfinished.phase.microbatch
                  << "\n";
    }
}

/**
 * @return most memory that the process has used, bytes.
 */
uint64_t
PeakMemory()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
Train(int argc, char* argv[])
{
    const auto begin = std::chrono::steady_clock::now();
    Time::SetResolution(Time::PS);
    const auto scenario = ParseTrainingScenario(argc, argv);
    RngSeedManager::SetSeed(scenario.seed);

    const auto fabric = InstallFabric(scenario);
    const auto group = InstallTraining(scenario, fabric);

    std::optional<ResultWriter> writer;
    if (scenario.output != TrainingScenario::NONE)
    {
        writer.emplace(scenario.output);
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
    table.PrintLeftOut();

    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    const bool complete = group.GetUnfinishedPhases().empty();
    const RunOutcome outcome{complete,
                             totals,
                             fabric.GetCounters(),
                             fabric.GetRetransmittedFrames(),
                             group.GetFailedMessages(),
                             Simulator::GetEventCount(),
                             wall.count(),
                             PeakMemory()};
    PrintTotals(outcome);
    if (writer)
    {
        const auto& load = scenario.workload->Load();
        writer->WriteSummary({"mixnet-training",
                              scenario.options,
                              scenario.seed,
                              scenario.model.name,
                              scenario.fabric.name,
                              scenario.fabric.host.nics.front().rate,
                              load.Description(),
                              load.RepeatsItself()},
                             outcome);
        std::cout << "results                 " << scenario.output << "/phases.csv, "
                  << scenario.output << "/summary.json\n";
    }
    if (!complete)
    {
        PrintUnfinished(group);
    }
    Simulator::Destroy();
    return complete ? 0 : 1;
}

} // namespace

int
main(int argc, char* argv[])
{
    return RunProgram("mixnet-training", Train, argc, argv);
}
