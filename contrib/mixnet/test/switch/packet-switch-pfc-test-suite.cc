/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/switch-testbed.h"
#include "../testbed/test-network.h"

#include <map>
#include <string>
#include <vector>

namespace tests
{

namespace
{

constexpr uint32_t TEST_MTU = FRAME_BYTES - FRAME_OVERHEAD; //!< full frames have FRAME_BYTES

} // namespace

/**
 * @ingroup mixnet-tests
 * @brief The whole life of a pause, computed frame by frame: begin, repetitions, end.
 */
class SwitchPauseLifeTestCase : public MixnetTestCase
{
  public:
    /**
     * @param alpha Attribute IngressAlpha.
     * @param frames Shared buffer, frames.
     */
    SwitchPauseLifeTestCase(double alpha, uint32_t frames)
        : MixnetTestCase("An input is paused above IngressAlpha = " + AlphaName(alpha) +
                         " times what is free of " + std::to_string(frames) +
                         " frames, and resumed two full frames below"),
          m_alpha(alpha),
          m_frames(frames)
    {
    }

  private:
    void DoRun() override
    {
        SwitchTestbed testbed({FAST, CRAWL});
        testbed.device->SetAttribute("BufferSize", UintegerValue(m_frames * FRAME_BYTES));
        testbed.device->SetAttribute("IngressAlpha", DoubleValue(m_alpha));
        testbed.device->SetAttribute("Mtu", UintegerValue(TEST_MTU));
        // Frame 0 goes on at once, the others wait: the first to exceed the limit is the last.
        uint32_t last = 1;
        while (last <= m_alpha * (m_frames - last))
        {
            ++last;
        }
        for (uint32_t i = 0; i <= last; ++i)
        {
            testbed.Send(0, 1, i * FAST_PS, i);
        }
        // Frames leave every crawl; what is held then decides.
        uint32_t held = last;
        while (held > 0 && held + 2 >= m_alpha * (m_frames - held))
        {
            --held;
        }
        const int64_t crawl = LineTime(FRAME_BYTES, CRAWL);
        const int64_t news = LineTime(PAUSE_BYTES, FAST) + DELAY_PS;
        const int64_t begin = (last + 1) * FAST_PS + DELAY_PS;
        const int64_t end = FAST_PS + DELAY_PS + (last - held) * crawl;
        std::vector<SwitchTestbed::PauseArrival> expected;
        for (int64_t time = begin; time < end; time += LongestPause(FAST) / 2)
        {
            expected.push_back({time + news, DATA_BIT, LONGEST_QUANTA});
        }
        expected.push_back({end + news, DATA_BIT, 0});
        std::vector<bool> announced;
        testbed.device->TraceConnectWithoutContext(
            "Pause",
            Callback<void, uint32_t, uint8_t, bool>(
                [&](uint32_t port, uint8_t trafficClass, bool paused) {
                    NS_TEST_EXPECT_MSG_EQ(port, 0, "port in the trace");
                    NS_TEST_EXPECT_MSG_EQ(int(trafficClass), int(DATA_CLASS), "class in the trace");
                    announced.push_back(paused);
                }));
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ((testbed.PausesAt(0) == expected), true, "pauses as computed");
        NS_TEST_EXPECT_MSG_EQ(testbed.PausesAt(0).size(), expected.size(), "as many");
        NS_TEST_EXPECT_MSG_EQ(testbed.PausesAt(1).size(), 0, "the output is not concerned");
        NS_TEST_EXPECT_MSG_EQ((announced == std::vector<bool>{true, false}),
                              true,
                              "the trace tells begin and end, not repetitions");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetCounters().pausesSent.frames,
                              expected.size(),
                              "counted");
        NS_TEST_EXPECT_MSG_EQ(testbed.ArrivalsAt(1).size(), last + 1, "nothing is lost");
        NS_TEST_EXPECT_MSG_EQ(IsAtRest(*testbed.device), true, "the switch is empty again");
    }

