/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "out-of-order-test-case.h"

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

constexpr uint64_t FRAMES = 10; //!< frames of each message, where no other number is named

/// @param outOfOrder Whether frames may overtake each other. @return that in words.
std::string
Order(bool outOfOrder)
{
    return outOfOrder ? "Out of order" : "In order";
}

/**
 * @ingroup mixnet-tests
 * @brief A loss in the oldest message does not hold up those behind it when it is taken back.
 */
class LossInOldestTestCase : public OutOfOrderTestCase
{
  public:
    /// @param which Message that is taken back, of three; those before have ended by the timeout.
    explicit LossInOldestTestCase(size_t which)
        : OutOfOrderTestCase("A frame of message " + std::to_string(which) +
                             " of 3 is lost and the message taken back after all were sent: a "
                             "timeout later the frame that says so is repeated"),
          m_which(which)
    {
    }

  private:
    void DoScenario() override
    {
        Lose({m_which * FRAMES + 5});
        PostAtStart(FRAMES * MTU, 3);
        Simulator::Schedule(Start() + MicroSeconds(4),
                            [&] { Sender().Withdraw(m_ledger.posted[m_which]); });
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(Repeats(), 2, "the frame behind the skipped numbers, and the probe");
        ExpectConservation();
        if (!HasSize(m_ledger.arrivals, 2, "the others arrive once") ||
            !HasSize(m_ledger.endings, 3, "all end once"))
        {
            return;
        }
        // The timer runs since the last frame of the message before was acknowledged, if any.
        const Time one = m_line.Message(FRAMES * MTU);
        const Time begin = m_which == 0 ? Time(0) : one + Way() + m_line.Ack() + Way();
        NS_TEST_EXPECT_MSG_LT(3 * one, MicroSeconds(4), "all were sent");
        const Time closed = Start() + begin + Timeout() + m_line.Message(MTU) + Way();
        const auto& last = m_ledger.arrivals.back();
        NS_TEST_EXPECT_MSG_EQ(last.message, m_ledger.posted[2], "in order");
        NS_TEST_EXPECT_MSG_EQ(last.at, closed, "handed over");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.EndingOf(last.message).at,
                              closed + m_line.Ack() + Way(),
                              "completion");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.Arrivals(m_ledger.posted[m_which]), 0, "not in part");
    }

    size_t m_which; //!< message that is taken back
};

/**
 * @ingroup mixnet-tests
 * @brief A loss in a message between others does not hold them up when it is taken back.
 */
class LossInMiddleTestCase : public OutOfOrderTestCase
{
  public:
    LossInMiddleTestCase()
        : OutOfOrderTestCase("A frame of a message and two of the next, which is taken back, are "
                             "lost: the report brings the first, and the frame behind the second")
    {
    }

  private:
    void DoScenario() override
    {
        Lose({5, FRAMES + 5, FRAMES + 6});
        PostAtStart(FRAMES * MTU, 3);
        Simulator::Schedule(Start() + MicroSeconds(4),
                            [&] { Sender().Withdraw(m_ledger.posted[1]); });
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(Repeats(), 3, "probe, lost frame, frame that tells");
        ExpectConservation();
        if (!HasSize(m_ledger.arrivals, 2, "the others arrive once"))
        {
            return;
        }
        // The report is an acknowledgement, which is no news, and a NACK for each.
        const Time reported =
            Start() + Timeout() + m_line.Full() + Way() + 2 * m_line.Ack() + Way();
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[0].at,
                              reported + m_line.Full() + Way(),
                              "the first");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[1].at,
                              reported + m_line.Full() + m_line.Message(MTU) + Way(),
                              "the third");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[1].message, m_ledger.posted[2], "and no other");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A message may be taken back while the repeat of one of its frames waits.
 */
class WithdrawnRepeatTestCase : public OutOfOrderTestCase
{
  public:
    WithdrawnRepeatTestCase()
        : OutOfOrderTestCase("A message taken back while its lost frames wait to be repeated: the "
                             "frame that says so takes their place")
    {
    }

