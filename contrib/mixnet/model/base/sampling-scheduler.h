/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SAMPLING_SCHEDULER_H
#define SAMPLING_SCHEDULER_H

#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/scheduler.h"

#include <cstdint>
#include <functional>
#include <limits>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Has a simulation looked at now and then, between events and without any of its own.
 *
 * A sampler that schedules itself would be among the events of the run, keep it alive, and let its
 * time go on behind its last event. This one is asked by a SamplingScheduler before each event that
 * is behind the instant it waits for: what it sees is the state at that instant, since nothing has
 * happened between the event before and the one to come.
 *
 * Whoever looks may read, and must not schedule anything. For simulations in one thread.
 */
class SampleClock : public Object
{
  public:
    /// Looks; all events before this instant have happened, and no others. Returns the next instant
    /// to wait for.
    using Look = std::function<Time(const Time& before)>;

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Puts itself between the simulator and the scheduler that the global value
     * SchedulerType names, for good.
     * @return a clock that waits for nothing yet.
     */
    static Ptr<SampleClock> Install();

    /// @param first The instant to wait for. @param look Called once an event later than that is
    /// the next one.
    void Start(const Time& first, Look look);

    /// @brief Waits for nothing any more.
    void Stop();

    /// @param next Time stamp of the event that is next. @brief Called by SamplingScheduler.
    void Pass(uint64_t next)
    {
        if (next > m_awaited)
        {
            Tell(next);
        }
    }

  private:
    static constexpr uint64_t NEVER = std::numeric_limits<uint64_t>::max(); //!< waits for nothing

    /// @param next Time stamp of the event that is next. @brief Has the state looked at.
    void Tell(uint64_t next);

    uint64_t m_awaited{NEVER}; //!< time stamp that it waits for
    Look m_look;               //!< looks
};

/**
 * @ingroup mixnet
 * @brief Hands all events to another scheduler and back, and tells a SampleClock of each.
 */
class SamplingScheduler : public Scheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    // Inherited
    void Insert(const Scheduler::Event& event) override;
    bool IsEmpty() const override;
    Scheduler::Event PeekNext() const override;
    Scheduler::Event RemoveNext() override;
    void Remove(const Scheduler::Event& event) override;

  private:
    /// @param type Class of the other scheduler.
    void SetScheduler(TypeId type);

    Ptr<Scheduler> m_scheduler; //!< keeps the events
    Ptr<SampleClock> m_clock;   //!< is told of each
};

} // namespace mixnet
} // namespace ns3

#endif // SAMPLING_SCHEDULER_H
