/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "transition-matrix.h"

#include "ns3/checks.h"
#include "ns3/json-fields.h"

#include <nlohmann/json.hpp>
#include <sstream>

namespace mixnetcore
{

namespace
{

constexpr double ROW_ROUNDING = 1e-6; //!< by which a row may miss 1

/**
 * @param json One row. @param name What the input is called. @param row Its number.
 * @param experts Its length.
 * @param matrix Where to append its probabilities.
 */
void
AppendRow(const nlohmann::json& json,
          const std::string& name,
          size_t row,
          size_t experts,
          std::vector<double>& matrix)
{
    const auto where = "row " + std::to_string(row);
    if (!json.is_array() || json.size() != experts)
    {
        Refuse(Phrase() << name << ": " << where << " (from 0) "
                        << (json.is_array() ? "has " + std::to_string(json.size()) + " columns"
                                            : "is no list")
                        << "; expected " << experts << " probabilities, one for each expert");
    }
    double sum = 0;
    for (size_t column = 0; column < experts; ++column)
    {
        const auto& value = json[column];
        if (!value.is_number() || !(value.get<double>() >= 0 && value.get<double>() <= 1))
        {
            Refuse(Phrase() << name << ": " << where << ", column " << column << " (from 0) is "
                            << ShowJson(value) << "; expected a probability, 0 to 1");
        }
        matrix.push_back(value.get<double>());
        sum += matrix.back();
    }
    if (!(sum >= 1 - ROW_ROUNDING && sum <= 1 + ROW_ROUNDING))
    {
        std::ostringstream problem;
        problem << where << " (from 0) adds up to " << sum;
        Refuse(Phrase() << name << ": " << problem.str()
                        << "; expected 1: every token goes on to some expert");
    }
}

} // namespace

std::vector<double>
ParseTransitionMatrix(const std::string& text, const std::string& name, size_t experts)
{
    const auto json = ParseJsonText(text, name, "one matrix [[..],[..]] of probabilities");
    if (!json.is_array() || json.size() != experts)
    {
        Refuse(Phrase() << name << ": "
                        << (json.is_array() ? "has " + std::to_string(json.size()) + " rows"
                                            : "is no list")
                        << "; expected " << experts << " rows, one for each expert");
    }
    std::vector<double> matrix;
    for (size_t row = 0; row < experts; ++row)
    {
        AppendRow(json[row], name, row, experts, matrix);
    }
    return matrix;
}

std::vector<double>
ReadTransitionMatrix(const std::string& path, size_t experts)
{
    return ParseTransitionMatrix(ReadTextFile(path, "matrix of transitions"), path, experts);
}

} // namespace mixnetcore
