/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/mixnet-planner.h"
#include "ns3/region-circuits.h"

#include <gtest/gtest.h>
#include <set>

using namespace mixnetcore;

namespace
{

/// @param hosts Of the region. @param planes OCSs. @return its fabric.
FabricPlan
PlanOf(uint32_t hosts, uint32_t planes)
{
    MixnetSpec spec;
    spec.hosts = hosts;
    spec.planes = planes;
    spec.electrical.tiers = 1;
    return PlanMixnet(spec);
}

/// @param endpoints How many. @return as much from each to each other.
DemandMatrix
EqualDemand(size_t endpoints)
{
    DemandMatrix demand(endpoints, endpoints);
    for (size_t from = 0; from < endpoints; ++from)
    {
        for (size_t to = 0; to < endpoints; ++to)
        {
            demand.At(from, to) = Bytes(from == to ? 0 : 1000);
        }
    }
    return demand;
}

/// @param plan A fabric. @return what chooses circuits of its first region greedily.
RegionCircuits
Greedy(const FabricPlan& plan)
{
    return {std::make_shared<const FabricPlan>(plan), 0, "greedy", "spread"};
}

/// Writes down what it is told, and leaves a part of a pair to packet switches.
class Recorder : public CircuitAllocator
{
  public:
    // Inherited from CircuitAllocator
    CircuitChoice Choose(const AllocationContext& context) const override
    {
        told = context;
        CircuitChoice choice{{CircuitAllocation(context.endpoints.size())}};
        choice.planes.front().Join(0, 1);
        choice.electricalParts[{0, 1}] = 0.25;
        return choice;
    }

    static AllocationContext told; //!< last
};

AllocationContext Recorder::told;

} // namespace

TEST(RegionCircuits, KeepsEachCircuitInItsPlane)
{
    // Two planes of three ports each: in both, no host has more than three circuits, and every
    // circuit ends at NICs whose fibres lead there.
    const auto plan = PlanOf(4, 2);
    const auto decision = Greedy(plan).Choose(EqualDemand(4));
    ASSERT_EQ(decision.configurations.size(), 2U);
    EXPECT_EQ(decision.allocation.Total(), 4U * 6 / 2) << "all ports are used";
    std::set<std::pair<uint32_t, uint32_t>> nics;
    for (size_t plane = 0; plane < 2; ++plane)
    {
        EXPECT_EQ(decision.configurations[plane].Size(), 4U * 3 / 2);
        for (const auto& [a, b] : JoinedNics(plan, 0, decision.configurations))
        {
            nics.insert({{a.host, a.nic}, {b.host, b.nic}});
        }
    }
    EXPECT_EQ(nics.size(), 4U * 6) << "each optical NIC has one";
    for (size_t plane = 0; plane < 2; ++plane)
    {
        const auto ocs = plan.regions[0].planes[plane].opticalSwitch;
        EXPECT_EQ(plan.nodes[ocs].ports, 4U * 3);
        EXPECT_EQ(plan.regions[0].PortsOf(plane), (std::vector<uint32_t>{3, 3, 3, 3}));
    }
}

TEST(RegionCircuits, ChangesNothingForTheSameDemand)
{
    const auto circuits = Greedy(PlanOf(4, 2));
    const auto first = circuits.Choose(EqualDemand(4));
    const auto second = circuits.Choose(EqualDemand(4), first.configurations);
    EXPECT_TRUE(first.configurations == second.configurations);
}

TEST(RegionCircuits, JoinsGpusThatHavePortsOfTheirOwn)
{
    // Each GPU with an optical NIC is an endpoint: a host's GPUs 1 and 2 want different peers.
    auto plan = PlanOf(2, 1);
    auto& region = plan.regions[0];
    region.endpoints.clear();
    for (auto& attachment : region.planes[0].attachments)
    {
        const auto host = attachment.endpoint;
        attachment.endpoint = region.endpoints.size();
        region.endpoints.push_back({host, plan.host.nics[attachment.nic].gpu});
    }
    ASSERT_EQ(region.endpoints.size(), 12U);
    EXPECT_EQ(region.Hosts(), (std::vector<uint32_t>{0, 1}));
    DemandMatrix demand(12, 12);
    demand.At(0, 7) = Bytes(100); // GPU 1 of host 0 to GPU 2 of host 1
    demand.At(1, 6) = Bytes(100); // GPU 2 of host 0 to GPU 1 of host 1
    const auto decision = Greedy(plan).Choose(demand);
    EXPECT_EQ(decision.allocation.Between(0, 7), 1U);
    EXPECT_EQ(decision.allocation.Between(1, 6), 1U);
    EXPECT_EQ(decision.allocation.Total(), 2U);
    for (const auto& transfer : decision.router->Route({{{0, 1}, {1, 2}, Bytes(100)}}))
    {
        ASSERT_EQ(transfer.route.size(), 1U) << "no NVSwitch: both have a port";
        EXPECT_EQ(std::get<RdmaLeg>(transfer.route[0]).side, NicRole::Optical);
    }
    EXPECT_TRUE(region.endpoints[0].Holds(0, 1));
    EXPECT_FALSE(region.endpoints[0].Holds(0, 2));
}

