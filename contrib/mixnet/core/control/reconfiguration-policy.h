/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RECONFIGURATION_POLICY_H
#define RECONFIGURATION_POLICY_H

#include "ns3/phase-key.h"
#include "ns3/registry.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Circuits that stay as they are for some all-to-alls.
 */
struct CircuitLease
{
    /// Dispatch (forward, not recomputed) whose demand the circuits are for; without one, circuits
    /// for a uniform demand.
    std::optional<PhaseKey> demand;
    std::vector<PhaseKey> phases; //!< all-to-alls that use them, in order
};

/**
 * @ingroup mixnet-core
 * @brief When circuits change: which all-to-alls share the circuits of which demand.
 *
 * A strategy without state. A lease begins as soon as its demand is known and the last phase of the
 * lease before has ended on all hosts; so whatever computing lies between hides its blackout.
 */
class ReconfigurationPolicy
{
  public:
    virtual ~ReconfigurationPolicy() = default;

    /**
     * @brief Puts a phase into the last lease, or into a new one behind it.
     * @param[in,out] leases The leases in order.
     * @param phase The next phase of the group; only all-to-alls get into leases.
     * @return whether there is a new lease.
     */
    bool Extend(std::deque<CircuitLease>& leases, const PhaseKey& phase) const;

  private:
    /**
     * @param phase An all-to-all.
     * @return whether it is carried out on the circuits of the one before, whatever its demand.
     */
    virtual bool KeepsCircuits(const PhaseKey& phase) const = 0;
};

/**
 * @ingroup mixnet-core
 * @brief Every all-to-all has circuits for its own demand; the first of a layer waits for them.
 *
 * The policy of the paper's simulations (section 7.1): the dispatch of the forward pass blocks,
 * since its demand is known only when the gates have run. The combine has the transposed demand
 * and so the same circuits. Backward, demands are known, and blackouts hide in the attention of
 * the later layer.
 */
class BlockPolicy : public ReconfigurationPolicy
{
  private:
    // Documented in ReconfigurationPolicy.
    bool KeepsCircuits(const PhaseKey& /* phase */) const override
    {
        return false;
    }
};

/**
 * @ingroup mixnet-core
 * @brief The dispatch of the forward pass uses the circuits that are there; they change for the
 * combine, while the experts compute (paper, section 5.1 and appendix B.2).
 *
 * The very first dispatch finds circuits for a uniform demand.
 */
class ReusePolicy : public ReconfigurationPolicy
{
  private:
    // Documented in ReconfigurationPolicy.
    bool KeepsCircuits(const PhaseKey& phase) const override;
};

/// @ingroup mixnet-core
/// @brief Makes a reconfiguration policy.
using ReconfigurationPolicyMaker = std::function<std::unique_ptr<ReconfigurationPolicy>()>;

/// @ingroup mixnet-core
/// @return the reconfiguration policies: block (BlockPolicy) and reuse (ReusePolicy).
Registry<ReconfigurationPolicyMaker>& ReconfigurationPolicies();

} // namespace mixnetcore

#endif // RECONFIGURATION_POLICY_H
