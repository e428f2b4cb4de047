/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fluid-network.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <random>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

constexpr double INFINITE = std::numeric_limits<double>::infinity();

/// @param seconds A span of time. @return the same.
Picoseconds
InPicoseconds(double seconds)
{
    return Picoseconds(std::llround(seconds * 1e12));
}

/// What a test knows of a flow.
struct Known
{
    std::vector<uint32_t> resources; //!< what it crosses
    double weight;                   //!< how many flows
    bool held;                       //!< whether it is held up
};

/**
 * @param capacities Of the resources. @param flows All flows. @return their rates, from scratch.
 */
std::map<uint32_t, double>
SolveAll(const std::vector<double>& capacities, const std::map<uint32_t, Known>& flows)
{
    std::vector<FlowDemand> demands;
    for (const auto& [number, flow] : flows)
    {
        if (!flow.held)
        {
            demands.push_back({flow.resources, flow.weight});
        }
    }
    const auto rates = MaxMinRates(capacities, demands);
    std::map<uint32_t, double> result;
    size_t next = 0;
    for (const auto& [number, flow] : flows)
    {
        result[number] = flow.held ? 0 : rates[next++];
    }
    return result;
}

TEST(FluidNetwork, AloneAFlowTakesItsBytesOverTheSmallestCapacity)
{
    FluidNetwork network;
    const auto wide = network.AddResource(1000);
    const auto narrow = network.AddResource(100);
    const auto flow = network.AddFlow(Picoseconds(0), {wide, narrow}, 1, 50);
    network.Solve(Picoseconds(0));
    EXPECT_EQ(network.Rate(flow), 100);
    EXPECT_EQ(network.NextEnd(), InPicoseconds(0.5));
    EXPECT_EQ(network.TakeEnded(InPicoseconds(0.5)), std::vector<uint32_t>{flow});
    EXPECT_EQ(network.Size(), 0U);
    network.Solve(InPicoseconds(0.5));
    EXPECT_EQ(network.NextEnd(), FluidNetwork::NEVER);
}

TEST(FluidNetwork, TheLongerOfTwoFlowsSpeedsUpWhenTheShorterEnds)
{
    // 100 B/s: 50 each; 20 B are over after 0.4 s, then 60 - 20 = 40 B more at 100 B/s.
    FluidNetwork network;
    const auto link = network.AddResource(100);
    const auto brief = network.AddFlow(Picoseconds(0), {link}, 1, 20);
    const auto longer = network.AddFlow(Picoseconds(0), {link}, 1, 60);
    network.Solve(Picoseconds(0));
    ASSERT_EQ(network.NextEnd(), InPicoseconds(0.4));
    EXPECT_EQ(network.TakeEnded(network.NextEnd()), std::vector<uint32_t>{brief});
    network.Solve(InPicoseconds(0.4));
    EXPECT_EQ(network.NextEnd(), InPicoseconds(0.8));
    EXPECT_EQ(network.TakeEnded(network.NextEnd()), std::vector<uint32_t>{longer});
}

TEST(FluidNetwork, AHeldFlowMovesNothingAndLeavesItsShareToOthers)
{
    FluidNetwork network;
    const auto link = network.AddResource(100);
    const auto held = network.AddFlow(Picoseconds(0), {link}, 1, 100);
    const auto other = network.AddFlow(Picoseconds(0), {link}, 1, 100);
    network.Solve(Picoseconds(0));
    network.SetHeld(held, true); // after 0.5 s: 75 B are left of each
    network.Solve(InPicoseconds(0.5));
    EXPECT_EQ(network.Rate(held), 0);
    EXPECT_EQ(network.NextEnd(), InPicoseconds(1.25));
    EXPECT_EQ(network.TakeEnded(network.NextEnd()), std::vector<uint32_t>{other});
    network.Solve(InPicoseconds(1.25));
    EXPECT_EQ(network.NextEnd(), FluidNetwork::NEVER);
    network.SetHeld(held, false);
    network.Solve(InPicoseconds(2));
    EXPECT_EQ(network.NextEnd(), InPicoseconds(2.75));
}

