/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fat-tree-planner.h"
#include "ns3/max-min-network.h"
#include "ns3/queue-network.h"

#include <algorithm>
#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

constexpr double NIC_PAYLOAD = 400e9 / 8 * 4096 / (4096 + 82); //!< of a line, bytes per second
constexpr Picoseconds START{0};                                //!< the beginning
constexpr uint32_t OWNER = 7;                                  //!< of all flows
const QueueSettings QUEUES{32e6, 0.125, 1e6, 1};               //!< sizes

/**
 * @brief The fluid of a fat-tree of eight hosts, of eight GPUs and NICs each; leaves have six NICs
 * and two uplinks.
 */
struct Testbed
{
    /// @param hasQueues Whether messages wait in queues.
    explicit Testbed(bool hasQueues)
        : plan(std::make_shared<const FabricPlan>(Plan())),
          paths(plan, std::make_shared<const ForwardingPlan>(*plan), FlowFraming()),
          queues(paths, QUEUES),
          fluid(hasQueues ? static_cast<FluidNetwork&>(queues) : maxMin)
    {
    }

    /// @return the fabric.
    static FabricPlan Plan()
    {
        HostSpec host;
        host.opticalDegree = 0;
        host.electricalNics = 8;
        return PlanFatTree({8, host, {3, 8, 3}, Picoseconds(1'000'000)});
    }

    /// @param transfer A message. @return what it crosses, which the fluid knows then.
    ResourceList PathOf(const Transfer& transfer)
    {
        const auto path = paths.Of(transfer);
        maxMin.AddResources(paths.Capacities());
        return path.resources;
    }

    /// @param transfer A message. @param connection Its queue pair. @param now This instant.
    /// @return its flow.
    uint32_t Add(const Transfer& transfer,
                 uint32_t connection = FluidNetwork::NONE,
                 Picoseconds now = START)
    {
        const auto resources = PathOf(transfer);
        FlowRequest request{resources, paths.Of(transfer).volume, OWNER};
        request.group = connection;
        request.onlyLeg = std::get_if<RdmaLeg>(&transfer.route.front());
        return fluid.Add(now, request);
    }

    /// @brief Goes on by some steps of a microsecond at most.
    void GoOn()
    {
        fluid.Solve(now);
        for (int step = 0; step < 100; ++step)
        {
            now = std::min(fluid.NextEnd(), now + Picoseconds(1'000'000));
            fluid.TakeEnded(now);
            fluid.Solve(now);
        }
    }

    std::shared_ptr<const FabricPlan> plan; //!< the fabric
    FlowPaths paths;                        //!< its paths
    MaxMinNetwork maxMin;                   //!< one kind
    QueueNetwork queues;                    //!< the other
    FluidNetwork& fluid;                    //!< the one to test
    Picoseconds now{0};                     //!< for GoOn()
};

/// @param host A server but 0. @return a message from a NIC of server 0 to one of it.
Transfer
Direct(uint32_t host)
{
    return {{0, 0},
            {host, 0},
            Bytes(50'000'000),
            {RdmaLeg{{0, 0}, {host, 0}, NicRole::Electrical}}};
}

} // namespace

TEST(FluidNetwork, AloneAMessageHasItsLineAndEndsWhenItIsOver)
{
    for (const bool hasQueues : {false, true})
    {
        Testbed testbed(hasQueues);
        auto& fluid = testbed.fluid;
        const auto flow = testbed.Add(Direct(3));
        const double all = fluid.Left(flow, START);
        testbed.GoOn();
        EXPECT_NEAR(fluid.Rate(flow), PAYLOAD, 1e-6 * PAYLOAD) << hasQueues;
        // A queue goes on to the end of the step that it is in.
        constexpr double LONGEST = 20e-6;
        const double crossed = PAYLOAD * testbed.now.count() * 1e-12;
        EXPECT_NEAR(all - fluid.Left(flow, testbed.now), crossed, LONGEST * PAYLOAD) << hasQueues;
        std::vector<FlowEnd> ended;
        Picoseconds at{0};
        while (ended.empty())
        {
            at = fluid.NextEnd();
            ASSERT_LT(at, FluidNetwork::NEVER);
            ended = fluid.TakeEnded(at);
            fluid.Solve(at);
        }
        ASSERT_EQ(ended.size(), 1U);
        EXPECT_EQ(ended.front().owner, OWNER);
        EXPECT_NEAR((at + ended.front().in).count() * 1e-12,
                    all / PAYLOAD,
                    hasQueues ? 2 * LONGEST : 1e-12);
        EXPECT_EQ(fluid.NextEnd(), FluidNetwork::NEVER) << "nothing is left";
    }
}

