/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "packet-transport-test-case.h"

#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::mixnet;
using namespace mixnetcore;

namespace tests
{

namespace
{

const Time CONTROL = MicroSeconds(5); //!< default of ControlLatency

/**
 * @ingroup mixnet-tests
 * @brief An RDMA leg without a signal fails the message, and only those on it.
 */
class PacketTransportFailureTestCase : public PacketTransportTestCase
{
  public:
    /// @param delegated Whether the message is gathered first.
    explicit PacketTransportFailureTestCase(bool delegated)
        : PacketTransportTestCase(std::string("A ") + (delegated ? "delegated" : "direct") +
                                  " message on a cut fibre ends Failed once, with the chunks that "
                                  "have arrived; another NIC carries on"),
          m_delegated(delegated)
    {
    }

  private:
    void DoRun() override
    {
        MakeRegion();
        const uint64_t bytes = 20 * CHUNK;
        const Time cut = Start() + MicroSeconds(150);
        PostAtStart(m_delegated ? Delegated(bytes) : Direct(bytes, 1));
        PostAtStart(Direct(bytes, 2));
        Simulator::Schedule(cut, &Fibre::Cut, FibreOf(1, 1));
        Simulator::Run(); // returns

        const auto& ledger = m_region->ledger;
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 2, "both end once");
        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 2, "one arrives, and a part of the other");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[0].message.id, ledger.posted[1], "on the other NIC");
        const auto& failed = ledger.endings[1];
        NS_TEST_EXPECT_MSG_EQ((failed.completion.status == MessageStatus::Failed), true, "status");
        NS_TEST_EXPECT_MSG_EQ(failed.completion.message->id, ledger.posted[0], "message");
        const auto& failedLeg = failed.completion.failedLeg;
        NS_TEST_EXPECT_MSG_EQ((failedLeg && *failedLeg == RdmaLeg{{0, 1}, {1, 1}, {}}),
                              true,
                              "the leg");
        // Signal is lost at the sender two fibres after the cut; it asks the other host.
        const Time asks = cut + OneWay() + Seconds(1);
        NS_TEST_EXPECT_MSG_EQ(failed.at, asks + CONTROL + CONTROL, "after LinkDownTimeout");
        const uint64_t delivered = failed.completion.bytesDelivered;
        const auto& part = ledger.arrivals[1];
        NS_TEST_EXPECT_MSG_EQ(part.message.id, ledger.posted[0], "its part");
        NS_TEST_EXPECT_MSG_EQ(part.message.transfer.bytes.Count(), delivered, "one account");
        NS_TEST_EXPECT_MSG_EQ(part.at, asks + CONTROL, "as the other host learns of it");
        const uint64_t arrived = m_region->nics[1][1]
                                     ->GetQueuePair(m_region->nics[0][1]->GetNicAddress())
                                     .GetReceivedBytes();
        // Whole chunks only: of what has come to the NIC all but the one that the cut has torn.
        NS_TEST_EXPECT_MSG_EQ(delivered, arrived / CHUNK * CHUNK, "whole chunks");
        NS_TEST_EXPECT_MSG_GT(delivered, CHUNK, "more than a chunk went well");
    }

    /// @param host A host. @param nic A NIC of it. @return its fibre.
    Ptr<Fibre> FibreOf(uint32_t host, uint32_t nic) const
    {
        return DynamicCast<Fibre>(m_region->nics[host][nic]->GetChannel());
    }

    bool m_delegated; //!< whether the message is gathered first
};

/**
 * @ingroup mixnet-tests
 * @brief A message taken back ends once, and leaves its NIC to the others.
 */
class PacketTransportWithdrawTestCase : public PacketTransportTestCase
{
  public:
    /// @param after When it is withdrawn, us after it was posted. @param accepted Whether it can.
    PacketTransportWithdrawTestCase(uint64_t after, bool accepted)
        : PacketTransportTestCase("A message withdrawn " + std::to_string(after) +
                                  " us after its post ends once, " +
                                  (accepted ? "Withdrawn" : "Delivered, as it has arrived")),
          m_after(after),
          m_accepted(accepted)
    {
    }

