/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "rdma-nic-test-case.h"

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

/**
 * @ingroup mixnet-tests
 * @brief A blackout is waited for: timers and retry count stand still.
 */
class RdmaNicBlackoutTestCase : public MixnetTestCase
{
  public:
    /**
     * @param milliseconds Length of the blackout.
     * @param retryLimit Attribute RetryLimit.
     * @param timeout Attribute LinkDownTimeout, us.
     */
    RdmaNicBlackoutTestCase(uint64_t milliseconds, uint64_t retryLimit, uint64_t timeout)
        : MixnetTestCase("A blackout of " + std::to_string(milliseconds) +
                         " ms is survived with RetryLimit " + std::to_string(retryLimit) +
                         " and LinkDownTimeout " + std::to_string(timeout) + " us"),
          m_milliseconds(milliseconds),
          m_retryLimit(retryLimit),
          m_timeout(timeout)
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        const uint64_t frames = 1000;
        const Time begin = Start() + MicroSeconds(40);
        const Time end = begin + MilliSeconds(m_milliseconds);
        NicNetwork network;
        WriteLedger ledger;
        network.SetNic("RetryLimit", UintegerValue(m_retryLimit));
        network.SetNic("LinkDownTimeout", TimeValue(MicroSeconds(m_timeout)));
        network.AddNics(2, line);
        network.AddOcs(Delay());
        network.SetCircuits({{0, 1}}, Time(0));
        ledger.Listen(network.nics[1]);
        FrameLog log(network.nics[0]);
        ledger.PostAt(Start(), network.nics[0], 1, frames * MTU);
        Simulator::Schedule(begin, &NicNetwork::Blackout, &network, MilliSeconds(m_milliseconds));
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 1, "arrives once");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 1, "ends once");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ((ledger.endings[0].completion.status == SUCCESS), true, "Success");
        NS_TEST_EXPECT_MSG_EQ(log.Between(begin + Delay(), end + Delay()), 0, "silent in the dark");

        // Signal reaches the NIC a fibre's delay after it returns; there the sender goes back to
        // the oldest unacknowledged frame. Acknowledged is at most what had passed the switch, and
        // at least what had passed two round trips before, up to the acknowledgement interval.
        const auto resumed = std::find_if(log.sent.begin(), log.sent.end(), [&](const auto& entry) {
            return entry.at >= end + Delay();
        });
        NS_TEST_ASSERT_MSG_EQ((resumed != log.sent.end()), true, "goes on");
        if (IsStatusFailure())
        {
            return;
        }
        const uint64_t first = resumed->frame.sequence;
        const uint64_t passed = (begin - Start()).GetPicoSeconds() / line.Full().GetPicoSeconds();
        const uint64_t roundTrip = (5 * Delay()).GetPicoSeconds() / line.Full().GetPicoSeconds();
        NS_TEST_EXPECT_MSG_EQ(resumed->at, end + Delay(), "as soon as there is a signal");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(first, passed, "not beyond what had passed");
        NS_TEST_EXPECT_MSG_GT_OR_EQ(first, passed - roundTrip - ACK_INTERVAL, "not far behind");
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[0].at,
                              end + Delay() + line.From(frames * MTU, first) + 2 * Delay(),
                              "the rest follows at line rate");
    }

    uint64_t m_milliseconds; //!< length of the blackout
    uint64_t m_retryLimit;   //!< attribute RetryLimit
    uint64_t m_timeout;      //!< attribute LinkDownTimeout, us
};

/**
 * @ingroup mixnet-tests
 * @brief A fibre that stays cut ends all messages with LinkDownTimeout.
 */
