/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fat-tree-planner.h"
#include "ns3/flow-paths.h"
#include "ns3/ideal-switch-planner.h"
#include "ns3/mixnet-planner.h"

#include <gtest/gtest.h>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

constexpr double LINE = 400e9 / 8;                    //!< bytes per second
constexpr double PAYLOAD = LINE * 4096 / (4096 + 82); //!< of a line, at the default MTU
constexpr double NVSWITCH = 3600e9 / 8;               //!< bytes per second of a GPU's port
constexpr uint64_t CHUNK = 1 << 20;                   //!< bytes

/// @return a server of eight GPUs, each with an electrical NIC.
HostSpec
EightNics()
{
    HostSpec host;
    host.opticalDegree = 0;
    host.electricalNics = 8;
    return host;
}

/// @param plan A fabric. @param framing Sizes. @param choice Of ports. @return its paths.
FlowPaths
PathsOf(const FabricPlan& plan, const FlowFraming& framing = {}, FlowPaths::PortChoice choice = {})
{
    const auto shared = std::make_shared<const FabricPlan>(plan);
    return {shared, std::make_shared<const ForwardingPlan>(plan), framing, std::move(choice)};
}

/// @param host Another host than 0. @param bytes How many.
/// @return a message from NIC 1 of host 0 to NIC 1 of that host.
Transfer
Direct(uint32_t host, uint64_t bytes)
{
    return {{0, 1}, {host, 1}, Bytes(bytes), {RdmaLeg{{0, 1}, {host, 1}, NicRole::Electrical}}};
}

/// @param paths Paths. @param path One of them. @return the capacities it crosses, ascending.
std::vector<double>
Crossed(const FlowPaths& paths, const FlowPath& path)
{
    std::vector<double> capacities;
    for (const auto resource : path.resources)
    {
        capacities.push_back(paths.Capacities().at(resource));
    }
    std::sort(capacities.begin(), capacities.end());
    return capacities;
}

/// @param plan A fabric. @param host One of its servers, on a leaf of its own.
/// @return links between that leaf and spines.
std::vector<uint32_t>
UplinksOf(const FabricPlan& plan, uint32_t host)
{
    const ForwardingPlan forwarding(plan);
    const auto& access = forwarding.Access().at(host * plan.host.nics.size());
    const auto leaf = forwarding.AccessNodes().at(access.accessSwitch);
    std::vector<uint32_t> links;
    for (uint32_t link = 0; link < plan.links.size(); ++link)
    {
        const auto& ends = plan.links[link];
        if ((ends.a.node == leaf || ends.b.node == leaf) && ends.a.node >= plan.hosts &&
            ends.b.node >= plan.hosts)
        {
            links.push_back(link);
        }
    }
    return links;
}

TEST(FlowPaths, OverOneSwitchAMessageCrossesTwoLinksAndOneStoreAndForward)
{
    const auto plan = PlanIdealSwitch({2, EightNics(), Picoseconds(1'000'000)});
    auto paths = PathsOf(plan);
    const auto path = paths.Of(Direct(1, 4096));
    EXPECT_EQ(Crossed(paths, path), (std::vector<double>{PAYLOAD, PAYLOAD}));
    // The line time of one frame, first of its chunk.
    EXPECT_NEAR(path.volume / PAYLOAD, (4096 + 82 + 16) / LINE, 1e-18);
    EXPECT_NEAR(path.toEnd.count() * 1e-12, 2e-6 + (4096 + 82) / LINE, 1e-12);
    EXPECT_NEAR((path.toAnswer - path.toEnd).count() * 1e-12, 2e-6 + 2 * 86 / LINE, 2e-12);
    EXPECT_EQ(path.toLastNic, path.toEnd);
    EXPECT_EQ(path.beforeFirstNic, Picoseconds(0));
}

