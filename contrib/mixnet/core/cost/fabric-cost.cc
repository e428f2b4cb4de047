/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-cost.h"

#include <algorithm>

namespace mixnetcore
{

bool
NetworkCost::IsInterpolated() const
{
    return std::any_of(parts.begin(), parts.end(), [](const PartCost& part) {
        return part.isInterpolated;
    });
}

double
NetworkCost::UsdOf(PartKind kind) const
{
    double sum = 0;
    for (const auto& part : parts)
    {
        sum += part.kind == kind ? part.usd : 0;
    }
    return sum;
}

NetworkCost
CostOf(const PartList& parts, const PriceList& prices)
{
    NetworkCost cost;
    for (const auto& [key, count] : parts.Parts())
    {
        const auto& [kind, rate] = key;
        cost.parts.push_back({kind,
                              rate,
                              count,
                              count * prices.Price(kind, rate),
                              count * prices.Watts(kind, rate),
                              prices.IsInterpolated(kind, rate)});
        cost.usd += cost.parts.back().usd;
        cost.watts += cost.parts.back().watts;
    }
    return cost;
}

} // namespace mixnetcore
