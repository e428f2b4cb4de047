/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../training/recording-control.h"
#include "out-of-order-test-case.h"

#include "ns3/type-id.h"

#include <utility>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

using Kind = RecordingControl::Kind; //!< what a congestion control is told

/**
 * @ingroup mixnet-tests
 * @brief Two NICs whose queue pairs have a congestion control of the test.
 */
class ControlTestCase : public OutOfOrderTestCase
{
  protected:
    /// @param promise What is tested. @param outOfOrder Whether frames may overtake each other.
    explicit ControlTestCase(const std::string& promise, bool outOfOrder = false)
        : OutOfOrderTestCase(promise)
    {
        m_outOfOrder = outOfOrder;
    }

    void SetAttributes(NicNetwork& network) override
    {
        network.SetNic("CongestionControl", TypeIdValue(RecordingControl::GetTypeId()));
    }

    /// @param number Which queue pair of NIC 0. @return its congestion control.
    Ptr<RecordingControl> Control(uint32_t number = 0)
    {
        return DynamicCast<RecordingControl>(
            m_network->nics[0]->GetQueuePair(1, number).GetCongestionControl());
    }

    /// @param number Which queue pair. @return its data frames, as NIC 0 sent them.
    std::vector<FrameLog::Sent> Data(uint32_t number = 0) const
    {
        std::vector<FrameLog::Sent> data;
        for (const auto& entry : m_log->sent)
        {
            if (entry.frame.kind == FrameKind::Data && entry.frame.queuePair == number)
            {
                data.push_back(entry);
            }
        }
        return data;
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A paced queue pair keeps its rate to the picosecond.
 */
class PaceTestCase : public ControlTestCase
{
  public:
    /// @param gbps Rate, Gb/s.
    explicit PaceTestCase(uint64_t gbps)
        : ControlTestCase("Paced at " + std::to_string(gbps) +
                          " Gb/s each frame leaves its wire bytes / rate after the one before"),
          m_gbps(gbps)
    {
    }

  private:
    void DoScenario() override
    {
        const LineTimes pace{m_gbps * 1'000'000'000, MTU};
        Control()->UseRate(DataRate(pace.rate));
        PostAtStart(20 * MTU + 100);
        PostAtStart(0);
        PostAtStart(3 * MTU);
        Simulator::Run();

        ExpectAllOnceInOrder();
        const auto data = Data();
        Time expected = Start();
        for (const auto& [frame, at] : data)
        {
            NS_TEST_EXPECT_MSG_EQ(at, expected, "frame " << frame.sequence);
            expected = at + pace.Of(frame.wireBytes);
        }
        NS_TEST_EXPECT_MSG_EQ(data.size(), 25, "frames");
        NS_TEST_EXPECT_MSG_EQ(Repeats(), 0, "nothing again");
    }

    uint64_t m_gbps; //!< rate, Gb/s
};

/**
 * @ingroup mixnet-tests
 * @brief Paced queue pairs do not disturb each other where the line has room for both.
 */
class PacedPairTestCase : public ControlTestCase
{
  public:
    PacedPairTestCase()
        : ControlTestCase("Two queue pairs paced at a quarter and at half the line share it: each "
                          "keeps its pace but for a frame of the other")
    {
    }

  private:
    void DoScenario() override
    {
        constexpr uint64_t FRAMES = 100;
        const std::vector<uint64_t> rates{RATE / 4, RATE / 2};
        for (uint32_t number = 0; number < 2; ++number)
        {
            Control(number)->UseRate(DataRate(rates[number]));
            Simulator::Schedule(Start(), [this, number] {
                m_ledger.Post(m_network->nics[0]->GetQueuePair(1, number), FRAMES * MTU);
            });
        }
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(m_ledger.endings.size(), 2, "both end");
        for (uint32_t number = 0; number < 2; ++number)
        {
            const LineTimes pace{rates[number], MTU};
            const auto data = Data(number);
            if (!HasSize(data, FRAMES, "frames"))
            {
                return;
            }
            for (size_t i = 1; i < FRAMES; ++i)
            {
                const Time gap = data[i].at - data[i - 1].at;
                const Time least = pace.Of(data[i - 1].frame.wireBytes);
                NS_TEST_EXPECT_MSG_GT_OR_EQ(gap, least, "not too early");
                NS_TEST_EXPECT_MSG_LT_OR_EQ(gap, least + 2 * m_line.Full(), "nor late");
            }
            // With a quarter free the first turn sets them apart for good: gaps of four frames and
            // of two fit into each other.
            const Time taken = data.back().at - data.front().at;
            const Time ideal = pace.From(FRAMES * MTU, 0) - pace.Full();
            NS_TEST_EXPECT_MSG_LT_OR_EQ(taken, ideal + 2 * m_line.Full(), "rate over all");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A new rate counts from the next frame on.
 */
class NewRateTestCase : public ControlTestCase
{
  public:
    NewRateTestCase()
        : ControlTestCase("A new rate, set while frames are sent, counts from the next frame on, "
                          "and the line rate ends pacing at once")
    {
    }

  private:
    void DoScenario() override
    {
        const LineTimes slow{RATE / 10, MTU};
        const LineTimes slower{RATE / 20, MTU};
        const auto control = Control();
        control->UseRate(DataRate(slow.rate));
        control->react = [&](const RecordingControl::Event& event) {
            if (event.kind == Kind::Sent && control->Count(Kind::Sent) == 5)
            {
                control->UseRate(DataRate(slower.rate));
            }
        };
        PostAtStart(20 * MTU);
        const Time four = slow.Of(LineTimes::FIRST) + 4 * slow.Full();
        const Time free = Start() + four + 5 * slower.Full() + slower.Full() / 2;
        Simulator::Schedule(free, [&] { control->UseRate(DataRate(RATE)); });
        Simulator::Run();

        ExpectAllOnceInOrder();
        const auto data = Data();
        if (!HasSize(data, 20, "frames"))
        {
            return;
        }
        for (size_t i = 0; i < data.size(); ++i)
        {
            // Frames 0 to 4 at the first rate; 4 to 9 are apart by the second; 10 leaves at once.
            const Time first = i == 0 ? Time(0) : slow.Of(LineTimes::FIRST);
            const Time at = i <= 4   ? Start() + first + i * slow.Full()
                            : i <= 9 ? Start() + four + (i - 4) * slower.Full()
                                     : free + (i - 10) * m_line.Full();
            NS_TEST_EXPECT_MSG_EQ(data[i].at, at, "frame " << i);
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A congestion control that reacts to each frame it sends takes no more than its turn.
 */
class ReactionToSentTestCase : public ControlTestCase
{
  public:
    ReactionToSentTestCase()
        : ControlTestCase("A window that changes with each frame sent gives a queue pair no second "
                          "turn: two share the line frame by frame")
    {
    }

  private:
    void DoScenario() override
    {
        constexpr uint64_t FRAMES = 100;
        const auto control = Control(0);
        control->react = [&](const RecordingControl::Event& event) {
            if (event.kind == Kind::Sent)
            {
                control->UseWindow(4'000'000 - control->Count(Kind::Sent) * MTU);
            }
        };
        Simulator::Schedule(Start(), [&] {
            for (const uint32_t number : {0, 1})
            {
                m_ledger.Post(m_network->nics[0]->GetQueuePair(1, number), FRAMES * MTU);
            }
        });
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(m_ledger.endings.size(), 2, "both end");
        const auto first = Data(0);
        const auto second = Data(1);
        if (!HasSize(first, FRAMES, "frames") || !HasSize(second, FRAMES, "frames"))
        {
            return;
        }
        // The second gets into the queue, behind the first, when frame 0 of that is on the line.
        for (size_t i = 2; i < FRAMES; ++i)
        {
            const Time other = m_line.Full() + (i == 2 ? m_line.Of(LineTimes::FIRST) : Time(0));
            NS_TEST_EXPECT_MSG_EQ(first[i].at - first[i - 1].at,
                                  m_line.Full() + other,
                                  "one frame of the other before frame " << i);
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A larger window lets more frames out at once.
 */
class WiderWindowTestCase : public ControlTestCase
{
  public:
    WiderWindowTestCase()
        : ControlTestCase("A wider window takes effect at once")
    {
    }

  private:
    void DoScenario() override
    {
        const auto control = Control();
        control->UseWindow(4 * MTU);
        PostAtStart(30 * MTU);
        const Time wider = Start() + Left(4) + NanoSeconds(100); // before any acknowledgement
        Simulator::Schedule(wider, [&] { control->UseWindow(9 * MTU + 1); });
        Simulator::Run();

        ExpectAllOnceInOrder();
        const auto data = Data();
        if (!HasSize(data, 30, "frames"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(data[3].at, Start() + Left(2), "four at line rate");
        for (size_t i = 4; i < 9; ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(data[i].at, wider + (i - 4) * m_line.Full(), "then five more");
        }
        const Time acknowledged = Start() + Left(3) + Way() + m_line.Ack() + Way();
        NS_TEST_EXPECT_MSG_EQ(data[9].at, acknowledged, "the next after the first acknowledgement");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A smaller window holds frames back, and does not make the sender wait for the timer.
 */
class NarrowerWindowTestCase : public ControlTestCase
{
  public:
    /// @param frames Window from then on, frames. @param outOfOrder Whether frames may overtake.
    NarrowerWindowTestCase(uint64_t frames, bool outOfOrder)
        : ControlTestCase(std::string(outOfOrder ? "Out of order" : "In order") +
                              ", a window narrowed to " + std::to_string(frames) +
                              " frames, fewer than are in flight, takes effect at once and costs "
                              "no timeout",
                          outOfOrder),
          m_frames(frames)
    {
    }

  private:
    void DoScenario() override
    {
        const auto control = Control();
        PostAtStart(200 * MTU);
        // 22 frames have left, of which none after the 16th asks for an acknowledgement.
        const Time narrowed = Start() + Left(21) - NanoSeconds(10);
        Simulator::Schedule(narrowed, [&] { control->UseWindow(m_frames * MTU); });
        Simulator::Run();

        ExpectAllOnceInOrder();
        NS_TEST_EXPECT_MSG_EQ(Repeats(), 0, "no timeout");
        const Time acknowledged = Start() + Left(15) + Way() + m_line.Ack() + Way();
        NS_TEST_EXPECT_MSG_EQ(m_log->Between(narrowed, acknowledged), 0, "held back at once");
        // One more may leave when nothing that is in flight asks for an acknowledgement.
        const auto data = Data();
        for (size_t i = 24; i < data.size(); ++i)
        {
            uint64_t unacknowledged = 0;
            for (const auto& [frame, at] : Back()->passed)
            {
                unacknowledged = at + Delay() <= data[i].at
                                     ? std::max(unacknowledged, frame.sequence)
                                     : unacknowledged;
            }
            NS_TEST_EXPECT_MSG_LT(data[i].frame.sequence - unacknowledged, m_frames, "window");
        }
    }

    uint64_t m_frames; //!< window from then on
};

/**
 * @ingroup mixnet-tests
 * @brief What a congestion control hears of a message without losses.
 */
class AcknowledgementNewsTestCase : public ControlTestCase
{
  public:
    AcknowledgementNewsTestCase()
        : ControlTestCase("Acknowledgements tell the bytes of messages that are new and the round "
                          "trip of the frame that asked; idle comes last, once")
    {
    }

  private:
    void DoScenario() override
    {
        // 16 frames ask at number 15; the rest and the second message at their ends.
        const uint64_t rest = 3 * MTU + 100;
        PostAtStart(16 * MTU + rest);
        PostAtStart(8);
        const auto control = Control();
        Simulator::Run();

        std::vector<RecordingControl::Event> news;
        for (const auto& event : control->events)
        {
            if (event.kind != Kind::Sent)
            {
                news.push_back(event);
            }
        }
        NS_TEST_EXPECT_MSG_EQ(control->Count(Kind::Sent), 21, "every frame that leaves");
        if (!HasSize(news, 4, "three acknowledgements and idle"))
        {
            return;
        }
        const auto roundTrip = [&](uint64_t payload, uint64_t header) {
            return m_line.Of(payload + LineTimes::OVERHEAD + header) + Way() + m_line.Ack() + Way();
        };
        NS_TEST_EXPECT_MSG_EQ(news[0].bytes, 16 * MTU, "bytes");
        NS_TEST_EXPECT_MSG_EQ(news[0].roundTrip, roundTrip(MTU, 0), "round trip");
        NS_TEST_EXPECT_MSG_EQ(news[1].bytes, rest, "bytes");
        NS_TEST_EXPECT_MSG_EQ(news[1].roundTrip, roundTrip(100, 0), "round trip");
        NS_TEST_EXPECT_MSG_EQ(news[2].bytes, 8, "bytes");
        NS_TEST_EXPECT_MSG_EQ(news[2].roundTrip, roundTrip(8, LineTimes::FIRST), "round trip");
        NS_TEST_EXPECT_MSG_EQ((news[3].kind == Kind::Idle), true, "idle");
        NS_TEST_EXPECT_MSG_EQ(news[3].at, news[2].at, "with the last acknowledgement");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief What a congestion control hears of losses.
 */
class LossNewsTestCase : public ControlTestCase
{
  public:
    /// @param outOfOrder Whether frames may overtake each other.
    explicit LossNewsTestCase(bool outOfOrder)
        : ControlTestCase(std::string(outOfOrder ? "Out of order, a report of two missing frames "
                                                   "is two losses after a timeout"
                                                 : "In order, a NACK is a loss without a timeout"),
                          outOfOrder)
    {
    }

  private:
    void DoScenario() override
    {
        Lose({3, 5});
        PostAtStart(10 * MTU);
        const auto control = Control();
        Simulator::Run();

        ExpectAllOnceInOrder();
        NS_TEST_EXPECT_MSG_EQ(control->Count(Kind::Timeout), (m_outOfOrder ? 1 : 0), "timeouts");
        // In order the first NACK brings everything behind the gap again.
        NS_TEST_EXPECT_MSG_EQ(control->Count(Kind::Loss), (m_outOfOrder ? 2 : 1), "losses");
        NS_TEST_EXPECT_MSG_EQ(control->Count(Kind::Idle), 1, "idle");
        if (m_outOfOrder)
        {
            const auto timeout =
                std::find_if(control->events.begin(), control->events.end(), [](const auto& event) {
                    return event.kind == Kind::Timeout;
                });
            NS_TEST_EXPECT_MSG_EQ(timeout->at, Start() + Timeout(), "when the timer expires");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The queue pair is idle when nothing is left, whatever the reason.
 */
class IdleNewsTestCase : public ControlTestCase
{
  public:
    /// How messages end.
    enum class End : uint8_t
    {
        Withdrawn,
        RetryExceeded,
        LinkDownTimeout,
    };

    /// @param end How messages end. @param name The same in words.
    IdleNewsTestCase(End end, const std::string& name)
        : ControlTestCase("The congestion control hears of idleness after the end by " + name),
          m_end(end)
    {
    }

  private:
    void SetAttributes(NicNetwork& network) override
    {
        ControlTestCase::SetAttributes(network);
        network.SetNic("LinkDownTimeout", TimeValue(MilliSeconds(1)));
    }

    void DoScenario() override
    {
        Forth()->rule = [](RoceFrame&) { return std::vector<Time>{}; };
        PostAtStart(3 * MTU, 2);
        if (m_end == End::Withdrawn)
        {
            Simulator::Schedule(Start() + MicroSeconds(5), [&] {
                Sender().Withdraw(m_ledger.posted[0]);
                Sender().Withdraw(m_ledger.posted[1]);
            });
        }
        else if (m_end == End::LinkDownTimeout)
        {
            Simulator::Schedule(Start() + MicroSeconds(5), &Fibre::Cut, m_network->fibres[0]);
        }
        const auto control = Control();
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(control->Count(Kind::Idle), 1, "once");
        if (HasSize(m_ledger.endings, 2, "both end") && !control->events.empty())
        {
            NS_TEST_EXPECT_MSG_EQ((control->events.back().kind == Kind::Idle), true, "last");
            NS_TEST_EXPECT_MSG_EQ(control->events.back().at, m_ledger.endings[1].at, "when");
        }
    }

    End m_end; //!< how messages end
};

/**
 * @ingroup mixnet-tests
 * @brief A receiver of marked frames sends CNPs, but not too many.
 */
class CnpTestCase : public ControlTestCase
{
  public:
    /// @param marked Every so many frames one is marked; 0 for none. @param intervalNs Attribute.
    CnpTestCase(uint64_t marked, uint64_t intervalNs)
        : ControlTestCase("One frame of " + std::to_string(marked) +
                          " is marked (0: none): a CNP answers the first mark after each " +
                          std::to_string(intervalNs) + " ns"),
          m_marked(marked),
          m_intervalNs(intervalNs)
    {
    }

  private:
    void SetAttributes(NicNetwork& network) override
    {
        ControlTestCase::SetAttributes(network);
        network.SetNic("CnpInterval", TimeValue(NanoSeconds(m_intervalNs)));
    }

    void DoScenario() override
    {
        std::vector<Time> marks; // when marked frames arrive
        Forth()->rule = [&](RoceFrame& frame) -> std::vector<Time> {
            NS_TEST_EXPECT_MSG_EQ((frame.ecn == EcnCodepoint::Capable), true, "may be marked");
            if (m_marked > 0 && frame.sequence % m_marked == m_marked - 1)
            {
                frame.ecn = EcnCodepoint::Experienced;
                marks.push_back(Simulator::Now() + Delay());
            }
            return {Time(0)};
        };
        PostAtStart(300 * MTU);
        const auto control = Control();
        FrameLog back(m_network->nics[1]);
        Simulator::Run();

        std::vector<Time> expected;
        for (const Time& mark : marks)
        {
            if (expected.empty() || mark >= expected.back() + NanoSeconds(m_intervalNs))
            {
                expected.push_back(mark);
            }
        }
        std::vector<Time> sent;
        for (const auto& [frame, at] : back.sent)
        {
            if (frame.kind == FrameKind::CongestionNotification)
            {
                sent.push_back(at);
                NS_TEST_EXPECT_MSG_EQ(frame.wireBytes, 98, "82 and 16 reserved bytes");
            }
        }
        NS_TEST_EXPECT_MSG_EQ((sent == expected), true, "when CNPs leave");
        NS_TEST_EXPECT_MSG_EQ(sent.empty(), (m_marked == 0), "only for marked frames");
        NS_TEST_EXPECT_MSG_EQ(control->Count(Kind::Notification), sent.size(), "all are heard");
        ExpectAllOnceInOrder();
    }

    uint64_t m_marked;     //!< every so many frames one is marked
    uint64_t m_intervalNs; //!< attribute CnpInterval, ns
};

/**
 * @ingroup mixnet-tests
 * @brief Pace, window and congestion news of queue pairs.
 */
class QueuePairPacingTestSuite : public TestSuite
{
  public:
    QueuePairPacingTestSuite()
        : TestSuite("mixnet-queue-pair-pacing", TestSuite::Type::UNIT)
    {
        for (const uint64_t gbps : {1, 100, 399})
        {
            AddTestCase(new PaceTestCase(gbps));
        }
        AddTestCase(new PacedPairTestCase);
        AddTestCase(new NewRateTestCase);
        AddTestCase(new ReactionToSentTestCase);
        AddTestCase(new WiderWindowTestCase);
        for (const uint64_t frames : {1, 4, 8})
        {
            AddTestCase(new NarrowerWindowTestCase(frames, false));
            AddTestCase(new NarrowerWindowTestCase(frames, true));
        }
        AddTestCase(new AcknowledgementNewsTestCase);
        AddTestCase(new LossNewsTestCase(false));
        AddTestCase(new LossNewsTestCase(true));
        AddTestCase(new IdleNewsTestCase(IdleNewsTestCase::End::Withdrawn, "withdrawal"));
        AddTestCase(new IdleNewsTestCase(IdleNewsTestCase::End::RetryExceeded, "RetryExceeded"));
        AddTestCase(
            new IdleNewsTestCase(IdleNewsTestCase::End::LinkDownTimeout, "LinkDownTimeout"));
        AddTestCase(new CnpTestCase(0, 50'000));
        AddTestCase(new CnpTestCase(1, 50'000));
        AddTestCase(new CnpTestCase(1, 2'000));
        AddTestCase(new CnpTestCase(7, 2'000));
        AddTestCase(new CnpTestCase(100, 0));
    }
};

QueuePairPacingTestSuite g_queuePairPacingTestSuite; //!< registers the suite

} // namespace

} // namespace tests
