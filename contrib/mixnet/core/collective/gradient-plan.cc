/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "gradient-plan.h"

#include "ns3/checks.h"

#include <algorithm>
#include <numeric>
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

/**
 * @param plan Ranks and their GPUs.
 * @param host Inside of a host.
 * @throws std::invalid_argument when gradients cannot be reduced host by host.
 */
void
CheckLayout(const ParallelPlan& plan, const HostPlan& host)
{
    if (host.gpus != plan.GpusPerHost())
    {
        Refuse(Phrase() << "hosts of " << host.gpus << " GPUs: the parallel plan has "
                        << plan.GpusPerHost() << " GPUs per host");
    }
    if (plan.ExpertParallel() * plan.TensorParallel() % host.gpus != 0)
    {
        Refuse(Phrase() << "EP " << plan.ExpertParallel() << " x TP " << plan.TensorParallel()
                        << ": must fill whole hosts of " << host.gpus << " GPUs");
    }
    for (size_t rank = 0; rank < plan.Ranks(); ++rank)
    {
        if (plan.GpuOf(rank) != rank)
        {
            Refuse(Phrase() << "rank " << rank << " on GPU " << plan.GpuOf(rank)
                            << ": gradients need ranks on GPUs in their order");
        }
    }
}

/**
 * @brief Puts flows behind others.
 * @param[in,out] flows What comes first; gets all.
 * @param next Begin when all of those have ended; have nothing else to wait for.
 */
void
AppendAfterAll(std::vector<ScheduledFlow>& flows, std::vector<ScheduledFlow> next)
{
    std::vector<uint32_t> before(flows.size());
    std::iota(before.begin(), before.end(), 0);
    for (auto& flow : next)
    {
        flow.after = before;
        flows.push_back(std::move(flow));
    }
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
    CheckLayout(plan, host);
    const auto layout = plan.GroupLayout();
    m_slices = layout.TensorParallel();
    m_slicesPerHost = layout.GpusPerPart();
    m_ranksPerHost = m_gpus / m_slicesPerHost;
    m_hostsPerRank = layout.HostsPerRank();
    m_hostsPerGroup = layout.Hosts();
    for (const auto nic : host.NicsOn(NicRole::Electrical))
    {
        const auto gpu = host.nics[nic].gpu;
        if (std::find(m_gpuOfRing.begin(), m_gpuOfRing.end(), gpu) == m_gpuOfRing.end())
        {
            m_ringNics.push_back(nic);
            m_gpuOfRing.push_back(gpu);
            m_rateOfRing.push_back(host.nics[nic].rate);
        }
    }
    if (m_ringNics.empty())
    {
        Refuse("gradients need electrical NICs: a host has none");
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
GradientPlan::GatewayOf(uint32_t nic) const
{
    const auto found = std::find(m_ringNics.begin(), m_ringNics.end(), nic);
    return m_gpuOfRing.at(found - m_ringNics.begin());
}

std::vector<Bytes>
GradientPlan::SharesOf(const PhaseKey& reduce, uint32_t host) const
{
    const uint32_t first = host % m_hostsPerGroup / m_hostsPerRank * m_ranksPerHost;
    const uint32_t firstSlice = host % m_hostsPerRank * m_slicesPerHost;
    const bool isShared = reduce.kind == PhaseKind::SharedReduce;
    std::vector<Bytes> shares;
    for (uint32_t rank = 0; rank < m_ranksPerHost; ++rank)
    {
        const Bytes total = BytesPerRank(reduce, first + rank);
        for (uint32_t slice = 0; slice < m_slicesPerHost; ++slice)
        {
            const Bytes held = EvenShare(total, firstSlice + slice, m_slices);
            shares.push_back(isShared ? EvenShare(held, rank, m_ranksPerHost) : held);
        }
    }
    return shares;
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
        const uint32_t alike = isShared ? m_hostsPerRank : m_hostsPerGroup;
        if (other % alike == host % alike)
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
    for (size_t ring = 0; ring < m_ringNics.size(); ++ring)
    {
        rings.push_back({m_ringNics[ring], m_rateOfRing[ring], Bytes(0)});
    }
    const auto shares = SharesOf(reduce, host);
    for (uint32_t gpu = 0; gpu < m_gpus; ++gpu)
    {
        rings[m_gatewayOf[gpu]].bytes += shares[gpu];
    }
    return rings;
}

std::vector<ScheduledFlow>
GradientPlan::ReplicaFlows(const PhaseKey& reduce, TensorCollective collective) const
{
    std::vector<ScheduledFlow> flows;
    if (reduce.kind == PhaseKind::ExpertReduce || m_ranksPerHost == 1)
    {
        return flows;
    }
    // GPUs that hold slice k: k, k + slices, k + 2 slices ...
    const Bytes total = BytesPerRank(reduce, 0);
    for (uint32_t slice = 0; slice < m_slices; ++slice)
    {
        for (const auto& flow : ScheduleTensorCollective(collective,
                                                         TensorAlgorithm::Merged,
                                                         m_ranksPerHost,
                                                         EvenShare(total, slice, m_slices)))
        {
            flows.push_back(
                {slice + flow.from * m_slices, slice + flow.to * m_slices, flow.bytes, {}});
        }
    }
    return flows;
}

std::vector<ScheduledFlow>
GradientPlan::GatewayFlows(const PhaseKey& reduce, uint32_t host) const
{
    std::vector<ScheduledFlow> flows;
    if (HostsOf(reduce, host).size() == 1)
    {
        return flows;
    }
    const auto shares = SharesOf(reduce, host);
    for (uint32_t gpu = 0; gpu < m_gpus; ++gpu)
    {
        const auto gateway = m_gpuOfRing[m_gatewayOf[gpu]];
        if (gateway != gpu && shares[gpu] > Bytes(0))
        {
            flows.push_back({gpu, gateway, shares[gpu], {}});
        }
    }
    return flows;
}

std::vector<ScheduledFlow>
GradientPlan::FlowsBefore(const PhaseKey& reduce, uint32_t host) const
{
    auto flows = ReplicaFlows(reduce, TensorCollective::ReduceScatter);
    AppendAfterAll(flows, GatewayFlows(reduce, host));
    return flows;
}

std::vector<ScheduledFlow>
GradientPlan::FlowsAfter(const PhaseKey& reduce, uint32_t host) const
{
    auto flows = GatewayFlows(reduce, host);
    for (auto& flow : flows)
    {
        std::swap(flow.from, flow.to);
    }
    AppendAfterAll(flows, ReplicaFlows(reduce, TensorCollective::AllGather));
    return flows;
}

} // namespace mixnetcore
