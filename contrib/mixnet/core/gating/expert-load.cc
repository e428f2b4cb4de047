/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "expert-load.h"

#include <stdexcept>

namespace mixnetcore
{

LoadKey
LoadKeyOf(const PhaseKey& phase, uint64_t denseLayers)
{
    if (phase.layer < denseLayers)
    {
        throw std::invalid_argument(
            "phase " + ToString(phase.kind) + " of layer " + std::to_string(phase.layer) +
            ": has no gating, the first layer with experts is " + std::to_string(denseLayers));
    }
    return {phase.iteration,
            static_cast<uint32_t>(phase.layer - denseLayers),
            phase.microbatch,
            phase.replica};
}

TokenMatrix
ExpertLoad::DrawDistinct(const LoadKey& key, size_t placesPerGroup) const
{
    if (placesPerGroup == 1)
    {
        return Draw(key);
    }
    throw std::invalid_argument("expert load \"" + Description() +
                                "\" counts assignments only, which do not tell how many tokens go "
                                "to several experts of a rank or host; expected no deduplication");
}

TokenMatrix
TokenMatrixOf(const std::vector<std::vector<uint64_t>>& rows)
{
    TokenMatrix tokens(rows.size(), rows.empty() ? 0 : rows[0].size());
    for (size_t row = 0; row < tokens.Rows(); ++row)
    {
        for (size_t column = 0; column < tokens.Columns(); ++column)
        {
            tokens.At(row, column) = Tokens(rows[row].at(column));
        }
    }
    return tokens;
}

DemandMatrix
DispatchDemand(const TokenMatrix& tokens, size_t epRanks, Bytes bytesPerToken)
{
    if (epRanks == 0 || tokens.Rows() != epRanks || tokens.Columns() % epRanks != 0)
    {
        throw std::invalid_argument("an expert load of " + std::to_string(tokens.Rows()) +
                                    " source ranks x " + std::to_string(tokens.Columns()) +
                                    " experts does not fit " + std::to_string(epRanks) +
                                    " expert-parallel ranks; expected a row per rank and a "
                                    "multiple of the ranks as columns");
    }
    const auto ranks = tokens.Grouped(1, tokens.Columns() / epRanks);
    DemandMatrix demand(epRanks, epRanks);
    for (size_t source = 0; source < epRanks; ++source)
    {
        for (size_t destination = 0; destination < epRanks; ++destination)
        {
            demand.At(source, destination) = bytesPerToken * ranks.At(source, destination).Count();
        }
    }
    return demand;
}

} // namespace mixnetcore
