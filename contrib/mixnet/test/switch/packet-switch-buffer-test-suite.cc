/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/switch-testbed.h"
#include "../testbed/test-network.h"

#include <algorithm>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief What the shared buffer has no room for is lost as BufferFull; a full buffer is no loss.
 */
class SwitchBufferFullTestCase : public MixnetTestCase
{
  public:
    /**
     * @param bytesMore Buffer, in bytes more than three frames.
     * @param kept Frames that it holds.
     */
    SwitchBufferFullTestCase(int32_t bytesMore, uint64_t kept)
        : MixnetTestCase("A buffer of 3 frames " + std::string(bytesMore < 0 ? "- " : "+ ") +
                         std::to_string(std::abs(bytesMore)) + " bytes holds " +
                         std::to_string(kept)),
          m_bytesMore(bytesMore),
          m_kept(kept)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t outputs = 2; // they share the buffer; the first frame of each goes on
        constexpr uint64_t burst = 8;
        SwitchTestbed testbed({FAST, CRAWL, CRAWL});
        testbed.device->SetAttribute("BufferSize", UintegerValue(3 * FRAME_BYTES + m_bytesMore));
        testbed.device->SetAttribute("EgressAlpha", DoubleValue(1024)); // queues have no limit
        testbed.device->SetAttribute("Pfc", BooleanValue(false));
        for (uint64_t i = 0; i < burst; ++i)
        {
            testbed.Send(0, 1 + i % outputs, i * FAST_PS, i);
        }
        uint64_t buffered = 0;
        Simulator::Schedule(PicoSeconds(START_PS + burst * FAST_PS + DELAY_PS + 1),
                            [&]() { buffered = testbed.device->GetBufferedBytes(); });
        // When all that was kept has left, there is room again.
        testbed.Send(0, 1, 5 * LineTime(FRAME_BYTES, CRAWL), burst);
        Simulator::Run();

        const uint64_t lost = burst - outputs - m_kept;
        NS_TEST_EXPECT_MSG_EQ(buffered, m_kept * FRAME_BYTES, "bytes in use after the burst");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetPeakBufferedBytes(),
                              m_kept * FRAME_BYTES,
                              "and never more");
        const auto counters = testbed.device->GetCounters();
        NS_TEST_EXPECT_MSG_EQ(counters.Dropped(DropReason::BufferFull).frames, lost, "no room");
        NS_TEST_EXPECT_MSG_EQ(counters.Dropped(DropReason::BufferFull).bytes,
                              lost * FRAME_BYTES,
                              "the same in bytes");
        NS_TEST_EXPECT_MSG_EQ(counters.AllDropped().frames, lost, "no other reason");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetPort(0)->GetCounters().AllDropped().frames,
                              lost,
                              "counted where they came in");
        NS_TEST_EXPECT_MSG_EQ(IsAtRest(*testbed.device), true, "the buffer is empty again");
        std::vector<uint64_t> arrived;
        for (const uint32_t nic : {1, 2})
        {
            for (const auto& arrival : testbed.ArrivalsAt(nic))
            {
                arrived.push_back(arrival.sequence);
            }
        }
        std::sort(arrived.begin(), arrived.end());
        if (!HasSize(arrived, outputs + m_kept + 1, "the first ones, and the late one"))
        {
            return;
        }
        for (uint64_t i = 0; i < outputs + m_kept; ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(arrived[i], i, "the first ones are kept");
        }
        NS_TEST_EXPECT_MSG_EQ(arrived.back(), burst, "the late one");
    }

    int32_t m_bytesMore; //!< buffer, in bytes more than three frames
    uint64_t m_kept;     //!< frames that it holds
};

/**
 * @ingroup mixnet-tests
 * @brief A frame takes buffer from its last bit in to its first bit out, to the picosecond.
 */
class SwitchBufferTimeTestCase : public MixnetTestCase
{
  public:
    SwitchBufferTimeTestCase()
        : MixnetTestCase("A frame takes its bytes from its arrival until its first bit leaves")
    {
    }

