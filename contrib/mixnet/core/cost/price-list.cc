/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "price-list.h"

#include "ns3/checks.h"
#include "ns3/embedded-files.h"
#include "ns3/json-fields.h"
#include "ns3/json-item.h"
#include "ns3/lists.h"
#include "ns3/option-names.h"
#include "ns3/unit-text.h"

#include <nlohmann/json.hpp>

namespace mixnetcore
{

namespace
{

/// What stands for a value that depends on the rate.
constexpr const char* BY_RATE = R"(a list by rate, as [["100Gb/s", 99], ["400Gb/s", 659]])";

/// @param item A field of a part. @param kind The part. @return its values by rate.
RateTable
ReadTable(const JsonItem& item, PartKind kind)
{
    if (!item.IsList())
    {
        if (HasRate(kind))
        {
            item.Refuse(BY_RATE);
        }
        return {{BitsPerSecond(0), item.PositiveNumber()}};
    }
    if (!HasRate(kind))
    {
        item.Refuse("a number above 0: this part is the same for all rates");
    }
    RateTable table;
    for (const auto& row : item.Items())
    {
        const auto [rate, value] = row.Pair(R"(a rate and a number, as ["100Gb/s", 99])");
        if (!table.emplace(rate.Rate(), value.PositiveNumber()).second)
        {
            rate.Refuse("each rate once");
        }
    }
    if (table.empty())
    {
        item.Refuse(BY_RATE);
    }
    return table;
}

/// @param part What stands for a part. @param kind The part. @return its prices.
RateTable
ReadPrices(const JsonFields& part, PartKind kind)
{
    constexpr double MOST = 1e6; // dollars of a metre, or metres
    if (kind != PartKind::Fibre || part.Has("usd"))
    {
        return ReadTable(part.Item("usd"), kind);
    }
    return {
        {BitsPerSecond(0), part.Number("usdPerMetre", 0, MOST) * part.Number("metres", 0, MOST)}};
}

} // namespace

PriceList
PriceList::Parse(const std::string& text, const std::string& file)
{
    const auto json = ParseJsonText(text, file, "a list of prices in JSON");
    const auto names = Mapped(PART_KINDS, [](PartKind kind) { return NameOf(kind); });
    const JsonFields fields(json, file, "", {"title", "sources", "parts"});
    PriceList list;
    list.m_file = file;
    list.m_title = fields.Text("title");
    list.m_sources = fields.Texts("sources");
    const auto parts = fields.Object("parts", {names.begin(), names.end()});
    for (const auto kind : PART_KINDS)
    {
        if (!parts.Has(NameOf(kind)))
        {
            continue;
        }
        std::vector<std::string> known{"usd", "watts"};
        if (kind == PartKind::Fibre)
        {
            known.insert(known.end(), {"usdPerMetre", "metres"});
        }
        const auto part = parts.Object(NameOf(kind), known);
        list.m_parts[kind] = {ReadPrices(part, kind),
                              part.Has("watts") ? ReadTable(part.Item("watts"), kind)
                                                : RateTable()};
    }
    return list;
}

double
PriceList::ValueAt(const RateTable& table, PartKind kind, BitsPerSecond rate) const
{
    const auto above = table.lower_bound(HasRate(kind) ? rate : BitsPerSecond(0));
    if (above != table.end() && (above->first == rate || !HasRate(kind)))
    {
        return above->second;
    }
    if (above == table.end() || above == table.begin())
    {
        Refuse(Phrase() << "prices " << m_file << ": " << NameOf(kind) << " at " << ExactText(rate)
                        << ": known from " << ExactText(table.begin()->first) << " to "
                        << ExactText(table.rbegin()->first));
    }
    const auto below = std::prev(above);
    const double part =
        double((rate - below->first).Count()) / double((above->first - below->first).Count());
    return below->second + part * (above->second - below->second);
}

double
PriceList::Price(PartKind kind, BitsPerSecond rate) const
{
    const auto found = m_parts.find(kind);
    if (found == m_parts.end())
    {
        Refuse("prices " + m_file + ": have none of " + NameOf(kind) + ", which the network needs");
    }
    return ValueAt(found->second.usd, kind, rate);
}

double
PriceList::Watts(PartKind kind, BitsPerSecond rate) const
{
    const auto found = m_parts.find(kind);
    return found == m_parts.end() || found->second.watts.empty()
               ? 0
               : ValueAt(found->second.watts, kind, rate);
}

bool
PriceList::IsInterpolated(PartKind kind, BitsPerSecond rate) const
{
    const auto found = m_parts.find(kind);
    return HasRate(kind) && found != m_parts.end() && found->second.usd.count(rate) == 0;
}

Registry<PriceListMaker>&
PriceLists()
{
    static auto registry = [] {
        Registry<PriceListMaker> built("prices", {}, "the path of a JSON file");
        for (const auto& file : EmbeddedPrices())
        {
            const auto parse = [file] {
                return PriceList::Parse(file.text, std::string("prices/") + file.name + ".json");
            };
            built.Add(file.name, parse, parse().Title());
        }
        return built;
    }();
    return registry;
}

PriceList
FindPrices(const std::string& name)
{
    return IsJsonPath(name) ? PriceList::Parse(ReadTextFile(name, "prices"), name)
                            : PriceLists().Make(name);
}

} // namespace mixnetcore
