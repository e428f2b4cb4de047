/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "circuit-rotation.h"

#include "ns3/abort.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(CircuitRotation);

namespace
{

/// @param message A message. @return whether it crosses circuits.
bool
IsOptical(const Message& message)
{
    const auto& route = message.transfer.route;
    return std::any_of(route.begin(), route.end(), [](const mixnetcore::RouteLeg& leg) {
        const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&leg);
        return rdma && rdma->side == mixnetcore::NicRole::Optical;
    });
}

} // namespace

TypeId
CircuitRotation::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::CircuitRotation")
                            .SetParent<Application>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<CircuitRotation>();
    return tid;
}

void
CircuitRotation::DoDispose()
{
    m_next.Cancel();
    m_ocs = nullptr;
    m_transports.clear();
    Application::DoDispose();
}

void
CircuitRotation::SetSchedule(const mixnetcore::CircuitSchedule& schedule, Ptr<OcsSwitch> ocs)
{
    NS_ABORT_MSG_IF(schedule.slots.size() < 2, "a CircuitRotation has two slots at least");
    m_schedule = schedule;
    m_ocs = ocs;
}

void
CircuitRotation::AddTransport(Ptr<MessageTransport> transport)
{
    m_transports.push_back(transport);
    transport->TraceConnectWithoutContext("Post", MakeCallback(&CircuitRotation::HandlePost, this));
    transport->TraceConnectWithoutContext("Arrival",
                                          MakeCallback(&CircuitRotation::HandleArrival, this));
}

void
CircuitRotation::HandlePost(const Message& message)
{
    if (!IsOptical(message))
    {
        return;
    }
    m_quiet = 0;
    if (!m_isRunning)
    {
        m_isRunning = true;
        Simulator::ScheduleNow(&CircuitRotation::Resume, this); // not within somebody's Post
    }
}

void
CircuitRotation::HandleArrival(const Message& message)
{
    if (IsOptical(message))
    {
        m_quiet = 0;
    }
}

void
CircuitRotation::Resume()
{
    const Time guard = ToTime(m_schedule.guard);
    Time cycle(0);
    for (const auto& slot : m_schedule.slots)
    {
        cycle += ToTime(slot.duration) + guard;
    }
    Time into = TimeStep(Simulator::Now().GetTimeStep() % cycle.GetTimeStep());
    m_slot = 0;
    while (into >= ToTime(m_schedule.slots[m_slot].duration) + guard)
    {
        into -= ToTime(m_schedule.slots[m_slot].duration) + guard;
        ++m_slot;
    }
    const Time left = ToTime(m_schedule.slots[m_slot].duration) - into;
    if (left > Time(0))
    {
        m_ocs->Hold(m_schedule.slots[m_slot].circuits);
        SlotStart(m_slot, left);
        return;
    }
    const size_t next = (m_slot + 1) % m_schedule.slots.size();
    const Time duration = ToTime(m_schedule.slots[next].duration);
    m_next = Simulator::Schedule(left + guard, [this, next, duration] {
        m_ocs->Hold(m_schedule.slots[next].circuits);
        SlotStart(next, duration);
    });
}

void
CircuitRotation::SlotStart(size_t slot, const Time& left)
{
    m_slot = slot;
    ++m_slots;
    m_next = Simulator::Schedule(left, &CircuitRotation::SlotComplete, this);
}

bool
CircuitRotation::IsIdle() const
{
    return std::all_of(m_transports.begin(), m_transports.end(), [](const auto& transport) {
        return transport->CountOutgoing() == 0;
    });
}

void
CircuitRotation::SlotComplete()
{
    // Looking at all messages takes long: only where nothing has happened for a while.
    constexpr uint32_t QUIET = 4; // slots
    if (++m_quiet >= QUIET)
    {
        m_quiet = 0;
        if (IsIdle())
        {
            m_isRunning = false;
            m_ocs->Hold({});
            return;
        }
    }
    const size_t next = (m_slot + 1) % m_schedule.slots.size();
    const auto result = m_ocs->Reconfigure(m_schedule.slots[next].circuits);
    NS_ABORT_MSG_IF(result.outcome == ReconfigureResult::Outcome::Refused, result.message);
    SlotStart(next, ToTime(m_schedule.guard) + ToTime(m_schedule.slots[next].duration));
}

} // namespace mixnet
} // namespace ns3
