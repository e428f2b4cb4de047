/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "gradient-plan.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace mixnetcore
{

namespace
{

constexpr uint32_t FARTHEST = 2; //!< distance to a GPU of the other half

/// @param host Inside of a host. @param gpu A GPU. @param gateway Another or the same.
/// @return how far bytes move between them: 0 not at all, 1 within a half, or FARTHEST.
uint32_t
DistanceBetween(const HostPlan& host, uint32_t gpu, uint32_t gateway)
{
    if (gpu == gateway)
    {
        return 0;
    }
    return host.NumaHalfOf(gpu) == host.NumaHalfOf(gateway) ? 1 : FARTHEST;
}

} // namespace

GradientPlan::GradientPlan(std::shared_ptr<const TrainingProgram> program,
                           std::shared_ptr<const TrainingWork> work,
                           const HostPlan& host)
    : m_program(std::move(program)),
      m_work(std::move(work)),
      m_gpus(host.gpus)
{
    const auto& plan = m_program->Plan();
    const size_t gpusPerGroup = plan.ExpertParallel() * plan.TensorParallel();
    if (gpusPerGroup % m_gpus != 0)
    {
        throw std::invalid_argument("EP " + std::to_string(plan.ExpertParallel()) + " x TP " +
                                    std::to_string(plan.TensorParallel()) +
                                    ": must fill whole hosts of " + std::to_string(m_gpus) +
                                    " GPUs");
    }
    m_ranksPerHost = m_gpus / plan.TensorParallel();
    m_hostsPerGroup = gpusPerGroup / m_gpus;
    for (const auto nic : host.NicsOn(NicRole::Electrical))
    {
        const auto gpu = host.nics[nic].gpu;
        if (std::find(m_gpuOfRing.begin(), m_gpuOfRing.end(), gpu) == m_gpuOfRing.end())
        {
            m_ringNics.push_back(nic);
            m_gpuOfRing.push_back(gpu);
        }
    }
    if (m_ringNics.empty())
    {
        throw std::invalid_argument("gradients need electrical NICs: a host has none");
    }
    AssignGateways(host);
}

void
GradientPlan::AssignGateways(const HostPlan& host)
{
    std::vector<uint32_t> served(m_ringNics.size());
    m_gatewayOf.resize(m_gpus);
    for (uint32_t distance = 0; distance <= FARTHEST; ++distance)
    {
        for (uint32_t gpu = 0; gpu < m_gpus; ++gpu)
        {
            const auto key = [&](uint32_t ring) {
                return std::pair(DistanceBetween(host, gpu, m_gpuOfRing[ring]), served[ring]);
            };
            uint32_t best = 0;
            for (uint32_t ring = 1; ring < m_ringNics.size(); ++ring)
            {
                best = key(ring) < key(best) ? ring : best;
            }
            if (key(best).first == distance)
            {
                m_gatewayOf[gpu] = best;
                ++served[best];
            }
        }
    }
}

uint32_t
GradientPlan::Gpus() const
{
    return m_gpus;
}

uint32_t
GradientPlan::GatewayOf(uint32_t nic) const
{
    const auto found = std::find(m_ringNics.begin(), m_ringNics.end(), nic);
    return m_gpuOfRing.at(found - m_ringNics.begin());
}

Bytes
GradientPlan::BytesPerRank(const PhaseKey& reduce, uint32_t expertRank) const
{
    Bytes sum;
    for (const auto& range : m_program->LayersReducedBy(reduce))
    {
        for (size_t layer = range.first; layer < range.End(); ++layer)
        {
            sum += m_work->GradientBytes(reduce.kind, static_cast<uint32_t>(layer), expertRank);
        }
    }
    return sum;
}

bool
GradientPlan::IsReplicated(const PhaseKey& reduce) const
{
    return reduce.kind == PhaseKind::SharedReduce && m_ranksPerHost > 1;
}

Bytes
GradientPlan::BytesPerHost(const PhaseKey& reduce, uint32_t host) const
{
    const uint32_t first = host % m_hostsPerGroup * m_ranksPerHost;
    if (reduce.kind == PhaseKind::SharedReduce)
    {
        return BytesPerRank(reduce, first);
    }
    Bytes sum;
    for (uint32_t rank = first; rank < first + m_ranksPerHost; ++rank)
    {
        sum += BytesPerRank(reduce, rank);
    }
    return sum;
}

Bytes
GradientPlan::ShareOf(const PhaseKey& reduce, uint32_t host, uint32_t gpu) const
{
    return EvenShare(BytesPerHost(reduce, host), gpu, m_gpus);
}

std::vector<uint32_t>
GradientPlan::HostsOf(const PhaseKey& reduce, uint32_t host) const
{
    const auto replicas = static_cast<uint32_t>(m_program->Plan().DataParallel());
    const uint32_t hostsPerStage = replicas * m_hostsPerGroup;
    const uint32_t first = host / hostsPerStage * hostsPerStage;
    const bool isShared = reduce.kind == PhaseKind::SharedReduce;
    std::vector<uint32_t> hosts;
    for (uint32_t other = first; other < first + hostsPerStage; ++other)
    {
        if (isShared || other % m_hostsPerGroup == host % m_hostsPerGroup)
        {
            hosts.push_back(other);
        }
    }
    return hosts;
}

std::vector<GradientRing>
GradientPlan::RingsOf(const PhaseKey& reduce, uint32_t host) const
{
    std::vector<GradientRing> rings;
    for (const auto nic : m_ringNics)
    {
        rings.push_back({nic, Bytes(0)});
    }
    for (uint32_t gpu = 0; gpu < m_gpus; ++gpu)
    {
        rings[m_gatewayOf[gpu]].bytes += ShareOf(reduce, host, gpu);
    }
    return rings;
}

void
GradientPlan::AddReplicaFlows(const PhaseKey& reduce, std::vector<ScheduledFlow>& flows) const
{
    // Of a shard, all copies but one go once around: (n - 1) / n of it over every edge.
    const uint32_t stride = m_gpus / m_ranksPerHost;
    const Bytes total = BytesPerRank(reduce, 0);
    for (uint32_t gpu = 0; gpu < m_gpus; ++gpu)
    {
        const Bytes shard = EvenShare(total, gpu % stride, stride);
        const Bytes bytes = shard - EvenShare(shard, gpu / stride, m_ranksPerHost);
        if (bytes > Bytes(0))
        {
            flows.push_back({gpu, (gpu + stride) % m_gpus, bytes, {}});
        }
    }
}

std::vector<ScheduledFlow>
GradientPlan::FlowsBefore(const PhaseKey& reduce, uint32_t host) const
{
    std::vector<ScheduledFlow> flows;
    if (IsReplicated(reduce))
    {
        AddReplicaFlows(reduce, flows);
    }
    std::vector<uint32_t> reduced(flows.size());
    for (uint32_t flow = 0; flow < reduced.size(); ++flow)
    {
        reduced[flow] = flow;
    }
    for (uint32_t gpu = 0; gpu < m_gpus; ++gpu)
    {
        const auto gateway = m_gpuOfRing[m_gatewayOf[gpu]];
        if (gateway != gpu && ShareOf(reduce, host, gpu) > Bytes(0))
        {
            flows.push_back({gpu, gateway, ShareOf(reduce, host, gpu), reduced});
        }
    }
    return flows;
}

std::vector<ScheduledFlow>
GradientPlan::FlowsAfter(const PhaseKey& reduce, uint32_t host) const
{
    std::vector<ScheduledFlow> flows;
    for (uint32_t gpu = 0; gpu < m_gpus; ++gpu)
    {
        const auto gateway = m_gpuOfRing[m_gatewayOf[gpu]];
        if (gateway != gpu && ShareOf(reduce, host, gpu) > Bytes(0))
        {
            flows.push_back({gateway, gpu, ShareOf(reduce, host, gpu), {}});
        }
    }
    if (IsReplicated(reduce))
    {
        std::vector<uint32_t> moved(flows.size());
        for (uint32_t flow = 0; flow < moved.size(); ++flow)
        {
            moved[flow] = flow;
        }
        const auto first = flows.size();
        AddReplicaFlows(reduce, flows);
        for (auto flow = first; flow < flows.size(); ++flow)
        {
            flows[flow].after = moved;
        }
    }
    return flows;
}

} // namespace mixnetcore