  private:
    void DoRun() override
    {
        SwitchTestbed testbed({FAST, SLOW});
        testbed.Send(0, 1, 0, 0);
        testbed.Send(0, 1, FAST_PS, 1, FrameKind::Acknowledgement, 1'000);
        testbed.Send(0, 1, 2 * FAST_PS, 2);
        // Frame 0 leaves as it comes; then the control frame, then the other one.
        const int64_t first = FAST_PS + DELAY_PS;
        const int64_t second = 2 * FAST_PS + DELAY_PS;
        const int64_t control = FAST_PS + LineTime(1'000, FAST) + DELAY_PS;
        const int64_t third = second + FAST_PS;
        const int64_t controlOut = first + SLOW_PS;
        const int64_t thirdOut = controlOut + LineTime(1'000, SLOW);
        const std::vector<std::pair<int64_t, uint64_t>> expected{
            {first + 1, 0},
            {control - 1, 0},
            {control + 1, 1'000},
            {third - 1, 1'000},
            {third + 1, 1'000 + FRAME_BYTES},
            {controlOut - 1, 1'000 + FRAME_BYTES},
            {controlOut + 1, FRAME_BYTES},
            {thirdOut - 1, FRAME_BYTES},
            {thirdOut + 1, 0},
        };
        std::vector<uint64_t> seen;
        for (const auto& [time, bytes] : expected)
        {
            Simulator::Schedule(PicoSeconds(START_PS + time),
                                [&]() { seen.push_back(testbed.device->GetBufferedBytes()); });
        }
        Simulator::Run();

        if (!HasSize(seen, expected.size(), "looks"))
        {
            return;
        }
        for (size_t i = 0; i < seen.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(seen[i], expected[i].second, "bytes in use, look " << i);
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetPeakBufferedBytes(),
                              1'000 + FRAME_BYTES,
                              "the most of these");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A queue holds at most EgressAlpha times what is free: of two, the later one less.
 */
class SwitchQueueFullTestCase : public MixnetTestCase
{
  public:
    /**
     * @param alpha Attribute EgressAlpha.
     * @param frames Shared buffer, frames.
     */
    SwitchQueueFullTestCase(double alpha, uint32_t frames)
        : MixnetTestCase("Two queues of lossy classes hold EgressAlpha = " + AlphaName(alpha) +
                         " times what is free of " + std::to_string(frames) + " frames"),
          m_alpha(alpha),
          m_frames(frames)
    {
    }

  private:
    void DoRun() override
    {
        const uint32_t burst = m_frames + 2;
        SwitchTestbed testbed({FAST, CRAWL, CRAWL});
        testbed.device->SetAttribute("BufferSize", UintegerValue(m_frames * FRAME_BYTES));
        testbed.device->SetAttribute("EgressAlpha", DoubleValue(m_alpha));
        testbed.device->SetAttribute("Pfc", BooleanValue(false));
        // In frames: one more may join a queue of q while q + 1 <= alpha * (buffer - used).
        std::array<uint64_t, 2> queues{};
        std::array<uint64_t, 2> onLine{}; // the first that is let in
        uint64_t queueFull = 0;
        uint64_t bufferFull = 0;
        for (uint32_t output = 0; output < queues.size(); ++output)
        {
            for (uint32_t i = 0; i < burst; ++i)
            {
                testbed.Send(0, 1 + output, (output * burst + i) * FAST_PS, i);
                const uint64_t used = queues[0] + queues[1];
                const bool noRoom = used == m_frames;
                const bool aboveLimit = queues[output] + 1 > m_alpha * (m_frames - used);
                const bool goesOn = !noRoom && !aboveLimit && onLine[output] == 0;
                bufferFull += noRoom;
                queueFull += !noRoom && aboveLimit;
                onLine[output] += goesOn;
                queues[output] += !noRoom && !aboveLimit && !goesOn;
            }
        }
        std::array<uint64_t, 2> held{};
        Simulator::Schedule(PicoSeconds(START_PS + 2 * burst * FAST_PS + DELAY_PS + 1), [&]() {
            for (uint32_t output = 0; output < held.size(); ++output)
            {
                held[output] = testbed.device->GetPort(1 + output)->GetQueuedBytes(DATA_CLASS);
            }
        });
        Simulator::Run();

        for (uint32_t output = 0; output < queues.size(); ++output)
        {
            NS_TEST_EXPECT_MSG_EQ(held[output],
                                  queues[output] * FRAME_BYTES,
                                  "bytes in queue " << output);
            NS_TEST_EXPECT_MSG_EQ(testbed.ArrivalsAt(1 + output).size(),
                                  onLine[output] + queues[output],
                                  "what was kept arrives at " << output);
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::QueueFull), queueFull, "queue full");
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::BufferFull), bufferFull, "buffer full");
        NS_TEST_EXPECT_MSG_EQ(IsAtRest(*testbed.device), true, "the buffer is empty again");
    }

    double m_alpha;    //!< attribute EgressAlpha
    uint32_t m_frames; //!< shared buffer, frames
};

/**
 * @ingroup mixnet-tests
 * @brief The limit of a lossy queue does not hold for a lossless one, and counts per class.
 */
class SwitchLosslessQueueTestCase : public MixnetTestCase
{
  public:
    SwitchLosslessQueueTestCase()
        : MixnetTestCase("Queues of lossless classes know no limit; others have one each")
    {
    }

  private:
    void DoRun() override
    {
        // A queue may hold 1/8 of what is free: of 16 frames, one.
        SwitchTestbed testbed({FAST, CRAWL, FAST});
        testbed.device->SetAttribute("BufferSize", UintegerValue(16 * FRAME_BYTES));
        testbed.device->SetAttribute("EgressAlpha", DoubleValue(1.0 / 8));
        testbed.device->SetAttribute("IngressAlpha", DoubleValue(1024));
        for (int64_t i = 0; i < 9; ++i)
        {
            testbed.Send(0, 1, i * FAST_PS, i); // one goes on, eight wait
        }
        // Of 8 free frames the limit is 1: one joins the empty queue of its class, the next does
        // not; a short one does not join, either, since 7 are free now.
        const int64_t later = 10 * FAST_PS;
        testbed.Send(2, 1, later, 20, FrameKind::Acknowledgement);
        testbed.Send(2, 1, later + FAST_PS, 21, FrameKind::Acknowledgement);
        testbed.Send(2, 1, later + 2 * FAST_PS, 22, FrameKind::Acknowledgement, 100);
        uint64_t data = 0;
        uint64_t control = 0;
        Simulator::Schedule(PicoSeconds(START_PS + later + 4 * FAST_PS + DELAY_PS), [&]() {
            data = testbed.device->GetPort(1)->GetQueuedBytes(DATA_CLASS);
            control = testbed.device->GetPort(1)->GetQueuedBytes(CONTROL_CLASS);
        });
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(data, 8 * FRAME_BYTES, "all data waits");
        NS_TEST_EXPECT_MSG_EQ(control, FRAME_BYTES, "one control frame does");
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::QueueFull), 2, "the others are lost");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetCounters().AllDropped().frames, 2, "no others");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Without PFC, what is lost is counted, and queue pairs bring it again.
 */
class SwitchLossyIncastTestCase : public MixnetTestCase
{
  public:
    /// @param senders How many. @param outOfOrder Attribute OutOfOrder of NICs.
    SwitchLossyIncastTestCase(uint32_t senders, bool outOfOrder)
        : MixnetTestCase("Without PFC, " + std::to_string(senders) +
                         " senders to one lose frames, and deliver all" +
                         (outOfOrder ? ", out of order" : "")),
          m_senders(senders),
          m_outOfOrder(outOfOrder)
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{FAST, 4096};
        NicNetwork network;
        WriteLedger ledger;
        network.SetNic("OutOfOrder", BooleanValue(m_outOfOrder));
        network.AddNics(m_senders + 1, line);
        network.AddPacketSwitch(line, PicoSeconds(DELAY_PS));
        network.packetSwitch->SetAttribute("Pfc", BooleanValue(false));
        network.packetSwitch->SetAttribute("BufferSize", UintegerValue(100'000));
        ledger.Listen(network.nics[0]);
        for (uint32_t sender = 1; sender <= m_senders; ++sender)
        {
            ledger.PostAt(PicoSeconds(START_PS), network.nics[sender], 0, 100 * line.mtu);
        }
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals.size(), m_senders, "all messages arrive");
        HasSize(ledger.endings, m_senders, "all messages end");
        for (const auto& ending : ledger.endings)
        {
            NS_TEST_EXPECT_MSG_EQ((ending.completion.status == CompletionStatus::Success),
                                  true,
                                  "delivered");
        }
        FrameCounters ends;
        for (const auto& nic : network.nics)
        {
            ends += nic->GetCounters();
        }
        const auto dropped = network.packetSwitch->GetCounters().AllDropped();
        NS_TEST_EXPECT_MSG_GT(dropped.frames, 0, "frames are lost");
        NS_TEST_EXPECT_MSG_EQ(ends.sent.frames,
                              ends.received.frames + dropped.frames,
                              "sent = received + dropped");
        NS_TEST_EXPECT_MSG_EQ(network.packetSwitch->GetCounters().pausesSent.frames,
                              0,
                              "nobody is paused");
        NS_TEST_EXPECT_MSG_EQ(IsAtRest(*network.packetSwitch), true, "the buffer is empty again");
    }

    uint32_t m_senders; //!< how many
    bool m_outOfOrder;  //!< attribute OutOfOrder of NICs
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-packet-switch-buffer.
 */
class PacketSwitchBufferTestSuite : public TestSuite
{
  public:
    PacketSwitchBufferTestSuite()
        : TestSuite("mixnet-packet-switch-buffer", TestSuite::Type::UNIT)
    {
        AddTestCase(new SwitchBufferFullTestCase(-1, 2));
        AddTestCase(new SwitchBufferFullTestCase(0, 3));
        AddTestCase(new SwitchBufferFullTestCase(FRAME_BYTES - 1, 3));
        AddTestCase(new SwitchBufferTimeTestCase);
        AddTestCase(new SwitchQueueFullTestCase(1.0 / 8, 32));
        AddTestCase(new SwitchQueueFullTestCase(1.0 / 2, 32));
        AddTestCase(new SwitchQueueFullTestCase(1, 32));
        AddTestCase(new SwitchQueueFullTestCase(1, 7));
        AddTestCase(new SwitchQueueFullTestCase(8, 32));
        AddTestCase(new SwitchQueueFullTestCase(1024, 4));
        AddTestCase(new SwitchLosslessQueueTestCase);
        AddTestCase(new SwitchLossyIncastTestCase(8, false));
        AddTestCase(new SwitchLossyIncastTestCase(8, true));
    }
};

static PacketSwitchBufferTestSuite g_packetSwitchBufferTestSuite; //!< the suite

} // namespace tests
