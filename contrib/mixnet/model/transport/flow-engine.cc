/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-engine.h"

#include "flow-transport.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/node.h"
#include "ns3/ns3-compatibility.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace ns3
{
namespace mixnet
{

using mixnetcore::FluidNetwork;

NS_OBJECT_ENSURE_REGISTERED(FlowEngine);

namespace
{

/// @return this instant.
mixnetcore::Picoseconds
Now()
{
    return ToPicoseconds(Simulator::Now());
}

} // namespace

TypeId
FlowEngine::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::FlowEngine")
            .SetParent<Object>()
            .SetGroupName("Mixnet")
            .AddConstructor<FlowEngine>()
            .AddAttribute("EndTolerance",
                          "Part of its duration by which a message may end early, together with "
                          "another that ends; each end less is one solution of rates less.",
                          DoubleValue(0.001),
                          MakeDoubleAccessor(&FlowEngine::m_endTolerance),
                          MakeDoubleChecker<double>(0, 1));
    return tid;
}

FlowEngine::FlowEngine() = default;

FlowEngine::~FlowEngine() = default;

void
FlowEngine::DoDispose()
{
    m_solution.Cancel();
    m_nextEnd.Cancel();
    m_rerouting.Cancel();
    m_transports.clear();
    m_nics.clear();
    m_switchLinks.clear();
    m_hashing.clear();
    m_underWay.clear();
    m_endings.clear();
    m_flowOf.clear();
    m_moves.clear();
    Object::DoDispose();
}

void
FlowEngine::SetFabric(std::shared_ptr<const mixnetcore::FabricPlan> plan,
                      std::shared_ptr<const mixnetcore::ForwardingPlan> forwarding,
                      const mixnetcore::FlowFraming& framing)
{
    m_plan = plan;
    m_framing = framing;
    const size_t nics = plan->hosts * plan->host.nics.size();
    m_linkOf.assign(nics, NONE);
    m_peers.assign(nics, NONE);
    m_sent.assign(nics, 0);
    m_received.assign(nics, 0);
    m_connectionsOfNic.resize(nics);
    for (uint32_t link = 0; link < plan->links.size(); ++link)
    {
        for (const auto& end : {plan->links[link].a, plan->links[link].b})
        {
            if (end.node < plan->hosts)
            {
                m_linkOf[end.node * plan->host.nics.size() + end.port] = link;
            }
        }
    }
    const auto choose = [this](uint32_t node,
                               uint32_t group,
                               const std::vector<uint32_t>& ports,
                               uint32_t from,
                               uint32_t to) {
        RoceFrame frame;
        frame.source = from;
        frame.destination = to;
        return m_hashing.at(node)->GetPortSelector()->Select(frame, group, ports);
    };
    m_paths = std::make_unique<mixnetcore::FlowPaths>(
        plan,
        forwarding,
        framing,
        m_hashing.empty() ? mixnetcore::FlowPaths::PortChoice{} : choose);
    m_network = std::make_unique<FluidNetwork>(m_endTolerance);
    AddResources();
}

void
FlowEngine::SetFlowHash(std::map<uint32_t, Ptr<PacketSwitch>> switches)
{
    m_hashing = std::move(switches);
}

void
FlowEngine::AddResources()
{
    const auto& capacities = m_paths->Capacities();
    while (m_resourceOf.size() < capacities.size())
    {
        m_resourceOf.push_back(m_network->AddResource(capacities[m_resourceOf.size()]));
    }
}

void
FlowEngine::AddHost(Ptr<FlowTransport> transport, const std::vector<Ptr<RdmaNic>>& nics)
{
    m_transports.push_back(transport);
    for (const auto& nic : nics)
    {
        const NicAddress address = m_nics.size();
        m_nics.push_back(nic);
        nic->AddLinkChangeCallback(MakeCallback(&FlowEngine::HandleNicLight, this).Bind(address));
        if (m_linkOf.at(address) != NONE)
        {
            m_paths->SetLinkUp(m_linkOf[address], nic->IsLinkUp());
        }
    }
}

void
FlowEngine::AddSwitchLink(uint32_t link, Ptr<FibrePort> a, Ptr<FibrePort> b)
{
    m_switchLinks[link] = {a, b};
    for (const auto& port : {a, b})
    {
        port->AddLinkChangeCallback(MakeCallback(&FlowEngine::HandleSwitchLight, this).Bind(link));
    }
    m_paths->SetLinkUp(link, a->IsLinkUp() && b->IsLinkUp());
}

void
FlowEngine::AddOpticalSwitch(Ptr<OcsSwitch> ocs, const std::vector<NicAddress>& addresses)
{
    const uint32_t number = m_opticalPorts.size();
    m_opticalPorts.push_back(addresses);
    ocs->TraceConnectWithoutContext("CircuitUp",
                                    MakeCallback(&FlowEngine::HandleCircuitUp, this).Bind(number));
    ocs->TraceConnectWithoutContext(
        "CircuitDown",
        MakeCallback(&FlowEngine::HandleCircuitDown, this).Bind(number));
}

void
FlowEngine::HandleCircuitUp(uint32_t ocs, uint32_t a, uint32_t b)
{
    const auto& addresses = m_opticalPorts[ocs];
    if (a >= addresses.size() || b >= addresses.size() || addresses[a] == NONE ||
        addresses[b] == NONE)
    {
        return;
    }
    // The light of the new peer is at a NIC one fibre later.
    for (const auto& [near, far] : {std::pair(a, b), std::pair(b, a)})
    {
        const auto address = addresses[near];
        Simulator::Schedule(ToTime(m_plan->links[m_linkOf[address]].delay),
                            &FlowEngine::SetPeer,
                            this,
                            address,
                            addresses[far]);
    }
}

void
FlowEngine::HandleCircuitDown(uint32_t ocs, uint32_t a, uint32_t b)
{
    const auto& addresses = m_opticalPorts[ocs];
    for (const auto port : {a, b})
    {
        if (port < addresses.size() && addresses[port] != NONE)
        {
            SetPeer(addresses[port], NONE);
        }
    }
}

void
FlowEngine::SetPeer(NicAddress address, NicAddress peer)
{
    m_peers[address] = peer;
    for (const auto number : m_connectionsOfNic[address])
    {
        UpdateConnection(number);
    }
}

void
FlowEngine::HandleNicLight(NicAddress address)
{
    if (m_linkOf[address] != NONE && address < m_nics.size())
    {
        m_paths->SetLinkUp(m_linkOf[address], m_nics[address]->IsLinkUp());
        for (const auto number : m_connectionsOfNic[address])
        {
            UpdateConnection(number);
        }
    }
}

void
FlowEngine::HandleSwitchLight(uint32_t link)
{
    const auto found = m_switchLinks.find(link);
    if (found == m_switchLinks.end())
    {
        return;
    }
    m_paths->SetLinkUp(link, found->second.first->IsLinkUp() && found->second.second->IsLinkUp());
    if (!IsPending(m_rerouting))
    {
        m_rerouting = Simulator::ScheduleNow(&FlowEngine::Reroute, this);
    }
}

void
FlowEngine::Reroute()
{
    for (uint32_t number = 0; number < m_connections.size(); ++number)
    {
        UpdateConnection(number);
        if (!IsOpen(number))
        {
            continue;
        }
        const auto flows = m_connections[number].flows;
        for (const auto flow : flows)
        {
            auto& moving = *m_underWay[flow];
            const bool isOpen = std::all_of(moving.connections.begin(),
                                            moving.connections.end(),
                                            [this](auto c) { return IsOpen(c); });
            if (!isOpen)
            {
                continue;
            }
            auto path = m_paths->Of(moving.message->transfer);
            AddResources();
            if (path.resources == moving.path.resources)
            {
                continue;
            }
            moving.path = std::move(path);
            std::vector<uint32_t> resources;
            for (const auto resource : moving.path.resources)
            {
                resources.push_back(m_resourceOf[resource]);
            }
            if (moving.limit != NONE)
            {
                resources.push_back(moving.limit);
            }
            m_network->SetResources(flow, std::move(resources));
            RequestSolution();
        }
    }
}

uint32_t
FlowEngine::ConnectionOf(const mixnetcore::RdmaLeg& leg)
{
    const uint32_t nics = m_plan->host.nics.size();
    const NicAddress from = leg.from.host * nics + leg.from.nic;
    const NicAddress to = leg.to.host * nics + leg.to.nic;
    const auto [found, isNew] = m_connectionOf.try_emplace({from, to}, m_connections.size());
    if (isNew)
    {
        m_connections.push_back({leg, {}, false, false, Simulator::Now(), {}, {}});
        m_connectionsOfNic[from].push_back(found->second);
        m_connectionsOfNic[to].push_back(found->second);
        m_connections.back().open = IsOpen(found->second);
    }
    return found->second;
}

bool
FlowEngine::IsOpen(uint32_t number)
{
    const auto& leg = m_connections[number].leg;
    const uint32_t nics = m_plan->host.nics.size();
    const NicAddress from = leg.from.host * nics + leg.from.nic;
    const NicAddress to = leg.to.host * nics + leg.to.nic;
    const bool isOptical = m_plan->host.nics[leg.from.nic].role == mixnetcore::NicRole::Optical;
    if (isOptical && (m_peers[from] != to || m_peers[to] != from))
    {
        return false;
    }
    const bool isOpen = m_paths->IsOpen(leg);
    AddResources();
    return isOpen;
}

void
FlowEngine::UpdateConnection(uint32_t number)
{
    auto& connection = m_connections[number];
    const bool isOpen = IsOpen(number);
    if (!isOpen)
    {
        connection.resumption.Cancel();
        if (connection.open)
        {
            Close(number);
        }
        return;
    }
    if (connection.open || IsPending(connection.resumption))
    {
        return;
    }
    if (connection.retries && !connection.flows.empty())
    {
        connection.resumption =
            Simulator::Schedule(NextRetry(connection), &FlowEngine::Reopen, this, number);
    }
    else
    {
        Reopen(number);
    }
}

void
FlowEngine::Close(uint32_t number)
{
    auto& connection = m_connections[number];
    connection.open = false;
    for (const auto flow : connection.flows)
    {
        RepeatUnacknowledged(flow, connection);
        m_network->SetHeld(flow, true);
    }
    connection.failure.Cancel();
    if (!connection.flows.empty())
    {
        StartPatience(number);
        RequestSolution();
    }
}

void
FlowEngine::StartPatience(uint32_t number)
{
    auto& connection = m_connections[number];
    if (IsPending(connection.failure))
    {
        return;
    }
    const uint32_t nics = m_plan->host.nics.size();
    const auto& own = m_nics[connection.leg.from.host * nics + connection.leg.from.nic];
    const bool isOptical =
        m_plan->host.nics[connection.leg.from.nic].role == mixnetcore::NicRole::Optical;
    connection.retries = !isOptical && own->IsLinkUp();
    connection.closedAt = Simulator::Now();
    connection.failure =
        Simulator::Schedule(connection.retries ? RetryTime(connection) : own->GetLinkDownTimeout(),
                            &FlowEngine::HandleFailure,
                            this,
                            number);
}

void
FlowEngine::Reopen(uint32_t number)
{
    auto& connection = m_connections[number];
    connection.open = true;
    connection.retries = false;
    connection.failure.Cancel();
    for (const auto flow : connection.flows)
    {
        m_network->SetHeld(flow, !IsMoving(flow));
    }
    if (!connection.flows.empty())
    {
        RequestSolution();
    }
}

Time
FlowEngine::NextRetry(const Connection& connection) const
{
    const uint32_t nics = m_plan->host.nics.size();
    const auto& nic = m_nics[connection.leg.from.host * nics + connection.leg.from.nic];
    const Time waited = Simulator::Now() - connection.closedAt;
    Time expiry(0);
    uint32_t backoff = 0;
    while (expiry < waited || expiry.IsZero())
    {
        expiry += nic->GetRetransmissionTimeout() * int64_t{1 << backoff};
        backoff = std::min(backoff + 1, nic->GetBackoffLimit());
    }
    return expiry - waited;
}

Time
FlowEngine::RetryTime(const Connection& connection) const
{
    const uint32_t nics = m_plan->host.nics.size();
    const auto& nic = m_nics[connection.leg.from.host * nics + connection.leg.from.nic];
    Time sum(0);
    for (uint32_t retry = 0; retry <= nic->GetRetryLimit(); ++retry)
    {
        sum +=
            nic->GetRetransmissionTimeout() * int64_t{1 << std::min(retry, nic->GetBackoffLimit())};
    }
    return sum;
}

void
FlowEngine::HandleFailure(uint32_t number)
{
    m_connections[number].resumption.Cancel();
    const auto flows = m_connections[number].flows;
    for (const auto flow : flows)
    {
        if (!m_underWay[flow])
        {
            continue; // withdrawn in answer to another failure
        }
        const double left = m_network->RemoveFlow(flow, Now());
        const auto failed = TakeOut(flow);
        const auto bytes = failed.message->transfer.bytes.Count();
        const double part = 1 - std::min(1.0, left / failed.path.volume);
        failed.completion({failed.message,
                           MessageStatus::Failed,
                           static_cast<uint64_t>(std::floor(part * double(bytes)))});
    }
    UpdateConnection(number);
    RequestSolution();
}

bool
FlowEngine::IsMoving(uint32_t flow) const
{
    const auto& connections = m_underWay[flow]->connections;
    return std::all_of(connections.begin(), connections.end(), [this](uint32_t number) {
        return m_connections[number].open;
    });
}

void
FlowEngine::RepeatUnacknowledged(uint32_t flow, const Connection& closed)
{
    const double rate = m_network->Rate(flow);
    if (!(rate > 0) || std::isinf(rate))
    {
        return;
    }
    const auto& path = m_underWay[flow]->path;
    // From the NIC to where the line is closed, thrice: there, on to the peer, and back.
    const double answer = (path.toAnswer - path.toLastNic).count() * 1e-12;
    constexpr double WAYS = 1.5;
    const uint32_t nics = m_plan->host.nics.size();
    const auto& nic = m_nics[closed.leg.from.host * nics + closed.leg.from.nic];
    const double line = nic->GetDataRate().GetBitRate() / 8.0;
    const double frames = 0.5 * nic->GetAckInterval() * m_framing.mtu * rate / line;
    m_network->Repeat(flow, rate * answer * WAYS + frames, Now());
}

void
FlowEngine::UpdateWeights(uint32_t flow)
{
    const auto& connections = m_underWay[flow]->connections;
    if (!connections.empty())
    {
        const auto& flows = m_connections[connections.front()].flows;
        for (const auto other : flows)
        {
            m_network->SetWeight(other, 1.0 / flows.size());
        }
    }
}

void
FlowEngine::Begin(Ptr<const Message> message, MessageTransport::CompletionCallback completion)
{
    UnderWay begun{message, completion, m_paths->Of(message->transfer), {}, NONE, Simulator::Now()};
    AddResources();
    std::vector<uint32_t> resources;
    double least = std::numeric_limits<double>::infinity();
    for (const auto resource : begun.path.resources)
    {
        resources.push_back(m_resourceOf[resource]);
        least = std::min(least, m_paths->Capacities()[resource]);
    }
    if (begun.path.limit < least)
    {
        if (m_freeLimits.empty())
        {
            begun.limit = m_network->AddResource(begun.path.limit);
        }
        else
        {
            begun.limit = m_freeLimits.back();
            m_freeLimits.pop_back();
            m_network->SetCapacity(begun.limit, begun.path.limit);
        }
        resources.push_back(begun.limit);
    }
    for (const auto& leg : message->transfer.route)
    {
        if (const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&leg))
        {
            begun.connections.push_back(ConnectionOf(*rdma));
        }
    }
    const auto connections = begun.connections;
    const auto flow = m_network->AddFlow(Now(), std::move(resources), 1, begun.path.volume);
    if (flow >= m_underWay.size())
    {
        m_underWay.resize(flow + 1);
    }
    m_flowOf[message->id] = flow;
    m_underWay[flow] = std::move(begun);
    for (const auto number : connections)
    {
        m_connections[number].flows.push_back(flow);
        if (!m_connections[number].open)
        {
            StartPatience(number);
        }
    }
    UpdateWeights(flow);
    m_network->SetHeld(flow, !IsMoving(flow));
    RequestSolution();
}

