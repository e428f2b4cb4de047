/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef GRADIENT_PLAN_H
#define GRADIENT_PLAN_H

#include "tensor-schedule.h"

#include "ns3/all-to-all-router.h"
#include "ns3/fabric-plan.h"
#include "ns3/laid-rings.h"
#include "ns3/training-program.h"
#include "ns3/training-work.h"

#include <map>
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
    uint32_t nic;                //!< NIC of every host
    uint32_t gpu;                //!< gateway: GPU that the NIC is attached to
    BitsPerSecond rate;          //!< line rate of these NICs
    NicRole side;                //!< side of the fabric that they are on
    std::vector<uint32_t> hosts; //!< in the order of the ring; the last sends to the first
    std::vector<Route> hops;     //!< of circuits: from each host's gateway to that of the next
    bool isJoined;               //!< whether packet switches join each NIC to the next
    Bytes bytes;                 //!< size of the buffer that goes around, on every host

    /// @param host A host of the ring. @return the one that it sends to.
    uint32_t NextOf(uint32_t host) const;

    /**
     * @param host A host of the ring.
     * @param bytes Of a step.
     * @param router Routes between hosts; needed where NICs are not joined.
     * @return transfers from its gateway to that of the next.
     * @throws std::invalid_argument when there is no way to it.
     */
    std::vector<Transfer> StepFrom(uint32_t host, Bytes bytes, const AllToAllRouter* router) const;
};

/**
 * @ingroup mixnet-core
 * @brief How gradients are reduced over hosts: the all-reduce of data parallelism, in three parts.
 *
 * 1. Inside a host: gradients of parameters that several GPUs hold (all but those of experts, where
 *    a host has several EP ranks) are reduced and scattered over these GPUs. Then every GPU has a
 *    share of the host's distinct gradients: of experts those of its own rank, of all others as
 *    much as any. It moves its share to its gateway: itself where it has the NIC of a ring, else a
 *    GPU that has one, on its own NUMA half where there is one; where gateways would then serve
 *    different numbers of GPUs, an even part to each of them.
 * 2. Between hosts: rings over the hosts that hold the same parameters: of experts the same host
 *    of every replica, of all others all hosts of the stage, or, where an EP rank spans hosts, all
 *    that have the same part of one. Where the fabric has circuits for rings of just these hosts
 *    (FabricPlan::rings) they go by those; else a ring per electrical NIC, or per NIC where there
 *    is none, by ascending numbers of hosts.
 * 3. Inside a host the way back: from gateways to GPUs, then all-gather.
 *
 * All of it is by NVSwitch but the rings. Reductions and gatherings in a host are rings whose steps
 * are merged: one flow to the next GPU. Where a host has the sums of all, as the only one, there
 * are no rings, and nothing moves to gateways.
 *
 * Guarantees: a pure function of its arguments; all hosts of a ring have the same bytes for it; a
 * GPU gets back from its gateway what it has moved there.
 * Not modelled: an optimizer that keeps shards only (its reduce-scatter and all-gather move the
 * same bytes); more than one electrical NIC on a GPU, of which the first is used; rings that are
 * split where the fabric has circuits for a part of the hosts.
 */
class GradientPlan
{
  public:
    /**
     * @param program Who reduces what.
     * @param work Bytes of gradients.
     * @param host Inside of every host.
     * @param rings What the fabric has circuits for, LaidRingsOf().
     * @throws std::invalid_argument when the plan's hosts have another number of GPUs, ranks are
     * not on GPUs in their order, an EP group does not fill whole hosts, or hosts have no NIC.
     */
    GradientPlan(std::shared_ptr<const TrainingProgram> program,
                 std::shared_ptr<const TrainingWork> work,
                 const HostPlan& host,
                 const std::vector<LaidRing>& rings = {});

    /**
     * @param reduce An ExpertReduce or SharedReduce. @param host A host that takes part.
     * @return all hosts that do, ascending; itself among them.
     */
    std::vector<uint32_t> HostsOf(const PhaseKey& reduce, uint32_t host) const;

    /**
     * @param reduce An ExpertReduce or SharedReduce. @param host A host that takes part.
     * @return its rings; together they carry the distinct gradients of the host. All hosts of a
     * ring have the same.
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

  private:
    /// @brief How much of what a GPU has goes to a gateway.
    struct GatewayShare
    {
        uint32_t ring;     //!< place of the ring
        uint32_t part{0};  //!< which part of the GPU's bytes
        uint32_t parts{1}; //!< how many equal parts there are
    };

    /// @brief Rings over the same hosts, and what each GPU moves to them.
    struct RingSet
    {
        std::vector<GradientRing> rings;               //!< without hosts and bytes, or with hosts
        std::vector<std::vector<GatewayShare>> shares; //!< by GPU
    };

    /// @param rings Rings. @return them, with what every GPU moves to them: to the nearest gateway,
    /// and of several to the one that serves the fewest; GPUs with NICs of their own come first.
    RingSet WithGateways(std::vector<GradientRing> rings) const;

    /// @param hosts Those that reduce, ascending. @return rings over them.
    const RingSet& RingSetOf(const std::vector<uint32_t>& hosts) const;

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
    HostPlan m_host;                                  //!< inside of every host
    RingSet m_usual;                                  //!< rings by ascending hosts
    std::map<std::vector<uint32_t>, RingSet> m_laid;  //!< with circuits, by ascending hosts
};

} // namespace mixnetcore

#endif // GRADIENT_PLAN_H
