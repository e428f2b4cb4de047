/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "max-min-flows.h"

#include "ns3/checks.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace mixnetcore
{

namespace
{

constexpr double PICOSECONDS_PER_SECOND = 1e12; //!< of times

/**
 * @param name What it is. @param value Its value.
 * @throws std::invalid_argument when it is negative or not a number.
 */
void
CheckNotNegative(const char* name, double value)
{
    if (!(value >= 0))
    {
        Refuse(Phrase() << name << " = " << value << ": at least 0");
    }
}

/// @param weight A weight. @throws std::invalid_argument when it is none.
void
CheckWeight(double weight)
{
    if (!(weight > 0) || weight == FlowGraph::UNLIMITED)
    {
        Refuse(Phrase() << "weight of a flow = " << weight << ": above 0, finite");
    }
}

} // namespace

MaxMinFlows::MaxMinFlows(double tolerance)
    : m_tolerance(tolerance),
      m_shares(m_graph, m_parts, IDLE_SHARE * tolerance)
{
    if (!(tolerance >= 0 && tolerance <= 1))
    {
        Refuse(Phrase() << "tolerance of ends = " << tolerance << ": from 0 to 1");
    }
}

void
MaxMinFlows::SetCapacity(uint32_t resource, double capacity)
{
    const bool wasFinite = m_graph.IsFinite(resource);
    if (m_graph.SetCapacity(resource, capacity))
    {
        if (!wasFinite)
        {
            m_parts.Tie(resource);
        }
        m_shares.ChangeCapacity(resource);
    }
}

const MaxMinFlows::Flow&
MaxMinFlows::At(uint32_t flow) const
{
    assert(flow < m_flows.size() && m_flows[flow].kind != Kind::None);
    return m_flows[flow];
}

uint32_t
MaxMinFlows::Insert(const Flow& flow)
{
    const auto number = NextNumber();
    if (m_freeFlows.empty())
    {
        m_flows.push_back(flow);
    }
    else
    {
        m_freeFlows.pop_back();
        m_flows[number] = flow;
    }
    return number;
}

uint32_t
MaxMinFlows::Insert(const Flow& flow, const ResourceList& resources, double cap)
{
    CheckWeight(flow.weight);
    if (!(cap > 0))
    {
        Refuse(Phrase() << "cap of a flow = " << cap << ": above 0");
    }
    m_graph.SetResources(NextNumber(), resources);
    m_caps.Set(NextNumber(), cap);
    return Insert(flow);
}

uint32_t
MaxMinFlows::AddFlow(Picoseconds now,
                     const ResourceList& resources,
                     double weight,
                     double bytes,
                     double cap)
{
    CheckNotNegative("bytes of a flow", bytes);
    const auto number =
        Insert({bytes, bytes, 0, now, now, NEVER, weight, Kind::Single, false, NONE},
               resources,
               cap);
    ++m_size;
    Enter(number);
    return number;
}

uint32_t
MaxMinFlows::AddCrowd(const ResourceList& resources, double weight, double cap)
{
    constexpr Picoseconds none{0};
    const uint32_t place = m_freeCrowds.empty() ? m_crowds.size() : m_freeCrowds.back();
    const auto number =
        Insert({0, 0, 0, none, none, NEVER, weight, Kind::Crowd, false, place}, resources, cap);
    if (m_freeCrowds.empty())
    {
        m_crowds.emplace_back();
    }
    else
    {
        m_freeCrowds.pop_back();
    }
    return number;
}

uint32_t
MaxMinFlows::AddMember(Picoseconds now, uint32_t crowd, double bytes)
{
    CheckNotNegative("bytes of a flow", bytes);
    assert(At(crowd).kind == Kind::Crowd);
    const auto number = Insert({bytes, bytes, 0, now, now, NEVER, 0, Kind::Member, false, crowd});
    ++m_size;
    Join(number, crowd, bytes, now);
    return number;
}

void
MaxMinFlows::MoveMember(uint32_t member, uint32_t crowd, Picoseconds now)
{
    assert(At(member).kind == Kind::Member && At(crowd).kind == Kind::Crowd);
    const double left = Left(member, now);
    Part(member, now);
    Join(member, crowd, left, now);
}

double
MaxMinFlows::WeightOf(const Flow& flow) const
{
    return flow.kind == Kind::Crowd ? flow.weight * double(MembersOf(flow).Size()) : flow.weight;
}

double
MaxMinFlows::CapOf(uint32_t flow) const
{
    const auto& capped = m_flows[flow];
    return m_caps.Of(flow) * (capped.kind == Kind::Crowd ? double(MembersOf(capped).Size()) : 1);
}

bool
MaxMinFlows::TakesPart(const Flow& flow) const
{
    const bool isPart =
        flow.kind == Kind::Single || (flow.kind == Kind::Crowd && MembersOf(flow).Size() > 0);
    return isPart && !flow.held;
}

uint32_t
MaxMinFlows::PartOf(uint32_t flow) const
{
    const auto& looked = At(flow);
    return looked.kind == Kind::Member ? looked.crowd : flow;
}

void
MaxMinFlows::Pass(uint32_t crowd, Picoseconds now)
{
    auto& passed = m_flows[crowd];
    auto& members = MembersOf(passed);
    if (passed.since != now && passed.rate > 0 && members.Size() > 0)
    {
        const double elapsed = (now - passed.since).count() / PICOSECONDS_PER_SECOND;
        members.Advance(passed.rate < FlowGraph::UNLIMITED
                            ? passed.rate * elapsed
                            : members.Members().rbegin()->first - members.Progress());
    }
    passed.since = now;
}

void
MaxMinFlows::Join(uint32_t member, uint32_t crowd, double left, Picoseconds now)
{
    auto& joined = m_flows[crowd];
    auto& members = MembersOf(joined);
    const bool isFirst = members.Size() == 0;
    if (isFirst)
    {
        joined.rate = 0;
        joined.begin = now;
        joined.end = NEVER;
    }
    Pass(crowd, now);
    m_flows[member].crowd = crowd;
    m_flows[member].left = members.Join(member, left);
    if (isFirst && !joined.held)
    {
        Enter(crowd);
    }
    else if (!joined.held)
    {
        UpdateShare(crowd);
    }
}

void
MaxMinFlows::Part(uint32_t member, Picoseconds now)
{
    const auto crowd = m_flows[member].crowd;
    auto& parted = m_flows[crowd];
    Pass(crowd, now);
    MembersOf(parted).Leave(member, m_flows[member].left);
    if (MembersOf(parted).Size() == 0 && !parted.held)
    {
        Leave(crowd);
    }
    else if (!parted.held)
    {
        UpdateShare(crowd);
    }
}

Picoseconds
MaxMinFlows::EndOf(const Flow& crowd, const Flow& member) const
{
    // What was computed with the progress is as accurate as that.
    const double left = member.left - MembersOf(crowd).Progress() - ROUNDING * member.left;
    return EndAfter(std::max(0.0, left), crowd.rate, crowd.since);
}

void
MaxMinFlows::Enter(uint32_t flow)
{
    m_graph.Attach(flow);
    m_shares.Add(flow, WeightOf(m_flows[flow]), CapOf(flow));
    m_entered.push_back(flow);
}

void
MaxMinFlows::Leave(uint32_t flow)
{
    m_graph.Detach(flow);
    m_shares.Remove(flow);
    const auto component = m_parts.Of(flow);
    if (component != NONE)
    {
        m_ends.Set(component, m_parts.SlotOf(flow), NEVER);
        m_parts.Leave(flow);
    }
}

double
MaxMinFlows::RemoveFlow(uint32_t flow, Picoseconds now)
{
    auto& removed = m_flows[flow];
    double left = 0;
    if (removed.kind == Kind::Crowd)
    {
        assert(MembersOf(removed).Size() == 0);
        m_freeCrowds.push_back(removed.crowd);
    }
    else
    {
        left = Left(flow, now);
        --m_size;
        if (removed.kind == Kind::Member)
        {
            Part(flow, now);
        }
        else if (!removed.held)
        {
            Leave(flow);
        }
    }
    removed.kind = Kind::None;
    m_freeFlows.push_back(flow);
    return left;
}

void
MaxMinFlows::SetWeight(uint32_t flow, double weight)
{
    CheckWeight(weight);
    assert(At(flow).kind != Kind::Member);
    if (m_flows[flow].weight != weight)
    {
        m_flows[flow].weight = weight;
        if (TakesPart(m_flows[flow]))
        {
            UpdateShare(flow);
        }
    }
}

void
MaxMinFlows::SetHeld(uint32_t flow, bool held)
{
    const auto part = PartOf(flow);
    auto& changed = m_flows[part];
    if (changed.held == held)
    {
        return;
    }
    if (held && TakesPart(changed))
    {
        Leave(part);
        m_stopped.push_back(part);
    }
    changed.held = held;
    if (TakesPart(changed))
    {
        Enter(part);
    }
}

void
MaxMinFlows::SetResources(uint32_t flow, const ResourceList& resources)
{
    assert(At(flow).kind == Kind::Single);
    const bool takesPart = TakesPart(m_flows[flow]);
    if (takesPart)
    {
        Leave(flow);
    }
    m_graph.SetResources(flow, resources);
    if (takesPart)
    {
        Enter(flow);
    }
}

ResourceList
MaxMinFlows::ResourcesOf(uint32_t flow) const
{
    ResourceList resources;
    for (const auto& crossed : m_graph.ResourcesOf(PartOf(flow)))
    {
        resources.push_back(crossed.resource);
    }
    return resources;
}

double
MaxMinFlows::Repeat(uint32_t flow, double bytes, Picoseconds now)
{
    CheckNotNegative("bytes to repeat", bytes);
    const double left = Left(flow, now);
    const double taken = std::min(bytes, std::max(0.0, m_flows[flow].bytes - left));
    SetLeft(flow, left + taken, now);
    return taken;
}

void
MaxMinFlows::Advance(uint32_t flow, double bytes, double keep, Picoseconds now)
{
    CheckNotNegative("bytes to carry at once", bytes);
    const double left = Left(flow, now);
    SetLeft(flow, std::max(left - bytes, std::min(left, keep)), now);
}

void
MaxMinFlows::SetLeft(uint32_t flow, double left, Picoseconds now)
{
    auto& changed = m_flows[flow];
    if (changed.kind == Kind::Member)
    {
        const auto crowd = changed.crowd;
        Pass(crowd, now);
        auto& members = MembersOf(m_flows[crowd]);
        members.Leave(flow, changed.left);
        changed.left = members.Join(flow, left);
        SetRate(crowd, m_flows[crowd].rate, now);
        SetEnd(crowd);
        return;
    }
    changed.left = left;
    changed.since = now;
    SetRate(flow, changed.rate, now);
    SetEnd(flow);
}

double
MaxMinFlows::Left(uint32_t flow, Picoseconds now) const
{
    const auto& looked = At(flow);
    const auto& part = m_flows[PartOf(flow)];
    const bool isMember = looked.kind == Kind::Member;
    const double left = isMember ? looked.left - MembersOf(part).Progress() : looked.left;
    if (part.rate == 0 || part.since == now)
    {
        return isMember ? std::max(0.0, left) : left;
    }
    const double elapsed = (now - part.since).count() / PICOSECONDS_PER_SECOND;
    return std::max(0.0, left - part.rate * elapsed);
}

void
MaxMinFlows::SetRate(uint32_t number, double rate, Picoseconds now)
{
    auto& flow = m_flows[number];
    if (flow.kind == Kind::Crowd)
    {
        Pass(number, now);
        flow.rate = rate;
        flow.end = EndOf(flow, m_flows[MembersOf(flow).Next()]);
        return;
    }
    if (flow.since != now && flow.rate > 0)
    {
        const double elapsed = (now - flow.since).count() / PICOSECONDS_PER_SECOND;
        flow.left = std::max(0.0, flow.left - flow.rate * elapsed);
    }
    flow.rate = rate;
    flow.since = now;
    // A time of whole picoseconds stays so.
    const double left = std::max(0.0, flow.left - ROUNDING * flow.bytes);
    // What is over waits for others no longer because rates have changed.
    flow.end = left == 0 && flow.end < now ? flow.end : EndAfter(left, rate, now);
}

Picoseconds
MaxMinFlows::EndAfter(double left, double rate, Picoseconds since)
{
    if (rate == 0 && left > 0)
    {
        return NEVER;
    }
    const double needed = rate == FlowGraph::UNLIMITED || left == 0
                              ? 0
                              : std::ceil(left / rate * PICOSECONDS_PER_SECOND);
    const auto most = LATEST - std::min(LATEST, since);
    return needed < double(most.count()) ? since + Picoseconds(static_cast<int64_t>(needed))
                                         : LATEST;
}

void
MaxMinFlows::SetEnd(uint32_t flow)
{
    const auto component = m_parts.Of(flow);
    if (component != NONE)
    {
        m_ends.Set(component, m_parts.SlotOf(flow), m_flows[flow].end);
    }
}

void
MaxMinFlows::UpdateComponents()
{
    for (const auto flow : m_entered)
    {
        const auto& entered = m_flows[flow];
        if (entered.kind != Kind::None && TakesPart(entered) && m_parts.Of(flow) == NONE)
        {
            m_parts.Join(flow);
        }
    }
    m_entered.clear();
    m_parts.Split();
    MoveEnds();
}

void
MaxMinFlows::MoveEnds()
{
    for (const auto freed : m_parts.Freed())
    {
        m_ends.Clear(freed);
    }
    for (const auto flow : m_parts.Moved())
    {
        const auto number = m_parts.Of(flow);
        if (number != NONE)
        {
            m_ends.Place(number,
                         m_parts.FlowsOf(number).size(),
                         m_parts.SlotOf(flow),
                         m_flows[flow].begin,
                         m_flows[flow].end);
        }
    }
    m_parts.ClearMoved();
}

void
MaxMinFlows::Solve(Picoseconds now)
{
    for (const auto flow : m_stopped)
    {
        const auto& stopped = m_flows[flow];
        const bool isEmpty = stopped.kind == Kind::Crowd && MembersOf(stopped).Size() == 0;
        if (stopped.kind != Kind::None && stopped.held && !isEmpty)
        {
            SetRate(flow, 0, now);
        }
    }
    m_stopped.clear();
    UpdateComponents();
    for (const auto number : m_shares.Solve())
    {
        auto& flow = m_flows[number];
        const bool isCrowd = flow.kind == Kind::Crowd;
        const double all = m_shares.Rate(number);
        const double rate = isCrowd ? all / double(MembersOf(flow).Size()) : all;
        const auto end = flow.end;
        // A flow without a limit, or without bytes, ends although its rate stays as it was.
        if (!(std::abs(rate - flow.rate) <= SAME_RATE * flow.rate) || flow.since == now)
        {
            SetRate(number, rate, now);
        }
        if (flow.end != end)
        {
            SetEnd(number);
        }
    }
    m_ends.NoteAll();
}

std::vector<uint32_t>&
MaxMinFlows::TakeEnded(Picoseconds now)
{
    m_ended.clear();
    while (NextEnd() <= now)
    {
        const auto first = m_ended.size();
        FindEnded(m_ends.TakeNext(), now);
        for (auto next = first; next < m_ended.size(); ++next)
        {
            RemoveFlow(m_ended[next], now);
        }
    }
    return m_ended;
}

void
MaxMinFlows::FindEnded(uint32_t number, Picoseconds now)
{
    if (m_tolerance > 0)
    {
        const auto together = GatheredEnd(number);
        if (together > now)
        {
            m_ends.Postpone(number, together);
            return;
        }
    }
    m_ends.TimesOf(number).FindUntil(now, m_candidates);
    for (const auto slot : m_candidates)
    {
        ListEnded(m_parts.FlowsOf(number)[slot], now);
    }
}

Picoseconds
MaxMinFlows::GatheredEnd(uint32_t number)
{
    auto& times = m_ends.TimesOf(number);
    const auto latest = times.Latest();
    const auto first = times.Earliest();
    const double most = m_tolerance * double((latest - m_ends.BeginOf(number)).count());
    times.FindUntil(Later(first, most), m_candidates);
    m_gathered.clear();
    auto until = NEVER;
    const auto gather = [&](Picoseconds begin, Picoseconds end) {
        m_gathered.push_back(end);
        until = std::min(until, Deadline(begin, end, latest));
    };
    for (const auto slot : m_candidates)
    {
        const auto& flow = m_flows[m_parts.FlowsOf(number)[slot]];
        if (flow.kind != Kind::Crowd)
        {
            gather(flow.begin, flow.end);
            continue;
        }
        for (const auto& [progress, member] : MembersOf(flow).Members())
        {
            const auto end = EndOf(flow, m_flows[member]);
            if (end > until)
            {
                break;
            }
            gather(m_flows[member].begin, end);
        }
    }
    auto last = first;
    for (const auto end : m_gathered)
    {
        last = end <= until ? std::max(last, end) : last;
    }
    return last;
}

void
MaxMinFlows::ListEnded(uint32_t number, Picoseconds now)
{
    const auto& flow = m_flows[number];
    if (flow.kind != Kind::Crowd)
    {
        m_lateEnds += flow.end < now ? 1 : 0;
        m_ended.push_back(number);
        return;
    }
    for (const auto& [progress, member] : MembersOf(flow).Members())
    {
        const auto end = EndOf(flow, m_flows[member]);
        if (end > now)
        {
            break;
        }
        m_lateEnds += end < now ? 1 : 0;
        m_ended.push_back(member);
    }
}

Picoseconds
MaxMinFlows::Deadline(Picoseconds begin, Picoseconds end, Picoseconds latest) const
{
    const double own = LONGEST_SHARE * double((end - begin).count());
    const double longest = double((latest - begin).count());
    return Later(end, m_tolerance * std::min(own, longest));
}

Picoseconds
MaxMinFlows::Later(Picoseconds end, double picoseconds)
{
    const double most = double((LATEST - end).count());
    return end + Picoseconds(std::llround(std::min(picoseconds, most)));
}

} // namespace mixnetcore
