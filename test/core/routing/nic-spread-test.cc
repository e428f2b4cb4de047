/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/nic-spread.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

using namespace mixnetcore;

namespace
{

/// @param nics NICs. @param demand Bytes from host 0 to host 1. @return their transfers.
std::vector<Transfer>
Spread(const std::vector<NicPair>& nics, const std::vector<GpuDemand>& demand)
{
    std::vector<Transfer> transfers;
    SpreadOverNics(PlanHost({}), nics, demand, transfers);
    return transfers;
}

/// @param from GPU of host 0. @param to GPU of host 1. @param bytes How many. @return the entry.
GpuDemand
Entry(uint32_t from, uint32_t to, uint64_t bytes)
{
    return {{0, from}, {1, to}, Bytes(bytes)};
}

/// @param transfer A share. @return the line that it crosses.
RdmaLeg
LineOf(const Transfer& transfer)
{
    for (const auto& leg : transfer.route)
    {
        if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
        {
            return *rdma;
        }
    }
    ADD_FAILURE() << "no line";
    return {};
}

/// @param nics NICs. @param demand Bytes. @return bytes of each pair of NICs.
std::vector<uint64_t>
Loads(const std::vector<NicPair>& nics, const std::vector<GpuDemand>& demand)
{
    std::map<std::pair<uint32_t, uint32_t>, uint64_t> loads;
    for (const auto& transfer : Spread(nics, demand))
    {
        const auto line = LineOf(transfer);
        loads[{line.from.nic, line.to.nic}] += transfer.bytes.Count();
    }
    std::vector<uint64_t> result;
    for (const auto& nic : nics)
    {
        result.push_back(loads[{nic.from, nic.to}]);
    }
    return result;
}

} // namespace

TEST(SpreadOverNics, SharesBytesEvenlyFirstNicsFirst)
{
    const std::vector<NicPair> nics{{2, 3}, {6, 7}, {0, 0}};
    EXPECT_EQ(Loads(nics, {Entry(5, 5, 9)}), (std::vector<uint64_t>{3, 3, 3}));
    EXPECT_EQ(Loads(nics, {Entry(5, 5, 11)}), (std::vector<uint64_t>{4, 4, 3}));
    EXPECT_EQ(Loads(nics, {Entry(5, 5, 2)}), (std::vector<uint64_t>{1, 1, 0}));
    EXPECT_EQ(Loads({{4, 4}}, {Entry(0, 7, 1000), Entry(7, 0, 1)}), std::vector<uint64_t>{1001});
}

TEST(SpreadOverNics, LeavesEveryByteBetweenItsGpus)
{
    // 200 random demands over random NICs; every entry goes out whole, loads differ by one at most.
    std::mt19937 random(11);
    for (int round = 0; round < 200; ++round)
    {
        std::vector<NicPair> nics;
        for (uint32_t nic = 0; nic < 8; ++nic)
        {
            if (nic == 3 || random() % 2 == 0)
            {
                nics.push_back({nic, nic ^ static_cast<uint32_t>(round % 8)});
            }
        }
        std::map<std::pair<uint32_t, uint32_t>, uint64_t> left;
        std::vector<GpuDemand> demand;
        uint64_t total = 0;
        for (uint32_t pair = random() % 8; pair < 64; pair += 1 + random() % 9)
        {
            const uint64_t bytes = 1 + random() % 1000;
            demand.push_back(Entry(pair / 8, pair % 8, bytes));
            left[{pair / 8, pair % 8}] = bytes;
            total += bytes;
        }
        for (const auto load : Loads(nics, demand))
        {
            EXPECT_GE(load, total / nics.size());
            EXPECT_LE(load, (total + nics.size() - 1) / nics.size());
        }
        for (const auto& transfer : Spread(nics, demand))
        {
            EXPECT_GT(transfer.bytes, Bytes(0));
            left[{transfer.source.gpu, transfer.destination.gpu}] -= transfer.bytes.Count();
        }
        for (const auto& [gpus, bytes] : left)
        {
            EXPECT_EQ(bytes, 0U);
        }
    }
}

TEST(SpreadOverNics, TakesTheOwnSideFirstAndTheOwnNicThere)
{
    // NICs 1 and 2 in half 0, NIC 5 in half 1; GPUs 1, 2 and 6 have a third each.
    const auto transfers =
        Spread({{1, 1}, {2, 2}, {5, 5}}, {Entry(6, 6, 10), Entry(2, 2, 10), Entry(1, 1, 10)});
    std::map<uint32_t, uint32_t> nicOf;
    for (const auto& transfer : transfers)
    {
        nicOf[transfer.source.gpu] = LineOf(transfer).from.nic;
    }
    EXPECT_EQ(transfers.size(), 3U);
    EXPECT_EQ(nicOf, (std::map<uint32_t, uint32_t>{{1, 1}, {2, 2}, {6, 5}}));
}

TEST(SpreadOverNics, AddsToWhatIsThere)
{
    std::vector<Transfer> transfers;
    SpreadOverNics(PlanHost({}), {{0, 0}}, {Entry(0, 0, 1)}, transfers);
    SpreadOverNics(PlanHost({}), {{0, 0}}, {Entry(0, 0, 2)}, transfers);
    ASSERT_EQ(transfers.size(), 2U);
    EXPECT_EQ(transfers[0].bytes, Bytes(1));
    EXPECT_EQ(transfers[1].bytes, Bytes(2));
    SpreadOverNics(PlanHost({}), {{0, 0}}, {}, transfers);
    EXPECT_EQ(transfers.size(), 2U);
}
