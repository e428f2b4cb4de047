/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/test-network.h"
#include "flow-fabrics.h"

#include "ns3/collective-engine.h"

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::mixnet;
using mixnetcore::Bytes;
using mixnetcore::NicRole;
using mixnetcore::NvswitchLeg;
using mixnetcore::RdmaLeg;

namespace tests
{

namespace
{

const Time CONTROL_LATENCY = MicroSeconds(5);           //!< default of the attribute
constexpr uint64_t RELAYED_BYTES = 20'000'000;          //!< of a message: 0.4 ms on a line
constexpr uint64_t RELAY_CHUNK = 1 << 20;               //!< default of ChunkSize
const mixnetcore::MessageKey SOME_COLLECTIVE{{}, 3, 1}; //!< what it belongs to

/// @return from GPU 0 of host 0 to GPU 1 of host 2, by way of host 1: in at its NIC 0, out at
/// NIC 1.
mixnetcore::Transfer
RelayedTransfer()
{
    return {{0, 0},
            {2, 1},
            Bytes(RELAYED_BYTES),
            {RdmaLeg{{0, 0}, {1, 0}, NicRole::Electrical},
             NvswitchLeg{1, 0, 1},
             RdmaLeg{{1, 1}, {2, 1}, NicRole::Electrical}}};
}

/**
 * @ingroup mixnet-tests
 * @brief Hosts on one ideal switch, at one level of fidelity.
 */
class RelayTestCase : public MixnetTestCase
{
  protected:
    /// @param fidelity Level. @param name What it shows.
    RelayTestCase(Fidelity fidelity, const std::string& name)
        : MixnetTestCase(std::string(fidelity == Fidelity::Packet ? "Packets: " : "Flows: ") +
                         name),
          m_fidelity(fidelity)
    {
    }

    /// @param hosts How many. @brief Lays them out, and waits for signal.
    void Install(uint32_t hosts)
    {
        m_fabric = HelperFor(m_fidelity, false).Install(PlanOf("ideal-switch", hosts));
        Simulator::Run();
    }

    /// @param host A host. @param nic A NIC of it. @param in When its fibre is cut for good.
    void CutIn(uint32_t host, uint32_t nic, const Time& in)
    {
        const auto fibre = DynamicCast<Fibre>(m_fabric.hosts[host].nics[nic]->GetChannel());
        Simulator::Schedule(in, &Fibre::Cut, fibre);
    }

    /// @brief Nothing is left of a run.
    void DoTeardown() override
    {
        m_fabric = {};
        Simulator::Destroy();
    }

    Fidelity m_fidelity; //!< level
    Fabric m_fabric;     //!< the hosts
};

/**
 * @ingroup mixnet-tests
 * @brief A relayed message ends Delivered when its last host has said that it is there.
 */
class RelayDeliveryTestCase : public RelayTestCase
{
  public:
    /// @param fidelity Level.
    explicit RelayDeliveryTestCase(Fidelity fidelity)
        : RelayTestCase(fidelity,
                        "a relayed message is delivered one control message after it has arrived")
    {
    }

  private:
    void DoRun() override
    {
        Install(3);
        MessageLedger ledger;
        m_fabric.hosts[2].transport->SetArrivalCallback(
            MakeCallback(&MessageLedger::HandleArrival, &ledger));
        ledger.Post(m_fabric.hosts[0].transport, RelayedTransfer());
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 1, "arrives once");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 1, "ends once");
        const auto& ending = ledger.endings.front();
        NS_TEST_EXPECT_MSG_EQ((ending.completion.status == MessageStatus::Delivered), true, "well");
        NS_TEST_EXPECT_MSG_EQ(ending.completion.bytesDelivered, RELAYED_BYTES, "all bytes");
        NS_TEST_EXPECT_MSG_EQ(ending.at, ledger.arrivals.front().at + CONTROL_LATENCY, "when");
        NS_TEST_EXPECT_MSG_EQ(m_fabric.CountOutgoing(), 0, "nothing is left");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A leg that fails in a relay ends the message at its sender, with what has arrived.
 */
class RelayCutTestCase : public RelayTestCase
{
  public:
    /// @param fidelity Level. @param nic NIC of the relay that is cut: 0 where bytes come in, or 1.
    RelayCutTestCase(Fidelity fidelity, uint32_t nic)
        : RelayTestCase(fidelity,
                        std::string("a relay's NIC is cut where bytes ") +
                            (nic == 0 ? "come in" : "go out") +
                            ": the sender learns what has arrived"),
          m_nic(nic)
    {
    }

