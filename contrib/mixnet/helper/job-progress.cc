/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "job-progress.h"

#include "ns3/simulator.h"

#include <csignal>
#include <iomanip>
#include <iostream>
#include <unistd.h>

namespace ns3
{
namespace mixnet
{

namespace
{

/// Whether the user wants the run to end.
volatile std::sig_atomic_t g_interrupted = 0;

} // namespace

JobProgress::JobProgress(JobRecorder& recorder)
    : m_recorder(recorder),
      m_begin(Clock::now()),
      m_next(m_begin + PERIOD)
{
    std::signal(SIGINT, [](int) { g_interrupted = 1; });
    m_recorder.SetProgress([this] { Update(); });
}

JobProgress::~JobProgress()
{
    m_recorder.SetProgress({});
    std::signal(SIGINT, SIG_DFL);
    if (m_isShown)
    {
        std::cerr << "\r" << std::string(60, ' ') << "\r" << std::flush;
    }
}

bool
JobProgress::IsInterrupted() const
{
    return g_interrupted && m_recorder.GetEndedPhases() < m_recorder.GetPhases();
}

void
JobProgress::Update()
{
    if (g_interrupted)
    {
        Simulator::Stop();
    }
    const auto now = Clock::now();
    if (now < m_next || !isatty(STDERR_FILENO))
    {
        return;
    }
    m_next = now + PERIOD;
    m_isShown = true;
    const double part = double(m_recorder.GetEndedPhases()) / m_recorder.GetPhases();
    const std::chrono::duration<double> passed = now - m_begin;
    std::cerr << "\r" << std::fixed << std::setprecision(1) << std::setw(6) << 100 * part << " %, "
              << passed.count() / part - passed.count() << " s left   " << std::flush;
}

} // namespace mixnet
} // namespace ns3
