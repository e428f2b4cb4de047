/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fat-tree-planner.h"
#include "ns3/ideal-switch-planner.h"
#include "ns3/ring-latency.h"

#include <gtest/gtest.h>
#include <memory>
#include <numeric>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

constexpr double RATE = 400e9;        //!< of a NIC, bits per second
constexpr double FIBRE = 1e6;         //!< propagation, picoseconds (paper, section 7.1)
constexpr uint64_t FRAME = 4096 + 82; //!< bytes on the line of a full frame

/// @param hosts Their numbers. @param nic NIC of each. @param bytes Size of the buffer.
/// @return a ring over them.
GradientRing
RingOver(std::vector<uint32_t> hosts, uint32_t nic, uint64_t bytes = 0)
{
    const BitsPerSecond rate(static_cast<uint64_t>(RATE));
    return {nic, nic, rate, NicRole::Electrical, std::move(hosts), {}, true, Bytes(bytes)};
}

/// @param hosts Number. @param nic NIC of each. @param bytes Size of the buffer.
/// @return a ring over the first so many.
GradientRing
Ring(uint32_t hosts, uint32_t nic = 0, uint64_t bytes = 0)
{
    std::vector<uint32_t> numbers(hosts);
    std::iota(numbers.begin(), numbers.end(), 0);
    return RingOver(numbers, nic, bytes);
}

/// @param plan A fabric. @return latencies of rings over it.
RingLatency
LatencyOn(const FabricPlan& plan)
{
    const auto shared = std::make_shared<const FabricPlan>(plan);
    return {shared, std::make_shared<const ForwardingPlan>(plan), FlowFraming()};
}

/// @param hosts How many. @return a switch that joins all NICs.
FabricPlan
IdealSwitch(uint32_t hosts)
{
    IdealSwitchSpec spec;
    spec.hosts = hosts;
    spec.host.opticalDegree = 0;
    spec.host.electricalNics = 8;
    return PlanIdealSwitch(spec);
}

/// @param bytes On the line. @return their time, picoseconds.
double
LineTime(uint64_t bytes)
{
    return bytes * 8.0 / RATE * 1e12;
}

} // namespace

TEST(RingLatency, IsTwoFibresAFrameAndOverheadOnAnIdealSwitch)
{
    // Ten full frames in one chunk: 82 bytes around each, 16 in the first; the switch stores one.
    auto latency = LatencyOn(IdealSwitch(4));
    const double expected = 2 * FIBRE + LineTime(FRAME) + LineTime(10 * 82 + 16);
    EXPECT_NEAR(latency.PerStep(Ring(4), Bytes(10 * 4096)).count(), expected, 2);
}

TEST(RingLatency, IsTheMeanOverTheEdgesOfARing)
{
    // Hosts 0 to 3 and 4 to 7 are on two leaves with a spine between: six edges of one switch, two
    // of three, with four fibres and three frames.
    FatTreeSpec spec;
    spec.hosts = 8;
    spec.host.opticalDegree = 0;
    spec.host.electricalNics = 1;
    spec.host.gpus = 1;
    spec.clos.tiers = 2;
    spec.clos.radix = 8;
    const auto plan = PlanFatTree(spec);
    auto latency = LatencyOn(plan);
    const ForwardingPlan forwarding(plan);
    double expected = 0;
    for (uint32_t from = 0; from < 8; ++from)
    {
        const uint32_t to = (from + 1) % 8;
        const auto& access = forwarding.Access();
        const bool same = access[from].accessSwitch == access[to].accessSwitch;
        const int links = same ? 2 : 4;
        expected += (links * FIBRE + (links - 1) * LineTime(FRAME) + LineTime(82 + 16)) / 8;
    }
    EXPECT_NEAR(latency.PerStep(Ring(8), Bytes(4096)).count(), expected, 2);
}

TEST(RingLatency, SavesByMergingTheLatenciesOfStepsThatAreLeftOut)
{
    // 14 steps of one chunk or less each; 8 of them are left out, with the 16 bytes of their first
    // frames and those around the frames that the others need fewer of.
    auto latency = LatencyOn(IdealSwitch(8));
    const uint64_t step = 6 * 4096;
    const auto saved = latency.SavedByMerging(Ring(8, 0, 8 * step), 6);
    const double apart = 14 * (2 * FIBRE + LineTime(FRAME) + LineTime(6 * 82 + 16));
    const double merged = 6 * (2 * FIBRE + LineTime(FRAME) + LineTime(14 * 82 + 16));
    EXPECT_NEAR(saved.count(), apart - merged, 40);
}

TEST(RingLatency, SavesNothingWhereAllStepsAreLeft)
{
    auto latency = LatencyOn(IdealSwitch(8));
    EXPECT_EQ(latency.SavedByMerging(Ring(8, 3, 8 * 4096), 14), Picoseconds(0));
}

TEST(RingLatency, RemembersWhatWasAskedForAndTellsRingsApart)
{
    auto latency = LatencyOn(IdealSwitch(4));
    const auto once = latency.PerStep(Ring(4), Bytes(4096));
    EXPECT_EQ(latency.PerStep(Ring(4), Bytes(4096)), once);
    EXPECT_NE(latency.PerStep(Ring(4), Bytes(8192)), once) << "one more frame's overhead";
    EXPECT_EQ(latency.PerStep(RingOver({1, 3}, 5), Bytes(4096)), once) << "all NICs are alike";
}

TEST(RingLatency, RefusesNicsThatDoNotReachEachOther)
{
    auto latency = LatencyOn(IdealSwitch(2));
    EXPECT_THROW(latency.PerStep(RingOver({0, 9}, 0), Bytes(1)), std::invalid_argument);
}