  private:
    void DoRun() override
    {
        Install(3);
        MessageLedger ledger;
        m_fabric.hosts[2].transport->SetArrivalCallback(
            MakeCallback(&MessageLedger::HandleArrival, &ledger));
        const Time begin = Simulator::Now();
        const Time cut = MicroSeconds(250);
        CutIn(1, m_nic, cut);
        ledger.Post(m_fabric.hosts[0].transport, RelayedTransfer());
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 1, "ends once");
        const auto& [completion, at] = ledger.endings.front();
        const auto delivered = completion.bytesDelivered;
        NS_TEST_EXPECT_MSG_EQ((completion.status == MessageStatus::Failed), true, "status");
        const auto route = RelayedTransfer().route;
        const auto& leg = std::get<RdmaLeg>(route[m_nic == 0 ? 0 : 2]);
        NS_TEST_EXPECT_MSG_EQ((completion.failedLeg && *completion.failedLeg == leg), true, "why");
        // One account at both ends: what has arrived is what was delivered.
        uint64_t arrived = 0;
        for (const auto& arrival : ledger.arrivals)
        {
            arrived += arrival.message.transfer.bytes.Count();
            NS_TEST_EXPECT_MSG_EQ(arrival.at, at - CONTROL_LATENCY, "as its host is asked");
        }
        NS_TEST_EXPECT_MSG_EQ(arrived, delivered, "arrived");
        NS_TEST_EXPECT_MSG_EQ(delivered % RELAY_CHUNK, 0, "whole chunks");
        // 250 us of 50 MB/ms less headers are 12.2 MB; a relay holds two chunks, and one is torn.
        const double most = cut.GetSeconds() * LINK_RATE / 8 * 4096 / (4096 + 82);
        NS_TEST_EXPECT_MSG_LT_OR_EQ(delivered, most, "no more than the line takes");
        NS_TEST_EXPECT_MSG_GT(delivered + 4.0 * RELAY_CHUNK, most, "and not much less");
        NS_TEST_EXPECT_MSG_GT(at,
                              begin + cut + MilliSeconds(1),
                              "after LinkDownTimeout or retries");
        NS_TEST_EXPECT_MSG_EQ(m_fabric.CountOutgoing(), 0, "nothing is left");
    }

    uint32_t m_nic; //!< NIC of the relay that is cut
};

/**
 * @ingroup mixnet-tests
 * @brief The collective layer posts again, on another route, what a relay did not carry.
 */
class RelayRecoveryTestCase : public RelayTestCase
{
  public:
    /// @param fidelity Level. @param hasOther Whether there is another route.
    RelayRecoveryTestCase(Fidelity fidelity, bool hasOther)
        : RelayTestCase(fidelity,
                        hasOther ? "what a cut relay did not carry arrives once, on another route"
                                 : "without another route the phase ends in one line"),
          m_hasOther(hasOther)
    {
    }

  private:
    void DoRun() override
    {
        Install(3);
        const auto router = std::make_shared<const mixnetcore::ElectricalRecoveryRouter>(
            m_fabric.plan,
            m_fabric.routing->GetForwarding());
        for (const auto& host : m_fabric.hosts)
        {
            m_engines.push_back(CreateObject<CollectiveEngine>());
            m_engines.back()->SetTransport(host.transport);
            m_engines.back()->SetRecovery(router);
            host.transport->TraceConnectWithoutContext(
                "Post",
                MakeCallback(&RelayRecoveryTestCase::HandlePost, this));
            host.transport->TraceConnectWithoutContext(
                "Arrival",
                MakeCallback(&RelayRecoveryTestCase::HandleArrival, this));
        }
        m_engines[0]->TraceConnectWithoutContext(
            "MessageFailed",
            MakeCallback(&RelayRecoveryTestCase::HandleFailure, this));
        CutIn(1, 1, MicroSeconds(250));
        for (uint32_t nic = 0; nic < GPUS_PER_HOST && !m_hasOther; ++nic)
        {
            CutIn(2, nic, MicroSeconds(250));
        }
        m_engines[0]->Send(SOME_COLLECTIVE,
                           {RelayedTransfer()},
                           MakeCallback(&RelayRecoveryTestCase::HandleThrough, this));
        m_engines[2]->Expect(SOME_COLLECTIVE,
                             1,
                             Bytes(RELAYED_BYTES),
                             MakeCallback(&RelayRecoveryTestCase::HandleReady, this));
        std::string error;
        try
        {
            Simulator::Run();
        }
        catch (const std::runtime_error& thrown)
        {
            error = thrown.what();
        }
        NS_TEST_EXPECT_MSG_EQ(m_posted, m_arrived + m_lost, "posted = arrived + failed");
        m_hasOther ? CheckArrival(error) : CheckError(error);
        m_engines.clear();
    }

