/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-paths.h"

#include "ns3/checks.h"
#include "ns3/lists.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace mixnetcore
{

namespace
{

constexpr double UNLIMITED = std::numeric_limits<double>::infinity(); //!< bytes per second
constexpr double BITS_PER_BYTE = 8;                                   //!< of sizes

/// @param seconds A span of time. @return the same.
Picoseconds
InPicoseconds(double seconds)
{
    return CheckedTime(std::round(seconds * 1e12), "a chunk of a message");
}

} // namespace

uint32_t
FlowFraming::LastFrame(uint64_t bytes) const
{
    const uint64_t ofChunk = bytes - BeforeLastChunk(bytes);
    return ofChunk > 0 ? (ofChunk - 1) % mtu + 1 : 0;
}

uint32_t
ChunksInFlight(uint64_t window, uint64_t chunkBytes)
{
    constexpr uint64_t BESIDE = 3; // into the NIC, half out of it, on its path back
    constexpr uint64_t LEAST = 4;
    constexpr uint64_t MOST = std::numeric_limits<uint32_t>::max();
    const uint64_t chunks = (window + chunkBytes - 1) / chunkBytes + BESIDE;
    return std::clamp(chunks, LEAST, MOST);
}

FlowPaths::FlowPaths(std::shared_ptr<const FabricPlan> plan,
                     std::shared_ptr<const ForwardingPlan> forwarding,
                     const FlowFraming& framing,
                     PortChoice choice)
    : m_plan(std::move(plan)),
      m_allUp(std::move(forwarding)),
      m_forwarding(m_allUp),
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
    const auto& access = m_forwarding->Access();
    m_accessRates.resize(m_forwarding->AccessNodes().size());
    for (uint32_t address = 0; address < access.size(); ++address)
    {
        if (access[address].accessSwitch != AccessPort::NONE)
        {
            m_accessRates[access[address].accessSwitch] += m_capacities[2 * address];
        }
    }
    m_firstInterior = m_capacities.size();
    const auto& inside = m_interior.Capacities();
    for (uint32_t host = 0; host < m_plan->hosts; ++host)
    {
        m_capacities.insert(m_capacities.end(), inside.begin(), inside.end());
    }
    for (uint32_t from = 0; from < m_plan->host.gpus; ++from)
    {
        for (uint32_t to = 0; to < m_plan->host.gpus; ++to)
        {
            m_between.push_back(from == to ? Inside{{}, UNLIMITED}
                                           : FiniteOf(m_interior.Between(from, to)));
        }
    }
    for (uint32_t nic = 0; nic < m_plan->host.nics.size(); ++nic)
    {
        m_intoNic.push_back(FiniteOf(m_interior.IntoNic(nic)));
        m_outOfNic.push_back(FiniteOf(m_interior.OutOfNic(nic)));
    }
}

uint32_t
FlowPaths::AddressOf(const NicId& nic) const
{
    const uint32_t nics = m_plan->host.nics.size();
    if (nic.host >= m_plan->hosts || nic.nic >= nics)
    {
        Refuse(Phrase() << "NIC " << nic.nic << " of host " << nic.host << ": there are "
                        << m_plan->hosts << " hosts of " << nics << " NICs");
    }
    return nic.host * nics + nic.nic;
}

bool
FlowPaths::HasControlPath(uint32_t address) const
{
    const auto& nics = m_plan->host.nics;
    return m_plan->controlDelay && nics[address % nics.size()].role == NicRole::Optical;
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
        ForgetSegments();
    }
}

void
FlowPaths::SetForwarding(std::shared_ptr<const ForwardingPlan> forwarding)
{
    m_forwarding = std::move(forwarding);
    ForgetSegments();
}

bool
FlowPaths::IsOpen(const RdmaLeg& leg)
{
    const auto line = LineOf(leg);
    // Of a one-way circuit the sender may have no signal of its own.
    const bool canSend = HasControlPath(line.from) || m_linkUp[LinkOut(line.from) / 2];
    return line.switches->open && canSend && m_linkUp[LinkOut(line.to) / 2];
}

