/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/mixnet-planner.h"
#include "ns3/region-router.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

/// @return a region of four hosts; NICs 1, 2, 3, 5, 6, 7 optical, 0 and 4 electrical.
FabricPlan
Fabric()
{
    MixnetSpec spec;
    spec.hosts = 4;
    spec.electrical.tiers = 1;
    return PlanMixnet(spec);
}

/// @param host A host. @param nic An optical NIC. @return its port of the optical switch.
uint32_t
PortOf(uint32_t host, uint32_t nic)
{
    return host * 6 + (nic < 4 ? nic - 1 : nic - 2);
}

/// @return hosts 0 and 1 with circuits 1 - 2 and 5 - 7 (NIC of host 0 - NIC of host 1).
CircuitConfiguration
TwoCircuits()
{
    return CircuitConfiguration({{PortOf(0, 1), PortOf(1, 2)}, {PortOf(0, 5), PortOf(1, 7)}});
}

/// @param circuits Circuits of the region. @return the router over them.
RegionRouter
Over(const CircuitConfiguration& circuits)
{
    const auto fabric = Fabric();
    return {fabric.host, {JoinedNics(fabric, 0, {circuits})}};
}

/// @param transfers Shares. @return their bytes together.
uint64_t
Total(const std::vector<Transfer>& transfers)
{
    uint64_t sum = 0;
    for (const auto& transfer : transfers)
    {
        sum += transfer.bytes.Count();
    }
    return sum;
}

/// @param transfer A share. @return its way in words.
std::string
WayOf(const Transfer& transfer)
{
    std::string way;
    for (const auto& leg : transfer.route)
    {
        if (const auto* nvswitch = std::get_if<NvswitchLeg>(&leg))
        {
            way += "[host " + std::to_string(nvswitch->host) + ": " +
                   std::to_string(nvswitch->fromGpu) + ">" + std::to_string(nvswitch->toGpu) + "]";
        }
        else
        {
            const auto& rdma = std::get<RdmaLeg>(leg);
            way += std::string("(") + (rdma.side == NicRole::Optical ? "optical " : "electrical ") +
                   std::to_string(rdma.from.host) + "." + std::to_string(rdma.from.nic) + ">" +
                   std::to_string(rdma.to.host) + "." + std::to_string(rdma.to.nic) + ")";
        }
    }
    return way;
}

/// @param transfers Shares. @return bytes by way.
std::map<std::string, uint64_t>
ByWay(const std::vector<Transfer>& transfers)
{
    std::map<std::string, uint64_t> bytes;
    for (const auto& transfer : transfers)
    {
        bytes[WayOf(transfer)] += transfer.bytes.Count();
    }
    return bytes;
}

/// @param transfers Shares. @return bytes by the NIC that sends them.
std::map<uint32_t, uint64_t>
ByNic(const std::vector<Transfer>& transfers)
{
    std::map<uint32_t, uint64_t> bytes;
    for (const auto& transfer : transfers)
    {
        for (const auto& leg : transfer.route)
        {
            if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
            {
                bytes[rdma->from.nic] += transfer.bytes.Count();
            }
        }
    }
    return bytes;
}

/// @param transfers Shares. @return bytes that cross from half to half, each crossing counted.
uint64_t
CrossedBytes(const std::vector<Transfer>& transfers)
{
    uint64_t bytes = 0;
    for (const auto& transfer : transfers)
    {
        for (const auto& leg : transfer.route)
        {
            const auto* inside = std::get_if<NvswitchLeg>(&leg);
            const bool crosses = inside && inside->fromGpu / 4 != inside->toGpu / 4;
            bytes += crosses ? transfer.bytes.Count() : 0;
        }
    }
    return bytes;
}

/**
 * @brief Tries all ways to give every byte a place at a NIC.
 * @param demand Bytes between two hosts, at most 16.
 * @param loads Bytes that each NIC of the sender must carry; together as many.
 * @param farOf NIC at the other end, by NIC of the sender.
 * @return the fewest crossings between halves, over all assignments.
 */
