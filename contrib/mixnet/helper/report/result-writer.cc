/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "result-writer.h"

#include "ns3/mixnet-version.h"

#include <nlohmann/json.hpp>

namespace ns3
{
namespace mixnet
{

namespace
{

using mixnetcore::PhaseRecord;
using mixnetcore::Picoseconds;
using Json = nlohmann::ordered_json; //!< keeps fields in their order

/**
 * @param time A span of time.
 * @return seconds.
 */
double
InSeconds(Picoseconds time)
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

/**
 * @param times Durations by direction and kind of phase.
 * @return them in seconds: direction, then kind.
 */
Json
ToJson(const std::map<std::pair<mixnetcore::Direction, mixnetcore::PhaseKind>, Picoseconds>& times)
{
    Json result = Json::object();
    for (const auto& [phase, time] : times)
    {
        result[ToString(phase.first)][ToString(phase.second)] = InSeconds(time);
    }
    return result;
}

/**
 * @param counters Counters of a fabric.
 * @param retransmitted Frames sent again.
 * @return them by name.
 */
Json
ToJson(const FrameCounters& counters, uint64_t retransmitted)
{
    Json drops = Json::object();
    for (size_t i = 0; i < DROP_REASONS; ++i)
    {
        drops[ToString(static_cast<DropReason>(i))] = counters.dropped[i].frames;
    }
    return Json{{"sent", counters.sent.frames},
                {"received", counters.received.frames},
                {"dropped", drops},
                {"inFlight",
                 counters.sent.frames - counters.received.frames - counters.AllDropped().frames},
                {"retransmitted", retransmitted}};
}

} // namespace

ResultWriter::ResultWriter(ResultFolder& folder)
    : m_folder(folder),
      m_csv(folder.OpenStream("phases.csv"))
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
ResultWriter::Write(const PhaseRecord& record)
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
ResultWriter::WriteSummary(const RunDescription& description,
                           const RunOutcome& outcome,
                           const nlohmann::ordered_json& more)
{
    m_csv.Close();
    const auto& totals = outcome.totals;
    const bool isComplete = outcome.problems.empty();
    Json summary{
        {"schemaVersion", SCHEMA_VERSION},
        {"program", description.program},
        {"version", mixnetcore::VERSION},
        {"options", description.options.values},
        {"preset", description.options.preset},
        {"droppedOptions", description.options.dropped},
        {"seed", description.seed},
        {"model", description.model},
        {"fabric", description.fabric},
        {"forwarding", description.forwarding},
        {"linkRateBitsPerSecond", description.linkRate.Count()},
        {"opticalFidelity", description.opticalFidelity},
        {"electricalFidelity", description.electricalFidelity},
        {"expertLoad", description.expertLoad},
        {"expertLoadRepeats", description.expertLoadRepeats},
        {"complete", isComplete},
        {"problems", outcome.problems},
        {"iterationTimeSeconds", isComplete ? Json(InSeconds(totals.IterationTime())) : Json()},
        {"exposedReconfigurationSeconds", InSeconds(totals.ExposedReconfiguration())},
        {"hiddenReconfigurationSeconds", InSeconds(totals.HiddenReconfiguration())},
        {"waitingBetweenPhasesSeconds", InSeconds(totals.WaitingBetweenPhases())},
        {"timeByPhaseSeconds", ToJson(totals.TimeByPhase())},
        {"allToAllSeconds", InSeconds(totals.AllToAllTime())},
        {"allToAllShare", totals.AllToAllShare()},
        {"allToAllPartsSeconds",
         {{"inside", InSeconds(totals.AllToAllParts().inside)},
          {"queue", InSeconds(totals.AllToAllParts().queue)},
          {"line", InSeconds(totals.AllToAllParts().line)},
          {"light", InSeconds(totals.AllToAllParts().light)},
          {"compute", InSeconds(totals.AllToAllParts().compute)}}},
        {"opticalBytes", totals.Optical().Count()},
        {"electricalBytes", totals.Electrical().Count()},
        {"nvswitchBytes", totals.Nvswitch().Count()},
        {"frames", ToJson(outcome.frames, outcome.retransmittedFrames)},
        {"failedMessages", outcome.failedMessages},
        {"windowsOverBuffer", outcome.windowsOverBuffer},
        {"events", outcome.events},
        {"wallSeconds", outcome.wallSeconds},
        {"eventsPerWallSecond", outcome.wallSeconds > 0 ? outcome.events / outcome.wallSeconds : 0},
        {"peakMemoryBytes", outcome.peakMemoryBytes},
        {"phaseCount", totals.Phases()},
        {"phasesTruncated", m_written > m_phases.size()}};
    summary.update(more);
    auto& phases = summary["phases"] = Json::array();
    for (const auto& record : m_phases)
    {
        phases.push_back(ToJson(record));
    }

    m_folder.WriteSummary(summary);
}

} // namespace mixnet
} // namespace ns3