FlowPaths::LinkShare
FlowPaths::ShareOf(const RdmaLeg& leg, uint32_t link)
{
    for (const auto number : LineOf(leg).switches->bundles)
    {
        const auto& bundle = m_bundles[number];
        for (const auto directed : {2 * link, 2 * link + 1})
        {
            if (std::binary_search(bundle.links.begin(), bundle.links.end(), directed))
            {
                return {1.0 / bundle.links.size(), CapacityOf(directed)};
            }
        }
    }
    return {0, UNLIMITED};
}

FlowPaths::Passage
FlowPaths::PassageOf(const RdmaLeg& leg, uint32_t payload)
{
    const auto line = LineOf(leg);
    const auto& first = m_plan->links[LinkOut(line.from) / 2];
    const auto& final = m_plan->links[LinkOut(line.to) / 2];
    const double bits = BITS_PER_BYTE * (payload + m_framing.frameOverhead);
    return {line.propagation - first.delay +
                InPicoseconds(bits / BITS_PER_BYTE * line.switchSeconds),
            InPicoseconds(bits / final.rate.Count()),
            InPicoseconds(bits / first.rate.Count())};
}

FlowPaths::BundleList
FlowPaths::LimitsOf(const RdmaLeg& leg)
{
    BundleList limits;
    for (const auto bundle : LineOf(leg).switches->bundles)
    {
        if (m_bundles[bundle].isLimit)
        {
            limits.push_back(bundle);
        }
    }
    return limits;
}

std::vector<uint32_t>
FlowPaths::EndsOf(uint32_t bundle, bool senders) const
{
    std::set<uint32_t> nodes;
    for (const auto link : m_bundles.at(bundle).links)
    {
        const auto& ends = m_plan->links[link / 2];
        nodes.insert((link % 2 == 0) == senders ? ends.a.node : ends.b.node);
    }
    return {nodes.begin(), nodes.end()};
}

std::vector<FlowPaths::Stretch>
FlowPaths::StretchesOf(const RdmaLeg& leg)
{
    const auto line = LineOf(leg);
    const auto& forwarding = *m_forwarding;
    const auto leaf = forwarding.Access().at(line.from).accessSwitch;
    std::vector<Stretch> stretches{
        {2 * line.from, m_capacities[2 * line.from], 1, {forwarding.AccessNodes().at(leaf)}}};
    for (const auto number : line.switches->bundles)
    {
        const auto& bundle = m_bundles[number];
        stretches.push_back({bundle.resource,
                             bundle.capacity,
                             static_cast<uint32_t>(bundle.links.size()),
                             ReceiversOf(number)});
    }
    stretches.push_back({2 * line.to + 1, m_capacities[2 * line.to + 1], 1, {}});
    return stretches;
}

uint32_t
FlowPaths::BundleOf(const std::vector<uint32_t>& links)
{
    const auto [found, isNew] = m_bundleOf.try_emplace(links, m_bundles.size());
    if (isNew)
    {
        const auto capacity = SumOf(links, [this](uint32_t link) { return CapacityOf(link); });
        const uint32_t resource = m_capacities.size();
        // What keeps to one of several ports may meet any number of others there.
        m_bundles.push_back({capacity, resource, links, bool(m_choice), {}, {}, 0, 0});
        m_hasLimits = m_hasLimits || m_choice;
        m_capacities.push_back(capacity);
    }
    return found->second;
}

void
FlowPaths::Use(uint32_t bundle, uint32_t from, uint32_t to)
{
    auto& used = m_bundles[bundle];
    const auto& access = m_forwarding->Access();
    const auto in = access[from].accessSwitch;
    const auto out = access[to].accessSwitch;
    used.inRate += used.in.insert(in).second ? m_accessRates[in] : 0;
    used.outRate += used.out.insert(out).second ? m_accessRates[out] : 0;
    constexpr double ROUNDING = 1e-9;
    if (!used.isLimit && std::min(used.inRate, used.outRate) > used.capacity * (1 + ROUNDING))
    {
        used.isLimit = true;
        m_hasLimits = true;
        ++m_generation;
    }
}

void
FlowPaths::ListPorts(uint32_t node, uint32_t from, uint32_t to, std::vector<uint32_t>& ports) const
{
    ports.clear();
    const auto& table = m_forwarding->TableOf(node);
    const auto group = table.GroupOf(m_forwarding->Access().at(to).accessSwitch);
    if (group == SwitchTable::NO_GROUP)
    {
        return;
    }
    for (const auto port : table.groups[group])
    {
        if (m_linkUp[m_linkAt[node][port] / 2])
        {
            ports.push_back(port);
        }
    }
    if (m_choice && ports.size() > 1)
    {
        ports.assign(1, m_choice(node, group, ports, from, to));
    }
}