TEST(FlowPaths, KnowsWhenALastFrameIsBehindTheFirstLink)
{
    // Two spines up and down: 4 links, 3 of them behind the first, as are 3 store-and-forwards.
    auto paths = PathsOf(PlanFatTree({8, EightNics(), {2, 16, 1}, Picoseconds(1'000'000)}));
    const auto passage = paths.PassageOf({{0, 1}, {1, 1}, NicRole::Electrical}, 4096);
    const double frame = (4096 + 82) / LINE;
    EXPECT_NEAR(passage.behindFirst.count() * 1e-12, 3 * (1e-6 + frame), 2e-12);
    EXPECT_NEAR(passage.firstFrame.count() * 1e-12, frame, 1e-12);
    EXPECT_NEAR(passage.finalFrame.count() * 1e-12, frame, 1e-12);
}

TEST(FlowPaths, InsideAServerOnlyTheTwoPortsCount)
{
    auto paths = PathsOf(PlanIdealSwitch({2, EightNics(), Picoseconds(1)}));
    const auto path = paths.Of({{1, 2}, {1, 5}, Bytes(1000), {NvswitchLeg{1, 2, 5}}});
    EXPECT_EQ(Crossed(paths, path), (std::vector<double>{NVSWITCH, NVSWITCH}));
    EXPECT_EQ(path.volume, 1000);
    EXPECT_EQ(path.toEnd, Picoseconds(0));
}

TEST(FlowPaths, ADelegatedMessageAddsItsFirstAndItsLastChunkOnNvswitch)
{
    auto paths = PathsOf(PlanIdealSwitch({2, EightNics(), Picoseconds(1'000'000)}));
    Transfer transfer = Direct(1, 3 * CHUNK + 8192);
    const auto direct = paths.Of(transfer);
    transfer.source.gpu = 3;
    transfer.destination.gpu = 6;
    transfer.route = {NvswitchLeg{0, 3, 1}, transfer.route[0], NvswitchLeg{1, 1, 6}};
    const auto path = paths.Of(transfer);
    EXPECT_EQ(path.resources.size(), direct.resources.size() + 4);
    EXPECT_NEAR((path.toEnd - direct.toEnd).count() * 1e-12, (CHUNK + 8192) / NVSWITCH, 2e-12);
    EXPECT_NEAR((path.toLastNic - direct.toEnd).count() * 1e-12, CHUNK / NVSWITCH, 2e-12);
    EXPECT_NEAR(path.beforeFirstNic.count() * 1e-12, CHUNK / NVSWITCH, 1e-12);
}

TEST(FlowPaths, WithSprayingTheUplinksOfALeafAreOneResource)
{
    // 16 ports a switch, three links down for one up: 12 NICs and 4 uplinks per leaf.
    auto paths = PathsOf(PlanFatTree({6, EightNics(), {2, 16, 3}, Picoseconds(1)}));
    const auto path = paths.Of(Direct(5, 1));
    EXPECT_EQ(Crossed(paths, path),
              (std::vector<double>{PAYLOAD, PAYLOAD, 4 * PAYLOAD, 4 * PAYLOAD}));
    // The way to another leaf shares the links up, not those down.
    const auto other = paths.Of(Direct(3, 1));
    std::vector<uint32_t> shared;
    std::set_intersection(path.resources.begin(),
                          path.resources.end(),
                          other.resources.begin(),
                          other.resources.end(),
                          std::back_inserter(shared));
    EXPECT_EQ(shared.size(), 2U); // the NIC and the bundle
}

TEST(FlowPaths, ABundleThatItsNicsCannotFillIsNoResource)
{
    // 16 ports a switch, two tiers, no oversubscription: 8 NICs and 8 uplinks per leaf.
    auto paths = PathsOf(PlanFatTree({8, EightNics(), {2, 16, 1}, Picoseconds(1)}));
    const auto generation = paths.Generation();
    for (uint32_t host = 1; host < 8; ++host)
    {
        const auto path = paths.Of(Direct(host, 1));
        EXPECT_EQ(Crossed(paths, path), (std::vector<double>{PAYLOAD, PAYLOAD}));
    }
    EXPECT_EQ(paths.Generation(), generation);
}

