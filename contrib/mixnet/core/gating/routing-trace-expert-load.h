/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ROUTING_TRACE_EXPERT_LOAD_H
#define ROUTING_TRACE_EXPERT_LOAD_H

#include "expert-load.h"
#include "routing-trace-reader.h"

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What a RoutingTraceExpertLoad needs of its trace.
 */
struct RoutingTraceShape
{
    size_t sourceRanks{8};        //!< EP ranks, rows of a matrix
    size_t experts{8};            //!< experts that exist: indices of the trace
    size_t expertPlaces{8};       //!< columns of a matrix, at least the experts
    uint64_t topK{2};             //!< experts per token
    Tokens tokensPerSource;       //!< what rows are scaled to; 0: as recorded
    size_t layers{0};             //!< MoE layers the trace must have at least; 0: any
    size_t recordersPerSource{1}; //!< ranks that record parts of one source rank's tokens: TP
                                  //!< degree with sequence parallelism

    /// Sizes of groups of places for which DrawDistinct() will be asked: places per rank and host.
    std::vector<size_t> groupSizes;

    /// Bytes that the index may take, 1 GiB by default: 58 layers of 256 experts on 64 ranks take
    /// about 1.5 MB per iteration and microbatch.
    size_t maximumIndexBytes{size_t{1} << 30};
};

/**
 * @ingroup mixnet-core
 * @brief The load that a real training run has recorded: a routing trace of Megatron-core.
 *
 * The trace is read once into an index of token counts, one to two bytes per (record, expert); the
 * tokens themselves are not kept.
 *
 * - Steps in ascending order are the iterations. Layers in ascending order are MoE layers 0, 1,
 * ...; their numbers count over the whole model.
 * - The ranks that record a layer, ascending, are first the recorders of source rank 0 of replica
 *   0, then those of source rank 1, and so on.
 * - Records of one (step, layer, rank), in their order in the trace, are the microbatches.
 * - What the trace does not have is repeated: iteration i is step i modulo the steps, and so with
 *   microbatches and replicas. A layer that it does not have is refused.
 * - With tokensPerSource, each row is scaled by largest remainder; distinct tokens by the same
 *   factor, rounded, and kept between what the largest expert and the assignments allow.
 *
 * Guarantees: equal keys give equal matrices; unscaled counts are exactly those of the trace, those
 * of distinct tokens too; memory depends on the records, not on their tokens.
 */
class RoutingTraceExpertLoad : public ExpertLoad
{
  public:
    /**
     * @param input Text of the trace, read to its end.
     * @param name What messages and Description() call the input.
     * @param shape What is needed of it.
     * @throws std::invalid_argument with one line (input, line or place, value, what is expected)
     *         when a line is broken, records are missing or the shape differs.
     */
    RoutingTraceExpertLoad(std::istream& input,
                           const std::string& name,
                           const RoutingTraceShape& shape);

    /**
     * @param path A trace, or a folder in which every file *.jsonl is one, as each rank writes its
     *        own.
     * @param shape What is needed of it.
     * @throws std::invalid_argument as above, and when it cannot be read.
     */
    RoutingTraceExpertLoad(const std::string& path, const RoutingTraceShape& shape);

    // Inherited from ExpertLoad
    TokenMatrix Draw(const LoadKey& key) const override;
    TokenMatrix DrawDistinct(const LoadKey& key, size_t placesPerGroup) const override;

    size_t SourceRanks() const override
    {
        return m_shape.sourceRanks;
    }

    size_t Experts() const override
    {
        return m_shape.expertPlaces;
    }

    bool RepeatsItself() const override
    {
        return m_cells.size() * Microbatches() * Replicas() == 1; // one matrix is all there is
    }

    std::string Description() const override;

    /// @return iterations of the trace.
    size_t Steps() const
    {
        return m_steps;
    }

    /// @return MoE layers of the trace.
    size_t Layers() const
    {
        return m_layers;
    }

    /// @return replicas of an EP group in the trace.
    size_t Replicas() const
    {
        return m_cells[0].ranks / (m_shape.sourceRanks * m_shape.recordersPerSource);
    }

    /// @return microbatches in each iteration, the fewest of all (step, layer).
    size_t Microbatches() const;

    /// @return bytes that the index takes.
    size_t IndexBytes() const;

  private:
    /// Where the counts of a record are.
    struct Entry
    {
        uint64_t step;   //!< iteration as the trace numbers it
        uint64_t layer;  //!< layer as the trace numbers it
        uint64_t rank;   //!< rank that recorded it
        uint32_t chunk;  //!< piece of m_chunks
        uint32_t offset; //!< place in it
    };

    /// All records of one step and layer.
    struct Cell
    {
        size_t first{0};        //!< their first entry
        size_t ranks{0};        //!< ranks that recorded
        size_t microbatches{0}; //!< records of each rank
    };

    /// @param shape What is needed. @param name What the input is called.
    RoutingTraceExpertLoad(const RoutingTraceShape& shape, const std::string& name);

    /// @brief Takes all records of an input in. @param input Text. @param name What it is called.
    void Scan(std::istream& input, const std::string& name);

    /// @brief Keeps the counts of a record. @param record It. @param line Names its line.
    void Keep(const RoutingRecord& record, const std::string& line);

    /// @brief Appends a number to the index, seven bits per byte. @param value The number.
    void Append(uint64_t value);

    /// @brief Orders the entries and forms cells. @throws std::invalid_argument if some are
    /// missing.
    void FormCells();

    /// @param first First entry of a step and layer. @return the cell. @throws as FormCells().
    Cell CellAt(size_t first) const;

    /// @brief Checks layers and ranks against the shape. @throws std::invalid_argument.
    void CheckShape() const;

    /// @param problem What is wrong.
    [[noreturn]] void RefuseTrace(const std::string& problem) const;

    /**
     * @param key Which gating.
     * @param source Source rank.
     * @param way 0 for the experts, 1 + n for the groups of size number n.
     * @return the recorded numbers of the source rank, by place or group.
     */
    std::vector<uint64_t> Recorded(const LoadKey& key, size_t source, size_t way) const;

    /// @param key Which gating. @param source Source rank. @return its counts, scaled, by place.
    std::vector<uint64_t> Counts(const LoadKey& key, size_t source) const;

    /// @param key Which gating. @return its cell.
    const Cell& CellOf(const LoadKey& key) const;

    RoutingTraceShape m_shape;    //!< what is needed
    std::string m_name;           //!< what the input is called
    std::vector<size_t> m_places; //!< column of each expert
    RoutingTraceFormat m_format;  //!< what lines must look like

    std::vector<std::vector<uint8_t>> m_chunks; //!< numbers of the records
    std::vector<Entry> m_entries;               //!< by step, layer, rank, then as in the trace
    std::vector<Cell> m_cells;                  //!< step by step, layer by layer
    size_t m_steps{0};                          //!< different steps
    size_t m_layers{0};                         //!< different layers
};

} // namespace mixnetcore

#endif // ROUTING_TRACE_EXPERT_LOAD_H
