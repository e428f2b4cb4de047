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
    m_transports.clear();
    m_hashing.clear();
    m_underWay.clear();
    m_moves.clear();
    m_batches.clear();
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
    m_sent.assign(nics, 0);
    m_received.assign(nics, 0);
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
    FlowConnections::Owner& owner = *this;
    m_connections = std::make_unique<FlowConnections>(owner, plan, *m_paths);
}

void
FlowEngine::SetFlowHash(std::map<uint32_t, Ptr<PacketSwitch>> switches)
{
    m_hashing = std::move(switches);
}

void
FlowEngine::AddHost(Ptr<FlowTransport> transport, const std::vector<Ptr<RdmaNic>>& nics)
{
    m_transports.push_back(transport);
    m_nodes.push_back(nics.at(0)->GetNode()->GetId());
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

uint32_t
FlowEngine::TakePlace()
{
    if (m_freePlaces.empty())
    {
        m_underWay.emplace_back();
        return m_underWay.size() - 1;
    }
    const auto place = m_freePlaces.back();
    m_freePlaces.pop_back();
    return place;
}

void
FlowEngine::Begin(Ptr<const Message> message, MessageTransport::CompletionCallback completion)
{
    const auto place = TakePlace();
    auto& begun = m_underWay[place];
    begun.message = message;
    begun.completion = completion;
    begun.connections.clear();
    begun.begun = Simulator::Now();
    begun.isRepeated = false;
    begun.hasArrived = false;
    begun.hasEnded = false;
    begun.isWithdrawn = false;
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
    auto& launched = m_underWay[place];
    const auto path = m_paths->Of(launched.message->transfer);
    launched.way = path;
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
            CountWindow(connection, true);
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
        RequestSolution(); // others may have other ways, too
    }
    UpdateWaysIfChanged();
    auto& queues = m_fluid->Queues();
    const double seconds = queues.LongestStep();
    const auto step = mixnetcore::Picoseconds(std::llround(seconds * 1e12));
    const auto& ended = queues.Step(seconds);
    for (const auto flow : ended)
    {
        m_fluid->End(m_underWay[m_placeOfQueued[flow]].part); // before any weight is set again
    }
    for (size_t n = 0; n < ended.size(); ++n)
    {
        const double part = queues.EndParts()[n];
        Finish(m_placeOfQueued[ended[n]],
               mixnetcore::Picoseconds(std::llround(part * double(step.count()))));
    }
    ScheduleEndings();
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
    return IsStill() &&
           std::any_of(m_underWay.begin(), m_underWay.end(), [this](const UnderWay& underWay) {
               return underWay.message && underWay.part.Exists() && underWay.part.isQueued &&
                      IsMoving(underWay);
           });
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
            Simulator::ScheduleWithContext(m_nodes.at(move.mapped().host),
                                           Time(0),
                                           std::move(move.mapped().done));
        }
        return bool(move);
    };
    ended.erase(std::remove_if(ended.begin(), ended.end(), end), ended.end());
}

bool
FlowEngine::IsMoving(const UnderWay& underWay) const
{
    return std::all_of(underWay.connections.begin(),
                       underWay.connections.end(),
                       [this](const Use& use) { return m_connections->IsOpen(use.number); });
}

void
FlowEngine::UpdateWeights(uint32_t connection)
{
    m_fluid->SetWeight(connection, 1.0 / m_connections->MovingOn(connection));
}

void
FlowEngine::CountWindow(uint32_t connection, bool begins)
{
    if (!m_paths->HasLimits() || m_generation != m_paths->Generation())
    {
        return; // nothing to count, or all are counted at the next solution
    }
    const double window = m_connections->SenderOf(connection)->GetWindow();
    for (const auto bundle : m_paths->LimitsOf(m_connections->LegOf(connection)))
    {
        if (begins)
        {
            m_windows.Add(bundle, window);
        }
        else
        {
            m_windows.Remove(bundle, window);
        }
    }
}