TEST(FlowPaths, ABundleBecomesAResourceWithTheNicThatCanFillIt)
{
    // 24 NICs, 12 on each of two leaves, 4 links up and down at each. From leaf 0 to leaf 1 both
    // bundles are limits at once; the generation tells it.
    auto paths = PathsOf(PlanFatTree({3, EightNics(), {2, 16, 3}, Picoseconds(1)}));
    const auto generation = paths.Generation();
    paths.Of(Direct(2, 1));
    EXPECT_EQ(paths.Generation(), generation + 2);
    paths.Of(Direct(2, 1));
    EXPECT_EQ(paths.Generation(), generation + 2);
}

TEST(FlowPaths, SaysWhichSwitchesSendOverWhatMayBeFull)
{
    // As above: the leaf sends over its 4 links up, the 4 spines over the links down.
    const auto plan = PlanFatTree({3, EightNics(), {2, 16, 3}, Picoseconds(1)});
    auto paths = PathsOf(plan);
    EXPECT_FALSE(paths.HasLimits()) << "nobody has sent yet";
    const auto limits = paths.LimitsOf({{0, 1}, {2, 1}, NicRole::Electrical});
    EXPECT_TRUE(paths.HasLimits());
    ASSERT_EQ(limits.size(), 2U);
    const auto leaf = paths.SendersOf(limits[0]);
    ASSERT_EQ(leaf.size(), 1U);
    EXPECT_EQ(plan.nodes[leaf[0]].name, "leaf0");
    const auto spines = paths.SendersOf(limits[1]);
    ASSERT_EQ(spines.size(), 4U);
    EXPECT_EQ(plan.nodes[spines[0]].name, "spine0");
    EXPECT_EQ(plan.nodes[spines[3]].name, "spine3");
    const RdmaLeg leg{{0, 1}, {2, 1}, NicRole::Electrical};
    EXPECT_DOUBLE_EQ(paths.ShareOf(leg, UplinksOf(plan, 0).front()).capacity, PAYLOAD);
    // Below one leaf, and where NICs cannot fill the links, there are none.
    EXPECT_TRUE(paths.LimitsOf({{0, 1}, {0, 2}, NicRole::Electrical}).empty());
    auto ample = PathsOf(PlanFatTree({8, EightNics(), {2, 16, 1}, Picoseconds(1)}));
    EXPECT_TRUE(ample.LimitsOf({{0, 1}, {2, 1}, NicRole::Electrical}).empty());
    EXPECT_FALSE(ample.HasLimits());
}

TEST(FlowPaths, WithAChoiceByFlowEveryLinkIsItsOwnResource)
{
    const auto last =
        [](uint32_t, uint32_t, const std::vector<uint32_t>& ports, uint32_t, uint32_t) {
            return ports.back();
        };
    auto paths = PathsOf(PlanFatTree({8, EightNics(), {2, 16, 1}, Picoseconds(1)}), {}, last);
    EXPECT_EQ(Crossed(paths, paths.Of(Direct(1, 1))), std::vector<double>(4, PAYLOAD));
}

