/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "routing-trace-expert-load.h"

#include "ns3/checks.h"
#include "ns3/expert-places.h"
#include "ns3/json-fields.h"
#include "ns3/largest-remainder.h"
#include "ns3/lists.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <tuple>

namespace mixnetcore
{

namespace
{

constexpr size_t CHUNK_BYTES = size_t{1} << 20; //!< the index grows by pieces of this size

/**
 * @param path A trace, or a folder of them.
 * @return the files, ordered by name.
 * @throws std::invalid_argument when the folder has none.
 */
std::vector<std::string>
FilesOf(const std::string& path)
{
    std::error_code error;
    if (!std::filesystem::is_directory(path, error))
    {
        return {path};
    }
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(path, error))
    {
        if (entry.path().extension() == ".jsonl")
        {
            files.push_back(entry.path().string());
        }
    }
    if (files.empty())
    {
        Refuse(path + ": has no files *.jsonl; expected one routing trace or "
                      "more");
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// @param parts Numbers. @return their sum.
uint64_t
Sum(const std::vector<uint64_t>& parts)
{
    return std::accumulate(parts.begin(), parts.end(), uint64_t{0});
}

} // namespace

RoutingTraceExpertLoad::RoutingTraceExpertLoad(const RoutingTraceShape& shape,
                                               const std::string& name)
    : m_shape(shape),
      m_name(name),
      m_places(ExpertPlaces(shape.experts, shape.expertPlaces))
{
    if (shape.sourceRanks == 0 || shape.recordersPerSource == 0 || shape.experts == 0)
    {
        RefuseTrace(Phrase() << "is to be read as " << shape.sourceRanks << " source ranks of "
                             << shape.recordersPerSource << " recorders and " << shape.experts
                             << " experts; expected 1 or more of each");
    }
    m_format.experts = shape.experts;
    m_format.topK = shape.topK;
    for (const auto size : shape.groupSizes)
    {
        if (size == 0 || shape.expertPlaces % size != 0)
        {
            RefuseTrace(Phrase() << "is to be counted in groups of " << size
                                 << " expert places; expected a divisor of " << shape.expertPlaces);
        }
        m_format.groupOfExpert.push_back(
            Mapped(m_places, [size](size_t place) { return static_cast<uint32_t>(place / size); }));
    }
}

RoutingTraceExpertLoad::RoutingTraceExpertLoad(std::istream& input,
                                               const std::string& name,
                                               const RoutingTraceShape& shape)
    : RoutingTraceExpertLoad(shape, name)
{
    Scan(input, name);
    FormCells();
    CheckShape();
}

RoutingTraceExpertLoad::RoutingTraceExpertLoad(const std::string& path,
                                               const RoutingTraceShape& shape)
    : RoutingTraceExpertLoad(shape, path)
{
    for (const auto& file : FilesOf(path))
    {
        auto input = OpenFile(file, "a routing trace, JSON lines");
        Scan(input, file);
    }
    FormCells();
    CheckShape();
}

void
RoutingTraceExpertLoad::Scan(std::istream& input, const std::string& name)
{
    RoutingTraceReader reader(input, name, m_format);
    RoutingRecord record;
    while (reader.Next(record))
    {
        Keep(record, name + ", line " + std::to_string(reader.Line()));
    }
    if (input.bad())
    {
        Refuse(Phrase() << name << ", after line " << reader.Line()
                        << ": cannot be read; expected the rest of the trace");
    }
}

void
RoutingTraceExpertLoad::Keep(const RoutingRecord& record, const std::string& line)
{
    constexpr size_t mostPerNumber = 8; // 53 bits, seven per byte
    const auto sizeOf = [](const auto& groups) { return groups.size(); };
    const auto needed = (record.counts.size() + SumOf(record.distinct, sizeOf)) * mostPerNumber;
    if (m_chunks.empty() || m_chunks.back().capacity() - m_chunks.back().size() < needed)
    {
        m_chunks.emplace_back();
        m_chunks.back().reserve(std::max(CHUNK_BYTES, needed));
        if (IndexBytes() > m_shape.maximumIndexBytes)
        {
            Refuse(Phrase() << line << ": the counts up to here take " << IndexBytes()
                            << " bytes; expected at most " << m_shape.maximumIndexBytes
                            << ", fewer steps");
        }
    }
    m_entries.push_back({record.step,
                         record.layer,
                         record.rank,
                         static_cast<uint32_t>(m_chunks.size() - 1),
                         static_cast<uint32_t>(m_chunks.back().size())});
    for (const auto count : record.counts)
    {
        Append(count);
    }
    for (const auto& groups : record.distinct)
    {
        for (const auto count : groups)
        {
            Append(count);
        }
    }
}

void
RoutingTraceExpertLoad::Append(uint64_t value)
{
    auto& chunk = m_chunks.back();
    for (; value >= 128; value >>= 7)
    {
        chunk.push_back(static_cast<uint8_t>(value | 128));
    }
    chunk.push_back(static_cast<uint8_t>(value));
}

void
RoutingTraceExpertLoad::FormCells()
{
    if (m_entries.empty())
    {
        RefuseTrace("has no records; expected one line for each step, layer and rank");
    }
    std::stable_sort(m_entries.begin(), m_entries.end(), [](const Entry& a, const Entry& b) {
        return std::tie(a.step, a.layer, a.rank) < std::tie(b.step, b.layer, b.rank);
    });
    for (size_t first = 0; first < m_entries.size();)
    {
        m_cells.push_back(CellAt(first));
        const auto& cell = m_cells.back();
        if (m_entries[first].step == m_entries[0].step)
        {
            ++m_layers;
        }
        first += cell.ranks * cell.microbatches;
    }
    m_steps = m_cells.size() / m_layers;
    for (size_t i = 0; i < m_cells.size(); ++i)
    {
        const auto& entry = m_entries[m_cells[i].first];
        const auto& begin = m_entries[m_cells[i - i % m_layers].first];
        const auto& model = m_entries[m_cells[i % m_layers].first];
        if (entry.layer != model.layer || entry.step != begin.step)
        {
            RefuseTrace(Phrase() << "step " << begin.step << " has other layers than step "
                                 << m_entries[0].step << " (from layer "
                                 << std::min(entry.layer, model.layer) << " on); expected the same "
                                 << m_layers << " layers in every step");
        }
    }
    if (m_cells.size() % m_layers != 0)
    {
        RefuseTrace(Phrase() << "step " << m_entries.back().step << " has "
                             << m_cells.size() % m_layers << " layers; expected the same "
                             << m_layers << " layers in every step");
    }
}

RoutingTraceExpertLoad::Cell
RoutingTraceExpertLoad::CellAt(size_t first) const
{
    const auto& begin = m_entries[first];
    const auto isIn = [this, &begin](size_t i) {
        return i < m_entries.size() && m_entries[i].step == begin.step &&
               m_entries[i].layer == begin.layer;
    };
    Cell cell;
    cell.first = first;
    auto next = first;
    while (isIn(next))
    {
        const auto rank = m_entries[next].rank;
        size_t records = 0;
        for (; isIn(next) && m_entries[next].rank == rank; ++next)
        {
            ++records;
        }
        ++cell.ranks;
        cell.microbatches = cell.microbatches == 0 ? records : cell.microbatches;
        if (records != cell.microbatches)
        {
            RefuseTrace(Phrase() << "step " << begin.step << ", layer " << begin.layer << " has "
                                 << records << " records of rank " << rank << "; expected "
                                 << cell.microbatches << " as of rank " << begin.rank);
        }
    }
    return cell;
}

void
RoutingTraceExpertLoad::CheckShape() const
{
    const auto group = m_shape.sourceRanks * m_shape.recordersPerSource;
    for (const auto& cell : m_cells)
    {
        if (cell.ranks % group != 0 || cell.ranks != m_cells[0].ranks)
        {
            const auto& entry = m_entries[cell.first];
            RefuseTrace(Phrase() << "step " << entry.step << ", layer " << entry.layer
                                 << " has records of " << cell.ranks << " ranks; expected "
                                 << (cell.ranks % group != 0
                                         ? "a multiple of the " + std::to_string(group) +
                                               " ranks of an EP group"
                                         : std::to_string(m_cells[0].ranks) +
                                               " as in the first step and layer"));
        }
    }
    if (m_layers < m_shape.layers)
    {
        RefuseTrace(Phrase() << "has " << m_layers << " layers; expected the " << m_shape.layers
                             << " MoE layers of the model");
    }
}

void
RoutingTraceExpertLoad::RefuseTrace(const std::string& problem) const
{
    Refuse("routing trace " + m_name + ": " + problem);
}

const RoutingTraceExpertLoad::Cell&
RoutingTraceExpertLoad::CellOf(const LoadKey& key) const
{
    if (key.layer >= m_layers)
    {
        RefuseTrace(Phrase() << "has no MoE layer " << key.layer << " (from 0); expected 0 to "
                             << m_layers - 1);
    }
    return m_cells[key.iteration % m_steps * m_layers + key.layer];
}

std::vector<uint64_t>
RoutingTraceExpertLoad::Recorded(const LoadKey& key, size_t source, size_t way) const
{
    const auto& cell = CellOf(key);
    const auto recorders = m_shape.recordersPerSource;
    const auto replica = key.replica % Replicas();
    const auto firstRank = (replica * m_shape.sourceRanks + source) * recorders;
    const auto numbersOf = [this](size_t each) {
        return each == 0 ? m_shape.experts : m_shape.expertPlaces / m_shape.groupSizes[each - 1];
    };
    size_t skip = 0;
    for (size_t before = 0; before < way; ++before)
    {
        skip += numbersOf(before);
    }
    const auto numbers = numbersOf(way);
    std::vector<uint64_t> sums(numbers, 0);
    for (size_t recorder = 0; recorder < recorders; ++recorder)
    {
        const auto& entry = m_entries[cell.first + (firstRank + recorder) * cell.microbatches +
                                      key.microbatch % cell.microbatches];
        const auto* at = m_chunks[entry.chunk].data() + entry.offset;
        for (size_t i = 0; i < skip + numbers; ++i)
        {
            uint64_t value = 0;
            for (int shift = 0;; shift += 7)
            {
                const uint64_t byte = *at++;
                value |= (byte & 127) << shift;
                if (byte < 128)
                {
                    break;
                }
            }
            if (i >= skip)
            {
                sums[i - skip] += value;
            }
        }
    }
    return sums;
}

std::vector<uint64_t>
RoutingTraceExpertLoad::Counts(const LoadKey& key, size_t source) const
{
    auto counts = Recorded(key, source, 0);
    if (m_shape.tokensPerSource > Tokens(0))
    {
        counts = LargestRemainder(counts, m_shape.tokensPerSource.Count() * m_shape.topK);
    }
    std::vector<uint64_t> row(m_shape.expertPlaces, 0);
    for (size_t expert = 0; expert < counts.size(); ++expert)
    {
        row[m_places[expert]] = counts[expert];
    }
    return row;
}

TokenMatrix
RoutingTraceExpertLoad::Draw(const LoadKey& key) const
{
    std::vector<std::vector<uint64_t>> rows;
    for (size_t source = 0; source < SourceRanks(); ++source)
    {
        rows.push_back(Counts(key, source));
    }
    return TokenMatrixOf(rows);
}

TokenMatrix
RoutingTraceExpertLoad::DrawDistinct(const LoadKey& key, size_t placesPerGroup) const
{
    __extension__ using Wide = unsigned __int128;
    if (placesPerGroup == 1)
    {
        return Draw(key);
    }
    const auto& sizes = m_shape.groupSizes;
    const auto found = std::find(sizes.begin(), sizes.end(), placesPerGroup);
    if (found == sizes.end())
    {
        RefuseTrace(Phrase() << "was not counted in groups of " << placesPerGroup
                             << " expert places; expected one of the groupSizes it was read with");
    }
    const auto way = 1 + static_cast<size_t>(found - sizes.begin());
    std::vector<std::vector<uint64_t>> rows;
    for (size_t source = 0; source < SourceRanks(); ++source)
    {
        const auto recorded = Sum(Recorded(key, source, 0)); // topK times the tokens
        const auto counts = Counts(key, source);
        const auto scaled = Sum(counts);
        auto row = Recorded(key, source, way);
        for (size_t group = 0; group < row.size() && scaled != recorded; ++group)
        {
            const auto begin = counts.begin() + static_cast<ptrdiff_t>(group * placesPerGroup);
            const auto end = begin + static_cast<ptrdiff_t>(placesPerGroup);
            const auto least = *std::max_element(begin, end);
            const auto most =
                std::min(scaled / m_shape.topK, std::accumulate(begin, end, uint64_t{0}));
            const auto nearest = (Wide{row[group]} * scaled * 2 + recorded) / (Wide{recorded} * 2);
            row[group] = std::clamp(static_cast<uint64_t>(nearest), least, most);
        }
        rows.push_back(std::move(row));
    }
    return TokenMatrixOf(rows);
}

size_t
RoutingTraceExpertLoad::Microbatches() const
{
    return std::min_element(
               m_cells.begin(),
               m_cells.end(),
               [](const Cell& a, const Cell& b) { return a.microbatches < b.microbatches; })
        ->microbatches;
}

size_t
RoutingTraceExpertLoad::IndexBytes() const
{
    return m_entries.capacity() * sizeof(Entry) + m_cells.capacity() * sizeof(Cell) +
           SumOf(m_chunks, [](const auto& chunk) { return chunk.capacity(); });
}

std::string
RoutingTraceExpertLoad::Description() const
{
    return Phrase() << "routing trace " << m_name << ", " << m_steps << " iterations of "
                    << m_layers << " layers, " << Microbatches() << " microbatches and "
                    << Replicas() << " replicas, repeated cyclically beyond";
}

} // namespace mixnetcore