void
FlowEngine::CountWindows()
{
    m_windows.Restart();
    for (uint32_t connection = 0; connection < m_connections->Size(); ++connection)
    {
        if (m_connections->MovingOn(connection) > 0)
        {
            CountWindow(connection, true);
        }
    }
}

std::vector<FlowEngine::HeldWindows>
FlowEngine::GetHeldWindows() const
{
    std::vector<HeldWindows> held;
    for (uint32_t bundle = 0; bundle < m_windows.Places(); ++bundle)
    {
        if (m_windows.Peak(bundle) > 0)
        {
            held.push_back({m_paths->SendersOf(bundle), m_windows.Peak(bundle)});
        }
    }
    return held;
}

void
FlowEngine::NotifyClosed(uint32_t connection, bool isSevered)
{
    for (const auto place : m_connections->MessagesOf(connection))
    {
        if (!m_underWay[place].part.Exists())
        {
            continue;
        }
        if (isSevered)
        {
            RepeatUnacknowledged(place, m_connections->SenderOf(connection));
        }
        else
        {
            FinishWindow(place, connection);
        }
        m_fluid->SetHeld(m_underWay[place].part, true);
    }
    RequestSolution();
}

void
FlowEngine::NotifyLost(uint32_t connection)
{
    for (const auto place : m_connections->MessagesOf(connection))
    {
        if (m_underWay[place].part.Exists())
        {
            RepeatUnacknowledged(place, m_connections->SenderOf(connection));
        }
    }
    RequestSolution();
}

FlowConnections::Pace
FlowEngine::PaceOf(uint32_t connection) const
{
    FlowConnections::Pace pace{0, 0, Time(0), Time(0)};
    for (const auto place : m_connections->MessagesOf(connection))
    {
        const auto& moved = m_underWay[place];
        if (!moved.part.Exists())
        {
            continue;
        }
        pace.left += m_fluid->Left(moved.part, Now());
        if (moved.begun == Simulator::Now())
        {
            continue;
        }
        const double rate = m_fluid->Rate(moved.part);
        pace.rate += std::isfinite(rate) ? rate : 0;
        pace.roundTrip = 2 * ToTime(moved.way.toAnswer - moved.way.toLastNic);
        pace.age = std::max(pace.age, Simulator::Now() - moved.begun);
    }
    return pace;
}

void
FlowEngine::NotifyOpened(uint32_t connection)
{
    for (const auto place : m_connections->MessagesOf(connection))
    {
        if (!m_underWay[place].part.Exists())
        {
            continue;
        }
        if (m_underWay[place].generation != m_paths->Generation())
        {
            UpdateWay(place);
        }
        m_fluid->SetHeld(m_underWay[place].part, !IsMoving(m_underWay[place]));
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
        failed.emplace_back(place, m_underWay[place].message->id);
    }
    for (const auto& [place, id] : failed)
    {
        if (m_underWay[place].message && m_underWay[place].message->id == id)
        {
            const auto bytes = CarriedBytes(place);
            Leave(place);
            End(place, MessageStatus::Failed, bytes);
            Free(place);
        }
    }
    RequestSolution();
}

void
FlowEngine::NotifyWaysChanged()
{
    RequestSolution();
}

void
FlowEngine::UpdateWays()
{
    m_generation = m_paths->Generation();
    CountWindows();
    for (uint32_t place = 0; place < m_underWay.size(); ++place)
    {
        const auto& underWay = m_underWay[place];
        if (underWay.message && underWay.part.Exists() && IsMoving(underWay))
        {
            UpdateWay(place);
        }
    }
}

void
FlowEngine::UpdateWay(uint32_t place)
{
    auto& moved = m_underWay[place];
    const auto path = m_paths->Of(moved.message->transfer);
    moved.generation = m_paths->Generation();
    if (m_fluid->Reroute(moved.part, path, Now()))
    {
        moved.way = path;
    }
}

void
FlowEngine::RepeatUnacknowledged(uint32_t place, Ptr<RdmaNic> sender)
{
    const auto& repeated = m_underWay[place];
    const double rate = m_fluid->Rate(repeated.part);
    if (!(rate > 0) || std::isinf(rate))
    {
        return;
    }
    m_fluid->Repeat(repeated.part, Unacknowledged(repeated, rate, sender), Now());
}