FlowPaths::Segment
FlowPaths::FindSegment(uint32_t from, uint32_t to)
{
    const auto& accessNodes = m_forwarding->AccessNodes();
    const auto lastAccess = m_forwarding->Access().at(to).accessSwitch;
    const auto first = accessNodes.at(m_forwarding->Access().at(from).accessSwitch);
    const auto last = accessNodes.at(lastAccess);
    if (m_allUp->TableOf(first).GroupOf(lastAccess) == SwitchTable::NO_GROUP)
    {
        ThrowNoPath(from, to);
    }
    Segment segment{{}, UNLIMITED, Picoseconds(0), 0, true};
    std::vector<uint32_t> nodes{first};
    // All shortest paths are equally long: they meet at the last switch.
    while (nodes.front() != last)
    {
        const auto hop = HopOf(nodes, from, to);
        if (!hop->bundle)
        {
            segment.open = false;
            break;
        }
        const auto& bundle = m_bundles[*hop->bundle];
        const auto& any = m_plan->links[bundle.links.front() / 2];
        segment.propagation += any.delay;
        segment.secondsPerByte += BITS_PER_BYTE / any.rate.Count();
        segment.bundles.push_back(*hop->bundle);
        segment.rate = std::min(segment.rate, bundle.capacity);
        Use(*hop->bundle, from, to);
        nodes = hop->ends;
    }
    return segment;
}

std::shared_ptr<const FlowPaths::Hop>
FlowPaths::HopOf(const std::vector<uint32_t>& nodes, uint32_t from, uint32_t to)
{
    if (m_choice || nodes.size() == 1)
    {
        return FindHop(nodes, from, to); // others will not ask for the same, or it costs little
    }
    auto& hop = m_hops[{m_forwarding->Access().at(to).accessSwitch, nodes}];
    if (!hop)
    {
        hop = FindHop(nodes, from, to);
    }
    return hop;
}

std::shared_ptr<const FlowPaths::Hop>
FlowPaths::FindHop(const std::vector<uint32_t>& nodes, uint32_t from, uint32_t to)
{
    const auto hop = std::make_shared<Hop>();
    std::vector<uint32_t> links;
    std::vector<uint32_t> ports;
    for (const auto node : nodes)
    {
        ListPorts(node, from, to, ports);
        if (ports.empty())
        {
            return hop;
        }
        for (const auto port : ports)
        {
            const auto link = m_linkAt[node][port];
            const auto& ends = m_plan->links[link / 2];
            links.push_back(link);
            hop->ends.push_back(link % 2 == 0 ? ends.b.node : ends.a.node);
        }
    }
    std::sort(links.begin(), links.end());
    SortUnique(hop->ends);
    hop->bundle = BundleOf(links);
    return hop;
}

void
FlowPaths::ForgetSegments()
{
    m_segments.clear();
    m_hops.clear();
    ++m_generation;
}

const FlowPaths::Segment&
FlowPaths::SegmentOf(uint32_t from, uint32_t to)
{
    // With spraying all NICs of a switch share the paths to another switch.
    const auto& access = m_forwarding->Access();
    const auto key = m_choice ? uint64_t{from} << 32 | to
                              : uint64_t{access[from].accessSwitch} << 32 | access[to].accessSwitch;
    const auto known = m_segments.find(key);
    return known != m_segments.end() ? known->second
                                     : m_segments.emplace(key, FindSegment(from, to)).first->second;
}

void
FlowPaths::ThrowNoPath(uint32_t from, uint32_t to) const
{
    const uint32_t nics = m_plan->host.nics.size();
    Refuse(Phrase() << "no path from NIC " << from % nics << " of host " << from / nics
                    << " to NIC " << to % nics << " of host " << to / nics);
}

