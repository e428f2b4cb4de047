/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/test-network.h"

#include "ns3/fabric-helper.h"
#include "ns3/fat-tree-planner.h"

#include <algorithm>
#include <set>

namespace tests
{

namespace
{

constexpr uint32_t HOSTS = 8;            //!< of one NIC each, on leaves of two NICs and two uplinks
constexpr uint32_t LAST_NIC = 7;         //!< on the last leaf
constexpr uint32_t FIRST_LEAF = 0;       //!< number of an access switch
constexpr uint64_t CUT_US = 10;          //!< when links are cut
constexpr uint64_t DELAY_US = 25;        //!< of convergence
constexpr uint64_t FIBRE_PS = 1'000'000; //!< propagation

/// @param delay Attribute ConvergenceDelay. @return two tiers of switches with four ports.
Fabric
MakeFabric(const Time& delay)
{
    mixnetcore::FatTreeSpec spec;
    spec.hosts = HOSTS;
    spec.host.gpus = 1;
    spec.host.opticalDegree = 0;
    spec.host.electricalNics = 1;
    spec.clos = {2, 4, 1};
    spec.linkDelay = mixnetcore::Picoseconds(FIBRE_PS);
    FabricHelper helper;
    helper.SetRoutingAttribute("ConvergenceDelay", TimeValue(delay));
    helper.SetNicAttribute("RetryLimit", UintegerValue(2));
    auto fabric = helper.Install(mixnetcore::PlanFatTree(spec));
    fabric.AssignStreams(1);
    return fabric;
}

/// @param fabric A fabric. @param leaf An access switch, by number.
/// @return links of the plan between it and spines.
std::vector<uint32_t>
UplinksOf(const Fabric& fabric, uint32_t leaf)
{
    const auto node = fabric.routing->GetForwarding()->AccessNodes().at(leaf);
    std::vector<uint32_t> uplinks;
    for (uint32_t link = 0; link < fabric.plan->links.size(); ++link)
    {
        const auto& [a, b, rate, delay] = fabric.plan->links[link];
        const auto other = a.node == node ? b.node : a.node;
        if ((a.node == node || b.node == node) &&
            fabric.plan->nodes[other].role == mixnetcore::NodeRole::PacketSwitch)
        {
            uplinks.push_back(link);
        }
    }
    return uplinks;
}

/**
 * @ingroup mixnet-tests
 * @brief Tables change once, that long after the signal has.
 */
class ConvergenceTestCase : public MixnetTestCase
{
  public:
    /// @param delayUs Attribute ConvergenceDelay, us.
    explicit ConvergenceTestCase(uint64_t delayUs)
        : MixnetTestCase("New tables are in force " + std::to_string(delayUs) +
                         " us after the signal between switches has changed"),
          m_delayUs(delayUs)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t SPLICE_US = 200;
        const Time delay = MicroSeconds(m_delayUs);
        const auto fabric = MakeFabric(delay);
        const auto before = fabric.routing->GetForwarding();
        const auto uplink = UplinksOf(fabric, FIRST_LEAF).front();
        std::vector<std::pair<Time, bool>> links;
        std::vector<std::pair<Time, uint64_t>> tables;
        fabric.routing->TraceConnectWithoutContext(
            "Link",
            Callback<void, uint32_t, bool>([&](uint32_t link, bool up) {
                NS_TEST_EXPECT_MSG_EQ(link, uplink, "the link that was cut");
                links.emplace_back(Simulator::Now(), up);
            }));
        fabric.routing->TraceConnectWithoutContext(
            "Converged",
            Callback<void, const std::shared_ptr<const mixnetcore::ForwardingPlan>&>(
                [&](const auto& forwarding) {
                    tables.emplace_back(Simulator::Now(), forwarding->PathsBetween(0, LAST_NIC));
                }));
        Simulator::Schedule(MicroSeconds(CUT_US), &Fibre::Cut, fabric.fibres[uplink]);
        Simulator::Schedule(MicroSeconds(SPLICE_US), &Fibre::Restore, fabric.fibres[uplink]);
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(before->PathsBetween(0, LAST_NIC), 2, "two spines");
        if (!HasSize(links, 2, "down and up") || !HasSize(tables, 2, "a table for each"))
        {
            return;
        }
        const std::vector<Time> changes{MicroSeconds(CUT_US), MicroSeconds(SPLICE_US)};
        for (size_t change = 0; change < changes.size(); ++change)
        {
            const bool isUp = change == 1;
            NS_TEST_EXPECT_MSG_EQ(links[change].second, isUp, "down, then up");
            NS_TEST_EXPECT_MSG_EQ((links[change].first >= changes[change] &&
                                   links[change].first <= changes[change] + PicoSeconds(FIBRE_PS)),
                                  true,
                                  "known a fibre later at most");
            NS_TEST_EXPECT_MSG_EQ(tables[change].first, links[change].first + delay, "converged");
            NS_TEST_EXPECT_MSG_EQ(tables[change].second, (isUp ? 2 : 1), "spines that lead there");
        }
    }

    uint64_t m_delayUs; //!< attribute, us
};

/**
 * @ingroup mixnet-tests
 * @brief A link that is whole again before anyone knows is down for a while all the same.
 */
class FlappingLinkTestCase : public MixnetTestCase
{
  public:
    FlappingLinkTestCase()
        : MixnetTestCase("A link that goes down and up within the delay leaves the tables and "
                         "comes back")
    {
    }

