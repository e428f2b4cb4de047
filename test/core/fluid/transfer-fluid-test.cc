/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fat-tree-planner.h"
#include "ns3/transfer-fluid.h"

#include <gtest/gtest.h>
#include <limits>

using namespace mixnetcore;

namespace
{

constexpr double NIC_PAYLOAD = 400e9 / 8 * 4096 / (4096 + 82);      //!< of a line, bytes per second
constexpr double ENDLESS = std::numeric_limits<double>::infinity(); //!< bytes
constexpr double QUEUE_STEP = 1e-6;                                 //!< seconds
constexpr Picoseconds START{0};                                     //!< the beginning
const QueueSettings QUEUES{32e6, 0.125, 1e6, 1};                    //!< sizes

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
          fluid(plan, paths, 0)
    {
        if (hasQueues)
        {
            fluid.SetQueues(QUEUES);
        }
    }

    /// @return the fabric.
    static FabricPlan Plan()
    {
        HostSpec host;
        host.opticalDegree = 0;
        host.electricalNics = 8;
        return PlanFatTree({8, host, {3, 8, 3}, Picoseconds(1'000'000)});
    }

    /// @param transfer A message. @param connection Its queue pair. @param now This instant.
    /// @return it in the fluid.
    TransferFluid::Part Add(const Transfer& transfer,
                            uint32_t connection = TransferFluid::NONE,
                            Picoseconds now = START)
    {
        return fluid.Add(transfer, paths.Of(transfer), ENDLESS, now, {connection, true});
    }

