/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/circuit-router.h"
#include "ns3/lists.h"

#include <gtest/gtest.h>
#include <map>
#include <numeric>

using namespace mixnetcore;
using tests::Refusal;

namespace
{

constexpr uint32_t HOSTS = 6; //!< of a ring

/**
 * @param steps Of rings on which every host sends by one NIC each, one way.
 * @param electrical NICs on a packet switch, behind those.
 * @return hosts of 4 GPUs on one flat panel.
 */
FabricPlan
Panel(const std::vector<uint32_t>& steps, uint32_t electrical = 0)
{
    FabricPlan plan;
    plan.host.gpus = 4;
    plan.host.gpuPortRate = BitsPerSecond(3'600'000'000'000);
    const BitsPerSecond rate(400'000'000'000);
    for (uint32_t nic = 0; nic < steps.size() + electrical; ++nic)
    {
        const auto role = nic < steps.size() ? NicRole::Optical : NicRole::Electrical;
        plan.host.nics.push_back({role, nic % 4, nic % 4 / 2, rate});
    }
    AddHosts(plan, HOSTS);
    const auto panel = AddSwitch(plan,
                                 NicPorts(plan, NicRole::Optical, 0, HOSTS),
                                 {NodeRole::OpticalCircuitSwitch, "panel0", 0},
                                 Picoseconds(1'000'000));
    const uint32_t degree = steps.size();
    std::vector<Circuit> circuits;
    for (uint32_t host = 0; host < HOSTS; ++host)
    {
        for (uint32_t nic = 0; nic < degree; ++nic)
        {
            circuits.emplace_back(host * degree + nic, (host + steps[nic]) % HOSTS * degree + nic);
        }
    }
    plan.schedules = {{panel, {{CircuitConfiguration({}, circuits), Picoseconds(0)}}, {}}};
    plan.controlDelay = Picoseconds(2'000'000);
    plan.router = "relay";
    plan.relays.resize(HOSTS);
    std::iota(plan.relays.begin(), plan.relays.end(), 0);
    return plan;
}

/// @param route A route. @param source Where it begins. @return where it ends; fails where a leg
/// does not begin where the one before has ended.
GpuId
EndOf(const FabricPlan& plan, const Route& route, GpuId source)
{
    GpuId at = source;
    for (const auto& leg : route)
    {
        if (const auto* inside = std::get_if<NvswitchLeg>(&leg))
        {
            EXPECT_EQ(at, (GpuId{inside->host, inside->fromGpu}));
            EXPECT_NE(inside->fromGpu, inside->toGpu);
            at.gpu = inside->toGpu;
            continue;
        }
        const auto& rdma = std::get<RdmaLeg>(leg);
        EXPECT_EQ(at, (GpuId{rdma.from.host, plan.host.nics[rdma.from.nic].gpu}));
        at = {rdma.to.host, plan.host.nics[rdma.to.nic].gpu};
    }
    return at;
}

} // namespace

TEST(RelayRouter, PassesBytesOnFromTheGpuOfOneNicToThatOfTheNext)
{
    // Steps of 1 by NIC 0 and of 3 by NIC 1: from 0 to 4 by way of 1 or of 3.
    const auto plan = Panel({1, 3});
    const auto router = MakeRouter(plan);
    const auto transfers = router->Route({{{0, 2}, {4, 3}, Bytes(1000)}});
    ASSERT_EQ(transfers.size(), 2U);
    std::map<uint32_t, uint64_t> over;
    for (const auto& transfer : transfers)
    {
        EXPECT_EQ(EndOf(plan, transfer.route, {0, 2}), (GpuId{4, 3}));
        EXPECT_TRUE(IsRelayed(transfer.route));
        for (const auto& leg : transfer.route)
        {
            const auto* rdma = std::get_if<RdmaLeg>(&leg);
            if (rdma && rdma->from.host != 0)
            {
                over[rdma->from.host] += transfer.bytes.Count();
            }
        }
    }
    EXPECT_EQ(over, (std::map<uint32_t, uint64_t>{{1, 500}, {3, 500}}));
}

TEST(RelayRouter, CarriesAllBytesOfAllPairsToTheirGpus)
{
    const auto plan = Panel({1, 2, 5});
    const auto router = MakeRouter(plan);
    for (uint32_t from = 0; from < HOSTS; ++from)
    {
        std::vector<GpuDemand> demand;
        for (uint32_t pair = 0; pair < HOSTS * 16; ++pair)
        {
            demand.push_back({{from, pair % 4}, {pair / 16, pair / 4 % 4}, Bytes(7 * pair + 1)});
        }
        std::map<std::array<uint32_t, 3>, uint64_t> carried;
        for (const auto& transfer : router->Route(demand))
        {
            EXPECT_EQ(EndOf(plan, transfer.route, transfer.source), transfer.destination);
            carried[{transfer.source.gpu, transfer.destination.host, transfer.destination.gpu}] +=
                transfer.bytes.Count();
        }
        for (const auto& [source, destination, bytes] : demand)
        {
            EXPECT_EQ((carried[{source.gpu, destination.host, destination.gpu}]), bytes.Count());
        }
    }
}

TEST(RelayRouter, TakesTheRoutesOfThePlanByTheirShares)
{
    auto plan = Panel({1, 3});
    plan.routes = {{0, 4, {1}, 3}, {0, 4, {1, 2, 3}, 1}};
    const RelayRouter router(plan);
    std::map<size_t, double> shares;
    for (const auto& path : router.PathsBetween(0, 4))
    {
        shares[path.hosts.size()] = path.share;
    }
    EXPECT_EQ(shares, (std::map<size_t, double>{{3, 0.75}, {5, 0.25}}));
    EXPECT_EQ(router.PathsBetween(1, 5).size(), 2U) << "other pairs take the shortest";
}

TEST(RelayRouter, RefusesRoutesThatNoCircuitsCarry)
{
    auto plan = Panel({1, 3});
    plan.routes = {{0, 4, {2}, 1}};
    EXPECT_EQ(Refusal([&] { RelayRouter router(plan); }),
              "route 0 - 2 - 4: no circuit joins hosts 0 and 2");
    plan.routes = {{0, 4, {1}, 0}};
    EXPECT_EQ(Refusal([&] { RelayRouter router(plan); }),
              "route 0 - 1 - 4: share = 0.000000: above 0");
}

TEST(RelayRouter, TakesPacketSwitchesWhereNoCircuitsLead)
{
    auto plan = Panel({2}, 1); // even and odd hosts do not meet
    const auto transfers = MakeRouter(plan)->Route({{{0, 0}, {3, 0}, Bytes(10)}});
    ASSERT_EQ(transfers.size(), 1U);
    EXPECT_EQ(std::get<RdmaLeg>(transfers[0].route[1]).side, NicRole::Electrical);
    plan = Panel({2});
    EXPECT_EQ(Refusal([&] {
                  MakeRouter(plan)->Route({{{0, 0}, {3, 0}, Bytes(10)}});
              }),
              "no path over circuits from host 0 to host 3, and no electrical NICs");
}

TEST(RelayRouter, NeedsCircuitsWithoutAController)
{
    auto plan = Panel({1});
    plan.schedules.clear();
    EXPECT_EQ(Refusal([&] { MakeRouter(plan); }),
              "needs circuits that stand or follow a schedule, or fibres from NIC to NIC");
}

TEST(ValiantRouter, GoesByWayOfAllOthersInEqualPartsAndDirectly)
{
    // All pairs are joined: five NICs, by steps of 1 to 5.
    auto plan = Panel({1, 2, 3, 4, 5});
    plan.router = "valiant";
    const auto transfers = MakeRouter(plan)->Route({{{0, 0}, {2, 0}, Bytes(5000)}});
    std::map<uint32_t, uint64_t> firstTo;
    for (const auto& transfer : transfers)
    {
        EXPECT_EQ(EndOf(plan, transfer.route, {0, 0}), (GpuId{2, 0}));
        for (const auto& leg : transfer.route)
        {
            const auto* rdma = std::get_if<RdmaLeg>(&leg);
            if (rdma && rdma->from.host == 0)
            {
                firstTo[rdma->to.host] += transfer.bytes.Count();
            }
        }
    }
    EXPECT_EQ(
        firstTo,
        (std::map<uint32_t, uint64_t>{{1, 1000}, {2, 1000}, {3, 1000}, {4, 1000}, {5, 1000}}));
}
