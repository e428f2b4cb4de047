/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "packet-estimate.h"

#include "ns3/lists.h"
#include "ns3/rail-router.h"
#include "ns3/traffic-volume.h"

#include <algorithm>
#include <deque>
#include <iomanip>
#include <iostream>
#include <numeric>
#include <set>
#include <sstream>

namespace ns3
{
namespace mixnet
{

namespace
{

using mixnetcore::NicRole;
using mixnetcore::NodeRole;

/**
 * @brief How far servers are from each other, in links over packet switches: from NIC to NIC on
 * average, or to the nearest where bytes change to its rail first.
 */
class Distances
{
  public:
    /// @param plan The fabric.
    explicit Distances(const mixnetcore::FabricPlan& plan)
        : m_plan(plan),
          m_neighbours(plan.nodes.size())
    {
        if (plan.regions.empty())
        {
            const auto router = mixnetcore::MakeRouter(plan);
            m_takesNearest = dynamic_cast<const mixnetcore::RailRouter*>(router.get()) != nullptr;
        }
        for (const auto& link : plan.links)
        {
            Join(link.a.node, link.b.node);
            Join(link.b.node, link.a.node);
        }
    }

    /// @param from A server. @return links to every server, 0 where there is no path.
    std::vector<double> From(uint32_t from) const
    {
        std::vector<double> links(m_plan.hosts);
        const auto& starts = m_neighbours[from];
        for (const auto start : starts)
        {
            const auto switches = Between(start);
            for (uint32_t to = 0; to < m_plan.hosts; ++to)
            {
                links[to] += to == from ? 0 : LinksTo(to, switches) / starts.size();
            }
        }
        return links;
    }

    /// @param hosts Some servers. @return links from the first of them to another, on average.
    double Among(const std::vector<uint32_t>& hosts) const
    {
        const auto links = From(hosts.front());
        const double sum = mixnetcore::SumOf(hosts, [&](uint32_t host) { return links[host]; });
        return hosts.size() > 1 ? sum / (hosts.size() - 1) : 0;
    }

  private:
    static constexpr uint32_t UNKNOWN = UINT32_MAX; //!< where there is no path

    /// @param node A node. @param neighbour At the other end of a link of it.
    void Join(uint32_t node, uint32_t neighbour)
    {
        if (m_plan.nodes[neighbour].role == NodeRole::PacketSwitch)
        {
            m_neighbours[node].push_back(neighbour);
        }
    }

    /// @param start A packet switch. @return links from it to every one of them.
    std::vector<uint32_t> Between(uint32_t start) const
    {
        std::vector<uint32_t> links(m_plan.nodes.size(), UNKNOWN);
        links[start] = 0;
        std::deque<uint32_t> next{start};
        while (!next.empty())
        {
            const auto node = next.front();
            next.pop_front();
            for (const auto neighbour : m_neighbours[node])
            {
                if (links[neighbour] == UNKNOWN)
                {
                    links[neighbour] = links[node] + 1;
                    next.push_back(neighbour);
                }
            }
        }
        return links;
    }

    /// @param host A server. @param switches Links to every switch. @return links to its NICs.
    double LinksTo(uint32_t host, const std::vector<uint32_t>& switches) const
    {
        constexpr double ends = 2; // the NICs' own links
        double sum = 0;
        double least = UNKNOWN;
        uint32_t count = 0;
        for (const auto end : m_neighbours[host])
        {
            if (switches[end] != UNKNOWN)
            {
                sum += switches[end] + ends;
                least = std::min(least, switches[end] + ends);
                ++count;
            }
        }
        return count == 0 ? 0 : m_takesNearest ? least : sum / count;
    }

    const mixnetcore::FabricPlan& m_plan;            //!< the fabric
    bool m_takesNearest{false};                      //!< whether bytes change rails in servers
    std::vector<std::vector<uint32_t>> m_neighbours; //!< packet switches, by node
};

/**
 * @brief Adds up packet-hops over a fabric.
 */
class HopCount
{
  public:
    /// @param fabric The fabric as options describe it.
    explicit HopCount(const FabricScenario& fabric)
        : m_fabric(fabric)
    {
    }

    /// @param bytes That leave their servers. @param links Of their paths over packet switches.
    void AddElectrical(double bytes, double links)
    {
        if (m_fabric.FidelityOf(NicRole::Electrical) == Fidelity::Packet)
        {
            m_hops += bytes / m_fabric.mtu * links;
        }
    }

    /**
     * @brief Adds all-to-alls: over circuits, as far as there are ports for all peers.
     * @param bytes That leave their servers. @param links Of their paths over packet switches.
     * @param hosts How many servers they are among.
     */
    void AddAllToAll(double bytes, double links, size_t hosts)
    {
        double optical = 0;
        if (!m_fabric.plan.regions.empty() && hosts > 1)
        {
            const double ports = m_fabric.plan.host.NicsOn(NicRole::Optical).size();
            optical = std::min(1.0, ports / (hosts - 1));
        }
        if (m_fabric.FidelityOf(NicRole::Optical) == Fidelity::Packet)
        {
            m_hops += optical * bytes / m_fabric.mtu;
        }
        AddElectrical((1 - optical) * bytes, links);
    }

    /// @return what has come together.
    double Hops() const
    {
        return m_hops;
    }

