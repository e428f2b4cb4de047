/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "expert-parallel-group.h"

#include "ns3/checks.h"

#include <numeric>
#include <string>

namespace mixnetcore
{

ExpertParallelGroup::ExpertParallelGroup(size_t expertParallel,
                                         size_t tensorParallel,
                                         size_t gpusPerHost)
    : m_expertParallel(expertParallel),
      m_tensorParallel(tensorParallel),
      m_gpusPerHost(gpusPerHost)
{
    const auto layout = "EP " + std::to_string(expertParallel) + " x TP " +
                        std::to_string(tensorParallel) + " on hosts of " +
                        std::to_string(gpusPerHost) + " GPUs";
    if (expertParallel == 0 || tensorParallel == 0 || gpusPerHost == 0)
    {
        Refuse(layout + "; expected all above zero");
    }
    if (gpusPerHost % tensorParallel != 0 && tensorParallel % gpusPerHost != 0)
    {
        Refuse(layout + "; expected a TP degree that divides the GPUs of a "
                        "host or is a multiple of them");
    }
    if (Gpus() > gpusPerHost && Gpus() % gpusPerHost != 0)
    {
        Refuse(Phrase() << layout << "; expected EP x TP = " << Gpus()
                        << " to fit one host or to be a multiple of its GPUs");
    }
}

size_t
ExpertParallelGroup::GpuOf(size_t rank, size_t tpIndex) const
{
    CheckIndex(rank, m_expertParallel, "EP rank");
    CheckIndex(tpIndex, m_tensorParallel, "GPU of a rank");
    return rank * m_tensorParallel + tpIndex;
}

size_t
ExpertParallelGroup::HostOfGpu(size_t gpu) const
{
    CheckIndex(gpu, Gpus(), "GPU");
    return gpu / m_gpusPerHost;
}

size_t
ExpertParallelGroup::LocalGpu(size_t gpu) const
{
    CheckIndex(gpu, Gpus(), "GPU");
    return gpu % m_gpusPerHost;
}

std::vector<size_t>
ExpertParallelGroup::RanksOfHost(size_t host) const
{
    auto ranks = PartsOfHost(host);
    for (auto& rank : ranks)
    {
        rank /= HostsPerRank();
    }
    return ranks;
}

std::vector<size_t>
ExpertParallelGroup::PartsOfHost(size_t host) const
{
    CheckIndex(host, Hosts(), "host");
    const auto partsPerHost = Parts() / Hosts();
    std::vector<size_t> parts(partsPerHost);
    std::iota(parts.begin(), parts.end(), host * partsPerHost);
    return parts;
}

DemandMatrix
ExpertParallelGroup::GpuDemand(const DemandMatrix& rankDemand) const
{
    if (rankDemand.Rows() != Ranks() || rankDemand.Columns() != Ranks())
    {
        Refuse(Phrase() << "a demand of " << rankDemand.Rows() << " x " << rankDemand.Columns()
                        << " EP ranks; expected " << Ranks() << " x " << Ranks());
    }
    const auto offRank = rankDemand.WithoutDiagonal();
    DemandMatrix demand(Gpus(), Gpus());
    for (size_t source = 0; source < Ranks(); ++source)
    {
        for (size_t destination = 0; destination < Ranks(); ++destination)
        {
            for (size_t t = 0; t < m_tensorParallel; ++t)
            {
                demand.At(GpuOf(source, t), GpuOf(destination, t)) =
                    EvenShare(offRank.At(source, destination), t, m_tensorParallel);
            }
        }
    }
    return demand;
}

} // namespace mixnetcore
