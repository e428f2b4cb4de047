/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/mixnet-test-case.h"
#include "flow-fabrics.h"

#include "ns3/roce-header.h"

#include <algorithm>
#include <optional>

namespace tests
{

namespace
{

constexpr uint32_t FRAME_PAYLOAD = 4096;   //!< payload of a frame, bytes
constexpr uint32_t LEAF_NICS = 2;          //!< of a fat-tree of radix 4, as for 16 NICs
constexpr double LINE = LINK_RATE / 8.0;   //!< bytes per second
constexpr double DELAY = DELAY_PS * 1e-12; //!< of a fibre, seconds

/**
 * @ingroup mixnet-tests
 * @brief How a job went.
 */
struct CutOutcome
{
    std::optional<double> seconds; //!< until all has arrived, if it has
    uint64_t unfinished;           //!< flows that did not arrive whole
    uint64_t failed;               //!< messages that ended with an error
};

/**
 * @ingroup mixnet-tests
 * @brief A fibre that is cut, and perhaps spliced.
 */
struct CutPlan
{
    uint32_t link;            //!< of the plan
    double at;                //!< seconds after the start
    std::optional<double> to; //!< when it is whole again
};

/**
 * @param fabricName Kind of fabric. @param hosts Servers. @param fidelity Level.
 * @param ecmp Whether flows keep their port. @param flows What is sent. @param cut What is cut.
 * @return how it went.
 */
CutOutcome
RunWithCut(const std::string& fabricName,
           uint32_t hosts,
           Fidelity fidelity,
           bool ecmp,
           const std::vector<FlowSpec>& flows,
           const CutPlan& cut)
{
    CutOutcome outcome{};
    {
        auto helper = HelperFor(fidelity, ecmp);
        auto fabric = helper.Install(PlanOf(fabricName, hosts));
        fabric.AssignStreams(1);
        FlowJob job(fabric, flows);
        Prepare(fabric, job);
        const auto start = ToPicoseconds(Simulator::Now());
        job.Start();
        Simulator::Schedule(Seconds(cut.at), &Fibre::Cut, fabric.fibres.at(cut.link));
        if (cut.to)
        {
            Simulator::Schedule(Seconds(*cut.to), &Fibre::Restore, fabric.fibres.at(cut.link));
        }
        Simulator::Run();
        outcome.unfinished = job.CountUnfinished();
        outcome.failed = job.GetFailedMessages();
        if (job.IsComplete())
        {
            outcome.seconds = (job.GetEnd() - start).count() * 1e-12;
        }
    }
    Simulator::Destroy();
    return outcome;
}

/// @param plan A fabric. @param host A server. @param nic Its NIC. @return the link of the NIC.
uint32_t
LinkOfNic(const mixnetcore::FabricPlan& plan, uint32_t host, uint32_t nic)
{
    const auto found =
        std::find_if(plan.links.begin(), plan.links.end(), [&](const mixnetcore::LinkPlan& link) {
            return (link.a.node == host && link.a.port == nic) ||
                   (link.b.node == host && link.b.port == nic);
        });
    return found - plan.links.begin();
}

/// @param plan A fabric. @return the first link between two packet switches.
uint32_t
FirstUplink(const mixnetcore::FabricPlan& plan)
{
    const auto isSwitch = [&plan](uint32_t node) {
        return plan.nodes[node].role == mixnetcore::NodeRole::PacketSwitch;
    };
    const auto found =
        std::find_if(plan.links.begin(), plan.links.end(), [&](const mixnetcore::LinkPlan& link) {
            return isSwitch(link.a.node) && isSwitch(link.b.node);
        });
    return found - plan.links.begin();
}

/**
 * @ingroup mixnet-tests
 * @brief A cut takes the last frame of a message, or its acknowledgement, just while it is in the
 * fibre that is cut; as packets and as flows.
 *
 * One message over one switch. Its last bit leaves the sender's fibre one delay and one frame
 * before it leaves the receiver's; the acknowledgement then goes back over both.
 */
class LastFrameCutTestCase : public MixnetTestCase
{
  public:
    /**
     * @param isReceiver Whether the receiver's fibre is cut, or else the sender's.
     * @param offset From the arrival of the message to the cut, seconds.
     * @param arrives Whether the message is to arrive; else it fails.
     */
    LastFrameCutTestCase(bool isReceiver, double offset, bool arrives)
        : MixnetTestCase("A cut of the " + std::string(isReceiver ? "receiver" : "sender") +
                         "'s fibre " + std::to_string(std::lround(offset * 1e9)) +
                         " ns from the end of a message: it " +
                         (arrives ? "arrives, as its sender learns" : "does not arrive and fails")),
          m_isReceiver(isReceiver),
          m_offset(offset),
          m_arrives(arrives)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t FRAMES = 100;
        const uint32_t frame = FRAME_PAYLOAD + wire::ROCE_OVERHEAD;
        const double arrival =
            (FRAMES * frame + wire::RDMA_HEADER + frame) / LINE + 2 * DELAY; // one switch
        const std::vector<FlowSpec> flows{
            {0, GPUS_PER_HOST, mixnetcore::Bytes(FRAMES * FRAME_PAYLOAD)}};
        const auto plan = PlanOf("ideal-switch", 2);
        const CutPlan forGood{LinkOfNic(plan, m_isReceiver ? 1 : 0, 0), arrival + m_offset, {}};
        constexpr double DARK = 50e-6;
        const CutPlan spliced{forGood.link, forGood.at, forGood.at + DARK};
        double seconds[2] = {0, 0};
        for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
        {
            const auto what = ToString(fidelity);
            const auto outcome = RunWithCut("ideal-switch", 2, fidelity, false, flows, forGood);
            NS_TEST_EXPECT_MSG_EQ(outcome.unfinished, (m_arrives ? 0 : 1), "arrives, " << what);
            NS_TEST_EXPECT_MSG_EQ(outcome.failed, (m_arrives ? 0 : 1), "fails, " << what);
            const auto again = RunWithCut("ideal-switch", 2, fidelity, false, flows, spliced);
            NS_TEST_EXPECT_MSG_EQ(again.unfinished, 0, "arrives after the splice, " << what);
            NS_TEST_EXPECT_MSG_EQ(again.failed, 0, "does not fail after the splice, " << what);
            seconds[fidelity == Fidelity::Flow] = again.seconds.value_or(0);
        }
        NS_TEST_EXPECT_MSG_EQ_TOL(seconds[1], seconds[0], 0.02 * seconds[0], "after the splice");
        if (m_arrives)
        {
            constexpr double ROUNDING = 1e-9;
            NS_TEST_EXPECT_MSG_EQ_TOL(seconds[1], arrival, ROUNDING, "bytes / rate + delay");
        }
    }

