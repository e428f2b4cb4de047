/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * The task graph of a training iteration, without a network: what every rank computes and sends,
 * what waits for what, and how long that takes at least.
 *
 *     model, parallelism, schedule, load, GPUs -> tasks and what they wait for
 *     free communication, or latency + bytes / rate -> critical path, bubbles
 *
 * Run:    ./ns3 run "training-graph --schedule=interleaved-1f1b --chunks=2"
 *         ./ns3 run "training-graph --expertParallel=2 --tensorParallel=1 --pipelineParallel=2
 *                    --layers=2 --microbatches=2"
 * Prints: tasks by type, makespans, and what the critical path and the last rank do. Writes
 * summary.json, graph.json and, for up to 2000 tasks, graph.dot, which utils/plot.py graph draws;
 * with --timeline=FILE the schedule for Perfetto.
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"

#include <array>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

using Json = nlohmann::ordered_json; //!< keeps fields in their order
using mixnetcore::CriticalPath;
using mixnetcore::TaskGraph;
using mixnetcore::TaskType;
using mixnetcore::TimeKind;

constexpr uint64_t MOST_MESSAGES = 20'000'000; //!< of a graph: about 1 GB with its times
constexpr size_t TASK_TYPES = 4;               //!< of TaskType

/**
 * @brief What the options describe.
 */
struct GraphScenario
{
    mixnetcore::ModelSpec model;                                //!< what is trained
    std::shared_ptr<const mixnetcore::TrainingProgram> program; //!< who does what
    std::shared_ptr<const mixnetcore::MoeTrainingWork> work;    //!< what it costs
    mixnetcore::LinkCost network;                               //!< between ranks
    mixnetcore::LinkCost inside;                                //!< between GPUs of a rank
    std::string gpu;                                            //!< GPU in words
    OptionRecord options;                                       //!< all options in force
    std::string output;                                         //!< folder of results, or none
    TimelineSpec timeline;                                      //!< of the schedule, if any
};

/// @return the options with their defaults: Mixtral 8x7B as in the paper.
ProgramOptions
DeclareOptions()
{
    ProgramOptions options("Builds the task graph of a training iteration, finds its critical path "
                           "and writes it as JSON and, when it is small, for Graphviz.",
                           {"training-graph --schedule=interleaved-1f1b --chunks=2",
                            "training-graph --model=llama-moe --layers=4 --microbatches=2"});
    const auto training = options.Section(OptionGroup::Model);
    // What is trained
    options.AddPresets(mixnetcore::FabricPlanners().Names());
    AddModelOption(options, "mixtral-8x7b");
    training.Add("layers", "Layers of the model, from the first on; 0 for all", "0").Basic();
    AddDegreeOptions(options);
    AddReplicaOptions(options);
    // In which order
    AddScheduleOptions(options);
    training.Add("iteration", "Which iteration, from 0", "0");
    // What it costs
    AddLoadOptions(options);
    AddDeduplicationOption(options);
    AddGpuTypeOption(options);
    AddComputeOptions(options);
    const auto fabric = options.Section(OptionGroup::Fabric);
    fabric
        .Add("linkRate",
             "Rate of a GPU to other ranks, for the linear cost, bits per second",
             "400Gb/s")
        .Basic();
    fabric.Add("linkDelay", "Latency to other ranks, for the linear cost, a time", "1us");
    options.Section(OptionGroup::Server)
        .Add("nvswitchRate",
             "Rate of a GPU inside its rank, for the linear cost, bits per second; gpuType for "
             "what is known of --gpuType",
             "gpuType",
             NEEDS_TENSOR);
    // The run
    options.Section(OptionGroup::General).Add("seed", "Seed of the synthetic load", "1").Basic();
    options.Section(OptionGroup::Output)
        .Add("output", "Folder for the graph, or none", "training-graph-output")
        .Basic()
        .Output();
    AddTimelineOption(options);
    return options;
}

/// @param options The options. @param model The model. @return who does what in which order.
std::shared_ptr<const mixnetcore::TrainingProgram>
ParseProgram(const ProgramOptions& options, const mixnetcore::ModelSpec& model)
{
    auto spec = ParseDegrees(options, model, 64);
    spec.dataParallel = options.Count("dataParallel", 1, 1024, "replicas");
    const auto plan = mixnetcore::PlanParallel(model, spec);
    auto program = ParseTrainingProgram(options, model, plan);
    program.iteration = options.Count("iteration", 0, 2047);
    return std::make_shared<const mixnetcore::TrainingProgram>(plan, program);
}

/**
 * @param program Who does what. @param model The model.
 * @throws std::invalid_argument when the graph would have more messages than this program takes.
 */
void
CheckSize(const mixnetcore::TrainingProgram& program, const mixnetcore::ModelSpec& model)
{
    const auto& plan = program.Plan();
    const auto ranks = plan.ExpertParallel();
    const auto passes = program.Options().recompute ? 3 : 2;
    const auto messages = double(ranks) * double(ranks - 1) * 2 * passes *
                          double(plan.DataParallel()) * double(model.MoeLayers()) *
                          program.Options().microbatches;
    if (messages > double(MOST_MESSAGES))
    {
        std::ostringstream text;
        text << "a task graph with up to " << std::setprecision(3) << messages
             << " messages of all-to-alls: must be at most " << double(MOST_MESSAGES)
             << "; choose fewer --layers, --microbatches, --dataParallel or --expertParallel";
        throw std::invalid_argument(text.str());
    }
}

