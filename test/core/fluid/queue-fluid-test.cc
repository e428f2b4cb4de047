/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/queue-fluid.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <vector>

namespace mixnetcore
{

namespace
{

constexpr double LINE = 50e9;                                       //!< bytes per second
constexpr double STEP = 10e-6;                                      //!< seconds
constexpr double ALPHA = 0.125;                                     //!< of thresholds
constexpr double ENDLESS = std::numeric_limits<double>::infinity(); //!< bytes

/**
 * @brief Two switches in a row: sources on the first, which sends over one link to the second,
 * which has a link to each receiver.
 */
struct Dumbbell
{
    /// @param buffer Of each switch, bytes. @param senders Sources. @param receivers Receivers.
    /// @param between Rate of the link between the switches, bytes per second.
    Dumbbell(double buffer, uint32_t senders, uint32_t receivers, double between)
    {
        const auto first = fluid.AddSwitch(buffer, ALPHA, 1);
        const auto second = fluid.AddSwitch(buffer, ALPHA, 1);
        middle = fluid.AddInput(second, 1);
        link = fluid.AddQueue(between, middle);
        for (uint32_t n = 0; n < senders; ++n)
        {
            inputs.push_back(fluid.AddInput(first, 1));
            sources.push_back(fluid.AddSource(LINE, inputs.back()));
        }
        for (uint32_t n = 0; n < receivers; ++n)
        {
            queues.push_back(fluid.AddQueue(LINE, QueueFluid::NONE));
        }
    }

    /// @param from A sender. @param to A receiver. @param bytes How many. @param window Of it.
    /// @param group Whose weight it has. @return number of the flow.
    uint32_t Add(uint32_t from,
                 uint32_t to,
                 double bytes,
                 double window = ENDLESS,
                 uint32_t group = QueueFluid::NONE)
    {
        return fluid.AddFlow(sources[from],
                             {{inputs[from], link}, {middle, queues[to]}},
                             bytes,
                             window,
                             group);
    }

