/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "schedule-trace.h"

#include "ns3/ns3-units.h"

#include <algorithm>
#include <numeric>
#include <optional>

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
    std::vector<size_t> order(rank.spans.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&rank](size_t a, size_t b) {
        return rank.spans[a].begin < rank.spans[b].begin;
    });
    std::vector<std::pair<mixnetcore::Picoseconds, Track>> taken; // lanes, and until when
    for (const auto place : order)
    {
        auto& span = rank.spans[place];
        if (span.begin == span.end)
        {
            continue;
        }
        ++m_spans;
        const auto isOver = [&](const auto& other) { return other.first <= span.begin; };
        for (const auto& [until, track] : taken)
        {
            if (until <= span.begin)
            {
                lanes.GiveBack(track);
            }
        }
        taken.erase(std::remove_if(taken.begin(), taken.end(), isOver), taken.end());
        const auto track = m_shown >= MOST_SLICES ? std::nullopt
                           : span.isCommunication ? lanes.Take(m_file)
                                                  : std::optional<Track>(busy);
        if (!track)
        {
            continue;
        }
        if (span.isCommunication)
        {
            taken.emplace_back(span.end, *track);
        }
        ++m_shown;
        span.isShown = true;
        span.track = *track;
        auto more = PlaceOf(span.phase);
        more["onCriticalPath"] = span.isCritical;
        if (span.messages > 0)
        {
            more["bytes"] = span.bytes;
            more["messages"] = span.messages;
        }
        m_file.Slice(*track,
                     TraceNameOf(span.phase),
                     TraceNameOf(FamilyOf(span.phase)),
                     ToTime(span.begin),
                     ToTime(span.end),
                     more);
    }
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
        if (before && before->isShown && span->isShown && before != span)
        {
            m_file.Flow(before->track, FlowStep::Begin, PATH, ++arrows, at);
            m_file.Flow(span->track, FlowStep::End, PATH, arrows, begin);
        }
        before = span;
        at = begin + (end - begin) / int64_t{2};
    }
}

} // namespace mixnet
} // namespace ns3
