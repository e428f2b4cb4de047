/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CIRCUIT_ROTATION_H
#define CIRCUIT_ROTATION_H

#include "ns3/application.h"
#include "ns3/event-id.h"
#include "ns3/fabric-plan.h"
#include "ns3/message-transport.h"
#include "ns3/ocs-switch.h"

#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Has an optical circuit switch take configurations in turn, whatever the traffic.
 *
 * Slot, guard, slot, guard, ... from time zero on: at the end of a slot the switch is asked for the
 * next configuration, and its reconfiguration takes the guard time. Nobody tells the servers: a
 * queue pair sends while there is signal from its peer, and waits otherwise.
 *
 * While no message is on its way over circuits the switch rests, without circuits, so that idle
 * time costs no events. When one sets out it goes on where it would be by then: the signal is there
 * one fibre later, or at the end of the guard.
 *
 * Guarantees: a slot with circuits begins at a multiple of the cycle plus its place in it; what
 * rests has no event.
 */
class CircuitRotation : public Application
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @param schedule Several slots. @param ocs The switch; its reconfigurations take the guard.
     */
    void SetSchedule(const mixnetcore::CircuitSchedule& schedule, Ptr<OcsSwitch> ocs);

    /// @param transport Of a server with circuits of the switch. @brief Watches its messages.
    void AddTransport(Ptr<MessageTransport> transport);

    /// @return slots that were taken so far.
    uint64_t GetSlots() const
    {
        return m_slots;
    }

  protected:
    void DoDispose() override;

  private:
    /// @param message A message that sets out.
    void HandlePost(const Message& message);

    /// @param message A message that is at its GPU.
    void HandleArrival(const Message& message);

    /// @brief Goes on from rest, where the schedule is by now.
    void Resume();

    /// @param slot A slot whose circuits are there. @param left Time until its end.
    void SlotStart(size_t slot, const Time& left);

    /// @brief The slot is over: the next follows, or rest.
    void SlotComplete();

    /// @return whether nothing is on its way.
    bool IsIdle() const;

    mixnetcore::CircuitSchedule m_schedule;          //!< what follows what
    Ptr<OcsSwitch> m_ocs;                            //!< the switch
    std::vector<Ptr<MessageTransport>> m_transports; //!< whose messages are watched
    bool m_isRunning{false};                         //!< whether it does not rest
    size_t m_slot{0};                                //!< the one that is, or comes
    uint64_t m_slots{0};                             //!< that were taken
    uint32_t m_quiet{0};                             //!< slots since a message set out or arrived
    EventId m_next;                                  //!< end of the slot
};

} // namespace mixnet
} // namespace ns3

#endif // CIRCUIT_ROTATION_H
