/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-transport.h"

#include "flow-engine.h"

#include "ns3/abort.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(FlowTransport);

TypeId
FlowTransport::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::FlowTransport")
            .SetParent<MessageTransport>()
            .SetGroupName("Mixnet")
            .AddConstructor<FlowTransport>()
            .AddAttribute("ChunkSize",
                          "Bytes that travel a leg together before they start on the next.",
                          UintegerValue(1 << 20),
                          MakeUintegerAccessor(&FlowTransport::m_chunkSize),
                          MakeUintegerChecker<uint64_t>(1))
            .AddAttribute(
                "PipelineDepth",
                "Chunks of one message that have set out and are not acknowledged, at most; 0 for "
                "as many as keep its path busy.",
                UintegerValue(0),
                MakeUintegerAccessor(&FlowTransport::m_pipelineDepth),
                MakeUintegerChecker<uint32_t>());
    return tid;
}

FlowTransport::FlowTransport() = default;

FlowTransport::~FlowTransport() = default;

void
FlowTransport::DoDispose()
{
    m_engine = nullptr;
    MessageTransport::DoDispose();
}

void
FlowTransport::SetEngine(Ptr<FlowEngine> engine)
{
    m_engine = engine;
}

uint64_t
FlowTransport::CountOutgoing() const
{
    return m_engine ? m_engine->CountOutgoing(GetHost()) : 0;
}

bool
FlowTransport::Withdraw(MessageId id)
{
    return m_engine->Withdraw(id);
}

void
FlowTransport::HandlePart(Ptr<const Message> message, uint64_t bytes)
{
    const Time now = Simulator::Now();
    NotifyPart(*message, bytes, {bytes, now, now, now});
}

void
FlowTransport::DoPost(Ptr<const Message> message, CompletionCallback completion)
{
    NS_ABORT_MSG_UNLESS(m_engine, "a FlowTransport needs the FlowEngine of its fabric");
    m_engine->Begin(message, completion);
}

} // namespace mixnet
} // namespace ns3
