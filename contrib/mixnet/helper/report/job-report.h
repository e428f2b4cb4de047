/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef JOB_REPORT_H
#define JOB_REPORT_H

#include "job-recorder.h"
#include "ns3/job-scenario.h"
#include "port-report.h"
#include "result-folder.h"
#include "training-efficiency.h"

#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief How a run of a whole job ended.
 */
struct JobOutcome
{
    std::vector<std::string> problems; //!< why the result is not complete; empty when it is
    double simulatedSeconds{0};        //!< simulated time when it stopped
    uint64_t failedMessages{0};        //!< messages that failed
    uint64_t events{0};                //!< events of the simulator
    double wallSeconds{0};             //!< time of the run
    uint64_t peakMemoryBytes{0};       //!< most memory used
    double windowsOverBuffer{0};       //!< as BufferNeed::Ratio()
};

/**
 * @ingroup mixnet
 * @brief Prints and writes what a whole training job took, iteration by iteration.
 *
 * Prints a line per iteration, and at the end a table: iteration time and tokens per second, what
 * the time went into on the critical path and on average over all ranks, the share of all-to-alls,
 * blackouts, traffic by kind, busiest NICs. Times are averages over the iterations that have ended;
 * traffic and NICs are of the whole run. Writes, as the run goes on, iterations.csv (a row per
 * iteration) and gantt.csv (a row per stage, replica, microbatch and way); at the end ports.csv and
 * summary.json.
 */
class JobReport
{
  public:
    /**
     * @param scenario What is run; outlives this object.
     * @param out Where to print.
     * @throws std::invalid_argument when the folder for results cannot be written to.
     */
    JobReport(const JobScenario& scenario, std::ostream& out);

    /// @brief Prints what is simulated.
    void PrintScenario() const;

    /// @param record An iteration that has ended.
    void Add(const IterationRecord& record);

    /**
     * @brief Prints the table and writes what is left.
     * @param fabric The fabric. @param recorder Who has watched. @param outcome How it ended.
     */
    void Finish(const Fabric& fabric, const JobRecorder& recorder, const JobOutcome& outcome);

  private:
    /// @brief What iterations add up to.
    struct Sums
    {
        mixnetcore::TimeByKind path;                       //!< critical paths
        std::array<double, mixnetcore::TIME_KINDS> mean{}; //!< of all ranks, seconds
        Time dark;                                         //!< blackouts of a region
        Time exposed;                                      //!< that ranks waited for
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

    /// @return what the time of iterations went into; both parts add up to it.
    TimeSplit SplitTime() const;

    /// @param recorder Who has watched. @return what GPUs made of their peak.
    TrainingEfficiency EfficiencyOf(const JobRecorder& recorder) const;

    /// @return tokens that an iteration trains.
    double TokensPerIteration() const;

    /// @param outcome How the run ended. @return simulated time until its last iteration ended, or,
    /// when it is not complete, until it stopped, seconds.
    double RunSeconds(const JobOutcome& outcome) const;

    /// @param recorder Who has watched. @brief Prints what time went into.
    void PrintTimes(const JobRecorder& recorder) const;

    /// @param recorder Who has watched.
    void PrintTraffic(const JobRecorder& recorder) const;

    /// @param record An iteration.
    void WriteRow(const IterationRecord& record);

    /// @param recorder Who has watched. @param ports What NICs sent. @param outcome How it ended.
    void WriteSummary(const JobRecorder& recorder,
                      const PortReport& ports,
                      const JobOutcome& outcome);

    const JobScenario& m_scenario;        //!< what is run
    std::ostream& m_out;                  //!< where to print
    std::optional<ResultFolder> m_folder; //!< where to write
    OutputFile m_iterations;              //!< iterations.csv
    OutputFile m_gantt;                   //!< gantt.csv
    Sums m_sums;                          //!< of iterations so far
};

} // namespace mixnet
} // namespace ns3

#endif // JOB_REPORT_H
