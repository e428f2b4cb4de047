/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "task-graph-writer.h"

#include "critical-path.h"

#include "ns3/checks.h"

#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace mixnetcore
{

namespace
{

/**
 * @param graph What is to be written.
 * @param form Name of the form.
 * @param limit Most tasks that it takes.
 * @throws std::invalid_argument when there are more.
 */
void
CheckSize(const TaskGraph& graph, const std::string& form, size_t limit)
{
    if (graph.Size() > limit)
    {
        Refuse(Phrase() << "task graph with " << graph.Size() << " tasks: " << form
                        << " takes at most " << limit
                        << "; choose fewer layers, microbatches or ranks");
    }
}

/**
 * @param graph A graph.
 * @param id A task of it.
 * @return the task for a file.
 */
nlohmann::ordered_json
JsonOf(const TaskGraph& graph, TaskId id)
{
    const auto task = graph.At(id);
    nlohmann::ordered_json json;
    json["id"] = id;
    json["type"] = ToString(task.type);
    json["rank"] = task.rank;
    if (task.type == TaskType::Message || task.type == TaskType::AllReduce)
    {
        json[task.type == TaskType::Message ? "destination" : "group"] = task.peer;
    }
    json["kind"] = ToString(task.phase.kind);
    json["direction"] = ToString(task.phase.direction);
    json["iteration"] = task.phase.iteration;
    json["replica"] = task.phase.replica;
    json["stage"] = task.phase.stage;
    json["region"] = task.phase.region;
    json["microbatch"] = task.phase.microbatch;
    json["layer"] = task.phase.layer;
    json["recompute"] = task.phase.recompute;
    if (task.type == TaskType::Work)
    {
        json["picoseconds"] = task.duration.count();
    }
    else
    {
        json["bytes"] = task.bytes.Count();
    }
    const auto after = graph.After(id);
    json["after"] = std::vector<TaskId>(after.begin(), after.end());
    return json;
}

/**
 * @param amount An amount. @param step From one unit to the next. @param units Names of the units.
 * @return the amount with four digits in the largest unit that it reaches.
 */
std::string
Readable(double amount, double step, const std::vector<std::string>& units)
{
    size_t unit = 0;
    for (; amount >= step && unit + 1 < units.size(); ++unit)
    {
        amount /= step;
    }
    std::ostringstream text;
    text << std::setprecision(4) << amount << ' ' << units[unit];
    return text.str();
}

/// @param task A task. @return how long it takes, or how many bytes it has; empty for no time.
std::string
AmountOf(const Task& task)
{
    if (task.type != TaskType::Work)
    {
        return "\\n" + Readable(double(task.bytes.Count()), 1000, {"B", "kB", "MB", "GB", "TB"});
    }
    const auto time = double(task.duration.count());
    return time > 0 ? "\\n" + Readable(time, 1000, {"ps", "ns", "us", "ms", "s"}) : "";
}

/// @param task A task. @return what a picture says of it.
std::string
LabelOf(const Task& task)
{
    const auto& phase = task.phase;
    std::string label = ToString(phase.kind);
    label += phase.direction == Direction::Forward ? " f" : " b";
    label += phase.recompute ? "r" : "";
    label += " m" + std::to_string(phase.microbatch) + " l" + std::to_string(phase.layer);
    return label + AmountOf(task);
}

/// @param task A task. @return its colour in a picture, by what its time is.
std::string
ColourOf(const Task& task)
{
    switch (TimeKindOf(task.phase.kind))
    {
    case TimeKind::Dispatch:
        return "lightsalmon";
    case TimeKind::Combine:
        return "plum";
    case TimeKind::Tensor:
        return "khaki";
    case TimeKind::Pipeline:
        return "lightgray";
    case TimeKind::Data:
        return "palegreen";
    default:
        return "lightblue";
    }
}

/// @param id Number of a task. @param task The task. @return its line in a picture.
std::string
DotNode(TaskId id, const Task& task)
{
    const char* shape = task.type == TaskType::Message     ? "ellipse"
                        : task.type == TaskType::AllReduce ? "hexagon"
                                                           : "box";
    return "t" + std::to_string(id) + " [label=\"" + LabelOf(task) + "\", shape=" + shape +
           ", fillcolor=" + ColourOf(task) + "];\n";
}

} // namespace

void
WriteTaskGraphJson(const TaskGraph& graph, std::ostream& output)
{
    CheckSize(graph, "JSON", MAX_JSON_TASKS);
    output << "{\"schemaVersion\": 1, \"ranks\": " << graph.Ranks()
           << ", \"groups\": " << nlohmann::json(graph.Groups()).dump() << ", \"tasks\": [";
    for (TaskId id = 0; id < graph.Size(); ++id)
    {
        output << (id == 0 ? "\n" : ",\n") << JsonOf(graph, id).dump();
    }
    output << "\n]}\n";
}

void
WriteTaskGraphDot(const TaskGraph& graph, std::ostream& output)
{
    CheckSize(graph, "a picture", MAX_DOT_TASKS);
    output << "digraph tasks {\n  rankdir=LR;\n  node [style=filled];\n";
    for (uint32_t rank = 0; rank < graph.Ranks(); ++rank)
    {
        output << "  subgraph cluster_rank" << rank << " {\n    label=\"rank " << rank << "\";\n";
        for (TaskId id = 0; id < graph.Size(); ++id)
        {
            const auto task = graph.At(id);
            if (task.OccupiesRank() && task.rank == rank)
            {
                output << "    " << DotNode(id, task);
            }
        }
        output << "  }\n";
    }
    for (TaskId id = 0; id < graph.Size(); ++id)
    {
        const auto task = graph.At(id);
        output << (task.OccupiesRank() ? "" : "  " + DotNode(id, task));
        for (const auto before : graph.After(id))
        {
            output << "  t" << before << " -> t" << id << ";\n";
        }
    }
    output << "}\n";
}

} // namespace mixnetcore