  private:
    void DoRun() override
    {
        const auto fabric = MakeFabric(MicroSeconds(DELAY_US));
        const auto uplink = UplinksOf(fabric, FIRST_LEAF).front();
        std::vector<uint64_t> paths;
        fabric.routing->TraceConnectWithoutContext(
            "Converged",
            Callback<void, const std::shared_ptr<const mixnetcore::ForwardingPlan>&>(
                [&](const auto& forwarding) {
                    paths.push_back(forwarding->PathsBetween(0, LAST_NIC));
                }));
        Simulator::Schedule(MicroSeconds(CUT_US), &Fibre::Cut, fabric.fibres[uplink]);
        Simulator::Schedule(MicroSeconds(CUT_US + DELAY_US / 2),
                            &Fibre::Restore,
                            fabric.fibres[uplink]);
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ((paths == std::vector<uint64_t>{1, 2}), true, "one spine, then two");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief What is sent to a leaf whose uplink is cut: lost in the dead end, until there are tables.
 */
class DeadEndTestCase : public MixnetTestCase
{
  public:
    /// @param converged Whether messages are sent after tables have changed, or before.
    explicit DeadEndTestCase(bool converged)
        : MixnetTestCase(converged ? "After convergence nothing is sprayed into a dead end"
                                   : "Before convergence frames are lost in a dead end, and sent "
                                     "again"),
          m_converged(converged)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t FRAMES = 64;
        constexpr uint64_t POST_US = 20;
        const auto fabric =
            MakeFabric(m_converged ? MicroSeconds(1) : MicroSeconds(POST_US + DELAY_US));
        Simulator::Schedule(MicroSeconds(CUT_US),
                            &Fibre::Cut,
                            fabric.fibres[UplinksOf(fabric, FIRST_LEAF).front()]);
        WriteLedger ledger;
        ledger.Listen(fabric.hosts[0].nics[0]);
        const auto& sender = fabric.hosts[LAST_NIC].nics[0];
        ledger.PostAt(MicroSeconds(POST_US), sender, 0, FRAMES * sender->GetMtu());
        Simulator::Run();

        if (!HasSize(ledger.arrivals, 1, "the message arrives"))
        {
            return;
        }
        const auto lost = fabric.GetCounters().AllDropped().frames;
        NS_TEST_EXPECT_MSG_EQ((lost > 0), !m_converged, lost << " frames lost");
        NS_TEST_EXPECT_MSG_EQ((fabric.GetRetransmittedFrames() > 0), !m_converged, "retransmitted");
        const auto timeout = sender->GetRetransmissionTimeout();
        const auto took = ledger.arrivals[0].at - MicroSeconds(POST_US);
        NS_TEST_EXPECT_MSG_EQ((took > timeout), !m_converged, "took " << took.As(Time::US));
    }

    bool m_converged; //!< whether tables have changed before
};

/**
 * @ingroup mixnet-tests
 * @brief Where no way is left frames are lost, and their queue pair gives up.
 */
class NoWayLeftTestCase : public MixnetTestCase
{
  public:
    NoWayLeftTestCase()
        : MixnetTestCase("Where all ways are cut, tables have none, frames are lost for that "
                         "reason, and writes fail")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t POST_US = 20;
        const auto fabric = MakeFabric(Time(0));
        for (const auto uplink : UplinksOf(fabric, FIRST_LEAF))
        {
            Simulator::Schedule(MicroSeconds(CUT_US), &Fibre::Cut, fabric.fibres[uplink]);
        }
        WriteLedger ledger;
        ledger.PostAt(MicroSeconds(POST_US), fabric.hosts[LAST_NIC].nics[0], 0, 4096);
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(fabric.routing->GetForwarding()->PathsBetween(LAST_NIC, 0),
                              0,
                              "no way");
        NS_TEST_EXPECT_MSG_EQ(fabric.routing->GetForwarding()->PathsBetween(LAST_NIC, 4),
                              2,
                              "other ways");
        const auto dropped = fabric.GetCounters().Dropped(DropReason::NoRoute).frames;
        NS_TEST_EXPECT_MSG_EQ(dropped, 3, "once, and two retries");
        if (HasSize(ledger.endings, 1, "the write ends"))
        {
            NS_TEST_EXPECT_MSG_EQ(
                (ledger.endings[0].completion.status == CompletionStatus::RetryExceeded),
                true,
                "given up");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Test suite of FabricRouting.
 */
class FabricRoutingTestSuite : public TestSuite
{
  public:
    FabricRoutingTestSuite()
        : TestSuite("mixnet-fabric-routing", TestSuite::Type::UNIT)
    {
        for (const uint64_t delayUs : {0, 1, 25})
        {
            AddTestCase(new ConvergenceTestCase(delayUs));
        }
        AddTestCase(new FlappingLinkTestCase);
        AddTestCase(new DeadEndTestCase(true));
        AddTestCase(new DeadEndTestCase(false));
        AddTestCase(new NoWayLeftTestCase);
    }
};

} // namespace

static FabricRoutingTestSuite g_fabricRoutingTestSuite; //!< the suite

} // namespace tests
