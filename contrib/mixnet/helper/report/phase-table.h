/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PHASE_TABLE_H
#define PHASE_TABLE_H

#include "ns3/phase-record.h"

#include <ostream>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Prints phases as a table for people, a row at a time.
 */
class PhaseTable
{
  public:
    /**
     * @param out Where to print.
     * @param rows Rows at most; the rest is counted.
     */
    PhaseTable(std::ostream& out, uint64_t rows);

    /// @brief Prints the names and units of the columns.
    void PrintHeader();

    /// @param record One more phase.
    void Print(const mixnetcore::PhaseRecord& record);

    /// @brief Explains ratios far above 1, and says how many rows were left out, if any.
    void PrintNotes();

  private:
    std::ostream& m_out;   //!< where to print
    uint64_t m_rows;       //!< rows at most
    uint64_t m_printed{0}; //!< rows so far
    uint64_t m_leftOut{0}; //!< rows left out
    bool m_shared{false};  //!< whether a ratio was above SHARED_RATIO

    static constexpr double SHARED_RATIO = 1.05; //!< duration over bound that wants a note
};

} // namespace mixnet
} // namespace ns3

#endif // PHASE_TABLE_H
