/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "collective-engine.h"

#include "ns3/abort.h"
#include "ns3/lists.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("CollectiveEngine");

NS_OBJECT_ENSURE_REGISTERED(CollectiveEngine);

namespace
{

/// @param completion End of a message that has not carried all. @return what is lost, in words.
std::string
DescribeLoss(const MessageCompletion& completion)
{
    const auto& transfer = completion.message->transfer;
    std::ostringstream text;
    text << "in " << Describe(completion.message->key.phase) << ", "
         << transfer.bytes.Count() - completion.bytesDelivered << " of " << transfer.bytes.Count()
         << " bytes from GPU " << transfer.source.gpu << " of host " << transfer.source.host
         << " to GPU " << transfer.destination.gpu << " of host " << transfer.destination.host
         << " did not arrive: ";
    if (completion.failedLeg)
    {
        const auto& [from, to, side] = *completion.failedLeg;
        text << "NIC " << from.nic << " of host " << from.host << " does not reach NIC " << to.nic
             << " of host " << to.host;
    }
    else
    {
        text << "they were withdrawn";
    }
    return text.str();
}

} // namespace

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

void
CollectiveEngine::DoDispose()
{
    m_transport = nullptr;
    m_handleCompletion.Nullify();
    m_inbound.clear();
    Object::DoDispose();
}

void
CollectiveEngine::SetTransport(Ptr<MessageTransport> transport)
{
    m_transport = transport;
    m_handleCompletion = MakeCallback(&CollectiveEngine::HandleCompletion, this);
    m_transport->SetArrivalCallback(MakeCallback(&CollectiveEngine::HandleArrival, this));
}

void
CollectiveEngine::Send(const mixnetcore::MessageKey& key,
                       const std::vector<mixnetcore::Transfer>& transfers,
                       ThroughCallback through,
                       uint64_t tag)
{
    const auto batch = ++m_sent;
    m_batches[batch] = {transfers.size(), key, through, tag};
    if (transfers.empty())
    {
        Simulator::ScheduleNow(&CollectiveEngine::FinishBatch, this, batch);
    }
    for (const auto& transfer : transfers)
    {
        Post(transfer, key, batch);
    }
}

void
CollectiveEngine::FinishBatch(uint64_t batch)
{
    const auto ended = m_batches.extract(batch);
    if (!ended.mapped().through.IsNull())
    {
        ended.mapped().through(ended.mapped().key, ended.mapped().tag);
    }
}

void
CollectiveEngine::Expect(const mixnetcore::MessageKey& key,
                         uint32_t gpu,
                         mixnetcore::Bytes bytes,
                         ReadyCallback ready)
{
    auto& inbound = m_inbound[{key, gpu}];
    NS_ABORT_MSG_IF(inbound.isAwaited, "GPU " << gpu << " waits for a collective a second time");
    inbound.isAwaited = true;
    inbound.expected = bytes.Count();
    inbound.ready = ready;
    if (inbound.arrived >= inbound.expected)
    {
        Simulator::ScheduleNow(&CollectiveEngine::Check, this, InboundKey{key, gpu});
    }
}

void
CollectiveEngine::Await(ScheduleId schedule, uint32_t flow, uint32_t gpu, mixnetcore::Bytes bytes)
{
    const auto key = m_schedules.at(schedule).key.At(flow);
    Expect(key, gpu, bytes, ReadyCallback());
    m_inbound.at({key, gpu}).schedule = schedule;
}

void
CollectiveEngine::Run(const mixnetcore::MessageKey& key,
                      const std::vector<mixnetcore::ScheduledFlow>& flows,
                      const std::vector<uint32_t>& gpus,
                      ThroughCallback through,
                      uint64_t tag)
{
    const uint32_t host = m_transport->GetHost();
    const auto members = mixnetcore::Mapped(gpus, [host](uint32_t gpu) {
        return mixnetcore::GpuId{host, gpu};
    });
    Run(key,
        flows,
        members,
        mixnetcore::RoutesOfSchedule(flows, members, host, nullptr),
        through,
        tag);
}

