/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CRITICAL_PATH_H
#define CRITICAL_PATH_H

#include "task-graph.h"

#include <array>
#include <numeric>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Tells how long messages and collectives take.
 */
class CommunicationCost
{
  public:
    virtual ~CommunicationCost() = default;

    /**
     * @param task A message or a collective.
     * @param members Ranks that take part: of an all-reduce those of its group, else 1.
     * @return its time; not negative.
     */
    virtual Picoseconds TimeOf(const Task& task, size_t members) const = 0;
};

/**
 * @ingroup mixnet-core
 * @brief Communication that takes no time: what is left is the work and the order of it.
 */
class FreeCommunication : public CommunicationCost
{
  public:
    // Inherited from CommunicationCost
    Picoseconds TimeOf(const Task& /* task */, size_t /* members */) const override
    {
        return Picoseconds(0);
    }
};

/// @ingroup mixnet-core
/// @brief Latency and rate of a way by which ranks reach others.
struct LinkCost
{
    Picoseconds latency{0}; //!< from the first bit's departure to its arrival
    BitsPerSecond rate;     //!< of all GPUs of a rank together; above zero
};

/**
 * @ingroup mixnet-core
 * @brief Communication that takes latency plus bytes / rate, as if each were alone.
 *
 * | task              | time                                                       |
 * | ----------------- | ---------------------------------------------------------- |
 * | message           | latency + bytes / rate                                     |
 * | tensor collective | latency + bytes * (t - 1) / t / rate, t = TP degree; where |
 * |                   | a rank spans hosts, as ScheduleTensorCollective() around   |
 * |                   | rings, t = its GPUs in one of them                         |
 * | all-reduce        | 2 (n - 1) steps of latency + ceil(bytes / n) / rate (ring) |
 *
 * Not modelled: what shares a port or a link: times are lower bounds, and messages of one
 * all-to-all do not slow each other down.
 */
class LinearCommunication : public CommunicationCost
{
  public:
    /**
     * @param network Between ranks: messages and all-reduces.
     * @param inside Between GPUs of a rank in a host: tensor collectives; the rate is that of one
     * GPU.
     * @param tensorParallel GPUs of a rank, at least 1.
     * @param hostsPerRank Hosts that a rank spans, at least 1.
     * @throws std::invalid_argument when a rate or number is zero, or the hosts do not divide the
     * GPUs.
     */
    LinearCommunication(const LinkCost& network,
                        const LinkCost& inside,
                        uint64_t tensorParallel,
                        uint64_t hostsPerRank = 1);

    // Inherited from CommunicationCost
    Picoseconds TimeOf(const Task& task, size_t members) const override;

  private:
    LinkCost m_network;      //!< between ranks
    LinkCost m_inside;       //!< between GPUs of a rank
    uint64_t m_gpusPerHost;  //!< GPUs of a rank in a host
    uint64_t m_hostsPerRank; //!< hosts that a rank spans
};

/// @ingroup mixnet-core
/// @brief What time goes into.
enum class TimeKind : uint8_t
{
    Compute,   //!< work of ranks
    Dispatch,  //!< all-to-all of tokens to experts, of gradients back
    Combine,   //!< all-to-all of results back, of gradients to experts
    Tensor,    //!< collectives of tensor parallelism
    Pipeline,  //!< activations and gradients between stages
    Data,      //!< all-reduces of gradients
    Light,     //!< a rank waits only for circuits; not in task graphs
    Imbalance, //!< a rank waits for ranks that it shares a collective with and that have more work
    Bubble,    //!< a rank has no work left, or its input is still being made in another stage
};

/// @ingroup mixnet-core
/// @brief How many kinds there are.
inline constexpr size_t TIME_KINDS = 9;

/// @ingroup mixnet-core
/// @param kind A kind of time. @return its name in tables and results.
std::string ToString(TimeKind kind);

/// @ingroup mixnet-core
/// @param phase A kind of phase. @return what its time is.
TimeKind TimeKindOf(PhaseKind phase);

/**
 * @ingroup mixnet-core
 * @brief Times by kind.
 */
