/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "reconfiguration-policy.h"

namespace mixnetcore
{

namespace
{

/**
 * @param phase An all-to-all.
 * @return the dispatch that has its demand, or the transposed.
 */
PhaseKey
DemandOf(const PhaseKey& phase)
{
    auto demand = phase.With(PhaseKind::Dispatch);
    demand.direction = Direction::Forward;
    demand.recompute = false;
    return demand;
}

} // namespace

bool
ReconfigurationPolicy::Extend(std::deque<CircuitLease>& leases, const PhaseKey& phase) const
{
    if (!phase.IsAllToAll())
    {
        return false;
    }
    const bool keeps = KeepsCircuits(phase);
    const bool isNew = leases.empty() || (!keeps && !(leases.back().demand == DemandOf(phase)));
    if (isNew)
    {
        leases.emplace_back();
        if (!keeps)
        {
            leases.back().demand = DemandOf(phase);
        }
    }
    leases.back().phases.push_back(phase);
    return isNew;
}

bool
ReusePolicy::KeepsCircuits(const PhaseKey& phase) const
{
    return phase.kind == PhaseKind::Dispatch && phase.direction == Direction::Forward &&
           !phase.recompute;
}

Registry<ReconfigurationPolicyMaker>&
ReconfigurationPolicies()
{
    static Registry<ReconfigurationPolicyMaker> registry(
        "reconfiguration policy",
        {{"block",
          MakeStrategy<ReconfigurationPolicy, BlockPolicy>,
          "a dispatch waits for circuits of its own"},
         {"reuse",
          MakeStrategy<ReconfigurationPolicy, ReusePolicy>,
          "a dispatch keeps those that are there"}});
    return registry;
}

} // namespace mixnetcore
