/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/max-min-rates.h"

#include "ns3/max-min-flows.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <random>

using namespace mixnetcore;
using namespace mixnetcore::tests;

TEST(MaxMinCrowds, MembersOfACrowdGetWhatTheyWouldGetAsFlows)
{
    // The same flows, once by themselves and once in crowds, over a link of their own and one that
    // all share, while others come and go, weights change and crowds are held up.
    for (uint32_t seed = 0; seed < 40; ++seed)
    {
        std::mt19937 random(seed);
        MaxMinFlows single;
        MaxMinFlows crowded;
        constexpr uint32_t CROWDS = 3;
        std::vector<uint32_t> crowds;
        std::vector<uint32_t> links;
        std::vector<double> weights(CROWDS, 1);
        std::vector<char> held(CROWDS, false);
        for (auto* network : {&single, &crowded})
        {
            network->AddResource(100);
        }
        for (uint32_t n = 0; n < CROWDS; ++n)
        {
            const double capacity = 20 + random() % 50;
            single.AddResource(capacity);
            links.push_back(crowded.AddResource(capacity));
            crowds.push_back(crowded.AddCrowd({0, links.back()}, 1));
        }

        /// A flow in both networks.
        struct Twin
        {
            uint32_t one;   //!< by itself
            uint32_t other; //!< in a crowd
            uint32_t crowd; //!< which
        };

        std::map<uint32_t, Twin> twins; // by the first
        std::map<uint32_t, uint32_t> firstOf;
        const auto forget = [&](uint32_t one) {
            firstOf.erase(twins.at(one).other);
            twins.erase(one);
        };
        Picoseconds now(0);
        for (uint32_t step = 0; step < 400; ++step)
        {
            now += Picoseconds(random() % 300'000'000'000);
            for (;;)
            {
                const auto next = std::min(single.NextEnd(), crowded.NextEnd());
                if (next > now)
                {
                    break;
                }
                // Rounding may have one end a picosecond earlier.
                ASSERT_LE(std::abs((single.NextEnd() - crowded.NextEnd()).count()), 2);
                const auto at = std::max(single.NextEnd(), crowded.NextEnd());
                const auto ended = single.TakeEnded(at);
                auto members = crowded.TakeEnded(at);
                std::vector<uint32_t> same;
                for (const auto member : members)
                {
                    same.push_back(firstOf.at(member));
                }
                std::sort(same.begin(), same.end());
                auto sorted = ended;
                std::sort(sorted.begin(), sorted.end());
                ASSERT_EQ(sorted, same);
                for (const auto one : ended)
                {
                    forget(one);
                }
                single.Solve(at);
                crowded.Solve(at);
                now = std::max(now, at);
            }
            const auto n = random() % CROWDS;
            const auto kind = random() % 8;
            if (kind < 4)
            {
                const double bytes = 1 + random() % 100;
                const auto one = single.AddFlow(now, {0, links[n]}, weights[n], bytes);
                single.SetHeld(one, held[n]);
                if (random() % 2)
                {
                    // The member gets the number of a flow that came and went at this instant.
                    const ResourceList way{0, links[n]};
                    crowded.RemoveFlow(crowded.AddFlow(now, way, 1, bytes), now);
                }
                const auto other = crowded.AddMember(now, crowds[n], bytes);
                twins[one] = {one, other, uint32_t(n)};
                firstOf[other] = one;
            }
            else if (kind == 4)
            {
                weights[n] = 0.25 * (1 + random() % 8);
                crowded.SetWeight(crowds[n], weights[n]);
            }
            else if (kind == 5)
            {
                held[n] = !held[n];
            }
            else if (!twins.empty())
            {
                const auto chosen = std::next(twins.begin(), random() % twins.size())->second;
                const double some = random() % 20;
                if (kind == 6)
                {
                    const double left = single.RemoveFlow(chosen.one, now);
                    ASSERT_NEAR(crowded.RemoveFlow(chosen.other, now), left, 1e-9);
                    forget(chosen.one);
                }
                else
                {
                    ASSERT_NEAR(single.Repeat(chosen.one, some, now),
                                crowded.Repeat(chosen.other, some, now),
                                1e-9);
                }
            }
            for (const auto& [one, twin] : twins)
            {
                single.SetWeight(one, weights[twin.crowd]);
                single.SetHeld(one, held[twin.crowd]);
                crowded.SetHeld(twin.other, held[twin.crowd]);
            }
            single.Solve(now);
            crowded.Solve(now);
            ASSERT_EQ(single.Size(), crowded.Size());
            for (const auto& [one, twin] : twins)
            {
                ASSERT_NEAR(single.Rate(one), crowded.Rate(twin.other), 1e-9)
                    << seed << " " << step;
                ASSERT_NEAR(single.Left(one, now), crowded.Left(twin.other, now), 1e-9);
            }
        }
    }
}

TEST(MaxMinCrowds, AMemberMovesToAnotherCrowdWithWhatItHasLeft)
{
    // 100 B/s for two: 25 B each after 0.5 s; then 25 B alone at 50 B/s, and 100 - 25 at 100 B/s.
    MaxMinFlows network;
    const auto wide = network.AddResource(100);
    const auto narrow = network.AddResource(50);
    const auto from = network.AddCrowd({wide}, 1);
    const auto to = network.AddCrowd({narrow}, 1);
    const auto stays = network.AddMember(Picoseconds(0), from, 100);
    const auto moves = network.AddMember(Picoseconds(0), from, 50);
    network.Solve(Picoseconds(0));
    network.MoveMember(moves, to, InPicoseconds(0.5));
    network.Solve(InPicoseconds(0.5));
    EXPECT_DOUBLE_EQ(network.Left(moves, InPicoseconds(0.5)), 25);
    EXPECT_EQ(network.NextEnd(), InPicoseconds(1));
    EXPECT_EQ(network.TakeEnded(InPicoseconds(1)), std::vector<uint32_t>{moves});
    network.Solve(InPicoseconds(1));
    EXPECT_EQ(network.NextEnd(), InPicoseconds(1.25));
    EXPECT_EQ(network.TakeEnded(InPicoseconds(1.25)), std::vector<uint32_t>{stays});
    EXPECT_EQ(network.Size(), 0U);
    EXPECT_EQ(network.RemoveFlow(from, InPicoseconds(1.25)), 0);
    EXPECT_EQ(network.AddFlow(InPicoseconds(1.25), {wide}, 1, 1), from) << "its number is free";
}

TEST(MaxMinCrowds, AMemberCostsTheSameHoweverManyThereAre)
{
    // Each member crosses two resources and comes and goes by itself: one solution of two crossings
    // each time.
    for (const uint32_t members : {100, 10'000})
    {
        MaxMinFlows network;
        const auto first = network.AddResource(1e6);
        const auto second = network.AddResource(2e6);
        const auto crowd = network.AddCrowd({first, second}, 1);
        for (uint32_t n = 0; n < members; ++n)
        {
            network.AddMember(Picoseconds(n), crowd, 1e6 + n);
            network.Solve(Picoseconds(n));
        }
        EXPECT_EQ(network.SolvedCrossings(), 2U * members);
        uint32_t ends = 0;
        for (auto next = network.NextEnd(); next < MaxMinFlows::NEVER; next = network.NextEnd())
        {
            ends += network.TakeEnded(next).size();
            network.Solve(next);
        }
        EXPECT_EQ(ends, members);
        EXPECT_LE(network.SolvedCrossings(), 4U * members);
    }
}
