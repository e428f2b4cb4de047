/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/max-min-rates.h"

#include "ns3/max-min-flows.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <random>
#include <stdexcept>

using namespace mixnetcore;
using namespace mixnetcore::tests;

namespace
{

constexpr double INFINITE = std::numeric_limits<double>::infinity();

/// What a test knows of a flow.
struct Known
{
    std::vector<uint32_t> resources; //!< what it crosses
    double weight;                   //!< how many flows
    bool held;                       //!< whether it is held up
    double cap{INFINITE};            //!< its rate at most
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
            demands.push_back({flow.resources, flow.weight, flow.cap});
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

TEST(MaxMinFlows, AloneAFlowTakesItsBytesOverTheSmallestCapacity)
{
    MaxMinFlows network;
    const auto wide = network.AddResource(1000);
    const auto narrow = network.AddResource(100);
    const auto flow = network.AddFlow(Picoseconds(0), {wide, narrow}, 1, 50);
    network.Solve(Picoseconds(0));
    EXPECT_EQ(network.Rate(flow), 100);
    EXPECT_EQ(network.NextEnd(), InPicoseconds(0.5));
    EXPECT_EQ(network.TakeEnded(InPicoseconds(0.5)), std::vector<uint32_t>{flow});
    EXPECT_EQ(network.Size(), 0U);
    network.Solve(InPicoseconds(0.5));
    EXPECT_EQ(network.NextEnd(), MaxMinFlows::NEVER);
}

TEST(MaxMinFlows, TheLongerOfTwoFlowsSpeedsUpWhenTheShorterEnds)
{
    // 100 B/s: 50 each; 20 B are over after 0.4 s, then 60 - 20 = 40 B more at 100 B/s.
    MaxMinFlows network;
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

TEST(MaxMinFlows, AHeldFlowMovesNothingAndLeavesItsShareToOthers)
{
    MaxMinFlows network;
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
    EXPECT_EQ(network.NextEnd(), MaxMinFlows::NEVER);
    network.SetHeld(held, false);
    network.Solve(InPicoseconds(2));
    EXPECT_EQ(network.NextEnd(), InPicoseconds(2.75));
}

TEST(MaxMinFlows, ZeroCapacityStopsAFlowUntilItIsBack)
{
    MaxMinFlows network;
    const auto link = network.AddResource(100);
    const auto flow = network.AddFlow(Picoseconds(0), {link}, 1, 100);
    network.Solve(Picoseconds(0));
    network.SetCapacity(link, 0);
    network.Solve(InPicoseconds(0.25));
    EXPECT_EQ(network.NextEnd(), MaxMinFlows::NEVER);
    EXPECT_DOUBLE_EQ(network.Left(flow, InPicoseconds(3)), 75);
    network.SetCapacity(link, 50);
    network.Solve(InPicoseconds(3));
    EXPECT_EQ(network.NextEnd(), InPicoseconds(4.5));
}

TEST(MaxMinFlows, RepeatsNoMoreThanWasCarried)
{
    MaxMinFlows network;
    const auto link = network.AddResource(100);
    const auto flow = network.AddFlow(Picoseconds(0), {link}, 1, 100);
    network.Solve(Picoseconds(0));
    EXPECT_DOUBLE_EQ(network.Repeat(flow, 10, InPicoseconds(0.5)), 10);
    EXPECT_DOUBLE_EQ(network.Repeat(flow, 1000, InPicoseconds(0.5)), 40);
    network.Solve(InPicoseconds(0.5));
    EXPECT_EQ(network.NextEnd(), InPicoseconds(1.5));
}

TEST(MaxMinFlows, AdvancesToWhatIsToBeKept)
{
    MaxMinFlows network;
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

TEST(MaxMinFlows, WithoutALimitOrWithoutBytesAFlowEndsAtOnce)
{
    MaxMinFlows network;
    const auto unlimited = network.AddResource(INFINITE);
    const auto link = network.AddResource(100);
    network.AddFlow(Picoseconds(7), {unlimited}, 1, 1e9);
    network.AddFlow(Picoseconds(7), {}, 1, 1e9);
    network.AddFlow(Picoseconds(7), {link}, 1, 0);
    network.Solve(Picoseconds(7));
    EXPECT_EQ(network.NextEnd(), Picoseconds(7));
    EXPECT_EQ(network.TakeEnded(Picoseconds(7)).size(), 3U);
}

TEST(MaxMinFlows, WithAToleranceAFlowWaitsForOneThatEndsAlmostTogetherWithIt)
{
    // Alike but for a thousandth: at 50 B/s each the first is over at 1 s, the second at 1.001 s,
    // if the first one keeps its share; else 0.05 B more at 100 B/s.
    for (const bool tolerant : {false, true})
    {
        MaxMinFlows network(tolerant ? 0.001 : 0);
        const auto link = network.AddResource(100);
        network.AddFlow(Picoseconds(0), {link}, 1, 50);
        network.AddFlow(Picoseconds(0), {link}, 1, 50.05);
        network.Solve(Picoseconds(0));
        ASSERT_EQ(network.NextEnd(), InPicoseconds(1));
        EXPECT_EQ(network.TakeEnded(InPicoseconds(1)).size(), tolerant ? 0U : 1U);
        network.Solve(InPicoseconds(1));
        EXPECT_EQ(network.NextEnd(), InPicoseconds(tolerant ? 1.001 : 1.0005));
        EXPECT_EQ(network.TakeEnded(network.NextEnd()).size(), tolerant ? 2U : 1U);
        EXPECT_EQ(network.LateEnds(), tolerant ? 1U : 0U);
    }
}

TEST(MaxMinFlows, TheToleranceIsAPartOfTheLongestFlowButLimitedByTheFlowsOwnDuration)
{
    // Four flows at 25 B/s are over at 1 s, 1.09 s, 1.2 s and 10 s if nothing speeds up. 1 % of the
    // longest is 0.1 s, ten times 1 % of the first 0.1 s: it waits for the second, not the third.
    MaxMinFlows network(0.01);
    const auto link = network.AddResource(100);
    const auto first = network.AddFlow(Picoseconds(0), {link}, 1, 25);
    const auto second = network.AddFlow(Picoseconds(0), {link}, 1, 25 * 1.09);
    network.AddFlow(Picoseconds(0), {link}, 1, 25 * 1.2);
    network.AddFlow(Picoseconds(0), {link}, 1, 250);
    network.Solve(Picoseconds(0));
    ASSERT_EQ(network.NextEnd(), InPicoseconds(1));
    EXPECT_TRUE(network.TakeEnded(InPicoseconds(1)).empty());
    ASSERT_EQ(network.NextEnd(), InPicoseconds(1.09));
    EXPECT_EQ(network.TakeEnded(InPicoseconds(1.09)), (std::vector<uint32_t>{first, second}));

    // The same with ends at 0.1 and 0.115 s: 0.015 s is less than 0.1 s, but more than a tenth of
    // 0.1 s.
    MaxMinFlows brief(0.01);
    const auto line = brief.AddResource(100);
    brief.AddFlow(Picoseconds(0), {line}, 1, 2.5);
    brief.AddFlow(Picoseconds(0), {line}, 1, 2.5 * 1.15);
    brief.AddFlow(Picoseconds(0), {line}, 2, 500);
    brief.Solve(Picoseconds(0));
    ASSERT_EQ(brief.NextEnd(), InPicoseconds(0.1));
    EXPECT_EQ(brief.TakeEnded(InPicoseconds(0.1)).size(), 1U);
}

TEST(MaxMinFlows, AChangeMeanwhileDoesNotLetAFlowThatIsOverWaitForLonger)
{
    // The first is over at 1 s and waits for the second, which would be over at 1.09 s; a third
    // flow comes at 1.05 s and takes its part from the second, which is not over at the deadline of
    // the first, 1 s and 1 % of the longest, 10 s.
    MaxMinFlows network(0.01);
    const auto link = network.AddResource(100);
    const auto first = network.AddFlow(Picoseconds(0), {link}, 1, 25);
    const auto second = network.AddFlow(Picoseconds(0), {link}, 1, 25 * 1.09);
    network.AddFlow(Picoseconds(0), {link}, 2, 500);
    network.Solve(Picoseconds(0));
    EXPECT_TRUE(network.TakeEnded(InPicoseconds(1)).empty());
    network.AddFlow(InPicoseconds(1.05), {link}, 36, 1e6);
    network.Solve(InPicoseconds(1.05));
    EXPECT_LE(network.NextEnd(), InPicoseconds(1.1));
    auto ended = network.TakeEnded(network.NextEnd());
    while (ended.empty() && network.NextEnd() <= InPicoseconds(1.1))
    {
        ended = network.TakeEnded(network.NextEnd());
    }
    EXPECT_EQ(ended, std::vector<uint32_t>{first});
    // The second had 0.04 s at 25 B/s to go; it has 2.5 B/s now, a fortieth of the line.
    EXPECT_NEAR(network.Left(second, InPicoseconds(1.05)), 1, 1e-9);
}

TEST(MaxMinFlows, WithAnyToleranceNoFlowEndsBeforeItsBytesCouldHavePassed)
{
    // Whatever comes and goes, a link of 100 B/s has carried what has ended of it by then, and each
    // flow has had at most all of the link since it came.
    for (const double tolerance : {0.0, 0.001, 0.05, 0.5})
    {
        uint64_t late = 0;
        for (uint32_t seed = 0; seed < 20; ++seed)
        {
            std::mt19937 random(seed);
            constexpr uint32_t LINKS = 3;
            MaxMinFlows network(tolerance);
            for (uint32_t n = 0; n < LINKS; ++n)
            {
                network.AddResource(100);
            }
            const auto crowd = network.AddCrowd({0}, 1);

            /// What a test knows of a flow.
            struct Sent
            {
                uint32_t link;     //!< the first that it crosses
                double bytes;      //!< how many
                Picoseconds since; //!< when it came
            };

            std::map<uint32_t, Sent> sent;
            std::vector<double> carried(LINKS, 0);
            Picoseconds now(0);
            for (uint32_t step = 0; step < 300 || network.Size() > 0; ++step)
            {
                auto next = now + Picoseconds(random() % 100'000'000'000);
                next = std::min(next, network.NextEnd());
                now = std::max(now, next);
                while (network.NextEnd() <= now)
                {
                    for (const auto flow : network.TakeEnded(now))
                    {
                        const auto& known = sent.at(flow);
                        const double seconds = (now - known.since).count() * 1e-12;
                        EXPECT_LE(known.bytes, 100 * seconds * (1 + 1e-9) + 1e-9);
                        carried[known.link] += known.bytes;
                        EXPECT_LE(carried[known.link], 100 * now.count() * 1e-12 * (1 + 1e-9));
                        sent.erase(flow);
                    }
                    network.Solve(now);
                }
                if (step >= 300)
                {
                    continue;
                }
                const uint32_t link = random() % LINKS;
                const double bytes = 1 + random() % 30;
                const auto flow =
                    link == 0 && random() % 2
                        ? network.AddMember(now, crowd, bytes)
                        : network.AddFlow(now,
                                          link + 1 < LINKS ? ResourceList{link, link + 1}
                                                           : ResourceList{link},
                                          1,
                                          bytes);
                sent[flow] = {link, bytes, now};
                network.Solve(now);
            }
            EXPECT_TRUE(sent.empty());
            late += network.LateEnds();
        }
        EXPECT_EQ(late > 0, tolerance > 0) << tolerance;
    }
}

TEST(MaxMinFlows, AnEndBeyondTheLatestIsToldToBeThatOne)
{
    // 104 days at a byte per second: 9e6 bytes; one more is beyond.
    MaxMinFlows network;
    const auto link = network.AddResource(1);
    const auto longest = network.AddFlow(Picoseconds(0), {link}, 1, 8'999'999);
    network.Solve(Picoseconds(0));
    EXPECT_NEAR(double(network.NextEnd().count()), 8.999999e18, 1e-13 * 9e18);
    network.RemoveFlow(longest, Picoseconds(0));
    network.AddFlow(Picoseconds(0), {link}, 1, 1e12);
    network.Solve(Picoseconds(0));
    EXPECT_EQ(network.NextEnd(), MaxMinFlows::LATEST);
}

TEST(MaxMinFlows, RefusesWhatIsOutOfRange)
{
    EXPECT_THROW(MaxMinFlows(-0.1), std::invalid_argument);
    EXPECT_THROW(MaxMinFlows(1.1), std::invalid_argument);
    MaxMinFlows network;
    EXPECT_THROW(network.AddResource(-1), std::invalid_argument);
    const auto link = network.AddResource(1);
    EXPECT_THROW(network.SetCapacity(link, std::nan("")), std::invalid_argument);
    EXPECT_THROW(network.AddFlow(Picoseconds(0), {link + 1}, 1, 1), std::invalid_argument);
    EXPECT_THROW(network.AddFlow(Picoseconds(0), {link}, 0, 1), std::invalid_argument);
    EXPECT_THROW(network.AddFlow(Picoseconds(0), {link}, 1, -1), std::invalid_argument);
    EXPECT_THROW(network.AddFlow(Picoseconds(0), {link}, 1, 1, 0), std::invalid_argument);
    EXPECT_THROW(network.AddCrowd({link}, 1, -1), std::invalid_argument);
}

TEST(MaxMinFlows, ACapIsOfEachMemberOfACrowdAndStaysWhenWeightsChange)
{
    // Of 100, a crowd of three capped at 10 each leaves 70; at weight 4 the single flow would get
    // 4 / 7 of 100 and has 70 still; when one member has gone it has 80.
    MaxMinFlows network;
    const auto link = network.AddResource(100);
    const auto crowd = network.AddCrowd({link}, 1, 10);
    std::vector<uint32_t> members;
    for (int n = 0; n < 3; ++n)
    {
        members.push_back(network.AddMember(Picoseconds(0), crowd, 1000));
    }
    const auto single = network.AddFlow(Picoseconds(0), {link}, 1, 1000);
    network.Solve(Picoseconds(0));
    EXPECT_DOUBLE_EQ(network.Rate(members[0]), 10);
    EXPECT_DOUBLE_EQ(network.Rate(single), 70);
    network.SetWeight(single, 4);
    network.SetWeight(crowd, 2);
    network.Solve(Picoseconds(1));
    EXPECT_DOUBLE_EQ(network.Rate(members[1]), 10);
    EXPECT_DOUBLE_EQ(network.Rate(single), 70);
    network.RemoveFlow(members[2], Picoseconds(2));
    network.Solve(Picoseconds(2));
    EXPECT_DOUBLE_EQ(network.Rate(members[0]), 10);
    EXPECT_DOUBLE_EQ(network.Rate(single), 80);
}

TEST(MaxMinFlows, RatesAreThoseOfAllFlowsSolvedFromScratchAndNoByteIsLost)
{
    // Every other problem begins with many flows, of which most only end: components that go on
    // from their last solution.
    for (uint32_t seed = 0; seed < 120; ++seed)
    {
        std::mt19937 random(seed);
        uint32_t first = seed % 2 ? 20 + random() % 200 : 0;
        MaxMinFlows network;
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
                    Known flow{drawWay(), 0.5 * (1 + random() % 4), false};
                    flow.cap = random() % 3 ? INFINITE : 1 + random() % 30;
                    const double bytes = 1 + random() % 100;
                    const ResourceList way(flow.resources.begin(), flow.resources.end());
                    const auto number = network.AddFlow(now, way, flow.weight, bytes, flow.cap);
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

TEST(MaxMinFlows, NotedEndsDoNotGrowWithTheChanges)
{
    // The first flow ends late; every change notes that again.
    MaxMinFlows network;
    const auto link = network.AddResource(100);
    network.AddFlow(Picoseconds(0), {link}, 1, 1e9);
    for (uint32_t change = 1; change <= 10'000; ++change)
    {
        const Picoseconds now(change);
        const auto brief = network.AddFlow(now, {link}, 1, 1e9);
        network.Solve(now);
        network.RemoveFlow(brief, now);
        network.Solve(now);
    }
    EXPECT_LT(network.NotedEnds(), 100U);
}

TEST(MaxMinFlows, DisjointComponentsCostInProportionToTheirSize)
{
    // Pairs of flows on a link each: every crossing is solved when the pair comes, and the second
    // one again when the first has ended. Ends of all pairs differ.
    constexpr uint32_t PAIRS = 500'000;
    MaxMinFlows network;
    for (uint32_t pair = 0; pair < PAIRS; ++pair)
    {
        const auto link = network.AddResource(1000);
        network.AddFlow(Picoseconds(0), {link}, 1, 1000 + pair * 0.01);
        network.AddFlow(Picoseconds(0), {link}, 1, 3000 + pair * 0.01);
    }
    network.Solve(Picoseconds(0));
    EXPECT_EQ(network.SolvedCrossings(), 2U * PAIRS);
    uint32_t ends = 0;
    for (auto next = network.NextEnd(); next < MaxMinFlows::NEVER; next = network.NextEnd())
    {
        ends += network.TakeEnded(next).size();
        network.Solve(next);
    }
    EXPECT_EQ(ends, 2 * PAIRS);
    EXPECT_EQ(network.SolvedCrossings(), 3U * PAIRS);
}

} // namespace
