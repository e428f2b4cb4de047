/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-engine.h"

#include "flow-transport.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <limits>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("FlowEngine");

using mixnetcore::FlowRequest;
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

/// @param route A path. @return its leg between hosts; nullptr if it has none or several.
const mixnetcore::RdmaLeg*
OnlyLegOf(const mixnetcore::Route& route)
{
    const mixnetcore::RdmaLeg* only = nullptr;
    for (const auto& leg : route)
    {
        const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&leg);
        if (rdma && only)
        {
            return nullptr;
        }
        only = rdma ? rdma : only;
    }
    return only;
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
            .AddAttribute(
                "EndTolerance",
                "By how much a message may end late, together with others that end then, as a "
                "part of the longest duration among those that share lines with it, and "
                "at most ten times that part of its own; each end less is one solution "
                "of rates less.",
                DoubleValue(0.001),
                MakeDoubleAccessor(&FlowEngine::m_endTolerance),
                MakeDoubleChecker<double>(0, 0.05));
    return tid;
}

FlowEngine::FlowEngine() = default;

FlowEngine::~FlowEngine() = default;

void
FlowEngine::DoDispose()
{
    m_solution.Cancel();
    m_nextEnd.Cancel();
    m_hashing.clear();
    m_messages.Clear();
    m_moves.clear();
    m_partAnswered.Nullify();
    m_delivery = nullptr;
    Object::DoDispose();
}

void
FlowEngine::SetFabric(std::shared_ptr<const mixnetcore::FabricPlan> plan,
                      std::shared_ptr<const mixnetcore::ForwardingPlan> forwarding,
                      const mixnetcore::FlowFraming& framing)
{
    m_framing = framing;
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
    m_maxMin = std::make_unique<mixnetcore::MaxMinNetwork>(m_endTolerance);
    m_maxMin->AddResources(m_paths->Capacities());
    m_networks = {m_maxMin.get()};
    FlowConnections::Owner& ofConnections = *this;
    m_connections = std::make_unique<FlowConnections>(ofConnections, plan, *m_paths);
    m_windows = std::make_unique<FlowWindows>(*m_paths, *m_connections);
    m_losses = std::make_unique<FlowLosses>(m_messages, *m_connections, m_framing);
    FlowDelivery::Owner& ofDelivery = *this;
    m_delivery = std::make_unique<FlowDelivery>(ofDelivery,
                                                m_messages,
                                                *m_connections,
                                                *m_losses,
                                                m_framing,
                                                plan);
    FlowRelays::Owner& ofRelays = *this;
    m_relays = std::make_unique<FlowRelays>(ofRelays, plan, m_framing.chunkBytes);
    m_partAnswered = MakeCallback(&FlowEngine::HandlePartAnswer, this);
    m_hasRelays = plan->regions.empty() && !plan->relays.empty();
}

void
FlowEngine::BeginPart(Ptr<const Message> part)
{
    MoveMessage(part, m_partAnswered);
}

uint64_t
FlowEngine::DropPart(MessageId id)
{
    const auto place = m_messages.Find(id);
    return place != m_messages.Places() && m_messages[place].IsInFluid() ? Drop(place) : 0;
}

void
FlowEngine::HandlePartAnswer(const MessageCompletion& completion)
{
    m_relays->HandleAnswer(*completion.message);
}

bool
FlowEngine::GoesByParts(const mixnetcore::Route& route) const
{
    const auto* leg = OnlyLegOf(route);
    return IsRelayed(route) || (m_hasRelays && leg && m_connections->Links().IsOptical(*leg));
}

void
FlowEngine::NotifyRelayed(const Message& message, const ChunkTiming& last)
{
    m_delivery->TransportOf(message.transfer.destination.host)->NotifyArrival(message, last);
}

void
FlowEngine::NotifyKept(uint32_t relay, uint64_t bytes)
{
    m_delivery->TransportOf(relay)->CountRelayed(bytes);
}

void
FlowEngine::EndRelayed(const MessageTransport::CompletionCallback& completion,
                       const MessageCompletion& end)
{
    m_delivery->EndRelayed(completion, end);
}

void
FlowEngine::NotifyAtEnd(const Message& message, const ChunkTiming& last)
{
    if (FlowRelays::IsPart(message.id))
    {
        m_relays->HandleArrival(message, last);
        return;
    }
    m_delivery->TransportOf(message.transfer.destination.host)->NotifyArrival(message, last);
}