    /// @param error What was said.
    void CheckArrival(const std::string& error)
    {
        NS_TEST_EXPECT_MSG_EQ(error, "", "no error");
        NS_TEST_EXPECT_MSG_EQ(m_ready, 1, "ready once");
        NS_TEST_EXPECT_MSG_EQ(m_through, 1, "through once");
        NS_TEST_EXPECT_MSG_EQ(m_arrived, RELAYED_BYTES, "every byte once");
        NS_TEST_EXPECT_MSG_EQ(m_engines[0]->GetFailedMessages(), 1, "one failed");
        NS_TEST_EXPECT_MSG_EQ(m_engines[0]->GetReroutedMessages(), 1, "one was posted again");
        // GPU 0 is its own delegate; NIC 0 of host 2 is at no failed leg, and its NIC 1 is.
        NS_TEST_ASSERT_MSG_EQ(m_routes.size(), 2, "posted twice");
        const auto& leg = std::get<RdmaLeg>(m_routes[1].front());
        NS_TEST_EXPECT_MSG_EQ((leg == RdmaLeg{{0, 0}, {2, 0}, NicRole::Electrical}),
                              true,
                              "straight to another NIC");
    }

    /// @param error What was said.
    void CheckError(const std::string& error)
    {
        NS_TEST_EXPECT_MSG_EQ(m_ready, 0, "not ready");
        for (const auto* const words : {"in attention, forward, of iteration 0",
                                        "from GPU 0 of host 0 to GPU 1 of host 2 did not arrive",
                                        "does not reach NIC",
                                        "no other route"})
        {
            NS_TEST_EXPECT_MSG_NE(error.find(words), std::string::npos, "said '" << error << "'");
        }
        NS_TEST_EXPECT_MSG_EQ(error.find('\n'), std::string::npos, "one line");
        // Each of the NICs of host 0 to each of those of host 2 once, and the relay.
        NS_TEST_EXPECT_MSG_LT_OR_EQ(m_engines[0]->GetFailedMessages(),
                                    GPUS_PER_HOST * GPUS_PER_HOST + 1,
                                    "attempts");
    }

    // Sinks.

    /// @param message A message that is posted.
    void HandlePost(const Message& message)
    {
        m_posted += message.transfer.bytes.Count();
        m_routes.push_back(message.transfer.route);
    }

    /// @param message A message that is at its GPU, or what there is of it.
    void HandleArrival(const Message& message)
    {
        m_arrived += message.transfer.bytes.Count();
    }

    /// @param completion End of a message that failed.
    void HandleFailure(const MessageCompletion& completion)
    {
        m_lost += completion.message->transfer.bytes.Count() - completion.bytesDelivered;
    }

    /// @brief All bytes are at their GPU.
    void HandleReady(const mixnetcore::MessageKey& /* key */, uint32_t /* gpu */)
    {
        ++m_ready;
    }

    /// @brief Nothing is in flight any more.
    void HandleThrough(const mixnetcore::MessageKey& /* key */, uint64_t /* tag */)
    {
        ++m_through;
    }

    bool m_hasOther;                              //!< whether there is another route
    std::vector<Ptr<CollectiveEngine>> m_engines; //!< by host
    std::vector<mixnetcore::Route> m_routes;      //!< of messages, as they were posted
    uint64_t m_posted{0};                         //!< bytes
    uint64_t m_arrived{0};                        //!< bytes
    uint64_t m_lost{0};                           //!< bytes of messages that failed
    uint32_t m_ready{0};                          //!< calls
    uint32_t m_through{0};                        //!< calls
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-relay-failures.
 */
class RelayFailuresTestSuite : public TestSuite
{
  public:
    RelayFailuresTestSuite()
        : TestSuite("mixnet-relay-failures", TestSuite::Type::SYSTEM)
    {
        for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
        {
            AddTestCase(new RelayDeliveryTestCase(fidelity));
            AddTestCase(new RelayCutTestCase(fidelity, 0));
            AddTestCase(new RelayCutTestCase(fidelity, 1));
            AddTestCase(new RelayRecoveryTestCase(fidelity, true));
            AddTestCase(new RelayRecoveryTestCase(fidelity, false));
        }
    }
};

RelayFailuresTestSuite g_relayFailuresTestSuite; //!< registers the suite

} // namespace

} // namespace tests
