/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OUT_OF_ORDER_TEST_CASE_H
#define OUT_OF_ORDER_TEST_CASE_H

#include "../testbed/test-relay.h"
#include "rdma-nic-test-case.h"

#include "ns3/keyed-random.h"

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief Two NICs with a relay between them that reorders, delays, doubles and loses frames.
 *
 * NIC 0 posts for NIC 1, and the receiver has accepted frames out of order, unless said otherwise.
 */
class OutOfOrderTestCase : public MixnetTestCase
{
  protected:
    /**
     * @param promise What is tested.
     * @param first Number of the first frame; named in the test's name unless 0.
     */
    explicit OutOfOrderTestCase(const std::string& promise, uint64_t first = 0)
        : MixnetTestCase(promise + (first > 0 ? ", from number " + std::to_string(first) : "")),
          m_first(first)
    {
    }

    /// @return attribute RetransmissionTimeout here.
    static Time Timeout()
    {
        return MicroSeconds(100);
    }

    /// @brief Sets attributes of this test in the network of NICs to be.
    virtual void SetAttributes(NicNetwork& /* network */)
    {
    }

    /// @brief The test, between signal and checks.
    virtual void DoScenario() = 0;

    /// @return the queue pair that sends.
    QueuePair& Sender()
    {
        return m_network->nics[0]->GetQueuePair(1);
    }

    /// @return where frames of NIC 0 come in.
    Ptr<TestRelayPort> Forth()
    {
        return m_relay->ports[0];
    }

    /// @return where frames of NIC 1 come in.
    Ptr<TestRelayPort> Back()
    {
        return m_relay->ports[1];
    }

    /// @param frame A full frame of the first message. @return time from its start until it left.
    Time Left(uint64_t frame) const
    {
        return m_line.Of(LineTimes::FIRST) + (frame + 1) * m_line.Full();
    }

    /// @return time from the last bit of a frame at NIC 0 to NIC 1, or the other way.
    Time Way() const
    {
        return 2 * Delay();
    }

    /// @param bytes Size of each message. @param count How many are posted at the start.
    void PostAtStart(uint64_t bytes, size_t count = 1)
    {
        for (size_t i = 0; i < count; ++i)
        {
            m_ledger.PostAt(Start(), m_network->nics[0], 1, bytes);
        }
    }

    /// @param numbers Data frames, counted from the first; each is lost as often as it is named.
    void Lose(std::multiset<uint64_t> numbers)
    {
        auto left = std::make_shared<std::multiset<uint64_t>>(std::move(numbers));
        Forth()->rule = [this, left](RoceFrame& frame) -> std::vector<Time> {
            const auto found = left->find(frame.sequence - m_first);
            if (frame.kind != FrameKind::Data || found == left->end())
            {
                return {Time(0)};
            }
            left->erase(found);
            return {};
        };
    }

    /**
     * @param frames Number of frames that are sent at the start.
     * @param before Frame that is lost; those before it are not.
     * @return when the timer expires that is set anew when the last acknowledgement before the loss
     * is back, or runs since the first frame.
     */
    Time FirstExpiry(uint64_t frames, uint64_t before) const
    {
        std::optional<uint64_t> asked;
        for (uint64_t frame = 0; frame < std::min(before, frames); ++frame)
        {
            if ((m_first + frame + 1) % ACK_INTERVAL == 0)
            {
                asked = frame;
            }
        }
        const Time begin = asked ? Start() + Left(*asked) + Way() + m_line.Ack() + Way() : Start();
        return begin + Timeout();
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
        uint64_t bytes = 0;
        for (size_t i = 0; i < m_ledger.posted.size(); ++i)
        {
            const auto& completion = m_ledger.endings[i].completion;
            NS_TEST_EXPECT_MSG_EQ(m_ledger.arrivals[i].message, m_ledger.posted[i], "in order");
            NS_TEST_EXPECT_MSG_EQ(completion.message, m_ledger.posted[i], "ended in order");
            NS_TEST_EXPECT_MSG_EQ((completion.status == SUCCESS), true, "Success");
            bytes += m_ledger.posted[i]->GetBytes();
        }
        NS_TEST_EXPECT_MSG_EQ(m_network->nics[1]->GetQueuePair(0).GetReceivedBytes(),
                              bytes,
                              "each byte counts once");
    }

    /// @brief Checks that every frame was received, lost for a reason, or lost by the relay.
    void ExpectConservation()
    {
        FrameCounters nics;
        FrameCount dropped;
        for (const auto& nic : m_network->nics)
        {
            nics += nic->GetCounters();
        }
        for (const auto& fibre : m_network->fibres)
        {
            dropped += fibre->GetCounters().AllDropped();
        }
        dropped += nics.AllDropped();
        NS_TEST_EXPECT_MSG_EQ(nics.sent.frames + m_relay->Added(),
                              nics.received.frames + dropped.frames + m_relay->Lost(),
                              "sent = received + lost");
    }

    /// @return probes that NIC 0 has sent.
    uint64_t Probes() const
    {
        return std::count_if(m_log->sent.begin(), m_log->sent.end(), [](const auto& entry) {
            return entry.frame.reportRequest;
        });
    }

    /// @return frames that NIC 0 has retransmitted.
    uint64_t Repeats()
    {
        return m_network->nics[0]->GetRetransmittedFrames();
    }

    uint64_t m_first;               //!< number of the first frame
    bool m_outOfOrder{true};        //!< whether frames may overtake each other
    LineTimes m_line{RATE, MTU};    //!< rate and MTU
    NicNetwork* m_network{nullptr}; //!< NICs
    TestRelay* m_relay{nullptr};    //!< what is between them
    FrameLog* m_log{nullptr};       //!< what NIC 0 sends
    WriteLedger m_ledger;           //!< arrivals at NIC 1, and ends

  private:
    void DoRun() override
    {
        NicNetwork network;
        network.SetNic("OutOfOrder", BooleanValue(m_outOfOrder));
        network.SetNic("FirstSequence", UintegerValue(m_first));
        network.SetNic("RetransmissionTimeout", TimeValue(Timeout()));
        network.SetNic("Window", UintegerValue(4'000'000));
        SetAttributes(network);
        network.AddNics(2, m_line);
        TestRelay relay(network, Delay());
        FrameLog log(network.nics[0]);
        m_network = &network;
        m_relay = &relay;
        m_log = &log;
        m_ledger.Listen(network.nics[1]);
        DoScenario();
    }
};

} // namespace tests

#endif // OUT_OF_ORDER_TEST_CASE_H
