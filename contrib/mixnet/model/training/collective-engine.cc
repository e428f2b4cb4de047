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
                       ThroughCallback through,
                       uint64_t tag)
{
    const auto batch = m_sent++;
    m_batches[batch] = {transfers.size(), through, tag};
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
    const auto ended = m_batches.extract(batch);
    if (!ended.mapped().through.IsNull())
    {
        ended.mapped().through(ended.mapped().tag);
    }
}

void
CollectiveEngine::Expect(uint64_t collective,
                         uint32_t gpu,
                         mixnetcore::Bytes bytes,
                         ReadyCallback ready)
{
    const Key key{collective, gpu};
    const auto known = m_inbound.find(key);
    NS_ABORT_MSG_IF(known != m_inbound.end() && !known->second.awaited.empty(),
                    "GPU " << gpu << " waits for a collective a second time");
    Await(key, bytes, ready);
}

void
CollectiveEngine::Await(Key key, mixnetcore::Bytes bytes, ReadyCallback ready)
{
    auto& inbound = m_inbound[key];
    inbound.awaited.push_back({bytes.Count(), ready});
    if (inbound.arrived >= inbound.awaited.front().bytes)
    {
        Simulator::ScheduleNow(&CollectiveEngine::Check, this, key);
    }
}

void
CollectiveEngine::Run(uint64_t collective,
                      const std::vector<mixnetcore::ScheduledFlow>& flows,
                      const std::vector<uint32_t>& gpus,
                      ThroughCallback through,
                      uint64_t tag)
{
    const uint32_t host = m_transport->GetHost();
    std::vector<mixnetcore::GpuId> members;
    for (const auto gpu : gpus)
    {
        members.push_back({host, gpu});
    }
    Run(collective,
        flows,
        members,
        mixnetcore::WaysOfSchedule(flows, members, host, nullptr),
        through,
        tag);
}

void
CollectiveEngine::Run(uint64_t collective,
                      const std::vector<mixnetcore::ScheduledFlow>& flows,
                      const std::vector<mixnetcore::GpuId>& members,
                      std::vector<std::vector<mixnetcore::Transfer>> ways,
                      ThroughCallback through,
                      uint64_t tag)
{
    const uint32_t host = m_transport->GetHost();
    const auto key = m_scheduled++;
    ++m_running[collective];
    auto& schedule = m_schedules[key];
    schedule.collective = collective;
    schedule.ways = std::move(ways);
    schedule.through = through;
    schedule.tag = tag;
    Link(schedule, flows, members);
    if (schedule.left == 0)
    {
        Simulator::ScheduleNow(&CollectiveEngine::Finish, this, key);
    }
    for (uint32_t flow = 0; flow < flows.size(); ++flow)
    {
        const auto& to = members.at(flows[flow].to);
        const bool isOurs = !schedule.ways[flow].empty();
        if (!isOurs && to.host == host)
        {
            Await({collective, to.gpu},
                  flows[flow].bytes,
                  MakeCallback(&CollectiveEngine::HandleFlowArrival, this).Bind(key, flow));
        }
        else if (isOurs && schedule.missing[flow] == 0)
        {
            Start(key, flow);
        }
    }
}

void
CollectiveEngine::Link(Schedule& schedule,
                       const std::vector<mixnetcore::ScheduledFlow>& flows,
                       const std::vector<mixnetcore::GpuId>& members) const
{
    const uint32_t host = m_transport->GetHost();
    schedule.successors.resize(flows.size());
    schedule.missing.resize(flows.size());
    for (uint32_t flow = 0; flow < flows.size(); ++flow)
    {
        const bool endsHere = members.at(flows[flow].to).host == host;
        schedule.endsHere.push_back(endsHere);
        schedule.parts.push_back(schedule.ways[flow].size());
        schedule.left += endsHere ? 1 : 0;
        for (const auto before : flows[flow].after)
        {
            if (schedule.endsHere.at(before))
            {
                schedule.successors[before].push_back(flow);
                ++schedule.missing[flow];
            }
        }
    }
}

void
CollectiveEngine::Start(ScheduleKey key, uint32_t flow)
{
    const auto& schedule = m_schedules.at(key);
    for (const auto& transfer : schedule.ways[flow])
    {
        m_transport->Post(transfer,
                          schedule.collective,
                          m_handleFlowEnd,
                          uint64_t{key} << 32 | flow);
    }
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
    const auto found = m_schedules.find(key);
    if (found == m_schedules.end() || !found->second.endsHere[flow])
    {
        return; // it ends in another host
    }
    if (--found->second.parts[flow] == 0)
    {
        EndFlow(key, flow);
    }
}

void
CollectiveEngine::HandleFlowArrival(ScheduleKey key,
                                    uint32_t flow,
                                    uint64_t /* collective */,
                                    uint32_t /* gpu */)
{
    EndFlow(key, flow);
}

void
CollectiveEngine::EndFlow(ScheduleKey key, uint32_t flow)
{
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
    node.mapped().through(node.mapped().tag);
}

void
CollectiveEngine::HandleArrival(const Message& message)
{
    const auto& transfer = message.transfer;
    if (transfer.source.host == transfer.destination.host &&
        m_running.count(message.collective) > 0)
    {
        return; // a schedule follows the completions of flows inside of its host
    }
    const Key key{message.collective, transfer.destination.gpu};
    m_inbound[key].arrived += transfer.Payload().Count();
    Check(key);
}

void
CollectiveEngine::Check(Key key)
{
    for (auto found = m_inbound.find(key);
         found != m_inbound.end() && !found->second.awaited.empty();
         found = m_inbound.find(key))
    {
        auto& inbound = found->second;
        NS_ABORT_MSG_IF(inbound.arrived > inbound.Expected(),
                        "GPU " << key.second << " got " << inbound.arrived
                               << " bytes of a collective; it expected " << inbound.Expected());
        if (inbound.arrived < inbound.awaited.front().bytes)
        {
            return;
        }
        const auto awaited = inbound.awaited.front();
        inbound.arrived -= awaited.bytes;
        inbound.awaited.erase(inbound.awaited.begin());
        if (inbound.awaited.empty())
        {
            m_inbound.erase(found);
        }
        awaited.ready(key.first, key.second);
    }
}

uint64_t
CollectiveEngine::Inbound::Expected() const
{
    uint64_t sum = 0;
    for (const auto& each : awaited)
    {
        sum += each.bytes;
    }
    return sum;
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
        waiting += inbound.awaited.empty() ? 0 : 1;
    }
    return waiting;
}

} // namespace mixnet
} // namespace ns3
