/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "part-list.h"

#include <cassert>

namespace mixnetcore
{

const std::string&
NameOf(PartKind kind)
{
    static const std::array<std::string, PART_KINDS.size()> names{"nic",
                                                                  "transceiver",
                                                                  "electricalPort",
                                                                  "ocsPort",
                                                                  "panelPort",
                                                                  "fibre",
                                                                  "copperCable",
                                                                  "opticalCable"};
    return names.at(static_cast<size_t>(kind));
}

bool
HasRate(PartKind kind)
{
    return kind != PartKind::OcsPort && kind != PartKind::PanelPort && kind != PartKind::Fibre;
}

void
PartList::Add(PartKind kind, BitsPerSecond rate, double count)
{
    assert(count >= 0 && "a network has no fewer than no parts");
    if (count > 0)
    {
        m_parts[{kind, HasRate(kind) ? rate : BitsPerSecond(0)}] += count;
    }
}

double
PartList::Count(PartKind kind) const
{
    double count = 0;
    for (const auto& [key, number] : m_parts)
    {
        count += key.first == kind ? number : 0;
    }
    return count;
}

} // namespace mixnetcore
