/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "parallel-plan.h"

#include "ns3/checks.h"
#include "ns3/lists.h"

#include <algorithm>
#include <numeric>
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
    return Phrase() << "TP " << spec.tensorParallel << " x EP " << spec.expertParallel << " x PP "
                    << spec.pipelineParallel << " = " << RanksPerReplica(spec) << " per replica";
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
        Refuse(what);
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
      m_layers(spec.layers, spec.pipelineParallel, spec.chunksPerStage, spec.layersPerChunk)
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
            Refuse(std::string(name) + " is 0; expected at least 1");
        }
        if (degree > MAX_GPUS / product)
        {
            Refuse(Phrase() << name << " is " << degree << ", which takes the job beyond "
                            << MAX_GPUS << " GPUs; expected a smaller one");
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
        Refuse(Phrase() << m_spec.gpus << " GPUs; expected at most " << MAX_GPUS);
    }
    if (m_spec.gpus % perReplica != 0)
    {
        Refuse(Phrase() << m_spec.gpus << " GPUs: " << ReplicaInWords(m_spec)
                        << " does not divide them; expected a multiple of " << perReplica
                        << ", or smaller degrees");
    }
    if (m_spec.dataParallel == 0)
    {
        m_spec.dataParallel = std::max<size_t>(m_spec.gpus / perReplica, 1);
    }
    const auto taken = m_spec.dataParallel * perReplica;
    if (m_spec.gpus != 0 && m_spec.gpus != taken)
    {
        Refuse(Phrase() << m_spec.gpus << " GPUs: DP " << m_spec.dataParallel << " x ("
                        << ReplicaInWords(m_spec) << ") takes " << taken
                        << "; leave one of GPUs and DP out");
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
ParallelPlan::CheckPlacement() const
{
    const auto& table = m_spec.gpuOfRank;
    if (table.empty())
    {
        return;
    }
    if (table.size() != Ranks())
    {
        Refuse(Phrase() << "placement: a table of " << table.size() << " GPUs for " << Ranks()
                        << " ranks; expected one GPU for each");
    }
    const auto together = GroupLayout().GpusPerPart();
    std::vector<size_t> rankOnGpu(Ranks(), Ranks());
    for (size_t rank = 0; rank < Ranks(); ++rank)
    {
        const auto gpu = table[rank];
        const auto where =
            "placement: rank " + std::to_string(rank) + " is on GPU " + std::to_string(gpu);
        if (gpu >= Ranks())
        {
            Refuse(Phrase() << where << "; expected a GPU from 0 to " << Ranks() - 1);
        }
        if (rankOnGpu[gpu] != Ranks())
        {
            Refuse(Phrase() << where << ", where rank " << rankOnGpu[gpu]
                            << " is; expected a GPU of its own");
        }
        rankOnGpu[gpu] = rank;
        const auto first = rank - rank % together;
        if (HostOf(first) != HostOf(rank))
        {
            Refuse(Phrase() << where << " in host " << HostOf(rank) << ", but rank " << first
                            << " of its TP group is in host " << HostOf(first)
                            << "; expected one host");
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
    return Mapped(members, [this](const auto& member) { return RankAt(member); });
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

std::vector<size_t>
ParallelPlan::RanksOfExpertGroup(size_t group) const
{
    CheckIndex(group, ExpertGroups(), "EP group");
    std::vector<size_t> ranks(m_spec.tensorParallel * m_spec.expertParallel);
    std::iota(ranks.begin(), ranks.end(), group * ranks.size());
    return ranks;
}

ExpertParallelGroup
ParallelPlan::GroupLayout() const
{
    return {m_spec.expertParallel, m_spec.tensorParallel, m_spec.gpusPerHost};
}

std::string
ParallelPlan::Summary() const
{
    return Phrase() << Ranks() << " GPUs = DP " << DataParallel() << " x PP " << PipelineParallel()
                    << " x EP " << ExpertParallel() << " x TP " << TensorParallel() << "; "
                    << Hosts() << " hosts of " << GpusPerHost() << " GPUs in " << Regions()
                    << (Regions() == 1 ? " region of " : " regions of ") << HostsPerRegion()
                    << " hosts";
}

} // namespace mixnetcore