uint64_t
FewestCrossed(const std::vector<GpuDemand>& demand,
              const std::map<uint32_t, uint64_t>& loads,
              const std::map<uint32_t, uint32_t>& farOf)
{
    std::vector<GpuDemand> units;
    for (const auto& entry : demand)
    {
        units.insert(units.end(), entry.bytes.Count(), entry);
    }
    std::vector<uint32_t> places;
    for (const auto& [nic, bytes] : loads)
    {
        places.insert(places.end(), bytes, nic);
    }
    // fewest[taken]: for the first units, as many as places are taken.
    std::vector<uint64_t> fewest(size_t{1} << places.size(), UINT64_MAX);
    fewest[0] = 0;
    for (size_t taken = 0; taken + 1 < fewest.size(); ++taken)
    {
        size_t unit = 0;
        for (size_t place = 0; place < places.size(); ++place)
        {
            unit += taken >> place & 1;
        }
        for (size_t place = 0; place < places.size(); ++place)
        {
            const size_t next = taken | size_t{1} << place;
            if (next != taken)
            {
                const uint64_t crossings =
                    (units[unit].source.gpu / 4 != places[place] / 4) +
                    (units[unit].destination.gpu / 4 != farOf.at(places[place]) / 4);
                fewest[next] = std::min(fewest[next], fewest[taken] + crossings);
            }
        }
    }
    return fewest.back();
}

using Ways = std::map<std::string, uint64_t>; //!< bytes by way

} // namespace

TEST(RegionRouter, SpreadsBytesEvenlyOverAllCircuitsOfThePair)
{
    // GPU 0 of host 0 to GPU 0 of host 1: gather at the NIC's GPU, scatter from the peer's.
    const RegionRouter router = Over(TwoCircuits());
    EXPECT_EQ(ByWay(router.Route({{{0, 0}, {1, 0}, Bytes(1000)}})),
              (Ways{{"[host 0: 0>1](optical 0.1>1.2)[host 1: 2>0]", 500},
                    {"[host 0: 0>5](optical 0.5>1.7)[host 1: 7>0]", 500}}));
}

TEST(RegionRouter, UsesACircuitInBothDirections)
{
    const RegionRouter router = Over(TwoCircuits());
    EXPECT_EQ(ByWay(router.Route({{{1, 0}, {0, 0}, Bytes(1000)}})),
              (Ways{{"[host 1: 0>2](optical 1.2>0.1)[host 0: 1>0]", 500},
                    {"[host 1: 0>7](optical 1.7>0.5)[host 0: 5>0]", 500}}));
}

TEST(RegionRouter, FallsBackToAllElectricalNicsEvenly)
{
    const RegionRouter router = Over(TwoCircuits());
    EXPECT_EQ(ByWay(router.Route({{{0, 1}, {2, 2}, Bytes(1000)}})),
              (Ways{{"[host 0: 1>0](electrical 0.0>2.0)[host 2: 0>2]", 500},
                    {"[host 0: 1>4](electrical 0.4>2.4)[host 2: 4>2]", 500}}));
}

TEST(RegionRouter, CrossesNoNvswitchWhereAGpuIsItsOwnDelegate)
{
    const RegionRouter router = Over(TwoCircuits());
    EXPECT_EQ(
        ByWay(router.Route({{{0, 1}, {1, 7}, Bytes(1000)}})),
        (Ways{{"(optical 0.1>1.2)[host 1: 2>7]", 500}, {"[host 0: 1>5](optical 0.5>1.7)", 500}}));
    const RegionRouter one = Over(CircuitConfiguration({{PortOf(0, 1), PortOf(1, 2)}}));
    EXPECT_EQ(ByWay(one.Route({{{0, 1}, {1, 2}, Bytes(1000)}})),
              (Ways{{"(optical 0.1>1.2)", 1000}}));
    EXPECT_EQ(ByWay(one.Route({{{2, 4}, {3, 0}, Bytes(1000)}})),
              (Ways{{"[host 2: 4>0](electrical 2.0>3.0)", 500},
                    {"(electrical 2.4>3.4)[host 3: 4>0]", 500}}));
}

TEST(RegionRouter, GoesStraightFromGpuToGpuInsideAHost)
{
    const RegionRouter router = Over(TwoCircuits());
    EXPECT_EQ(ByWay(router.Route({{{2, 3}, {2, 6}, Bytes(1000)}})),
              (Ways{{"[host 2: 3>6]", 1000}}));
    EXPECT_EQ(ByWay(router.Route({{{2, 3}, {2, 3}, Bytes(1000)}})), (Ways{{"", 1000}}));
}

