/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/mixnet-test-case.h"

#include "ns3/boolean.h"
#include "ns3/fabric-description.h"
#include "ns3/fabric-options.h"
#include "ns3/fabric-watchdog.h"
#include "ns3/fat-tree-planner.h"
#include "ns3/flow-job.h"
#include "ns3/mixnet-planner.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

namespace tests
{

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

constexpr uint32_t LEAF_HOSTS = 8;     //!< of one NIC each, two at each of four leaves
constexpr uint32_t RING_HOSTS = 32;    //!< the same, four at each of eight leaves
constexpr uint64_t BUFFER = 200'000;   //!< of a switch, bytes
constexpr uint64_t BYTES = 10'000'000; //!< of a flow
constexpr int64_t TIMEOUT_US = 500;    //!< of watchdogs

/// @brief Which links are cut.
enum class Cuts
{
    None,    //!< none, of four leaves of two NICs under two spines
    Crossed, //!< of these, leaf 0 to spine 0 and leaf 1 to spine 1: others must forward between
             //!< them
    Ring,    //!< of eight leaves of four NICs under four spines, leaf n keeps spines n and n + 1,
             //!< for n up to 3; the other leaves keep none
};

/// @brief What differs from test to test.
struct Setting
{
    Cuts cuts{Cuts::Ring};         //!< which links are cut
    bool upDown{false};            //!< whether paths never go down and up again
    int64_t pfcWatchdogUs{0};      //!< of switches, or 0
    int64_t timeoutUs{TIMEOUT_US}; //!< of the watchdog
};

/**
 * @ingroup mixnet-tests
 * @brief Leaves under spines, with small buffers, of which links are cut.
 */
class CutLeaves
{
  public:
    /// @param setting What differs. @param flows What is sent.
    CutLeaves(const Setting& setting, std::vector<mixnetcore::FlowSpec> flows)
    {
        const bool isRing = setting.cuts == Cuts::Ring;
        mixnetcore::FatTreeSpec spec;
        spec.hosts = isRing ? RING_HOSTS : LEAF_HOSTS;
        spec.host.gpus = 1;
        spec.host.opticalDegree = 0;
        spec.host.electricalNics = 1;
        spec.clos = {2, isRing ? 8U : 4U, 1};
        FabricHelper helper;
        helper.SetPacketSwitchAttribute("BufferSize", UintegerValue(BUFFER));
        helper.SetPacketSwitchAttribute("PfcWatchdog",
                                        TimeValue(MicroSeconds(setting.pfcWatchdogUs)));
        helper.SetRoutingAttribute("UpDown", BooleanValue(setting.upDown));
        fabric = helper.Install(mixnetcore::PlanFatTree(spec));
        fabric.AssignStreams(1);
        job = std::make_unique<FlowJob>(fabric, std::move(flows));
        job->SetRouter(mixnetcore::MakeRouter(*fabric.plan));
        Simulator::Run(); // until there is a signal
        for (uint32_t link = 0; link < fabric.plan->links.size(); ++link)
        {
            if (IsCut(setting.cuts, fabric.plan->links[link]))
            {
                fabric.fibres[link]->Cut();
            }
        }
        Simulator::Run(); // until all know
        job->Start();
        watchdog = std::make_unique<DeadlockWatchdog>(fabric.packetSwitches,
                                                      MicroSeconds(setting.timeoutUs),
                                                      [this](const auto& found) {
                                                          cycle = found;
                                                          at = Simulator::Now();
                                                          Simulator::Stop();
                                                      });
    }

    /// @return frames sent by a port of a switch. @param place The port.
    static uint64_t SentBy(const DeadlockWatchdog::Place& place)
    {
        return place.port->GetCounters().dataSent;
    }

    Fabric fabric;                              //!< the fabric
    std::unique_ptr<FlowJob> job;               //!< what is sent
    std::vector<DeadlockWatchdog::Place> cycle; //!< what was found
    Time at;                                    //!< when

