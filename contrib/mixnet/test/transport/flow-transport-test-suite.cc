/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/mixnet-test-case.h"
#include "flow-fabrics.h"

#include <map>

namespace tests
{

namespace
{

/**
 * @ingroup mixnet-tests
 * @brief One message between the first NICs of two hosts, with something done to its way.
 */
class FlowMessageTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;

    /// What became of the message.
    struct Outcome
    {
        size_t arrivals{0};                          //!< how often it arrived
        Time arrival;                                //!< when, since it was posted
        size_t endings{0};                           //!< how often it ended
        MessageStatus status{MessageStatus::Failed}; //!< how
        Time ending;                                 //!< when, since it was posted
        uint64_t bytes{0};                           //!< known to be delivered
    };

    /// Something that happens to a fabric after its signal is there, and before the message.
    using MessageDisturbance = std::function<void(const Fabric&, MessageId)>;

    /**
     * @param fidelity How it is carried. @param optical Whether over a circuit.
     * @param bytes Its size. @param disturb Called when it has been posted.
     * @return what became of it.
     */
    Outcome Send(Fidelity fidelity, bool optical, uint64_t bytes, const MessageDisturbance& disturb)
    {
        Outcome outcome;
        {
            const auto fabric =
                HelperFor(fidelity, false).Install(PlanOf(optical ? "mixnet" : "ideal-switch", 2));
            if (optical)
            {
                fabric.opticalSwitches.front()->Reconfigure(Circuits());
            }
            Simulator::Run();
            const auto side =
                optical ? mixnetcore::NicRole::Optical : mixnetcore::NicRole::Electrical;
            const auto nic = fabric.plan->host.NicsOn(side).front();
            const auto gpu = fabric.plan->host.nics[nic].gpu;
            MessageLedger ledger;
            fabric.hosts[1].transport->SetArrivalCallback(
                MakeCallback(&MessageLedger::HandleArrival, &ledger));
            const Time begin = Simulator::Now();
            ledger.Post(fabric.hosts[0].transport,
                        {{0, gpu},
                         {1, gpu},
                         mixnetcore::Bytes(bytes),
                         {mixnetcore::RdmaLeg{{0, nic}, {1, nic}, side}}});
            disturb(fabric, ledger.posted[0]);
            Simulator::Run();
            outcome.arrivals = ledger.arrivals.size();
            outcome.endings = ledger.endings.size();
            if (outcome.arrivals > 0)
            {
                outcome.arrival = ledger.arrivals[0].at - begin;
            }
            if (outcome.endings > 0)
            {
                outcome.status = ledger.endings[0].completion.status;
                outcome.ending = ledger.endings[0].at - begin;
                outcome.bytes = ledger.endings[0].completion.bytesDelivered;
            }
        }
        Simulator::Destroy();
        return outcome;
    }

    /// @return circuits that join NICs of the same number of two hosts.
    static mixnetcore::CircuitConfiguration Circuits()
    {
        return mixnetcore::CircuitConfiguration({{0, OPTICAL_DEGREE}, {1, OPTICAL_DEGREE + 1}});
    }

    /// @param fabric A fabric. @param host A host. @param optical Side. @return fibre of its first
    /// NIC on that side.
    static Ptr<Fibre> FibreOf(const Fabric& fabric, uint32_t host, bool optical)
    {
        const auto side = optical ? mixnetcore::NicRole::Optical : mixnetcore::NicRole::Electrical;
        const auto nic = fabric.plan->host.NicsOn(side).front();
        return DynamicCast<Fibre>(fabric.hosts[host].nics[nic]->GetChannel());
    }