TEST(RegionRouter, SharesAddUpAndNoneIsEmpty)
{
    const RegionRouter router = Over(TwoCircuits());
    for (const uint64_t bytes : {1ULL, 2ULL, 3ULL, 999ULL, 1000ULL, (1ULL << 40) + 1})
    {
        for (uint32_t source = 0; source < 32; ++source)
        {
            for (uint32_t destination = 0; destination < 32; ++destination)
            {
                const GpuId from{source / 8, source % 8};
                const GpuId to{destination / 8, destination % 8};
                const auto transfers = router.Route({{from, to, Bytes(bytes)}});
                ASSERT_EQ(Total(transfers), bytes);
                for (const auto& transfer : transfers)
                {
                    ASSERT_GT(transfer.bytes, Bytes(0));
                    ASSERT_TRUE(transfer.source == from && transfer.destination == to);
                    ASSERT_TRUE(transfer.route.empty() || HostOf(transfer.route[0]) == from.host);
                }
            }
        }
    }
}

TEST(RegionRouter, SendsNothingForZeroBytes)
{
    const RegionRouter router = Over(TwoCircuits());
    EXPECT_TRUE(router.Route({{{0, 0}, {1, 0}, Bytes(0)}, {{0, 0}, {0, 1}, Bytes(0)}}).empty());
}

TEST(RegionRouter, SharesThePairsBytesEvenlyNotThoseOfEachGpu)
{
    // One byte from each of eight GPUs over two circuits: four each.
    const RegionRouter router = Over(TwoCircuits());
    std::vector<GpuDemand> demand;
    for (uint32_t gpu = 0; gpu < 8; ++gpu)
    {
        demand.push_back({{0, gpu}, {1, gpu}, Bytes(1)});
    }
    EXPECT_EQ(ByNic(router.Route(demand)), (std::map<uint32_t, uint64_t>{{1, 4}, {5, 4}}));
}

TEST(RegionRouter, SharesPairsApart)
{
    // 1000 bytes to a host with circuits, 10 to one without, 30 to another.
    const RegionRouter router = Over(TwoCircuits());
    EXPECT_EQ(ByNic(router.Route({{{0, 0}, {1, 0}, Bytes(1000)},
                                  {{0, 0}, {2, 0}, Bytes(10)},
                                  {{0, 0}, {3, 0}, Bytes(30)}})),
              (std::map<uint32_t, uint64_t>{{0, 5 + 15}, {1, 500}, {4, 5 + 15}, {5, 500}}));
}

TEST(RegionRouter, SendsAGpusBytesOnItsOwnSideOfTheNumaLink)
{
    // GPUs 0 and 3 sit with NICs 1 and 2, GPUs 4 and 7 with NICs 5 and 7; the loads are equal.
    const RegionRouter router = Over(TwoCircuits());
    EXPECT_EQ(ByWay(router.Route({{{0, 4}, {1, 4}, Bytes(500)}, {{0, 3}, {1, 3}, Bytes(500)}})),
              (Ways{{"[host 0: 3>1](optical 0.1>1.2)[host 1: 2>3]", 500},
                    {"[host 0: 4>5](optical 0.5>1.7)[host 1: 7>4]", 500}}));
}

TEST(RegionRouter, CrossesTheNumaLinkOnlyWithWhatIsTooMuchForOneSide)
{
    // 800 bytes in half 0, 200 in half 1; NICs carry 500 each.
    const RegionRouter router = Over(TwoCircuits());
    EXPECT_EQ(ByWay(router.Route({{{0, 3}, {1, 3}, Bytes(800)}, {{0, 4}, {1, 4}, Bytes(200)}})),
              (Ways{{"[host 0: 3>1](optical 0.1>1.2)[host 1: 2>3]", 500},
                    {"[host 0: 3>5](optical 0.5>1.7)[host 1: 7>3]", 300},
                    {"[host 0: 4>5](optical 0.5>1.7)[host 1: 7>4]", 200}}));
}

TEST(RegionRouter, GivesAGpusOwnBytesItsOwnNicFirst)
{
    // Two circuits in half 0, 1 - 2 and 2 - 1: GPU 1 to GPU 2, and GPU 2 to GPU 1, need no delegate
    // though GPU 0, asked for before them, would go by either.
    const RegionRouter router =
        Over(CircuitConfiguration({{PortOf(0, 1), PortOf(1, 2)}, {PortOf(0, 2), PortOf(1, 1)}}));
    EXPECT_EQ(ByWay(router.Route({{{0, 0}, {1, 0}, Bytes(100)},
                                  {{0, 2}, {1, 1}, Bytes(50)},
                                  {{0, 1}, {1, 2}, Bytes(50)}})),
              (Ways{{"(optical 0.1>1.2)", 50},
                    {"(optical 0.2>1.1)", 50},
                    {"[host 0: 0>1](optical 0.1>1.2)[host 1: 2>0]", 50},
                    {"[host 0: 0>2](optical 0.2>1.1)[host 1: 1>0]", 50}}));
}

