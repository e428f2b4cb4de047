/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "test-network.h"

#include "ns3/random-variable-stream.h"

#include <map>
#include <string>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

constexpr uint64_t RATE = 400'000'000'000;          //!< bits per second, where no other is named
constexpr uint64_t MTU = 4096;                      //!< bytes, where no other is named
constexpr uint32_t ACK_INTERVAL = 16;               //!< the attribute's default
constexpr uint64_t TIMEOUT_PS = 4'194'304'000;      //!< default of RetransmissionTimeout
constexpr auto SUCCESS = CompletionStatus::Success; //!< status of a message that ended well

/// @return when tests begin to send: light has reached every NIC.
Time
Start()
{
    return MicroSeconds(10);
}

/// @return propagation delay of every fibre.
Time
Delay()
{
    return MicroSeconds(1);
}

/// @param nic A NIC. @return frames it lost for a reason. @param reason The reason.
uint64_t
Dropped(const Ptr<RdmaNic>& nic, DropReason reason)
{
    return nic->GetCounters().Dropped(reason).frames;
}

/**
 * @brief Writes down what a NIC sends.
 */
struct FrameLog
{
    /// A frame that has begun to leave.
    struct Sent
    {
        RoceFrame frame; //!< the frame
        Time at;         //!< when its first bit left
    };

    std::vector<Sent> sent; //!< in order

    /// @param nic NIC to listen to.
    explicit FrameLog(Ptr<RdmaNic> nic)
    {
        nic->TraceConnectWithoutContext("TransmitBegin", MakeCallback(&FrameLog::Add, this));
    }

    /// @param frame A frame that begins to leave.
    void Add(const RoceFrame& frame)
    {
        sent.push_back({frame, Simulator::Now()});
    }

    /// @param kind A kind of frame. @return how many were sent.
    size_t Count(FrameKind kind) const
    {
        return std::count_if(sent.begin(), sent.end(), [&](const Sent& entry) {
            return entry.frame.kind == kind;
        });
    }

    /// @param from First instant. @param to Last instant. @return frames that left between.
    size_t Between(const Time& from, const Time& to) const
    {
        return std::count_if(sent.begin(), sent.end(), [&](const Sent& entry) {
            return entry.at > from && entry.at < to;
        });
    }
};

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
        NS_TEST_EXPECT_MSG_EQ(network.nics[0]->GetRetransmittedFrames(), 0, "nothing sent again");
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
 * @brief Two NICs on an optical switch that can lose single frames without their noticing.
 */
class RdmaNicLossTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;

    /// @param gbps Line rate, Gb/s. @return the network, on which a NIC notices no short blackout.
    std::unique_ptr<NicNetwork> Network(uint64_t gbps = 400)
    {
        m_line = {gbps * 1'000'000'000, MTU};
        auto network = std::make_unique<NicNetwork>();
        network->SetNic("LinkDownDelay", TimeValue(MicroSeconds(1)));
        network->SetNic("NackInterval", TimeValue(MicroSeconds(20)));
        network->SetNic("Window", UintegerValue(4'000'000));
        network->AddNics(2, m_line);
        network->AddOcs(Delay());
        network->SetCircuits({{0, 1}}, Time(0));
        m_ledger.Listen(network->nics[1]);
        return network;
    }

    /// @param frame A frame of the first message. @return time from its start until it has left.
    Time Left(uint64_t frame) const
    {
        return m_line.Of(16) + (frame + 1) * m_line.Full();
    }

    /**
     * @brief Makes one frame of the first message lost.
     * @param network The network. @param frame The frame, full.
     */
    void Lose(NicNetwork& network, uint64_t frame)
    {
        // Its middle passes the switch a fibre's delay after it leaves.
        const Time middle = Left(frame) - NanoSeconds(20);
        Simulator::Schedule(Start() + middle + Delay(),
                            &NicNetwork::Blackout,
                            &network,
                            NanoSeconds(1));
    }

    /**
     * @param nack When the NACK reaches the sender, after the start.
     * @return frames of the first message that have left, or begun to, at that time.
     */
    uint64_t Begun(const Time& nack) const
    {
        uint64_t begun = 1;
        while (Left(begun - 1) < nack)
        {
            ++begun;
        }
        return begun;
    }

    /// @brief Checks that all messages arrived and ended well, once and in order.
    void ExpectAllOnceInOrder()
    {
        NS_TEST_ASSERT_MSG_EQ(m_ledger.arrivals.size(), m_ledger.posted.size(), "all arrive once");
        NS_TEST_ASSERT_MSG_EQ(m_ledger.endings.size(), m_ledger.posted.size(), "all end once");
        if (IsStatusFailure())
        {
            return;
        }
        for (size_t i = 0; i < m_ledger.posted.size(); ++i)
        {
            const auto& completion = m_ledger.endings[i].completion;
            NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[i].message, m_ledger.posted[i], "in order");
            NS_TEST_EXPECT_MSG_EQ(completion.message, m_ledger.posted[i], "ended in order");
            NS_TEST_EXPECT_MSG_EQ((completion.status == SUCCESS), true, "Success");
            NS_TEST_EXPECT_MSG_EQ(completion.bytesDelivered,
                                  m_ledger.posted[i]->GetBytes(),
                                  "all bytes");
        }
    }

    LineTimes m_line{RATE, MTU}; //!< rate and MTU
    WriteLedger m_ledger;        //!< arrivals and ends
};

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
                              "everything from the lost frame on is sent again");
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
 * @brief A lost tail is sent again, with all that is unacknowledged, when the timer expires.
 */
