/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "parallel-plan.h"

#include "ns3/checks.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace mixnetcore
{

namespace
{

/**
 * @param spec Degrees.
 * @return ranks of one replica through all stages.
 */
size_t
RanksPerReplica(const ParallelPlanSpec& spec)
{
    return spec.tensorParallel * spec.expertParallel * spec.pipelineParallel;
}

/**
 * @param spec Degrees.
 * @return the size of a replica in words.
 */
std::string
ReplicaInWords(const ParallelPlanSpec& spec)
{
    return "TP " + std::to_string(spec.tensorParallel) + " x EP " +
           std::to_string(spec.expertParallel) + " x PP " + std::to_string(spec.pipelineParallel) +
           " = " + std::to_string(RanksPerReplica(spec)) + " per replica";
}

/**
 * @param part A degree.
 * @param whole What it has to divide.
 * @param what Both in words, as "EP degree 8: 60 experts cannot be dealt evenly".
 * @throws std::invalid_argument when it does not.
 */
void
CheckDivides(size_t part, size_t whole, const std::string& what)
{
    if (whole % part != 0)
    {
        throw std::invalid_argument(what);
    }
}

/**
 * @brief A dimension of parallelism.
 */
struct Dimension
{
    size_t RankCoordinates::*coordinate; //!< where a rank stands in it
    size_t ParallelPlanSpec::*degree;    //!< its degree
};

/**
 * @param kind A kind of group.
 * @return the dimensions in which the ranks of a group differ, the slowest first.
 */
std::vector<Dimension>
DimensionsOf(GroupKind kind)
{
    const Dimension tensor{&RankCoordinates::tensor, &ParallelPlanSpec::tensorParallel};
    const Dimension expert{&RankCoordinates::expert, &ParallelPlanSpec::expertParallel};
    const Dimension data{&RankCoordinates::replica, &ParallelPlanSpec::dataParallel};
    const Dimension pipeline{&RankCoordinates::stage, &ParallelPlanSpec::pipelineParallel};
    switch (kind)
    {
    case GroupKind::Tensor:
        return {tensor};
    case GroupKind::Expert:
        return {expert};
    case GroupKind::ExpertData:
        return {data};
    case GroupKind::DenseData:
        return {data, expert};
    case GroupKind::Pipeline:
        return {pipeline};
    }
    return {};
}

} // namespace

ParallelPlan::ParallelPlan(const ParallelPlanSpec& spec)
    : m_spec(spec),
      m_layers(spec.layersPerChunk.empty()
                   ? LayerSplit(spec.layers, spec.pipelineParallel, spec.chunksPerStage)
                   : LayerSplit(spec.layers,
                                spec.pipelineParallel,
                                spec.chunksPerStage,
                                spec.layersPerChunk))
{
    CheckDegrees();
    DeriveSize();
    FormRegions();
    CheckPlacement();
}

void
ParallelPlan::CheckDegrees() const
{
    const auto degrees = {std::pair{"TP degree", m_spec.tensorParallel},
                          std::pair{"EP degree", m_spec.expertParallel},
                          std::pair{"DP degree", std::max<size_t>(m_spec.dataParallel, 1)},
                          std::pair{"PP degree", m_spec.pipelineParallel}};
    size_t product = 1;
    for (const auto& [name, degree] : degrees)
    {
        if (degree == 0)
        {
            throw std::invalid_argument(std::string(name) + " is 0; expected at least 1");
        }
        if (degree > MAX_GPUS / product)
        {
            throw std::invalid_argument(std::string(name) + " is " + std::to_string(degree) +
                                        ", which takes the job beyond " + std::to_string(MAX_GPUS) +
                                        " GPUs; expected a smaller one");
        }
        product *= degree;
    }
}

void
ParallelPlan::DeriveSize()
{
    const auto perReplica = RanksPerReplica(m_spec);
    if (m_spec.gpus > MAX_GPUS)
    {
        throw std::invalid_argument(std::to_string(m_spec.gpus) + " GPUs; expected at most " +
                                    std::to_string(MAX_GPUS));
    }
    if (m_spec.gpus % perReplica != 0)
    {
        throw std::invalid_argument(std::to_string(m_spec.gpus) +
                                    " GPUs: " + ReplicaInWords(m_spec) + " does not divide them");
    }
    if (m_spec.dataParallel == 0)
    {
        m_spec.dataParallel = std::max<size_t>(m_spec.gpus / perReplica, 1);
    }
    const auto taken = m_spec.dataParallel * perReplica;
    if (m_spec.gpus != 0 && m_spec.gpus != taken)
    {
        throw std::invalid_argument(std::to_string(m_spec.gpus) + " GPUs: DP " +
                                    std::to_string(m_spec.dataParallel) + " x (" +
                                    ReplicaInWords(m_spec) + ") takes " + std::to_string(taken) +
                                    "; leave one of GPUs and DP out");
    }
    m_spec.gpus = taken;
}

void
ParallelPlan::FormRegions()
{
    const auto layout = GroupLayout();
    const auto groups = std::to_string(m_spec.gpusPerHost) + " GPUs of a host: EP " +
                        std::to_string(m_spec.expertParallel) + " x TP " +
                        std::to_string(m_spec.tensorParallel) + " = " +
                        std::to_string(layout.Gpus()) + " per EP group";
    if (ExpertGroups() > 1 && layout.Gpus() < m_spec.gpusPerHost)
    {
        CheckDivides(layout.Gpus(), m_spec.gpusPerHost, groups + " does not divide them");
    }
    if (m_spec.gpus > m_spec.gpusPerHost)
    {
        CheckDivides(m_spec.gpusPerHost,
                     m_spec.gpus,
                     std::to_string(m_spec.gpus) + " GPUs do not fill hosts of " +
                         std::to_string(m_spec.gpusPerHost));
    }
    if (m_spec.hostsPerRegion == 0)
    {
        m_spec.hostsPerRegion = layout.Hosts();
    }
    const auto region = "regions of " + std::to_string(m_spec.hostsPerRegion) + " hosts: ";
    CheckDivides(layout.Hosts(),
                 m_spec.hostsPerRegion,
                 region + "an EP group takes " + std::to_string(layout.Hosts()) +
                     "; expected a multiple of that");
    CheckDivides(m_spec.hostsPerRegion,
                 Hosts(),
                 region + "they do not divide the " + std::to_string(Hosts()) +
                     " hosts of the job");
}

void
ParallelPlan::CheckPlacement()
{
    const auto& table = m_spec.gpuOfRank;
    if (table.empty())
    {
        return;
    }
    if (table.size() != Ranks())
    {
        throw std::invalid_argument("placement: a table of " + std::to_string(table.size()) +
                                    " GPUs for " + std::to_string(Ranks()) +
                                    " ranks; expected one GPU for each");
    }
    const auto together = GroupLayout().GpusPerPart();
    m_rankOnGpu.assign(Ranks(), Ranks());
    for (size_t rank = 0; rank < Ranks(); ++rank)
    {
        const auto gpu = table[rank];
        const auto where =
            "placement: rank " + std::to_string(rank) + " is on GPU " + std::to_string(gpu);
        if (gpu >= Ranks())
        {
            throw std::invalid_argument(where + "; expected a GPU from 0 to " +
                                        std::to_string(Ranks() - 1));
        }
        if (m_rankOnGpu[gpu] != Ranks())
        {
            throw std::invalid_argument(where + ", where rank " + std::to_string(m_rankOnGpu[gpu]) +
                                        " is; expected a GPU of its own");
        }
        m_rankOnGpu[gpu] = rank;
        const auto first = rank - rank % together;
        if (HostOf(first) != HostOf(rank))
        {
            throw std::invalid_argument(where + " in host " + std::to_string(HostOf(rank)) +
                                        ", but rank " + std::to_string(first) +
                                        " of its TP group is in host " +
                                        std::to_string(HostOf(first)) + "; expected one host");
        }
    }
}

void
ParallelPlan::CheckRank(size_t rank) const
{
    CheckIndex(rank, Ranks(), "rank");
}

RankCoordinates
ParallelPlan::CoordinatesOf(size_t rank) const
{
    CheckRank(rank);
    RankCoordinates coordinates;
    coordinates.tensor = rank % m_spec.tensorParallel;
    rank /= m_spec.tensorParallel;
    coordinates.expert = rank % m_spec.expertParallel;
    rank /= m_spec.expertParallel;
    coordinates.replica = rank % m_spec.dataParallel;
    coordinates.stage = rank / m_spec.dataParallel;
    return coordinates;
}

size_t
ParallelPlan::RankAt(const RankCoordinates& coordinates) const
{
    CheckIndex(coordinates.tensor, m_spec.tensorParallel, "TP index");
    CheckIndex(coordinates.expert, m_spec.expertParallel, "EP index");
    CheckIndex(coordinates.replica, m_spec.dataParallel, "replica");
    CheckIndex(coordinates.stage, m_spec.pipelineParallel, "stage");
    const auto group = coordinates.replica + m_spec.dataParallel * coordinates.stage;
    return coordinates.tensor +
           m_spec.tensorParallel * (coordinates.expert + m_spec.expertParallel * group);
}

size_t
ParallelPlan::GpuOf(size_t rank) const
{
    CheckRank(rank);
    return m_spec.gpuOfRank.empty() ? rank : m_spec.gpuOfRank[rank];
}

size_t
ParallelPlan::RankOnGpu(size_t gpu) const
{
    CheckIndex(gpu, Ranks(), "GPU");
    return m_rankOnGpu.empty() ? gpu : m_rankOnGpu[gpu];
}

std::vector<size_t>
ParallelPlan::GroupOf(GroupKind kind, size_t rank) const
{
    std::vector<RankCoordinates> members{CoordinatesOf(rank)};
    for (const auto& dimension : DimensionsOf(kind))
    {
        std::vector<RankCoordinates> spread;
        for (auto member : members)
        {
            for (size_t index = 0; index < m_spec.*dimension.degree; ++index)
            {
                member.*dimension.coordinate = index;
                spread.push_back(member);
            }
        }
        members = std::move(spread);
    }
    std::vector<size_t> ranks;
    for (const auto& member : members)
    {
        ranks.push_back(RankAt(member));
    }
    return ranks;
}

std::vector<std::vector<size_t>>
ParallelPlan::Groups(GroupKind kind) const
{
    const auto dimensions = DimensionsOf(kind);
    std::vector<std::vector<size_t>> groups;
    for (size_t rank = 0; rank < Ranks(); ++rank)
    {
        const auto at = CoordinatesOf(rank);
        const auto isFirst = [&at](const Dimension& each) { return at.*each.coordinate == 0; };
        if (std::all_of(dimensions.begin(), dimensions.end(), isFirst))
        {
            groups.push_back(GroupOf(kind, rank));
        }
    }
    return groups;
}

size_t
ParallelPlan::ExpertGroupOf(size_t rank) const
{
    CheckRank(rank);
    return rank / (m_spec.tensorParallel * m_spec.expertParallel);
}

std::vector<size_t>
ParallelPlan::RanksOfExpertGroup(size_t group) const
{
    CheckIndex(group, ExpertGroups(), "EP group");
    std::vector<size_t> ranks(m_spec.tensorParallel * m_spec.expertParallel);
    std::iota(ranks.begin(), ranks.end(), group * ranks.size());
    return ranks;
}

std::vector<size_t>
ParallelPlan::RegionsOfExpertGroup(size_t group) const
{
    std::vector<size_t> regions;
    for (const auto rank : RanksOfExpertGroup(group))
    {
        regions.push_back(RegionOf(rank));
    }
    std::sort(regions.begin(), regions.end());
    regions.erase(std::unique(regions.begin(), regions.end()), regions.end());
    return regions;
}

ExpertParallelGroup
ParallelPlan::GroupLayout() const
{
    return {m_spec.expertParallel, m_spec.tensorParallel, m_spec.gpusPerHost};
}

std::string
ParallelPlan::Summary() const
{
    return std::to_string(Ranks()) + " GPUs = DP " + std::to_string(DataParallel()) + " x PP " +
           std::to_string(PipelineParallel()) + " x EP " + std::to_string(ExpertParallel()) +
           " x TP " + std::to_string(TensorParallel()) + "; " + std::to_string(Hosts()) +
           " hosts of " + std::to_string(GpusPerHost()) + " GPUs in " + std::to_string(Regions()) +
           (Regions() == 1 ? " region of " : " regions of ") + std::to_string(HostsPerRegion()) +
           " hosts";
}

} // namespace mixnetcore
