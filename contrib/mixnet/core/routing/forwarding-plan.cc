/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "forwarding-plan.h"

#include "ns3/checks.h"

#include <map>
#include <utility>

namespace mixnetcore
{

/**
 * @brief Searches from one access switch after the other, and notes the ports towards it.
 */
class ForwardingPlan::Builder
{
  public:
    /// @param plan Has its links; its tables gain entries. @param rule Which paths may be used.
    Builder(ForwardingPlan& plan, PathRule rule)
        : m_plan(plan),
          m_adjacency(plan.m_adjacency),
          m_tables(plan.m_tables),
          m_rule(rule),
          m_links(plan.m_tables.size()),
          m_leadsDown(plan.m_tables.size()),
          m_groupOf(plan.m_tables.size())
    {
    }

    /**
     * @brief Notes ports towards an access switch, one number higher each time.
     * @param access Its number.
     * @param place Its place.
     */
    void SearchFrom(uint32_t access, uint32_t place)
    {
        std::fill(m_links.begin(), m_links.end(), UNREACHED);
        for (auto& level : m_levels)
        {
            level.clear();
        }
        m_reached = 0;
        Reach(place, 0);
        if (m_rule == PathRule::UpDown)
        {
            Climb(place);
        }
        for (uint32_t level = 0; level < m_levels.size(); ++level)
        {
            for (size_t next = 0; next < m_levels[level].size(); ++next)
            {
                const auto here = m_levels[level][next];
                CollectPorts(here);
                Note(here, access, m_ports.empty() ? SwitchTable::NO_GROUP : GroupOfPorts(here));
            }
        }
        for (uint32_t other = 0; m_reached < m_tables.size() && other < m_tables.size(); ++other)
        {
            if (m_links[other] == UNREACHED)
            {
                Note(other, access, SwitchTable::NO_GROUP);
            }
        }
    }

    /// @param place Of a switch. @return links to it in the last search, or UNREACHED.
    uint32_t LinksTo(uint32_t place) const
    {
        return m_links[place];
    }

    static constexpr uint32_t UNREACHED = 0xffffffff; //!< links to what there is no path to

  private:
    /// @param place Of a switch. @param links To it, over all paths the fewest.
    void Reach(uint32_t place, uint32_t links)
    {
        m_links[place] = links;
        if (links >= m_levels.size())
        {
            m_levels.resize(links + 1);
        }
        m_levels[links].push_back(place);
        ++m_reached;
    }

    /// @param from Place of the access switch. @brief Reaches all that lead down to it.
    void Climb(uint32_t from)
    {
        std::fill(m_leadsDown.begin(), m_leadsDown.end(), 0);
        m_leadsDown[from] = 1;
        for (uint32_t level = 0; level < m_levels.size(); ++level)
        {
            for (size_t next = 0; next < m_levels[level].size(); ++next)
            {
                const auto here = m_levels[level][next];
                for (auto end = m_adjacency.first[here]; end < m_adjacency.first[here + 1]; ++end)
                {
                    const auto there = m_adjacency.ends[end];
                    if (there != NOT_A_SWITCH && m_links[there] == UNREACHED &&
                        m_plan.IsAbove(there, here))
                    {
                        m_leadsDown[there] = 1;
                        Reach(there, level + 1);
                    }
                }
            }
        }
    }

    /// @param here Place of a switch. @param there Of one that is a link nearer. @return whether a
    /// path may go on there.
    bool MayGoOn(uint32_t here, uint32_t there) const
    {
        if (m_rule == PathRule::Shortest)
        {
            return true;
        }
        return m_leadsDown[here] ? m_leadsDown[there] && m_plan.IsAbove(here, there)
                                 : m_plan.IsAbove(there, here);
    }

    /// @param here Place of a switch: its ports a link nearer become m_ports, its other neighbours
    /// are reached.
    void CollectPorts(uint32_t here)
    {
        m_ports.clear();
        const auto first = m_adjacency.first[here];
        for (auto end = first; end < m_adjacency.first[here + 1]; ++end)
        {
            const auto there = m_adjacency.ends[end];
            if (there == NOT_A_SWITCH)
            {
                continue;
            }
            if (m_links[there] == UNREACHED)
            {
                if (m_rule == PathRule::Shortest || m_plan.IsAbove(here, there))
                {
                    Reach(there, m_links[here] + 1);
                }
            }
            else if (m_links[there] + 1 == m_links[here] && MayGoOn(here, there))
            {
                m_ports.push_back(static_cast<uint32_t>(end - first));
            }
        }
    }

    /// @param here Place of a switch. @return its group of m_ports, new if need be.
    uint32_t GroupOfPorts(uint32_t here)
    {
        auto& table = m_tables[here];
        if (!table.intervals.empty() && table.intervals.back().group != SwitchTable::NO_GROUP &&
            table.groups[table.intervals.back().group] == m_ports)
        {
            return table.intervals.back().group;
        }
        const auto number = static_cast<uint32_t>(table.groups.size());
        const auto [found, isNew] = m_groupOf[here].try_emplace(m_ports, number);
        if (isNew)
        {
            table.groups.push_back(m_ports);
        }
        return found->second;
    }