TEST(FluidNetwork, BothKindsAreHeldRepeatedAndTakenOutAlike)
{
    for (const bool hasQueues : {false, true})
    {
        Testbed testbed(hasQueues);
        auto& fluid = testbed.fluid;
        const auto flow = testbed.Add(Direct(3));
        const double all = fluid.Left(flow, START);
        fluid.LetWindowOut(flow, QUEUES.window, 4096, START);
        fluid.SetHeld(flow, true);
        testbed.GoOn();
        EXPECT_NEAR(fluid.Left(flow, testbed.now), all - QUEUES.window, 1) << hasQueues;
        EXPECT_EQ(fluid.Rate(flow), 0) << hasQueues;
        fluid.Repeat(flow, 5000, testbed.now);
        EXPECT_NEAR(fluid.Left(flow, testbed.now), all - QUEUES.window + 5000, 1) << hasQueues;
        EXPECT_FALSE(fluid.Reroute(flow, testbed.PathOf(Direct(3)), testbed.now))
            << "nothing has changed";
        fluid.SetHeld(flow, false);
        testbed.GoOn();
        EXPECT_NEAR(fluid.Rate(flow), PAYLOAD, 1e-6 * PAYLOAD) << hasQueues;
        fluid.Remove(flow, testbed.now);
        fluid.Solve(testbed.now);
        testbed.GoOn();
        EXPECT_EQ(fluid.NextEnd(), FluidNetwork::NEVER) << hasQueues;
    }
}

TEST(FluidNetwork, QueuesStandStillUntilSomethingChanges)
{
    Testbed testbed(true);
    const auto flow = testbed.Add(Direct(3));
    testbed.fluid.SetHeld(flow, true);
    testbed.GoOn();
    testbed.GoOn();
    EXPECT_TRUE(testbed.queues.IsStill());
    EXPECT_EQ(testbed.fluid.NextEnd(), FluidNetwork::NEVER);
    testbed.fluid.SetHeld(flow, false);
    testbed.fluid.Solve(testbed.now);
    EXPECT_FALSE(testbed.queues.IsStill());
    EXPECT_EQ(testbed.fluid.NextEnd(), testbed.now);
}

TEST(FluidNetwork, ALinkThatGoesDownLeadsBothKindsElsewhere)
{
    for (const bool hasQueues : {false, true})
    {
        Testbed testbed(hasQueues);
        // Six NICs of a leaf, for which two uplinks are too few.
        uint32_t flow = 0;
        for (uint32_t nic = 0; nic < 6; ++nic)
        {
            auto transfer = Direct(3);
            transfer.route = {RdmaLeg{{0, nic}, {3, nic}, NicRole::Electrical}};
            flow = testbed.Add(transfer);
        }
        auto last = Direct(3);
        last.route = {RdmaLeg{{0, 5}, {3, 5}, NicRole::Electrical}};
        testbed.fluid.Reroute(flow, testbed.PathOf(last), START);
        const auto& leg = std::get<RdmaLeg>(last.route[0]);
        for (uint32_t link = 0; link < testbed.plan->links.size(); ++link)
        {
            if (testbed.paths.ShareOf(leg, link).part == 0.5)
            {
                testbed.paths.SetLinkUp(link, false);
                break;
            }
        }
        EXPECT_TRUE(testbed.fluid.Reroute(flow, testbed.PathOf(last), START)) << hasQueues;
    }
}

TEST(MaxMinNetwork, AMessageCostsTheSameHoweverManyAreOnTheSameQueuePair)
{
    // One after another, or all at once: crossings that are solved for a message are at most those
    // of the few that are flows by themselves, and of one crowd for each of the two directions, for
    // its begin and its end. A message crosses four resources: GPU port or none, line out, line in.
    constexpr uint32_t MOST = 2 * (MaxMinNetwork::FEW + 2) * 4;
    for (const bool atOnce : {true, false})
    {
        for (const uint32_t messages : {500U, 5000U})
        {
            Testbed testbed(false);
            auto& fluid = testbed.fluid;
            const auto& network = testbed.maxMin.Flows();
            auto delegated = Direct(3);
            delegated.route = {NvswitchLeg{0, 5, 0}, delegated.route[0]};
            std::vector<uint32_t> flows;
            for (uint32_t n = 0; n < messages; ++n)
            {
                const Picoseconds now(atOnce ? 0 : n);
                flows.push_back(testbed.Add(n % 2 ? Direct(3) : delegated, 0, now));
                fluid.SetWeight(0, 1.0 / (n + 1));
                if (!atOnce)
                {
                    fluid.Solve(now);
                }
            }
            fluid.Solve(Picoseconds(messages));
            if (atOnce)
            {
                EXPECT_LE(network.SolvedCrossings(), MOST) << "one solution for all";
            }
            double sum = 0;
            for (const auto flow : flows)
            {
                EXPECT_NEAR(fluid.Rate(flow),
                            NIC_PAYLOAD / messages,
                            1e-9 * NIC_PAYLOAD / messages);
                sum += fluid.Rate(flow);
            }
            EXPECT_NEAR(sum, NIC_PAYLOAD, 1e-9 * NIC_PAYLOAD);
            for (uint32_t n = 0; n < messages; ++n)
            {
                fluid.Remove(flows[n], Picoseconds(messages + n));
                if (n + 1 < messages)
                {
                    fluid.SetWeight(0, 1.0 / (messages - n - 1));
                }
                fluid.Solve(Picoseconds(messages + n));
            }
            EXPECT_EQ(network.Size(), 0U);
            EXPECT_LE(network.SolvedCrossings(), uint64_t{MOST} * messages);
        }
    }
}

