/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TIMELINE_WRITER_H
#define TIMELINE_WRITER_H

#include "ns3/result-folder.h"
#include "ns3/training-helper.h"

#include <map>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Writes what a plot of a training group needs, while it runs.
 *
 * timeline.csv: a row per rank and phase, and one per blackout (rank -1): who, what, from, until;
 * of an all-to-all also how long the rank waited for circuits before it began (exposedSeconds), and
 * how long, from its begin, until the rank whose bytes came last had begun, too (stragglerSeconds).
 * circuits.csv: a row per pair of hosts whenever the controller has decided: bytes, circuits.
 */
class TimelineWriter
{
  public:
    /**
     * @param folder Where to write; both are among its files.
     * @param group The group to watch; outlives this object.
     * @throws std::invalid_argument when the folder cannot be written to.
     */
    TimelineWriter(const ResultFolder& folder, const TrainingGroup& group);

    TimelineWriter(const TimelineWriter&) = delete;
    TimelineWriter& operator=(const TimelineWriter&) = delete;

    /// @brief Ends both files. @throws std::runtime_error when one cannot be written.
    void Close();

  private:
    /**
     * @brief Part of a rank in an all-to-all.
     */
    struct Part
    {
        Time begin;             //!< when it began
        Time exposed;           //!< how long it waited for circuits before
        uint32_t lastSource{0}; //!< rank whose message was the last to come
    };

    /**
     * @brief An all-to-all that not all ranks have ended.
     */
    struct Exchange
    {
        std::vector<Part> parts; //!< by rank
        size_t ended{0};         //!< ranks that have ended it
    };

    /// @param phase An all-to-all. @return what is known of it.
    Exchange& ExchangeOf(const mixnetcore::PhaseKey& phase);

    /// @param phase A phase that a rank begins. @param rank The rank.
    void HandleBegin(const mixnetcore::PhaseKey& phase, uint32_t rank);

    /// @param phase A phase that a rank has ended. @param rank The rank.
    void HandleEnd(const mixnetcore::PhaseKey& phase, uint32_t rank);

    /// @param phase An all-to-all. @param rank A rank. @param exposed It waited for circuits so
    /// long.
    void HandleExposed(const mixnetcore::PhaseKey& phase, uint32_t rank, Time exposed);

    /// @param message A message that is at its GPU.
    void HandleArrival(const Message& message);

    /// @param decision Circuits that are ready.
    void HandleDecision(const CircuitDecision& decision);

    /**
     * @param phase A phase, or the first that a blackout was for.
     * @param rank The rank; -1 for the switch.
     * @param name What.
     * @param from When it began.
     * @param exposed How long circuits were waited for before.
     * @param straggler How much of it is waiting for slower ranks.
     */
    void WriteRow(const mixnetcore::PhaseKey& phase,
                  int64_t rank,
                  const std::string& name,
                  const Time& from,
                  const Time& exposed = Time(0),
                  const Time& straggler = Time(0));

    const TrainingGroup& m_group;                         //!< who is watched
    OutputFile m_timeline;                                //!< timeline.csv
    OutputFile m_circuits;                                //!< circuits.csv
    std::vector<Time> m_begins;                           //!< by rank: when it began what it does
    size_t m_decisions{0};                                //!< decisions so far
    std::map<mixnetcore::PhaseKey, Exchange> m_exchanges; //!< all-to-alls not ended by all
};

} // namespace mixnet
} // namespace ns3

#endif // TIMELINE_WRITER_H
