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
 * @brief The sender goes back to a lost frame as soon as the NACK of the next one is there.
 */
class RdmaNicNackTestCase : public RdmaNicLossTestCase
{
  public:
    /// @param frame The frame that is lost.
    explicit RdmaNicNackTestCase(uint64_t frame)
        : RdmaNicLossTestCase("Frame " + std::to_string(frame) +
                              " of 400 is lost: the NACK of the next brings it again, and all "
                              "messages arrive once and in order"),
          m_frame(frame)
    {
    }

  private:
    void DoRun() override
    {
        const uint64_t bytes = 400 * MTU;
        auto network = Network();
        Lose(*network, m_frame);
        for (int i = 0; i < 3; ++i)
        {
            m_ledger.PostAt(Start(), network->nics[0], 1, bytes);
        }
        FrameLog back(network->nics[1]);
        Simulator::Run();

        ExpectAllOnceInOrder();
        if (IsStatusFailure())
        {
            return;
        }
        // The frame behind the lost one arrives, and its NACK comes back.
        const Time nack = Left(m_frame + 1) + 2 * Delay() + m_line.Ack() + 2 * Delay();
        const uint64_t begun = Begun(nack);
        NS_TEST_EXPECT_MSG_EQ(network->nics[0]->GetRetransmittedFrames(),
                              begun - m_frame,
                              "everything from the lost frame on is retransmitted");
        NS_TEST_EXPECT_MSG_EQ(back.Count(FrameKind::NegativeAcknowledgement), 1, "one NACK");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[0].at,
                              Start() + Left(begun - 1) + m_line.From(bytes, m_frame) + 2 * Delay(),
                              "arrival");
        NS_TEST_EXPECT_MSG_EQ(network->ocs->GetCounters().AllDropped().frames, 1, "one loss");
    }

    uint64_t m_frame; //!< frame that is lost
};

/**
 * @ingroup mixnet-tests
 * @brief A lost tail is retransmitted, with all that is unacknowledged, when the timer expires.
 */
class RdmaNicLostTailTestCase : public RdmaNicLossTestCase
{
  public:
    RdmaNicLostTailTestCase()
        : RdmaNicLossTestCase("A lost tail is retransmitted when the retransmission timer expires")
    {
    }

  private:
    void DoRun() override
    {
        const uint64_t frames = ACK_INTERVAL - 6;
        auto network = Network();
        Lose(*network, frames - 1);
        m_ledger.PostAt(Start(), network->nics[0], 1, frames * MTU);
        Simulator::Run();

        ExpectAllOnceInOrder();
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[0].at,
                              Start() + PicoSeconds(TIMEOUT_PS) + m_line.Message(frames * MTU) +
                                  2 * Delay(),
                              "a timeout after the first frame");
        NS_TEST_EXPECT_MSG_EQ(network->nics[0]->GetRetransmittedFrames(), frames, "all of them");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A lost acknowledgement makes the message travel twice and arrive once.
 */
class RdmaNicLostAckTestCase : public RdmaNicLossTestCase
{
  public:
    RdmaNicLostAckTestCase()
        : RdmaNicLossTestCase("A lost acknowledgement is asked for again by the timer; the message "
                              "is handed over once")
    {
    }

  private:
    void DoRun() override
    {
        auto network = Network(25); // an acknowledgement lasts 27.5 ns
        const Time oneWay = m_line.Message(MTU) + 2 * Delay();
        m_ledger.PostAt(Start(), network->nics[0], 1, MTU);
        Simulator::Schedule(Start() + oneWay + Delay() + NanoSeconds(10),
                            &NicNetwork::Blackout,
                            network.get(),
                            NanoSeconds(1));
        Simulator::Run();

        ExpectAllOnceInOrder();
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[0].at, Start() + oneWay, "the first time");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.endings[0].at,
                              Start() + PicoSeconds(TIMEOUT_PS) + oneWay + m_line.Ack() +
                                  2 * Delay(),
                              "a timeout later");
        NS_TEST_EXPECT_MSG_EQ(network->nics[0]->GetRetransmittedFrames(), 1, "one frame again");
        NS_TEST_EXPECT_MSG_EQ(network->nics[1]->GetCounters().sent.frames, 2, "acknowledged twice");
        NS_TEST_EXPECT_MSG_EQ(network->nics[1]->GetQueuePair(0).GetReceivedBytes(),
                              MTU,
                              "taken once");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A lost NACK is said again NackInterval later, long before the timer.
 */
class RdmaNicLostNackTestCase : public RdmaNicLossTestCase
{
  public:
    RdmaNicLostNackTestCase()
        : RdmaNicLossTestCase(
              "A lost NACK is retransmitted with the first frame after NackInterval")
    {
    }

