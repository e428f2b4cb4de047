/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WATER_LEVEL_H
#define WATER_LEVEL_H

#include <limits>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Level at which takers fill up one resource, each with that much per weight, but no more
 * than it wants.
 *
 * The level rises as those that want less than it leave their part to the others.
 *
 * @tparam Visit Callable with a callable (wanted, weight), which it calls for every taker in the
 * same order each time; wanted may be infinite.
 * @param amount Of the resource.
 * @param level Not above the level that is looked for.
 * @param tolerance Relative distance below which levels are the same.
 * @param visit Goes through the takers.
 * @return the level; infinity when all get what they want.
 */
template <typename Visit>
double
WaterLevel(double amount, double level, double tolerance, const Visit& visit)
{
    while (true)
    {
        double taken = 0;
        double others = 0;
        visit([&](double wanted, double weight) {
            const bool isAbove = wanted > level * weight;
            taken += isAbove ? 0 : wanted;
            others += isAbove ? weight : 0;
        });
        const double next =
            others > 0 ? (amount - taken) / others : std::numeric_limits<double>::infinity();
        if (others == 0 || !(next > level * (1 + tolerance)))
        {
            return next;
        }
        level = next;
    }
}

} // namespace mixnetcore

#endif // WATER_LEVEL_H
