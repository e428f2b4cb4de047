/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "host-all-to-all.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace mixnetcore
{

namespace
{

/// @param demand Of a dispatch, forward. @param phase The dispatch, or what has the same tokens.
/// @param from A GPU. @param to Another. @return bytes that go from one to the other in the phase.
Bytes
Between(const DemandMatrix& demand, const PhaseKey& phase, size_t from, size_t to)
{
    return phase.IsTransposed() ? demand.At(to, from) : demand.At(from, to);
}

} // namespace

HostAllToAll::HostAllToAll(std::shared_ptr<const TaskSource> tasks,
                           const ExpertParallelGroup& group,
                           std::vector<uint32_t> hosts,
                           uint32_t endpoint)
    : m_tasks(std::move(tasks)),
      m_group(group),
      m_hosts(std::move(hosts)),
      m_endpoint(endpoint)
{
    m_firstGpu = endpoint * m_group.GpusPerHost();
    m_endGpu = std::min(m_firstGpu + m_group.GpusPerHost(), m_group.Gpus());
}

GpuId
HostAllToAll::FabricGpu(size_t gpu) const
{
    return {m_hosts.at(m_group.HostOfGpu(gpu)), static_cast<uint32_t>(m_group.LocalGpu(gpu))};
}

void
HostAllToAll::Route(const PhaseKey& phase, const AllToAllRouter& router, double efficiency)
{
    if (m_outbound.count(phase) > 0)
    {
        return;
    }
    Outbound outbound;
    outbound.byGpu.resize(m_group.GpusPerHost());
    outbound.gpusLeft = m_endGpu - m_firstGpu;
    for (auto gpu = m_firstGpu; gpu < m_endGpu; gpu += m_group.GpusPerPart())
    {
        auto transfers = router.Route(DemandOfPart(phase, gpu));
        PadTransfers(transfers, efficiency);
        for (auto& transfer : transfers)
        {
            outbound.byGpu.at(transfer.source.gpu).push_back(std::move(transfer));
        }
    }
    m_outbound.emplace(phase, std::move(outbound));
}

std::vector<GpuDemand>
HostAllToAll::DemandOfPart(const PhaseKey& phase, size_t firstGpu) const
{
    const auto& dispatch = m_tasks->DemandOf(phase).dispatch;
    std::vector<GpuDemand> demand;
    demand.reserve(m_group.GpusPerPart() * m_group.Gpus());
    for (auto gpu = firstGpu; gpu < firstGpu + m_group.GpusPerPart(); ++gpu)
    {
        for (size_t peer = 0; peer < m_group.Gpus(); ++peer)
        {
            const auto bytes = Between(dispatch, phase, gpu, peer);
            if (bytes > Bytes(0))
            {
                demand.push_back({FabricGpu(gpu), FabricGpu(peer), bytes});
            }
        }
    }
    return demand;
}

std::vector<Transfer>
HostAllToAll::Take(const PhaseKey& phase, uint32_t gpu)
{
    const auto found = m_outbound.find(phase);
    assert(found != m_outbound.end() && "an all-to-all is routed before GPUs take their parts");
    auto taken = std::move(found->second.byGpu.at(gpu));
    if (--found->second.gpusLeft == 0)
    {
        m_outbound.erase(found);
    }
    return taken;
}

Bytes
HostAllToAll::SentTo(const PhaseKey& phase, uint32_t gpu) const
{
    const auto& dispatch = m_tasks->DemandOf(phase).dispatch;
    const auto own = m_firstGpu + gpu;
    Bytes sum;
    for (size_t peer = 0; peer < m_group.Gpus(); ++peer)
    {
        sum += Between(dispatch, phase, peer, own);
    }
    return sum;
}

Bytes
HostAllToAll::Forwarded(const PhaseKey& phase, size_t from, size_t to) const
{
    return Between(m_tasks->DemandOf(phase).forwarded, phase, from, to);
}

Bytes
HostAllToAll::ForwardedTo(const PhaseKey& phase, uint32_t gpu) const
{
    Bytes sum;
    if (m_tasks->DemandOf(phase).isForwarded)
    {
        for (auto peer = m_firstGpu; peer < m_endGpu; ++peer)
        {
            sum += Forwarded(phase, peer, m_firstGpu + gpu);
        }
    }
    return sum;
}

std::vector<Transfer>
HostAllToAll::Forward(const PhaseKey& phase,
                      const std::vector<uint32_t>& gpus,
                      double efficiency) const
{
    std::vector<Transfer> transfers;
    if (!m_tasks->DemandOf(phase).isForwarded)
    {
        return transfers;
    }
    const uint32_t host = m_hosts[m_endpoint];
    for (const auto gpu : gpus)
    {
        for (auto peer = m_firstGpu; peer < m_endGpu; ++peer)
        {
            const auto to = static_cast<uint32_t>(peer - m_firstGpu);
            const auto bytes = Forwarded(phase, m_firstGpu + gpu, peer);
            if (bytes > Bytes(0))
            {
                transfers.push_back({{host, gpu}, {host, to}, bytes, {NvswitchLeg{host, gpu, to}}});
            }
        }
    }
    PadTransfers(transfers, efficiency);
    return transfers;
}

} // namespace mixnetcore
