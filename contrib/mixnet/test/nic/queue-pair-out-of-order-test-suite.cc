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

/// A first number with which frames 5 and later pass the end of 24 bits.
constexpr uint64_t NEAR_24_BITS = (uint64_t{1} << 24) - 5;

/**
 * @ingroup mixnet-tests
 * @brief Frames may arrive in any order at no cost.
 */
class OutOfOrderReorderingTestCase : public OutOfOrderTestCase
{
  public:
    /// @param seed Which random run. @param first Number of the first frame.
    OutOfOrderReorderingTestCase(uint64_t seed, uint64_t first)
        : OutOfOrderTestCase("Random reordering, run " + std::to_string(seed) +
                                 ": nothing is repeated, no NACK is sent, and each message is "
                                 "handed over when its last byte and all before are there",
                             first),
          m_seed(seed)
    {
    }

  private:
    void DoScenario() override
    {
        const auto random = mixnetcore::KeyedRandom(m_seed);
        Forth()->rule = [&, frames = 0](RoceFrame&) mutable -> std::vector<Time> {
            return {NanoSeconds(random.At(0).Bits(frames++) % 20'000)};
        };
        uint64_t end = 0;
        std::vector<uint64_t> ends; // number after the last frame, counted from the first
        for (uint64_t i = 0; i < 40; ++i)
        {
            const uint64_t bytes = random.At(1).Bits(i) % (40 * MTU);
            PostAtStart(bytes);
            ends.push_back(end += m_line.Frames(bytes));
        }
        Simulator::Run();

        ExpectAllOnceInOrder();
        ExpectConservation();
        NS_TEST_EXPECT_MSG_EQ(Repeats(), 0, "nothing again");
        NS_TEST_EXPECT_MSG_EQ(Back()->Count(FrameKind::NegativeAcknowledgement), 0, "no NACK");
        if (IsStatusFailure())
        {
            return;
        }
        size_t overtaken = 0;
        for (size_t i = 0; i < ends.size(); ++i)
        {
            Time last(0);
            for (const auto& [frame, at] : Forth()->passed)
            {
                last = frame.sequence - m_first < ends[i] ? std::max(last, at) : last;
            }
            NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[i].at, last + Delay(), "handed over");
            overtaken += i > 0 && m_ledger.arrivals[i].at == m_ledger.arrivals[i - 1].at ? 1 : 0;
        }
        NS_TEST_EXPECT_MSG_GT(overtaken, 0, "some had to wait for others");
    }

    uint64_t m_seed; //!< which random run
};

/**
 * @ingroup mixnet-tests
 * @brief Frames that arrive several times count once.
 */
class OutOfOrderDuplicatesTestCase : public OutOfOrderTestCase
{
  public:
    /// @param first Number of the first frame.
    explicit OutOfOrderDuplicatesTestCase(uint64_t first)
        : OutOfOrderTestCase("Frames of both directions that arrive three times in any order "
                             "count once",
                             first)
    {
    }