class RdmaNicLinkDownTimeoutTestCase : public MixnetTestCase
{
  public:
    /// @param seconds Attribute LinkDownTimeout; zero for its default, 30 s.
    explicit RdmaNicLinkDownTimeoutTestCase(uint64_t seconds)
        : MixnetTestCase("A fibre cut for good ends all messages with LinkDownTimeout after " +
                         std::to_string(seconds == 0 ? 30 : seconds) + " s" +
                         (seconds == 0 ? ", the default" : "")),
          m_seconds(seconds)
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        const Time cut = Start() + MicroSeconds(30);
        NicNetwork network;
        WriteLedger ledger;
        if (m_seconds > 0)
        {
            network.SetNic("LinkDownTimeout", TimeValue(Seconds(m_seconds)));
        }
        network.AddNics(2, line);
        network.Join(network.nics[0], network.nics[1], Delay());
        ledger.Listen(network.nics[1]);
        ledger.PostAt(Start(), network.nics[0], 1, 1000 * MTU);
        ledger.PostAt(Start(), network.nics[0], 1, MTU);
        Simulator::Schedule(cut, &Fibre::Cut, network.fibres[0]);
        Simulator::Run(); // returns

        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals.size(), 0, "nothing arrives whole");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 2, "both end once");
        if (IsStatusFailure())
        {
            return;
        }
        for (const auto& ending : ledger.endings)
        {
            NS_TEST_EXPECT_MSG_EQ((ending.completion.status == CompletionStatus::LinkDownTimeout),
                                  true,
                                  "status");
            NS_TEST_EXPECT_MSG_EQ(ending.at,
                                  cut + Delay() + Seconds(m_seconds == 0 ? 30 : m_seconds),
                                  "counted from the loss of signal at the NIC");
        }
        // Acknowledged is what was asked for and came back in time, in full frames.
        const uint64_t delivered = ledger.endings[0].completion.bytesDelivered;
        const uint64_t arrived = network.nics[1]->GetQueuePair(0).GetReceivedBytes();
        NS_TEST_EXPECT_MSG_GT(delivered, 0, "some were acknowledged");
        NS_TEST_EXPECT_MSG_EQ(delivered % (ACK_INTERVAL * MTU), 0, "at the interval");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(delivered, arrived, "no more than arrived");
        NS_TEST_EXPECT_MSG_LT(arrived, 1000 * MTU, "not everything arrived");
        NS_TEST_EXPECT_MSG_EQ(ledger.endings[1].completion.bytesDelivered, 0, "second not begun");
        NS_TEST_EXPECT_MSG_EQ(network.nics[0]->GetRetransmittedFrames(), 0, "nothing in the dark");
    }

    uint64_t m_seconds; //!< attribute LinkDownTimeout, zero for its default
};

/**
 * @ingroup mixnet-tests
 * @brief A queue pair waits while the circuit is with another peer.
 */
class RdmaNicMovedCircuitTestCase : public MixnetTestCase
{
  public:
    /// @param microseconds Reconfiguration time.
    explicit RdmaNicMovedCircuitTestCase(uint64_t microseconds)
        : MixnetTestCase("A circuit moved to another peer and back in " +
                         std::to_string(microseconds) +
                         " us suspends and resumes; frames for the old peer drop as WrongPeer"),
          m_microseconds(microseconds)
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        const uint64_t bytes = 1000 * MTU;
        const Time duration = MicroSeconds(m_microseconds);
        const Time away = Start() + MicroSeconds(30);
        const Time back = away + MilliSeconds(60);
        NicNetwork network;
        WriteLedger ledger;
        network.AddNics(3, line);
        network.AddOcs(Delay());
        network.SetCircuits({{0, 1}}, Time(0));
        ledger.Listen(network.nics[1]);
        WriteLedger other;
        other.Listen(network.nics[2]);
        FrameLog log(network.nics[0]);
        ledger.PostAt(Start(), network.nics[0], 1, bytes);
        Simulator::Schedule(away, [&] { network.SetCircuits({{0, 2}}, duration); });
        Simulator::Schedule(back, [&] { network.SetCircuits({{0, 1}}, duration); });
        // Meanwhile the new peer is served, although it was asked for after.
        other.PostAt(away + MilliSeconds(30), network.nics[0], 2, MTU);
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 1, "ends once");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ((ledger.endings[0].completion.status == SUCCESS), true, "Success");
        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 1, "arrives once");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(network.nics[1]->GetQueuePair(0).GetReceivedBytes(), bytes, "bytes");
        NS_TEST_EXPECT_MSG_EQ(other.arrivals.size(), 1, "the other peer gets its message");
        NS_TEST_EXPECT_MSG_EQ(log.Between(away + Delay(), back + Delay() + duration),
                              1,
                              "and no frame for the old peer leaves");
        NS_TEST_EXPECT_MSG_GT(ledger.arrivals[0].at, back + duration, "resumed afterwards");

        // A frame is on the wrong circuit from the moment the circuit moves until the NIC knows:
        // those on the way to the switch then, and those sent until news is there.
        const uint64_t wrong = Dropped(network.nics[2], DropReason::WrongPeer);
        const uint64_t flight = (2 * Delay()).GetPicoSeconds() / line.Full().GetPicoSeconds();
        if (m_microseconds == 0)
        {
            NS_TEST_EXPECT_MSG_GT_OR_EQ(wrong, flight - 1, "one time of flight");
            NS_TEST_EXPECT_MSG_LT_OR_EQ(wrong, flight + 1, "one time of flight");
        }
        else
        {
            NS_TEST_EXPECT_MSG_EQ(wrong, 0, "the blackout keeps the peers apart");
        }
        NS_TEST_EXPECT_MSG_EQ(network.nics[2]->GetCounters().received.frames, 1, "its own frame");
    }

    uint64_t m_microseconds; //!< reconfiguration time
};