/// @param options The options. @return what they describe.
GraphScenario
ParseScenario(const ProgramOptions& options)
{
    GraphScenario scenario;
    scenario.model = ParseModelWithLayers(options);
    scenario.program = ParseProgram(options, scenario.model);
    CheckSize(*scenario.program, scenario.model);
    options.Text("gradientBytes"); // has an effect here
    const auto work = ParseWork(
        options,
        scenario.model,
        scenario.program->Plan(),
        0,
        {uint64_t{scenario.program->Options().iteration} + 1, scenario.model.MoeLayers()});
    scenario.work = work.work;
    scenario.gpu = work.compute.description;
    // The GPUs of a rank each have a NIC.
    scenario.network = {options.Duration("linkDelay"),
                        options.Rate("linkRate") * scenario.program->Plan().TensorParallel()};
    scenario.inside = scenario.network; // which no GPU alone in its rank uses
    if (scenario.program->Plan().TensorParallel() > 1)
    {
        scenario.inside = {mixnetcore::Picoseconds(0), ParseNvlinkRate(options, "nvswitchRate")};
    }
    scenario.output = options.Text("output");
    scenario.timeline = ParseTimeline(options, {scenario.output});
    options.Seed();
    options.Settle();
    scenario.options = options.Record();
    return scenario;
}

/// @param graph A graph. @return its tasks by type.
std::array<uint64_t, TASK_TYPES>
CountTasks(const TaskGraph& graph)
{
    std::array<uint64_t, TASK_TYPES> counts{};
    for (mixnetcore::TaskId id = 0; id < graph.Size(); ++id)
    {
        ++counts[static_cast<size_t>(graph.At(id).type)];
    }
    return counts;
}

/**
 * @param path A critical path. @param ranks How many ranks.
 * @return bubble over everything else, of all ranks together.
 */
double
BubbleShare(const CriticalPath& path, uint32_t ranks)
{
    double bubble = 0;
    for (uint32_t rank = 0; rank < ranks; ++rank)
    {
        bubble += double(path.TimesOfRank(rank)[TimeKind::Bubble].count());
    }
    return bubble / (double(path.Makespan().count()) * ranks - bubble);
}

/**
 * @param shape A pipeline.
 * @return bubble over everything else for stages that take equal times: that of all schedules.
 */
double
BubbleOfEqualStages(const mixnetcore::PipelineShape& shape)
{
    return double(shape.stages - 1) / (double(shape.microbatches) * shape.chunks);
}

/// @param time A time. @return it in milliseconds.
double
Milliseconds(mixnetcore::Picoseconds time)
{
    return double(time.count()) * 1e-9;
}

/// @param scenario What is built. @param graph The graph. @brief Prints what there is.
void
PrintGraph(const GraphScenario& scenario, const TaskGraph& graph)
{
    const auto& program = scenario.program->Options();
    const auto counts = CountTasks(graph);
    std::cout << scenario.options.DescribePreset() << scenario.model.title << ", "
              << scenario.model.layers << " layers: " << scenario.program->Plan().Summary() << '\n'
              << program.microbatches << " microbatches, " << program.schedule
              << (program.recompute ? ", recomputation" : "") << "; GPU: " << scenario.gpu
              << "\nload: " << scenario.work->Load().Description() << "\n\n"
              << graph.Size() << " tasks of " << graph.Ranks() << " ranks:";
    for (size_t type = 0; type < TASK_TYPES; ++type)
    {
        std::cout << (type == 0 ? " " : ", ") << counts[type] << ' '
                  << ToString(static_cast<TaskType>(type));
    }
    std::cout << "; " << graph.Dependencies() << " dependencies\n\n";
}

/**
 * @brief Prints times with both costs of communication, side by side.
 * @param free With free communication. @param linear With latency + bytes / rate.
 * @param graph The graph. @param shape Of the pipeline.
 */
