/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "task-graph-writer.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

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
        throw std::invalid_argument("task graph with " + std::to_string(graph.Size()) +
                                    " tasks: " + form + " takes at most " + std::to_string(limit) +
                                    "; choose fewer layers, microbatches or ranks");
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

/// @param task A task. @return what a picture says of it.
std::string
LabelOf(const Task& task)
{
    const auto& phase = task.phase;
    std::string label = ToString(phase.kind);
    label += phase.direction == Direction::Forward ? " f" : " b";
    label += phase.recompute ? "r" : "";
    label += " m" + std::to_string(phase.microbatch) + " l" + std::to_string(phase.layer) + "\\n";
    return task.type == TaskType::Work ? label + std::to_string(task.duration.count()) + " ps"
                                       : label + std::to_string(task.bytes.Count()) + " B";
}

/// @param id Number of a task. @param task The task. @return its line in a picture.
std::string
DotNode(TaskId id, const Task& task)
{
    const char* shape = task.type == TaskType::Message     ? "ellipse"
                        : task.type == TaskType::AllReduce ? "hexagon"
                                                           : "box";
    return "t" + std::to_string(id) + " [label=\"" + LabelOf(task) + "\", shape=" + shape + "];\n";
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
    output << "digraph tasks {\n  rankdir=LR;\n";
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
