/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "moe-group-workload.h"

#include <stdexcept>
#include <tuple>

namespace mixnetcore
{

MoeGroupWorkload::MoeGroupWorkload(const ModelSpec& model,
                                   const ExpertParallelGroup& group,
                                   std::shared_ptr<const ExpertLoad> load,
                                   const ComputeModel& compute,
                                   Deduplication deduplication)
    : m_model(model),
      m_group(group),
      m_load(std::move(load)),
      m_compute(compute),
      m_deduplication(deduplication)
{
    if (m_load->SourceRanks() != m_group.Ranks())
    {
        throw std::invalid_argument("expert load with " + std::to_string(m_load->SourceRanks()) +
                                    " source ranks: the EP group has " +
                                    std::to_string(m_group.Ranks()));
    }
    if (m_load->Experts() % m_group.Ranks() != 0)
    {
        throw std::invalid_argument("EP degree " + std::to_string(m_group.Ranks()) + ": " +
                                    std::to_string(m_load->Experts()) +
                                    " experts cannot be dealt evenly to that many ranks");
    }
}

const ModelSpec&
MoeGroupWorkload::Model() const
{
    return m_model;
}

const ExpertParallelGroup&
MoeGroupWorkload::Group() const
{
    return m_group;
}

const ExpertLoad&
MoeGroupWorkload::Load() const
{
    return *m_load;
}

const ComputeModel&
MoeGroupWorkload::Compute() const
{
    return m_compute;
}

const MoeLayerDemand&
MoeGroupWorkload::DemandOf(const LoadKey& key) const
{
    const auto fields = [](const LoadKey& k) {
        return std::tie(k.iteration, k.layer, k.microbatch, k.replica);
    };
    for (auto known = m_demands.begin(); known != m_demands.end(); ++known)
    {
        if (fields(known->first) == fields(key))
        {
            m_demands.splice(m_demands.begin(), m_demands, known);
            return known->second;
        }
    }
    const auto tokens = DispatchTokens(*m_load, key, m_group, m_deduplication);
    MoeLayerDemand demand;
    demand.arriving = tokens.assigned;
    demand.buffered = tokens.received;
    demand.dispatch = m_group.GpuDemand(TokenBytes(tokens.sent, m_model.BytesPerToken()));
    demand.forwarded = m_group.GpuDemand(TokenBytes(tokens.forwarded, m_model.BytesPerToken()));
    demand.isForwarded = demand.forwarded.Total() > Bytes(0);
    m_demands.emplace_front(key, std::move(demand));
    if (m_demands.size() > DEMANDS_KEPT)
    {
        m_demands.pop_back();
    }
    return m_demands.front().second;
}

Picoseconds
MoeGroupWorkload::ComputeTime(const PhaseKey& phase, size_t rank) const
{
    switch (phase.kind)
    {
    case PhaseKind::Attention:
        return m_compute.Time(ComputeKind::Attention, phase.direction);
    case PhaseKind::Gating:
        return m_compute.Time(ComputeKind::Gating, phase.direction);
    case PhaseKind::Expert:
        return m_compute.Expert(phase.direction, DemandOf(phase).arriving.at(rank));
    default:
        throw std::invalid_argument("phase " + ToString(phase.kind) + " does not compute");
    }
}

Bytes
MoeGroupWorkload::TensorBytes(const PhaseKey& phase, size_t rank) const
{
    const auto buffered = DemandOf(phase).buffered.at(rank);
    return m_model.BytesPerToken() * buffered.Count();
}

} // namespace mixnetcore
