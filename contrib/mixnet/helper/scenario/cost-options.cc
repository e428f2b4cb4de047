/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "cost-options.h"

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* NEEDS_PRICES = "prices, --prices=NAME"; //!< what options of parts need
constexpr const char* USED = "used";                          //!< OCS ports with a fibre
constexpr const char* ALL = "all";                            //!< one for every NIC
constexpr const char* PANEL = "panel";                        //!< patch panels as such
constexpr const char* OCS = "ocs";                            //!< patch panels as OCS

} // namespace

void
AddCostOptions(ProgramOptions& options, const std::string& prices)
{
    const auto section = options.Section(OptionGroup::Cost);
    const bool isOptional = prices == ProgramOptions::NONE;
    const std::string need = isOptional ? NEEDS_PRICES : "";
    section
        .Add("prices",
             "Prices of parts, by name or from a file (contrib/mixnet/prices/README.md)" +
                 std::string(isOptional ? ", or none" : ""),
             prices)
        .OneOf("prices",
               mixnetcore::PriceLists(),
               isOptional ? std::vector<std::string>{ProgramOptions::NONE}
                          : std::vector<std::string>());
    section.Add("shortLinks", "Links between servers and leaf switches", "fibre", need)
        .OneOf("short-links", mixnetcore::ShortLinks());
    section.Add("ocsPorts",
                "OCS ports of MixNet that are paid: used, those of optical NICs, or all, one for "
                "each NIC, as its authors' site counts",
                USED,
                need);
    section.Add("panelsAs", "What patch panels are bought as: panel or ocs", PANEL, need);
    section.Add("panelPorts",
                "Ports of a patch panel; for more NICs panels form a Clos",
                "1008",
                need);
    section.Add("fanOut", "How a NIC's light reaches the OCS", "duplex", need)
        .OneOf("fan-outs", mixnetcore::OcsFanOuts());
}

std::optional<CostRules>
ParseCostOptions(const ProgramOptions& options)
{
    constexpr uint64_t LEAST_PORTS = 4;
    constexpr uint64_t MOST_PORTS = 1 << 20;
    if (options.Text("prices") == ProgramOptions::NONE)
    {
        return std::nullopt;
    }
    CostRules rules;
    rules.prices =
        options.Made("prices", [&] { return mixnetcore::FindPrices(options.Text("prices")); });
    auto& parts = rules.parts;
    parts.shortLinks = mixnetcore::ShortLinks().Get(
        options.Choice("shortLinks", mixnetcore::ShortLinks().Names()));
    parts.hasOcsPortsForAll = options.Choice("ocsPorts", {USED, ALL}) == ALL;
    parts.panelsAreOcs = options.Choice("panelsAs", {PANEL, OCS}) == OCS;
    parts.panelPorts = options.Count("panelPorts", LEAST_PORTS, MOST_PORTS, "ports");
    parts.ocsPortsPerNic =
        mixnetcore::OcsFanOuts().Get(options.Choice("fanOut", mixnetcore::OcsFanOuts().Names()));
    return rules;
}

NetworkPrice
PriceNetwork(const mixnetcore::FabricPlan& plan, const CostRules& rules)
{
    NetworkPrice price{rules.prices.Title(),
                       CostOf(PartsOfPlan(plan, rules.parts), rules.prices),
                       std::nullopt};
    if (const auto parts = PartsOfAuthors(plan, rules.parts))
    {
        price.authors = CostOf(*parts, rules.prices);
    }
    return price;
}

std::optional<NetworkPrice>
ParsePrice(const ProgramOptions& options, const mixnetcore::FabricPlan& plan)
{
    const auto rules = ParseCostOptions(options);
    if (!rules)
    {
        return std::nullopt;
    }
    return options.Made("prices", [&] { return PriceNetwork(plan, *rules); });
}

nlohmann::ordered_json
SummarizePrice(const std::optional<NetworkPrice>& price)
{
    using Json = nlohmann::ordered_json;
    if (!price)
    {
        return nullptr;
    }
    return {{"prices", price->prices},
            {"usd", price->plan.usd},
            {"usdAsAuthorsCount", price->authors ? Json(price->authors->usd) : Json()},
            {"watts", price->plan.watts}};
}

} // namespace mixnet
} // namespace ns3
