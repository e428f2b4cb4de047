/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-trace.h"

#include "ns3/simulator.h"

#include <numeric>
#include <sstream>
#include <utility>

namespace ns3
{
namespace mixnet
{

namespace
{

/// @param port A port of a fabric. @param plan The fabric. @return its name.
std::string
NameOfPort(const mixnetcore::PortPlan& port, const mixnetcore::FabricPlan& plan)
{
    return plan.nodes[port.node].name + "/" + std::to_string(port.port);
}

} // namespace

FabricTrace::FabricTrace(TraceEventFile& file,
                         const Fabric& fabric,
                         std::vector<NicGroup> groups,
                         const Time& span)
    : m_file(file),
      m_fabric(fabric),
      m_process(file.AddProcess("fabric")),
      m_pausing(fabric.packetSwitches.size()),
      m_utilisation(file, fabric, Limited(std::move(groups)), span)
{
    WatchFailures();
    for (uint32_t region = 0; region < fabric.plan->regions.size(); ++region)
    {
        WatchRegion(region);
    }
}

std::vector<NicGroup>
FabricTrace::Limited(std::vector<NicGroup> groups) const
{
    if (groups.size() <= MOST_GROUPS)
    {
        return groups;
    }
    NicGroup all{m_process, std::vector<uint32_t>(m_fabric.hosts.size())};
    std::iota(all.hosts.begin(), all.hosts.end(), 0);
    return {all};
}

std::vector<std::string>
FabricTrace::NamesBehind(uint32_t node) const
{
    const auto& plan = *m_fabric.plan;
    std::vector<std::string> names(plan.nodes[node].ports);
    for (uint32_t port = 0; port < names.size(); ++port)
    {
        names[port] = "port " + std::to_string(port); // where no fibre ends
    }
    for (const auto& link : plan.links)
    {
        for (const auto& [near, far] : {std::pair(link.a, link.b), std::pair(link.b, link.a)})
        {
            if (near.node == node)
            {
                names[near.port] = NameOfPort(far, plan);
            }
        }
    }
    return names;
}

void
FabricTrace::WatchRegion(uint32_t number)
{
    const auto& plan = *m_fabric.plan;
    Region region{m_file.AddProcess("region " + std::to_string(number)), {}};
    uint32_t lane = 1;
    for (const auto& ocs : m_fabric.GetOpticalSwitches(number))
    {
        const auto node = plan.regions[number].planes[region.switches.size()].opticalSwitch;
        const bool hasLanes = plan.regions.size() == 1;
        region.switches.push_back(std::make_unique<CircuitTrace>(
            m_file,
            ocs,
            CircuitTrace::View{{region.process, lane},
                               plan.nodes[node].name,
                               hasLanes ? NamesBehind(node) : std::vector<std::string>(),
                               hasLanes}));
        lane += region.switches.back()->Lanes();
    }
    m_regions.push_back(std::move(region));
}

void
FabricTrace::WatchFailures()
{
    m_file.NameLane({m_process, 0}, "links");
    for (uint32_t link = 0; link < m_fabric.fibres.size(); ++link)
    {
        m_fabric.fibres[link]->TraceConnectWithoutContext(
            "Cut",
            MakeCallback(&FabricTrace::HandleCut, this).Bind(link));
    }
    m_fabric.routing->TraceConnectWithoutContext("Converged",
                                                 MakeCallback(&FabricTrace::HandleTables, this));
    for (uint32_t number = 0; number < m_fabric.packetSwitches.size(); ++number)
    {
        m_fabric.packetSwitches[number]->TraceConnectWithoutContext(
            "Pause",
            MakeCallback(&FabricTrace::HandlePause, this).Bind(number));
    }
}

std::optional<FabricTrace::Track>
FabricTrace::BlackoutLane(uint32_t region, const Time& at) const
{
    for (const auto& ocs : m_regions.at(region).switches)
    {
        if (ocs->IsDarkAt(at))
        {
            return ocs->BlackoutLane();
        }
    }
    return std::nullopt;
}

void
FabricTrace::HandleCut(uint32_t link, bool cut)
{
    const auto& ends = m_fabric.plan->links[link];
    m_file.Instant(
        {m_process, 0},
        cut ? "cut" : "splice",
        "failure",
        Simulator::Now(),
        {{"from", NameOfPort(ends.a, *m_fabric.plan)}, {"to", NameOfPort(ends.b, *m_fabric.plan)}});
}

void
FabricTrace::HandleTables(const std::shared_ptr<const mixnetcore::ForwardingPlan>& /* forwarding */)
{
    m_file.Instant({m_process, 0}, "new routes", "failure", Simulator::Now());
}

void
FabricTrace::HandlePause(uint32_t packetSwitch, uint32_t port, uint8_t trafficClass, bool paused)
{
    if (++m_pauses > MOST_PAUSES)
    {
        return;
    }
    const Track track{m_process, 1 + packetSwitch};
    if (m_pausing[packetSwitch] == 0)
    {
        m_pausing[packetSwitch] = 1;
        const auto node = m_fabric.packetSwitches[packetSwitch]->GetNode()->GetId() -
                          m_fabric.nodes.Get(0)->GetId();
        m_file.NameLane(track, "pauses of " + m_fabric.plan->nodes[node].name);
    }
    m_file.Instant(track,
                   paused ? "pause" : "resume",
                   "pause",
                   Simulator::Now(),
                   {{"port", port}, {"class", unsigned{trafficClass}}});
}

std::string
FabricTrace::Close()
{
    for (const auto& region : m_regions)
    {
        for (const auto& ocs : region.switches)
        {
            ocs->Close();
        }
    }
    m_utilisation.Close();
    std::ostringstream text;
    text << "NICs sampled each " << m_utilisation.Span().ToDouble(Time::US) << " us";
    if (m_pauses > MOST_PAUSES)
    {
        text << "; " << m_pauses - MOST_PAUSES << " pauses and ends of pauses of " << m_pauses
             << " are not in the timeline";
    }
    return text.str();
}

} // namespace mixnet
} // namespace ns3
