/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef BOUNDED_SCHEDULER_H
#define BOUNDED_SCHEDULER_H

#include "ns3/priority-queue-scheduler.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief The fastest of ns-3's event schedulers, which also sees that time does not wrap.
 *
 * ns-3 adds the delay of an event to the time of now in 63 bits and does not look whether the sum
 * fits: at picoseconds, 106.75 days. An event beyond that ends the simulation with
 * std::overflow_error, when it is scheduled; it costs one comparison for each event.
 */
class BoundedScheduler : public PriorityQueueScheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    // Inherited
    void Insert(const Scheduler::Event& event) override;
};

} // namespace mixnet
} // namespace ns3

#endif // BOUNDED_SCHEDULER_H
