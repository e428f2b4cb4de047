/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "receive-window.h"

#include <algorithm>
#include <iterator>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr uint64_t BITS = 64; //!< numbers per word of the bitmap

} // namespace

ReceiveWindow::ReceiveWindow(uint64_t first, bool outOfOrder)
    : m_outOfOrder(outOfOrder),
      m_expected(first),
      m_highest(first)
{
}

uint64_t&
ReceiveWindow::WordOf(uint64_t sequence)
{
    return m_bitmap[sequence / BITS & (m_bitmap.size() - 1)];
}

bool
ReceiveWindow::Mark(uint64_t sequence)
{
    const uint64_t words = sequence / BITS - m_expected / BITS + 1;
    if (words > m_bitmap.size())
    {
        size_t size = std::max<size_t>(1, m_bitmap.size());
        while (size < words)
        {
            size *= 2;
        }
        std::vector<uint64_t> bitmap(size);
        for (size_t i = 0; i < m_bitmap.size(); ++i)
        {
            const uint64_t word = m_expected / BITS + i;
            bitmap[word & (size - 1)] = m_bitmap[word & (m_bitmap.size() - 1)];
        }
        m_bitmap = std::move(bitmap);
    }
    auto& word = WordOf(sequence);
    const uint64_t bit = uint64_t{1} << sequence % BITS;
    const bool isMarked = (word & bit) != 0;
    word |= bit;
    m_marks += isMarked ? 0 : 1;
    return isMarked;
}

bool
ReceiveWindow::TakeMark()
{
    if (m_marks == 0)
    {
        return false;
    }
    auto& word = WordOf(m_expected);
    const uint64_t bit = uint64_t{1} << m_expected % BITS;
    const bool isMarked = (word & bit) != 0;
    word &= ~bit;
    m_marks -= isMarked ? 1 : 0;
    return isMarked;
}

void
ReceiveWindow::JumpTo(uint64_t sequence)
{
    while (m_expected < sequence && m_marks > 0)
    {
        TakeMark();
        ++m_expected;
    }
    m_expected = std::max(m_expected, sequence);
}

void
ReceiveWindow::Advance()
{
    while (true)
    {
        if (!m_skipped.empty() && m_skipped.begin()->first <= m_expected)
        {
            JumpTo(m_skipped.begin()->second);
            m_skipped.erase(m_skipped.begin());
        }
        else if (TakeMark())
        {
            ++m_expected;
        }
        else
        {
            return;
        }
    }
}

void
ReceiveWindow::Skip(uint64_t from, uint64_t until)
{
    auto next = m_skipped.upper_bound(from);
    if (next != m_skipped.begin() && std::prev(next)->second >= from)
    {
        --next;
        from = next->first;
    }
    while (next != m_skipped.end() && next->first <= until)
    {
        until = std::max(until, next->second);
        next = m_skipped.erase(next);
    }
    m_skipped.emplace(from, until);
}

bool
ReceiveWindow::IsSkipped(uint64_t sequence) const
{
    auto after = m_skipped.upper_bound(sequence);
    return after != m_skipped.begin() && sequence < std::prev(after)->second;
}

ReceiveWindow::Verdict
ReceiveWindow::Take(uint64_t sequence, uint64_t skippedFrom)
{
    if (skippedFrom < sequence && sequence > m_expected)
    {
        if (skippedFrom <= m_expected)
        {
            JumpTo(sequence);
            Advance();
        }
        else if (m_outOfOrder)
        {
            Skip(skippedFrom, sequence);
        }
    }
    if (sequence < m_expected || IsSkipped(sequence))
    {
        return Verdict::Duplicate;
    }
    if (sequence == m_expected)
    {
        m_highest = std::max(m_highest, sequence + 1);
        ++m_expected;
        Advance();
        return Verdict::Taken;
    }
    if (!m_outOfOrder || sequence - m_expected >= REACH)
    {
        return Verdict::Refused;
    }
    m_highest = std::max(m_highest, sequence + 1);
    return Mark(sequence) ? Verdict::Duplicate : Verdict::Taken;
}

std::vector<uint64_t>
ReceiveWindow::Missing() const
{
    std::vector<uint64_t> missing;
    auto skip = m_skipped.begin();
    uint64_t sequence = m_expected;
    while (sequence < m_highest)
    {
        if (skip != m_skipped.end() && skip->first <= sequence)
        {
            sequence = std::max(sequence, skip->second);
            ++skip;
            continue;
        }
        const uint64_t word = sequence / BITS;
        const bool isMarked = word - m_expected / BITS < m_bitmap.size() &&
                              (m_bitmap[word & (m_bitmap.size() - 1)] >> sequence % BITS & 1) != 0;
        if (!isMarked)
        {
            missing.push_back(sequence);
        }
        ++sequence;
    }
    return missing;
}

} // namespace mixnet
} // namespace ns3