    double m_alpha;    //!< attribute IngressAlpha
    uint32_t m_frames; //!< shared buffer, frames
};

/**
 * @ingroup mixnet-tests
 * @brief An end that does not obey fills the headroom, to the last frame that fits.
 */
class SwitchHeadroomTestCase : public MixnetTestCase
{
  public:
    /**
     * @param delay Propagation, ps.
     * @param headroom Expected for 400 Gb/s and full frames of 5000 bytes, bytes.
     */
    SwitchHeadroomTestCase(int64_t delay, uint64_t headroom)
        : MixnetTestCase("With fibres of " + std::to_string(delay / 1000) +
                         " ns, headroom is max(3 rate delay, 2 rate delay + 3 frames + pause) = " +
                         std::to_string(headroom) + " bytes"),
          m_delay(delay),
          m_headroom(headroom)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t frames = 16;
        constexpr uint32_t burst = 100;
        // So slow that nothing but the first frame leaves meanwhile.
        SwitchTestbed testbed({FAST, CRAWL / 10, FAST}, m_delay);
        testbed.device->SetAttribute("BufferSize", UintegerValue(frames * FRAME_BYTES));
        testbed.device->SetAttribute("Mtu", UintegerValue(TEST_MTU));
        for (uint32_t i = 0; i < burst; ++i)
        {
            testbed.Send(0, 1, i * FAST_PS, i);
        }
        // Another input finds shared buffer as if nothing were.
        testbed.Send(2, 1, burst * FAST_PS, burst);
        uint64_t buffered = 0;
        uint64_t inHeadroom = 0;
        Simulator::Schedule(PicoSeconds(START_PS + (burst + 2) * FAST_PS + m_delay), [&]() {
            buffered = testbed.device->GetBufferedBytes();
            inHeadroom = testbed.device->GetHeadroomBytes();
        });
        Simulator::Run();

        // 1 > 15/8 and 2 > 14/8: the second frame that waits is the last in the shared buffer.
        const uint64_t fit = m_headroom / FRAME_BYTES;
        NS_TEST_EXPECT_MSG_EQ(buffered, (2 + 1) * FRAME_BYTES, "shared buffer");
        NS_TEST_EXPECT_MSG_EQ(inHeadroom, fit * FRAME_BYTES, "headroom");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetPeakHeadroomBytes(), inHeadroom, "never more");
        const uint64_t lost = burst - 1 - 2 - fit;
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::HeadroomFull), lost, "the rest is lost");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetCounters().AllDropped().frames,
                              lost,
                              "for no other reason");
        NS_TEST_EXPECT_MSG_EQ(testbed.ArrivalsAt(1).size(), burst + 1 - lost, "the others arrive");
        NS_TEST_EXPECT_MSG_EQ(IsAtRest(*testbed.device), true, "the switch is empty again");
    }

    int64_t m_delay;     //!< propagation, ps
    uint64_t m_headroom; //!< expected, bytes
};

/**
 * @ingroup mixnet-tests
 * @brief A pause waits for the frame on the line and for nothing else.
 */
class SwitchPauseFirstTestCase : public MixnetTestCase
{
  public:
    SwitchPauseFirstTestCase()
        : MixnetTestCase("A pause leaves right after the frame on the line, before all that wait")
    {
    }

