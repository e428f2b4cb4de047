/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "replicated-expert-load.h"

#include "token-sets.h"

#include <utility>
#include <vector>

namespace mixnetcore
{

ReplicatedExpertLoad::ReplicatedExpertLoad(std::shared_ptr<const ExpertLoad> load, size_t places)
    : m_load(std::move(load)),
      m_places(places)
{
    CopiesOf(0);
}

const ExpertCopies&
ReplicatedExpertLoad::CopiesOf(uint32_t layer) const
{
    const auto found = m_known.find(layer);
    if (found != m_known.end())
    {
        return found->second;
    }
    LoadKey first;
    first.layer = layer;
    const auto tokens = m_load->Draw(first);
    std::vector<uint64_t> ofExperts;
    for (size_t expert = 0; expert < tokens.Columns(); ++expert)
    {
        ofExperts.push_back(tokens.ColumnSum(expert).Count());
    }
    return m_known.emplace(layer, ExpertCopies(ofExperts, m_places, SourceRanks())).first->second;
}

TokenMatrix
ReplicatedExpertLoad::Draw(const LoadKey& key) const
{
    const auto& copies = CopiesOf(key.layer);
    const auto tokens = m_load->Draw(key);
    TokenMatrix result(tokens.Rows(), m_places);
    for (size_t source = 0; source < tokens.Rows(); ++source)
    {
        for (size_t expert = 0; expert < tokens.Columns(); ++expert)
        {
            result.At(source, copies.PlaceOf(expert, source)) = tokens.At(source, expert);
        }
    }
    return result;
}

TokenMatrix
ReplicatedExpertLoad::DrawDistinct(const LoadKey& key, size_t placesPerGroup) const
{
    if (placesPerGroup == 1)
    {
        return Draw(key);
    }
    const auto& copies = CopiesOf(key.layer);
    const auto sets = m_load->DrawSets(key);
    std::vector<std::vector<uint64_t>> rows;
    for (size_t source = 0; source < sets.size(); ++source)
    {
        std::vector<uint32_t> placeOf;
        for (size_t expert = 0; expert < copies.Experts(); ++expert)
        {
            placeOf.push_back(static_cast<uint32_t>(copies.PlaceOf(expert, source)));
        }
        rows.push_back(sets[source].Moved(placeOf, m_places).Distinct(placesPerGroup));
    }
    return TokenMatrixOf(rows);
}

std::string
ReplicatedExpertLoad::Description() const
{
    return m_load->Description() + "; " + std::to_string(m_places - m_load->Experts()) +
           " copies of busy experts, laid by each layer's first gating";
}

} // namespace mixnetcore