TEST(FluidNetwork, ZeroCapacityStopsAFlowUntilItIsBack)
{
    FluidNetwork network;
    const auto link = network.AddResource(100);
    const auto flow = network.AddFlow(Picoseconds(0), {link}, 1, 100);
    network.Solve(Picoseconds(0));
    network.SetCapacity(link, 0);
    network.Solve(InPicoseconds(0.25));
    EXPECT_EQ(network.NextEnd(), FluidNetwork::NEVER);
    EXPECT_DOUBLE_EQ(network.Left(flow, InPicoseconds(3)), 75);
    network.SetCapacity(link, 50);
    network.Solve(InPicoseconds(3));
    EXPECT_EQ(network.NextEnd(), InPicoseconds(4.5));
}

TEST(FluidNetwork, RepeatsNoMoreThanWasCarried)
{
    FluidNetwork network;
    const auto link = network.AddResource(100);
    const auto flow = network.AddFlow(Picoseconds(0), {link}, 1, 100);
    network.Solve(Picoseconds(0));
    EXPECT_DOUBLE_EQ(network.Repeat(flow, 10, InPicoseconds(0.5)), 10);
    EXPECT_DOUBLE_EQ(network.Repeat(flow, 1000, InPicoseconds(0.5)), 40);
    network.Solve(InPicoseconds(0.5));
    EXPECT_EQ(network.NextEnd(), InPicoseconds(1.5));
}

TEST(FluidNetwork, AdvancesToWhatIsToBeKept)
{
    FluidNetwork network;
    const auto link = network.AddResource(100);
    const auto flow = network.AddFlow(Picoseconds(0), {link}, 1, 100);
    network.Solve(Picoseconds(0));
    network.Advance(flow, 30, 10, InPicoseconds(0.2)); // 80 B are left
    EXPECT_DOUBLE_EQ(network.Left(flow, InPicoseconds(0.2)), 50);
    network.Solve(InPicoseconds(0.2));
    EXPECT_EQ(network.NextEnd(), InPicoseconds(0.7));
    network.Advance(flow, 1000, 10, InPicoseconds(0.3));
    EXPECT_DOUBLE_EQ(network.Left(flow, InPicoseconds(0.3)), 10);
    network.Advance(flow, 1000, 20, InPicoseconds(0.3));
    EXPECT_DOUBLE_EQ(network.Left(flow, InPicoseconds(0.3)), 10) << "no more than there is";
}

TEST(FluidNetwork, WithoutALimitOrWithoutBytesAFlowEndsAtOnce)
{
    FluidNetwork network;
    const auto unlimited = network.AddResource(INFINITE);
    const auto link = network.AddResource(100);
    network.AddFlow(Picoseconds(7), {unlimited}, 1, 1e9);
    network.AddFlow(Picoseconds(7), {}, 1, 1e9);
    network.AddFlow(Picoseconds(7), {link}, 1, 0);
    network.Solve(Picoseconds(7));
    EXPECT_EQ(network.NextEnd(), Picoseconds(7));
    EXPECT_EQ(network.TakeEnded(Picoseconds(7)).size(), 3U);
}

TEST(FluidNetwork, WithAToleranceFlowsThatEndAlmostTogetherEndTogether)
{
    // Alike but for a thousandth: at 50 B/s each the second has 0.05 B to go of 50.05 B.
    for (const bool tolerant : {false, true})
    {
        FluidNetwork network(tolerant ? 0.001 : 0);
        const auto link = network.AddResource(100);
        network.AddFlow(Picoseconds(0), {link}, 1, 50);
        network.AddFlow(Picoseconds(0), {link}, 1, 50.05);
        network.Solve(Picoseconds(0));
        EXPECT_EQ(network.TakeEnded(network.NextEnd()).size(), tolerant ? 2U : 1U);
        EXPECT_EQ(network.EarlyEnds(), tolerant ? 1U : 0U);
    }
}