class RdmaNicLostTailTestCase : public RdmaNicLossTestCase
{
  public:
    RdmaNicLostTailTestCase()
        : RdmaNicLossTestCase("A lost tail is sent again when the retransmission timer expires")
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
        : RdmaNicLossTestCase("A lost NACK is sent again with the first frame after NackInterval")
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

        // Light reaches the NIC a fibre's delay after it returns; there the sender goes back to
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
        NS_TEST_EXPECT_MSG_EQ(resumed->at, end + Delay(), "as soon as there is light");
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
                                  "counted from the loss of light at the NIC");
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
 * @brief A peer that is gone behind a packet switch ends messages with RetryExceeded.
 */
class RdmaNicRetryExceededTestCase : public MixnetTestCase
{
  public:
    /// @param retryLimit Attribute RetryLimit.
    explicit RdmaNicRetryExceededTestCase(uint64_t retryLimit)
        : MixnetTestCase("A peer gone behind a packet switch ends messages with RetryExceeded "
                         "after " +
                         std::to_string(retryLimit) + " + 1 timeouts"),
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
                                  Start() + (m_retryLimit + 1) * PicoSeconds(TIMEOUT_PS),
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

        // A frame is in the wrong light from the moment the circuit moves until the NIC knows:
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
 * @brief A port becomes active LinkUpDelay after light comes and dark LinkDownDelay after it goes.
 */
class RdmaNicLinkDelaysTestCase : public MixnetTestCase
{
  public:
    /// @param upDelay Attribute LinkUpDelay, us. @param downDelay Attribute LinkDownDelay, us.
    RdmaNicLinkDelaysTestCase(uint64_t upDelay, uint64_t downDelay)
        : MixnetTestCase("A port is active " + std::to_string(upDelay) +
                         " us after light and dark " + std::to_string(downDelay) +
                         " us after its loss; light that returns before is not missed"),
          m_upDelay(upDelay),
          m_downDelay(downDelay)
    {
    }

  private:
    using LinkState = RdmaNic::LinkState;

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
        expected.emplace_back(LinkState::Dark, cut + Delay() + down);
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
                         "sent again")
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
 * @brief Two queue pairs of one NIC take turns, a frame each.
 */
class RdmaNicFairnessTestCase : public MixnetTestCase
{
  public:
    RdmaNicFairnessTestCase()
        : MixnetTestCase("Two queue pairs of one NIC to two hosts share its port frame by frame")
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        const uint64_t bytes = 500 * MTU;
        NicNetwork network;
        WriteLedger ledger;
        network.AddNics(4, line);
        network.AddPacketSwitch(line, Delay());
        ledger.Listen(network.nics[1]);
        ledger.Listen(network.nics[2]);
        // While the line is taken both get into the queue for it.
        ledger.PostAt(Start(), network.nics[0], 3, MTU);
        ledger.PostAt(Start(), network.nics[0], 1, bytes);
        ledger.PostAt(Start(), network.nics[0], 2, bytes);
        Simulator::Run();

