/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef DEADLOCK_WATCHDOG_H
#define DEADLOCK_WATCHDOG_H

#include "packet-switch.h"

#include "ns3/nstime.h"

#include <functional>
#include <map>
#include <tuple>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Notices ports of packet switches that pause each other in a cycle, for ever.
 *
 * 1. A class of a port is suspect when its frames wait and the other end has paused it for
 *    The timeout without a break, so that none has left.
 * 2. A suspect is stuck when the input that pauses it would go on doing so even if all frames there
 *    that do not wait for suspects left. What is not stuck is no suspect any more, until nothing
 *    changes. So a queue that is only slow is never taken for a deadlock, nor is one that waits for
 *    a NIC, a cut or a blackout: those let frames go, or lose them.
 * 3. Each stuck port waits for another one, so that following them ends in a cycle.
 *
 * It looks when a pause is repeated, a few times in the timeout: without pauses it costs nothing,
 * and it has no events of its own.
 *
 * Not modelled: frames on fibres that a paused port has sent before; they arrive within the
 * timeout.
 */
class DeadlockWatchdog
{
  public:
    /// @brief A class of a port.
    struct Place
    {
        Ptr<SwitchPort> port; //!< the port
        uint8_t trafficClass; //!< the class
    };

    /// Called once, with the cycle: each place waits for the next, the last one for the first.
    using Callback = std::function<void(const std::vector<Place>& cycle)>;

    /**
     * @param switches All packet switches, in an order that decides which cycle is told of; they
     * outlive this object.
     * @param timeout Time for which ports may stand still, above 0.
     * @param callback Whom to tell.
     */
    DeadlockWatchdog(std::vector<Ptr<PacketSwitch>> switches,
                     const Time& timeout,
                     Callback callback);
    ~DeadlockWatchdog();
    DeadlockWatchdog(const DeadlockWatchdog&) = delete;
    DeadlockWatchdog& operator=(const DeadlockWatchdog&) = delete;

    /// @return one cycle of places that are stuck now; none without any.
    std::vector<Place> FindCycle() const;

  private:
    /// Number of a switch, of a port, and a class: of frames that leave, or come in, there.
    using Key = std::tuple<uint32_t, uint32_t, uint8_t>;

    /// @brief A suspect.
    struct Suspect
    {
        Place place;                                     //!< where
        const LosslessIngress* ingress;                  //!< what pauses it
        Key input;                                       //!< of that
        std::map<const LosslessIngress*, uint64_t> held; //!< what waits there, by input; bytes
    };

    /// Suspects by what leaves there.
    using Suspects = std::map<Key, Suspect>;

    /// @param port Port that says a pause again. @param trafficClass Its class.
    void HandlePauseRepeat(uint32_t port, uint8_t trafficClass);

    /// @return all that were paused for too long while frames wait.
    Suspects FindSuspects() const;

    /// @param suspects Suspects. @return those whose input may yet resume them.
    std::vector<Key> FindFree(const Suspects& suspects) const;

    /// @param ingress Accounts of an input. @return its key.
    Key KeyOf(const LosslessIngress& ingress) const;

    std::vector<Ptr<PacketSwitch>> m_switches;          //!< all
    std::map<const PacketSwitch*, uint32_t> m_numberOf; //!< looked up only
    Time m_timeout;                                     //!< time for which ports may stand still
    Callback m_callback;                                //!< whom to tell
    Time m_nextLook;                                    //!< when to look again
    bool m_hasFired{false};                             //!< whether it has told
};

} // namespace mixnet
} // namespace ns3

#endif // DEADLOCK_WATCHDOG_H
