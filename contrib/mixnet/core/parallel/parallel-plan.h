/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PARALLEL_PLAN_H
#define PARALLEL_PLAN_H

#include "expert-parallel-group.h"

#include "ns3/layer-split.h"

#include <cstddef>
#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What a user chooses of a parallel plan.
 */
struct ParallelPlanSpec
{
    size_t tensorParallel{1};   //!< TP degree: ranks that share every matrix of a layer
    size_t expertParallel{1};   //!< EP degree: TP groups that share the experts of a layer
    size_t dataParallel{0};     //!< DP degree: replicas of an EP group; 0: from gpus, else 1
    size_t pipelineParallel{1}; //!< PP degree: stages
    size_t gpus{0};             //!< GPUs of the job; 0: as many as the degrees take
    size_t gpusPerHost{8};      //!< GPUs of a host
    size_t hostsPerRegion{0};   //!< hosts of a region; 0: those of one EP group
    size_t layers{1};           //!< layers of the model
    size_t chunksPerStage{1};   //!< chunks of layers per stage; above 1 with interleaved schedules
    std::vector<size_t> layersPerChunk; //!< as LayerSplit takes it; empty: as even as possible
    std::vector<size_t> gpuOfRank;      //!< GPU of each rank; empty: GPU r for rank r
};

/**
 * @ingroup mixnet-core
 * @brief Where a rank stands in each dimension of parallelism.
 */
struct RankCoordinates
{
    size_t tensor{0};  //!< TP index
    size_t expert{0};  //!< EP index: which of the group's EP ranks
    size_t replica{0}; //!< DP index: which replica
    size_t stage{0};   //!< PP index: which pipeline stage

    /// @param other Other coordinates. @return whether they are the same.
    bool operator==(const RankCoordinates& other) const
    {
        return tensor == other.tensor && expert == other.expert && replica == other.replica &&
               stage == other.stage;
    }
};

/// @ingroup mixnet-core
/// @brief The kinds of groups of ranks that take part in a collective together.
enum class GroupKind
{
    Tensor,     //!< same EP rank: they share every matrix; TP ranks
    Expert,     //!< same EP group and TP index: they exchange tokens; EP ranks
    ExpertData, //!< same stage, EP and TP index: they hold the same experts; DP ranks
    DenseData,  //!< same stage and TP index: they hold the same other parameters; DP x EP ranks
    Pipeline,   //!< same replica, EP and TP index: they pass activations on; PP ranks
};

/**
 * @ingroup mixnet-core
 * @brief Lays the ranks of a training job out on GPUs, hosts and regions.
 *
 * A rank is one training process on one GPU. Ranks are numbered TP fastest, then EP, then DP
 * replica, then PP stage:
 *
 *     rank = tensor + TP * (expert + EP * (replica + DP * stage)),  ranks = DP * PP * EP * TP
 *
 * so the EP x TP ranks of an EP group are consecutive; EP groups are numbered replica + DP * stage.
 * GPU g is in host g / gpusPerHost, host h in region h / hostsPerRegion.
 *
 * A TP group has its ranks in one host, or takes whole hosts when it has more ranks than a host has
 * GPUs. An EP group takes whole hosts, which are its region by default; larger regions hold several
 * groups. An EP group smaller than a host shares it: then a region is one host by default, with
 * gpusPerHost / (EP x TP) groups.
 *
 * Guarantees: the ranks of a Tensor group share a host, or fill hosts, in any placement; with the
 * default placement every EP group is in one region; every rank is in exactly one group of each
 * kind.
 * Not modelled: context parallelism, expert parallelism that differs in TP degree from attention.
 *
 * @see MixNet, sections 2 and 4
 */
class ParallelPlan
{
  public:
    static constexpr size_t MAX_GPUS = size_t{1} << 24; //!< bound that keeps products in range

    /**
     * @param spec Degrees, hosts, layers and placement.
     * @throws std::invalid_argument with one line that says which number does not fit which.
     */
    explicit ParallelPlan(const ParallelPlanSpec& spec);

    /// @return TP degree.
    size_t TensorParallel() const
    {
        return m_spec.tensorParallel;
    }

