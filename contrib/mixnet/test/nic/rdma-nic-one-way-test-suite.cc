/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "rdma-nic-test-case.h"

#include "ns3/control-path.h"

namespace tests
{

namespace
{

/**
 * @ingroup mixnet-tests
 * @brief Three NICs on a ring of one-way circuits: each sends to the next.
 */
class OneWayRingTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;

    static constexpr uint64_t CONTROL_NS = 700; //!< delay of the control path

    /// @return the network.
    std::unique_ptr<NicNetwork> Ring()
    {
        auto network = std::make_unique<NicNetwork>();
        network->SetNic("Window", UintegerValue(4'000'000));
        network->SetNic("LinkDownTimeout", TimeValue(MilliSeconds(2)));
        network->AddNics(3, m_line);
        m_path = CreateObject<ControlPath>();
        m_path->SetAttribute("Delay", TimeValue(NanoSeconds(CONTROL_NS)));
        for (const auto& nic : network->nics)
        {
            m_path->AddNic(nic);
            m_ledger.Listen(nic);
        }
        network->AddOcs(Delay());
        network->ocs->SetInitialConfiguration({{}, {{0, 1}, {1, 2}, {2, 0}}});
        network->ocs->Initialize();
        return network;
    }

    LineTimes m_line{RATE, MTU}; //!< rate and MTU
    WriteLedger m_ledger;        //!< arrivals and ends
    Ptr<ControlPath> m_path;     //!< acknowledgements
};

/**
 * @ingroup mixnet-tests
 * @brief Data takes the line, acknowledgements the control path.
 */
class OneWayTimingTestCase : public OneWayRingTestCase
{
  public:
    OneWayTimingTestCase()
        : OneWayRingTestCase("On one-way circuits acknowledgements take nothing of the line")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t bytes = 1'000'000;
        const auto network = Ring();
        std::vector<std::unique_ptr<FrameLog>> logs;
        for (uint32_t from = 0; from < 3; ++from)
        {
            logs.push_back(std::make_unique<FrameLog>(network->nics[from]));
            m_ledger.PostAt(Start(), network->nics[from], (from + 1) % 3, bytes);
        }
        Simulator::Run();

        const Time arrival = Start() + m_line.Message(bytes) + Delay() * int64_t{2};
        NS_TEST_ASSERT_MSG_EQ(m_ledger.arrivals.size(), 3, "all arrive");
        NS_TEST_ASSERT_MSG_EQ(m_ledger.endings.size(), 3, "all end");
        for (uint32_t n = 0; n < 3; ++n)
        {
            NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[n].at, arrival, "frames back to back");
            NS_TEST_EXPECT_MSG_EQ(m_ledger.endings[n].at,
                                  arrival + NanoSeconds(CONTROL_NS),
                                  "and the control path back");
            NS_TEST_EXPECT_MSG_EQ((m_ledger.endings[n].completion.status == SUCCESS), true, "well");
            NS_TEST_EXPECT_MSG_EQ(logs[n]->Count(FrameKind::Data), m_line.Frames(bytes), "data");
            NS_TEST_EXPECT_MSG_EQ(logs[n]->Count(FrameKind::Acknowledgement), 0, "on the line");
            const auto& counters = network->nics[n]->GetCounters();
            NS_TEST_EXPECT_MSG_EQ(counters.sent.frames, counters.received.frames, "a ring");
        }
        // Of every 16 frames one asks for an acknowledgement, and the last.
        const uint64_t frames = m_line.Frames(bytes);
        NS_TEST_EXPECT_MSG_EQ(m_path->GetFrames(),
                              3 * ((frames + ACK_INTERVAL - 1) / ACK_INTERVAL),
                              "acknowledgements");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A NIC knows only from the control path that its light is lost.
 */
class OneWayCutTestCase : public OneWayRingTestCase
{
  public:
    OneWayCutTestCase()
        : OneWayRingTestCase("A sender on a one-way circuit is told that its light is lost, waits, "
                             "and sends the rest when it is back")
    {
    }

  private:
    void DoRun() override
    {
        // The fibre of NIC 1 is cut in both directions: 0 cannot reach it, and it cannot reach 2.
        constexpr uint64_t bytes = 1'000'000;
        const auto network = Ring();
        for (uint32_t from = 0; from < 3; ++from)
        {
            m_ledger.PostAt(Start(), network->nics[from], (from + 1) % 3, bytes);
        }
        const Time cut = Start() + MicroSeconds(10);
        const Time restored = cut + MicroSeconds(100);
        Simulator::Schedule(cut, &Fibre::Cut, network->fibres[1]);
        Simulator::Schedule(restored, &Fibre::Restore, network->fibres[1]);
        FrameLog sender(network->nics[0]);
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(m_ledger.arrivals.size(), 3, "all arrive");
        const Time undisturbed = Start() + m_line.Message(bytes) + Delay() * int64_t{2};
        for (const auto& arrival : m_ledger.arrivals)
        {
            const bool isBehind = arrival.from == 2;
            NS_TEST_EXPECT_MSG_EQ((arrival.at == undisturbed),
                                  isBehind,
                                  "from 2 to 0 nothing is cut; from " << arrival.from);
            NS_TEST_EXPECT_MSG_EQ((isBehind || arrival.at > restored), true, "after the cut");
        }
        // NIC 1 sees it one fibre later, and says so; then nothing is sent until light is back at
        // NIC 1, one fibre later, and it says so.
        const Time told = cut + Delay() + NanoSeconds(CONTROL_NS);
        const Time again = restored + Delay() + NanoSeconds(CONTROL_NS);
        NS_TEST_EXPECT_MSG_EQ(sender.Between(told, again), 0, "silence");
        NS_TEST_EXPECT_MSG_GT(sender.Between(cut, told), 10, "it does not know yet");
        NS_TEST_EXPECT_MSG_EQ(sender.Between(again - PicoSeconds(1), again + PicoSeconds(1)),
                              1,
                              "at once");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief What is for a NIC that no light leads to ends with an error.
 */
class OneWayWrongPeerTestCase : public OneWayRingTestCase
{
  public:
    OneWayWrongPeerTestCase()
        : OneWayRingTestCase("A NIC that is not the next on a one-way circuit cannot be reached, "
                             "though its light is seen")
    {
    }

  private:
    void DoRun() override
    {
        const auto network = Ring();
        m_ledger.PostAt(Start(), network->nics[0], 2, 1000); // 2 sends to 0, not 0 to 2
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(m_ledger.endings.size(), 1, "it ends");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals.size(), 0, "nothing arrives");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.endings[0].at, Start() + MilliSeconds(2), "LinkDownTimeout");
        NS_TEST_EXPECT_MSG_EQ(
            (m_ledger.endings[0].completion.status == CompletionStatus::LinkDownTimeout),
            true,
            "with that error");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief NICs on one-way circuits.
 */
class RdmaNicOneWayTestSuite : public TestSuite
{
  public:
    RdmaNicOneWayTestSuite()
        : TestSuite("mixnet-rdma-nic-one-way", TestSuite::Type::UNIT)
    {
        AddTestCase(new OneWayTimingTestCase);
        AddTestCase(new OneWayCutTestCase);
        AddTestCase(new OneWayWrongPeerTestCase);
    }
};

RdmaNicOneWayTestSuite g_rdmaNicOneWayTestSuite; //!< registers the suite

} // namespace

} // namespace tests
