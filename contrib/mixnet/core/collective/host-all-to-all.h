/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef HOST_ALL_TO_ALL_H
#define HOST_ALL_TO_ALL_H

#include "ns3/all-to-all-router.h"
#include "ns3/expert-parallel-group.h"
#include "ns3/task-source.h"

#include <map>
#include <memory>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What one host sends in the all-to-alls of its EP group, and what it gets.
 *
 * An all-to-all is routed once for the host, EP rank by EP rank: where a router spreads bytes over
 * NICs it spreads those of each rank, which may start apart from the host's others and has then all
 * NICs to itself. Each GPU takes its part when it sends. Tokens that cross once per host
 * (Deduplication::Host) are passed on inside of the host, or gathered there before they cross.
 *
 * Guarantees: every transfer of an all-to-all is taken once; what all GPUs have taken is forgotten.
 */
class HostAllToAll
{
  public:
    /**
     * @param tasks Work of the EP group.
     * @param group Its ranks on GPUs.
     * @param hosts Hosts of the group, as the fabric numbers them.
     * @param endpoint Place of this host among them.
     */
    HostAllToAll(std::shared_ptr<const TaskSource> tasks,
                 const ExpertParallelGroup& group,
                 std::vector<uint32_t> hosts,
                 uint32_t endpoint);

    /**
     * @brief Routes an all-to-all, unless that was done.
     * @param phase The all-to-all.
     * @param router Its routes.
     * @param efficiency As with PadTransfers().
     * @throws std::invalid_argument as the router and PadTransfers() do; nothing is routed then.
     */
    void Route(const PhaseKey& phase, const AllToAllRouter& router, double efficiency);

    /**
     * @param phase An all-to-all that was routed.
     * @param gpu GPU of this host; once.
     * @return what it sends.
     */
    std::vector<Transfer> Take(const PhaseKey& phase, uint32_t gpu);

    /// @param phase An all-to-all. @param gpu GPU of this host. @return bytes that are sent to it.
    Bytes SentTo(const PhaseKey& phase, uint32_t gpu) const;

    /// @param phase An all-to-all. @param gpu GPU of this host. @return bytes that others of the
    /// host pass on to it.
    Bytes ForwardedTo(const PhaseKey& phase, uint32_t gpu) const;

    /**
     * @param phase An all-to-all.
     * @param gpus GPUs of this host.
     * @param efficiency As with PadTransfers().
     * @return what they pass on to others of the host.
     */
    std::vector<Transfer> Forward(const PhaseKey& phase,
                                  const std::vector<uint32_t>& gpus,
                                  double efficiency) const;

  private:
    /// @brief What this host sends in an all-to-all.
    struct Outbound
    {
        std::vector<std::vector<Transfer>> byGpu; //!< by local GPU
        size_t gpusLeft{0};                       //!< GPUs that have not taken theirs
    };

    /// @param phase An all-to-all. @param firstGpu First GPU, in the group, of a part of a rank.
    /// @return what its GPUs send.
    std::vector<GpuDemand> DemandOfPart(const PhaseKey& phase, size_t firstGpu) const;

    /// @param phase An all-to-all. @param from GPU of the group. @param to Another.
    /// @return bytes that one passes on to the other in that phase.
    Bytes Forwarded(const PhaseKey& phase, size_t from, size_t to) const;

    /// @param gpu GPU of the group. @return the same as the fabric numbers it.
    GpuId FabricGpu(size_t gpu) const;

    std::shared_ptr<const TaskSource> m_tasks; //!< work of the group
    ExpertParallelGroup m_group;               //!< its ranks on GPUs
    std::vector<uint32_t> m_hosts;             //!< of the group
    uint32_t m_endpoint;                       //!< place among them
    size_t m_firstGpu;                         //!< of this host, in the group
    size_t m_endGpu;                           //!< behind its last
    std::map<PhaseKey, Outbound> m_outbound;   //!< what some GPUs have not taken
};

} // namespace mixnetcore

#endif // HOST_ALL_TO_ALL_H
