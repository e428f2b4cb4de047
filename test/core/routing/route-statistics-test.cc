/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/ideal-switch-planner.h"
#include "ns3/route-statistics.h"
#include "ns3/topoopt-planner.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

/// @return hosts with one NIC each, on one ring.
FabricPlan
RingOf(uint32_t hosts)
{
    TopoOptSpec spec;
    spec.hosts = hosts;
    spec.host.opticalDegree = 1;
    spec.host.electricalNics = 0;
    spec.host.linkRate = BitsPerSecond(8'000'000'000); // a byte a nanosecond
    spec.traffic.modelParallel = DemandMatrix(hosts, hosts);
    AllReduceGroup all{{}, Bytes(1)};
    for (uint32_t host = 0; host < hosts; ++host)
    {
        all.hosts.push_back(host);
    }
    spec.traffic.allReduce = {all};
    return PlanTopoOpt(spec);
}

} // namespace

TEST(RouteStatistics, CountsCircuitsByBytes)
{
    // 30 bytes go one circuit, 10 go three.
    DemandMatrix demand(4, 4);
    demand.At(1, 2) = Bytes(30);
    demand.At(0, 3) = Bytes(10);
    demand.At(2, 2) = Bytes(99); // at home

    const auto statistics = StatisticsOfRoutes(RingOf(4), demand);

    EXPECT_DOUBLE_EQ(statistics.bandwidthTax, (30.0 * 1 + 10 * 3) / 40);
    EXPECT_EQ(statistics.mostHops, 3U);
}

TEST(RouteStatistics, MeasuresTheGraph)
{
    // Ring of 5: 1, 2, 3 or 4 circuits, equally often.
    const auto statistics = StatisticsOfRoutes(RingOf(5), DemandMatrix(5, 5));

    EXPECT_DOUBLE_EQ(statistics.meanHops, 2.5);
    EXPECT_EQ(statistics.diameter, 4U);
}

TEST(RouteStatistics, FindsTheMostLoadedCircuit)
{
    // 1 -> 2 carries both.
    DemandMatrix demand(4, 4);
    demand.At(1, 2) = Bytes(30);
    demand.At(0, 3) = Bytes(10);

    const auto load = StatisticsOfRoutes(RingOf(4), demand).mostLoaded;

    EXPECT_EQ(load.circuit.from.host, 1U);
    EXPECT_EQ(load.circuit.to.host, 2U);
    EXPECT_EQ(load.bytes, Bytes(40));
    EXPECT_EQ(load.time, std::chrono::nanoseconds(40));
}

TEST(RouteStatistics, TellsWhatEachCircuitCarries)
{
    DemandMatrix demand(4, 4);
    demand.At(1, 3) = Bytes(7);

    const auto loads = LoadsOfCircuits(RingOf(4), demand);

    ASSERT_EQ(loads.size(), 4U); // by the host that sends
    const std::vector<uint64_t> expected{0, 7, 7, 0};
    for (uint32_t host = 0; host < 4; ++host)
    {
        EXPECT_EQ(loads[host].circuit.from.host, host);
        EXPECT_EQ(loads[host].bytes, Bytes(expected[host]));
    }
}

TEST(RouteStatistics, OfAFullMeshHasNoTax)
{
    TopoOptSpec spec;
    spec.hosts = 8;
    spec.host.opticalDegree = 7;
    spec.host.electricalNics = 0;
    const DemandMatrix demand(8, 8, [](size_t a, size_t b) { return Bytes(1 + a * b); });

    const auto statistics = StatisticsOfRoutes(PlanTopoOpt(spec), demand);

    EXPECT_DOUBLE_EQ(statistics.bandwidthTax, 1);
    EXPECT_DOUBLE_EQ(statistics.meanHops, 1);
    EXPECT_EQ(statistics.mostHops, 1U);
    EXPECT_EQ(statistics.diameter, 1U);
    EXPECT_EQ(statistics.mostLoaded.bytes, Bytes(1 + 6 * 7));
}

TEST(RouteStatistics, BytesOnCircuitsAreTheTaxTimesTheDemand)
{
    TopoOptSpec spec;
    spec.hosts = 12;
    spec.host.opticalDegree = 3;
    spec.host.electricalNics = 0;
    const auto plan = PlanTopoOpt(spec);
    const DemandMatrix demand(12, 12, [](size_t a, size_t b) { return Bytes(a == b ? 0 : 1000); });

    double carried = 0;
    for (const auto& load : LoadsOfCircuits(plan, demand))
    {
        carried += double(load.bytes.Count());
    }

    EXPECT_DOUBLE_EQ(StatisticsOfRoutes(plan, demand).bandwidthTax, carried / (12 * 11 * 1000));
}

TEST(RouteStatistics, WithoutDemandThereIsNoTaxAndNoLoad)
{
    const auto statistics = StatisticsOfRoutes(RingOf(3), DemandMatrix(3, 3));

    EXPECT_DOUBLE_EQ(statistics.bandwidthTax, 1);
    EXPECT_EQ(statistics.mostHops, 0U);
    EXPECT_EQ(statistics.mostLoaded.bytes, Bytes(0));
}

TEST(RouteStatistics, RefusesOtherRoutersAndOtherHosts)
{
    IdealSwitchSpec spec;
    spec.hosts = 2;
    spec.host.opticalDegree = 0;
    spec.host.electricalNics = 8;
    EXPECT_EQ(
        tests::Refusal([&] { StatisticsOfRoutes(PlanIdealSwitch(spec), DemandMatrix(2, 2)); }),
        "router own-nic: does not lead over circuits that stand or follow a schedule");
    EXPECT_EQ(tests::Refusal([] { StatisticsOfRoutes(RingOf(3), DemandMatrix(2, 2)); }),
              "demand of 2 x 2 hosts: as many as there are hosts, 3");
}
