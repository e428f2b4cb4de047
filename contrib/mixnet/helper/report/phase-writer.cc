/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "phase-writer.h"

namespace ns3
{
namespace mixnet
{

namespace
{

using mixnetcore::PhaseRecord;
using Json = nlohmann::ordered_json; //!< keeps fields in their order

/// @param time A span of time. @return seconds.
double
InSeconds(mixnetcore::Picoseconds time)
{
    return time.count() / 1e12;
}

/**
 * @brief One phase as a row: names and values, in the order of the columns.
 * @param record The phase.
 * @return the row.
 */
Json
ToJson(const PhaseRecord& record)
{
    const auto& key = record.key;
    return Json{{"name", ToString(key.kind)},
                {"direction", ToString(key.direction)},
                {"iteration", key.iteration},
                {"replica", key.replica},
                {"stage", key.stage},
                {"region", key.region},
                {"layer", key.layer},
                {"microbatch", key.microbatch},
                {"recompute", key.recompute},
                {"startSeconds", InSeconds(record.start)},
                {"durationSeconds", InSeconds(record.duration)},
                {"darkSeconds", InSeconds(record.dark)},
                {"exposedSeconds", InSeconds(record.exposed)},
                {"changedPorts", record.changedPorts},
                {"circuits", record.circuits},
                {"opticalBytes", record.optical.Count()},
                {"electricalBytes", record.electrical.Count()},
                {"nvswitchBytes", record.nvswitch.Count()},
                {"lowerBoundSeconds", InSeconds(record.lowerBound)},
                {"computeWaitSeconds", InSeconds(record.computeWait)},
                {"insideSeconds", InSeconds(record.insideTime)},
                {"queueSeconds", InSeconds(record.queueTime)},
                {"lineSeconds", InSeconds(record.lineTime)}};
}

} // namespace

PhaseWriter::PhaseWriter(const ResultFolder& folder)
    : m_csv(folder.OpenStream("phases.csv"))
{
    const char* separator = "";
    const auto columns = ToJson(PhaseRecord{});
    for (const auto& column : columns.items())
    {
        m_csv << separator << column.key();
        separator = ",";
    }
    m_csv << std::endl;
}

void
PhaseWriter::Write(const PhaseRecord& record)
{
    const char* separator = "";
    const auto columns = ToJson(record);
    for (const auto& column : columns.items())
    {
        m_csv << separator;
        if (column.value().is_string())
        {
            m_csv << column.value().get<std::string>();
        }
        else
        {
            m_csv << column.value();
        }
        separator = ",";
    }
    m_csv << std::endl;
    if (m_written++ < MAX_SUMMARY_PHASES)
    {
        m_phases.push_back(record);
    }
}

void
PhaseWriter::Summarize(nlohmann::ordered_json& summary) const
{
    summary["phaseCount"] = m_written;
    summary["phasesTruncated"] = m_written > m_phases.size();
    auto& phases = summary["phases"] = Json::array();
    for (const auto& record : m_phases)
    {
        phases.push_back(ToJson(record));
    }
}

} // namespace mixnet
} // namespace ns3
