/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RDMA_NIC_TEST_CASE_H
#define RDMA_NIC_TEST_CASE_H

#include "../testbed/test-line.h"
#include "../testbed/test-network.h"

#include <memory>
#include <string>

/**
 * @file
 * What the suites of RDMA NICs and queue pairs share.
 */

namespace tests
{

static constexpr uint32_t ACK_INTERVAL = 16;               //!< the attribute's default
static constexpr uint64_t TIMEOUT_PS = 4'194'304'000;      //!< default of RetransmissionTimeout
static constexpr uint32_t BACKOFF_LIMIT = 3;               //!< the attribute's default
static constexpr auto SUCCESS = CompletionStatus::Success; //!< status of a message that ended well

/// @return when tests begin to send: signals have reached every NIC.
inline Time
Start()
{
    return MicroSeconds(10);
}

/// @return propagation delay of every fibre.
inline Time
Delay()
{
    return MicroSeconds(1);
}

/**
 * @param timeouts How many timeouts pass without progress, the first right after some.
 * @param timeout The first. @param backoffLimit How often it doubles at most.
 * @return how long they take.
 */
inline Time
BackedOff(uint32_t timeouts, const Time& timeout, uint32_t backoffLimit = BACKOFF_LIMIT)
{
    Time sum(0);
    for (uint32_t i = 0; i < timeouts; ++i)
    {
        sum += timeout * (int64_t{1} << std::min(i, backoffLimit));
    }
    return sum;
}

/// @param nic A NIC. @return frames it lost for a reason. @param reason The reason.
inline uint64_t
Dropped(const Ptr<RdmaNic>& nic, DropReason reason)
{
    return nic->GetCounters().Dropped(reason).frames;
}

/**
 * @ingroup mixnet-tests
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

} // namespace tests

#endif // RDMA_NIC_TEST_CASE_H
