/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "measured-expert-load.h"

#include "token-sets.h"

#include "ns3/checks.h"
#include "ns3/json-fields.h"
#include "ns3/largest-remainder.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

namespace mixnetcore
{

namespace
{

using Counts = std::vector<uint64_t>; //!< one row as it stands in the file

constexpr uint64_t TOKEN_SEED = 1; //!< the sets of experts are as fixed as the matrix

/**
 * @param input Text.
 * @param name What the input is called.
 * @return the JSON value in it.
 */
nlohmann::json
ParseJson(std::istream& input, const std::string& name)
{
    const std::string text{std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
    return ParseJsonText(text, name, "one matrix [[..],[..]] of token counts");
}

/**
 * @param value An element of a row.
 * @return whether it is a whole number that 64 bits hold exactly.
 */
bool
IsCount(const nlohmann::json& value)
{
    if (value.is_number_float())
    {
        // Some programs write 9810 as 9810.0; above 2^53 a double no longer tells fractions.
        constexpr double largest = 9007199254740992;
        const auto number = value.get<double>();
        return number >= 0 && number <= largest &&
               static_cast<double>(static_cast<uint64_t>(number)) == number;
    }
    return value.is_number_unsigned();
}

/**
 * @param json One row of the matrix.
 * @param name What the input is called.
 * @param row Number of the row.
 * @return its counts.
 */
Counts
ParseRow(const nlohmann::json& json, const std::string& name, size_t row)
{
    const auto where = "row " + std::to_string(row);
    if (!json.is_array())
    {
        Refuse(Phrase() << name << ": " << where << " (from 0) is " << ShowJson(json)
                        << "; expected a list of token counts");
    }
    Counts counts;
    for (const auto& value : json)
    {
        if (!IsCount(value))
        {
            Refuse(Phrase() << name << ": " << where << ", column " << counts.size()
                            << " (from 0) is " << ShowJson(value)
                            << "; expected a whole number of tokens, zero or more");
        }
        counts.push_back(value.get<uint64_t>());
    }
    return counts;
}

/**
 * @param counts One row of the matrix.
 * @param name What the input is called.
 * @param row Number of the row.
 * @param columns Length of row 0.
 */
void
CheckRow(const Counts& counts, const std::string& name, size_t row, size_t columns)
{
    const auto where = "row " + std::to_string(row) + " (from 0)";
    if (counts.size() != columns)
    {
        Refuse(Phrase() << name << ": " << where << " has " << counts.size()
                        << " columns; expected " << columns << " as in row 0");
    }
    if (counts.empty())
    {
        Refuse(Phrase() << name << ": " << where << " is empty; expected a count per expert");
    }
}

/// @param counts One row of a matrix. @return whether its rank has no tokens.
bool
IsZero(const Counts& counts)
{
    return std::all_of(counts.begin(), counts.end(), [](uint64_t count) { return count == 0; });
}

/**
 * @param input Text of the matrix.
 * @param name What the input is called.
 * @return its rows, all of one length, one at least with tokens.
 */
std::vector<Counts>
ParseMatrix(std::istream& input, const std::string& name)
{
    const auto json = ParseJson(input, name);
    if (!json.is_array() || json.empty())
    {
        Refuse(Phrase() << name << ": holds "
                        << (json.is_array() ? "an empty list" : std::string(json.type_name()))
                        << "; expected one matrix [[..],[..]] of token counts");
    }
    std::vector<Counts> rows;
    for (const auto& element : json)
    {
        auto counts = ParseRow(element, name, rows.size());
        CheckRow(counts, name, rows.size(), rows.empty() ? counts.size() : rows[0].size());
        rows.push_back(std::move(counts));
    }
    if (std::all_of(rows.begin(), rows.end(), IsZero))
    {
        Refuse(Phrase() << name << ": no row has tokens; expected a count above zero in one");
    }
    return rows;
}

/**
 * @param rows Number of source ranks.
 * @param columns Number of experts.
 * @return the shape in words.
 */
std::string
ShapeName(size_t rows, size_t columns)
{
    return std::to_string(rows) + " source ranks x " + std::to_string(columns) + " experts";
}

} // namespace

MeasuredExpertLoad::MeasuredExpertLoad(std::istream& input,
                                       const std::string& name,
                                       size_t sourceRanks,
                                       size_t experts,
                                       Tokens assignmentsPerSource,
                                       Tokens tokensPerSource)
    : m_name(name),
      m_sourceTokens(tokensPerSource)
{
    auto rows = ParseMatrix(input, name);
    if (rows.size() != sourceRanks || rows[0].size() != experts)
    {
        Refuse(Phrase() << name << ": holds " << ShapeName(rows.size(), rows[0].size())
                        << "; expected " << ShapeName(sourceRanks, experts)
                        << " for this model and parallelism");
    }
    for (auto& row : rows)
    {
        if (!IsZero(row))
        {
            row = LargestRemainder(row, assignmentsPerSource.Count());
        }
    }
    m_tokens = TokenMatrixOf(rows);
    CheckTokens();
}

void
MeasuredExpertLoad::CheckTokens() const
{
    for (size_t row = 0; row < m_tokens.Rows() && m_sourceTokens > Tokens(0); ++row)
    {
        for (size_t column = 0; column < m_tokens.Columns(); ++column)
        {
            if (m_tokens.At(row, column) > m_sourceTokens)
            {
                Refuse(Phrase() << m_name << ": row " << row << ", column " << column
                                << " (from 0) is " << m_tokens.At(row, column).Count()
                                << " when scaled to the microbatch; expected at most its "
                                << m_sourceTokens.Count()
                                << " tokens, since a token goes to an expert once");
            }
        }
    }
}

MeasuredExpertLoad
MeasuredExpertLoad::FromFile(const std::string& path,
                             size_t sourceRanks,
                             size_t experts,
                             Tokens assignmentsPerSource,
                             Tokens tokensPerSource)
{
    auto file = OpenFile(path, "a file with a matrix of token counts");
    return MeasuredExpertLoad(file,
                              path,
                              sourceRanks,
                              experts,
                              assignmentsPerSource,
                              tokensPerSource);
}

std::vector<TokenSets>
MeasuredExpertLoad::DrawSets(const LoadKey& key) const
{
    if (m_sourceTokens == Tokens(0))
    {
        return ExpertLoad::DrawSets(key);
    }
    std::vector<TokenSets> sets;
    for (size_t source = 0; source < SourceRanks(); ++source)
    {
        Counts counts;
        for (size_t place = 0; place < Experts(); ++place)
        {
            counts.push_back(m_tokens.At(source, place).Count());
        }
        const auto random = KeyedRandom(TOKEN_SEED).At(source);
        sets.push_back(TokenSets::FromCounts(counts, m_sourceTokens.Count(), random));
    }
    return sets;
}

size_t
MeasuredExpertLoad::LoadedRanks() const
{
    size_t loaded = 0;
    for (size_t row = 0; row < m_tokens.Rows(); ++row)
    {
        loaded += m_tokens.RowSum(row) > Tokens(0) ? 1 : 0;
    }
    return loaded;
}

std::string
MeasuredExpertLoad::Description() const
{
    const auto idle = SourceRanks() - LoadedRanks();
    return "measured matrix " + m_name + ", the same for all iterations, layers and microbatches" +
           (idle > 0 ? "; " + std::to_string(idle) + " ranks without tokens" : "") +
           (m_sourceTokens > Tokens(0) ? "; which experts share a token is drawn" : "");
}

} // namespace mixnetcore