double
FlowEngine::Unacknowledged(const UnderWay& underWay, double rate, Ptr<RdmaNic> sender) const
{
    // From the NIC to where the line is closed, thrice: there, on to the peer, and back.
    const double answer = (underWay.way.toAnswer - underWay.way.toLastNic).count() * 1e-12;
    constexpr double WAYS = 1.5;
    const double line = sender->GetDataRate().GetBitRate() / 8.0;
    const double frames = 0.5 * sender->GetAckInterval() * m_framing.mtu * rate / line;
    return rate * answer * WAYS + frames;
}

void
FlowEngine::FinishWindow(uint32_t place, uint32_t connection)
{
    const double window = m_connections->SenderOf(connection)->GetWindow();
    m_fluid->LetWindowOut(m_underWay[place].part,
                          window / m_connections->MovingOn(connection),
                          m_framing.mtu,
                          Now());
}

uint64_t
FlowEngine::CarriedBytes(uint32_t place) const
{
    const auto& carried = m_underWay[place];
    const auto bytes = carried.message->transfer.bytes.Count();
    if (!carried.part.Exists())
    {
        return BeforeLastChunk(bytes);
    }
    const double left = m_fluid->Left(carried.part, Now());
    const double part = 1 - std::min(1.0, left / std::max(1.0, carried.way.volume));
    return static_cast<uint64_t>(std::floor(part * double(bytes)));
}