        // The second ends with the last frame of all, stored and forwarded once.
        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 2, "both arrive once");
        if (IsStatusFailure())
        {
            return;
        }
        const Time all =
            line.Message(MTU) + 2 * line.Message(bytes) + Delay() + line.Full() + Delay();
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[1].at - Start(), all, "the line is never idle");
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[1].at - ledger.arrivals[0].at,
                              line.Full(),
                              "one frame apart");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Two senders share the port of their receiver.
 */
class RdmaNicIncastTestCase : public MixnetTestCase
{
  public:
    RdmaNicIncastTestCase()
        : MixnetTestCase("Two senders to one receiver through a packet switch share its port")
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        const uint64_t bytes = 500 * MTU;
        NicNetwork network;
        WriteLedger ledger;
        network.AddNics(3, line);
        network.AddPacketSwitch(line, Delay());
        ledger.Listen(network.nics[2]);
        ledger.PostAt(Start(), network.nics[0], 2, bytes);
        ledger.PostAt(Start(), network.nics[1], 2, bytes);
        Simulator::Run();

        // The port is busy from the first frame at the switch to the last of both messages.
        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 2, "both arrive once");
        if (IsStatusFailure())
        {
            return;
        }
        const Time all = line.Of(MTU + 98) + Delay() + 2 * line.Message(bytes) + Delay();
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[1].at - Start(), all, "the port is never idle");
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[1].at - ledger.arrivals[0].at,
                              line.Full(),
                              "one frame apart");
        NS_TEST_EXPECT_MSG_EQ(network.packetSwitch->GetCounters().AllDropped().frames,
                              0,
                              "no loss: windows fit the buffer");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Both directions carry a flow, and acknowledgements take their share of each line.
 */
