/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_GRAPH_H
#define TRAINING_GRAPH_H

#include "task-graph.h"
#include "training-program.h"
#include "training-work.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Makes the task graph of a training iteration.
 *
 * Rank e + EP * (replica + DP * stage) of the graph is EP rank e. Each rank has a task for every
 * phase of its program, in that order, and each waits for the one before. Beside that
 *
 * - a dispatch or combine has a message for every pair of ranks with bytes; it waits for the phase
 *   before of its source, and the phase of its destination waits for it. Nobody waits for all: a
 *   rank goes on when it has got its own;
 * - a send has a message to the same EP rank of the other stage, for which the receive waits;
 * - gradients of a group are reduced when all its members have come to that phase and those before
 *   have been, beside what its members go on with; the optimizer waits for all that a rank is in.
 *
 * The tasks of communication have no duration; see CriticalPath for what they may take.
 *
 * Guarantees: passes TaskGraph::Check().
 * Not modelled: that sends keep a rank busy.
 *
 * @param program Who does what in which order.
 * @param work What it costs.
 * @return the graph: of E EP ranks up to E * (E - 1) messages per all-to-all, so for bounds, tests
 * and pictures rather than for large jobs.
 * @throws std::invalid_argument when it gets too large, or when @p work gives matrices of another
 * size.
 */
TaskGraph BuildTrainingGraph(const TrainingProgram& program, const TrainingWork& work);

} // namespace mixnetcore

#endif // TRAINING_GRAPH_H
