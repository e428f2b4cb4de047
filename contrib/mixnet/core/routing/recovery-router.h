/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RECOVERY_ROUTER_H
#define RECOVERY_ROUTER_H

#include "forwarding-plan.h"
#include "route.h"

#include <memory>
#include <optional>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Legs between hosts that have failed, as one host has learned; it keeps to that.
 */
class FailedLegs
{
  public:
    /// @param leg A leg that has failed.
    void Add(const RdmaLeg& leg);

    /// @return whether there is none.
    bool IsEmpty() const
    {
        return m_legs.empty();
    }

    /// @param leg A leg. @return whether it is one of them.
    bool Contains(const RdmaLeg& leg) const
    {
        return std::find(m_legs.begin(), m_legs.end(), leg) != m_legs.end();
    }

    /// @param route A route. @return whether one of its legs is one of them.
    bool IsOn(const Route& route) const;

    /// @param nic A NIC. @return whether one of them begins or ends there.
    bool Suspects(const NicId& nic) const;

  private:
    std::vector<RdmaLeg> m_legs; //!< in the order in which they failed, each once
};

/**
 * @ingroup mixnet-core
 * @brief Finds another route for bytes that a route did not carry.
 */
class RecoveryRouter
{
  public:
    virtual ~RecoveryRouter() = default;

    /**
     * @param source GPU that holds the bytes.
     * @param destination GPU that gets them, in another host.
     * @param failed Legs that are not to be used.
     * @return a route without these legs; empty if there is none.
     */
    virtual Route RouteAround(const GpuId& source,
                              const GpuId& destination,
                              const FailedLegs& failed) const = 0;
};

/**
 * @ingroup mixnet-core
 * @brief Takes electrical NICs: of the two hosts, or with a relay between.
 *
 * Which end of a leg has failed its sender does not know, so
 *
 * 1. NICs at no failed leg come first: directly, or else by way of the first other host that both
 *    have a path to, whose NVSwitch takes bytes from one of its NICs to another.
 * 2. Then any pair of NICs whose leg has not failed.
 *
 * Of several, the one whose NICs are those of the GPUs themselves, as far as there is one; pairs
 * are looked through from the NIC that the number of the source's GPU points to, so that GPUs
 * spread. As each attempt that fails adds a leg, attempts come to an end.
 */
class ElectricalRecoveryRouter : public RecoveryRouter
{
  public:
    /**
     * @param plan The fabric.
     * @param forwarding Tables of its packet switches: which NICs reach each other.
     */
    ElectricalRecoveryRouter(std::shared_ptr<const FabricPlan> plan,
                             std::shared_ptr<const ForwardingPlan> forwarding);

    // Documented in RecoveryRouter.
    Route RouteAround(const GpuId& source,
                      const GpuId& destination,
                      const FailedLegs& failed) const override;

  private:
    /// @param host A host. @param failed What is not to be used. @return its electrical NICs that
    /// are at no failed leg.
    std::vector<uint32_t> SoundNics(uint32_t host, const FailedLegs& failed) const;

    /// @param from A NIC. @param to Another. @return whether packets come from one to the other.
    bool HasPath(const NicId& from, const NicId& to) const;

    /// @param source A GPU. @param destination Another, in another host. @param fromNics NICs of
    /// its host. @param toNics NICs of the other's. @param failed What is not to be used.
    /// @return the best route between two of them; empty if there is none.
    Route Direct(const GpuId& source,
                 const GpuId& destination,
                 const std::vector<uint32_t>& fromNics,
                 const std::vector<uint32_t>& toNics,
                 const FailedLegs& failed) const;

    /// @param source A GPU. @param destination Another, in another host. @param failed What is not
    /// to be used. @return a route with a relay; empty if there is none.
    Route Relayed(const GpuId& source, const GpuId& destination, const FailedLegs& failed) const;

    std::shared_ptr<const FabricPlan> m_plan;           //!< the fabric
    std::shared_ptr<const ForwardingPlan> m_forwarding; //!< which NICs reach each other
    std::vector<uint32_t> m_nics;                       //!< electrical ones of every host
};

/**
 * @ingroup mixnet-core
 * @brief What one host does about routes that fail: takes others, and keeps to what it has learned.
 */
class RouteRecovery
{
  public:
    /// @param router Finds other routes; may be shared. Without one there are none.
    void SetRouter(std::shared_ptr<const RecoveryRouter> router)
    {
        m_router = std::move(router);
    }

    /**
     * @param transfer What was sent on its route.
     * @param arrived Bytes of it that have arrived.
     * @param failed The leg that has failed, if one has.
     * @return the rest of it, on a route without any leg that has failed, if there is one.
     */
    std::optional<Transfer> RestOf(const Transfer& transfer,
                                   Bytes arrived,
                                   const std::optional<RdmaLeg>& failed);

    /**
     * @param transfer What is to be sent.
     * @return it on another route, where a leg of its own has failed and there is another.
     */
    std::optional<Transfer> Around(const Transfer& transfer) const
    {
        return m_failed.IsOn(transfer.route) ? Rerouted(transfer) : std::nullopt;
    }

  private:
    /// @param transfer What is to be sent. @return it on another route, if there is one.
    std::optional<Transfer> Rerouted(Transfer transfer) const;

    std::shared_ptr<const RecoveryRouter> m_router; //!< finds other routes
    FailedLegs m_failed;                            //!< legs that have failed
};

} // namespace mixnetcore

#endif // RECOVERY_ROUTER_H
