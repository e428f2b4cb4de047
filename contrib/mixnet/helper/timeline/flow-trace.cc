/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-trace.h"

#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr uint32_t LANE_OF_FAILURES = 0; //!< of a server; GPUs have those behind it

} // namespace

FlowTrace::FlowTrace(const TimelineSpec& spec, const Fabric& fabric, FlowJob& job)
    : m_fabric(fabric),
      m_job(job),
      m_file(spec.file),
      m_fabricTrace(m_file, fabric, AddProcesses(), ToTime(spec.interval)),
      m_failing(fabric.hosts.size())
{
    for (const auto& host : fabric.hosts)
    {
        host.transport->TraceConnectWithoutContext("Post",
                                                   MakeCallback(&FlowTrace::HandlePost, this));
        host.transport->TraceConnectWithoutContext("Arrival",
                                                   MakeCallback(&FlowTrace::HandleArrival, this));
    }
    job.SetFailureObserver([this](const auto& completion) { HandleFailure(completion); });
}

std::vector<NicGroup>
FlowTrace::AddProcesses()
{
    std::vector<NicGroup> servers;
    for (uint32_t host = 0; host < m_fabric.hosts.size(); ++host)
    {
        m_processes.push_back(m_file.AddProcess("server " + std::to_string(host)));
        servers.push_back({m_processes.back(), {host}});
    }
    return servers;
}

TraceLanes&
FlowTrace::LanesOf(uint32_t gpu)
{
    const uint32_t perHost = m_fabric.plan->host.gpus;
    const Track first{m_processes.at(gpu / perHost), 1 + gpu % perHost * MOST_LANES};
    return m_lanes.try_emplace(gpu, first, MOST_LANES, "GPU " + std::to_string(gpu) + " sends")
        .first->second;
}

void
FlowTrace::HandlePost(const Message& message)
{
    const auto number = message.key.index;
    const auto& flow = m_job.GetFlows()[number];
    const auto [open, isNew] = m_open.try_emplace(number);
    if (!isNew)
    {
        return; // it takes several routes, or a part of it another one
    }
    ++m_begun;
    open->second.begin = Simulator::Now();
    open->second.missing = flow.bytes.Count();
    if (m_shown < MOST_FLOWS)
    {
        open->second.track = LanesOf(flow.source).Take(m_file);
        m_shown += open->second.track ? 1 : 0;
    }
}

void
FlowTrace::HandleArrival(const Message& message)
{
    const auto found = m_open.find(message.key.index);
    if (found == m_open.end())
    {
        return; // it set out before anybody watched
    }
    found->second.missing -= message.transfer.bytes.Count();
    if (found->second.missing == 0)
    {
        Show(found->first, found->second);
        m_open.erase(found);
    }
}

void
FlowTrace::Show(uint32_t number, const OpenFlow& open)
{
    if (!open.track)
    {
        return;
    }
    const auto& flow = m_job.GetFlows()[number];
    TraceEventFile::Arguments more{{"flow", number},
                                   {"source", flow.source},
                                   {"destination", flow.destination},
                                   {"bytes", flow.bytes.Count()}};
    if (open.missing > 0)
    {
        more["bytesMissing"] = open.missing;
    }
    if (open.failed > 0)
    {
        more["failedMessages"] = open.failed;
    }
    m_file.Slice(*open.track,
                 "to GPU " + std::to_string(flow.destination) +
                     (open.missing > 0 ? ", not whole" : ""),
                 "flow",
                 open.begin,
                 Simulator::Now(),
                 more);
    LanesOf(flow.source).GiveBack(*open.track);
}

void
FlowTrace::HandleFailure(const MessageCompletion& completion)
{
    const auto& message = *completion.message;
    const auto found = m_open.find(message.key.index);
    if (found != m_open.end())
    {
        ++found->second.failed;
    }
    if (++m_failures > MOST_FAILURES)
    {
        return;
    }
    const auto host = message.transfer.source.host;
    const Track track{m_processes.at(host), LANE_OF_FAILURES};
    if (m_failing[host] == 0)
    {
        m_failing[host] = 1;
        m_file.NameLane(track, "failures");
    }
    m_file.Instant(track,
                   "message failed",
                   "failure",
                   Simulator::Now(),
                   {{"flow", message.key.index},
                    {"bytes", message.transfer.bytes.Count()},
                    {"bytesDelivered", completion.bytesDelivered}});
}

std::string
FlowTrace::Close()
{
    for (const auto& [number, open] : m_open)
    {
        Show(number, open);
    }
    m_open.clear();
    auto text = m_fabricTrace.Close();
    m_file.Close();
    if (m_begun > m_shown)
    {
        text += "; " + std::to_string(m_begun - m_shown) + " flows of " + std::to_string(m_begun) +
                " are not in the timeline";
    }
    if (m_failures > MOST_FAILURES)
    {
        text += "; " + std::to_string(m_failures - MOST_FAILURES) + " failed messages of " +
                std::to_string(m_failures) + " are not in the timeline";
    }
    return text;
}

} // namespace mixnet
} // namespace ns3
