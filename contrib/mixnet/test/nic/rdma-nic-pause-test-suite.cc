/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "out-of-order-test-case.h"

#include <tuple>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

constexpr uint8_t DATA_BIT = 1 << DATA_CLASS;       //!< data in the classes of a pause
constexpr uint8_t CONTROL_BIT = 1 << CONTROL_CLASS; //!< control frames likewise

/**
 * @ingroup mixnet-tests
 * @brief Two NICs; what is between them sends pauses to NIC 0.
 */
class PauseTestCase : public OutOfOrderTestCase
{
  protected:
    /// @param promise What is tested.
    explicit PauseTestCase(const std::string& promise)
        : OutOfOrderTestCase(promise)
    {
        m_outOfOrder = false;
    }

    /// @param quanta How long. @return that as time: 512 bits each.
    Time Span(uint64_t quanta) const
    {
        return quanta * m_line.Of(64); // exact at 400 Gb/s
    }

    /// @param at When it arrives at NIC 0. @param classes Bit c for class c. @param quanta How
    /// long.
    void PauseAt(const Time& at, uint8_t classes, uint16_t quanta)
    {
        RoceFrame frame;
        frame.kind = FrameKind::Pause;
        frame.wireBytes = 84; // 64 bytes, preamble and gap
        frame.pausedClasses = classes;
        frame.pauseQuanta = quanta;
        Forth()->SendAt(at - Delay(), frame);
    }

    /// @param frame Data frame. @return when it began to leave NIC 0 for the first time.
    Time SentAt(uint64_t frame) const
    {
        const auto found =
            std::find_if(m_log->sent.begin(), m_log->sent.end(), [&](const auto& entry) {
                return entry.frame.kind == FrameKind::Data && entry.frame.sequence == frame;
            });
        return found == m_log->sent.end() ? Time(0) : found->at;
    }

