/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef GRADIENT_JOB_H
#define GRADIENT_JOB_H

#include "refusal.h"

#include "ns3/gradient-plan.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace mixnetcore::tests
{

constexpr uint32_t GPUS = 8; //!< of a host

/**
 * @brief Gradients of each rank's experts, and others, the same in every layer; no other work.
 */
class GradientWork : public TrainingWork
{
  public:
    /// @param shared Bytes of a layer that every rank has. @param experts Bytes of a layer by rank.
    GradientWork(uint64_t shared, std::vector<uint64_t> experts)
        : m_shared(shared),
          m_experts(std::move(experts))
    {
    }

    // Inherited from TrainingWork
    Picoseconds ComputeTime(const PhaseKey& /* phase */, uint32_t /* rank */) const override
    {
        return Picoseconds(0);
    }

    Bytes TensorBytes(const PhaseKey& /* phase */, uint32_t /* rank */) const override
    {
        return Bytes(0);
    }

    DemandMatrix AllToAllBytes(const PhaseKey& /* phase */) const override
    {
        return DemandMatrix(m_experts.size(), m_experts.size());
    }

    const MoeLayerDemand& DemandOf(const PhaseKey& /* phase */) const override
    {
        throw std::logic_error("there are no tokens");
    }

    Bytes PipelineBytes() const override
    {
        return Bytes(0);
    }

    Bytes GradientBytes(PhaseKind kind, uint32_t /* layer */, uint32_t rank) const override
    {
        return Bytes(kind == PhaseKind::ExpertReduce ? m_experts.at(rank) : m_shared);
    }

  private:
    uint64_t m_shared;               //!< bytes that every rank has
    std::vector<uint64_t> m_experts; //!< bytes by rank
};

/// @brief A layout of ranks, hosts, and how much is reduced.
struct GradientJob
{
    size_t tensor{1};                //!< TP degree
    size_t expert{8};                //!< EP degree
    size_t replicas{2};              //!< DP degree
    size_t stages{1};                //!< PP degree
    size_t layers{1};                //!< of the model
    bool overlaps{false};            //!< whether layers are reduced one by one
    uint32_t nics{2};                //!< electrical ones of a host
    uint64_t shared{GPUS * 1000};    //!< bytes of a layer that every rank has
    std::vector<uint64_t> experts{}; //!< bytes of a layer by rank; empty: 800 each
    std::vector<size_t> gpuOfRank{}; //!< as ParallelPlanSpec
    uint32_t hostGpus{GPUS};         //!< of the host's inside
    std::vector<LaidRing> laid;      //!< rings that circuits have been laid for
    std::vector<std::pair<uint32_t, NicRole>> nicList{}; //!< GPU and role; empty: as PlanHost

    /// @return what the inside of a host is made of.
    HostPlan Host() const
    {
        HostSpec spec;
        spec.gpus = hostGpus;
        spec.electricalNics = nics;
        spec.opticalDegree = hostGpus - nics;
        auto host = PlanHost(spec);
        if (!nicList.empty())
        {
            host.nics.clear();
            for (const auto& [gpu, role] : nicList)
            {
                host.nics.push_back({role, gpu, host.NumaHalfOf(gpu), spec.linkRate});
            }
        }
        return host;
    }

    /// @return ranks, and layers on stages.
    ParallelPlan Ranks() const
    {
        ParallelPlanSpec spec;
        spec.tensorParallel = tensor;
        spec.expertParallel = expert;
        spec.dataParallel = replicas;
        spec.pipelineParallel = stages;
        spec.layers = layers;
        spec.gpusPerHost = GPUS;
        spec.gpuOfRank = gpuOfRank;
        return ParallelPlan(spec);
    }

    /// @return bytes of a layer by rank.
    std::vector<uint64_t> ExpertBytes() const
    {
        return experts.empty() ? std::vector<uint64_t>(expert, 800) : experts;
    }

    /// @return the plan.
    GradientPlan Plan() const
    {
        TrainingProgramOptions options;
        options.overlapGradientReduce = overlaps;
        return GradientPlan(std::make_shared<const TrainingProgram>(Ranks(), options),
                            std::make_shared<const GradientWork>(shared, ExpertBytes()),
                            Host(),
                            laid);
    }

    /// @return hosts of an EP group.
    size_t HostsPerGroup() const
    {
        return expert * tensor / GPUS;
    }

    /// @return hosts of all.
    size_t Hosts() const
    {
        return HostsPerGroup() * replicas * stages;
    }

    /// @param kind ExpertReduce or SharedReduce. @param host A host. @return the all-reduce of the
    /// first layer of its stage.
    PhaseKey Reduce(PhaseKind kind, size_t host) const
    {
        PhaseKey key;
        key.kind = kind;
        key.direction = Direction::Backward;
        const size_t group = host / HostsPerGroup();
        key.replica = static_cast<uint32_t>(group % replicas);
        key.stage = static_cast<uint32_t>(group / replicas);
        key.layer = static_cast<uint32_t>(Ranks().Layers().LayersOf({key.stage, 0}).first);
        return key;
    }

    /// @return the job in words.
    std::string Name() const
    {
        return "TP" + std::to_string(tensor) + " EP" + std::to_string(expert) + " DP" +
               std::to_string(replicas) + " PP" + std::to_string(stages) + ", " +
               std::to_string(nics) + " NICs, " + std::to_string(shared) + " bytes";
    }
};

constexpr PhaseKind KINDS[]{PhaseKind::ExpertReduce, PhaseKind::SharedReduce};

/// @return bytes of 64 places for 60 experts: three experts for each rank of every fourth, four for
/// the others.
inline std::vector<uint64_t>
SixtyExperts()
{
    std::vector<uint64_t> bytes;
    for (size_t rank = 0; rank < 16; ++rank)
    {
        bytes.push_back(rank % 4 == 3 ? 3 * 1001 : 4 * 1001);
    }
    return bytes;
}

/// @return jobs that differ in everything that decides a plan.
inline std::vector<GradientJob>
ManyJobs()
{
    std::vector<GradientJob> jobs;
    for (const auto& [tensor, expert] :
         std::vector<std::pair<size_t, size_t>>{{1, 8}, {1, 16}, {4, 2}, {4, 16}, {8, 1}, {8, 3}})
    {
        for (const size_t replicas : {1, 2, 3})
        {
            for (const uint32_t nics : {1, 2, 3, 8})
            {
                for (const uint64_t shared : {0, 1, 7, 8001})
                {
                    GradientJob job;
                    job.tensor = tensor;
                    job.expert = expert;
                    job.replicas = replicas;
                    job.stages = 1 + replicas % 2;
                    job.layers = 3 * job.stages;
                    job.nics = nics;
                    job.shared = shared;
                    job.experts = expert == 16 ? SixtyExperts() : std::vector<uint64_t>();
                    jobs.push_back(job);
                }
            }
        }
    }
    return jobs;
}

/**
 * @param flows Flows.
 * @param side Side of a flow that counts: the GPU it is from, or the one it goes to.
 * @return bytes of each GPU.
 */
inline std::vector<uint64_t>
BytesBy(const std::vector<ScheduledFlow>& flows, uint32_t ScheduledFlow::*side)
{
    std::vector<uint64_t> bytes(GPUS);
    for (const auto& flow : flows)
    {
        bytes.at(flow.*side) += flow.bytes.Count();
    }
    return bytes;
}

/// @param plan A plan. @param reduce What. @param host Where. @return bytes of each ring.
inline std::vector<uint64_t>
RingBytes(const GradientPlan& plan, const PhaseKey& reduce, uint32_t host)
{
    std::vector<uint64_t> bytes;
    for (const auto& ring : plan.RingsOf(reduce, host))
    {
        bytes.push_back(ring.bytes.Count());
    }
    return bytes;
}

/// @param plan A plan. @param reduce What. @param host A host. @return its distinct gradients,
/// bytes.
inline uint64_t
BytesOf(const GradientPlan& plan, const PhaseKey& reduce, uint32_t host)
{
    const auto rings = RingBytes(plan, reduce, host);
    return std::accumulate(rings.begin(), rings.end(), uint64_t{0});
}

/// Sender, receiver and bytes of flows.
using Moves = std::vector<std::tuple<uint32_t, uint32_t, uint64_t>>;

/// @param flows Flows. @return who sends what to whom, sorted.
inline Moves
MovesOf(const std::vector<ScheduledFlow>& flows)
{
    Moves moves;
    for (const auto& flow : flows)
    {
        moves.emplace_back(flow.from, flow.to, flow.bytes.Count());
    }
    std::sort(moves.begin(), moves.end());
    return moves;
}

/// @param job A job. @return why it is refused, or nothing.
inline std::string
RefusalOf(const GradientJob& job)
{
    return Refusal([&] { job.Plan(); });
}

} // namespace mixnetcore::tests

#endif // GRADIENT_JOB_H
