/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef EXPERT_PARALLEL_GROUP_H
#define EXPERT_PARALLEL_GROUP_H

#include "ns3/demand-matrix.h"

#include <cstddef>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Lays the EP ranks of one group out on the GPUs of its region.
 *
 * Every EP rank is a group of TP GPUs. GPUs are numbered within the region, TP fastest, then EP,
 * and fill one host after the other:
 *
 *     host 0                     host 1
 *     gpu 0 1 2 3   4 5 6 7      gpu 8 9 10 11  12 13 14 15      TP 4, 8 GPUs per host
 *         rank 0    rank 1           rank 2     rank 3
 *
 * A rank of more GPUs than a host has takes several hosts, one after the other. Its GPUs in one of
 * them are a part of it:
 *
 *     host 0                     host 1
 *     gpu 0 1 2 3 4 5 6 7        gpu 8 9 10 11 12 13 14 15       TP 16, 8 GPUs per host
 *         rank 0, part 0             rank 0, part 1
 *
 * Guarantees: a rank fills whole hosts, or its GPUs share one; all hosts are full, unless one host
 * is enough.
 */
class ExpertParallelGroup
{
  public:
    /**
     * @param expertParallel EP degree: number of ranks; at least 1.
     * @param tensorParallel TP degree: GPUs per rank; divides @p gpusPerHost or is a multiple.
     * @param gpusPerHost GPUs per host; at least 1.
     * @throws std::invalid_argument when a number is zero, a rank would be torn between hosts, or
     *         the group fills neither whole hosts nor part of a single one.
     */
    ExpertParallelGroup(size_t expertParallel, size_t tensorParallel, size_t gpusPerHost);

    /// @return number of EP ranks.
    size_t Ranks() const
    {
        return m_expertParallel;
    }

    /// @return GPUs per rank.
    size_t TensorParallel() const
    {
        return m_tensorParallel;
    }

    /// @return hosts that a rank has GPUs in: 1, or as many as it fills.
    size_t HostsPerRank() const
    {
        return std::max<size_t>(1, m_tensorParallel / m_gpusPerHost);
    }

    /// @return GPUs of a rank in one host.
    size_t GpusPerPart() const
    {
        return m_tensorParallel / HostsPerRank();
    }

    /// @return parts of all ranks: as many as ranks where each has its GPUs in one host. Part p is
    /// of rank p / HostsPerRank() and has the GPUs from p * GpusPerPart() on.
    size_t Parts() const
    {
        return m_expertParallel * HostsPerRank();
    }

    /// @return GPUs of the group: EP * TP.
    size_t Gpus() const
    {
        return m_expertParallel * m_tensorParallel;
    }

    /// @return hosts of the region.
    size_t Hosts() const
    {
        return (Gpus() + m_gpusPerHost - 1) / m_gpusPerHost;
    }

    /// @return GPUs per host, of which a group in a single host may use fewer.
    size_t GpusPerHost() const
    {
        return m_gpusPerHost;
    }

    /**
     * @param rank EP rank, below Ranks().
     * @param tpIndex Which GPU of the rank, below TensorParallel().
     * @return the GPU's number within the region.
     * @throws std::out_of_range when there is none.
     */
    size_t GpuOf(size_t rank, size_t tpIndex) const;

    /**
     * @param gpu Number within the region, below Gpus().
     * @return the host it is in.
     * @throws std::out_of_range when there is no such GPU.
     */
    size_t HostOfGpu(size_t gpu) const;

    /**
     * @param gpu Number within the region, below Gpus().
     * @return its number within its host.
     * @throws std::out_of_range when there is no such GPU.
     */
    size_t LocalGpu(size_t gpu) const;

    /**
     * @param host Below Hosts().
     * @return the EP ranks with GPUs in it, ascending.
     * @throws std::out_of_range when there is no such host.
     */
    std::vector<size_t> RanksOfHost(size_t host) const;

    /**
     * @param host Below Hosts().
     * @return the parts of EP ranks in it, ascending.
     * @throws std::out_of_range when there is no such host.
     */
    std::vector<size_t> PartsOfHost(size_t host) const;

    /**
     * @brief Bytes between GPUs for bytes between EP ranks.
     *
     * The tokens of a rank are sharded over its GPUs (sequence parallelism): GPU t of the source
     * rank sends share t of TP to GPU t of the destination rank. What stays on its rank uses no
     * network and is left out.
     *
     * @param rankDemand Bytes from each EP rank to each, Ranks() x Ranks().
     * @return bytes from each GPU to each, Gpus() x Gpus(); adds up to @p rankDemand without its
     *         diagonal.
     * @throws std::invalid_argument when the size differs.
     */
    DemandMatrix GpuDemand(const DemandMatrix& rankDemand) const;

  private:
    size_t m_expertParallel; //!< ranks
    size_t m_tensorParallel; //!< GPUs per rank
    size_t m_gpusPerHost;    //!< GPUs per host
};

} // namespace mixnetcore

#endif // EXPERT_PARALLEL_GROUP_H