    /**
     * @brief Checks that data frames of the first message follow each other but for one gap.
     * @param before Frames before the gap.
     * @param resumed When the frame behind it leaves, after the start.
     * @param frames All frames.
     */
    void ExpectGap(uint64_t before, const Time& resumed, uint64_t frames)
    {
        for (uint64_t frame = 1; frame < frames; ++frame)
        {
            NS_TEST_EXPECT_MSG_EQ(
                SentAt(frame) - Start(),
                (frame < before ? Left(frame - 1) : resumed + (frame - before) * m_line.Full()),
                "frame " << frame);
        }
        ExpectAllOnceInOrder();
        NS_TEST_EXPECT_MSG_EQ(Repeats(), 0, "nothing again");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A pause stops data after the frame on the line, for its time.
 */
class PauseDataTestCase : public PauseTestCase
{
  public:
    /// @param quanta How long.
    explicit PauseDataTestCase(uint64_t quanta)
        : PauseTestCase("A pause of " + std::to_string(quanta) +
                        " quanta stops data after the frame on the line until 512 bit times for "
                        "each are over"),
          m_quanta(quanta)
    {
    }

  private:
    /// @param trafficClass Traffic class. @param paused Whether it is paused.
    void HandlePause(uint8_t trafficClass, bool paused)
    {
        m_changes.push_back({trafficClass, paused, Simulator::Now()});
    }

    void DoScenario() override
    {
        const auto nic = m_network->nics[0];
        nic->TraceConnectWithoutContext("Pause",
                                        MakeCallback(&PauseDataTestCase::HandlePause, this));
        const Time paused = Left(8) - NanoSeconds(50);
        PauseAt(Start() + paused, DATA_BIT, m_quanta);
        PostAtStart(30 * MTU);
        Simulator::Run();

        // A pause that is over before the frame on the line is has no effect.
        ExpectGap(9, std::max(Left(8), paused + Span(m_quanta)), 30);
        NS_TEST_EXPECT_MSG_EQ(nic->GetPausedTime(), Span(m_quanta), "time paused");
        NS_TEST_EXPECT_MSG_EQ(nic->GetCounters().pausesReceived.frames, 1, "counted apart");
        if (HasSize(m_changes, 2, "paused and resumed"))
        {
            const Time at = Start() + paused;
            NS_TEST_EXPECT_MSG_EQ((m_changes[0] == Change{DATA_CLASS, true, at}), true, "begin");
            NS_TEST_EXPECT_MSG_EQ((m_changes[1] == Change{DATA_CLASS, false, at + Span(m_quanta)}),
                                  true,
                                  "end");
        }
    }

    using Change = std::tuple<uint8_t, bool, Time>; //!< class, whether paused, when

    uint64_t m_quanta;             //!< how long
    std::vector<Change> m_changes; //!< pauses and ends of pauses
};

/**
 * @ingroup mixnet-tests
 * @brief A pause of no quanta ends one.
 */
class ResumeTestCase : public PauseTestCase
{
  public:
    ResumeTestCase()
        : PauseTestCase("A pause of zero quanta ends one at once; without one it does nothing")
    {
    }

  private:
    void DoScenario() override
    {
        const Time resumed = Left(8) + MicroSeconds(3);
        PauseAt(Start() + Left(2), DATA_BIT, 0);
        PauseAt(Start() + Left(8) - NanoSeconds(1), DATA_BIT, 65535);
        PauseAt(Start() + resumed, DATA_BIT, 0);
        PostAtStart(30 * MTU);
        Simulator::Run();

        ExpectGap(9, resumed, 30);
        NS_TEST_EXPECT_MSG_EQ(m_network->nics[0]->GetPausedTime(),
                              MicroSeconds(3) + NanoSeconds(1),
                              "time paused");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A pause during a pause counts from its own arrival.
 */
class RefreshTestCase : public PauseTestCase
{
  public:
    /// @param second Quanta of the second pause.
    explicit RefreshTestCase(uint64_t second)
        : PauseTestCase("A pause of " + std::to_string(second) +
                        " quanta replaces what is left of one of 1000"),
          m_second(second)
    {
    }

  private:
    void DoScenario() override
    {
        const Time first = Left(8) - NanoSeconds(1);
        const Time second = first + NanoSeconds(1000);
        PauseAt(Start() + first, DATA_BIT, 1000);
        PauseAt(Start() + second, DATA_BIT, m_second);
        PostAtStart(30 * MTU);
        Simulator::Run();

        ExpectGap(9, second + Span(m_second), 30);
        NS_TEST_EXPECT_MSG_EQ(m_network->nics[0]->GetPausedTime(),
                              NanoSeconds(1000) + Span(m_second),
                              "time paused");
    }

    uint64_t m_second; //!< quanta of the second pause
};

/**
 * @ingroup mixnet-tests
 * @brief Each class is paused for itself.
 */
class PausedClassTestCase : public PauseTestCase
{
  public:
    /// @param classes Bit c for each paused class c.
    explicit PausedClassTestCase(uint8_t classes)
        : PauseTestCase("With classes " + std::to_string(classes) +
                        " (bits) paused, acknowledgements and data of the others go on"),
          m_classes(classes)
    {
    }

  private:
    void DoScenario() override
    {
        // NIC 0 acknowledges a message of NIC 1 and sends one of its own, both under the pause.
        const Time paused = MicroSeconds(1);
        const Time end = paused + Span(2000); // 2.56 us
        WriteLedger other;
        PauseAt(Start() + paused, m_classes, 2000);
        other.PostAt(Start(), m_network->nics[1], 0, MTU);
        m_ledger.PostAt(Start() + paused + NanoSeconds(10), m_network->nics[0], 1, MTU);
        Simulator::Run();

        if (!HasSize(m_ledger.arrivals, 1, "arrives") || !HasSize(other.endings, 1, "ends"))
        {
            return;
        }
        const Time asked = m_line.Message(MTU) + Way();
        const Time acknowledged = (m_classes & CONTROL_BIT) != 0 ? std::max(asked, end) : asked;
        NS_TEST_EXPECT_MSG_EQ(other.endings[0].at - Start(),
                              acknowledged + m_line.Ack() + Way(),
                              "acknowledgement");
        // At the end of a common pause the acknowledgement goes first.
        const bool isBehind = m_classes == (DATA_BIT | CONTROL_BIT);
        const Time posted = (m_classes & DATA_BIT) != 0 ? end : paused + NanoSeconds(10);
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[0].at - Start(),
                              posted + (isBehind ? m_line.Ack() : Time(0)) + m_line.Message(MTU) +
                                  Way(),
                              "data");
    }

    uint8_t m_classes; //!< bit c for each paused class c
};

/**
 * @ingroup mixnet-tests
 * @brief What a NACK says is true when it leaves.
 */
class StaleNackTestCase : public PauseTestCase
{
  public:
    StaleNackTestCase()
        : PauseTestCase("A NACK that a pause has held up until its gap closed leaves as an "
                        "acknowledgement: nothing is repeated for it")
    {
    }

  private:
    void DoScenario() override
    {
        // NIC 0 receives 12 frames of NIC 1 and may not say that number 3 is lost. The timer of
        // NIC 1 expires; half of the repeats are there when the pause ends.
        constexpr uint64_t FRAMES = 12;
        Back()->rule = [isLost = false](RoceFrame& frame) mutable -> std::vector<Time> {
            if (frame.kind == FrameKind::Data && frame.sequence == 3 && !isLost)
            {
                isLost = true;
                return {};
            }
            return {Time(0)};
        };
        WriteLedger other;
        const Time resumed = Start() + Timeout() + Left(6) + Way() + NanoSeconds(1);
        PauseAt(Start(), CONTROL_BIT, 65535);
        PauseAt(Start() + Timeout() / 2, CONTROL_BIT, 65535);
        PauseAt(resumed, CONTROL_BIT, 0);
        other.PostAt(Start(), m_network->nics[1], 0, FRAMES * MTU);
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(m_network->nics[1]->GetRetransmittedFrames(), FRAMES, "once");
        NS_TEST_EXPECT_MSG_EQ(Forth()->Count(FrameKind::NegativeAcknowledgement), 0, "no NACK");
        if (HasSize(other.endings, 1, "ends"))
        {
            NS_TEST_EXPECT_MSG_EQ(other.endings[0].at,
                                  Start() + Timeout() + m_line.Message(FRAMES * MTU) + Way() +
                                      m_line.Ack() + Way(),
                                  "a timeout later");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Whoever paused the port is gone with the signal.
 */
class PauseSignalTestCase : public PauseTestCase
{
  public:
    PauseSignalTestCase()
        : PauseTestCase(
              "Loss of signal ends a pause: data goes on as soon as there is a signal again")
    {
    }

  private:
    void DoScenario() override
    {
        PauseAt(Start() - MicroSeconds(2), DATA_BIT, 65535); // 84 us
        PostAtStart(5 * MTU);
        const Time cut = Start() + MicroSeconds(3);
        Simulator::Schedule(cut, &Fibre::Cut, m_network->fibres[0]);
        Simulator::Schedule(cut + MicroSeconds(7), &Fibre::Restore, m_network->fibres[0]);
        Simulator::Run();

        ExpectAllOnceInOrder();
        NS_TEST_EXPECT_MSG_EQ(SentAt(0), cut + MicroSeconds(7) + Delay(), "with the signal");
        NS_TEST_EXPECT_MSG_EQ(m_network->nics[0]->GetPausedTime(),
                              MicroSeconds(5) + Delay(),
                              "paused until the signal was gone");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The retransmission timer takes no notice of pauses.
 */
class PauseTimerTestCase : public PauseTestCase
{
  public:
    /// @param outOfOrder Whether frames may overtake each other.
    /// @param timeouts How long data is paused, in timeouts, back-off counted.
    PauseTimerTestCase(bool outOfOrder, uint32_t timeouts)
        : PauseTestCase(std::string(outOfOrder ? "Out of order" : "In order") +
                        ", data paused for " + std::to_string(timeouts) +
                        " timeouts with RetryLimit 3: " +
                        (timeouts <= 3 ? "all ends well" : "messages end with RetryExceeded")),
          m_timeouts(timeouts)
    {
        m_outOfOrder = outOfOrder;
    }

  private:
    void SetAttributes(NicNetwork& network) override
    {
        network.SetNic("RetryLimit", UintegerValue(3));
    }

    void DoScenario() override
    {
        // Data pauses from frame 9 on, for longer than one pause can say.
        const Time begin = Start() + Left(8) - NanoSeconds(1);
        const Time resumed = Start() + BackedOff(m_timeouts, Timeout()) + MicroSeconds(40);
        for (Time at = begin; at < resumed; at += MicroSeconds(50))
        {
            PauseAt(at, DATA_BIT, 65535);
        }
        PauseAt(resumed, DATA_BIT, 0);
        PostAtStart(30 * MTU);
        Simulator::Run();

        if (!HasSize(m_ledger.endings, 1, "ends once"))
        {
            return;
        }
        if (m_timeouts > 3)
        {
            const auto& [completion, at] = m_ledger.endings[0];
            NS_TEST_EXPECT_MSG_EQ((completion.status == CompletionStatus::RetryExceeded),
                                  true,
                                  "status");
            NS_TEST_EXPECT_MSG_EQ(at, Start() + BackedOff(4, Timeout()), "as without pauses");
            return;
        }
        ExpectAllOnceInOrder();
        // What was in flight is repeated, for nobody knows why it was not acknowledged: all nine
        // frames in order; out of order the last of them, and the first after more than one
        // timeout, behind which new ones follow.
        const bool withFirst = m_outOfOrder && m_timeouts > 1;
        const uint64_t repeats = withFirst ? 2 : 1;
        NS_TEST_EXPECT_MSG_EQ(Repeats(), (m_outOfOrder ? repeats : 9), "repeats");
        const Time first = m_line.Of(MTU + LineTimes::OVERHEAD + LineTimes::FIRST);
        const Time rest =
            m_outOfOrder ? m_line.Full() + m_line.From(30 * MTU, 9) + (withFirst ? first : Time(0))
                         : m_line.Message(30 * MTU);
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[0].at, resumed + rest + Way(), "arrival");
    }

    uint32_t m_timeouts; //!< how long data is paused, in timeouts
};

/**
 * @ingroup mixnet-tests
 * @brief Pauses at a NIC.
 */
class RdmaNicPauseTestSuite : public TestSuite
{
  public:
    RdmaNicPauseTestSuite()
        : TestSuite("mixnet-rdma-nic-pause", TestSuite::Type::UNIT)
    {
        for (const uint64_t quanta : {1, 39, 40, 1000, 65535})
        {
            AddTestCase(new PauseDataTestCase(quanta));
        }
        AddTestCase(new ResumeTestCase);
        AddTestCase(new RefreshTestCase(2000));
        AddTestCase(new RefreshTestCase(50));
        AddTestCase(new PausedClassTestCase(DATA_BIT));
        AddTestCase(new PausedClassTestCase(CONTROL_BIT));
        AddTestCase(new PausedClassTestCase(DATA_BIT | CONTROL_BIT));
        AddTestCase(new PausedClassTestCase(1));
        AddTestCase(new StaleNackTestCase);
        AddTestCase(new PauseSignalTestCase);
        for (const bool outOfOrder : {false, true})
        {
            AddTestCase(new PauseTimerTestCase(outOfOrder, 1));
            AddTestCase(new PauseTimerTestCase(outOfOrder, 3));
            AddTestCase(new PauseTimerTestCase(outOfOrder, 4));
        }
    }
};

RdmaNicPauseTestSuite g_rdmaNicPauseTestSuite; //!< registers the suite

} // namespace

} // namespace tests
