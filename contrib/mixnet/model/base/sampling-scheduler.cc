/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "sampling-scheduler.h"

#include "ns3/global-value.h"
#include "ns3/map-scheduler.h"
#include "ns3/object-factory.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/type-id.h"

#include <utility>

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(SampleClock);
NS_OBJECT_ENSURE_REGISTERED(SamplingScheduler);

TypeId
SampleClock::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::SampleClock")
                            .SetParent<Object>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<SampleClock>();
    return tid;
}

Ptr<SampleClock>
SampleClock::Install()
{
    const auto clock = CreateObject<SampleClock>();
    TypeIdValue type;
    GlobalValue::GetValueByName("SchedulerType", type);
    ObjectFactory factory("ns3::mixnet::SamplingScheduler");
    factory.Set("Scheduler", type);
    factory.Set("Clock", PointerValue(clock));
    Simulator::SetScheduler(factory);
    return clock;
}

void
SampleClock::Start(const Time& first, Look look)
{
    m_awaited = first.GetTimeStep();
    m_look = std::move(look);
}

void
SampleClock::Stop()
{
    m_awaited = NEVER;
    m_look = nullptr;
}

void
SampleClock::Tell(uint64_t next)
{
    m_awaited = m_look(TimeStep(next)).GetTimeStep();
}

TypeId
SamplingScheduler::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::SamplingScheduler")
                            .SetParent<Scheduler>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<SamplingScheduler>()
                            .AddAttribute("Scheduler",
                                          "Class of the scheduler that keeps the events.",
                                          TypeIdValue(MapScheduler::GetTypeId()),
                                          MakeTypeIdAccessor(&SamplingScheduler::SetScheduler),
                                          MakeTypeIdChecker())
                            .AddAttribute("Clock",
                                          "Who is told of each event.",
                                          PointerValue(),
                                          MakePointerAccessor(&SamplingScheduler::m_clock),
                                          MakePointerChecker<SampleClock>());
    return tid;
}

void
SamplingScheduler::SetScheduler(TypeId type)
{
    ObjectFactory factory;
    factory.SetTypeId(type);
    m_scheduler = factory.Create<Scheduler>();
}

void
SamplingScheduler::Insert(const Scheduler::Event& event)
{
    m_scheduler->Insert(event);
}

bool
SamplingScheduler::IsEmpty() const
{
    return m_scheduler->IsEmpty();
}

Scheduler::Event
SamplingScheduler::PeekNext() const
{
    return m_scheduler->PeekNext();
}

Scheduler::Event
SamplingScheduler::RemoveNext()
{
    const auto next = m_scheduler->RemoveNext();
    if (m_clock)
    {
        m_clock->Pass(next.key.m_ts);
    }
    return next;
}

void
SamplingScheduler::Remove(const Scheduler::Event& event)
{
    m_scheduler->Remove(event);
}

} // namespace mixnet
} // namespace ns3
