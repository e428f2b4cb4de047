/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "collective-engine.h"

#include "ns3/abort.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(CollectiveEngine);

TypeId
CollectiveEngine::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::CollectiveEngine")
            .SetParent<Object>()
            .SetGroupName("Mixnet")
            .AddConstructor<CollectiveEngine>()
            .AddTraceSource("MessageFailed",
                            "A message ended with an error.",
                            MakeTraceSourceAccessor(&CollectiveEngine::m_failedTrace),
                            "ns3::mixnet::CollectiveEngine::FailedTracedCallback");
    return tid;
}

CollectiveEngine::CollectiveEngine() = default;

CollectiveEngine::~CollectiveEngine() = default;

void
CollectiveEngine::DoDispose()
{
    m_transport = nullptr;
    m_handleSent.Nullify();
    m_handleFlowEnd.Nullify();
    m_inbound.clear();
    Object::DoDispose();
}

void
CollectiveEngine::SetTransport(Ptr<MessageTransport> transport)
{
    m_transport = transport;
    m_handleSent = MakeCallback(&CollectiveEngine::HandleSent, this);
    m_handleFlowEnd = MakeCallback(&CollectiveEngine::HandleFlowEnd, this);
    m_transport->SetArrivalCallback(MakeCallback(&CollectiveEngine::HandleArrival, this));
}

void
CollectiveEngine::Send(uint64_t collective,
                       const std::vector<mixnetcore::Transfer>& transfers,
                       ThroughCallback through)
{
    const auto batch = m_sent++;
    m_batches[batch] = {transfers.size(), through};
    if (transfers.empty())
    {
        Simulator::ScheduleNow(&CollectiveEngine::FinishBatch, this, batch);
    }
    for (const auto& transfer : transfers)
    {
        m_transport->Post(transfer, collective, m_handleSent, batch);
    }
}

void
CollectiveEngine::HandleSent(const MessageCompletion& completion)
{
    const auto batch = completion.message->tag;
    HandleCompletion(completion);
    if (--m_batches.at(batch).left == 0)
    {
        FinishBatch(batch);
    }
}

void
CollectiveEngine::FinishBatch(uint64_t batch)
{
    const auto through = m_batches.extract(batch).mapped().through;
    if (!through.IsNull())
    {
        through();
    }
}

void
CollectiveEngine::Expect(uint64_t collective,
                         uint32_t gpu,
                         mixnetcore::Bytes bytes,
                         ReadyCallback ready)
{
    const Key key{collective, gpu};
    auto& inbound = m_inbound[key];
    NS_ABORT_MSG_IF(inbound.known, "GPU " << gpu << " waits for a collective a second time");
    inbound.expected = bytes.Count();
    inbound.known = true;
    inbound.ready = ready;
    if (inbound.arrived == inbound.expected)
    {
        Simulator::ScheduleNow(&CollectiveEngine::Check, this, key);
    }
}

void
CollectiveEngine::Run(uint64_t collective,
                      const std::vector<mixnetcore::ScheduledFlow>& flows,
                      const std::vector<uint32_t>& gpus,
                      ThroughCallback through)
{
    const auto key = m_scheduled++;
    ++m_running[collective];
    auto& schedule = m_schedules[key];
    schedule = {collective, flows, gpus, {}, {}, flows.size(), through};
    schedule.successors.resize(flows.size());
    for (uint32_t flow = 0; flow < flows.size(); ++flow)
    {
        schedule.missing.push_back(flows[flow].after.size());
        for (const auto before : flows[flow].after)
        {
            schedule.successors.at(before).push_back(flow);
        }
    }
    if (flows.empty())
    {
        Simulator::ScheduleNow(&CollectiveEngine::Finish, this, key);
    }
    for (uint32_t flow = 0; flow < flows.size(); ++flow)
    {
        if (flows[flow].after.empty())
        {
            Start(key, flow);
        }
    }
}

void
CollectiveEngine::Start(ScheduleKey key, uint32_t flow)
{
    const auto& schedule = m_schedules.at(key);
    const auto& plan = schedule.flows[flow];
    const uint32_t host = m_transport->GetHost();
    const uint32_t from = schedule.gpus.at(plan.from);
    const uint32_t to = schedule.gpus.at(plan.to);
    m_transport->Post(
        {{host, from}, {host, to}, plan.bytes, {mixnetcore::NvswitchLeg{host, from, to}}},
        schedule.collective,
        m_handleFlowEnd,
        uint64_t{key} << 32 | flow);
}

void
CollectiveEngine::HandleFlowEnd(const MessageCompletion& completion)
{
    if (completion.status != MessageStatus::Delivered)
    {
        HandleCompletion(completion);
        return;
    }
    const ScheduleKey key = completion.message->tag >> 32;
    const uint32_t flow = completion.message->tag;
    auto& schedule = m_schedules.at(key);
    for (const auto next : schedule.successors[flow])
    {
        if (--schedule.missing[next] == 0)
        {
            Start(key, next);
        }
    }
    if (--schedule.left == 0)
    {
        Finish(key);
    }
}

void
CollectiveEngine::Finish(ScheduleKey key)
{
    auto node = m_schedules.extract(key);
    const auto running = m_running.find(node.mapped().collective);
    if (--running->second == 0)
    {
        m_running.erase(running);
    }
    node.mapped().through();
}

void
CollectiveEngine::HandleArrival(const Message& message)
{
    if (m_running.count(message.collective) > 0)
    {
        return; // a schedule follows the completions of its flows
    }
    const Key key{message.collective, message.transfer.destination.gpu};
    m_inbound[key].arrived += message.transfer.bytes.Count();
    Check(key);
}

void
CollectiveEngine::Check(Key key)
{
    const auto found = m_inbound.find(key);
    if (found == m_inbound.end() || !found->second.known)
    {
        return;
    }
    NS_ABORT_MSG_IF(found->second.arrived > found->second.expected,
                    "GPU " << key.second << " got " << found->second.arrived
                           << " bytes of a collective; it expected " << found->second.expected);
    if (found->second.arrived == found->second.expected)
    {
        const auto ready = found->second.ready;
        m_inbound.erase(found);
        ready(key.first, key.second);
    }
}

void
CollectiveEngine::HandleCompletion(const MessageCompletion& completion)
{
    if (completion.status == MessageStatus::Failed)
    {
        ++m_failed;
        m_failedTrace(completion);
    }
}

uint64_t
CollectiveEngine::GetFailedMessages() const
{
    return m_failed;
}

size_t
CollectiveEngine::GetWaiting() const
{
    size_t waiting = 0;
    for (const auto& [key, inbound] : m_inbound)
    {
        waiting += inbound.known ? 1 : 0;
    }
    return waiting;
}

} // namespace mixnet
} // namespace ns3
