/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "schedule-trace.h"

#include "ns3/ns3-units.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

using mixnetcore::Task;
using mixnetcore::TaskType;

namespace
{

using FlowStep = TraceEventFile::FlowStep; //!< of arrows

constexpr const char* PATH = "critical path"; //!< process, and arrows

/// @param phase A phase. @return where in the iteration it is.
TraceEventFile::Arguments
PlaceOf(const mixnetcore::PhaseKey& phase)
{
    return {{"layer", phase.layer}, {"microbatch", phase.microbatch}};
}

} // namespace

ScheduleTrace::ScheduleTrace(const std::filesystem::path& path)
    : m_file(path)
{
}

std::string
ScheduleTrace::Write(const mixnetcore::TaskGraph& graph, const mixnetcore::CriticalPath& times)
{
    m_path = m_file.AddProcess(PATH);
    m_ranks.resize(graph.Ranks());
    Collect(graph, times);
    AddProcesses(graph);
    for (uint32_t rank = 0; rank < m_ranks.size(); ++rank)
    {
        WriteRank(rank);
    }
    WritePath(graph, times);
    m_file.Close();
    return m_spans == m_shown ? ""
                              : std::to_string(m_spans - m_shown) + " tasks and phases of " +
                                    std::to_string(m_spans) + " are not in the timeline";
}

void
ScheduleTrace::Collect(const mixnetcore::TaskGraph& graph, const mixnetcore::CriticalPath& times)
{
    std::vector<char> isCritical(graph.Size());
    for (const auto id : times.Tasks())
    {
        isCritical[id] = 1;
    }
    m_placeOf.resize(graph.Size());
    const auto add = [&](mixnetcore::TaskId id, uint32_t rank, size_t place) {
        auto& span = m_ranks[rank].spans[place];
        const bool isFirst = span.end == mixnetcore::Picoseconds(0);
        span.begin = isFirst ? times.StartOf(id) : std::min(span.begin, times.StartOf(id));
        span.end = std::max(span.end, times.EndOf(id));
        span.isCritical = span.isCritical || isCritical[id] != 0;
        m_placeOf[id] = {rank, place};
    };
    for (mixnetcore::TaskId id = 0; id < graph.Size(); ++id)
    {
        const auto task = graph.At(id);
        if (task.OccupiesRank())
        {
            auto& spans = m_ranks[task.rank].spans;
            spans.push_back({task.phase});
            add(id, task.rank, spans.size() - 1);
        }
        else if (task.type == TaskType::Message)
        {
            add(id, task.rank, TransferOf(task, task.rank));
        }
        else
        {
            for (const auto rank : graph.Groups().at(task.peer))
            {
                add(id, rank, TransferOf(task, rank));
            }
        }
    }
}

size_t
ScheduleTrace::TransferOf(const Task& task, uint32_t number)
{
    auto& rank = m_ranks[number];
    const auto [found, isNew] = rank.transfers.try_emplace(task.phase, rank.spans.size());
    if (isNew)
    {
        rank.spans.push_back({task.phase});
        rank.spans.back().isCommunication = true;
    }
    auto& span = rank.spans[found->second];
    span.bytes += task.bytes.Count();
    ++span.messages;
    return found->second;
}

void
ScheduleTrace::AddProcesses(const mixnetcore::TaskGraph& graph)
{
    std::map<std::pair<uint32_t, uint32_t>, std::vector<uint32_t>> groups; // by stage and replica
    std::vector<char> known(graph.Ranks());
    for (mixnetcore::TaskId id = 0; id < graph.Size(); ++id)
    {
        const auto task = graph.At(id);
        if (task.OccupiesRank() && known[task.rank] == 0)
        {
            known[task.rank] = 1;
            groups[{task.phase.stage, task.phase.replica}].push_back(task.rank);
        }
    }
    for (const auto& [group, ranks] : groups)
    {
        mixnetcore::PhaseKey key;
        key.stage = group.first;
        key.replica = group.second;
        const auto process = m_file.AddProcess(GroupNameOf(key));
        for (const auto rank : ranks)
        {
            m_ranks[rank].process = process;
        }
    }
}

