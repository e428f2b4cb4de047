/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-paths.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>

namespace mixnetcore
{

namespace
{

constexpr double UNLIMITED = std::numeric_limits<double>::infinity();
constexpr double BITS_PER_BYTE = 8;

/// @param seconds A span of time. @return the same.
Picoseconds
InPicoseconds(double seconds)
{
    return Picoseconds(std::llround(seconds * 1e12));
}

} // namespace

FlowPaths::FlowPaths(std::shared_ptr<const FabricPlan> plan,
                     std::shared_ptr<const ForwardingPlan> forwarding,
                     const FlowFraming& framing,
                     PortChoice choice)
    : m_plan(std::move(plan)),
      m_forwarding(std::move(forwarding)),
      m_framing(framing),
      m_choice(std::move(choice)),
      m_efficiency(double(framing.mtu) / (framing.mtu + framing.frameOverhead)),
      m_interior(m_plan->host),
      m_linkUp(m_plan->links.size(), 1)
{
    m_linkAt.resize(m_plan->nodes.size());
    for (size_t node = 0; node < m_plan->nodes.size(); ++node)
    {
        m_linkAt[node].resize(m_plan->nodes[node].ports, NONE);
    }
    for (uint32_t link = 0; link < m_plan->links.size(); ++link)
    {
        const auto& ends = m_plan->links[link];
        m_linkAt.at(ends.a.node).at(ends.a.port) = 2 * link;
        m_linkAt.at(ends.b.node).at(ends.b.port) = 2 * link + 1;
    }
    for (uint32_t host = 0; host < m_plan->hosts; ++host)
    {
        for (const auto& nic : m_plan->host.nics)
        {
            const double capacity = nic.rate.Count() / BITS_PER_BYTE * m_efficiency;
            m_capacities.insert(m_capacities.end(), 2, capacity); // out and in
        }
    }
    m_firstInterior = m_capacities.size();
    const auto& inside = m_interior.Capacities();
    for (uint32_t host = 0; host < m_plan->hosts; ++host)
    {
        m_capacities.insert(m_capacities.end(), inside.begin(), inside.end());
    }
}

const std::vector<double>&
FlowPaths::Capacities() const
{
    return m_capacities;
}

uint32_t
FlowPaths::InsideOf(uint32_t host, uint32_t inside) const
{
    return m_firstInterior + host * m_interior.Capacities().size() + inside;
}

uint32_t
FlowPaths::AddressOf(const NicId& nic) const
{
    const uint32_t nics = m_plan->host.nics.size();
    if (nic.host >= m_plan->hosts || nic.nic >= nics)
    {
        throw std::invalid_argument("NIC " + std::to_string(nic.nic) + " of host " +
                                    std::to_string(nic.host) + ": there are " +
                                    std::to_string(m_plan->hosts) + " hosts of " +
                                    std::to_string(nics) + " NICs");
    }
    return nic.host * nics + nic.nic;
}

uint32_t
FlowPaths::LinkOut(uint32_t address) const
{
    const uint32_t nics = m_plan->host.nics.size();
    return m_linkAt[address / nics][address % nics];
}

double
FlowPaths::CapacityOf(uint32_t link) const
{
    return m_plan->links[link / 2].rate.Count() / BITS_PER_BYTE * m_efficiency;
}

void
FlowPaths::SetLinkUp(uint32_t link, bool up)
{
    m_linkUp.at(link) = up ? 1 : 0;
    const auto& ends = m_plan->links[link];
    if (m_plan->nodes[ends.a.node].role == NodeRole::PacketSwitch &&
        m_plan->nodes[ends.b.node].role == NodeRole::PacketSwitch)
    {
        m_lines.clear();
    }
}

bool
FlowPaths::IsOpen(const RdmaLeg& leg)
{
    return LineOf(leg).open && m_linkUp[LinkOut(AddressOf(leg.from)) / 2] &&
           m_linkUp[LinkOut(AddressOf(leg.to)) / 2];
}

void
FlowPaths::Cross(Line& line, uint32_t resource) const
{
    line.resources.push_back(resource);
    line.rate = std::min(line.rate, m_capacities[resource]);
}

uint32_t
FlowPaths::BundleOf(const std::vector<uint32_t>& links)
{
    const auto [found, isNew] = m_bundles.try_emplace(links, m_capacities.size());
    if (isNew)
    {
        double capacity = 0;
        for (const auto link : links)
        {
            capacity += CapacityOf(link);
        }
        m_capacities.push_back(capacity);
    }
    return found->second;
}

std::vector<uint32_t>
FlowPaths::PortsAt(uint32_t node, uint32_t from, uint32_t to) const
{
    const auto& table = m_forwarding->TableOf(node);
    const auto group = table.GroupOf(m_forwarding->Access().at(to).accessSwitch);
    if (group == SwitchTable::NO_GROUP)
    {
        return {};
    }
    std::vector<uint32_t> ports;
    for (const auto port : table.groups[group])
    {
        if (m_linkUp[m_linkAt[node][port] / 2])
        {
            ports.push_back(port);
        }
    }
    if (m_choice && ports.size() > 1)
    {
        return {m_choice(node, group, ports, from, to)};
    }
    return ports;
}

void
FlowPaths::AddSwitchLinks(uint32_t from, uint32_t to, Line& line)
{
    const auto& accessNodes = m_forwarding->AccessNodes();
    const auto last = accessNodes.at(m_forwarding->Access().at(to).accessSwitch);
    std::set<uint32_t> nodes{accessNodes.at(m_forwarding->Access().at(from).accessSwitch)};
    // All shortest paths are equally long: they meet at the last switch.
    while (*nodes.begin() != last)
    {
        std::set<uint32_t> links;
        std::set<uint32_t> next;
        for (const auto node : nodes)
        {
            for (const auto port : PortsAt(node, from, to))
            {
                const auto link = m_linkAt[node][port];
                const auto& ends = m_plan->links[link / 2];
                links.insert(link);
                next.insert(link % 2 == 0 ? ends.b.node : ends.a.node);
            }
        }
        if (links.empty())
        {
            line.open = false;
            return;
        }
        const auto& any = m_plan->links[*links.begin() / 2];
        line.propagation += any.delay;
        line.switchSeconds += BITS_PER_BYTE / any.rate.Count();
        Cross(line, BundleOf({links.begin(), links.end()}));
        nodes = std::move(next);
    }
}

const FlowPaths::Line&
FlowPaths::LineOf(const RdmaLeg& leg)
{
    const auto from = AddressOf(leg.from);
    const auto to = AddressOf(leg.to);
    const auto known = m_lines.find({from, to});
    if (known != m_lines.end())
    {
        return known->second;
    }
    const auto out = LinkOut(from);
    const auto in = LinkOut(to);
    if (out == NONE || in == NONE)
    {
        throw std::invalid_argument("NIC " + std::to_string(leg.from.nic) + " of host " +
                                    std::to_string(leg.from.host) + " or NIC " +
                                    std::to_string(leg.to.nic) + " of host " +
                                    std::to_string(leg.to.host) + " has no link");
    }
    Line line{{}, UNLIMITED, Picoseconds(0), 0, 0, true};
    const auto& first = m_plan->links[out / 2];
    const auto& final = m_plan->links[in / 2];
    Cross(line, 2 * from);
    Cross(line, 2 * to + 1);
    line.propagation = first.delay + final.delay;
    const auto& access = m_forwarding->Access();
    const bool fromSwitch = access.at(from).accessSwitch != AccessPort::NONE;
    if (fromSwitch != (access.at(to).accessSwitch != AccessPort::NONE))
    {
        throw std::invalid_argument("no way from NIC " + std::to_string(leg.from.nic) +
                                    " of host " + std::to_string(leg.from.host) + " to NIC " +
                                    std::to_string(leg.to.nic) + " of host " +
                                    std::to_string(leg.to.host));
    }
    if (fromSwitch)
    {
        if (m_forwarding->PathsBetween(from, to) == 0)
        {
            throw std::invalid_argument("no way from NIC " + std::to_string(leg.from.nic) +
                                        " of host " + std::to_string(leg.from.host) + " to NIC " +
                                        std::to_string(leg.to.nic) + " of host " +
                                        std::to_string(leg.to.host));
        }
        AddSwitchLinks(from, to, line);
        line.switchSeconds += BITS_PER_BYTE / final.rate.Count();
    }
    line.secondsPerByte = line.switchSeconds + BITS_PER_BYTE / first.rate.Count();
    return m_lines.emplace(std::pair(from, to), std::move(line)).first->second;
}

double
FlowPaths::VolumeOf(uint64_t bytes) const
{
    constexpr uint64_t WORD = 4; // payloads are padded to it
    const uint64_t chunks =
        std::max<uint64_t>(1, (bytes + m_framing.chunkBytes - 1) / m_framing.chunkBytes);
    const uint64_t ofChunk = (m_framing.chunkBytes + m_framing.mtu - 1) / m_framing.mtu;
    const uint64_t last = bytes - (chunks - 1) * m_framing.chunkBytes;
    const uint64_t ofLast = std::max<uint64_t>(1, (last + m_framing.mtu - 1) / m_framing.mtu);
    const uint64_t frames = (chunks - 1) * ofChunk + ofLast;
    const uint64_t onTheWire = (bytes + WORD - 1) / WORD * WORD + frames * m_framing.frameOverhead +
                               chunks * m_framing.firstOverhead;
    return onTheWire * m_efficiency;
}

double
FlowPaths::CrossInside(FlowPath& path, uint32_t host, const std::vector<uint32_t>& inside) const
{
    double rate = UNLIMITED;
    for (const auto resource : inside)
    {
        const double capacity = m_interior.Capacities().at(resource);
        if (capacity < UNLIMITED)
        {
            path.resources.push_back(InsideOf(host, resource));
            rate = std::min(rate, capacity);
        }
    }
    return rate;
}

FlowPath
FlowPaths::Of(const Transfer& transfer)
{
    FlowPath path{{}, double(transfer.bytes.Count()), UNLIMITED, {}, {}, {}, {}};
    std::vector<Stage> stages;
    for (const auto& leg : transfer.route)
    {
        if (const auto* nvswitch = std::get_if<NvswitchLeg>(&leg))
        {
            const auto inside = m_interior.Between(nvswitch->fromGpu, nvswitch->toGpu);
            stages.push_back({CrossInside(path, nvswitch->host, inside), nullptr});
            continue;
        }
        const auto& rdma = std::get<RdmaLeg>(leg);
        const auto& line = LineOf(rdma);
        stages.push_back(
            {CrossInside(path, rdma.from.host, m_interior.IntoNic(rdma.from.nic)), nullptr});
        stages.push_back({line.rate, &line});
        stages.push_back(
            {CrossInside(path, rdma.to.host, m_interior.OutOfNic(rdma.to.nic)), nullptr});
        path.resources.insert(path.resources.end(), line.resources.begin(), line.resources.end());
        path.volume = VolumeOf(transfer.bytes.Count());
    }
    std::sort(path.resources.begin(), path.resources.end());
    path.resources.erase(std::unique(path.resources.begin(), path.resources.end()),
                         path.resources.end());
    SetTimes(path, stages, transfer.bytes.Count());
    return path;
}

void
FlowPaths::SetTimes(FlowPath& path, const std::vector<Stage>& stages, uint64_t bytes) const
{
    const uint64_t chunks =
        std::max<uint64_t>(1, (bytes + m_framing.chunkBytes - 1) / m_framing.chunkBytes);
    const double lastChunk = bytes - (chunks - 1) * m_framing.chunkBytes;
    const double firstChunk = std::min<uint64_t>(bytes, m_framing.chunkBytes);
    const double lastFrame = std::min<double>(lastChunk, m_framing.mtu) + m_framing.frameOverhead;
    size_t slowest = 0;
    for (size_t s = 1; s < stages.size(); ++s)
    {
        slowest = stages[s].rate < stages[slowest].rate ? s : slowest;
    }
    double time = 0;  // beside the slowest stage, so far
    double cycle = 0; // of a chunk until its acknowledgement
    bool crossed = false;
    for (size_t s = 0; s < stages.size(); ++s)
    {
        const auto& stage = stages[s];
        if (stage.line && !crossed)
        {
            path.beforeFirstNic = InPicoseconds(cycle);
        }
        if (s != slowest && stage.rate < UNLIMITED)
        {
            time += (s < slowest ? firstChunk : lastChunk) / stage.rate;
        }
        cycle += stage.rate < UNLIMITED ? firstChunk / stage.rate : 0;
        if (!stage.line)
        {
            continue;
        }
        const double propagation = stage.line->propagation.count() * 1e-12;
        const double there = propagation + lastFrame * stage.line->switchSeconds;
        time += there;
        path.toLastNic = InPicoseconds(time);
        if (!crossed)
        {
            crossed = true;
            const double back =
                propagation + m_framing.acknowledgement * stage.line->secondsPerByte;
            path.toAnswer = InPicoseconds(time + back);
            cycle += there + back;
            if (chunks > m_framing.pipelineDepth && cycle > 0)
            {
                path.limit = m_framing.pipelineDepth * double(m_framing.chunkBytes) / cycle;
            }
        }
    }
    path.toEnd = InPicoseconds(time);
    if (!crossed)
    {
        path.toLastNic = path.toEnd;
        path.toAnswer = path.toEnd;
        path.limit = UNLIMITED;
    }
}

} // namespace mixnetcore
