/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/max-min-rates.h"

#include "ns3/fair-shares.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

using namespace mixnetcore;
using namespace mixnetcore::tests;

namespace
{

/// Flows that come and go, and their rates.
struct Network
{
    /// @param slack As with FairShares.
    explicit Network(double slack = 0)
        : shares(graph, components, slack)
    {
    }

    /// @param flow Number of a new flow. @param resources What it crosses. @param weight Its
    /// weight.
    void Add(uint32_t flow, const ResourceList& resources, double weight = 1)
    {
        graph.SetResources(flow, resources);
        graph.Attach(flow);
        components.Join(flow);
        shares.Add(flow, weight);
    }

    /// @param flow A flow that leaves.
    void Remove(uint32_t flow)
    {
        graph.Detach(flow);
        shares.Remove(flow);
        components.Leave(flow);
    }

    FlowGraph graph;                  //!< flows and resources
    FlowComponents components{graph}; //!< of them
    FairShares shares;                //!< rates
};

/// @param flows What flows cross, by number. @param capacities Of resources.
/// @return rates of all flows, from scratch.
std::map<uint32_t, double>
FromScratch(const std::map<uint32_t, FlowDemand>& flows, const std::vector<double>& capacities)
{
    std::vector<FlowDemand> demands;
    for (const auto& [number, demand] : flows)
    {
        demands.push_back(demand);
    }
    const auto rates = MaxMinRates(capacities, demands);
    std::map<uint32_t, double> result;
    for (const auto& [number, demand] : flows)
    {
        result.emplace_hint(result.end(), number, rates[result.size()]);
    }
    return result;
}

TEST(FairShares, SolvesOnlyFlowsThatLoseTheirBottleneck)
{
    // Two full links of 10, joined by a flow that a link of 1 holds back: 1 + 9, and 1 + 3 * 3.
    Network network;
    const auto left = network.graph.AddResource(10);
    const auto right = network.graph.AddResource(10);
    const auto narrow = network.graph.AddResource(1);
    network.Add(0, {left, right, narrow});
    network.Add(1, {left});
    for (const uint32_t flow : {2, 3, 4})
    {
        network.Add(flow, {right});
    }
    network.shares.Solve();
    EXPECT_DOUBLE_EQ(network.shares.Rate(0), 1);
    EXPECT_DOUBLE_EQ(network.shares.Rate(1), 9);
    EXPECT_DOUBLE_EQ(network.shares.Rate(3), 3);
    network.Remove(2);
    EXPECT_EQ(network.shares.Solve(), (std::vector<uint32_t>{4, 3}))
        << "neither the joint flow nor what is behind it";
    EXPECT_DOUBLE_EQ(network.shares.Rate(3), 4.5);
    EXPECT_TRUE(network.shares.Solve().empty());
}

/**
 * @brief A flow of its own leaves the first link of a chain; flow k crosses links k and k + 1.
 * @param capacities Of the links.
 * @param reached Flows that are to be solved again.
 * @return rates before and after.
 */
std::array<std::vector<double>, 2>
RatesWhenAFlowLeaves(const std::vector<double>& capacities, const std::set<uint32_t>& reached)
{
    const auto joint = static_cast<uint32_t>(capacities.size() - 1);
    Network network;
    for (const auto capacity : capacities)
    {
        network.graph.AddResource(capacity);
    }
    for (uint32_t flow = 0; flow < joint; ++flow)
    {
        network.Add(flow, {flow, flow + 1});
    }
    network.Add(joint, {0});
    std::array<std::vector<double>, 2> rates;
    for (auto& now : rates)
    {
        const auto solved = network.shares.Solve();
        for (uint32_t flow = 0; flow < joint; ++flow)
        {
            now.push_back(network.shares.Rate(flow));
        }
        if (&now == &rates[0])
        {
            network.Remove(joint);
        }
        else
        {
            EXPECT_EQ(std::set<uint32_t>(solved.begin(), solved.end()), reached);
        }
    }
    return rates;
}

TEST(FairShares, AChangeReachesAsFarAsRatesDo)
{
    // Before, the first link gives its two flows 1 each, and every other what the flow from the
    // link before leaves. Then flow 0 may have half of link 1, and who gets less there leaves more
    // to the next.
    const auto [before, after] = RatesWhenAFlowLeaves({2, 3, 5, 7, 9, 11, 100}, {0, 1, 2, 3, 4, 5});
    EXPECT_EQ(before, (std::vector<double>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(after, (std::vector<double>{1.5, 1.5, 3.5, 3.5, 5.5, 5.5}));
}

TEST(FairShares, AChangeReachesNoFurtherThanALinkThatIsNotFull)
{
    const auto [before, after] = RatesWhenAFlowLeaves({2, 3, 100, 7, 9, 11, 100}, {0, 1});
    EXPECT_EQ(before, (std::vector<double>{1, 2, 3.5, 3.5, 5.5, 5.5}));
    EXPECT_EQ(after, (std::vector<double>{1.5, 1.5, 3.5, 3.5, 5.5, 5.5}));
}

/**
 * @param slack As with FairShares. @param check Called after each solution, with the network, the
 * flows that are there, and the capacities.
 * @brief Has flows come and go at random in crossbars with a bundle in the middle, and weights and
 * capacities change.
 */
void
Disturb(double slack,
        const std::function<void(const Network&,
                                 const std::map<uint32_t, FlowDemand>&,
                                 const std::vector<double>&)>& check)
{
    constexpr uint32_t PORTS = 12;
    for (uint32_t seed = 0; seed < 25; ++seed)
    {
        std::mt19937 random(seed);
        Network network(slack);
        std::vector<double> capacities;
        for (uint32_t resource = 0; resource < 2 * PORTS + 2; ++resource)
        {
            // Senders, receivers, and two bundles that most flows share.
            capacities.push_back(resource < 2 * PORTS ? 100.0 + 10 * (random() % 3) : 450);
            network.graph.AddResource(capacities.back());
        }
        std::map<uint32_t, FlowDemand> flows;
        for (int step = 0; step < 250; ++step)
        {
            for (auto changes = 1 + random() % 4; changes-- > 0;)
            {
                const uint32_t flow = random() % (PORTS * PORTS);
                const auto kind = random() % 16;
                if (kind == 0 && flows.count(flow) > 0)
                {
                    flows[flow].weight = 0.25 * (1 + random() % 8);
                    network.shares.SetWeight(flow, flows[flow].weight);
                }
                else if (kind == 1)
                {
                    const uint32_t resource = random() % capacities.size();
                    capacities[resource] = random() % 4 == 0 ? 0 : 50.0 + random() % 100;
                    network.graph.SetCapacity(resource, capacities[resource]);
                    network.shares.ChangeCapacity(resource);
                }
                else if (flows.erase(flow) > 0)
                {
                    network.Remove(flow);
                }
                else
                {
                    const uint32_t from = flow / PORTS;
                    const uint32_t to = flow % PORTS;
                    FlowDemand demand{{from, PORTS + to}, random() % 4 ? 1.0 : 0.5};
                    if (from % 2 != to % 2)
                    {
                        demand.resources.push_back(2 * PORTS + from % 2);
                    }
                    network.Add(flow,
                                ResourceList(demand.resources.begin(), demand.resources.end()),
                                demand.weight);
                    flows[flow] = demand;
                }
            }
            network.components.Split();
            network.shares.Solve();
            check(network, flows, capacities);
        }
    }
}

TEST(FairShares, WhateverComesAndGoesRatesAreThoseFromScratch)
{
    Disturb(0, [](const auto& network, const auto& flows, const auto& capacities) {
        for (const auto& [number, rate] : FromScratch(flows, capacities))
        {
            ASSERT_NEAR(network.shares.Rate(number), rate, 1e-8 * (1 + rate)) << number;
        }
    });
}

TEST(FairShares, WithSlackEachFlowHasABottleneckToThatPartAndNothingIsOverloaded)
{
    constexpr double SLACK = 0.01;
    Disturb(SLACK, [](const auto& network, const auto& flows, const auto& capacities) {
        std::vector<double> used(capacities.size());
        std::vector<double> highest(capacities.size());
        for (const auto& [number, demand] : flows)
        {
            for (const auto resource : demand.resources)
            {
                const double rate = network.shares.Rate(number);
                used[resource] += rate;
                highest[resource] = std::max(highest[resource], rate / demand.weight);
            }
        }
        for (size_t resource = 0; resource < capacities.size(); ++resource)
        {
            ASSERT_LE(used[resource], capacities[resource] * (1 + 1e-9) + 1e-9) << resource;
        }
        for (const auto& [number, demand] : flows)
        {
            const double level = network.shares.Rate(number) / demand.weight;
            const bool hasBottleneck = std::any_of(
                demand.resources.begin(),
                demand.resources.end(),
                [&, own = level](uint32_t resource) {
                    return used[resource] >= capacities[resource] * (1 - SLACK - 1e-9) &&
                           own >= highest[resource] * (1 - 2.5 * SLACK);
                });
            ASSERT_TRUE(hasBottleneck) << number << " at " << level;
        }
    });
}

} // namespace