TEST(FluidNetwork, TheToleranceIsAPartOfTheLongestFlowButLimitedByTheFlowsOwnDuration)
{
    // Four flows at 25 B/s end at 1 s (25 B), 1.09 s, 1.2 s if nothing sped up; the last, of 250 B,
    // at 10 s makes 1 % of the longest 0.1 s. At 1 s the second is due (0.09 s early, 8.3 % of its
    // own), the third is not (0.2 s early).
    FluidNetwork network(0.01);
    const auto link = network.AddResource(100);
    const auto first = network.AddFlow(Picoseconds(0), {link}, 1, 25);
    const auto second = network.AddFlow(Picoseconds(0), {link}, 1, 25 * 1.09);
    network.AddFlow(Picoseconds(0), {link}, 1, 25 * 1.2);
    network.AddFlow(Picoseconds(0), {link}, 1, 250);
    network.Solve(Picoseconds(0));
    ASSERT_EQ(network.NextEnd(), InPicoseconds(1));
    EXPECT_EQ(network.TakeEnded(InPicoseconds(1)), (std::vector<uint32_t>{first, second}));

    // The same with ends at 0.1 and 0.115 s: 0.015 s is less than 0.1 s, but 13 % of 0.115 s.
    FluidNetwork brief(0.01);
    const auto line = brief.AddResource(100);
    brief.AddFlow(Picoseconds(0), {line}, 1, 2.5);
    brief.AddFlow(Picoseconds(0), {line}, 1, 2.5 * 1.15);
    brief.AddFlow(Picoseconds(0), {line}, 2, 500);
    brief.Solve(Picoseconds(0));
    ASSERT_EQ(brief.NextEnd(), InPicoseconds(0.1));
    EXPECT_EQ(brief.TakeEnded(InPicoseconds(0.1)).size(), 1U);
}

TEST(FluidNetwork, RefusesWhatIsOutOfRange)
{
    EXPECT_THROW(FluidNetwork(-0.1), std::invalid_argument);
    EXPECT_THROW(FluidNetwork(1.1), std::invalid_argument);
    FluidNetwork network;
    EXPECT_THROW(network.AddResource(-1), std::invalid_argument);
    const auto link = network.AddResource(1);
    EXPECT_THROW(network.SetCapacity(link, std::nan("")), std::invalid_argument);
    EXPECT_THROW(network.AddFlow(Picoseconds(0), {link + 1}, 1, 1), std::invalid_argument);
    EXPECT_THROW(network.AddFlow(Picoseconds(0), {link}, 0, 1), std::invalid_argument);
    EXPECT_THROW(network.AddFlow(Picoseconds(0), {link}, 1, -1), std::invalid_argument);
}