  private:
    const FabricScenario& m_fabric; //!< the fabric
    double m_hops{0};               //!< so far
};

/// @param plan A parallel plan. @param ranks Some ranks. @return their servers, each once,
/// ascending.
std::vector<uint32_t>
HostsOf(const mixnetcore::ParallelPlan& plan, const std::vector<size_t>& ranks)
{
    std::set<uint32_t> hosts;
    for (const auto rank : ranks)
    {
        hosts.insert(plan.HostOf(rank));
    }
    return {hosts.begin(), hosts.end()};
}

/// @param group Ranks on servers. @param first Its first server. @return its servers.
std::vector<uint32_t>
HostsOf(const mixnetcore::ExpertParallelGroup& group, uint32_t first)
{
    std::vector<uint32_t> hosts(group.Hosts());
    std::iota(hosts.begin(), hosts.end(), first);
    return hosts;
}

/**
 * @param model The model. @param group Ranks on servers.
 * @return bytes that leave their servers in an all-to-all of the group.
 */
double
AllToAllBytes(const mixnetcore::ModelSpec& model, const mixnetcore::ExpertParallelGroup& group)
{
    const double activations =
        double(model.BytesPerToken().Count()) * model.TokensPerMicrobatch().Count();
    const double ranks = group.Ranks();
    const double together =
        group.HostsPerRank() > 1 ? 1 : std::min<double>(ranks, group.RanksOfHost(0).size());
    return ranks * model.topK * activations * (ranks - together) / ranks;
}

} // namespace

std::string
PacketEstimate::Describe() const
{
    if (Seconds() < LONG_SECONDS)
    {
        return "";
    }
    std::ostringstream text;
    text << std::setprecision(2) << "packet by packet this will be some " << hops
         << " data packet-hops, ";
    const double hours = Seconds() / 3600;
    constexpr double hoursOfDay = 24;
    if (hours < 1)
    {
        text << hours * 60 << " minutes";
    }
    else if (hours < 2 * hoursOfDay)
    {
        text << hours << " hours";
    }
    else
    {
        text << hours / hoursOfDay << " days";
    }
    text << " at " << HOPS_PER_SECOND * 1e-6
         << " million per second, maybe half or twice that; --fidelity=flow has it as flows, some "
            "hundred times as fast";
    return text.str();
}

void
PacketEstimate::Tell(const std::string& program) const
{
    if (const auto text = Describe(); !text.empty())
    {
        std::cerr << program << ": " << text << std::endl;
    }
}

PacketEstimate
EstimateJob(const TrainingScenario& scenario)
{
    HopCount hops(scenario.fabric);
    if (scenario.fabric.IsAll(Fidelity::Flow))
    {
        return {};
    }
    const auto& job = scenario.job;
    const auto& plan = job.program->Plan();
    const auto& program = job.program->Options();
    const auto layout = plan.GroupLayout();
    const Distances distances(scenario.fabric.plan);
    const auto groupHosts = HostsOf(layout, 0);
    // Of each MoE layer and replica, once: all its EP groups together.
    const double passes = !program.backward ? 1 : program.recompute ? 3 : 2;
    const double times = 2.0 * passes * job.program->MoeLayers() * plan.DataParallel() *
                         program.microbatches * job.iterations;
    const double near = distances.Among(groupHosts);
    hops.AddAllToAll(times * AllToAllBytes(job.model, layout), near, groupHosts.size());
    if (program.excerpt)
    {
        const double activations =
            double(job.model.BytesPerToken().Count()) * job.model.TokensPerMicrobatch().Count();
        const double buffers = job.model.topK + (program.attentionCollectives ? 1 : 0);
        hops.AddElectrical(times * layout.Ranks() * buffers * activations *
                               (layout.HostsPerRank() - 1),
                           near);
        return {hops.Hops()};
    }
    const mixnetcore::TrafficVolume volume(job.model,
                                           plan,
                                           {program.microbatches, program.recompute, true});
    for (const auto& group : volume.Groups())
    {
        const auto hosts = HostsOf(plan, group.ranks);
        const double buffers = double(group.buffers.Count()) * job.iterations;
        if (hosts.size() < 2 || group.parallelism == mixnetcore::Parallelism::Expert)
        {
            continue;
        }
        const double others = hosts.size() - 1;
        const double links = distances.From(hosts[0])[hosts[1]];
        switch (group.parallelism)
        {
        case mixnetcore::Parallelism::Tensor:
            hops.AddElectrical(buffers * others, links);
            break;
        case mixnetcore::Parallelism::Data:
            hops.AddElectrical(2 * buffers * others, links);
            break;
        default:
            hops.AddElectrical(buffers, links);
        }
    }
    return {hops.Hops()};
}

PacketEstimate
EstimateFlows(const AllToAllScenario& scenario)
{
    HopCount hops(scenario.fabric);
    if (scenario.fabric.IsAll(Fidelity::Flow))
    {
        return {};
    }
    constexpr uint32_t most = 16; // servers that are looked at
    const auto& plan = scenario.fabric.plan;
    const Distances distances(plan);
    const uint32_t step = (plan.hosts - 1) / most + 1;
    std::vector<std::vector<double>> links((plan.hosts - 1) / step + 1);
    for (uint32_t place = 0; place < links.size(); ++place)
    {
        links[place] = distances.From(place * step);
    }
    double bytes = 0;
    double known = 0;
    double hopBytes = 0;
    std::set<uint32_t> hosts;
    for (const auto& flow : scenario.flows)
    {
        const uint32_t from = flow.source / plan.host.gpus;
        const uint32_t to = flow.destination / plan.host.gpus;
        if (from == to)
        {
            continue;
        }
        hosts.insert({from, to});
        bytes += flow.bytes.Count();
        if (from % step == 0)
        {
            known += flow.bytes.Count();
            hopBytes += double(flow.bytes.Count()) * links[from / step][to];
        }
    }
    const double mean = known > 0 ? hopBytes / known : links[0][plan.hosts - 1];
    hops.AddAllToAll(bytes, mean, hosts.size());
    return {hops.Hops()};
}

} // namespace mixnet
} // namespace ns3