  private:
    void DoScenario() override
    {
        const auto random = mixnetcore::KeyedRandom(1);
        uint64_t frames = 0;
        const auto rule = [&](RoceFrame&) -> std::vector<Time> {
            const auto draw = random.At(frames++);
            return {NanoSeconds(draw.Bits(0) % 20'000),
                    NanoSeconds(draw.Bits(1) % 20'000),
                    NanoSeconds(draw.Bits(2) % 20'000)};
        };
        Forth()->rule = rule;
        Back()->rule = rule;
        PostAtStart(21 * MTU + 1, 20);
        Simulator::Run();

        ExpectAllOnceInOrder();
        ExpectConservation();
        NS_TEST_EXPECT_MSG_EQ(Repeats(), 0, "nothing again");
        NS_TEST_EXPECT_MSG_EQ(m_relay->Added(), 2 * frames, "copies");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief An acknowledgement that was asked for early is sent when the gap closes.
 */
class OutOfOrderEarlyRequestTestCase : public OutOfOrderTestCase
{
  public:
    /// @param held Frame that comes late, of 10. @param messages How many messages.
    OutOfOrderEarlyRequestTestCase(uint64_t held, size_t messages)
        : OutOfOrderTestCase("Frame " + std::to_string(held) + " of 10 comes last of " +
                             std::to_string(messages) +
                             " message(s): one acknowledgement for all leaves when it is there"),
          m_held(held),
          m_messages(messages)
    {
    }

  private:
    void DoScenario() override
    {
        const Time hold = MicroSeconds(30);
        Forth()->rule = [&](RoceFrame& frame) -> std::vector<Time> {
            return {frame.sequence == m_held ? hold : Time(0)};
        };
        PostAtStart(10 * MTU, m_messages);
        Simulator::Run();

        ExpectAllOnceInOrder();
        const Time closed = Start() + Left(m_held) + Way() + hold;
        for (const auto& ending : m_ledger.endings)
        {
            NS_TEST_EXPECT_MSG_EQ(ending.at, closed + m_line.Ack() + Way(), "completion");
        }
        NS_TEST_EXPECT_MSG_EQ(Back()->Count(FrameKind::Acknowledgement), 1, "one for all");
        NS_TEST_EXPECT_MSG_EQ(Repeats(), 0, "no timeout");
    }

    uint64_t m_held;   //!< frame that comes late
    size_t m_messages; //!< how many messages
};

/**
 * @ingroup mixnet-tests
 * @brief One lost frame costs a timeout, a probe and that frame.
 */
class OutOfOrderOneLossTestCase : public OutOfOrderTestCase
{
  public:
    /// @param lost Frame that is lost, of 40; not the last. @param first Number of the first.
    OutOfOrderOneLossTestCase(uint64_t lost, uint64_t first)
        : OutOfOrderTestCase("Frame " + std::to_string(lost) +
                                 " of 40 is lost: a timeout later the last is repeated, then the "
                                 "lost one, and nothing else",
                             first),
          m_lost(lost)
    {
    }

  private:
    void DoScenario() override
    {
        constexpr uint64_t FRAMES = 40;
        Lose({m_lost});
        PostAtStart(FRAMES * MTU);
        Simulator::Run();

        ExpectAllOnceInOrder();
        ExpectConservation();
        NS_TEST_EXPECT_MSG_EQ(Repeats(), 2, "the probe and the lost frame");
        NS_TEST_EXPECT_MSG_EQ(Probes(), 1, "one probe");
        NS_TEST_EXPECT_MSG_EQ(Back()->Count(FrameKind::NegativeAcknowledgement), 1, "one NACK");
        if (IsStatusFailure())
        {
            return;
        }
        // Probe, acknowledgement with NACK behind it, lost frame.
        const Time probed = FirstExpiry(FRAMES, m_lost) + m_line.Full() + Way();
        const Time reported = probed + 2 * m_line.Ack() + Way();
        const Time lost = m_line.Full() + (m_lost == 0 ? m_line.Of(LineTimes::FIRST) : Time(0));
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[0].at, reported + lost + Way(), "arrival");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.endings[0].at,
                              reported + lost + Way() + m_line.Ack() + Way(),
                              "completion");
    }

    uint64_t m_lost; //!< frame that is lost
};

/**
 * @ingroup mixnet-tests
 * @brief A lost tail costs a timeout and each lost frame once.
 */
class OutOfOrderLostTailTestCase : public OutOfOrderTestCase
{
  public:
    /// @param from First frame that is lost, of 40. @param first Number of the first.
    OutOfOrderLostTailTestCase(uint64_t from, uint64_t first)
        : OutOfOrderTestCase("All from frame " + std::to_string(from) +
                                 " of 40 on are lost: each is repeated once, the last one first",
                             first),
          m_from(from)
    {
    }

  private:
    void DoScenario() override
    {
        constexpr uint64_t FRAMES = 40;
        std::multiset<uint64_t> lost;
        for (uint64_t frame = m_from; frame < FRAMES; ++frame)
        {
            lost.insert(frame);
        }
        Lose(lost);
        PostAtStart(FRAMES * MTU);
        Simulator::Run();

        ExpectAllOnceInOrder();
        ExpectConservation();
        NS_TEST_EXPECT_MSG_EQ(Repeats(), FRAMES - m_from, "each lost frame once");
        NS_TEST_EXPECT_MSG_EQ(Probes(), 1, "of them one as a probe");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals.empty(), false, "arrives");
        if (IsStatusFailure())
        {
            return;
        }
        // NACKs are one behind the other; the frames they ask for take longer.
        const Time probed = FirstExpiry(FRAMES, m_from) + m_line.Full() + Way();
        const Time reported = probed + 2 * m_line.Ack() + Way();
        const Time again = m_line.From(FRAMES * MTU, m_from) - m_line.Full();
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[0].at,
                              (FRAMES - m_from == 1 ? probed : reported + again + Way()),
                              "arrival");
    }

    uint64_t m_from; //!< first frame that is lost
};

/**
 * @ingroup mixnet-tests
 * @brief Whatever is lost is repeated, and little else.
 */
class OutOfOrderManyLossesTestCase : public OutOfOrderTestCase
{
  public:
    /// @param percent Frames lost, of a hundred. @param seed Which random run.
    /// @param first Number of the first frame.
    OutOfOrderManyLossesTestCase(uint64_t percent, uint64_t seed, uint64_t first)
        : OutOfOrderTestCase("Of a hundred frames of any kind " + std::to_string(percent) +
                                 " are lost and all are reordered, run " + std::to_string(seed) +
                                 ": no more repeats than lost data frames and probes",
                             first),
          m_percent(percent),
          m_seed(seed)
    {
    }

  private:
    void SetAttributes(NicNetwork& network) override
    {
        network.SetNic("RetryLimit", UintegerValue(30));
    }

    void DoScenario() override
    {
        const auto random = mixnetcore::KeyedRandom(m_seed).At(m_percent);
        uint64_t frames = 0;
        uint64_t lostData = 0;
        const auto rule = [&](RoceFrame& frame) -> std::vector<Time> {
            const auto draw = random.At(frames++);
            if (draw.Bits(0) % 100 < m_percent)
            {
                lostData += frame.kind == FrameKind::Data ? 1 : 0;
                return {};
            }
            return {NanoSeconds(draw.Bits(1) % 5'000)};
        };
        Forth()->rule = rule;
        Back()->rule = rule;
        PostAtStart(30 * MTU, 15);
        Simulator::Run();

        ExpectAllOnceInOrder();
        ExpectConservation();
        NS_TEST_EXPECT_MSG_GT(lostData, 0, "data was lost");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(Repeats(), lostData + Probes(), "selective");
    }

    uint64_t m_percent; //!< frames lost, of a hundred
    uint64_t m_seed;    //!< which random run
};

/**
 * @ingroup mixnet-tests
 * @brief A peer that does not answer ends all messages, after one probe for each repetition.
 */
class OutOfOrderRetryExceededTestCase : public OutOfOrderTestCase
{
  public:
    /// @param retryLimit Attribute RetryLimit. @param backoffLimit Attribute BackoffLimit.
    OutOfOrderRetryExceededTestCase(uint32_t retryLimit, uint32_t backoffLimit)
        : OutOfOrderTestCase("When everything is lost messages end with RetryExceeded after " +
                             std::to_string(retryLimit) + " probes and one more timeout, with " +
                             std::to_string(backoffLimit) + " doublings"),
          m_retryLimit(retryLimit),
          m_backoffLimit(backoffLimit)
    {
    }

  private:
    void SetAttributes(NicNetwork& network) override
    {
        network.SetNic("RetryLimit", UintegerValue(m_retryLimit));
        network.SetNic("BackoffLimit", UintegerValue(m_backoffLimit));
    }

    void DoScenario() override
    {
        Forth()->rule = [](RoceFrame&) { return std::vector<Time>{}; };
        PostAtStart(5 * MTU, 2);
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals.size(), 0, "nothing arrives");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.endings.size(), 2, "both end once");
        for (const auto& ending : m_ledger.endings)
        {
            NS_TEST_EXPECT_MSG_EQ((ending.completion.status == CompletionStatus::RetryExceeded),
                                  true,
                                  "status");
            NS_TEST_EXPECT_MSG_EQ(ending.at,
                                  Start() + BackedOff(m_retryLimit + 1, Timeout(), m_backoffLimit),
                                  "time");
        }
        NS_TEST_EXPECT_MSG_EQ(Probes(), m_retryLimit, "probes");
        // Behind the first probe the oldest frame goes along with each.
        const uint32_t repeats = m_retryLimit == 0 ? 0 : 2 * m_retryLimit - 1;
        NS_TEST_EXPECT_MSG_EQ(Repeats(), repeats, "nothing else again");
    }

    uint32_t m_retryLimit;   //!< attribute RetryLimit
    uint32_t m_backoffLimit; //!< attribute BackoffLimit
};

/**
 * @ingroup mixnet-tests
 * @brief After loss of signal everything unacknowledged is retransmitted.
 */
class OutOfOrderSignalTestCase : public OutOfOrderTestCase
{
  public:
    /// @param microseconds How long the signal is gone. @param first Number of the first frame.
    OutOfOrderSignalTestCase(uint64_t microseconds, uint64_t first)
        : OutOfOrderTestCase("The signal is gone for " + std::to_string(microseconds) +
                                 " us: the sender goes on at the oldest unacknowledged frame, and "
                                 "what had come early counts once",
                             first),
          m_microseconds(microseconds)
    {
    }

  private:
    void DoScenario() override
    {
        const Time cut = Start() + MicroSeconds(10);
        const Time restored = cut + MicroSeconds(m_microseconds);
        const auto random = mixnetcore::KeyedRandom(m_microseconds);
        Forth()->rule = [&, frames = 0](RoceFrame&) mutable -> std::vector<Time> {
            return {NanoSeconds(random.Bits(frames++) % 4'000)};
        };
        PostAtStart(60 * MTU, 5);
        const auto fibre = m_network->fibres[0];
        Simulator::Schedule(cut, &Fibre::Cut, fibre);
        Simulator::Schedule(restored, &Fibre::Restore, fibre);
        uint64_t unacknowledged = 0;
        Simulator::Run();

        ExpectAllOnceInOrder();
        ExpectConservation();
        // All acknowledgements that were through the fibre when it was cut.
        for (const auto& [frame, at] : Back()->passed)
        {
            if (at + Delay() <= cut && frame.kind == FrameKind::Acknowledgement)
            {
                unacknowledged = std::max(unacknowledged, frame.sequence - m_first);
            }
        }
        const auto resumed =
            std::find_if(m_log->sent.begin(), m_log->sent.end(), [&](const auto& entry) {
                return entry.at >= restored && entry.frame.kind == FrameKind::Data;
            });
        NS_TEST_ASSERT_MSG_EQ((resumed != m_log->sent.end()), true, "goes on");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(resumed->at, restored + Delay(), "with the signal");
        NS_TEST_EXPECT_MSG_EQ(resumed->frame.sequence - m_first, unacknowledged, "from there");
        NS_TEST_EXPECT_MSG_EQ(Probes(), 0, "without a timeout");
    }

    uint64_t m_microseconds; //!< how long the signal is gone
};

/**
 * @ingroup mixnet-tests
 * @brief Acknowledgements are as many as were asked for.
 */
class AcknowledgementCountTestCase : public OutOfOrderTestCase
{
  public:
    /// @param outOfOrder Whether frames may overtake. @param interval Attribute AckInterval.
    /// @param first Number of the first frame.
    AcknowledgementCountTestCase(bool outOfOrder, uint32_t interval, uint64_t first)
        : OutOfOrderTestCase(std::string(outOfOrder ? "Out of order" : "In order") +
                                 " there is one acknowledgement for every " +
                                 std::to_string(interval) +
                                 " numbers and one for the last frame of a message",
                             first),
          m_interval(interval)
    {
        m_outOfOrder = outOfOrder;
    }

  private:
    void SetAttributes(NicNetwork& network) override
    {
        network.SetNic("AckInterval", UintegerValue(m_interval));
    }

    void DoScenario() override
    {
        uint64_t number = m_first;
        uint64_t expected = 0;
        for (const uint64_t frames : {1, 16, 17, 100, 3})
        {
            PostAtStart(frames * MTU);
            for (uint64_t frame = 0; frame < frames; ++frame)
            {
                ++number;
                expected += number % m_interval == 0 || frame + 1 == frames ? 1 : 0;
            }
        }
        Simulator::Run();

        ExpectAllOnceInOrder();
        NS_TEST_EXPECT_MSG_EQ(m_network->nics[1]->GetCounters().sent.frames, expected, "count");
    }

    uint32_t m_interval; //!< attribute AckInterval
};

/**
 * @ingroup mixnet-tests
 * @brief Queue pairs that accept frames out of order.
 */
class QueuePairOutOfOrderTestSuite : public TestSuite
{
  public:
    QueuePairOutOfOrderTestSuite()
        : TestSuite("mixnet-queue-pair-out-of-order", TestSuite::Type::UNIT)
    {
        for (const uint64_t first : {uint64_t{0}, NEAR_24_BITS})
        {
            AddTestCase(new OutOfOrderReorderingTestCase(1, first));
            AddTestCase(new OutOfOrderReorderingTestCase(2, first));
            AddTestCase(new OutOfOrderDuplicatesTestCase(first));
            for (const uint64_t lost : {0, 17, 38})
            {
                AddTestCase(new OutOfOrderOneLossTestCase(lost, first));
            }
            for (const uint64_t from : {0, 20, 39})
            {
                AddTestCase(new OutOfOrderLostTailTestCase(from, first));
            }
            for (const uint64_t percent : {1, 10, 30})
            {
                AddTestCase(new OutOfOrderManyLossesTestCase(percent, 1, first));
                AddTestCase(new OutOfOrderManyLossesTestCase(percent, 2, first));
            }
            AddTestCase(new OutOfOrderSignalTestCase(5, first));
            AddTestCase(new OutOfOrderSignalTestCase(500, first));
            for (const uint32_t interval : {1, 3, 16, 1000})
            {
                AddTestCase(new AcknowledgementCountTestCase(true, interval, first));
                AddTestCase(new AcknowledgementCountTestCase(false, interval, first));
            }
        }
        AddTestCase(new OutOfOrderEarlyRequestTestCase(0, 1));
        AddTestCase(new OutOfOrderEarlyRequestTestCase(4, 1));
        AddTestCase(new OutOfOrderEarlyRequestTestCase(9, 1));
        AddTestCase(new OutOfOrderEarlyRequestTestCase(4, 3));
        AddTestCase(new OutOfOrderRetryExceededTestCase(0, 3));
        AddTestCase(new OutOfOrderRetryExceededTestCase(7, 3));
        AddTestCase(new OutOfOrderRetryExceededTestCase(7, 0));
        AddTestCase(new OutOfOrderRetryExceededTestCase(12, 20));
    }
};

QueuePairOutOfOrderTestSuite g_queuePairOutOfOrderTestSuite; //!< registers the suite

} // namespace

} // namespace tests
