/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "layer-split.h"

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

LayerSplit::LayerSplit(size_t layers, size_t stages, size_t chunksPerStage)
    : m_layers(layers),
      m_stages(stages),
      m_chunksPerStage(chunksPerStage)
{
    CheckSizes();
    const auto chunks = stages * chunksPerStage;
    std::vector<size_t> layersPerChunk(chunks, layers / chunks);
    for (size_t chunk = 0; chunk < layers % chunks; ++chunk)
    {
        ++layersPerChunk[chunk];
    }
    Fill(layersPerChunk);
}

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
    if (layersPerChunk.size() != chunks)
    {
        throw std::invalid_argument("layers per stage: a list of " +
                                    std::to_string(layersPerChunk.size()) + " numbers for " +
                                    InWords(stages, chunksPerStage) + "; expected " +
                                    std::to_string(chunks) + " numbers, in the order of the model");
    }
    size_t left = layers;
    for (size_t chunk = 0; chunk < chunks; ++chunk)
    {
        if (layersPerChunk[chunk] == 0)
        {
            throw std::invalid_argument("layers per stage: number " + std::to_string(chunk) +
                                        " (from 0) is 0; expected at least 1");
        }
        if (layersPerChunk[chunk] > left || (chunk + 1 == chunks && layersPerChunk[chunk] < left))
        {
            throw std::invalid_argument("layers per stage: the list does not add up to the " +
                                        std::to_string(layers) + " layers of the model");
        }
        left -= layersPerChunk[chunk];
    }
    Fill(layersPerChunk);
}

void
LayerSplit::CheckSizes() const
{
    if (m_stages == 0)
    {
        throw std::invalid_argument("PP degree is 0; expected at least 1");
    }
    if (m_chunksPerStage == 0)
    {
        throw std::invalid_argument("0 chunks per pipeline stage; expected at least 1");
    }
    if (m_stages > m_layers || m_chunksPerStage > m_layers / m_stages)
    {
        throw std::invalid_argument(std::to_string(m_layers) + " layers on " +
                                    InWords(m_stages, m_chunksPerStage) +
                                    "; expected at least one layer for each");
    }
}

void
LayerSplit::Fill(const std::vector<size_t>& layersPerChunk)
{
    size_t first = 0;
    for (const auto count : layersPerChunk)
    {
        m_ranges.push_back({first, count});
        first += count;
    }
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
        throw std::out_of_range("no layer " + std::to_string(layer) + " among " +
                                std::to_string(m_layers));
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
