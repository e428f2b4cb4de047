/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/flow-components.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/// Flows and their components, kept together.
struct TiedFlows
{
    FlowGraph graph;                  //!< flows and resources
    FlowComponents components{graph}; //!< of them

    /// @param flow Number of a new flow. @param resources What it crosses.
    void Add(uint32_t flow, const ResourceList& resources)
    {
        graph.SetResources(flow, resources);
        graph.Attach(flow);
        components.Join(flow);
    }

    /// @param flow A flow that leaves.
    void Remove(uint32_t flow)
    {
        graph.Detach(flow);
        components.Leave(flow);
    }
};

/// @param flows What flows cross, by number. @param graph Tells which resources are finite.
/// @return for each flow the lowest that it is tied to, found by repeated comparison.
std::map<uint32_t, uint32_t>
TiedTo(const std::map<uint32_t, ResourceList>& flows, const FlowGraph& graph)
{
    std::map<uint32_t, uint32_t> lowest;
    for (const auto& [flow, resources] : flows)
    {
        lowest[flow] = flow;
    }
    for (bool changed = true; changed;)
    {
        changed = false;
        for (const auto& [one, crossed] : flows)
        {
            for (const auto& [other, resources] : flows)
            {
                const bool isTied =
                    std::any_of(crossed.begin(), crossed.end(), [&, &all = resources](uint32_t r) {
                        return graph.IsFinite(r) &&
                               std::find(all.begin(), all.end(), r) != all.end();
                    });
                if (isTied && lowest[one] != lowest[other])
                {
                    lowest[one] = lowest[other] = std::min(lowest[one], lowest[other]);
                    changed = true;
                }
            }
        }
    }
    return lowest;
}

TEST(FlowGraph, ListsAttachedFlowsAtTheirResources)
{
    FlowGraph graph;
    const auto a = graph.AddResource(1);
    const auto b = graph.AddResource(FlowGraph::UNLIMITED);
    EXPECT_TRUE(graph.IsFinite(a));
    EXPECT_FALSE(graph.IsFinite(b));
    for (const uint32_t flow : {0, 1, 2})
    {
        graph.SetResources(flow, {a, b});
        EXPECT_TRUE(graph.FlowsAt(a).size() == flow);
        graph.Attach(flow);
    }
    graph.Detach(0);
    std::set<uint32_t> left;
    for (const auto& [flow, index] : graph.FlowsAt(b))
    {
        EXPECT_EQ(graph.ResourcesOf(flow)[index].resource, b);
        left.insert(flow);
    }
    EXPECT_EQ(left, (std::set<uint32_t>{1, 2}));
    EXPECT_FALSE(graph.SetCapacity(a, 1));
    EXPECT_TRUE(graph.SetCapacity(a, 2));
    EXPECT_EQ(graph.Capacity(a), 2);
}

TEST(FlowGraph, AFlowMayCrossMoreOrLessWhileOthersStay)
{
    constexpr uint32_t FLOWS = 20;
    constexpr uint32_t RESOURCES = 12;
    std::mt19937 random(5);
    FlowGraph graph;
    for (uint32_t resource = 0; resource < RESOURCES; ++resource)
    {
        graph.AddResource(1);
    }
    std::map<uint32_t, std::vector<uint32_t>> attached; // flow: what it crosses
    for (int step = 0; step < 2000; ++step)
    {
        const uint32_t flow = random() % FLOWS;
        if (attached.erase(flow) > 0)
        {
            graph.Detach(flow);
        }
        else
        {
            std::vector<uint32_t> crossed(RESOURCES);
            std::iota(crossed.begin(), crossed.end(), 0);
            std::shuffle(crossed.begin(), crossed.end(), random);
            crossed.resize(random() % (RESOURCES + 1));
            graph.SetResources(flow, ResourceList(crossed.begin(), crossed.end()));
            graph.Attach(flow);
            attached[flow] = crossed;
        }
        std::vector<std::set<uint32_t>> flowsAt(RESOURCES);
        for (const auto& [other, crossed] : attached)
        {
            ASSERT_EQ(graph.ResourcesOf(other).size(), crossed.size());
            for (size_t index = 0; index < crossed.size(); ++index)
            {
                ASSERT_EQ(graph.ResourcesOf(other)[index].resource, crossed[index]);
                flowsAt[crossed[index]].insert(other);
            }
        }
        for (uint32_t resource = 0; resource < RESOURCES; ++resource)
        {
            std::set<uint32_t> listed;
            for (const auto& crossing : graph.FlowsAt(resource))
            {
                listed.insert(crossing.flow);
            }
            ASSERT_EQ(graph.FlowsAt(resource).size(), listed.size());
            ASSERT_EQ(listed, flowsAt[resource]);
        }
    }
}

TEST(FlowGraph, RefusesResourcesThatDoNotExistAndCapacitiesThatAreNone)
{
    FlowGraph graph;
    EXPECT_THROW(graph.SetResources(0, {0}), std::invalid_argument);
    EXPECT_THROW(graph.AddResource(-1), std::invalid_argument);
    const auto resource = graph.AddResource(1);
    EXPECT_THROW(graph.SetCapacity(resource, std::nan("")), std::invalid_argument);
}

