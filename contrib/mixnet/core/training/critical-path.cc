/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "critical-path.h"

#include "ns3/checks.h"

#include <algorithm>

namespace mixnetcore
{

namespace
{

constexpr const char* WHAT = "the graph"; //!< what takes these times

/**
 * @param graph What is done.
 * @param id A task.
 * @return the task that it waits for last, of several the lowest; none without dependencies.
 * @param ends When tasks end.
 */
const TaskId*
LastBefore(const TaskGraph& graph, TaskId id, const std::vector<Picoseconds>& ends)
{
    const TaskId* last = nullptr;
    for (const auto& before : graph.After(id))
    {
        const bool isLater = last == nullptr || ends[before] > ends[*last] ||
                             (ends[before] == ends[*last] && before < *last);
        last = isLater ? &before : last;
    }
    return last;
}

/**
 * @param graph What is done.
 * @param task A task of it.
 * @param cost How long communication takes.
 * @return how long the task takes.
 */
Picoseconds
TimeOf(const TaskGraph& graph, const Task& task, const CommunicationCost& cost)
{
    if (task.type == TaskType::Work)
    {
        return task.duration;
    }
    const bool isReduce = task.type == TaskType::AllReduce;
    return cost.TimeOf(task, isReduce ? graph.Groups()[task.peer].size() : 1);
}

} // namespace

LinearCommunication::LinearCommunication(const LinkCost& network,
                                         const LinkCost& inside,
                                         uint64_t tensorParallel,
                                         uint64_t hostsPerRank)
    : m_network(network),
      m_inside(inside),
      m_gpusPerHost(tensorParallel / std::max<uint64_t>(1, hostsPerRank)),
      m_hostsPerRank(hostsPerRank)
{
    if (network.rate.Count() == 0 || inside.rate.Count() == 0 || tensorParallel == 0)
    {
        Refuse(Phrase() << "communication cost with a network of " << network.rate.Count()
                        << " bit/s, GPUs of " << inside.rate.Count() << " bit/s, TP degree "
                        << tensorParallel << ": all must be above zero");
    }
    if (hostsPerRank == 0 || tensorParallel % hostsPerRank != 0)
    {
        Refuse(Phrase() << "communication cost of TP degree " << tensorParallel << " on "
                        << hostsPerRank << " hosts: must divide it");
    }
}

Picoseconds
LinearCommunication::TimeOf(const Task& task, size_t members) const
{
    switch (task.type)
    {
    case TaskType::Message:
        return CheckedSum(m_network.latency, TransmissionTime(task.bytes, m_network.rate), WHAT);
    case TaskType::TensorCollective: {
        const auto own = EvenShare(task.bytes, m_gpusPerHost - 1, m_gpusPerHost);
        const auto inside = TransmissionTime(task.bytes - own, m_inside.rate);
        const auto kept = EvenShare(task.bytes, m_hostsPerRank - 1, m_hostsPerRank);
        const auto between = TransmissionTime(task.bytes - kept, m_network.rate);
        const auto steps = static_cast<uint64_t>(m_hostsPerRank - 1);
        const auto latency = CheckedProduct(m_network.latency, steps, WHAT);
        return CheckedSum(m_gpusPerHost > 1 ? CheckedSum(m_inside.latency, inside, WHAT)
                                            : Picoseconds(0),
                          steps > 0 ? CheckedSum(latency, between, WHAT) : Picoseconds(0),
                          WHAT);
    }
    case TaskType::AllReduce: {
        const auto step =
            CheckedSum(m_network.latency,
                       TransmissionTime(EvenShare(task.bytes, 0, members), m_network.rate),
                       WHAT);
        return CheckedProduct(step, 2 * (members - 1), WHAT);
    }
    case TaskType::Work:
        break;
    }
    Refuse("a task of type " + ToString(task.type) + " has no cost of communication");
}

std::string
ToString(TimeKind kind)
{
    constexpr std::array<const char*, 9> NAMES{"compute",
                                               "dispatch",
                                               "combine",
                                               "tensorParallel",
                                               "pipeline",
                                               "dataParallel",
                                               "light",
                                               "imbalance",
                                               "bubble"};
    return NAMES.at(static_cast<size_t>(kind));
}

TimeKind
TimeKindOf(PhaseKind phase)
{
    switch (phase)
    {
    case PhaseKind::Dispatch:
    case PhaseKind::DispatchForward:
        return TimeKind::Dispatch;
    case PhaseKind::Combine:
    case PhaseKind::CombineForward:
        return TimeKind::Combine;
    case PhaseKind::AttentionGather:
    case PhaseKind::AttentionScatter:
    case PhaseKind::AllGather:
    case PhaseKind::ReduceScatter:
        return TimeKind::Tensor;
    case PhaseKind::PipelineReceive:
    case PhaseKind::PipelineSend:
        return TimeKind::Pipeline;
    case PhaseKind::ExpertReduce:
    case PhaseKind::SharedReduce:
        return TimeKind::Data;
    case PhaseKind::Embedding:
    case PhaseKind::Attention:
    case PhaseKind::Gating:
    case PhaseKind::Expert:
    case PhaseKind::Dense:
    case PhaseKind::Head:
    case PhaseKind::Optimizer:
        break;
    }
    return TimeKind::Compute;
}

CriticalPath::CriticalPath(const TaskGraph& graph, const CommunicationCost& cost)
    : m_rankEnds(graph.Ranks()),
      m_ofRank(graph.Ranks())
{
    graph.Check();
    m_starts.reserve(graph.Size());
    m_ends.reserve(graph.Size());
    for (TaskId id = 0; id < graph.Size(); ++id)
    {
        Run(graph, id, TimeOf(graph, graph.At(id), cost));
    }
    for (uint32_t rank = 0; rank < graph.Ranks(); ++rank)
    {
        m_ofRank[rank][TimeKind::Bubble] += m_makespan - m_rankEnds[rank];
    }
    Trace(graph);
}

void
CriticalPath::Run(const TaskGraph& graph, TaskId id, Picoseconds time)
{
    const auto task = graph.At(id);
    const auto* last = LastBefore(graph, id, m_ends);
    const auto start = last == nullptr ? Picoseconds(0) : m_ends[*last];
    const auto end = CheckedSum(start, time, WHAT); // so are sums of parts of this
    if (task.OccupiesRank())
    {
        AddWaiting(task, start - m_rankEnds[task.rank], TransitBefore(graph, last));
        m_ofRank[task.rank][TimeKindOf(task.phase.kind)] += time;
        m_rankEnds[task.rank] = end;
    }
    m_starts.push_back(start);
    m_ends.push_back(end);
    m_makespan = std::max(m_makespan, end);
}

Picoseconds
CriticalPath::TransitBefore(const TaskGraph& graph, const TaskId* last) const
{
    Picoseconds transit{0};
    while (last != nullptr && !graph.At(*last).OccupiesRank())
    {
        transit += m_ends[*last] - m_starts[*last];
        last = LastBefore(graph, *last, m_ends);
    }
    return transit;
}

void
CriticalPath::AddWaiting(const Task& task, Picoseconds waiting, Picoseconds transit)
{
    // Only the optimizer, which computes, waits for all-reduces.
    const auto own = TimeKindOf(task.phase.kind);
    const auto kind = own == TimeKind::Compute ? TimeKind::Data : own;
    auto& times = m_ofRank[task.rank];
    times[kind] += std::min(waiting, transit);
    times[kind == TimeKind::Pipeline ? TimeKind::Bubble : TimeKind::Imbalance] +=
        waiting - std::min(waiting, transit);
}

void
CriticalPath::Trace(const TaskGraph& graph)
{
    if (graph.Size() == 0)
    {
        return;
    }
    // max_element gives the first of several.
    TaskId id =
        static_cast<TaskId>(std::max_element(m_ends.begin(), m_ends.end()) - m_ends.begin());
    while (true)
    {
        m_path.push_back(id);
        m_pathTimes[TimeKindOf(graph.At(id).phase.kind)] += m_ends[id] - m_starts[id];
        const auto* before = LastBefore(graph, id, m_ends);
        if (before == nullptr)
        {
            break;
        }
        id = *before;
    }
    std::reverse(m_path.begin(), m_path.end());
}

uint32_t
CriticalPath::LastRank() const
{
    return static_cast<uint32_t>(std::max_element(m_rankEnds.begin(), m_rankEnds.end()) -
                                 m_rankEnds.begin());
}

} // namespace mixnetcore
