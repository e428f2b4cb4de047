/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_WATCHDOG_H
#define FABRIC_WATCHDOG_H

#include "fabric-helper.h"

#include "ns3/deadlock-watchdog.h"

#include <string>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Ends a run whose packet switches pause each other for ever, and says which ports do.
 *
 * Flows in queues (FlowEngine::SetQueues) that wait for each other end by themselves; it says so.
 *
 * @see DeadlockWatchdog for what is noticed, and when
 */
class FabricWatchdog
{
  public:
    /**
     * @param fabric The fabric, installed; outlives this object.
     * @param timeout Simulated time for which ports may stand still, above 0.
     */
    FabricWatchdog(const Fabric& fabric, const Time& timeout);
    FabricWatchdog(const FabricWatchdog&) = delete;
    FabricWatchdog& operator=(const FabricWatchdog&) = delete;

    /// @return whether it has ended the run, or flows in queues have come to stand still.
    bool HasDeadlock() const
    {
        return !m_text.empty() || (m_fabric.flowEngine && m_fabric.flowEngine->IsDeadlocked());
    }

    /// @return what it has found, in a line; empty without a deadlock.
    std::string Describe() const;

  private:
    /// @param cycle Ports that wait for each other. @brief Ends the run.
    void HandleDeadlock(const std::vector<DeadlockWatchdog::Place>& cycle);

    /// @param port A port of a packet switch. @return its name, as options have it.
    std::string NameOf(const SwitchPort& port) const;

    const Fabric& m_fabric;      //!< the fabric
    Time m_timeout;              //!< time for which ports may stand still
    std::string m_text;          //!< what it has found
    DeadlockWatchdog m_watchdog; //!< who looks
};

} // namespace mixnet
} // namespace ns3

#endif // FABRIC_WATCHDOG_H
