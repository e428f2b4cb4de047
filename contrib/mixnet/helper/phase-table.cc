/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "phase-table.h"

#include <iomanip>
#include <sstream>

namespace ns3
{
namespace mixnet
{

namespace
{

/**
 * @param value A number.
 * @param digits Digits behind the point.
 * @return it as text.
 */
std::string
Fixed(double value, int digits)
{
    std::ostringstream text;
    text << std::fixed << std::setprecision(digits) << value;
    return text.str();
}

} // namespace

std::string
Milliseconds(mixnetcore::Picoseconds time)
{
    return Fixed(time.count() * 1e-9, 4);
}

std::string
Gigabytes(mixnetcore::Bytes bytes)
{
    return Fixed(bytes.Count() * 1e-9, 3);
}

PhaseTable::PhaseTable(std::ostream& out, uint64_t rows)
    : m_out(out),
      m_rows(rows)
{
}

void
PhaseTable::PrintHeader()
{
    m_out << "                    |        time, ms           | all-to-all, GB               |"
             "  bound, ms             | reconfiguration\n"
          << "phase      mb layer |       start      duration | optical electrical NVSwitch  |"
             "               ratio to |  dark, ms  ports circuits\n"
          << std::string(140, '-') << '\n';
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
    m_out << std::left << std::setw(9) << ToString(record.key.kind) << std::right << std::setw(4)
          << record.key.microbatch << std::setw(6) << record.key.layer << " |" << std::setw(13)
          << Milliseconds(record.start) << std::setw(13) << Milliseconds(record.duration) << " |";
    if (record.IsAllToAll())
    {
        const double bound = record.lowerBound.count();
        m_out << std::setw(8) << Gigabytes(record.optical) << std::setw(11)
              << Gigabytes(record.electrical) << std::setw(9) << Gigabytes(record.nvswitch) << "  |"
              << std::setw(13) << Milliseconds(record.lowerBound) << std::setw(10)
              << (bound > 0 ? Fixed(record.duration.count() / bound, 4) : "-") << " |"
              << std::setw(11) << Milliseconds(record.dark) << std::setw(6) << record.changedPorts
              << std::setw(9) << record.circuits;
    }
    else
    {
        m_out << std::string(30, ' ') << "|" << std::string(24, ' ') << "|";
    }
    m_out << '\n';
}

void
PhaseTable::PrintLeftOut()
{
    if (m_leftOut > 0)
    {
        m_out << "... and " << m_leftOut << " phases more (--tableRows prints more of them)\n";
    }
}

} // namespace mixnet
} // namespace ns3
