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

uint32_t
GradientRing::NextOf(uint32_t host) const
{
    const auto place = std::find(hosts.begin(), hosts.end(), host);
    const bool isLast = place == hosts.end() || place + 1 == hosts.end();
    return isLast ? hosts.front() : *(place + 1);
}

std::vector<Transfer>
GradientRing::StepFrom(uint32_t host, Bytes bytes, const AllToAllRouter* router) const
{
    const GpuId source{host, gpu};
    const GpuId destination{NextOf(host), gpu};
    if (!hops.empty())
    {
        const auto place = std::find(hosts.begin(), hosts.end(), host) - hosts.begin();
        return {{source, destination, bytes, hops.at(place)}};
    }
    if (isJoined)
    {
        return {
            {source, destination, bytes, {RdmaLeg{{host, nic}, {destination.host, nic}, side}}}};
    }
    if (!router)
    {
        Refuse(Phrase() << "a ring from host " << host << " to host " << destination.host
                        << ": nothing joins their NICs " << nic << ", and there are no routes");
    }
    return router->Route({{source, destination, bytes}});
}

GradientPlan::GradientPlan(std::shared_ptr<const TrainingProgram> program,
                           std::shared_ptr<const TrainingWork> work,
                           const HostPlan& host,
                           const std::vector<LaidRing>& rings)
    : m_program(std::move(program)),
      m_work(std::move(work)),
      m_gpus(host.gpus),
      m_host(host)
{
    const auto& plan = m_program->Plan();
    CheckLayout(plan, host);
    const auto layout = plan.GroupLayout();
    m_slices = layout.TensorParallel();
    m_slicesPerHost = layout.GpusPerPart();
    m_ranksPerHost = m_gpus / m_slicesPerHost;
    m_hostsPerRank = layout.HostsPerRank();
    m_hostsPerGroup = layout.Hosts();
    const auto ringOf = [&host](uint32_t nic, bool isJoined) {
        const auto& plan = host.nics.at(nic);
        return GradientRing{nic, plan.gpu, plan.rate, plan.role, {}, {}, isJoined, {}};
    };
    const bool hasElectrical = !host.NicsOn(NicRole::Electrical).empty();
    std::vector<GradientRing> usual;
    for (const auto nic : host.NicsOn(hasElectrical ? NicRole::Electrical : NicRole::Optical))
    {
        const auto isThere = [&](const GradientRing& ring) {
            return ring.gpu == host.nics[nic].gpu;
        };
        if (std::none_of(usual.begin(), usual.end(), isThere))
        {
            usual.push_back(ringOf(nic, hasElectrical));
        }
    }
    if (usual.empty())
    {
        Refuse("gradients need NICs: a host has none");
    }
    m_usual = WithGateways(std::move(usual));
    std::map<std::vector<uint32_t>, std::vector<GradientRing>> laid;
    for (const auto& ring : rings)
    {
        auto hosts = ring.plan.hosts;
        std::sort(hosts.begin(), hosts.end());
        auto& ofHosts = laid[hosts];
        ofHosts.push_back(ringOf(ring.plan.nic, false));
        ofHosts.back().hosts = ring.plan.hosts;
        ofHosts.back().hops = ring.hops;
    }
    for (auto& [hosts, ofHosts] : laid)
    {
        m_laid[hosts] = WithGateways(std::move(ofHosts));
    }
}

GradientPlan::RingSet
GradientPlan::WithGateways(std::vector<GradientRing> rings) const
{
    std::vector<uint32_t> served(rings.size());
    std::vector<std::vector<GatewayShare>> shares(m_gpus);
    for (uint32_t distance = 0; distance <= FARTHEST; ++distance)
    {
        for (uint32_t gpu = 0; gpu < m_gpus; ++gpu)
        {
            const auto key = [&](uint32_t ring) {
                return std::pair(DistanceBetween(m_host, gpu, rings[ring].gpu), served[ring]);
            };
            uint32_t best = 0;
            for (uint32_t ring = 1; ring < rings.size(); ++ring)
            {
                best = key(ring) < key(best) ? ring : best;
            }
            if (shares[gpu].empty() && key(best).first == distance)
            {
                shares[gpu].push_back({best});
                ++served[best];
            }
        }
    }
    const auto [least, most] = std::minmax_element(served.begin(), served.end());
    if (*least != *most)
    {
        const auto parts = static_cast<uint32_t>(rings.size());
        for (auto& ofGpu : shares)
        {
            ofGpu.clear();
            for (uint32_t ring = 0; ring < parts; ++ring)
            {
                ofGpu.push_back({ring, ring, parts});
            }
        }
    }
    return {std::move(rings), std::move(shares)};
}

const GradientPlan::RingSet&
GradientPlan::RingSetOf(const std::vector<uint32_t>& hosts) const
{
    const auto laid = m_laid.find(hosts);
    return laid == m_laid.end() ? m_usual : laid->second;
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
    const auto hosts = HostsOf(reduce, host);
    const auto& set = RingSetOf(hosts);
    auto rings = set.rings;
    for (auto& ring : rings)
    {
        ring.hosts = ring.hosts.empty() ? hosts : ring.hosts;
    }
    const auto bytes = SharesOf(reduce, host);
    for (uint32_t gpu = 0; gpu < m_gpus; ++gpu)
    {
        for (const auto& [ring, part, parts] : set.shares[gpu])
        {
            rings[ring].bytes += EvenShare(bytes[gpu], part, parts);
        }
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
    const auto hosts = HostsOf(reduce, host);
    if (hosts.size() == 1)
    {
        return flows;
    }
    const auto& set = RingSetOf(hosts);
    const auto bytes = SharesOf(reduce, host);
    for (uint32_t gpu = 0; gpu < m_gpus; ++gpu)
    {
        for (const auto& [ring, part, parts] : set.shares[gpu])
        {
            const auto share = EvenShare(bytes[gpu], part, parts);
            if (set.rings[ring].gpu != gpu && share > Bytes(0))
            {
                flows.push_back({gpu, set.rings[ring].gpu, share, {}});
            }
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
