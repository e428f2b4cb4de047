/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-watchdog.h"

#include "ns3/node.h"
#include "ns3/simulator.h"

#include <sstream>

namespace ns3
{
namespace mixnet
{

FabricWatchdog::FabricWatchdog(const Fabric& fabric, const Time& timeout)
    : m_fabric(fabric),
      m_timeout(timeout),
      m_watchdog(fabric.packetSwitches, timeout, [this](const auto& cycle) {
          HandleDeadlock(cycle);
      })
{
}

std::string
FabricWatchdog::Describe() const
{
    if (m_text.empty() && HasDeadlock())
    {
        return "deadlock: queues that pause each other in a cycle have come to stand still; " +
               std::to_string(m_fabric.CountOutgoing()) +
               " messages wait. --reroute=updown has no cycles";
    }
    return m_text;
}

std::string
FabricWatchdog::NameOf(const SwitchPort& port) const
{
    // Nodes are made in the order of the plan, one after the other.
    const auto index = port.GetNode()->GetId() - m_fabric.nodes.Get(0)->GetId();
    return m_fabric.plan->nodes.at(index).name + "/" + std::to_string(port.GetNumber());
}

void
FabricWatchdog::HandleDeadlock(const std::vector<DeadlockWatchdog::Place>& cycle)
{
    constexpr size_t MOST = 16; // names
    std::ostringstream text;
    text << "deadlock at " << Simulator::Now().ToDouble(Time::MS) << " ms: " << cycle.size()
         << " ports pause each other in a cycle and have sent nothing for "
         << m_timeout.ToDouble(Time::MS) << " ms (--deadlockTimeout), ";
    for (size_t place = 0; place < cycle.size() && place < MOST; ++place)
    {
        text << NameOf(*cycle[place].port) << " -> ";
    }
    text << (cycle.size() > MOST ? "... -> " : "") << NameOf(*cycle.front().port) << "; "
         << m_fabric.CountOutgoing()
         << " messages wait. --reroute=updown has no cycles, --pfcWatchdog=TIME breaks them";
    m_text = text.str();
    Simulator::Stop();
}

} // namespace mixnet
} // namespace ns3
