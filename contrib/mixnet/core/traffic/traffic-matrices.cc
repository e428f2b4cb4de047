/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "traffic-matrices.h"

#include "group-bytes.h"

#include "ns3/checks.h"

namespace mixnetcore
{

namespace
{

/**
 * @brief Sends the bytes of a DP group round a ring.
 * @param group A group. @param plan Its ranks. @param matrix Where to add them.
 */
void
AddRing(const GroupVolume& group, const ParallelPlan& plan, DemandMatrix& matrix)
{
    const auto members = group.ranks.size();
    for (size_t i = 0; i < members; ++i)
    {
        const auto to = group.ranks[(i + 1) % members];
        matrix.At(plan.GpuOf(group.ranks[i]), plan.GpuOf(to)) += EvenShare(group.sent, i, members);
    }
}

/// @param plan Ranks. @param matrix A matrix. @return adds bytes between their GPUs to it.
RankBytesSink
AddTo(const ParallelPlan& plan, DemandMatrix& matrix)
{
    return [&](size_t from, size_t to, Bytes bytes) {
        matrix.At(plan.GpuOf(from), plan.GpuOf(to)) += bytes;
    };
}

/**
 * @param volume Model, plan and iteration.
 * @param load Which tokens go where.
 * @param iteration Which iteration.
 * @param stage Pipeline stage. @param replica Replica.
 * @return bytes between the EP ranks of one EP group in all its all-to-alls.
 */
DemandMatrix
TokensOfGroup(const TrafficVolume& volume,
              const ExpertLoad& load,
              uint32_t iteration,
              size_t stage,
              size_t replica)
{
    const auto& model = volume.Model();
    const auto ranks = volume.Plan().ExpertParallel();
    const auto& split = volume.Plan().Layers();
    TokenMatrix tokens(load.SourceRanks(), load.Experts());
    for (size_t chunk = 0; chunk < split.ChunksPerStage(); ++chunk)
    {
        const auto range = split.LayersOf({stage, chunk});
        for (auto layer = range.first; layer < range.End(); ++layer)
        {
            for (uint32_t m = 0; model.IsMoeLayer(layer) && m < volume.Options().microbatches; ++m)
            {
                const LoadKey key{iteration,
                                  static_cast<uint32_t>(layer - model.denseLayers),
                                  m,
                                  static_cast<uint32_t>(replica)};
                tokens += load.Draw(key);
            }
        }
    }
    const auto there = DispatchDemand(tokens, ranks, model.BytesPerToken()).WithoutDiagonal();
    return {ranks, ranks, [&](size_t from, size_t to) {
                return (there.At(from, to) + there.At(to, from)) * volume.Passes();
            }};
}

/**
 * @param volume Model, plan and iteration. @param load Which tokens go where.
 * @param iteration Which iteration. @param matrix Where to add the bytes of all EP groups.
 */
void
AddTokens(const TrafficVolume& volume,
          const ExpertLoad& load,
          uint32_t iteration,
          DemandMatrix& matrix)
{
    const auto& plan = volume.Plan();
    const auto tensor = plan.TensorParallel();
    for (size_t group = 0; group < plan.ExpertGroups(); ++group)
    {
        const auto at = plan.CoordinatesOf(plan.RanksOfExpertGroup(group)[0]);
        const auto demand = TokensOfGroup(volume, load, iteration, at.stage, at.replica);
        for (size_t from = 0; from < demand.Rows(); ++from)
        {
            for (size_t to = 0; to < demand.Columns(); ++to)
            {
                for (size_t t = 0; t < tensor; ++t)
                {
                    const auto source = plan.RankAt({t, from, at.replica, at.stage});
                    const auto destination = plan.RankAt({t, to, at.replica, at.stage});
                    matrix.At(plan.GpuOf(source), plan.GpuOf(destination)) +=
                        EvenShare(demand.At(from, to), t, tensor);
                }
            }
        }
    }
}

} // namespace

TrafficMatrices
TrafficBetweenGpus(const TrafficVolume& volume, const ExpertLoad& load, uint32_t iteration)
{
    const auto& plan = volume.Plan();
    const auto gpus = plan.Ranks();
    if (gpus > TrafficMatrices::MAX_GPUS)
    {
        Refuse(Phrase() << "traffic between " << gpus << " GPUs; expected at most "
                        << TrafficMatrices::MAX_GPUS);
    }
    const DemandMatrix none(gpus, gpus);
    TrafficMatrices matrices{{none, none, none, none}};
    for (const auto& group : volume.Groups())
    {
        switch (group.parallelism)
        {
        case Parallelism::Tensor:
            SpreadOverPairs(group, AddTo(plan, matrices.tensor));
            break;
        case Parallelism::Data:
            AddRing(group, plan, matrices.data);
            break;
        case Parallelism::Pipeline:
            SpreadOverStages(group, plan, AddTo(plan, matrices.pipeline));
            break;
        case Parallelism::Expert:
            break; // not even: below
        }
    }
    AddTokens(volume, load, iteration, matrices.expert);
    return matrices;
}

} // namespace mixnetcore
