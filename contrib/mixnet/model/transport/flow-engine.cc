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
    m_step.Cancel();
    m_hashing.clear();
    m_messages.Clear();
    m_moves.clear();
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
    m_fluid = std::make_unique<mixnetcore::TransferFluid>(plan, *m_paths, m_endTolerance);
    FlowConnections::Owner& ofConnections = *this;
    m_connections = std::make_unique<FlowConnections>(ofConnections, plan, *m_paths);
    m_windows = std::make_unique<FlowWindows>(*m_paths, *m_connections);
    m_losses = std::make_unique<FlowLosses>(m_messages, *m_connections, *m_fluid, m_framing);
    FlowDelivery::Owner& ofDelivery = *this;
    m_delivery = std::make_unique<FlowDelivery>(ofDelivery,
                                                m_messages,
                                                *m_connections,
                                                *m_losses,
                                                m_framing,
                                                plan);
}

void
FlowEngine::SetFlowHash(std::map<uint32_t, Ptr<PacketSwitch>> switches)
{
    m_hashing = std::move(switches);
}

void
FlowEngine::AddHost(Ptr<FlowTransport> transport, const std::vector<Ptr<RdmaNic>>& nics)
{
    m_delivery->AddHost(transport, nics.at(0)->GetNode()->GetId());
    m_connections->AddHost(nics);
}

void
FlowEngine::SetQueues(const mixnetcore::QueueSettings& settings)
{
    NS_ABORT_MSG_UNLESS(m_hashing.empty(), "queues of a fluid need packets that are sprayed");
    m_fluid->SetQueues(settings);
}

void
FlowEngine::SetRouting(Ptr<FabricRouting> routing)
{
    routing->TraceConnectWithoutContext("Link", MakeCallback(&FlowEngine::HandleLink, this));
    routing->TraceConnectWithoutContext("Converged", MakeCallback(&FlowEngine::HandleTables, this));
}

void
FlowEngine::HandleLink(uint32_t link, bool up)
{
    if (!up)
    {
        m_connections->LoseLink(link);
    }
    m_paths->SetLinkUp(link, up);
    m_connections->UpdateAll();
}

void
FlowEngine::HandleTables(const std::shared_ptr<const mixnetcore::ForwardingPlan>& forwarding)
{
    m_paths->SetForwarding(forwarding);
    m_connections->UpdateAll();
}

void
FlowEngine::AddOpticalSwitch(Ptr<OcsSwitch> ocs, const std::vector<NicAddress>& addresses)
{
    m_connections->AddOpticalSwitch(ocs, addresses);
}

void
FlowEngine::Begin(Ptr<const Message> message, MessageTransport::CompletionCallback completion)
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

void
FlowEngine::Launch(uint32_t place, double bytes)
{
    auto& launched = m_messages[place];
    const auto path = m_paths->Of(launched.message->transfer);
    launched.path = path;
    launched.generation = m_paths->Generation();
    ++launched.launches;
    mixnetcore::TransferFluid::Sharing sharing;
    if (!launched.connections.empty())
    {
        sharing = {launched.connections.front().number, launched.connections.size() == 1};
    }
    launched.part = m_fluid->Add(launched.message->transfer, path, bytes, Now(), sharing);
    PlaceOf(launched.part) = place;
    if (launched.part.isQueued && !IsPending(m_step))
    {
        m_stillSteps = 0;
        m_step = Simulator::ScheduleNow(&FlowEngine::StepQueues, this);
    }
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
    m_fluid->SetHeld(launched.part, !IsMoving(launched));
    RequestSolution();
}

uint32_t&
FlowEngine::PlaceOf(const mixnetcore::TransferFluid::Part& part)
{
    auto& places = part.isQueued ? m_placeOfQueued : m_placeOfFlow;
    if (part.flow >= places.size())
    {
        places.resize(part.flow + 1);
    }
    return places[part.flow];
}

void
FlowEngine::StepQueues()
{
    if (m_generation != m_paths->Generation())
    {
        RequestSolution(); // others may have other paths, too
    }
    UpdatePaths();
    auto& queues = m_fluid->Queues();
    const double seconds = queues.LongestStep();
    const auto step = mixnetcore::Picoseconds(std::llround(seconds * 1e12));
    const auto& ended = queues.Step(seconds);
    for (const auto flow : ended)
    {
        m_fluid->End(m_messages[m_placeOfQueued[flow]].part); // before any weight is set again
    }
    for (size_t n = 0; n < ended.size(); ++n)
    {
        const double part = queues.EndParts()[n];
        Finish(m_placeOfQueued[ended[n]],
               mixnetcore::Picoseconds(std::llround(part * double(step.count()))));
    }
    m_delivery->Schedule();
    constexpr double LEAST = 1; // bytes
    m_stillSteps = queues.Moved() < LEAST ? m_stillSteps + 1 : 0;
    if (queues.Flows() > 0 && !IsStill())
    {
        m_step = Simulator::Schedule(ToTime(step), &FlowEngine::StepQueues, this);
    }
}

bool
FlowEngine::IsStill() const
{
    constexpr uint32_t STEPS = 10; // the first ones may still see what came before
    return m_stillSteps >= STEPS;
}