TEST(FlowComponents, AFlowTiesTogetherWhatItCrosses)
{
    TiedFlows network;
    const auto a = network.graph.AddResource(1);
    const auto b = network.graph.AddResource(1);
    network.Add(0, {a});
    network.Add(1, {b});
    EXPECT_NE(network.components.Of(0), network.components.Of(1));
    EXPECT_EQ(network.components.At(a), network.components.Of(0));
    network.Add(2, {a, b});
    EXPECT_EQ(network.components.Of(0), network.components.Of(1));
    EXPECT_EQ(network.components.Of(0), network.components.Of(2));
    EXPECT_EQ(network.components.Size(network.components.Of(0)), 3U);
    EXPECT_EQ(network.components.At(b), network.components.Of(0));
}

TEST(FlowComponents, WithoutALimitAResourceTiesNothingUntilItHasOne)
{
    TiedFlows network;
    const auto endless = network.graph.AddResource(FlowGraph::UNLIMITED);
    network.Add(0, {endless});
    network.Add(1, {endless});
    EXPECT_NE(network.components.Of(0), network.components.Of(1));
    network.graph.SetCapacity(endless, 5);
    network.components.Tie(endless);
    EXPECT_EQ(network.components.Of(0), network.components.Of(1));
}

TEST(FlowComponents, PartsAreFoundWhenMoreThanHalfHasGone)
{
    // A chain 0 - 2 - 1: without its middle it is in parts, but only one of three has gone.
    TiedFlows network;
    const auto a = network.graph.AddResource(1);
    const auto b = network.graph.AddResource(1);
    network.Add(0, {a});
    network.Add(1, {b});
    network.Add(2, {a, b});
    network.Add(3, {a});
    network.components.ClearMoved();
    network.Remove(2);
    network.components.Split();
    EXPECT_EQ(network.components.Of(0), network.components.Of(1));
    EXPECT_TRUE(network.components.Moved().empty());
    network.Remove(3);
    network.components.Split();
    EXPECT_EQ(network.components.Of(0), network.components.Of(1)) << "half is not more than half";
    network.Add(4, {b});
    network.Remove(4);
    network.components.Split();
    EXPECT_NE(network.components.Of(0), network.components.Of(1));
    EXPECT_EQ(network.components.Moved().back(), 1U);
    EXPECT_EQ(network.components.Of(2), FlowComponents::NONE);
}

TEST(FlowComponents, WhateverComesAndGoesWhatIsTiedIsInOneComponentAndSlotsHoldTheirFlows)
{
    for (uint32_t seed = 0; seed < 40; ++seed)
    {
        std::mt19937 random(seed);
        TiedFlows network;
        for (int resource = 0; resource < 25; ++resource)
        {
            network.graph.AddResource(random() % 8 == 0 ? FlowGraph::UNLIMITED : 1);
        }
        std::map<uint32_t, ResourceList> flows;
        std::vector<uint32_t> numbers(60);
        std::iota(numbers.begin(), numbers.end(), 0);
        for (int step = 0; step < 400; ++step)
        {
            const uint32_t flow = random() % numbers.size();
            if (flows.erase(flow) > 0)
            {
                network.Remove(flow);
            }
            else
            {
                ResourceList resources;
                for (auto count = 1 + random() % 2; count-- > 0;)
                {
                    const uint32_t resource = random() % 25;
                    if (std::find(resources.begin(), resources.end(), resource) == resources.end())
                    {
                        resources.push_back(resource);
                    }
                }
                flows[flow] = resources;
                network.Add(flow, resources);
            }
            if (random() % 3 == 0)
            {
                network.components.Split();
                network.components.ClearMoved();
            }
            std::map<uint32_t, uint32_t> componentOf; // by the lowest flow of what is tied
            std::map<uint32_t, size_t> sizes;
            for (const auto& [one, lowest] : TiedTo(flows, network.graph))
            {
                const auto component = network.components.Of(one);
                ASSERT_EQ(componentOf.try_emplace(lowest, component).first->second, component)
                    << "seed " << seed << " step " << step << " flow " << one;
                ASSERT_EQ(network.components.FlowsOf(component)[network.components.SlotOf(one)],
                          one);
                ++sizes[component];
            }
            for (const auto& [component, size] : sizes)
            {
                ASSERT_EQ(network.components.Size(component), size);
                ASSERT_LE(network.components.FlowsOf(component).size(), 2 * size + 60);
            }
        }
    }
}

TEST(FlowComponents, AResourceForgetsAComponentThatIsGoneWhenAFlowJoinsThere)
{
    // The second flow is attached before the first one leaves, and joins when the component of the
    // first one is gone: that number is free, and the third flow, elsewhere, may get it.
    FlowGraph graph;
    FlowComponents parts(graph);
    const auto here = graph.AddResource(1);
    const auto there = graph.AddResource(1);
    graph.SetResources(0, {here});
    graph.SetResources(1, {here});
    graph.SetResources(2, {there});
    graph.Attach(0);
    parts.Join(0);
    graph.Attach(1);
    graph.Detach(0);
    parts.Leave(0);
    parts.Split();
    parts.Join(1);
    graph.Attach(2);
    parts.Join(2);
    EXPECT_NE(parts.Of(1), parts.Of(2));
    EXPECT_EQ(parts.Size(parts.Of(1)), 1U);
    EXPECT_EQ(parts.Size(parts.Of(2)), 1U);
}

} // namespace
