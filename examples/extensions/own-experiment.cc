/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * An experiment of your own, made of helpers: one region, circuits for one demand, a trace sink.
 *
 *     GPU 0 of server 0 --- 100 MB ---> GPU 0 of server 1     over circuits
 *     GPU 0 of server 2 --- 100 MB ---> GPU 0 of server 3     likewise
 *
 * Run:    ./ns3 run own-experiment
 * Prints: a line per circuit that comes up, and one per flow that has arrived.
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"

#include <iostream>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

/// @param a Port of the optical circuit switch. @param b The port that it is joined with.
void
PrintCircuit(uint32_t a, uint32_t b)
{
    std::cout << Simulator::Now().As(Time::MS) << " ports " << a << " and " << b << " joined\n";
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
    Time::SetResolution(Time::PS); // before anything that has to do with time
    Time blackout = MilliSeconds(1);
    CommandLine command(__FILE__);
    command.AddValue("blackout", "Time for which ports that change are dark", blackout);
    command.Parse(argc, argv);

    mixnetcore::MixnetSpec spec; // servers of 8 GPUs, with 6 optical and 2 electrical NICs
    spec.hosts = 4;
    spec.electrical.tiers = 1; // one packet switch beside the optical one
    FabricHelper helper;
    helper.SetOcsAttribute("ReconfigurationTime",
                           StringValue("ns3::ConstantRandomVariable[Constant=" +
                                       std::to_string(blackout.GetSeconds()) + "]"));
    const auto fabric = helper.Install(mixnetcore::PlanMixnet(spec));
    fabric.Initialize();

    const mixnetcore::Bytes size(100'000'000);
    FlowJob job(fabric, {{0, 8, size}, {16, 24, size}}); // GPUs, numbered server by server
    const auto circuits =
        mixnetcore::RegionCircuits(fabric.plan, 0, "greedy", "spread").Choose(job.HostDemand());
    const auto ocs = fabric.opticalSwitches.front();
    ocs->TraceConnectWithoutContext("CircuitUp", MakeCallback(&PrintCircuit));
    ocs->Reconfigure(circuits.configurations.front());
    job.SetRouter(circuits.router);
    Simulator::Schedule(blackout + MicroSeconds(10), &FlowJob::Start, &job);
    Simulator::Run();

    for (const auto& outcome : job.GetOutcomes())
    {
        std::cout << outcome.arrived.Count() / 1e6 << " MB arrived";
        if (outcome.end)
        {
            std::cout << " at " << ToTime(*outcome.end).As(Time::MS);
        }
        std::cout << "\n";
    }
    const bool complete = job.IsComplete();
    Simulator::Destroy();
    return complete ? 0 : 1;
}