    /// @param here Place of a switch. @param access Of an access switch. @param group Towards it.
    void Note(uint32_t here, uint32_t access, uint32_t group)
    {
        auto& intervals = m_tables[here].intervals;
        if (intervals.empty() || intervals.back().group != group)
        {
            intervals.push_back({access, group});
        }
    }

    const ForwardingPlan& m_plan;                //!< has switches and links
    const Adjacency& m_adjacency;                //!< links between switches
    std::vector<SwitchTable>& m_tables;          //!< what is made
    PathRule m_rule;                             //!< which paths may be used
    std::vector<uint32_t> m_links;               //!< to the access switch, by place
    std::vector<char> m_leadsDown;               //!< whether links down lead to it, by place
    std::vector<std::vector<uint32_t>> m_levels; //!< places by links to it
    size_t m_reached{0};                         //!< how many have a path to it
    std::vector<uint32_t> m_ports;               //!< of the switch in hand
    std::vector<std::map<std::vector<uint32_t>, uint32_t>> m_groupOf; //!< numbers, by place
};

ForwardingPlan::ForwardingPlan(const FabricPlan& plan,
                               const std::set<uint32_t>& down,
                               PathRule rule)
{
    NumberSwitches(plan);
    JoinSwitches(plan, down);
    std::vector<uint32_t> nics(m_accessNodes.size());
    for (const auto& access : m_access)
    {
        if (access.accessSwitch != AccessPort::NONE)
        {
            ++nics[access.accessSwitch];
        }
    }
    Builder builder(*this, rule);
    for (uint32_t access = 0; access < m_accessNodes.size(); ++access)
    {
        builder.SearchFrom(access, m_placeOfNode[m_accessNodes[access]]);
        for (uint32_t other = 0; other < m_accessNodes.size(); ++other)
        {
            const auto links = builder.LinksTo(m_placeOfNode[m_accessNodes[other]]);
            if (links != Builder::UNREACHED && (other != access || nics[access] > 1))
            {
                m_longestPathLinks = std::max(m_longestPathLinks, links + 2);
            }
        }
    }
    for (auto& table : m_tables)
    {
        table.intervals.shrink_to_fit();
        table.groups.shrink_to_fit();
    }
}

void
ForwardingPlan::NumberSwitches(const FabricPlan& plan)
{
    uint32_t switches = 0;
    for (const auto& node : plan.nodes)
    {
        m_placeOfNode.push_back(node.role == NodeRole::PacketSwitch ? switches++ : NOT_A_SWITCH);
        if (node.role == NodeRole::PacketSwitch)
        {
            m_tiers.push_back(node.tier);
        }
    }
    m_tiers.shrink_to_fit();
    m_placeOfNode.shrink_to_fit();
    m_tables.resize(switches);
    const auto nics = plan.host.nics.size();
    m_access.resize(plan.hosts * nics, {AccessPort::NONE, 0});
    std::vector<uint32_t> nodeOfNic(m_access.size());
    for (const auto& link : plan.links)
    {
        for (const auto& [near, far] : {std::pair(link.a, link.b), std::pair(link.b, link.a)})
        {
            const auto place = m_placeOfNode.at(far.node);
            if (plan.nodes.at(near.node).role == NodeRole::Host && place != NOT_A_SWITCH)
            {
                m_access.at(near.node * nics + near.port) = {0, far.port};
                nodeOfNic[near.node * nics + near.port] = far.node;
                m_tables[place].ownAccess = 0;
            }
        }
    }
    for (uint32_t node = 0; node < plan.nodes.size(); ++node)
    {
        const auto place = m_placeOfNode[node];
        if (place != NOT_A_SWITCH && m_tables[place].ownAccess != AccessPort::NONE)
        {
            m_tables[place].ownAccess = static_cast<uint32_t>(m_accessNodes.size());
            m_accessNodes.push_back(node);
        }
    }
    m_accessNodes.shrink_to_fit();
    for (size_t address = 0; address < m_access.size(); ++address)
    {
        if (m_access[address].accessSwitch != AccessPort::NONE)
        {
            m_access[address].accessSwitch = m_tables[m_placeOfNode[nodeOfNic[address]]].ownAccess;
        }
    }
}

void
ForwardingPlan::JoinSwitches(const FabricPlan& plan, const std::set<uint32_t>& down)
{
    m_adjacency.first.assign(1, 0);
    m_adjacency.first.reserve(m_tables.size() + 1);
    for (const auto& node : plan.nodes)
    {
        if (node.role == NodeRole::PacketSwitch)
        {
            m_adjacency.first.push_back(m_adjacency.first.back() + node.ports);
        }
    }
    m_adjacency.ends.assign(m_adjacency.first.back(), NOT_A_SWITCH);
    for (uint32_t number = 0; number < plan.links.size(); ++number)
    {
        const auto& link = plan.links[number];
        const auto a = m_placeOfNode[link.a.node];
        const auto b = m_placeOfNode[link.b.node];
        if (a != NOT_A_SWITCH && b != NOT_A_SWITCH && down.count(number) == 0)
        {
            m_adjacency.ends.at(m_adjacency.first[a] + link.a.port) = b;
            m_adjacency.ends.at(m_adjacency.first[b] + link.b.port) = a;
        }
    }
}

const SwitchTable&
ForwardingPlan::TableOf(uint32_t node) const
{
    if (node >= m_placeOfNode.size() || m_placeOfNode[node] == NOT_A_SWITCH)
    {
        Refuse(Phrase() << "node = " << node << ": must be a packet switch");
    }
    return m_tables[m_placeOfNode[node]];
}

const AccessPort&
ForwardingPlan::AccessOf(uint32_t address) const
{
    if (address >= m_access.size())
    {
        Refuse(Phrase() << "address = " << address << ": below " << m_access.size()
                        << ", the number of NICs");
    }
    return m_access[address];
}

uint64_t
ForwardingPlan::PathsBetween(uint32_t fromAddress, uint32_t toAddress) const
{
    const auto from = AccessOf(fromAddress).accessSwitch;
    const auto to = AccessOf(toAddress).accessSwitch;
    if (from == AccessPort::NONE || to == AccessPort::NONE)
    {
        return 0;
    }
    const auto goal = m_placeOfNode[m_accessNodes[to]];
    std::map<uint32_t, uint64_t> paths{{m_placeOfNode[m_accessNodes[from]], 1}};
    while (!paths.empty() && paths.count(goal) == 0)
    {
        std::map<uint32_t, uint64_t> onward; // shortest paths to each switch a link nearer
        for (const auto& [place, count] : paths)
        {
            const auto group = m_tables[place].GroupOf(to);
            if (group == SwitchTable::NO_GROUP)
            {
                continue;
            }
            for (const auto port : m_tables[place].groups[group])
            {
                onward[m_adjacency.ends[m_adjacency.first[place] + port]] += count;
            }
        }
        paths = std::move(onward);
    }
    return paths.empty() ? 0 : paths.at(goal);
}

const std::vector<uint32_t>*
ForwardingPlan::PortsTowards(uint32_t place, uint32_t access) const
{
    const auto group = m_tables[place].GroupOf(access);
    return group == SwitchTable::NO_GROUP ? nullptr : &m_tables[place].groups[group];
}

ForwardingPlan::MissingPaths
ForwardingPlan::MissingOf(const ForwardingPlan& whole) const
{
    MissingPaths missing;
    for (uint32_t from = 0; from < m_accessNodes.size(); ++from)
    {
        const auto place = m_placeOfNode[m_accessNodes[from]];
        for (uint32_t to = 0; to < m_accessNodes.size(); ++to)
        {
            if (!PortsTowards(place, to) && whole.PortsTowards(place, to))
            {
                if (missing.pairs++ == 0)
                {
                    missing.from = m_accessNodes[from];
                    missing.to = m_accessNodes[to];
                }
            }
        }
    }
    return missing;
}

std::optional<ForwardingPlan::Turn>
ForwardingPlan::FindTurn() const
{
    std::vector<uint32_t> nodes(m_tables.size()); // by place
    for (uint32_t node = 0; node < m_placeOfNode.size(); ++node)
    {
        if (m_placeOfNode[node] != NOT_A_SWITCH)
        {
            nodes[m_placeOfNode[node]] = node;
        }
    }
    std::vector<char> comesDown(m_tables.size());
    for (uint32_t access = 0; access < m_accessNodes.size(); ++access)
    {
        std::fill(comesDown.begin(), comesDown.end(), 0);
        const auto visitEnds = [&](uint32_t place, const auto& visit) {
            if (const auto* ports = PortsTowards(place, access))
            {
                for (const auto port : *ports)
                {
                    visit(m_adjacency.ends[m_adjacency.first[place] + port]);
                }
            }
        };
        for (uint32_t place = 0; place < m_tables.size(); ++place)
        {
            visitEnds(place, [&](uint32_t end) {
                comesDown[end] = IsAbove(place, end) ? 1 : comesDown[end];
            });
        }
        for (uint32_t place = 0; place < m_tables.size(); ++place)
        {
            bool goesUp = false;
            visitEnds(place, [&](uint32_t end) { goesUp = goesUp || IsAbove(end, place); });
            if (comesDown[place] && goesUp)
            {
                return Turn{nodes[place], m_accessNodes[access]};
            }
        }
    }
    return std::nullopt;
}

size_t
ForwardingPlan::Bytes() const
{
    const auto bytesOf = [](const auto& list) { return list.capacity() * sizeof(list[0]); };
    size_t bytes = bytesOf(m_access) + bytesOf(m_accessNodes) + bytesOf(m_placeOfNode) +
                   bytesOf(m_tiers) + bytesOf(m_adjacency.first) + bytesOf(m_adjacency.ends) +
                   bytesOf(m_tables);
    for (const auto& table : m_tables)
    {
        bytes += bytesOf(table.intervals) + bytesOf(table.groups);
        for (const auto& group : table.groups)
        {
            bytes += bytesOf(group);
        }
    }
    return bytes;
}

} // namespace mixnetcore