TEST(FluidNetwork, RatesAreThoseOfAllFlowsSolvedFromScratchAndNoByteIsLost)
{
    // Every other problem begins with many flows, of which most only end: components that go on
    // from their last solution.
    for (uint32_t seed = 0; seed < 120; ++seed)
    {
        std::mt19937 random(seed);
        uint32_t first = seed % 2 ? 20 + random() % 200 : 0;
        FluidNetwork network;
        std::vector<double> capacities;
        const uint32_t count = 2 + random() % 25;
        const auto draw = [&] {
            const auto kind = random() % 12;
            return kind == 0 ? 0.0 : kind == 1 ? INFINITE : 10.0 + random() % 90;
        };
        for (uint32_t r = 0; r < count; ++r)
        {
            capacities.push_back(draw());
            network.AddResource(capacities.back());
        }
        std::map<uint32_t, Known> flows;
        std::map<uint32_t, double> left; // by the rates from scratch
        Picoseconds now(0);
        const auto drawWay = [&] {
            std::vector<uint32_t> way;
            for (uint32_t r = 0; r < count; ++r)
            {
                if (random() % count < 2 && capacities[r] < INFINITE)
                {
                    way.push_back(r);
                }
            }
            return way;
        };
        for (uint32_t step = 0; step < 300; ++step)
        {
            // As far as the next end, or less.
            auto next = now + Picoseconds(random() % 500'000'000'000);
            next = std::min(next, network.NextEnd());
            for (const auto& [number, rate] : SolveAll(capacities, flows))
            {
                left[number] =
                    rate < INFINITE ? left[number] - rate * (next - now).count() * 1e-12 : 0;
            }
            now = next;
            for (const auto number : network.TakeEnded(now))
            {
                ASSERT_NEAR(std::max(0.0, left[number]), 0, 1e-6);
                flows.erase(number);
                left.erase(number);
            }
            const bool isQuiet = seed % 2 && step > 0 && random() % 16 != 0;
            for (auto changes = isQuiet ? 0 : first + random() % 4; changes-- > 0;)
            {
                const auto kind = first > 0 ? 0 : random() % 7;
                first -= first > 0 ? 1 : 0;
                if (kind < 2 || flows.empty())
                {
                    const Known flow{drawWay(), 0.5 * (1 + random() % 4), false};
                    const double bytes = 1 + random() % 100;
                    const ResourceList way(flow.resources.begin(), flow.resources.end());
                    const auto number = network.AddFlow(now, way, flow.weight, bytes);
                    flows[number] = flow;
                    left[number] = bytes;
                    continue;
                }
                const auto chosen = std::next(flows.begin(), random() % flows.size());
                if (kind == 2)
                {
                    const double rest = network.RemoveFlow(chosen->first, now);
                    ASSERT_NEAR(rest, std::max(0.0, left[chosen->first]), 1e-6);
                    left.erase(chosen->first);
                    flows.erase(chosen);
                }
                else if (kind == 3)
                {
                    chosen->second.held = !chosen->second.held;
                    network.SetHeld(chosen->first, chosen->second.held);
                }
                else if (kind == 4)
                {
                    chosen->second.weight = 0.5 * (1 + random() % 4);
                    network.SetWeight(chosen->first, chosen->second.weight);
                }
                else if (kind == 5)
                {
                    const auto way = drawWay();
                    chosen->second.resources = way;
                    network.SetResources(chosen->first, ResourceList(way.begin(), way.end()));
                }
                else
                {
                    const auto r = random() % count;
                    capacities[r] = draw();
                    network.SetCapacity(r, capacities[r]);
                }
            }
            network.Solve(now);
            ASSERT_EQ(network.Size(), flows.size());
            for (const auto& [number, rate] : SolveAll(capacities, flows))
            {
                const double got = network.Rate(number);
                ASSERT_TRUE(got == rate || std::abs(got - rate) <= 1e-8 * rate)
                    << "seed " << seed << " step " << step << " flow " << number << ": " << got
                    << " instead of " << rate;
            }
        }
    }
}

TEST(FluidNetwork, DisjointComponentsCostInProportionToTheirSize)
{
    // Pairs of flows on a link each: every crossing is solved when the pair comes, and the second
    // one again when the first has ended. Ends of all pairs differ.
    constexpr uint32_t PAIRS = 500'000;
    FluidNetwork network;
    for (uint32_t pair = 0; pair < PAIRS; ++pair)
    {
        const auto link = network.AddResource(1000);
        network.AddFlow(Picoseconds(0), {link}, 1, 1000 + pair * 0.01);
        network.AddFlow(Picoseconds(0), {link}, 1, 3000 + pair * 0.01);
    }
    network.Solve(Picoseconds(0));
    EXPECT_EQ(network.SolvedCrossings(), 2U * PAIRS);
    uint32_t ends = 0;
    for (auto next = network.NextEnd(); next < FluidNetwork::NEVER; next = network.NextEnd())
    {
        ends += network.TakeEnded(next).size();
        network.Solve(next);
    }
    EXPECT_EQ(ends, 2 * PAIRS);
    EXPECT_EQ(network.SolvedCrossings(), 3U * PAIRS);
}

} // namespace