void
FlowEngine::AddHost(Ptr<FlowTransport> transport, const std::vector<Ptr<RdmaNic>>& nics)
{
    m_delivery->AddHost(transport, nics.at(0)->GetNode()->GetId());
    m_connections->Links().AddHost(nics);
}

void
FlowEngine::SetQueues(const mixnetcore::QueueSettings& settings)
{
    NS_ABORT_MSG_UNLESS(m_hashing.empty(), "queues of a fluid need packets that are sprayed");
    m_queues = std::make_unique<mixnetcore::QueueNetwork>(*m_paths, settings);
    // What ends in queues may change weights of what does not.
    m_networks = {m_queues.get(), m_maxMin.get()};
}

void
FlowEngine::Begin(Ptr<const Message> message, MessageTransport::CompletionCallback completion)
{
    if (GoesByParts(message->transfer.route))
    {
        m_relays->Begin(message, completion);
        return;
    }
    MoveMessage(message, completion);
}

void
FlowEngine::MoveMessage(Ptr<const Message> message, MessageTransport::CompletionCallback completion)
{
    const auto place = m_messages.Take(message, completion);
    auto& begun = m_messages[place];
    for (const auto& leg : message->transfer.route)
    {
        if (const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&leg))
        {
            const auto connection = m_connections->NumberOf(*rdma);
            begun.connections.push_back({connection, m_connections->Add(connection, place)});
        }
    }
    Launch(place, std::numeric_limits<double>::infinity());
}

mixnetcore::FlowPath
FlowEngine::PathOf(const Message& message)
{
    auto path = m_paths->Of(message.transfer);
    m_maxMin->AddResources(m_paths->Capacities());
    return path;
}

FluidNetwork*
FlowEngine::NetworkFor(const FlowRequest& request) const
{
    const auto* leg = request.onlyLeg;
    const bool isQueued = m_queues && leg && leg->side == mixnetcore::NicRole::Electrical;
    return isQueued ? m_networks.front() : m_maxMin.get();
}

void
FlowEngine::Launch(uint32_t place, double bytes)
{
    auto& launched = m_messages[place];
    const auto path = PathOf(*launched.message);
    launched.path = path;
    launched.generation = m_paths->Generation();
    ++launched.launches;
    FlowRequest request{path.resources, std::min(bytes, path.volume), place};
    if (path.limit < path.narrowest)
    {
        request.cap = path.limit;
    }
    if (!launched.connections.empty())
    {
        request.group = launched.connections.front().number;
        request.onlyLeg = OnlyLegOf(launched.message->transfer.route);
        request.mayJoinCrowd = request.onlyLeg;
    }
    launched.network = NetworkFor(request);
    launched.flow = launched.network->Add(Now(), request);
    for (const auto& [connection, entry] : launched.connections)
    {
        m_connections->Start(connection);
        if (m_connections->MovingOn(connection) == 1)
        {
            m_windows->Add(connection);
        }
    }
    if (!launched.connections.empty())
    {
        UpdateWeights(launched.connections.front().number);
    }
    launched.network->SetHeld(launched.flow, !IsMoving(launched));
    RequestSolution();
}

bool
FlowEngine::IsDeadlocked() const
{
    if (!m_queues || !m_queues->IsStill())
    {
        return false;
    }
    for (uint32_t place = 0; place < m_messages.Places(); ++place)
    {
        const auto& waiting = m_messages[place];
        if (waiting.message && waiting.network == m_queues.get() && IsMoving(waiting))
        {
            return true;
        }
    }
    return false;
}

void
FlowEngine::MoveInside(uint32_t host,
                       const std::vector<uint32_t>& crossed,
                       uint64_t bytes,
                       std::function<void()> done)
{
    mixnetcore::ResourceList resources;
    for (const auto resource : crossed)
    {
        resources.push_back(m_paths->InsideOf(host, resource));
    }
    const auto owner = MOVES | m_nextMove++;
    m_moves[owner] = {host, std::move(done)};
    m_maxMin->Add(Now(), {resources, double(bytes), owner});
    RequestSolution();
}