void
FlowEngine::MoveInside(uint32_t host,
                       const std::vector<uint32_t>& crossed,
                       uint64_t bytes,
                       std::function<void()> done)
{
    std::vector<uint32_t> resources;
    for (const auto inside : crossed)
    {
        resources.push_back(m_resourceOf.at(m_paths->InsideOf(host, inside)));
    }
    m_moves[m_network->AddFlow(Now(), std::move(resources), 1, bytes)] = {host, std::move(done)};
    RequestSolution();
}

void
FlowEngine::NotifyMoved(Move move)
{
    const auto& server = m_nics.at(move.host * m_plan->host.nics.size())->GetNode();
    Simulator::ScheduleWithContext(server->GetId(), Time(0), std::move(move.done));
}

FlowEngine::UnderWay
FlowEngine::TakeOut(uint32_t flow)
{
    auto taken = std::move(*m_underWay[flow]);
    m_underWay[flow].reset();
    m_flowOf.erase(taken.message->id);
    if (taken.limit != NONE)
    {
        m_freeLimits.push_back(taken.limit);
    }
    for (const auto number : taken.connections)
    {
        auto& flows = m_connections[number].flows;
        flows.erase(std::find(flows.begin(), flows.end(), flow));
        if (flows.empty())
        {
            m_connections[number].failure.Cancel();
        }
        else
        {
            UpdateWeights(flows.front());
        }
    }
    return taken;
}

