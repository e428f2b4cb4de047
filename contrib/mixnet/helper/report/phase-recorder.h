/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PHASE_RECORDER_H
#define PHASE_RECORDER_H

#include "ns3/phase-record.h"
#include "ns3/training-helper.h"
#include "ns3/transfer-bound.h"

#include <functional>
#include <map>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Watches EP groups through their trace sources and makes a record of every phase of each.
 *
 * A record is handed on as soon as the last rank has ended the phase, so that results can be
 * written while the simulation runs and memory does not grow with its length.
 */
class PhaseRecorder
{
  public:
    /// Called with every finished record.
    using RecordCallback = std::function<void(const mixnetcore::PhaseRecord&)>;

    /**
     * @param fabric The fabric.
     * @param groups The groups to watch, installed on that fabric; they outlive this object.
     * @param job Their job.
     * @param callback Whom to hand records to.
     */
    PhaseRecorder(const Fabric& fabric,
                  const std::vector<TrainingGroup>& groups,
                  const TrainingJobSpec& job,
                  RecordCallback callback);

    PhaseRecorder(const PhaseRecorder&) = delete;
    PhaseRecorder& operator=(const PhaseRecorder&) = delete;

  private:
    /**
     * @brief A phase that not all ranks have ended.
     */
    struct Open
    {
        mixnetcore::PhaseRecord record;                 //!< in the making
        bool begun{false};                              //!< whether a rank has begun it
        Time firstBegin;                                //!< of any rank
        ChunkTiming last;                               //!< part that came last
        bool lastCrossed{false};                        //!< whether that crossed the network
        size_t ended{0};                                //!< ranks that have ended it
        Time lastBegin;                                 //!< of any rank
        Time lastEnd;                                   //!< of any rank
        std::optional<mixnetcore::TransferBound> bound; //!< of an all-to-all
    };

    /// @param phase A phase. @return it in the making.
    Open& OpenPhase(const mixnetcore::PhaseKey& phase);

    /// @param phase A phase that a rank begins. @param rank The rank.
    void HandleBegin(const mixnetcore::PhaseKey& phase, uint32_t rank);

    /// @param group EP group. @param phase A phase that a rank has ended. @param rank The rank.
    void HandleEnd(uint32_t group, const mixnetcore::PhaseKey& phase, uint32_t rank);

    /// @param phase An all-to-all. @param transfers What a rank sends.
    void HandleTransfers(const mixnetcore::PhaseKey& phase,
                         const std::vector<mixnetcore::Transfer>& transfers);

    /// @param group EP group. @param decision Circuits that are ready.
    void HandleDecision(uint32_t group, const CircuitDecision& decision);

    /// @param phase An all-to-all. @param rank A rank. @param exposed It waited for circuits so
    /// long.
    void HandleCircuitWait(const mixnetcore::PhaseKey& phase, uint32_t rank, Time exposed);

    /// @param group EP group of the host. @param message A message that is at its GPU.
    /// @param last Its last part.
    void HandleArrival(uint32_t group, const Message& message, const ChunkTiming& last);

    /// @param group EP group of a host. @param message A message for it. @return the phase of the
    /// group that waits for it.
    mixnetcore::PhaseKey PhaseOf(uint32_t group, const Message& message) const;

    /// @param open A phase that all ranks have ended. @brief Says what its time went into.
    void Explain(Open& open) const;

    /// @param group Its EP group. @param open A phase that all ranks have ended. @brief Fills in
    /// the rest of its record.
    void Finish(uint32_t group, Open& open) const;

    const std::vector<TrainingGroup>& m_groups;                        //!< who is watched
    TrainingJobSpec m_job;                                             //!< their job
    std::shared_ptr<const mixnetcore::TransferBound::Server> m_server; //!< inside of every host
    std::vector<uint32_t> m_circuits;                                  //!< in force, by group
    RecordCallback m_callback;                                         //!< whom to hand records to
    std::map<mixnetcore::PhaseKey, Open> m_open;                       //!< not ended by all
    std::map<mixnetcore::PhaseKey, Open>::iterator m_last; //!< asked for last, or the end
};

} // namespace mixnet
} // namespace ns3

#endif // PHASE_RECORDER_H
