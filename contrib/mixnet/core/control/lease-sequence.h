/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef LEASE_SEQUENCE_H
#define LEASE_SEQUENCE_H

#include "reconfiguration-policy.h"

#include "ns3/phase-program.h"

#include <deque>
#include <map>
#include <memory>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief The leases of a region in order, made as its hosts come to them.
 *
 * The phases of a training iteration are read at once, since only they tell which lease is the last
 * for a demand; those of the next are read when one lease is left, which may go on into it.
 *
 * Guarantees: the leases are those of a policy that sees all phases; it holds those of one
 * iteration and one more, however many iterations there are.
 */
class LeaseSequence
{
  public:
    /**
     * @param program Phases of the EP group.
     * @param policy When circuits change.
     */
    LeaseSequence(std::shared_ptr<const PhaseProgram> program,
                  std::unique_ptr<const ReconfigurationPolicy> policy);

    /// @return whether it is behind the last lease.
    bool IsDone() const
    {
        return m_leases.empty();
    }

    /// @return the lease; there is one.
    const CircuitLease& Lease() const
    {
        return m_leases.front();
    }

    /// @return whether no later lease is for the demand of this one.
    bool IsLastForDemand() const;

    /// @brief Goes on to the next lease; there is one to leave.
    void Advance();

    /// @return leases it holds, this one among them.
    size_t Held() const
    {
        return m_leases.size();
    }

  private:
    /// @brief Reads iterations until the first lease is complete.
    void Read();

    PhaseCursor m_cursor;                                  //!< first phase that is not read
    std::unique_ptr<const ReconfigurationPolicy> m_policy; //!< when circuits change
    std::deque<CircuitLease> m_leases;                     //!< the lease, and those after it
    std::map<PhaseKey, size_t> m_uses;                     //!< how many of them are for a demand
};

} // namespace mixnetcore

#endif // LEASE_SEQUENCE_H
