/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "model-parallelism.h"

#include "ns3/checks.h"
#include "ns3/expert-places.h"

#include <algorithm>
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
        Refuse(Phrase() << dimension << " degree " << degree << " does not divide the " << size
                        << " " << what << " of " << model.name);
    }
}

} // namespace

ParallelPlan
PlanParallel(const ModelSpec& model, ParallelPlanSpec spec)
{
    spec.layers = model.layers;
    if (spec.layersPerChunk.empty() && spec.chunksPerStage == 1 &&
        spec.pipelineParallel == model.pipelineParallel)
    {
        spec.layersPerChunk = model.layersPerStage;
    }
    const ParallelPlan plan(spec); // first, so that no degree is zero below
    const auto tensor = spec.tensorParallel;
    const auto empty = model.paddedExperts - model.experts;
    CheckDivides("EP",
                 spec.expertParallel,
                 model.paddedExperts,
                 model.redundantExperts > 0 ? "places of the " + std::to_string(model.experts) +
                                                  " experts and their copies"
                 : empty > 0 ? "places of the " + std::to_string(model.experts) + " experts"
                             : std::string("experts"),
                 model);
    CheckDivides("TP", tensor, model.heads, "attention heads", model);
    CheckDivides("TP", tensor, model.expertFfn, "columns of an expert", model);
    CheckDivides("TP", tensor, model.sharedFfn, "columns of the shared expert", model);
    CheckDivides("TP", tensor, model.denseFfn, "columns of a dense layer", model);
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

uint64_t
ExpertsOnRank(const ModelSpec& model, size_t expertParallel, size_t expertRank)
{
    const auto perRank = model.paddedExperts / expertParallel;
    if (model.redundantExperts > 0)
    {
        return perRank;
    }
    const auto places = ExpertPlaces(model.experts, model.paddedExperts);
    return std::count_if(places.begin(), places.end(), [=](size_t place) {
        return place / perRank == expertRank;
    });
}

RankParameters
ParametersOfRank(const ModelSpec& model, const ParallelPlan& plan, size_t rank)
{
    const auto at = plan.CoordinatesOf(rank);
    ParameterCount held; // of the TP group together, but for the experts of other EP ranks
    for (size_t chunk = 0; chunk < plan.Layers().ChunksPerStage(); ++chunk)
    {
        const auto range = plan.Layers().LayersOf({at.stage, chunk});
        for (auto layer = range.first; layer < range.End(); ++layer)
        {
            held += CountLayerParameters(model, layer);
        }
    }
    const Parameters matrix(model.vocabulary * model.hidden);
    const bool first = at.stage == plan.Layers().First().stage;
    const bool last = at.stage == plan.Layers().Last().stage;
    held.embedding = first ? matrix : Parameters(0);
    held.head = last && !(first && model.tiedEmbeddings) ? matrix : Parameters(0);
    held.norms += Parameters(last ? model.hidden : 0);

    const auto perExpert = held.routedExperts.Count() / model.experts;
    const auto experts = perExpert * ExpertsOnRank(model, plan.ExpertParallel(), at.expert);
    const auto split =
        held.embedding + held.attention + held.denseFfn + held.sharedExperts + held.head;
    const auto share = [&plan, &at](uint64_t count) {
        const auto tensor = plan.TensorParallel();
        return Parameters(count / tensor + (at.tensor < count % tensor ? 1 : 0));
    };
    return {share(experts), share(split.Count()) + held.gate + held.norms};
}

} // namespace mixnetcore
