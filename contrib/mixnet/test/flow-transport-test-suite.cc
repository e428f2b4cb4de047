/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "measured-load.h"
#include "mixnet-test-case.h"
#include "test-network.h"

#include "ns3/circuit-allocator.h"
#include "ns3/fabric-helper.h"
#include "ns3/fabric-options.h"
#include "ns3/fat-tree-planner.h"
#include "ns3/flow-job.h"
#include "ns3/ideal-switch-planner.h"
#include "ns3/mixnet-planner.h"
#include "ns3/port-mapper.h"
#include "ns3/rail-planner.h"
#include "ns3/region-router.h"

#include <random>

namespace tests
{

namespace
{

using mixnetcore::FlowSpec;
using mixnetcore::Picoseconds;

constexpr uint32_t GPUS_PER_HOST = 4;
constexpr uint32_t OPTICAL_DEGREE = 2; //!< of mixnet; the other NICs are electrical
constexpr uint64_t LINK_RATE = 400'000'000'000;
constexpr uint64_t DELAY_PS = 1'000'000; //!< of a fibre

/// @param name Kind of fabric, as in the option --fabric. @param hosts Servers. @return it.
mixnetcore::FabricPlan
PlanOf(const std::string& name, uint32_t hosts)
{
    mixnetcore::HostSpec host;
    host.gpus = GPUS_PER_HOST;
    host.opticalDegree = name == "mixnet" ? OPTICAL_DEGREE : 0;
    host.electricalNics = GPUS_PER_HOST - host.opticalDegree;
    host.linkRate = mixnetcore::BitsPerSecond(LINK_RATE);
    const Picoseconds delay(DELAY_PS);
    if (name == "mixnet")
    {
        return mixnetcore::PlanMixnet({hosts, host, delay, 0, {3, 0, 1}});
    }
    if (name == "ideal-switch")
    {
        return mixnetcore::PlanIdealSwitch({hosts, host, delay});
    }
    if (name == "rail-optimized")
    {
        return mixnetcore::PlanRailOptimized({hosts, host, 0, delay});
    }
    if (name == "rail-only")
    {
        return mixnetcore::PlanRailOnly({hosts, host, 0, delay});
    }
    return mixnetcore::PlanFatTree(
        {hosts, host, {3, 0, name == "oversub-fat-tree" ? 3U : 1U}, delay});
}

/**
 * @param fabric A fabric. @param job Its job; gets its router.
 * @brief Sets circuits for the job where there are any, and waits for light.
 */
void
Prepare(const Fabric& fabric, FlowJob& job)
{
    if (fabric.opticalSwitches.empty())
    {
        job.SetRouter(MakeElectricalRouter(*fabric.plan));
    }
    else
    {
        const auto& region = fabric.plan->regions.front();
        const std::vector<uint32_t> ports(region.hosts.size(), OPTICAL_DEGREE);
        const auto allocation =
            mixnetcore::MakeCircuitAllocator("greedy")->Allocate(job.HostDemand(), ports);
        const auto circuits =
            mixnetcore::PortMapper(region.attachments, mixnetcore::NumaRule::Spread)
                .Map(allocation, {});
        fabric.opticalSwitches.front()->Reconfigure(circuits);
        job.SetRouter(std::make_shared<const mixnetcore::RegionRouter>(*fabric.plan, 0, circuits));
    }
    Simulator::Run();
}

/// @param fidelity How messages are carried. @param ecmp Whether flows keep their port.
/// @return makes such fabrics; ends of flows are exact, light is patient for a millisecond.
FabricHelper
HelperFor(Fidelity fidelity, bool ecmp)
{
    FabricHelper helper;
    helper.SetFidelity(fidelity);
    helper.SetFlowAttribute("EndTolerance", DoubleValue(0));
    helper.SetSpraying(!ecmp);
    helper.SetPacketSwitchAttribute(
        "PortSelector",
        StringValue(ecmp ? "ns3::mixnet::EcmpSelector" : "ns3::mixnet::SpraySelector"));
    helper.SetNicAttribute("LinkDownTimeout", TimeValue(MilliSeconds(1)));
    helper.SetOcsAttribute("ReconfigurationTime",
                           StringValue("ns3::ConstantRandomVariable[Constant=0.0001]"));
    return helper;
}

/// Something that happens while a job goes on.
using Disturbance = std::function<void(const Fabric&)>;

/**
 * @ingroup mixnet-tests
 * @brief An all-to-all, packet by packet and as a fluid.
 */
class FlowJobTestCase : public MixnetTestCase
{
  protected:
    /**
     * @param fabric Kind of fabric. @param ecmp Whether flows keep their port.
     * @param name What is promised.
     */
    FlowJobTestCase(const std::string& fabric, bool ecmp, const std::string& name)
        : MixnetTestCase("On " + fabric + (ecmp ? " with ECMP" : "") + ", " + name),
          m_fabric(fabric),
          m_ecmp(ecmp)
    {
    }