  private:
    /// @param cuts Which links are cut. @param link A link. @return whether it is one of them.
    bool IsCut(Cuts cuts, const mixnetcore::LinkPlan& link) const
    {
        const auto& lower = fabric.plan->nodes[link.a.node];
        const auto& upper = fabric.plan->nodes[link.b.node];
        if (cuts == Cuts::None || lower.tier != 1 || upper.tier != 2)
        {
            return false;
        }
        const uint32_t leaf = std::stoul(lower.name.substr(4));  // leaf3
        const uint32_t spine = std::stoul(upper.name.substr(5)); // spine3
        constexpr uint32_t SPINES = 4;
        return cuts == Cuts::Crossed
                   ? leaf == spine
                   : leaf >= SPINES || (spine != leaf && spine != (leaf + 1) % SPINES);
    }

    std::unique_ptr<DeadlockWatchdog> watchdog; //!< who looks
};

/// @return a flow between each two hosts, both ways.
std::vector<mixnetcore::FlowSpec>
AllPairs()
{
    std::vector<mixnetcore::FlowSpec> flows;
    for (uint32_t from = 0; from < LEAF_HOSTS; ++from)
    {
        for (uint32_t to = 0; to < LEAF_HOSTS; ++to)
        {
            if (from != to)
            {
                flows.push_back({from, to, mixnetcore::Bytes(BYTES)});
            }
        }
    }
    return flows;
}

/// @return a flow from each host of the ring to one at the leaf that is opposite.
std::vector<mixnetcore::FlowSpec>
Opposite()
{
    constexpr uint32_t AROUND = 16; // hosts
    std::vector<mixnetcore::FlowSpec> flows;
    for (uint32_t from = 0; from < AROUND; ++from)
    {
        flows.push_back({from, (from + AROUND / 2) % AROUND, mixnetcore::Bytes(BYTES)});
    }
    return flows;
}

/**
 * @ingroup mixnet-tests
 * @brief A cycle of pauses is found, and is one: nothing in it ever moves again.
 */
class DeadlockFoundTestCase : public MixnetTestCase
{
  public:
    DeadlockFoundTestCase()
        : MixnetTestCase("Ports that pause each other in a cycle are found, and stand still")
    {
    }