  private:
    void DoScenario() override
    {
        // All frames of the first message but one are lost. The first NACK arrives with the first
        // repeat; the others are to come when the message is withdrawn.
        Lose({0, 1, 2, 3, 4, 6, 7, 8, 9});
        PostAtStart(FRAMES * MTU, 2);
        const Time probed = Start() + Timeout() + m_line.Full() + Way();
        const Time reports = probed + m_line.Ack() + Way(); // one NACK each Ack() from then on
        Simulator::Schedule(reports + 20 * m_line.Ack(),
                            [&] { Sender().Withdraw(m_ledger.posted[0]); });
        Simulator::Run();

        ExpectConservation();
        if (!HasSize(m_ledger.endings, 2, "both end once") ||
            !HasSize(m_ledger.arrivals, 1, "the second arrives"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ((m_ledger.endings[1].completion.status == SUCCESS), true, "status");
        NS_TEST_EXPECT_MSG_EQ(Probes(), 1, "one timeout");
        // While 20 acknowledgements of 86 bytes pass there begins one frame of 4096.
        NS_TEST_EXPECT_MSG_EQ(Repeats(), 3, "probe, first lost frame, frame that tells");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Two messages are taken back one after the other, in either order.
 */
class WithdrawTwoTestCase : public OutOfOrderTestCase
{
  public:
    /**
     * @param outOfOrder Whether frames may overtake each other.
     * @param laterFirst Whether the later message is withdrawn first.
     * @param postedBefore Whether the message behind them is posted before.
     */
    WithdrawTwoTestCase(bool outOfOrder, bool laterFirst, bool postedBefore)
        : OutOfOrderTestCase(
              Order(outOfOrder) + ", two messages are taken back, the " +
              (laterFirst ? "later" : "earlier") + " one first: the one behind, posted " +
              (postedBefore ? "before" : "after") + " that, follows without a repetition"),
          m_laterFirst(laterFirst),
          m_postedBefore(postedBefore)
    {
        m_outOfOrder = outOfOrder;
    }

  private:
    void DoScenario() override
    {
        const uint64_t sent = FRAMES + 3; // frames that have begun to leave by then
        const Time withdrawal =
            Start() + Left(sent - 2) + m_line.Of(LineTimes::FIRST) + m_line.Of(100);
        PostAtStart(FRAMES * MTU, m_postedBefore ? 4 : 3);
        Simulator::Schedule(withdrawal, [&] {
            Sender().Withdraw(m_ledger.posted[m_laterFirst ? 2 : 1]);
            Sender().Withdraw(m_ledger.posted[m_laterFirst ? 1 : 2]);
        });
        if (!m_postedBefore)
        {
            m_ledger.PostAt(withdrawal, m_network->nics[0], 1, FRAMES * MTU);
        }
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(Repeats(), 0, "nothing again");
        if (!HasSize(m_ledger.endings, 4, "all end once") ||
            !HasSize(m_ledger.arrivals, 2, "the others arrive once"))
        {
            return;
        }
        const auto& last = m_ledger.arrivals[1];
        NS_TEST_EXPECT_MSG_EQ(last.message, m_ledger.posted[3], "in order");
        const Time begun = Left(sent - 1) + m_line.Of(LineTimes::FIRST);
        NS_TEST_EXPECT_MSG_EQ(last.at,
                              Start() + begun + m_line.Message(FRAMES * MTU) + Way(),
                              "right behind the frame that was on the line");
    }

    bool m_laterFirst;   //!< whether the later message is withdrawn first
    bool m_postedBefore; //!< whether the message behind is posted before
};

/**
 * @ingroup mixnet-tests
 * @brief What is left of a withdrawn message may still arrive, and is not handed over.
 */
class LateFrameTestCase : public OutOfOrderTestCase
{
  public:
    /// @param nested Whether the skipped numbers are announced in two steps, the second around the
    /// first.
    explicit LateFrameTestCase(bool nested)
        : OutOfOrderTestCase(std::string("The last frame of a message taken back comes when its "
                                         "numbers are skipped") +
                             (nested ? " in two steps" : "") + ": it is not handed over"),
          m_nested(nested)
    {
    }

  private:
    void DoScenario() override
    {
        // Message 0 misses frame 5 until the end, so that skips have to wait. Of message 3 frame 8
        // is lost and the last one comes late.
        const uint64_t lost = 3 * FRAMES + 8;
        const Time late = MicroSeconds(50);
        Forth()->rule = [&](RoceFrame& frame) -> std::vector<Time> {
            const bool isRepeat = Simulator::Now() > Start() + Timeout();
            if (!isRepeat && (frame.sequence == 5 || frame.sequence == lost))
            {
                return {};
            }
            return {frame.sequence == lost + 1 ? late : Time(0)};
        };
        PostAtStart(FRAMES * MTU, 3);
        const Time posted = Start() + Left(3 * FRAMES - 1) + m_line.Of(200);
        if (m_nested)
        {
            Simulator::Schedule(posted, [&] { Sender().Withdraw(m_ledger.posted[2]); });
        }
        m_ledger.PostAt(posted, m_network->nics[0], 1, FRAMES * MTU);
        const Time withdrawal = posted + MicroSeconds(2);
        Simulator::Schedule(withdrawal, [&] {
            Sender().Withdraw(m_ledger.posted[3]);
            Sender().Withdraw(m_ledger.posted[1]);
            Sender().Withdraw(m_ledger.posted[2]);
        });
        m_ledger.PostAt(withdrawal, m_network->nics[0], 1, FRAMES * MTU);
        Simulator::Run();

        ExpectConservation();
        NS_TEST_EXPECT_MSG_EQ(m_ledger.endings.size(), 5, "all end once");
        if (!HasSize(m_ledger.arrivals, 2, "the first and the last are handed over"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[0].message, m_ledger.posted[0], "the first");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[1].message, m_ledger.posted[4], "the last");
        NS_TEST_EXPECT_MSG_EQ(Repeats(), 2, "the probe and frame 5");
    }

    bool m_nested; //!< whether numbers are skipped in two steps
};

/**
 * @ingroup mixnet-tests
 * @brief More numbers may be given up than a receiver can wait for.
 */
class FarSkipTestCase : public OutOfOrderTestCase
{
  public:
    FarSkipTestCase()
        : OutOfOrderTestCase("A message of more frames than the receiver's reach is taken back, "
                             "and the frame that says so lost: the timer repeats it")
    {
        m_line.mtu = 1;
    }

  private:
    void SetAttributes(NicNetwork& network) override
    {
        network.SetNic("Window", UintegerValue(1000));
    }

    void DoScenario() override
    {
        const uint64_t many = ReceiveWindow::REACH + 100;
        Lose({many});
        PostAtStart(many);
        const Time withdrawal = Start() + NanoSeconds(100);
        Simulator::Schedule(withdrawal, [&] { Sender().Withdraw(m_ledger.posted[0]); });
        m_ledger.PostAt(withdrawal, m_network->nics[0], 1, 5);
        Simulator::Run();

        ExpectConservation();
        if (!HasSize(m_ledger.arrivals, 1, "arrives once") ||
            !HasSize(m_ledger.endings, 2, "both end once"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ((m_ledger.endings[1].completion.status == SUCCESS), true, "Success");
        NS_TEST_EXPECT_MSG_EQ(Probes(), 1, "one timeout");
        NS_TEST_EXPECT_MSG_EQ(Repeats(), 5, "all five: the others were beyond reach");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief After an error, the next message is carried, and nothing of the old ones is handed over.
 */
class ErrorInPartTestCase : public OutOfOrderTestCase
{
  public:
    /// @param lost Frame of the first message that never gets through, of 10.
    explicit ErrorInPartTestCase(uint64_t lost)
        : OutOfOrderTestCase("Frame " + std::to_string(lost) +
                             " of a message never gets through: all end with RetryExceeded, no "
                             "part is handed over, and the next message is carried"),
          m_lost(lost)
    {
    }

  private:
    void DoScenario() override
    {
        const auto first = [this](RoceFrame& frame) -> std::vector<Time> {
            return frame.sequence == m_lost ? std::vector<Time>{} : std::vector<Time>{Time(0)};
        };
        Forth()->rule = first;
        PostAtStart(FRAMES * MTU, 3);
        m_ledger.PostAt(MilliSeconds(50), m_network->nics[0], 1, FRAMES * MTU);
        Simulator::Run();

        ExpectConservation();
        if (!HasSize(m_ledger.endings, 4, "all end once") ||
            !HasSize(m_ledger.arrivals, 1, "the last arrives"))
        {
            return;
        }
        // Every probe is answered: an acknowledgement, and a NACK behind it, four of whose round
        // trips later the next follows. From the third on the lost frame goes ahead of it. Sixteen
        // such rounds count as one retry of 7, and so for the eighth that is one too many.
        const Time trip = m_line.Full() + Way() + m_line.Ack() + m_line.Ack() + Way();
        const Time lost =
            m_line.Of(MTU + LineTimes::OVERHEAD + (m_lost == 0 ? LineTimes::FIRST : 0));
        const int64_t rounds = 16 * 8 + 1;
        const Time end = Start() + Timeout() + trip * (5 * rounds) + lost * (rounds - 2);
        for (size_t i = 0; i < 3; ++i)
        {
            const auto& [completion, at] = m_ledger.endings[i];
            NS_TEST_EXPECT_MSG_EQ((completion.status == CompletionStatus::RetryExceeded),
                                  true,
                                  "status");
            NS_TEST_EXPECT_MSG_EQ(at, end, "time");
            NS_TEST_EXPECT_MSG_EQ(completion.bytesDelivered, (i == 0 ? m_lost * MTU : 0), "bytes");
        }
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[0].message, m_ledger.posted[3], "the last");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[0].at,
                              MilliSeconds(50) + m_line.Message(FRAMES * MTU) + Way(),
                              "as on an idle path");
    }

    uint64_t m_lost; //!< frame that never gets through
};

/**
 * @ingroup mixnet-tests
 * @brief Who posts after taking everything back begins anew.
 */
class RetriesBeginAnewTestCase : public OutOfOrderTestCase
{
  public:
    /// @param outOfOrder Whether frames may overtake each other.
    explicit RetriesBeginAnewTestCase(bool outOfOrder)
        : OutOfOrderTestCase(Order(outOfOrder) +
                             ", a message posted after all others were taken back has all its "
                             "repetitions, and its first timeout is the shortest")
    {
        m_outOfOrder = outOfOrder;
    }

  private:
    void DoScenario() override
    {
        Forth()->rule = [](RoceFrame&) { return std::vector<Time>{}; };
        PostAtStart(MTU);
        const Time again = Start() + BackedOff(5, Timeout()) + MicroSeconds(5);
        Simulator::Schedule(again, [&] { Sender().Withdraw(m_ledger.posted[0]); });
        m_ledger.PostAt(again, m_network->nics[0], 1, MTU);
        Simulator::Run();

        if (HasSize(m_ledger.endings, 2, "both end once"))
        {
            NS_TEST_EXPECT_MSG_EQ(m_ledger.endings[1].at, again + BackedOff(8, Timeout()), "end");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Taking a message back is no progress.
 */
class WithdrawalIsNoProgressTestCase : public OutOfOrderTestCase
{
  public:
    WithdrawalIsNoProgressTestCase()
        : OutOfOrderTestCase("Messages taken back again and again do not keep the timer of the "
                             "others from expiring")
    {
    }

  private:
    void DoScenario() override
    {
        Forth()->rule = [](RoceFrame&) { return std::vector<Time>{}; };
        PostAtStart(MTU);
        const Time end = Start() + BackedOff(8, Timeout());
        for (Time at = Start(); at < 2 * end; at += Timeout() / 2)
        {
            Simulator::Schedule(at + NanoSeconds(1), [&] {
                m_ledger.Post(Sender(), MTU);
                Sender().Withdraw(m_ledger.posted.back());
            });
        }
        Simulator::Run();

        const auto& ending = m_ledger.EndingOf(m_ledger.posted[0]);
        NS_TEST_EXPECT_MSG_EQ((ending.completion.status == CompletionStatus::RetryExceeded),
                              true,
                              "status");
        NS_TEST_EXPECT_MSG_EQ(ending.at, end, "time");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Patience in the dark is each message's own.
 */
class PatienceWithoutSignalTestCase : public OutOfOrderTestCase
{
  public:
    PatienceWithoutSignalTestCase()
        : OutOfOrderTestCase("A message posted in the dark after all others were taken back waits "
                             "for the whole LinkDownTimeout")
    {
    }

  private:
    void SetAttributes(NicNetwork& network) override
    {
        network.SetNic("LinkDownTimeout", TimeValue(MilliSeconds(3)));
    }

    void DoScenario() override
    {
        Simulator::Schedule(Start(), &Fibre::Cut, m_network->fibres[0]);
        m_ledger.PostAt(Start() + MilliSeconds(1), m_network->nics[0], 1, MTU);
        Simulator::Schedule(Start() + MilliSeconds(2),
                            [&] { Sender().Withdraw(m_ledger.posted[0]); });
        m_ledger.PostAt(Start() + MilliSeconds(3), m_network->nics[0], 1, MTU);
        Simulator::Run();

        if (HasSize(m_ledger.endings, 2, "both end once"))
        {
            NS_TEST_EXPECT_MSG_EQ(m_ledger.endings[1].at, Start() + MilliSeconds(6), "end");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Whoever hears of an end may post and take back at once.
 */
class ReentrantCompletionTestCase : public OutOfOrderTestCase
{
  public:
    /**
     * @param outOfOrder Whether frames may overtake each other.
     * @param gone Whether the peer does not answer.
     */
    ReentrantCompletionTestCase(bool outOfOrder, bool gone)
        : OutOfOrderTestCase(Order(outOfOrder) + ", every message that ends " +
                             (gone ? "with an error " : "") +
                             "posts two more and takes the next one back: each ends once, and "
                             "those that end well arrive once and in order"),
          m_gone(gone)
    {
        m_outOfOrder = outOfOrder;
    }

  private:
    static constexpr size_t MESSAGES = 60; //!< how many are posted in all

    /// @param bytes Size of a message to post.
    void Post(uint64_t bytes)
    {
        m_messages.emplace_back(new RdmaMessage(bytes), false);
        m_ends.emplace_back();
        Sender().Post(m_messages.back(),
                      MakeCallback(&ReentrantCompletionTestCase::HandleEnd, this));
    }

    /// @param completion How a message ended.
    void HandleEnd(const WriteCompletion& completion)
    {
        const size_t index = std::find(m_messages.begin(), m_messages.end(), completion.message) -
                             m_messages.begin();
        m_ends[index].push_back(completion.status);
        for (int i = 0; i < 2 && m_messages.size() < MESSAGES; ++i)
        {
            Post((m_messages.size() * 7 % 5) * MTU + 1);
        }
        if (completion.status != CompletionStatus::Withdrawn && index + 1 < m_messages.size())
        {
            const bool hadEnded = !m_ends[index + 1].empty();
            const bool isTaken = Sender().Withdraw(m_messages[index + 1]);
            NS_TEST_EXPECT_MSG_EQ((isTaken && hadEnded), false, "an ended one is not taken back");
        }
    }

    void DoScenario() override
    {
        if (m_gone)
        {
            Forth()->rule = [](RoceFrame&) { return std::vector<Time>{}; };
        }
        Simulator::Schedule(Start(), [&] {
            for (int i = 0; i < 4; ++i)
            {
                Post(3 * MTU);
            }
        });
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(m_messages.size(), MESSAGES, "all were posted");
        NS_TEST_EXPECT_MSG_EQ(Sender().HasOutstanding(), false, "nothing is left");
        ExpectConservation();
        size_t next = 0;
        for (size_t i = 0; i < m_messages.size(); ++i)
        {
            if (!HasSize(m_ends[i], 1, "message " + std::to_string(i) + " ends once"))
            {
                return;
            }
            const size_t arrivals = m_ledger.Arrivals(m_messages[i]);
            NS_TEST_EXPECT_MSG_LT_OR_EQ(arrivals, 1, "once");
            NS_TEST_EXPECT_MSG_EQ((m_ends[i][0] == SUCCESS && arrivals == 0), false, "Success");
            if (arrivals == 1)
            {
                NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[next].message, m_messages[i], "in order");
                ++next;
            }
        }
        NS_TEST_EXPECT_MSG_EQ((next == 0), m_gone, "some arrive");
        NS_TEST_EXPECT_MSG_EQ((Repeats() > 0), m_gone, "repeats only when the peer is gone");
    }

    bool m_gone;                                       //!< whether the peer does not answer
    std::vector<Ptr<const RdmaMessage>> m_messages;    //!< posted
    std::vector<std::vector<CompletionStatus>> m_ends; //!< their ends
};

/**
 * @ingroup mixnet-tests
 * @brief Numbers that are skipped, after withdrawals and errors.
 */
class QueuePairSkipsTestSuite : public TestSuite
{
  public:
    QueuePairSkipsTestSuite()
        : TestSuite("mixnet-queue-pair-skips", TestSuite::Type::UNIT)
    {
        AddTestCase(new LossInOldestTestCase(0));
        AddTestCase(new LossInOldestTestCase(1));
        AddTestCase(new LossInMiddleTestCase);
        AddTestCase(new WithdrawnRepeatTestCase);
        for (const bool outOfOrder : {false, true})
        {
            for (const bool laterFirst : {false, true})
            {
                AddTestCase(new WithdrawTwoTestCase(outOfOrder, laterFirst, false));
                AddTestCase(new WithdrawTwoTestCase(outOfOrder, laterFirst, true));
            }
            AddTestCase(new RetriesBeginAnewTestCase(outOfOrder));
            AddTestCase(new ReentrantCompletionTestCase(outOfOrder, false));
            AddTestCase(new ReentrantCompletionTestCase(outOfOrder, true));
        }
        AddTestCase(new LateFrameTestCase(false));
        AddTestCase(new LateFrameTestCase(true));
        AddTestCase(new FarSkipTestCase);
        AddTestCase(new ErrorInPartTestCase(0));
        AddTestCase(new ErrorInPartTestCase(5));
        AddTestCase(new WithdrawalIsNoProgressTestCase);
        AddTestCase(new PatienceWithoutSignalTestCase);
    }
};

QueuePairSkipsTestSuite g_queuePairSkipsTestSuite; //!< registers the suite

} // namespace

} // namespace tests
