/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-file-circuits.h"

#include "ns3/checks.h"
#include "ns3/circuit-graph.h"
#include "ns3/lists.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <tuple>

namespace mixnetcore
{

namespace
{

constexpr const char* BY_HOST = "hosts"; //!< endpoints of a region
constexpr const char* BY_GPU = "gpus";   //!< others

/// @param plan A fabric. @param opticalSwitch Node of a switch. @return ports of it and the NICs
/// that end there, ascending.
std::map<uint32_t, NicId>
NicsAt(const FabricPlan& plan, uint32_t opticalSwitch)
{
    std::map<uint32_t, NicId> nics;
    for (const auto& link : plan.links)
    {
        for (const auto& [near, far] : {std::pair(link.a, link.b), std::pair(link.b, link.a)})
        {
            if (near.node == opticalSwitch && far.node < plan.hosts)
            {
                nics.insert({near.port, {far.node, far.port}});
            }
        }
    }
    return nics;
}

/// @brief Ends of circuits of a slot that are taken.
class SlotEnds
{
  public:
    /// @param switchLinks Knows NICs. @param opticalSwitch Node of the switch.
    SlotEnds(const FabricFileLinks& switchLinks, uint32_t opticalSwitch)
        : m_links(switchLinks),
          m_switch(opticalSwitch)
    {
    }

    /// @param items Circuits of a kind. @param isOneWay Whether light goes from the first port to
    /// the second only. @return the circuits.
    std::vector<Circuit> Read(const std::vector<JsonItem>& items, bool isOneWay)
    {
        std::vector<Circuit> circuits;
        for (const auto& item : items)
        {
            const auto [first, second] = item.Pair("two NICs, as [\"host0/0\", \"host1/0\"]");
            const auto a = m_links.ReadCircuitEnd(first, m_switch);
            const auto b = m_links.ReadCircuitEnd(second, m_switch);
            if (a == b)
            {
                item.Refuse("two different NICs");
            }
            Take(first, a, m_begins);
            Take(second, b, m_ends);
            if (!isOneWay)
            {
                Take(first, a, m_ends);
                Take(second, b, m_begins);
            }
            circuits.emplace_back(a, b);
        }
        return circuits;
    }

  private:
    /// @param item An end. @param port Its port. @param used Ports that are taken.
    static void Take(const JsonItem& item, uint32_t port, std::map<uint32_t, std::string>& used)
    {
        const auto [user, isNew] = used.emplace(port, item.Path());
        if (!isNew)
        {
            item.Refuse("a NIC that no other circuit of the slot uses, as " + user->second +
                        " does");
        }
    }

