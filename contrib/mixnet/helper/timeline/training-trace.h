/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_TRACE_H
#define TRAINING_TRACE_H

#include "fabric-trace.h"
#include "phase-family.h"
#include "trace-lanes.h"

#include "ns3/phase-record.h"
#include "ns3/timeline-options.h"
#include "ns3/trace-event-file.h"
#include "ns3/training-helper.h"

#include <cstdint>
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
 * @brief Writes a training run as a timeline for Perfetto, chrome://tracing or speedscope, while it
 * runs.
 *
 * A process per server of an EP group that is alone, and per EP group (stage and replica) of a job,
 * or there per server as well (TimelineSpec::hasServers); in it, for each rank, a lane of its
 * computing and one for each family of collectives: tensor parallelism, all-to-all, waiting for
 * circuits, pipeline, gradients. Phases of a family that run at the same time get further lanes, up
 * to MOST_LANES. In the process of a region its controller: from when circuits are decided until
 * their links are up. Counters: payload that all-to-alls move, averaged over each of them; of a
 * lone group with the fabric, else with the group, or by name with the fabric where there are
 * servers. All else is of FabricTrace.
 *
 * Arrows lead from the gate that ended last, over controller and blackout, to the all-to-all that
 * was waiting. Circuits for other all-to-alls than the first after a gate have arrows that begin
 * with the controller. Messages that fail are instants, of which the first MOST_FAILURES.
 *
 * Phases that have not ended when the run does last until then, and say so. Not shown: single
 * messages and frames.
 */
class TrainingTrace
{
  public:
    static constexpr uint32_t MOST_LANES = 8;         //!< of a rank and a family
    static constexpr uint64_t MOST_FAILURES = 10'000; //!< messages that are written

    /**
     * @param spec File to write, and what it shows.
     * @param fabric The fabric, before its first event; outlives this object, as the groups do.
     * @param groups EP groups to watch.
     * @throws std::runtime_error when the file cannot be written.
     */
    TrainingTrace(const TimelineSpec& spec,
                  const Fabric& fabric,
                  const std::vector<TrainingGroup>& groups);

    TrainingTrace(const TrainingTrace&) = delete;
    TrainingTrace& operator=(const TrainingTrace&) = delete;

    /// @param record A phase that all ranks of a group have ended.
    void AddPhase(const mixnetcore::PhaseRecord& record);

    /// @brief Ends the file. @return what there is to say of it: samples, and what was left out.
    std::string Close();

  private:
    using Track = TraceEventFile::Track; //!< of the timeline

    /// @brief A phase that a rank has begun and not ended.
    struct OpenPhase
    {
        mixnetcore::PhaseKey phase; //!< which
        Time begin;                 //!< since when
        std::optional<Track> track; //!< where it is drawn; none where there is no room
        uint64_t arrow{0};          //!< number of the arrow that ends at it; 0 for none
    };

    /// @brief A rank.
    struct Rank
    {
        std::vector<OpenPhase> open;             //!< what it does
        std::map<PhaseFamily, TraceLanes> lanes; //!< that it has used
    };

    /// @brief A gate that has ended.
    struct Gate
    {
        mixnetcore::PhaseKey phase; //!< which
        Track track;                //!< where it is drawn
        Time middle;                //!< of its time
    };

    /// @brief What arrows of a group begin and end at.
    struct Arrow
    {
        std::optional<Gate> gate;                    //!< that ended last
        std::optional<mixnetcore::PhaseKey> awaited; //!< all-to-all that an arrow leads to
        uint64_t number{0};                          //!< of that arrow
    };

    /// @return whether servers have processes.
    bool HasServers() const
    {
        return m_hasServers || m_groups.size() == 1;
    }

    /// @brief Adds the processes of all groups. @return their servers.
    std::vector<NicGroup> AddProcesses();

    /// @param group EP group. @brief Listens to it.
    void Watch(uint32_t group);

    /// @param group EP group. @param host A host of it. @return the process that shows it.
    uint32_t ProcessOf(uint32_t group, uint32_t host) const
    {
        return m_processes[group][HasServers() ? host : 0];
    }

    /// @param group EP group. @param host A host. @param rank A rank there. @param family What.
    /// @return its lanes.
    TraceLanes& LanesOf(uint32_t group, uint32_t host, uint32_t rank, PhaseFamily family);

    /// @param group EP group. @param host Of the rank. @param phase What begins. @param rank The
    /// rank.
    void HandleBegin(uint32_t group,
                     uint32_t host,
                     const mixnetcore::PhaseKey& phase,
                     uint32_t rank);

    /// @param group EP group. @param phase What the rank has ended. @param rank The rank.
    void HandleEnd(uint32_t group, const mixnetcore::PhaseKey& phase, uint32_t rank);

    /// @param shown A phase with a lane. @param more Behind its name. @brief Writes it until now.
    void Show(const OpenPhase& shown, const std::string& more);

    /// @param group EP group. @param host Of the rank. @param phase An all-to-all. @param rank The
    /// rank. @param exposed It waited for circuits alone so long.
    void HandleCircuitWait(uint32_t group,
                           uint32_t host,
                           const mixnetcore::PhaseKey& phase,
                           uint32_t rank,
                           Time exposed);

    /// @param group EP group. @param decision Circuits that are ready.
    void HandleDecision(uint32_t group, const CircuitDecision& decision);

    /// @param group EP group. @param decision Circuits that took time. @brief Begins their arrow.
    void DrawArrow(uint32_t group, const CircuitDecision& decision);

    /// @param process Of the sender. @param completion A message that failed.
    void HandleFailure(uint32_t process, const MessageCompletion& completion);

    const std::vector<TrainingGroup>& m_groups;     //!< what is watched
    bool m_hasServers;                              //!< of a job: a process per server
    TraceEventFile m_file;                          //!< the timeline
    std::vector<std::vector<uint32_t>> m_processes; //!< by group, and by host where they have some
    FabricTrace m_fabricTrace;                      //!< what is no rank's
    std::vector<std::vector<Rank>> m_ranks;         //!< by group and rank
    std::vector<Arrow> m_arrows;                    //!< by group
    uint64_t m_arrowCount{0};                       //!< so far
    uint32_t m_replicas{1};                         //!< of the job
    uint64_t m_withoutLane{0};                      //!< phases that had no room
    uint64_t m_failures{0};                         //!< messages that failed
    std::map<uint32_t, bool> m_failing;             //!< processes whose lane for that has a name
};

} // namespace mixnet
} // namespace ns3

#endif // TRAINING_TRACE_H