  private:
    void DoRun() override
    {
        SwitchTestbed testbed({FAST, CRAWL, FAST, FAST});
        testbed.device->SetAttribute("BufferSize", UintegerValue(64 * FRAME_BYTES));
        testbed.device->SetAttribute("EgressAlpha", DoubleValue(8));
        // Two inputs keep the line to NIC 0 busy with control frames, from "busy" on.
        constexpr int64_t busy = FAST_PS + FAST_PS / 2 + DELAY_PS;
        for (int64_t i = 0; i < 20; ++i)
        {
            testbed.Send(2, 0, FAST_PS / 2 + i * FAST_PS, i, FrameKind::Acknowledgement);
            testbed.Send(3, 0, FAST_PS / 2 + i * FAST_PS, i, FrameKind::Acknowledgement);
        }
        // Before NIC 0 is paused, it sends as many as the limit lets it, with what others use.
        for (int64_t i = 0; i < 12; ++i)
        {
            testbed.Send(0, 1, i * FAST_PS, i);
        }
        int64_t decided = 0;
        testbed.device->TraceConnectWithoutContext(
            "Pause",
            Callback<void, uint32_t, uint8_t, bool>([&](uint32_t, uint8_t, bool paused) {
                decided = paused ? Simulator::Now().GetPicoSeconds() - START_PS : decided;
            }));
        Simulator::Run();

        const auto pauses = testbed.PausesAt(0);
        NS_TEST_EXPECT_MSG_GT(decided, busy, "the line is busy then");
        NS_TEST_EXPECT_MSG_GT(pauses.size(), 1, "a pause and its end");
        if (IsStatusFailure())
        {
            return;
        }
        const int64_t lineFree = busy + (decided - busy + FAST_PS - 1) / FAST_PS * FAST_PS;
        NS_TEST_EXPECT_MSG_EQ(pauses[0].time,
                              lineFree + LineTime(PAUSE_BYTES, FAST) + DELAY_PS,
                              "after the frame on the line");
        NS_TEST_EXPECT_MSG_EQ(testbed.ArrivalsAt(0).size(), 40, "the others come later");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetCounters().AllDropped().frames, 0, "none is lost");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Lossless classes have accounts, pauses and headroom of their own.
 */
class SwitchTwoClassesTestCase : public MixnetTestCase
{
  public:
    SwitchTwoClassesTestCase()
        : MixnetTestCase("Each lossless class is paused and resumed for itself; others never")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint8_t other = 5;
        constexpr uint8_t lossy = 1;
        SwitchTestbed testbed({FAST, CRAWL});
        testbed.device->SetAttribute("BufferSize", UintegerValue(32 * FRAME_BYTES));
        testbed.device->SetAttribute("LosslessClasses", UintegerValue(DATA_BIT | 1U << other));
        int64_t when = 0;
        // Limits are 1/8 of what is free of 32: the fourth of a class that waits exceeds 28/8, and
        // after these the third of another 25/8, no: the fourth of it, 24/8.
        for (const uint8_t trafficClass : {DATA_CLASS, other, lossy})
        {
            for (int i = 0; i < 5; ++i)
            {
                RoceFrame frame = MakeFrame(FRAME_BYTES, i, 1);
                frame.trafficClass = trafficClass;
                testbed.SendFrame(0, when, frame);
                when += FAST_PS;
            }
        }
        std::map<uint32_t, int> pausing;
        Simulator::Schedule(PicoSeconds(START_PS + when + DELAY_PS + FAST_PS), [&]() {
            for (uint8_t trafficClass = 0; trafficClass < TRAFFIC_CLASSES; ++trafficClass)
            {
                pausing[trafficClass] = testbed.device->GetPort(0)->IsPausing(trafficClass);
            }
        });
        Simulator::Run();

