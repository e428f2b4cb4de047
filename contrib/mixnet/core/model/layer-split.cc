/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "layer-split.h"

#include "ns3/checks.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace mixnetcore
{

namespace
{

/**
 * @param stages Pipeline stages.
 * @param chunksPerStage Chunks on each stage.
 * @return both in words.
 */
std::string
InWords(size_t stages, size_t chunksPerStage)
{
    const auto text = std::to_string(stages) + " pipeline stages";
    return chunksPerStage == 1 ? text
                               : text + " of " + std::to_string(chunksPerStage) + " chunks each";
}

} // namespace

LayerSplit::LayerSplit(size_t layers,
                       size_t stages,
                       size_t chunksPerStage,
                       const std::vector<size_t>& layersPerChunk)
    : m_layers(layers),
      m_stages(stages),
      m_chunksPerStage(chunksPerStage)
{
    CheckSizes();
    const auto chunks = stages * chunksPerStage;
    if (layersPerChunk.empty())
    {
        for (size_t chunk = 0; chunk < chunks; ++chunk)
        {
            Append(layers / chunks + (chunk < layers % chunks ? 1 : 0));
        }
        return;
    }
    if (layersPerChunk.size() != chunks)
    {
        Refuse(Phrase() << "layers per stage: a list of " << layersPerChunk.size()
                        << " numbers for " << InWords(stages, chunksPerStage) << "; expected "
                        << chunks << " numbers, in the order of the model");
    }
    size_t left = layers;
    for (size_t chunk = 0; chunk < chunks; ++chunk)
    {
        if (layersPerChunk[chunk] == 0)
        {
            Refuse(Phrase() << "layers per stage: number " << chunk
                            << " (from 0) is 0; expected at least 1");
        }
        if (layersPerChunk[chunk] > left || (chunk + 1 == chunks && layersPerChunk[chunk] < left))
        {
            Refuse(Phrase() << "layers per stage: the list does not add up to the " << layers
                            << " layers of the model");
        }
        left -= layersPerChunk[chunk];
        Append(layersPerChunk[chunk]);
    }
}

void
LayerSplit::CheckSizes() const
{
    if (m_stages == 0)
    {
        Refuse("PP degree is 0; expected at least 1");
    }
    if (m_chunksPerStage == 0)
    {
        Refuse("0 chunks per pipeline stage; expected at least 1");
    }
    if (m_stages > m_layers || m_chunksPerStage > m_layers / m_stages)
    {
        Refuse(Phrase() << m_layers << " layers on " << InWords(m_stages, m_chunksPerStage)
                        << "; expected at least one layer for each");
    }
}

void
LayerSplit::Append(size_t count)
{
    m_ranges.push_back({m_ranges.empty() ? 0 : m_ranges.back().End(), count});
}

LayerRange
LayerSplit::LayersOf(const StageChunk& place) const
{
    if (place.stage >= m_stages || place.chunk >= m_chunksPerStage)
    {
        throw std::out_of_range("no chunk " + std::to_string(place.chunk) + " on stage " +
                                std::to_string(place.stage) + " among " +
                                InWords(m_stages, m_chunksPerStage));
    }
    return m_ranges[place.chunk * m_stages + place.stage];
}

size_t
LayerSplit::LayersOnStage(size_t stage) const
{
    size_t layers = 0;
    for (size_t chunk = 0; chunk < m_chunksPerStage; ++chunk)
    {
        layers += LayersOf({stage, chunk}).count;
    }
    return layers;
}

StageChunk
LayerSplit::PlaceOf(size_t layer) const
{
    if (layer >= m_layers)
    {
        throw std::out_of_range(Phrase() << "no layer " << layer << " among " << m_layers);
    }
    const auto after =
        std::upper_bound(m_ranges.begin(),
                         m_ranges.end(),
                         layer,
                         [](size_t l, const LayerRange& range) { return l < range.first; });
    const auto chunk = static_cast<size_t>(after - m_ranges.begin()) - 1;
    return {chunk % m_stages, chunk / m_stages};
}

StageChunk
LayerSplit::First() const
{
    return {0, 0};
}

StageChunk
LayerSplit::Last() const
{
    return {m_stages - 1, m_chunksPerStage - 1};
}

} // namespace mixnetcore
