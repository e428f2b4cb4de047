/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef GRADIENT_PLAN_H
#define GRADIENT_PLAN_H

#include "tensor-schedule.h"

#include "ns3/host-plan.h"
#include "ns3/training-program.h"
#include "ns3/training-work.h"

#include <memory>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief One ring of an all-reduce: hosts joined by one NIC each.
 */
struct GradientRing
{
    uint32_t nic;       //!< NIC of every host
    BitsPerSecond rate; //!< line rate of these NICs
    Bytes bytes;        //!< size of the buffer that goes around, on every host
};

/**
 * @ingroup mixnet-core
 * @brief How gradients are reduced over hosts: the all-reduce of data parallelism, in three parts.
 *
 * 1. Inside a host: gradients of parameters that several GPUs hold (all but those of experts, where
 *    a host has several EP ranks) are reduced and scattered over these GPUs. Then every GPU has a
 *    share of the host's distinct gradients: of experts those of its own rank, of all others as
 *    much as any. It moves its share to its gateway: itself where it has an electrical NIC, else a
 *    GPU that has one, on its own NUMA half where there is one.
 * 2. Between hosts: a ring per electrical NIC, over the hosts that hold the same parameters: of
 *    experts the same host of every replica, of all others all hosts of the stage, or, where an EP
 *    rank spans hosts, all that have the same part of one. Rings go by ascending numbers of hosts.
 * 3. Inside a host the way back: from gateways to GPUs, then all-gather.
 *
 * All of it is by NVSwitch but the rings. Reductions and gatherings in a host are rings whose steps
 * are merged: one flow to the next GPU. Where a host has the sums of all, as the only one, there
 * are no rings, and nothing moves to gateways.
 *
 * Guarantees: a pure function of its arguments; all hosts of a ring have the same bytes for it; a
 * GPU gets back from its gateway what it has moved there.
 * Not modelled: an optimizer that keeps shards only (its reduce-scatter and all-gather move the
 * same bytes); more than one electrical NIC on a GPU, of which the first is used.
 */
class GradientPlan
{
  public:
    /**
     * @param program Who reduces what.
     * @param work Bytes of gradients.
     * @param host Inside of every host.
     * @throws std::invalid_argument when the plan's hosts have another number of GPUs, ranks are
     * not on GPUs in their order, an EP group does not fill whole hosts, or hosts have no
     * electrical NIC.
     */
    GradientPlan(std::shared_ptr<const TrainingProgram> program,
                 std::shared_ptr<const TrainingWork> work,
                 const HostPlan& host);

    /**
     * @param reduce An ExpertReduce or SharedReduce. @param host A host that takes part.
     * @return all hosts that do, ascending; itself among them.
     */
    std::vector<uint32_t> HostsOf(const PhaseKey& reduce, uint32_t host) const;

    /**
     * @param reduce An ExpertReduce or SharedReduce. @param host A host that takes part.
     * @return its rings, one per gateway; together they carry the distinct gradients of the host.
     * All hosts of a ring have the same.
     */
    std::vector<GradientRing> RingsOf(const PhaseKey& reduce, uint32_t host) const;

    /// @param reduce An ExpertReduce or SharedReduce. @param host A host that takes part.
    /// @return flows among its GPUs before the rings.
    std::vector<ScheduledFlow> FlowsBefore(const PhaseKey& reduce, uint32_t host) const;

    /// @param reduce An ExpertReduce or SharedReduce. @param host A host that takes part.
    /// @return flows among its GPUs after the rings.
    std::vector<ScheduledFlow> FlowsAfter(const PhaseKey& reduce, uint32_t host) const;

    /// @return GPUs of a host.
    uint32_t Gpus() const
    {
        return m_gpus;
    }

    /// @param nic NIC of a ring. @return GPU that it is attached to.
    uint32_t GatewayOf(uint32_t nic) const;

  private:
    /// @param host Inside of every host. @brief Gives every GPU the nearest gateway, and of several
    /// the one that serves the fewest; GPUs with NICs of their own come first.
    void AssignGateways(const HostPlan& host);

    /// @param reduce What. @param expertRank EP rank. @return gradients that it has.
    Bytes BytesPerRank(const PhaseKey& reduce, uint32_t expertRank) const
    {
        return m_work->GradientBytes(reduce.kind, m_program->LayersReducedBy(reduce), expertRank);
    }

    /// @param reduce What. @param host A host. @return distinct gradients that each GPU has after
    /// those that several hold are reduced and scattered.
    std::vector<Bytes> SharesOf(const PhaseKey& reduce, uint32_t host) const;

    /// @param reduce What. @param collective Reduce-scatter or all-gather.
    /// @return its flows among the GPUs that hold the same parameters.
    std::vector<ScheduledFlow> ReplicaFlows(const PhaseKey& reduce,
                                            TensorCollective collective) const;

    /// @param reduce What. @param host A host. @return flows from each GPU to its gateway.
    std::vector<ScheduledFlow> GatewayFlows(const PhaseKey& reduce, uint32_t host) const;

    std::shared_ptr<const TrainingProgram> m_program; //!< who reduces what
    std::shared_ptr<const TrainingWork> m_work;       //!< bytes of gradients
    uint32_t m_gpus;                                  //!< GPUs of a host
    uint32_t m_slices;                                //!< GPUs of an EP rank
    uint32_t m_slicesPerHost;                         //!< the same in a host
    uint32_t m_ranksPerHost;                          //!< EP ranks of a host
    uint32_t m_hostsPerRank;                          //!< hosts of an EP rank
    uint32_t m_hostsPerGroup;                         //!< hosts of an EP group
    std::vector<uint32_t> m_ringNics;                 //!< electrical NICs, one per gateway
    std::vector<uint32_t> m_gatewayOf;                //!< place in m_ringNics, by GPU
    std::vector<uint32_t> m_gpuOfRing;                //!< gateway GPU of each ring
    std::vector<BitsPerSecond> m_rateOfRing;          //!< line rate of each ring's NICs
};

} // namespace mixnetcore

#endif // GRADIENT_PLAN_H
