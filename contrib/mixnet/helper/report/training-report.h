/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_REPORT_H
#define TRAINING_REPORT_H

#include "iteration-recorder.h"
#include "phase-recorder.h"
#include "phase-table.h"
#include "phase-writer.h"
#include "port-report.h"
#include "timeline-writer.h"
#include "training-efficiency.h"
#include "training-verdict.h"

#include "ns3/simulation-run.h"
#include "ns3/training-animation.h"
#include "ns3/training-scenario.h"
#include "ns3/training-totals.h"
#include "ns3/training-trace.h"

#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief How a training run ended.
 */
struct TrainingOutcome
{
    std::vector<std::string> problems; //!< why the result is not complete; empty when it is
    uint64_t events{0};                //!< events of the simulator
    double wallSeconds{0};             //!< time of the run
};

/**
 * @ingroup mixnet
 * @brief Watches a training job, and prints and writes what it took.
 *
 * Prints, of several iterations, a line each as soon as it has ended; at the end a verdict of five
 * lines, of one EP group a row per phase, and then: iteration time and tokens per second, what the
 * time went into on the critical path and on average over all ranks, blackouts, traffic by kind,
 * busiest NICs. Times are averages over the iterations that have ended; traffic and NICs are of the
 * whole run. Writes, as the run goes on, phases.csv (a row per EP group and phase), iterations.csv
 * (a row per iteration) and gantt.csv (a row per stage, replica, microbatch and direction), of one
 * EP group also timeline.csv and circuits.csv; at the end ports.csv and summary.json (schema
 * version 2, see the documentation).
 */
class TrainingReport
{
  public:
    /**
     * @param scenario What is run; outlives this object, as fabric and groups do.
     * @param fabric The fabric, installed.
     * @param groups The job's EP groups, installed on it; they are watched from now on.
     * @param out Where to print.
     * @throws std::invalid_argument when the folder for results cannot be written to.
     */
    TrainingReport(const TrainingScenario& scenario,
                   const Fabric& fabric,
                   const std::vector<TrainingGroup>& groups,
                   std::ostream& out);

    TrainingReport(const TrainingReport&) = delete;
    TrainingReport& operator=(const TrainingReport&) = delete;

    /// @brief Prints what is simulated.
    void PrintScenario();

    /// @return how far the job has come.
    SimulationRun::Progress GetProgress() const;

    /// @return what has not ended, or was not conserved; nothing when all is well.
    std::vector<std::string> Check() const
    {
        return m_recorder.Check();
    }

    /// @param outcome How the run ended. @brief Prints the tables and writes what is left.
    void Finish(const TrainingOutcome& outcome);

  private:
    /// @brief What iterations add up to.
    struct Sums
    {
        mixnetcore::TimeByKind path;                       //!< critical paths
        std::array<double, mixnetcore::TIME_KINDS> mean{}; //!< of all ranks, seconds
        double drain{0};                                   //!< of all ranks, last, seconds
        std::vector<double> seconds;                       //!< of each iteration
    };

    /// @brief What the time of an iteration went into on average, seconds.
    struct TimeSplit
    {
        std::array<double, mixnetcore::TIME_KINDS> path{}; //!< on the critical path
        std::array<double, mixnetcore::TIME_KINDS> mean{}; //!< of all ranks
        double drain{0}; //!< of all ranks, part of their bubble: from their last task to the end
    };

    /// @brief Opens the files of results.
    void OpenFiles();

    /// @param record A phase that has ended.
    void AddPhase(const mixnetcore::PhaseRecord& record);

    /// @param record An iteration that has ended.
    void AddIteration(const IterationRecord& record);

    /// @param record An iteration.
    void WriteRow(const IterationRecord& record);

    /// @return what the time of iterations went into; both parts add up to it.
    TimeSplit SplitTime() const;

    /// @return what GPUs made of their peak.
    TrainingEfficiency Efficiency() const;

    /// @return tokens that an iteration trains.
    double TokensPerIteration() const;

    /// @return iterations that have ended, at least 1: what sums are divided by.
    double Iterations() const;

    /// @param time A sum over the phases of an EP group.
    /// @return seconds of an iteration, mean of the groups.
    double PerIteration(
        const std::function<mixnetcore::Picoseconds(const mixnetcore::TrainingTotals&)>& time)
        const;

    /// @param outcome How the run ended. @return simulated time until its last iteration ended, or,
    /// when it is not complete, until it stopped, seconds.
    double RunSeconds(const TrainingOutcome& outcome) const;

    /// @return the run in five lines.
    TrainingVerdict Verdict() const;

    /// @brief Prints what time went into.
    void PrintTimes() const;

    /// @brief Prints what the time of one EP group's phases went into.
    void PrintPhaseTimes() const;

    /// @brief Prints messages and bytes by kind.
    void PrintTraffic() const;

    /// @param price What the network costs. @brief Prints it.
    void PrintPrice(const NetworkPrice& price) const;

    /// @param outcome How the run ended. @brief Prints frames, and what simulating cost.
    void PrintCosts(const TrainingOutcome& outcome) const;

    /// @param outcome How the run ended. @return what was run.
    nlohmann::ordered_json Describe(const TrainingOutcome& outcome) const;

    /// @return seconds of an iteration by direction and kind of phase, mean of the EP groups.
    nlohmann::ordered_json TimeByPhase() const;

    /// @param[in,out] summary Gets the times.
    void SummarizeTimes(nlohmann::ordered_json& summary) const;

    /// @param[in,out] summary Gets bytes, messages and frames.
    void SummarizeTraffic(nlohmann::ordered_json& summary) const;

    /// @param ports What NICs sent. @param outcome How the run ended. @brief Writes summary.json.
    void WriteSummary(const PortReport& ports, const TrainingOutcome& outcome);

    const TrainingScenario& m_scenario;               //!< what is run
    const Fabric& m_fabric;                           //!< where
    const std::vector<TrainingGroup>& m_groups;       //!< who
    std::ostream& m_out;                              //!< where to print
    std::optional<ResultFolder> m_folder;             //!< where to write
    std::optional<PhaseWriter> m_phases;              //!< phases.csv
    std::optional<TimelineWriter> m_timeline;         //!< timeline.csv and circuits.csv
    std::optional<TrainingTrace> m_trace;             //!< the timeline for viewers
    std::optional<TrainingAnimation> m_animation;     //!< the animation for NetAnim
    OutputFile m_iterations;                          //!< iterations.csv
    OutputFile m_gantt;                               //!< gantt.csv
    std::ostringstream m_rows;                        //!< what the table has printed so far
    PhaseTable m_table;                               //!< rows for people
    std::vector<mixnetcore::TrainingTotals> m_totals; //!< of phases so far, by EP group
    Sums m_sums;                                      //!< of iterations so far
    PhaseRecorder m_phaseRecorder;                    //!< makes records of phases, before those of
                                                      //!< the iterations that they end
    IterationRecorder m_recorder;                     //!< makes records of iterations
};

} // namespace mixnet
} // namespace ns3

#endif // TRAINING_REPORT_H
