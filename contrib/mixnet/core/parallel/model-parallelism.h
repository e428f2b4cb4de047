/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MODEL_PARALLELISM_H
#define MODEL_PARALLELISM_H

#include "parallel-plan.h"

#include "ns3/model-parameters.h"
#include "ns3/model-spec.h"

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
 * @param spec The rest; its field layers is not read, and an empty list of layers stands for the
 *        model's own if it has one, for this PP degree and one chunk per stage.
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

/**
 * @ingroup mixnet-core
 * @brief Parameters of one GPU, by the group over which their gradients are reduced.
 */
struct RankParameters
{
    Parameters experts; //!< routed experts: reduced in ExpertData groups
    Parameters others;  //!< everything else: reduced in DenseData groups

    /// @return both.
    Parameters Total() const
    {
        return experts + others;
    }
};

/**
 * @ingroup mixnet-core
 * @param model A model.
 * @param expertParallel EP degree; divides the expert places.
 * @param expertRank EP rank.
 * @return the experts on it; the places are dealt contiguously, empty ones among them, as
 *         DispatchDemand() and ExpertPlaces() say.
 */
uint64_t ExpertsOnRank(const ModelSpec& model, size_t expertParallel, size_t expertRank);

/**
 * @ingroup mixnet-core
 * @brief The parameters of the layers on a rank's stage, the embedding on the first stage, the head
 *        and the last norm on the last one.
 *
 * Matrices are split over the TP group as evenly as possible; gates and norms are on each of its
 * GPUs. With tied embeddings the last of several stages has a copy of the matrix.
 *
 * @param model A model.
 * @param plan Its plan.
 * @param rank A rank of the plan.
 * @return what its GPU holds.
 * @throws std::out_of_range when there is no such rank.
 */
RankParameters ParametersOfRank(const ModelSpec& model, const ParallelPlan& plan, size_t rank);

} // namespace mixnetcore

#endif // MODEL_PARALLELISM_H