    std::shared_ptr<const FabricPlan> plan; //!< the fabric
    FlowPaths paths;                        //!< its ways
    TransferFluid fluid;                    //!< its fluid
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

TEST(TransferFluid, AloneAMessageHasItsLine)
{
    Testbed testbed(false);
    const auto part = testbed.Add(Direct(3));
    EXPECT_TRUE(part.Exists());
    EXPECT_FALSE(part.isQueued);
    testbed.fluid.MaxMin().Solve(START);
    EXPECT_NEAR(testbed.fluid.Rate(part), NIC_PAYLOAD, 1e-9 * NIC_PAYLOAD);
}

TEST(TransferFluid, InQueuesItHasItsLineToo)
{
    Testbed testbed(true);
    const auto part = testbed.Add(Direct(3));
    EXPECT_TRUE(part.isQueued);
    const double all = testbed.fluid.Left(part, START);
    for (int step = 0; step < 100; ++step)
    {
        testbed.fluid.Queues().Step(QUEUE_STEP);
    }
    EXPECT_NEAR(testbed.fluid.Rate(part), NIC_PAYLOAD, 1e-6 * NIC_PAYLOAD);
    EXPECT_NEAR(all - testbed.fluid.Left(part, START),
                100 * QUEUE_STEP * NIC_PAYLOAD,
                QUEUE_STEP * NIC_PAYLOAD);
}

TEST(TransferFluid, OnlyMessagesWithOneLegBetweenHostsAreInQueues)
{
    Testbed testbed(true);
    Transfer inside = Direct(3);
    inside.destination = {0, 5};
    inside.route = {NvswitchLeg{0, 0, 5}};
    EXPECT_FALSE(testbed.Add(inside).isQueued);
    Transfer relayed = Direct(3);
    relayed.route = {RdmaLeg{{0, 0}, {2, 0}, NicRole::Electrical},
                     RdmaLeg{{2, 0}, {3, 0}, NicRole::Electrical}};
    EXPECT_FALSE(testbed.Add(relayed).isQueued);
    Transfer delegated = Direct(3);
    delegated.route = {NvswitchLeg{0, 5, 0}, delegated.route[0], NvswitchLeg{3, 0, 5}};
    EXPECT_TRUE(testbed.Add(delegated).isQueued);
}

TEST(TransferFluid, BothKindsAreHeldRepeatedAndTakenOutAlike)
{
    for (const bool hasQueues : {false, true})
    {
        Testbed testbed(hasQueues);
        auto& fluid = testbed.fluid;
        auto part = testbed.Add(Direct(3));
        const double all = fluid.Left(part, START);
        fluid.LetWindowOut(part, QUEUES.window, 4096, START);
        fluid.SetHeld(part, true);
        for (int step = 0; step < 100 && hasQueues; ++step)
        {
            fluid.Queues().Step(QUEUE_STEP);
        }
        fluid.MaxMin().Solve(START);
        EXPECT_NEAR(fluid.Left(part, START), all - QUEUES.window, 1) << hasQueues;
        EXPECT_EQ(fluid.Rate(part), 0) << hasQueues;
        fluid.Repeat(part, 5000, START);
        EXPECT_NEAR(fluid.Left(part, START), all - QUEUES.window + 5000, 1) << hasQueues;
        EXPECT_FALSE(fluid.Reroute(part, testbed.paths.Of(Direct(3)), START))
            << "nothing has changed";
        fluid.Remove(part, START);
        EXPECT_FALSE(part.Exists());
    }
}

TEST(TransferFluid, ALinkThatGoesDownLeadsBothKindsElsewhere)
{
    for (const bool hasQueues : {false, true})
    {
        Testbed testbed(hasQueues);
        // Six NICs of a leaf, for which two uplinks are too few.
        TransferFluid::Part part;
        for (uint32_t nic = 0; nic < 6; ++nic)
        {
            auto transfer = Direct(3);
            transfer.route = {RdmaLeg{{0, nic}, {3, nic}, NicRole::Electrical}};
            part = testbed.Add(transfer);
        }
        auto last = Direct(3);
        last.route = {RdmaLeg{{0, 5}, {3, 5}, NicRole::Electrical}};
        testbed.fluid.Reroute(part, testbed.paths.Of(last), START);
        const auto& leg = std::get<RdmaLeg>(last.route[0]);
        for (uint32_t link = 0; link < testbed.plan->links.size(); ++link)
        {
            if (testbed.paths.ShareOf(leg, link).part == 0.5)
            {
                testbed.paths.SetLinkUp(link, false);
                break;
            }
        }
        EXPECT_TRUE(testbed.fluid.Reroute(part, testbed.paths.Of(last), START)) << hasQueues;
    }
}

TEST(TransferFluid, AMessageCostsTheSameHoweverManyAreOnTheSameQueuePair)
{
    // One after another, or all at once: crossings that are solved for a message are at most those
    // of the few that are flows by themselves, and of one crowd for each of the two ways, for its
    // begin and its end. A message crosses four resources: GPU port or none, line out, line in.
    constexpr uint32_t MOST = 2 * (TransferFluid::FEW + 2) * 4;
    for (const bool atOnce : {true, false})
    {
        for (const uint32_t messages : {500U, 5000U})
        {
            Testbed testbed(false);
            auto& fluid = testbed.fluid;
            auto& network = fluid.MaxMin();
            auto delegated = Direct(3);
            delegated.route = {NvswitchLeg{0, 5, 0}, delegated.route[0]};
            std::vector<TransferFluid::Part> parts;
            for (uint32_t n = 0; n < messages; ++n)
            {
                const Picoseconds now(atOnce ? 0 : n);
                parts.push_back(testbed.Add(n % 2 ? Direct(3) : delegated, 0, now));
                fluid.SetWeight(0, 1.0 / (n + 1));
                if (!atOnce)
                {
                    network.Solve(now);
                }
            }
            network.Solve(Picoseconds(messages));
            if (atOnce)
            {
                EXPECT_LE(network.SolvedCrossings(), MOST) << "one solution for all";
            }
            double sum = 0;
            for (const auto& part : parts)
            {
                EXPECT_NEAR(fluid.Rate(part),
                            NIC_PAYLOAD / messages,
                            1e-9 * NIC_PAYLOAD / messages);
                sum += fluid.Rate(part);
            }
            EXPECT_NEAR(sum, NIC_PAYLOAD, 1e-9 * NIC_PAYLOAD);
            for (uint32_t n = 0; n < messages; ++n)
            {
                fluid.Remove(parts[n], Picoseconds(messages + n));
                if (n + 1 < messages)
                {
                    fluid.SetWeight(0, 1.0 / (messages - n - 1));
                }
                network.Solve(Picoseconds(messages + n));
            }
            EXPECT_EQ(network.Size(), 0U);
            EXPECT_LE(network.SolvedCrossings(), uint64_t{MOST} * messages);
        }
    }
}

TEST(TransferFluid, AMessageInsideOfAServerCostsTheSameHoweverManyAreOnTheSameWay)
{
    for (const uint32_t messages : {500U, 5000U})
    {
        Testbed testbed(false);
        auto& network = testbed.fluid.MaxMin();
        auto inside = Direct(3);
        inside.destination = {0, 5};
        inside.route = {NvswitchLeg{0, 0, 5}};
        for (uint32_t n = 0; n < messages; ++n)
        {
            testbed.Add(inside, TransferFluid::NONE, Picoseconds(n));
            network.Solve(Picoseconds(n));
        }
        // Two ports of GPUs each.
        EXPECT_LE(network.SolvedCrossings(), (TransferFluid::FEW + 1) * 2U * messages);
    }
}

TEST(TransferFluid, FanInAndFanOutCostAsManyFlowsAsThereAreQueuePairs)
{
    // From seven servers to one, or to seven, some hundred messages on each queue pair, at once.
    for (const bool isIn : {true, false})
    {
        for (const uint32_t each : {100U, 1000U})
        {
            Testbed testbed(false);
            std::vector<TransferFluid::Part> parts;
            for (uint32_t n = 0; n < 7 * each; ++n)
            {
                const uint32_t host = 1 + n % 7;
                const NicId one{0, 0};
                const NicId other{host, 0};
                Transfer transfer = Direct(host);
                transfer.route = {isIn ? RdmaLeg{other, one, NicRole::Electrical}
                                       : RdmaLeg{one, other, NicRole::Electrical}};
                parts.push_back(testbed.Add(transfer, host));
                testbed.fluid.SetWeight(host, 1.0 / (1 + n / 7));
            }
            testbed.fluid.MaxMin().Solve(START);
            EXPECT_LE(testbed.fluid.MaxMin().SolvedCrossings(), 7 * (TransferFluid::FEW + 1) * 4U);
            for (const auto& part : parts)
            {
                const double share = NIC_PAYLOAD / (7 * each);
                EXPECT_NEAR(testbed.fluid.Rate(part), share, 1e-9 * share);
            }
        }
    }
}

TEST(TransferFluid, AMessageInACrowdIsHeldRepeatedMovedAndTakenOutAsOthers)
{
    Testbed testbed(false);
    auto& fluid = testbed.fluid;
    std::vector<TransferFluid::Part> parts;
    for (uint32_t n = 0; n < TransferFluid::FEW + 3; ++n)
    {
        parts.push_back(testbed.Add(Direct(3), 0));
    }
    auto& part = parts.back();
    EXPECT_EQ(parts.front().crowd, TransferFluid::NONE);
    ASSERT_NE(part.crowd, TransferFluid::NONE);
    fluid.MaxMin().Solve(START);
    const double all = fluid.Left(part, START);
    fluid.LetWindowOut(part, QUEUES.window, 4096, START);
    EXPECT_NEAR(fluid.Left(part, START), all - QUEUES.window, 1);
    fluid.Repeat(part, 5000, START);
    EXPECT_NEAR(fluid.Left(part, START), all - QUEUES.window + 5000, 1);
    EXPECT_FALSE(fluid.Reroute(part, testbed.paths.Of(Direct(3)), START)) << "nothing has changed";
    auto other = Direct(3);
    other.route.insert(other.route.begin(), NvswitchLeg{0, 5, 0});
    const auto before = part.crowd;
    EXPECT_TRUE(fluid.Reroute(part, testbed.paths.Of(other), START));
    EXPECT_NE(part.crowd, before);
    EXPECT_NEAR(fluid.Left(part, START), all - QUEUES.window + 5000, 1);
    fluid.MaxMin().Solve(START);
    const double share = NIC_PAYLOAD / (TransferFluid::FEW + 3);
    EXPECT_NEAR(fluid.Rate(part), share, 1e-9 * share);
    for (const auto& each : parts)
    {
        fluid.SetHeld(each, true);
    }
    fluid.MaxMin().Solve(START);
    EXPECT_EQ(fluid.Rate(part), 0);
    for (auto& each : parts)
    {
        fluid.Remove(each, START);
        EXPECT_FALSE(each.Exists());
    }
    EXPECT_EQ(fluid.MaxMin().Size(), 0U);
}
