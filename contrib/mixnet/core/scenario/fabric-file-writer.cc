/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-file-writer.h"

#include "fabric-file-circuits.h"
#include "fabric-file-host.h"

#include "ns3/checks.h"
#include "ns3/json-layout.h"
#include "ns3/lists.h"
#include "ns3/unit-text.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <tuple>

namespace mixnetcore
{

namespace
{

using OrderedJson = nlohmann::ordered_json; //!< keeps fields in their order

constexpr Picoseconds DELAY_WITHOUT_LINKS{1'000'000}; //!< written where there are no links

/// @param json An object, which gets a list unless that is empty. @param name Its key.
/// @param elements What the list has elements for. @param toJson Makes one.
template <typename Elements, typename ToJson>
void
AddList(OrderedJson& json, const std::string& name, const Elements& elements, const ToJson& toJson)
{
    auto list = OrderedJson::array();
    for (const auto& element : elements)
    {
        list.push_back(toJson(element));
    }
    if (!list.empty())
    {
        json[name] = std::move(list);
    }
}

/// @brief Turns the parts of a fabric into JSON.
class FabricJson
{
  public:
    /// @param plan The fabric.
    explicit FabricJson(const FabricPlan& plan)
        : m_plan(plan),
          m_rate(plan.host.nics.at(0).rate),
          m_delay(plan.links.empty() ? DELAY_WITHOUT_LINKS : plan.links.front().delay),
          m_usedPorts(plan.nodes.size())
    {
        for (const auto& link : plan.links)
        {
            for (const auto& [near, far] : {std::pair(link.a, link.b), std::pair(link.b, link.a)})
            {
                m_usedPorts.at(near.node) = std::max(m_usedPorts.at(near.node), near.port + 1);
                m_farEnd.insert({{near.node, near.port}, far});
            }
        }
    }

    /// @return all of it.
    OrderedJson Make() const
    {
        OrderedJson json{{"name", m_plan.name},
                         {"linkRate", ExactText(m_rate)},
                         {"linkDelay", ExactText(m_delay)},
                         {"host", HostJson(m_plan.host, m_rate)},
                         {"hosts", m_plan.hosts}};
        std::vector<uint32_t> switches(m_plan.nodes.size() - m_plan.hosts);
        std::iota(switches.begin(), switches.end(), m_plan.hosts);
        AddList(json, "switches", switches, [this](uint32_t node) { return OfSwitch(node); });
        AddList(json, "links", m_plan.links, [this](const auto& link) { return OfLink(link); });
        AddList(json, "regions", m_plan.regions, [this](const auto& one) { return OfRegion(one); });
        AddList(json, "schedules", m_plan.schedules, [this](const auto& schedule) {
            return OfSchedule(schedule);
        });
        AddList(json, "rings", m_plan.rings, [](const RingPlan& ring) {
            return OrderedJson{{"hosts", ring.hosts}, {"nic", ring.nic}};
        });
        AddList(json, "routes", m_plan.routes, OfRoute);
        json["forwarding"] = m_plan.router;
        const bool isAll = m_plan.relays == AllHostsOf(m_plan.hosts);
        json["relays"] = isAll ? OrderedJson(ALL_HOSTS) : OrderedJson(m_plan.relays);
        if (m_plan.controlDelay && HasOneWayCircuits(m_plan))
        {
            json["controlPathDelay"] = ExactText(*m_plan.controlDelay);
        }
        return json;
    }

  private:
    /// @param port A port. @return its name.
    std::string NameOf(const PortPlan& port) const
    {
        return m_plan.nodes.at(port.node).name + "/" + std::to_string(port.port);
    }

    /// @param index Node of a switch. @return the switch.
    OrderedJson OfSwitch(uint32_t index) const
    {
        const auto& node = m_plan.nodes[index];
        const bool isPacketSwitch = node.role == NodeRole::PacketSwitch;
        OrderedJson json{{"name", node.name}, {"kind", isPacketSwitch ? "packet" : "ocs"}};
        if (node.ports != m_usedPorts[index])
        {
            json["ports"] = node.ports;
        }
        if (isPacketSwitch)
        {
            json["tier"] = node.tier;
        }
        if (node.buffer)
        {
            json["buffer"] = node.buffer->Count();
        }
        return json;
    }

    /// @param link A link. @return it.
    OrderedJson OfLink(const LinkPlan& link) const
    {
        const OrderedJson ends{NameOf(link.a), NameOf(link.b)};
        auto usual = m_rate;
        for (const auto& end : {link.b, link.a})
        {
            usual = end.node < m_plan.hosts ? m_plan.host.nics.at(end.port).rate : usual;
        }
        if (link.rate == usual && link.delay == m_delay)
        {
            return ends;
        }
        OrderedJson json{{"ends", ends}};
        if (link.rate != usual)
        {
            json["rate"] = ExactText(link.rate);
        }
        if (link.delay != m_delay)
        {
            json["delay"] = ExactText(link.delay);
        }
        return json;
    }

