/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * A fabric animated by ns-3's own AnimationInterface, which hears every frame through the trace
 * source TxRxPointToPoint of fibres. Built where the module netanim is enabled.
 *
 *     host 0 --.       .-- host 1      circuits 0-1 and 2-3
 *               [ OCS ]
 *     host 2 --'       '-- host 3
 *
 * What this animates, and mixnet-training --animation does not, is all frames; what it does not
 * have are links and circuits, which AnimationInterface writes of PointToPointChannel only.
 *
 * Run:    ./ns3 run "animation-interface --file=frames.xml"
 * Prints: bytes and frames. Writes the animation.
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"
#include "ns3/netanim-module.h"
#include "ns3/network-module.h"

#include <iostream>
#include <string>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

uint64_t g_delivered = 0; //!< bytes of messages that have ended

/// @param completion How a message ended. @brief Counts its bytes.
void
HandleEnd(const WriteCompletion& completion)
{
    g_delivered += completion.bytesDelivered;
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
    Time::SetResolution(Time::PS);
    std::string file = "animation-interface.xml";
    uint64_t bytes = 100'000;
    CommandLine cmd(__FILE__);
    cmd.AddValue("file", "Where the animation goes", file);
    cmd.AddValue("bytes", "Bytes from host 0 to host 1, and from host 2 to host 3", bytes);
    cmd.Parse(argc, argv);

    mixnetcore::MixnetSpec spec;
    spec.hosts = 4;
    spec.host.opticalDegree = 1;
    spec.host.electricalNics = 1;
    spec.electrical.tiers = 1;
    const auto plan = mixnetcore::PlanMixnet(spec);
    const auto fabric = FabricHelper().Install(plan);
    const auto layout = mixnetcore::LayOut(plan);
    for (uint32_t node = 0; node < fabric.nodes.GetN(); ++node)
    {
        AnimationInterface::SetConstantPosition(fabric.nodes.Get(node),
                                                layout.nodes[node].x,
                                                layout.nodes[node].y);
    }
    AnimationInterface animation(file);
    for (uint32_t node = 0; node < fabric.nodes.GetN(); ++node)
    {
        animation.UpdateNodeDescription(node, plan.nodes[node].name);
    }

    fabric.Initialize();
    fabric.opticalSwitches[0]->Reconfigure(mixnetcore::CircuitConfiguration({{0, 1}, {2, 3}}));
    const auto optical = plan.host.NicsOn(mixnetcore::NicRole::Optical).front();
    const auto nicOf = [&](uint32_t host) { return fabric.hosts[host].nics[optical]; };
    for (const uint32_t host : {0, 2})
    {
        nicOf(host)
            ->GetQueuePair(nicOf(host + 1)->GetNicAddress())
            .Post(Create<RdmaMessage>(bytes), MakeCallback(&HandleEnd));
    }
    Simulator::Run();
    std::cout << g_delivered << " B delivered in " << fabric.GetCounters().received.frames
              << " frames, acknowledgements included; animation " << file << "\n";
    Simulator::Destroy();
    return 0;
}
