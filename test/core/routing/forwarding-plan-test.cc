/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fat-tree-planner.h"
#include "ns3/forwarding-plan.h"
#include "ns3/ideal-switch-planner.h"
#include "ns3/mixnet-planner.h"
#include "ns3/rail-planner.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

using namespace mixnetcore;

namespace
{

/// @return a server of eight GPUs, each with an electrical NIC.
HostSpec
EightNics()
{
    HostSpec host;
    host.opticalDegree = 0;
    host.electricalNics = 8;
    return host;
}

/// @param hosts Servers. @param clos The switches. @return a fat-tree.
FabricPlan
FatTree(uint32_t hosts, const ClosSpec& clos = {})
{
    return PlanFatTree({hosts, EightNics(), clos});
}

/// @return fabrics of all kinds, small enough for references that try everything.
std::vector<FabricPlan>
SmallFabrics()
{
    MixnetSpec mixnet;
    mixnet.hosts = 6;
    mixnet.hostsPerRegion = 2;
    auto sideBySide = FatTree(2, {2, 8, 1}); // every link between switches three times
    const auto links = sideBySide.links;
    for (const auto& link : links)
    {
        if (link.a.node >= sideBySide.hosts)
        {
            for (int copy = 0; copy < 2; ++copy)
            {
                sideBySide.links.push_back({{link.a.node, sideBySide.nodes[link.a.node].ports++},
                                            {link.b.node, sideBySide.nodes[link.b.node].ports++},
                                            link.rate,
                                            link.delay});
            }
        }
    }
    return {FatTree(1, {1}),
            FatTree(3, {2, 8, 1}),
            FatTree(2, {3, 4, 1}),
            FatTree(5, {3, 6, 1}),
            FatTree(5, {3, 8, 3}),
            PlanIdealSwitch({2, EightNics()}),
            PlanRailOptimized({6, EightNics(), 6}),
            PlanRailOnly({6, EightNics(), 4}),
            PlanRailOnly({13, EightNics(), 4}),
            PlanMixnet(mixnet),
            sideBySide};
}

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

/// @param plan A fabric. @return its links between packet switches, ascending.
std::vector<uint32_t>
SwitchLinks(const FabricPlan& plan)
{
    std::vector<uint32_t> links;
    for (uint32_t link = 0; link < plan.links.size(); ++link)
    {
        if (plan.nodes[plan.links[link].a.node].role == NodeRole::PacketSwitch &&
            plan.nodes[plan.links[link].b.node].role == NodeRole::PacketSwitch)
        {
            links.push_back(link);
        }
    }
    return links;
}

/// @param plan A fabric. @param random Where numbers come from. @return each third of its links
/// between packet switches, on average.
std::set<uint32_t>
CutSome(const FabricPlan& plan, std::mt19937& random)
{
    std::set<uint32_t> down;
    for (const auto link : SwitchLinks(plan))
    {
        if (random() % 3 == 0)
        {
            down.insert(link);
        }
    }
    return down;
}

/// @brief Links of a fabric as its switches see them, for references.
class Wiring
{
  public:
    /// @param plan A fabric. @param down Links that are not there.
    explicit Wiring(const FabricPlan& plan, const std::set<uint32_t>& down = {})
        : m_plan(plan)
    {
        for (const auto number : SwitchLinks(plan))
        {
            if (down.count(number) == 0)
            {
                const auto& link = plan.links[number];
                m_ends[{link.a.node, link.a.port}] = link.b.node;
                m_ends[{link.b.node, link.b.port}] = link.a.node;
            }
        }
    }

    /// @param node A switch. @param port A port with a link. @return the switch at its end.
    uint32_t EndOf(uint32_t node, uint32_t port) const
    {
        return m_ends.at({node, port});
    }

    /// @param from A switch. @param to A switch next to it. @return whether that is up.
    bool IsUp(uint32_t from, uint32_t to) const
    {
        return m_plan.nodes[to].tier > m_plan.nodes[from].tier;
    }

    /// @param from A switch. @param to Another. @return fewest links first up, then down; none
    /// where there is no such path.
    std::optional<uint32_t> UpDownLinks(uint32_t from, uint32_t to) const
    {
        using Place = std::pair<uint32_t, bool>; // a switch, and whether the path has gone down
        std::map<Place, uint32_t> links{{{from, false}, 0}};
        std::vector<Place> reached{{from, false}};
        for (size_t next = 0; next < reached.size(); ++next)
        {
            const auto [node, goesDown] = reached[next];
            if (node == to)
            {
                return links[{node, goesDown}];
            }
            for (auto end = m_ends.lower_bound({node, 0});
                 end != m_ends.end() && end->first.first == node;
                 ++end)
            {
                const bool isUp = IsUp(node, end->second);
                const Place there{end->second, !isUp};
                if (!(isUp && goesDown) &&
                    links.try_emplace(there, links[{node, goesDown}] + 1).second)
                {
                    reached.push_back(there);
                }
            }
        }
        return std::nullopt;
    }