TEST(RegionRouter, PrefersTheOwnSideToTheOwnNic)
{
    // Circuits 1 - 5 and 2 - 3. GPU 1 to GPU 0: its own NIC leads to the far half of host 1, so its
    // bytes are gathered at GPU 2 (two detours, no crossing); GPU 0 to GPU 5 stays with NIC 1.
    const RegionRouter router =
        Over(CircuitConfiguration({{PortOf(0, 1), PortOf(1, 5)}, {PortOf(0, 2), PortOf(1, 3)}}));
    EXPECT_EQ(ByWay(router.Route({{{0, 1}, {1, 0}, Bytes(70)}, {{0, 0}, {1, 5}, Bytes(70)}})),
              (Ways{{"[host 0: 1>2](optical 0.2>1.3)[host 1: 3>0]", 70},
                    {"[host 0: 0>1](optical 0.1>1.5)", 70}}));
}

TEST(RegionRouter, CrossesNumaLinksWithTheFewestBytesThatEvenLoadsAllow)
{
    // 400 random pairs with up to six circuits and up to nine bytes. Each NIC carries bytes /
    // circuits, rounded up or down; with these loads no assignment of bytes to NICs crosses less.
    std::mt19937 random(1);
    const auto draw = [&](uint32_t below) { return static_cast<uint32_t>(random() % below); };
    for (int run = 0; run < 400; ++run)
    {
        std::vector<uint32_t> near{1, 2, 3, 5, 6, 7};
        auto far = near;
        for (size_t i = near.size(); i-- > 1;)
        {
            std::swap(near[i], near[draw(i + 1)]);
            std::swap(far[i], far[draw(i + 1)]);
        }
        const uint32_t count = 1 + draw(6);
        std::map<uint32_t, uint32_t> farOf;
        std::vector<Circuit> circuits;
        for (uint32_t k = 0; k < count; ++k)
        {
            farOf[near[k]] = far[k];
            circuits.emplace_back(PortOf(0, near[k]), PortOf(1, far[k]));
        }
        const RegionRouter router = Over(CircuitConfiguration(circuits));
        std::vector<GpuDemand> demand;
        uint64_t total = 0;
        for (uint32_t bytes; total < 9 && demand.size() < 4; total += bytes)
        {
            bytes = std::min<uint32_t>(1 + draw(5), 9 - total);
            demand.push_back({{0, draw(8)}, {1, draw(8)}, Bytes(bytes)});
        }

        const auto transfers = router.Route(demand);

        const auto loads = ByNic(transfers);
        ASSERT_EQ(Total(transfers), total);
        for (uint32_t k = 0; k < count; ++k)
        {
            const auto found = loads.find(near[k]);
            const uint64_t load = found == loads.end() ? 0 : found->second;
            ASSERT_GE(load, total / count) << run;
            ASSERT_LE(load, (total + count - 1) / count) << run;
        }
        ASSERT_EQ(CrossedBytes(transfers), FewestCrossed(demand, loads, farOf)) << run;
    }
}

TEST(RegionRouter, CountsCircuitsOfAPairEitherWayRound)
{
    const RegionRouter router = Over(TwoCircuits());
    EXPECT_EQ(router.CircuitsBetween(0, 1), 2U);
    EXPECT_EQ(router.CircuitsBetween(1, 0), 2U);
    EXPECT_EQ(router.CircuitsBetween(0, 2), 0U);
}

TEST(RegionRouter, LeadsOutOfTheRegionByElectricalNics)
{
    EXPECT_EQ(ByWay(Over(TwoCircuits()).Route({{{0, 0}, {77, 4}, Bytes(10)}})),
              (Ways{{"(electrical 0.0>77.0)[host 77: 0>4]", 5},
                    {"[host 0: 0>4](electrical 0.4>77.4)", 5}}));
}