TEST(MaxMinNetwork, AMessageInsideOfAServerCostsTheSameHoweverManyAreOnTheSameWay)
{
    for (const uint32_t messages : {500U, 5000U})
    {
        Testbed testbed(false);
        const auto& network = testbed.maxMin.Flows();
        auto inside = Direct(3);
        inside.destination = {0, 5};
        inside.route = {NvswitchLeg{0, 0, 5}};
        for (uint32_t n = 0; n < messages; ++n)
        {
            testbed.Add(inside, FluidNetwork::NONE, Picoseconds(n));
            testbed.fluid.Solve(Picoseconds(n));
        }
        // Two ports of GPUs each.
        EXPECT_LE(network.SolvedCrossings(), (MaxMinNetwork::FEW + 1) * 2U * messages);
    }
}

TEST(MaxMinNetwork, FanInAndFanOutCostAsManyFlowsAsThereAreQueuePairs)
{
    // From seven servers to one, or to seven, some hundred messages on each queue pair, at once.
    for (const bool isIn : {true, false})
    {
        for (const uint32_t each : {100U, 1000U})
        {
            Testbed testbed(false);
            std::vector<uint32_t> flows;
            for (uint32_t n = 0; n < 7 * each; ++n)
            {
                const uint32_t host = 1 + n % 7;
                const NicId one{0, 0};
                const NicId other{host, 0};
                Transfer transfer = Direct(host);
                transfer.route = {isIn ? RdmaLeg{other, one, NicRole::Electrical}
                                       : RdmaLeg{one, other, NicRole::Electrical}};
                flows.push_back(testbed.Add(transfer, host));
                testbed.fluid.SetWeight(host, 1.0 / (1 + n / 7));
            }
            testbed.fluid.Solve(START);
            EXPECT_LE(testbed.maxMin.Flows().SolvedCrossings(), 7 * (MaxMinNetwork::FEW + 1) * 4U);
            for (const auto flow : flows)
            {
                const double share = NIC_PAYLOAD / (7 * each);
                EXPECT_NEAR(testbed.fluid.Rate(flow), share, 1e-9 * share);
            }
        }
    }
}

TEST(MaxMinNetwork, AMessageInACrowdIsHeldRepeatedMovedAndTakenOutAsOthers)
{
    Testbed testbed(false);
    auto& fluid = testbed.fluid;
    std::vector<uint32_t> flows;
    for (uint32_t n = 0; n < MaxMinNetwork::FEW + 3; ++n)
    {
        flows.push_back(testbed.Add(Direct(3), 0));
    }
    const auto flow = flows.back();
    fluid.Solve(START);
    const double all = fluid.Left(flow, START);
    fluid.LetWindowOut(flow, QUEUES.window, 4096, START);
    EXPECT_NEAR(fluid.Left(flow, START), all - QUEUES.window, 1);
    fluid.Repeat(flow, 5000, START);
    EXPECT_NEAR(fluid.Left(flow, START), all - QUEUES.window + 5000, 1);
    EXPECT_FALSE(fluid.Reroute(flow, testbed.PathOf(Direct(3)), START)) << "nothing has changed";
    auto other = Direct(3);
    other.route.insert(other.route.begin(), NvswitchLeg{0, 5, 0});
    const auto path = testbed.PathOf(other);
    EXPECT_NE(testbed.maxMin.Flows().ResourcesOf(flow), path);
    EXPECT_TRUE(fluid.Reroute(flow, path, START));
    EXPECT_EQ(testbed.maxMin.Flows().ResourcesOf(flow), path);
    EXPECT_NEAR(fluid.Left(flow, START), all - QUEUES.window + 5000, 1);
    fluid.Solve(START);
    const double share = PAYLOAD / (MaxMinNetwork::FEW + 3);
    EXPECT_NEAR(fluid.Rate(flow), share, 1e-9 * share);
    for (const auto each : flows)
    {
        fluid.SetHeld(each, true);
    }
    fluid.Solve(START);
    EXPECT_EQ(fluid.Rate(flow), 0);
    for (const auto each : flows)
    {
        fluid.Remove(each, START);
    }
    EXPECT_EQ(testbed.maxMin.Flows().Size(), 0U);
}

TEST(MaxMinNetwork, ACapIsOfEachFlowByItselfOrInACrowd)
{
    // Twice as many flows as are by themselves, capped at a line's hundredth each.
    Testbed testbed(false);
    const auto path = testbed.PathOf(Direct(3));
    std::vector<uint32_t> flows;
    for (uint32_t n = 0; n < 2 * MaxMinNetwork::FEW; ++n)
    {
        FlowRequest request{path, 1e6, OWNER, PAYLOAD / 100};
        request.group = 0;
        flows.push_back(testbed.fluid.Add(START, request));
    }
    testbed.fluid.Solve(START);
    for (const auto flow : flows)
    {
        EXPECT_NEAR(testbed.fluid.Rate(flow), PAYLOAD / 100, 1e-9 * PAYLOAD);
    }
}