bool
FlowEngine::Withdraw(MessageId id)
{
    const auto found = m_flowOf.find(id);
    if (found == m_flowOf.end())
    {
        auto ending = m_endings.extract(id);
        if (!ending)
        {
            return false;
        }
        ending.mapped().event.Cancel();
        ending.mapped().completion({ending.mapped().message, MessageStatus::Withdrawn, 0});
        return true;
    }
    const auto flow = found->second;
    const double left = m_network->RemoveFlow(flow, Now());
    const auto taken = TakeOut(flow);
    RequestSolution();
    const double part = 1 - std::min(1.0, left / std::max(1.0, taken.path.volume));
    const auto bytes = taken.message->transfer.bytes.Count();
    taken.completion({taken.message,
                      MessageStatus::Withdrawn,
                      static_cast<uint64_t>(std::floor(part * double(bytes)))});
    return true;
}

void
FlowEngine::RequestSolution()
{
    if (!IsPending(m_solution))
    {
        m_solution = Simulator::ScheduleNow(&FlowEngine::Solve, this);
    }
}

void
FlowEngine::Solve()
{
    m_solution.Cancel();
    m_nextEnd.Cancel();
    const auto now = Now();
    m_network->Solve(now);
    while (m_network->NextEnd() <= now)
    {
        for (const auto flow : m_network->TakeEnded(now))
        {
            if (auto move = m_moves.extract(flow))
            {
                NotifyMoved(std::move(move.mapped()));
            }
            else
            {
                Finish(flow);
            }
        }
        m_network->Solve(now);
    }
    const auto next = m_network->NextEnd();
    if (next < FluidNetwork::NEVER)
    {
        m_nextEnd = Simulator::Schedule(ToTime(next - now), &FlowEngine::Solve, this);
    }
}

