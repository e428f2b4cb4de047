/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/circuit-graph.h"
#include "ns3/rotor-planner.h"
#include "ns3/round-robin.h"

#include <gtest/gtest.h>
#include <map>
#include <set>

using namespace mixnetcore;
using tests::Refusal;

namespace
{

/// @param hosts Servers. @param degree NICs of each with circuits. @return a fabric of one region.
RotorSpec
Spec(uint32_t hosts, uint32_t degree)
{
    RotorSpec spec;
    spec.fabric.hosts = hosts;
    spec.fabric.host.opticalDegree = degree;
    return spec;
}

} // namespace

TEST(RoundRobin, LetsEveryTwoMeetOnce)
{
    for (uint32_t members = 0; members < 20; ++members)
    {
        const auto rounds = RoundRobin(members);
        EXPECT_EQ(rounds.size(), members < 2 ? 0 : members - 1 + members % 2);
        std::set<std::pair<uint32_t, uint32_t>> met;
        for (const auto& round : rounds)
        {
            EXPECT_EQ(round.size(), members / 2) << "one sits out where they are odd";
            std::set<uint32_t> busy;
            for (const auto& [a, b] : round)
            {
                EXPECT_LT(a, b);
                EXPECT_LT(b, members);
                EXPECT_TRUE(busy.insert(a).second && busy.insert(b).second);
                EXPECT_TRUE(met.insert({a, b}).second);
            }
        }
        EXPECT_EQ(met.size(), members * (members - (members > 0)) / 2);
    }
}

TEST(PlanRotor, JoinsEveryPairOnceInACycleAtEachNic)
{
    for (const uint32_t hosts : {3U, 4U, 8U})
    {
        const auto plan = PlanRotor(Spec(hosts, 6));
        ASSERT_EQ(plan.schedules.size(), 1U);
        EXPECT_TRUE(plan.regions.empty());
        std::map<std::array<uint32_t, 3>, uint32_t> met; // hosts and NIC
        for (const auto& slot : plan.schedules[0].slots)
        {
            auto only = plan;
            only.schedules[0].slots = {slot};
            for (const auto& [from, to] : CircuitsOf(only))
            {
                EXPECT_EQ(from.nic, to.nic);
                ++met[{from.host, to.host, from.nic}];
            }
        }
        EXPECT_EQ(met.size(), hosts * (hosts - 1) * 6);
        for (const auto& [circuit, times] : met)
        {
            EXPECT_EQ(times, 1U);
        }
    }
}

TEST(PlanRotor, LetsTheNicsOfAPairMeetAtDifferentTimes)
{
    // Seven slots, seven NICs: in each slot a pair has one circuit.
    auto spec = Spec(8, 7);
    spec.fabric.host.electricalNics = 1;
    const auto plan = PlanRotor(spec);
    for (const auto& slot : plan.schedules[0].slots)
    {
        auto only = plan;
        only.schedules[0].slots = {slot};
        const CircuitGraph graph(8, CircuitsOf(only));
        for (uint32_t host = 1; host < 8; ++host)
        {
            EXPECT_EQ(graph.Between(0, host).size(), 1U);
        }
    }
}

TEST(PlanRotor, GivesEveryRegionAndPlaneItsSchedule)
{
    auto spec = Spec(8, 6);
    spec.fabric.hostsPerRegion = 4;
    spec.fabric.planes = 2;
    const auto plan = PlanRotor(spec);
    EXPECT_EQ(plan.schedules.size(), 4U);
    for (const auto& schedule : plan.schedules)
    {
        EXPECT_EQ(schedule.slots.size(), 3U);
        EXPECT_EQ(schedule.guard, spec.guard);
        for (const auto& slot : schedule.slots)
        {
            EXPECT_EQ(slot.duration, spec.slot);
            EXPECT_EQ(slot.circuits.Fault(plan.nodes[schedule.opticalSwitch].ports), std::nullopt);
        }
    }
    EXPECT_EQ(plan.router, "relay");
}

TEST(PlanRotor, LetsCircuitsStandWhereThereIsOneMatching)
{
    const auto plan = PlanRotor(Spec(2, 6));
    ASSERT_EQ(plan.schedules.at(0).slots.size(), 1U);
    EXPECT_EQ(plan.schedules[0].slots[0].circuits.Size(), 6U);
    EXPECT_TRUE(PlanRotor(Spec(1, 6)).schedules.empty()) << "nobody to meet";
}

TEST(PlanRotor, RefusesTimesThatCannotBe)
{
    auto spec = Spec(4, 6);
    spec.slot = Picoseconds(0);
    EXPECT_EQ(Refusal([&] { PlanRotor(spec); }), "slot = 0 ps: above 0 ps");
    spec.slot = Picoseconds(1);
    spec.guard = Picoseconds(-1);
    EXPECT_EQ(Refusal([&] { PlanRotor(spec); }), "guard = -1 ps: at least 0 ps");
}
