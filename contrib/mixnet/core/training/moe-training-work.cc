/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "moe-training-work.h"

#include "ns3/checks.h"
#include "ns3/model-parallelism.h"

#include <algorithm>
#include <tuple>

namespace mixnetcore
{

namespace
{

/// @param key Which gating. @return its fields.
auto
Fields(const LoadKey& key)
{
    return std::tie(key.iteration, key.layer, key.microbatch, key.replica);
}

/// @param count How many. @param shares Who share them. @return the largest share.
uint64_t
LargestShare(Parameters count, uint64_t shares)
{
    return (count.Count() + shares - 1) / shares;
}

} // namespace

MoeTrainingWork::MoeTrainingWork(const ModelSpec& model,
                                 const ParallelPlan& plan,
                                 std::shared_ptr<const ExpertLoad> load,
                                 const ComputeModel& compute,
                                 const OptimizerModel& optimizer,
                                 const TrainingWorkOptions& options)
    : m_model(model),
      m_plan(plan),
      m_load(std::move(load)),
      m_compute(compute),
      m_optimizer(optimizer),
      m_options(options),
      m_gatings(plan.ExpertGroups())
{
    if (plan.Layers().Layers() != model.layers)
    {
        Refuse(Phrase() << "parallel plan of " << plan.Layers().Layers() << " layers: model "
                        << model.name << " has " << model.layers);
    }
    if (m_load->SourceRanks() != plan.ExpertParallel() ||
        m_load->Experts() % plan.ExpertParallel() != 0)
    {
        Refuse(Phrase() << "expert load of " << m_load->SourceRanks() << " source ranks and "
                        << m_load->Experts() << " experts: EP degree " << plan.ExpertParallel()
                        << " needs as many source ranks and a multiple of experts");
    }
    if (options.bytesPerGradient != 2 && options.bytesPerGradient != 4)
    {
        Refuse(Phrase() << options.bytesPerGradient
                        << " bytes per gradient: must be 2 (BF16) or 4 (FP32)");
    }
}

Picoseconds
MoeTrainingWork::ComputeTime(const PhaseKey& phase, uint32_t expertRank) const
{
    switch (phase.kind)
    {
    case PhaseKind::Embedding:
        return Picoseconds(0);
    case PhaseKind::Attention:
        return m_compute.Time(ComputeKind::Attention, phase.direction);
    case PhaseKind::Gating:
        return m_compute.Time(ComputeKind::Gating, phase.direction);
    case PhaseKind::Expert:
        return m_compute.Expert(phase.direction, GatingOf(phase).tokens.assigned.at(expertRank));
    case PhaseKind::Dense:
        return m_compute.Time(ComputeKind::Dense, phase.direction);
    case PhaseKind::Head:
        return m_compute.Time(ComputeKind::Head, phase.direction);
    case PhaseKind::Optimizer:
        return OptimizerTime(phase, expertRank);
    default:
        Refuse("phase " + ToString(phase.kind) + " does not compute");
    }
}

Bytes
MoeTrainingWork::TensorBytes(const PhaseKey& phase, uint32_t expertRank) const
{
    const bool isAttention =
        phase.kind == PhaseKind::AttentionGather || phase.kind == PhaseKind::AttentionScatter;
    if (isAttention || !m_model.IsMoeLayer(phase.layer))
    {
        return PipelineBytes();
    }
    return m_model.BytesPerToken() * GatingOf(phase).tokens.received.at(expertRank).Count();
}

DemandMatrix
MoeTrainingWork::AllToAllBytes(const PhaseKey& phase) const
{
    const auto dispatch =
        TokenBytes(GatingOf(phase).tokens.sent, m_model.BytesPerToken()).WithoutDiagonal();
    return phase.IsTransposed() ? dispatch.Transposed() : dispatch;
}

const MoeLayerDemand&
MoeTrainingWork::DemandOf(const PhaseKey& phase) const
{
    auto& [key, tokens, demand] = GatingOf(phase);
    if (!demand)
    {
        const auto group = m_plan.GroupLayout();
        const auto perToken = m_model.BytesPerToken();
        demand.emplace();
        demand->arriving = tokens.assigned;
        demand->buffered = tokens.received;
        demand->dispatch = group.GpuDemand(TokenBytes(tokens.sent, perToken));
        demand->forwarded = group.GpuDemand(TokenBytes(tokens.forwarded, perToken));
        demand->isForwarded = demand->forwarded.Total() > Bytes(0);
    }
    return *demand;
}

Bytes
MoeTrainingWork::GradientBytes(PhaseKind kind, uint32_t layer, uint32_t expertRank) const
{
    const auto count = kind == PhaseKind::ExpertReduce ? ExpertParameters(layer, expertRank)
                                                       : SharedParameters(layer);
    return Bytes(count.Count()) * m_options.bytesPerGradient;
}

MoeTrainingWork::Gating&
MoeTrainingWork::GatingOf(const PhaseKey& phase) const
{
    const auto key = LoadKeyOf(phase, m_model.denseLayers);
    auto& known = m_gatings.at(phase.replica + m_plan.DataParallel() * phase.stage);
    const auto found = std::find_if(known.begin(), known.end(), [&key](const Gating& gating) {
        return Fields(gating.key) == Fields(key);
    });
    if (found != known.end())
    {
        known.splice(known.begin(), known, found);
        return known.front();
    }
    known.push_front(
        {key, DispatchTokens(*m_load, key, m_plan.GroupLayout(), m_options.deduplication), {}});
    if (known.size() > GATINGS_KEPT)
    {
        known.pop_back();
    }
    return known.front();
}

Parameters
MoeTrainingWork::ExpertParameters(uint32_t layer, uint32_t expertRank) const
{
    if (!m_model.IsMoeLayer(layer))
    {
        return Parameters(0);
    }
    const auto all = CountLayerParameters(m_model, layer).routedExperts;
    return Parameters(all.Count() / m_model.experts) *
           ExpertsOnRank(m_model, m_plan.ExpertParallel(), expertRank);
}

Parameters
MoeTrainingWork::SharedParameters(uint32_t layer) const
{
    const auto parts = CountLayerParameters(m_model, layer);
    const bool isFirst = layer == 0;
    const bool isLast = layer + uint64_t{1} == m_model.layers;
    // A tied matrix is there twice when the first and the last stage are not the same.
    const bool hasHead = isLast && (!m_model.tiedEmbeddings || m_plan.PipelineParallel() > 1);
    const Parameters vocabulary(m_model.vocabulary * m_model.hidden);
    const auto split = parts.attention + parts.denseFfn + parts.sharedExperts +
                       vocabulary * ((isFirst ? 1 : 0) + (hasHead ? 1 : 0));
    const auto onEveryGpu = parts.gate + parts.norms + Parameters(isLast ? m_model.hidden : 0);
    return split + onEveryGpu * m_plan.TensorParallel();
}

Picoseconds
MoeTrainingWork::OptimizerTime(const PhaseKey& phase, uint32_t expertRank) const
{
    // The first GPU of a rank holds the larger share where it does not come out even.
    const auto rank = m_plan.RankAt({0, expertRank, phase.replica, phase.stage});
    const auto held = ParametersOfRank(m_model, m_plan, rank);
    if (!m_options.distributedOptimizer)
    {
        return m_optimizer.Step(held.Total(), 1);
    }
    const auto replicas = m_plan.DataParallel();
    const auto updated = LargestShare(held.experts, replicas) +
                         LargestShare(held.others, replicas * m_plan.ExpertParallel());
    return m_optimizer.Step(Parameters(updated), 1);
}

} // namespace mixnetcore
