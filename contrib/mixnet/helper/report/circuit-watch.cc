/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "circuit-watch.h"

#include "ns3/allocation-score.h"

namespace ns3
{
namespace mixnet
{

CircuitWatch::CircuitWatch(const std::vector<TrainingGroup>& groups)
{
    for (uint32_t region = 0; region < groups.size(); ++region)
    {
        if (groups[region].controller)
        {
            groups[region].controller->TraceConnectWithoutContext(
                "CircuitsReady",
                MakeCallback(&CircuitWatch::HandleDecision, this).Bind(region));
        }
    }
}

void
CircuitWatch::HandleDecision(uint32_t region, const CircuitDecision& decision)
{
    ++m_decisions;
    const auto isolated =
        mixnetcore::EndpointsWithoutCircuits(decision.demand, decision.allocation);
    if (isolated.empty())
    {
        return;
    }
    if (++m_isolating == 1)
    {
        m_first = "server " + std::to_string(isolated.front()) + " of region " +
                  std::to_string(region) + ", layer " +
                  std::to_string(decision.lease.phases.front().layer);
    }
}

void
CircuitWatch::PrintWarning(std::ostream& out) const
{
    if (m_isolating > 0)
    {
        out << "WARNING               " << m_isolating << " of " << m_decisions
            << " allocations left a server with demand without a circuit (first: " << m_first
            << ")\n";
    }
}

void
CircuitWatch::Write(nlohmann::ordered_json& summary) const
{
    if (m_decisions > 0)
    {
        summary["circuitDecisions"] = m_decisions;
        summary["isolatingDecisions"] = m_isolating;
    }
}

} // namespace mixnet
} // namespace ns3
