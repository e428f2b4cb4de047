/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "phase-table.h"

#include "ns3/number-text.h"

#include <iomanip>
#include <sstream>

namespace ns3
{
namespace mixnet
{

namespace
{

/**
 * @tparam Value What can be printed.
 * @param value A value.
 * @param width Columns it takes, a blank before it included, if that is enough.
 * @return it as a cell of a table: never without a blank before it.
 */
template <class Value>
std::string
Cell(const Value& value, int width)
{
    std::ostringstream text;
    text << ' ' << std::setw(width - 1) << value;
    return text.str();
}

/// @param time A span of time. @return it in milliseconds, to a microsecond, without unit.
std::string
Milliseconds(mixnetcore::Picoseconds time)
{
    return mixnetcore::FixedText(time.count() * 1e-9, 3);
}

/// @param bytes An amount of data. @return it in gigabytes (10^9), to a megabyte, without unit.
std::string
Gigabytes(mixnetcore::Bytes bytes)
{
    return mixnetcore::FixedText(bytes.Count() * 1e-9, 3);
}

} // namespace

PhaseTable::PhaseTable(std::ostream& out, uint64_t rows)
    : m_out(out),
      m_rows(rows)
{
}

void
PhaseTable::PrintHeader()
{
    m_out << "                            |       time, ms        |       payload, GB         |"
             "      bound     |       reconfiguration, ms\n"
          << "phase              mb layer |      start   duration |  optic  electr  NVSwitch |"
             "      ms  ratio |     dark  exposed ports circuits\n"
          << std::string(131, '-') << '\n';
}

void
PhaseTable::Print(const mixnetcore::PhaseRecord& record)
{
    if (m_printed == m_rows)
    {
        ++m_leftOut;
        return;
    }
    ++m_printed;
    m_shared = m_shared || (record.IsAllToAll() &&
                            record.duration.count() > SHARED_RATIO * record.lowerBound.count());
    const auto& key = record.key;
    const char* const way = key.recompute                                      ? " again"
                            : key.direction == mixnetcore::Direction::Backward ? " back"
                                                                               : "";
    std::ostringstream row;
    row << std::left << std::setw(18) << ToString(key.kind) + way << std::right
        << Cell(key.microbatch, 3) << Cell(key.layer, 6) << " |"
        << Cell(Milliseconds(record.start), 11) << Cell(Milliseconds(record.duration), 11) << " |";
    if (key.IsAllToAll() || key.IsTensorCollective())
    {
        const double bound = record.lowerBound.count();
        row << Cell(Gigabytes(record.optical), 7) << Cell(Gigabytes(record.electrical), 8)
            << Cell(Gigabytes(record.nvswitch), 10) << "  |"
            << Cell(Milliseconds(record.lowerBound), 8)
            << Cell(bound > 0 ? mixnetcore::FixedText(record.duration.count() / bound, 3) : "-", 7)
            << " |";
    }
    if (key.IsAllToAll() && record.circuits > 0)
    {
        row << Cell(Milliseconds(record.dark), 9) << Cell(Milliseconds(record.exposed), 9)
            << Cell(record.changedPorts, 6) << Cell(record.circuits, 9);
    }
    m_out << row.str() << '\n';
}

void
PhaseTable::PrintNotes()
{
    if (m_shared)
    {
        m_out
            << "A ratio above " << mixnetcore::FixedText(SHARED_RATIO, 2)
            << ": bytes of other phases were on the same lines (ranks go on when they are ready),\n"
               "lines between switches were short, or ranks span servers and collectives have a "
               "step in servers\n"
               "and one between them; the bound knows servers, NICs and circuits\n";
    }
    if (m_leftOut > 0)
    {
        m_out << "... and " << m_leftOut << " phases more (--tableRows prints more of them)\n";
    }
}

} // namespace mixnet
} // namespace ns3