  private:
    void DoRun() override
    {
        CutLeaves net({}, Opposite());
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(net.job->IsComplete(), false, "it does not end");
        NS_TEST_EXPECT_MSG_GT(net.cycle.size(), 1, "a cycle");
        if (net.cycle.size() < 2)
        {
            return;
        }
        Time closed; // when the last of them was paused
        std::vector<uint64_t> sent;
        std::set<std::pair<uint32_t, uint32_t>> ports;
        for (size_t n = 0; n < net.cycle.size(); ++n)
        {
            const auto& [port, trafficClass] = net.cycle[n];
            const auto& next = net.cycle[(n + 1) % net.cycle.size()];
            const auto fibre = port->GetChannel();
            const auto peer = DynamicCast<SwitchPort>(
                fibre->GetDevice(fibre->GetDevice(0) == Ptr<NetDevice>(port) ? 1 : 0));
            NS_TEST_EXPECT_MSG_EQ(peer->GetNode(), next.port->GetNode(), "the next switch");
            NS_TEST_EXPECT_MSG_EQ(peer->IsPausing(trafficClass), true, "it pauses this port");
            NS_TEST_EXPECT_MSG_EQ(port->IsPaused(trafficClass), true, "which is paused");
            NS_TEST_EXPECT_MSG_EQ(
                (net.at - port->GetPausedSince(trafficClass) >= MicroSeconds(TIMEOUT_US)),
                true,
                "for long enough");
            const auto held = next.port->GetHeldBytes(next.trafficClass);
            NS_TEST_EXPECT_MSG_GT(held.count(peer->FindIngress(trafficClass)),
                                  0,
                                  "for what waits for the next port");
            closed = std::max(closed, port->GetPausedSince(trafficClass));
            ports.insert({port->GetNode()->GetId(), port->GetNumber()});
            sent.push_back(CutLeaves::SentBy(net.cycle[n]));
        }
        NS_TEST_EXPECT_MSG_EQ(ports.size(), net.cycle.size(), "each once");
        // It looks four times in its timeout, when a pause is said again; what is on fibres and
        // what others hold back is gone long before.
        const Time pause = Seconds(65535 * 512 / 400e9);
        NS_TEST_EXPECT_MSG_LT(net.at - closed, MicroSeconds(2 * TIMEOUT_US) + pause, "soon");
        // Retries come and end, and the cycle stays.
        Simulator::Stop(MilliSeconds(300));
        Simulator::Run();
        for (size_t n = 0; n < net.cycle.size(); ++n)
        {
            NS_TEST_EXPECT_MSG_EQ(CutLeaves::SentBy(net.cycle[n]), sent[n], "still");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Up-down paths close no cycle; those that are left without one fail.
 */
class UpDownHasNoDeadlockTestCase : public MixnetTestCase
{
  public:
    UpDownHasNoDeadlockTestCase()
        : MixnetTestCase("With up-down paths the same cuts make no cycle; leaves without a path "
                         "fail and are named, all others are served")
    {
    }

  private:
    void DoRun() override
    {
        CutLeaves net({Cuts::Crossed, true}, AllPairs());
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(net.cycle.size(), 0, "no cycle");
        // Two hosts at each of two leaves, both directions.
        constexpr uint64_t CUT_OFF = 2 * 2 * 2;
        NS_TEST_EXPECT_MSG_EQ(net.job->CountUnfinished(), CUT_OFF, "between leaves 0 and 1");
        NS_TEST_EXPECT_MSG_EQ(net.fabric.CountOutgoing(), 0, "all messages have ended");
        const auto text = DescribePaths(net.fabric);
        NS_TEST_EXPECT_MSG_NE(text.find("2 pairs of leaves, first from leaf0 to leaf1"),
                              std::string::npos,
                              text);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The watchdog of switches breaks the cycle: frames are lost and retransmitted.
 */
class PfcWatchdogBreaksCycleTestCase : public MixnetTestCase
{
  public:
    PfcWatchdogBreaksCycleTestCase()
        : MixnetTestCase("The watchdog of switches breaks cycles: all arrives, and what is lost "
                         "for it is counted")
    {
    }

  private:
    void DoRun() override
    {
        Setting setting;
        setting.pfcWatchdogUs = 200;
        CutLeaves net(setting, Opposite());
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(net.cycle.size(), 0, "no cycle lasts");
        NS_TEST_EXPECT_MSG_EQ(net.job->IsComplete(), true, "all arrives");
        const auto counters = net.fabric.GetCounters();
        NS_TEST_EXPECT_MSG_GT(counters.Dropped(DropReason::PauseStorm).frames, 0, "some are lost");
        NS_TEST_EXPECT_MSG_EQ(counters.sent.frames,
                              counters.received.frames + counters.AllDropped().frames,
                              "sent = received + lost");
        NS_TEST_EXPECT_MSG_EQ(counters.sent.bytes,
                              counters.received.bytes + counters.AllDropped().bytes,
                              "also in bytes");
        for (const auto& packetSwitch : net.fabric.packetSwitches)
        {
            NS_TEST_EXPECT_MSG_EQ(packetSwitch->GetBufferedBytes(), 0, "nothing is left");
            NS_TEST_EXPECT_MSG_EQ(packetSwitch->GetHeadroomBytes(), 0, "nothing is left");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Pauses without a cycle are no deadlock, however short the timeout.
 */
class SlowIsNoDeadlockTestCase : public MixnetTestCase
{
  public:
    SlowIsNoDeadlockTestCase()
        : MixnetTestCase("Queues that wait for one slow NIC are no deadlock, with a timeout of "
                         "less than a frame")
    {
    }

  private:
    void DoRun() override
    {
        std::vector<mixnetcore::FlowSpec> incast;
        for (uint32_t from = 1; from < LEAF_HOSTS; ++from)
        {
            incast.push_back({from, 0, mixnetcore::Bytes(BYTES)});
        }
        Setting setting;
        setting.cuts = Cuts::None;
        setting.timeoutUs = 1;
        CutLeaves net(setting, incast);
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(net.cycle.size(), 0, "no cycle");
        NS_TEST_EXPECT_MSG_EQ(net.job->IsComplete(), true, "all arrives");
        const auto hops = net.fabric.GetHopCounters();
        NS_TEST_EXPECT_MSG_GT(hops.pausesSent.frames, 100, "although there are pauses");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Links that are down are no deadlock: cuts and blackouts longer than the timeout.
 */
class DarkIsNoDeadlockTestCase : public MixnetTestCase
{
  public:
    /// @param optical Whether circuits go dark, else the fibre of a NIC on packet switches.
    explicit DarkIsNoDeadlockTestCase(bool optical)
        : MixnetTestCase(std::string(optical ? "A blackout of circuits" : "A cut of a NIC") +
                         " of seconds is no deadlock"),
          m_optical(optical)
    {
    }

  private:
    void DoRun() override
    {
        mixnetcore::HostSpec host;
        host.gpus = 2;
        host.opticalDegree = m_optical ? 1 : 0;
        host.electricalNics = m_optical ? 1 : 2;
        FabricHelper helper;
        helper.SetPacketSwitchAttribute("BufferSize", UintegerValue(BUFFER));
        helper.SetOcsAttribute("ReconfigurationTime",
                               StringValue("ns3::ConstantRandomVariable[Constant=12]"));
        constexpr mixnetcore::Picoseconds fibre(1'000'000);
        const auto plan = m_optical ? mixnetcore::PlanMixnet({2, host, fibre, 0, {2, 4, 1}})
                                    : mixnetcore::PlanFatTree({4, host, {2, 4, 1}, fibre});
        auto fabric = helper.Install(plan);
        fabric.AssignStreams(1);
        FabricWatchdog watchdog(fabric, MicroSeconds(TIMEOUT_US));
        const uint32_t nic =
            m_optical ? fabric.plan->host.NicsOn(mixnetcore::NicRole::Optical)[0] : 0;
        const auto gpu = fabric.plan->host.nics[nic].gpu;
        const auto side = fabric.plan->host.nics[nic].role;
        if (m_optical)
        {
            fabric.opticalSwitches[0]->Reconfigure(mixnetcore::CircuitConfiguration({{0, 1}}));
        }
        Simulator::Run();
        const Time start = Simulator::Now();
        uint32_t delivered = 0;
        const Callback<void, const MessageCompletion&> count(
            [&delivered](const MessageCompletion& completion) {
                delivered += completion.status == MessageStatus::Delivered ? 1 : 0;
            });
        fabric.hosts[0].transport->Post({{0, gpu},
                                         {1, gpu},
                                         mixnetcore::Bytes(BYTES),
                                         {mixnetcore::RdmaLeg{{0, nic}, {1, nic}, side}}},
                                        {},
                                        count);
        const Time dark = Seconds(12);
        const Time at = MicroSeconds(50);
        if (m_optical)
        {
            // The circuit goes and comes: two blackouts, less than LinkDownTimeout together.
            Simulator::Schedule(at, [&fabric] {
                fabric.opticalSwitches[0]->Reconfigure(
                    mixnetcore::CircuitConfiguration(std::vector<mixnetcore::Circuit>{}));
            });
            Simulator::Schedule(at + MicroSeconds(1), [&fabric] {
                fabric.opticalSwitches[0]->Reconfigure(mixnetcore::CircuitConfiguration({{0, 1}}));
            });
        }
        else
        {
            Simulator::Schedule(at, &Fibre::Cut, fabric.fibres[0]);
            Simulator::Schedule(at + dark, &Fibre::Restore, fabric.fibres[0]);
        }
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(watchdog.HasDeadlock(), false, watchdog.Describe());
        NS_TEST_EXPECT_MSG_EQ(delivered, 1, "the message gets through");
        NS_TEST_EXPECT_MSG_GT(Simulator::Now() - start, dark, "after the link is up");
    }

    bool m_optical; //!< whether circuits go dark
};

/**
 * @ingroup mixnet-tests
 * @brief Test suite of DeadlockWatchdog and FabricWatchdog.
 */
class DeadlockWatchdogTestSuite : public TestSuite
{
  public:
    DeadlockWatchdogTestSuite()
        : TestSuite("mixnet-deadlock-watchdog", TestSuite::Type::UNIT)
    {
        AddTestCase(new DeadlockFoundTestCase);
        AddTestCase(new UpDownHasNoDeadlockTestCase);
        AddTestCase(new PfcWatchdogBreaksCycleTestCase);
        AddTestCase(new SlowIsNoDeadlockTestCase);
        AddTestCase(new DarkIsNoDeadlockTestCase(false));
        AddTestCase(new DarkIsNoDeadlockTestCase(true));
    }
};

} // namespace

static DeadlockWatchdogTestSuite g_deadlockWatchdogTestSuite; //!< the suite

} // namespace tests