    /// @param flow As flows. @param packet As packets. @param tolerance Part of the time.
    void ExpectAlike(const Outcome& flow, const Outcome& packet, double tolerance)
    {
        NS_TEST_EXPECT_MSG_EQ(flow.endings, 1, "it ends once");
        NS_TEST_EXPECT_MSG_EQ(flow.arrivals, packet.arrivals, "it arrives as packets do");
        NS_TEST_EXPECT_MSG_EQ((flow.status == packet.status), true, "it ends as packets do");
        const auto near = [&](const Time& a, const Time& b, const char* what) {
            NS_TEST_EXPECT_MSG_EQ_TOL(a.GetSeconds(),
                                      b.GetSeconds(),
                                      tolerance * b.GetSeconds(),
                                      what);
        };
        near(flow.arrival, packet.arrival, "arrival");
        near(flow.ending, packet.ending, "ending");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A message alone takes its frames' time on the line, and what comes after the last.
 */
class FlowAloneTestCase : public FlowMessageTestCase
{
  public:
    /// @param bytes Its size.
    explicit FlowAloneTestCase(uint64_t bytes)
        : FlowMessageTestCase("A message of " + std::to_string(bytes) +
                              " bytes alone arrives when its last frame would"),
          m_bytes(bytes)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t CHUNK = 1 << 20;
        const LineTimes line{LINK_RATE, 4096};
        const auto outcome = Send(Fidelity::Flow, false, m_bytes, [](const Fabric&, MessageId) {});
        Time expected = PicoSeconds(2 * DELAY_PS);
        uint64_t left = m_bytes;
        for (; left > CHUNK; left -= CHUNK)
        {
            expected += line.Message(CHUNK);
        }
        expected += line.Message(left);
        // The switch stores the last frame, which is full or all of the last chunk.
        expected += line.Of(std::min<uint64_t>(left, line.mtu) + LineTimes::OVERHEAD);
        NS_TEST_EXPECT_MSG_EQ(outcome.arrivals, 1, "it arrives once");
        NS_TEST_EXPECT_MSG_EQ_TOL(outcome.arrival,
                                  expected,
                                  PicoSeconds(4 + m_bytes / line.mtu),
                                  "each time of the expectation is rounded");
        NS_TEST_EXPECT_MSG_EQ((outcome.status == MessageStatus::Delivered), true, "delivered");
        NS_TEST_EXPECT_MSG_EQ(outcome.bytes, m_bytes, "all bytes");
    }

    uint64_t m_bytes; //!< its size
};

/**
 * @ingroup mixnet-tests
 * @brief A blackout in the middle of a message costs what it costs packets.
 */
class FlowBlackoutTestCase : public FlowMessageTestCase
{
  public:
    FlowBlackoutTestCase()
        : FlowMessageTestCase("A blackout in the middle of a message delays flows as packets")
    {
    }

