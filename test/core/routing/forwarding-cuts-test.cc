/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/forwarding-fabrics.h"

#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

using namespace mixnetcore;
using namespace mixnetcore::tests;

namespace
{

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