    const FabricFileLinks& m_links;           //!< knows NICs
    uint32_t m_switch;                        //!< node of the switch
    std::map<uint32_t, std::string> m_begins; //!< ports at which light comes in, and by what
    std::map<uint32_t, std::string> m_ends;   //!< ports at which light leaves, and by what
};

} // namespace

std::vector<uint32_t>
AllHostsOf(uint32_t hosts)
{
    std::vector<uint32_t> all(hosts);
    std::iota(all.begin(), all.end(), 0);
    return all;
}

bool
HasOneWayCircuits(const FabricPlan& plan)
{
    return std::any_of(plan.schedules.begin(), plan.schedules.end(), [](const auto& schedule) {
        return std::any_of(schedule.slots.begin(), schedule.slots.end(), [](const auto& slot) {
            return !slot.circuits.OneWayCircuits().empty();
        });
    });
}

std::vector<uint32_t>
ReadHostList(const JsonItem& item, uint32_t hosts, size_t least)
{
    const bool isAll = item.IsText() && item.Text() == ALL_HOSTS;
    auto list = isAll ? AllHostsOf(hosts) : std::vector<uint32_t>();
    if (item.IsList())
    {
        list = Mapped(item.Items(), [hosts](const JsonItem& host) {
            return static_cast<uint32_t>(host.Count(0, hosts - 1));
        });
    }
    auto sorted = list;
    std::sort(sorted.begin(), sorted.end());
    const bool isTwice = std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
    if ((!isAll && !item.IsList()) || list.size() < least || isTwice)
    {
        item.Refuse(Phrase() << (least < 2 ? "" : "at least " + std::to_string(least) + " hosts: ")
                             << "a list of hosts, numbers from 0 to " << hosts - 1
                             << ", each once, or \"" << ALL_HOSTS << "\"");
    }
    return list;
}

OpticalPlane
PlaneOf(const FabricPlan& plan, uint32_t opticalSwitch, const std::vector<Endpoint>& endpoints)
{
    OpticalPlane plane;
    plane.opticalSwitch = opticalSwitch;
    std::map<std::pair<uint32_t, std::optional<uint32_t>>, uint32_t> indexOf;
    for (uint32_t index = 0; index < endpoints.size(); ++index)
    {
        indexOf.emplace(std::pair(endpoints[index].host, endpoints[index].gpu), index);
    }
    for (const auto& [port, nic] : NicsAt(plan, opticalSwitch))
    {
        const auto& own = plan.host.nics.at(nic.nic);
        auto found = indexOf.find({nic.host, std::nullopt});
        found = found == indexOf.end() ? indexOf.find({nic.host, own.gpu}) : found;
        if (found != indexOf.end())
        {
            plane.attachments.push_back({found->second, nic.nic, own.numaHalf, port});
        }
    }
    return plane;
}

std::vector<Endpoint>
GpuEndpoints(const FabricPlan& plan,
             const std::vector<uint32_t>& hosts,
             const std::vector<uint32_t>& switches)
{
    std::set<std::pair<uint32_t, uint32_t>> gpus; // host, GPU
    for (const auto node : switches)
    {
        for (const auto& [port, nic] : NicsAt(plan, node))
        {
            gpus.emplace(nic.host, plan.host.nics.at(nic.nic).gpu);
        }
    }
    std::vector<Endpoint> endpoints;
    for (const auto host : hosts)
    {
        for (auto gpu = gpus.lower_bound({host, 0}); gpu != gpus.end() && gpu->first == host; ++gpu)
        {
            endpoints.push_back({host, gpu->second});
        }
    }
    return endpoints;
}

FabricFileCircuits::FabricFileCircuits(FabricPlan& plan, const FabricFileLinks& links)
    : m_plan(plan),
      m_links(links)
{
}

uint32_t
FabricFileCircuits::TakeSwitch(const JsonItem& item)
{
    const auto node = m_links.ReadOpticalSwitch(item);
    const auto [user, isNew] = m_userOf.emplace(node, item.Path());
    if (!isNew)
    {
        item.Refuse("a switch of one region or one schedule; " + user->second + " has it, too");
    }
    return node;
}

void
FabricFileCircuits::ReadRegions(const std::vector<JsonItem>& items)
{
    for (const auto& item : items)
    {
        const auto fields = item.Fields({"hosts", "switches", "endpoints"});
        const auto hosts = ReadHostList(fields.Item("hosts"), m_plan.hosts, 1);
        for (const auto host : hosts)
        {
            const auto [region, isNew] = m_regionOf.emplace(host, item.Path());
            if (!isNew)
            {
                fields.Refuse("hosts",
                              Phrase() << "hosts of no other region; " << region->second
                                       << " has host " << host << ", too");
            }
        }
        fields.List("switches");
        const auto switches = Mapped(fields.Items("switches"),
                                     [this](const JsonItem& name) { return TakeSwitch(name); });
        const bool isByGpu =
            fields.Has("endpoints") && fields.Item("endpoints").Choice({BY_HOST, BY_GPU}) == BY_GPU;
        RegionPlan region;
        region.endpoints = isByGpu ? GpuEndpoints(m_plan, hosts, switches)
                                   : Mapped(hosts, [](uint32_t host) { return Endpoint{host}; });
        region.planes = Mapped(switches, [&](uint32_t node) {
            return PlaneOf(m_plan, node, region.endpoints);
        });
        m_plan.regions.push_back(std::move(region));
        CheckRegion(m_plan.regions.back(), fields);
    }
}

void
FabricFileCircuits::CheckRegion(const RegionPlan& region, const JsonFields& item) const
{
    std::set<uint32_t> withPorts;
    for (const auto& plane : region.planes)
    {
        const auto& name = m_plan.nodes[plane.opticalSwitch].name;
        const auto hosts = region.Hosts();
        for (const auto& [port, nic] : NicsAt(m_plan, plane.opticalSwitch))
        {
            if (std::find(hosts.begin(), hosts.end(), nic.host) == hosts.end())
            {
                item.Refuse("hosts",
                            Phrase()
                                << "host " << nic.host << ", too, which has a NIC at " << name);
            }
            withPorts.insert(nic.host);
        }
        if (plane.attachments.empty())
        {
            item.Refuse("switches", "switches with links; " + name + " has none");
        }
    }
    for (const auto& endpoint : region.endpoints)
    {
        if (withPorts.count(endpoint.host) == 0)
        {
            item.Refuse("hosts",
                        Phrase() << "hosts with NICs at its switches; host " << endpoint.host
                                 << " has none");
        }
    }
}

CircuitSlot
FabricFileCircuits::ReadSlot(const JsonItem& item, uint32_t opticalSwitch, bool isOnly) const
{
    const auto fields = item.Fields({"duration", "circuits", "oneWay"});
    CircuitSlot slot;
    if (!isOnly || fields.Has("duration"))
    {
        slot.duration = fields.Item("duration").Duration();
        if (slot.duration == Picoseconds::zero())
        {
            fields.Refuse("duration", "a time above 0");
        }
    }
    SlotEnds ends(m_links, opticalSwitch);
    auto circuits = ends.Read(fields.Items("circuits"), false);
    slot.circuits =
        CircuitConfiguration(std::move(circuits), ends.Read(fields.Items("oneWay"), true));
    return slot;
}

void
FabricFileCircuits::ReadSchedules(const std::vector<JsonItem>& items)
{
    for (const auto& item : items)
    {
        const auto fields = item.Fields({"switch", "guard", "slots"});
        CircuitSchedule schedule;
        schedule.opticalSwitch = TakeSwitch(fields.Item("switch"));
        if (fields.Has("guard"))
        {
            schedule.guard = fields.Item("guard").Duration();
        }
        const bool isOnly = fields.List("slots").size() == 1;
        schedule.slots = Mapped(fields.Items("slots"), [&](const JsonItem& slot) {
            return ReadSlot(slot, schedule.opticalSwitch, isOnly);
        });
        m_plan.schedules.push_back(std::move(schedule));
    }
}

void
FabricFileCircuits::CollectCircuits()
{
    if (m_hasCollected)
    {
        return;
    }
    m_hasCollected = true;
    for (const auto& [from, to] : CircuitsOf(m_plan))
    {
        m_circuits.insert({from.host, from.nic, to.host, to.nic});
        m_pairs.emplace(from.host, to.host);
    }
}

bool
FabricFileCircuits::HasCircuit(const NicId& from, const NicId& to)
{
    CollectCircuits();
    return m_circuits.count({from.host, from.nic, to.host, to.nic}) > 0;
}

bool
FabricFileCircuits::HasCircuitBetween(uint32_t from, uint32_t to)
{
    CollectCircuits();
    return m_pairs.count({from, to}) > 0;
}

void
FabricFileCircuits::ReadRings(const std::vector<JsonItem>& items)
{
    for (const auto& item : items)
    {
        const auto fields = item.Fields({"hosts", "nic"});
        RingPlan ring;
        ring.hosts = ReadHostList(fields.Item("hosts"), m_plan.hosts, 2);
        ring.nic = fields.CountOr("nic", 0, 0, m_plan.host.nics.size() - 1);
        for (size_t place = 0; place < ring.hosts.size(); ++place)
        {
            const auto from = ring.hosts[place];
            const auto to = ring.hosts[(place + 1) % ring.hosts.size()];
            if (!HasCircuit({from, ring.nic}, {to, ring.nic}))
            {
                fields.Refuse("hosts",
                              Phrase() << "hosts in the order of a ring of circuits; none leads "
                                       << "from host" << from << "/" << ring.nic << " to host" << to
                                       << "/" << ring.nic);
            }
        }
        m_plan.rings.push_back(std::move(ring));
    }
}

void
FabricFileCircuits::ReadRoutes(const std::vector<JsonItem>& items)
{
    for (const auto& item : items)
    {
        const auto fields = item.Fields({"from", "to", "over", "share"});
        HostRoute route;
        route.from = fields.Count("from", 0, m_plan.hosts - 1);
        route.to = fields.Count("to", 0, m_plan.hosts - 1);
        if (fields.Has("over"))
        {
            route.over = ReadHostList(fields.Item("over"), m_plan.hosts, 0);
        }
        if (fields.Has("share"))
        {
            route.share = fields.Item("share").PositiveNumber();
        }
        auto path = route.over;
        path.insert(path.begin(), route.from);
        path.push_back(route.to);
        for (size_t hop = 0; hop + 1 < path.size(); ++hop)
        {
            if (std::find(path.begin() + hop + 1, path.end(), path[hop]) != path.end())
            {
                item.Refuse(Phrase() << "a path that comes to host " << path[hop] << " once");
            }
            if (!HasCircuitBetween(path[hop], path[hop + 1]))
            {
                item.Refuse(Phrase() << "a path over circuits; none leads from host " << path[hop]
                                     << " to host " << path[hop + 1]);
            }
        }
        m_plan.routes.push_back(std::move(route));
    }
}

std::optional<uint32_t>
FabricFileCircuits::FindUnused() const
{
    for (uint32_t node = 0; node < m_plan.nodes.size(); ++node)
    {
        if (m_plan.nodes[node].role == NodeRole::OpticalCircuitSwitch && m_userOf.count(node) == 0)
        {
            return node;
        }
    }
    return std::nullopt;
}

} // namespace mixnetcore
