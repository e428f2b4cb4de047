/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "patch-board.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace mixnetcore
{

PatchBoard::PatchBoard(const PatchBoardSpec& spec)
    : m_spec(spec),
      m_to(size_t{spec.hosts} * spec.nics),
      m_use(m_to.size(), Use::Free)
{
    std::iota(m_to.begin(), m_to.end(), 0);
}

std::optional<uint32_t>
PatchBoard::FreeAtAll(const std::vector<uint32_t>& hosts, uint32_t from) const
{
    for (uint32_t number = from; number < m_spec.nics; ++number)
    {
        if (std::all_of(hosts.begin(), hosts.end(), [&](uint32_t host) {
                return m_use[NicAt(host, number)] == Use::Free;
            }))
        {
            return number;
        }
    }
    return std::nullopt;
}

bool
PatchBoard::MayLink(uint32_t a, uint32_t b) const
{
    return m_spec.flatPanel ? FreeAtAll({a}) && FreeAtAll({b}) : FreeAtAll({a, b}).has_value();
}

void
PatchBoard::Link(uint32_t a, uint32_t b)
{
    assert(a != b && MayLink(a, b));
    const auto common = FreeAtAll({a, b});
    const auto numberAt = [&](uint32_t host) {
        return m_spec.flatPanel ? *FreeAtAll({host}) : *common;
    };
    Join(NicAt(a, numberAt(a)), NicAt(b, numberAt(b)), Use::Link);
}

void
PatchBoard::LayRing(const std::vector<uint32_t>& order, uint32_t nic, uint32_t second)
{
    const auto size = order.size();
    const bool isPair = m_spec.duplex && size == 2;
    for (size_t n = 0; n < (isPair ? 1 : size); ++n)
    {
        const auto from = order[n];
        const auto to = order[(n + 1) % size];
        if (!m_spec.duplex)
        {
            Send(NicAt(from, nic), NicAt(to, nic), Use::Ring);
        }
        else if (isPair)
        {
            Join(NicAt(from, nic), NicAt(to, nic), Use::Ring);
        }
        else if (m_spec.flatPanel)
        {
            Join(NicAt(from, nic), NicAt(to, second), Use::Ring);
        }
        else
        {
            const auto number = n % 2 == 0 ? nic : second;
            Join(NicAt(from, number), NicAt(to, number), Use::Ring);
        }
    }
}

void
PatchBoard::Exchange(uint32_t a, uint32_t b)
{
    assert(PanelOf(a) == PanelOf(b));
    const auto ofA = m_to[a];
    const auto ofB = m_to[b];
    if (!m_spec.duplex)
    {
        Send(a, ofB, Use::Bridge);
        Send(b, ofA, Use::Bridge);
        return;
    }
    for (const auto nic : {ofA, ofB})
    {
        Send(nic, nic, Use::Free);
    }
    Join(a, b, Use::Bridge);
    if (ofA != a && ofB != b)
    {
        Join(ofA, ofB, Use::Bridge);
    }
}

std::vector<uint32_t>
PatchBoard::Parts() const
{
    std::vector<uint32_t> part(m_spec.hosts);
    std::iota(part.begin(), part.end(), 0);
    const auto rootOf = [&](uint32_t host) {
        while (part[host] != host)
        {
            host = part[host] = part[part[host]];
        }
        return host;
    };
    for (uint32_t nic = 0; nic < Nics(); ++nic)
    {
        const auto a = rootOf(HostOf(nic));
        const auto b = rootOf(HostOf(m_to[nic]));
        part[std::max(a, b)] = std::min(a, b);
    }
    for (auto& host : part)
    {
        host = rootOf(host);
    }
    return part;
}

std::vector<CircuitConfiguration>
PatchBoard::Configurations() const
{
    std::vector<std::vector<Circuit>> circuits(Panels());
    for (uint32_t nic = 0; nic < Nics(); ++nic)
    {
        const auto to = m_to[nic];
        if (m_spec.duplex ? nic < to : nic != to)
        {
            circuits[PanelOf(nic)].emplace_back(PortOf(nic), PortOf(to));
        }
    }
    std::vector<CircuitConfiguration> configurations;
    for (auto& panel : circuits)
    {
        configurations.push_back(m_spec.duplex ? CircuitConfiguration(std::move(panel))
                                               : CircuitConfiguration({}, std::move(panel)));
    }
    return configurations;
}

void
PatchBoard::Send(uint32_t from, uint32_t to, Use use)
{
    m_to[from] = to;
    m_use[from] = use;
}

void
PatchBoard::Join(uint32_t a, uint32_t b, Use use)
{
    Send(a, b, use);
    Send(b, a, use);
}

} // namespace mixnetcore
