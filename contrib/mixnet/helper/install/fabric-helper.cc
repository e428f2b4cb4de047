/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-helper.h"

#include "ns3/abort.h"
#include "ns3/assert.h"
#include "ns3/boolean.h"
#include "ns3/circuit-rotation.h"
#include "ns3/double.h"
#include "ns3/lists.h"
#include "ns3/ns3-units.h"
#include "ns3/pointer.h"
#include "ns3/random-variable-stream.h"
#include "ns3/sided-transport.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace ns3
{
namespace mixnet
{

using mixnetcore::NodeRole;

namespace
{

/// Gives the counters of a device or fibre.
constexpr auto CountersOf = [](const auto& device) { return device->GetCounters(); };

/// @param hosts Some hosts. @return counters of their NICs.
FrameCounters
NicCounters(const std::vector<FabricHost>& hosts)
{
    return mixnetcore::SumOf(hosts, [](const FabricHost& host) {
        return mixnetcore::SumOf(host.nics, CountersOf);
    });
}

/// @param packetSwitch A packet switch. @return size of its buffer, bytes.
double
BufferOf(const PacketSwitch& packetSwitch)
{
    UintegerValue size;
    packetSwitch.GetAttribute("BufferSize", size);
    return static_cast<double>(size.Get());
}

} // namespace

const char*
ToString(Fidelity fidelity)
{
    return fidelity == Fidelity::Packet ? "packet" : "flow";
}

FabricHelper::FabricHelper()
    : m_nicFactory("ns3::mixnet::RdmaNic"),
      m_ocsFactory("ns3::mixnet::OcsSwitch"),
      m_switchFactory("ns3::mixnet::PacketSwitch"),
      m_routingFactory("ns3::mixnet::FabricRouting"),
      m_packetFactory("ns3::mixnet::PacketTransport"),
      m_flowTransportFactory("ns3::mixnet::FlowTransport"),
      m_flowFactory("ns3::mixnet::FlowEngine")
{
}

void
FabricHelper::SetFidelity(Fidelity fidelity)
{
    m_optical = fidelity;
    m_electrical = fidelity;
}

bool
FabricHelper::Uses(const mixnetcore::FabricPlan& plan, Fidelity fidelity) const
{
    const auto uses = [&](mixnetcore::NicRole side, Fidelity level) {
        return level == fidelity && !plan.host.NicsOn(side).empty();
    };
    return uses(mixnetcore::NicRole::Optical, m_optical) ||
           uses(mixnetcore::NicRole::Electrical, m_electrical);
}

void
FabricHelper::SetTransportAttribute(const std::string& name, const AttributeValue& value)
{
    m_packetFactory.Set(name, value);
    m_flowTransportFactory.Set(name, value);
}

Fabric
FabricHelper::Install(const mixnetcore::FabricPlan& plan) const
{
    NS_ABORT_MSG_UNLESS(Time::GetResolution() == Time::PS || Time::GetResolution() == Time::FS,
                        "time must be resolved to picoseconds: call "
                        "Time::SetResolution(Time::PS) before anything else");
    Fabric fabric;
    fabric.plan = std::make_shared<const mixnetcore::FabricPlan>(plan);
    fabric.nodes.Create(plan.nodes.size());
    for (uint32_t index = 0; index < plan.nodes.size(); ++index)
    {
        const auto& nodePlan = plan.nodes[index];
        const auto node = fabric.nodes.Get(index);
        if (nodePlan.role == NodeRole::Host)
        {
            InstallHost(fabric, index);
        }
        else if (nodePlan.role == NodeRole::PacketSwitch)
        {
            const auto packetSwitch = m_switchFactory.Create<PacketSwitch>();
            if (nodePlan.buffer)
            {
                packetSwitch->SetAttribute("BufferSize", UintegerValue(nodePlan.buffer->Count()));
            }
            if (!fabric.hosts.empty() && !fabric.hosts[0].nics.empty())
            {
                packetSwitch->SetMtu(fabric.hosts[0].nics[0]->GetMtu());
            }
            node->AddDevice(packetSwitch);
            fabric.packetSwitches.push_back(packetSwitch);
        }
        else
        {
            const auto ocs = m_ocsFactory.Create<OcsSwitch>();
            node->AddDevice(ocs);
            ocs->AddPorts(nodePlan.ports);
            fabric.opticalSwitches.push_back(ocs);
        }
    }
    InstallSwitchPorts(fabric);
    for (const auto& link : plan.links)
    {
        InstallLink(fabric, link);
    }
    InstallSchedules(fabric);
    InstallControlPath(fabric);
    InstallRoutes(fabric);
    SuggestPaths(fabric);
    if (Uses(plan, Fidelity::Flow))
    {
        InstallFlowEngine(fabric);
    }
    return fabric;
}

void
FabricHelper::InstallFlowEngine(Fabric& fabric) const
{
    const auto& plan = *fabric.plan;
    const auto engine = m_flowFactory.Create<FlowEngine>();
    fabric.flowEngine = engine;
    if (!m_spraying)
    {
        engine->SetFlowHash(fabric.SwitchesByNode());
    }
    engine->SetFabric(fabric.plan, fabric.routing->GetForwarding(), fabric.Framing());
    if (m_flowQueues && !fabric.packetSwitches.empty())
    {
        engine->SetQueues(QueueSettingsOf(fabric));
    }
    engine->SetRouting(fabric.routing);
    for (uint32_t index = 0; index < fabric.hosts.size(); ++index)
    {
        const auto& host = fabric.hosts[index];
        host.flows->SetEngine(engine);
        engine->AddHost(host.flows, host.nics);
        // Chunks of packets meet flows inside of servers.
        host.server->SetFluid([engine, index](const auto& crossed, auto bytes, auto done) {
            engine->MoveInside(index, crossed, bytes, std::move(done));
        });
    }
    std::map<uint32_t, std::vector<NicAddress>> addresses; // by node of an optical switch, and port
    for (uint32_t link = 0; link < plan.links.size(); ++link)
    {
        const auto& ends = plan.links[link];
        for (const auto& [near, far] : {std::pair(ends.a, ends.b), std::pair(ends.b, ends.a)})
        {
            if (plan.nodes[near.node].role == NodeRole::OpticalCircuitSwitch &&
                plan.nodes[far.node].role == NodeRole::Host)
            {
                auto& ports = addresses[near.node];
                ports.resize(plan.nodes[near.node].ports, LinkSignal::PACKET_SWITCH);
                ports[near.port] =
                    PacketTransport::AddressOf({far.node, far.port}, plan.host.nics.size());
            }
        }
    }
    for (uint32_t node = 0; node < plan.nodes.size(); ++node)
    {
        if (plan.nodes[node].role == NodeRole::OpticalCircuitSwitch)
        {
            engine->AddOpticalSwitch(fabric.GetOpticalSwitch(node), addresses[node]);
        }
    }
}

void
FabricHelper::InstallSchedules(Fabric& fabric)
{
    for (const auto& schedule : fabric.plan->schedules)
    {
        const auto ocs = fabric.GetOpticalSwitch(schedule.opticalSwitch);
        if (schedule.slots.size() == 1)
        {
            ocs->SetInitialConfiguration(schedule.slots.front().circuits);
            continue;
        }
        const auto guard = CreateObject<ConstantRandomVariable>();
        guard->SetAttribute("Constant", DoubleValue(schedule.guard.count() * 1e-12));
        ocs->SetAttribute("Technology", StringValue(""));
        ocs->SetAttribute("ReconfigurationTime", PointerValue(guard));
        const auto rotation = CreateObject<CircuitRotation>();
        rotation->SetSchedule(schedule, ocs);
        fabric.nodes.Get(schedule.opticalSwitch)->AddApplication(rotation);
        std::set<uint32_t> hosts;
        for (const auto& link : fabric.plan->links)
        {
            for (const auto& [near, far] : {std::pair(link.a, link.b), std::pair(link.b, link.a)})
            {
                if (near.node == schedule.opticalSwitch)
                {
                    hosts.insert(far.node);
                }
            }
        }
        for (const auto host : hosts)
        {
            rotation->AddTransport(fabric.hosts.at(host).transport);
        }
    }
}

void
FabricHelper::InstallControlPath(Fabric& fabric)
{
    if (!fabric.plan->controlDelay)
    {
        return;
    }
    fabric.controlPath = CreateObject<ControlPath>();
    fabric.controlPath->SetAttribute("Delay", TimeValue(ToTime(*fabric.plan->controlDelay)));
    const auto optical = fabric.plan->host.NicsOn(mixnetcore::NicRole::Optical);
    for (const auto& host : fabric.hosts)
    {
        for (const auto nic : optical)
        {
            fabric.controlPath->AddNic(host.nics[nic]);
        }
    }
}

mixnetcore::QueueSettings
FabricHelper::QueueSettingsOf(const Fabric& fabric)
{
    const auto& packetSwitch = *fabric.packetSwitches.front();
    const auto& nic = *fabric.hosts.at(0).nics.at(0);
    DoubleValue alpha;
    packetSwitch.GetAttribute("IngressAlpha", alpha);
    const double mtu = nic.GetMtu();
    const double frame = mtu + wire::ROCE_OVERHEAD;
    const double acknowledgement = wire::ROCE_OVERHEAD + wire::ACK_HEADER;
    // Half of an interval is not acknowledged on average.
    const double frames = std::floor(nic.GetWindow() / mtu) - 0.5 * nic.GetAckInterval();
    return {BufferOf(packetSwitch) * mtu / frame,
            alpha.Get(),
            std::max(1.0, frames) * mtu,
            1 - acknowledgement / (nic.GetAckInterval() * frame)};
}

void
FabricHelper::InstallHost(Fabric& fabric, uint32_t index) const
{
    const auto& plan = fabric.plan->host;
    FabricHost host;
    host.node = fabric.nodes.Get(index);
    host.server = CreateObject<NvSwitchHost>();
    host.server->SetPlan(plan);
    host.node->AddDevice(host.server);
    for (uint32_t number = 0; number < plan.nics.size(); ++number)
    {
        const auto nic = m_nicFactory.Create<RdmaNic>();
        nic->SetAttribute("DataRate", DataRateValue(ToDataRate(plan.nics[number].rate)));
        const bool isElectrical = plan.nics[number].role == mixnetcore::NicRole::Electrical;
        nic->SetAttribute("OutOfOrder", BooleanValue(m_spraying && isElectrical));
        nic->SetNicAddress(PacketTransport::AddressOf({index, number}, plan.nics.size()));
        host.node->AddDevice(nic);
        host.nics.push_back(nic);
    }
    InstallTransport(fabric, host, index);
    host.node->AggregateObject(host.transport);
    fabric.hosts.push_back(host);
}

void
FabricHelper::InstallTransport(const Fabric& fabric, FabricHost& host, uint32_t index) const
{
    const auto& plan = *fabric.plan;
    std::map<Fidelity, Ptr<MessageTransport>> ofLevel;
    if (Uses(plan, Fidelity::Packet))
    {
        host.packets = m_packetFactory.Create<PacketTransport>();
        host.packets->SetHost(index);
        host.packets->SetServer(host.server, host.nics);
        host.packets->Join(fabric.hosts.empty() ? host.packets : fabric.hosts.front().packets);
        ofLevel[Fidelity::Packet] = host.packets;
    }
    if (Uses(plan, Fidelity::Flow))
    {
        host.flows = m_flowTransportFactory.Create<FlowTransport>();
        host.flows->SetHost(index);
        ofLevel[Fidelity::Flow] = host.flows;
    }
    host.transport = ofLevel.begin()->second;
    if (ofLevel.size() > 1)
    {
        const auto sided = CreateObject<SidedTransport>();
        sided->SetHost(index);
        sided->SetSide(mixnetcore::NicRole::Optical, ofLevel.at(m_optical));
        sided->SetSide(mixnetcore::NicRole::Electrical, ofLevel.at(m_electrical));
        sided->SetInside(host.flows);
        host.transport = sided;
    }
}

void
FabricHelper::InstallSwitchPorts(const Fabric& fabric)
{
    const auto& plan = *fabric.plan;
    std::vector<std::vector<DataRate>> rates(plan.nodes.size());
    for (size_t index = 0; index < plan.nodes.size(); ++index)
    {
        rates[index].resize(plan.nodes[index].ports, DataRate(1));
    }
    for (const auto& link : plan.links)
    {
        for (const auto& end : {link.a, link.b})
        {
            rates.at(end.node).at(end.port) = ToDataRate(link.rate);
        }
    }
    for (const auto& [node, packetSwitch] : fabric.SwitchesByNode())
    {
        for (const auto& rate : rates[node])
        {
            packetSwitch->AddPort(rate);
        }
    }
}

Ptr<FibrePort>
FabricHelper::PortOf(const Fabric& fabric, const mixnetcore::PortPlan& port)
{
    switch (fabric.plan->nodes.at(port.node).role)
    {
    case NodeRole::Host:
        return fabric.hosts.at(port.node).nics.at(port.port);
    case NodeRole::OpticalCircuitSwitch:
        return fabric.GetOpticalSwitch(port.node)->GetPort(port.port);
    case NodeRole::PacketSwitch:
        return DynamicCast<PacketSwitch>(fabric.nodes.Get(port.node)->GetDevice(0))
            ->GetPort(port.port);
    }
    return nullptr;
}

void
FabricHelper::InstallLink(Fabric& fabric, const mixnetcore::LinkPlan& link) const
{
    const auto fibre = CreateObject<Fibre>();
    fibre->SetAttribute("Delay", TimeValue(ToTime(link.delay)));
    fibre->Connect(PortOf(fabric, link.a), PortOf(fabric, link.b));
    fabric.fibres.push_back(fibre);
}

void
FabricHelper::InstallRoutes(Fabric& fabric) const
{
    fabric.routing = m_routingFactory.Create<FabricRouting>();
    fabric.routing->SetFabric(fabric.plan);
    for (const auto& [node, packetSwitch] : fabric.SwitchesByNode())
    {
        fabric.routing->AddSwitch(node, packetSwitch);
    }
}

Time
FabricHelper::RoundTrip(const Fabric& fabric, uint32_t number)
{
    constexpr uint32_t LINKS_OVER_ONE_SWITCH = 2;
    const auto& nic = *fabric.hosts.front().nics.at(number);
    const bool isOptical = fabric.plan->host.nics.at(number).role == mixnetcore::NicRole::Optical;
    const uint32_t links =
        isOptical
            ? LINKS_OVER_ONE_SWITCH
            : std::max(LINKS_OVER_ONE_SWITCH, fabric.routing->GetForwarding()->LongestPathLinks());
    mixnetcore::Picoseconds delay{0};
    for (const auto& link : fabric.plan->links)
    {
        delay = std::max(delay, link.delay);
    }
    const uint64_t frames = nic.GetMtu() + wire::RDMA_HEADER + 2 * wire::ROCE_OVERHEAD;
    const Time serialisation = SerialisationTime(frames, nic.GetDataRate());
    const Time back = isOptical && fabric.controlPath ? fabric.controlPath->GetDelay()
                                                      : ToTime(delay) * int64_t{links};
    return ToTime(delay) * int64_t{links} + back + serialisation * int64_t{isOptical ? 1 : links};
}

BufferNeed
Fabric::GetLargestBufferNeed() const
{
    BufferNeed largest;
    if (!flowEngine)
    {
        return largest;
    }
    const auto byNode = SwitchesByNode();
    for (const auto& held : flowEngine->GetHeldWindows())
    {
        const double windows = held.bytes / held.switches.size();
        for (const auto node : held.switches)
        {
            const BufferNeed need{plan->nodes[node].name, windows, BufferOf(*byNode.at(node))};
            largest = need.Ratio() > largest.Ratio() ? need : largest;
        }
    }
    return largest;
}

double
FabricHelper::LongestQueue(const Fabric& fabric, double window)
{
    double buffer = 0;
    for (const auto& packetSwitch : fabric.packetSwitches)
    {
        buffer = std::max(buffer, BufferOf(*packetSwitch));
    }
    const double nics = double(fabric.hosts.size()) * fabric.plan->host.nics.size();
    const double windows = nics * (window + wire::ROCE_OVERHEAD);
    return std::min(windows, buffer * fabric.routing->GetForwarding()->LongestPathLinks());
}

double
FabricHelper::LargestWindow(const RdmaNic& nic)
{
    UintegerValue given;
    nic.GetAttribute("Window", given);
    double windows = 1; // of the path, in the largest of the congestion control
    if (given.Get() == 0)
    {
        const auto control = nic.MakeCongestionControl({});
        windows = std::max(1.0, double(control->GetLargestWindow()) / nic.GetWindow());
        control->Dispose();
    }
    return (ReceiveWindow::REACH - 1) / windows * nic.GetMtu();
}

void
FabricHelper::SuggestPaths(const Fabric& fabric)
{
    constexpr double LONGEST_TIMEOUT = 1000; // seconds
    for (uint32_t number = 0; number < fabric.plan->host.nics.size(); ++number)
    {
        const auto& first = *fabric.hosts.front().nics[number];
        const Time roundTrip = RoundTrip(fabric, number);
        const double bytesPerSecond = first.GetDataRate().GetBitRate() / 8.0;
        // Sequence numbers bound what can be in flight on long lines with small frames.
        const double most = LargestWindow(first);
        const double window = std::min(most,
                                       bytesPerSecond * roundTrip.GetSeconds() +
                                           2.0 * first.GetAckInterval() * first.GetMtu());
        const double queue = LongestQueue(fabric, window) / bytesPerSecond;
        const double timeout = std::min(2 * (roundTrip.GetSeconds() + queue), LONGEST_TIMEOUT);
        for (const auto& host : fabric.hosts)
        {
            host.nics[number]->SuggestPath(static_cast<uint64_t>(window),
                                           roundTrip,
                                           std::max(NanoSeconds(RdmaNic::DEFAULT_TIMEOUT_NS),
                                                    NanoSeconds(std::llround(timeout * 1e9))));
        }
    }
}

std::vector<Ptr<OcsSwitch>>
Fabric::GetOpticalSwitches(uint32_t region) const
{
    return mixnetcore::Mapped(plan->regions.at(region).planes, [this](const auto& plane) {
        return GetOpticalSwitch(plane.opticalSwitch);
    });
}

Ptr<OcsSwitch>
Fabric::GetOpticalSwitch(uint32_t node) const
{
    const auto ocs = DynamicCast<OcsSwitch>(nodes.Get(node)->GetDevice(0));
    NS_ASSERT_MSG(ocs, "node " << node << " is no optical circuit switch");
    return ocs;
}

uint64_t
Fabric::GetSentBytes(uint32_t host, uint32_t nic) const
{
    const auto bytes = hosts.at(host).nics.at(nic)->GetCounters().sent.bytes;
    return flowEngine ? bytes + flowEngine->GetSentBytes(
                                    PacketTransport::AddressOf({host, nic}, plan->host.nics.size()))
                      : bytes;
}

std::vector<uint64_t>
Fabric::GetSentBytesAt(const Time& at) const
{
    auto sent = flowEngine ? flowEngine->GetSentBytesAt(at)
                           : std::vector<uint64_t>(hosts.size() * plan->host.nics.size());
    auto bytes = sent.begin();
    for (const auto& host : hosts)
    {
        for (const auto& nic : host.nics)
        {
            *bytes++ += nic->GetCounters().sent.bytes;
        }
    }
    return sent;
}

uint64_t
Fabric::GetReceivedBytes(uint32_t host, uint32_t nic) const
{
    const auto bytes = hosts.at(host).nics.at(nic)->GetCounters().received.bytes;
    return flowEngine ? bytes + flowEngine->GetReceivedBytes(
                                    PacketTransport::AddressOf({host, nic}, plan->host.nics.size()))
                      : bytes;
}

FrameCounters
Fabric::GetCounters() const
{
    auto sum = NicCounters(hosts);
    sum.AddLosses(mixnetcore::SumOf(packetSwitches, CountersOf));
    sum.AddLosses(mixnetcore::SumOf(opticalSwitches, CountersOf));
    sum.AddLosses(mixnetcore::SumOf(fibres, CountersOf));
    return sum;
}

double
Fabric::PayloadEfficiency() const
{
    const uint32_t mtu = hosts.front().nics.front()->GetMtu();
    return static_cast<double>(mtu) / (mtu + wire::PadBytes(mtu) + wire::ROCE_OVERHEAD);
}

FrameCounters
Fabric::GetHopCounters() const
{
    auto sum = NicCounters(hosts);
    sum += mixnetcore::SumOf(packetSwitches, CountersOf);
    return sum;
}

std::map<uint32_t, Ptr<PacketSwitch>>
Fabric::SwitchesByNode() const
{
    std::map<uint32_t, Ptr<PacketSwitch>> switches;
    auto next = packetSwitches.begin();
    for (uint32_t node = 0; node < plan->nodes.size(); ++node)
    {
        if (plan->nodes[node].role == NodeRole::PacketSwitch)
        {
            switches[node] = *next++;
        }
    }
    return switches;
}

uint64_t
Fabric::GetRetransmittedFrames() const
{
    return mixnetcore::SumOf(hosts, [](const FabricHost& host) {
        return mixnetcore::SumOf(host.nics,
                                 [](const auto& nic) { return nic->GetRetransmittedFrames(); });
    });
}

uint64_t
Fabric::CountOutgoing() const
{
    return mixnetcore::SumOf(hosts, [](const FabricHost& host) {
        return host.transport->CountOutgoing();
    });
}

mixnetcore::FlowFraming
Fabric::Framing() const
{
    mixnetcore::FlowFraming framing;
    framing.frameOverhead = wire::ROCE_OVERHEAD;
    framing.firstOverhead = wire::RDMA_HEADER;
    if (hosts.empty() || hosts.front().nics.empty())
    {
        return framing;
    }
    const auto& host = hosts.front();
    const auto transport = host.flows ? Ptr<MessageTransport>(host.flows) : host.transport;
    UintegerValue chunk;
    UintegerValue depth;
    transport->GetAttribute("ChunkSize", chunk);
    transport->GetAttribute("PipelineDepth", depth);
    framing.mtu = host.nics.front()->GetMtu();
    framing.chunkBytes = chunk.Get();
    framing.pipelineDepth = depth.Get();
    return framing;
}

void
Fabric::Initialize() const
{
    for (auto node = nodes.Begin(); node != nodes.End(); ++node)
    {
        (*node)->Initialize();
    }
}

int64_t
Fabric::AssignStreams(int64_t stream)
{
    const int64_t first = stream;
    for (const auto& ocs : opticalSwitches)
    {
        stream += ocs->AssignStreams(stream);
    }
    for (const auto& packetSwitch : packetSwitches)
    {
        stream += packetSwitch->AssignStreams(stream);
    }
    return stream - first;
}

} // namespace mixnet
} // namespace ns3
