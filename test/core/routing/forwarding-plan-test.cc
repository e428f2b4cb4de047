/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/forwarding-fabrics.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

using namespace mixnetcore;
using namespace mixnetcore::tests;

namespace
{

/// @brief What a reference knows: fewest links between any two packet switches, by node.
class LinkCounts
{
  public:
    static constexpr uint32_t FAR = 1000; //!< no way

    /// @param plan A fabric.
    explicit LinkCounts(const FabricPlan& plan)
        : m_counts(plan.nodes.size(), std::vector<uint32_t>(plan.nodes.size(), FAR))
    {
        const auto count = static_cast<uint32_t>(plan.nodes.size());
        for (uint32_t node = 0; node < count; ++node)
        {
            m_counts[node][node] = 0;
        }
        for (const auto& link : plan.links)
        {
            if (plan.nodes[link.a.node].role == NodeRole::PacketSwitch &&
                plan.nodes[link.b.node].role == NodeRole::PacketSwitch)
            {
                m_counts[link.a.node][link.b.node] = m_counts[link.b.node][link.a.node] = 1;
            }
        }
        for (uint32_t by = plan.hosts; by < count; ++by)
        {
            for (uint32_t from = plan.hosts; from < count; ++from)
            {
                for (uint32_t to = plan.hosts; to < count; ++to)
                {
                    m_counts[from][to] =
                        std::min(m_counts[from][to], m_counts[from][by] + m_counts[by][to]);
                }
            }
        }
    }

    /// @param from A node. @param to A node. @return links between them.
    uint32_t Between(uint32_t from, uint32_t to) const
    {
        return m_counts[from][to];
    }

  private:
    std::vector<std::vector<uint32_t>> m_counts; //!< by two nodes
};

/// @param plan A fabric. @param from A switch. @param to A switch. @param links How many.
/// @return walks from one to the other over that many links between packet switches.
uint64_t
CountWalks(const FabricPlan& plan, uint32_t from, uint32_t to, uint32_t links)
{
    if (links == 0)
    {
        return from == to;
    }
    uint64_t walks = 0;
    for (const auto& link : plan.links)
    {
        for (const auto& [near, far] : {std::pair(link.a, link.b), std::pair(link.b, link.a)})
        {
            if (near.node == from && plan.nodes[far.node].role == NodeRole::PacketSwitch)
            {
                walks += CountWalks(plan, far.node, to, links - 1);
            }
        }
    }
    return walks;
}

/// @param plan A fabric. @param node A switch. @param to An access switch. @param counts Of links.
/// @return ports of the switch whose other end is a link nearer.
std::vector<uint32_t>
PortsTowards(const FabricPlan& plan, uint32_t node, uint32_t to, const LinkCounts& counts)
{
    std::vector<uint32_t> ports;
    for (const auto& link : plan.links)
    {
        for (const auto& [near, far] : {std::pair(link.a, link.b), std::pair(link.b, link.a)})
        {
            if (near.node == node && plan.nodes[far.node].role == NodeRole::PacketSwitch &&
                counts.Between(node, to) < LinkCounts::FAR &&
                counts.Between(far.node, to) + 1 == counts.Between(node, to))
            {
                ports.push_back(near.port);
            }
        }
    }
    std::sort(ports.begin(), ports.end());
    return ports;
}

/// @param host A host. @param nic Its NIC, of eight. @return its address.
uint32_t
Address(uint32_t host, uint32_t nic)
{
    return host * 8 + nic;
}

} // namespace

TEST(ForwardingPlan, NumbersAccessSwitchesInTheOrderOfNodes)
{
    // 16 NICs at radix 4: leaf n is node 2 + n and has NICs 2 n and 2 n + 1.
    const ForwardingPlan forwarding(FatTree(2, {3, 4, 1}));

    ASSERT_EQ(forwarding.Access().size(), 16U);
    for (uint32_t address = 0; address < 16; ++address)
    {
        EXPECT_EQ(forwarding.Access()[address].accessSwitch, address / 2);
        EXPECT_EQ(forwarding.Access()[address].port, address % 2);
    }
    ASSERT_EQ(forwarding.AccessNodes().size(), 8U);
    for (uint32_t access = 0; access < 8; ++access)
    {
        EXPECT_EQ(forwarding.AccessNodes()[access], 2 + access);
        EXPECT_EQ(forwarding.TableOf(2 + access).ownAccess, access);
    }
    EXPECT_EQ(forwarding.TableOf(2 + 8).ownAccess, AccessPort::NONE); // a spine
}

