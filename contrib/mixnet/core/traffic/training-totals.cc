/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-totals.h"

#include <algorithm>

namespace mixnetcore
{

void
TrainingTotals::Add(const PhaseRecord& record)
{
    ++m_phases;
    const auto add = [](Picoseconds& sum, Picoseconds time) {
        sum = CheckedSum(sum, time, "all phases together");
    };
    add(m_waiting, std::max(Picoseconds(0), record.start - m_end));
    m_end = std::max(m_end, record.End());
    add(m_exposed, record.exposed);
    add(m_dark, record.dark);
    add(m_byPhase[{record.key.direction, record.key.kind}], record.duration);
    m_optical += record.optical;
    m_electrical += record.electrical;
    m_nvswitch += record.nvswitch;
    if (record.IsAllToAll())
    {
        add(m_allToAll, record.duration);
        add(m_parts.inside, record.insideTime);
        add(m_parts.queue, record.queueTime);
        add(m_parts.line, record.lineTime);
        add(m_parts.light, record.exposed);
        add(m_parts.compute, record.computeWait);
    }
}

} // namespace mixnetcore
