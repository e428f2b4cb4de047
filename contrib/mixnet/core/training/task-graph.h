/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TASK_GRAPH_H
#define TASK_GRAPH_H

#include "ns3/mixnet-units.h"
#include "ns3/phase-key.h"

#include <boost/range/iterator_range.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Number of a task in its graph: 0 for the first.
using TaskId = uint32_t;

/// @ingroup mixnet-core
/// @brief What a task is.
enum class TaskType : uint8_t
{
    Work,             //!< a rank computes, or only waits for data: zero duration
    TensorCollective, //!< the GPUs of a rank exchange data
    Message,          //!< bytes from one rank to another
    AllReduce,        //!< ranks of a group add up their gradients
};

/// @ingroup mixnet-core
/// @param type A type of task. @return its name in exports.
std::string ToString(TaskType type);

/**
 * @ingroup mixnet-core
 * @brief One task of a training iteration.
 */
struct Task
{
    TaskType type{TaskType::Work}; //!< what it is
    uint32_t rank{0};              //!< who does it; of a message the source
    uint32_t peer{0};              //!< of a message the destination; of an all-reduce the group
    PhaseKey phase;                //!< where in the training job
    Picoseconds duration{0};       //!< of work
    Bytes bytes;                   //!< of a message; of a collective the buffer of a rank

    /// @return whether a rank is busy with it, one such task after the other.
    bool OccupiesRank() const
    {
        return type == TaskType::Work || type == TaskType::TensorCollective;
    }
};

/// @ingroup mixnet-core
/// @brief Numbers of tasks, in place.
using TaskIds = boost::iterator_range<const TaskId*>;

/**
 * @ingroup mixnet-core
 * @brief What ranks do and what each task waits for, of one training iteration.
 *
 * A rank is a TP group of GPUs. Its work and its tensor collectives follow one another; messages
 * and all-reduces run beside them. Where a rank gets messages it has a task of zero duration, which
 * waits for them.
 *
 * Tasks are added in an order in which they can be carried out, so a graph has no circle: a task
 * waits for tasks with lower numbers only. Memory: flat arrays, 25 bytes per task, 4 per
 * dependency, and 28 per phase that neighbouring tasks share.
 *
 * Guarantees, once Check() has passed: every message has one sender and one receiver; the tasks of
 * a rank form a chain; an all-reduce waits for every member of its group. Not modelled: whom a
 * message meets on its way; that is for those who carry it.
 */
class TaskGraph
{
  public:
    /**
     * @param ranks How many ranks there are.
     */
    explicit TaskGraph(uint32_t ranks);

    /**
     * @param members Ranks that add up gradients together, ascending.
     * @return number of the group.
     * @throws std::invalid_argument when it is empty, not ascending, or has a rank that is not
     * there.
     */
    uint32_t AddGroup(std::vector<uint32_t> members);

    /**
     * @param task What to add.
     * @param after Tasks that it waits for: each once.
     * @return its number.
     * @throws std::invalid_argument when a rank, group or task that it names is not there, when a
     * message goes to its own rank or has no bytes, when a duration is negative, when tasks or
     * dependencies pass 32 bits, and when the phase has fields without room.
     */
    TaskId Add(const Task& task, const std::vector<TaskId>& after);

    /// @brief Gives back memory that was kept for more tasks.
    void Compact();

    /**
     * @throws std::invalid_argument that names the first task that breaks what the class
     * guarantees.
     */
    void Check() const;

    /// @return number of tasks.
    size_t Size() const
    {
        return m_types.size();
    }

    /// @return number of dependencies.
    size_t Dependencies() const
    {
        return m_after.size();
    }

    /// @return number of ranks.
    uint32_t Ranks() const
    {
        return m_ranks;
    }

    /// @return groups of ranks that add up gradients, by number.
    const std::vector<std::vector<uint32_t>>& Groups() const
    {
        return m_groups;
    }

    /// @param id Which task, below Size(). @return the task.
    Task At(TaskId id) const;

    /// @param id Which task, below Size(). @return the tasks that it waits for.
    TaskIds After(TaskId id) const;

    /// @return bytes of memory that the description takes.
    size_t StateBytes() const;

  private:
    /**
     * @param task A task to be added.
     * @param after What it waits for.
     * @throws std::invalid_argument as Add().
     */
    void CheckNew(const Task& task, const std::vector<TaskId>& after) const;

    /**
     * @param id A task that occupies its rank.
     * @param[in,out] last Last such task of each rank, plus 1.
     * @throws std::invalid_argument when it does not wait for the one before.
     */
    void CheckChain(TaskId id, std::vector<TaskId>& last) const;

    /**
     * @param id A message.
     * @param receivers How many tasks wait for it.
     * @param receiver The one that does.
     * @throws std::invalid_argument when it does not wait for one task of its source, or not one
     * task of its destination waits for it.
     */
    void CheckMessage(TaskId id, uint32_t receivers, TaskId receiver) const;

    /**
     * @param id An all-reduce.
     * @throws std::invalid_argument when it does not wait for all members.
     */
    void CheckAllReduce(TaskId id) const;

    uint32_t m_ranks;                            //!< how many
    std::vector<std::vector<uint32_t>> m_groups; //!< ranks of each group
    std::vector<PhaseKey> m_phases;              //!< of runs of tasks
    std::vector<uint64_t> m_amounts;             //!< of each task: picoseconds, or bytes
    std::vector<uint32_t> m_rankOf;              //!< of each task
    std::vector<uint32_t> m_peerOf;              //!< of each task
    std::vector<uint32_t> m_phaseOf;             //!< of each task: place in m_phases
    std::vector<uint32_t> m_firstAfter;          //!< of each task: its dependencies begin here
    std::vector<TaskType> m_types;               //!< of each task
    std::vector<TaskId> m_after;                 //!< dependencies, task by task
};

} // namespace mixnetcore

#endif // TASK_GRAPH_H