    bool m_isReceiver; //!< whether the receiver's fibre is cut
    double m_offset;   //!< from the arrival to the cut
    bool m_arrives;    //!< whether it is to arrive
};

/**
 * @ingroup mixnet-tests
 * @brief A message all of which has left is not taken back: it arrives, also if a cut takes its
 * last frame. One that sets out then on other NICs has an end of its own.
 */
class WithdrawnEndTestCase : public MixnetTestCase
{
  public:
    /// @param isCut Whether the receiver's fibre is cut before the last frame is out of it.
    explicit WithdrawnEndTestCase(bool isCut)
        : MixnetTestCase(std::string("The end of a message that is not taken back ") +
                         (isCut ? "is posted again after a cut" : "arrives without a cut")),
          m_isCut(isCut)
    {
    }

  private:
    static constexpr uint64_t FRAMES = 100; //!< of a message

    void DoRun() override
    {
        const uint32_t frame = FRAME_PAYLOAD + wire::ROCE_OVERHEAD;
        const double arrival = (FRAMES * frame + wire::RDMA_HEADER + frame) / LINE + 2 * DELAY;
        const Time other = Seconds(arrival + 0.1e-6); // the acknowledgement is still to come
        MessageLedger ledger;
        {
            auto fabric = HelperFor(Fidelity::Flow, false).Install(PlanOf("ideal-switch", 2));
            Simulator::Run(); // until there is a signal
            fabric.hosts[1].transport->SetArrivalCallback(
                MakeCallback(&MessageLedger::HandleArrival, &ledger));
            const auto& sender = fabric.hosts[0].transport;
            Post(ledger, sender, 0);
            const auto fibre = fabric.fibres.at(LinkOfNic(*fabric.plan, 1, 0));
            if (m_isCut)
            {
                Simulator::Schedule(Seconds(arrival - 0.5e-6), &Fibre::Cut, fibre);
                Simulator::Schedule(Seconds(arrival + 50e-6), &Fibre::Restore, fibre);
            }
            bool isTaken = true;
            Simulator::Schedule(Seconds(arrival - 0.3e-6),
                                [&] { isTaken = sender->Withdraw(ledger.posted[0]); });
            Simulator::Schedule(other, [&] { Post(ledger, sender, 1); });
            const Time begin = Simulator::Now();
            Simulator::Run();
            NS_TEST_EXPECT_MSG_EQ(isTaken, false, "all of it has left");
            NS_TEST_EXPECT_MSG_EQ(ledger.Arrivals(ledger.posted[0]), 1, "it arrives once");
            NS_TEST_EXPECT_MSG_EQ(ledger.Arrivals(ledger.posted[1]), 1, "the other arrives");
            NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 2, "nothing else does");
            const auto expected = (begin + other).GetSeconds() + arrival;
            constexpr double ROUNDING = 1e-9;
            const auto& second = ledger.arrivals[m_isCut ? 0 : 1]; // the cut makes the first late
            NS_TEST_EXPECT_MSG_EQ(second.message.id, ledger.posted[1], "the other");
            NS_TEST_EXPECT_MSG_EQ_TOL(second.at.GetSeconds(),
                                      expected,
                                      ROUNDING,
                                      "the other arrives by itself");
        }
        Simulator::Destroy();
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 2, "each ends once");
        for (const auto& ending : ledger.endings)
        {
            NS_TEST_EXPECT_MSG_EQ((ending.completion.status == MessageStatus::Delivered),
                                  true,
                                  "each ends well");
        }
        NS_TEST_EXPECT_MSG_EQ((ledger.endings[1].at > ledger.arrivals[1].at),
                              true,
                              "not before it has arrived");
    }

    /// @param ledger Of messages. @param sender Transport of the first host. @param nic At both
    /// ends. @brief Sends a message from there.
    static void Post(MessageLedger& ledger, const Ptr<MessageTransport>& sender, uint32_t nic)
    {
        constexpr auto SIDE = mixnetcore::NicRole::Electrical;
        ledger.Post(sender,
                    {{0, nic},
                     {1, nic},
                     mixnetcore::Bytes(FRAMES * FRAME_PAYLOAD),
                     {mixnetcore::RdmaLeg{{0, nic}, {1, nic}, SIDE}}});
    }

    bool m_isCut; //!< whether there is a cut
};