bool
FlowEngine::IsMoving(const FlowMessage& message) const
{
    return std::all_of(
        message.connections.begin(),
        message.connections.end(),
        [this](const FlowMessage::Use& use) { return m_connections->IsOpen(use.number); });
}

void
FlowEngine::UpdateWeights(uint32_t connection)
{
    for (auto* network : m_networks)
    {
        network->SetWeight(connection, 1.0 / m_connections->MovingOn(connection));
    }
}

void
FlowEngine::NotifyClosed(uint32_t connection, bool isSevered)
{
    NS_LOG_LOGIC("connection " << connection << (isSevered ? " severed" : " closed"));
    m_losses->Close(connection, isSevered);
    RequestSolution();
}

void
FlowEngine::NotifyLost(uint32_t connection)
{
    m_losses->Repeat(connection);
    RequestSolution();
}

void
FlowEngine::NotifyOpened(uint32_t connection)
{
    for (const auto place : m_connections->MessagesOf(connection))
    {
        const auto& opened = m_messages[place];
        if (!opened.IsInFluid())
        {
            continue;
        }
        if (opened.generation != m_paths->Generation())
        {
            UpdatePath(place);
        }
        opened.network->SetHeld(opened.flow, !IsMoving(opened));
    }
    RequestSolution();
}

void
FlowEngine::NotifyFailed(uint32_t connection)
{
    NS_LOG_INFO("connection " << connection << " fails");
    const auto messages = m_connections->MessagesOf(connection); // which are fewer from now on
    for (const auto place : messages)
    {
        EndEarly(place, MessageStatus::Failed, m_connections->LegOf(connection));
    }
}

void
FlowEngine::UpdatePaths()
{
    if (m_generation == m_paths->Generation())
    {
        return;
    }
    m_generation = m_paths->Generation();
    m_windows->CountAgain();
    for (uint32_t place = 0; place < m_messages.Places(); ++place)
    {
        const auto& message = m_messages[place];
        if (message.message && message.IsInFluid() && IsMoving(message))
        {
            UpdatePath(place);
        }
    }
}

void
FlowEngine::UpdatePath(uint32_t place)
{
    auto& moved = m_messages[place];
    const auto path = PathOf(*moved.message);
    moved.generation = m_paths->Generation();
    if (moved.network->Reroute(moved.flow, path.resources, Now()))
    {
        moved.path = path;
    }
}

uint64_t
FlowEngine::CarriedBytes(uint32_t place) const
{
    const auto& carried = m_messages[place];
    const auto bytes = carried.message->transfer.bytes.Count();
    const double left = carried.network->Left(carried.flow, Now());
    const double part = 1 - std::min(1.0, left / std::max(1.0, carried.path.volume));
    return part < 1 ? static_cast<uint64_t>(part * double(bytes)) / m_framing.chunkBytes *
                          m_framing.chunkBytes
                    : bytes;
}

double
FlowEngine::CrossedAt(uint32_t place, mixnetcore::Picoseconds at) const
{
    const auto& crossing = m_messages[place];
    if (crossing.isRepeated || !crossing.IsInFluid())
    {
        return 0;
    }
    const double left = crossing.network->Left(crossing.flow, at);
    return crossing.path.volume - std::clamp(left, 0.0, crossing.path.volume);
}

std::vector<uint64_t>
FlowEngine::GetSentBytesAt(const Time& at) const
{
    auto sent = m_delivery->SentBytes();
    for (uint32_t place = 0; place < m_messages.Places(); ++place)
    {
        const auto& crossing = m_messages[place];
        if (crossing.message && !crossing.connections.empty())
        {
            m_delivery->AddCrossed(crossing, CrossedAt(place, ToPicoseconds(at)), sent);
        }
    }
    return sent;
}

void
FlowEngine::Rest(uint32_t place)
{
    const auto& rested = m_messages[place];
    for (const auto& [connection, entry] : rested.connections)
    {
        m_connections->Stop(connection);
        if (m_connections->MovingOn(connection) == 0)
        {
            m_windows->Remove(connection);
        }
    }
    if (rested.connections.empty())
    {
        return;
    }
    const auto first = rested.connections.front().number;
    if (m_connections->MovingOn(first) > 0)
    {
        UpdateWeights(first);
    }
}

