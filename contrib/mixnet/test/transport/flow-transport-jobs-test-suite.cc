/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/measured-load.h"
#include "../testbed/mixnet-test-case.h"
#include "flow-fabrics.h"

#include <algorithm>
#include <functional>
#include <random>

namespace tests
{

namespace
{

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

    /// @brief Has switches keep the buffer they have, and flows wait in queues.
    void UsePauses()
    {
        m_hasPauses = true;
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
            if (m_hasPauses)
            {
                helper.SetFlowQueues(true);
            }
            else
            {
                // Room for a window of every queue pair, so that no port is paused: what a pause
                // costs those behind it is not in max-min fair rates.
                helper.SetPacketSwitchAttribute("BufferSize", UintegerValue(1'000'000'000));
            }
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
            const bool isPaused = fabric.GetHopCounters().pausesSent.frames > 0;
            NS_TEST_EXPECT_MSG_EQ(isPaused,
                                  (m_hasPauses && fidelity == Fidelity::Packet),
                                  "pauses");
            seconds = (job.GetEnd() - start).count() * 1e-12;
        }
        Simulator::Destroy();
        return seconds;
    }

  private:
    std::string m_fabric; //!< kind of fabric
    bool m_ecmp;          //!< whether flows keep their port

    bool m_hasPauses{false}; //!< whether flows wait in queues
};

/**
 * @ingroup mixnet-tests
 * @brief Where buffers are too small for the windows that meet, flows in queues take the time of
 * packets that are paused.
 */
class FlowPausesTestCase : public FlowJobTestCase
{
  public:
    FlowPausesTestCase()
        : FlowJobTestCase(
              "oversub-fat-tree",
              false,
              "all-to-alls as flows in queues take the time of packets that are paused, "
              "within 2 %")
    {
        UsePauses();
    }

  private:
    void DoRun() override
    {
        // Eight hosts of four NICs; others reach theirs by NVSwitch.
        constexpr uint32_t HOSTS = 8;
        constexpr double TOLERANCE = 0.02;
        std::mt19937 random(1);
        std::vector<FlowSpec> drawn;
        std::vector<FlowSpec> alike;
        for (uint32_t from = 0; from < HOSTS * GPUS_PER_HOST; ++from)
        {
            for (uint32_t to = 0; to < HOSTS * GPUS_PER_HOST; ++to)
            {
                if (from / GPUS_PER_HOST != to / GPUS_PER_HOST)
                {
                    drawn.push_back({from, to, mixnetcore::Bytes(1 + random() % 8'000'000)});
                    alike.push_back({from, to, mixnetcore::Bytes(4'000'000)});
                }
            }
        }
        Compare(HOSTS, drawn, TOLERANCE, "random");
        Compare(HOSTS, alike, TOLERANCE, "all alike");
    }
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
 * @brief What happens to the signal in the middle of an all-to-all costs flows what it costs
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
 * @brief Flows know how many windows would meet before a full uplink, and for what buffer.
 */
class FlowBufferNeedTestCase : public MixnetTestCase
{
  public:
    /**
     * @param fabric Kind of fabric. @param isShort Whether uplinks of a leaf are short.
     */
    FlowBufferNeedTestCase(const std::string& fabric, bool isShort)
        : MixnetTestCase("On " + fabric + ", flows know the windows that meet before uplinks"),
          m_fabric(fabric),
          m_isShort(isShort)
    {
    }

  private:
    static constexpr uint32_t LEAF_NICS = 6; //!< below a leaf of 8 ports with 2 uplinks

    void DoRun() override
    {
        // Each of a leaf's NICs sends to each of another leaf's, in other hosts.
        std::vector<FlowSpec> flows;
        for (uint32_t from = 0; from < LEAF_NICS; ++from)
        {
            for (uint32_t to = 2 * LEAF_NICS; to < 3 * LEAF_NICS; ++to)
            {
                flows.push_back({from, to, mixnetcore::Bytes(2'000'000)});
            }
        }
        // A queue pair has one window, however many messages.
        auto more = flows;
        more.insert(more.end(), flows.begin(), flows.begin() + 3);
        // This one comes when the others are through: 39 of 2 MB over 800 Gb/s take 0.8 ms.
        more.push_back({0, LEAF_NICS, mixnetcore::Bytes(1'000), Picoseconds(2'000'000'000)});

        const double window = CheckNeed(Fidelity::Flow, more, LEAF_NICS * LEAF_NICS);
        CheckNeed(Fidelity::Flow, {flows.front()}, 1);
        CheckNeed(Fidelity::Packet, {flows.front()}, 0);
        NS_TEST_EXPECT_MSG_EQ((window > 0), m_isShort, "only where links are short");
    }

    /**
     * @param fidelity Level. @param flows What is sent from one leaf.
     * @param queuePairs Queue pairs that send at one time.
     * @return what the windows come to.
     */
    double CheckNeed(Fidelity fidelity, const std::vector<FlowSpec>& flows, uint32_t queuePairs)
    {
        constexpr uint64_t BUFFER = 20'000'000;
        double windows = 0;
        {
            auto helper = HelperFor(fidelity, false);
            helper.SetPacketSwitchAttribute("BufferSize", UintegerValue(BUFFER));
            auto fabric = helper.Install(PlanOf(m_fabric, 8));
            fabric.AssignStreams(1);
            FlowJob job(fabric, flows);
            Prepare(fabric, job);
            job.Start();
            Simulator::Run();
            const auto need = fabric.GetLargestBufferNeed();
            const double all = double(queuePairs) * fabric.hosts.front().nics.front()->GetWindow();
            const double expected = m_isShort ? all : 0;
            NS_TEST_EXPECT_MSG_EQ_TOL(need.windows, expected, 1, queuePairs << " windows");
            NS_TEST_EXPECT_MSG_EQ_TOL(need.Ratio(), expected / BUFFER, 1e-9, "of the buffer");
            const std::string leaf = expected > 0 ? "leaf0" : "";
            NS_TEST_EXPECT_MSG_EQ(need.name, leaf, "at the leaf");
            windows = need.windows;
        }
        Simulator::Destroy();
        return windows;
    }

    std::string m_fabric; //!< kind of fabric
    bool m_isShort;       //!< whether uplinks of a leaf are short
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of all-to-alls as flows, against packets.
 */
class FlowTransportJobsTestSuite : public TestSuite
{
  public:
    FlowTransportJobsTestSuite()
        : TestSuite("mixnet-flow-transport-jobs", TestSuite::Type::SYSTEM)
    {
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
        AddTestCase(new FlowPausesTestCase);
        AddTestCase(new FlowBufferNeedTestCase("oversub-fat-tree", true));
        AddTestCase(new FlowBufferNeedTestCase("fat-tree", false));
    }
};

static FlowTransportJobsTestSuite g_flowTransportJobsTestSuite; //!< the suite

} // namespace

} // namespace tests
