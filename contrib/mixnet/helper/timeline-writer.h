/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TIMELINE_WRITER_H
#define TIMELINE_WRITER_H

#include "result-folder.h"
#include "training-helper.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Writes what a plot of a training group needs, while it runs.
 *
 * timeline.csv: a row per rank and phase, and one per blackout (rank -1): who, what, from, until.
 * circuits.csv: a row per pair of hosts whenever the controller has decided: bytes, circuits.
 */
class TimelineWriter
{
  public:
    /**
     * @param folder Where to write; both are among its files.
     * @param group The group to watch.
     * @throws std::invalid_argument when the folder cannot be written to.
     */
    TimelineWriter(const ResultFolder& folder, const TrainingGroup& group);

    TimelineWriter(const TimelineWriter&) = delete;
    TimelineWriter& operator=(const TimelineWriter&) = delete;

    /// @brief Ends both files. @throws std::runtime_error when one cannot be written.
    void Close();

  private:
    /// @param phase A phase that a rank begins. @param rank The rank.
    void HandleBegin(const mixnetcore::PhaseKey& phase, uint32_t rank);

    /// @param phase A phase that a rank has ended. @param rank The rank.
    void HandleEnd(const mixnetcore::PhaseKey& phase, uint32_t rank);

    /// @param decision Circuits that are ready.
    void HandleDecision(const CircuitDecision& decision);

    /**
     * @param phase A phase, or the first that a blackout was for.
     * @param rank The rank; -1 for the switch.
     * @param name What.
     * @param from When it began.
     */
    void WriteRow(const mixnetcore::PhaseKey& phase,
                  int64_t rank,
                  const std::string& name,
                  const Time& from);

    OutputFile m_timeline;      //!< timeline.csv
    OutputFile m_circuits;      //!< circuits.csv
    std::vector<Time> m_begins; //!< by rank: when it began what it does
    size_t m_decisions{0};      //!< decisions so far
};

} // namespace mixnet
} // namespace ns3

#endif // TIMELINE_WRITER_H