void
CollectiveEngine::Run(const mixnetcore::MessageKey& key,
                      const std::vector<mixnetcore::ScheduledFlow>& flows,
                      const std::vector<mixnetcore::GpuId>& members,
                      std::vector<std::vector<mixnetcore::Transfer>> routes,
                      ThroughCallback through,
                      uint64_t tag)
{
    const auto id = ++m_scheduled;
    auto& schedule = m_schedules[id];
    schedule.key = key;
    schedule.routes = std::move(routes);
    schedule.through = through;
    schedule.tag = tag;
    Link(schedule, flows, members);
    if (schedule.left == 0)
    {
        Simulator::ScheduleNow(&CollectiveEngine::Finish, this, id);
    }
    for (uint32_t flow = 0; flow < flows.size(); ++flow)
    {
        if (schedule.endsHere[flow])
        {
            Await(id, flow, members[flows[flow].to].gpu, flows[flow].bytes);
        }
        if (schedule.missing[flow] == 0)
        {
            Start(id, flow);
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
CollectiveEngine::Start(ScheduleId id, uint32_t flow)
{
    const auto& schedule = m_schedules.at(id);
    for (const auto& transfer : schedule.routes[flow])
    {
        Post(transfer, schedule.key.At(flow), NO_BATCH);
    }
}

void
CollectiveEngine::EndFlow(ScheduleId id, uint32_t flow)
{
    auto& schedule = m_schedules.at(id);
    for (const auto next : schedule.successors[flow])
    {
        if (--schedule.missing[next] == 0)
        {
            Start(id, next);
        }
    }
    if (--schedule.left == 0)
    {
        Finish(id);
    }
}

void
CollectiveEngine::Finish(ScheduleId id)
{
    const auto node = m_schedules.extract(id);
    node.mapped().through(node.mapped().key, node.mapped().tag);
}

void
CollectiveEngine::HandleArrival(const Message& message)
{
    const InboundKey key{message.key, message.transfer.destination.gpu};
    m_inbound[key].arrived += message.transfer.Payload().Count();
    Check(key);
}

void
CollectiveEngine::Check(const InboundKey& key)
{
    const auto found = m_inbound.find(key);
    if (found == m_inbound.end() || !found->second.isAwaited)
    {
        return;
    }
    const auto& inbound = found->second;
    NS_ABORT_MSG_IF(inbound.arrived > inbound.expected,
                    "GPU " << key.gpu << " got " << inbound.arrived
                           << " bytes of a collective; it expected " << inbound.expected);
    if (inbound.arrived < inbound.expected)
    {
        return;
    }
    const auto ended = m_inbound.extract(found);
    if (ended.mapped().schedule == NONE)
    {
        ended.mapped().ready(key.message, key.gpu);
    }
    else
    {
        EndFlow(ended.mapped().schedule, key.message.index);
    }
}

size_t
CollectiveEngine::InboundHash::operator()(const InboundKey& key) const
{
    constexpr uint64_t ODD = 0x9e3779b97f4a7c15; // 2^64 over the golden ratio
    const uint64_t place = uint64_t{key.message.index} << 32 ^ key.message.part << 16 ^ key.gpu;
    const uint64_t hash = (mixnetcore::PhaseHash()(key.message.phase) ^ place) * ODD;
    return hash ^ hash >> 32;
}

void
CollectiveEngine::Post(const mixnetcore::Transfer& transfer,
                       const mixnetcore::MessageKey& key,
                       uint64_t batch)
{
    const auto other = m_recovery.Around(transfer);
    m_rerouted += other ? 1 : 0;
    m_transport->Post(other ? *other : transfer, key, m_handleCompletion, batch);
}

void
CollectiveEngine::HandleCompletion(const MessageCompletion& completion)
{
    if (completion.status != MessageStatus::Delivered)
    {
        Recover(completion);
        return;
    }
    const auto batch = completion.message->tag;
    if (batch != NO_BATCH && --m_batches.at(batch).left == 0)
    {
        FinishBatch(batch);
    }
}

void
CollectiveEngine::Recover(const MessageCompletion& completion)
{
    const auto& message = *completion.message;
    if (completion.status == MessageStatus::Failed)
    {
        ++m_failed;
        m_failedTrace(completion);
    }
    const auto rest = m_recovery.RestOf(message.transfer,
                                        mixnetcore::Bytes(completion.bytesDelivered),
                                        completion.failedLeg);
    if (!rest)
    {
        throw std::runtime_error(DescribeLoss(completion) + ", and there is no other route");
    }
    NS_LOG_INFO(DescribeLoss(completion) << "; posts them again");
    ++m_rerouted;
    m_transport->Post(*rest, message.key, m_handleCompletion, message.tag);
}

size_t
CollectiveEngine::GetWaiting() const
{
    return std::count_if(m_inbound.begin(), m_inbound.end(), [](const auto& each) {
        return each.second.isAwaited;
    });
}

} // namespace mixnet
} // namespace ns3