TEST(RegionCircuits, TellsTheAllocatorWhatThereIsAndRoutesAsItSays)
{
    CircuitAllocators().Add("recorder", MakeStrategy<CircuitAllocator, Recorder>, "for this test");
    const auto plan = std::make_shared<const FabricPlan>(PlanOf(3, 1));
    const RegionCircuits circuits(plan, 0, "recorder", "spread");
    const auto first = circuits.Choose(EqualDemand(3));
    EXPECT_TRUE(Recorder::told.inForce.empty());
    const auto second = circuits.Choose(EqualDemand(3), first.configurations, Picoseconds(5));
    const auto& told = Recorder::told;
    ASSERT_EQ(told.endpoints.size(), 3U);
    for (uint32_t host = 0; host < 3; ++host)
    {
        EXPECT_EQ(told.endpoints[host].endpoint.host, host);
        EXPECT_FALSE(told.endpoints[host].endpoint.gpu);
        EXPECT_EQ(told.endpoints[host].opticalPorts, (std::vector<uint32_t>{6}));
        EXPECT_EQ(told.endpoints[host].electricalCapacity, plan->host.nics[0].rate * 2);
    }
    EXPECT_EQ(told.circuitRate, plan->host.nics[1].rate);
    EXPECT_EQ(told.changeCost, Picoseconds(5));
    ASSERT_EQ(told.inForce.size(), 1U);
    EXPECT_EQ(told.inForce[0].Between(0, 1), 1U);
    EXPECT_EQ(told.inForce[0].Total(), 1U);
    uint64_t electrical = 0;
    for (const auto& transfer : second.router->Route({{{0, 3}, {1, 3}, Bytes(400)}}))
    {
        for (const auto& leg : transfer.route)
        {
            const auto* rdma = std::get_if<RdmaLeg>(&leg);
            electrical += rdma && rdma->side == NicRole::Electrical ? transfer.bytes.Count() : 0;
        }
    }
    EXPECT_EQ(electrical, 100U) << "a quarter";
}

TEST(RegionCircuits, SharesTheElectricalSideOfAHostAmongItsEndpoints)
{
    auto plan = PlanOf(2, 1);
    plan.regions[0].endpoints = {{0, 1}, {0, 2}, {1}};
    for (auto& attachment : plan.regions[0].planes[0].attachments)
    {
        attachment.endpoint = attachment.endpoint == 1 ? 2 : attachment.nic % 2;
    }
    const auto endpoints = EndpointsOf(plan, 0);
    ASSERT_EQ(endpoints.size(), 3U);
    EXPECT_EQ(endpoints[0].electricalCapacity, plan.host.nics[0].rate);
    EXPECT_EQ(endpoints[1].electricalCapacity, plan.host.nics[0].rate);
    EXPECT_EQ(endpoints[2].electricalCapacity, plan.host.nics[0].rate * 2);
}

TEST(RegionCircuits, RefusesWhatDoesNotFit)
{
    const auto plan = std::make_shared<const FabricPlan>(PlanOf(3, 1));
    EXPECT_EQ(tests::Refusal([&] { RegionCircuits(plan, 1, "greedy", "spread"); }),
              "region 1: the fabric has 1 regions");
    EXPECT_EQ(tests::Refusal([&] { RegionCircuits(plan, 0, "gredy", "spread"); }),
              "unknown circuit allocator 'gredy'; known: " +
                  std::string(CircuitAllocators().Has("recorder")
                                  ? "greedy, greedy-literal, recorder"
                                  : "greedy, greedy-literal") +
                  "; did you mean greedy?");
    EXPECT_THROW(Greedy(*plan).Choose(EqualDemand(4)), std::invalid_argument);
}

TEST(AllToAllRouters, LeadsThroughHostsThatMayRelayOnly)
{
    // A router that goes from every host to host 0 by host 1.
    class Detour : public AllToAllRouter
    {
      private:
        void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                               std::vector<Transfer>& transfers) const override
        {
            for (const auto& [source, destination, bytes] : demand)
            {
                mixnetcore::Route route;
                route.push_back(RdmaLeg{{source.host, 0}, {1, 0}, NicRole::Electrical});
                route.push_back(RdmaLeg{{1, 0}, {destination.host, 0}, NicRole::Electrical});
                transfers.push_back({source, destination, bytes, route});
            }
        }
    };

    auto plan = PlanOf(3, 1);
    plan.router = "detour";
    AllToAllRouters().Add(
        "detour",
        [](const auto&, const auto&) { return std::make_shared<Detour>(); },
        "for this test");
    const std::vector<GpuDemand> demand{{{0, 0}, {2, 0}, Bytes(1)}};
    EXPECT_THROW(MakeRouter(plan)->Route(demand), std::logic_error);
    plan.relays = {1};
    EXPECT_EQ(MakeRouter(plan)->Route(demand).size(), 1U);
}
