/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-report.h"

#include "circuit-description.h"
#include "fabric-description.h"

#include "ns3/model-flops.h"
#include "ns3/number-text.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <iomanip>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

namespace ns3
{
namespace mixnet
{

namespace
{

using mixnetcore::PhaseKind;
using mixnetcore::TimeKind;
using Json = nlohmann::ordered_json; //!< keeps fields in their order

/// Kinds of phases that send, in the order of the table.
constexpr PhaseKind TRAFFIC[] = {PhaseKind::Dispatch,
                                 PhaseKind::DispatchForward,
                                 PhaseKind::Combine,
                                 PhaseKind::CombineForward,
                                 PhaseKind::AttentionGather,
                                 PhaseKind::AttentionScatter,
                                 PhaseKind::AllGather,
                                 PhaseKind::ReduceScatter,
                                 PhaseKind::PipelineSend,
                                 PhaseKind::ExpertReduce,
                                 PhaseKind::SharedReduce};

/// @param kind What time went into. @return the same, for people.
std::string
Title(TimeKind kind)
{
    static const std::map<TimeKind, std::string> TITLES{
        {TimeKind::Tensor, "TP collectives"},
        {TimeKind::Pipeline, "PP transfers"},
        {TimeKind::Data, "gradient all-reduces"},
        {TimeKind::Light, "exposed reconfiguration"},
        {TimeKind::Imbalance, "straggler wait"}};
    const auto found = TITLES.find(kind);
    return found == TITLES.end() ? ToString(kind) : found->second;
}

/// @param seconds A span of time. @param width Columns of its number. @param whole All time.
/// @return it as a cell of a table: milliseconds, and percents of the whole.
std::string
TimeAndPart(double seconds, int width, double whole)
{
    std::ostringstream text;
    text << std::fixed << std::setprecision(3) << std::setw(width) << 1e3 * seconds << " ms"
         << std::setprecision(2) << std::setw(8) << 100 * seconds / whole << " %";
    return text.str();
}

/// @param seconds Some values. @return the mean.
double
Mean(const std::vector<double>& seconds)
{
    return seconds.empty() ? 0
                           : std::accumulate(seconds.begin(), seconds.end(), 0.0) / seconds.size();
}

} // namespace

TrainingReport::TrainingReport(const TrainingScenario& scenario,
                               const Fabric& fabric,
                               const std::vector<TrainingGroup>& groups,
                               std::ostream& out)
    : m_scenario(scenario),
      m_fabric(fabric),
      m_groups(groups),
      m_out(out),
      m_table(m_rows, scenario.tableRows),
      m_totals(groups.size()),
      m_phaseRecorder(fabric,
                      groups,
                      scenario.job,
                      [this](const auto& record) { AddPhase(record); }),
      m_recorder(groups, scenario.job, [this](const auto& record) { AddIteration(record); })
{
    if (scenario.timeline)
    {
        m_trace.emplace(scenario.timeline, fabric, groups);
    }
    if (scenario.output != FabricScenario::NONE)
    {
        OpenFiles();
    }
    if (!scenario.animation.path.empty())
    {
        m_animation.emplace(scenario.animation, fabric, groups, scenario.job.model.title);
    }
}

void
TrainingReport::OpenFiles()
{
    std::vector<std::string> files{"phases.csv", "iterations.csv", "gantt.csv", "ports.csv"};
    const bool isAlone = m_groups.size() == 1;
    if (isAlone)
    {
        files.insert(files.end(), {"timeline.csv", "circuits.csv"});
    }
    m_folder.emplace(m_scenario.output, files);
    m_phases.emplace(*m_folder);
    if (isAlone)
    {
        m_timeline.emplace(*m_folder, m_groups.front());
    }
    m_iterations = m_folder->OpenStream("iterations.csv");
    m_iterations << "iteration,beginSeconds,seconds,tokensPerSecond,lastGroup,lastRank";
    for (size_t kind = 0; kind < mixnetcore::TIME_KINDS; ++kind)
    {
        const auto name = ToString(static_cast<TimeKind>(kind));
        m_iterations << "," << name << "PathSeconds," << name << "MeanSeconds";
    }
    m_iterations << ",darkSeconds,exposedSeconds,pipelineDrainMeanSeconds" << std::endl;
    m_gantt = m_folder->OpenStream("gantt.csv");
    m_gantt << "iteration,stage,replica,chunk,microbatch,direction,beginSeconds,endSeconds"
            << std::endl;
}

double
TrainingReport::TokensPerIteration() const
{
    const auto& plan = m_scenario.job.Plan();
    const auto perMicrobatch =
        m_scenario.job.model.TokensPerMicrobatch().Count() * plan.ExpertParallel();
    return double(perMicrobatch) * m_scenario.job.program->Options().microbatches *
           plan.DataParallel();
}

double
TrainingReport::Iterations() const
{
    return std::max<size_t>(1, m_sums.seconds.size());
}

double
TrainingReport::PerIteration(
    const std::function<mixnetcore::Picoseconds(const mixnetcore::TrainingTotals&)>& time) const
{
    mixnetcore::Picoseconds sum{0};
    for (const auto& totals : m_totals)
    {
        sum = mixnetcore::CheckedSum(sum, time(totals), "all EP groups together");
    }
    return sum.count() / 1e12 / double(m_totals.size()) / Iterations();
}

double
TrainingReport::RunSeconds(const TrainingOutcome& outcome) const
{
    // After a complete run, timers of NICs may have kept the simulator going.
    return outcome.problems.empty()
               ? std::accumulate(m_sums.seconds.begin(), m_sums.seconds.end(), 0.0)
               : Simulator::Now().GetSeconds();
}

SimulationRun::Progress
TrainingReport::GetProgress() const
{
    return {double(m_recorder.GetEndedPhases()), double(m_recorder.GetPhases()), "phases"};
}

void
TrainingReport::PrintScenario()
{
    const auto& job = m_scenario.job;
    const auto& program = job.program->Options();
    m_out << m_scenario.options.DescribePreset() << job.model.title << ": " << job.Plan().Summary()
          << "\nlayers " << (program.excerpt ? program.excerpt->count : job.model.layers)
          << (program.excerpt ? " with experts, alone" : "") << ", microbatches "
          << program.microbatches << " of " << job.model.microbatchSize << " x "
          << job.model.sequenceLength << " tokens per EP rank, schedule " << program.schedule
          << (!program.backward   ? ", forward"
              : program.recompute ? ", recomputation"
                                  : "")
          << ", iterations " << job.iterations << "\n"
          << DescribeFabric(m_scenario.fabric) << "; " << DescribeFidelity(m_scenario.fabric)
          << "\n";
    if (!m_scenario.fabric.plan.regions.empty())
    {
        const auto regions = m_scenario.fabric.plan.regions.size();
        m_out << "Circuits: " << regions << (regions == 1 ? " region, " : " regions, ")
              << DescribeCircuits(m_scenario.fabric, m_scenario.control) << "\n";
    }
    m_out << DescribeStandingCircuits(m_scenario.fabric)
          << "Forwarding: " << DescribeForwarding(m_scenario.fabric) << "\n"
          << "GPUs: " << m_scenario.compute << "; " << DescribeServer(m_scenario.fabric.plan.host)
          << "\n"
          << "Expert load: " << job.work->Load().Description() << std::endl;
    if (m_groups.size() == 1)
    {
        m_table.PrintHeader();
    }
}

void
TrainingReport::AddPhase(const mixnetcore::PhaseRecord& record)
{
    const auto& key = record.key;
    m_totals.at(key.replica + m_scenario.job.Plan().DataParallel() * key.stage).Add(record);
    if (m_groups.size() == 1)
    {
        m_table.Print(record);
    }
    if (m_phases)
    {
        m_phases->Write(record);
    }
    if (m_trace)
    {
        m_trace->AddPhase(record);
    }
}

void
TrainingReport::AddIteration(const IterationRecord& record)
{
    const double seconds = (record.end - record.begin).GetSeconds();
    m_sums.seconds.push_back(seconds);
    for (size_t kind = 0; kind < mixnetcore::TIME_KINDS; ++kind)
    {
        m_sums.path[static_cast<TimeKind>(kind)] += record.path[static_cast<TimeKind>(kind)];
        m_sums.mean[kind] += record.mean[kind];
    }
    m_sums.drain = record.drain; // before, ranks had their next iteration to begin
    if (m_scenario.job.iterations > 1)
    {
        m_out << (m_sums.seconds.size() == 1 ? "\n" : "") << "iteration " << std::setw(5)
              << record.iteration << std::fixed << std::setprecision(6) << std::setw(14) << seconds
              << " s" << std::endl;
    }
    if (m_folder)
    {
        WriteRow(record);
    }
}

void
TrainingReport::WriteRow(const IterationRecord& record)
{
    const double seconds = (record.end - record.begin).GetSeconds();
    m_iterations << std::setprecision(12) << record.iteration << "," << record.begin.GetSeconds()
                 << "," << seconds << "," << TokensPerIteration() / seconds << "," << record.group
                 << "," << record.rank;
    for (size_t kind = 0; kind < mixnetcore::TIME_KINDS; ++kind)
    {
        m_iterations << "," << record.path[static_cast<TimeKind>(kind)].count() * 1e-12 << ","
                     << record.mean[kind];
    }
    m_iterations << "," << record.dark.GetSeconds() << "," << record.exposed.GetSeconds() << ","
                 << record.drain << std::endl;
    for (const auto& step : record.steps)
    {
        m_gantt << std::setprecision(12) << step.iteration << "," << step.stage << ","
                << step.replica << "," << step.chunk << "," << step.microbatch << ","
                << ToString(step.direction) << "," << step.begin.GetSeconds() << ","
                << step.end.GetSeconds() << "\n";
    }
    m_gantt.flush();
}

TrainingReport::TimeSplit
TrainingReport::SplitTime() const
{
    const double count = Iterations();
    TimeSplit split;
    split.drain = m_sums.drain / count;
    for (size_t kind = 0; kind < mixnetcore::TIME_KINDS; ++kind)
    {
        split.path[kind] = m_sums.path[static_cast<TimeKind>(kind)].count() * 1e-12 / count;
        split.mean[kind] = m_sums.mean[kind] / count;
    }
    return split;
}

TrainingEfficiency
TrainingReport::Efficiency() const
{
    const auto& job = m_scenario.job;
    const auto& plan = job.Plan();
    const auto& program = job.program->Options();
    const bool isWhole = !program.excerpt;
    const double flops = mixnetcore::ModelFlopsPerMicrobatch(job.work->Compute(),
                                                             job.model,
                                                             {job.program->MoeLayers(),
                                                              isWhole ? job.model.denseLayers : 0,
                                                              isWhole,
                                                              program.backward}) *
                         plan.ExpertParallel() * plan.DataParallel() * program.microbatches;
    const double seconds = Mean(m_sums.seconds);
    constexpr auto BUBBLE = static_cast<size_t>(TimeKind::Bubble);
    const double wait = double(plan.PipelineParallel()) - 1;
    const double steps = double(program.microbatches) * plan.Layers().ChunksPerStage();
    TrainingEfficiency efficiency;
    efficiency.gpu = m_scenario.gpu;
    efficiency.flopsPerGpu = seconds > 0 ? flops / seconds / plan.Ranks() : 0;
    efficiency.imbalance = m_recorder.GetImbalance();
    efficiency.bubble = seconds > 0 ? SplitTime().mean[BUBBLE] / seconds : 0;
    efficiency.balancedBubble = wait / (wait + steps);
    return efficiency;
}

TrainingVerdict
TrainingReport::Verdict() const
{
    TrainingVerdict verdict;
    verdict.seconds = Mean(m_sums.seconds);
    verdict.tokensPerSecond = TokensPerIteration() / verdict.seconds;
    verdict.efficiency = Efficiency();
    const auto time = SplitTime();
    for (size_t kind = 0; kind < mixnetcore::TIME_KINDS; ++kind)
    {
        verdict.parts.emplace_back(Title(static_cast<TimeKind>(kind)), time.path[kind]);
    }
    verdict.allToAlls = PerIteration(&mixnetcore::TrainingTotals::AllToAllTime);
    verdict.bound = PerIteration([](const auto& totals) { return totals.AllToAllParts().line; });
    verdict.hasCircuits = !m_scenario.fabric.plan.regions.empty();
    for (const auto kind : TRAFFIC)
    {
        const auto& traffic = m_recorder.GetTraffic(kind);
        verdict.opticalBytes += traffic.optical;
        verdict.electricalBytes += traffic.electrical;
    }
    verdict.exposedBlackouts = PerIteration(&mixnetcore::TrainingTotals::ExposedReconfiguration);
    verdict.blackouts =
        verdict.exposedBlackouts + PerIteration(&mixnetcore::TrainingTotals::HiddenReconfiguration);
    return verdict;
}

void
TrainingReport::PrintTimes() const
{
    const double count = m_sums.seconds.size();
    const double whole = Mean(m_sums.seconds);
    const auto row = [&](const std::string& name, double last, double mean) {
        m_out << "  " << std::left << std::setw(26) << name << std::right
              << TimeAndPart(last, 12, whole) << TimeAndPart(mean, 14, whole) << "\n";
    };
    m_out << "\n"
          << std::left << std::setw(28) << "iteration time" << std::right << std::fixed
          << std::setprecision(3) << std::setw(12) << 1e3 * whole << " ms";
    if (count > 1)
    {
        const auto [least, most] =
            std::minmax_element(m_sums.seconds.begin(), m_sums.seconds.end());
        m_out << " on average, " << 1e3 * *least << " to " << 1e3 * *most << " ms";
    }
    m_out << "\n"
          << std::left << std::setw(28) << "tokens per second" << std::right << std::setprecision(0)
          << std::setw(12) << TokensPerIteration() / whole << "\n";
    Efficiency().Print(m_out, 28);
    m_out << "\nwhat the time went into          critical path                   all ranks, on "
             "average\n";
    const TimeSplit time = SplitTime();
    for (size_t kind = 0; kind < mixnetcore::TIME_KINDS; ++kind)
    {
        row(Title(static_cast<TimeKind>(kind)), time.path[kind], time.mean[kind]);
    }
    row("  of this pipeline drain", 0, time.drain);
    row("in all",
        std::accumulate(time.path.begin(), time.path.end(), 0.0),
        std::accumulate(time.mean.begin(), time.mean.end(), 0.0));
    constexpr auto DISPATCH = static_cast<size_t>(TimeKind::Dispatch);
    constexpr auto COMBINE = static_cast<size_t>(TimeKind::Combine);
    row("  of this all-to-alls",
        time.path[DISPATCH] + time.path[COMBINE],
        time.mean[DISPATCH] + time.mean[COMBINE]);
    if (!m_scenario.fabric.plan.regions.empty())
    {
        const double exposed = PerIteration(&mixnetcore::TrainingTotals::ExposedReconfiguration);
        const double dark =
            exposed + PerIteration(&mixnetcore::TrainingTotals::HiddenReconfiguration);
        const char* const name =
            m_groups.size() > 1 ? "blackouts, mean of regions  " : "blackouts                   ";
        m_out << name << std::setprecision(3) << std::setw(12) << 1e3 * dark
              << " ms, of which exposed " << 1e3 * exposed << " ms, hidden "
              << 1e3 * (dark - exposed) << " ms\n";
    }
}

void
TrainingReport::PrintTraffic() const
{
    const auto row = [this](const std::string& name, const KindTraffic& traffic) {
        m_out << "  " << std::left << std::setw(25) << name << std::right << ' ' << std::setw(12)
              << traffic.messages << std::fixed << std::setprecision(3);
        for (const auto bytes :
             {traffic.posted, traffic.inside, traffic.optical, traffic.electrical})
        {
            m_out << ' ' << std::setw(13) << bytes * 1e-9;
        }
        m_out << "\n";
    };
    m_out << "\n"
          << std::left << std::setw(28)
          << (m_scenario.job.iterations > 1 ? "payload of all iterations" : "payload")
          << "    messages     GB in all GB in servers   GB circuits   GB switches\n";
    KindTraffic all;
    for (const auto kind : TRAFFIC)
    {
        const auto& traffic = m_recorder.GetTraffic(kind);
        if (traffic.messages > 0)
        {
            row(ToString(kind), traffic);
        }
        all.messages += traffic.messages;
        all.posted += traffic.posted;
        all.inside += traffic.inside;
        all.optical += traffic.optical;
        all.electrical += traffic.electrical;
    }
    row("in all", all);
    m_out << "tokens to experts, forward" << std::setw(14) << m_recorder.GetAssignments() << "\n";
}

void
TrainingReport::PrintPhaseTimes() const
{
    const auto& totals = m_totals.front();
    const double whole = Mean(m_sums.seconds);
    const auto row = [&](const std::string& name, mixnetcore::Picoseconds time) {
        const double seconds = time.count() / 1e12 / Iterations();
        m_out << "  " << std::left << std::setw(26) << name << std::right
              << TimeAndPart(seconds, 12, whole) << "\n";
    };
    m_out << "\nphases, from their last rank's begin to their last rank's end\n";
    for (const auto& [phase, time] : totals.TimeByPhase())
    {
        row(ToString(phase.second) +
                (phase.first == mixnetcore::Direction::Backward ? " back" : ""),
            time);
    }
    row("waiting in between", totals.WaitingBetweenPhases());
    const auto& parts = totals.AllToAllParts();
    row("all-to-alls", totals.AllToAllTime());
    row("  circuits and lines", parts.line);
    row("  contention", parts.queue);
    row("  intra-node", parts.inside);
    row("before, for circuits", parts.light);
    row("before, for the last rank", parts.compute);
}

void
TrainingReport::PrintPrice(const NetworkPrice& price) const
{
    const auto millions = [](const mixnetcore::NetworkCost& cost) {
        return mixnetcore::FixedText(cost.usd * 1e-6, 3) + " million dollars";
    };
    m_out << "network               " << millions(price.plan) << ", "
          << mixnetcore::FixedText(price.plan.watts * 1e-3, 1) << " kW";
    if (price.authors)
    {
        m_out << "; as the paper's authors count " << millions(*price.authors);
    }
    if (!m_sums.seconds.empty())
    {
        const double rate = TokensPerIteration() / Mean(m_sums.seconds);
        m_out << "; " << mixnetcore::FixedText(rate / (price.plan.usd * 1e-6), 0)
              << " tokens/s per million";
    }
    m_out << '\n';
}

void
TrainingReport::PrintCosts(const TrainingOutcome& outcome) const
{
    if (!m_scenario.fabric.IsAll(Fidelity::Flow))
    {
        const auto frames = m_fabric.GetCounters();
        m_out << "frames                " << frames.sent.frames << " sent, "
              << frames.received.frames << " received, " << frames.AllDropped().frames << " lost, "
              << m_fabric.GetRetransmittedFrames() << " retransmitted\n";
    }
    if (const auto& price = m_scenario.price)
    {
        PrintPrice(*price);
    }
    m_out << DescribeRelays(m_fabric) << DescribeBuffers(m_scenario.fabric, m_fabric) << std::fixed
          << std::setprecision(2) << "simulated in          " << outcome.wallSeconds << " s, "
          << outcome.events << " events, " << outcome.events / outcome.wallSeconds * 1e-6
          << " M/s, " << PeakMemoryBytes() / 1000000 << " MB\n";
}

Json
TrainingReport::Describe(const TrainingOutcome& outcome) const
{
    const auto& job = m_scenario.job;
    const auto& plan = job.Plan();
    const auto& fabric = m_scenario.fabric;
    auto summary = m_scenario.options.Summary("mixnet-training");
    summary.update(
        Json{{"seed", m_scenario.seed},
             {"model", job.model.name},
             {"gpus", plan.Ranks()},
             {"tensorParallel", plan.TensorParallel()},
             {"expertParallel", plan.ExpertParallel()},
             {"dataParallel", plan.DataParallel()},
             {"pipelineParallel", plan.PipelineParallel()},
             {"wholeModel", !job.program->Options().excerpt},
             {"fabric", fabric.plan.name},
             {"forwarding", fabric.plan.router},
             {"standingCircuits", SummarizeStandingCircuits(fabric)},
             {"relayedBytes", SummarizeRelays(m_fabric)},
             {"network", SummarizePrice(m_scenario.price)},
             {"linkRateBitsPerSecond", fabric.plan.host.nics.front().rate.Count()},
             {"opticalFidelity", ToString(fabric.FidelityOf(mixnetcore::NicRole::Optical))},
             {"electricalFidelity", ToString(fabric.FidelityOf(mixnetcore::NicRole::Electrical))},
             {"expertLoad", job.work->Load().Description()},
             {"expertLoadRepeats", job.work->Load().RepeatsItself()},
             {"complete", outcome.problems.empty()},
             {"problems", outcome.problems},
             {"simulatedSeconds", RunSeconds(outcome)},
             {"iterations", m_sums.seconds.size()}});
    return summary;
}

void
TrainingReport::SummarizeTimes(Json& summary) const
{
    using Totals = mixnetcore::TrainingTotals;
    const bool hasEnded = !m_sums.seconds.empty();
    const double seconds = Mean(m_sums.seconds);
    summary["iterationTimeSeconds"] = hasEnded ? Json(seconds) : Json();
    summary["tokensPerSecond"] = hasEnded ? Json(TokensPerIteration() / seconds) : Json();
    const auto split = SplitTime();
    for (size_t kind = 0; kind < mixnetcore::TIME_KINDS; ++kind)
    {
        summary["timeSeconds"][ToString(static_cast<TimeKind>(kind))] = {
            {"criticalPath", split.path[kind]},
            {"mean", split.mean[kind]}};
    }
    summary["pipelineDrainSeconds"] = split.drain;
    const double exposed = PerIteration(&Totals::ExposedReconfiguration);
    const double hidden = PerIteration(&Totals::HiddenReconfiguration);
    summary["darkSeconds"] = exposed + hidden;
    summary["exposedReconfigurationSeconds"] = exposed;
    summary["hiddenReconfigurationSeconds"] = hidden;
    summary["waitingBetweenPhasesSeconds"] = PerIteration(&Totals::WaitingBetweenPhases);
    summary["timeByPhaseSeconds"] = TimeByPhase();
    const double allToAll = PerIteration(&Totals::AllToAllTime);
    summary["allToAllSeconds"] = allToAll;
    summary["allToAllShare"] = hasEnded ? allToAll / seconds : 0;
    const auto part = [this](mixnetcore::Picoseconds mixnetcore::AllToAllTimes::*field) {
        return PerIteration(
            [field](const Totals& totals) { return totals.AllToAllParts().*field; });
    };
    summary["allToAllPartsSeconds"] = {{"inside", part(&mixnetcore::AllToAllTimes::inside)},
                                       {"queue", part(&mixnetcore::AllToAllTimes::queue)},
                                       {"line", part(&mixnetcore::AllToAllTimes::line)},
                                       {"light", part(&mixnetcore::AllToAllTimes::light)},
                                       {"compute", part(&mixnetcore::AllToAllTimes::compute)}};
}

Json
TrainingReport::TimeByPhase() const
{
    std::map<std::pair<mixnetcore::Direction, PhaseKind>, mixnetcore::Picoseconds> sums;
    for (const auto& totals : m_totals)
    {
        for (const auto& [phase, time] : totals.TimeByPhase())
        {
            sums[phase] += time;
        }
    }
    Json result = Json::object();
    for (const auto& [phase, time] : sums)
    {
        result[ToString(phase.first)][ToString(phase.second)] =
            time.count() / 1e12 / double(m_totals.size()) / Iterations();
    }
    return result;
}

void
TrainingReport::SummarizeTraffic(Json& summary) const
{
    mixnetcore::Bytes optical;
    mixnetcore::Bytes electrical;
    mixnetcore::Bytes nvswitch;
    for (const auto& totals : m_totals)
    {
        optical += totals.Optical();
        electrical += totals.Electrical();
        nvswitch += totals.Nvswitch();
    }
    summary["opticalBytes"] = optical.Count();
    summary["electricalBytes"] = electrical.Count();
    summary["nvswitchBytes"] = nvswitch.Count();
    for (const auto kind : TRAFFIC)
    {
        const auto& bytes = m_recorder.GetTraffic(kind);
        summary["traffic"][ToString(kind)] = {{"messages", bytes.messages},
                                              {"postedBytes", bytes.posted},
                                              {"insideBytes", bytes.inside},
                                              {"arrivedBytes", bytes.arrived},
                                              {"opticalBytes", bytes.optical},
                                              {"electricalBytes", bytes.electrical}};
    }
    summary["tokenAssignments"] = m_recorder.GetAssignments();
    const auto frames = m_fabric.GetCounters();
    summary["frames"] = {
        {"sent", frames.sent.frames},
        {"received", frames.received.frames},
        {"dropped", SummarizeDrops(frames)},
        {"inFlight", frames.sent.frames - frames.received.frames - frames.AllDropped().frames},
        {"retransmitted", m_fabric.GetRetransmittedFrames()}};
    summary["failedMessages"] = CountFailedMessages(m_groups);
    summary["windowsOverBuffer"] = m_fabric.GetLargestBufferNeed().Ratio();
}

void
TrainingReport::WriteSummary(const PortReport& ports, const TrainingOutcome& outcome)
{
    auto summary = Describe(outcome);
    SummarizeTimes(summary);
    SummarizeTraffic(summary);
    Efficiency().Write(summary);
    m_recorder.GetCircuits().Write(summary);
    ports.Write(summary);
    summary["events"] = outcome.events;
    summary["wallSeconds"] = outcome.wallSeconds;
    summary["eventsPerWallSecond"] =
        outcome.wallSeconds > 0 ? outcome.events / outcome.wallSeconds : 0;
    summary["peakMemoryBytes"] = PeakMemoryBytes();
    m_phases->Summarize(summary);
    m_folder->WriteSummary(summary);
}

void
TrainingReport::Finish(const TrainingOutcome& outcome)
{
    if (!m_sums.seconds.empty())
    {
        m_out << "\n";
        Verdict().Print(m_out);
    }
    if (m_groups.size() == 1)
    {
        m_table.PrintNotes();
        m_out << "\n" << m_rows.str();
    }
    if (!outcome.problems.empty())
    {
        m_out << "\nINCOMPLETE: times are of iterations that ended (" << m_sums.seconds.size()
              << "), traffic and NICs of all " << std::fixed << std::setprecision(3)
              << 1e3 * RunSeconds(outcome) << " ms\n";
    }
    if (!m_sums.seconds.empty())
    {
        PrintTimes();
        if (m_groups.size() == 1)
        {
            PrintPhaseTimes();
        }
    }
    PrintTraffic();
    const PortReport ports(m_fabric, RunSeconds(outcome));
    ports.Print(m_out);
    m_recorder.GetCircuits().PrintWarning(m_out);
    PrintCosts(outcome);
    if (m_trace)
    {
        m_out << "timeline              " << m_scenario.timeline.file << " (" << m_trace->Close()
              << ")\n";
    }
    if (m_animation)
    {
        m_out << m_animation->Close();
    }
    if (m_folder)
    {
        m_phases->Close();
        m_iterations.Close();
        m_gantt.Close();
        if (m_timeline)
        {
            m_timeline->Close();
        }
        ports.Write(*m_folder);
        WriteSummary(ports, outcome);
        m_out << "results               " << m_scenario.output
              << "/{summary.json,phases.csv,iterations.csv,gantt.csv,ports.csv"
              << (m_timeline ? ",timeline.csv,circuits.csv" : "")
              << "}; one page of them: utils/report.py " << m_scenario.output << "\n";
    }
}

} // namespace mixnet
} // namespace ns3
