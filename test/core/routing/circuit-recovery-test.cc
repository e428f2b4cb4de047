/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/circuit-recovery.h"

#include <gtest/gtest.h>
#include <memory>

using namespace mixnetcore;

namespace
{

/// @return four hosts of two NICs: a circle over NICs 0 one way, and one over NICs 1 the other way.
std::shared_ptr<const FabricPlan>
TwoCircles()
{
    FabricPlan plan;
    plan.host.gpus = 2;
    const BitsPerSecond rate(400'000'000'000);
    plan.host.nics = {{NicRole::Optical, 0, 0, rate}, {NicRole::Optical, 1, 1, rate}};
    AddHosts(plan, 4);
    for (uint32_t nic = 0; nic < 2; ++nic)
    {
        std::vector<PortPlan> ports;
        std::vector<Circuit> circuits;
        for (uint32_t host = 0; host < 4; ++host)
        {
            ports.push_back({host, nic});
            circuits.emplace_back(host, (host + (nic == 0 ? 1 : 3)) % 4);
        }
        const auto node =
            AddSwitch(plan, ports, {NodeRole::OpticalCircuitSwitch, "panel", 0}, Picoseconds(0));
        plan.schedules.push_back({node, {{CircuitConfiguration({}, circuits), {}}}, {}});
    }
    plan.controlDelay = Picoseconds(0);
    plan.relays = {0, 1, 2, 3};
    plan.router = "relay";
    return std::make_shared<const FabricPlan>(plan);
}

/// @param route A route. @return hosts that it comes to.
std::vector<uint32_t>
HostsOf(const Route& route)
{
    std::vector<uint32_t> hosts;
    for (const auto& leg : route)
    {
        if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
        {
            hosts.push_back(rdma->to.host);
        }
    }
    return hosts;
}

/// @param from A host. @param to The next. @param nic NIC of both. @return the leg.
RdmaLeg
LegOf(uint32_t from, uint32_t to, uint32_t nic)
{
    return {{from, nic}, {to, nic}, NicRole::Optical};
}

} // namespace

TEST(CircuitRecoveryRouter, TakesTheShortestPathWithoutWhatHasFailed)
{
    const CircuitRecoveryRouter router(TwoCircles(), nullptr);
    FailedLegs failed;
    EXPECT_EQ(HostsOf(router.RouteAround({0, 0}, {1, 0}, failed)), (std::vector<uint32_t>{1}));
    failed.Add(LegOf(0, 1, 0));
    EXPECT_EQ(HostsOf(router.RouteAround({0, 0}, {1, 0}, failed)), (std::vector<uint32_t>{3, 2, 1}))
        << "the other way round";
    failed.Add(LegOf(3, 2, 1));
    EXPECT_TRUE(router.RouteAround({0, 0}, {1, 0}, failed).empty()) << "there is no third";
}

TEST(CircuitRecoveryRouter, TrustsNicsAtFailedCircuitsOnlyWhereThereAreNoOthers)
{
    // From 0 to 2 by way of 1 or of 3: host 1 is suspect at NIC 0, where the circuit from 0 fails.
    const CircuitRecoveryRouter router(TwoCircles(), nullptr);
    FailedLegs failed;
    failed.Add(LegOf(1, 2, 0));
    EXPECT_EQ(HostsOf(router.RouteAround({0, 0}, {2, 0}, failed)), (std::vector<uint32_t>{3, 2}));
    // Of the other circle a circuit behind is gone, too; the one from 1 back to 0 is not needed.
    failed.Add(LegOf(0, 3, 1));
    EXPECT_TRUE(router.RouteAround({0, 0}, {2, 0}, failed).empty());
    EXPECT_EQ(HostsOf(router.RouteAround({0, 0}, {1, 0}, failed)), (std::vector<uint32_t>{1}))
        << "NIC 0 of host 1 is at a failed circuit, and has not failed itself";
}

TEST(CircuitRecoveryRouter, GoesFromGpuToGpuInEachHost)
{
    const CircuitRecoveryRouter router(TwoCircles(), nullptr);
    const auto route = router.RouteAround({0, 1}, {2, 1}, {});
    // Over NIC 0, which is at GPU 0: there, on, and from it.
    ASSERT_EQ(route.size(), 4U);
    EXPECT_EQ(std::get<NvswitchLeg>(route[0]).toGpu, 0U);
    EXPECT_EQ(std::get<NvswitchLeg>(route[3]).host, 2U);
    EXPECT_EQ(std::get<NvswitchLeg>(route[3]).toGpu, 1U);
}

TEST(MakeRecoveryRouter, HasNoneWhereNothingCouldBeTaken)
{
    FabricPlan plan;
    plan.host.gpus = 1;
    plan.host.nics = {{NicRole::Optical, 0, 0, BitsPerSecond(1)}};
    plan.regions.emplace_back();
    const auto shared = std::make_shared<const FabricPlan>(plan);
    EXPECT_EQ(MakeRecoveryRouter(shared, nullptr), nullptr);
    EXPECT_NE(MakeRecoveryRouter(TwoCircles(), nullptr), nullptr);
}
