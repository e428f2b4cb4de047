/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef JOB_PROGRESS_H
#define JOB_PROGRESS_H

#include "job-recorder.h"

#include <chrono>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Shows how far a job has come, and ends it when the user presses Ctrl-C.
 *
 * The line of progress, with an estimate of the time left, goes to standard error and only where
 * that is a terminal. Simulated time stops within 64 phases of ranks after Ctrl-C; what there is
 * can then be reported. There is one such object at a time.
 */
class JobProgress
{
  public:
    /// @param recorder Who counts phases; outlives this object, and tells it how the job goes on.
    explicit JobProgress(JobRecorder& recorder);
    ~JobProgress();
    JobProgress(const JobProgress&) = delete;
    JobProgress& operator=(const JobProgress&) = delete;

    /// @return whether the user has ended the job before its last phase.
    bool IsInterrupted() const;

  private:
    using Clock = std::chrono::steady_clock; //!< time that passes outside

    /// @brief Called now and then.
    void Update();

    static constexpr std::chrono::milliseconds PERIOD{500}; //!< between two updates of the line

    JobRecorder& m_recorder;   //!< who counts phases
    Clock::time_point m_begin; //!< of the run
    Clock::time_point m_next;  //!< next update
    bool m_isShown{false};     //!< whether there is a line to remove
};

} // namespace mixnet
} // namespace ns3

#endif // JOB_PROGRESS_H
