/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-job.h"

#include "ns3/abort.h"
#include "ns3/lists.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

namespace ns3
{
namespace mixnet
{

using mixnetcore::Bytes;
using mixnetcore::Picoseconds;

FlowJob::FlowJob(const Fabric& fabric, std::vector<mixnetcore::FlowSpec> flows)
    : m_fabric(fabric),
      m_flows(std::move(flows)),
      m_outcomes(m_flows.size()),
      m_bound(fabric.plan->host, fabric.PayloadEfficiency()),
      m_completion(MakeCallback(&FlowJob::HandleCompletion, this))
{
    const uint64_t gpus = uint64_t{fabric.plan->hosts} * fabric.plan->host.gpus;
    for (const auto& flow : m_flows)
    {
        NS_ABORT_MSG_IF(flow.source >= gpus || flow.destination >= gpus,
                        "a flow from GPU " << flow.source << " to GPU " << flow.destination
                                           << ": the fabric has GPUs 0 to " << gpus - 1);
    }
}

mixnetcore::GpuId
FlowJob::Place(uint32_t gpu) const
{
    const uint32_t perHost = m_fabric.plan->host.gpus;
    return {gpu / perHost, gpu % perHost};
}

std::vector<FlowJob::Batch>
FlowJob::Batches() const
{
    std::map<std::tuple<Picoseconds, uint32_t, uint32_t>, std::vector<uint32_t>> batches;
    std::map<std::tuple<Picoseconds, uint32_t, uint32_t>, uint32_t> repeats;
    for (uint32_t index = 0; index < m_flows.size(); ++index)
    {
        const auto& flow = m_flows[index];
        const uint32_t repeat = repeats[{flow.start, flow.source, flow.destination}]++;
        batches[{flow.start, Place(flow.source).host, repeat}].push_back(index);
    }
    std::vector<Batch> result;
    for (auto& [key, flows] : batches)
    {
        result.push_back({std::get<0>(key), std::get<1>(key), std::move(flows)});
    }
    return result;
}

std::vector<mixnetcore::Transfer>
FlowJob::Route(const std::vector<uint32_t>& flows) const
{
    return m_router->Route(mixnetcore::Mapped(flows, [this](uint32_t index) {
        const auto& flow = m_flows[index];
        return mixnetcore::GpuDemand{Place(flow.source), Place(flow.destination), flow.bytes};
    }));
}

void
FlowJob::AddTo(FlowRateRecorder& recorder) const
{
    std::set<std::array<uint32_t, 4>> known;
    for (const auto& batch : Batches())
    {
        for (const auto& transfer : Route(batch.flows))
        {
            for (const auto& leg : transfer.route)
            {
                const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&leg);
                if (rdma &&
                    known.insert({rdma->from.host, rdma->from.nic, rdma->to.host, rdma->to.nic})
                        .second)
                {
                    recorder.Add(m_fabric.hosts[rdma->from.host].nics[rdma->from.nic],
                                 m_fabric.hosts[rdma->to.host].nics[rdma->to.nic]);
                }
            }
        }
    }
}

void
FlowJob::Start()
{
    for (const auto& host : m_fabric.hosts)
    {
        host.transport->SetArrivalCallback(MakeCallback(&FlowJob::HandleArrival, this));
    }
    for (const auto& batch : Batches())
    {
        Simulator::ScheduleWithContext(m_fabric.hosts[batch.host].node->GetId(),
                                       ToTime(batch.start),
                                       [this, flows = batch.flows]() { Post(flows); });
    }
}

void
FlowJob::Post(const std::vector<uint32_t>& flows)
{
    // Flows of a batch differ in their ends.
    std::vector<std::pair<uint64_t, uint32_t>> flowOf;
    flowOf.reserve(flows.size());
    const auto keyOf = [](uint64_t source, uint32_t destination) {
        return source << 32 | destination;
    };
    for (const auto index : flows)
    {
        flowOf.emplace_back(keyOf(m_flows[index].source, m_flows[index].destination), index);
    }
    std::sort(flowOf.begin(), flowOf.end());
    const uint32_t perHost = m_fabric.plan->host.gpus;
    auto flow = flowOf.cbegin();
    const auto start = m_flows[flows.front()].start;
    for (const auto& transfer : Route(flows))
    {
        m_bound.Add(transfer, start);
        const uint32_t source = transfer.source.host * perHost + transfer.source.gpu;
        const uint32_t destination = transfer.destination.host * perHost + transfer.destination.gpu;
        const auto key = keyOf(source, destination);
        // Mostly it is the one behind the last.
        if (flow == flowOf.cend() || ++flow == flowOf.cend() || flow->first != key)
        {
            flow = std::lower_bound(flowOf.cbegin(), flowOf.cend(), std::pair(key, uint32_t{0}));
        }
        m_fabric.hosts[transfer.source.host].transport->Post(transfer,
                                                             {{}, 0, flow->second},
                                                             m_completion);
    }
}

void
FlowJob::HandleArrival(const Message& message)
{
    auto& outcome = m_outcomes.at(message.key.index);
    outcome.arrived += message.transfer.bytes;
    if (outcome.arrived == m_flows[message.key.index].bytes)
    {
        outcome.end = ToPicoseconds(Simulator::Now());
    }
}

void
FlowJob::HandleCompletion(const MessageCompletion& completion)
{
    if (completion.status == MessageStatus::Delivered)
    {
        return;
    }
    const auto& message = *completion.message;
    ++m_outcomes.at(message.key.index).failedMessages;
    if (m_failureObserver)
    {
        m_failureObserver(completion);
    }
    if (m_recoveries.empty())
    {
        return;
    }
    const auto host = message.transfer.source.host;
    const auto rest = m_recoveries[host].RestOf(message.transfer,
                                                Bytes(completion.bytesDelivered),
                                                completion.failedLeg);
    if (rest)
    {
        m_fabric.hosts[host].transport->Post(*rest, message.key, m_completion);
    }
}

void
FlowJob::SetRecovery(const std::shared_ptr<const mixnetcore::RecoveryRouter>& router)
{
    m_recoveries.resize(m_fabric.hosts.size());
    for (auto& recovery : m_recoveries)
    {
        recovery.SetRouter(router);
    }
}

uint64_t
FlowJob::CountUnfinished() const
{
    return std::count_if(m_outcomes.begin(), m_outcomes.end(), [](const Outcome& outcome) {
        return !outcome.end;
    });
}

Bytes
FlowJob::GetBytes() const
{
    return mixnetcore::SumOf(m_flows, [](const auto& flow) { return flow.bytes; });
}

Bytes
FlowJob::GetArrivedBytes() const
{
    return mixnetcore::SumOf(m_outcomes, [](const Outcome& outcome) { return outcome.arrived; });
}

Picoseconds
FlowJob::GetLastStart() const
{
    Picoseconds last{0};
    for (const auto& flow : m_flows)
    {
        last = std::max(last, flow.start);
    }
    return last;
}

Picoseconds
FlowJob::GetEnd() const
{
    Picoseconds end{0};
    for (const auto& outcome : m_outcomes)
    {
        end = std::max(end, outcome.end.value_or(Picoseconds(0)));
    }
    return end;
}

uint64_t
FlowJob::GetFailedMessages() const
{
    return mixnetcore::SumOf(m_outcomes, [](const Outcome& outcome) {
        return uint64_t{outcome.failedMessages};
    });
}

Picoseconds
FlowJob::Ideal() const
{
    const auto& host = m_fabric.plan->host;
    const auto nicRate =
        mixnetcore::SumOf(host.nics, [](const auto& nic) { return nic.rate.Count(); });
    /// What carries bytes: whether NICs of a host or the port of a GPU, out or in, which.
    using Resource = std::tuple<bool, bool, uint32_t>;
    std::map<Resource, std::map<Picoseconds, Bytes>> loads;
    for (const auto& flow : m_flows)
    {
        const auto from = Place(flow.source);
        const auto to = Place(flow.destination);
        const bool crosses = from.host != to.host;
        loads[{crosses, false, crosses ? from.host : flow.source}][flow.start] += flow.bytes;
        loads[{crosses, true, crosses ? to.host : flow.destination}][flow.start] += flow.bytes;
    }
    Picoseconds ideal{0};
    for (const auto& [resource, load] : loads)
    {
        const mixnetcore::BitsPerSecond rate(std::get<0>(resource) ? nicRate
                                                                   : host.gpuPortRate.Count());
        Bytes later;
        for (auto start = load.rbegin(); start != load.rend(); ++start)
        {
            later += start->second;
            const auto end = mixnetcore::CheckedSum(start->first,
                                                    TransmissionTime(later, rate),
                                                    "sending all bytes");
            ideal = std::max(ideal, end);
        }
    }
    return ideal;
}

mixnetcore::DemandMatrix
FlowJob::HostDemand() const
{
    const auto& plan = *m_fabric.plan;
    return mixnetcore::DemandBetweenHosts(m_flows, plan.hosts, plan.host.gpus);
}

} // namespace mixnet
} // namespace ns3
