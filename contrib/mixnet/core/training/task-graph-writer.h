/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TASK_GRAPH_WRITER_H
#define TASK_GRAPH_WRITER_H

#include "task-graph.h"

#include <ostream>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Most tasks that WriteTaskGraphJson() writes: about 250 MB.
inline constexpr size_t MAX_JSON_TASKS = 1'000'000;

/// @ingroup mixnet-core
/// @brief Most tasks that WriteTaskGraphDot() writes; Graphviz takes minutes for more.
inline constexpr size_t MAX_DOT_TASKS = 2'000;

/**
 * @ingroup mixnet-core
 * @brief Writes a graph as JSON, one line per task in the order of their numbers.
 *
 *     {"schemaVersion": 1, "ranks": 2, "groups": [[0, 1]], "tasks": [
 *     {"id":0,"type":"work","rank":0,"kind":"attention","direction":"forward","iteration":0,
 *      "replica":0,"stage":0,"region":0,"microbatch":0,"layer":0,"recompute":false,
 *      "picoseconds":5,"after":[]},
 *     {"id":1,"type":"message","rank":0,"destination":1, ...,"bytes":7,"after":[0]}
 *     ]}
 *
 * Work has picoseconds, all else bytes; a message has a destination, an all-reduce a group.
 *
 * @param graph What to write.
 * @param[out] output Where to.
 * @throws std::invalid_argument when it has more than MAX_JSON_TASKS tasks; nothing is written.
 */
void WriteTaskGraphJson(const TaskGraph& graph, std::ostream& output);

/**
 * @ingroup mixnet-core
 * @brief Writes a graph for Graphviz: a box per rank with its tasks, messages between the boxes.
 *
 * A label is kind, direction (f, b, or fr for forward once more), microbatch, layer, and time or
 * bytes, as in "expert b m0 l3, 28.1 ms". Colours tell what time goes into, see TimeKind.
 *
 * @param graph What to write.
 * @param[out] output Where to.
 * @throws std::invalid_argument when it has more than MAX_DOT_TASKS tasks; nothing is written.
 */
void WriteTaskGraphDot(const TaskGraph& graph, std::ostream& output);

} // namespace mixnetcore

#endif // TASK_GRAPH_WRITER_H
