/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "lease-sequence.h"

#include <utility>

namespace mixnetcore
{

LeaseSequence::LeaseSequence(std::shared_ptr<const PhaseProgram> program,
                             std::unique_ptr<const ReconfigurationPolicy> policy)
    : m_cursor(std::move(program)),
      m_policy(std::move(policy))
{
    Read();
}

bool
LeaseSequence::IsLastForDemand() const
{
    const auto& demand = m_leases.front().demand;
    return !demand || m_uses.at(*demand) == 1;
}

void
LeaseSequence::Advance()
{
    const auto& demand = m_leases.front().demand;
    if (demand && --m_uses.at(*demand) == 0)
    {
        m_uses.erase(*demand);
    }
    m_leases.pop_front();
    Read();
}

void
LeaseSequence::Read()
{
    while (m_leases.size() < 2 && !m_cursor.IsDone())
    {
        const auto iteration = m_cursor.Phase().iteration;
        for (; !m_cursor.IsDone() && m_cursor.Phase().iteration == iteration; m_cursor.Advance())
        {
            const bool isNew = m_policy->Extend(m_leases, m_cursor.Phase());
            if (isNew && m_leases.back().demand)
            {
                ++m_uses[*m_leases.back().demand];
            }
        }
    }
}

} // namespace mixnetcore
