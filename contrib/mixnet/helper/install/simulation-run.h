/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SIMULATION_RUN_H
#define SIMULATION_RUN_H

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// @brief Time that passes outside of a simulation.
using WallClock = std::chrono::steady_clock;

/// @ingroup mixnet
/// @param begin An instant. @return seconds of wall time since then.
inline double
SecondsSince(WallClock::time_point begin)
{
    return std::chrono::duration<double>(WallClock::now() - begin).count();
}

/**
 * @ingroup mixnet
 * @brief Runs the simulator, shows how far it has come, and ends it early when it is asked to.
 *
 * - Ctrl-C (SIGINT) and SIGTERM end the run after the event that is going on; what there is can
 *   then be reported as incomplete. A second of these signals, also while that is reported, ends
 *   the program at once. So it is from when this object is made; signals before Run() end that at
 *   its first event.
 * - Others, such as watchdogs, end it with End().
 * - The line of progress, with an estimate of the time left, goes to standard error and only where
 *   that is a terminal. It is short, and the cursor stays in front of it, so that a row of a table
 *   takes its place.
 *
 * Signals and time are waited for in a thread of its own, which tells the simulator by an event
 * without context; nothing is asked while the simulation goes undisturbed. Those events are not
 * among the events of the run, and change nothing in it.
 *
 * There is one such object at a time.
 */
class SimulationRun
{
  public:
    /// @brief How far a run has come.
    struct Progress
    {
        double done{0};   //!< how much is done
        double all{0};    //!< how much there is to do
        std::string unit; //!< of what, for people
    };

    /// @param progress Tells how far it has come; called between events.
    explicit SimulationRun(std::function<Progress()> progress);
    ~SimulationRun();
    SimulationRun(const SimulationRun&) = delete;
    SimulationRun& operator=(const SimulationRun&) = delete;

    /// @brief Runs the simulator, until there are no more events or the run is ended; may be called
    /// again for more events, and does nothing when the run has been ended.
    void Run();

    /**
     * @brief Ends the run after the event that is going on: it is not complete.
     * @param problem Why, for people.
     */
    void End(const std::string& problem);

    /**
     * @return why the run was ended before there were no more events, a line each; empty when it
     * was not. Whoever knows that all is done nevertheless may pass over them.
     */
    const std::vector<std::string>& GetProblems() const
    {
        return m_problems;
    }

    /**
     * @param isComplete Whether there are complete results.
     * @return exit code of the program: 0 with them, 128 and the signal after one, else 1.
     */
    int GetExitCode(bool isComplete) const;

    /// @return events of the simulation so far.
    uint64_t GetEventCount() const;

  private:
    /// @brief Waits for signals, and for the time of the next update; the thread does this.
    void Watch();

    /// @brief A signal has come.
    void HandleSignal();

    /// @brief Writes the line of progress.
    void Update();

    static constexpr std::chrono::milliseconds PERIOD{500}; //!< between two updates of the line

    std::function<Progress()> m_progress; //!< tells how far it has come
    bool m_isTerminal;                    //!< whether there is a line of progress
    bool m_isShown{false};                //!< whether there is one to remove
    std::atomic<bool> m_isRunning{false}; //!< whether the simulator runs
    int m_signal{0};                      //!< that has ended the run; 0 for none
    WallClock::time_point m_begin;        //!< of the run
    uint64_t m_ownEvents{0};              //!< events that are not of the simulation
    std::vector<std::string> m_problems;  //!< why it was ended

    struct sigaction m_oldInt
    {
    }; //!< what SIGINT did before

    struct sigaction m_oldTerm
    {
    }; //!< what SIGTERM did before

    std::thread m_thread; //!< waits for signals and time
};

/**
 * @ingroup mixnet
 * @brief Says on standard error that results are not complete, and why.
 * @param program Name of the program. @param problems Why, a line each; nothing is said without.
 */
void TellProblems(const std::string& program, const std::vector<std::string>& problems);

} // namespace mixnet
} // namespace ns3

#endif // SIMULATION_RUN_H
