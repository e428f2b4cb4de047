/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SCHEDULE_TRACE_H
#define SCHEDULE_TRACE_H

#include "phase-family.h"
#include "trace-lanes.h"

#include "ns3/critical-path.h"
#include "ns3/task-graph.h"
#include "ns3/trace-event-file.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Writes when the tasks of a graph begin and end at the earliest, as a timeline for
 * Perfetto, chrome://tracing or speedscope.
 *
 * A process "critical path" with its tasks, one after the other. A process per stage and replica;
 * in it, for each rank, a lane of what it is busy with (work, tensor collectives) and lanes of its
 * communication: what it sends in a phase is one slice, from the begin of its first message to the
 * end of the last, and so is an all-reduce that it takes part in. Such slices at the same time get
 * further lanes, up to MOST_LANES. What is on the critical path says so (onCriticalPath), and
 * arrows lead along it from lane to lane. Tasks that take no time are not shown.
 *
 * At most MOST_SLICES, the first ones of each rank in turn; what is left out is said.
 */
class ScheduleTrace
{
  public:
    static constexpr uint32_t MOST_LANES = 32;       //!< of the communication of a rank
    static constexpr uint64_t MOST_SLICES = 500'000; //!< of all ranks

    /**
     * @param path File to write, compressed if it ends in .gz.
     * @throws std::runtime_error when the file cannot be written.
     */
    explicit ScheduleTrace(const std::filesystem::path& path);

    /**
     * @param graph Tasks; at least one of each rank occupies it.
     * @param times When they begin and end.
     * @return what was left out; empty when nothing was.
     */
    std::string Write(const mixnetcore::TaskGraph& graph, const mixnetcore::CriticalPath& times);

  private:
    using Track = TraceEventFile::Track; //!< of the timeline

    /// @brief Something that a rank does or takes part in.
    struct Span
    {
        mixnetcore::PhaseKey phase;       //!< which phase
        mixnetcore::Picoseconds begin{0}; //!< of its first task
        mixnetcore::Picoseconds end{0};   //!< of its last task
        uint64_t bytes{0};                //!< that are sent or reduced
        uint64_t messages{0};             //!< how many
        bool isCommunication{false};      //!< rather than what the rank is busy with
        bool isCritical{false};           //!< whether one of its tasks is on the critical path
        std::optional<Track> track;       //!< where it is drawn; none where it is left out
    };

    /// @brief A rank, and what it does.
    struct Rank
    {
        uint32_t process{0};                              //!< that shows it
        std::vector<Span> spans;                          //!< in the order of the graph
        std::map<mixnetcore::PhaseKey, size_t> transfers; //!< of these, by phase
    };

    /// @param graph Tasks. @param times When. @brief Finds what ranks do.
    void Collect(const mixnetcore::TaskGraph& graph, const mixnetcore::CriticalPath& times);

    /// @param task A message or all-reduce. @param rank A rank that takes part. @return its place.
    size_t TransferOf(const mixnetcore::Task& task, uint32_t rank);

    /// @param graph Tasks. @brief Adds a process for each stage and replica.
    void AddProcesses(const mixnetcore::TaskGraph& graph);

    /// @param number A rank. @brief Writes its lanes.
    void WriteRank(uint32_t number);

    /// @param span Something with a lane. @brief Writes it.
    void Show(const Span& span);

    /// @param graph Tasks. @param id One on the critical path. @param last Rank of the one before.
    /// @return rank and span that it is in; of an all-reduce those of that rank, if it takes part.
    std::pair<uint32_t, size_t> PlaceOnPath(const mixnetcore::TaskGraph& graph,
                                            mixnetcore::TaskId id,
                                            uint32_t last) const;

    /// @param graph Tasks. @param times When. @brief Writes the critical path, and its arrows.
    void WritePath(const mixnetcore::TaskGraph& graph, const mixnetcore::CriticalPath& times);

    TraceEventFile m_file;                              //!< the timeline
    uint32_t m_path{0};                                 //!< process of the path
    std::vector<Rank> m_ranks;                          //!< by number
    std::vector<std::pair<uint32_t, size_t>> m_placeOf; //!< rank and span, by task
    uint64_t m_spans{0};                                //!< of all ranks
    uint64_t m_shown{0};                                //!< of these
};

} // namespace mixnet
} // namespace ns3

#endif // SCHEDULE_TRACE_H
