/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef LAYER_SPLIT_H
#define LAYER_SPLIT_H

#include <cstddef>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Consecutive layers of a model.
 */
struct LayerRange
{
    size_t first{0}; //!< first layer, counted from 0 over the whole model
    size_t count{0}; //!< how many

    /// @return the layer after the last.
    size_t End() const
    {
        return first + count;
    }

    /// @param other Another range. @return whether it is the same.
    bool operator==(const LayerRange& other) const
    {
        return first == other.first && count == other.count;
    }
};

/**
 * @ingroup mixnet-core
 * @brief A part of the model on one pipeline stage.
 */
struct StageChunk
{
    size_t stage{0}; //!< pipeline stage
    size_t chunk{0}; //!< which of the stage's chunks, in the order of the model

    /// @param other Another chunk. @return whether it is the same.
    bool operator==(const StageChunk& other) const
    {
        return stage == other.stage && chunk == other.chunk;
    }
};

/**
 * @ingroup mixnet-core
 * @brief Which layers of a model are on which pipeline stage.
 *
 * A stage holds one chunk of consecutive layers, or several with an interleaved schedule. A
 * microbatch passes chunk 0 of all stages, then chunk 1 of all stages, and so on:
 *
 *     stage      0    1    2    3
 *     chunk 0    L0   L1   L2   L3        8 layers, 4 stages, 2 chunks per stage
 *     chunk 1    L4   L5   L6   L7
 *
 * Layers are dealt as evenly as possible by default: the chunks that come first in the model have
 * one layer more where it does not come out even, since the last stage computes the head besides.
 *
 * Guarantees: every layer is in exactly one chunk, every chunk has a layer.
 *
 * @see Narayanan et al.: Efficient large-scale language model training on GPU clusters, SC 2021
 */
class LayerSplit
{
  public:
    /**
     * @param layers Layers of the model.
     * @param stages Pipeline stages (PP degree), at least 1.
     * @param chunksPerStage Chunks on each stage, at least 1.
     * @param layersPerChunk Layers of each chunk in the order of the model: chunk 0 of all stages,
     *        then chunk 1 of all stages, ...; with one chunk per stage, layers per stage. Empty to
     *        deal them as evenly as possible.
     * @throws std::invalid_argument when there are fewer layers than chunks; when the list has
     *         another length, a number is zero or they do not add up to @p layers.
     */
    LayerSplit(size_t layers,
               size_t stages,
               size_t chunksPerStage,
               const std::vector<size_t>& layersPerChunk = {});

    /// @return layers of the model.
    size_t Layers() const
    {
        return m_layers;
    }

    /// @return pipeline stages.
    size_t Stages() const
    {
        return m_stages;
    }

    /// @return chunks on each stage.
    size_t ChunksPerStage() const
    {
        return m_chunksPerStage;
    }

    /**
     * @param place Stage and chunk.
     * @return its layers.
     * @throws std::out_of_range when there is none.
     */
    LayerRange LayersOf(const StageChunk& place) const;

    /**
     * @param stage Below Stages().
     * @return the number of layers in all its chunks.
     * @throws std::out_of_range when there is none.
     */
    size_t LayersOnStage(size_t stage) const;

    /**
     * @param layer Below Layers().
     * @return where it is.
     * @throws std::out_of_range when there is none.
     */
    StageChunk PlaceOf(size_t layer) const;

    /// @return the chunk with the first layer, which the embedding precedes.
    StageChunk First() const;

    /// @return the chunk with the last layer, which the head follows.
    StageChunk Last() const;

  private:
    /// @throws std::invalid_argument when a degree is zero or chunks outnumber the layers.
    void CheckSizes() const;

    /// @param count Layers of the next chunk in the order of the model.
    void Append(size_t count);

    size_t m_layers;                  //!< layers of the model
    size_t m_stages;                  //!< pipeline stages
    size_t m_chunksPerStage;          //!< chunks on each stage
    std::vector<LayerRange> m_ranges; //!< layers of each chunk, in the order of the model
};

} // namespace mixnetcore

#endif // LAYER_SPLIT_H
