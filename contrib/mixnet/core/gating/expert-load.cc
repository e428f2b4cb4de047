/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "expert-load.h"

#include "ns3/checks.h"
#include "ns3/lists.h"

namespace mixnetcore
{

LoadKey
LoadKeyOf(const PhaseKey& phase, uint64_t denseLayers)
{
    if (phase.layer < denseLayers)
    {
        Refuse(Phrase() << "phase " << ToString(phase.kind) << " of layer " << phase.layer
                        << ": has no gating, the first layer with experts is " << denseLayers);
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
    const auto sets = DrawSets(key);
    return TokenMatrixOf(Mapped(sets, [placesPerGroup](const TokenSets& ofSource) {
        return ofSource.Distinct(placesPerGroup);
    }));
}

std::vector<TokenSets>
ExpertLoad::DrawSets(const LoadKey& /* key */) const
{
    Refuse("expert load \"" + Description() +
           "\" counts assignments only, which do not tell how many tokens go "
           "to several experts of a rank or host; expected no deduplication");
}

TokenMatrix
TokenMatrixOf(const std::vector<std::vector<uint64_t>>& rows)
{
    const auto tokensAt = [&rows](size_t row, size_t column) {
        return Tokens(rows[row].at(column));
    };
    return {rows.size(), rows.empty() ? 0 : rows[0].size(), tokensAt};
}

DemandMatrix
DispatchDemand(const TokenMatrix& tokens, size_t epRanks, Bytes bytesPerToken)
{
    if (epRanks == 0 || tokens.Rows() != epRanks || tokens.Columns() % epRanks != 0)
    {
        Refuse(Phrase() << "an expert load of " << tokens.Rows() << " source ranks x "
                        << tokens.Columns() << " experts does not fit " << epRanks
                        << " expert-parallel ranks; expected a row per rank and a "
                           "multiple of the ranks as columns");
    }
    return TokenBytes(tokens.Grouped(1, tokens.Columns() / epRanks), bytesPerToken);
}

DemandMatrix
TokenBytes(const TokenMatrix& tokens, Bytes bytesPerToken)
{
    const auto bytesAt = [&](size_t row, size_t column) {
        return bytesPerToken * tokens.At(row, column).Count();
    };
    return {tokens.Rows(), tokens.Columns(), bytesAt};
}

} // namespace mixnetcore