/**
 * @ingroup mixnet-tests
 * @brief A port becomes active LinkUpDelay after a signal comes and down LinkDownDelay after it
 * goes.
 */
class RdmaNicLinkDelaysTestCase : public MixnetTestCase
{
  public:
    /// @param upDelay Attribute LinkUpDelay, us. @param downDelay Attribute LinkDownDelay, us.
    RdmaNicLinkDelaysTestCase(uint64_t upDelay, uint64_t downDelay)
        : MixnetTestCase("A port is active " + std::to_string(upDelay) +
                         " us after the signal and down " + std::to_string(downDelay) +
                         " us after its loss; signal that returns before is not missed"),
          m_upDelay(upDelay),
          m_downDelay(downDelay)
    {
    }

  private:
    using LinkState = RdmaNic::LinkState; //!< what a NIC sees of its fibre

    /// @param from State before. @param to State after.
    void HandleState(LinkState from, LinkState to)
    {
        m_states.emplace_back(to, Simulator::Now());
    }

    /// @brief Counts changes of the link.
    void HandleLinkChange()
    {
        ++m_linkChanges;
    }

    void DoRun() override
    {
        const Time up = MicroSeconds(m_upDelay);
        const Time down = MicroSeconds(m_downDelay);
        const Time shortCut = MilliSeconds(1);
        const Time cut = MilliSeconds(2);
        const Time restore = MilliSeconds(3);
        NicNetwork network;
        network.SetNic("LinkUpDelay", TimeValue(up));
        network.SetNic("LinkDownDelay", TimeValue(down));
        network.AddNics(2, {RATE, MTU});
        network.Join(network.nics[0], network.nics[1], Delay());
        const auto nic = network.nics[0];
        nic->TraceConnectWithoutContext(
            "StateTransition",
            MakeCallback(&RdmaNicLinkDelaysTestCase::HandleState, this));
        nic->AddLinkChangeCallback(
            MakeCallback(&RdmaNicLinkDelaysTestCase::HandleLinkChange, this));
        if (m_downDelay > 0)
        {
            Simulator::Schedule(shortCut, &Fibre::Cut, network.fibres[0]);
            Simulator::Schedule(shortCut + down - PicoSeconds(1),
                                &Fibre::Restore,
                                network.fibres[0]);
        }
        Simulator::Schedule(cut, &Fibre::Cut, network.fibres[0]);
        Simulator::Schedule(restore, &Fibre::Restore, network.fibres[0]);
        std::vector<bool> usable;
        for (const Time& at : {Delay() + up - PicoSeconds(1),
                               Delay() + up + PicoSeconds(1),
                               cut + Delay() + down - PicoSeconds(1),
                               cut + Delay() + down + PicoSeconds(1)})
        {
            Simulator::Schedule(at, [&, nic] { usable.push_back(nic->IsLinkUp()); });
        }
        Simulator::Run();

        std::vector<std::pair<LinkState, Time>> expected{{LinkState::Activating, Delay()},
                                                         {LinkState::Up, Delay() + up}};
        if (m_downDelay > 0)
        {
            expected.emplace_back(LinkState::Fading, shortCut + Delay());
            expected.emplace_back(LinkState::Up, shortCut + Delay() + down - PicoSeconds(1));
        }
        expected.emplace_back(LinkState::Fading, cut + Delay());
        expected.emplace_back(LinkState::Down, cut + Delay() + down);
        expected.emplace_back(LinkState::Activating, restore + Delay());
        expected.emplace_back(LinkState::Up, restore + Delay() + up);
        NS_TEST_EXPECT_MSG_EQ((m_states == expected), true, "states and their times");
        NS_TEST_EXPECT_MSG_EQ((usable == std::vector<bool>{false, true, true, false}),
                              true,
                              "active in between, to the picosecond");
        NS_TEST_EXPECT_MSG_EQ(m_linkChanges, 3, "up, down, up");
    }