    QueueFluid fluid;              //!< all
    uint32_t middle;               //!< input of the second switch
    uint32_t link;                 //!< queue between the two
    std::vector<uint32_t> inputs;  //!< of the first switch, by sender
    std::vector<uint32_t> sources; //!< by sender
    std::vector<uint32_t> queues;  //!< by receiver
};

/// @param fluid Queues. @return seconds until each flow has ended.
std::map<uint32_t, double>
EndsOf(QueueFluid& fluid)
{
    std::map<uint32_t, double> ends;
    constexpr int MOST = 100'000;
    const double seconds = std::min(STEP, fluid.LongestStep());
    for (int step = 1; fluid.Flows() > 0 && step < MOST; ++step)
    {
        for (const auto flow : fluid.Step(seconds))
        {
            ends[flow] = step * seconds;
        }
    }
    EXPECT_EQ(fluid.Flows(), 0U) << "all end";
    return ends;
}

} // namespace

TEST(QueueFluid, OneFlowTakesBytesOverRate)
{
    Dumbbell net(ENDLESS, 1, 1, LINE);
    const double bytes = 1e9;
    const auto flow = net.Add(0, 0, bytes);
    EXPECT_NEAR(EndsOf(net.fluid)[flow], bytes / LINE, STEP);
}

TEST(QueueFluid, AShortFlowPassesAllQueuesInAStep)
{
    Dumbbell net(ENDLESS, 1, 1, LINE);
    const auto flow = net.Add(0, 0, 1000);
    EXPECT_EQ(net.fluid.Step(STEP), std::vector<uint32_t>{flow});
}

TEST(QueueFluid, SendersShareAFullLinkAndTheBufferHoldsWhatTheySendTooMuch)
{
    const double bytes = 50e6;
    for (const double buffer : {ENDLESS, 1e6})
    {
        Dumbbell net(buffer, 4, 4, LINE);
        for (uint32_t n = 0; n < 4; ++n)
        {
            net.Add(n, n, bytes);
        }
        for (const auto& [flow, end] : EndsOf(net.fluid))
        {
            EXPECT_NEAR(end, 4 * bytes / LINE, 0.02 * 4 * bytes / LINE) << flow << ", " << buffer;
        }
    }
}

TEST(QueueFluid, AFlowMayHaveItsWindowInFlightAndNoMore)
{
    constexpr double WINDOW = 1e6;
    Dumbbell net(ENDLESS, 2, 1, LINE);
    const auto first = net.Add(0, 0, 100e6, WINDOW);
    net.Add(1, 0, 100e6, ENDLESS);
    for (int step = 0; step < 100; ++step)
    {
        const double before = net.fluid.Left(first);
        net.fluid.Step(STEP);
        EXPECT_LE(net.fluid.Left(first), before);
    }
    // Bytes wait in proportion to what each has in the queue: hardly any of the first one's.
    EXPECT_LT(net.fluid.Rate(first), 0.1 * LINE);
    EXPECT_GT(net.fluid.Rate(first), 0);
}

TEST(QueueFluid, WhatWaitsForAFullLinkHoldsUpWhatIsBehindIt)
{
    // Three send to receiver 0 over the link, which is as fast as two; one of them also to receiver
    // 1, which is free. The victim gets its part of its source as long as buffers have room.
    const double bytes = 30e6;
    const auto victimEnd = [bytes](double buffer) {
        Dumbbell net(buffer, 3, 2, 2 * LINE);
        for (uint32_t n = 0; n < 3; ++n)
        {
            net.Add(n, 0, bytes);
        }
        const auto victim = net.Add(0, 1, bytes);
        return EndsOf(net.fluid)[victim];
    };
    const double ample = victimEnd(1e9);
    const double scarce = victimEnd(1e6);
    EXPECT_GE(ample, bytes / (LINE / 2)) << "half of its source";
    // Paused, the three sources have equal parts of the link, x each, and half of the first one's
    // is the victim's: receiver 0 takes x / 2 + x + x, so x is 0.4 of a line. When the other two
    // are over, the victim has half a line.
    const double others = bytes / (0.4 * LINE);
    const double expected = others + (bytes - 0.2 * LINE * others) / (LINE / 2);
    EXPECT_NEAR(scarce, expected, 0.01 * expected);
    EXPECT_GT(scarce, 1.1 * ample);
}

TEST(QueueFluid, NoSwitchHoldsMoreThanItsThresholdsAllow)
{
    constexpr double BUFFER = 8e6;
    Dumbbell net(BUFFER, 4, 1, LINE);
    std::vector<uint32_t> flows;
    double all = 0;
    for (uint32_t n = 0; n < 4; ++n)
    {
        flows.push_back(net.Add(n, 0, 100e6));
        all += 100e6;
    }
    // Held: h each of four inputs, h = alpha (B - 4 h).
    const double most = 4 * ALPHA * BUFFER / (1 + 4 * ALPHA);
    double delivered = 0;
    for (int step = 0; step < 300; ++step)
    {
        net.fluid.Step(STEP);
        double rate = 0;
        for (const auto flow : flows)
        {
            rate += net.fluid.Rate(flow);
        }
        EXPECT_LE(rate, LINE * (1 + 1e-9));
        delivered += rate * STEP;
    }
    double left = 0;
    for (const auto flow : flows)
    {
        left += net.fluid.Left(flow);
    }
    EXPECT_NEAR(left + delivered, all, 1) << "sent = delivered + waiting";
    // Held up, sources send nothing more: what comes yet was in the two switches.
    for (const auto flow : flows)
    {
        net.fluid.SetHeld(flow, true);
    }
    double waiting = 0;
    for (int step = 0; step < 1000; ++step)
    {
        net.fluid.Step(STEP);
        for (const auto flow : flows)
        {
            waiting += net.fluid.Rate(flow) * STEP;
        }
    }
    // The second one hands on as fast as it gets.
    EXPECT_NEAR(waiting, most, LINE * STEP);
}

TEST(QueueFluid, WeightsSplitASource)
{
    Dumbbell net(ENDLESS, 1, 2, LINE);
    const double bytes = 30e6;
    constexpr uint32_t HALVES = 3;
    const auto light = net.Add(0, 0, bytes, ENDLESS, HALVES);
    const auto other = net.Add(0, 0, bytes, ENDLESS, HALVES);
    const auto heavy = net.Add(0, 1, bytes);
    net.fluid.SetWeight(HALVES, 0.5);
    auto ends = EndsOf(net.fluid);
    EXPECT_NEAR(ends[heavy], bytes / (LINE / 2), 2 * STEP);
    EXPECT_NEAR(ends[light], 3 * bytes / LINE, 2 * STEP);
    EXPECT_EQ(ends[light], ends[other]);
}

TEST(QueueFluid, WhatIsRemovedIsNowhereAndWhatIsRepeatedComesAgain)
{
    Dumbbell net(1e6, 2, 1, LINE);
    const double bytes = 50e6;
    const auto gone = net.Add(0, 0, bytes);
    const auto stays = net.Add(1, 0, bytes);
    double served = 0;
    const double seconds = net.fluid.LongestStep();
    for (int step = 0; step < 500; ++step)
    {
        net.fluid.Step(seconds);
        served += net.fluid.Rate(stays) * seconds;
    }
    net.fluid.RemoveFlow(gone);
    const double again = 5e6;
    net.fluid.Repeat(stays, again);
    const double rest = (bytes - served + again) / LINE;
    EXPECT_NEAR(EndsOf(net.fluid)[stays], rest, 0.02 * rest);
}

TEST(QueueFluid, WhatIsHeldMaySendOnToTheEndOfItsWindow)
{
    constexpr double WINDOW = 2e6;
    constexpr double KEPT = 4096;
    Dumbbell net(ENDLESS, 1, 1, LINE);
    const double bytes = 50e6;
    const auto flow = net.Add(0, 0, bytes, WINDOW);
    net.fluid.SetHeld(flow, true);
    net.fluid.Step(STEP);
    EXPECT_EQ(net.fluid.Left(flow), bytes);
    net.fluid.LetWindowOut(flow, KEPT);
    for (int step = 0; step < 100; ++step)
    {
        net.fluid.Step(STEP);
    }
    EXPECT_NEAR(net.fluid.Left(flow), bytes - WINDOW, 1);
    const auto small = net.Add(0, 0, WINDOW, WINDOW);
    net.fluid.SetHeld(small, true);
    net.fluid.LetWindowOut(small, KEPT);
    for (int step = 0; step < 100; ++step)
    {
        EXPECT_TRUE(net.fluid.Step(STEP).empty());
    }
    EXPECT_NEAR(net.fluid.Left(small), KEPT, 1);
    net.fluid.SetHeld(small, false);
    EXPECT_EQ(net.fluid.Step(STEP), std::vector<uint32_t>{small});
}

TEST(QueueFluid, AnotherPathIsForWhatHasNotBeenSent)
{
    constexpr double WINDOW = 1e6;
    Dumbbell net(ENDLESS, 2, 2, LINE);
    net.Add(1, 0, 100e6); // fills the queue, so that a window of the other one waits there
    const auto flow = net.Add(0, 0, 50e6, WINDOW);
    for (int step = 0; step < 50; ++step)
    {
        net.fluid.Step(STEP);
    }
    const double before = net.fluid.Left(flow);
    net.fluid.SetPath(flow, {{net.inputs[0], net.link}, {net.middle, net.queues[1]}});
    EXPECT_NEAR(net.fluid.Left(flow), before - WINDOW, 0.1 * WINDOW);
    EXPECT_EQ(EndsOf(net.fluid).count(flow), 1U);
}

TEST(QueueFluid, StepsAreShorterThanAThresholdAndAWindowTake)
{
    Dumbbell net(32e6, 6, 1, LINE);
    const double threshold = ALPHA * 32e6 / (1 + ALPHA * 6);
    EXPECT_LT(net.fluid.LongestStep(), threshold / LINE);
    net.Add(0, 0, 1e6, 100e3);
    EXPECT_LT(net.fluid.LongestStep(), 100e3 / LINE);
    EXPECT_GT(net.fluid.LongestStep(), 0);
}

TEST(QueueFluid, CountsWhatMovesAndNothingWhenQueuesWaitForEachOther)
{
    // Three switches in a ring. What enters at one waits for the link to the next, and there for
    // the link behind it: each link feeds the input that the link before it waits for.
    constexpr uint32_t RING = 3;
    constexpr double BYTES = 1e9;
    constexpr double BUFFER = 1e6;
    QueueFluid fluid;
    std::vector<uint32_t> between; // input of each switch from the one before it
    std::vector<uint32_t> own;     // input of each switch from its NICs
    for (uint32_t n = 0; n < RING; ++n)
    {
        const auto place = fluid.AddSwitch(BUFFER, ALPHA, 1);
        between.push_back(fluid.AddInput(place, 1));
        own.push_back(fluid.AddInput(place, 1));
    }
    std::vector<uint32_t> links; // from each switch to the next
    std::vector<uint32_t> outs;  // to the NIC of each
    for (uint32_t n = 0; n < RING; ++n)
    {
        links.push_back(fluid.AddQueue(LINE, between[(n + 1) % RING]));
        outs.push_back(fluid.AddQueue(LINE, QueueFluid::NONE));
    }
    for (uint32_t n = 0; n < RING; ++n)
    {
        const auto next = (n + 1) % RING;
        const auto last = (n + 2) % RING;
        fluid.AddFlow(
            fluid.AddSource(LINE, own[n]),
            {{own[n], links[n]}, {between[next], links[next]}, {between[last], outs[last]}},
            BYTES,
            ENDLESS);
    }
    const double seconds = std::min(STEP, fluid.LongestStep());
    fluid.Step(seconds);
    EXPECT_GT(fluid.Moved(), 0);
    // What the first link carries must fit into what the ring holds, or pass it; nothing passes.
    const int most = std::ceil(RING * BUFFER / LINE / seconds) + 10;
    for (int step = 0; step < most; ++step)
    {
        fluid.Step(seconds);
    }
    ASSERT_EQ(fluid.Flows(), RING);
    for (int step = 0; step < 1000; ++step)
    {
        EXPECT_TRUE(fluid.Step(seconds).empty());
        EXPECT_LT(fluid.Moved(), 1);
    }
}

} // namespace mixnetcore