  private:
    void DoRun() override
    {
        MakeRegion();
        const uint64_t bytes = 20 * CHUNK;
        const Time withdrawal = Start() + MicroSeconds(m_after);
        PostAtStart(Delegated(bytes));
        auto& ledger = m_region->ledger;
        const auto transport = m_region->transports[0];
        std::vector<bool> answers;
        Simulator::Schedule(withdrawal, [&] {
            answers.push_back(transport->Withdraw(ledger.posted[0]));
            answers.push_back(transport->Withdraw(ledger.posted[0]));
            m_region->Post(Direct(MTU, 1));
        });
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ((answers == std::vector<bool>{m_accepted, false}), true, "answers");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 2, "both end once");
        if (IsStatusFailure())
        {
            return;
        }
        const auto& first = ledger.endings[m_accepted ? 1 : 0]; // the next is faster than asking
        NS_TEST_EXPECT_MSG_EQ(first.completion.message->id, ledger.posted[0], "the first");
        const auto status = m_accepted ? MessageStatus::Withdrawn : MessageStatus::Delivered;
        NS_TEST_EXPECT_MSG_EQ((first.completion.status == status), true, "status");
        NS_TEST_EXPECT_MSG_EQ(ledger.Arrivals(ledger.posted[1]), 1, "the next arrives");
        NS_TEST_EXPECT_MSG_EQ(m_region->nics[0][1]->GetRetransmittedFrames(), 0, "no gap");
        if (!m_accepted)
        {
            NS_TEST_EXPECT_MSG_EQ(ledger.Arrivals(ledger.posted[0]), 1, "it arrives");
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(first.at, withdrawal + CONTROL + CONTROL, "when it has asked");
        // Whole chunks: those that are out of the NIC, which began after a gather, are scattered
        // by the time the other host is asked (2 us on the path and 2.3 us inside).
        const int64_t busy = (withdrawal - Start() - NvswitchTime(CHUNK)).GetPicoSeconds();
        const uint64_t chunks = busy < 0 ? 0 : busy / m_line.Message(CHUNK).GetPicoSeconds();
        NS_TEST_EXPECT_MSG_EQ(ledger.Arrivals(ledger.posted[0]), (chunks > 0 ? 1 : 0), "its part");
        NS_TEST_EXPECT_MSG_EQ(first.completion.bytesDelivered, chunks * CHUNK, "bytes delivered");
        // The line is free for the next after at most one frame.
        const auto& next = ledger.arrivals[0];
        const Time alone = withdrawal + m_line.Message(MTU) + OneWay();
        NS_TEST_EXPECT_MSG_GT_OR_EQ(next.at, alone, "the next goes");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(next.at, alone + m_line.Full(), "after one frame");
    }

    uint64_t m_after; //!< when it is withdrawn, us
    bool m_accepted;  //!< whether it had not ended
};

/**
 * @ingroup mixnet-tests
 * @brief Messages that fail or are withdrawn.
 */
class PacketTransportEndingsTestSuite : public TestSuite
{
  public:
    PacketTransportEndingsTestSuite()
        : TestSuite("mixnet-packet-transport-endings", TestSuite::Type::UNIT)
    {
        AddTestCase(new PacketTransportFailureTestCase(false));
        AddTestCase(new PacketTransportFailureTestCase(true));
        AddTestCase(new PacketTransportWithdrawTestCase(0, true));
        AddTestCase(new PacketTransportWithdrawTestCase(5, true));
        AddTestCase(new PacketTransportWithdrawTestCase(100, true));
        AddTestCase(new PacketTransportWithdrawTestCase(1000, false));
    }
};

PacketTransportEndingsTestSuite g_packetTransportEndingsTestSuite; //!< registers the suite

} // namespace

} // namespace tests