    /// @param bytesPerToken Bytes of a token and GPU.
    /// @return the measured matrix, host by host, each GPU with a part of it.
    static std::vector<FlowSpec> Measured(uint64_t bytesPerToken)
    {
        const auto tokens = MeasuredTokens();
        std::vector<FlowSpec> flows;
        for (uint32_t from = 0; from < tokens.Rows(); ++from)
        {
            for (uint32_t to = 0; to < tokens.Columns(); ++to)
            {
                const auto bytes = tokens.At(from, to).Count() * bytesPerToken;
                for (uint32_t gpu = 0; gpu < GPUS_PER_HOST && from != to; ++gpu)
                {
                    flows.push_back({from * GPUS_PER_HOST + gpu,
                                     to * GPUS_PER_HOST + gpu,
                                     mixnetcore::Bytes(bytes)});
                }
            }
        }
        return flows;
    }

    /// @param seed Of the matrix. @param most Bytes of a flow.
    /// @return flows between all GPUs of four hosts.
    static std::vector<FlowSpec> Random(uint32_t seed, uint64_t most)
    {
        constexpr uint32_t GPUS = 4 * GPUS_PER_HOST;
        std::mt19937 random(seed);
        std::vector<FlowSpec> flows;
        for (uint32_t from = 0; from < GPUS; ++from)
        {
            for (uint32_t to = 0; to < GPUS; ++to)
            {
                const uint64_t bytes = 1 + random() % most;
                if (from != to)
                {
                    flows.push_back({from, to, mixnetcore::Bytes(bytes)});
                }
            }
        }
        return flows;
    }

    /**
     * @param hosts Servers. @param flows What. @param tolerance Part of the time by which flows may
     * differ. @param what For messages. @param disturb Called when the flows start.
     * @return seconds that packets take.
     */
    double Compare(uint32_t hosts,
                   const std::vector<FlowSpec>& flows,
                   double tolerance,
                   const std::string& what,
                   const Disturbance& disturb = {})
    {
        const double packet = Duration(Fidelity::Packet, hosts, flows, disturb);
        const double flow = Duration(Fidelity::Flow, hosts, flows, disturb);
        NS_TEST_EXPECT_MSG_EQ_TOL(flow, packet, tolerance * packet, what);
        return packet;
    }