  private:
    void DoRun() override
    {
        const uint64_t lost = 20;
        const uint64_t bytes = 900 * MTU;
        auto network = Network();
        Lose(*network, lost);
        m_ledger.PostAt(Start(), network->nics[0], 1, bytes);
        FrameLog back(network->nics[1]);
        // The first NACK begins to leave when the frame behind the lost one is there. A full frame
        // lasts 83.56 ns, so the blackout in its middle takes one more data frame.
        const Time firstNack = Left(lost + 1) + 2 * Delay();
        Simulator::Schedule(Start() + firstNack + Delay() + NanoSeconds(1),
                            &NicNetwork::Blackout,
                            network.get(),
                            PicoSeconds(100));
        Simulator::Run();

        ExpectAllOnceInOrder();
        if (IsStatusFailure())
        {
            return;
        }
        uint64_t next = lost + 1;
        while (Left(next) - Left(lost + 1) < MicroSeconds(20))
        {
            ++next;
        }
        const Time secondNack = Left(next) + 2 * Delay();
        const uint64_t begun = Begun(secondNack + m_line.Ack() + 2 * Delay());
        NS_TEST_EXPECT_MSG_EQ(back.Count(FrameKind::NegativeAcknowledgement), 2, "two NACKs");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[0].at,
                              Start() + Left(begun - 1) + m_line.From(bytes, lost) + 2 * Delay(),
                              "arrival after the second NACK");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A peer that is gone behind a packet switch ends messages with RetryExceeded.
 */
class RdmaNicRetryExceededTestCase : public MixnetTestCase
{
  public:
    /// @param retryLimit Attribute RetryLimit.
    explicit RdmaNicRetryExceededTestCase(uint64_t retryLimit)
        : MixnetTestCase("A peer gone behind a packet switch ends messages with RetryExceeded "
                         "after " +
                         std::to_string(retryLimit) +
                         " + 1 timeouts, each twice the one before up to 8 times the first"),
          m_retryLimit(retryLimit)
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        NicNetwork network;
        WriteLedger ledger;
        network.SetNic("RetryLimit", UintegerValue(m_retryLimit));
        network.AddNics(2, line);
        network.AddPacketSwitch(line, Delay());
        ledger.Listen(network.nics[1]);
        Simulator::Schedule(Start() / 2, &Fibre::Cut, network.fibres[1]);
        ledger.PostAt(Start(), network.nics[0], 1, 3 * MTU);
        ledger.PostAt(Start(), network.nics[0], 1, 2 * MTU);
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals.size(), 0, "nothing arrives");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 2, "both end once");
        if (IsStatusFailure())
        {
            return;
        }
        for (const auto& ending : ledger.endings)
        {
            NS_TEST_EXPECT_MSG_EQ((ending.completion.status == CompletionStatus::RetryExceeded),
                                  true,
                                  "status");
            NS_TEST_EXPECT_MSG_EQ(ending.completion.bytesDelivered, 0, "nothing acknowledged");
            NS_TEST_EXPECT_MSG_EQ(ending.at,
                                  Start() + BackedOff(m_retryLimit + 1, PicoSeconds(TIMEOUT_PS)),
                                  "time");
        }
        const uint64_t sent = 5 * (m_retryLimit + 1);
        NS_TEST_EXPECT_MSG_EQ(network.nics[0]->GetCounters().sent.frames, sent, "frames sent");
        NS_TEST_EXPECT_MSG_EQ(network.nics[0]->GetRetransmittedFrames(), sent - 5, "of them again");
        NS_TEST_EXPECT_MSG_EQ(
            network.packetSwitch->GetCounters().Dropped(DropReason::PortDown).frames,
            sent,
            "all lost at the switch");
    }

    uint64_t m_retryLimit; //!< attribute RetryLimit
};

