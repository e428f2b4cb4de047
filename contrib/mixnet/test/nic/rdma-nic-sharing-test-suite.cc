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
 * @brief A packet handed to Send reaches the other NIC, where the link is up and the packet fits.
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
    /// @return true: it is taken.
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
 * @brief How queue pairs, control frames and packets share the line of a NIC.
 */
class RdmaNicSharingTestSuite : public TestSuite
{
  public:
    RdmaNicSharingTestSuite()
        : TestSuite("mixnet-rdma-nic-sharing", TestSuite::Type::UNIT)
    {
        AddTestCase(new RdmaNicFairnessTestCase);
        AddTestCase(new RdmaNicIncastTestCase);
        AddTestCase(new RdmaNicBidirectionalTestCase);
        AddTestCase(new RdmaNicAckFirstTestCase);
        AddTestCase(new RdmaNicSendTestCase);
    }
};

RdmaNicSharingTestSuite g_rdmaNicSharingTestSuite; //!< registers the suite

} // namespace

} // namespace tests