        for (const auto& [trafficClass, isPausing] : pausing)
        {
            NS_TEST_EXPECT_MSG_EQ(isPausing,
                                  (trafficClass == DATA_CLASS || trafficClass == other),
                                  "class " << trafficClass);
        }
        uint32_t begun = 0;
        uint32_t ended = 0;
        for (const auto& pause : testbed.PausesAt(0))
        {
            (pause.quanta > 0 ? begun : ended) |= pause.classes;
        }
        NS_TEST_EXPECT_MSG_EQ(begun, (DATA_BIT | 1U << other), "classes paused");
        NS_TEST_EXPECT_MSG_EQ(ended, begun, "all are resumed");
        NS_TEST_EXPECT_MSG_EQ(testbed.ArrivalsAt(1).size(), 15, "nothing is lost");
        NS_TEST_EXPECT_MSG_EQ(IsAtRest(*testbed.device), true, "the switch is empty again");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A switch obeys: a paused class waits to the picosecond, the others go.
 */
class SwitchObeysTestCase : public MixnetTestCase
{
  public:
    /// @param resumed Whether the pause is ended before its time.
    explicit SwitchObeysTestCase(bool resumed)
        : MixnetTestCase(std::string("While data is paused it waits and control frames go, until "
                                     "the pause ") +
                         (resumed ? "is ended" : "is over")),
          m_resumed(resumed)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint16_t quanta = 400;
        constexpr int64_t pausedAt = DELAY_PS;
        SwitchTestbed testbed({FAST, SLOW});
        const auto port = testbed.device->GetPort(1);
        const auto pauseAt = [&](int64_t when, uint16_t length) {
            Simulator::Schedule(PicoSeconds(START_PS + when),
                                [=] { port->HandleFrame(MakePause(DATA_BIT, length)); });
        };
        pauseAt(pausedAt, quanta);
        int64_t end = pausedAt + LineTime(quanta * QUANTUM_BYTES, SLOW);
        if (m_resumed)
        {
            end = end - SLOW_PS;
            pauseAt(end, 0);
        }
        testbed.Send(0, 1, 0, 0);
        testbed.Send(0, 1, FAST_PS, 1, FrameKind::Acknowledgement, 100);
        testbed.Send(0, 1, 2 * FAST_PS, 2);
        Simulator::Run();

        const auto arrivals = testbed.ArrivalsAt(1);
        if (!HasSize(arrivals, 3, "all arrive"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(arrivals[0].sequence, 1, "control first");
        NS_TEST_EXPECT_MSG_EQ(arrivals[0].time,
                              FAST_PS + LineTime(100, FAST) + LineTime(100, SLOW) + 2 * DELAY_PS,
                              "as if nothing were");
        for (const int64_t i : {0, 1})
        {
            NS_TEST_EXPECT_MSG_EQ(arrivals[1 + i].time,
                                  end + (1 + i) * SLOW_PS + DELAY_PS,
                                  "data from the end of the pause on");
        }
        NS_TEST_EXPECT_MSG_EQ(port->GetPausedTime(), PicoSeconds(end - pausedAt), "time paused");
        NS_TEST_EXPECT_MSG_EQ(IsAtRest(*testbed.device), true, "the switch is empty again");
    }

    bool m_resumed; //!< whether the pause is ended before its time
};

/**
 * @ingroup mixnet-tests
 * @brief Many senders to one lose nothing, whatever the buffer, threshold and fibre.
 */
class SwitchLosslessIncastTestCase : public MixnetTestCase
{
  public:
    /**
     * @param senders How many.
     * @param bufferBytes Shared buffer.
     * @param alpha Attribute IngressAlpha.
     * @param delay Propagation, ps.
     */
    SwitchLosslessIncastTestCase(uint32_t senders,
                                 uint32_t bufferBytes,
                                 double alpha,
                                 int64_t delay)
        : MixnetTestCase(std::to_string(senders) + " to 1 with " + std::to_string(bufferBytes) +
                         " bytes, IngressAlpha = " + AlphaName(alpha) + ", fibres of " +
                         std::to_string(delay / 1000) +
                         " ns: data and acknowledgements are not lost"),
          m_senders(senders),
          m_bufferBytes(bufferBytes),
          m_alpha(alpha),
          m_delay(delay)
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{FAST, 4096};
        const uint64_t bytes = 200 * line.mtu;
        NicNetwork network;
        WriteLedger ledger;
        network.AddNics(m_senders + 1, line);
        network.AddPacketSwitch(line, PicoSeconds(m_delay));
        network.packetSwitch->SetAttribute("BufferSize", UintegerValue(m_bufferBytes));
        network.packetSwitch->SetAttribute("IngressAlpha", DoubleValue(m_alpha));
        network.packetSwitch->SetAttribute("LosslessClasses",
                                           UintegerValue(DATA_BIT | 1U << CONTROL_CLASS));
        ledger.Listen(network.nics[0]);
        const Time start = PicoSeconds(3 * m_delay + START_PS);
        for (uint32_t sender = 1; sender <= m_senders; ++sender)
        {
            ledger.PostAt(start, network.nics[sender], 0, bytes);
        }
        Simulator::Run();