void
FlowEngine::Leave(uint32_t place)
{
    auto& left = m_messages[place];
    if (left.IsInFluid())
    {
        left.network->Remove(left.flow, Now());
        left.network = nullptr;
        Rest(place);
    }
    for (const auto& [connection, entry] : left.connections)
    {
        m_connections->Remove(connection, entry);
    }
}

bool
FlowEngine::Withdraw(MessageId id)
{
    if (m_relays->Has(id))
    {
        return m_relays->Withdraw(id);
    }
    const auto place = m_messages.Find(id);
    return place != m_messages.Places() && EndEarly(place, MessageStatus::Withdrawn, std::nullopt);
}

bool
FlowEngine::EndEarly(uint32_t place,
                     MessageStatus status,
                     const std::optional<mixnetcore::RdmaLeg>& failedLeg)
{
    const auto& ending = m_messages[place];
    if (ending.hasEnded || !ending.IsInFluid())
    {
        return false; // all of it has left, and its end comes by itself
    }
    const auto all = ending.message->transfer.bytes.Count();
    const auto bytes = ending.hasArrived ? all : CarriedBytes(place);
    const bool isComplete = ending.hasArrived || (all > 0 && bytes == all);
    const MessageCompletion end{ending.message,
                                isComplete ? MessageStatus::Delivered : status,
                                bytes,
                                isComplete ? std::nullopt : failedLeg};
    if (FlowRelays::IsPart(ending.message->id))
    {
        const auto part = ending.message;
        Drop(place);
        m_relays->HandleFailure(*part, *failedLeg, bytes);
        return true;
    }
    m_delivery->EndEarly(ending.completion, end, ending.hasArrived);
    Drop(place);
    return true;
}

uint64_t
FlowEngine::Drop(uint32_t place)
{
    const auto bytes = CarriedBytes(place);
    m_delivery->Count(m_messages[place], CrossedAt(place, Now()));
    NotifyOver(place);
    RequestSolution();
    return bytes;
}

void
FlowEngine::NotifyOver(uint32_t place)
{
    Leave(place);
    m_messages.Free(place);
}

void
FlowEngine::NotifyEndLost(uint32_t place, mixnetcore::Picoseconds since)
{
    auto& repeated = m_messages[place];
    const double bytes = m_losses->EndToRepeat(place, since);
    repeated.isRepeated = true;
    m_connections->HoldUp(repeated.connections.back().number);
    Launch(place, bytes);
}

void
FlowEngine::RequestSolution()
{
    if (!m_isRequested)
    {
        m_isRequested = true;
        m_solution = Simulator::ScheduleNow(&FlowEngine::Solve, this);
    }
}

void
FlowEngine::Solve()
{
    m_isRequested = false;
    m_solution.Cancel();
    m_nextEnd.Cancel();
    UpdatePaths();
    const auto now = Now();
    NS_ABORT_MSG_IF(now >= FluidNetwork::LATEST,
                    "messages in flight would end more than 104 days after the start of the "
                    "simulation, which is as far as times go (2^63 ps)");
    auto next = FluidNetwork::NEVER;
    for (auto* network : m_networks)
    {
        network->Solve(now);
        while (network->NextEnd() <= now)
        {
            Finish(network->TakeEnded(now));
            network->Solve(now);
        }
        next = std::min(next, network->NextEnd());
    }
    if (next < FluidNetwork::NEVER)
    {
        m_nextEnd = Simulator::Schedule(ToTime(next - now), &FlowEngine::Solve, this);
    }
}

void
FlowEngine::Finish(const std::vector<mixnetcore::FlowEnd>& ended)
{
    for (const auto& end : ended)
    {
        if (end.owner < MOVES)
        {
            m_messages[end.owner].network = nullptr;
        }
        else
        {
            auto move = m_moves.extract(end.owner);
            Simulator::ScheduleWithContext(m_delivery->NodeOf(move.mapped().host),
                                           Time(0),
                                           std::move(move.mapped().done));
        }
    }
    for (const auto& end : ended)
    {
        if (end.owner < MOVES)
        {
            Rest(end.owner);
            m_delivery->Finish(end.owner, end.in);
            const auto message = m_messages[end.owner].message;
            if (FlowRelays::IsPart(message->id))
            {
                m_relays->HandleLeft(*message);
            }
        }
    }
    m_delivery->Schedule();
}

} // namespace mixnet
} // namespace ns3