TEST(ForwardingPlan, HasOnePathAtOneLeafUInAPodAndUTimesHalfTheRadixBetweenPods)
{
    // Radix 8: leaves of 4 NICs, pods of 16, U = 4. At 3:1: leaves of 6, pods of 24, U = 2.
    for (const auto& [over, leaf, pod, u] : {std::tuple(1, 4, 16, 4), std::tuple(3, 6, 24, 2)})
    {
        const ForwardingPlan forwarding(FatTree(12, {3, 8, static_cast<uint32_t>(over)}));
        for (int from = 0; from < 96; ++from)
        {
            for (int to = 0; to < 96; ++to)
            {
                const int paths = from / leaf == to / leaf ? 1 : from / pod == to / pod ? u : u * 4;
                ASSERT_EQ(forwarding.PathsBetween(from, to), static_cast<uint64_t>(paths));
            }
        }
    }
}

TEST(ForwardingPlan, HasOnePathBetweenEqualRailsOfAGroup)
{
    // Radix 8: groups of four hosts; the eight leaves of a group are two pods.
    const ForwardingPlan forwarding(PlanRailOptimized({8, EightNics(), 8}));

    EXPECT_EQ(forwarding.PathsBetween(Address(0, 5), Address(3, 5)), 1U);
    EXPECT_EQ(forwarding.PathsBetween(Address(0, 5), Address(3, 6)), 4U);
    EXPECT_EQ(forwarding.PathsBetween(Address(0, 5), Address(3, 0)), 16U);
    EXPECT_EQ(forwarding.PathsBetween(Address(0, 5), Address(4, 5)), 16U);
}

TEST(ForwardingPlan, HasNoPathBetweenRailsOfRailOnly)
{
    const ForwardingPlan forwarding(PlanRailOnly({8, EightNics(), 8}));

    EXPECT_EQ(forwarding.PathsBetween(Address(0, 5), Address(7, 5)), 1U);
    EXPECT_EQ(forwarding.PathsBetween(Address(0, 5), Address(7, 6)), 0U);
    EXPECT_EQ(forwarding.PathsBetween(Address(0, 5), Address(0, 6)), 0U);
}

TEST(ForwardingPlan, HasNoPathByHostsOrOpticalSwitches)
{
    // NICs 0 and 4 of eight are electrical, the others on the OCS.
    const ForwardingPlan forwarding(PlanMixnet({}));

    for (uint32_t nic = 0; nic < 8; ++nic)
    {
        const bool isElectrical = nic % 4 == 0;
        const auto access = forwarding.Access()[Address(1, nic)].accessSwitch;
        EXPECT_EQ(access != AccessPort::NONE, isElectrical);
        EXPECT_EQ(forwarding.PathsBetween(Address(0, 1), Address(1, nic)), 0U);
        EXPECT_EQ(forwarding.PathsBetween(Address(1, nic), Address(0, 1)), 0U);
        EXPECT_EQ(forwarding.PathsBetween(Address(0, 0), Address(1, nic)) > 0, isElectrical);
    }
}

TEST(ForwardingPlan, HasOnePathBetweenAllNicsOfASingleSwitch)
{
    const ForwardingPlan forwarding(PlanIdealSwitch({2, EightNics()}));

    ASSERT_EQ(forwarding.AccessNodes(), (std::vector<uint32_t>{2}));
    EXPECT_EQ(forwarding.PathsBetween(0, 15), 1U);
    EXPECT_EQ(forwarding.LongestPathLinks(), 2U);
    EXPECT_EQ(forwarding.TableOf(2).ownAccess, 0U);
    EXPECT_EQ(forwarding.TableOf(2).GroupOf(0), SwitchTable::NO_GROUP);
    EXPECT_TRUE(forwarding.TableOf(2).groups.empty());
}

TEST(ForwardingPlan, CountsPathsAsTryingAllWalksDoes)
{
    for (const auto& plan : SmallFabrics())
    {
        const ForwardingPlan forwarding(plan);
        const LinkCounts counts(plan);
        const auto nics = static_cast<uint32_t>(plan.host.nics.size());
        // All pairs of access switches, each by its first NIC.
        std::vector<uint32_t> firstNic;
        for (uint32_t address = 0; address < plan.hosts * nics; ++address)
        {
            if (forwarding.Access()[address].accessSwitch == firstNic.size())
            {
                firstNic.push_back(address);
            }
        }
        for (uint32_t from = 0; from < firstNic.size(); ++from)
        {
            const auto a = forwarding.AccessNodes()[from];
            for (uint32_t to = 0; to < firstNic.size(); ++to)
            {
                const auto b = forwarding.AccessNodes()[to];
                const auto links = counts.Between(a, b);
                const auto walks = links < LinkCounts::FAR ? CountWalks(plan, a, b, links) : 0;
                ASSERT_EQ(forwarding.PathsBetween(firstNic[from], firstNic[to]), walks)
                    << plan.name << " " << a << " " << b;
            }
        }
    }
}

