/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_TRACE_H
#define TRAINING_TRACE_H

#include "ns3/phase-record.h"
#include "ns3/trace-event-file.h"
#include "ns3/training-helper.h"

#include <filesystem>
#include <optional>
#include <string>
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
 * A process per server of an EP group that is alone, and per EP group (stage and replica) of a job;
 * in it, for each rank, a lane of its computing and one for each family of collectives: tensor
 * parallelism, all-to-all, waiting for circuits, pipeline, gradients. Phases of a family that run
 * at the same time get further lanes. A process per region with a lane per optical circuit switch,
 * which holds blackouts, and the number of circuits that are up. Counters, of the fabric or of each
 * EP group of a job: payload that its all-to-alls move, averaged over each of them.
 *
 * Arrows lead from the gate that came last, over the blackout, to the all-to-all that was waiting.
 * Fibres that are cut or spliced, messages that fail and pauses that a packet switch asks for are
 * instants; of the last the first MOST_PAUSES.
 *
 * Not shown: single messages and frames.
 */
class TrainingTrace
{
  public:
    static constexpr uint64_t MOST_PAUSES = 10000; //!< that are written

    /**
     * @param path File to write, compressed if it ends in .gz.
     * @param fabric The fabric; outlives this object, as the groups do.
     * @param groups EP groups to watch.
     * @throws std::runtime_error when the file cannot be written.
     */
    TrainingTrace(const std::filesystem::path& path,
                  const Fabric& fabric,
                  const std::vector<TrainingGroup>& groups);

    TrainingTrace(const TrainingTrace&) = delete;
    TrainingTrace& operator=(const TrainingTrace&) = delete;

    /// @param record A phase that all ranks of a group have ended.
    void AddPhase(const mixnetcore::PhaseRecord& record);

    /// @brief Ends the file. @return what was left out; empty when nothing was.
    std::string Close();

  private:
    using Track = TraceEventFile::Track; //!< of the timeline

    /// @brief Lanes of a rank, by what they show.
    enum class Family : uint32_t
    {
        Compute,
        Tensor,
        AllToAll,
        Circuits,
        Pipeline,
        Gradients,
    };

    /// @brief A phase that a rank has begun and not ended.
    struct OpenPhase
    {
        mixnetcore::PhaseKey phase; //!< which
        Time begin;                 //!< since when
        Track track;                //!< where it is drawn
    };

    /// @brief A rank.
    struct Rank
    {
        std::vector<OpenPhase> open; //!< what it does
        uint64_t named{0};           //!< lanes that have a name, a bit each
    };

    /// @brief What arrows of a group begin and end at.
    struct Arrow
    {
        std::optional<Track> gate;                   //!< lane of the gate that came last
        Time gateBegin;                              //!< when it began
        Time gateEnd;                                //!< when it ended
        std::optional<mixnetcore::PhaseKey> awaited; //!< all-to-all that an arrow leads to
        uint64_t number{0};                          //!< of that arrow
    };

    /// @param phase A phase. @return where it is drawn.
    static Family FamilyOf(const mixnetcore::PhaseKey& phase);

    /// @param phase A phase. @return its name in the timeline.
    static std::string NameOf(const mixnetcore::PhaseKey& phase);

    /// @param group EP group. @brief Listens to it, and names its processes.
    void Watch(uint32_t group);

    /// @param region A region. @brief Listens to its switches, and names them.
    void WatchRegion(uint32_t region);

    /// @brief Listens to fibres and packet switches.
    void WatchFailures();

    /// @param group EP group. @param host A host of it. @return the process that shows it.
    uint32_t ProcessOf(uint32_t group, uint32_t host) const;

    /// @param region A region. @return the process that shows it.
    uint32_t ProcessOfRegion(uint32_t region) const;

    /// @param group EP group. @param host A host. @param rank A rank there. @param family What.
    /// @return a lane of that family in which nothing is open.
    Track FreeTrack(uint32_t group, uint32_t host, uint32_t rank, Family family);

    /// @param group EP group. @param host Of the rank. @param phase What begins. @param rank The
    /// rank.
    void HandleBegin(uint32_t group,
                     uint32_t host,
                     const mixnetcore::PhaseKey& phase,
                     uint32_t rank);

    /// @param group EP group. @param phase What the rank has ended. @param rank The rank.
    void HandleEnd(uint32_t group, const mixnetcore::PhaseKey& phase, uint32_t rank);

    /// @param group EP group. @param host Of the rank. @param phase An all-to-all. @param rank The
    /// rank. @param exposed It waited for circuits alone so long.
    void HandleCircuitWait(uint32_t group,
                           uint32_t host,
                           const mixnetcore::PhaseKey& phase,
                           uint32_t rank,
                           Time exposed);

    /// @param group EP group. @param decision Circuits that are ready.
    void HandleDecision(uint32_t group, const CircuitDecision& decision);

    /// @param region A region. @param plane One of its switches. @param configuration Circuits to
    /// come. @param darkPorts Ports that go dark. @param duration How long.
    void HandleBlackout(uint32_t region,
                        uint32_t plane,
                        const mixnetcore::CircuitConfiguration& configuration,
                        uint32_t darkPorts,
                        Time duration);

    /// @param region A region. @param change 1 for a circuit that comes up, -1 for one that goes
    /// down. @param a A port. @param b The other.
    void HandleCircuit(uint32_t region, int change, uint32_t a, uint32_t b);

    /// @param region A region. @brief Writes how many circuits are up since they changed last.
    void WriteCircuits(uint32_t region);

    /// @param link A link of the plan. @param cut Whether it is cut, or spliced.
    void HandleCut(uint32_t link, bool cut);

    /// @param packetSwitch A packet switch. @param port A port. @param trafficClass A class.
    /// @param paused Whether the other end is to pause, or to go on.
    void HandlePause(uint32_t packetSwitch, uint32_t port, uint8_t trafficClass, bool paused);

    /// @param process Of the sender. @param completion A message that failed.
    void HandleFailure(uint32_t process, const MessageCompletion& completion);

    const Fabric& m_fabric;                     //!< what is watched
    const std::vector<TrainingGroup>& m_groups; //!< likewise
    TraceEventFile m_file;                      //!< the timeline
    std::vector<std::vector<Rank>> m_ranks;     //!< by group and rank
    std::vector<Arrow> m_arrows;                //!< by group
    uint64_t m_arrowCount{0};                   //!< so far
    uint32_t m_replicas{1};                     //!< of the job
    std::vector<int64_t> m_circuits;            //!< that are up, by region
    std::vector<Time> m_circuitsAt;             //!< when that has changed, by region
    std::vector<char> m_pausing;                //!< by packet switch: whether its lane has a name
    uint64_t m_pauses{0};                       //!< that switches asked for
};

} // namespace mixnet
} // namespace ns3

#endif // TRAINING_TRACE_H