ChunkTiming
FlowEngine::TimingOf(const Message& message,
                     const mixnetcore::FlowPath& path,
                     const Time& begun) const
{
    const uint64_t bytes = message.transfer.bytes.Count();
    const uint64_t chunks =
        std::max<uint64_t>(1, (bytes + m_framing.chunkBytes - 1) / m_framing.chunkBytes);
    ChunkTiming timing;
    timing.bytes = bytes - (chunks - 1) * m_framing.chunkBytes;
    const Time end = Simulator::Now();
    timing.crossed = end + ToTime(path.toLastNic);
    // The last chunk was let out when the pipeline had room for it, at the average rate.
    const double behind =
        std::min<double>(bytes,
                         timing.bytes + (m_framing.pipelineDepth - 1.0) * m_framing.chunkBytes);
    const double part = bytes > 0 ? behind / double(bytes) : 1;
    timing.begun = end - PicoSeconds(std::llround((end - begun).GetPicoSeconds() * part));
    timing.atNic = std::min(timing.begun + ToTime(path.beforeFirstNic), timing.crossed);
    return timing;
}

Time
FlowEngine::HiddenTime(const UnderWay& finished) const
{
    double least = std::numeric_limits<double>::infinity();
    for (const auto resource : finished.path.resources)
    {
        least = std::min(least, m_paths->Capacities()[resource]);
    }
    const double shared =
        (Simulator::Now() - finished.begun).GetPicoSeconds() - finished.path.volume / least * 1e12;
    const auto most = std::min(finished.path.beforeFirstNic, finished.path.toLastNic);
    return shared > 0 ? PicoSeconds(std::min<int64_t>(std::llround(shared), most.count()))
                      : Time(0);
}

