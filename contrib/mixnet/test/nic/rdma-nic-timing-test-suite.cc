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
 * @brief A message of one frame takes serialisation, delay, and the same for its acknowledgement.
 */
class RdmaNicOneFrameTestCase : public MixnetTestCase
{
  public:
    /// @param bytes Size of the message, at most an MTU.
    explicit RdmaNicOneFrameTestCase(uint64_t bytes)
        : MixnetTestCase("A message of " + std::to_string(bytes) +
                         " bytes, padded to words of 4, arrives after them + 98 at line rate plus "
                         "delay, and its acknowledgement after 86 bytes plus delay more"),
          m_bytes(bytes)
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        NicNetwork network;
        WriteLedger ledger;
        network.AddNics(2, line);
        network.Join(network.nics[0], network.nics[1], Delay());
        ledger.Listen(network.nics[1]);
        ledger.PostAt(Start(), network.nics[0], 1, m_bytes);
        Simulator::Run();

        const Time arrival = Start() + line.Of((m_bytes + 3) / 4 * 4 + 98) + Delay();
        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 1, "arrives once");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[0].message, ledger.posted[0], "the message itself");
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[0].from, 0, "from NIC 0");
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[0].at, arrival, "arrival");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 1, "ends once");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(ledger.endings[0].at, arrival + line.Ack() + Delay(), "completion");
        NS_TEST_EXPECT_MSG_EQ((ledger.endings[0].completion.status == SUCCESS), true, "Success");
        NS_TEST_EXPECT_MSG_EQ(ledger.endings[0].completion.bytesDelivered, m_bytes, "all bytes");
    }

    uint64_t m_bytes; //!< size of the message
};

/**
 * @ingroup mixnet-tests
 * @brief A message of any size is cut into full frames and a rest.
 */
class RdmaNicMessageSizeTestCase : public MixnetTestCase
{
  public:
    /// @param bytes Size of the message. @param frames How many frames that makes.
    RdmaNicMessageSizeTestCase(uint64_t bytes, uint64_t frames)
        : MixnetTestCase("A message of " + std::to_string(bytes) + " bytes is " +
                         std::to_string(frames) + " frame(s) of at most " + std::to_string(MTU) +
                         ", the last padded"),
          m_bytes(bytes),
          m_frames(frames)
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        NicNetwork network;
        WriteLedger ledger;
        network.AddNics(2, line);
        network.Join(network.nics[0], network.nics[1], Delay());
        ledger.Listen(network.nics[1]);
        ledger.PostAt(Start(), network.nics[0], 1, m_bytes);
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 1, "arrives once");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 1, "ends once");
        if (IsStatusFailure())
        {
            return;
        }
        const auto& sent = network.nics[0]->GetCounters().sent;
        NS_TEST_EXPECT_MSG_EQ(sent.frames, m_frames, "frames");
        const uint64_t padded = (m_bytes + 3) / 4 * 4;
        NS_TEST_EXPECT_MSG_EQ(sent.bytes, padded + 82 * m_frames + 16, "bytes on the wire");
        auto& receiver = network.nics[1]->GetQueuePair(0);
        NS_TEST_EXPECT_MSG_EQ(receiver.GetReceivedBytes(), m_bytes, "payload that arrived");
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[0].at,
                              Start() + line.Message(m_bytes) + Delay(),
                              "arrival of the last frame");
    }

    uint64_t m_bytes;  //!< size of the message
    uint64_t m_frames; //!< how many frames that makes
};

/**
 * @ingroup mixnet-tests
 * @brief One flow over a circuit runs at rate * MTU / (MTU + 82).
 */
