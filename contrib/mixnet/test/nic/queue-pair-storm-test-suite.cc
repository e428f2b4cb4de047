/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "out-of-order-test-case.h"

#include <map>
#include <utility>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

/**
 * @ingroup mixnet-tests
 * @brief Whatever happens, every message ends once and nothing is handed over in part.
 */
class QueuePairStormTestCase : public OutOfOrderTestCase
{
  public:
    /// @param outOfOrder Whether frames may overtake each other. @param seed Which random run.
    /// @param first Number of the first frame.
    QueuePairStormTestCase(bool outOfOrder, uint64_t seed, uint64_t first)
        : OutOfOrderTestCase(std::string(outOfOrder ? "Out of order" : "In order") +
                                 ", random losses, copies, cuts, pauses, silences and "
                                 "withdrawals, run " +
                                 std::to_string(seed) +
                                 ": messages end once, and arrive whole, once and in order",
                             first),
          m_random(mixnetcore::KeyedRandom(seed).At(first).At(outOfOrder))
    {
        m_outOfOrder = outOfOrder;
    }

  private:
    static constexpr uint64_t MESSAGES = 150;       //!< messages posted
    static constexpr uint64_t SPAN_NS = 10'000'000; //!< time in which they are, ns

    static constexpr uint32_t RETRY_LIMIT = 5; //!< attribute RetryLimit

    /// @param limit A number. @return a random one below.
    uint64_t Below(uint64_t limit)
    {
        return m_random.Bits(m_draws++) % limit;
    }

    /// @return a random instant of the span.
    Time Instant()
    {
        return Start() + NanoSeconds(Below(SPAN_NS));
    }