TEST(RegionRouter, GivesPacketSwitchesThePartThatIsSaid)
{
    // 1000 bytes of two GPUs, 30 % of them electrical: 300 over two NICs, 700 over two circuits.
    const auto fabric = Fabric();
    const RegionRouter router(
        fabric.host,
        {JoinedNics(fabric, 0, {TwoCircuits()}), false, {{{0, 1}, 0.3}, {{1, 0}, 1.0}}});
    const auto there = router.Route({{{0, 0}, {1, 0}, Bytes(600)}, {{0, 4}, {1, 4}, Bytes(400)}});
    EXPECT_EQ(ByNic(there), (std::map<uint32_t, uint64_t>{{0, 150}, {1, 350}, {4, 150}, {5, 350}}));
    EXPECT_EQ(Total(there), 1000U);
    std::map<uint32_t, uint64_t> bySource;
    for (const auto& transfer : there)
    {
        bySource[transfer.source.gpu] += transfer.bytes.Count();
    }
    EXPECT_EQ(bySource, (std::map<uint32_t, uint64_t>{{0, 600}, {4, 400}}));
    EXPECT_EQ(ByNic(router.Route({{{1, 0}, {0, 0}, Bytes(9)}})),
              (std::map<uint32_t, uint64_t>{{0, 5}, {4, 4}}))
        << "all of it, although there are circuits";
}

TEST(RegionRouter, RefusesPartsThatAreNone)
{
    for (const double part : {-0.1, 1.1})
    {
        EXPECT_THROW(RegionRouter(Fabric().host, {{}, false, {{{0, 1}, part}}}),
                     std::invalid_argument);
    }
}

TEST(JoinedNics, RefusesARegionThatDoesNotExist)
{
    EXPECT_THROW(JoinedNics(Fabric(), 1, {}), std::invalid_argument);
}

TEST(RegionRouter, RoutesAsFigure8OfThePaper)
{
    // Four servers of four GPUs, EP16: one NIC per GPU, the first electrical. NIC 2 of servers 0
    // and 2 have a circuit; server 0 meets server 1 over packet switches only (paper, section 5.3).
    MixnetSpec spec;
    spec.hosts = 4;
    spec.host.gpus = 4;
    spec.host.opticalDegree = 3;
    spec.host.electricalNics = 1;
    spec.electrical.tiers = 1;
    const auto fabric = PlanMixnet(spec);
    ASSERT_EQ(fabric.host.NicsOn(NicRole::Electrical), (std::vector<uint32_t>{0}));
    const RegionRouter router(fabric.host, {{{{0, 2}, {2, 2}}}});

    std::vector<GpuDemand> demand; // what server 0 has for all ranks, those of its own included
    for (uint32_t from = 0; from < 4; ++from)
    {
        for (uint32_t to = 0; to < 16; ++to)
        {
            demand.push_back({{0, from}, {to / 4, to % 4}, Bytes(1000)});
        }
    }
    for (const auto& [source, destination, bytes, route, padding] : router.Route(demand))
    {
        const uint32_t delegate = destination.host == 2 ? 2 : 0;
        Route expected;
        if (destination.host == 0)
        {
            // Step 4: between GPUs of the server, straight.
            if (source.gpu != destination.gpu)
            {
                expected.push_back(NvswitchLeg{0, source.gpu, destination.gpu});
            }
        }
        else
        {
            // Steps 2, 3 and 5: gather, cross, scatter.
            if (source.gpu != delegate)
            {
                expected.push_back(NvswitchLeg{0, source.gpu, delegate});
            }
            expected.push_back(RdmaLeg{{0, delegate},
                                       {destination.host, delegate},
                                       delegate == 2 ? NicRole::Optical : NicRole::Electrical});
            if (destination.gpu != delegate)
            {
                expected.push_back(NvswitchLeg{destination.host, delegate, destination.gpu});
            }
        }
        ASSERT_EQ(route.size(), expected.size());
        for (size_t leg = 0; leg < route.size(); ++leg)
        {
            ASSERT_EQ(route[leg].index(), expected[leg].index());
            if (const auto* inside = std::get_if<NvswitchLeg>(&route[leg]))
            {
                const auto& other = std::get<NvswitchLeg>(expected[leg]);
                EXPECT_EQ(inside->host, other.host);
                EXPECT_EQ(inside->fromGpu, other.fromGpu);
                EXPECT_EQ(inside->toGpu, other.toGpu);
                continue;
            }
            const auto& crossing = std::get<RdmaLeg>(route[leg]);
            const auto& other = std::get<RdmaLeg>(expected[leg]);
            EXPECT_EQ(crossing, other);
            EXPECT_EQ(crossing.side, other.side);
        }
    }
}
