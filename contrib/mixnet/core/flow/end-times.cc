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
EndTimes::Reset(size_t size)
{
    const size_t blocks = (size + BLOCK - 1) / BLOCK;
    m_ends.assign(size, NEVER);
    m_earliest.assign(blocks, NEVER);
    m_isStale.assign(blocks, 0);
}

void
EndTimes::Set(uint32_t number, Picoseconds end)
{
    assert(number < m_ends.size());
    m_ends[number] = end;
    m_isStale[number / BLOCK] = 1;
}

void
EndTimes::Refresh()
{
    for (size_t block = 0; block < m_earliest.size(); ++block)
    {
        if (m_isStale[block])
        {
            const auto begin = m_ends.begin() + block * BLOCK;
            const auto end = m_ends.begin() + std::min(m_ends.size(), (block + 1) * BLOCK);
            m_earliest[block] = *std::min_element(begin, end);
            m_isStale[block] = 0;
        }
    }
}

Picoseconds
EndTimes::Earliest()
{
    Refresh();
    return m_earliest.empty() ? NEVER : *std::min_element(m_earliest.begin(), m_earliest.end());
}

void
EndTimes::FindUntil(Picoseconds limit, std::vector<uint32_t>& numbers)
{
    Refresh();
    numbers.clear();
    for (size_t block = 0; block < m_earliest.size(); ++block)
    {
        if (m_earliest[block] > limit)
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
