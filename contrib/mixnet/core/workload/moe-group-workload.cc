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
                                   const ComputeModel& compute)
    : m_model(model),
      m_group(group),
      m_load(std::move(load)),
      m_compute(compute)
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
    if (m_known && fields(key) == fields(m_key))
    {
        return m_demand;
    }
    const auto tokens = m_load->Draw(key);
    const auto perRank = tokens.Grouped(1, tokens.Columns() / m_group.Ranks());
    m_demand.arriving.clear();
    for (size_t rank = 0; rank < m_group.Ranks(); ++rank)
    {
        m_demand.arriving.push_back(perRank.ColumnSum(rank));
    }
    m_demand.dispatch =
        m_group.GpuDemand(DispatchDemand(tokens, m_group.Ranks(), m_model.BytesPerToken()));
    m_key = key;
    m_known = true;
    return m_demand;
}

} // namespace mixnetcore