class RdmaNicBidirectionalTestCase : public MixnetTestCase
{
  public:
    RdmaNicBidirectionalTestCase()
        : MixnetTestCase("Two flows in opposite directions pay for each other's acknowledgements")
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        const uint64_t frames = 800;
        NicNetwork network;
        WriteLedger ledger;
        network.SetNic("Window", UintegerValue(4'000'000));
        network.AddNics(2, line);
        network.AddOcs(Delay());
        network.SetCircuits({{0, 1}}, Time(0));
        ledger.Listen(network.nics[0]);
        ledger.Listen(network.nics[1]);
        FrameLog log(network.nics[0]);
        ledger.PostAt(Start(), network.nics[0], 1, frames * MTU);
        ledger.PostAt(Start(), network.nics[1], 0, frames * MTU);
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 2, "both arrive once");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 2, "both end once");
        if (IsStatusFailure())
        {
            return;
        }
        const uint64_t acknowledgements = frames / ACK_INTERVAL;
        for (uint32_t i = 0; i < 2; ++i)
        {
            const auto& sent = network.nics[i]->GetCounters().sent;
            NS_TEST_EXPECT_MSG_EQ(sent.frames, frames + acknowledgements, "frames");
            NS_TEST_EXPECT_MSG_EQ(sent.bytes,
                                  line.WireBytes(frames * MTU) + 86 * acknowledgements,
                                  "bytes");
        }
        // The line is never idle, so the last data frame leaves after all acknowledgements that
        // were before it.
        Time busy(0);
        Time last(0);
        for (const auto& [frame, at] : log.sent)
        {
            busy += frame.duration;
            last = frame.kind == FrameKind::Data ? busy : last;
        }
        NS_TEST_EXPECT_MSG_GT(last,
                              line.Message(frames * MTU) + 40 * line.Ack(),
                              "acks in between");
        for (const auto& arrival : ledger.arrivals)
        {
            NS_TEST_EXPECT_MSG_EQ(arrival.at, Start() + last + 2 * Delay(), "arrival");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief An acknowledgement waits for the frame on the line and for no other.
 */
class RdmaNicAckFirstTestCase : public MixnetTestCase
{
  public:
    RdmaNicAckFirstTestCase()
        : MixnetTestCase("An acknowledgement goes before the data that waits for the line")
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        const Time post = Start() + MicroSeconds(20);
        NicNetwork network;
        WriteLedger ledger;
        network.SetNic("Window", UintegerValue(4'000'000));
        network.AddNics(2, line);
        network.Join(network.nics[0], network.nics[1], Delay());
        ledger.PostAt(Start(), network.nics[1], 0, 2000 * MTU);
        ledger.PostAt(post, network.nics[0], 1, 100);
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 2, "both end");
        if (IsStatusFailure())
        {
            return;
        }
        const auto& small = ledger.endings[0];
        NS_TEST_ASSERT_MSG_EQ(small.completion.message->GetBytes(), 100, "the small one first");
        if (IsStatusFailure())
        {
            return;
        }
        // Each way it waits for a frame at most: an acknowledgement there, data here.
        const Time free = line.Message(100) + Delay() + line.Ack() + Delay();
        NS_TEST_EXPECT_MSG_GT(small.at, post + free, "it had to wait");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(small.at, post + free + line.Ack() + line.Full(), "one frame");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A message that is withdrawn ends at once, and the others are as if it had not been.
 */
class RdmaNicWithdrawTestCase : public MixnetTestCase
{
  public:
    /**
     * @param which Index of the message, of three.
     * @param after When it is withdrawn, us after the posting.
     * @param dark Whether a blackout began 5 us before that.
     */
    RdmaNicWithdrawTestCase(size_t which, uint64_t after, bool dark)
        : MixnetTestCase("Message " + std::to_string(which) + " of 3 withdrawn after " +
                         std::to_string(after) + " us" + (dark ? " in the dark" : "") +
                         " ends once; the others arrive once and in order"),
          m_which(which),
          m_after(after),
          m_dark(dark)
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        const Time withdrawal = Start() + MicroSeconds(m_after);
        NicNetwork network;
        WriteLedger ledger;
        network.AddNics(2, line);
        network.AddOcs(Delay());
        network.SetCircuits({{0, 1}}, Time(0));
        ledger.Listen(network.nics[1]);
        auto& queuePair = network.nics[0]->GetQueuePair(1);
        for (int i = 0; i < 3; ++i)
        {
            ledger.PostAt(Start(), network.nics[0], 1, 100 * MTU);
        }
        std::vector<bool> accepted;
        Simulator::Schedule(withdrawal, [&] {
            for (int i = 0; i < 2; ++i)
            {
                accepted.push_back(queuePair.Withdraw(ledger.posted[m_which]));
            }
        });
        if (m_dark)
        {
            Simulator::Schedule(withdrawal - MicroSeconds(5),
                                &NicNetwork::Blackout,
                                &network,
                                MilliSeconds(25));
        }
        ledger.PostAt(Start() + MilliSeconds(50), network.nics[0], 1, 7);
        Simulator::Run();

        const auto withdrawn = ledger.posted[m_which];
        NS_TEST_EXPECT_MSG_EQ((accepted == std::vector<bool>{true, false}),
                              true,
                              "taken back once");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 4, "all end once");
        if (IsStatusFailure())
        {
            return;
        }
        const auto& ending = ledger.EndingOf(withdrawn);
        NS_TEST_EXPECT_MSG_EQ((ending.completion.status == CompletionStatus::Withdrawn),
                              true,
                              "status");
        NS_TEST_EXPECT_MSG_EQ(ending.at, withdrawal, "at once");
        NS_TEST_EXPECT_MSG_LT(ending.completion.bytesDelivered, 100 * MTU, "not all of it");
        std::vector<Ptr<const RdmaMessage>> expected;
        for (const auto& message : ledger.posted)
        {
            if (message != withdrawn)
            {
                expected.push_back(message);
                NS_TEST_EXPECT_MSG_EQ((ledger.EndingOf(message).completion.status == SUCCESS),
                                      true,
                                      "the others end well");
            }
        }
        std::vector<Ptr<const RdmaMessage>> arrived;
        for (const auto& arrival : ledger.arrivals)
        {
            arrived.push_back(arrival.message);
        }
        NS_TEST_EXPECT_MSG_EQ((arrived == expected), true, "the others arrive once, in order");
        NS_TEST_EXPECT_MSG_EQ(queuePair.HasOutstanding(), false, "nothing is left");
        if (!m_dark)
        {
            NS_TEST_EXPECT_MSG_EQ(network.nics[0]->GetRetransmittedFrames(), 0, "nothing again");
        }
    }

    size_t m_which;   //!< index of the message that is withdrawn
    uint64_t m_after; //!< when, us after the posting
    bool m_dark;      //!< whether in a blackout
};

