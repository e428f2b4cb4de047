/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef COST_OPTIONS_H
#define COST_OPTIONS_H

#include "program-options.h"

#include "ns3/fabric-cost.h"
#include "ns3/fabric-parts.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// @brief What networks are priced by.
struct CostRules
{
    mixnetcore::PriceList prices; //!< of parts
    mixnetcore::PartRules parts;  //!< what they are bought as
};

/// @ingroup mixnet
/// @brief What a network costs and draws.
struct NetworkPrice
{
    std::string prices;                             //!< whose prices
    mixnetcore::NetworkCost plan;                   //!< by the parts of its plan
    std::optional<mixnetcore::NetworkCost> authors; //!< as the paper's authors count, if they do
};

/**
 * @ingroup mixnet
 * @brief Declares --prices, and what parts are bought as.
 * @param options Where to.
 * @param prices Default of --prices, or ProgramOptions::NONE: no prices.
 */
void AddCostOptions(ProgramOptions& options, const std::string& prices);

/**
 * @ingroup mixnet
 * @param options The options.
 * @return what networks are priced by; nothing with --prices=none.
 * @throws std::invalid_argument with one line when an option or the file is wrong.
 */
std::optional<CostRules> ParseCostOptions(const ProgramOptions& options);

/**
 * @ingroup mixnet
 * @param plan A fabric. @param rules What it is priced by.
 * @return what its network costs.
 * @throws std::invalid_argument when a price is not known.
 */
NetworkPrice PriceNetwork(const mixnetcore::FabricPlan& plan, const CostRules& rules);

/**
 * @ingroup mixnet
 * @brief Reads the options of AddCostOptions() for one fabric.
 * @param options The options. @param plan The fabric.
 * @return what its network costs; nothing with --prices=none.
 * @throws std::invalid_argument with one line when an option is wrong or a price is not known.
 */
std::optional<NetworkPrice> ParsePrice(const ProgramOptions& options,
                                       const mixnetcore::FabricPlan& plan);

/// @ingroup mixnet
/// @param price What a network costs, if that is known. @return it for summary.json; null without.
nlohmann::ordered_json SummarizePrice(const std::optional<NetworkPrice>& price);

} // namespace mixnet
} // namespace ns3

#endif // COST_OPTIONS_H
