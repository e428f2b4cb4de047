/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MODEL_PARALLELISM_H
#define MODEL_PARALLELISM_H

#include "model-spec.h"
#include "parallel-plan.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Lays a model out, after checking that it can be cut that way.
 *
 * The EP degree must divide the expert places; the TP degree the attention heads, the inner sizes
 * of experts, shared expert and dense layers, and the sequence (sequence parallelism).
 *
 * @param model The model; decides the layers.
 * @param spec The rest; its field layers is not read.
 * @return the plan.
 * @throws std::invalid_argument with one line that says which number does not fit which.
 */
ParallelPlan PlanParallel(const ModelSpec& model, ParallelPlanSpec spec);

/**
 * @ingroup mixnet-core
 * @param model A model.
 * @return its default degrees and layers.
 */
ParallelPlanSpec DefaultParallelism(const ModelSpec& model);

} // namespace mixnetcore

#endif // MODEL_PARALLELISM_H
