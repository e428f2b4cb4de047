/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-messages.h"

#include "flow-relays.h"

#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

uint32_t
FlowMessages::Take(Ptr<const Message> message, MessageTransport::CompletionCallback completion)
{
    uint32_t place = m_messages.size();
    if (m_free.empty())
    {
        m_messages.emplace_back();
    }
    else
    {
        place = m_free.back();
        m_free.pop_back();
    }
    auto& taken = m_messages[place];
    taken.message = message;
    taken.completion = completion;
    taken.connections.clear();
    taken.begun = Simulator::Now();
    taken.isRepeated = false;
    taken.hasArrived = false;
    taken.hasEnded = false;
    return place;
}

void
FlowMessages::Free(uint32_t place)
{
    m_messages[place].message = nullptr;
    m_messages[place].completion = {};
    m_free.push_back(place);
}

uint32_t
FlowMessages::Find(MessageId id) const
{
    const auto found =
        std::find_if(m_messages.begin(), m_messages.end(), [id](const FlowMessage& message) {
            return message.message && message.message->id == id && !message.hasEnded;
        });
    return found - m_messages.begin();
}

uint64_t
FlowMessages::CountOutgoing(uint32_t host) const
{
    return std::count_if(m_messages.begin(), m_messages.end(), [host](const FlowMessage& message) {
        return message.message && !message.hasEnded &&
               message.message->transfer.source.host == host &&
               !FlowRelays::IsPart(message.message->id);
    });
}

void
FlowMessages::Deliver(uint32_t place)
{
    auto& ended = m_messages[place];
    if (!ended.hasEnded)
    {
        ended.hasEnded = true;
        const auto completion = std::move(ended.completion);
        completion(
            {ended.message, MessageStatus::Delivered, ended.message->transfer.bytes.Count()});
    }
}

void
FlowMessages::Clear()
{
    m_messages.clear();
    m_free.clear();
}

} // namespace mixnet
} // namespace ns3