/**
 * @ingroup mixnet-tests
 * @brief Skipped numbers of a withdrawn message do not hide a loss before them.
 */
class RdmaNicWithdrawBehindLossTestCase : public RdmaNicLossTestCase
{
  public:
    RdmaNicWithdrawBehindLossTestCase()
        : RdmaNicLossTestCase("A frame lost before a withdrawn message is still missed by the "
                              "receiver")
    {
    }

  private:
    void DoRun() override
    {
        // Frame 2 of the first message is lost; the second is withdrawn before the NACK is back, so
        // that the third follows the gap.
        auto network = Network();
        Lose(*network, 2);
        for (int i = 0; i < 3; ++i)
        {
            m_ledger.PostAt(Start(), network->nics[0], 1, 10 * MTU);
        }
        auto& queuePair = network->nics[0]->GetQueuePair(1);
        Simulator::Schedule(Start() + Left(4), [&] { queuePair.Withdraw(m_ledger.posted[1]); });
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(m_ledger.endings.size(), 3, "all end once");
        if (IsStatusFailure())
        {
            return;
        }
        for (const size_t i : {0, 2})
        {
            const auto& message = m_ledger.posted[i];
            NS_TEST_EXPECT_MSG_EQ((m_ledger.EndingOf(message).completion.status == SUCCESS),
                                  true,
                                  "ends with Success");
            NS_TEST_EXPECT_MSG_EQ(m_ledger.Arrivals(message), 1, "so it was handed over once");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A packet handed to Send reaches the other NIC, where the line is lit and the packet fits.
 */
class RdmaNicSendTestCase : public MixnetTestCase
{
  public:
    RdmaNicSendTestCase()
        : MixnetTestCase("Send carries a packet of at most an MTU to the other end, and refuses "
                         "in the dark or above")
    {
    }

  private:
    /// @param device NIC. @param packet What came. @param protocol Its type. @param from Sender.
    bool HandlePacket(Ptr<NetDevice> device,
                      Ptr<const Packet> packet,
                      uint16_t protocol,
                      const Address& from)
    {
        m_received.emplace_back(packet->GetSize(), protocol);
        m_at.push_back(Simulator::Now());
        return true;
    }

    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        NicNetwork network;
        network.AddNics(2, line);
        network.Join(network.nics[0], network.nics[1], Delay());
        const auto nic = network.nics[0];
        network.nics[1]->SetReceiveCallback(MakeCallback(&RdmaNicSendTestCase::HandlePacket, this));
        std::vector<bool> accepted;
        const auto send = [&](uint32_t bytes) {
            accepted.push_back(
                nic->Send(Create<Packet>(bytes), network.nics[1]->GetAddress(), 0x88cc));
        };
        Simulator::Schedule(Time(0), [&] { send(100); });
        Simulator::Schedule(Start(), [&] { send(MTU + 1); });
        Simulator::Schedule(Start(), [&] { send(MTU); });
        Simulator::Schedule(Start(), [&] { send(100); });
        Simulator::Schedule(2 * Start(), &Fibre::Cut, network.fibres[0]);
        Simulator::Schedule(3 * Start(), [&] { send(100); });
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ((accepted == std::vector<bool>{false, false, true, true, false}),
                              true,
                              "refused in the dark and above the MTU");
        NS_TEST_ASSERT_MSG_EQ(m_received.size(), 2, "both arrive once");
        if (IsStatusFailure())
        {
            return;
        }
        const Time first = Start() + line.Of(MTU + LineTimes::RAW) + Delay();
        NS_TEST_EXPECT_MSG_EQ(m_at[0], first, "time of the first");
        NS_TEST_EXPECT_MSG_EQ(m_at[1], first + line.Of(100 + LineTimes::RAW), "of the second");
        NS_TEST_EXPECT_MSG_EQ(m_received[0].first, MTU, "size");
        NS_TEST_EXPECT_MSG_EQ(m_received[1].first, 100, "size");
        NS_TEST_EXPECT_MSG_EQ(m_received[1].second, 0x88cc, "protocol");
    }

    std::vector<std::pair<uint32_t, uint16_t>> m_received; //!< size and protocol
    std::vector<Time> m_at;                                //!< when
};

/**
 * @ingroup mixnet-tests
 * @brief No frame and no message is lost without a trace, whatever happens to the light.
 */
class RdmaNicConservationTestCase : public MixnetTestCase
{
  public:
    /// @param seed Which random run.
    explicit RdmaNicConservationTestCase(uint32_t seed)
        : MixnetTestCase("Random blackouts, cuts, moves and withdrawals, run " +
                         std::to_string(seed) +
                         ": sent = received + dropped + in flight, and messages end once"),
          m_seed(seed)
    {
    }

  private:
    static constexpr uint32_t NICS = 4;        //!< NICs
    static constexpr uint32_t MESSAGES = 300;  //!< messages posted
    static constexpr uint32_t EVENTS = 40;     //!< things that happen to light
    static constexpr uint32_t CHECKS = 200;    //!< instants at which frames are counted
    static constexpr uint32_t SPAN_US = 10000; //!< time in which all that happens, us

    /// @param limit A number. @return a random one below.
    uint32_t Below(uint32_t limit)
    {
        return m_random->GetInteger(0, limit - 1);
    }

    /// @return a random instant of the span.
    Time Instant()
    {
        return Start() + PicoSeconds(1'000'000) * m_random->GetValue(0, SPAN_US);
    }

    /// @brief A frame sets out. @param lastBit Time until its last bit arrives.
    void HandleCarry(Ptr<const Packet>, Ptr<NetDevice>, Ptr<NetDevice>, Time, Time lastBit)
    {
        ++m_arrivalTimes[Simulator::Now() + lastBit];
    }

    /// @brief Compares all counters with the frames whose last bit is still to come.
    void CheckFrames()
    {
        FrameCounters nics;
        FrameCount dropped;
        for (const auto& nic : m_network->nics)
        {
            nics += nic->GetCounters();
        }
        FrameCount carried;
        for (const auto& fibre : m_network->fibres)
        {
            dropped += fibre->GetCounters().AllDropped();
            carried += fibre->GetCounters().sent;
        }
        dropped += nics.AllDropped();
        dropped += m_network->ocs->GetCounters().AllDropped();
        uint64_t inFlight = 0;
        for (auto arrival = m_arrivalTimes.upper_bound(Simulator::Now());
             arrival != m_arrivalTimes.end();
             ++arrival)
        {
            inFlight += arrival->second;
        }
        NS_TEST_EXPECT_MSG_EQ(nics.sent.frames,
                              nics.received.frames + dropped.frames + inFlight,
                              "frames at " << Simulator::Now());
        NS_TEST_EXPECT_MSG_EQ(carried.frames,
                              nics.sent.frames + m_network->ocs->GetCounters().sent.frames,
                              "every frame is on a fibre");
        m_checks += inFlight > 0 ? 1 : 0;
    }

    /// @brief Something happens to light.
    void Disturb()
    {
        const auto fibre = m_network->fibres[Below(NICS)];
        const Time duration = NanoSeconds(m_random->GetInteger(1, 2'000'000));
        switch (Below(4))
        {
        case 0:
            m_network->Blackout(duration);
            break;
        case 1:
            fibre->Cut();
            Simulator::Schedule(duration, &Fibre::Restore, fibre);
            break;
        case 2:
            fibre->Cut();
            Simulator::Schedule(NanoSeconds(5), &Fibre::Restore, fibre);
            break;
        default:
            MoveCircuits(Below(2) == 0 ? Time(0) : duration);
            break;
        }
    }

    /// @param duration Reconfiguration time. Puts circuits between random NICs.
    void MoveCircuits(const Time& duration)
    {
        std::vector<uint32_t> order{0, 1, 2, 3};
        for (uint32_t i = NICS - 1; i > 0; --i)
        {
            std::swap(order[i], order[Below(i + 1)]);
        }
        m_network->SetCircuits({{order[0], order[1]}, {order[2], order[3]}}, duration);
    }

    /// @brief Posts a message somewhere, and takes one in ten back later.
    void PostOne()
    {
        const uint32_t from = Below(NICS);
        const uint32_t to = (from + 1 + Below(NICS - 1)) % NICS;
        auto& queuePair = m_network->nics[from]->GetQueuePair(to);
        m_ledger.Post(queuePair, Below(1000 * MTU));
        const auto message = m_ledger.posted.back();
        m_order[{from, to}].push_back(message);
        if (Below(10) == 0)
        {
            Simulator::Schedule(NanoSeconds(Below(200'000)),
                                [&queuePair, message] { queuePair.Withdraw(message); });
        }
    }

    /// @brief Checks every message: it ended once, and with Success arrived once and in order.
    void CheckMessages()
    {
        std::map<CompletionStatus, size_t> ends;
        for (const auto& message : m_ledger.posted)
        {
            NS_TEST_ASSERT_MSG_EQ(m_ledger.Endings(message), 1, "ends once");
            if (IsStatusFailure())
            {
                return;
            }
            const auto status = m_ledger.EndingOf(message).completion.status;
            ++ends[status];
            const auto arrivals = m_ledger.Arrivals(message);
            NS_TEST_EXPECT_MSG_LT_OR_EQ(arrivals, 1, "arrives once at most");
            NS_TEST_EXPECT_MSG_EQ((status == SUCCESS && arrivals == 0), false, "Success is true");
        }
        for (const auto& [pair, messages] : m_order)
        {
            size_t next = 0;
            for (const auto& arrival : m_ledger.arrivals)
            {
                const auto found =
                    std::find(messages.begin() + next, messages.end(), arrival.message);
                const bool isOfPair =
                    std::find(messages.begin(), messages.end(), arrival.message) != messages.end();
                NS_TEST_ASSERT_MSG_EQ((isOfPair && found == messages.end()), false, "in order");
                if (IsStatusFailure())
                {
                    return;
                }
                next = isOfPair ? found - messages.begin() + 1 : next;
            }
        }
        NS_TEST_EXPECT_MSG_GT(ends[SUCCESS], MESSAGES / 10, "many end well");
        NS_TEST_EXPECT_MSG_GT(ends[CompletionStatus::Withdrawn], 0, "some are withdrawn");
        NS_TEST_EXPECT_MSG_GT(ends[CompletionStatus::LinkDownTimeout], 0, "some wait in vain");
    }

    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        NicNetwork network;
        m_network = &network;
        m_random = CreateObject<UniformRandomVariable>();
        m_random->SetStream(m_seed);
        network.SetNic("LinkDownDelay", TimeValue(MicroSeconds(1)));
        network.SetNic("LinkDownTimeout", TimeValue(MilliSeconds(4)));
        network.SetNic("RetransmissionTimeout", TimeValue(MicroSeconds(100)));
        network.SetNic("NackInterval", TimeValue(MicroSeconds(20)));
        network.AddNics(NICS, line);
        network.AddOcs(Delay());
        MoveCircuits(Time(0));
        for (const auto& nic : network.nics)
        {
            m_ledger.Listen(nic);
        }
        for (const auto& fibre : network.fibres)
        {
            fibre->TraceConnectWithoutContext(
                "TxRxPointToPoint",
                MakeCallback(&RdmaNicConservationTestCase::HandleCarry, this));
        }
        for (uint32_t i = 0; i < MESSAGES; ++i)
        {
            Simulator::Schedule(Instant(), &RdmaNicConservationTestCase::PostOne, this);
        }
        for (uint32_t i = 0; i < EVENTS; ++i)
        {
            Simulator::Schedule(Instant(), &RdmaNicConservationTestCase::Disturb, this);
        }
        for (uint32_t i = 0; i < CHECKS; ++i)
        {
            Simulator::Schedule(Instant(), &RdmaNicConservationTestCase::CheckFrames, this);
        }
        Simulator::Run();

        CheckFrames(); // nothing is in flight any more
        CheckMessages();
        NS_TEST_EXPECT_MSG_GT(m_checks, CHECKS / 10, "frames were in flight when counted");
        uint64_t again = 0;
        for (const auto& nic : network.nics)
        {
            again += nic->GetRetransmittedFrames();
        }
        NS_TEST_EXPECT_MSG_GT(again, 0, "losses were repaired");
    }

    uint32_t m_seed;                       //!< which random run
    NicNetwork* m_network{nullptr};        //!< what is disturbed
    WriteLedger m_ledger;                  //!< arrivals and ends
    Ptr<UniformRandomVariable> m_random;   //!< chance
    std::map<Time, size_t> m_arrivalTimes; //!< frames by when their last bit arrives
    uint32_t m_checks{0};                  //!< counts with frames in flight
    /// Messages from one NIC to another, in the order of posting.
    std::map<std::pair<uint32_t, uint32_t>, std::vector<Ptr<const RdmaMessage>>> m_order;
};

/**
 * @ingroup mixnet-tests
 * @brief RDMA NIC and its queue pairs.
 */
class RdmaNicTestSuite : public TestSuite
{
  public:
    RdmaNicTestSuite()
        : TestSuite("mixnet-rdma-nic", TestSuite::Type::UNIT)
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
        AddTestCase(new RdmaNicNackTestCase(0));
        AddTestCase(new RdmaNicNackTestCase(200));
        AddTestCase(new RdmaNicLostTailTestCase);
        AddTestCase(new RdmaNicLostAckTestCase);
        AddTestCase(new RdmaNicLostNackTestCase);
        AddTestCase(new RdmaNicBlackoutTestCase(25, 0, 30'000'000));
        // The time in the dark is over before the message is.
        AddTestCase(new RdmaNicBlackoutTestCase(1, 0, 1030));
        AddTestCase(new RdmaNicBlackoutTestCase(6000, 7, 30'000'000));
        AddTestCase(new RdmaNicLinkDownTimeoutTestCase(0));
        AddTestCase(new RdmaNicLinkDownTimeoutTestCase(2));
        AddTestCase(new RdmaNicRetryExceededTestCase(0));
        AddTestCase(new RdmaNicRetryExceededTestCase(7));
        AddTestCase(new RdmaNicReuseTestCase(false));
        AddTestCase(new RdmaNicReuseTestCase(true));
        AddTestCase(new RdmaNicMovedCircuitTestCase(0));
        AddTestCase(new RdmaNicMovedCircuitTestCase(25000));
        AddTestCase(new RdmaNicLinkDelaysTestCase(0, 0));
        AddTestCase(new RdmaNicLinkDelaysTestCase(300, 200));
        AddTestCase(new RdmaNicPortDownTestCase);
        AddTestCase(new RdmaNicFairnessTestCase);
        AddTestCase(new RdmaNicIncastTestCase);
        AddTestCase(new RdmaNicBidirectionalTestCase);
        AddTestCase(new RdmaNicAckFirstTestCase);
        for (const size_t which : {0, 1, 2})
        {
            AddTestCase(new RdmaNicWithdrawTestCase(which, 0, false));
            AddTestCase(new RdmaNicWithdrawTestCase(which, 5, false));
            AddTestCase(new RdmaNicWithdrawTestCase(which, 7, true));
        }
        AddTestCase(new RdmaNicWithdrawBehindLossTestCase);
        AddTestCase(new RdmaNicSendTestCase);
        for (const uint32_t seed : {1, 2, 3, 4, 5})
        {
            AddTestCase(new RdmaNicConservationTestCase(seed));
        }
    }
};

RdmaNicTestSuite g_rdmaNicTestSuite; //!< registers the suite

} // namespace

} // namespace tests