bool
FlowEngine::IsDeadlocked() const
{
    if (!IsStill())
    {
        return false;
    }
    for (uint32_t place = 0; place < m_messages.Places(); ++place)
    {
        const auto& waiting = m_messages[place];
        if (waiting.message && waiting.IsInFluid() && waiting.part.isQueued && IsMoving(waiting))
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
    const auto part = m_fluid->AddInside(host, crossed, bytes, Now());
    m_moves[part.flow] = {host, std::move(done), part};
    RequestSolution();
}

void
FlowEngine::EndMoves(std::vector<uint32_t>& ended)
{
    if (m_moves.empty())
    {
        return;
    }
    const auto end = [this](uint32_t flow) {
        auto move = m_moves.extract(flow);
        if (move)
        {
            m_fluid->End(move.mapped().part);
            Simulator::ScheduleWithContext(m_delivery->NodeOf(move.mapped().host),
                                           Time(0),
                                           std::move(move.mapped().done));
        }
        return bool(move);
    };
    ended.erase(std::remove_if(ended.begin(), ended.end(), end), ended.end());
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
    m_fluid->SetWeight(connection, 1.0 / m_connections->MovingOn(connection));
}

void
FlowEngine::NotifyClosed(uint32_t connection, bool isSevered)
{
    m_losses->Close(connection, isSevered);
    RequestSolution();
}

void
FlowEngine::NotifyLost(uint32_t connection)
{
    m_losses->Repeat(connection);
    RequestSolution();
}

FlowConnections::Pace
FlowEngine::PaceOf(uint32_t connection) const
{
    return m_losses->PaceOf(connection);
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
        m_fluid->SetHeld(opened.part, !IsMoving(opened));
    }
    RequestSolution();
}

void
FlowEngine::NotifyFailed(uint32_t connection)
{
    // Whoever is told may post again on the queue pair, and take others back.
    std::vector<std::pair<uint32_t, MessageId>> failed;
    for (const auto place : m_connections->MessagesOf(connection))
    {
        failed.emplace_back(place, m_messages[place].message->id);
    }
    for (const auto& [place, id] : failed)
    {
        if (m_messages.IsAt(place, id))
        {
            const auto bytes = CarriedBytes(place);
            Leave(place);
            m_messages.End(place, MessageStatus::Failed, bytes);
            m_messages.Free(place);
        }
    }
    RequestSolution();
}

void
FlowEngine::NotifyPathsChanged()
{
    RequestSolution();
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
    const auto path = m_paths->Of(moved.message->transfer);
    moved.generation = m_paths->Generation();
    if (m_fluid->Reroute(moved.part, path, Now()))
    {
        moved.path = path;
    }
}

uint64_t
FlowEngine::CarriedBytes(uint32_t place) const
{
    const auto& carried = m_messages[place];
    const auto bytes = carried.message->transfer.bytes.Count();
    if (!carried.IsInFluid())
    {
        return m_framing.BeforeLastChunk(bytes);
    }
    const double left = m_fluid->Left(carried.part, Now());
    const double part = 1 - std::min(1.0, left / std::max(1.0, carried.path.volume));
    return static_cast<uint64_t>(std::floor(part * double(bytes)));
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
        m_fluid->Remove(left.part, Now());
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
    const auto place = m_messages.Find(id);
    if (place == m_messages.Places())
    {
        return false;
    }
    const bool isMoving = m_messages[place].IsInFluid();
    const auto bytes = CarriedBytes(place);
    if (isMoving)
    {
        Leave(place);
        RequestSolution();
    }
    m_messages[place].isWithdrawn = true;
    m_messages.End(place, MessageStatus::Withdrawn, bytes);
    if (isMoving)
    {
        m_messages.Free(place);
    }
    return true; // what has left all the same arrives
}

void
FlowEngine::Finish(uint32_t place, mixnetcore::Picoseconds in)
{
    Rest(place);
    m_delivery->Finish(place, in);
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
    if (repeated.isWithdrawn)
    {
        NotifyOver(place);
        return;
    }
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
    if (IsStill() && !IsPending(m_step))
    {
        m_stillSteps = 0; // what has changed may let them move
        m_step = Simulator::ScheduleNow(&FlowEngine::StepQueues, this);
    }
    const auto now = Now();
    NS_ABORT_MSG_IF(now >= FluidNetwork::LATEST,
                    "messages in flight would end more than 104 days after the start of the "
                    "simulation, which is as far as times go (2^63 ps)");
    auto& network = m_fluid->MaxMin();
    network.Solve(now);
    while (network.NextEnd() <= now)
    {
        auto& ended = network.TakeEnded(now);
        EndMoves(ended);
        for (auto& flow : ended)
        {
            flow = m_placeOfFlow[flow];
        }
        FinishAll(ended);
        network.Solve(now);
    }
    const auto next = network.NextEnd();
    if (next < FluidNetwork::NEVER)
    {
        m_nextEnd = Simulator::Schedule(ToTime(next - now), &FlowEngine::Solve, this);
    }
}

void
FlowEngine::FinishAll(const std::vector<uint32_t>& places)
{
    for (const auto place : places)
    {
        m_fluid->End(m_messages[place].part); // none of them has a weight when the first is over
    }
    for (const auto place : places)
    {
        Finish(place, mixnetcore::Picoseconds(0));
    }
    m_delivery->Schedule();
}

uint64_t
FlowEngine::CountOutgoing(uint32_t host) const
{
    return m_messages.CountOutgoing(host);
}

std::vector<FlowWindows::Held>
FlowEngine::GetHeldWindows() const
{
    return m_windows->List();
}

uint64_t
FlowEngine::GetSentBytes(NicAddress address) const
{
    return m_delivery->SentBytes(address);
}

uint64_t
FlowEngine::GetReceivedBytes(NicAddress address) const
{
    return m_delivery->ReceivedBytes(address);
}

} // namespace mixnet
} // namespace ns3
