/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-relays.h"

#include "ns3/simulator.h"

#include <algorithm>
#include <utility>

namespace ns3
{
namespace mixnet
{

FlowRelays::FlowRelays(Owner& owner,
                       std::shared_ptr<const mixnetcore::FabricPlan> plan,
                       uint64_t chunkBytes)
    : m_owner(owner),
      m_plan(std::move(plan)),
      m_chunkBytes(chunkBytes)
{
}

std::vector<FlowRelays::Leg>
FlowRelays::LegsOf(const Message& message)
{
    const auto& nics = m_plan->host.nics;
    std::vector<Leg> legs;
    auto at = message.transfer.source;
    mixnetcore::Route inside; // before the next leg
    for (const auto& step : message.transfer.route)
    {
        const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&step);
        inside.push_back(step);
        if (rdma)
        {
            const mixnetcore::GpuId end{rdma->to.host, nics.at(rdma->to.nic).gpu};
            legs.emplace_back();
            legs.back().source = at;
            legs.back().destination = end;
            legs.back().route.swap(inside);
            legs.back().line =
                &m_lines[{rdma->from.host, rdma->from.nic, rdma->to.host, rdma->to.nic}];
            at = end;
        }
    }
    legs.back().route.insert(legs.back().route.end(), inside.begin(), inside.end());
    legs.back().destination = message.transfer.destination;
    return legs;
}

mixnetcore::Bytes
FlowRelays::BytesOf(const Relayed& relayed, uint64_t parts) const
{
    const uint64_t bytes = relayed.message->transfer.bytes.Count();
    const uint64_t chunks = std::max<uint64_t>(1, (bytes + m_chunkBytes - 1) / m_chunkBytes);
    // The first parts are the larger ones.
    const uint64_t ofParts =
        chunks / relayed.parts * parts + std::min(parts, chunks % relayed.parts);
    return mixnetcore::Bytes(ofParts == chunks ? bytes : ofParts * m_chunkBytes);
}

void
FlowRelays::Begin(Ptr<const Message> message,
                  const MessageTransport::CompletionCallback& completion)
{
    const uint64_t bytes = message->transfer.bytes.Count();
    const uint64_t chunks = std::max<uint64_t>(1, (bytes + m_chunkBytes - 1) / m_chunkBytes);
    auto& begun = m_messages[message->id];
    begun = {message, completion, std::min(chunks, PARTS), LegsOf(*message), {}};
    if (begun.legs.size() > 1)
    {
        for (const auto& leg : begun.legs)
        {
            leg.line->hasRelayed = true;
        }
    }
    if (m_beginning.empty())
    {
        m_beginEvent = Simulator::ScheduleNow(&FlowRelays::BeginAll, this);
    }
    m_beginning.push_back(message->id);
}

void
FlowRelays::BeginAll()
{
    const auto beginning = std::exchange(m_beginning, {});
    for (const auto id : beginning)
    {
        if (const auto found = m_messages.find(id); found != m_messages.end())
        {
            ++found->second.legs.front().line->beginning;
        }
    }
    for (const auto id : beginning)
    {
        const auto found = m_messages.find(id);
        if (found == m_messages.end())
        {
            continue; // withdrawn at once
        }
        auto& begun = found->second;
        auto& first = begun.legs.front();
        if (first.line->hasRelayed)
        {
            const uint64_t beside = first.line->beginning;
            begun.parts = std::min(begun.parts, std::max(LEAST_PARTS, PARTS / beside));
            Advance(begun, 0);
            continue;
        }
        begun.parts = 1;
        first.isBusy = true;
        Launch(begun, 0, false);
    }
    for (const auto id : beginning)
    {
        if (const auto found = m_messages.find(id); found != m_messages.end())
        {
            found->second.legs.front().line->beginning = 0;
        }
    }
}

void
FlowRelays::Advance(Relayed& relayed, uint32_t number)
{
    auto& leg = relayed.legs[number];
    const uint64_t there = number == 0 ? relayed.parts : relayed.legs[number - 1].arrived;
    if (leg.isBusy || there == leg.launched)
    {
        return;
    }
    leg.isBusy = true;
    leg.line->waiting.emplace_back(relayed.message->id, number);
    Serve(*leg.line);
}

void
FlowRelays::Serve(Line& line)
{
    if (line.moving > 0)
    {
        return;
    }
    size_t turn = (line.waiting.size() + TURNS - 1) / TURNS;
    while (turn > 0 && !line.waiting.empty())
    {
        const auto [id, number] = line.waiting.front();
        line.waiting.pop_front();
        const auto found = m_messages.find(id);
        if (found != m_messages.end()) // else it has ended meanwhile
        {
            --turn;
            ++line.moving;
            Launch(found->second, number, true);
        }
    }
}

void
FlowRelays::Launch(Relayed& relayed, uint32_t number, bool inTurn)
{
    auto& leg = relayed.legs[number];
    const uint64_t there = number == 0 ? leg.launched + 1 : relayed.legs[number - 1].arrived;
    const auto& whole = relayed.message->transfer;
    auto transfer = whole.First(BytesOf(relayed, there)).Rest(BytesOf(relayed, leg.launched));
    transfer.source = leg.source;
    transfer.destination = leg.destination;
    transfer.route = leg.route;
    const auto part = Create<Message>();
    part->key = relayed.message->key;
    part->id = uint64_t{1} << 63 | m_begun++;
    part->tag = relayed.message->tag;
    part->transfer = std::move(transfer);
    m_parts[part->id] =
        {relayed.message->id, number, there - leg.launched, inTurn, false, false, false};
    leg.launched = there;
    ++relayed.open;
    m_owner.BeginPart(part);
}

void
FlowRelays::HandleLeft(const Message& part)
{
    const auto found = m_parts.find(part.id);
    if (found == m_parts.end() || found->second.hasLeft)
    {
        return; // its end was lost, and has left once more
    }
    found->second.hasLeft = true;
    auto& relayed = m_messages.at(found->second.message);
    auto& leg = relayed.legs[found->second.leg];
    leg.isBusy = false;
    auto& line = *leg.line;
    line.moving -= found->second.inTurn ? 1 : 0;
    Advance(relayed, found->second.leg);
    Serve(line);
}

void
FlowRelays::HandleArrival(const Message& part, const ChunkTiming& timing)
{
    const auto found = m_parts.find(part.id);
    if (found == m_parts.end())
    {
        return; // of a message that has ended
    }
    auto& arrived = found->second;
    const auto number = arrived.leg;
    auto& relayed = m_messages.at(arrived.message);
    auto& leg = relayed.legs[number];
    arrived.hasArrived = true;
    leg.arrived += arrived.count;
    if (number == 0)
    {
        relayed.timing = timing;
    }
    relayed.timing.bytes = timing.bytes;
    relayed.timing.crossed = timing.crossed;
    if (number + 1 < relayed.legs.size())
    {
        m_owner.NotifyKept(leg.destination.host, part.transfer.bytes.Count());
        Advance(relayed, number + 1);
    }
    else if (relayed.HasArrived())
    {
        const auto message = relayed.message; // whoever is told may end others
        if (relayed.legs.size() > 1)
        {
            relayed.hasEnded = true;
            m_owner.EndRelayed(
                relayed.completion,
                {message, MessageStatus::Delivered, message->transfer.bytes.Count()});
        }
        m_owner.NotifyRelayed(*message, relayed.timing);
    }
    CheckOver(part.id);
}

void
FlowRelays::HandleAnswer(const Message& part)
{
    const auto found = m_parts.find(part.id);
    if (found == m_parts.end())
    {
        return; // of a message that has ended
    }
    found->second.hasAnswered = true;
    auto& relayed = m_messages.at(found->second.message);
    if (relayed.legs.size() == 1)
    {
        relayed.answered += found->second.count;
        if (relayed.answered == relayed.parts)
        {
            relayed.hasEnded = true;
            const auto message = relayed.message;
            const auto completion = relayed.completion;
            completion({message, MessageStatus::Delivered, message->transfer.bytes.Count()});
        }
    }
    CheckOver(part.id);
}

void
FlowRelays::CheckOver(MessageId id)
{
    const auto found = m_parts.find(id);
    if (found == m_parts.end())
    {
        return; // whoever was told has ended it
    }
    const auto part = found->second;
    if (!part.hasArrived || !part.hasAnswered)
    {
        return;
    }
    m_parts.erase(found);
    const auto of = m_messages.find(part.message);
    if (--of->second.open == 0 && of->second.hasEnded && of->second.HasArrived())
    {
        m_messages.erase(of);
    }
}

void
FlowRelays::HandleFailure(const Message& part, const mixnetcore::RdmaLeg& leg, uint64_t bytes)
{
    const auto found = m_parts.find(part.id);
    if (found != m_parts.end())
    {
        auto& relayed = m_messages.at(found->second.message);
        const bool isLast = found->second.leg + 1 == relayed.legs.size();
        auto& line = *relayed.legs[found->second.leg].line;
        line.moving -= found->second.inTurn && !found->second.hasLeft ? 1 : 0;
        m_parts.erase(found);
        Abort(relayed, MessageStatus::Failed, leg, isLast ? bytes : 0);
        // A queue pair that fails ends all that waits for it.
        for (const auto& [id, number] : std::exchange(line.waiting, {}))
        {
            if (const auto waiting = m_messages.find(id); waiting != m_messages.end())
            {
                Abort(waiting->second, MessageStatus::Failed, leg, 0);
            }
        }
        Serve(line);
    }
}

bool
FlowRelays::Withdraw(MessageId id)
{
    const auto found = m_messages.find(id);
    if (found == m_messages.end() || found->second.hasEnded || found->second.HasArrived())
    {
        return false;
    }
    Abort(found->second, MessageStatus::Withdrawn, std::nullopt, 0);
    return true;
}

void
FlowRelays::Abort(Relayed& relayed,
                  MessageStatus status,
                  const std::optional<mixnetcore::RdmaLeg>& failed,
                  uint64_t crossed)
{
    const auto over = std::move(relayed);
    m_messages.erase(over.message->id);
    uint64_t delivered = crossed + BytesOf(over, over.legs.back().arrived).Count();
    for (auto part = m_parts.begin(); part != m_parts.end();)
    {
        const auto [id, of] = *part;
        ++part;
        if (of.message != over.message->id)
        {
            continue;
        }
        m_parts.erase(id);
        const auto bytes = of.hasLeft ? 0 : m_owner.DropPart(id);
        delivered += of.leg + 1 == over.legs.size() ? bytes : 0;
        if (of.inTurn && !of.hasLeft)
        {
            auto& line = *over.legs[of.leg].line;
            --line.moving;
            Serve(line);
        }
    }
    m_owner.EndRelayed(over.completion, {over.message, status, delivered, failed});
}

uint64_t
FlowRelays::CountOutgoing(uint32_t host) const
{
    return std::count_if(m_messages.begin(), m_messages.end(), [host](const auto& entry) {
        return entry.second.message->transfer.source.host == host && !entry.second.hasEnded;
    });
}

} // namespace mixnet
} // namespace ns3
