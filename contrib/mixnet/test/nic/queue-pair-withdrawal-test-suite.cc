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
 * @brief Messages that are taken back.
 */
class QueuePairWithdrawalTestSuite : public TestSuite
{
  public:
    QueuePairWithdrawalTestSuite()
        : TestSuite("mixnet-queue-pair-withdrawal", TestSuite::Type::UNIT)
    {
        for (const size_t which : {0, 1, 2})
        {
            AddTestCase(new RdmaNicWithdrawTestCase(which, 0, false));
            AddTestCase(new RdmaNicWithdrawTestCase(which, 5, false));
            AddTestCase(new RdmaNicWithdrawTestCase(which, 7, true));
        }
        AddTestCase(new RdmaNicWithdrawBehindLossTestCase);
    }
};

QueuePairWithdrawalTestSuite g_queuePairWithdrawalTestSuite; //!< registers the suite

} // namespace

} // namespace tests
