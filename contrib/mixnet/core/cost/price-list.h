/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PRICE_LIST_H
#define PRICE_LIST_H

#include "part-list.h"

#include "ns3/registry.h"

#include <functional>
#include <istream>
#include <map>
#include <string>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What parts cost and draw, by line rate; of parts without one at rate 0.
using RateTable = std::map<BitsPerSecond, double>;

/**
 * @ingroup mixnet-core
 * @brief Prices and power of parts of a network.
 *
 * Between two rates that are listed a value is interpolated linearly in the rate; outside of them
 * there is none. Power that is not listed is 0.
 */
class PriceList
{
  public:
    /**
     * @param text JSON as contrib/mixnet/prices/README.md describes it.
     * @param file What messages call it: its path.
     * @return the prices.
     * @throws std::invalid_argument with one line that names file, field, value and rule.
     */
    static PriceList Parse(const std::string& text, const std::string& file);

    /**
     * @param kind A kind of part. @param rate Its line rate; no matter which where it has none.
     * @return its price, US dollars.
     * @throws std::invalid_argument when it is not listed, or the rate is beyond those listed.
     */
    double Price(PartKind kind, BitsPerSecond rate) const;

    /// @param kind A kind of part. @param rate Its line rate. @return what it draws, watts.
    /// @throws std::invalid_argument as Price(), but for parts whose power is not listed.
    double Watts(PartKind kind, BitsPerSecond rate) const;

    /// @param kind A kind of part. @param rate Its line rate. @return whether its price stands
    /// between two that are listed.
    bool IsInterpolated(PartKind kind, BitsPerSecond rate) const;

    /// @return whose prices they are, for tables.
    const std::string& Title() const
    {
        return m_title;
    }

    /// @return where they are from.
    const std::vector<std::string>& Sources() const
    {
        return m_sources;
    }

  private:
    /// @brief What is known of a kind of part.
    struct PartPrices
    {
        RateTable usd;   //!< prices
        RateTable watts; //!< power
    };

    /// @param table Values by rate. @param kind A kind of part. @param rate A rate.
    /// @return the value there.
    double ValueAt(const RateTable& table, PartKind kind, BitsPerSecond rate) const;

    std::string m_file;                     //!< what messages call it
    std::string m_title;                    //!< for tables
    std::vector<std::string> m_sources;     //!< where prices are from
    std::map<PartKind, PartPrices> m_parts; //!< that have a price
};

/// @ingroup mixnet-core
/// @brief Makes a list of prices.
using PriceListMaker = std::function<PriceList()>;

/// @ingroup mixnet-core
/// @return the lists that have a name, built in: those of contrib/mixnet/prices.
Registry<PriceListMaker>& PriceLists();

/**
 * @ingroup mixnet-core
 * @param name A name of PriceLists(), or the path of a JSON file.
 * @return those prices.
 * @throws std::invalid_argument with one line when there are none, or the file is not right.
 */
PriceList FindPrices(const std::string& name);

} // namespace mixnetcore

#endif // PRICE_LIST_H
