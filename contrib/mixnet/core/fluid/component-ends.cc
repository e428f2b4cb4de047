/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "component-ends.h"

#include "ns3/lists.h"

#include <algorithm>
#include <functional>

namespace mixnetcore
{

ComponentEnds::Component&
ComponentEnds::Change(uint32_t component)
{
    auto& changed = Grown(m_components, component);
    if (!changed.changed)
    {
        changed.changed = true;
        m_changed.push_back(component);
    }
    return changed;
}

void
ComponentEnds::Clear(uint32_t component)
{
    auto& cleared = Change(component);
    cleared.times.Clear();
    cleared.begin = EndTimes::NEVER;
}

void
ComponentEnds::Place(uint32_t component,
                     size_t slots,
                     uint32_t slot,
                     Picoseconds begin,
                     Picoseconds end)
{
    auto& placed = Change(component);
    placed.times.Grow(slots);
    placed.begin = std::min(placed.begin, begin);
    placed.times.Set(slot, end);
}

void
ComponentEnds::NoteAll()
{
    for (const auto number : m_changed)
    {
        auto& component = m_components[number];
        component.changed = false;
        component.serial = ++m_serial;
        const auto end = component.times.Earliest();
        if (end < EndTimes::NEVER)
        {
            Note(number, end);
        }
    }
    m_changed.clear();
    constexpr size_t FEW = 64;
    if (m_ends.size() >= FEW + 2 * m_components.size())
    {
        const auto isOld = [this](const End& end) { return IsOld(end); };
        m_ends.erase(std::remove_if(m_ends.begin(), m_ends.end(), isOld), m_ends.end());
        std::make_heap(m_ends.begin(), m_ends.end(), std::greater<>());
    }
}

void
ComponentEnds::Note(uint32_t component, Picoseconds at)
{
    m_ends.push_back({at, m_components[component].serial, component});
    std::push_heap(m_ends.begin(), m_ends.end(), std::greater<>());
}

void
ComponentEnds::Postpone(uint32_t component, Picoseconds at)
{
    m_components[component].serial = ++m_serial;
    Note(component, at);
}

void
ComponentEnds::Pop()
{
    std::pop_heap(m_ends.begin(), m_ends.end(), std::greater<>());
    m_ends.pop_back();
}

Picoseconds
ComponentEnds::Next()
{
    while (!m_ends.empty() && IsOld(m_ends.front()))
    {
        Pop();
    }
    return m_ends.empty() ? EndTimes::NEVER : m_ends.front().at;
}

uint32_t
ComponentEnds::TakeNext()
{
    const auto component = m_ends.front().component;
    Pop();
    return component;
}

} // namespace mixnetcore