  private:
    void DoRun() override
    {
        const auto disturb = [](const Fabric& fabric, MessageId) {
            // Without circuits, then with them again: dark for twice the reconfiguration time.
            const auto ocs = fabric.opticalSwitches.front();
            Simulator::Schedule(MicroSeconds(100), [ocs] {
                ocs->Reconfigure({});
                ocs->Reconfigure(Circuits());
            });
        };
        const auto packet = Send(Fidelity::Packet, true, 20'000'000, disturb);
        const auto flow = Send(Fidelity::Flow, true, 20'000'000, disturb);
        ExpectAlike(flow, packet, 0.01);
        const auto undisturbed =
            Send(Fidelity::Flow, true, 20'000'000, [](const Fabric&, MessageId) {});
        NS_TEST_EXPECT_MSG_GT(flow.arrival, undisturbed.arrival + MicroSeconds(99), "it was dark");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A cut fibre that is restored delays a message; one that is not ends it as Failed.
 */
class FlowCutTestCase : public FlowMessageTestCase
{
  public:
    /// @param optical Side. @param host Whose fibre. @param restored Whether it is spliced.
    FlowCutTestCase(bool optical, uint32_t host, bool restored)
        : FlowMessageTestCase(
              std::string("A cut of ") + (optical ? "an optical" : "an electrical") +
              " fibre at the " + (host == 0 ? "sender" : "receiver") +
              (restored ? ", restored," : " for good") + " has the end that it has with packets"),
          m_optical(optical),
          m_host(host),
          m_restored(restored)
    {
    }

  private:
    void DoRun() override
    {
        const auto disturb = [this](const Fabric& fabric, MessageId) {
            const auto fibre = FibreOf(fabric, m_host, m_optical);
            Simulator::Schedule(MicroSeconds(150), &Fibre::Cut, fibre);
            if (m_restored)
            {
                Simulator::Schedule(MicroSeconds(450), &Fibre::Restore, fibre);
            }
        };
        const auto packet = Send(Fidelity::Packet, m_optical, 20'000'000, disturb);
        const auto flow = Send(Fidelity::Flow, m_optical, 20'000'000, disturb);
        ExpectAlike(flow, packet, 0.02);
        NS_TEST_EXPECT_MSG_EQ((flow.status == MessageStatus::Delivered), m_restored, "its status");
        NS_TEST_EXPECT_MSG_GT(packet.bytes, 0, "it was in flight");
        NS_TEST_EXPECT_MSG_EQ_TOL(double(flow.bytes),
                                  double(packet.bytes),
                                  0.05 * packet.bytes,
                                  "bytes known to be delivered");
    }

    bool m_optical;  //!< side
    uint32_t m_host; //!< whose fibre
    bool m_restored; //!< whether it is spliced
};

/**
 * @ingroup mixnet-tests
 * @brief A message taken back ends once, when its destination has said what has arrived.
 */
class FlowWithdrawTestCase : public FlowMessageTestCase
{
  public:
    FlowWithdrawTestCase()
        : FlowMessageTestCase("A message that is withdrawn ends once, with the chunks that arrived")
    {
    }

  private:
    void DoRun() override
    {
        std::vector<bool> answers;
        std::vector<uint64_t> onLine; // before it is withdrawn, and after
        const auto outcome =
            Send(Fidelity::Flow, false, 20'000'000, [&](const Fabric& fabric, MessageId id) {
                const auto transport = fabric.hosts[0].transport;
                Simulator::Schedule(MicroSeconds(50), [&fabric, &onLine] {
                    onLine.push_back(fabric.GetSentBytesAt(Simulator::Now()).front());
                });
                Simulator::Schedule(MicroSeconds(150), [&fabric, &onLine] {
                    onLine.push_back(fabric.GetSentBytesAt(Simulator::Now()).front());
                    onLine.push_back(fabric.GetSentBytes(0, 0));
                });
                Simulator::Schedule(MicroSeconds(100), [transport, id, &answers] {
                    answers.push_back(transport->Withdraw(id));
                    answers.push_back(transport->Withdraw(id));
                });
            });
        NS_TEST_EXPECT_MSG_EQ((answers == std::vector<bool>{true, false}), true, "once");
        NS_TEST_EXPECT_MSG_EQ(outcome.arrivals, 1, "a part of it arrives");
        NS_TEST_EXPECT_MSG_EQ(outcome.endings, 1, "it ends once");
        NS_TEST_EXPECT_MSG_EQ((outcome.status == MessageStatus::Withdrawn), true, "withdrawn");
        // The other host is asked, with 5 us each way. 4.9 MB in 100 us: 4 chunks of a MiB.
        NS_TEST_EXPECT_MSG_EQ(outcome.ending, MicroSeconds(110), "when it has asked");
        NS_TEST_EXPECT_MSG_EQ(outcome.arrival, MicroSeconds(105), "when that host is asked");
        const double sent = 100e-6 * LINK_RATE / 8 * 4096 / (4096 + 82);
        NS_TEST_EXPECT_MSG_EQ(outcome.bytes, (uint64_t(sent) >> 20 << 20), "chunks of 100 us");
        // The line was full until then.
        NS_TEST_ASSERT_MSG_EQ(onLine.size(), 3, "looked at three times");
        NS_TEST_EXPECT_MSG_EQ_TOL(onLine[0], 50e-6 * LINK_RATE / 8, 1, "bytes of 50 us");
        NS_TEST_EXPECT_MSG_EQ_TOL(onLine[1], 100e-6 * LINK_RATE / 8, 1, "bytes of 100 us");
        NS_TEST_EXPECT_MSG_EQ(onLine[2], onLine[1], "the same when nothing is in flight");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Messages of one size between the NICs of two hosts, both ways, all posted at once.
 */
class FlowTogetherTestCase : public FlowMessageTestCase
{
  public:
    /// @param withdraws Whether the first that ends wants all others of its host withdrawn.
    explicit FlowTogetherTestCase(bool withdraws)
        : FlowMessageTestCase(withdraws
                                  ? "Of messages that end together none is withdrawn by another"
                                  : "Messages that end together cost no more events than one"),
          m_withdraws(withdraws)
    {
    }

  private:
    /// A message that was posted.
    struct Posted
    {
        uint32_t host; //!< that sends
        MessageId id;  //!< its number
    };

    void DoRun() override
    {
        const auto alone = SendAll(1);
        const auto all = SendAll(GPUS_PER_HOST);
        NS_TEST_EXPECT_MSG_EQ(all, alone, "events");
    }

    /// @param messages How many, each way. @return events of the simulator.
    uint64_t SendAll(uint32_t messages)
    {
        constexpr uint64_t BYTES = 3'000'000;
        uint64_t events = 0;
        m_posted.clear();
        m_arrivals.clear();
        m_endings.clear();
        {
            const auto fabric = HelperFor(Fidelity::Flow, false).Install(PlanOf("ideal-switch", 2));
            m_fabric = &fabric;
            Simulator::Run();
            events = Simulator::GetEventCount();
            for (const uint32_t host : {0, 1})
            {
                fabric.hosts[host].transport->SetArrivalCallback(
                    MakeCallback(&FlowTogetherTestCase::HandleArrival, this));
                for (uint32_t nic = 0; nic < messages; ++nic)
                {
                    Post(host, nic, BYTES);
                }
            }
            Simulator::Run();
            events = Simulator::GetEventCount() - events;
            m_fabric = nullptr;
        }
        Simulator::Destroy();
        NS_TEST_EXPECT_MSG_EQ(m_arrivals.size(), m_posted.size(), "each arrives once");
        NS_TEST_EXPECT_MSG_EQ(m_endings.size(), m_posted.size(), "each ends once");
        for (const auto& [host, id] : m_posted)
        {
            NS_TEST_EXPECT_MSG_EQ(m_arrivals.count(id), 1, "it arrives");
            NS_TEST_EXPECT_MSG_EQ(m_arrivals[id], m_arrivals.begin()->second, "all at one time");
            NS_TEST_EXPECT_MSG_EQ((m_endings[id] == MessageStatus::Delivered), true, "how it ends");
        }
        return events;
    }

    /// @param host That sends. @param nic At both ends. @param bytes How many.
    void Post(uint32_t host, uint32_t nic, uint64_t bytes)
    {
        const auto gpu = m_fabric->plan->host.nics[nic].gpu;
        const uint32_t peer = 1 - host;
        const auto id = m_fabric->hosts[host].transport->Post(
            {{host, gpu},
             {peer, gpu},
             mixnetcore::Bytes(bytes),
             {mixnetcore::RdmaLeg{{host, nic}, {peer, nic}, mixnetcore::NicRole::Electrical}}},
            {},
            MakeCallback(&FlowTogetherTestCase::HandleCompletion, this));
        m_posted.push_back({host, id});
    }

    /// @param host Where something has just happened.
    void ExpectAt(uint32_t host)
    {
        NS_TEST_EXPECT_MSG_EQ(Simulator::GetContext(),
                              m_fabric->hosts[host].node->GetId(),
                              "it happens at its host");
    }

    /// @param message That has arrived.
    void HandleArrival(const Message& message)
    {
        ExpectAt(message.transfer.destination.host);
        const bool isNew = m_arrivals.emplace(message.id, Simulator::Now()).second;
        NS_TEST_EXPECT_MSG_EQ(isNew, true, "it arrives once");
    }

    /// @param completion How a message has ended.
    void HandleCompletion(const MessageCompletion& completion)
    {
        const auto host = completion.message->transfer.source.host;
        ExpectAt(host);
        const bool isNew = m_endings.emplace(completion.message->id, completion.status).second;
        NS_TEST_EXPECT_MSG_EQ(isNew, true, "it ends once");
        if (!m_withdraws || completion.status != MessageStatus::Delivered)
        {
            return;
        }
        for (const auto& [from, id] : m_posted)
        {
            if (from == host && id != completion.message->id)
            {
                const bool wasThere = m_fabric->hosts[host].transport->Withdraw(id);
                NS_TEST_EXPECT_MSG_EQ(wasThere, false, "all of it has left");
            }
        }
    }

    bool m_withdraws;                             //!< whether the first wants to withdraw others
    const Fabric* m_fabric{nullptr};              //!< while it is there
    std::vector<Posted> m_posted;                 //!< host by host
    std::map<MessageId, Time> m_arrivals;         //!< when
    std::map<MessageId, MessageStatus> m_endings; //!< how
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of single messages as flows, against packets and arithmetic.
 */
class FlowTransportTestSuite : public TestSuite
{
  public:
    FlowTransportTestSuite()
        : TestSuite("mixnet-flow-transport", TestSuite::Type::SYSTEM)
    {
        for (const uint64_t bytes : {1ULL, 4096ULL, 4097ULL, 1ULL << 20, 10'000'000ULL})
        {
            AddTestCase(new FlowAloneTestCase(bytes));
        }
        AddTestCase(new FlowBlackoutTestCase);
        for (const bool restored : {true, false})
        {
            AddTestCase(new FlowCutTestCase(true, 0, restored));
            AddTestCase(new FlowCutTestCase(true, 1, restored));
            AddTestCase(new FlowCutTestCase(false, 0, restored));
            AddTestCase(new FlowCutTestCase(false, 1, restored));
        }
        AddTestCase(new FlowWithdrawTestCase);
        AddTestCase(new FlowTogetherTestCase(false));
        AddTestCase(new FlowTogetherTestCase(true));
    }
};

static FlowTransportTestSuite g_flowTransportTestSuite; //!< the suite

} // namespace

} // namespace tests
