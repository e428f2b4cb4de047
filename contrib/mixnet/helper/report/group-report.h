/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef GROUP_REPORT_H
#define GROUP_REPORT_H

#include "circuit-watch.h"
#include "phase-recorder.h"
#include "phase-table.h"
#include "port-report.h"
#include "result-writer.h"
#include "ns3/simulation-run.h"
#include "timeline-writer.h"
#include "training-efficiency.h"
#include "ns3/training-scenario.h"

#include <optional>
#include <ostream>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Prints and writes what the training of one EP group took, phase by phase.
 *
 * Prints a row per phase as soon as it has ended, and at the end the totals: where the time went,
 * blackouts, all-to-alls, busiest NICs, payload and frames. Writes phases.csv, timeline.csv and
 * circuits.csv as the run goes on, ports.csv and summary.json at its end.
 */
class GroupReport
{
  public:
    /**
     * @param scenario What is run; outlives this object, as fabric and group do.
     * @param fabric The fabric, installed.
     * @param group The group, installed on it; it is watched from now on.
     * @param out Where to print.
     * @throws std::invalid_argument when the folder for results cannot be written to.
     */
    GroupReport(const TrainingScenario& scenario,
                const Fabric& fabric,
                const TrainingGroup& group,
                std::ostream& out);

    GroupReport(const GroupReport&) = delete;
    GroupReport& operator=(const GroupReport&) = delete;

    /// @brief Prints what is simulated, and the names of the columns.
    void PrintScenario();

    /// @return how far the group has come.
    SimulationRun::Progress GetProgress() const;

    /**
     * @brief Prints the totals and writes what is left.
     * @param problems Why the results are not complete; none when they are.
     * @param events Events of the simulator.
     * @param wallSeconds Time that the run took.
     */
    void Finish(const std::vector<std::string>& problems, uint64_t events, double wallSeconds);

  private:
    /// @param record A phase that has ended.
    void Add(const mixnetcore::PhaseRecord& record);

    /// @brief Prints what the time of the iteration went into.
    void PrintTime() const;

    /// @return what GPUs made of their peak.
    TrainingEfficiency Efficiency() const;

    /// @param outcome How the run ended. @brief Prints bytes, frames, and what simulating cost.
    void PrintTotals(const RunOutcome& outcome) const;

    /// @param ports What NICs sent. @param outcome How the run ended. @brief Writes summary.json.
    void WriteSummary(const PortReport& ports, const RunOutcome& outcome);

    const TrainingScenario& m_scenario;       //!< what is run
    const Fabric& m_fabric;                   //!< where
    const TrainingGroup& m_group;             //!< who
    std::ostream& m_out;                      //!< where to print
    std::optional<ResultFolder> m_folder;     //!< for results, if wanted
    std::optional<ResultWriter> m_writer;     //!< phases.csv and summary.json, if wanted
    std::optional<TimelineWriter> m_timeline; //!< timeline.csv and circuits.csv, likewise
    PhaseTable m_table;                       //!< rows for people
    mixnetcore::TrainingTotals m_totals;      //!< of phases so far
    mixnetcore::LoadImbalance m_imbalance;    //!< of gatings so far
    CircuitWatch m_circuits;                  //!< what the controller decides
    PhaseRecorder m_recorder;                 //!< makes records of phases
};

} // namespace mixnet
} // namespace ns3

#endif // GROUP_REPORT_H