/**
 * @ingroup mixnet-tests
 * @brief A queue pair can be used again after an error.
 */
class RdmaNicReuseTestCase : public MixnetTestCase
{
  public:
    /// @param behindSwitch Whether the peer is gone behind a packet switch: RetryExceeded.
    explicit RdmaNicReuseTestCase(bool behindSwitch)
        : MixnetTestCase(std::string("A queue pair carries messages again after ") +
                         (behindSwitch ? "RetryExceeded" : "LinkDownTimeout") +
                         ", the first frame of them lost or not"),
          m_behindSwitch(behindSwitch)
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        const Time again = Seconds(2);
        NicNetwork network;
        WriteLedger ledger;
        network.SetNic("LinkDownTimeout", TimeValue(Seconds(1)));
        network.SetNic("LinkDownDelay", TimeValue(MicroSeconds(1)));
        network.AddNics(2, line);
        m_behindSwitch ? network.AddPacketSwitch(line, Delay()) : network.AddOcs(Delay());
        if (!m_behindSwitch)
        {
            network.SetCircuits({{0, 1}}, Time(0));
        }
        ledger.Listen(network.nics[1]);
        ledger.PostAt(Start(), network.nics[0], 1, 1000 * MTU);
        Simulator::Schedule(Start() + MicroSeconds(50), &Fibre::Cut, network.fibres[1]);
        Simulator::Schedule(again - MilliSeconds(1), &Fibre::Restore, network.fibres[1]);
        ledger.PostAt(again, network.nics[0], 1, 100 * MTU);
        // The fibre loses the first frame and a few more, too shortly for the NIC to notice.
        Simulator::Schedule(again + NanoSeconds(10), &Fibre::Cut, network.fibres[0]);
        Simulator::Schedule(again + NanoSeconds(20), &Fibre::Restore, network.fibres[0]);
        ledger.PostAt(again + MilliSeconds(20), network.nics[0], 1, MTU);
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 3, "all end once");
        if (IsStatusFailure())
        {
            return;
        }
        const auto status =
            m_behindSwitch ? CompletionStatus::RetryExceeded : CompletionStatus::LinkDownTimeout;
        NS_TEST_EXPECT_MSG_EQ((ledger.endings[0].completion.status == status),
                              true,
                              "the first fails");
        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 2, "the others arrive once");
        if (IsStatusFailure())
        {
            return;
        }
        for (size_t i = 1; i < 3; ++i)
        {
            NS_TEST_EXPECT_MSG_EQ((ledger.endings[i].completion.status == SUCCESS), true, "later");
            NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[i - 1].message, ledger.posted[i], "in order");
        }
        NS_TEST_EXPECT_MSG_GT(network.fibres[0]->GetCounters().AllDropped().frames, 0, "losses");
    }

    bool m_behindSwitch; //!< whether the peer is behind a packet switch
};

/**
 * @ingroup mixnet-tests
 * @brief In-order queue pairs when frames are lost.
 */
class QueuePairLossesTestSuite : public TestSuite
{
  public:
    QueuePairLossesTestSuite()
        : TestSuite("mixnet-queue-pair-losses", TestSuite::Type::UNIT)
    {
        AddTestCase(new RdmaNicNackTestCase(0));
        AddTestCase(new RdmaNicNackTestCase(200));
        AddTestCase(new RdmaNicLostTailTestCase);
        AddTestCase(new RdmaNicLostAckTestCase);
        AddTestCase(new RdmaNicLostNackTestCase);
        AddTestCase(new RdmaNicRetryExceededTestCase(0));
        AddTestCase(new RdmaNicRetryExceededTestCase(7));
        AddTestCase(new RdmaNicReuseTestCase(false));
        AddTestCase(new RdmaNicReuseTestCase(true));
    }
};

QueuePairLossesTestSuite g_queuePairLossesTestSuite; //!< registers the suite

} // namespace

} // namespace tests
