/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/ideal-switch-planner.h"
#include "ns3/topoopt-planner.h"
#include "ns3/traffic-mix.h"

#include <gtest/gtest.h>
#include <map>
#include <utility>

using namespace mixnetcore;

namespace
{

/// @param optical NICs at circuits. @param electrical NICs at switches. @return a server, one GPU.
HostSpec
Server(uint32_t optical, uint32_t electrical)
{
    HostSpec host;
    host.gpus = 1;
    host.opticalDegree = optical;
    host.electricalNics = electrical;
    return host;
}

/// @param mix A job. @param nics NICs of a server. @return TopoOpt's fabric for it.
FabricPlan
Circuits(const TrafficMix& mix, uint32_t nics)
{
    TopoOptSpec spec;
    spec.hosts = mix.servers;
    spec.host = Server(nics, 0);
    spec.traffic = mix.Traffic();
    return PlanTopoOpt(spec);
}

/// @param servers How many. @param nics NICs of each. @return a switch for all; NICs spread.
FabricPlan
Switch(uint32_t servers, uint32_t nics)
{
    IdealSwitchSpec spec;
    spec.hosts = servers;
    spec.host = Server(0, nics);
    auto plan = PlanIdealSwitch(spec);
    plan.router = "spread";
    return plan;
}

/// @param transfers Transfers. @return their bytes.
uint64_t
BytesOf(const std::vector<Transfer>& transfers)
{
    uint64_t bytes = 0;
    for (const auto& transfer : transfers)
    {
        bytes += transfer.bytes.Count();
    }
    return bytes;
}

} // namespace

TEST(TrafficMix, CountsWhatRingsAndPairsSend)
{
    const TrafficMix mix{4, Bytes(100), Bytes(7)};
    EXPECT_EQ(mix.RingBytes(), Bytes(2 * 3 * 100));   // 2 (k - 1) / k buffers each, of 4 servers
    EXPECT_EQ(mix.AllToAllBytes(), Bytes(4 * 3 * 7)); // ordered pairs
}

TEST(TrafficMix, TellsPlannersTheSame)
{
    const auto traffic = TrafficMix{3, Bytes(100), Bytes(7)}.Traffic();
    ASSERT_EQ(traffic.allReduce.size(), 1U);
    EXPECT_EQ(traffic.allReduce[0].hosts, (std::vector<uint32_t>{0, 1, 2}));
    EXPECT_EQ(traffic.allReduce[0].bytes, Bytes(100));
    EXPECT_EQ(traffic.modelParallel.At(0, 0), Bytes(0));
    EXPECT_EQ(traffic.modelParallel.Total(), Bytes(3 * 2 * 7));
    EXPECT_TRUE(TrafficMix({3, Bytes(0), Bytes(7)}).Traffic().allReduce.empty());
}

TEST(TrafficMix, IsRoutedToTheByte)
{
    // 2 * 4 * 101 bytes on 3 * 5 edges, 13 bytes on 20 pairs: neither comes out even.
    const TrafficMix mix{5, Bytes(101), Bytes(13)};
    for (const auto& plan : {Circuits(mix, 3), Switch(5, 3)})
    {
        const auto routes = RouteMix(plan, mix);
        EXPECT_EQ(Bytes(BytesOf(routes.allReduce)), mix.RingBytes()) << plan.name;
        EXPECT_EQ(Bytes(BytesOf(routes.allToAll)), mix.AllToAllBytes()) << plan.name;
        EXPECT_EQ(BytesOf(routes.All()), BytesOf(routes.allReduce) + BytesOf(routes.allToAll));
        std::map<std::pair<uint32_t, uint32_t>, uint64_t> pairs;
        for (const auto& transfer : routes.allToAll)
        {
            pairs[{transfer.source.host, transfer.destination.host}] += transfer.bytes.Count();
        }
        EXPECT_EQ(pairs.size(), 20U) << plan.name;
        for (const auto& [pair, bytes] : pairs)
        {
            EXPECT_EQ(bytes, 13U) << plan.name << ' ' << pair.first << ' ' << pair.second;
        }
    }
}

TEST(TrafficMix, LoadsAllNicsAlikeWithRingsAlone)
{
    const TrafficMix mix{5, Bytes(30), Bytes(0)}; // 2 * 4 * 30 bytes on 3 * 5 edges
    for (const auto& plan : {Circuits(mix, 3), Switch(5, 3)})
    {
        const auto loads = LoadsOfMix(plan, RouteMix(plan, mix));
        EXPECT_EQ(loads.busiest.allReduce, 2U * 4 * 30 / 15) << plan.name;
        EXPECT_EQ(loads.busiest.allToAll, 0U) << plan.name;
        EXPECT_DOUBLE_EQ(loads.Unevenness(), 1) << plan.name;
        EXPECT_DOUBLE_EQ(loads.BandwidthTax(mix), 1) << plan.name;
    }
}

TEST(TrafficMix, CountsBytesOnEveryCircuitThatTheyCross)
{
    // One one-way ring of 4: 1, 2 or 3 circuits, so 6 times the bytes of a pair on each, and 2 of
    // them on average.
    const TrafficMix mix{4, Bytes(40), Bytes(10)};
    const auto plan = Circuits(mix, 1);
    const auto loads = LoadsOfMix(plan, RouteMix(plan, mix));
    EXPECT_EQ(loads.busiest.allReduce, 2U * 3 * 40 / 4);
    EXPECT_EQ(loads.busiest.allToAll, 6U * 10);
    EXPECT_DOUBLE_EQ(loads.mean, 60 + 60);
    EXPECT_DOUBLE_EQ(loads.BandwidthTax(mix), (240 + 2.0 * 120) / (240 + 120));
}

TEST(TrafficMix, HasNoTaxWhereNothingIsSent)
{
    const TrafficMix mix{4, Bytes(0), Bytes(0)};
    const auto plan = Switch(4, 1);
    const auto loads = LoadsOfMix(plan, RouteMix(plan, mix));
    EXPECT_DOUBLE_EQ(loads.BandwidthTax(mix), 1);
    EXPECT_DOUBLE_EQ(loads.Unevenness(), 1);
}

TEST(TrafficMix, RefusesAFabricOfOtherServersOrWithoutRings)
{
    const TrafficMix mix{4, Bytes(100), Bytes(7)};
    EXPECT_EQ(tests::Refusal([&] { RouteMix(Switch(5, 1), mix); }),
              "a mix of 4 servers: the fabric has 5");
    const auto noRings = Circuits({4, Bytes(0), Bytes(7)}, 3);
    EXPECT_EQ(tests::Refusal([&] { RouteMix(noRings, mix); }),
              "topoopt: has no ring of all servers for an all-reduce");
}