    /// @return EP degree.
    size_t ExpertParallel() const
    {
        return m_spec.expertParallel;
    }

    /// @return DP degree: replicas of an EP group.
    size_t DataParallel() const
    {
        return m_spec.dataParallel;
    }

    /// @return PP degree: pipeline stages.
    size_t PipelineParallel() const
    {
        return m_spec.pipelineParallel;
    }

    /// @return ranks, which is also the number of GPUs.
    size_t Ranks() const
    {
        return m_spec.gpus;
    }

    /// @return GPUs of a host.
    size_t GpusPerHost() const
    {
        return m_spec.gpusPerHost;
    }

    /// @return hosts; all are full, unless one is enough.
    size_t Hosts() const
    {
        return (m_spec.gpus + m_spec.gpusPerHost - 1) / m_spec.gpusPerHost;
    }

    /// @return hosts of a region.
    size_t HostsPerRegion() const
    {
        return m_spec.hostsPerRegion;
    }

    /// @return regions.
    size_t Regions() const
    {
        return Hosts() / m_spec.hostsPerRegion;
    }

    /// @return which layers are on which stage.
    const LayerSplit& Layers() const
    {
        return m_layers;
    }

    /**
     * @param rank Below Ranks().
     * @return where it stands.
     * @throws std::out_of_range when there is none.
     */
    RankCoordinates CoordinatesOf(size_t rank) const;

    /**
     * @param coordinates Each below the degree of its dimension.
     * @return the rank that stands there.
     * @throws std::out_of_range when there is none.
     */
    size_t RankAt(const RankCoordinates& coordinates) const;

    /// @param rank Below Ranks(). @return its GPU. @throws std::out_of_range when there is none.
    size_t GpuOf(size_t rank) const;

    /// @param rank Below Ranks(). @return its host. @throws std::out_of_range when there is none.
    size_t HostOf(size_t rank) const
    {
        return GpuOf(rank) / m_spec.gpusPerHost;
    }

    /// @param rank Below Ranks(). @return its region. @throws std::out_of_range if there is none.
    size_t RegionOf(size_t rank) const
    {
        return HostOf(rank) / m_spec.hostsPerRegion;
    }

    /**
     * @param kind Which kind of group.
     * @param rank Below Ranks().
     * @return the ranks of its group of that kind, itself included, ascending in the coordinate in
     *         which they differ (DenseData: replica, then EP index).
     * @throws std::out_of_range when there is no such rank.
     */
    std::vector<size_t> GroupOf(GroupKind kind, size_t rank) const;

    /**
     * @param kind Which kind of group.
     * @return all groups of that kind, ordered by their first ranks.
     */
    std::vector<std::vector<size_t>> Groups(GroupKind kind) const;

    /// @return number of EP groups: DP * PP.
    size_t ExpertGroups() const
    {
        return m_spec.dataParallel * m_spec.pipelineParallel;
    }

    /**
     * @param group Below ExpertGroups().
     * @return all EP x TP ranks of the EP group, ascending.
     * @throws std::out_of_range when there is none.
     */
    std::vector<size_t> RanksOfExpertGroup(size_t group) const;

    /// @return how each EP group lies in its hosts with the default placement.
    ExpertParallelGroup GroupLayout() const;

    /// @return degrees, hosts and regions in one line for tables.
    std::string Summary() const;

  private:
    /// @throws std::invalid_argument when a degree is zero or the product is beyond MAX_GPUS.
    void CheckDegrees() const;

    /// @brief Derives DP, or the number of GPUs. @throws std::invalid_argument if they disagree.
    void DeriveSize();

    /// @brief Forms hosts and regions. @throws std::invalid_argument when they do not come out.
    void FormRegions();

    /// @throws std::invalid_argument when the placement is no permutation or tears TP groups.
    void CheckPlacement() const;

    /// @param rank A rank. @throws std::out_of_range when there is none.
    void CheckRank(size_t rank) const;

    ParallelPlanSpec m_spec; //!< as given, with what was derived filled in
    LayerSplit m_layers;     //!< layers on stages
};

} // namespace mixnetcore

#endif // PARALLEL_PLAN_H