    /**
     * @param fidelity Level. @param hosts Servers. @param flows What.
     * @param disturb Called when the flows start, if anything.
     * @return seconds it takes.
     */
    double Duration(Fidelity fidelity,
                    uint32_t hosts,
                    const std::vector<FlowSpec>& flows,
                    const Disturbance& disturb)
    {
        double seconds = 0;
        {
            auto helper = HelperFor(fidelity, m_ecmp);
            // Room for a window of every queue pair, so that no port is paused: what a pause costs
            // those behind it is not in a fluid.
            helper.SetPacketSwitchAttribute("BufferSize", UintegerValue(1'000'000'000));
            auto fabric = helper.Install(PlanOf(m_fabric, hosts));
            fabric.AssignStreams(1);
            FlowJob job(fabric, flows);
            Prepare(fabric, job);
            const auto start = ToPicoseconds(Simulator::Now());
            job.Start();
            if (disturb)
            {
                disturb(fabric);
            }
            Simulator::Run();
            NS_TEST_EXPECT_MSG_EQ(job.IsComplete(), true, "all bytes are at their GPU");
            NS_TEST_EXPECT_MSG_EQ(job.GetFailedMessages(), 0, "no message fails");
            NS_TEST_EXPECT_MSG_EQ(fabric.GetHopCounters().pausesSent.frames, 0, "no pauses");
            seconds = (job.GetEnd() - start).count() * 1e-12;
        }
        Simulator::Destroy();
        return seconds;
    }

  private:
    std::string m_fabric; //!< kind of fabric
    bool m_ecmp;          //!< whether flows keep their port
};

/**
 * @ingroup mixnet-tests
 * @brief All-to-alls of long messages take as long as a fluid as they do packet by packet.
 *
 * Messages have several MB on average: while those fit into a window of their queue pair, senders
 * do not hear of a full port before they have sent everything, and queues form that a fluid does
 * not have.
 */
class FlowAccuracyTestCase : public FlowJobTestCase
{
  public:
    /**
     * @param fabric Kind of fabric. @param ecmp Whether flows keep their port.
     * @param matrices Matrices drawn at random, after the measured one.
     * @param tolerance Part of the time by which it may differ.
     */
    FlowAccuracyTestCase(const std::string& fabric, bool ecmp, uint32_t matrices, double tolerance)
        : FlowJobTestCase(fabric,
                          ecmp,
                          "the measured and " + std::to_string(matrices) +
                              " random all-to-alls as flows take the time of packets within " +
                              std::to_string(static_cast<int>(std::round(100 * tolerance))) + " %"),
          m_matrices(matrices),
          m_tolerance(tolerance)
    {
    }

  private:
    void DoRun() override
    {
        Compare(8, Measured(1024), m_tolerance, "measured");
        for (uint32_t seed = 1; seed <= m_matrices; ++seed)
        {
            Compare(4, Random(seed, 8'000'000), m_tolerance, "seed " + std::to_string(seed));
        }
    }

    uint32_t m_matrices; //!< drawn at random
    double m_tolerance;  //!< part of the time
};

/**
 * @ingroup mixnet-tests
 * @brief What happens to the light in the middle of an all-to-all costs flows what it costs
 * packets.
 */
class FlowDisturbanceTestCase : public FlowJobTestCase
{
  public:
    /// What happens.
    enum class Kind
    {
        Blackout, //!< all circuits go dark and come back
        NicCut,   //!< the fibre of a NIC is cut and spliced
    };

    /// @param fabric Kind of fabric. @param kind What happens. @param name The same in words.
    FlowDisturbanceTestCase(const std::string& fabric, Kind kind, const std::string& name)
        : FlowJobTestCase(fabric,
                          false,
                          name + " in the middle of an all-to-all costs flows what it costs "
                                 "packets, within 2 %"),
          m_kind(kind)
    {
    }

  private:
    static constexpr uint64_t MIDDLE_US = 400; //!< when it happens
    static constexpr uint64_t DARK_US = 300;   //!< how long it lasts

    void DoRun() override
    {
        const auto flows = Random(1, 8'000'000);
        const auto disturb = [this](const Fabric& fabric) { Disturb(fabric); };
        const double disturbed = Compare(4, flows, TOLERANCE, "disturbed", disturb);
        const double undisturbed = Compare(4, flows, TOLERANCE, "undisturbed");
        NS_TEST_EXPECT_MSG_GT(undisturbed, 2 * MIDDLE_US * 1e-6, "it is in the middle");
        NS_TEST_EXPECT_MSG_GT(disturbed, undisturbed, "it costs something");
    }

    /// @param fabric Where something happens.
    void Disturb(const Fabric& fabric) const
    {
        if (m_kind == Kind::Blackout)
        {
            const auto ocs = fabric.opticalSwitches.front();
            Simulator::Schedule(MicroSeconds(MIDDLE_US), [ocs] {
                const auto circuits = ocs->GetConfiguration();
                ocs->Reconfigure({});
                ocs->Reconfigure(circuits);
            });
            return;
        }
        const auto fibre = DynamicCast<Fibre>(fabric.hosts[0].nics[0]->GetChannel());
        Simulator::Schedule(MicroSeconds(MIDDLE_US), &Fibre::Cut, fibre);
        Simulator::Schedule(MicroSeconds(MIDDLE_US + DARK_US), &Fibre::Restore, fibre);
    }

    static constexpr double TOLERANCE = 0.02; //!< part of the time

    Kind m_kind; //!< what happens
};

/**
 * @ingroup mixnet-tests
 * @brief An uplink that is cut for good takes its part of the leaf's rate from those that send over
 * it.
 *
 * Queue pairs lose what is on the fibre: each sends on to the end of its window, and waits for its
 * timer. The rest goes over the other uplink.
 */
class FlowUplinkCutTestCase : public FlowJobTestCase
{
  public:
    FlowUplinkCutTestCase()
        : FlowJobTestCase(
              "fat-tree",
              false,
              "flows over a leaf with a cut uplink wait for timers and share the other, "
              "as packets do")
    {
    }

  private:
    void DoRun() override
    {
        // 16 NICs make a fat-tree of radix 4: the first leaf has two, and two uplinks. Others of
        // their host are reached by NVSwitch.
        constexpr uint32_t LEAF_NICS = 2;
        constexpr uint64_t CUT_US = 400;
        auto flows = Random(1, 8'000'000);
        const auto isOther = [](const FlowSpec& flow) {
            return flow.source >= LEAF_NICS || flow.destination < GPUS_PER_HOST;
        };
        flows.erase(std::remove_if(flows.begin(), flows.end(), isOther), flows.end());
        double timeout = 0;
        double window = 0;
        const auto disturb = [&](const Fabric& fabric) {
            const auto& nic = *fabric.hosts[0].nics[0];
            timeout = nic.GetRetransmissionTimeout().GetSeconds();
            window = nic.GetWindow();
            const auto& links = fabric.plan->links;
            const auto uplink = std::find_if(links.begin(), links.end(), [&](const auto& link) {
                return fabric.plan->nodes[link.a.node].role == mixnetcore::NodeRole::PacketSwitch;
            });
            Simulator::Schedule(MicroSeconds(CUT_US),
                                &Fibre::Cut,
                                fabric.fibres[uplink - links.begin()]);
        };
        const double flow = Duration(Fidelity::Flow, 4, flows, disturb);
        const double packet = Duration(Fidelity::Packet, 4, flows, disturb);
        double bytes = 0;
        for (const auto& one : flows)
        {
            bytes += one.bytes.Count();
        }
        const double rate = LINK_RATE / 8.0 * 4096 / (4096 + 82);
        const double before = CUT_US * 1e-6;
        const double atTheCut = bytes - LEAF_NICS * rate * before;
        const double least = before + timeout + (atTheCut - flows.size() * window) / rate;
        const double most = before + timeout + atTheCut / rate;
        NS_TEST_EXPECT_MSG_GT(flow, least, "no more than a window got through");
        NS_TEST_EXPECT_MSG_LT(flow, most, "one uplink for what was left");
        NS_TEST_EXPECT_MSG_EQ_TOL(flow, packet, 0.03 * packet, "as packets");
    }
};

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

    /// Something that happens to a fabric after its light is there, and before the message.
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
        NS_TEST_EXPECT_MSG_GT(packet.bytes, 0, "it was under way");
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
 * @brief A message taken back ends once, then and there.
 */
class FlowWithdrawTestCase : public FlowMessageTestCase
{
  public:
    FlowWithdrawTestCase()
        : FlowMessageTestCase("A message that is withdrawn ends once, and does not arrive")
    {
    }

  private:
    void DoRun() override
    {
        std::vector<bool> answers;
        const auto outcome =
            Send(Fidelity::Flow, false, 20'000'000, [&](const Fabric& fabric, MessageId id) {
                const auto transport = fabric.hosts[0].transport;
                Simulator::Schedule(MicroSeconds(100), [transport, id, &answers] {
                    answers.push_back(transport->Withdraw(id));
                    answers.push_back(transport->Withdraw(id));
                });
            });
        NS_TEST_EXPECT_MSG_EQ((answers == std::vector<bool>{true, false}), true, "once");
        NS_TEST_EXPECT_MSG_EQ(outcome.arrivals, 0, "it does not arrive");
        NS_TEST_EXPECT_MSG_EQ(outcome.endings, 1, "it ends once");
        NS_TEST_EXPECT_MSG_EQ((outcome.status == MessageStatus::Withdrawn), true, "withdrawn");
        NS_TEST_EXPECT_MSG_EQ(outcome.ending, MicroSeconds(100), "at once");
        const double sent = 100e-6 * LINK_RATE / 8 * 4096 / (4096 + 82);
        NS_TEST_EXPECT_MSG_EQ_TOL(double(outcome.bytes), sent, 0.001 * sent, "bytes of 100 us");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of flow fidelity, against packets and arithmetic.
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
        for (const auto* fabric : {"mixnet",
                                   "fat-tree",
                                   "oversub-fat-tree",
                                   "rail-optimized",
                                   "rail-only",
                                   "ideal-switch"})
        {
            AddTestCase(new FlowAccuracyTestCase(fabric, false, 2, 0.02));
        }
        AddTestCase(new FlowAccuracyTestCase("fat-tree", true, 2, 0.05));
        using Kind = FlowDisturbanceTestCase::Kind;
        AddTestCase(new FlowDisturbanceTestCase("mixnet", Kind::Blackout, "a blackout"));
        for (const auto* fabric : {"mixnet", "fat-tree", "rail-only", "ideal-switch"})
        {
            AddTestCase(new FlowDisturbanceTestCase(fabric, Kind::NicCut, "a cut at a NIC"));
        }
        AddTestCase(new FlowUplinkCutTestCase);
    }
};

static FlowTransportTestSuite g_flowTransportTestSuite; //!< the suite

} // namespace

} // namespace tests
