/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "message-transport.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/trace-source-accessor.h"

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("MessageTransport");

NS_OBJECT_ENSURE_REGISTERED(MessageTransport);

TypeId
MessageTransport::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::MessageTransport")
            .SetParent<Object>()
            .SetGroupName("Mixnet")
            .AddAttribute("ControlLatency",
                          "Time that a control message between two hosts takes: that a relayed "
                          "message is at its GPU, that a leg has failed, or what has arrived of a "
                          "message that ends early. A small message over an idle fabric.",
                          TimeValue(MicroSeconds(5)),
                          MakeTimeAccessor(&MessageTransport::m_controlLatency),
                          MakeTimeChecker(Time(0)))
            .AddTraceSource("Post",
                            "A message sets out.",
                            MakeTraceSourceAccessor(&MessageTransport::m_postTrace),
                            "ns3::mixnet::MessageTransport::MessageTracedCallback")
            .AddTraceSource("Arrival",
                            "All bytes of a message are at their GPU.",
                            MakeTraceSourceAccessor(&MessageTransport::m_arrivalTrace),
                            "ns3::mixnet::MessageTransport::MessageTracedCallback")
            .AddTraceSource("LastPart",
                            "Just before Arrival: where the last part of a message was when.",
                            MakeTraceSourceAccessor(&MessageTransport::m_timingTrace),
                            "ns3::mixnet::MessageTransport::TimingTracedCallback");
    return tid;
}

void
MessageTransport::DoDispose()
{
    m_arrival.Nullify();
    Object::DoDispose();
}

MessageId
MessageTransport::Post(const mixnetcore::Transfer& transfer,
                       const mixnetcore::MessageKey& key,
                       CompletionCallback completion,
                       uint64_t tag)
{
    NS_ABORT_MSG_IF(transfer.source.host != m_host,
                    "the transport of host " << m_host << " cannot send for host "
                                             << transfer.source.host);
    auto message = Create<Message>();
    message->id = uint64_t{m_host} << 40 | m_posted++;
    message->key = key;
    message->tag = tag;
    message->transfer = transfer;
    NS_LOG_LOGIC("message " << message->id << " of " << transfer.bytes.Count() << " bytes to host "
                            << transfer.destination.host);
    m_postTrace(*message);
    DoPost(message, completion);
    return message->id;
}

void
MessageTransport::NotifyArrival(const Message& message, const ChunkTiming& last)
{
    NS_LOG_LOGIC("message " << message.id << " is at host " << m_host);
    m_timingTrace(message, last);
    m_arrivalTrace(message);
    if (!m_arrival.IsNull())
    {
        m_arrival(message);
    }
}

void
MessageTransport::NotifyPart(const Message& message, uint64_t bytes, const ChunkTiming& last)
{
    if (bytes > 0)
    {
        const auto part = Create<Message>(message);
        part->transfer = message.transfer.First(mixnetcore::Bytes(bytes));
        NotifyArrival(*part, last);
    }
}

} // namespace mixnet
} // namespace ns3