void
FlowEngine::Rest(uint32_t place)
{
    const auto& rested = m_underWay[place];
    for (const auto& [connection, entry] : rested.connections)
    {
        m_connections->Stop(connection);
        if (m_connections->MovingOn(connection) == 0)
        {
            CountWindow(connection, false);
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
    auto& left = m_underWay[place];
    if (left.part.Exists())
    {
        m_fluid->Remove(left.part, Now());
        Rest(place);
    }
    for (const auto& [connection, entry] : left.connections)
    {
        m_connections->Remove(connection, entry);
    }
}

void
FlowEngine::End(uint32_t place, MessageStatus status, uint64_t bytes)
{
    auto& ended = m_underWay[place];
    if (!ended.hasEnded)
    {
        ended.hasEnded = true;
        const auto completion = std::move(ended.completion);
        completion({ended.message, status, bytes});
    }
}

void
FlowEngine::Free(uint32_t place)
{
    m_underWay[place].message = nullptr;
    m_underWay[place].completion = {};
    m_freePlaces.push_back(place);
}

bool
FlowEngine::Withdraw(MessageId id)
{
    const auto found =
        std::find_if(m_underWay.begin(), m_underWay.end(), [id](const UnderWay& underWay) {
            return underWay.message && underWay.message->id == id && !underWay.hasEnded;
        });
    if (found == m_underWay.end())
    {
        return false;
    }
    const uint32_t place = found - m_underWay.begin();
    const bool isMoving = m_underWay[place].part.Exists();
    const auto bytes = CarriedBytes(place);
    if (isMoving)
    {
        Leave(place);
        RequestSolution();
    }
    m_underWay[place].isWithdrawn = true;
    End(place, MessageStatus::Withdrawn, bytes);
    if (isMoving)
    {
        Free(place);
    }
    return true; // what has left all the same arrives
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
    UpdateWaysIfChanged();
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
FlowEngine::UpdateWaysIfChanged()
{
    if (m_generation != m_paths->Generation())
    {
        UpdateWays();
    }
}

void
FlowEngine::FinishAll(const std::vector<uint32_t>& places)
{
    for (const auto place : places)
    {
        m_fluid->End(m_underWay[place].part); // none of them has a weight when the first is over
    }
    for (const auto place : places)
    {
        Finish(place, mixnetcore::Picoseconds(0));
    }
    ScheduleEndings();
}

void
FlowEngine::NoteEnding(mixnetcore::Picoseconds at, uint32_t host, const Ending& ending)
{
    const auto [planned, isNew] = m_planned.try_emplace({at, host}, m_batches.size());
    if (isNew && m_freeBatches.empty())
    {
        m_batches.emplace_back();
    }
    else if (isNew)
    {
        planned->second = m_freeBatches.back();
        m_freeBatches.pop_back();
    }
    m_batches[planned->second].push_back(ending);
}

void
FlowEngine::ScheduleEndings()
{
    const auto now = Now();
    for (const auto& [key, batch] : m_planned)
    {
        const auto& [at, host] = key;
        Simulator::ScheduleWithContext(m_nodes[host],
                                       ToTime(at - now),
                                       &FlowEngine::HandleEndings,
                                       this,
                                       batch);
    }
    m_planned.clear();
}

void
FlowEngine::HandleEndings(uint32_t batch)
{
    for (const auto& ending : m_batches[batch])
    {
        if (!IsAwaited(ending))
        {
            continue;
        }
        if (ending.isAnswer)
        {
            HandleAnswer(ending);
        }
        else
        {
            HandleArrival(ending);
        }
    }
    m_batches[batch].clear();
    m_freeBatches.push_back(batch);
}

uint64_t
FlowEngine::BeforeLastChunk(uint64_t bytes) const
{
    return bytes > 0 ? (bytes - 1) / m_framing.chunkBytes * m_framing.chunkBytes : 0;
}

uint32_t
FlowEngine::DepthOf(const UnderWay& underWay) const
{
    if (m_framing.pipelineDepth > 0)
    {
        return m_framing.pipelineDepth;
    }
    const auto& crossed = underWay.connections;
    return mixnetcore::ChunksInFlight(
        crossed.empty() ? 0 : m_connections->SenderOf(crossed.front().number)->GetWindow(),
        m_framing.chunkBytes);
}

ChunkTiming
FlowEngine::TimingOf(const UnderWay& finished) const
{
    const uint64_t bytes = finished.message->transfer.bytes.Count();
    ChunkTiming timing;
    timing.bytes = bytes - BeforeLastChunk(bytes);
    const Time end = Simulator::Now() - ToTime(finished.way.toEnd);
    timing.crossed = end + ToTime(finished.way.toLastNic);
    // The last chunk was let out when the pipeline had room for it, at the average rate.
    const double behind =
        std::min<double>(bytes, timing.bytes + (DepthOf(finished) - 1.0) * m_framing.chunkBytes);
    const double part = bytes > 0 ? behind / double(bytes) : 1;
    timing.begun = end - PicoSeconds(std::llround((end - finished.begun).GetPicoSeconds() * part));
    timing.atNic = std::min(timing.begun + ToTime(finished.way.beforeFirstNic), timing.crossed);
    return timing;
}

Time
FlowEngine::HiddenTime(const UnderWay& finished) const
{
    const double alone = finished.way.volume / finished.way.narrowest * 1e12;
    const double shared = (Simulator::Now() - finished.begun).GetPicoSeconds() - alone;
    const auto most = std::min(finished.way.beforeFirstNic, finished.way.toLastNic);
    return shared > 0 ? PicoSeconds(std::min<int64_t>(std::llround(shared), most.count()))
                      : Time(0);
}

void
FlowEngine::Count(const UnderWay& finished)
{
    const uint32_t nics = m_plan->host.nics.size();
    const double wire =
        finished.way.volume * (m_framing.mtu + m_framing.frameOverhead) / double(m_framing.mtu);
    for (const auto& [connection, entry] : finished.connections)
    {
        const auto& leg = m_connections->LegOf(connection);
        m_sent[leg.from.host * nics + leg.from.nic] += std::llround(wire);
        m_received[leg.to.host * nics + leg.to.nic] += std::llround(wire);
    }
}

void
FlowEngine::Finish(uint32_t place, mixnetcore::Picoseconds in)
{
    Rest(place);
    auto& finished = m_underWay[place];
    if (!finished.isRepeated)
    {
        in -= ToPicoseconds(HiddenTime(finished));
        Count(finished);
    }
    finished.way.toLastNic += in;
    finished.way.toEnd += in;
    finished.way.toAnswer += in;
    const auto& transfer = finished.message->transfer;
    const auto now = Now();
    NoteEnding(now + finished.way.toEnd,
               transfer.destination.host,
               {place, finished.launches, false});
    NoteEnding(now + finished.way.toAnswer, transfer.source.host, {place, finished.launches, true});
}

bool
FlowEngine::IsAwaited(const Ending& ending) const
{
    const auto& awaited = m_underWay[ending.place];
    return awaited.message && awaited.launches == ending.launch;
}

uint32_t
FlowEngine::LastFrame(const UnderWay& underWay) const
{
    const uint64_t bytes = underWay.message->transfer.bytes.Count();
    const uint64_t ofChunk = bytes - BeforeLastChunk(bytes);
    return ofChunk > 0 ? (ofChunk - 1) % m_framing.mtu + 1 : 0;
}

bool
FlowEngine::LosesLastFrame(const UnderWay& sent, mixnetcore::Picoseconds since) const
{
    if (sent.connections.empty() || sent.hasArrived)
    {
        return false;
    }
    const Time atNic = Simulator::Now() - ToTime(since - sent.way.toLastNic);
    return m_connections->Loses(m_connections->LegOf(sent.connections.back().number),
                                atNic,
                                LastFrame(sent));
}

void
FlowEngine::HandleArrival(const Ending& ending)
{
    auto& arrived = m_underWay[ending.place];
    if (LosesLastFrame(arrived, arrived.way.toEnd))
    {
        SendEndAgain(ending.place, arrived.way.toEnd);
        return;
    }
    if (!arrived.hasArrived)
    {
        const auto message = arrived.message; // whoever is told may end it
        const auto timing = TimingOf(arrived);
        arrived.hasArrived = true;
        m_transports[message->transfer.destination.host]->HandleArrival(*message, timing);
    }
    FreeWhenOver(ending);
}

void
FlowEngine::HandleAnswer(const Ending& ending)
{
    const auto& answered = m_underWay[ending.place];
    if (!answered.connections.empty() && !answered.hasEnded)
    {
        const auto& leg = m_connections->LegOf(answered.connections.front().number);
        constexpr uint32_t NO_PAYLOAD = 0;
        const bool isOnlyLeg = answered.connections.size() == 1;
        if (m_connections->Loses({leg.to, leg.from}, Simulator::Now(), NO_PAYLOAD) ||
            (isOnlyLeg && LosesLastFrame(answered, answered.way.toAnswer)))
        {
            SendEndAgain(ending.place, answered.way.toAnswer);
            return;
        }
    }
    End(ending.place, MessageStatus::Delivered, answered.message->transfer.bytes.Count());
    FreeWhenOver(ending);
}

void
FlowEngine::FreeWhenOver(const Ending& ending)
{
    // Whoever was told may have taken others back, and posted more.
    if (IsAwaited(ending) && m_underWay[ending.place].hasArrived &&
        m_underWay[ending.place].hasEnded)
    {
        Leave(ending.place);
        Free(ending.place);
    }
}

void
FlowEngine::SendEndAgain(uint32_t place, mixnetcore::Picoseconds since)
{
    auto& repeated = m_underWay[place];
    if (repeated.isWithdrawn)
    {
        Leave(place);
        Free(place);
        return;
    }
    const auto connection = repeated.connections.back().number;
    const auto sender = m_connections->SenderOf(connection);
    const double seconds = (Simulator::Now() - ToTime(since) - repeated.begun).GetSeconds();
    const double rate = repeated.way.volume / std::max(seconds, 1e-12);
    const double bytes = Unacknowledged(repeated, std::min(rate, repeated.way.narrowest), sender);
    repeated.isRepeated = true;
    m_connections->HoldUp(connection);
    Launch(place, bytes);
}

uint64_t
FlowEngine::CountOutgoing(uint32_t host) const
{
    return std::count_if(m_underWay.begin(), m_underWay.end(), [host](const UnderWay& underWay) {
        return underWay.message && !underWay.hasEnded &&
               underWay.message->transfer.source.host == host;
    });
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