TEST(ForwardingPlan, LooksUpThePortsThatAreALinkNearer)
{
    for (const auto& plan : SmallFabrics())
    {
        const ForwardingPlan forwarding(plan);
        const LinkCounts counts(plan);
        for (uint32_t node = plan.hosts; node < plan.nodes.size(); ++node)
        {
            if (plan.nodes[node].role != NodeRole::PacketSwitch)
            {
                continue;
            }
            const auto& table = forwarding.TableOf(node);
            for (uint32_t access = 0; access < forwarding.AccessNodes().size(); ++access)
            {
                const auto to = forwarding.AccessNodes()[access];
                const auto group = table.GroupOf(access);
                const auto ports = group == SwitchTable::NO_GROUP ? std::vector<uint32_t>{}
                                                                  : table.groups.at(group);
                ASSERT_EQ(ports, PortsTowards(plan, node, to, counts))
                    << plan.name << " " << plan.nodes[node].name << " " << access;
            }
        }
    }
}

TEST(ForwardingPlan, MergesRunsAndGroups)
{
    // Radix 8 with 128 NICs: a leaf has itself between two runs of others, all by its four uplinks.
    // A spine has four leaves between two runs; a core switch eight pods, one run each.
    const auto plan = FatTree(16);
    const ForwardingPlan forwarding(plan);

    for (uint32_t node = plan.hosts; node < plan.nodes.size(); ++node)
    {
        const auto& table = forwarding.TableOf(node);
        const auto tier = plan.nodes[node].tier;
        EXPECT_EQ(table.groups.size(), tier == 1 ? 1U : tier == 2 ? 4U + 1 : 8U);
        EXPECT_LE(table.intervals.size(), tier == 1 ? 3U : tier == 2 ? 4U + 2 : 8U);
        EXPECT_EQ(table.intervals.front().firstAccess, 0U);
        for (size_t n = 1; n < table.intervals.size(); ++n)
        {
            EXPECT_LT(table.intervals[n - 1].firstAccess, table.intervals[n].firstAccess);
            EXPECT_NE(table.intervals[n - 1].group, table.intervals[n].group);
        }
    }
}

TEST(ForwardingPlan, CountsTheLinksOfTheLongestPath)
{
    EXPECT_EQ(ForwardingPlan(FatTree(16)).LongestPathLinks(), 6U);
    EXPECT_EQ(ForwardingPlan(FatTree(2, {3, 8, 1})).LongestPathLinks(), 4U); // one pod
    EXPECT_EQ(ForwardingPlan(FatTree(3, {2, 8, 1})).LongestPathLinks(), 4U);
    EXPECT_EQ(ForwardingPlan(FatTree(3, {1})).LongestPathLinks(), 2U);
    EXPECT_EQ(ForwardingPlan(PlanRailOnly({4, EightNics(), 4})).LongestPathLinks(), 2U);
    // Eight NICs, each on a switch of its own: none reaches another.
    EXPECT_EQ(ForwardingPlan(PlanRailOnly({1, EightNics()})).LongestPathLinks(), 0U);
    // All NICs optical.
    HostSpec optical;
    optical.opticalDegree = 8;
    optical.electricalNics = 0;
    EXPECT_EQ(ForwardingPlan(PlanMixnet({1, optical})).LongestPathLinks(), 0U);
}

TEST(ForwardingPlan, NeedsMemoryInProportionToLinks)
{
    // A link between switches has two ends. Both have an entry of adjacency (4 bytes); the upper
    // one is a group of its own (24 + 4) with a run (8), the lower one a place in a group (4). A
    // link of a NIC has an entry of adjacency (4) and the access of the NIC (8). Of three links one
    // is of a NIC, so that is (2 x 48 + 12) / 3 = 36; switches themselves have about 250 bytes.
    constexpr size_t BYTES_PER_LINK = 64;
    for (const uint32_t hosts : {16, 128, 1024})
    {
        for (const auto& plan : {FatTree(hosts),
                                 PlanRailOptimized({hosts, EightNics()}),
                                 PlanRailOnly({hosts, EightNics()})})
        {
            const ForwardingPlan forwarding(plan);
            EXPECT_LT(forwarding.Bytes(), BYTES_PER_LINK * plan.links.size()) << plan.name;
            EXPECT_GT(forwarding.Bytes(), 8 * plan.links.size()) << plan.name;
        }
    }
}

TEST(ForwardingPlan, RefusesWhatIsNoPacketSwitchAndNoNic)
{
    const ForwardingPlan forwarding(FatTree(1));
    const auto refusalOf = [](const auto& action) -> std::string {
        try
        {
            action();
        }
        catch (const std::invalid_argument& error)
        {
            return error.what();
        }
        return "";
    };

    EXPECT_EQ(refusalOf([&] { forwarding.TableOf(0); }), "node = 0: must be a packet switch");
    EXPECT_EQ(refusalOf([&] { forwarding.TableOf(999); }), "node = 999: must be a packet switch");
    EXPECT_EQ(refusalOf([&] { forwarding.PathsBetween(0, 8); }),
              "address = 8: below 8, the number of NICs");
}
