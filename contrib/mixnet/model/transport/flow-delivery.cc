/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-delivery.h"

#include "flow-transport.h"

#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>

namespace ns3
{
namespace mixnet
{

FlowDelivery::FlowDelivery(Owner& owner,
                           FlowMessages& messages,
                           const FlowConnections& connections,
                           const FlowLosses& losses,
                           const mixnetcore::FlowFraming& framing,
                           std::shared_ptr<const mixnetcore::FabricPlan> plan)
    : m_owner(owner),
      m_messages(messages),
      m_connections(connections),
      m_losses(losses),
      m_framing(framing),
      m_plan(std::move(plan))
{
    const size_t nics = m_plan->hosts * m_plan->host.nics.size();
    m_sent.assign(nics, 0);
    m_received.assign(nics, 0);
}

void
FlowDelivery::AddHost(Ptr<FlowTransport> transport, uint32_t node)
{
    m_transports.push_back(transport);
    m_nodes.push_back(node);
    m_ending.push_back(0);
}

void
FlowDelivery::Finish(uint32_t place, mixnetcore::Picoseconds in)
{
    auto& finished = m_messages[place];
    if (!finished.isRepeated)
    {
        in -= ToPicoseconds(HiddenTime(finished));
        Count(finished, finished.path.volume);
    }
    finished.path.toLastNic += in;
    finished.path.toEnd += in;
    finished.path.toAnswer += in;
    const auto& transfer = finished.message->transfer;
    const auto now = ToPicoseconds(Simulator::Now());
    Note(now + finished.path.toEnd, transfer.destination.host, {place, finished.launches, false});
    Note(now + finished.path.toAnswer, transfer.source.host, {place, finished.launches, true});
}

Time
FlowDelivery::HiddenTime(const FlowMessage& finished) const
{
    const double alone = finished.path.volume / finished.path.narrowest * 1e12;
    const double shared = (Simulator::Now() - finished.begun).GetPicoSeconds() - alone;
    const auto most = std::min(finished.path.beforeFirstNic, finished.path.toLastNic);
    return shared > 0 ? PicoSeconds(std::min<int64_t>(std::llround(shared), most.count()))
                      : Time(0);
}

void
FlowDelivery::AddCrossed(const FlowMessage& crossing,
                         double volume,
                         std::vector<uint64_t>& sent,
                         std::vector<uint64_t>* received) const
{
    const uint32_t nics = m_plan->host.nics.size();
    const auto wire =
        std::llround(volume * (m_framing.mtu + m_framing.frameOverhead) / double(m_framing.mtu));
    for (const auto& [connection, entry] : crossing.connections)
    {
        const auto& leg = m_connections.LegOf(connection);
        sent[leg.from.host * nics + leg.from.nic] += wire;
        if (received)
        {
            (*received)[leg.to.host * nics + leg.to.nic] += wire;
        }
    }
}

void
FlowDelivery::Note(mixnetcore::Picoseconds at, uint32_t host, const Ending& ending)
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
FlowDelivery::Schedule()
{
    const auto now = ToPicoseconds(Simulator::Now());
    for (const auto& [key, batch] : m_planned)
    {
        const auto& [at, host] = key;
        Simulator::ScheduleWithContext(m_nodes[host],
                                       ToTime(at - now),
                                       &FlowDelivery::HandleEndings,
                                       this,
                                       batch);
    }
    m_planned.clear();
}

void
FlowDelivery::HandleEndings(uint32_t batch)
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

bool
FlowDelivery::IsAwaited(const Ending& ending) const
{
    const auto& awaited = m_messages[ending.place];
    return awaited.message && awaited.launches == ending.launch;
}

void
FlowDelivery::HandleArrival(const Ending& ending)
{
    auto& arrived = m_messages[ending.place];
    if (m_losses.LosesLastFrame(ending.place, arrived.path.toEnd))
    {
        m_owner.NotifyEndLost(ending.place, arrived.path.toEnd);
        return;
    }
    if (!arrived.hasArrived)
    {
        const auto message = arrived.message; // whoever is told may end it
        const auto timing = TimingOf(arrived);
        arrived.hasArrived = true;
        m_owner.NotifyAtEnd(*message, timing);
    }
    CheckOver(ending);
}

void
FlowDelivery::HandleAnswer(const Ending& ending)
{
    const auto& answered = m_messages[ending.place];
    if (!answered.hasEnded && m_losses.LosesAnswer(ending.place, answered.path.toAnswer))
    {
        m_owner.NotifyEndLost(ending.place, answered.path.toAnswer);
        return;
    }
    m_messages.Deliver(ending.place);
    CheckOver(ending);
}

void
FlowDelivery::EndEarly(const MessageTransport::CompletionCallback& completion,
                       const MessageCompletion& end,
                       bool hasArrived)
{
    const auto& transfer = end.message->transfer;
    const auto latency = LatencyBetween(transfer);
    if (!hasArrived)
    {
        Simulator::ScheduleWithContext(m_nodes[transfer.destination.host],
                                       latency,
                                       &FlowTransport::HandlePart,
                                       m_transports[transfer.destination.host],
                                       end.message,
                                       end.bytesDelivered);
    }
    EndAfter(latency * 2, completion, end);
}

void
FlowDelivery::EndRelayed(const MessageTransport::CompletionCallback& completion,
                         const MessageCompletion& end)
{
    if (end.status == MessageStatus::Delivered)
    {
        EndAfter(LatencyBetween(end.message->transfer), completion, end);
        return;
    }
    EndEarly(completion, end, false);
}

void
FlowDelivery::EndAfter(const Time& delay,
                       const MessageTransport::CompletionCallback& completion,
                       const MessageCompletion& end)
{
    const auto source = end.message->transfer.source.host;
    ++m_ending[source];
    Simulator::ScheduleWithContext(m_nodes[source], delay, [this, completion, end, source] {
        --m_ending[source];
        completion(end);
    });
}

Time
FlowDelivery::LatencyBetween(const mixnetcore::Transfer& transfer) const
{
    return m_transports[transfer.source.host]->GetControlLatency(transfer.destination.host);
}

void
FlowDelivery::CheckOver(const Ending& ending)
{
    // Whoever was told may have taken others back, and posted more.
    const auto& checked = m_messages[ending.place];
    if (IsAwaited(ending) && checked.hasArrived && checked.hasEnded)
    {
        m_owner.NotifyOver(ending.place);
    }
}

ChunkTiming
FlowDelivery::TimingOf(const FlowMessage& finished) const
{
    const uint64_t bytes = finished.message->transfer.bytes.Count();
    ChunkTiming timing;
    timing.bytes = bytes - m_framing.BeforeLastChunk(bytes);
    const Time end = Simulator::Now() - ToTime(finished.path.toEnd);
    timing.crossed = end + ToTime(finished.path.toLastNic);
    // The last chunk was let out when the pipeline had a place for it, at the average rate.
    const double behind =
        std::min<double>(bytes, timing.bytes + (DepthOf(finished) - 1.0) * m_framing.chunkBytes);
    const double part = bytes > 0 ? behind / double(bytes) : 1;
    timing.begun = end - PicoSeconds(std::llround((end - finished.begun).GetPicoSeconds() * part));
    timing.atNic = std::min(timing.begun + ToTime(finished.path.beforeFirstNic), timing.crossed);
    return timing;
}

uint32_t
FlowDelivery::DepthOf(const FlowMessage& message) const
{
    if (m_framing.pipelineDepth > 0)
    {
        return m_framing.pipelineDepth;
    }
    const auto& crossed = message.connections;
    return mixnetcore::ChunksInFlight(
        crossed.empty() ? 0 : m_connections.SenderOf(crossed.front().number)->GetWindow(),
        m_framing.chunkBytes);
}

} // namespace mixnet
} // namespace ns3