void
PrintTimes(const CriticalPath& free,
           const CriticalPath& linear,
           const TaskGraph& graph,
           const mixnetcore::PipelineShape& shape)
{
    const auto columns = [](const std::string& name, std::initializer_list<double> values) {
        std::cout << std::left << std::setw(14) << name << std::right;
        for (const auto value : values)
        {
            std::cout << std::setw(14) << value;
        }
        std::cout << '\n';
    };
    std::cout << std::fixed << std::setprecision(3)
              << "                  free communication      latency + bytes / rate\n"
                 "time, ms           on path     last rank       on path     last rank\n"
                 "----------------------------------------------------------------------\n";
    for (size_t i = 0; i < mixnetcore::TIME_KINDS; ++i)
    {
        const auto kind = static_cast<TimeKind>(i);
        if (kind == TimeKind::Light) // there are no circuits here
        {
            continue;
        }
        columns(ToString(kind),
                {Milliseconds(free.PathTimes()[kind]),
                 Milliseconds(free.TimesOfRank(free.LastRank())[kind]),
                 Milliseconds(linear.PathTimes()[kind]),
                 Milliseconds(linear.TimesOfRank(linear.LastRank())[kind])});
    }
    columns("makespan",
            {Milliseconds(free.Makespan()),
             Milliseconds(free.Makespan()),
             Milliseconds(linear.Makespan()),
             Milliseconds(linear.Makespan())});
    std::cout << "\nbubble over all other time of all ranks: " << std::setprecision(4)
              << BubbleShare(free, graph.Ranks()) << ", with communication "
              << BubbleShare(linear, graph.Ranks()) << "; stages of equal times have "
              << BubbleOfEqualStages(shape) << '\n'
              << std::defaultfloat;
}

/// @param path A critical path. @param ranks How many ranks. @return it for summary.json.
Json
JsonOf(const CriticalPath& path, uint32_t ranks)
{
    Json onPath;
    Json onLastRank;
    for (size_t i = 0; i < mixnetcore::TIME_KINDS; ++i)
    {
        const auto kind = static_cast<TimeKind>(i);
        onPath[ToString(kind)] = Milliseconds(path.PathTimes()[kind]) * 1e-3;
        onLastRank[ToString(kind)] = Milliseconds(path.TimesOfRank(path.LastRank())[kind]) * 1e-3;
    }
    return {{"makespanSeconds", Milliseconds(path.Makespan()) * 1e-3},
            {"tasksOnPath", path.Tasks().size()},
            {"pathSeconds", onPath},
            {"lastRank", path.LastRank()},
            {"lastRankSeconds", onLastRank},
            {"bubbleOverOther", BubbleShare(path, ranks)}};
}

/// @param graph The graph. @param folder Where to. @brief Writes it in the forms it is not too
/// large for, and says so.
void
WriteGraph(const TaskGraph& graph, const ResultFolder& folder)
{
    if (graph.Size() > mixnetcore::MAX_JSON_TASKS)
    {
        std::cout << "graph.json is not written: it takes at most " << mixnetcore::MAX_JSON_TASKS
                  << " tasks\n";
        return;
    }
    auto json = folder.OpenWhole("graph.json");
    WriteTaskGraphJson(graph, json);
    json.Close();
    if (graph.Size() > mixnetcore::MAX_DOT_TASKS)
    {
        std::cout << "graph.dot is not written: a picture takes at most "
                  << mixnetcore::MAX_DOT_TASKS << " tasks\n";
        return;
    }
    auto dot = folder.OpenWhole("graph.dot");
    WriteTaskGraphDot(graph, dot);
    dot.Close();
}

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
BuildGraph(int argc, char* argv[])
{
    Time::SetResolution(Time::PS);
    auto options = DeclareOptions();
    options.Parse(argc, argv);
    const auto scenario = ParseScenario(options);
    std::optional<ScheduleTrace> timeline;
    if (scenario.timeline)
    {
        timeline.emplace(scenario.timeline.file);
    }
    std::optional<ResultFolder> folder;
    if (scenario.output != FabricScenario::NONE)
    {
        folder.emplace(scenario.output, std::vector<std::string>{"graph.json", "graph.dot"});
    }

    const auto graph = BuildTrainingGraph(*scenario.program, *scenario.work);
    const auto& plan = scenario.program->Plan();
    const mixnetcore::LinearCommunication linearCost(scenario.network,
                                                     scenario.inside,
                                                     plan.TensorParallel(),
                                                     plan.GroupLayout().HostsPerRank());
    const CriticalPath free(graph, mixnetcore::FreeCommunication());
    const CriticalPath linear(graph, linearCost);
    PrintGraph(scenario, graph);
    PrintTimes(free, linear, graph, scenario.program->Shape());
    if (timeline)
    {
        const auto leftOut = timeline->Write(graph, linear);
        std::cout << "timeline: " << scenario.timeline.file
                  << (leftOut.empty() ? "" : " (" + leftOut + ")") << '\n';
    }
    if (folder)
    {
        WriteGraph(graph, *folder);
        auto summary = scenario.options.Summary("training-graph");
        summary.update(
            Json{{"model", scenario.model.name},
                 {"parallelism", plan.Summary()},
                 {"gpu", scenario.gpu},
                 {"expertLoad", scenario.work->Load().Description()},
                 {"tasks", graph.Size()},
                 {"dependencies", graph.Dependencies()},
                 {"freeCommunication", JsonOf(free, graph.Ranks())},
                 {"linearCommunication", JsonOf(linear, graph.Ranks())},
                 {"bubbleOfEqualStages", BubbleOfEqualStages(scenario.program->Shape())}});
        folder->WriteSummary(summary);
        std::cout << "results: " << scenario.output << '\n';
    }
    return 0;
}

} // namespace

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
main(int argc, char* argv[])
{
    return RunProgram("training-graph", BuildGraph, argc, argv);
}