/**
 * @ingroup mixnet-tests
 * @brief Cuts in an all-to-all cost flows what they cost packets: a retransmission timeout where
 * frames are lost and nothing tells, and little where a NACK does or none is lost.
 */
class CutCostTestCase : public MixnetTestCase
{
  public:
    /// What is cut.
    enum class Fibre
    {
        Nic,   //!< of a NIC
        Uplink //!< between a leaf and a spine
    };

    /**
     * @param ecmp Whether flows keep their port, and frames are in order. @param fibre What is cut.
     * @param at When, seconds. @param to Until when, if it is spliced.
     * @param hasTimeout Whether a timeout is to pass.
     * @param tolerance Part of the time by which flows may differ.
     */
    CutCostTestCase(bool ecmp,
                    Fibre fibre,
                    double at,
                    std::optional<double> to,
                    bool hasTimeout,
                    double tolerance)
        : MixnetTestCase(std::string("With ") + (ecmp ? "ECMP" : "spraying") + ", " +
                         (fibre == Fibre::Nic ? "the fibre of a NIC" : "an uplink") + " cut from " +
                         Microseconds(at) + (to ? " to " + Microseconds(*to) : " on") +
                         " costs flows " + (hasTimeout ? "a timeout" : "little") + ", as packets"),
          m_ecmp(ecmp),
          m_fibre(fibre),
          m_at(at),
          m_to(to),
          m_hasTimeout(hasTimeout),
          m_tolerance(tolerance)
    {
    }

  private:
    /// @param seconds A time. @return it in words.
    static std::string Microseconds(double seconds)
    {
        return std::to_string(std::lround(seconds * 1e6)) + " us";
    }

