/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "bounded-scheduler.h"

#include "ns3/event-impl.h"
#include "ns3/mixnet-units.h"

#include <limits>

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(BoundedScheduler);

TypeId
BoundedScheduler::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::BoundedScheduler")
                            .SetParent<PriorityQueueScheduler>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<BoundedScheduler>();
    return tid;
}

void
BoundedScheduler::Insert(const Scheduler::Event& event)
{
    constexpr uint64_t latest = std::numeric_limits<int64_t>::max();
    if (event.key.m_ts > latest)
    {
        // A sum of two times below 2^63 that has wrapped is what it should be without its sign.
        mixnetcore::ThrowNoTime(static_cast<double>(event.key.m_ts), "the simulation");
    }
    PriorityQueueScheduler::Insert(event);
}

} // namespace mixnet
} // namespace ns3
