/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_FABRICS_H
#define FLOW_FABRICS_H

#include "../testbed/test-network.h"

#include "ns3/fabric-helper.h"
#include "ns3/fabric-options.h"
#include "ns3/fat-tree-planner.h"
#include "ns3/flow-job.h"
#include "ns3/ideal-switch-planner.h"
#include "ns3/mixnet-planner.h"
#include "ns3/rail-planner.h"
#include "ns3/region-circuits.h"

namespace tests
{

using mixnetcore::FlowSpec;
using mixnetcore::Picoseconds;

constexpr uint32_t GPUS_PER_HOST = 4;           //!< of the fabrics here
constexpr uint32_t OPTICAL_DEGREE = 2;          //!< of mixnet; the other NICs are electrical
constexpr uint64_t LINK_RATE = 400'000'000'000; //!< bits per second
constexpr uint64_t DELAY_PS = 1'000'000;        //!< of a fibre

/// @ingroup mixnet-tests
/// @param name Kind of fabric, as in the option --fabric. @param hosts Servers. @return it.
inline mixnetcore::FabricPlan
PlanOf(const std::string& name, uint32_t hosts)
{
    mixnetcore::HostSpec host;
    host.gpus = GPUS_PER_HOST;
    host.opticalDegree = name == "mixnet" ? OPTICAL_DEGREE : 0;
    host.electricalNics = GPUS_PER_HOST - host.opticalDegree;
    host.linkRate = mixnetcore::BitsPerSecond(LINK_RATE);
    const Picoseconds delay(DELAY_PS);
    if (name == "mixnet")
    {
        return mixnetcore::PlanMixnet({hosts, host, delay, 0, {3, 0, 1}});
    }
    if (name == "ideal-switch")
    {
        return mixnetcore::PlanIdealSwitch({hosts, host, delay});
    }
    if (name == "rail-optimized")
    {
        return mixnetcore::PlanRailOptimized({hosts, host, 0, delay});
    }
    if (name == "rail-only")
    {
        return mixnetcore::PlanRailOnly({hosts, host, 0, delay});
    }
    return mixnetcore::PlanFatTree(
        {hosts, host, {3, 0, name == "oversub-fat-tree" ? 3U : 1U}, delay});
}

/**
 * @ingroup mixnet-tests
 * @param fabric A fabric. @param job Its job; gets its router.
 * @brief Sets circuits for the job where there are any, and waits for signal.
 */
inline void
Prepare(const Fabric& fabric, FlowJob& job)
{
    if (fabric.opticalSwitches.empty())
    {
        job.SetRouter(mixnetcore::MakeRouter(*fabric.plan));
    }
    else
    {
        const auto chosen =
            mixnetcore::RegionCircuits(fabric.plan, 0, "greedy", "spread").Choose(job.HostDemand());
        fabric.opticalSwitches.front()->Reconfigure(chosen.configurations.front());
        job.SetRouter(chosen.router);
    }
    Simulator::Run();
}

/// @ingroup mixnet-tests
/// @param fidelity How messages are carried. @param ecmp Whether flows keep their port.
/// @return makes such fabrics; ends of flows are exact, NICs wait for a signal for a millisecond.
inline FabricHelper
HelperFor(Fidelity fidelity, bool ecmp)
{
    FabricHelper helper;
    helper.SetFidelity(fidelity);
    helper.SetFlowAttribute("EndTolerance", DoubleValue(0));
    helper.SetSpraying(!ecmp);
    helper.SetPacketSwitchAttribute(
        "PortSelector",
        StringValue(ecmp ? "ns3::mixnet::EcmpSelector" : "ns3::mixnet::SpraySelector"));
    helper.SetNicAttribute("LinkDownTimeout", TimeValue(MilliSeconds(1)));
    helper.SetOcsAttribute("ReconfigurationTime",
                           StringValue("ns3::ConstantRandomVariable[Constant=0.0001]"));
    return helper;
}

} // namespace tests

#endif // FLOW_FABRICS_H
