/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "task-graph.h"

#include "ns3/checks.h"
#include "ns3/lists.h"

#include <algorithm>
#include <array>
#include <limits>

namespace mixnetcore
{

namespace
{

/// Numbers of tasks and places of dependencies have 32 bits.
constexpr size_t LIMIT = std::numeric_limits<uint32_t>::max();

/**
 * @param id Number of a task.
 * @param problem What is wrong with it.
 * @throws std::invalid_argument saying so.
 */
[[noreturn]] void
RefuseTask(size_t id, const std::string& problem)
{
    Refuse(Phrase() << "task " << id << " of a task graph " << problem);
}

/// @param vector Any vector. @return bytes of memory of its values.
template <class Value>
size_t
MemoryOf(const std::vector<Value>& vector)
{
    return vector.capacity() * sizeof(Value);
}

} // namespace

std::string
ToString(TaskType type)
{
    constexpr std::array<const char*, 4> NAMES{"work", "tensorCollective", "message", "allReduce"};
    return NAMES.at(static_cast<size_t>(type));
}

TaskGraph::TaskGraph(uint32_t ranks)
    : m_ranks(ranks)
{
}

uint32_t
TaskGraph::AddGroup(std::vector<uint32_t> members)
{
    for (size_t i = 0; i < members.size(); ++i)
    {
        if (members[i] >= m_ranks || (i > 0 && members[i] <= members[i - 1]))
        {
            Refuse(Phrase() << "group of a task graph with rank " << members[i]
                            << ": ranks must ascend and be below " << m_ranks);
        }
    }
    if (members.empty())
    {
        Refuse("group of a task graph without ranks: must have at least 1");
    }
    m_groups.push_back(std::move(members));
    return static_cast<uint32_t>(m_groups.size() - 1);
}

TaskId
TaskGraph::Add(const Task& task, const std::vector<TaskId>& after)
{
    CheckNew(task, after);
    if (m_phases.empty() || m_phases.back() != task.phase)
    {
        m_phases.push_back(task.phase);
    }
    m_amounts.push_back(task.type == TaskType::Work ? static_cast<uint64_t>(task.duration.count())
                                                    : task.bytes.Count());
    m_rankOf.push_back(task.rank);
    m_peerOf.push_back(task.peer);
    m_phaseOf.push_back(static_cast<uint32_t>(m_phases.size() - 1));
    m_firstAfter.push_back(static_cast<uint32_t>(m_after.size()));
    m_types.push_back(task.type);
    m_after.insert(m_after.end(), after.begin(), after.end());
    return static_cast<TaskId>(Size() - 1);
}

void
TaskGraph::CheckNew(const Task& task, const std::vector<TaskId>& after) const
{
    if (Size() >= LIMIT || Dependencies() + after.size() >= LIMIT)
    {
        RefuseTask(Size(),
                   "is too many: tasks and dependencies must stay below " + std::to_string(LIMIT));
    }
    if (task.rank >= m_ranks)
    {
        RefuseTask(Size(), Phrase() << "has rank " << task.rank << ": must be below " << m_ranks);
    }
    if (task.duration < Picoseconds(0))
    {
        RefuseTask(Size(),
                   "has duration " + std::to_string(task.duration.count()) +
                       " ps: must not be negative");
    }
    const bool isMessage = task.type == TaskType::Message;
    if (isMessage && (task.peer >= m_ranks || task.peer == task.rank))
    {
        RefuseTask(Size(),
                   Phrase() << "is a message from rank " << task.rank << " to rank " << task.peer
                            << ": must be another one below " << m_ranks);
    }
    if (isMessage && task.bytes == Bytes(0))
    {
        RefuseTask(Size(), "is a message of 0 bytes: must have at least 1");
    }
    if (task.type == TaskType::AllReduce && task.peer >= m_groups.size())
    {
        RefuseTask(Size(),
                   Phrase() << "names group " << task.peer << ": must be below "
                            << m_groups.size());
    }
    for (const auto before : after)
    {
        if (before >= Size())
        {
            RefuseTask(Size(),
                       "waits for task " + std::to_string(before) +
                           ": must be below its own number");
        }
    }
}

void
TaskGraph::Compact()
{
    m_phases.shrink_to_fit();
    m_amounts.shrink_to_fit();
    m_rankOf.shrink_to_fit();
    m_peerOf.shrink_to_fit();
    m_phaseOf.shrink_to_fit();
    m_firstAfter.shrink_to_fit();
    m_types.shrink_to_fit();
    m_after.shrink_to_fit();
}

void
TaskGraph::Check() const
{
    std::vector<TaskId> last(m_ranks, 0);
    std::vector<TaskId> receiver(Size(), 0);
    std::vector<uint32_t> receivers(Size(), 0);
    for (TaskId id = 0; id < Size(); ++id)
    {
        for (const auto before : After(id))
        {
            receiver[before] = id;
            ++receivers[before];
        }
        if (At(id).OccupiesRank())
        {
            CheckChain(id, last);
        }
        else if (m_types[id] == TaskType::AllReduce)
        {
            CheckAllReduce(id);
        }
    }
    for (TaskId id = 0; id < Size(); ++id)
    {
        if (m_types[id] == TaskType::Message)
        {
            CheckMessage(id, receivers[id], receiver[id]);
        }
    }
}

void
TaskGraph::CheckChain(TaskId id, std::vector<TaskId>& last) const
{
    auto& before = last[m_rankOf[id]];
    const auto after = After(id);
    if (before > 0 && std::find(after.begin(), after.end(), before - 1) == after.end())
    {
        RefuseTask(id,
                   "does not wait for task " + std::to_string(before - 1) +
                       ", which its rank is busy with: tasks of a rank must form a chain");
    }
    before = id + 1;
}

void
TaskGraph::CheckMessage(TaskId id, uint32_t receivers, TaskId receiver) const
{
    const auto after = After(id);
    if (after.size() != 1 || m_rankOf[*after.begin()] != m_rankOf[id] ||
        !At(*after.begin()).OccupiesRank())
    {
        RefuseTask(id,
                   "is a message that does not wait for exactly one task of its source, rank " +
                       std::to_string(m_rankOf[id]));
    }
    if (receivers != 1 || m_rankOf[receiver] != m_peerOf[id] || !At(receiver).OccupiesRank())
    {
        RefuseTask(id,
                   "is a message for which not exactly one task of its destination waits, rank " +
                       std::to_string(m_peerOf[id]));
    }
}

void
TaskGraph::CheckAllReduce(TaskId id) const
{
    std::vector<uint32_t> ranks;
    for (const auto before : After(id))
    {
        if (At(before).OccupiesRank())
        {
            ranks.push_back(m_rankOf[before]);
        }
    }
    SortUnique(ranks);
    if (ranks != m_groups[m_peerOf[id]])
    {
        RefuseTask(id,
                   "is an all-reduce that does not wait for exactly the ranks of its group, " +
                       std::to_string(m_peerOf[id]));
    }
}

Task
TaskGraph::At(TaskId id) const
{
    Task task{m_types.at(id),
              m_rankOf[id],
              m_peerOf[id],
              m_phases[m_phaseOf[id]],
              Picoseconds(0),
              {}};
    if (task.type == TaskType::Work)
    {
        task.duration = Picoseconds(static_cast<int64_t>(m_amounts[id]));
    }
    else
    {
        task.bytes = Bytes(m_amounts[id]);
    }
    return task;
}

TaskIds
TaskGraph::After(TaskId id) const
{
    const size_t first = m_firstAfter.at(id);
    const size_t last = id + size_t{1} < Size() ? m_firstAfter[id + 1] : m_after.size();
    return {m_after.data() + first, m_after.data() + last};
}

size_t
TaskGraph::StateBytes() const
{
    return MemoryOf(m_groups) + MemoryOf(m_phases) + MemoryOf(m_amounts) + MemoryOf(m_rankOf) +
           MemoryOf(m_peerOf) + MemoryOf(m_phaseOf) + MemoryOf(m_firstAfter) + MemoryOf(m_types) +
           MemoryOf(m_after) + SumOf(m_groups, MemoryOf<uint32_t>);
}

} // namespace mixnetcore