class TimeByKind
{
  public:
    /// @param kind Which. @return its time.
    Picoseconds& operator[](TimeKind kind)
    {
        return m_times[static_cast<size_t>(kind)];
    }

    /// @param kind Which. @return its time.
    Picoseconds operator[](TimeKind kind) const
    {
        return m_times[static_cast<size_t>(kind)];
    }

    /// @return all together.
    Picoseconds Total() const
    {
        return std::accumulate(m_times.begin(), m_times.end(), Picoseconds(0));
    }

  private:
    std::array<Picoseconds, TIME_KINDS> m_times{}; //!< by kind
};

/**
 * @ingroup mixnet-core
 * @brief When tasks begin and end at the earliest, and what the time of an iteration goes into.
 *
 * A task begins as soon as all that it waits for has ended. The critical path goes back from the
 * task that ends last (of several the one with the lowest number) over the dependency that ended
 * last (ditto) to a task that waits for nothing; its times add up to the makespan without a gap.
 *
 * The times of a rank add up to the makespan, too: its own work and collectives, and what it waits
 * for in between. Of a wait the messages or all-reduces right before its end count as what they
 * are; the rest is Bubble where another stage was late, else Imbalance. The time after a rank's
 * last task is Bubble.
 *
 * Guarantees: integer arithmetic, equal results on every machine; with FreeCommunication no
 * execution of the graph is shorter than the makespan.
 * Not modelled: contention; see CommunicationCost.
 */
class CriticalPath
{
  public:
    /**
     * @param graph What is done; not kept.
     * @param cost How long communication takes; not kept.
     * @throws std::invalid_argument as TaskGraph::Check().
     */
    CriticalPath(const TaskGraph& graph, const CommunicationCost& cost);

    /// @return end of the last task; zero without tasks.
    Picoseconds Makespan() const
    {
        return m_makespan;
    }

    /// @param id Which task. @return when it begins. @throws std::out_of_range without one.
    Picoseconds StartOf(TaskId id) const
    {
        return m_starts.at(id);
    }

    /// @param id Which task. @return when it ends. @throws std::out_of_range without one.
    Picoseconds EndOf(TaskId id) const
    {
        return m_ends.at(id);
    }

    /// @return the tasks on the critical path, the first one first.
    const std::vector<TaskId>& Tasks() const
    {
        return m_path;
    }

    /// @return what the times on the critical path are: neither Bubble nor Imbalance.
    const TimeByKind& PathTimes() const
    {
        return m_pathTimes;
    }

    /// @param rank Which rank. @return what its time goes into. @throws std::out_of_range if none.
    const TimeByKind& TimesOfRank(uint32_t rank) const
    {
        return m_ofRank.at(rank);
    }

    /// @return the rank that ends last; of several the lowest. Zero without tasks.
    uint32_t LastRank() const;

  private:
    /**
     * @param graph What is done.
     * @param id A task; those before it have been dealt with.
     * @param time How long it takes.
     */
    void Run(const TaskGraph& graph, TaskId id, Picoseconds time);

    /**
     * @param graph What is done.
     * @param last The task that another one waits for last; none when null.
     * @return how long messages and all-reduces have taken right before its end.
     */
    Picoseconds TransitBefore(const TaskGraph& graph, const TaskId* last) const;

    /**
     * @param task A task that occupies its rank, not yet accounted for.
     * @param waiting How long the rank has waited for it.
     * @param transit How long of it, at most, for messages or all-reduces.
     */
    void AddWaiting(const Task& task, Picoseconds waiting, Picoseconds transit);

    /// @param graph What is done. @brief Goes back from the last task.
    void Trace(const TaskGraph& graph);

    std::vector<Picoseconds> m_starts;   //!< of each task
    std::vector<Picoseconds> m_ends;     //!< of each task
    std::vector<Picoseconds> m_rankEnds; //!< end of each rank's last task so far
    std::vector<TimeByKind> m_ofRank;    //!< of each rank
    std::vector<TaskId> m_path;          //!< critical path
    TimeByKind m_pathTimes;              //!< what its times are
    Picoseconds m_makespan{0};           //!< end of the last task
};

} // namespace mixnetcore

#endif // CRITICAL_PATH_H