    void DoRun() override
    {
        constexpr uint32_t HOSTS = 4;
        constexpr uint64_t BYTES = 40'000'000; // long enough for queues after a cut to be small
        // GPUs that share no host, and not all leaves: the fat-tree has radix 4.
        std::vector<FlowSpec> flows;
        for (uint32_t from = 0; from < HOSTS; ++from)
        {
            for (uint32_t to = 0; to < HOSTS; ++to)
            {
                for (uint32_t nic = 0; nic < LEAF_NICS && from != to; ++nic)
                {
                    flows.push_back({from * GPUS_PER_HOST + nic,
                                     to * GPUS_PER_HOST + nic,
                                     mixnetcore::Bytes(BYTES)});
                }
            }
        }
        const auto plan = PlanOf("fat-tree", HOSTS);
        const CutPlan cut{m_fibre == Fibre::Nic ? LinkOfNic(plan, 1, 0) : FirstUplink(plan),
                          m_at,
                          m_to};
        const auto packet = RunWithCut("fat-tree", HOSTS, Fidelity::Packet, m_ecmp, flows, cut);
        const auto flow = RunWithCut("fat-tree", HOSTS, Fidelity::Flow, m_ecmp, flows, cut);
        NS_TEST_EXPECT_MSG_EQ(packet.unfinished, 0, "packets arrive");
        NS_TEST_EXPECT_MSG_EQ(flow.unfinished, 0, "flows arrive");
        NS_TEST_EXPECT_MSG_EQ(flow.failed, packet.failed, "messages that fail");
        const double expected = packet.seconds.value_or(0);
        NS_TEST_EXPECT_MSG_EQ_TOL(flow.seconds.value_or(0),
                                  expected,
                                  m_tolerance * expected,
                                  "flows take the time of packets");
        constexpr double TIMEOUT = 4.19e-3; // the least that FabricHelper suggests
        NS_TEST_EXPECT_MSG_EQ((expected > TIMEOUT), m_hasTimeout, "packets wait for a timer");
    }

    bool m_ecmp;                //!< whether flows keep their port
    Fibre m_fibre;              //!< what is cut
    double m_at;                //!< when
    std::optional<double> m_to; //!< until when
    bool m_hasTimeout;          //!< whether a timeout passes
    double m_tolerance;         //!< part of the time
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of cuts under messages that are flows, against packets.
 */
class FlowTransportCutsTestSuite : public TestSuite
{
  public:
    FlowTransportCutsTestSuite()
        : TestSuite("mixnet-flow-transport-cuts", TestSuite::Type::SYSTEM)
    {
        // Of the sender's fibre, the last bit is out one delay and one frame before the end.
        AddTestCase(new LastFrameCutTestCase(false, -1.5e-6, false));
        AddTestCase(new LastFrameCutTestCase(false, -0.5e-6, true));
        AddTestCase(new LastFrameCutTestCase(false, 1.5e-6, true));
        AddTestCase(new LastFrameCutTestCase(false, 2.5e-6, true));
        AddTestCase(new LastFrameCutTestCase(true, -0.5e-6, false));
        AddTestCase(new LastFrameCutTestCase(true, 0.5e-6, true));
        AddTestCase(new LastFrameCutTestCase(true, 1.5e-6, true));

        AddTestCase(new WithdrawnEndTestCase(false));
        AddTestCase(new WithdrawnEndTestCase(true));

        using Fibre = CutCostTestCase::Fibre;
        AddTestCase(new CutCostTestCase(false, Fibre::Uplink, 0, 100e-6, false, 0.02));
        AddTestCase(new CutCostTestCase(false, Fibre::Uplink, 500e-6, 505e-6, true, 0.02));
        AddTestCase(new CutCostTestCase(false, Fibre::Uplink, 500e-6, {}, true, 0.02));
        AddTestCase(new CutCostTestCase(true, Fibre::Uplink, 500e-6, 505e-6, false, 0.05));
        AddTestCase(new CutCostTestCase(true, Fibre::Uplink, 500e-6, 1e-3, false, 0.05));
        AddTestCase(new CutCostTestCase(false, Fibre::Nic, 500e-6, 600e-6, true, 0.02));
        AddTestCase(new CutCostTestCase(true, Fibre::Nic, 500e-6, 502e-6, false, 0.02));
        AddTestCase(new CutCostTestCase(true, Fibre::Nic, 500e-6, 600e-6, true, 0.02));
    }
};

static FlowTransportCutsTestSuite g_flowTransportCutsTestSuite; //!< registers the suite

} // namespace

} // namespace tests