class RdmaNicThroughputTestCase : public MixnetTestCase
{
  public:
    /// @param gbps Line rate, Gb/s. @param mtu Payload per frame, bytes.
    RdmaNicThroughputTestCase(uint64_t gbps, uint64_t mtu)
        : MixnetTestCase("One flow over a circuit of " + std::to_string(gbps) + " Gbps with MTU " +
                         std::to_string(mtu) +
                         " carries MTU of MTU + 82 bytes on the wire, exactly"),
          m_line{gbps * 1'000'000'000, mtu}
    {
    }

  private:
    void DoRun() override
    {
        const uint64_t bytes = 1000 * m_line.mtu + 1;
        NicNetwork network;
        WriteLedger ledger;
        network.SetNic("Window", UintegerValue(4'000'000));
        network.AddNics(2, m_line);
        network.AddOcs(Delay());
        network.SetCircuits({{0, 1}}, Time(0));
        ledger.Listen(network.nics[1]);
        ledger.PostAt(Start(), network.nics[0], 1, bytes);
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 1, "arrives once");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 1, "ends once");
        if (IsStatusFailure())
        {
            return;
        }
        const Time taken = ledger.arrivals[0].at - Start();
        NS_TEST_EXPECT_MSG_EQ(taken,
                              m_line.Message(bytes) + 2 * Delay(),
                              "all frames back to back");
        NS_TEST_EXPECT_MSG_EQ(ledger.endings[0].at - ledger.arrivals[0].at,
                              m_line.Ack() + 2 * Delay(),
                              "and the last acknowledgement");

        // Payload rate; header of the first frame, overhead and pad of the rest, and half a
        // picosecond of rounding per frame come on top.
        const double seconds = (taken - 2 * Delay()).GetPicoSeconds() * 1e-12;
        const double ideal = 8.0 * bytes * (m_line.mtu + 82) / m_line.mtu / m_line.rate;
        NS_TEST_EXPECT_MSG_EQ_TOL(seconds,
                                  ideal,
                                  8.0 * (16 + 82 + 3) / m_line.rate + 1000 * 0.5e-12,
                                  "payload rate");

        // Frames 16, 32, ... and the last ask for an acknowledgement.
        const uint64_t acknowledgements = 1001 / ACK_INTERVAL + 1;
        const auto& back = network.nics[1]->GetCounters().sent;
        NS_TEST_EXPECT_MSG_EQ(back.frames, acknowledgements, "acknowledgements");
        NS_TEST_EXPECT_MSG_EQ(back.bytes, acknowledgements * 86, "their bytes on the reverse path");
        NS_TEST_EXPECT_MSG_EQ(network.nics[0]->GetRetransmittedFrames(),
                              0,
                              "nothing retransmitted");
    }

    LineTimes m_line; //!< rate and MTU
};

/**
 * @ingroup mixnet-tests
 * @brief A window below the bandwidth-delay product sends one window per round trip.
 */
class RdmaNicWindowTestCase : public MixnetTestCase
{
  public:
    /// @param frames Window, frames.
    explicit RdmaNicWindowTestCase(uint64_t frames)
        : MixnetTestCase("A window of " + std::to_string(frames) +
                         " frames below the bandwidth-delay product goes once per round trip"),
          m_frames(frames)
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        const uint64_t rounds = 20;
        NicNetwork network;
        WriteLedger ledger;
        network.SetNic("Window", UintegerValue(m_frames * MTU + MTU - 1)); // whole frames count
        network.SetNic("AckInterval", UintegerValue(1));
        network.AddNics(2, line);
        network.Join(network.nics[0], network.nics[1], Delay());
        ledger.Listen(network.nics[1]);
        ledger.PostAt(Start(), network.nics[0], 1, rounds * m_frames * MTU);
        Simulator::Run();

        // A frame leaves when the one a window before is acknowledged: a round trip later.
        const Time roundTrip = line.Full() + Delay() + line.Ack() + Delay();
        NS_TEST_ASSERT_MSG_LT(m_frames * line.Full(), roundTrip, "the window is too small");
        if (IsStatusFailure())
        {
            return;
        }
        const Time expected =
            line.Of(16) + (rounds - 1) * roundTrip + m_frames * line.Full() + Delay();
        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 1, "arrives once");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[0].at - Start(), expected, "window per round trip");
    }

    uint64_t m_frames; //!< window
};