FlowPaths::Line
FlowPaths::LineOf(const RdmaLeg& leg)
{
    const auto from = AddressOf(leg.from);
    const auto to = AddressOf(leg.to);
    const auto out = LinkOut(from);
    const auto in = LinkOut(to);
    const auto& access = m_forwarding->Access();
    if (out == NONE || in == NONE)
    {
        ThrowNoPath(from, to);
    }
    const bool fromSwitch = access[from].accessSwitch != AccessPort::NONE;
    if (fromSwitch != (access[to].accessSwitch != AccessPort::NONE))
    {
        ThrowNoPath(from, to);
    }
    const auto& first = m_plan->links[out / 2];
    const auto& final = m_plan->links[in / 2];
    const auto* switches = &m_direct;
    double switchSeconds = 0;
    if (fromSwitch)
    {
        const bool isOther = access[from].accessSwitch != access[to].accessSwitch;
        switches = isOther ? &SegmentOf(from, to) : switches;
        switchSeconds = switches->secondsPerByte + BITS_PER_BYTE / final.rate.Count();
    }
    return {from,
            to,
            switches,
            std::min({m_capacities[2 * from], m_capacities[2 * to + 1], switches->rate}),
            first.delay + (out / 2 == in / 2 ? Picoseconds(0) : final.delay) +
                switches->propagation,
            switchSeconds,
            switchSeconds + BITS_PER_BYTE / first.rate.Count()};
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

FlowPaths::Inside
FlowPaths::FiniteOf(const std::vector<uint32_t>& inside) const
{
    Inside finite{{}, UNLIMITED};
    for (const auto resource : inside)
    {
        const double capacity = m_interior.Capacities().at(resource);
        if (capacity < UNLIMITED)
        {
            finite.resources.push_back(resource);
            finite.rate = std::min(finite.rate, capacity);
        }
    }
    return finite;
}

void
FlowPaths::CrossInside(FlowPath& path, uint32_t host, const Inside& inside) const
{
    for (const auto resource : inside.resources)
    {
        path.resources.push_back(InsideOf(host, resource));
    }
}

void
FlowPaths::CrossLine(FlowPath& path, const Line& line) const
{
    path.resources.push_back(2 * line.from);
    path.resources.push_back(2 * line.to + 1);
    for (const auto bundle : line.switches->bundles)
    {
        if (m_bundles[bundle].isLimit)
        {
            path.resources.push_back(m_bundles[bundle].resource);
        }
    }
}

FlowPath
FlowPaths::Of(const Transfer& transfer)
{
    FlowPath path{{double(transfer.bytes.Count()), UNLIMITED, {}, {}, {}, {}}, {}, UNLIMITED};
    Stages stages;
    boost::container::small_vector<Line, 2> lines;
    lines.reserve(transfer.route.size()); // stages point to them
    for (const auto& leg : transfer.route)
    {
        if (const auto* nvswitch = std::get_if<NvswitchLeg>(&leg))
        {
            const auto& inside =
                m_between.at(nvswitch->fromGpu * m_plan->host.gpus + nvswitch->toGpu);
            CrossInside(path, nvswitch->host, inside);
            stages.push_back({inside.rate, nullptr});
            continue;
        }
        const auto& rdma = std::get<RdmaLeg>(leg);
        lines.push_back(LineOf(rdma));
        const auto& into = m_intoNic[rdma.from.nic];
        const auto& outOf = m_outOfNic[rdma.to.nic];
        CrossInside(path, rdma.from.host, into);
        CrossLine(path, lines.back());
        CrossInside(path, rdma.to.host, outOf);
        stages.push_back({into.rate, nullptr});
        stages.push_back({lines.back().rate, &lines.back()});
        stages.push_back({outOf.rate, nullptr});
        path.volume = VolumeOf(transfer.bytes.Count());
    }
    SortUnique(path.resources);
    for (const auto resource : path.resources)
    {
        path.narrowest = std::min(path.narrowest, m_capacities[resource]);
    }
    SetTimes(path, stages, transfer.bytes.Count());
    return path;
}

void
FlowPaths::SetTimes(FlowPath& path, const Stages& stages, uint64_t bytes) const
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
                HasControlPath(stage.line->from)
                    ? m_plan->controlDelay->count() * 1e-12
                    : propagation + m_framing.acknowledgement * stage.line->secondsPerByte;
            path.toAnswer = InPicoseconds(time + back);
            cycle += there + back;
            if (m_framing.pipelineDepth > 0 && chunks > m_framing.pipelineDepth && cycle > 0)
            {
                // Of the volume, as all rates: small chunks are mostly headers.
                path.limit = m_framing.pipelineDepth * double(m_framing.chunkBytes) / cycle *
                             (path.volume / bytes);
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
