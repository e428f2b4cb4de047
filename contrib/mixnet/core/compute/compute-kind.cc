/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "compute-kind.h"

#include "ns3/checks.h"

namespace mixnetcore
{

const std::vector<ComputeKind>&
ComputeKinds()
{
    static const std::vector<ComputeKind> kinds{ComputeKind::Attention,
                                                ComputeKind::Gating,
                                                ComputeKind::Expert,
                                                ComputeKind::SharedExpert,
                                                ComputeKind::Dense,
                                                ComputeKind::Head};
    return kinds;
}

std::string
ToString(ComputeKind kind)
{
    switch (kind)
    {
    case ComputeKind::Attention:
        return "attention";
    case ComputeKind::Gating:
        return "gating";
    case ComputeKind::Expert:
        return "expert";
    case ComputeKind::SharedExpert:
        return "shared-expert";
    case ComputeKind::Dense:
        return "dense";
    case ComputeKind::Head:
        return "head";
    }
    Refuse("no such kind of work");
}

ComputeRates::ComputeRates(FlopsPerSecond all)
    : m_rates(ComputeKinds().size())
{
    for (const auto kind : ComputeKinds())
    {
        Set(kind, all);
    }
}

ComputeRates&
ComputeRates::Set(ComputeKind kind, FlopsPerSecond rate)
{
    if (rate.Count() == 0)
    {
        Refuse("achieved rate of " + ToString(kind) + " is 0 FLOP/s; expected more");
    }
    m_rates.at(static_cast<size_t>(kind)) = rate;
    return *this;
}

} // namespace mixnetcore
