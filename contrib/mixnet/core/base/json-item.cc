/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "json-item.h"

#include "checks.h"
#include "option-names.h"
#include "option-values.h"

#include <nlohmann/json.hpp>

namespace mixnetcore
{

JsonItem::JsonItem(const nlohmann::json& value, std::string file, std::string path)
    : m_value(&value),
      m_file(std::move(file)),
      m_path(std::move(path))
{
}

bool
JsonItem::IsList() const
{
    return m_value->is_array();
}

bool
JsonItem::IsText() const
{
    return m_value->is_string();
}

std::vector<JsonItem>
JsonItem::Items() const
{
    if (!IsList())
    {
        Refuse("a list");
    }
    std::vector<JsonItem> items;
    items.reserve(m_value->size());
    for (const auto& value : *m_value)
    {
        items.emplace_back(value, m_file, m_path + "[" + std::to_string(items.size()) + "]");
    }
    return items;
}

std::pair<JsonItem, JsonItem>
JsonItem::Pair(const std::string& expected) const
{
    if (!IsList() || m_value->size() != 2)
    {
        Refuse(expected);
    }
    auto items = Items();
    return {std::move(items[0]), std::move(items[1])};
}

JsonFields
JsonItem::Fields(const std::vector<std::string>& known) const
{
    return {*m_value, m_file, m_path, known};
}

std::string
JsonItem::Text() const
{
    if (!IsText() || m_value->get<std::string>().empty())
    {
        Refuse("a text in quotes, not empty");
    }
    return m_value->get<std::string>();
}

uint64_t
JsonItem::Count(uint64_t least, uint64_t most) const
{
    if (!m_value->is_number_unsigned() || m_value->get<uint64_t>() < least ||
        m_value->get<uint64_t>() > most)
    {
        Refuse(Phrase() << "a whole number from " << least << " to " << most);
    }
    return m_value->get<uint64_t>();
}

double
JsonItem::PositiveNumber() const
{
    if (!m_value->is_number() || !(m_value->get<double>() > 0))
    {
        Refuse("a number above 0");
    }
    return m_value->get<double>();
}

BitsPerSecond
JsonItem::Rate() const
{
    const auto rate = IsText() ? TryParseRate(Text()) : std::nullopt;
    if (!rate)
    {
        Refuse(RATE_IN_WORDS);
    }
    return *rate;
}

Picoseconds
JsonItem::Duration() const
{
    const auto time = IsText() ? TryParseDuration(Text()) : std::nullopt;
    if (!time)
    {
        Refuse(DURATION_IN_WORDS);
    }
    return *time;
}

std::string
JsonItem::Choice(const std::vector<std::string>& names) const
{
    const auto text = Text();
    const auto found = FindName(names, text);
    if (!found)
    {
        Refuse("one of " + JoinNames(names) + SuggestName(names, text));
    }
    return *found;
}

void
JsonItem::Refuse(const std::string& expected) const
{
    mixnetcore::Refuse(m_file + ": " + m_path + " is " + ShowJson(*m_value) + "; expected " +
                       expected);
}

} // namespace mixnetcore