    uint64_t m_upDelay;                               //!< attribute LinkUpDelay, us
    uint64_t m_downDelay;                             //!< attribute LinkDownDelay, us
    std::vector<std::pair<LinkState, Time>> m_states; //!< states entered
    int m_linkChanges{0};                             //!< changes announced
};

/**
 * @ingroup mixnet-tests
 * @brief A frame that meets a port not yet active is lost there.
 */
class RdmaNicPortDownTestCase : public MixnetTestCase
{
  public:
    RdmaNicPortDownTestCase()
        : MixnetTestCase("A frame that comes before the port is active drops as PortDown and is "
                         "retransmitted")
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        NicNetwork network;
        WriteLedger ledger;
        network.AddNics(1, line);
        network.SetNic("LinkUpDelay", TimeValue(MilliSeconds(1)));
        network.AddNics(1, line);
        network.Join(network.nics[0], network.nics[1], Delay());
        ledger.Listen(network.nics[1]);
        ledger.PostAt(Start(), network.nics[0], 1, 2 * MTU);
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 1, "arrives once");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(Dropped(network.nics[1], DropReason::PortDown), 2, "both frames");
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[0].at,
                              Start() + PicoSeconds(TIMEOUT_PS) + line.Message(2 * MTU) + Delay(),
                              "a timeout later");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A NIC and its queue pairs when a signal comes, goes and moves.
 */
class RdmaNicSignalTestSuite : public TestSuite
{
  public:
    RdmaNicSignalTestSuite()
        : TestSuite("mixnet-rdma-nic-signal", TestSuite::Type::UNIT)
    {
        AddTestCase(new RdmaNicBlackoutTestCase(25, 0, 30'000'000));
        // The time in the dark is over before the message is.
        AddTestCase(new RdmaNicBlackoutTestCase(1, 0, 1030));
        AddTestCase(new RdmaNicBlackoutTestCase(6000, 7, 30'000'000));
        AddTestCase(new RdmaNicLinkDownTimeoutTestCase(0));
        AddTestCase(new RdmaNicLinkDownTimeoutTestCase(2));
        AddTestCase(new RdmaNicMovedCircuitTestCase(0));
        AddTestCase(new RdmaNicMovedCircuitTestCase(25000));
        AddTestCase(new RdmaNicLinkDelaysTestCase(0, 0));
        AddTestCase(new RdmaNicLinkDelaysTestCase(300, 200));
        AddTestCase(new RdmaNicPortDownTestCase);
    }
};

RdmaNicSignalTestSuite g_rdmaNicSignalTestSuite; //!< registers the suite

} // namespace

} // namespace tests
