/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "registry.h"

#include "checks.h"
#include "option-names.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace mixnetcore
{

RegistryNames::RegistryNames(std::string family, std::string otherwise)
    : m_family(std::move(family)),
      m_otherwise(std::move(otherwise))
{
}

bool
RegistryNames::Has(const std::string& name) const
{
    return FindName(m_names, name).has_value();
}

std::string
RegistryNames::Describe() const
{
    std::vector<std::string> lines;
    for (size_t index = 0; index < m_names.size(); ++index)
    {
        lines.push_back(m_names[index] + " (" + m_summaries[index] + ")");
    }
    return JoinNames(lines) + Otherwise();
}

std::string
RegistryNames::Otherwise() const
{
    return m_otherwise.empty() ? "" : ", or " + m_otherwise;
}

void
RegistryNames::AddName(const std::string& name, const std::string& summary)
{
    if (name.empty() || Has(name))
    {
        Refuse(m_family + " '" + name +
               "': a new one needs a name that no other has; known: " + JoinNames(m_names));
    }
    m_names.push_back(name);
    m_summaries.push_back(summary);
}

size_t
RegistryNames::IndexOf(const std::string& name) const
{
    const auto known = FindName(m_names, name);
    if (!known)
    {
        std::error_code error;
        const bool isFile = !m_otherwise.empty() && std::filesystem::exists(name, error);
        Refuse(
            "unknown " + m_family + " '" + name + "'; known: " + JoinNames(m_names) + Otherwise() +
            (isFile ? "; a file of that name is given as ./" + name : SuggestName(m_names, name)));
    }
    return std::find(m_names.begin(), m_names.end(), *known) - m_names.begin();
}

} // namespace mixnetcore