TEST(FlowPaths, ALinkThatIsDownIsPassedOverAndANicWithoutLinkIsClosed)
{
    const auto plan = PlanFatTree({8, EightNics(), {2, 16, 1}, Picoseconds(1)});
    auto paths = PathsOf(plan);
    const auto transfer = Direct(1, 1);
    const auto& leg = std::get<RdmaLeg>(transfer.route[0]);
    const auto uplink = UplinksOf(plan, 0).front();
    paths.SetLinkUp(uplink, false);
    EXPECT_TRUE(paths.IsOpen(leg));
    const auto crossed = Crossed(paths, paths.Of(transfer));
    // 8 NICs can fill the 7 links up, and the 7 links down from the same spines.
    const std::vector<double> expected{PAYLOAD, PAYLOAD, 7 * PAYLOAD, 7 * PAYLOAD};
    ASSERT_EQ(crossed.size(), expected.size());
    for (size_t i = 0; i < crossed.size(); ++i)
    {
        EXPECT_DOUBLE_EQ(crossed[i], expected[i]);
    }
    paths.SetLinkUp(uplink, true);
    paths.SetLinkUp(1, false); // NIC 1 of host 0
    EXPECT_FALSE(paths.IsOpen(leg));
    paths.SetLinkUp(1, true);
    EXPECT_TRUE(paths.IsOpen(leg));
}

TEST(FlowPaths, ADeadEndClosesWhatIsSprayedThereUntilThereAreNewTables)
{
    const auto plan = PlanFatTree({8, EightNics(), {2, 16, 1}, Picoseconds(1)});
    auto paths = PathsOf(plan);
    const RdmaLeg out{{0, 1}, {1, 1}, NicRole::Electrical};
    const RdmaLeg back{{1, 1}, {0, 1}, NicRole::Electrical};
    const RdmaLeg other{{2, 1}, {1, 1}, NicRole::Electrical};
    const auto uplink = UplinksOf(plan, 0).front();
    EXPECT_DOUBLE_EQ(paths.ShareOf(out, uplink).part, 1.0 / 8) << "one of 8 uplinks";
    EXPECT_DOUBLE_EQ(paths.ShareOf(back, uplink).part, 1.0 / 8);
    EXPECT_EQ(paths.ShareOf(other, uplink).part, 0);
    EXPECT_EQ(paths.ShareOf({{0, 1}, {0, 2}, NicRole::Electrical}, uplink).part, 0) << "one leaf";
    paths.SetLinkUp(uplink, false);
    EXPECT_TRUE(paths.IsOpen(out)) << "the leaf passes its own port over";
    EXPECT_FALSE(paths.IsOpen(back)) << "a spine has no other";
    EXPECT_TRUE(paths.IsOpen(other));
    const auto generation = paths.Generation();
    paths.SetForwarding(std::make_shared<const ForwardingPlan>(plan, std::set<uint32_t>{uplink}));
    EXPECT_GT(paths.Generation(), generation);
    EXPECT_TRUE(paths.IsOpen(back));
    EXPECT_EQ(paths.ShareOf(back, uplink).part, 0);
}

TEST(FlowPaths, WhereNoWayIsLeftALegIsClosed)
{
    const auto plan = PlanFatTree({8, EightNics(), {2, 16, 1}, Picoseconds(1)});
    auto paths = PathsOf(plan);
    const auto uplinks = UplinksOf(plan, 0);
    for (const auto uplink : uplinks)
    {
        paths.SetLinkUp(uplink, false);
    }
    paths.SetForwarding(
        std::make_shared<const ForwardingPlan>(plan,
                                               std::set<uint32_t>(uplinks.begin(), uplinks.end())));
    EXPECT_FALSE(paths.IsOpen({{0, 1}, {1, 1}, NicRole::Electrical}));
    EXPECT_TRUE(paths.IsOpen({{2, 1}, {1, 1}, NicRole::Electrical}));
}

TEST(FlowPaths, FewSmallChunksLimitTheRateToThoseOfARoundTrip)
{
    FlowFraming framing;
    framing.chunkBytes = 4096;
    framing.pipelineDepth = 2;
    auto paths = PathsOf(PlanIdealSwitch({2, EightNics(), Picoseconds(1'000'000)}), framing);
    const double cycle = 4096 / PAYLOAD + 4e-6 + (4096 + 82) / LINE + 2 * 86 / LINE;
    // A chunk is a frame, the first of its message; the volume is all of it on the line.
    const double limit = 2 * (4096 + 82 + 16) * PAYLOAD / LINE / cycle;
    EXPECT_NEAR(paths.Of(Direct(1, 1 << 20)).limit, limit, 1e-3 * limit);
    EXPECT_EQ(paths.Of(Direct(1, 8192)).limit, std::numeric_limits<double>::infinity());
}

