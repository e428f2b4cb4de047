/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_COST_H
#define FABRIC_COST_H

#include "part-list.h"
#include "price-list.h"

#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Parts of one kind and rate, with what all of them cost and draw.
struct PartCost
{
    PartKind kind;       //!< what they are
    BitsPerSecond rate;  //!< line rate; 0 where they have none
    double count;        //!< how many
    double usd;          //!< price of all, US dollars
    double watts;        //!< power of all
    bool isInterpolated; //!< whether the price stands between two that are listed
};

/// @ingroup mixnet-core
/// @brief What a network costs and draws.
struct NetworkCost
{
    std::vector<PartCost> parts; //!< by kind and rate
    double usd{0};               //!< price of all, US dollars
    double watts{0};             //!< power of all

    /// @return whether a price stands between two that are listed.
    bool IsInterpolated() const;

    /// @param kind A kind. @return price of all its parts, US dollars.
    double UsdOf(PartKind kind) const;
};

/**
 * @ingroup mixnet-core
 * @param parts Parts of a network. @param prices What they cost.
 * @return the cost of each and of all.
 * @throws std::invalid_argument when a price is not known.
 */
NetworkCost CostOf(const PartList& parts, const PriceList& prices);

} // namespace mixnetcore

#endif // FABRIC_COST_H
