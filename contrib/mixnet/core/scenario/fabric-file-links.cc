/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-file-links.h"

#include "ns3/checks.h"
#include "ns3/lists.h"
#include "ns3/option-names.h"
#include "ns3/option-values.h"
#include "ns3/unit-text.h"

#include <algorithm>

namespace mixnetcore
{

namespace
{

constexpr uint64_t MAX_PORTS = uint64_t{1} << 20;          //!< of a switch
constexpr uint64_t MAX_BUFFER = 1'000'000'000'000'000'000; //!< of a switch, bytes
constexpr uint32_t MAX_TIER = 3;                           //!< core switches
constexpr const char* HOST_PREFIX = "host";                //!< what names of hosts begin with
constexpr const char* PACKET = "packet";                   //!< kind of a switch
constexpr const char* OCS = "ocs";                         //!< likewise
/// Fields of an optical circuit switch
const std::vector<std::string> OCS_FIELDS{"name", "kind", "ports"};
/// Fields of a packet switch
const std::vector<std::string> PACKET_FIELDS{"name", "kind", "ports", "tier", "buffer"};

/// @brief A node and maybe a port of it, as a user names them.
struct PortName
{
    std::string node;             //!< name of the node
    std::optional<uint32_t> port; //!< its port, if there is one
    bool isRight{true};           //!< whether the port is a number
};

/// @param text As host0/3 or leaf0. @return its parts.
PortName
SplitPortName(const std::string& text)
{
    const auto slash = text.find('/');
    if (slash == std::string::npos)
    {
        return {text, std::nullopt};
    }
    const auto port = TryParseCount(text.substr(slash + 1), 0, UINT32_MAX);
    return {text.substr(0, slash), port, port.has_value()};
}

/// @param name Name of a node. @return number of the host, if it is the name of one.
std::optional<uint64_t>
HostNumber(const std::string& name)
{
    const auto length = std::string(HOST_PREFIX).size();
    return name.rfind(HOST_PREFIX, 0) == 0 ? TryParseCount(name.substr(length), 0, UINT64_MAX)
                                           : std::nullopt;
}

/// @param last Last of numbers from 0. @return them in words.
std::string
UpTo(uint64_t last)
{
    return last == 0 ? "0" : "0 to " + std::to_string(last);
}

/// @param item The field "buffer". @return bytes.
Bytes
ReadBuffer(const JsonItem& item)
{
    if (!item.IsText())
    {
        return Bytes(item.Count(1, MAX_BUFFER));
    }
    const auto size = TryParseSize(item.Text(), 1, MAX_BUFFER);
    if (!size)
    {
        item.Refuse("a number of bytes, or a size such as 32MB (10^6) or 32MiB (2^20)");
    }
    return Bytes(*size);
}

} // namespace

FabricFileLinks::FabricFileLinks(FabricPlan& plan)
    : m_plan(plan)
{
}

void
FabricFileLinks::ReadSwitches(const std::vector<JsonItem>& items)
{
    m_isFixed.resize(m_plan.hosts, true);
    for (const auto& item : items)
    {
        const auto kind = item.Fields(PACKET_FIELDS).Item("kind").Choice({OCS, PACKET});
        const auto fields = item.Fields(kind == OCS ? OCS_FIELDS : PACKET_FIELDS);
        NodePlan node{NodeRole::OpticalCircuitSwitch, fields.Text("name"), 0};
        if (HostNumber(node.name) || node.name.find('/') != std::string::npos)
        {
            fields.Refuse("name", "a name without /, other than those of hosts");
        }
        if (!m_nodeOf.emplace(node.name, m_plan.nodes.size()).second)
        {
            fields.Refuse("name", "a name that no other switch has");
        }
        if (kind == PACKET)
        {
            node.role = NodeRole::PacketSwitch;
            node.tier = fields.CountOr("tier", 1, 0, MAX_TIER);
            if (fields.Has("buffer"))
            {
                node.buffer = ReadBuffer(fields.Item("buffer"));
            }
        }
        m_isFixed.push_back(fields.Has("ports"));
        node.ports = fields.CountOr("ports", 0, 1, MAX_PORTS);
        m_plan.nodes.push_back(std::move(node));
    }
    m_nextFree.resize(m_plan.nodes.size());
}

uint32_t
FabricFileLinks::NodeOf(const JsonItem& item, const std::string& name) const
{
    if (const auto host = HostNumber(name))
    {
        if (*host < m_plan.hosts && name == m_plan.nodes[*host].name)
        {
            return *host;
        }
        item.Refuse("a host from " + std::string(HOST_PREFIX) + "0 to " +
                    m_plan.nodes[m_plan.hosts - 1].name);
    }
    const auto found = m_nodeOf.find(name);
    if (found == m_nodeOf.end())
    {
        const auto names = Mapped(m_nodeOf, [](const auto& entry) { return entry.first; });
        item.Refuse("NODE/PORT with a host, as host0/0, or the name of one of the switches" +
                    SuggestName(names, name));
    }
    return found->second;
}

uint32_t
FabricFileLinks::FreePort(const JsonItem& item, uint32_t node)
{
    auto& port = m_nextFree[node];
    while (m_userOf.count({node, port}) > 0)
    {
        ++port;
    }
    if (m_isFixed[node] && port >= m_plan.nodes[node].ports)
    {
        item.Refuse(Phrase() << "a switch with a free port: all its " << m_plan.nodes[node].ports
                             << " have links");
    }
    return port;
}

PortPlan
FabricFileLinks::TakeEnd(const JsonItem& item)
{
    const auto name = SplitPortName(item.Text());
    const auto node = NodeOf(item, name.node);
    const bool isHost = node < m_plan.hosts;
    auto& ports = m_plan.nodes[node].ports;
    if (!name.isRight || (isHost && !name.port))
    {
        item.Refuse("NODE/PORT with the number of a port, as host0/0");
    }
    const auto port = name.port ? *name.port : FreePort(item, node);
    if (m_isFixed[node] ? port >= ports : port >= MAX_PORTS)
    {
        const auto last = m_isFixed[node] ? ports - 1 : MAX_PORTS - 1;
        item.Refuse((isHost ? "a NIC of the host: " : "a port of the switch: ") + UpTo(last));
    }
    const auto [user, isNew] = m_userOf.emplace(PortKey{node, port}, item.Path());
    if (!isNew)
    {
        item.Refuse("a port that no other link ends at, as " + user->second + " does");
    }
    ports = std::max(ports, port + 1);
    return {node, port};
}

const NicPlan*
FabricFileLinks::NicOf(const PortPlan& port) const
{
    return port.node < m_plan.hosts ? &m_plan.host.nics[port.port] : nullptr;
}

std::string
FabricFileLinks::Describe(const PortPlan& port) const
{
    const auto& node = m_plan.nodes[port.node];
    const auto name = node.name + "/" + std::to_string(port.port);
    const auto* nic = NicOf(port);
    if (nic)
    {
        return name + ", an " + (nic->role == NicRole::Optical ? "optical" : "electrical") +
               " NIC of " + ExactText(nic->rate);
    }
    return name + ", of " +
           (node.role == NodeRole::PacketSwitch ? "a packet switch" : "an optical circuit switch");
}

void
FabricFileLinks::CheckEnds(const JsonItem& item, const LinkPlan& link) const
{
    const auto refuse = [&](const std::string& expected) {
        item.Refuse(expected + "; there are " + Describe(link.a) + ", and " + Describe(link.b));
    };
    const auto* a = NicOf(link.a);
    const auto* b = NicOf(link.b);
    if (link.a.node == link.b.node)
    {
        refuse("ends at two nodes");
    }
    if (a && b)
    {
        if (a->role != NicRole::Optical || b->role != NicRole::Optical)
        {
            refuse("two optical NICs where a link joins hosts");
        }
        if (a->rate != b->rate)
        {
            refuse("two NICs of the same rate");
        }
        return;
    }
    const auto roleOf = [this](const PortPlan& port) { return m_plan.nodes[port.node].role; };
    if (!a && !b)
    {
        if (roleOf(link.a) != NodeRole::PacketSwitch || roleOf(link.b) != NodeRole::PacketSwitch)
        {
            refuse("an optical NIC at the other end of a link from an optical circuit switch");
        }
        return;
    }
    const auto* nic = a ? a : b;
    const bool isOptical = roleOf(a ? link.b : link.a) == NodeRole::OpticalCircuitSwitch;
    if (isOptical != (nic->role == NicRole::Optical))
    {
        refuse(isOptical ? "an optical NIC at an optical circuit switch"
                         : "an electrical NIC at a packet switch");
    }
}

const NicPlan*
FabricFileLinks::NicOf(const LinkPlan& link) const
{
    const auto* nic = NicOf(link.a);
    return nic ? nic : NicOf(link.b);
}

BitsPerSecond
FabricFileLinks::ReadRate(const JsonItem& item, const LinkPlan& link) const
{
    const auto rate = item.Rate();
    const auto* nic = NicOf(link);
    if (nic && rate != nic->rate)
    {
        item.Refuse("the rate of its NIC, " + ExactText(nic->rate));
    }
    return rate;
}

void
FabricFileLinks::ReadLinks(const std::vector<JsonItem>& items,
                           BitsPerSecond rate,
                           Picoseconds delay)
{
    for (const auto& item : items)
    {
        const auto fields =
            item.IsList() ? std::nullopt : std::optional(item.Fields({"ends", "rate", "delay"}));
        const auto ends = fields ? fields->Item("ends") : item;
        const auto [first, second] = ends.Pair("two ends, as [\"host0/0\", \"leaf0/3\"]");
        LinkPlan link{};
        link.a = TakeEnd(first);
        link.b = TakeEnd(second);
        CheckEnds(item, link);
        const auto* nic = NicOf(link);
        link.rate = fields && fields->Has("rate") ? ReadRate(fields->Item("rate"), link)
                    : nic                         ? nic->rate
                                                  : rate;
        link.delay = fields && fields->Has("delay") ? fields->Item("delay").Duration() : delay;
        m_farEnd.emplace(PortKey{link.a.node, link.a.port}, link.b);
        m_farEnd.emplace(PortKey{link.b.node, link.b.port}, link.a);
        m_plan.links.push_back(link);
    }
}

uint32_t
FabricFileLinks::ReadOpticalSwitch(const JsonItem& item) const
{
    const auto name = item.Text();
    std::vector<std::string> names;
    for (const auto& [known, node] : m_nodeOf)
    {
        if (m_plan.nodes[node].role == NodeRole::OpticalCircuitSwitch)
        {
            names.push_back(known);
        }
    }
    if (std::find(names.begin(), names.end(), name) == names.end())
    {
        item.Refuse("the name of an optical circuit switch" + SuggestName(names, name));
    }
    return m_nodeOf.at(name);
}

uint32_t
FabricFileLinks::ReadCircuitEnd(const JsonItem& item, uint32_t opticalSwitch) const
{
    const auto& node = m_plan.nodes[opticalSwitch];
    if (!item.IsText())
    {
        const uint32_t port = item.Count(0, node.ports == 0 ? 0 : node.ports - 1);
        if (m_farEnd.count({opticalSwitch, port}) == 0)
        {
            item.Refuse("a port of " + node.name + " at which a NIC ends");
        }
        return port;
    }
    const auto name = SplitPortName(item.Text());
    const auto host = NodeOf(item, name.node);
    const auto end = name.port ? m_farEnd.find({host, *name.port}) : m_farEnd.end();
    if (host >= m_plan.hosts || end == m_farEnd.end() || end->second.node != opticalSwitch)
    {
        item.Refuse("a NIC that ends at " + node.name + ", as host0/0, or the number of a port");
    }
    return end->second.port;
}

std::optional<NicId>
FabricFileLinks::FindUnlinked() const
{
    for (uint32_t host = 0; host < m_plan.hosts; ++host)
    {
        for (const auto nic : m_plan.host.NicsOn(NicRole::Electrical))
        {
            if (m_farEnd.count({host, nic}) == 0)
            {
                return NicId{host, nic};
            }
        }
    }
    return std::nullopt;
}

} // namespace mixnetcore