TEST(FlowPaths, ChunksThatAreMostlyHeadersTakeARoundTripForEachPipeline)
{
    FlowFraming framing;
    framing.chunkBytes = 100;
    framing.pipelineDepth = 4;
    auto paths = PathsOf(PlanIdealSwitch({2, EightNics(), Picoseconds(1'000'000)}), framing);
    const auto path = paths.Of(Direct(1, 100'000));
    // 1,000 chunks, four in a round trip of 4 us, two lines and the acknowledgement's two.
    const double cycle = 100 / PAYLOAD + 4e-6 + (100 + 82) / LINE + 2 * 86 / LINE;
    EXPECT_NEAR(path.volume / path.limit, 1'000 / 4 * cycle, 1e-3 * 250 * cycle);
}

TEST(FlowPaths, APipelineThatIsNotGivenLimitsNoLengthOfFibre)
{
    for (const int64_t delay : {1'000'000LL, 1'000'000'000LL, 10'000'000'000LL})
    {
        auto paths = PathsOf(PlanIdealSwitch({2, EightNics(), Picoseconds(delay)}));
        EXPECT_EQ(paths.Of(Direct(1, 1 << 30)).limit, std::numeric_limits<double>::infinity());
    }
}

TEST(FlowPaths, ChunksInFlightCoverTheWindowAndWhatIsBesideIt)
{
    constexpr uint64_t CHUNK = 1 << 20;
    EXPECT_EQ(ChunksInFlight(0, CHUNK), 4U);
    EXPECT_EQ(ChunksInFlight(1, CHUNK), 4U);
    EXPECT_EQ(ChunksInFlight(CHUNK, CHUNK), 4U);
    EXPECT_EQ(ChunksInFlight(CHUNK + 1, CHUNK), 5U);
    EXPECT_EQ(ChunksInFlight(100 * CHUNK, CHUNK), 103U);
    EXPECT_EQ(ChunksInFlight(UINT64_MAX / 2, 1), UINT32_MAX);
}

TEST(FlowPaths, WhatIsInsideOfAServerHasOneNumberForMessagesAndOthers)
{
    const auto plan = PlanIdealSwitch({3, EightNics(), Picoseconds(1)});
    auto paths = PathsOf(plan);
    const Transfer inside{{2, 0}, {2, 5}, Bytes(1), {NvswitchLeg{2, 0, 5}}};
    std::vector<uint32_t> ports;
    for (const auto port : HostInterior(plan.host).Between(0, 5))
    {
        if (paths.Capacities().at(paths.InsideOf(2, port)) == NVSWITCH)
        {
            ports.push_back(paths.InsideOf(2, port));
        }
        EXPECT_NE(paths.InsideOf(2, port), paths.InsideOf(1, port));
    }
    std::sort(ports.begin(), ports.end());
    EXPECT_EQ(ports.size(), 2U);
    const auto path = paths.Of(inside);
    EXPECT_EQ(ports, std::vector<uint32_t>(path.resources.begin(), path.resources.end()));
}

TEST(FlowPaths, RefusesNicsThatDoNotExistAndSidesThatDoNotMeet)
{
    MixnetSpec spec;
    spec.hosts = 2;
    auto paths = PathsOf(PlanMixnet(spec));
    EXPECT_THROW(paths.Of(Direct(2, 1)), std::invalid_argument);
    // NIC 0 is electrical, NIC 1 optical.
    EXPECT_THROW(paths.IsOpen({{0, 0}, {1, 1}, NicRole::Electrical}), std::invalid_argument);
}

} // namespace
