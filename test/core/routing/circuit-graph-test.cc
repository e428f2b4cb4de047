/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/circuit-graph.h"

#include <gtest/gtest.h>
#include <map>

using namespace mixnetcore;
using tests::Refusal;

namespace
{

/// @param hosts How many. @param steps Of rings, one NIC each. @return circuits of these rings.
std::vector<DirectedCircuit>
Rings(uint32_t hosts, const std::vector<uint32_t>& steps)
{
    std::vector<DirectedCircuit> circuits;
    for (uint32_t nic = 0; nic < steps.size(); ++nic)
    {
        for (uint32_t host = 0; host < hosts; ++host)
        {
            circuits.push_back({{host, nic}, {(host + steps[nic]) % hosts, nic}});
        }
    }
    return circuits;
}

/// @param distance To be made up. @param coins Steps. @param hosts Of the ring.
/// @return the fewest coins that add up to the distance, around the ring.
uint32_t
FewestCoins(uint32_t distance, const std::vector<uint32_t>& coins, uint32_t hosts)
{
    // Dynamic programming over sums up to some times around.
    const uint32_t most = hosts * 8;
    std::vector<uint32_t> fewest(most + 1, 1'000'000);
    fewest[0] = 0;
    uint32_t best = 1'000'000;
    for (uint32_t sum = 0; sum <= most; ++sum)
    {
        for (const auto coin : coins)
        {
            if (sum >= coin)
            {
                fewest[sum] = std::min(fewest[sum], fewest[sum - coin] + 1);
            }
        }
        best = sum % hosts == distance % hosts ? std::min(best, fewest[sum]) : best;
    }
    return best;
}

} // namespace

TEST(CircuitGraph, TakesAsFewStepsOnRingsAsCoinChange)
{
    for (const uint32_t hosts : {8U, 13U, 16U, 31U})
    {
        for (const auto& steps :
             std::vector<std::vector<uint32_t>>{{1}, {1, 3}, {1, 5, 7}, {1, 3, 5, 7}})
        {
            const CircuitGraph graph(hosts, Rings(hosts, steps));
            for (uint32_t to = 1; to < hosts; ++to)
            {
                EXPECT_EQ(graph.Hops(0, to), FewestCoins(to, steps, hosts))
                    << hosts << " hosts, to " << to;
                EXPECT_EQ(graph.Hops(3, (3 + to) % hosts), graph.Hops(0, to)) << "all are alike";
            }
        }
    }
}

TEST(CircuitGraph, FindsPathsThatAreShortestDifferentAndAddUpToAll)
{
    const uint32_t hosts = 16;
    const CircuitGraph graph(hosts, Rings(hosts, {1, 3, 5}));
    for (uint32_t from = 0; from < hosts; ++from)
    {
        for (uint32_t to = 0; to < hosts; ++to)
        {
            const auto paths = graph.Paths(from, to);
            EXPECT_EQ(paths.empty(), from == to);
            double all = 0;
            std::map<std::vector<uint32_t>, int> seen;
            for (const auto& [path, share] : paths)
            {
                EXPECT_EQ(path.front(), from);
                EXPECT_EQ(path.back(), to);
                EXPECT_EQ(path.size(), graph.Hops(from, to) + 1);
                for (size_t hop = 0; hop + 1 < path.size(); ++hop)
                {
                    EXPECT_FALSE(graph.Between(path[hop], path[hop + 1]).empty());
                }
                EXPECT_EQ(++seen[path], 1) << "each path once";
                EXPECT_GT(share, 0);
                all += share;
            }
            EXPECT_TRUE(from == to || std::abs(all - 1) < 1e-12);
            EXPECT_LE(paths.size(), CircuitGraph::MOST_PATHS);
        }
    }
}

TEST(CircuitGraph, SplitsByTheCircuitsThatBeginAPath)
{
    // Two circuits to host 1, one to host 2, and from both one to host 3.
    const CircuitGraph graph(
        4,
        {{{0, 0}, {1, 0}}, {{0, 1}, {1, 1}}, {{0, 2}, {2, 2}}, {{1, 3}, {3, 3}}, {{2, 3}, {3, 2}}});
    std::map<uint32_t, double> over;
    for (const auto& [path, share] : graph.Paths(0, 3))
    {
        over[path.at(1)] = share;
    }
    EXPECT_DOUBLE_EQ(over[1], 2.0 / 3);
    EXPECT_DOUBLE_EQ(over[2], 1.0 / 3);
}

TEST(CircuitGraph, KnowsThatOneWayCircuitsDoNotLeadBack)
{
    const CircuitGraph graph(3, {{{0, 0}, {1, 0}}, {{1, 0}, {2, 0}}});
    EXPECT_EQ(graph.Hops(0, 2), 2U);
    EXPECT_EQ(graph.Hops(2, 0), CircuitGraph::NONE);
    EXPECT_TRUE(graph.Paths(2, 0).empty());
    EXPECT_EQ(graph.Diameter(), CircuitGraph::NONE);
    EXPECT_EQ(CircuitGraph(3, Rings(3, {1})).Diameter(), 2U);
}

TEST(CircuitGraph, ReadsCircuitsOfAllSlotsAndFibresBetweenNics)
{
    FabricPlan plan;
    plan.host.gpus = 2;
    const BitsPerSecond rate(1'000'000'000);
    plan.host.nics = {{NicRole::Optical, 0, 0, rate}, {NicRole::Optical, 1, 0, rate}};
    AddHosts(plan, 3);
    AddSwitch(plan,
              {{0, 0}, {1, 0}, {2, 0}},
              {NodeRole::OpticalCircuitSwitch, "ocs0", 1},
              Picoseconds(0)); // port 0 of the switch stays free
    plan.links.push_back({{0, 1}, {2, 1}, rate, Picoseconds(0)});
    plan.schedules = {{3,
                       {{CircuitConfiguration({{1, 2}}), Picoseconds(1)},
                        {CircuitConfiguration({}, {{3, 1}}), Picoseconds(1)},
                        {CircuitConfiguration({{1, 2}}), Picoseconds(1)}},
                       Picoseconds(0)}};
    std::vector<std::array<uint32_t, 4>> found;
    for (const auto& [from, to] : CircuitsOf(plan))
    {
        found.push_back({from.host, from.nic, to.host, to.nic});
    }
    EXPECT_EQ(found,
              (std::vector<std::array<uint32_t, 4>>{{0, 0, 1, 0},
                                                    {0, 1, 2, 1},
                                                    {1, 0, 0, 0},
                                                    {2, 0, 0, 0},
                                                    {2, 1, 0, 1}}));
    plan.schedules[0].slots[0].circuits = CircuitConfiguration({{0, 1}});
    EXPECT_EQ(Refusal([&] { CircuitsOf(plan); }), "a circuit at port 0 of ocs0: no NIC ends there");
}
