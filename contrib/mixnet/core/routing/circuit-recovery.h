/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CIRCUIT_RECOVERY_H
#define CIRCUIT_RECOVERY_H

#include "circuit-graph.h"
#include "recovery-router.h"

#include <memory>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Takes other circuits that no controller commands: the shortest path without what has
 * failed.
 *
 * Which end of a circuit has failed its sender does not know, so circuits come first whose NICs are
 * at no failed one; then any that has not failed itself. Of several shortest paths the one over the
 * lower hosts and NICs. Where no circuits lead, another router is asked.
 */
class CircuitRecoveryRouter : public RecoveryRouter
{
  public:
    /// @param plan The fabric. @param otherwise Asked where circuits do not lead; may be null.
    CircuitRecoveryRouter(std::shared_ptr<const FabricPlan> plan,
                          std::shared_ptr<const RecoveryRouter> otherwise);

    // Documented in RecoveryRouter.
    Route RouteAround(const GpuId& source,
                      const GpuId& destination,
                      const FailedLegs& failed) const override;

  private:
    /**
     * @param from A host. @param to Another. @param failed What is not to be used.
     * @param trusting Whether NICs at failed circuits may be used.
     * @return circuits of a shortest path; none without one.
     */
    std::vector<DirectedCircuit> FindPath(uint32_t from,
                                          uint32_t to,
                                          const FailedLegs& failed,
                                          bool trusting) const;

    std::shared_ptr<const FabricPlan> m_plan;          //!< the fabric
    std::shared_ptr<const RecoveryRouter> m_otherwise; //!< where circuits do not lead
    CircuitGraph m_graph;                              //!< which hosts circuits join
};

/**
 * @ingroup mixnet-core
 * @param plan A fabric. @param forwarding Tables of its packet switches.
 * @return what finds other routes on it: over circuits that no controller commands, where it has
 * any, and over electrical NICs.
 */
std::shared_ptr<const RecoveryRouter> MakeRecoveryRouter(
    const std::shared_ptr<const FabricPlan>& plan,
    const std::shared_ptr<const ForwardingPlan>& forwarding);

} // namespace mixnetcore

#endif // CIRCUIT_RECOVERY_H
