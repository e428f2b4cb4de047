/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "model-parallelism.h"

#include <stdexcept>
#include <string>

namespace mixnetcore
{

namespace
{

/**
 * @param dimension TP or EP.
 * @param degree Its degree.
 * @param size What it has to divide.
 * @param what Its name.
 * @param model The model.
 * @throws std::invalid_argument when it does not.
 */
void
CheckDivides(const std::string& dimension,
             uint64_t degree,
             uint64_t size,
             const std::string& what,
             const ModelSpec& model)
{
    if (size % degree != 0)
    {
        throw std::invalid_argument(dimension + " degree " + std::to_string(degree) +
                                    " does not divide the " + std::to_string(size) + " " + what +
                                    " of " + model.name);
    }
}

} // namespace

ParallelPlan
PlanParallel(const ModelSpec& model, ParallelPlanSpec spec)
{
    spec.layers = model.layers;
    const ParallelPlan plan(spec); // first, so that no degree is zero below
    const auto tensor = spec.tensorParallel;
    CheckDivides("EP", spec.expertParallel, model.paddedExperts, "expert places", model);
    CheckDivides("TP", tensor, model.heads, "attention heads", model);
    CheckDivides("TP", tensor, model.expertFfn, "columns of an expert", model);
    CheckDivides("TP", tensor, model.sharedFfn, "columns of the shared expert", model);
    CheckDivides("TP", tensor, model.sequenceLength, "tokens of a sequence", model);
    return plan;
}

ParallelPlanSpec
DefaultParallelism(const ModelSpec& model)
{
    ParallelPlanSpec spec;
    spec.tensorParallel = model.tensorParallel;
    spec.expertParallel = model.expertParallel;
    spec.pipelineParallel = model.pipelineParallel;
    spec.layers = model.layers;
    return spec;
}

} // namespace mixnetcore
