/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PHASE_WRITER_H
#define PHASE_WRITER_H

#include "ns3/phase-record.h"
#include "ns3/result-folder.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Writes phases.csv while a run goes on, and keeps the first phases for its summary.
 *
 * Columns of the table and fields of the summary have the same names, units and numbers.
 */
class PhaseWriter
{
  public:
    static constexpr uint64_t MAX_SUMMARY_PHASES = 1'000; //!< phases in summary.json at most

    /**
     * @param folder Where to write; phases.csv is among its files.
     * @throws std::invalid_argument when it cannot be written to.
     */
    explicit PhaseWriter(const ResultFolder& folder);

    /// @param record One more phase.
    void Write(const mixnetcore::PhaseRecord& record);

    /// @brief Ends phases.csv. @throws std::runtime_error when it cannot be written.
    void Close()
    {
        m_csv.Close();
    }

    /// @param[in,out] summary Gets phaseCount, phasesTruncated and phases.
    void Summarize(nlohmann::ordered_json& summary) const;

  private:
    OutputFile m_csv;                              //!< phases.csv
    uint64_t m_written{0};                         //!< phases so far
    std::vector<mixnetcore::PhaseRecord> m_phases; //!< the first of them
};

} // namespace mixnet
} // namespace ns3

#endif // PHASE_WRITER_H