    /// @return what becomes of a frame.
    std::vector<Time> Holds()
    {
        const uint64_t copies = Below(100) < 3 ? 2 : 1;
        std::vector<Time> holds;
        if (Below(100) < 3 || Simulator::Now() < m_silentUntil)
        {
            return holds;
        }
        for (uint64_t i = 0; i < copies; ++i)
        {
            holds.push_back(NanoSeconds(m_outOfOrder ? Below(10'000) : 0));
        }
        return holds;
    }

    /// @param frame A frame that NIC 1 takes in.
    void HandleReceive(const RoceFrame& frame)
    {
        if (frame.kind == FrameKind::Data)
        {
            m_received[frame.message].emplace(frame.sequence, Simulator::Now());
        }
    }

    /// @brief Something happens.
    void Disturb()
    {
        const auto fibre = m_network->fibres[Below(2)];
        const Time span = NanoSeconds(Below(500'000));
        RoceFrame pause;
        switch (Below(3))
        {
        case 0:
            fibre->Cut();
            Simulator::Schedule(span, &Fibre::Restore, fibre);
            break;
        case 1:
            m_silentUntil = std::max(m_silentUntil, Simulator::Now() + 8 * span);
            m_silences.emplace_back(Simulator::Now(), m_silentUntil);
            break;
        default:
            pause.kind = FrameKind::Pause;
            pause.wireBytes = 84;
            pause.pausedClasses = Below(256);
            pause.pauseQuanta = Below(65536);
            Forth()->SendAt(Simulator::Now(), pause);
            break;
        }
    }

    /// @brief Posts a message, and takes one in four back later.
    void PostOne()
    {
        m_ledger.Post(Sender(), Below(8) == 0 ? Below(2) : Below(60 * MTU));
        if (Below(4) == 0)
        {
            const auto message = m_ledger.posted.back();
            Simulator::Schedule(NanoSeconds(Below(100'000)),
                                [this, message] { Sender().Withdraw(message); });
        }
    }

    /// @param at When messages ended with RetryExceeded. @return whether that is the relay's doing.
    bool WasSilent(const Time& at) const
    {
        const Time begin = at - BackedOff(RETRY_LIMIT + 1, Timeout());
        return std::any_of(m_silences.begin(), m_silences.end(), [&](const auto& silence) {
            return silence.first < at && silence.second > begin;
        });
    }

    /// @param arrival A message that was handed over. @brief Checks that all of it had come.
    void ExpectWhole(const WriteLedger::Arrival& arrival)
    {
        const auto& frames = m_received[arrival.message];
        NS_TEST_EXPECT_MSG_EQ(frames.size(),
                              m_line.Frames(arrival.message->GetBytes()),
                              "frames that came");
        for (const auto& [sequence, at] : frames)
        {
            NS_TEST_EXPECT_MSG_LT_OR_EQ(at, arrival.at, "before it was handed over");
        }
    }

    void SetAttributes(NicNetwork& network) override
    {
        network.SetNic("RetryLimit", UintegerValue(RETRY_LIMIT));
        network.SetNic("LinkDownTimeout", TimeValue(MicroSeconds(400)));
        network.SetNic("NackInterval", TimeValue(MicroSeconds(20)));
        network.SetNic("Window", UintegerValue(400'000));
    }

    void DoScenario() override
    {
        Forth()->rule = [&](RoceFrame&) { return Holds(); };
        Back()->rule = [&](RoceFrame&) { return Holds(); };
        m_network->nics[1]->TraceConnectWithoutContext(
            "Receive",
            MakeCallback(&QueuePairStormTestCase::HandleReceive, this));
        for (uint64_t i = 0; i < MESSAGES; ++i)
        {
            // Half of them come in bursts.
            const Time at = i % 10 < 5 ? Instant() : Start() + MicroSeconds(i / 10 * 600);
            Simulator::Schedule(at, &QueuePairStormTestCase::PostOne, this);
        }
        for (int i = 0; i < 10; ++i)
        {
            Simulator::Schedule(Instant(), &QueuePairStormTestCase::Disturb, this);
        }
        Simulator::Run();

        ExpectConservation();
        NS_TEST_EXPECT_MSG_EQ(Sender().HasOutstanding(), false, "nothing is left");
        std::map<CompletionStatus, size_t> ends;
        for (const auto& message : m_ledger.posted)
        {
            if (m_ledger.Endings(message) != 1)
            {
                NS_TEST_EXPECT_MSG_EQ(m_ledger.Endings(message), 1, "ends once");
                return;
            }
            const auto& ending = m_ledger.EndingOf(message);
            ++ends[ending.completion.status];
            const auto arrival =
                std::find_if(m_ledger.arrivals.begin(),
                             m_ledger.arrivals.end(),
                             [&](const auto& entry) { return entry.message == message; });
            const bool isThere = arrival != m_ledger.arrivals.end() && arrival->at < ending.at;
            NS_TEST_EXPECT_MSG_EQ((ending.completion.status != SUCCESS || isThere),
                                  true,
                                  "Success is true");
            NS_TEST_EXPECT_MSG_EQ((ending.completion.status != CompletionStatus::RetryExceeded ||
                                   WasSilent(ending.at)),
                                  true,
                                  "nobody gives up while frames get through, at " << ending.at);
        }
        size_t next = 0;
        for (const auto& arrival : m_ledger.arrivals)
        {
            ExpectWhole(arrival);
            const auto found =
                std::find(m_ledger.posted.begin() + next, m_ledger.posted.end(), arrival.message);
            if (found == m_ledger.posted.end())
            {
                NS_TEST_EXPECT_MSG_EQ(true, false, "a message arrives twice or out of order");
                return;
            }
            next = found - m_ledger.posted.begin() + 1;
        }
        NS_TEST_EXPECT_MSG_GT(ends[SUCCESS], 0, "some end well");
        NS_TEST_EXPECT_MSG_GT(ends[CompletionStatus::Withdrawn], 0, "some are taken back");
        NS_TEST_EXPECT_MSG_GT(Repeats(), 0, "losses were repaired");
    }

    mixnetcore::KeyedRandom m_random;              //!< chance
    uint64_t m_draws{0};                           //!< numbers drawn
    Time m_silentUntil;                            //!< until when the relay loses everything
    std::vector<std::pair<Time, Time>> m_silences; //!< begins and ends of that

    /// Frames of each message that NIC 1 took in, by number, with the first time; looked up only.
    std::map<Ptr<const RdmaMessage>, std::map<uint64_t, Time>> m_received;
};

/**
 * @ingroup mixnet-tests
 * @brief Queue pairs when everything happens at once.
 */
class QueuePairStormTestSuite : public TestSuite
{
  public:
    QueuePairStormTestSuite()
        : TestSuite("mixnet-queue-pair-storm", TestSuite::Type::UNIT)
    {
        for (uint64_t seed = 1; seed <= 10; ++seed)
        {
            for (const uint64_t first : {uint64_t{0}, (uint64_t{1} << 24) - 100})
            {
                AddTestCase(new QueuePairStormTestCase(true, seed, first));
                AddTestCase(new QueuePairStormTestCase(false, seed, first));
            }
        }
    }
};

QueuePairStormTestSuite g_queuePairStormTestSuite; //!< registers the suite

} // namespace

} // namespace tests
