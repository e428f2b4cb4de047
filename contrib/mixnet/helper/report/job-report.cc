/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "job-report.h"

#include "ns3/mixnet-version.h"
#include "ns3/model-flops.h"
#include "ns3/ns3-units.h"

#include <algorithm>
#include <iomanip>
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
    switch (kind)
    {
    case TimeKind::Tensor:
        return "TP collectives";
    case TimeKind::Pipeline:
        return "PP transfers";
    case TimeKind::Data:
        return "gradient all-reduces";
    case TimeKind::Light:
        return "exposed reconfiguration";
    case TimeKind::Imbalance:
        return "straggler wait";
    default:
        return ToString(kind);
    }
}

/// @param seconds Some values. @return the mean.
double
Mean(const std::vector<double>& seconds)
{
    return seconds.empty() ? 0
                           : std::accumulate(seconds.begin(), seconds.end(), 0.0) / seconds.size();
}

} // namespace

JobReport::JobReport(const JobScenario& scenario, std::ostream& out)
    : m_scenario(scenario),
      m_out(out)
{
    if (scenario.output == FabricScenario::NONE)
    {
        return;
    }
    m_folder.emplace(scenario.output,
                     std::vector<std::string>{"iterations.csv", "gantt.csv", "ports.csv"});
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
JobReport::TokensPerIteration() const
{
    const auto& plan = m_scenario.job.program->Plan();
    const auto perMicrobatch =
        m_scenario.job.model.TokensPerMicrobatch().Count() * plan.ExpertParallel();
    return double(perMicrobatch) * m_scenario.job.program->Options().microbatches *
           plan.DataParallel();
}

double
JobReport::RunSeconds(const JobOutcome& outcome) const
{
    // After a complete run, timers of NICs may have kept the simulator going.
    return outcome.problems.empty()
               ? std::accumulate(m_sums.seconds.begin(), m_sums.seconds.end(), 0.0)
               : outcome.simulatedSeconds;
}

void
JobReport::PrintScenario() const
{
    const auto& job = m_scenario.job;
    const auto& program = job.program->Options();
    m_out << m_scenario.options.DescribePreset() << job.model.title << ": "
          << job.program->Plan().Summary() << "\n"
          << "layers " << job.model.layers << ", microbatches " << program.microbatches << " of "
          << job.model.microbatchSize << " x " << job.model.sequenceLength
          << " tokens per EP rank, schedule " << program.schedule
          << (program.recompute ? ", recomputation" : "") << ", iterations " << job.iterations
          << "\n"
          << DescribeFabric(m_scenario.fabric) << "; " << DescribeFidelity(m_scenario.fabric)
          << "\n";
    if (!m_scenario.fabric.plan.regions.empty())
    {
        m_out << "Circuits: " << m_scenario.fabric.plan.regions.size() << " regions, "
              << DescribeCircuits(m_scenario.fabric, m_scenario.control) << "\n";
    }
    m_out << "Forwarding: " << DescribeForwarding(m_scenario.fabric.plan) << "\n"
          << "GPUs: " << m_scenario.compute << "; NVSwitch port "
          << m_scenario.fabric.plan.host.gpuPortRate.Count() * 1e-9 << " Gb/s each way\n"
          << "Expert load: " << job.load->Description() << std::endl;
}

void
JobReport::Add(const IterationRecord& record)
{
    const double seconds = (record.end - record.begin).GetSeconds();
    m_sums.seconds.push_back(seconds);
    for (size_t kind = 0; kind < mixnetcore::TIME_KINDS; ++kind)
    {
        m_sums.path[static_cast<TimeKind>(kind)] += record.path[static_cast<TimeKind>(kind)];
        m_sums.mean[kind] += record.mean[kind];
    }
    m_sums.dark += record.dark;
    m_sums.exposed += record.exposed;
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
JobReport::WriteRow(const IterationRecord& record)
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

JobReport::TimeSplit
JobReport::SplitTime() const
{
    const double count = std::max<size_t>(1, m_sums.seconds.size());
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
JobReport::EfficiencyOf(const JobRecorder& recorder) const
{
    const auto& job = m_scenario.job;
    const auto& plan = job.program->Plan();
    const double flops = mixnetcore::ModelFlopsPerMicrobatch(
                             *job.compute,
                             job.model,
                             {job.model.MoeLayers(), job.model.denseLayers, true, true}) *
                         plan.ExpertParallel() * plan.DataParallel() *
                         job.program->Options().microbatches;
    const double seconds = Mean(m_sums.seconds);
    constexpr auto BUBBLE = static_cast<size_t>(TimeKind::Bubble);
    const double wait = double(plan.PipelineParallel()) - 1;
    const double steps =
        double(job.program->Options().microbatches) * plan.Layers().ChunksPerStage();
    TrainingEfficiency efficiency;
    efficiency.gpu = m_scenario.gpu;
    efficiency.flopsPerGpu = seconds > 0 ? flops / seconds / plan.Ranks() : 0;
    efficiency.imbalance = recorder.GetImbalance();
    efficiency.bubble = seconds > 0 ? SplitTime().mean[BUBBLE] / seconds : 0;
    efficiency.balancedBubble = wait / (wait + steps);
    return efficiency;
}

void
JobReport::PrintTimes(const JobRecorder& recorder) const
{
    const double count = m_sums.seconds.size();
    const double whole = Mean(m_sums.seconds);
    const auto row = [&](const std::string& name, double last, double mean) {
        m_out << "  " << std::left << std::setw(26) << name << std::right << std::fixed
              << std::setprecision(3) << std::setw(12) << 1e3 * last << " ms"
              << std::setprecision(2) << std::setw(8) << 100 * last / whole << " %"
              << std::setprecision(3) << std::setw(14) << 1e3 * mean << " ms"
              << std::setprecision(2) << std::setw(8) << 100 * mean / whole << " %\n";
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
    EfficiencyOf(recorder).Print(m_out, 28);
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
        const double dark = m_sums.dark.GetSeconds() / count;
        const double exposed = m_sums.exposed.GetSeconds() / count;
        m_out << "blackouts, mean of regions  " << std::setprecision(3) << std::setw(12)
              << 1e3 * dark << " ms, of which exposed " << 1e3 * exposed << " ms, hidden "
              << 1e3 * (dark - exposed) << " ms\n";
    }
}

void
JobReport::PrintTraffic(const JobRecorder& recorder) const
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
        const auto& traffic = recorder.GetTraffic(kind);
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
    m_out << "tokens to experts, forward" << std::setw(14) << recorder.GetAssignments() << "\n";
}

void
JobReport::WriteSummary(const JobRecorder& recorder,
                        const PortReport& ports,
                        const JobOutcome& outcome)
{
    const double count = std::max<size_t>(1, m_sums.seconds.size());
    const auto split = SplitTime();
    Json times = Json::object();
    for (size_t kind = 0; kind < mixnetcore::TIME_KINDS; ++kind)
    {
        times[ToString(static_cast<TimeKind>(kind))] = {{"criticalPath", split.path[kind]},
                                                        {"mean", split.mean[kind]}};
    }
    Json traffic = Json::object();
    for (const auto kind : TRAFFIC)
    {
        const auto& bytes = recorder.GetTraffic(kind);
        traffic[ToString(kind)] = {{"messages", bytes.messages},
                                   {"postedBytes", bytes.posted},
                                   {"insideBytes", bytes.inside},
                                   {"arrivedBytes", bytes.arrived},
                                   {"opticalBytes", bytes.optical},
                                   {"electricalBytes", bytes.electrical}};
    }
    const auto& plan = m_scenario.job.program->Plan();
    constexpr auto DISPATCH = static_cast<size_t>(TimeKind::Dispatch);
    constexpr auto COMBINE = static_cast<size_t>(TimeKind::Combine);
    const double allToAll = split.path[DISPATCH] + split.path[COMBINE];
    const double seconds = Mean(m_sums.seconds);
    Json summary{
        {"schemaVersion", 1},
        {"version", mixnetcore::VERSION},
        {"program", "mixnet-training"},
        {"kind", "job"},
        {"options", m_scenario.options.values},
        {"preset", m_scenario.options.preset},
        {"droppedOptions", m_scenario.options.dropped},
        {"seed", m_scenario.seed},
        {"model", m_scenario.job.model.name},
        {"fabric", m_scenario.fabric.plan.name},
        {"forwarding", ForwardingOf(m_scenario.fabric.plan)},
        {"linkRateBitsPerSecond", m_scenario.fabric.plan.host.nics.front().rate.Count()},
        {"opticalFidelity", ToString(m_scenario.fabric.FidelityOf(mixnetcore::NicRole::Optical))},
        {"electricalFidelity",
         ToString(m_scenario.fabric.FidelityOf(mixnetcore::NicRole::Electrical))},
        {"expertLoad", m_scenario.job.load->Description()},
        {"expertLoadRepeats", m_scenario.job.load->RepeatsItself()},
        {"gpus", plan.Ranks()},
        {"tensorParallel", plan.TensorParallel()},
        {"expertParallel", plan.ExpertParallel()},
        {"dataParallel", plan.DataParallel()},
        {"pipelineParallel", plan.PipelineParallel()},
        {"complete", outcome.problems.empty()},
        {"problems", outcome.problems},
        {"simulatedSeconds", RunSeconds(outcome)},
        {"iterations", m_sums.seconds.size()},
        {"iterationTimeSeconds", m_sums.seconds.empty() ? Json() : Json(Mean(m_sums.seconds))},
        {"tokensPerSecond",
         m_sums.seconds.empty() ? Json() : Json(TokensPerIteration() / Mean(m_sums.seconds))},
        {"timeSeconds", times},
        {"pipelineDrainSeconds", split.drain},
        {"allToAllSeconds", allToAll},
        {"allToAllShare", seconds > 0 ? allToAll / seconds : 0},
        {"darkSeconds", m_sums.dark.GetSeconds() / count},
        {"exposedSeconds", m_sums.exposed.GetSeconds() / count},
        {"traffic", traffic},
        {"tokenAssignments", recorder.GetAssignments()},
        {"failedMessages", outcome.failedMessages},
        {"windowsOverBuffer", outcome.windowsOverBuffer},
        {"events", outcome.events},
        {"wallSeconds", outcome.wallSeconds},
        {"peakMemoryBytes", outcome.peakMemoryBytes}};
    EfficiencyOf(recorder).Write(summary);
    recorder.GetCircuits().Write(summary);
    ports.Write(summary);
    m_folder->WriteSummary(summary);
}

void
JobReport::Finish(const Fabric& fabric, const JobRecorder& recorder, const JobOutcome& outcome)
{
    if (!outcome.problems.empty())
    {
        m_out << "\nINCOMPLETE: times are of iterations that ended (" << m_sums.seconds.size()
              << "), traffic and NICs of all " << std::fixed << std::setprecision(3)
              << 1e3 * RunSeconds(outcome) << " ms\n";
    }
    if (!m_sums.seconds.empty())
    {
        PrintTimes(recorder);
    }
    PrintTraffic(recorder);
    const PortReport ports(fabric, RunSeconds(outcome));
    ports.Print(m_out);
    recorder.GetCircuits().PrintWarning(m_out);
    m_out << DescribeBuffers(m_scenario.fabric, fabric) << std::fixed << std::setprecision(2)
          << "simulated in          " << outcome.wallSeconds << " s, " << outcome.events
          << " events, " << outcome.peakMemoryBytes / 1000000 << " MB\n";
    if (m_folder)
    {
        m_iterations.Close();
        m_gantt.Close();
        ports.Write(*m_folder);
        WriteSummary(recorder, ports, outcome);
        m_out << "results               " << m_scenario.output
              << "/{summary.json,iterations.csv,gantt.csv,ports.csv}\n";
    }
}

} // namespace mixnet
} // namespace ns3
