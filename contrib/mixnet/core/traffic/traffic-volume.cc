/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "traffic-volume.h"

#include "ns3/checks.h"
#include "ns3/model-parallelism.h"

namespace mixnetcore
{

std::string
ToString(Parallelism parallelism)
{
    constexpr std::array<const char*, 4> NAMES{"TP", "EP", "DP", "PP"};
    return NAMES.at(static_cast<size_t>(parallelism));
}

double
VolumeByParallelism::Part(Parallelism parallelism) const
{
    const auto total = Total().Count();
    return total == 0 ? 0
                      : static_cast<double>(Of(parallelism).Count()) / static_cast<double>(total);
}

TrafficVolume::TrafficVolume(const ModelSpec& model,
                             const ParallelPlan& plan,
                             const TrafficOptions& options)
    : m_model(model),
      m_plan(plan),
      m_options(options)
{
    if (options.microbatches == 0)
    {
        Refuse("traffic of 0 microbatches; expected 1 or more");
    }
}

VolumeByParallelism
TrafficVolume::SumOfGroups(Bytes GroupVolume::*part) const
{
    VolumeByParallelism sum;
    for (const auto& group : Groups())
    {
        sum.Of(group.parallelism) += group.*part;
    }
    return sum;
}

std::vector<GroupVolume>
TrafficVolume::Groups() const
{
    constexpr std::pair<GroupKind, Parallelism> kinds[] = {
        {GroupKind::Tensor, Parallelism::Tensor},
        {GroupKind::Expert, Parallelism::Expert},
        {GroupKind::ExpertData, Parallelism::Data},
        {GroupKind::DenseData, Parallelism::Data},
        {GroupKind::Pipeline, Parallelism::Pipeline},
    };
    std::vector<GroupVolume> groups;
    for (const auto& [kind, parallelism] : kinds)
    {
        for (auto& ranks : m_plan.Groups(kind))
        {
            if (ranks.size() > 1)
            {
                GroupVolume group;
                group.parallelism = parallelism;
                group.kind = kind;
                group.ranks = std::move(ranks);
                Fill(group);
                groups.push_back(std::move(group));
            }
        }
    }
    return groups;
}

void
TrafficVolume::Fill(GroupVolume& group) const
{
    const auto first = group.ranks[0];
    const auto at = m_plan.CoordinatesOf(first);
    const uint64_t others = group.ranks.size() - 1;
    const auto slice = [this, &at](Bytes ofRank) {
        return EvenShare(ofRank, at.tensor, m_plan.TensorParallel());
    };
    switch (group.kind)
    {
    case GroupKind::Tensor:
        group.buffers = TensorBuffers(at.stage);
        group.sent = group.buffers * others;
        break;
    case GroupKind::Expert:
        // Every rank sends k A and keeps one of n parts of it.
        group.sent = slice(Activations() * m_model.topK * others * (2 * Passes()) *
                           MoeLayersOn(at.stage) * m_options.microbatches);
        group.buffers = group.sent;
        break;
    case GroupKind::ExpertData:
    case GroupKind::DenseData: {
        const auto held = ParametersOfRank(m_model, m_plan, first);
        const auto reduced = group.kind == GroupKind::ExpertData ? held.experts : held.others;
        group.buffers = Bytes(reduced.Count()) * GRADIENT_BYTES;
        group.sent = group.buffers * (2 * others);
        break;
    }
    case GroupKind::Pipeline: {
        const auto boundaries = m_plan.PipelineParallel() * m_plan.Layers().ChunksPerStage() - 1;
        group.sent = slice(Activations() * (2 * boundaries) * m_options.microbatches);
        group.buffers = group.sent;
        break;
    }
    }
}

Bytes
TrafficVolume::TensorBuffers(size_t stage) const
{
    // In units of A: all-gathers, and reduce-scatters, of layers in one forward pass.
    const auto& split = m_plan.Layers();
    const auto moe = MoeLayersOn(stage);
    const auto dense = split.LayersOnStage(stage) - moe;
    const auto each =
        split.LayersOnStage(stage) + dense + moe * m_model.topK + (m_model.sharedFfn > 0 ? moe : 0);
    const auto again = m_options.gatherAgain ? each : 0;
    const uint64_t embedding = split.First().stage == stage ? 2 : 0;
    const uint64_t head = split.Last().stage == stage ? 2 + (m_options.gatherAgain ? 1 : 0) : 0;
    return Activations() * (2 * each * Passes() + again + embedding + head) *
           m_options.microbatches;
}

uint64_t
TrafficVolume::MoeLayersOn(size_t stage) const
{
    uint64_t count = 0;
    const auto& split = m_plan.Layers();
    for (size_t chunk = 0; chunk < split.ChunksPerStage(); ++chunk)
    {
        const auto range = split.LayersOf({stage, chunk});
        for (auto layer = range.first; layer < range.End(); ++layer)
        {
            count += m_model.IsMoeLayer(layer) ? 1 : 0;
        }
    }
    return count;
}

} // namespace mixnetcore