        const auto counters = network.packetSwitch->GetCounters();
        NS_TEST_EXPECT_MSG_EQ(counters.AllDropped().frames, 0, "nothing is lost");
        NS_TEST_EXPECT_MSG_GT(counters.pausesSent.frames, 0, "thanks to pauses");
        if (!HasSize(ledger.arrivals, m_senders, "all messages arrive"))
        {
            return;
        }
        for (const auto& nic : network.nics)
        {
            NS_TEST_EXPECT_MSG_EQ(nic->GetRetransmittedFrames(), 0, "nothing is retransmitted");
            NS_TEST_EXPECT_MSG_EQ(nic->IsPaused(DATA_CLASS), false, "nobody stays paused");
        }
        // The first frame is stored; from then on the output works.
        const Time busy = start + line.Of(line.mtu + LineTimes::OVERHEAD + LineTimes::FIRST) +
                          int64_t{m_senders} * line.Message(bytes) + 2 * PicoSeconds(m_delay);
        const Time end = ledger.arrivals.back().at;
        NS_TEST_EXPECT_MSG_EQ((end >= busy), true, "no faster than the line");
        if (m_bufferBytes >= ROOMY)
        {
            NS_TEST_EXPECT_MSG_EQ(end, busy, "the output is never idle");
        }
        NS_TEST_EXPECT_MSG_EQ(IsAtRest(*network.packetSwitch), true, "the switch is empty again");
    }

    static constexpr uint32_t ROOMY = 2'000'000; //!< enough for a round trip of what is paused

    uint32_t m_senders;     //!< how many
    uint32_t m_bufferBytes; //!< shared buffer
    double m_alpha;         //!< attribute IngressAlpha
    int64_t m_delay;        //!< propagation, ps
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-packet-switch-pfc.
 */
class PacketSwitchPfcTestSuite : public TestSuite
{
  public:
    PacketSwitchPfcTestSuite()
        : TestSuite("mixnet-packet-switch-pfc", TestSuite::Type::UNIT)
    {
        AddTestCase(new SwitchPauseLifeTestCase(1.0 / 8, 64));
        AddTestCase(new SwitchPauseLifeTestCase(1.0 / 8, 4));
        AddTestCase(new SwitchPauseLifeTestCase(1.0 / 2, 32));
        AddTestCase(new SwitchPauseLifeTestCase(1, 16));
        AddTestCase(new SwitchHeadroomTestCase(10'000, 2 * 500 + 3 * 5'000 + 84));
        AddTestCase(new SwitchHeadroomTestCase(DELAY_PS, 3 * 50'000));
        AddTestCase(new SwitchPauseFirstTestCase);
        AddTestCase(new SwitchTwoClassesTestCase);
        AddTestCase(new SwitchObeysTestCase(false));
        AddTestCase(new SwitchObeysTestCase(true));
        AddTestCase(new SwitchLosslessIncastTestCase(2, 5'000, 1.0 / 8, DELAY_PS));
        AddTestCase(new SwitchLosslessIncastTestCase(8, 1, 1.0 / 8, DELAY_PS));
        AddTestCase(new SwitchLosslessIncastTestCase(8, 40'000, 1.0 / 8, DELAY_PS));
        AddTestCase(new SwitchLosslessIncastTestCase(8, 40'000, 8, DELAY_PS));
        AddTestCase(new SwitchLosslessIncastTestCase(8, 100'000, 1.0 / 8, 1'000));
        AddTestCase(new SwitchLosslessIncastTestCase(3, 200'000, 1.0 / 2, 5 * DELAY_PS));
        AddTestCase(new SwitchLosslessIncastTestCase(16, 2'000'000, 1.0 / 8, DELAY_PS));
    }
};

static PacketSwitchPfcTestSuite g_packetSwitchPfcTestSuite; //!< the suite

} // namespace tests
