/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/mixnet-region-planner.h"
#include "ns3/region-router.h"

#include <gtest/gtest.h>
#include <map>
#include <set>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

/// @return a region of four hosts; NICs 1, 2, 3, 5, 6, 7 optical, 0 and 4 electrical.
FabricPlan
Fabric()
{
    MixnetRegionSpec spec;
    spec.hosts = 4;
    return PlanMixnetRegion(spec);
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

using Ways = std::map<std::string, uint64_t>; //!< bytes by way

} // namespace

TEST(RegionRouter, SpreadsBytesEvenlyOverAllCircuitsOfThePair)
{
    // GPU 0 of host 0 to GPU 0 of host 1: gather at the NIC's GPU, scatter from the peer's.
    const RegionRouter router(Fabric(), 0, TwoCircuits());
    EXPECT_EQ(ByWay(router.Transfers({0, 0}, {1, 0}, Bytes(1000))),
              (Ways{{"[host 0: 0>1](optical 0.1>1.2)[host 1: 2>0]", 500},
                    {"[host 0: 0>5](optical 0.5>1.7)[host 1: 7>0]", 500}}));
}

TEST(RegionRouter, UsesACircuitInBothDirections)
{
    const RegionRouter router(Fabric(), 0, TwoCircuits());
    EXPECT_EQ(ByWay(router.Transfers({1, 0}, {0, 0}, Bytes(1000))),
              (Ways{{"[host 1: 0>2](optical 1.2>0.1)[host 0: 1>0]", 500},
                    {"[host 1: 0>7](optical 1.7>0.5)[host 0: 5>0]", 500}}));
}

TEST(RegionRouter, FallsBackToAllElectricalNicsEvenly)
{
    const RegionRouter router(Fabric(), 0, TwoCircuits());
    EXPECT_EQ(ByWay(router.Transfers({0, 1}, {2, 2}, Bytes(1000))),
              (Ways{{"[host 0: 1>0](electrical 0.0>2.0)[host 2: 0>2]", 500},
                    {"[host 0: 1>4](electrical 0.4>2.4)[host 2: 4>2]", 500}}));
}

TEST(RegionRouter, CrossesNoNvswitchWhereAGpuIsItsOwnDelegate)
{
    const RegionRouter router(Fabric(), 0, TwoCircuits());
    EXPECT_EQ(
        ByWay(router.Transfers({0, 1}, {1, 7}, Bytes(1000))),
        (Ways{{"(optical 0.1>1.2)[host 1: 2>7]", 500}, {"[host 0: 1>5](optical 0.5>1.7)", 500}}));
    const RegionRouter one(Fabric(), 0, CircuitConfiguration({{PortOf(0, 1), PortOf(1, 2)}}));
    EXPECT_EQ(ByWay(one.Transfers({0, 1}, {1, 2}, Bytes(1000))),
              (Ways{{"(optical 0.1>1.2)", 1000}}));
    EXPECT_EQ(ByWay(one.Transfers({2, 4}, {3, 0}, Bytes(1000))),
              (Ways{{"[host 2: 4>0](electrical 2.0>3.0)", 500},
                    {"(electrical 2.4>3.4)[host 3: 4>0]", 500}}));
}

TEST(RegionRouter, GoesStraightFromGpuToGpuInsideAHost)
{
    const RegionRouter router(Fabric(), 0, TwoCircuits());
    EXPECT_EQ(ByWay(router.Transfers({2, 3}, {2, 6}, Bytes(1000))),
              (Ways{{"[host 2: 3>6]", 1000}}));
    EXPECT_EQ(ByWay(router.Transfers({2, 3}, {2, 3}, Bytes(1000))), (Ways{{"", 1000}}));
}

TEST(RegionRouter, SharesAddUpAndNoneIsEmpty)
{
    const RegionRouter router(Fabric(), 0, TwoCircuits());
    for (const uint64_t bytes : {1ULL, 2ULL, 3ULL, 999ULL, 1000ULL, (1ULL << 40) + 1})
    {
        for (uint32_t source = 0; source < 32; ++source)
        {
            for (uint32_t destination = 0; destination < 32; ++destination)
            {
                const GpuId from{source / 8, source % 8};
                const GpuId to{destination / 8, destination % 8};
                const auto transfers = router.Transfers(from, to, Bytes(bytes));
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
    const RegionRouter router(Fabric(), 0, TwoCircuits());
    EXPECT_TRUE(router.Transfers({0, 0}, {1, 0}, Bytes(0)).empty());
    EXPECT_TRUE(router.Transfers({0, 0}, {0, 1}, Bytes(0)).empty());
}

TEST(RegionRouter, GivesOddBytesToDifferentNicsInTurn)
{
    // One byte from each of eight GPUs over two circuits: four each.
    const RegionRouter router(Fabric(), 0, TwoCircuits());
    std::map<uint32_t, uint64_t> bytes;
    for (uint32_t gpu = 0; gpu < 8; ++gpu)
    {
        for (const auto& transfer : router.Transfers({0, gpu}, {1, gpu}, Bytes(1)))
        {
            for (const auto& leg : transfer.route)
            {
                if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
                {
                    bytes[rdma->from.nic] += transfer.bytes.Count();
                }
            }
        }
    }
    EXPECT_EQ(bytes, (std::map<uint32_t, uint64_t>{{1, 4}, {5, 4}}));
}

TEST(RegionRouter, CountsCircuitsOfAPairEitherWayRound)
{
    const RegionRouter router(Fabric(), 0, TwoCircuits());
    EXPECT_EQ(router.CircuitsBetween(0, 1), 2U);
    EXPECT_EQ(router.CircuitsBetween(1, 0), 2U);
    EXPECT_EQ(router.CircuitsBetween(0, 2), 0U);
}

TEST(RegionRouter, RefusesHostsOutsideTheRegion)
{
    auto fabric = Fabric();
    fabric.regions[0].hosts = {0, 2};
    const RegionRouter router(fabric, 0, {});
    EXPECT_THROW(router.Transfers({0, 0}, {1, 0}, Bytes(1)), std::invalid_argument);
    EXPECT_THROW(router.Transfers({3, 0}, {2, 0}, Bytes(1)), std::invalid_argument);
    EXPECT_THROW(router.CircuitsBetween(0, 1), std::invalid_argument);
    EXPECT_EQ(Total(router.Transfers({0, 0}, {2, 0}, Bytes(5))), 5U);
}

TEST(RegionRouter, RefusesARegionThatDoesNotExist)
{
    EXPECT_THROW(RegionRouter(Fabric(), 1, {}), std::invalid_argument);
}
