/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TENSOR_SCHEDULE_H
#define TENSOR_SCHEDULE_H

#include "ns3/mixnet-units.h"
#include "ns3/registry.h"

#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief A collective of tensor parallelism.
enum class TensorCollective
{
    AllGather,     //!< every member gets the shards of all
    ReduceScatter, //!< every member gets the sum of its shard
    AllReduce,     //!< a reduce-scatter and an all-gather of the sums
};

/// @ingroup mixnet-core
/// @brief In which steps a collective is carried out.
enum class TensorAlgorithm
{
    Direct, //!< everybody to everybody at once
    Ring,   //!< to the next member, one shard per step, one after the other
    Merged, //!< the ring with its steps merged: one flow to the next member
};

/// @ingroup mixnet-core
/// @return the algorithms by name: direct, ring and merged.
Registry<TensorAlgorithm>& TensorAlgorithms();

/**
 * @ingroup mixnet-core
 * @brief One flow of a collective.
 */
struct ScheduledFlow
{
    uint32_t from;               //!< member that sends
    uint32_t to;                 //!< member that receives
    Bytes bytes;                 //!< how many
    std::vector<uint32_t> after; //!< flows that must have ended before it, by index; all lower
    uint32_t step{0};            //!< flows of a step may go at the same time; steps go up
};

/**
 * @ingroup mixnet-core
 * @brief The flows of a collective.
 *
 * The buffer is shared evenly: shard i of n belongs to member i. On an idle crossbar with rate R
 * per port, all-gather and reduce-scatter take (n - 1) shards / R in any of the ways, and an
 * all-reduce twice that. Merged puts the same bytes on every port with the fewest flows, and does
 * not wait between steps. Not modelled: the time of the additions.
 *
 * @param collective What.
 * @param algorithm How.
 * @param members Number of members, at least 1; with one there is nothing to do.
 * @param total Size of the whole buffer: the shards of all members together.
 * @return the flows; none of zero bytes.
 */
std::vector<ScheduledFlow> ScheduleTensorCollective(TensorCollective collective,
                                                    TensorAlgorithm algorithm,
                                                    uint32_t members,
                                                    Bytes total);

/**
 * @ingroup mixnet-core
 * @brief The flows of a collective among GPUs of several hosts, in two levels.
 *
 * Member h * perHost + i is GPU i of host h; shard m belongs to member m. What can stay in hosts
 * does, and every GPU talks to those with its own number in other hosts only:
 *
 * - All-gather: GPUs of the same number gather their shards, then the GPUs of each host gather what
 *   each has got.
 * - Reduce-scatter: the same backward, first in each host, then between GPUs of the same number.
 * - All-reduce: both, one after the other.
 *
 * With B bytes in all, H hosts, g GPUs in each, rate R of a GPU's port in its host and r of its way
 * out, an all-gather or reduce-scatter of even shards on an idle fabric takes
 * (g - 1) / g * B / R + (H - 1) / (H g) * B / r. The bytes that leave a GPU's host are the fewest
 * possible. With one host it is ScheduleTensorCollective().
 *
 * Not modelled: a second level that begins with the first bytes of the first; latencies of the
 * H - 1 steps that Merged leaves out.
 *
 * @see M. Cho and others, BlueConnect: decomposing all-reduce for deep learning on heterogeneous
 * network hierarchy, MLSys 2019
 *
 * @param collective What.
 * @param algorithm How, on both levels.
 * @param hosts Number of hosts, at least 1.
 * @param perHost Members of each, at least 1.
 * @param total Size of the whole buffer: the shards of all members together.
 * @return the flows; none of zero bytes.
 */
std::vector<ScheduledFlow> ScheduleTensorCollective(TensorCollective collective,
                                                    TensorAlgorithm algorithm,
                                                    uint32_t hosts,
                                                    uint32_t perHost,
                                                    Bytes total);

} // namespace mixnetcore

#endif // TENSOR_SCHEDULE_H