/**
 * @ingroup mixnet-tests
 * @brief A message beyond 4 GiB is counted in 64 bits everywhere.
 */
class RdmaNicHugeMessageTestCase : public MixnetTestCase
{
  public:
    RdmaNicHugeMessageTestCase()
        : MixnetTestCase("A message of 5 GiB arrives whole, one withdrawn beyond 4 GiB ends with "
                         "what arrived: every counter has 64 bits")
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{800'000'000'000, 60'000};
        const uint64_t bytes = uint64_t{5} << 30;
        NicNetwork network;
        WriteLedger ledger;
        network.SetNic("Window", UintegerValue(4'000'000));
        network.AddNics(2, line);
        network.Join(network.nics[0], network.nics[1], Delay());
        ledger.Listen(network.nics[1]);
        ledger.PostAt(Start(), network.nics[0], 1, bytes);
        Simulator::Run();
        const uint64_t sent = network.nics[0]->GetCounters().sent.bytes;
        const uint64_t carried = network.fibres[0]->GetCounters().received.bytes;
        const uint64_t received = network.nics[1]->GetQueuePair(0).GetReceivedBytes();
        const uint64_t acknowledgements = network.nics[1]->GetCounters().sent.frames;

        // At 800 Gb/s 4 GiB take 43 ms.
        ledger.PostAt(Time(0), network.nics[0], 1, bytes);
        Simulator::Schedule(MilliSeconds(48),
                            [&] { network.nics[0]->GetQueuePair(1).Withdraw(ledger.posted[1]); });
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 1, "arrives once");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 2, "both end once");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[0].at,
                              Start() + line.Message(bytes) + Delay(),
                              "arrival");
        NS_TEST_EXPECT_MSG_EQ(ledger.endings[0].completion.bytesDelivered, bytes, "acknowledged");
        NS_TEST_EXPECT_MSG_EQ(received, bytes, "received");
        NS_TEST_EXPECT_MSG_EQ(sent, line.WireBytes(bytes), "sent on the wire");
        NS_TEST_EXPECT_MSG_EQ(carried, sent + acknowledgements * 86, "carried both ways");
        const uint64_t delivered = ledger.endings[1].completion.bytesDelivered;
        const uint64_t arrived = network.nics[1]->GetQueuePair(0).GetReceivedBytes() - bytes;
        NS_TEST_EXPECT_MSG_GT(delivered, uint64_t{1} << 32, "more than 32 bits hold");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(delivered, arrived, "no more than arrived");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief When messages over an idle path arrive and end, and what they cost.
 */
class RdmaNicTimingTestSuite : public TestSuite
{
  public:
    RdmaNicTimingTestSuite()
        : TestSuite("mixnet-rdma-nic-timing", TestSuite::Type::UNIT)
    {
        for (const uint64_t bytes : {uint64_t{0}, uint64_t{1}, MTU})
        {
            AddTestCase(new RdmaNicOneFrameTestCase(bytes));
        }
        AddTestCase(new RdmaNicMessageSizeTestCase(0, 1));
        AddTestCase(new RdmaNicMessageSizeTestCase(1, 1));
        AddTestCase(new RdmaNicMessageSizeTestCase(MTU, 1));
        AddTestCase(new RdmaNicMessageSizeTestCase(MTU + 1, 2));
        AddTestCase(new RdmaNicMessageSizeTestCase(MTU + 3, 2));
        for (const uint64_t gbps : {100, 400, 800})
        {
            for (const uint64_t mtu : {1024, 4096, 9000})
            {
                AddTestCase(new RdmaNicThroughputTestCase(gbps, mtu));
            }
        }
        AddTestCase(new RdmaNicWindowTestCase(1));
        AddTestCase(new RdmaNicWindowTestCase(10));
        AddTestCase(new RdmaNicHugeMessageTestCase);
    }
};

RdmaNicTimingTestSuite g_rdmaNicTimingTestSuite; //!< registers the suite

} // namespace

} // namespace tests
