/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "end-times.h"

#include <algorithm>
#include <cassert>

namespace mixnetcore
{

void
EndTimes::Clear()
{
    m_ends.clear();
    m_blocks.clear();
}

void
EndTimes::Grow(size_t size)
{
    m_ends.resize(size, NEVER);
    m_blocks.resize((size + BLOCK - 1) / BLOCK);
}

void
EndTimes::Set(uint32_t number, Picoseconds end)
{
    assert(number < m_ends.size());
    const auto before = m_ends[number];
    auto& block = m_blocks[number / BLOCK];
    m_ends[number] = end;
    const bool losesEarliest = before == block.earliest && end > before;
    const bool losesLatest = before == block.latest && (end < before || end == NEVER);
    if (block.isStale || losesEarliest || losesLatest)
    {
        block.isStale = true; // what is the earliest or latest now is found when it is asked for
        return;
    }
    block.earliest = std::min(block.earliest, end);
    block.latest = end < NEVER ? std::max(block.latest, end) : block.latest;
}

void
EndTimes::Refresh()
{
    for (size_t block = 0; block < m_blocks.size(); ++block)
    {
        if (!m_blocks[block].isStale)
        {
            continue;
        }
        Block fresh;
        for (auto number = block * BLOCK; number < std::min(m_ends.size(), (block + 1) * BLOCK);
             ++number)
        {
            fresh.earliest = std::min(fresh.earliest, m_ends[number]);
            fresh.latest =
                m_ends[number] < NEVER ? std::max(fresh.latest, m_ends[number]) : fresh.latest;
        }
        m_blocks[block] = fresh;
    }
}

Picoseconds
EndTimes::Earliest()
{
    Refresh();
    auto earliest = NEVER;
    for (const auto& block : m_blocks)
    {
        earliest = std::min(earliest, block.earliest);
    }
    return earliest;
}

Picoseconds
EndTimes::Latest()
{
    Refresh();
    Picoseconds latest(0);
    for (const auto& block : m_blocks)
    {
        latest = std::max(latest, block.latest);
    }
    return latest;
}

void
EndTimes::FindUntil(Picoseconds limit, std::vector<uint32_t>& numbers)
{
    Refresh();
    numbers.clear();
    for (size_t block = 0; block < m_blocks.size(); ++block)
    {
        if (m_blocks[block].earliest > limit)
        {
            continue;
        }
        for (auto number = block * BLOCK; number < std::min(m_ends.size(), (block + 1) * BLOCK);
             ++number)
        {
            if (m_ends[number] <= limit)
            {
                numbers.push_back(number);
            }
        }
    }
}

} // namespace mixnetcore
