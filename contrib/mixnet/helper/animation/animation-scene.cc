/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "animation-scene.h"

#include "ns3/checks.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <numeric>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr uint64_t LAST_WORDS = 1000; //!< bytes: an element, and the end of the file

/// @param label A text. @return what to write for it: without any, NetAnim shows a number.
std::string
ShownLabel(const std::string& label)
{
    return label.empty() ? " " : label;
}

} // namespace

AnimationScene::AnimationScene(const AnimationSpec& spec)
    : m_spec(spec),
      m_file(spec.path, spec.unit)
{
}

uint32_t
AnimationScene::AddNode(const Look& look)
{
    m_actors.push_back({look, look});
    m_corner = {std::max(m_corner.x, look.place.x), std::max(m_corner.y, look.place.y)};
    return static_cast<uint32_t>(m_actors.size() - 1);
}

void
AnimationScene::AddLink(uint32_t from, uint32_t to)
{
    m_links.emplace_back(from, to);
}

uint32_t
AnimationScene::AddCounter(const std::string& name)
{
    m_counters.push_back(name);
    return static_cast<uint32_t>(m_counters.size() - 1);
}

void
AnimationScene::Begin()
{
    constexpr double SMALL = 0.2; // so that the broom is hardly seen
    constexpr PictureColour WHITE{255, 255, 255};
    m_broom = AddNode({m_corner, SMALL, WHITE});
    AddNode({{m_corner.x - SMALL, m_corner.y}, SMALL, WHITE});
    std::vector<uint32_t> order(m_actors.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
        return m_actors[a].first.layer < m_actors[b].first.layer;
    });
    for (const auto node : order) // NetAnim paints the last one on top of the others
    {
        // What is not said as an update NetAnim does not take back to when its user goes back.
        const auto& look = m_actors[node].first;
        m_file.Node(node, Shifted(look.place), ShownLabel(look.label));
        m_file.Move(Time(0), node, Shifted(look.place));
        m_file.Paint(Time(0), node, look.colour);
        m_file.Resize(Time(0), node, look.size);
        if (!look.label.empty())
        {
            m_file.Describe(Time(0), node, look.label);
        }
    }
    for (const auto& [from, to] : m_links)
    {
        m_file.Link(from, to);
    }
    for (uint32_t counter = 0; counter < m_counters.size(); ++counter)
    {
        m_file.Counter(counter, m_counters[counter]);
    }
    if (m_file.GetSize() + LAST_WORDS > m_spec.mostBytes)
    {
        mixnetcore::Refuse("option --animationSize=" + std::to_string(m_spec.mostBytes) +
                           ": must be more than the " +
                           std::to_string(m_file.GetSize() + LAST_WORDS) +
                           " B that nodes and links of this fabric take");
    }
}

bool
AnimationScene::HasRoom()
{
    if (!m_full && m_file.GetSize() + LAST_WORDS > m_spec.mostBytes)
    {
        m_full = true;
        m_fullAt = Simulator::Now();
    }
    return !m_full;
}

bool
AnimationScene::IsOpen()
{
    const Time now = Simulator::Now();
    if (now < m_spec.from || now > m_spec.until || !HasRoom())
    {
        return false;
    }
    if (!m_entered)
    {
        m_entered = true;
        const Time from = m_spec.from;
        for (uint32_t node = 0; node < m_actors.size() && HasRoom(); ++node)
        {
            const auto& [first, look] = m_actors[node];
            if (!(look.place == first.place))
            {
                m_file.Move(from, node, Shifted(look.place));
            }
            if (!(look.colour == first.colour))
            {
                m_file.Paint(from, node, look.colour);
            }
            if (look.label != first.label)
            {
                m_file.Describe(from, node, ShownLabel(look.label));
            }
        }
        for (const auto& [place, value] : m_values)
        {
            if (HasRoom())
            {
                m_file.Count(from, place.first, place.second, value);
            }
        }
        m_values.clear();
    }
    Sweep(now);
    return HasRoom();
}

void
AnimationScene::Sweep(const Time& at)
{
    if (m_lastArrow.IsPositive() && m_lastArrow < at)
    {
        m_lastArrow = Time(-1);
        m_file.Packet(m_broom, m_broom + 1, {at, at, at + NanoSeconds(1), at + NanoSeconds(1)});
    }
}

template <class Value, class Write>
void
AnimationScene::Change(Value& now, const Value& value, const Write& write)
{
    if (now == value)
    {
        return;
    }
    const bool isOpen = IsOpen(); // writes what was until now
    now = value;
    if (isOpen)
    {
        write(Simulator::Now());
    }
}

void
AnimationScene::Move(uint32_t node, const mixnetcore::PicturePoint& place)
{
    Change(m_actors[node].now.place, place, [&](const Time& at) {
        m_file.Move(at, node, Shifted(place));
    });
}

void
AnimationScene::Paint(uint32_t node, const PictureColour& colour)
{
    Change(m_actors[node].now.colour, colour, [&](const Time& at) {
        m_file.Paint(at, node, colour);
    });
}

void
AnimationScene::Describe(uint32_t node, const std::string& label)
{
    Change(m_actors[node].now.label, label, [&](const Time& at) {
        m_file.Describe(at, node, ShownLabel(label));
    });
}

void
AnimationScene::Count(uint32_t counter, uint32_t node, double value)
{
    if (IsOpen())
    {
        m_file.Count(Simulator::Now(), counter, node, value);
    }
    else if (!m_entered)
    {
        m_values[{counter, node}] = value;
    }
}

void
AnimationScene::AddArrow(uint32_t from,
                         uint32_t to,
                         AnimationFile::Passage passage,
                         const std::string& text)
{
    if (!WantsArrow(passage.firstSent, passage.lastReceived))
    {
        return;
    }
    if (m_file.GetSize() > m_spec.mostBytes / 4 * 3)
    {
        ++m_arrowsWithoutRoom;
        return;
    }
    passage.firstSent = std::max(passage.firstSent, m_spec.from);
    passage.firstReceived = std::max(passage.firstReceived, passage.firstSent + PicoSeconds(1));
    m_lastArrow = std::max(m_lastArrow, passage.lastReceived);
    m_file.Packet(from, to, passage, text);
    ++m_arrows;
}

std::vector<std::string>
AnimationScene::Close()
{
    std::vector<std::string> left;
    const auto milliseconds = [](const Time& time) {
        return std::to_string(time.GetPicoSeconds() * 1e-9) + " ms";
    };
    if (m_spec.from > Simulator::Now())
    {
        left.push_back("all but the first picture: the run ended at " +
                       milliseconds(Simulator::Now()) + ", before the window");
    }
    else if (!m_entered)
    {
        IsOpen();
    }
    Sweep(Simulator::Now());
    if (m_full)
    {
        left.push_back("all from " + milliseconds(m_fullAt) + " on, at the largest size of " +
                       std::to_string(m_spec.mostBytes) + " B");
    }
    if (m_arrowsWithoutRoom > 0)
    {
        left.push_back(std::to_string(m_arrowsWithoutRoom) + " of " +
                       std::to_string(m_arrowsWithoutRoom + m_arrows) +
                       " sampled frames and messages, near the largest size");
    }
    m_file.Close();
    return left;
}

} // namespace mixnet
} // namespace ns3
