/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/switch-testbed.h"
#include "../testbed/test-network.h"

#include "ns3/fabric-helper.h"
#include "ns3/fat-tree-planner.h"
#include "ns3/mixnet-planner.h"
#include "ns3/roce-header.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace tests
{

namespace
{

constexpr NicAddress FAR_NIC = 100; //!< a NIC behind ports of equal cost

/**
 * @param source A NIC. @param queuePair One of its queue pairs to FAR_NIC.
 * @return a data frame.
 */
RoceFrame
FlowFrame(NicAddress source, uint32_t queuePair)
{
    RoceFrame frame = MakeFrame(FRAME_BYTES, 0, FAR_NIC);
    frame.source = source;
    frame.queuePair = queuePair;
    return frame;
}

/// @param count How many. @return the numbers from 0 on.
std::vector<uint32_t>
Ports(uint32_t count)
{
    std::vector<uint32_t> ports(count);
    std::iota(ports.begin(), ports.end(), 0);
    return ports;
}

/**
 * @param counts How often each of some equally likely cases came up.
 * @return chi-square statistic: mean n - 1, standard deviation root of 2 (n - 1) for n cases.
 */
double
ChiSquare(const std::vector<uint32_t>& counts)
{
    double mean = 0;
    for (const auto count : counts)
    {
        mean += double(count) / counts.size();
    }
    double sum = 0;
    for (const auto count : counts)
    {
        sum += (count - mean) * (count - mean) / mean;
    }
    return sum;
}

/// @param cases Number of cases. @return mean and five standard deviations of chi-square.
double
ChiSquareBound(size_t cases)
{
    return cases - 1 + 5 * std::sqrt(2.0 * (cases - 1));
}

} // namespace

/**
 * @ingroup mixnet-tests
 * @brief The UDP source port tells queue pairs apart and is all that it should be.
 */
class UdpSourcePortTestCase : public MixnetTestCase
{
  public:
    UdpSourcePortTestCase()
        : MixnetTestCase("UDP source ports are dynamic ports, one for a queue pair, spread evenly")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t first = 49'152;
        constexpr uint32_t bins = 64;
        constexpr uint32_t flows = 64 * 256;
        std::vector<uint32_t> byQueuePair(bins);
        std::vector<uint32_t> bySource(bins);
        for (uint32_t i = 0; i < flows; ++i)
        {
            const uint32_t port = UdpSourcePort(FlowFrame(0, i));
            NS_TEST_EXPECT_MSG_EQ((port >= first), true, "no lower than the first dynamic port");
            ++byQueuePair.at((port - first) * bins / (65'536 - first));
            ++bySource.at((UdpSourcePort(FlowFrame(i, 0)) - first) % bins);
        }
        NS_TEST_EXPECT_MSG_LT(ChiSquare(byQueuePair), ChiSquareBound(bins), "by queue pair");
        NS_TEST_EXPECT_MSG_LT(ChiSquare(bySource), ChiSquareBound(bins), "by source");
        RoceFrame frame = FlowFrame(5, 6);
        const auto port = UdpSourcePort(frame);
        frame.kind = FrameKind::Acknowledgement;
        frame.sequence = 1'000;
        frame.wireBytes = 86;
        NS_TEST_EXPECT_MSG_EQ(UdpSourcePort(frame), port, "whatever the frame is for");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief ECMP keeps a flow on its port and spreads flows.
 */
class EcmpSelectorTestCase : public MixnetTestCase
{
  public:
    /// @param ports Number of ports.
    explicit EcmpSelectorTestCase(uint32_t ports)
        : MixnetTestCase("ECMP keeps each flow on one of " + std::to_string(ports) +
                         " ports, spreads flows evenly, and differs between switches"),
          m_ports(ports)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t perPort = 500;
        const auto ports = Ports(m_ports);
        const uint32_t flows = perPort * m_ports;
        auto first = CreateObject<EcmpSelector>();
        auto second = CreateObject<EcmpSelector>();
        first->SetSalt(1);
        second->SetSalt(2);
        std::vector<uint32_t> bySource(m_ports);
        std::vector<uint32_t> byQueuePair(m_ports);
        std::vector<uint32_t> together(m_ports * m_ports);
        for (uint32_t i = 0; i < flows; ++i)
        {
            const auto chosen = first->Select(FlowFrame(i, 0), 0, ports);
            ++bySource.at(chosen);
            ++together.at(chosen * m_ports + second->Select(FlowFrame(i, 0), 0, ports));
            RoceFrame later = FlowFrame(i, 0);
            later.sequence = 1'000 + i;
            later.wireBytes = 100;
            NS_TEST_EXPECT_MSG_EQ(first->Select(later, 0, ports), chosen, "a flow keeps its port");
        }
        // Far fewer than there are UDP source ports: queue pairs that share one go together.
        for (uint32_t i = 0; i < 50 * m_ports; ++i)
        {
            ++byQueuePair.at(first->Select(FlowFrame(0, i), 0, ports));
        }
        NS_TEST_EXPECT_MSG_LT(ChiSquare(bySource), ChiSquareBound(m_ports), "by source");
        NS_TEST_EXPECT_MSG_LT(ChiSquare(byQueuePair), ChiSquareBound(m_ports), "by queue pair");
        NS_TEST_EXPECT_MSG_LT(ChiSquare(together),
                              ChiSquareBound(together.size()),
                              "choices of two switches have nothing to do with each other");
    }

    uint32_t m_ports; //!< number of ports
};

/**
 * @ingroup mixnet-tests
 * @brief Spraying takes turns per group, in rounds from different places on, and goes on when ports
 * change.
 */
class SpraySelectorTestCase : public MixnetTestCase
{
  public:
    SpraySelectorTestCase()
        : MixnetTestCase("Spraying serves each port of a group once a round, from a new place on")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t size = 7;
        constexpr uint32_t salts = 700;
        const auto ports = Ports(size);
        std::vector<uint32_t> starts(size);
        std::vector<uint32_t> startsOfGroup(size);
        for (uint32_t salt = 0; salt < salts; ++salt)
        {
            auto selector = CreateObject<SpraySelector>();
            selector->SetSalt(salt);
            const auto start = selector->Select(FlowFrame(0, 0), 0, ports);
            const auto startOfGroup = selector->Select(FlowFrame(0, 0), 3, ports);
            ++starts.at(start);
            ++startsOfGroup.at((startOfGroup + size - start) % size);
            auto first = start;
            for (uint32_t i = 1; i < 3 * size; ++i)
            {
                const auto port = selector->Select(FlowFrame(i, i), 0, ports);
                first = i % size == 0 ? port : first;
                starts.at(port) += i % size == 0 ? 1 : 0;
                NS_TEST_EXPECT_MSG_EQ(port, (first + i) % size, "in turn, whatever the flow");
            }
            NS_TEST_EXPECT_MSG_EQ(selector->Select(FlowFrame(0, 0), 3, ports),
                                  (startOfGroup + 1) % size,
                                  "another group has its own turns");
            const auto alone = selector->Select(FlowFrame(0, 0), 0, {5});
            NS_TEST_EXPECT_MSG_EQ(alone, 5, "when one port is left, that");
        }
        NS_TEST_EXPECT_MSG_LT(ChiSquare(starts), ChiSquareBound(size), "begins");
        NS_TEST_EXPECT_MSG_LT(ChiSquare(startsOfGroup), ChiSquareBound(size), "begins of groups");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A switch with NICs 0 to 2 and ports 3 to 6, behind any of which is FAR_NIC.
 */
class UplinkTestbed : public SwitchTestbed
{
  public:
    static constexpr uint32_t NICS = 3;    //!< ports of NICs
    static constexpr uint32_t UPLINKS = 4; //!< ports of equal cost

    /// @param selector Attribute PortSelector.
    explicit UplinkTestbed(TypeId selector)
        : SwitchTestbed(std::vector<uint64_t>(NICS + UPLINKS, FAST))
    {
        device->SetAttribute("PortSelector", TypeIdValue(selector));
        device->SetRoute(FAR_NIC, std::vector<uint32_t>{3, 4, 5, 6});
    }

    /// @param count Frames that each NIC sends to FAR_NIC, all of one flow, without a gap.
    /// @param when Begin, ps after START_PS.
    void SendToFar(uint32_t count, int64_t when)
    {
        for (uint32_t i = 0; i < count; ++i)
        {
            for (uint32_t nic = 0; nic < NICS; ++nic)
            {
                Send(nic, FAR_NIC, when + i * FAST_PS + nic, i);
            }
        }
    }

    /// @return frames that have left by each uplink.
    std::vector<size_t> CountByUplink() const
    {
        std::vector<size_t> counts;
        for (uint32_t port = NICS; port < NICS + UPLINKS; ++port)
        {
            counts.push_back(ArrivalsAt(port).size());
        }
        return counts;
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A switch that sprays divides frames exactly; dark ports are passed over.
 */
class SwitchSprayTestCase : public MixnetTestCase
{
  public:
    SwitchSprayTestCase()
        : MixnetTestCase(
              "A switch sprays evenly over ports with a signal, and loses frames only when "
              "all are dark")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t rounds = 8; // of 3 frames: divisible by 4 and by 3
        constexpr int64_t phase = 100 * FAST_PS;
        UplinkTestbed testbed(SpraySelector::GetTypeId());
        const auto signalAt = [&](uint32_t port, int64_t when, bool on) {
            testbed.nics[port]->SignalAt(PicoSeconds(START_PS + when), on);
        };
        std::vector<std::vector<size_t>> counts;
        for (int i = 0; i < 4; ++i)
        {
            testbed.SendToFar(rounds, i * phase);
            Simulator::Schedule(PicoSeconds(START_PS + i * phase + phase * 3 / 4),
                                [&] { counts.push_back(testbed.CountByUplink()); });
        }
        const int64_t before = -DELAY_PS - FAST_PS;
        signalAt(4, phase + before, false);
        for (const uint32_t port : {3, 5, 6})
        {
            signalAt(port, 2 * phase + before, false);
        }
        for (const uint32_t port : {3, 4, 5, 6})
        {
            signalAt(port, 3 * phase + before, true);
        }
        Simulator::Run();

        const uint32_t all = rounds * UplinkTestbed::NICS;
        if (!HasSize(counts, 4, "phases"))
        {
            return;
        }
        for (size_t i = 0; i < UplinkTestbed::UPLINKS; ++i)
        {
            const auto quarter = all / 4;
            const auto third = i == 1 ? 0 : all / 3;
            NS_TEST_EXPECT_MSG_EQ(counts[0][i], quarter, "all have a signal, port " << 3 + i);
            NS_TEST_EXPECT_MSG_EQ(counts[1][i], quarter + third, "one is dark, port " << 3 + i);
            NS_TEST_EXPECT_MSG_EQ(counts[2][i], quarter + third, "all are dark, port " << 3 + i);
            NS_TEST_EXPECT_MSG_EQ(counts[3][i],
                                  2 * quarter + third,
                                  "all have a signal again, port " << 3 + i);
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::PortDown), all, "lost in the dark");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetCounters().AllDropped().frames, all, "no others");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A switch with ECMP keeps each NIC's flow on a port; when that is dark, on another.
 */
class SwitchEcmpTestCase : public MixnetTestCase
{
  public:
    SwitchEcmpTestCase()
        : MixnetTestCase(
              "A switch with ECMP keeps flows on one port each, in order; a dark port is "
              "passed over")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t count = 12;
        constexpr int64_t later = 100 * FAST_PS;
        UplinkTestbed testbed(EcmpSelector::GetTypeId());
        testbed.SendToFar(count, 0);
        uint32_t first = 0;
        Simulator::Schedule(PicoSeconds(START_PS + later / 2), [&]() {
            first = UplinkOf(testbed, 0, count);
            testbed.nics[first]->SignalAt(Simulator::Now(), false);
        });
        testbed.SendToFar(count, later);
        Simulator::Run();

        NS_TEST_EXPECT_MSG_NE(first, 0, "flow 0 has one port");
        uint32_t second = 0;
        size_t sum = 0;
        for (uint32_t port = UplinkTestbed::NICS; port < testbed.nics.size(); ++port)
        {
            uint64_t next = 0;
            for (const auto& arrival : testbed.ArrivalsAt(port))
            {
                ++sum;
                if (arrival.source == 0)
                {
                    NS_TEST_EXPECT_MSG_EQ(arrival.sequence, next % count, "in order");
                    ++next;
                }
            }
            second = next == count && port != first ? port : second;
        }
        NS_TEST_EXPECT_MSG_NE(second, 0, "then it has one other port");
        NS_TEST_EXPECT_MSG_EQ(sum, 2 * count * UplinkTestbed::NICS, "nothing is lost");
    }

    /// @param testbed A switch. @param nic A sender. @param count Frames it has sent.
    /// @return the uplink that all of them have left by; 0 when there is none.
    static uint32_t UplinkOf(const UplinkTestbed& testbed, NicAddress nic, size_t count)
    {
        for (uint32_t port = UplinkTestbed::NICS; port < testbed.nics.size(); ++port)
        {
            const auto arrivals = testbed.ArrivalsAt(port);
            const size_t found =
                std::count_if(arrivals.begin(), arrivals.end(), [nic](const auto& arrival) {
                    return arrival.source == nic;
                });
            if (found == count)
            {
                return port;
            }
        }
        return 0;
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The choices of a switch follow its stream of random numbers.
 */
class SwitchSaltTestCase : public MixnetTestCase
{
  public:
    /// @param selector Attribute PortSelector.
    explicit SwitchSaltTestCase(const std::string& selector)
        : MixnetTestCase(selector + " chooses alike with equal streams, differently with others"),
          m_selector(selector)
    {
    }

  private:
    void DoRun() override
    {
        std::set<std::vector<size_t>> choices;
        for (int64_t stream = 1; stream <= 20; ++stream)
        {
            const auto first = ChoicesWithStream(stream);
            const auto again = ChoicesWithStream(stream);
            NS_TEST_EXPECT_MSG_EQ((first == again), true, "stream " << stream);
            choices.insert(first);
        }
        NS_TEST_EXPECT_MSG_GT(choices.size(), 1, "different choices");
    }

    /// @param stream Stream of random numbers. @return where a few frames go.
    std::vector<size_t> ChoicesWithStream(int64_t stream) const
    {
        UplinkTestbed testbed(TypeId::LookupByName("ns3::mixnet::" + m_selector));
        testbed.device->AssignStreams(stream);
        testbed.SendToFar(1, 0);
        Simulator::Run();
        const auto counts = testbed.CountByUplink();
        Simulator::Destroy();
        return counts;
    }

    std::string m_selector; //!< attribute PortSelector
};

/**
 * @ingroup mixnet-tests
 * @brief Everybody reaches everybody over the switches of a plan, on shortest ways.
 */
class FabricForwardingTestCase : public MixnetTestCase
{
  public:
    /**
     * @param tiers Tiers of switches.
     * @param hosts Hosts of one GPU and one NIC.
     * @param radix Ports of a switch.
     */
    FabricForwardingTestCase(uint32_t tiers, uint32_t hosts, uint32_t radix)
        : MixnetTestCase("Over " + std::to_string(tiers) + " tiers of radix " +
                         std::to_string(radix) + ", all of " + std::to_string(hosts) +
                         " NICs reach each other in the time of the shortest way"),
          m_tiers(tiers),
          m_hosts(hosts),
          m_radix(radix)
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{FAST, 4096};
        mixnetcore::FatTreeSpec spec;
        spec.hosts = m_hosts;
        spec.host.gpus = 1;
        spec.host.opticalDegree = 0;
        spec.host.electricalNics = 1;
        spec.clos = {m_tiers, m_radix, 1};
        FabricHelper helper;
        helper.SetNicAttribute("OutOfOrder", BooleanValue(true));
        auto fabric = helper.Install(mixnetcore::PlanFatTree(spec));
        NS_TEST_EXPECT_MSG_EQ(fabric.AssignStreams(1),
                              int64_t(fabric.packetSwitches.size()),
                              "a stream for each switch");
        WriteLedger ledger;
        Time when = PicoSeconds(START_PS);
        std::vector<Time> expected;
        for (auto& host : fabric.hosts)
        {
            ledger.Listen(host.nics[0]);
        }
        const auto shape = mixnetcore::ShapeOf(spec.clos);
        for (uint32_t from = 0; from < m_hosts; ++from)
        {
            for (uint32_t to = 0; to < m_hosts; ++to)
            {
                if (from == to)
                {
                    continue;
                }
                // Each message is alone: two links to a NIC of the leaf, four within the pod, six.
                ledger.PostAt(when, fabric.hosts[from].nics[0], to, line.mtu);
                const auto leaf = [&](uint32_t nic) { return nic / shape.downlinks; };
                const auto pod = [&](uint32_t nic) { return leaf(nic) / shape.leavesPerPod; };
                const bool samePod = m_tiers < 3 || pod(from) == pod(to);
                const int links = leaf(from) == leaf(to) ? 2 : samePod ? 4 : 6;
                expected.push_back(when + int64_t{links} *
                                              (line.Message(line.mtu) + PicoSeconds(DELAY_PS)));
                when += MicroSeconds(20);
            }
        }
        Simulator::Run();

        if (!HasSize(ledger.arrivals, expected.size(), "all arrive"))
        {
            return;
        }
        for (size_t i = 0; i < expected.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[i].at, expected[i], "message " << i);
        }
        NS_TEST_EXPECT_MSG_EQ(fabric.GetCounters().AllDropped().frames, 0, "nothing is lost");
        NS_TEST_EXPECT_MSG_EQ(fabric.routing->GetForwarding()->LongestPathLinks(),
                              2 * m_tiers,
                              "longest way");
    }

    uint32_t m_tiers; //!< tiers of switches
    uint32_t m_hosts; //!< hosts
    uint32_t m_radix; //!< ports of a switch
};

/**
 * @ingroup mixnet-tests
 * @brief All send to all at once over a sprayed fabric: nothing is lost, uplinks share evenly.
 */
class FabricSprayTestCase : public MixnetTestCase
{
  public:
    /// @param bufferBytes Shared buffer of each switch. @param pfc Attribute Pfc.
    FabricSprayTestCase(uint64_t bufferBytes, bool pfc)
        : MixnetTestCase("All to all over 3 sprayed tiers with buffers of " +
                         std::to_string(bufferBytes) + " bytes, " + (pfc ? "with" : "without") +
                         " PFC: all is delivered, data " + (pfc ? "without" : "with") + " losses"),
          m_bufferBytes(bufferBytes),
          m_pfc(pfc)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t hosts = 16;
        constexpr uint64_t bytes = 40 * 4096;
        mixnetcore::FatTreeSpec spec;
        spec.hosts = hosts;
        spec.host.gpus = 1;
        spec.host.opticalDegree = 0;
        spec.host.electricalNics = 1;
        spec.clos = {3, 4, 1};
        FabricHelper helper;
        helper.SetNicAttribute("OutOfOrder", BooleanValue(true));
        helper.SetPacketSwitchAttribute("BufferSize", UintegerValue(m_bufferBytes));
        helper.SetPacketSwitchAttribute("Pfc", BooleanValue(m_pfc));
        auto fabric = helper.Install(mixnetcore::PlanFatTree(spec));
        fabric.AssignStreams(1);
        WriteLedger ledger;
        for (uint32_t from = 0; from < hosts; ++from)
        {
            ledger.Listen(fabric.hosts[from].nics[0]);
            for (uint32_t turn = 1; turn < hosts; ++turn)
            {
                // All begin with the same receiver: congestion is certain.
                const uint32_t to = (turn - 1) < from ? turn - 1 : turn;
                ledger.PostAt(PicoSeconds(10 * DELAY_PS), fabric.hosts[from].nics[0], to, bytes);
            }
        }
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals.size(), hosts * (hosts - 1), "all arrive");
        for (const auto& ending : ledger.endings)
        {
            NS_TEST_EXPECT_MSG_EQ((ending.completion.status == CompletionStatus::Success),
                                  true,
                                  "success");
        }
        const auto counters = fabric.GetCounters();
        const auto dropped = counters.AllDropped().frames;
        NS_TEST_EXPECT_MSG_EQ((dropped > 0), !m_pfc, "losses");
        NS_TEST_EXPECT_MSG_EQ(counters.sent.frames,
                              counters.received.frames + dropped,
                              "sent = received + dropped");
        for (const auto& device : fabric.packetSwitches)
        {
            NS_TEST_EXPECT_MSG_EQ(IsAtRest(*device), true, "the switch is empty again");
        }
    }

    uint64_t m_bufferBytes; //!< shared buffer of each switch
    bool m_pfc;             //!< attribute Pfc
};

/**
 * @ingroup mixnet-tests
 * @brief A plan has routes only for whom it joins; tables that do not fit are refused.
 */
class SwitchPlanTestCase : public MixnetTestCase
{
  public:
    SwitchPlanTestCase()
        : MixnetTestCase("NICs on circuits have no route; tables for other ports are refused")
    {
    }

  private:
    void DoRun() override
    {
        // One host with an optical NIC 0 and an electrical NIC 1, on switch node 2.
        mixnetcore::MixnetSpec spec;
        spec.hosts = 4;
        spec.host.gpus = 2;
        spec.host.opticalDegree = 1;
        spec.host.electricalNics = 1;
        spec.electrical = {2, 4, 1};
        const auto plan = mixnetcore::PlanMixnet(spec);
        const auto forwarding = std::make_shared<const mixnetcore::ForwardingPlan>(plan);
        const auto leaf =
            static_cast<uint32_t>(std::find_if(plan.nodes.begin(),
                                               plan.nodes.end(),
                                               [](const auto& node) { return node.tier == 1; }) -
                                  plan.nodes.begin());
        SwitchTestbed small({FAST});
        NS_TEST_EXPECT_MSG_NE(AbortMessageOf([&]() {
                                  small.device->SetForwarding(forwarding, leaf);
                              }).find("no route can use port"),
                              std::string::npos,
                              "a switch with too few ports");

        SwitchTestbed testbed(std::vector<uint64_t>(plan.nodes[leaf].ports, FAST));
        testbed.device->SetForwarding(forwarding, leaf);
        NS_TEST_EXPECT_MSG_NE(
            AbortMessageOf([&]() { testbed.device->SetRoute(0, 0); }).find("takes no other routes"),
            std::string::npos,
            "a route beside the plan");
        uint32_t optical = 0;
        uint32_t unknown = 0;
        for (NicAddress nic = 0; nic < forwarding->Access().size() + 1; ++nic)
        {
            testbed.Send(0, nic, nic * FAST_PS, nic);
            unknown += nic >= forwarding->Access().size();
            optical +=
                !unknown && forwarding->Access()[nic].accessSwitch == mixnetcore::AccessPort::NONE;
        }
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(optical, spec.hosts, "one NIC of each host is optical");
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::NoRoute),
                              optical + unknown,
                              "those have no route");
        size_t arrived = 0;
        for (uint32_t port = 0; port < testbed.nics.size(); ++port)
        {
            arrived += testbed.ArrivalsAt(port).size();
        }
        NS_TEST_EXPECT_MSG_EQ(arrived, spec.hosts, "the electrical ones do");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-packet-switch-forwarding.
 */
class PacketSwitchForwardingTestSuite : public TestSuite
{
  public:
    PacketSwitchForwardingTestSuite()
        : TestSuite("mixnet-packet-switch-forwarding", TestSuite::Type::UNIT)
    {
        AddTestCase(new UdpSourcePortTestCase);
        AddTestCase(new EcmpSelectorTestCase(2));
        AddTestCase(new EcmpSelectorTestCase(7));
        AddTestCase(new EcmpSelectorTestCase(32));
        AddTestCase(new SpraySelectorTestCase);
        AddTestCase(new SwitchSprayTestCase);
        AddTestCase(new SwitchEcmpTestCase);
        AddTestCase(new SwitchSaltTestCase("EcmpSelector"));
        AddTestCase(new SwitchSaltTestCase("SpraySelector"));
        AddTestCase(new FabricForwardingTestCase(1, 4, 4));
        AddTestCase(new FabricForwardingTestCase(2, 8, 4));
        AddTestCase(new FabricForwardingTestCase(3, 16, 4));
        AddTestCase(new FabricSprayTestCase(100'000, true));
        AddTestCase(new FabricSprayTestCase(100'000, false));
        AddTestCase(new FabricSprayTestCase(2'000'000, true));
        AddTestCase(new SwitchPlanTestCase);
    }
};

static PacketSwitchForwardingTestSuite g_packetSwitchForwardingTestSuite; //!< the suite

} // namespace tests
