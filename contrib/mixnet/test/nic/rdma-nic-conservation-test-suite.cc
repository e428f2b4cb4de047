/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "rdma-nic-test-case.h"

#include "ns3/random-variable-stream.h"

#include <map>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

/**
 * @ingroup mixnet-tests
 * @brief No frame and no message is lost without a trace, whatever happens to the signal.
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
    static constexpr uint32_t EVENTS = 40;     //!< things that happen to signal
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

    /// @brief Something happens to signal.
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
 * @brief Nothing is lost without a trace.
 */
class RdmaNicConservationTestSuite : public TestSuite
{
  public:
    RdmaNicConservationTestSuite()
        : TestSuite("mixnet-rdma-nic-conservation", TestSuite::Type::UNIT)
    {
        for (const uint32_t seed : {1, 2, 3, 4, 5})
        {
            AddTestCase(new RdmaNicConservationTestCase(seed));
        }
    }
};

RdmaNicConservationTestSuite g_rdmaNicConservationTestSuite; //!< registers the suite

} // namespace

} // namespace tests
