/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "group-report.h"

#include "ns3/model-flops.h"
#include "ns3/simulator.h"

#include <iomanip>
#include <sstream>

namespace ns3
{
namespace mixnet
{

namespace
{

/**
 * @param time A part of the iteration. @param whole The iteration.
 * @return both as text.
 */
std::string
Part(mixnetcore::Picoseconds time, mixnetcore::Picoseconds whole)
{
    std::ostringstream text;
    text << std::setw(12) << Milliseconds(time) << " ms" << std::fixed << std::setprecision(2)
         << std::setw(8) << (whole.count() > 0 ? 100.0 * time.count() / whole.count() : 0.0)
         << " %";
    return text.str();
}

} // namespace

GroupReport::GroupReport(const TrainingScenario& scenario,
                         const Fabric& fabric,
                         const TrainingGroup& group,
                         std::ostream& out)
    : m_scenario(scenario),
      m_fabric(fabric),
      m_group(group),
      m_out(out),
      m_table(out, scenario.tableRows),
      m_circuits({group}),
      m_recorder(fabric, group, [this](const mixnetcore::PhaseRecord& record) { Add(record); })
{
    if (scenario.output != FabricScenario::NONE)
    {
        m_folder.emplace(
            scenario.output,
            std::vector<std::string>{"phases.csv", "timeline.csv", "circuits.csv", "ports.csv"});
        m_writer.emplace(*m_folder);
        m_timeline.emplace(*m_folder, group);
    }
}

void
GroupReport::PrintScenario()
{
    const auto& group = m_scenario.workload->Group();
    const auto& sequence = m_scenario.sequence;
    m_out << m_scenario.options.DescribePreset() << m_scenario.model.title << ": EP "
          << group.Ranks() << " x TP " << group.TensorParallel() << " on " << group.Hosts()
          << " servers, " << group.Gpus() << " GPUs; layers " << sequence.layers
          << ", microbatches " << sequence.microbatches << ", "
          << (!sequence.backward   ? "forward"
              : sequence.recompute ? "forward and backward with recomputation"
                                   : "forward and backward")
          << "\n"
          << DescribeFabric(m_scenario.fabric) << "; " << DescribeFidelity(m_scenario.fabric)
          << "\n";
    if (!m_scenario.fabric.plan.regions.empty())
    {
        m_out << "Circuits: " << DescribeCircuits(m_scenario.fabric, m_scenario.control) << "\n";
    }
    m_out << "Forwarding: " << DescribeForwarding(m_scenario.fabric.plan) << "\n"
          << "GPUs: " << m_scenario.compute << "; NVSwitch port "
          << m_scenario.fabric.plan.host.gpuPortRate.Count() * 1e-9 << " Gb/s each way\n"
          << "Expert load: " << m_scenario.workload->Load().Description() << "\n\n";
    m_table.PrintHeader();
    m_out.flush();
}

void
GroupReport::Add(const mixnetcore::PhaseRecord& record)
{
    m_totals.Add(record);
    if (record.key.kind == mixnetcore::PhaseKind::Expert && !record.key.recompute &&
        record.key.direction == mixnetcore::Direction::Forward)
    {
        m_imbalance.Add(m_scenario.workload->DemandOf(record.key).arriving);
    }
    m_table.Print(record);
    m_out.flush();
    if (m_writer)
    {
        m_writer->Write(record);
    }
}

TrainingEfficiency
GroupReport::Efficiency() const
{
    const auto& workload = *m_scenario.workload;
    const auto& sequence = m_scenario.sequence;
    const double flops =
        mixnetcore::ModelFlopsPerMicrobatch(workload.Compute(),
                                            workload.Model(),
                                            {sequence.layers, 0, false, sequence.backward}) *
        workload.Group().Ranks() * sequence.microbatches;
    const double seconds = m_totals.IterationTime().count() * 1e-12;
    TrainingEfficiency efficiency;
    efficiency.gpu = m_scenario.gpu;
    efficiency.flopsPerGpu = seconds > 0 ? flops / seconds / workload.Group().Gpus() : 0;
    efficiency.imbalance = m_imbalance;
    return efficiency;
}

void
GroupReport::PrintTime() const
{
    const auto whole = m_totals.IterationTime();
    m_out << "\niteration time        " << Part(whole, whole) << ", of which\n";
    for (const auto& [phase, time] : m_totals.TimeByPhase())
    {
        const auto name = ToString(phase.second) +
                          (phase.first == mixnetcore::Direction::Backward ? " back" : "");
        m_out << "  " << std::left << std::setw(20) << name << std::right << Part(time, whole)
              << "\n";
    }
    m_out << "  waiting in between  " << Part(m_totals.WaitingBetweenPhases(), whole) << "\n"
          << "blackouts             "
          << Part(m_totals.ExposedReconfiguration() + m_totals.HiddenReconfiguration(), whole)
          << ", exposed " << Milliseconds(m_totals.ExposedReconfiguration()) << " ms, hidden "
          << Milliseconds(m_totals.HiddenReconfiguration()) << " ms\n"
          << "all-to-all            " << Part(m_totals.AllToAllTime(), whole) << ", of which\n";
    const auto& parts = m_totals.AllToAllParts();
    m_out << "  circuits and lines  " << Part(parts.line, whole) << "\n"
          << "  queues              " << Part(parts.queue, whole) << "\n"
          << "  inside of servers   " << Part(parts.inside, whole) << "\n"
          << "before them, the longest wait of a rank, summed\n"
          << "  for circuits        " << std::setw(12) << Milliseconds(parts.light) << " ms\n"
          << "  for the last rank   " << std::setw(12) << Milliseconds(parts.compute) << " ms\n";
}

void
GroupReport::PrintTotals(const RunOutcome& outcome) const
{
    const auto& totals = outcome.totals;
    const auto& frames = outcome.frames;
    Efficiency().Print(m_out, 22);
    m_circuits.PrintWarning(m_out);
    m_out << "payload               " << Gigabytes(totals.Optical()) << " GB optical, "
          << Gigabytes(totals.Electrical()) << " GB electrical, " << Gigabytes(totals.Nvswitch())
          << " GB NVSwitch\n";
    if (!m_scenario.fabric.IsAll(Fidelity::Flow))
    {
        m_out << "frames                " << frames.sent.frames << " sent, "
              << frames.received.frames << " received, " << frames.AllDropped().frames << " lost, "
              << outcome.retransmittedFrames << " sent again\n";
    }
    m_out << DescribeBuffers(m_scenario.fabric, m_fabric);
    m_out << std::setprecision(2) << "simulated in          " << outcome.wallSeconds << " s, "
          << outcome.events << " events, " << outcome.events / outcome.wallSeconds * 1e-6
          << " M/s, " << outcome.peakMemoryBytes / 1000000 << " MB\n";
}

void
GroupReport::WriteSummary(const PortReport& ports, const RunOutcome& outcome)
{
    const auto& load = m_scenario.workload->Load();
    nlohmann::ordered_json more;
    Efficiency().Write(more);
    m_circuits.Write(more);
    ports.Write(more);
    m_writer->WriteSummary({"mixnet-training",
                            m_scenario.options,
                            m_scenario.seed,
                            m_scenario.model.name,
                            m_scenario.fabric.plan.name,
                            ForwardingOf(m_scenario.fabric.plan),
                            m_scenario.fabric.plan.host.nics.front().rate,
                            ToString(m_scenario.fabric.opticalFidelity),
                            ToString(m_scenario.fabric.electricalFidelity),
                            load.Description(),
                            load.RepeatsItself()},
                           outcome,
                           more);
}

SimulationRun::Progress
GroupReport::GetProgress() const
{
    return {double(m_recorder.GetEndedPhases()), double(m_recorder.GetPhases()), "phases"};
}

void
GroupReport::Finish(const std::vector<std::string>& problems, uint64_t events, double wallSeconds)
{
    m_table.PrintNotes();
    const RunOutcome outcome{problems,
                             m_totals,
                             m_fabric.GetCounters(),
                             m_fabric.GetRetransmittedFrames(),
                             m_group.GetFailedMessages(),
                             events,
                             wallSeconds,
                             PeakMemoryBytes(),
                             m_fabric.GetLargestBufferNeed().Ratio()};
    const bool isComplete = problems.empty();
    if (!isComplete)
    {
        m_out << "\nINCOMPLETE: the sums are of the phases that ended\n";
    }
    PrintTime();
    const PortReport ports(m_fabric,
                           isComplete ? m_totals.IterationTime().count() / 1e12
                                      : Simulator::Now().GetSeconds());
    ports.Print(m_out);
    PrintTotals(outcome);
    if (m_writer)
    {
        m_timeline->Close();
        ports.Write(*m_folder);
        WriteSummary(ports, outcome);
        m_out << "results               " << m_scenario.output
              << "/{summary.json,phases.csv,ports.csv,timeline.csv,circuits.csv}\n";
    }
}

} // namespace mixnet
} // namespace ns3