  private:
    const FabricPlan& m_plan;                                 //!< the fabric
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> m_ends; //!< switch, by switch and port
};

/// @param forwarding Tables. @param node A switch. @param access Of an access switch.
/// @return the ports towards it.
std::vector<uint32_t>
PortsOf(const ForwardingPlan& forwarding, uint32_t node, uint32_t access)
{
    const auto& table = forwarding.TableOf(node);
    const auto group = table.GroupOf(access);
    return group == SwitchTable::NO_GROUP ? std::vector<uint32_t>{} : table.groups.at(group);
}

/// @brief What waits for what: a link whose frames may have to go on over another link.
using Waits = std::map<std::pair<uint32_t, uint32_t>, std::set<std::pair<uint32_t, uint32_t>>>;

/// @param plan A fabric. @param forwarding Its tables, those of different times together: frames
/// go by any of them. @return for each link by which frames leave a switch (node, port) those by
/// which they may leave the next.
Waits
WaitsOf(const FabricPlan& plan, const std::vector<const ForwardingPlan*>& forwarding)
{
    const Wiring wiring(plan);
    Waits waits;
    for (uint32_t node = plan.hosts; node < plan.nodes.size(); ++node)
    {
        if (plan.nodes[node].role != NodeRole::PacketSwitch)
        {
            continue;
        }
        for (uint32_t access = 0; access < forwarding.front()->AccessNodes().size(); ++access)
        {
            for (const auto* here : forwarding)
            {
                for (const auto port : PortsOf(*here, node, access))
                {
                    const auto next = wiring.EndOf(node, port);
                    for (const auto* there : forwarding)
                    {
                        for (const auto onward : PortsOf(*there, next, access))
                        {
                            waits[{node, port}].insert({next, onward});
                        }
                    }
                }
            }
        }
    }
    return waits;
}

/// @param waits What waits for what. @return whether anything waits for itself, over others.
bool
HasCycle(Waits waits)
{
    // Takes away what waits for nothing, again and again.
    for (bool isChanged = true; isChanged;)
    {
        isChanged = false;
        for (auto link = waits.begin(); link != waits.end();)
        {
            for (auto other = link->second.begin(); other != link->second.end();)
            {
                other = waits.count(*other) == 0 ? link->second.erase(other) : std::next(other);
            }
            isChanged = isChanged || link->second.empty();
            link = link->second.empty() ? waits.erase(link) : std::next(link);
        }
    }
    return !waits.empty();
}

/// @return eight hosts of one NIC on four leaves of two NICs, under two spines.
FabricPlan
FourLeaves()
{
    HostSpec host;
    host.gpus = 1;
    host.opticalDegree = 0;
    host.electricalNics = 1;
    return PlanFatTree({8, host, {2, 4, 1}});
}

/// @param plan FourLeaves(). @return the links leaf 0 to spine 0, and leaf 1 to spine 1.
std::set<uint32_t>
CrossedCuts(const FabricPlan& plan)
{
    std::set<uint32_t> down;
    for (const auto link : SwitchLinks(plan))
    {
        const auto& lower = plan.nodes[plan.links[link].a.node].name;
        const auto& upper = plan.nodes[plan.links[link].b.node].name;
        if ((lower == "leaf0" && upper == "spine0") || (lower == "leaf1" && upper == "spine1"))
        {
            down.insert(link);
        }
    }
    return down;
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

TEST(ForwardingPlan, LeavesOutLinksThatAreDown)
{
    // Two tiers of radix 4: two spines. Without one uplink of a leaf one way to it is left, without
    // both none; others keep theirs.
    HostSpec host;
    host.gpus = 1;
    host.opticalDegree = 0;
    host.electricalNics = 1;
    const auto plan = PlanFatTree({8, host, {2, 4, 1}});
    const ForwardingPlan whole(plan);
    std::set<uint32_t> down;
    for (const uint64_t left : {1, 0})
    {
        const auto leaf = whole.AccessNodes().at(0);
        for (uint32_t link = 0; link < plan.links.size(); ++link)
        {
            const auto& [a, b, rate, delay] = plan.links[link];
            const auto other = a.node == leaf ? b.node : a.node;
            if ((a.node == leaf || b.node == leaf) && down.count(link) == 0 &&
                plan.nodes[other].role == NodeRole::PacketSwitch)
            {
                down.insert(link);
                break;
            }
        }
        const ForwardingPlan rest(plan, down);
        const uint32_t last = whole.Access().size() - 1;
        EXPECT_EQ(whole.PathsBetween(0, last), 2U);
        EXPECT_EQ(rest.PathsBetween(0, last), left);
        EXPECT_EQ(rest.PathsBetween(last, 0), left);
        EXPECT_EQ(rest.PathsBetween(last, last / 2), 2U);
    }
}

TEST(ForwardingPlan, HasTheSameTablesByBothRulesWithoutCuts)
{
    for (const auto& plan : SmallFabrics())
    {
        const ForwardingPlan upDown(plan, {}, PathRule::UpDown);
        const ForwardingPlan shortest(plan, {}, PathRule::Shortest);
        EXPECT_FALSE(shortest.FindTurn());
        EXPECT_EQ(upDown.MissingOf(shortest).pairs, 0U);
        for (uint32_t node = plan.hosts; node < plan.nodes.size(); ++node)
        {
            for (uint32_t access = 0; access < upDown.AccessNodes().size() &&
                                      plan.nodes[node].role == NodeRole::PacketSwitch;
                 ++access)
            {
                ASSERT_EQ(PortsOf(upDown, node, access), PortsOf(shortest, node, access))
                    << plan.name;
            }
        }
    }
}

TEST(ForwardingPlan, GoesDownOnceAndAsShortAsThatAllowsWhateverIsCut)
{
    std::mt19937 random(1);
    for (const auto& plan : SmallFabrics())
    {
        for (int n = 0; n < 8; ++n)
        {
            const auto down = CutSome(plan, random);
            const ForwardingPlan forwarding(plan, down);
            const Wiring wiring(plan, down);
            EXPECT_FALSE(forwarding.FindTurn());
            for (const auto from : forwarding.AccessNodes())
            {
                for (uint32_t access = 0; access < forwarding.AccessNodes().size(); ++access)
                {
                    const auto to = forwarding.AccessNodes()[access];
                    const auto links = wiring.UpDownLinks(from, to);
                    // All places that frames get to, link by link, and whether they went down.
                    std::set<std::pair<uint32_t, bool>> here{{from, false}};
                    for (uint32_t link = 0; links && link < *links; ++link)
                    {
                        std::set<std::pair<uint32_t, bool>> onward;
                        for (const auto& [node, wentDown] : here)
                        {
                            const auto ports = PortsOf(forwarding, node, access);
                            ASSERT_FALSE(ports.empty()) << plan.name;
                            for (const auto port : ports)
                            {
                                const auto next = wiring.EndOf(node, port);
                                ASSERT_FALSE(wentDown && wiring.IsUp(node, next)) << plan.name;
                                onward.insert({next, !wiring.IsUp(node, next)});
                            }
                        }
                        here = onward;
                    }
                    for (const auto& [node, wentDown] : here)
                    {
                        ASSERT_EQ(node, links ? to : from) << plan.name;
                    }
                    ASSERT_EQ(PortsOf(forwarding, from, access).empty(), !links || from == to);
                }
            }
        }
    }
}

TEST(ForwardingPlan, LetsNothingWaitForItselfEvenWhileTablesChange)
{
    std::mt19937 random(2);
    for (const auto& plan : SmallFabrics())
    {
        const ForwardingPlan whole(plan);
        for (int n = 0; n < 8; ++n)
        {
            // Frames that one table has sent on meet the next one, after cuts and splices.
            const ForwardingPlan before(plan, CutSome(plan, random));
            const ForwardingPlan after(plan, CutSome(plan, random));
            EXPECT_FALSE(HasCycle(WaitsOf(plan, {&whole, &before, &after}))) << plan.name;
        }
    }
}

TEST(ForwardingPlan, ByTheShortestPathsMayWaitForItselfAfterCuts)
{
    // Leaf 0 has spine 1 only, leaf 1 spine 0 only: between them leaves 2 and 3 must forward.
    const auto plan = FourLeaves();
    const auto down = CrossedCuts(plan);
    ASSERT_EQ(down.size(), 2U);
    const ForwardingPlan whole(plan);
    const ForwardingPlan shortest(plan, down, PathRule::Shortest);
    const ForwardingPlan upDown(plan, down);

    EXPECT_TRUE(HasCycle(WaitsOf(plan, {&shortest})));
    EXPECT_FALSE(HasCycle(WaitsOf(plan, {&upDown})));
    const auto turn = shortest.FindTurn();
    ASSERT_TRUE(turn);
    EXPECT_EQ(plan.nodes[turn->at].tier, 1U);
    EXPECT_NE(turn->at, turn->to);
    EXPECT_EQ(shortest.PathsBetween(0, 2), 2U); // NICs 0 and 1 are at leaf 0, 2 and 3 at leaf 1
    EXPECT_EQ(upDown.PathsBetween(0, 2), 0U);
    EXPECT_EQ(upDown.PathsBetween(0, 4), 1U);
}

TEST(ForwardingPlan, TellsWhichPathsAreMissing)
{
    const auto plan = FourLeaves();
    const ForwardingPlan whole(plan);
    const ForwardingPlan upDown(plan, CrossedCuts(plan));
    const auto missing = upDown.MissingOf(whole);
    EXPECT_EQ(missing.pairs, 2U); // leaf 0 to leaf 1 and back
    EXPECT_EQ(plan.nodes.at(missing.from).name, "leaf0");
    EXPECT_EQ(plan.nodes.at(missing.to).name, "leaf1");
    EXPECT_EQ(whole.MissingOf(upDown).pairs, 0U);
    EXPECT_EQ(whole.MissingOf(whole).from, ForwardingPlan::NO_SWITCH);
    // Rails that never meet are missing nowhere.
    const ForwardingPlan rails(PlanRailOnly({8, EightNics(), 8}));
    EXPECT_EQ(rails.MissingOf(rails).pairs, 0U);
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