void
ScheduleTrace::WriteRank(uint32_t number)
{
    auto& rank = m_ranks[number];
    const auto name = "rank " + std::to_string(number);
    const Track busy{rank.process, number * (1 + MOST_LANES)};
    m_file.NameLane(busy, name + " busy");
    TraceLanes lanes({rank.process, busy.lane + 1}, MOST_LANES, name + " communication");
    std::vector<Span*> order;
    for (auto& span : rank.spans)
    {
        if (span.end > span.begin)
        {
            order.push_back(&span);
        }
    }
    std::stable_sort(order.begin(), order.end(), [](const Span* a, const Span* b) {
        return a->begin < b->begin;
    });
    m_spans += order.size();
    std::vector<const Span*> open; // in lanes
    for (auto* span : order)
    {
        const auto ended = std::partition(open.begin(), open.end(), [span](const Span* other) {
            return other->end > span->begin;
        });
        std::for_each(ended, open.end(), [&lanes](const Span* other) {
            lanes.GiveBack(*other->track);
        });
        open.erase(ended, open.end());
        if (m_shown < MOST_SLICES)
        {
            span->track = span->isCommunication ? lanes.Take(m_file) : busy;
        }
        if (span->track)
        {
            Show(*span);
            if (span->isCommunication)
            {
                open.push_back(span);
            }
        }
    }
}

void
ScheduleTrace::Show(const Span& span)
{
    auto more = PlaceOf(span.phase);
    more["onCriticalPath"] = span.isCritical;
    if (span.isCommunication)
    {
        more["bytes"] = span.bytes;
        more["messages"] = span.messages;
    }
    m_file.Slice(*span.track,
                 TraceNameOf(span.phase),
                 TraceNameOf(FamilyOf(span.phase)),
                 ToTime(span.begin),
                 ToTime(span.end),
                 more);
    ++m_shown;
}

std::pair<uint32_t, size_t>
ScheduleTrace::PlaceOnPath(const mixnetcore::TaskGraph& graph,
                           mixnetcore::TaskId id,
                           uint32_t last) const
{
    const auto task = graph.At(id);
    if (task.type == TaskType::AllReduce)
    {
        const auto& members = graph.Groups().at(task.peer);
        if (std::binary_search(members.begin(), members.end(), last))
        {
            return {last, m_ranks[last].transfers.at(task.phase)};
        }
    }
    return m_placeOf[id];
}

void
ScheduleTrace::WritePath(const mixnetcore::TaskGraph& graph, const mixnetcore::CriticalPath& times)
{
    const Track lane{m_path, 0};
    m_file.NameLane(lane, PATH);
    const Span* before = nullptr;
    uint32_t last = 0;
    Time at;
    uint64_t arrows = 0;
    for (const auto id : times.Tasks())
    {
        const auto task = graph.At(id);
        const auto begin = ToTime(times.StartOf(id));
        const auto end = ToTime(times.EndOf(id));
        if (begin == end)
        {
            continue;
        }
        auto more = PlaceOf(task.phase);
        more["stage"] = task.phase.stage;
        more["replica"] = task.phase.replica;
        const auto [rank, place] = PlaceOnPath(graph, id, last);
        more["rank"] = rank;
        m_file.Slice(lane,
                     TraceNameOf(task.phase),
                     TraceNameOf(FamilyOf(task.phase)),
                     begin,
                     end,
                     more);
        last = rank;
        const auto* span = &m_ranks[rank].spans[place];
        if (before && before->track && span->track && before != span)
        {
            m_file.Flow(*before->track, FlowStep::Begin, PATH, ++arrows, at);
            m_file.Flow(*span->track, FlowStep::End, PATH, arrows, begin);
        }
        before = span;
        at = begin + (end - begin) / int64_t{2};
    }
}

} // namespace mixnet
} // namespace ns3