void
FlowEngine::Finish(uint32_t flow)
{
    auto finished = TakeOut(flow);
    const auto hidden = ToPicoseconds(HiddenTime(finished));
    finished.path.toLastNic -= hidden;
    finished.path.toEnd -= hidden;
    finished.path.toAnswer -= hidden;
    const auto& transfer = finished.message->transfer;
    const uint32_t nics = m_plan->host.nics.size();
    const double wire =
        finished.path.volume * (m_framing.mtu + m_framing.frameOverhead) / double(m_framing.mtu);
    for (const auto& leg : transfer.route)
    {
        if (const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&leg))
        {
            m_sent[rdma->from.host * nics + rdma->from.nic] += std::llround(wire);
            m_received[rdma->to.host * nics + rdma->to.nic] += std::llround(wire);
        }
    }
    const auto& transport = m_transports[transfer.destination.host];
    const auto& receiver = m_nics.at(transfer.destination.host * nics)->GetNode();
    const auto& sender = m_nics.at(transfer.source.host * nics)->GetNode();
    const auto timing = TimingOf(*finished.message, finished.path, finished.begun);
    Simulator::ScheduleWithContext(receiver->GetId(),
                                   ToTime(finished.path.toEnd),
                                   [transport, message = finished.message, timing] {
                                       transport->HandleArrival(*message, timing);
                                   });
    m_endings[finished.message->id] = {finished.message, finished.completion, {}};
    Simulator::ScheduleWithContext(sender->GetId(),
                                   ToTime(finished.path.toAnswer),
                                   [this, id = finished.message->id] { NotifyEnd(id); });
}

void
FlowEngine::NotifyEnd(MessageId id)
{
    const auto ending = m_endings.extract(id);
    if (ending)
    {
        const auto& ended = ending.mapped();
        ended.completion(
            {ended.message, MessageStatus::Delivered, ended.message->transfer.bytes.Count()});
    }
}

double
FlowEngine::GetEndTolerance() const
{
    return m_endTolerance;
}

uint64_t
FlowEngine::GetEarlyEnds() const
{
    return m_network->EarlyEnds();
}

size_t
FlowEngine::GetMessagesUnderWay() const
{
    return m_network->Size() - m_moves.size();
}

uint64_t
FlowEngine::GetSentBytes(NicAddress address) const
{
    return m_sent.at(address);
}

uint64_t
FlowEngine::GetReceivedBytes(NicAddress address) const
{
    return m_received.at(address);
}

} // namespace mixnet
} // namespace ns3
