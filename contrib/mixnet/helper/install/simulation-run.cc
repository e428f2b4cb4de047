/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "simulation-run.h"

#include "ns3/assert.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <poll.h>
#include <sstream>
#include <system_error>
#include <unistd.h>

namespace ns3
{
namespace mixnet
{

namespace
{

volatile std::sig_atomic_t g_signal = 0; //!< that came first
std::array<int, 2> g_pipe{-1, -1};       //!< wakes the thread: a byte SIGNAL or END

constexpr char SIGNAL = 's'; //!< a signal has come
constexpr char END = 'e';    //!< there is nothing to wait for any more

/// @param what Why the thread is to wake up. @brief Wakes it; may be called in signal handlers.
void
Wake(char what)
{
    const int before = errno;
    [[maybe_unused]] const auto ignored = write(g_pipe[1], &what, 1);
    errno = before;
}

/// @param signal A signal that ends runs. @brief The second one ends the program.
void
Note(int signal)
{
    if (g_signal != 0)
    {
        std::signal(signal, SIG_DFL);
        raise(signal); // comes when this handler has returned
        return;
    }
    g_signal = signal;
    Wake(SIGNAL);
}

/// @param signal A signal. @param[out] before What it did before. @brief Has it noted.
void
Listen(int signal, struct sigaction& before)
{
    struct sigaction action
    {
    };

    action.sa_handler = Note;
    action.sa_flags = SA_RESTART;
    sigaction(signal, &action, &before);
}

/// @param seconds A span of time. @return it for people, to a second.
std::string
Readable(double seconds)
{
    constexpr double longest = 1e9;
    const auto whole = static_cast<uint64_t>(std::llround(std::clamp(seconds, 0.0, longest)));
    std::ostringstream text;
    if (whole >= 3600)
    {
        text << whole / 3600 << " h " << whole / 60 % 60 << " min";
    }
    else if (whole >= 60)
    {
        text << whole / 60 << " min " << whole % 60 << " s";
    }
    else
    {
        text << whole << " s";
    }
    return text.str();
}

constexpr const char* ERASE = "\r\x1b[K"; //!< to the beginning of the line, and erase it

} // namespace

SimulationRun::SimulationRun(std::function<Progress()> progress)
    : m_progress(std::move(progress)),
      m_isTerminal(isatty(STDERR_FILENO) != 0),
      m_begin(WallClock::now())
{
    NS_ASSERT_MSG(g_pipe[0] < 0, "there is one SimulationRun at a time");
    if (pipe(g_pipe.data()) != 0)
    {
        throw std::system_error(errno, std::generic_category(), "cannot wait for signals");
    }
    g_signal = 0;
    m_thread = std::thread([this] { Watch(); });
    Listen(SIGINT, m_oldInt);
    Listen(SIGTERM, m_oldTerm);
}

SimulationRun::~SimulationRun()
{
    sigaction(SIGINT, &m_oldInt, nullptr);
    sigaction(SIGTERM, &m_oldTerm, nullptr);
    Wake(END);
    m_thread.join();
    close(g_pipe[0]);
    close(g_pipe[1]);
    g_pipe = {-1, -1};
    if (m_isShown)
    {
        std::cerr << ERASE << std::flush;
    }
}

void
SimulationRun::Watch()
{
    const int timeout = m_isTerminal ? static_cast<int>(PERIOD.count()) : -1;
    while (true)
    {
        pollfd waiting{g_pipe[0], POLLIN, 0};
        const int ready = poll(&waiting, 1, timeout);
        char what = 0;
        if (ready > 0 && read(g_pipe[0], &what, 1) == 1 && what == END)
        {
            return;
        }
        const auto handle = what == SIGNAL ? &SimulationRun::HandleSignal : &SimulationRun::Update;
        if (what == SIGNAL || (ready == 0 && m_isRunning))
        {
            Simulator::ScheduleWithContext(Simulator::NO_CONTEXT, Time(0), handle, this);
        }
    }
}

void
SimulationRun::Run()
{
    if (!m_problems.empty())
    {
        return;
    }
    m_isRunning = true;
    Simulator::Run();
    m_isRunning = false;
    if (m_isShown)
    {
        std::cerr << ERASE << std::flush;
        m_isShown = false;
    }
}

void
SimulationRun::End(const std::string& problem)
{
    m_problems.push_back(problem);
    Simulator::Stop();
}

void
SimulationRun::HandleSignal()
{
    ++m_ownEvents;
    m_signal = g_signal;
    const auto progress = m_progress();
    std::ostringstream text;
    text << (m_signal == SIGINT ? "interrupted by the user" : "ended by a signal (SIGTERM)")
         << " after " << std::fixed << std::setprecision(0) << progress.done << " of "
         << progress.all << " " << progress.unit;
    End(text.str());
}

void
SimulationRun::Update()
{
    ++m_ownEvents;
    m_isShown = true;
    const auto progress = m_progress();
    const double part = progress.all > 0 ? std::min(1.0, progress.done / progress.all) : 0;
    const double passed = SecondsSince(m_begin);
    std::cerr << ERASE << std::fixed << std::setprecision(1) << std::setw(6) << 100 * part << " %";
    if (part > 0)
    {
        std::cerr << ", " << Readable(passed / part - passed) << " left";
    }
    std::cerr << "\r" << std::flush;
}

int
SimulationRun::GetExitCode(bool isComplete) const
{
    constexpr int SIGNALLED = 128; // as a shell says it
    return isComplete ? 0 : m_signal != 0 ? SIGNALLED + m_signal : 1;
}

uint64_t
SimulationRun::GetEventCount() const
{
    return Simulator::GetEventCount() - m_ownEvents;
}

void
TellProblems(const std::string& program, const std::vector<std::string>& problems)
{
    if (problems.empty())
    {
        return;
    }
    std::cerr << program << ": the results are not complete:\n";
    for (const auto& problem : problems)
    {
        std::cerr << "  " << problem << "\n";
    }
}

} // namespace mixnet
} // namespace ns3