    /// @param region A region. @return it.
    OrderedJson OfRegion(const RegionPlan& region) const
    {
        const auto hosts = region.Hosts();
        const auto nodes =
            Mapped(region.planes, [](const OpticalPlane& plane) { return plane.opticalSwitch; });
        const bool isByGpu = !region.endpoints.empty() && region.endpoints.front().gpu.has_value();
        CheckRegion(region,
                    isByGpu ? GpuEndpoints(m_plan, hosts, nodes)
                            : Mapped(hosts, [](uint32_t host) { return Endpoint{host}; }));
        const auto names = Mapped(nodes, [this](uint32_t node) { return m_plan.nodes[node].name; });
        OrderedJson json{{"hosts", hosts}, {"switches", names}};
        if (isByGpu)
        {
            json["endpoints"] = "gpus";
        }
        return json;
    }

    /// @param region A region. @param endpoints What a reader makes its endpoints.
    /// @throws std::invalid_argument as WriteFabric().
    void CheckRegion(const RegionPlan& region, const std::vector<Endpoint>& endpoints) const
    {
        const auto key = [](const OpticalAttachment& one) {
            return std::tuple(one.ocsPort, one.endpoint, one.nic, one.numaHalf);
        };
        const auto keysOf = [&](const OpticalPlane& plane) {
            auto keys = Mapped(plane.attachments, key);
            std::sort(keys.begin(), keys.end());
            return keys;
        };
        const auto who = [](const Endpoint& one) { return std::tuple(one.host, one.gpu); };
        bool isSame = Mapped(region.endpoints, who) == Mapped(endpoints, who);
        for (const auto& plane : region.planes)
        {
            isSame =
                isSame && keysOf(plane) == keysOf(PlaneOf(m_plan, plane.opticalSwitch, endpoints));
        }
        if (!isSame)
        {
            Refuse("fabric " + m_plan.name +
                   ": a region has other endpoints or attachments than its links give it");
        }
    }

    /// @param schedule A schedule. @return it.
    OrderedJson OfSchedule(const CircuitSchedule& schedule) const
    {
        OrderedJson json{{"switch", m_plan.nodes.at(schedule.opticalSwitch).name}};
        if (schedule.guard != Picoseconds::zero())
        {
            json["guard"] = ExactText(schedule.guard);
        }
        AddList(json, "slots", schedule.slots, [&](const CircuitSlot& slot) {
            auto one = OrderedJson::object();
            if (slot.duration != Picoseconds::zero())
            {
                one["duration"] = ExactText(slot.duration);
            }
            const auto ofCircuit = [&](const Circuit& circuit) {
                return OrderedJson{NameOfNicAt(schedule.opticalSwitch, circuit.first),
                                   NameOfNicAt(schedule.opticalSwitch, circuit.second)};
            };
            AddList(one, "circuits", slot.circuits.Circuits(), ofCircuit);
            AddList(one, "oneWay", slot.circuits.OneWayCircuits(), ofCircuit);
            return one;
        });
        return json;
    }

    /// @param node A switch. @param port Port of it. @return name of the NIC that ends there.
    std::string NameOfNicAt(uint32_t node, uint32_t port) const
    {
        const auto found = m_farEnd.find({node, port});
        if (found == m_farEnd.end() || found->second.node >= m_plan.hosts)
        {
            Refuse(Phrase() << "fabric " << m_plan.name << ": a circuit at port " << port << " of "
                            << m_plan.nodes.at(node).name << ", where no NIC ends");
        }
        return NameOf(found->second);
    }

    /// @param route A route. @return it.
    static OrderedJson OfRoute(const HostRoute& route)
    {
        OrderedJson json{{"from", route.from}, {"to", route.to}};
        if (!route.over.empty())
        {
            json["over"] = route.over;
        }
        if (route.share != 1)
        {
            json["share"] = route.share;
        }
        return json;
    }

    const FabricPlan& m_plan;          //!< the fabric
    BitsPerSecond m_rate;              //!< linkRate
    Picoseconds m_delay;               //!< linkDelay
    std::vector<uint32_t> m_usedPorts; //!< by node: the highest with a link, plus 1
    std::map<std::pair<uint32_t, uint32_t>, PortPlan> m_farEnd; //!< by node and port
};

} // namespace

std::string
WriteFabric(const FabricPlan& plan)
{
    return LayOutJson(FabricJson(plan).Make());
}

} // namespace mixnetcore
